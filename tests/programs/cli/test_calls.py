#!/usr/bin/python3
"""--checkpoint, call by call: each call of a run that changes a file is the one in front of which, in the middle
of which or after which the command is killed; or it fails for want of room, is short, or is interrupted. The
next run ends with each line once, whatever the first one had come to."""

import os
import signal
import subprocess
import tempfile
import time

import cli
from cli import ENTITIES, HERE

KILL_BEFORE, KILL_HALFWAY, KILL_AFTER, FULL_DISK, SHORT_WRITE, INTERRUPTED = range(6)


class Calls(cli.CliTest):
    options = ("--plain", "--entities", "90", "--page-size", "30")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory(prefix="tinyiam-cli-calls-")
        cls.inject = os.path.join(cls.folder.name, "inject.so")
        subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", cls.inject,
                        os.path.join(HERE, "inject.c"), "-ldl"], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        super().tearDownClass()

    def go(self, at=0, how=0):
        env = self.env(LD_PRELOAD=self.inject, INJECT_AT=str(at), INJECT_HOW=str(how), INJECT_COUNT=self.counted)
        with open(self.out, "ab") as out:
            return subprocess.run([self.binary, *ENTITIES, "--all", "--output", self.output, "--checkpoint", self.place],
                                  env=env, stdout=out, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=300,
                                  check=False)

    def begin(self, output):
        self.output = output
        self.out, self.place, self.counted = (os.path.join(self.home, name) for name in ("out", "place", "count"))
        for name in os.listdir(self.home):
            if name.startswith(("out", "place")):
                os.unlink(os.path.join(self.home, name))

    def read(self, path):
        with open(path, "rb") as f:
            return f.read()

    def calls(self, output):
        """How many there are in a run that nothing happens to."""
        self.begin(output)
        self.assertEqual(self.go().returncode, 0)
        self.assertEqual(self.read(self.out), self.run_(*ENTITIES, "--all", "--output", output).out)
        return int(self.read(self.counted))

    def check_the_next(self, want):
        run = self.go()
        self.assertEqual((run.returncode, self.read(self.out)), (0, want), run.stderr)
        self.assertEqual([n for n in os.listdir(self.home) if n.startswith("place.")], [])

    def each(self, output, hows):
        number = self.calls(output)
        want = self.read(self.out)
        self.assertGreater(number, 20)
        for how in hows:
            for at in range(1, number + 1):
                with self.subTest(output=output, how=how, at=at, of=number):
                    self.begin(output)
                    run = self.go(at, how)
                    if how <= KILL_AFTER:
                        self.assertEqual(run.returncode, -signal.SIGKILL)
                    elif how == FULL_DISK:
                        self.assertEqual(run.returncode, 255)
                        self.assertTrue(run.stderr.startswith(cli.ERROR), run.stderr)
                        self.assertIn(b"No space left on device", run.stderr)
                    else:
                        self.assertEqual((run.returncode, self.read(self.out)), (0, want), run.stderr)
                    self.check_the_next(want)

    def test_name_server_that_never_answers(self):
        """One signal is enough there, too."""
        asked = os.path.join(self.home, "asked")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            env = self.env(LD_PRELOAD=self.inject, INJECT_SILENT=asked, AWS_ENDPOINT_URL_IAM="https://iam.example",
                           AWS_CA_BUNDLE="/etc/ssl/certs/ca-certificates.crt")
            process = subprocess.Popen([self.binary, *ENTITIES], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.addCleanup(process.kill)
            while not os.path.exists(asked):
                self.assertIsNone(process.poll())
                time.sleep(0.01)
            process.send_signal(number)
            self.assertEqual(process.communicate(timeout=300), (b"", b""))
            self.assertIn(process.returncode, (128 + number, -number))
            os.unlink(asked)

    def test_no_memory(self):
        """Wherever it ends, that is said; no signal ends the command, which would leave its keys in a core file."""
        self.process = os.path.join(self.home, "get")
        with open(self.process, "w", encoding="ascii") as f:
            f.write("#!/bin/sh\nunset LD_PRELOAD\n" + 'echo \'{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "%s"}\'\n'
                    % (cli.ACCESS_KEY, cli.SECRET_KEY))
        os.chmod(self.process, 0o700)
        config = os.path.join(self.home, "config")
        with open(config, "w", encoding="ascii") as f:
            f.write(f"[default]\ncredential_process = {self.process}\n")
        no_keys = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_CONFIG_FILE": config}
        for args in ((*ENTITIES, "--output", "text"), (*ENTITIES, "--all", "--checkpoint", "place"), ("configure", "list")):
            want, codes = None, set()
            for room in (0, *range(1, 400)):
                for name in os.listdir(self.home):
                    if name.startswith("place"):
                        os.unlink(os.path.join(self.home, name))
                run = self.run_(*args, LD_PRELOAD=self.inject, INJECT_ROOM=str(room), **no_keys)
                want = want or run
                self.assertIn(run.code, (0, 253, 255), f"{args}, {room}\n{run}")
                if run.code == 0 and args[0] != "configure":
                    self.assertEqual(run.out, want.out)
                elif run.code:
                    self.assertTrue(run.err.startswith((cli.ERROR, cli.ERROR.replace(b"[ERROR]: ", b""))), f"{room}\n{run}")
                codes.add(run.code)
                if room and run.code == 0 and run.out == want.out:
                    break
            self.assertIn(255, codes)
            self.assertIn(0, codes)

    def test_last_words(self):
        """Of a helper, which came after the last look at its stderr and before the one at its end."""
        helper, config = (os.path.join(self.home, name) for name in ("get", "config"))
        with open(helper, "w", encoding="ascii") as f:
            f.write("#!/bin/sh\nunset LD_PRELOAD INJECT_LATE\nsleep 0.5\necho locked >&2\nexit 3\n")
        os.chmod(helper, 0o700)
        with open(config, "w", encoding="ascii") as f:
            f.write(f"[default]\ncredential_process = {helper}\n")
        run = self.run_(*ENTITIES, LD_PRELOAD=self.inject, INJECT_LATE="1", AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None,
                        AWS_CONFIG_FILE=config)
        self.assertError(run, 255, "Error when retrieving credentials from custom-process: locked (")

    def test_nobody_is_waited_for(self):
        """While a reply is read that is there: that is no pause that the service has asked for."""
        code, shown, _ = self.terminal(*ENTITIES, "--max-items", "90", "--output", "csv", stdout_too=False, LD_PRELOAD=self.inject,
                                       INJECT_READY="1")
        self.assertEqual(code, 0, shown)
        self.assertNotIn(b"fewer requests", shown)
        self.assertIn(b"\x1b[K", shown)  # it took so long that there was a line

    def test_killed(self):
        self.each("jsonl", (KILL_BEFORE, KILL_HALFWAY, KILL_AFTER))
        self.each("json", (KILL_HALFWAY,))

    def test_failing(self):
        self.each("csv", (FULL_DISK, SHORT_WRITE, INTERRUPTED))

    def test_killed_again(self):
        """The second run is killed, too, at each of its calls."""
        number = self.calls("jsonl")
        want = self.read(self.out)
        for at in range(1, number):
            self.begin("jsonl")
            self.go(number // 2, KILL_HALFWAY)
            self.go(at, KILL_HALFWAY)
            self.check_the_next(want)


class Tls(Calls):
    """What TLS needs of the machine."""

    options = ("--entities", "5")
    test_name_server_that_never_answers = test_killed = test_failing = test_killed_again = test_last_words = None
    test_nobody_is_waited_for = None

    def test_no_memory(self):
        """At first nothing has been begun, later there is a connection."""
        said = set()
        for room in range(1, 130):
            run = self.run_(*ENTITIES, "--max-attempts", "1", LD_PRELOAD=self.inject, INJECT_ROOM=str(room),
                            AWS_ENDPOINT_URL_IAM=f"https://127.0.0.1:{self.sim.port}")   # glibc's look-up may crash
            self.assertError(run, 255, "")
            said.add(run.err.split(b" ", 2)[2].split(b"/ ", 1)[-1])
        self.assertNotIn(b"arena", b"".join(said))
        self.assertNotIn(b"holds no certificate", b"".join(said))
        enough = b"here is not enough memory (ulimit -v, or a container's limit)"
        self.assertEqual({text[:1] + b"here" for text in said if enough in text}, {b"There", b"there"}, said)

    def test_no_entropy(self):
        run = self.run_(*ENTITIES, LD_PRELOAD=self.inject, INJECT_NO_ENTROPY="1")
        self.assertError(run, 255, "TLS could not be set up: this system gives no random numbers (getentropy)")


if __name__ == "__main__":
    cli.main()
