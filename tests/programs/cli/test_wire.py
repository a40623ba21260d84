#!/usr/bin/python3
"""What goes over the wire: segments, headers, handshakes, resumption. The server is tests/lab/bench/replay.c,
which asks the kernel how many segments with data it got; headers are the simulator's log. That no write waits
for an acknowledgement (Nagle's algorithm) is tests/ports/port/test_sockets.c's."""

import json
import os
import subprocess
import sys
import unittest

import cli
from cli import ENTITIES, ROOT

sys.path.insert(0, os.path.join(ROOT, "tests", "lab", "bench"))
from pages import ACCESS_KEY, SECRET_KEY, Replay, Sim, make  # noqa: E402

PAGES = 20
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN" + "x" * 672  # 700 bytes, as STS makes them
SEGMENT = 1460                                       # what Ethernet takes
TLS = 29                                             # head, nonce and tag of a record


class Wire(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder, _ = make(PAGES, 50)
        cls.server = Replay()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def list(self, *options, token=TOKEN, pages=PAGES):
        self.server.pages(self.folder, pages)
        for words in options:
            self.server.say(*words)
        run = subprocess.run(
            [cli.binary(), *ENTITIES, "--all", "--output", "jsonl", "--stats"], capture_output=True, check=False,
            env={"PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                 "AWS_SESSION_TOKEN": token, "AWS_REGION": "us-east-1", "AWS_CA_BUNDLE": self.server.ca,
                 "AWS_ENDPOINT_URL": self.server.url})
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stdout.count(b"\n"), pages * 50)
        return self.server.report(), json.loads(run.stderr), run.stdout

    def test_a_request_is_one_segment(self):
        few, _, _ = self.list(pages=1)
        many, stats, _ = self.list()
        # two a request would be 38; on a busy machine the kernel may send one again, and count it
        self.assertLess(many["segments"] - few["segments"], 1.5 * (PAGES - 1))
        self.assertGreaterEqual(many["segments"] - few["segments"], PAGES - 1 - 2)
        self.assertEqual(many["requests"], PAGES)
        self.assertLessEqual(many["largest_request"] + TLS, SEGMENT)
        self.assertEqual(stats["round_trips"], 1 + 2 + PAGES)

    def test_one_handshake_for_any_number_of_pages(self):
        seen, stats, _ = self.list()
        self.assertEqual((seen["connections"], seen["handshakes"], seen["resumed"]), (1, 1, 0))
        self.assertEqual((stats["connections"], stats["handshakes"]), (1, 1))

    def test_what_drops_is_resumed(self):
        _, _, whole = self.list()
        seen, stats, out = self.list(("drop", 7))
        self.assertEqual((seen["connections"], seen["handshakes"], seen["resumed"]), (2, 2, 1))
        self.assertEqual(seen["requests"], PAGES + 1)
        self.assertEqual(stats["resumed_handshakes"], 1)
        self.assertEqual(out, whole)

    def test_no_header_that_is_not_needed(self):
        with Sim("--entities", "3") as sim:
            for token, more in ((None, set()), (TOKEN, {"x-amz-security-token"})):
                sim.clear()
                env = {"PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_REGION": "us-east-1",
                       "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_CA_BUNDLE": sim.ca, "AWS_ENDPOINT_URL": sim.url}
                run = subprocess.run([cli.binary(), *ENTITIES], capture_output=True, check=False,
                                     env=env | ({"AWS_SESSION_TOKEN": token} if token else {}))
                self.assertEqual(run.returncode, 0, run.stderr)
                request, = sim.requests()
                self.assertEqual({name.lower() for name in request["headers"]},
                                 {"host", "user-agent", "accept-encoding", "x-amz-date", "authorization", "content-type",
                                  "content-length"} | more)

    def test_paths_of_an_endpoint(self):
        """Sent as they stand; the simulator checks their signatures, as botocore makes them (tests/core/unit/oracle_sigv4.py)."""
        with Sim("--entities", "3") as sim:
            for path in ("/a+b", "/a%20b", "/a:b", "/a/../b", "//x", "/a/./b/", "/a%2Fb/%c3%a9", "/..", "/~a@b,c"):
                sim.clear()
                run = subprocess.run([cli.binary(), *ENTITIES], capture_output=True, check=False,
                                     env={"PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                                          "AWS_REGION": "us-east-1", "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                                          "AWS_CA_BUNDLE": sim.ca, "AWS_ENDPOINT_URL": sim.url + path})
                self.assertEqual(run.returncode, 0, (path, run.stderr))
                request, = sim.requests()
                self.assertEqual(request["path"], path)


if __name__ == "__main__":
    cli.main()
