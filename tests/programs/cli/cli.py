"""What the tests of the command share: the binary, a clean run of it, a simulator, the AWS CLI."""

import hashlib
import io
import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [os.path.join(ROOT, "tests", "lab", "sim"), os.path.join(ROOT, "tests", "lab")]

import aws as aws_cli  # noqa: E402
from client import ACCESS_KEY, FIXED_JOB, SECRET_KEY, Sim  # noqa: E402,F401

VECTORS = os.path.join(ROOT, "tests", "vectors")
AWS = aws_cli.PROGRAM
PAGE = "get-service-last-accessed-details-with-entities"
SERVICES = "get-service-last-accessed-details"
GENERATE = "generate-service-last-accessed-details"
OF_JOB = ("--job-id", FIXED_JOB)
ENTITIES = (PAGE, *OF_JOB, "--service-namespace", "iam")
ARN = "arn:aws:iam::123456789012:policy/ExamplePolicy1"
ERROR = b"tinyiam: [ERROR]: "


def binary():
    path = os.environ.get("TINYIAM") or os.path.join(ROOT, "build", "host", "tinyiam")
    if not os.path.exists(path):
        sys.exit(f"{path}: not built (cmake --preset host && cmake --build --preset host), "
                 "or name it: argument 1 or TINYIAM")
    return os.path.abspath(path)


class Run:
    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr

    def __repr__(self):
        return f"exit code {self.code}\nstdout {self.out[:2000]!r}\nstderr {self.err[:2000]!r}"


def clean(folder, **extra):
    """An environment in which nothing of the user's comes in."""
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8",
           "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
           "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
           "AWS_DEFAULT_REGION": "us-east-1"}
    env.update(extra)
    return {k: v for k, v in env.items() if v is not None}


class CliTest(unittest.TestCase):
    """A test case with a simulator of its own class, a home folder, and the command."""

    options = ("--plain",)
    scenario = None
    _shared = None

    @classmethod
    def setUpClass(cls):
        if CliTest._shared is None:
            CliTest._shared = tempfile.TemporaryDirectory(prefix="tinyiam-cli-ca-")
        cls.sim = Sim(*cls.options, state_dir=CliTest._shared.name) if cls.options is not None else None
        cls.binary = binary()

    @classmethod
    def tearDownClass(cls):
        if cls.sim:
            cls.sim.stop()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tinyiam-cli-")
        self.addCleanup(folder.cleanup)
        self.home = folder.name
        if self.sim:
            self.sim.scenario(None)
            self.sim.call("GET", "/settled")
            self.sim.clear()

    def env(self, **extra):
        env = {}
        if self.sim:
            env["AWS_ENDPOINT_URL_IAM"] = self.sim.url
            if self.sim.ca:
                env["AWS_CA_BUNDLE"] = self.sim.ca
        return clean(self.home, **{**env, **extra})

    def run_(self, *args, env=None, timeout=300, stdout=subprocess.PIPE, **extra):
        return Run(subprocess.run([self.binary, *args], env=env or self.env(**extra), stdout=stdout,
                                  stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=timeout,
                                  check=False, cwd=self.home))

    def aws(self, *args, **extra):
        env = self.env(**extra)
        url = env.pop("AWS_ENDPOINT_URL_IAM", None)  # younger than Debian's AWS CLI
        where = ("--endpoint-url", url) if url and "--endpoint-url" not in args else ()
        return Run(aws_cli.run(["iam", *args, *where], env, self.home))

    def terminal(self, *args, columns=100, stdout_too=True, on=(), **extra):
        """Runs it on a terminal of its own; (exit code, what was shown, what went into stdout). on: pairs of a pattern and
        what is done when it is shown, in this order."""
        on = list(on)
        leader, follower = pty.openpty()
        subprocess.run(["stty", "cols", str(columns)], stdin=follower, check=True)
        process = subprocess.Popen([self.binary, *args], env=self.env(TERM="xterm", **extra), stderr=follower,
                                   stdout=follower if stdout_too else subprocess.PIPE, stdin=follower)
        os.close(follower)
        shown, piped = b"", b""
        sources = [leader] + ([] if stdout_too else [process.stdout])
        while sources:
            for source in select.select(sources, [], [], 300)[0]:
                try:
                    data = os.read(source if source == leader else source.fileno(), 65536)
                except OSError:
                    data = b""
                if not data:
                    sources.remove(source)
                elif source == leader:
                    shown += data
                    while on and re.search(on[0][0], shown):
                        on.pop(0)[1]()
                else:
                    piped += data
        os.close(leader)
        if process.stdout:
            process.stdout.close()
        return process.wait(300), shown, piped

    @property
    def absent(self):
        """A path at which nothing is, whatever other programs of this machine have made."""
        return os.path.join(self.home, "absent")

    def enough(self, go, came, seconds=0.3):
        """go(seconds), with twice as many until came(run): the end of that time is to be met by something that has begun, and
        how long a machine takes to begin is not known."""
        while not came(run := go(seconds)):
            self.assertLess(seconds, 300, run)
            seconds *= 2
        return run

    def within(self, seconds, go):
        """What go() comes to in less than that, where more would be another case: once more on a machine that took longer."""
        while True:
            began = time.monotonic()
            result = go()
            if time.monotonic() - began < seconds:
                return result

    def rules(self, *does, **when):
        """The simulator answers so: one rule for every request, or the first, second, ... request."""
        if len(does) == 1:
            self.sim.scenario([{"when": when, "do": does[0]}])
        else:
            self.sim.scenario([{"when": {**when, "request": i + 1}, "do": do} for i, do in enumerate(does)])

    def assertCode(self, run, code):
        self.assertEqual(run.code, code, run)

    def assertError(self, run, code, words):
        """One line on stderr that begins with these words; nothing on stdout."""
        self.assertCode(run, code)
        self.assertTrue(run.err.startswith(ERROR + words.encode()), f"wanted {words!r}\n{run}")
        self.assertEqual(run.err.count(b"\n"), words.count("\n") + 1, run)
        self.assertEqual(run.out, b"", run)


def stays(shown):
    """What is left of it on a terminal: not the progress, which a machine that is slow enough shows, and takes away."""
    return re.sub(rb"(\r\x1b\[K[^\r\n]*)*\r\x1b\[K", b"", shown).replace(b"\r\n", b"\n")


def dumps(value):
    """As the AWS CLI prints JSON."""
    return (json.dumps(value, indent=4, ensure_ascii=False) + "\n").encode()


def yaml(value):
    """As the AWS CLI prints YAML."""
    from awscli.formatter import YAMLDumper  # Debian's package
    out = io.StringIO()
    YAMLDumper().dump(value, out)
    return out.getvalue().encode()


def sha1(text):
    return hashlib.sha1(text.encode()).hexdigest()


def main():
    if len(sys.argv) > 1 and os.path.isfile(sys.argv[1]):
        os.environ["TINYIAM"] = sys.argv.pop(1)
    binary()
    unittest.main(verbosity=1)
