"""The control endpoint: changes scenario, clock and jobs while the simulator runs. Plain HTTP,
loopback, no authentication: for tests."""

import http.server
import json
import threading

from . import account
from .faults import Scenario, ScenarioError

HELP = {
    "GET /": "this list",
    "GET /scenario": "the scenario in force", "PUT /scenario": "replace it",
    "DELETE /scenario": "no faults any more", "POST /rules": "add one rule, or a list of them",
    "GET /requests": "the request log as a list", "DELETE /requests":
        "forget the log, count requests and attempts from 1 again",
    "GET /settled": "waits until replies under way are in the log",
    "GET /sessions": "temporary credentials issued: key, identity, who issued them, expiry",
    "GET /account": "what the account has, as --print-account prints it",
    "PUT /account": "another one: an object of sizes, or a list as --print-account prints",
    "PUT /clock": '{"offset": seconds} from the real time',
    "POST /go": "every stall ends, and none begins until another scenario",
    "PUT /jobs": '{"polls": N, "seconds": T, "fails": CODE or null} for jobs generated from now on',
}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def _reply(self, value, status=200):
        body = (json.dumps(value) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _handle(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        route = f"{self.command} {self.path}"
        try:
            value = json.loads(body) if body else None
            self._reply(self._route(route, value))
        except KeyError:
            self._reply({"error": f"no {route}", "known": HELP}, 404)
        except (ScenarioError, ValueError, TypeError, AttributeError) as error:
            self._reply({"error": str(error)}, 400)

    do_GET = do_PUT = do_POST = do_DELETE = _handle

    def _route(self, route, value):
        server = self.server.iam
        done = {"done": True}
        if route == "GET /":
            return HELP
        if route == "GET /scenario":
            return server.scenario.document
        if route == "PUT /scenario":
            server.scenario = Scenario(value, self.server.folder)
            server.stop.hold()
            return done
        if route == "DELETE /scenario":
            server.scenario = Scenario()
            server.stop.hold()
            return done
        if route == "POST /go":
            server.stop.go_on()
            return done
        if route == "POST /rules":
            rules = value if isinstance(value, list) else [value]
            added = Scenario(rules, self.server.folder)
            server.scenario.rules.extend(added.rules)
            server.scenario.document["rules"].extend(rules)
            return done
        if route == "GET /requests":
            server.settle()
            return list(server.log.lines)
        if route == "GET /settled":
            return {"settled": server.settle()}
        if route == "DELETE /requests":
            server.settle()
            server.reset()
            return done
        if route == "GET /sessions":
            return server.service.rules.sessions.listed() if server.service.rules.sessions else []
        if route == "GET /account":
            return list(server.service.report.describe()) if server.service.with_lists else []
        if route == "PUT /account":
            now = server.service.report
            server.service.set_account(account.from_json(value, now.seed, now.date_ms))
            return done
        if route == "PUT /clock":
            server.service.clock_offset = float(value["offset"])
            return done
        if route == "PUT /jobs":
            jobs = server.service.jobs
            jobs.polls = int(value.get("polls", jobs.polls))
            jobs.seconds = float(value.get("seconds", jobs.seconds))
            jobs.fails = value.get("fails", jobs.fails)
            return done
        raise KeyError(route)


def start(server, folder=".", port=0):
    """Returns the URL of the control endpoint of a running server."""
    control = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    control.daemon_threads = True
    control.iam, control.folder = server, folder
    threading.Thread(target=control.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{control.server_address[1]}"
