#!/usr/bin/env python3
"""Images on other generations of mbedTLS: test_mbedtls.py [CLASS.TEST...]

MBEDTLS_SOURCE_DIR=DIR test_mbedtls.py Named     on any mbedTLS, for example a release of 4.x
"""

import os
import sys

from case import Firmware, folder, main, sim
from machine import Machine


class Older(Firmware):
    usual = False

    def test_mbedtls228(self):
        machine = Machine(folder("mbedtls228"), mbedtls="mbedtls228")
        machine.make()
        self.one_version(machine, "1.2", "1.3")


class Named(Firmware):
    """mbedTLS of MBEDTLS_SOURCE_DIR, in both versions of TLS."""

    usual = False

    def test_both_versions(self):
        machine = Machine(folder("named"))
        machine.make()
        for version in ("1.2", "1.3"):
            for kind in ("ecdsa", "rsa"):
                with sim("--entities", 130, "--tls-min", version, "--tls-max", version, "--cert-kind",
                         kind) as server:
                    self.works(machine, server)


if "MBEDTLS_SOURCE_DIR" in os.environ:
    del Older
else:
    del Named

if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 1))
