#!/usr/bin/python3
"""Every source of credentials, end to end: the simulator plays STS, IMDSv2, a container's endpoint and AWS
IoT's provider, and its log says who called IAM in the end."""

import fcntl
import http.server
import json
import os
import re
import select
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import termios
import threading
import time

import cli
from cli import ARN, ENTITIES

sys.path.insert(0, os.path.join(cli.ROOT, "tests", "lab", "sim"))
from iamsim import sources, sts  # noqa: E402

ROLE = "arn:aws:iam::123456789012:role/team/reader"
ONE = ("entities", "--arn", ARN, "--service-namespace", "iam")
NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
USER = f"arn:aws:iam::123456789012:user/{cli.ACCESS_KEY}"
READER = "arn:aws:sts::123456789012:assumed-role/reader/"
RETRIEVING = "Error when retrieving credentials from "
STATIC = f"aws_access_key_id = {cli.ACCESS_KEY}\naws_secret_access_key = {cli.SECRET_KEY}\n"


class Terminal:
    """The command with a terminal of its own, as a shell starts it: the session's leader in between does nothing
    but wait, and the command's process group is the foreground."""

    def __init__(self, test, *args, command=ENTITIES):
        self.master, self.slave = os.openpty()
        self.seen, self.code, self.test = b"", None, test

        def leader():
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([sys.executable, "-c", self.SHELL, test.binary, *command, *args, "--no-progress"],
                                        stdin=self.slave, stdout=self.slave, stderr=self.slave, env=test.env(),
                                        preexec_fn=leader, cwd=test.home, pass_fds=(), close_fds=True)
        test.addCleanup(self.clean)
        self.until(rb"<job [0-9]+>")
        self.pid = int(re.search(rb"<job ([0-9]+)>", self.seen)[1])

    # A shell in few lines: a job in the foreground, told about when it stops, and put there again by "fg".
    SHELL = """if 1:
        import os, signal, sys
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpgrp())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.write(2, b"<job %d>" % os.getpid())
            os.execv(sys.argv[1], sys.argv[1:])
        def fg(*_):
            os.tcsetpgrp(0, pid)
            os.killpg(pid, signal.SIGCONT)
        signal.signal(signal.SIGUSR1, fg)
        while True:
            _, status = os.waitpid(pid, os.WUNTRACED)
            if os.WIFSTOPPED(status):
                os.tcsetpgrp(0, os.getpgrp())
                os.write(2, b"<stopped>")
            else:
                os.tcsetpgrp(0, os.getpgrp())
                os.write(2, b"<ended %d>" % os.waitstatus_to_exitcode(status))
                sys.exit()
        """

    def clean(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            self.seen += os.read(self.master, 65536)

    def until(self, what):
        """Bytes in what has been printed, a pattern, or a function that is true."""
        end = time.monotonic() + 300
        while not (what() if callable(what) else re.search(what, self.seen)):
            self.test.assertLess(time.monotonic(), end, self.seen)
            self.read(0.02)

    def foreground(self):
        """After it has stopped: what `fg` does."""
        self.until(b"<stopped>")
        self.seen = b""
        self.process.send_signal(signal.SIGUSR1)

    def end(self):
        """The exit code."""
        self.until(rb"<ended -?[0-9]+>")
        self.code = int(re.search(rb"<ended (-?[0-9]+)>", self.seen)[1])
        return self.code

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def echo(self):
        modes = termios.tcgetattr(self.slave)
        modes[3] |= termios.ECHO
        termios.tcsetattr(self.slave, termios.TCSANOW, modes)

    def kill(self, number):
        os.kill(self.pid, number)

    def type(self, what):
        os.write(self.master, what)


def role(arn=ROLE, **lines):
    return f"role_arn = {arn}\nrole_session_name = me\n" + "".join(f"{k} = {v}\n" for k, v in lines.items())


class Sources(cli.CliTest):
    options = ("--sources", "--entities", "3")

    def setUp(self):
        super().setUp()
        self.config = os.path.join(self.home, "config")

    def env(self, **extra):
        return super().env(**{"AWS_ENDPOINT_URL_STS": self.sim.sts["url"], "AWS_CONFIG_FILE": self.config, **extra})

    def write(self, name, text):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def profiles(self, **sections):
        """p="..." is [profile p]."""
        self.write("config", "".join(f"[profile {name}]\n{text}\n" for name, text in sections.items()))

    def forget(self):
        """No session of an earlier run."""
        shutil.rmtree(os.path.join(self.home, ".aws"), ignore_errors=True)

    def identity(self, *args, command=ENTITIES, **extra):
        """Who called IAM."""
        self.forget()
        self.sim.clear()
        run = self.run_(*command, *args, **extra)
        self.assertEqual(run.code, 0, run)
        found = {e["identity"] for e in self.sim.requests("iam")}
        self.assertEqual(len(found), 1, found)
        return found.pop()

    def refused(self, code, words, *args, also="", called=(), **extra):
        """No call of IAM; of the servers named, as many as there are names."""
        self.forget()
        self.sim.clear()
        run = self.run_(*ENTITIES, *args, **extra)
        self.assertError(run, code, words)
        self.assertIn(also.encode(), run.err)
        self.assertEqual([e["server"] for e in self.sim.requests()], list(called), run)
        return run


class Roles(Sources):
    def test_source_profile(self):
        self.profiles(p=role(source_profile="q"), q=STATIC)
        self.assertEqual(self.identity("--profile", "p"), READER + "me")
        self.assertEqual(self.identity(AWS_PROFILE="p", **NO_KEYS), READER + "me")
        self.assertEqual(self.identity(AWS_PROFILE="p"), USER)      # variables go first
        request = self.sim.requests("iam")[0]
        self.assertEqual(request["signature"], "valid")

    def test_itself(self):
        self.profiles(p=role(source_profile="p") + STATIC)
        self.assertEqual(self.identity("--profile", "p"), READER + "me")
        self.assertEqual(self.sim.requests("sts")[0]["access_key"], cli.ACCESS_KEY)

    def test_chained(self):
        self.profiles(a=role(source_profile="b", duration_seconds="900"), b=role(source_profile="c"),
                      c=role(credential_source="Environment"))
        self.assertEqual(self.identity("--profile", "a"), READER + "me")
        entries = self.sim.requests("sts")
        self.assertEqual([e["signature"] for e in entries], ["valid"] * 3)
        self.assertEqual(entries[0]["access_key"], cli.ACCESS_KEY)
        self.assertEqual(len({e["access_key"] for e in entries}), 3)
        self.assertEqual([e["params"].get("DurationSeconds") for e in entries], [None, None, "900"])

    def test_wrong_clock(self):
        """What the first request learns of the clock, the others know: one is refused, of STS's and IAM's together."""
        self.profiles(a=role(source_profile="b"), b=role(source_profile="c"), c=role(credential_source="Environment"))
        self.sim.clock(7300)
        self.addCleanup(self.sim.clock, 0)
        self.assertEqual(self.identity("--profile", "a"), READER + "me")
        said = [(e["server"], e["signature"] == "valid") for e in self.sim.requests()]
        self.assertEqual(said, [("sts", False)] + [("sts", True)] * 3 + [("iam", True)])

    def test_parameters(self):
        arn = "arn:aws:iam::123456789012:role/external-1"
        self.profiles(p=role(arn, credential_source="Environment", external_id=sts.EXTERNAL_ID),
                      q=role(arn, credential_source="Environment"))
        self.assertTrue(self.identity("--profile", "p").endswith("external-1/me"))
        run = self.refused(254, "An error occurred (AccessDenied) when calling the AssumeRole operation: User: ",
                           "--profile", "q", called=["sts"], also="trust policy")
        self.assertIn(b"external_id", run.err)
        self.profiles(p=f"role_arn = {ROLE}\ncredential_source = Environment\n")
        self.assertRegex(self.identity("--profile", "p"), "reader/tinyiam-session-[0-9]+$")

    def test_refused_parameters(self):
        for lines, words in (("role_arn = x", "RoleArn"), (f"role_arn = {ROLE}\nrole_session_name = a b", "session"),
                             (f"role_arn = {ROLE}\nexternal_id = x", "xternal")):
            self.profiles(p=lines + "\ncredential_source = Environment")
            run = self.refused(252, "An error occurred (ParamValidation): Parameter validation failed:\n",
                               "--profile", "p")
            self.assertIn(words.lower(), run.err.decode().lower())
            key = next(k for k in ("external_id", "role_session_name", "role_arn") if k in lines)
            self.assertIn(f"({key} of profile p in {self.config} line ".encode(), run.err)
        self.profiles(p=f"role_arn = {ROLE}\nrole_session_name =\ncredential_source = Environment\n")     # as if there were none
        self.assertRegex(self.identity("--profile", "p"), "reader/tinyiam-session-[0-9]+$")
        path = self.write("token", sts.web_token())
        self.refused(252, "An error occurred (ParamValidation): Parameter validation failed:\n", also="(AWS_ROLE_ARN, or role_arn of profile "
                     "default in ", AWS_WEB_IDENTITY_TOKEN_FILE=path, AWS_ROLE_ARN="x", **NO_KEYS)
        for seconds in ("5", "899", "43201", "-1"):
            self.profiles(p=f"role_arn = {ROLE}\nduration_seconds = {seconds}\ncredential_source = Environment")
            self.refused(252, "An error occurred (ParamValidation): Parameter validation failed: Invalid value for "
                         f"parameter DurationSeconds, value: {seconds}, ", "--profile", "p", also=self.config)

    def test_mfa_without_a_terminal(self):
        self.profiles(p=role(credential_source="Environment", mfa_serial="arn:aws:iam::123456789012:mfa/me"))
        run = cli.Run(cli.subprocess.run([self.binary, *ENTITIES, "--profile", "p"], env=self.env(), check=False,
                                         capture_output=True, start_new_session=True, timeout=300))
        self.assertError(run, 255, "Profile p in ")
        self.assertIn(b"arn:aws:iam::123456789012:mfa/me", run.err)

    def mfa(self):
        """A profile p that asks, the command on a terminal of its own that asks now, and what it has said."""
        self.profiles(p=role("arn:aws:iam::123456789012:role/mfa-1", credential_source="Environment",
                             mfa_serial="arn:aws:iam::123456789012:mfa/me"))
        self.forget()
        terminal = Terminal(self, "--profile", "p")
        terminal.until(self.QUESTION)
        return terminal

    QUESTION = b"Enter MFA code for arn:aws:iam::123456789012:mfa/me: "

    def test_mfa_and_signals(self):
        """Whatever ends or stops it there, the terminal shows what is typed again."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            terminal = self.mfa()
            self.assertFalse(terminal.echoes())
            terminal.kill(number)
            self.assertEqual(terminal.end(), 128 + number, terminal.seen)
            self.assertTrue(terminal.echoes(), number)
        terminal = self.mfa()
        terminal.type(b"12\x03")                        # Ctrl-C
        self.assertEqual(terminal.end(), 130)
        self.assertTrue(terminal.echoes())
        self.assertEqual(self.sim.requests(), [])

    def test_mfa_and_pauses(self):
        for number in (signal.SIGTSTP, signal.SIGSTOP):
            terminal = self.mfa()
            terminal.type(b"12")
            terminal.kill(number)
            terminal.until(b"<stopped>")
            if number == signal.SIGTSTP:
                self.assertTrue(terminal.echoes())
            else:
                terminal.echo()                         # as a shell does that gets its terminal back
            terminal.foreground()
            terminal.until(self.QUESTION)
            terminal.until(lambda: not terminal.echoes())
            terminal.type(sts.MFA_CODE.encode() + b"\n")
            self.assertEqual(terminal.end(), 0, terminal.seen)
            self.assertTrue(terminal.echoes())

    def test_mfa_that_is_none(self):
        wrong = b"An error occurred (ParamValidation): Parameter validation failed:"
        for typed, also in ((b"\n", b"nothing was entered"), (b"  \t\n", b"nothing was entered"), (b"\x04", b"nothing was entered"),
                            (b"1234567890" * 5 + b"\n", b"too long"), (b"12345\x16\x006\n", b"too long"), (b"12345\n", b"TokenCode"),
                            (b"12345\x16\x00\n", b"too long")):
            terminal = self.mfa()
            terminal.type(typed)
            self.assertEqual(terminal.end(), 252, typed)
            self.assertIn(wrong, terminal.seen)
            self.assertIn(also, terminal.seen)
            self.assertNotIn(b"there is no terminal", terminal.seen)
            self.assertTrue(terminal.echoes())
            self.assertEqual(self.sim.requests(), [])
        terminal = self.mfa()
        terminal.type(b"  " + sts.MFA_CODE.encode() + b" \n")
        self.assertEqual(terminal.end(), 0, terminal.seen)

    def test_mfa(self):
        """Asked on the terminal, and not shown there."""
        self.profiles(p=role("arn:aws:iam::123456789012:role/mfa-1", credential_source="Environment",
                             mfa_serial="arn:aws:iam::123456789012:mfa/me"))
        pid, tty = os.forkpty()
        if pid == 0:
            os.execve(self.binary, [self.binary, *ENTITIES, "--profile", "p", "--no-progress"], self.env())
        seen = b""
        while b"Enter MFA code for arn:aws:iam::123456789012:mfa/me: " not in seen:
            seen += os.read(tty, 1000)
        os.write(tty, sts.MFA_CODE.encode() + b"\n")
        try:
            while piece := os.read(tty, 65536):
                seen += piece
        except OSError:
            pass
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, seen)
        os.close(tty)
        self.assertNotIn(sts.MFA_CODE.encode() + b"\r", seen)
        self.assertTrue(self.sim.requests("iam")[0]["identity"].endswith("mfa-1/me"))

    def test_wrong_keys(self):
        self.profiles(p=role(credential_source="Environment"))
        self.refused(254, "An error occurred (SignatureDoesNotMatch) when calling the AssumeRole operation: ",
                     "--profile", "p", called=["sts"], AWS_SECRET_ACCESS_KEY="wrong", also="secret access key")

    def test_long_tokens(self):
        self.profiles(p=role(source_profile="q"), q=role(credential_source="Environment"))
        for size in (2, 5000, 20000):
            self.sim.scenario([{"when": {"server": "sts"}, "do": {"session_token": size}}])
            self.assertEqual(self.identity("--profile", "p"), READER + "me")
            self.assertEqual(self.sim.requests("iam")[0]["headers"]["x-amz-security-token"],
                             f"({max(size, 17) if size > 2 else 2} characters)")

    def test_faults(self):
        self.profiles(p=role(credential_source="Environment"))
        for do, called in (({"code": "Throttling"}, 2), ({"status": 500, "code": "InternalFailure"}, 2),
                           ({"cut": {"after": 300}}, 2), ({"cut": {"part": "head", "how": "reset"}}, 2),
                           ({"dribble": {"bytes": 50, "ms": 1}}, 1), ({"chunks": {"size": 3}}, 1)):
            self.sim.scenario([{"when": {"server": "sts"}, "times": 1, "do": do}])
            self.assertEqual(self.identity("--profile", "p"), READER + "me")
            self.assertEqual(len(self.sim.requests("sts")), called, do)
        for do, code, words, also in (
                ({"status": 400, "code": "ExpiredTokenException", "message": "old"}, 254,
                 "An error occurred (ExpiredTokenException) when calling the AssumeRole operation", "session"),
                ({"members": {"SessionToken": None}}, 255, "", "SessionToken"),
                ({"members": {"Expiration": "tomorrow"}}, 255, "", "Expiration"),
                ({"members": {"SecretAccessKey": ""}}, 255, "", "SecretAccessKey"),
                ({"body": "<html>login</html>"}, 255, "", "login")):
            self.sim.scenario([{"when": {"server": "sts"}, "do": do}])
            self.sim.clear()
            self.forget()
            run = self.run_(*ENTITIES, "--profile", "p", "--max-attempts", "1")
            self.assertError(run, code, words)
            self.assertIn(also.encode(), run.err)
            self.assertEqual(self.sim.requests("iam"), [])


class Messages(Sources):
    def test_where(self):
        """File and line of what is wrong, and what would do."""
        place = self.config + " line "
        for lines, words, line in (
                ("source_profile = x", 'The source_profile "x" referenced in the profile "p" does not exist.', 3),
                ("credential_source = X", 'The credential source "X" referenced in profile "p" is not valid.', 3),
                ("source_profile = p", "Infinite loop in credential configuration detected. Attempting to load from "
                 "profile p which has already been visited. Visited profiles: ['p']", 3),
                ("source_profile = q\ncredential_source = Environment", 'The profile "p" contains both', 4),
                ("", "Partial credentials found in assume-role, missing: source_profile or credential_source", 2)):
            self.profiles(p=f"role_arn = {ROLE}\n{lines}")
            self.refused(255, words, "--profile", "p", also=f"{place}{line}")
        self.profiles(p=role(source_profile="q"), q="region = x")
        self.refused(255, 'The source profile "q" must have credentials.', "--profile", "p", also=self.config)

    def test_patience(self):
        self.profiles(p=role(credential_source="Environment"))
        stall = {"when": {"server": "sts"}, "do": {"stall": {"part": "head", "seconds": 600}}}
        self.sim.scenario([stall])
        url = f'endpoint URL: "{self.sim.sts["url"]}/"'
        one = ("--profile", "p", "--max-attempts", "1")
        self.assertError(self.run_(*ENTITIES, *one, "--cli-read-timeout", "0.3"), 255, "Read timeout on " + url)
        self.assertError(self.run_(*ENTITIES, *one, "--deadline", "0.3"), 255, "The deadline of 0.3 s has passed")
        stall["do"]["stall"]["part"] = "accept"
        self.sim.scenario([stall])
        self.assertError(self.run_(*ENTITIES, *one, "--cli-connect-timeout", "0.3"), 255, "Connect timeout on " + url)


class WebIdentity(Sources):
    def test_variables_and_profile(self):
        path = self.write("token", sts.web_token())
        variables = {"AWS_WEB_IDENTITY_TOKEN_FILE": path, "AWS_ROLE_ARN": ROLE, "AWS_ROLE_SESSION_NAME": "pod"}
        self.assertEqual(self.identity(**variables, **NO_KEYS), READER + "pod")
        self.assertNotIn("authorization", self.sim.requests("sts")[0]["headers"])
        self.profiles(p=role(web_identity_token_file=path), q=role(source_profile="p"))
        self.assertEqual(self.identity("--profile", "p"), READER + "me")
        self.assertEqual(self.identity("--profile", "q"), READER + "me")
        self.assertEqual([e["operation"] for e in self.sim.requests("sts")], ["AssumeRoleWithWebIdentity", "AssumeRole"])

    def test_refused(self):
        path = self.write("token", sts.web_token(expires=1000))
        variables = {"AWS_WEB_IDENTITY_TOKEN_FILE": path, "AWS_ROLE_ARN": ROLE, **NO_KEYS}
        self.refused(254, "An error occurred (ExpiredTokenException) when calling the AssumeRoleWithWebIdentity "
                     "operation: Token expired", called=["sts"], **variables)
        self.write("token", "not.a-token")
        self.refused(254, "An error occurred (InvalidIdentityToken)", called=["sts"], **variables, AWS_MAX_ATTEMPTS="1")
        method = RETRIEVING + "assume-role-with-web-identity: the token file "
        self.write("token", "")
        self.refused(255, method, also="is empty", **variables)
        self.write("token", "x" * 70000)
        self.refused(255, method, also="too long", **variables)
        os.remove(path)
        self.refused(255, method + path, also="No such file", **variables)
        self.refused(255, "The provided profile or the current environment is configured to assume role with web "
                     "identity but has no role ARN", AWS_WEB_IDENTITY_TOKEN_FILE=path, **NO_KEYS)


    def open_files(self, pid):
        files = set()
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                files.add(os.readlink(f"/proc/{pid}/fd/{name}"))
            except FileNotFoundError:
                pass
        return files

    def test_pipes(self):
        """A token may come out of one. Who only holds it open is not waited for without end, and any signal ends it."""
        path = os.path.join(self.home, "pipe")
        os.mkfifo(path)
        for variables in ({"AWS_WEB_IDENTITY_TOKEN_FILE": path, "AWS_ROLE_ARN": ROLE, "AWS_ROLE_SESSION_NAME": "pod"},
                          {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.sim.container["url"] + "/pod",
                           "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": path}):
            variables |= NO_KEYS
            self.refused(255, RETRIEVING, also=f"{path} is empty", **variables)
            holder = os.open(path, os.O_RDWR)
            self.refused(255, RETRIEVING, "--deadline", "0.3", also=f"{path} Connection timed out", **variables)
            process = subprocess.Popen([self.binary, *ENTITIES], env=self.env(**variables), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
            self.addCleanup(process.kill)
            while path not in self.open_files(process.pid):
                self.assertIsNone(process.poll())
            process.send_signal(signal.SIGTERM)
            self.assertEqual((process.communicate(timeout=300), process.returncode), ((b"", b""), 143))
            os.close(holder)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)     # holds what the writer left: it is gone when the command reads
        self.write("pipe", sts.web_token())
        variables = {"AWS_WEB_IDENTITY_TOKEN_FILE": f"/proc/{os.getpid()}/fd/{reader}", "AWS_ROLE_ARN": ROLE,
                     "AWS_ROLE_SESSION_NAME": "pod", **NO_KEYS}
        self.assertEqual(self.identity(**variables), READER + "pod")
        os.close(reader)


class Container(Sources):
    def test_tokens(self):
        url = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.sim.container["url"] + "/pod"}
        known = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": sources.CONTAINER_TOKEN}
        path = self.write("token", sources.CONTAINER_TOKEN)
        task = "arn:aws:sts::123456789012:assumed-role/sim-task-role/task-1"
        self.assertEqual(self.identity(**url, **known, **NO_KEYS), task)
        wrong = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong"}
        self.assertEqual(self.identity(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=path, **wrong, **url, **NO_KEYS), task)
        self.assertEqual(self.sim.requests("container")[0]["headers"]["accept"], "application/json")
        self.refused(255, RETRIEVING + "container-role: InvalidAuthorization: The Authorization header",
                     called=["container"], also="AWS_CONTAINER_AUTHORIZATION_TOKEN", **url, **wrong, **NO_KEYS)
        self.write("token", sources.CONTAINER_TOKEN + "\n")
        self.refused(255, RETRIEVING + "container-role: the token file ", also="line end",
                     AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=path, **url, **NO_KEYS)
        self.refused(255, RETRIEVING + "container-role: the token file ", also="No such file",
                     AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=path + "x", **url, **NO_KEYS)
        self.profiles(p=role(credential_source="EcsContainer"))
        self.assertEqual(self.identity("--profile", "p", **url, **known), READER + "me")

    def test_hosts(self):
        words = RETRIEVING + "container-role: the value of AWS_CONTAINER_CREDENTIALS_"
        port = self.sim.container["port"]
        for url in (f"HTTP://LOCALHOST:{port}/task", f"hTTp://Localhost:{port}/task?A=b"):
            self.identity(AWS_CONTAINER_CREDENTIALS_FULL_URI=url, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="", **NO_KEYS)
            self.assertEqual(self.sim.requests("container")[0]["path"], "/task")
        for url, why in (("http://10.0.0.1/x", "host not allowed"), ("http://127.0.0.1.example.com/", "host not allowed"),
                         ("ftp://localhost/", "http://"), ("localhost/x", "http://"),
                         ("http://169.254.170.3/", "host not allowed"), ("", "")):
            self.refused(255, words + "FULL_URI is not usable", also=why, AWS_CONTAINER_CREDENTIALS_FULL_URI=url,
                         **NO_KEYS)
        self.refused(255, words + "RELATIVE_URI is not usable", AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="no-slash",
                     **NO_KEYS)

    def test_https(self):
        """Any host, if its certificate is good; and no proxy on the way."""
        document = json.dumps({"AccessKeyId": cli.ACCESS_KEY, "SecretAccessKey": cli.SECRET_KEY, "Token": "t",
                               "Expiration": "2049-01-01T00:00:00Z"}).encode()
        heard = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                heard.append((self.path, self.headers["Authorization"]))
                self.send_response(200)
                self.send_header("Content-Length", str(len(document)))
                self.end_headers()
                self.wfile.write(document)

            def log_message(self, *_):
                pass

        folder = os.path.dirname(self.sim.ca)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "ecdsa-leaf-chain.pem"), os.path.join(folder, "ecdsa-leaf.key"))
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        full = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"https://localhost:{server.server_port}/a/b?c=d", **NO_KEYS,
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x"}
        self.assertEqual(self.identity(HTTPS_PROXY="http://127.0.0.1:1", NO_PROXY=f"localhost:{self.sim.port}", **full), USER)
        self.assertEqual(heard, [("/a/b?c=d", "Bearer x")])
        self.refused(255, RETRIEVING + "container-role: SSL validation failed for https://localhost:",
                     AWS_CA_BUNDLE="/etc/ssl/certs/ca-certificates.crt", **full)
        self.assertEqual(len(heard), 1)

    def test_documents(self):
        url = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.sim.container["url"] + "/task", **NO_KEYS}
        good = {"AccessKeyId": "A" * 20, "SecretAccessKey": "s", "Token": "t", "Expiration": "2049-01-01T00:00:00Z"}
        for body, also in ((json.dumps({**good, "Token": 5}), "Token"),
                           (json.dumps({**good, "Expiration": "soon"}), "Expiration"),
                           (json.dumps({k: v for k, v in good.items() if k != "SecretAccessKey"}), "SecretAccessKey"),
                           (json.dumps(good)[:-1] + ', "Token": "u"}', "Token"), (json.dumps(good)[:-9], "Expiration"),
                           ("[]", ""), ("", ""), ("<html>", ""), (json.dumps({**good, "AccessKeyId": "a\nb"}), "AccessKeyId")):
            self.sim.scenario([{"when": {"server": "container"}, "do": {"body": body}}])
            self.sim.clear()
            run = self.run_(*ENTITIES, **url)
            self.assertError(run, 255, RETRIEVING + "container-role: ")
            self.assertIn(also.encode(), run.err, body)
            self.assertEqual(self.sim.requests("iam"), [])
        for status in (500, 429):
            self.sim.scenario([{"when": {"server": "container"}, "times": 2, "do": {"status": status}}])
            self.identity(**url)
            self.assertEqual(len(self.sim.requests("container")), 3)
            self.sim.scenario([{"when": {"server": "container"}, "do": {"status": status}}])
            self.refused(255, RETRIEVING + "container-role: ", called=["container"] * 3, **url)
        for more in ({"Token": None}, {"Token": ""}, {"Token": None, **{f"m{i}": [None, {"a": {}}] for i in range(200)}}):
            body = {**good, "AccessKeyId": cli.ACCESS_KEY, "SecretAccessKey": cli.SECRET_KEY, **more}
            self.sim.scenario([{"when": {"server": "container"}, "do": {"body": json.dumps(body)}}])
            self.assertEqual(self.identity(**url), USER)
            self.assertNotIn("x-amz-security-token", self.sim.requests("iam")[0]["headers"])


class Instance(Sources):
    def instance(self, **extra):
        return {**NO_KEYS, "AWS_EC2_METADATA_DISABLED": None, "AWS_METADATA_SERVICE_TIMEOUT": "300",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.sim.imds["url"], **extra}

    def fault(self, operation, do, times=None):
        rule = {"when": {"server": "imds", "operation": operation}, "do": do}
        self.sim.scenario([{**rule, "times": times} if times else rule])

    def test_keys(self):
        found = f"arn:aws:sts::123456789012:assumed-role/{sources.ROLE}/i-0123456789abcdef0"
        self.assertEqual(self.identity(**self.instance()), found)
        self.assertEqual([(e["method"], e["operation"]) for e in self.sim.requests("imds")],
                         [("PUT", "token"), ("GET", "role"), ("GET", "credentials")])
        self.profiles(p=role(credential_source="Ec2InstanceMetadata"),
                      q=f"ec2_metadata_service_endpoint = {self.sim.imds['url']}/\n")
        self.assertEqual(self.identity("--profile", "p", **self.instance()), READER + "me")
        self.assertEqual(self.identity("--profile", "q", **self.instance(AWS_EC2_METADATA_SERVICE_ENDPOINT=None)), found)
        self.assertEqual(self.identity(**self.instance(AWS_EC2_METADATA_DISABLED="false")), found)
        self.refused(253, "An error occurred (NoCredentials): Unable to locate credentials.",
                     **self.instance(AWS_EC2_METADATA_DISABLED="TRUE"), also="AWS_EC2_METADATA_DISABLED")
        self.refused(255, RETRIEVING + "Ec2InstanceMetadata: No credentials found in credential_source referenced in "
                     "profile p", "--profile", "p", **self.instance(AWS_EC2_METADATA_DISABLED="true"))

    def test_no_version_1(self):
        """A token is refused: that is the end, unless version 1 is asked for."""
        for status in (403, 401):
            self.fault("token", {"status": status, "body": "no"})
            run = self.refused(253, self.NO_KEYS, also=f"answers {status}", called=["imds"], **self.instance())
            self.assertNotIn(b"AWS_CONTAINER", run.err)     # a hint for container endpoints only
            for word in (b"it is off", b"hop limit", b"AWS_EC2_METADATA_V1_DISABLED=false"):
                self.assertIn(word, run.err)
        self.fault("token", {"status": 403, "body": "no"})
        self.refused(253, self.NO_KEYS, also="answers 401", called=["imds"] * 2,
                     **self.instance(AWS_EC2_METADATA_V1_DISABLED="false"))
        self.profiles(p=role(credential_source="Ec2InstanceMetadata"))
        self.refused(255, RETRIEVING + "Ec2InstanceMetadata: No credentials found in credential_source referenced in "
                     "profile p", "--profile", "p", also="answers 403", called=["imds"], **self.instance())

    NO_KEYS = "An error occurred (NoCredentials): Unable to locate credentials. You can configure credentials by running \"aws login\"."

    def test_no_role(self):
        """The commonest mistake: no instance profile."""
        for do in ({"status": 404}, {"body": ""}):
            self.fault("role", do)
            self.refused(253, self.NO_KEYS, also="The instance has no role", called=["imds"] * 2, **self.instance())
            run = self.run_("configure", "list", **self.instance())
            self.assertCode(run, 0)

    def test_region(self):
        """Where none is set the instance's counts: in China the endpoint is another one."""
        none = {"AWS_DEFAULT_REGION": None, "AWS_REGION": None}
        self.assertTrue(self.identity(**self.instance(**none)))
        self.assertIn("/us-east-1/iam/", self.sim.requests("iam")[0]["headers"]["authorization"])
        asked = sorted(self.sim.requests("imds"), key=lambda e: e["request"])
        self.assertEqual([e["operation"] for e in asked], ["token", "zone", "token", "role", "credentials"])
        self.fault("zone", {"body": "cn-north-1b"})
        run = self.run_(*ENTITIES, "--debug", "--max-attempts", "1", **self.instance(
            **none, AWS_ENDPOINT_URL_IAM=None, HTTPS_PROXY="http://127.0.0.1:1"))
        self.assertIn(b"iam.cn-north-1.amazonaws.com.cn", run.err)
        self.assertIn(b"region cn-north-1 (EC2 instance metadata)", run.err)
        self.profiles(p=role(credential_source="Ec2InstanceMetadata"), q="region = eu-west-1\n")
        self.assertIn(b"region cn-north-1 (EC2 instance metadata)", self.run_(
            *ENTITIES, "--profile", "p", "--debug", **self.instance(**none)).err)
        self.sim.clear()
        self.assertIn(b"region eu-west-1 (profile)", self.run_(*ENTITIES, "--profile", "q", "--debug", **self.instance(**none)).err)
        for do in ({"status": 404}, {"body": ""}, {"body": "a b"}, {"body": "x" * 100}, {"body": "eu\nx"}):
            self.fault("zone", do)
            self.assertError(self.run_(*ENTITIES, **self.instance(**none)), 253, "An error occurred (NoRegion)")
        self.sim.clear()
        self.assertError(self.run_(*ENTITIES, **none), 253, "An error occurred (NoRegion)")     # keys of variables
        self.assertEqual(self.sim.requests(), [])

    def test_documents(self):
        """Without Code, with null, with members that nobody reads, as the AWS CLI takes them."""
        good = {"AccessKeyId": cli.ACCESS_KEY, "SecretAccessKey": cli.SECRET_KEY, "Token": None, "Expiration": "2049-01-01T00:00:00Z"}
        for more in ({}, {"Code": None}, {"Code": "Success", "Type": None, "LastUpdated": 5}, {"Token": ""},
                     {f"m{i}": [None, {"a": {}}] for i in range(200)}):
            self.fault("credentials", {"body": json.dumps({**good, **more})})
            self.assertEqual(self.identity(**self.instance()), USER, more)

    def test_nobody_there(self):
        self.refused(253, "An error occurred (NoCredentials): Unable to locate credentials. You can configure "
                     "credentials by running \"aws login\". (No EC2 instance metadata at 127.0.0.1:1",
                     **self.instance(AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1"))
        self.fault("token", {"stall": {"part": "head", "seconds": 3000}})
        run = self.run_(*ENTITIES, **self.instance(AWS_METADATA_SERVICE_TIMEOUT=None))
        self.assertError(run, 253, "An error occurred (NoCredentials): ")
        self.assertIn(b"no reply in time", run.err)

    def test_faults(self):
        for operation, do, also in (("role", {"body": "a\nb"}, "role"), ("role", {"status": 500}, "500"),
                                    ("token", {"body": "a b"}, "token"),
                                    ("credentials", {"members": {"Code": "AssumeRoleUnauthorizedAccess",
                                                                 "Message": "EC2 cannot assume the role"}},
                                     "AssumeRoleUnauthorizedAccess: EC2 cannot assume the role"),
                                    ("credentials", {"members": {"Token": None}}, "Token"),
                                    ("credentials", {"body": "{"}, "JSON")):
            self.fault(operation, do)
            run = self.run_(*ENTITIES, **self.instance())
            self.assertError(run, 255, RETRIEVING + "iam-role: ")
            self.assertIn(also.lower().encode(), run.err.lower(), do)
        self.assertEqual(self.sim.requests("iam"), [])
        self.fault("credentials", {"forget_token": True})
        self.assertError(self.run_(*ENTITIES, **self.instance()), 253, self.NO_KEYS)

    def test_endpoints(self):
        for url in ("https://127.0.0.1", "127.0.0.1", "http://127.0.0.1/path"):
            self.refused(255, f"Invalid endpoint EC2 Instance Metadata endpoint: {url}",
                         **self.instance(AWS_EC2_METADATA_SERVICE_ENDPOINT=url))
        self.refused(255, 'Unknown value "ipv5"', **self.instance(AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="ipv5"))
        self.refused(255, "invalid literal for int() with base 10: 'x'", **self.instance(AWS_METADATA_SERVICE_TIMEOUT="x"))


class Iot(Sources):
    def options_(self, bad=None, **other):
        pair = self.sim.iot[bad] if bad else self.sim.iot
        values = {"endpoint": f"localhost:{self.sim.iot['port']}", "role-alias": "sim-alias", "cert": pair["cert"],
                  "key": pair["key"], **other}
        return [word for k, v in values.items() if v is not None for word in (f"--iot-{k}", v)]

    def test_keys(self):
        device = "arn:aws:sts::123456789012:assumed-role/sim-device-role/device-1"
        self.assertEqual(self.identity(*self.options_(), **NO_KEYS), device)
        self.assertEqual(self.sim.requests("iot")[0]["path"], "/role-aliases/sim-alias/credentials")
        self.assertEqual(self.identity(*self.options_(**{"thing-name": "sensor-7"})), device)   # before the variables
        entry = self.sim.requests("iot")[0]
        self.assertEqual((entry["sni"], entry["headers"]["x-amzn-iot-thingname"]), ("localhost", "sensor-7"))

    def test_refused(self):
        iot = RETRIEVING + "iot: "
        self.refused(255, iot + "Invalid thing name passed", *self.options_(**{"thing-name": "sensor-9"}), called=["iot"])
        self.refused(255, iot + "Role alias does not exist", *self.options_(**{"role-alias": "none"}), called=["iot"])
        for bad in ("other-ca", "expired"):
            run = self.refused(255, iot, *self.options_(bad), also="certificate")
            self.assertIn(b"active", run.err)

    def test_command_line(self):
        missing = "An error occurred (ParamValidation): the following arguments are required: --iot-"
        for name in ("role-alias", "cert", "key"):
            self.refused(252, missing + name, *self.options_(**{name: None}))
        for endpoint in ("https://localhost", "localhost/path", "a b", ""):
            self.refused(252, "An error occurred (ParamValidation): argument --iot-endpoint: ",
                         *self.options_(endpoint=endpoint))
        self.refused(252, RETRIEVING + "iot: the value of --iot-role-alias is not usable", *self.options_(**{"role-alias": "a b"}))
        for name in ("cert", "key"):
            self.refused(255, "Could not find the device's ", *self.options_(**{name: self.absent}), also="--iot-" + name)
            path = self.write("junk", "junk")
            self.refused(255, path, *self.options_(**{name: path}), also="in PEM")
        self.refused(255, "The key in ", *self.options_(key=self.sim.iot["expired"]["key"]), also="is not the one of")

    def test_documents(self):
        for body, also in (('{"credentials": {}}', "accessKeyId"), ("{}", "credentials"), ('{"credentials": []}', "credentials")):
            self.sim.scenario([{"when": {"server": "iot"}, "do": {"body": body}}])
            run = self.run_(*ENTITIES, *self.options_())
            self.assertError(run, 255, RETRIEVING + "iot: ")
            self.assertIn(also.encode(), run.err)


class Process(Sources):
    GOOD = {"Version": 1, "AccessKeyId": cli.ACCESS_KEY, "SecretAccessKey": cli.SECRET_KEY}

    def process(self, text, name="get"):
        """A profile p whose process is this script of a shell."""
        path = self.write(name, "#!/bin/sh\n" + text)
        os.chmod(path, stat.S_IRWXU)
        self.profiles(p=f"credential_process = '{path}' 'an argument'")
        return path

    def prints(self, document):
        text = document if isinstance(document, str) else json.dumps(document)
        self.write("document", text)
        self.process(f"cat '{self.home}/document'\n")

    def test_who_waits_is_told(self):
        """On a terminal, after three seconds and once; not in a script, and not where progress is not wanted."""
        self.write("document", json.dumps(self.GOOD))
        self.process(f"until [ -e '{self.home}/told' ]; do sleep 0.1; done; sleep 0.5\ncat '{self.home}/document'\n")
        code, shown, _ = self.terminal(*ENTITIES, "--profile", "p", "--output", "off", columns=250, on=(
            (rb"tinyiam: Waiting for credential_process of profile p in [^\r]* since \d\d:\d\d:\d\d\r\n", lambda: self.write("told", "")),))
        self.assertEqual(code, 0, shown)
        self.assertEqual(shown.count(b"Waiting"), 1)
        self.process(f"sleep 3.5\ncat '{self.home}/document'\n")
        self.assertEqual(self.terminal(*ENTITIES, "--profile", "p", "--output", "off", "--no-progress")[:2], (0, b""))

    def test_good(self):
        self.prints(self.GOOD)
        self.assertEqual(self.identity("--profile", "p"), USER)
        self.prints({**self.GOOD, "SessionToken": "a+b/==", "Expiration": "2049-01-01T00:00:00Z", "AccountId": "1",
                     "Other": "x"})
        self.assertEqual(self.identity("--profile", "p"), USER)
        self.assertEqual(self.sim.requests("iam")[0]["headers"]["x-amz-security-token"], "(6 characters)")
        self.process(f'[ "$1" = "an argument" ] && cat "{self.home}/document"\n', name="with blank")
        self.assertEqual(self.identity("--profile", "p"), USER)
        self.write("config", "[profile a]\n" + role(source_profile="p") + f"[profile p]\ncredential_process = "
                   f"/bin/cat {self.home}/document\n")
        self.write("document", json.dumps(self.GOOD))
        self.assertEqual(self.identity("--profile", "a"), READER + "me")

    def test_documents(self):
        without = {k: v for k, v in self.GOOD.items() if k != "SecretAccessKey"}
        for document, also in ((without, "Missing required key in response: 'SecretAccessKey'"),
                               ({**self.GOOD, "Version": 2}, "Unsupported version '2' for credential process provider, supported versions: 1"),
                               ({**without, "Version": 2}, "Unsupported version '2'"), ({**self.GOOD, "Version": "1"}, "Unsupported version '1'"),
                               ({k: v for k, v in self.GOOD.items() if k != "Version"}, "Unsupported version '<Version key not provided>'"),
                               ("Please log in first: hunter22 " + cli.SECRET_KEY + "\n", "which begin with: Please log in first: (hidden) (hidden)"),
                               ({**self.GOOD, "AccessKeyId": None}, "AccessKeyId"),
                               ({**self.GOOD, "Expiration": "x"}, "Expiration"), ("", ""), ("text", ""), ("[1]", ""),
                               ({**self.GOOD, "Expiration": "2001-01-01T00:00:00Z"}, "expired at 2001-01-01T00:00:00Z: log in again"),
                               (json.dumps(self.GOOD) + "x", ""), (json.dumps(self.GOOD)[:-1] + ', "Version": 1}', "Version")):
            self.prints(document)
            run = self.refused(255, RETRIEVING + "custom-process: ", "--profile", "p", also=also)
            self.assertNotIn(cli.SECRET_KEY.encode(), run.err)
            self.assertIn(f"credential_process of profile p in {self.config} line 2, command {self.home}/get)".encode(), run.err)

    def test_null(self):
        """As absent."""
        for nulls in (["SessionToken"], ["Expiration"], ["SessionToken", "Expiration", "AccountId", "Other"]):
            self.prints({**self.GOOD, "SessionToken": "a-token", "Expiration": "2049-01-01T00:00:00Z", **dict.fromkeys(nulls)})
            self.assertEqual(self.identity("--profile", "p"), USER)
            self.assertEqual("x-amz-security-token" in self.sim.requests("iam")[0]["headers"], "SessionToken" not in nulls)
        self.prints({**self.GOOD, **{f"m{i}": {"a": [i]} for i in range(300)}})
        self.assertEqual(self.identity("--profile", "p"), USER)

    def test_shells(self):
        """What only a shell would understand."""
        self.prints("no document")
        hint = "run without a shell"
        for line in ("get | cat", "get > x", "get && x", "get; x", "$(echo x)", "~/get"):
            path = os.path.join(self.home, "get")
            self.profiles(p="credential_process = " + line.replace("get", path, 1) if line[0] not in "$~" else "credential_process = " + line)
            self.refused(255, "", "--profile", "p", also=hint)
        for line in (f"sh -c '{path} | cat'", path, f"{path} 'a | b'"):
            self.profiles(p="credential_process = " + line)
            run = self.refused(255, "", "--profile", "p")
            self.assertNotIn(hint.encode(), run.err, line)

    def test_started_by_one_who_ignores_children(self):
        """Then nobody hears how a child has ended, unless the command listens again."""
        for text, code in ((f"cat '{self.home}/document'\n", 0), ("echo no >&2; exit 3\n", 255)):
            self.write("document", json.dumps(self.GOOD))
            self.process(text)
            run = cli.Run(subprocess.run([self.binary, *ENTITIES, "--profile", "p", "--deadline", "60"], env=self.env(),
                                         capture_output=True, check=False, cwd=self.home, timeout=300,
                                         preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)))
            self.assertCode(run, code)
            self.assertNotIn(b"did not end", run.err)

    def test_failures(self):
        self.process("echo 'not logged in' >&2\nexit 3\n")
        self.refused(255, RETRIEVING + "custom-process: not logged in (credential_process of profile p in "
                     f"{self.config} line 2, exit code 3)", "--profile", "p")
        self.process("kill -9 $$\n")
        self.refused(255, RETRIEVING + "custom-process: ", "--profile", "p", also="signal 9")
        self.process("printf 'a\\033[31mb\\nc\\n' >&2\nexit 1\n")
        self.refused(255, RETRIEVING + "custom-process: a\\x1b[31mb\\nc (", "--profile", "p")
        self.process("head -c 100000 /dev/zero\n")
        self.refused(255, RETRIEVING + "custom-process: it printed more than 65536 bytes", "--profile", "p")
        self.process("head -c 300000 /dev/zero >&2\nexit 1\n")
        self.refused(255, RETRIEVING + "custom-process: ", "--profile", "p", also="exit code 1")
        self.process("exec sleep 60\n")
        self.refused(255, RETRIEVING + "custom-process: it did not end within 0.3 s", "--profile", "p",
                     "--deadline", "0.3")
        self.process("exec >&- 2>&-; exec sleep 60\n")
        self.refused(255, RETRIEVING + "custom-process: it did not end within 0.3 s", "--profile", "p",
                     "--deadline", "0.3")
        for line, words in ((self.absent, f"[Errno 2] No such file or directory: '{self.absent}'"),
                            (self.home, "[Errno 13] Permission denied: '"), ("'open", "credential_process of profile p"),
                            ("x\\", "credential_process of profile p"), ("$(echo x)", "[Errno 2] No such file or directory: '$(echo'")):
            self.profiles(p=f"credential_process = {line}")
            self.refused(255, words, "--profile", "p", also=f"{self.config} line 2")
        self.process("exec sleep 60\n")
        self.refused(255, RETRIEVING + "custom-process: it did not end within 0.2 s", "--profile", "p", "--deadline", "0.2")


class OneRun(Process):
    """One run of the helper for one of the command, in a process group that ends as a whole."""

    options = ("--sources", "--entities", "900")
    test_good = test_documents = test_failures = test_started_by_one_who_ignores_children = None

    def helper(self, text):
        """It writes a line for each run, and the process ids of what it has started, which are returned later."""
        self.log = self.write("log", "")
        self.process(f"echo run $$ >> '{self.log}'\n{text}")

    def logged(self, word="run"):
        with open(self.log, encoding="ascii") as f:
            return [int(line.split()[1]) for line in f if line.startswith(word)]

    def gone(self, pids):
        """None of them is there, not even as a zombie of ours (init reaps what has lost its parent)."""
        end = time.monotonic() + 300
        for pid in pids:
            while True:
                try:
                    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                        state = f.read().rsplit(")", 1)[1].split()[0]
                except (FileNotFoundError, ProcessLookupError):
                    break
                if state == "Z":
                    break
                self.assertLess(time.monotonic(), end, pid)
                time.sleep(0.02)

    # goes on when the three of them have said who they are
    HANG = ("sleep 600 & echo child $! >> '{log}'\n(sleep 600 & echo child $! >> '{log}'; wait) & echo child $! >> '{log}'\n"
            "until [ \"$(grep -c child '{log}')\" -ge 3 ]; do sleep 0.01; done\n")

    def hang(self, before="", after="wait\n"):
        self.helper(before + self.HANG.format(log=os.path.join(self.home, "log")) + after)

    def test_slow_failures(self):
        """Longer than every pause before a next attempt."""
        for text, words, commands in (
                ("sleep 2.5; echo locked >&2; exit 1\n", b"locked", (ENTITIES, ONE, ("configure", "list"))),
                ("sleep 2.5; echo '{}'\n", b"Version", (ONE,)), ("sleep 2.5; kill -9 $$\n", b"signal 9", (ENTITIES,))):
            for command in commands:
                self.helper(text)
                run = self.run_(*command, "--profile", "p")
                self.assertCode(run, 255)
                self.assertEqual(len(self.logged()), 1, run)
                self.assertEqual(run.err.count(cli.ERROR), 1, run)
                self.assertEqual(run.err.count(words), 1, run)

    def test_slow_failure_behind_a_role(self):
        self.helper("sleep 2.5; echo locked >&2; exit 1\n")
        self.write("config", "[profile a]\n" + role(source_profile="p") +
                   f"[profile p]\ncredential_process = '{self.home}/get'\n")
        run = self.run_(*ONE, "--profile", "a")
        self.assertError(run, 255, RETRIEVING + "custom-process: locked")
        self.assertEqual(len(self.logged()), 1)

    def test_failure_while_old_keys_last(self):
        """They are due to be renewed: said once, not tried again, and used to their end."""
        self.sim.scenario({"delay": 0.2})      # a request follows the other, for longer than the keys last
        for before in (3, 0.2, -2):     # it fails so many seconds before the keys end, or behind that
            def go(life, before=before):
                end = int(time.time()) + life
                until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
                self.write("document", json.dumps({**self.GOOD, "SessionToken": "t", "Expiration": until}))
                self.write("wait.py", f"import time\ntime.sleep(max(0, {end - before} - time.time()))\n")
                self.helper(f"if [ -e '{self.home}/once' ]; then {sys.executable} '{self.home}/wait.py'; echo locked >&2; exit 1; fi\n"
                            f"touch '{self.home}/once'; cat '{self.home}/document'\n")
                return self.run_(*ENTITIES, "--all", "--max-items", "5", "--profile", "p")

            run = self.enough(go, lambda _: os.path.exists(os.path.join(self.home, "once")) and len(self.logged()) > 1, 8)
            self.assertCode(run, 255)
            self.assertEqual(len(self.logged()), 2, run)
            self.assertEqual(run.err.count(b"locked"), 1, run)
            self.assertEqual(run.err.count(cli.ERROR), 1, run)
            os.remove(os.path.join(self.home, "once"))

    def test_time_limit_of_its_own(self):
        self.write("document", json.dumps(self.GOOD))
        def go(seconds):
            self.helper(f"sleep {3 * seconds}; cat '{self.home}/document'\n")
            return self.run_(*ENTITIES, "--profile", "p", "--cli-read-timeout", f"{seconds:g}")

        self.assertCode(self.enough(go, lambda run: b"timeout on endpoint URL" not in run.err, 0.5), 0)
        self.assertEqual(len(self.logged()), 1)

    def test_hangs(self):
        """All of it ends: one that asks nothing, ignores being asked to end, has closed everything, or prints without end."""
        late = "it did not end within "
        for before, after, words in (
                ("", "wait\n", late),
                ("trap '' TERM HUP INT\n", "wait; sleep 600\n", late),
                ("exec >&- 2>&-\n", "wait\n", late),
                ("", "kill -STOP $$; wait\n", late),
                ("", "echo '{\"Version\": 1}'; wait\n", late),
                ("", "exit 0\n", late),       # its stdout is still open elsewhere
                ("", "while :; do echo words >&2; done\n", late),
                ("", "trap '' PIPE; while :; do echo words; done\n", "it printed more than 65536 bytes"),
                ("", "echo bad >&2; exit 3\n", "bad (")):
            def go(seconds, before=before, after=after, words=words):
                self.hang(before, after)
                limit = ("--deadline", f"{seconds:g}") if words == late else ()
                words += f"{seconds:g} s (" if limit else ""
                run = self.run_(*ENTITIES, "--profile", "p", *limit)
                if len(self.logged("child")) == 3 or not limit:
                    self.assertError(run, 255, RETRIEVING + "custom-process: " + words)
                self.gone(self.logged() + self.logged("child"))
                return run

            self.enough(go, lambda _: len(self.logged("child")) == 3, 0.5)
            self.assertEqual(len(self.logged()), 1)

    def test_signals(self):
        for command in (ENTITIES, ONE, ("configure", "list")):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                self.hang()
                process = subprocess.Popen([self.binary, *command, "--profile", "p"], env=self.env(), cwd=self.home,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
                end = time.monotonic() + 300
                while len(self.logged("child")) < 3:
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.01)
                self.assertNotEqual(os.getpgid(self.logged()[0]), os.getpgid(process.pid))
                self.assertEqual(os.getpgid(self.logged()[0]), self.logged()[0])
                process.send_signal(number)
                _, err = process.communicate(timeout=300)
                self.assertEqual(process.returncode, 128 + number, err)
                self.assertNotIn(b"ERROR", err)
                self.gone(self.logged() + self.logged("child"))

    def test_what_a_good_one_leaves_behind(self):
        """An agent that it has started: nobody waits for it, nobody ends it."""
        self.write("document", json.dumps(self.GOOD))
        self.helper(f"sleep 600 > /dev/null & echo child $! >> '{self.home}/log'; cat '{self.home}/document'\n")
        self.assertEqual(self.identity("--profile", "p"), USER)
        agent = self.logged("child")[0]
        os.kill(agent, signal.SIGKILL)

    def test_descriptors(self):
        """The helper gets its three, whatever the command has open, and the spool's, too."""
        document = json.dumps({**self.GOOD, "SessionToken": "t", "Expiration": "WHEN"})
        self.write("list.py", "import os, time\n"
                   "fds = [n for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n)]\n"
                   f"open('{self.home}/fds', 'a').write(' '.join(sorted(fds)) + chr(10))\n"
                   f"when = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + float(open('{self.home}/life').read())))\n"
                   f"print('{document}'.replace('WHEN', when))\n")
        self.process(f"exec {sys.executable} '{self.home}/list.py'\n")
        # a page that breaks off when most of it waits in a file; for the rest the keys have to be renewed
        def go(life):
            self.write("life", str(life))
            self.write("fds", "")
            self.sim.scenario([{"when": {"server": "iam"}, "times": 1, "do": {
                "stall": {"part": "head", "seconds": life + 0.5}, "cut": {"after": 200000}}}])
            run = self.run_(*ENTITIES, "--max-items", "900", "--output", "text", "--profile", "p")
            self.sim.clear()
            return run

        run = self.enough(go, lambda run: run.code == 0, 3)     # or its keys ended before they were used
        self.assertEqual(run.err, b"")
        with open(os.path.join(self.home, "fds"), encoding="ascii") as f:
            seen = f.read().splitlines()
        self.assertGreater(len(seen), 1)
        self.assertEqual(set(seen), {"0 1 2"})

    def asker(self, rest=""):
        """Asks for a password on the terminal, as Python's getpass does."""
        self.write("document", json.dumps(self.GOOD))
        self.write("ask.py", "import getpass\nif getpass.getpass('Password for the helper: ') == 'open':\n"
                   f"    print(open('{self.home}/document').read())\n")
        self.helper(f"{rest}exec {sys.executable} '{self.home}/ask.py'\n")

    def test_terminal(self):
        """A helper that asks gets the terminal, although its group is not the foreground's."""
        for pause in (None, signal.SIGTSTP):
            self.asker()
            terminal = Terminal(self, "--profile", "p")
            terminal.until(b"Password for the helper: ")
            terminal.until(lambda: not terminal.echoes())
            if pause:
                terminal.type(b"\x1a")                                  # Ctrl-Z
                terminal.until(b"<stopped>")
                self.assertTrue(terminal.echoes())
                terminal.foreground()
                terminal.until(lambda: not terminal.echoes())
            terminal.type(b"open\n")
            self.assertEqual(terminal.end(), 0, terminal.seen)
            self.assertTrue(terminal.echoes())
            self.assertEqual(len(self.logged()), 1)

    def test_terminal_and_ends(self):
        """Ctrl-C there, a signal to the command, the end of its time: the terminal is as it was."""
        question = b"Password for the helper: "
        for how, code in ((b"\x03", 130), (signal.SIGTERM, 143), (signal.SIGINT, 130)):
            self.asker()
            terminal = Terminal(self, "--profile", "p")
            terminal.until(question)
            terminal.until(lambda terminal=terminal: not terminal.echoes())
            terminal.type(how) if isinstance(how, bytes) else terminal.kill(how)
            self.assertEqual(terminal.end(), code, terminal.seen)
            self.assertTrue(terminal.echoes(), how)
            self.gone(self.logged())

        def go(seconds):
            self.asker()
            terminal = Terminal(self, "--profile", "p", "--deadline", f"{seconds:g}")
            self.assertEqual(terminal.end(), 255, terminal.seen)
            self.assertTrue(terminal.echoes())
            self.gone(self.logged())
            return terminal

        self.enough(go, lambda terminal: question in terminal.seen, 0.7)

    def test_ctrl_c_without_a_question(self):
        self.hang()
        terminal = Terminal(self, "--profile", "p")
        terminal.until(lambda: len(self.logged("child")) == 3)
        terminal.type(b"\x03")
        self.assertEqual(terminal.end(), 130, terminal.seen)
        self.gone(self.logged() + self.logged("child"))


class Sessions(Sources):
    """A report belongs to the session that generated it."""

    def test_entities_generates_once_more(self):
        self.profiles(p=role(credential_source="Environment"))
        self.addCleanup(self.sim.call, "PUT", "/jobs", {"seconds": 0})

        def go(life):
            self.sim.call("PUT", "/jobs", {"seconds": life + 1})
            self.sim.scenario([{"when": {"server": "sts"}, "times": 1, "do": {"expires_in": life}}])
            self.sim.clear()
            run = self.run_(*ONE, "--profile", "p")
            self.assertCode(run, 0)
            return run

        run = self.enough(go, lambda run: b"generating it once more" in run.err, 3)
        self.assertEqual(len(json.loads(run.out)["EntityDetailsList"]), 3)      # one document, one list
        generated = [e for e in self.sim.requests("iam") if e["operation"].startswith("Generate")]
        self.assertEqual(len({e["access_key"] for e in generated}), 2, generated)
        self.assertEqual(len(generated), 2)

    def test_only_once(self):
        self.profiles(p=role(credential_source="Environment"))
        self.sim.call("PUT", "/jobs", {"polls": 100})
        self.addCleanup(self.sim.call, "PUT", "/jobs", {"polls": 0})

        def go(life):
            self.sim.scenario([{"when": {"server": "sts"}, "do": {"expires_in": life}}])
            return self.run_(*ONE, "--profile", "p")

        run = self.enough(go, lambda run: self.sim.requests("iam"), 2)      # or they end before a request does
        self.assertCode(run, 255)
        self.assertIn(b"credentials changed while a job was open", run.err)

    def test_somebody_elses_report(self):
        """Where no session is kept: it ends too soon for that."""
        self.profiles(p=role(credential_source="Environment"))
        self.sim.scenario([{"when": {"server": "sts"}, "do": {"expires_in": 600}}])
        run = self.run_(cli.GENERATE, "--arn", ARN, "--profile", "p")
        job = json.loads(run.out)["JobId"]
        run = self.run_(cli.PAGE, "--job-id", job, "--service-namespace", "iam", "--profile", "p")
        self.assertError(run, 254, "An error occurred (NoSuchEntity) ")
        self.assertIn(b"for the session that generated it only", run.err)
        self.assertIn(b"entities generates and lists in one run", run.err)


class NothingLeaks(Sources):
    """--debug shows the way, and no secret of any source."""

    options = ("--sources", "--entities", "3", "--proxy-login", "user:pass-word-1")

    def check(self, *args, hidden=(), **extra):
        run = self.run_(*ONE, "--debug", *args, **extra)
        self.assertCode(run, 0)
        words = [cli.SECRET_KEY, *hidden]
        for session in self.sim.sessions():
            words += [session["secret"], session["token"]]
        self.unseen(words, run)
        return run.err.decode()

    def unseen(self, secrets, run):
        """Nor any 8 characters of it in a row."""
        text = (run.out + run.err).replace(b", Signature= (hidden)", b"")
        for secret in secrets:
            for at in range(max(len(secret) - 7, 1)):
                self.assertNotIn(secret[at:at + 8].encode(), text, secret)

    def test_every_source(self):
        self.profiles(p=role(credential_source="Environment"), q=role(source_profile="p"),
                      r=f"credential_process = /bin/cat {self.home}/document")
        self.write("document", json.dumps({**Process.GOOD, "SessionToken": "process-token-1"}))
        token = self.write("token", sts.web_token())
        self.assertIn("> POST / HTTP/1.1", self.check("--profile", "q"))
        self.check("--profile", "r", hidden=["process-token-1"])
        self.check(AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN=ROLE, hidden=[sts.web_token()], **NO_KEYS)
        text = self.check(AWS_CONTAINER_CREDENTIALS_FULL_URI=self.sim.container["url"] + "/pod", **NO_KEYS,
                          AWS_CONTAINER_AUTHORIZATION_TOKEN=sources.CONTAINER_TOKEN, hidden=[sources.CONTAINER_TOKEN.replace("container", "")])
        self.assertIn("> GET /pod HTTP/1.1", text)
        text = self.check(**{**NO_KEYS, "AWS_EC2_METADATA_DISABLED": None}, hidden=["AQAEA"],
                          AWS_EC2_METADATA_SERVICE_ENDPOINT=self.sim.imds["url"])
        self.assertIn("x-aws-ec2-metadata-token: (hidden)", text.replace("token:(", "token: ("))
        text = self.check(*Iot.options_(self), HTTPS_PROXY=self.sim.proxy["url"].replace("//", "//user:pass-word-1@"),
                          hidden=["pass-word-1", "dXNlcjpwYXNzLXdvcmQtMQ"])
        self.assertIn("(HTTPS_PROXY)", text)
        self.assertEqual(len(self.sim.requests("proxy")), 2)

    SECRET, TOKEN = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2VjEXAMPLEToken=="

    def odd(self):
        """What a source may answer that is no proper reply, or one with more in it than there should be."""
        document = json.dumps({"AccessKeyId": "A" * 20, "SecretAccessKey": self.SECRET, "Token": self.TOKEN}, indent=1)
        head = "HTTP/1.1 200 OK\r\n"
        yield from (document, document.replace("\n", "\r\n") + "\r\n\r\n", document.replace(" ", "") + "\n")
        yield f"SecretAccessKey: {self.SECRET}\r\nToken: {self.TOKEN}\r\n\r\n"
        yield f"HTTP/1.1 200 {self.SECRET}\r\n\r\n"
        yield f"HTTP/1.1 {self.SECRET}\r\n\r\n"
        yield f"{head}{document}\n\r\n\r\n"
        yield f"{head}{self.SECRET}: {self.TOKEN}\r\n\r\n"
        yield f"{head}X-Amz-Security-Token: {self.TOKEN}\r\nX-Secret: {self.SECRET}\r\nSet-Cookie: {self.TOKEN}\r\n\r\n"
        yield f"{head}Date: x\r\n {self.SECRET}\r\n\r\n"
        yield f"{head}Content-Length: {len(document)}\r\n\r\n{document}"[:-1]

    def raw(self, answer, piece):
        """A server that answers this in pieces, whatever is asked; its address."""
        server = socket.create_server(("127.0.0.1", 0))

        def serve():
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    peer.recv(65536)
                    try:
                        for at in range(0, len(answer), piece):
                            peer.sendall(answer[at:at + piece])
                    except OSError:
                        pass

        threading.Thread(target=serve, daemon=True).start()
        self.addCleanup(server.close)
        self.addCleanup(server.shutdown, socket.SHUT_RDWR)
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    def test_odd_replies(self):
        self.profiles(p=role(source_profile="q"), q=STATIC)
        bearer = f"Bearer {self.TOKEN}Signature=abcdefghijklmnop"
        web = self.write("token", sts.web_token())
        for answer in self.odd():
            for piece in (1, 7, 4096):
                url = self.raw(answer.encode(), piece)
                for source in ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/pod?token=query-secret-1",
                                "AWS_CONTAINER_AUTHORIZATION_TOKEN": bearer, **NO_KEYS},
                               {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_EC2_METADATA_DISABLED": None, **NO_KEYS},
                               {"AWS_ENDPOINT_URL_STS": url, "AWS_PROFILE": "p", **NO_KEYS},
                               {"AWS_ENDPOINT_URL_STS": url, "AWS_WEB_IDENTITY_TOKEN_FILE": web, "AWS_ROLE_ARN": ROLE,
                                **NO_KEYS}):
                    run = self.run_(*ENTITIES, "--debug", "--max-attempts", "1", **source)
                    self.assertNotEqual(run.code, 0, run)
                    self.unseen([self.SECRET, self.TOKEN, bearer, sts.web_token(), "query-secret-1", cli.SECRET_KEY], run)
                    self.assertIn(b"debug: > ", run.err)

    def test_said_back(self):
        """What a source is asked with, in its own words: code, message, request id, or no document at all."""
        self.profiles(p=role(source_profile="q"), q=STATIC + f"\naws_session_token = {self.TOKEN}")
        bearer, web = f"Bearer {self.TOKEN}", sts.web_token()
        token = self.write("token", web)
        error = "<ErrorResponse><Error><Code>C%s</Code><Message>M%s</Message></Error><RequestId>R%s</RequestId></ErrorResponse>"
        for said in (bearer, web, self.TOKEN):
            for body in (json.dumps({"code": said, "message": f"no {said}"}), error % (said, said, said), said):
                url = self.raw(f"HTTP/1.1 403 {said}\r\nx-amzn-RequestId: {said}\r\nContent-Length: {len(body)}\r\n"
                               f"Server: {said}\r\n\r\n{body}".encode(), 4096)
                for source in ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/pod", **NO_KEYS,
                                "AWS_CONTAINER_AUTHORIZATION_TOKEN": bearer},
                               {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/pod", **NO_KEYS,
                                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": self.write("bearer", bearer)},
                               {"AWS_ENDPOINT_URL_STS": url, "AWS_PROFILE": "p", **NO_KEYS},
                               {"AWS_ENDPOINT_URL_STS": url, "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": ROLE,
                                **NO_KEYS}):
                    own = web if "AWS_ROLE_ARN" in source else self.TOKEN if "AWS_PROFILE" in source else bearer
                    if own != said:
                        continue
                    for debug in ((), ("--debug",)):
                        run = self.run_(*ENTITIES, "--max-attempts", "1", *debug, **source)
                        self.assertNotEqual(run.code, 0, run)
                        self.unseen([said[7:]], run)

    def test_nothing_stays_in_memory(self):
        """What a source has said, and what a server says back, is gone from memory when the command ends."""
        library = os.path.join(self.home, "search.so")
        subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", library,
                        os.path.join(cli.HERE, "search.c")], check=True)
        found = os.path.join(self.home, "found")

        def search(secret, *args, command=ENTITIES, **extra):
            with open(os.path.join(self.home, "for"), "wb") as f:
                f.write(bytes(c ^ 1 for c in secret.encode()))
            run = self.run_(*command, *args, LD_PRELOAD=library, SEARCH_FOUND=found,
                            SEARCH_FOR=os.path.join(self.home, "for"), **extra)
            with open(found, encoding="utf-8") as f:
                return run, f.read()

        document = {"AccessKeyId": cli.ACCESS_KEY, "SecretAccessKey": cli.SECRET_KEY, "Token": self.TOKEN,
                    "Expiration": "2049-01-01T00:00:00Z"}
        text = json.dumps(document)
        url = self.raw(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode(), 4096)
        container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url + "/x", **NO_KEYS}
        self.write("document", json.dumps({**Process.GOOD, "SessionToken": self.TOKEN}))
        self.profiles(p=role(credential_source="Environment"), r=f"credential_process = /bin/cat {self.home}/document",
                      s=STATIC + f"aws_session_token = {self.TOKEN}")
        for args, extra in (((), container), (("--debug",), container), (("--profile", "r"), {}), (("--profile", "s"), {})):
            for secret in (cli.SECRET_KEY, self.TOKEN):
                for command in (ENTITIES, ("configure", "list")):
                    run, where = search(secret, *args, command=command, **NO_KEYS, **{k: v for k, v in extra.items() if k not in NO_KEYS})
                    self.assertCode(run, 0)
                    self.assertEqual(where, "searched\n", (args, secret, command))
        # a server that says a token back, where an entity's name should be; the first is in clear text
        page = self.say_back()
        for output in ("json", "text", "table", "csv"):
            run, where = search(self.TOKEN, "--profile", "s", "--output", output, AWS_ENDPOINT_URL_IAM=page, **NO_KEYS)
            self.assertCode(run, 0)
            self.assertIn(self.TOKEN.encode(), run.out)
            self.assertEqual(where, "searched\n", output)

    def say_back(self):
        """The address of a server whose report holds the token."""
        inner = ("<JobStatus>COMPLETED</JobStatus><JobCreationDate>2026-01-02T03:04:05Z</JobCreationDate>"
                 "<JobCompletionDate>2026-01-02T03:04:06Z</JobCompletionDate><EntityDetailsList><member><EntityInfo>"
                 f"<Arn>arn:aws:iam::123456789012:user/u</Arn><Name>{self.TOKEN}</Name><Type>USER</Type><Id>AIDAEXAMPLE1</Id>"
                 "<Path>/</Path></EntityInfo></member></EntityDetailsList><IsTruncated>false</IsTruncated>")
        name = "GetServiceLastAccessedDetailsWithEntities"
        body = (f'<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{name}Result>{inner}</{name}Result>'
                f"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{name}Response>")
        return self.raw(f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode(), 4096)


if __name__ == "__main__":
    cli.main()
