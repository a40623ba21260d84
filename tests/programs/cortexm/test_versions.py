#!/usr/bin/env python3
"""Images with one version of TLS alone: test_versions.py [CLASS.TEST...]"""

import sys

from case import Firmware, configured, folder, main


class Versions(Firmware):
    usual = False

    def test_tls12(self):
        self.one_version(configured(folder("tls12"), "TLS13"), "1.2", "1.3")

    def test_tls13(self):
        self.one_version(configured(folder("tls13"), "TLS12"), "1.3", "1.2")


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
