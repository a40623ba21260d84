#!/usr/bin/env python3
"""Images with one version of TLS, and on the older mbedTLS: test_generations.py [CLASS.TEST...]

MBEDTLS_SOURCE_DIR=DIR test_generations.py Named     on any mbedTLS, for example 4.x
"""

import os
import sys

from case import ROOT, Firmware, configured, main, sim
from machine import Machine


def folder(name):
    return os.path.join(ROOT, "build", "cortexm-" + name)


class Generations(Firmware):
    @classmethod
    def setUpClass(cls):
        pass

    def one_version(self, machine, low, other):
        """Works with the one, refuses the other before a request is sent."""
        for kind in ("ecdsa", "rsa"):
            with sim("--entities", 130, "--tls-min", low, "--tls-max", low, "--cert-kind", kind) as server:
                result = self.works(machine, server)
                self.assertLess(result.stats["stack_peak"], result.stats["stack_size"] - 256)
        with sim("--tls-min", other, "--tls-max", other) as foreign:
            result = machine.entities(foreign, "--max-attempts", "1")
            self.assertEqual((result.code, result.out), (255, ""), result)
            self.assertEqual(foreign.requests(), [])
        with sim("--bad-cert", "wrong-name", "--tls-min", low, "--tls-max", low) as bad:
            result = machine.entities(bad)
            self.assertEqual((result.code, result.out), (255, ""), result)
            self.assertIn("certificate was refused", result.err)

    def test_tls12(self):
        self.one_version(configured(folder("tls12"), "TLS13"), "1.2", "1.3")

    def test_tls13(self):
        self.one_version(configured(folder("tls13"), "TLS12"), "1.3", "1.2")

    def test_mbedtls228(self):
        machine = Machine(folder("mbedtls228"), mbedtls="mbedtls228")
        machine.make()
        self.one_version(machine, "1.2", "1.3")


class Named(Firmware):
    """mbedTLS of MBEDTLS_SOURCE_DIR, in both versions."""

    @classmethod
    def setUpClass(cls):
        pass

    def test_both_versions(self):
        machine = Machine(folder("named"))
        machine.make()
        for version in ("1.2", "1.3"):
            for kind in ("ecdsa", "rsa"):
                with sim("--entities", 130, "--tls-min", version, "--tls-max", version, "--cert-kind",
                         kind) as server:
                    self.works(machine, server)


if "MBEDTLS_SOURCE_DIR" not in os.environ:
    del Named

if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
