#!/usr/bin/python3
"""The packages in a Debian with nothing else in it (debootstrap, minbase): installed, at work over verified TLS, and
removed. Needs root, and the mirror that apt is set up with.
BUILD: a built tree with mbedTLS from its sources (environment variable; default build/mbedtls36)."""

import os
import shutil
import unittest

from debian import ROOT, Packages, run

SUITES = ("bookworm", "trixie")


class Root(Packages):
    suite = None

    @classmethod
    def setUpClass(cls):
        if not cls.suite:
            raise unittest.SkipTest("a suite is tried by a class of its own")
        super().setUpClass()
        cls.root = os.path.join(cls.folder, cls.suite)
        run("debootstrap", "--variant=minbase", cls.suite, cls.root, run(os.path.join(ROOT, "tests/deps/mirror")).strip())
        shutil.copy(cls.sim.ca, os.path.join(cls.root, "ca.pem"))
        with open(os.path.join(cls.root, "etc/hosts"), "w", encoding="utf-8") as f:
            f.write("127.0.0.1 localhost\n")

    def inside(self, *command):
        return run("chroot", self.root, *command, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})

    def files(self):
        return {os.path.join(at, name) for at, _, names in os.walk(os.path.join(self.root, "usr")) for name in names}

    def test_package(self):
        before = self.files()
        shutil.copy(self.deb, os.path.join(self.root, "tinyiam.deb"))
        self.inside("dpkg", "-i", "/tinyiam.deb")
        self.assertEqual(self.inside("dpkg", "-V", "tinyiam"), "")
        self.assertTrue(os.path.exists(os.path.join(self.root, "usr/bin/tinyiam")))
        self.works("chroot", self.root, "tinyiam", ca="/ca.pem")
        self.inside("dpkg", "--purge", "tinyiam")
        self.assertEqual(self.files() - before, set())

    def test_tarball(self):
        shutil.copy(self.tarball, os.path.join(self.root, "tinyiam.tar.gz"))
        self.inside("tar", "-xzf", "/tinyiam.tar.gz", "-C", "/usr/local", "--strip-components=1")
        self.works("chroot", self.root, "/usr/local/bin/tinyiam", ca="/ca.pem")


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(type(suite.title(), (Root,), {"suite": suite}))
                              for suite in SUITES)


if __name__ == "__main__":
    unittest.main(verbosity=2)
