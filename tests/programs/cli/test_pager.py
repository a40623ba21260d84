#!/usr/bin/python3
"""What is longer than the screen goes to a pager, as the AWS CLI has it: which one, with what, and how it ends. On a
terminal of its own, with programs that note what they got, and with less itself."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

import cli

HANG = 300  # seconds: only what never ends takes so long
ALL = (*cli.ENTITIES, "--all")
TABLE = (*ALL, "--output", "table")


class Screen:
    """The command in a session of its own, on its terminal."""

    def __init__(self, binary, args, env, rows, columns):
        self.shown, self.ended = b"", False
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.chdir(env["HOME"])
            os.execve(binary, [binary, *args], env)

    def read(self):
        """More of what is shown; false: nothing will come."""
        if not select.select([self.terminal], [], [], HANG)[0]:
            raise AssertionError(f"nothing is shown any more: {self.shown[-500:]!r}")
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            data = b""
        self.shown += data
        self.ended = not data
        return bool(data)

    def until(self, pattern):
        while not re.search(pattern, self.shown):
            if not self.read():
                raise AssertionError(f"{pattern!r} is not in {self.shown!r}")

    def send(self, keys):
        os.write(self.terminal, keys)

    def press(self, keys, pattern):
        """These keys until this is shown; None: until the end. What is pressed while a pager looks elsewhere is lost."""
        until = time.monotonic() + HANG
        while not pattern or not re.search(pattern, self.shown):
            if time.monotonic() > until:
                raise AssertionError(f"{pattern!r} is not in {self.shown!r}")
            self.send(keys)
            while select.select([self.terminal], [], [], 0.3)[0]:
                if not self.read():
                    return

    def end(self):
        while not self.ended and self.read():
            pass
        os.close(self.terminal)
        status = os.waitpid(self.pid, 0)[1]
        return os.waitstatus_to_exitcode(status)


class PagerTest(cli.CliTest):
    options = ("--plain", "--entities", "60")

    def file(self, name):
        try:
            with open(os.path.join(self.home, name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def script(self, name, text):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        return path

    def screen(self, *args, rows=24, columns=80, **variables):
        env = self.env(TERM="xterm", NO_COLOR="1", **variables)
        return Screen(self.binary, args, env, rows, columns)

    def shown(self, *args, code=0, **more):
        screen = self.screen(*args, **more)
        self.assertEqual(screen.end(), code, screen.shown)
        return cli.stays(screen.shown)

    def config(self, text):
        path = os.path.join(self.home, "config")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path


class WhichOne(PagerTest):
    def test_longer_than_the_screen(self):
        """All of it, whatever the format; what fits stands on the screen as ever, and the last line of it is the prompt's."""
        note = self.script("note", "cat >> got; echo done by the pager\n")
        for output in ("table", "json", "text", "jsonl", "csv"):
            want = self.run_(*ALL, "--output", output, COLUMNS="80").out
            shown = self.shown(*ALL, "--output", output, AWS_PAGER=note)
            self.assertEqual(shown, b"done by the pager\n")
            got = self.file("got")
            if output == "table":
                self.assertIn(b"60 entities", got)
                self.assertLessEqual(max(map(len, got.decode().split("\n"))), 80)  # the terminal's, not the pipe's
            else:
                self.assertEqual(got, want)
            os.unlink(os.path.join(self.home, "got"))
        lines = self.shown(*TABLE, rows=200, AWS_PAGER=note).count(b"\n")
        for rows, paged in ((lines + 2, False), (lines + 1, False), (lines, True), (3, True)):
            shown = self.shown(*TABLE, rows=rows, AWS_PAGER=note)
            self.assertEqual((b"done by the pager" in shown, self.file("got") is not None), (paged, paged), (lines, rows))
        # a line that the terminal breaks is several rows of it
        lines = self.shown(*ALL, "--output", "jsonl", rows=200, columns=2000, AWS_PAGER=note).count(b"\n")
        self.assertEqual(lines, 60)
        self.assertIn(b"done", self.shown(*ALL, "--output", "jsonl", rows=70, columns=60, AWS_PAGER=note))

    def test_whose_it_is(self):
        """AWS_PAGER, cli_pager, PAGER, less; an empty one is none. LESS is the user's, or FRX."""
        def says(word):
            return self.script(word, f"cat > /dev/null; echo {word} $# $LESS\n")
        one, two, three = (says(word) for word in ("one", "two", "three"))
        path = self.config(f"[default]\ncli_pager = {two} a 'b c'\n[profile none]\ncli_pager =\n")
        self.script("less", "cat > /dev/null; echo usual $LESS\n")
        of_home = {"PATH": self.home + ":/usr/bin:/bin"}
        for variables, want in (({"AWS_PAGER": one, "AWS_CONFIG_FILE": path, "PAGER": three}, b"one 0 FRX\n"),
                                ({"AWS_PAGER": None, "AWS_CONFIG_FILE": path, "PAGER": three}, b"two 2 FRX\n"),
                                ({"AWS_PAGER": None, "PAGER": three, "LESS": "S"}, b"three 0 S\n"),
                                ({"AWS_PAGER": None, **of_home}, b"usual FRX\n"),
                                ({"AWS_PAGER": None, "LESS": "", **of_home}, b"usual\n")):
            self.assertEqual(self.shown(*TABLE, **variables), want)
            self.assertEqual(self.as_the_aws_cli_has_it(**variables), want)
        direct = self.shown(*TABLE, AWS_PAGER="")
        self.assertIn(b"60 entities", direct)
        for args, variables in (((), {"AWS_PAGER": "", "AWS_CONFIG_FILE": path, "PAGER": three}), ((), {"AWS_PAGER": " "}),
                                ((), {"AWS_PAGER": None, "AWS_PROFILE": "none", "AWS_CONFIG_FILE": path, "PAGER": three}),
                                ((), {"AWS_PAGER": None, "PAGER": ""}), (("--no-cli-pager",), {"AWS_PAGER": one}),
                                ((), {"AWS_PAGER": one, "TERM": "dumb"}), (("--checkpoint", "place"), {"AWS_PAGER": one})):
            env = {"TERM": "xterm", "NO_COLOR": "1", **variables}
            screen = Screen(self.binary, (*TABLE, *args), self.env(**env), 24, 80)
            self.assertEqual(screen.end(), 0)
            self.assertIn(b"60 entities", screen.shown)
            self.assertNotIn(b"one", screen.shown.split(b"60 entities")[1])

    def as_the_aws_cli_has_it(self, **variables):
        env = self.env(TERM="xterm", **variables)
        screen = Screen(cli.AWS, ("iam", *cli.ENTITIES, "--endpoint-url", env.pop("AWS_ENDPOINT_URL_IAM")), env, 24, 80)
        self.assertEqual(screen.end(), 0, screen.shown)
        return screen.shown.replace(b"\r\n", b"\n")

    def test_no_terminal_no_pager(self):
        note = self.script("note", "cat > got\n")
        self.assertIn(b"60 entities", self.run_(*TABLE, AWS_PAGER=note).out)
        _, _, piped = self.terminal(*TABLE, stdout_too=False, AWS_PAGER=note)
        self.assertIn(b"60 entities", piped)
        self.assertIsNone(self.file("got"))

    def test_missing(self):
        """A job is not lost for want of a pager: one that was named is missed, the usual one is not."""
        shown = self.shown(*TABLE, AWS_PAGER="no-such-pager -x")
        self.assertTrue(shown.startswith(b"tinyiam: The pager 'no-such-pager -x' cannot be started: No such file"), shown)
        self.assertIn(b"60 entities", shown)
        for pager, why in (("'open", b"an open quote"), ("less\\", b"a backslash at its end")):
            shown = self.shown(*TABLE, AWS_PAGER=pager)
            self.assertIn(b"cannot be started: " + why + b". AWS_PAGER='' is none", shown)
            self.assertIn(b"60 entities", shown)
        self.assertNotIn(b"tinyiam: ", self.shown(*TABLE, AWS_PAGER="\r\t"))  # is none
        shown = self.shown(*TABLE, AWS_PAGER=None, PATH=self.home)
        self.assertNotIn(b"tinyiam: ", shown)
        self.assertIn(b"60 entities", shown)

    def test_colour(self):
        """Not for a less that would show it as letters."""
        note = self.script("note", "cat > got\n")
        for less, colour in ((None, True), ("FRX", True), ("-r", True), ("FX", False)):
            screen = Screen(self.binary, TABLE, self.env(TERM="xterm", AWS_PAGER=note, LESS=less), 24, 80)
            self.assertEqual(screen.end(), 0)
            self.assertEqual(b"\x1b[1m" in self.file("got"), colour, less)


