#!/usr/bin/python3
"""platform/host/examples/device_key: the device's key in PSA, the certificate really asked for.

    test_example.py PROGRAM
"""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../lab/sim"))
import client  # noqa: E402

PROGRAM = None
ARN = "arn:aws:iam::123456789012:policy/ExamplePolicy"


def run(sim, *, cert=None, key=None, alias="sim-alias", thing="sensor-7"):
    return subprocess.run([PROGRAM, f"localhost:{sim.iot['port']}", alias, thing, cert or sim.iot["cert"],
                           key or sim.iot["key"], sim.ca, f"localhost:{sim.port}", "us-east-1", ARN],
                          capture_output=True, text=True, timeout=300, check=False)


class Example(unittest.TestCase):
    def sim(self, *options):
        s = client.Sim("--sources", "--entities", "250", *options)
        self.addCleanup(s.stop)
        return s

    def test_key_in_psa(self):
        for tls, kind in (("1.2", "ecdsa"), ("1.3", "ecdsa"), ("1.2", "rsa"), ("1.3", "rsa")):
            with self.subTest(tls=tls, kind=kind):
                sim = self.sim("--tls-min", tls, "--tls-max", tls, "--cert-kind", kind)
                done = run(sim)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn(": 250 entities", done.stdout)
                issued = [r for r in sim.requests("iot")]
                self.assertEqual(len(issued), 1)
                self.assertTrue(all(r["status"] == 200 for r in sim.requests("iam")))
                identities = {r["identity"] for r in sim.requests("iam")}
                self.assertEqual(len(identities), 1, identities)

    def test_refused(self):
        sim = self.sim()
        for case, words in ((sim.iot["other-ca"], "TLS"), (sim.iot["expired"], "TLS")):
            done = run(sim, cert=case["cert"], key=case["key"])
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("AWS IoT", done.stderr)
        done = run(sim, alias="no-such-alias")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(sim.requests("iam"), [])
        self.assertNotIn("-----", json.dumps(sim.events()))


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.path.exists(sys.argv[1]):
        sys.exit(__doc__)
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
