#!/usr/bin/env python3
"""Tests of the simulator: signatures, answers, scenarios, TLS, and real AWS clients against it."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from checks import account, scenario, sdk, service, signature, sources, tls  # noqa: E402


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for module in (signature, service, scenario, account, tls, sources, sdk):
        suite.addTests(loader.loadTestsFromModule(module))
    return suite


if __name__ == "__main__":
    unittest.main()
