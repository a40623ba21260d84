#!/usr/bin/python3
"""platform/host/examples/four_clients: four lists at once on one thread, over verified TLS.

    test_example.py PROGRAM
"""

import itertools
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sim"))
from client import ACCESS_KEY, FIXED_JOB, SECRET_KEY, Sim  # noqa: E402

PROGRAM = None
LISTS = {"s3": 210, "ec2": 120, "sqs": 70, "kms": 30}
PAGE = 10


def run(sim, *, names=LISTS, secret=SECRET_KEY):
    return subprocess.run([PROGRAM, f"localhost:{sim.port}", "us-east-1", sim.ca, FIXED_JOB, *names],
                          env={**os.environ, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": secret},
                          capture_output=True, text=True, timeout=60, check=False)


class Example(unittest.TestCase):
    def sim(self, *options):
        s = Sim("--entities", ",".join(f"{name}={n}" for name, n in LISTS.items()), "--page-size", PAGE, *options)
        self.addCleanup(s.stop)
        return s

    def test_four_lists(self):
        sim = self.sim()
        done = run(sim)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = re.findall(r"(\w+): (\d+) entities, \d+ never", done.stdout)
        self.assertEqual({name: int(n) for name, n in found}, LISTS)
        requests = sim.requests("iam")
        self.assertEqual(len(requests), sum(LISTS.values()) // PAGE)
        self.assertEqual(len({r["connection"] for r in requests}), 4)
        order = [key for key, _ in itertools.groupby(r["connection"] for r in requests)]
        self.assertGreater(len(order), 4, "one after the other")

    def test_one_that_fails_stops_nobody(self):
        sim = self.sim()
        sim.scenario([{"when": {"request": 2}, "do": {"status": 403, "code": "AccessDenied", "message": "no"}}])
        done = run(sim)
        self.assertEqual(done.returncode, 1)
        found = {name: int(n) for name, n in re.findall(r"(\w+): (\d+) entities", done.stdout)}
        self.assertEqual(len(found), 3, done.stdout)
        self.assertEqual(found, {name: LISTS[name] for name in found})
        said = re.findall(r"^(\w+): the service answered with an error", done.stderr, re.M)
        self.assertEqual(set(said), (set(LISTS) - set(found)) | {"four_clients"})

    def test_all_fail(self):
        done = run(self.sim(), secret="wrong")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        said = re.findall(r"^(\w+): the service answered with an error", done.stderr, re.M)
        self.assertEqual(sorted(said), sorted([*LISTS, "four_clients"]))


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.path.exists(sys.argv[1]):
        sys.exit(__doc__)
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
