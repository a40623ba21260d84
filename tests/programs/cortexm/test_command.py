#!/usr/bin/env python3
"""platform/cortexm/run against the host command: the same standard output to the byte, the same exit code.
test_command.py [CLASS.TEST...]      TINYIAM: the host command (build/host/tinyiam)
"""

import concurrent.futures
import glob
import json
import os
import sys

from both import ARN, JSONL, RUN, Both, execute, on_board, on_host
from case import BUILD, FIXED_JOB, ROOT, main, sim

CASES = os.path.join(ROOT, "tests", "vectors", "cases")
PAGE = "get-service-last-accessed-details-with-entities"
SERVICES = "get-service-last-accessed-details"
GENERATE = "generate-service-last-accessed-details"
JOB, NS = ("--job-id", FIXED_JOB), ("--service-namespace", "iam")


class Command(Both):
    def test_lists(self):
        """Pages, all pages, both lists, every layout; throttled, cut and not ready."""
        entities = ("--entities", 130)
        for words, options in (
                ((PAGE, *JOB, *NS, "--all"), entities),
                (("iam", PAGE, *JOB, *NS), entities),
                ((PAGE, *JOB, *NS, "--max-items", "7"), entities),
                ((PAGE, *JOB, *NS, "--all"),
                 (*entities, "--layout", "minified", "--member-order", "shuffled")),
                ((PAGE, *JOB, *NS, "--all", "--max-items", "20"), (*entities, "--marker-style", "long")),
                ((SERVICES, *JOB, "--all", "--max-items", "3"), ("--services", 10)),
                ((SERVICES, *JOB), ("--services", 40, "--layout", "crlf")),
                ((GENERATE, *ARN), ()),
                ((GENERATE, *ARN, "--granularity", "ACTION_LEVEL"), ()),
                (("entities", *ARN, *NS), (*entities, "--job-polls", 1)),
                ((PAGE, *JOB, *NS, "--all"), (*entities, "--session-token", "right"))):
            env = {"AWS_SESSION_TOKEN": "right"} if "right" in options else {}
            self.same([*words, *JSONL], *options, env=env, code=0)

    def test_trouble(self):
        """A server that throttles, cuts, chunks and closes; a job that is not ready, or has failed."""
        command = [PAGE, *JOB, *NS, "--all", "--max-items", "50", *JSONL]
        for rules, code in (
                ([{"name": "busy", "when": {"attempt": 1}, "do": {"code": "Throttling", "status": 400}}], 0),
                ([{"name": "cut", "when": {"attempt": 1}, "do": {"cut": {"after": 9000, "how": "close"}}}], 0),
                ([{"name": "chunked", "do": {"chunks": {"sizes": [1, 700, 16384]}}}], 0),
                ([{"name": "to the end", "do": {"framing": "close"}}], 0),
                ([{"name": "close", "do": {"connection": "close"}}], 0),
                ([{"name": "hints", "do": {"informational": [100, 103]}}], 0),
                ([{"name": "dead", "do": {"status": 503, "code": "ServiceUnavailable"}}], 254),
                ([{"name": "proxy", "do": {"reply": "proxy-html"}}], 254),
                ([{"name": "nothing", "do": {"reply": "empty"}}], 255),
                ([{"name": "half", "when": {"page": 2}, "do": {"cut": {"after": 9000, "how": "close"}}}], 255),
                ([{"name": "failed", "do": {"job_status": "FAILED", "job_error": {
                    "code": "INTERNAL_ERROR", "message": "no report"}}}], 254),
                ([{"name": "failed later", "when": {"page": ">=2"}, "do": {"job_status": "FAILED"}}], 255),
                ([{"name": "not ready later", "when": {"page": ">=2"}, "do": {"job_status": "IN_PROGRESS"}}], 255),
                ([{"name": "another status", "do": {"job_status": "QUEUED"}}], 255),
                ([{"name": "loop", "when": {"marker": True}, "do": {"repeat_marker": True}}], 255)):
            self.same(command, "--entities", 130, scenario=rules, code=code)
        self.same([PAGE, *JOB, *NS, *JSONL], "--job-polls", 9, code=0)
        for list_ in ((PAGE, *JOB, *NS), (SERVICES, *JOB)):  # one page, which shows no status
            for status, code in (("FAILED", 254), ("IN_PROGRESS", 255), ("QUEUED", 255)):
                rules = [{"name": status, "do": {"job_status": status}}]
                self.same([*list_, *JSONL], scenario=rules, code=code)
            self.same([*list_, "--wait", *JSONL], scenario=[{"name": "f", "do": {"job_status": "FAILED"}}], code=254)
        for never in ((PAGE, *JOB, *NS, "--wait"), (SERVICES, *JOB, "--all"), ("entities", *ARN, *NS)):
            self.same([*never, "--wait-timeout", "1", *JSONL], code=255,
                      scenario=[{"name": "never", "when": {"operation": ["services", "entities"]},
                                 "do": {"job_status": "IN_PROGRESS"}}])
        self.same(["entities", *ARN, "--service-namespace", "amazons3", *JSONL], code=252)
        self.same(["entities", *ARN, "--service-namespace", "s3", "--max-items", "1", *JSONL], "--services", 40,
                  "--entities", 3, code=0)
        self.same(["entities", *ARN, *NS, *JSONL], "--job-fails", "INTERNAL_ERROR", code=254)
        self.same(["entities", *ARN, *NS, "--deadline", "1", *JSONL], "--job-seconds", 60, code=255)

    def test_what_is_suggested_can_be_pasted(self):
        """A Marker stands in quotes in the suggestion to go on, or not at all."""
        for marker, shown in (("AAE=", True), ("$(id)`id`\\ \"", True), ("x'; touch PWNED; echo '", False), ("\u0085", False)):
            with self.subTest(marker), sim("--entities", 130, scenario=[
                    {"name": "marker", "do": {"marker": marker, "truncated": True}}]) as server:
                code, _, err = on_board(server, [PAGE, *JOB, *NS, *JSONL], {})
                self.assertEqual(code, 0, err)
                self.assertIn("There are more: --all prints every page", err)
                self.assertEqual(f"--marker='{marker}'" in err, shown, err)
                self.assertEqual("--marker" in err, shown, err)

    def test_refused(self):
        """Exit codes of a wrong command line, wrong settings, and of a service or a server that refuses."""
        page = (PAGE, *JOB, *NS)
        with sim() as server:
            for words, env, code in (
                    ((PAGE, *JOB), {}, 252), ((PAGE, *NS), {}, 252), ((*page, "--typo"), {}, 252),
                    (("no-such-command",), {}, 252), (("iam", "no-such-command"), {}, 252), ((*page, "word"), {}, 252),
                    ((*page, "--max-items", "1001"), {}, 252), ((*page, "--max-items", "0"), {}, 252),
                    ((*page, "--max-items", "-1"), {}, 252), ((*page, "--max-items", "ten"), {}, 255),
                    ((*page, "--max-items", "70000"), {}, 252), ((*page, "--max-items"), {}, 252),
                    ((*page, "--marker", ""), {}, 252), ((*page, "--marker", "x" * 321), {}, 252),
                    ((PAGE, "--job-id", "short", *NS), {}, 252),
                    ((PAGE, *JOB, "--service-namespace", "no/good"), {}, 252),
                    ((GENERATE, "--arn", "short"), {}, 252),
                    ((GENERATE, *ARN, "--granularity", "NO_LEVEL"), {}, 252),
                    ((GENERATE, *ARN, "--all"), {}, 252), ((SERVICES, *JOB, *NS), {}, 252),
                    (("entities", *ARN, *NS, "--all"), {}, 252), ((*page, "--all=yes"), {}, 252),
                    ((*page, "--query", "x"), {}, 252), ((*page, "--no-verify-ssl"), {}, 252),
                    ((*page, "--color", "blue"), {}, 252), ((*page, "--output", "xml"), {}, 252),
                    ((*page, *JOB), {}, 252), ((*page, *NS), {}, 252),
                    ((*page, "--marker", "a", "--marker=a"), {}, 252), ((GENERATE, *ARN, *ARN), {}, 252),
                    ((GENERATE, *ARN, "--granularity", "ACTION_LEVEL", "--granularity", "SERVICE_LEVEL"), {}, 252),
                    ((*page, "--max-attempts", "2", "--max-attempts", "3", "--max-items", "9", "--max-items", "8",
                      "--region", "eu-west-1", "--region", "us-east-1"), {}, 0),
                    ((*page, "--cli-read-timeout", "99999999999", "--max-attempts", "99999999999"), {}, 0),
                    ((*page, "--deadline", "0"), {}, 252), ((*page, "--deadline", "soon"), {}, 255),
                    ((*page, "--max-attempts", "0"), {}, 255), ((*page, "--region", "no_region!"), {}, 255),
                    ((*page, "--ca-bundle", "/no/such/file"), {}, 255),
                    (page, {"AWS_ACCESS_KEY_ID": ""}, 253), (page, {"AWS_SECRET_ACCESS_KEY": ""}, 255),
                    (page, {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, 253),
                    ((*page, "--endpoint-url", "ftp://localhost"), {}, 255),
                    ((*page, "--endpoint-url", "localhost"), {}, 252),
                    ((*page, "--endpoint-url", "http://iam.example.com/"), {}, 252),
                    ((*page, "--marker", "nobody's"), {}, 254),
                    ((PAGE, "--job-id", "a" * 36, *NS, "--all"), {}, 254),
                    (page, {"AWS_SECRET_ACCESS_KEY": "wrong"}, 254),
                    (page, {"AWS_ACCESS_KEY_ID": "AKIDUNKNOWNUNKNOWN"}, 254)):
                self.refused(server, [*words, *(() if "--output" in words else JSONL)], env, code)
        self.same([*page, *JSONL], "--bad-cert", "unknown-ca", code=255)
        with sim() as server:  # the host has a second line about its mbedTLS
            here, there = on_host(server, ["--version"], {}), on_board(server, ["--version"], {})
        self.assertEqual((there[0], there[1].splitlines()), (0, here[1].splitlines()[:1]))

    def refused(self, server, words, env, code):
        with self.subTest(words=words, env=env):
            here, there = on_host(server, words, env), on_board(server, words, env)
            self.assertEqual(there[:2], here[:2], (there[2], here[2]))
            self.assertEqual(there[0], code, there[2])

    def test_endpoint_url(self):
        """An endpoint of the user's own: its name in SNI, certificate and Host."""
        with sim("--entities", 12) as server:
            words = [PAGE, *JOB, *NS, *JSONL, "--endpoint-url", server.url]
            here = on_host(server, words, {})
            env = server.environment(HOME=os.environ.get("HOME", "/"))
            there = execute([RUN, "--build-dir", BUILD, "--no-build", *words], env)
            self.assertEqual(there[:2], here[:2], (there, here))
            self.assertEqual({r["headers"]["host"] for r in server.requests()}, {f"localhost:{server.port}"})

    def test_reply_bodies(self):
        """Every body of tests/vectors/cases for the operations of the firmware, accepted or not."""
        paths = sorted(glob.glob(os.path.join(CASES, "*", "*.json")))
        commands = {"GetServiceLastAccessedDetailsWithEntities": (PAGE, *JOB, *NS),
                    "GetServiceLastAccessedDetails": (SERVICES, *JOB),
                    "GenerateServiceLastAccessedDetails": (GENERATE, *ARN)}
        self.assertGreater(len(paths), 60)
        with sim() as server, concurrent.futures.ThreadPoolExecutor(2) as pool:
            for path in paths:
                with open(path, encoding="utf-8") as f:
                    case = json.load(f)
                if case["operation"] not in commands:
                    continue
                server.scenario([{"name": "body", "do": {"case": path}}])
                words = [*commands[case["operation"]], *JSONL, "--max-attempts", "1"]
                one = pool.submit(on_host, server, words, {})
                two = pool.submit(on_board, server, words, {})
                here, there = one.result(), two.result()
                with self.subTest(os.path.basename(path)):
                    self.assertEqual(there[:2], here[:2], (there[2], here[2]))


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
