"""What the tests of the packages share: cpack, a simulator with a report, the command asked for it."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lab", "sim"))
from client import ACCESS_KEY, FIXED_JOB, SECRET_KEY, Sim  # noqa: E402,F401

BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build", "mbedtls36")))
ENTITIES = 230
LIST = ("get-service-last-accessed-details-with-entities", "--job-id", FIXED_JOB, "--service-namespace", "s3", "--all",
        "--output", "jsonl")


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\n{done.stdout[-3000:]}")
    return done.stdout


def version():
    with open(os.path.join(ROOT, "port/include/tinyiam/tinyiam.h"), encoding="utf-8") as f:
        return f.read().split('define IAM_VERSION "')[1].split('"')[0]


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tinyiam-package.")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        made = os.path.join(cls.folder, "made")
        run("cpack", "-B", made, cwd=BUILD, umask=0o077)
        (cls.deb,), (cls.tarball,) = (glob.glob(os.path.join(made, end)) for end in ("*.deb", "*.tar.gz"))
        cls.sim = cls.enterClassContext(Sim("--entities", f"s3={ENTITIES}"))

    def works(self, *command, ca=None):
        """Says which mbedTLS it has, and reads a list over verified TLS from a host that has a name."""
        first, second = run(*command, "--version").splitlines()
        self.assertEqual(first, f"tinyiam {version()}")
        self.assertRegex(second, r"^mbedTLS 3\.6\.\d+, TLS 1\.2, TLS 1\.3$")
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_REGION": "us-east-1",
               "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_ENDPOINT_URL": f"https://localhost:{self.sim.port}",
               "AWS_CA_BUNDLE": ca or self.sim.ca}
        self.assertEqual(len(run(*command, *LIST, env=env).splitlines()), ENTITIES)
