#!/usr/bin/env python3
"""The image tinyiam_iot: the device's certificate for the keys of a role, then the report, in one TLS arena.
test_iot.py [CLASS.TEST...]"""

import os
import subprocess
import sys

from case import BUILD, ROOT, Firmware, main, sim
from machine import HANGS

IMAGE = "tinyiam_iot"
ARN = ("--arn", "arn:aws:iam::123456789012:policy/ExamplePolicy")


def run(machine, server, *flags, pair=None, alias="sim-alias", thing="sensor-7", image=IMAGE, env=(),
        command=("entities", "--service-namespace", "iam")):
    """entities, or another command, by the keys that the simulator's AWS IoT gives."""
    pair = pair or server.iot
    return machine.run("BOARD_FIXED_HOST=10.0.2.100", "AWS_REGION=us-east-1", *env, *command, *ARN,
                       "--output", "jsonl", "--ca-bundle", server.ca, "--stats",
                       "--iot-endpoint", f"{server.iot['name']}:{server.iot['port']}", "--iot-role-alias", alias,
                       "--iot-thing-name", thing, "--iot-cert", pair["cert"], "--iot-key", pair["key"], *flags,
                       target=image, port=server.port, iot=server.iot["port"])


class Iot(Firmware):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.make(IMAGE)

    def test_report(self):
        for kind, version in (("ecdsa", "1.2"), ("ecdsa", "1.3"), ("rsa", "1.2"), ("rsa", "1.3")):
            with self.subTest(kind=kind, version=version), \
                    sim("--sources", "--entities", 250, "--cert-kind", kind, "--tls-min", version, "--tls-max",
                        version) as server:
                result = run(self.machine, server)
                self.assertEqual((result.code, len(result.out.splitlines())), (0, 250), result)
                asked = server.requests("iot")
                self.assertEqual([(r["status"], r["path"]) for r in asked],
                                 [(200, "/role-aliases/sim-alias/credentials")])
                self.assertEqual(len(server.sessions()), 1)
                self.assertEqual({r["status"] for r in server.requests("iam")}, {200})
                self.assertEqual(result.stats["connections"], 2, result) # one after the other
                self.assertEqual(result.stats["lwip_failed"], 0)
                self.assertLess(result.stats["stack_peak"], result.stats["stack_size"] - 256)
                self.assertLess(result.stats["arena_peak"], result.stats["arena_size"] - 2048)

    def test_audit(self):
        """A whole ARN by a session of AWS IoT's, in the same arena."""
        for kind in ("ecdsa", "rsa"):
            with sim("--sources", "--services", 40, "--entities", "2,s3=200", "--cert-kind", kind) as server:
                result = run(self.machine, server, command=("audit", "--rows", "entities"))
                self.assertEqual((result.code, len(result.out.splitlines())), (0, 200 + 39 * 2), result)
                self.assertEqual(len(server.sessions()), 1)
                self.assertEqual(result.stats["item_size"], 2048)
                self.assertLess(result.stats["arena_peak"], result.stats["arena_size"] - 1024)

    def test_token_of_any_length(self):
        with sim("--sources", "--entities", 20, "--session-token-size", 1300) as server:
            result = run(self.machine, server)
            self.assertEqual((result.code, len(result.out.splitlines())), (0, 20), result)
        with sim("--sources", "--entities", 20, "--session-token-size", 3000) as server:
            result = run(self.machine, server)
            self.assertEqual((result.code, result.out), (253, ""), result)
            self.assertIn("IAM_ERR_SPACE", result.err)
            self.assertRegex(result.err, "need 3[0-9]{3}")
            self.assertEqual(server.requests("iam"), [])

    def test_refused(self):
        with sim("--sources") as server:
            for case in ("other-ca", "expired"):
                result = run(self.machine, server, "--max-attempts", "1", pair=server.iot[case])
                self.assertEqual((result.code, result.out), (253, ""), result)
            result = run(self.machine, server, alias="no-such-alias")
            self.assertEqual((result.code, result.out), (253, ""), result)
            self.assertIn("An error occurred (", result.err)
            result = run(self.machine, server, alias="not an alias")
            self.assertEqual((result.code, result.out), (252, ""), result)
            self.assertEqual(server.requests("iam"), [])

    def test_run(self):
        """The same by platform/cortexm/run, as a user has it."""
        with sim("--sources", "--entities", 30) as server:
            done = subprocess.run(
                [os.path.join(ROOT, "platform", "cortexm", "run"), "--build-dir", BUILD, "--no-build",
                 "--endpoint-port", str(server.port), "entities", *ARN, "--service-namespace", "iam", "--output",
                 "jsonl", "--region", "us-east-1", "--ca-bundle", server.ca, "--iot-endpoint",
                 f"{server.iot['name']}:{server.iot['port']}", "--iot-role-alias", "sim-alias", "--iot-cert",
                 server.iot["cert"], "--iot-key", server.iot["key"]],
                env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=HANGS, check=False)
            self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, 30), done.stderr)

    def test_learns_the_time(self):
        with sim("--sources", "--entities", 20) as server:
            result = run(self.machine, server, env=("BOARD_CLOCK=unset",))
            self.assertEqual((result.code, len(result.out.splitlines())), (0, 20), result)


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