class Ends(PagerTest):
    options = ("--plain", "--entities", "3000")
    stall = [{"when": {"page": 3}, "do": {"stall": {"part": "head", "seconds": 900}}}]
    long = (*ALL, "--output", "table", "--max-items", "100")

    def test_left_early(self):
        """Who leaves has seen enough: no error, no further page, and 0 as with the AWS CLI; also where nothing is to be
        written for a long time."""
        self.sim.scenario(self.stall)
        self.assertEqual(self.shown(*self.long, AWS_PAGER="head -2").count(b"\n"), 2)
        self.assertLessEqual(len(self.sim.requests()), 3)

    def test_no_room_for_what_is_said_meanwhile(self):
        """It stands on the screen at once, and is not lost: here that there are no keys any more."""
        keys = self.script("keys", """mkdir first || exit 7
date -u -d "+$(cat life) seconds" '+{"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "%s", "Expiration": "%%FT%%TZ"}'
""" % cli.SECRET_KEY)
        path = self.config(f"[default]\ncredential_process = {keys}\n")
        env = self.env(TERM="xterm", NO_COLOR="1", AWS_PAGER="cat", AWS_CONFIG_FILE=path, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        for limit in ("unlimited", "0"):
            def go(life, limit=limit):
                with open(os.path.join(self.home, "life"), "w", encoding="ascii") as f:
                    f.write(f"{life}")
                self.sim.scenario([{"when": {"page": 2}, "do": {"stall": {"part": "head", "seconds": life + 1}}}])
                screen = Screen("/bin/sh", ("-c", f'ulimit -f {limit}; exec "$@"', "sh", self.binary, *ALL, "--output", "jsonl",
                                            "--max-items", "100"), env, 10, 80)
                self.assertEqual(screen.end(), 255, screen.shown[-500:])
                os.rmdir(os.path.join(self.home, "first"))
                return screen

            screen = self.enough(go, lambda screen: b'{"Arn"' in screen.shown, 2)
            self.assertTrue(b"exit code 7" in screen.shown, (limit, screen.shown[-500:]))

    def test_exit_code_is_the_commands(self):
        """Not the pager's; and what went wrong is said below what it has shown."""
        bad = self.script("bad", "cat > got; sleep 0.3; echo end of pager; exit 7\n")
        self.assertEqual(self.shown(*TABLE, AWS_PAGER=bad), b"end of pager\n")
        self.assertIn(b"3000 entities", self.file("got"))
        self.sim.scenario([{"when": {"page": 3}, "do": {"status": 403, "code": "AccessDenied", "message": "no more"}}])
        self.sim.clear()
        shown = self.shown(*self.long, "--stats", code=254, AWS_PAGER=bad)
        self.assertRegex(shown, rb"^end of pager\ntinyiam: \[ERROR\]: An error occurred \(AccessDenied\)[^\n]*\n\{\"pages\"")
        self.assertGreater(self.file("got").count(b"\n"), 100)

    def test_ctrl_c_while_it_reads(self):
        """The run ends, the pager stays until its reader leaves, and the keys are its own until then."""
        self.sim.scenario(self.stall)
        screen = self.screen(*self.long, AWS_PAGER="less")
        screen.until(rb"\n:")
        screen.send(b"\x03")
        screen.press(b"G", rb"\(END\)")  # there is an end now
        screen.press(b"q", None)
        self.assertEqual(screen.end(), 130)

    def test_ctrl_c_when_all_is_read(self):
        """Nothing is left to be stopped: Ctrl-C is the pager's, twice as well."""
        screen = self.screen(*TABLE, AWS_PAGER="less", LESS="RX")
        screen.until(rb"\n:")
        screen.press(b"G", rb"3000 entities")
        for _ in range(2):
            screen.send(b"\x03")
        screen.press(b"q", None)
        self.assertEqual(screen.end(), 0)

    def test_terminated(self):
        """SIGTERM is for both: no pager is left behind without its command."""
        screen = self.screen(*TABLE, AWS_PAGER="less", LESS="RX")
        screen.until(rb"\n:")
        os.kill(screen.pid, signal.SIGTERM)
        self.assertEqual(screen.end(), 143)

    def test_ctrl_c_before_there_is_a_pager(self):
        """What has come is shown, without one."""
        self.sim.scenario([{"when": {"page": 2}, "do": {"stall": {"part": "head", "seconds": 900}}}])
        screen = self.screen(*ALL, "--output", "table", "--max-items", "10", AWS_PAGER="less")
        screen.until(rb"1 page, 10 entities")  # the progress: nothing of the table yet
        self.assertNotIn(b"AGO", screen.shown)
        screen.send(b"\x03")
        self.assertEqual(screen.end(), 130)
        self.assertRegex(screen.shown, rb"AGO +ARN\r\n(.*\r\n){10}")

    def test_error_without_a_pager(self):
        """What has come fits the screen: it stands there, and below it what went wrong."""
        self.sim.scenario([{"when": {"page": 2}, "do": {"status": 403, "code": "AccessDenied", "message": "no more"}}])
        shown = self.shown(*ALL, "--output", "table", "--max-items", "5", code=254, AWS_PAGER="less")
        self.assertRegex(shown, rb"(?s)^AGO +ARN\n([^\n]*\n){5}tinyiam: \[ERROR\]: An error occurred \(AccessDenied\)")

    def test_less_itself(self):
        """Page by page; what fits one screen does not wait for a key."""
        screen = self.screen(*TABLE, AWS_PAGER="less")
        screen.until(rb"\n:")
        first = screen.shown.count(b"\n")
        self.assertLess(first, 30)
        screen.send(b" ")
        screen.until(rb"\n:[^:]*\n:")
        screen.press(b"q", None)
        self.assertEqual(screen.end(), 0)


class Audits(PagerTest):
    options = ("--plain", "--account", "users=30,groups=2,roles=30,policies=2,services=8,used=4", "--report-date", "now")

    def test_verdict(self):
        """The last lines stand below the pager's, and the exit code is the audit's."""
        note = self.script("note", "cat > got; echo end of pager\n")
        shown = self.shown("audit", "--account", "--output", "table", "--unused-for", "1d", "--fail-on", "unused", code=3, AWS_PAGER=note)
        self.assertRegex(shown, rb"(?s)^end of pager\n.*64 ARNs: 64 read")
        self.assertGreater(self.file("got").count(b"\n"), 64)

    def test_left_early(self):
        """Not every ARN was read: no verdict."""
        self.sim.scenario([{"when": {"operation": "generate", "nth": ">=40"}, "do": {"stall": {"part": "head", "seconds": 900}}}])
        shown = self.shown("audit", "--account", "--output", "jsonl", code=130, AWS_PAGER="head -2")
        self.assertIn(b" of 64 ARNs are printed.", shown)


if __name__ == "__main__":
    sys.exit(cli.main())
