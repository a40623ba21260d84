"""Pages for tests/lab/bench/replay.c, as the simulator makes them, and the server itself."""

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
BUILD = os.path.join(ROOT, "build", "bench")
sys.path.insert(0, os.path.join(ROOT, "tests", "lab", "sim"))
from iamsim.ca import Authority  # noqa: E402
from client import ACCESS_KEY, FIXED_JOB, SECRET_KEY, Sim  # noqa: E402, F401


def make(pages, each, paths="usual"):
    """A folder with that many pages of so many entities, made once; and the bytes of each page. paths: as accounts have
    them, or with odd ones among them, of which every second entity has an escape (`&amp;`), and some have 512 characters."""
    folder = os.path.join(BUILD, f"pages-{paths}-{each}")
    os.makedirs(folder, exist_ok=True)
    have = sorted(os.listdir(folder))
    if len(have) < pages:
        with Sim("--plain", "--no-verify", "--entities", str(pages * each), "--page-size", str(each),
                 "--marker-style", "simple", "--paths", paths) as sim, contextlib.ExitStack() as stop:
            connection = http.client.HTTPConnection("localhost", sim.port)
            stop.callback(connection.close)
            fields = {"Action": "GetServiceLastAccessedDetailsWithEntities", "Version": "2010-05-08",
                      "JobId": FIXED_JOB, "ServiceNamespace": "iam"}
            for number in range(1, pages + 1):
                connection.request("POST", "/", urllib.parse.urlencode(fields),
                                   {"Content-Type": "application/x-www-form-urlencoded"})
                reply = connection.getresponse()
                body = reply.read()
                if reply.status != 200:
                    raise SystemExit(f"the simulator said {reply.status}: {body[:300]!r}")
                with open(os.path.join(folder, f"{number:05}.xml"), "wb") as f:
                    f.write(body)
                marker = re.search(rb"<Marker>(.*?)</Marker>", body)
                fields["Marker"] = marker[1].decode() if marker else ""
    return folder, [os.path.getsize(os.path.join(folder, f"{n:05}.xml")) for n in range(1, pages + 1)]


class Replay:
    """The server at work: `with Replay() as server: server.pages(folder, 100) ... server.report()`."""

    def __init__(self):
        program = os.path.join(BUILD, "replay")
        os.makedirs(BUILD, exist_ok=True)
        subprocess.run(["cc", "-O2", "-o", program, os.path.join(HERE, "replay.c"), "-lssl", "-lcrypto",
                        "-lpthread"], check=True)
        identity = Authority(os.path.join(BUILD, "ca")).identity()
        self.ca = identity.bundle
        self._process = subprocess.Popen([program, identity.chain, identity.key], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True, bufsize=1)
        self.port = json.loads(self._process.stdout.readline())["port"]
        self.url = f"https://localhost:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def say(self, *words):
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        return json.loads(self._process.stdout.readline())

    def pages(self, folder, count):
        if self.say("pages", folder, count)["pages"] != count:
            raise SystemExit(f"{folder} has no {count} pages")
        self.say("report")

    def report(self):
        return self.say("report")
