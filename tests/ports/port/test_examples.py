#!/usr/bin/python3
"""platform/host/examples against the simulator, over verified TLS: four lists at once on one thread; a list read
between deep sleeps.

    test_examples.py FOLDER
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

SIM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../lab/sim")
sys.path.insert(0, SIM)
from client import ACCESS_KEY, FIXED_JOB, SECRET_KEY, Sim  # noqa: E402

FOLDER = None
LISTS = {"s3": 210, "ec2": 120, "sqs": 70, "kms": 30}
PAGE = 10


def run(sim, *, example="four_clients", names=LISTS, secret=SECRET_KEY):
    return subprocess.run([os.path.join(FOLDER, "example_" + example), f"localhost:{sim.port}", "us-east-1", sim.ca, FIXED_JOB,
                           *names],
                          env={**os.environ, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": secret},
                          capture_output=True, text=True, timeout=300, check=False)


class FourClients(unittest.TestCase):
    def sim(self, *options):
        s = Sim("--entities", ",".join(f"{name}={n}" for name, n in LISTS.items()), "--page-size", PAGE, *options)
        self.addCleanup(s.stop)
        return s

    def test_four_lists(self):
        """At once: no second page comes before each of them has its first."""
        sim = self.sim()
        sim.scenario([{"when": {"reused": True}, "do": {"stall": {"part": "head", "seconds": 3000}}}])
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(run, sim)
            while len({r["connection"] for r in sim.requests("iam")}) < 4 and not running.done():
                time.sleep(0.02)
            sim.go_on()
            done = running.result()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = re.findall(r"(\w+): (\d+) entities, \d+ never", done.stdout)
        self.assertEqual({name: int(n) for name, n in found}, LISTS)
        requests = sim.requests("iam")
        self.assertEqual(len(requests), sum(LISTS.values()) // PAGE)
        self.assertEqual(len({r["connection"] for r in requests}), 4)

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


class DeepSleep(unittest.TestCase):
    """Every run is a wake: nothing but STATE outlives it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = os.path.join(folder.name, "state")

    def wake(self, sim):
        return run(sim, example="deep_sleep", names=("s3", self.state))

    def test_eight_wakes_one_full_handshake(self):
        for version in ("1.2", "1.3"):  # where mbedTLS has no 1.3, 1.2 twice
            with self.subTest(tls=version), Sim("--entities", "s3=240", "--tls-max", version) as sim:
                listing = subprocess.run(["/usr/bin/python3", os.path.join(SIM, "sim.py"), "--entities", "s3=240",
                                          "--print-entities", "s3"], capture_output=True, text=True, check=True).stdout
                wakes = [self.wake(sim) for _ in range(8)]
                last = self.wake(sim) if wakes[-1].returncode == 3 else wakes.pop()
                self.assertEqual([w.returncode for w in wakes], [3] * len(wakes), wakes[-1].stderr)
                self.assertEqual(last.returncode, 0, last.stderr)
                self.assertEqual(len(sim.requests("iam")), len(wakes) + 1, "a page came twice")
                self.assertEqual("".join(w.stdout for w in [*wakes, last]).splitlines(),
                                 [json.loads(line)["EntityInfo"]["Arn"] for line in listing.splitlines()])
                said = [w.stderr.strip() for w in [*wakes, last]]
                self.assertEqual(said, ["full handshake"] + ["resumed"] * (len(said) - 1))
                self.assertFalse(os.path.exists(self.state))

    def test_a_session_of_another_server_is_not_used(self):
        with Sim("--entities", "s3=90") as one:
            self.assertEqual(self.wake(one).returncode, 3)
        with Sim("--entities", "s3=90") as other:  # other port, other certificate authority
            done = self.wake(other)
            self.assertEqual((done.returncode, done.stderr.strip()), (3, "full handshake"))


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.path.exists(sys.argv[1]):
        sys.exit(__doc__)
    FOLDER = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
