#!/usr/bin/python3
"""Names and addresses: a name server that never answers, one that does not know the name, none
at all. In a network and an /etc of its own (unshare), so that the machine's are not touched."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

if os.environ.get("NAMES_INSIDE") != "1":
    folder = tempfile.mkdtemp(prefix="tinyiam-names-")
    for name in ("hosts", "resolv.conf", "nsswitch.conf"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write("hosts: files dns\n" if name == "nsswitch.conf" else "")
    script = 'ip link set lo up && for f in hosts resolv.conf nsswitch.conf; do mount --bind "$NAMES_ETC/$f" /etc/$f ' \
             '|| exit 1; done; exec "$@"'
    done = subprocess.run(["unshare", "-nm" if os.geteuid() == 0 else "-Urnm", "sh", "-c", script, "sh", sys.executable,
                           __file__, *sys.argv[1:]], env={**os.environ, "NAMES_INSIDE": "1", "NAMES_ETC": folder},
                          check=False)
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    os.rmdir(folder)
    sys.exit(done.returncode)

import cli  # noqa: E402

ETC = os.environ["NAMES_ETC"]
HANG = 120  # seconds: a look-up that nobody can stop takes 150 here, any other end comes sooner


def etc(name, text):
    with open(os.path.join(ETC, name), "w", encoding="utf-8") as f:
        f.write(text)


def name_server(answer):
    """On port 53. answer: what of a question, as bytes, to send back; None: never any."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 53))
    if answer:
        pid = os.fork()
        if pid == 0:
            while True:
                question, sender = s.recvfrom(512)
                s.sendto(answer(question), sender)
        return s, pid
    return s, None


class Names(cli.CliTest):
    options = None

    def setUp(self):
        super().setUp()
        etc("hosts", "127.0.0.1 localhost\n::1 localhost\n")
        etc("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n")

    def serve(self, answer=None):
        s, pid = name_server(answer)
        self.addCleanup(s.close)
        if pid:
            self.addCleanup(os.waitpid, pid, 0)
            self.addCleanup(os.kill, pid, signal.SIGTERM)

    def command(self, *more):
        return [self.binary, *cli.ENTITIES, "--endpoint-url", "https://iam.test", *more]

    def ends(self, *more):
        done = subprocess.run(self.command(*more), env=cli.clean(self.home), capture_output=True, timeout=HANG, check=False)
        self.assertEqual(done.stdout, b"")
        return done.returncode, done.stderr.decode()

    def test_deadline_over_everything(self):
        self.serve()
        code, said = self.enough(lambda s: self.ends("--deadline", f"{s:g}"), lambda ended: "name server" in ended[1], 2)
        self.assertEqual(code, 255, said)
        self.assertRegex(said, r"The deadline of [0-9.]+ s has passed \(--deadline\)\. No name server has answered so far\.")

    def test_connect_timeout(self):
        self.serve()
        code, said = self.ends("--cli-connect-timeout", "1", "--max-attempts", "2")
        self.assertEqual(code, 255, said)
        self.assertRegex(said, "Connect timeout on endpoint URL.* No name server has answered so far.")

    def test_interrupt(self):
        self.serve()
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with subprocess.Popen(self.command("--debug"), env=cli.clean(self.home), stderr=subprocess.PIPE) as run:
                for line in run.stderr:
                    if b"connecting to" in line:
                        break
                run.send_signal(number)
                run.stderr.read()
                self.assertEqual(run.wait(timeout=HANG), code)

    def test_not_known(self):
        def no(question):  # the question again, as an answer: no such name
            return question[:2] + b"\x81\x83\0\1\0\0\0\0\0\0" + question[12:]
        self.serve(no)
        code, said = self.ends("--max-attempts", "1")
        self.assertEqual(code, 255)
        self.assertIn("The host name is not known (Name or service not known)", said)

    def test_no_name_server(self):
        code, said = self.ends("--max-attempts", "1")  # the port is closed: it says so at once
        self.assertEqual(code, 255)
        self.assertIn("The host name is not known (Temporary failure in name resolution)", said)

    def test_no_thread(self):
        """A limit on processes: the look-up is made all the same."""
        if os.geteuid() == 0:
            limit = "ulimit -v 400000; "  # root has no limit on processes; a stack that does not fit does as well
            shell = f"ulimit -s 900000; {limit}exec \"$@\""
        else:
            shell = "ulimit -u 1; exec \"$@\""
        done = subprocess.run(["sh", "-c", shell, "sh", *self.command("--max-attempts", "1")], env=cli.clean(self.home),
                              capture_output=True, timeout=HANG, check=False)
        self.assertIn(b"The host name is not known (Temporary failure in name resolution)", done.stderr)


if __name__ == "__main__":
    unittest.main()
