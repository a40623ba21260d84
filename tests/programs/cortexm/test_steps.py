#!/usr/bin/env python3
"""How long one call of iam_step() computes, in instructions, and that nobody makes it longer: test_steps.py

The rows "image step" of tests/size_budget.csv are held; steps.py measures them."""

import os
import sys

import steps
from case import Firmware, configured, folder, main, sim


class Steps(Firmware):
    def test_longest_step(self):
        """Each configuration within its budget; nothing measured without one, no budget without a measure."""
        found, most = steps.measure_all(), steps.limits()
        for name, millions in found.items():
            print(f"{name:50} {millions:4} {most.get(name, ''):4}")
        self.assertEqual(set(found), set(most))
        self.assertEqual({name: n for name, n in found.items() if n > most[name]}, {})

    def test_small_steps(self):
        """The image with CORTEXM_ECP_OPS works, and refuses what it should."""
        machine = configured(folder("small-steps"), *steps.SMALL, options=steps.SMALL_OPTIONS)
        with sim("--entities", 130) as server:
            self.works(machine, server)
        for bad in ("wrong-name", "expired", "self-signed", "unknown-ca"):
            with self.subTest(bad), sim("--bad-cert", bad) as server:
                result = machine.entities(server)
                self.assertEqual((result.code, result.out), (255, ""), result)
                self.assertIn("certificate was refused", result.err)

    def test_exponent(self):
        """What is refused for a key is refused for that alone: no signature was checked with it."""
        path = steps.certified("make_exponent", steps.make_exponent)
        with sim("--entities", 10, "--plain") as server:
            for version in steps.VERSIONS.values():
                with self.subTest(version.name), steps.Terminator(path, "exponent", version, server.port) as front:
                    result = self.machine.entities(front, ca=os.path.join(path, "root.crt"))
                    self.assertEqual((result.code, result.out), (255, ""), result)
                    self.assertIn(f"native {0x40000000}", result.err)  # IAM_TLS_BADCERT_COSTLY
                    self.assertEqual(result.stats["connections"], 1)
                    self.assertEqual(server.requests(), [])


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 1))
