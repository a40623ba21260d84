#!/usr/bin/python3
"""--tls-sessions: what one run leaves, the next one resumes, and nobody else. Against OpenSSL's TLS, which tells what
was offered to it and what it took."""

import base64
import json
import os
import shutil
import socket
import ssl
import stat
import struct
import subprocess
import tempfile
import time

import cli
from cli import ENTITIES, ROOT
from test_tls import TlsCase, UNTIL_CLOSE, V12, V13, WITH_LENGTH, Server, certificates, context, servers

OLD = "damaged, too old, or made with another endpoint, certificates or build"
FIRST, FOREIGN = b"tinyiam TLS session\n", "it holds something else"
FILLER = "# of no meaning\n" * 4096  # makes a bundle a large one, which is read late


class Known(Server):
    """What each handshake offered of a session: the ClientHello is looked at before OpenSSL sees it."""

    def __init__(self, *args, **options):
        self.offers = []
        super().__init__(*args, **options)
        self.serve = Known.talk

    def talk(self, connection):
        hello = b""
        while len(hello) < 5 or len(hello) < 5 + struct.unpack("!H", hello[3:5])[0]:
            part = connection.recv(65536, socket.MSG_PEEK)
            if part == hello:
                return  # it hung up
            hello = part
        self.offers.append(offers(hello[9:]))
        Server.talk(self, connection)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def offers(hello):
    """Does a ClientHello offer a ticket (RFC 5077), a key (RFC 8446, 4.2.11), or a session of TLS 1.2 by its number?"""
    at = 34
    number = hello[at]
    at += 1 + number
    at += 2 + struct.unpack("!H", hello[at:at + 2])[0]
    at += 1 + hello[at]
    end = at + 2 + struct.unpack("!H", hello[at:at + 2])[0]
    at += 2
    kinds = {}
    while at < end:
        kind, size = struct.unpack("!HH", hello[at:at + 4])
        kinds[kind] = size
        at += 4 + size
    return kinds.get(35, 0) > 0 or 41 in kinds or (number > 0 and 43 not in kinds)


class Sessions(TlsCase):
    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.home, "sessions")

    def ask(self, port, *args, file=None, stats=False, **options):
        return super().ask(port, "--tls-sessions", file or self.file, *(["--stats"] if stats else []), *args, **options)

    def each(self, **options):
        """A server of each version, and a run that has left its session."""
        for version in self.known:
            with self.subTest(version=version.name), Known(context("good_ec", version, version), **options) as server:
                if os.path.lexists(self.file):
                    os.unlink(self.file)
                self.assertList(self.ask(server.port))
                self.assertEqual((server.handshakes, server.resumed, server.offers), (1, 0, [False]))
                yield server

    def assertFull(self, server, run, code=0):
        """It offered nothing, and shook hands in full."""
        self.assertCode(run, code)
        self.assertEqual((server.offers[-1], server.resumed), (False, 0))

    # ---- resumed ----

    def test_the_next_run_resumes(self):
        for server in self.each():
            for i in range(1, 4):
                run = self.ask(server.port, stats=True)
                self.assertList(run)
                self.assertEqual((server.handshakes, server.resumed, server.offers[-1]), (1 + i, i, True))
                stats = json.loads(run.err.splitlines()[-1])
                self.assertEqual((stats["handshakes"], stats["resumed_handshakes"]), (1, 1))
                self.assertEqual(stats["round_trips"], 1 + 1 + 1)
            self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
            self.assertEqual(os.listdir(self.home), ["sessions"])

    def test_round_trips_of_a_full_handshake(self):
        for version in self.known:
            with self.subTest(version=version.name), Server(context("good_ec", version, version)) as server:
                stats = json.loads(self.ask(server.port, stats=True).err.splitlines()[-1])
                self.assertEqual(stats["round_trips"], 1 + (2 if version == V12 else 1) + 1)
                os.unlink(self.file)

    def test_without_it_nothing_is_kept(self):
        with Known(context("good_ec")) as server:
            for _ in range(2):
                self.assertList(TlsCase.ask(self, server.port))
            self.assertEqual((server.offers, os.listdir(self.home)), ([False, False], []))

    def test_a_bundle_as_large_as_the_systems(self):
        """Which is read only where the server shows its certificate: what is wrong with it then is said."""
        bundle = os.path.join(self.home, "bundle")
        with open(servers.path("roots.pem"), encoding="ascii") as f, open(bundle, "w", encoding="ascii") as to:
            to.write(f.read() + FILLER)
        for server in self.each():
            os.unlink(self.file)
            for i in range(3):
                self.assertList(self.ask(server.port, "--ca-bundle", bundle))
                self.assertEqual((server.resumed, server.offers[-1]), (i, i > 0))
        with Known(context("good_ec")) as server:  # the one that does not know the session
            self.ask(server.port, "--ca-bundle", bundle)
            server.context = context("good_ec")
            self.assertList(self.ask(server.port, "--ca-bundle", bundle))
            self.assertEqual((server.offers, server.resumed), ([False, True], 0))
            server.context = context("good_rsa")
            self.assertList(self.ask(server.port, "--ca-bundle", bundle))
            server.context = context("expired")
            for offered in (True, False):  # somebody else, who answers where the server was
                run = self.ask(server.port, "--ca-bundle", bundle)
                self.assertError(run, 255, f"SSL validation failed for https://localhost:{server.port}/ certificate ")
                self.assertEqual(server.offers[-1], offered)
            self.assertFalse(os.path.exists(self.file))

    def test_a_server_that_has_forgotten(self):
        for server in self.each():
            kept = read(self.file)
            server.context = context("good_ec", server.context.minimum_version, server.context.maximum_version)
            self.assertList(self.ask(server.port))
            self.assertEqual((server.resumed, server.offers[-1]), (0, True))
            self.assertNotEqual(read(self.file), kept)
            self.assertList(self.ask(server.port))
            self.assertEqual((server.resumed, server.offers[-1]), (1, True))

    def test_no_tickets_at_all(self):
        """TLS 1.2 by number; with 1.3 there is nothing to keep, and what was used is not used again."""
        for version in self.known:
            ctx = context("good_ec", version, version)
            with self.subTest(version=version.name), Known(ctx) as server:
                self.ask(server.port)
                ctx.options |= ssl.OP_NO_TICKET
                if version == V13:
                    ctx.num_tickets = 0
                for _ in range(3):
                    self.assertList(self.ask(server.port))
                self.assertEqual(os.path.exists(self.file), version == V12)
                self.assertEqual(server.offers[2:], [version == V12] * 2)

    def test_no_file_yet(self):
        """Of which there is nothing to be said."""
        with Known(context("good_ec")) as server:
            run = self.ask(server.port, "--debug")
            self.assertFull(server, run)
            self.assertNotIn(b"is not used", run.err)
            self.assertIn(b"is offered", self.ask(server.port, "--debug").err)

    def test_many_at_once(self):
        for server in self.each():
            env = self.env(AWS_ENDPOINT_URL_IAM=f"https://localhost:{server.port}", AWS_CA_BUNDLE=servers.path("roots.pem"))
            runs = [subprocess.Popen([self.binary, *ENTITIES, "--output", "jsonl", "--tls-sessions", self.file], env=env,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.home) for _ in range(12)]
            for run in runs:
                out, err = run.communicate()
                self.assertEqual((run.returncode, out.count(b"\n"), err), (0, 1000, b""))
            self.assertEqual(server.offers[1:], [True] * 12)
            self.assertEqual(os.listdir(self.home), ["sessions"])
            before = server.resumed
            self.assertList(self.ask(server.port))
            self.assertEqual(server.resumed, before + 1)

    def test_a_certificate_that_ends_within_a_day(self):
        """Its own or one above it: the session would outlive it, and whoever resumes is shown no certificate."""
        maker = certificates.Maker.again(servers.FOLDER)

        def issue(name, issuer, key, extensions, hours):
            end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + hours * 3600))
            maker.sign(name, issuer, key, extensions, end=end)

        authority = certificates.ROOT[:2]
        maker.key("inter_brief", "prime256v1")
        shutil.copy(servers.path("good_ec.key"), servers.path("brief.key"))
        for own, above, kept in ((12, 9600, False), (9600, 12, False), (144, 144, True)):
            issue("inter_brief", "root_ec", "inter_brief", authority, above)
            issue("brief", "inter_brief", "good_ec", certificates.SERVER, own)
            maker.put("brief.pem", maker.get("brief.crt") + maker.get("inter_brief.crt"))
            for version in self.known:
                with self.subTest(own=own, above=above, version=version.name), Known(context("brief", version, version)) as server:
                    for _ in range(2):
                        self.assertList(self.ask(server.port))
                    self.assertEqual((server.offers, os.path.exists(self.file)), ([False, kept], kept))
                    if kept:
                        os.unlink(self.file)

    def test_a_reply_that_breaks_off(self):
        for server in self.each():
            server.reply, server.end = UNTIL_CLOSE[:50000], "cut"
            self.assertPrefix(self.ask(server.port), "the connection ended in the middle of a reply")
            server.reply, server.end = WITH_LENGTH, "notify"
            self.assertList(self.ask(server.port))

    # ---- never offered elsewhere ----

    def test_another_host_or_port(self):
        """A stolen file, at servers that would take what is in it: they share the keys of their tickets."""
        for server in self.each():
            with Known(server.context) as other:
                for port, host, at in ((server.port, "127.0.0.1", server), (other.port, "localhost", other),
                                       (other.port, "127.0.0.1", other)):
                    stolen = os.path.join(self.home, "stolen")
                    shutil.copy(self.file, stolen)
                    run = self.ask(port, "--debug", host=host, file=stolen)
                    self.assertFull(at, run)
                    self.assertIn(f"TLS session in {stolen} is not used: {OLD}".encode(), run.err)
                    os.unlink(stolen)
            self.assertList(self.ask(server.port))
            self.assertEqual(server.resumed, 1)

    def test_other_certificates(self):
        """Another file, the same one changed, or another put in its place with its length and its times."""
        bundle = os.path.join(self.home, "bundle")
        for server in self.each():
            os.unlink(self.file)
            self.assertFull(server, self.ask(server.port, "--ca-bundle", servers.path("root_other.crt")), 255)
            self.assertFalse(os.path.exists(self.file))  # who was not believed leaves nothing
            shutil.copy(servers.path("roots.pem"), bundle)
            self.assertList(self.ask(server.port, "--ca-bundle", bundle))
            kept = read(self.file)
            was, text = os.stat(bundle), read(bundle)
            other = read(servers.path("root_other.crt"))
            for change in ("others", "elsewhere", "longer", "rewritten", "replaced"):
                with open(self.file, "wb") as f:
                    f.write(kept)
                time.sleep(0.02)  # the clock of a file's changes ticks in milliseconds
                if change == "longer":
                    with open(bundle, "ab") as f:
                        f.write(b"\n")
                elif change in ("rewritten", "replaced"):
                    fresh = bundle if change == "rewritten" else bundle + "2"
                    with open(fresh, "wb") as f:
                        f.write((other + b"\n" * len(text))[:len(text)])
                    os.utime(fresh, ns=(was.st_atime_ns, was.st_mtime_ns))
                    os.rename(fresh, bundle)
                name = {"others": servers.path("root_other.crt"), "elsewhere": servers.path("roots.pem")}.get(change, bundle)
                self.assertFull(server, self.ask(server.port, "--ca-bundle", name),
                                0 if change in ("elsewhere", "longer") else 255)
            os.unlink(bundle)

    def test_another_build(self):
        others = [path for path in (os.path.join(ROOT, "build", name, "tinyiam") for name in ("host", "mbedtls36"))
                  if os.path.exists(path) and not os.path.samefile(path, self.binary)]
        if not others:
            self.skipTest("one build only: tests/run build-gcc build-mbedtls36")
        mine = self.binary
        with Known(context("good_ec", V12, V12)) as server:
            for first, then in ((mine, others[0]), (others[0], mine)):
                self.binary = first
                self.assertList(self.ask(server.port))
                self.binary = then
                self.assertFull(server, self.ask(server.port))
                os.unlink(self.file)

    def test_no_verification(self):
        """There is no run without, and a file of one that was refused is not written."""
        with Known(context("expired")) as server:
            self.assertError(self.ask(server.port, "--no-verify-ssl"), 252, "Unknown options: --no-verify-ssl")
            self.assertCode(self.ask(server.port), 255)
        self.assertEqual(os.listdir(self.home), [])

    def test_plain(self):
        with cli.Sim("--plain") as sim:
            run = self.run_(*ENTITIES, "--tls-sessions", self.file, AWS_ENDPOINT_URL_IAM=sim.url)
        self.assertCode(run, 0)
        self.assertEqual(os.listdir(self.home), [])

    # ---- what is wrong with a file ----

    def test_damage(self):
        for server in self.each():
            kept = read(self.file)
            size = len(kept)
            for bad in (b"", b"x", kept[:-1], kept + b"\0", kept[:40], kept[:41], bytes(size), kept * 200, b"\xff" * 70000,
                        *(kept[:i] + bytes([kept[i] ^ 1]) + kept[i + 1:] for i in (0, 31, 32, 39, 40, 60, size // 2, size - 1))):
                with open(self.file, "wb") as f:
                    f.write(bad)
                run = self.ask(server.port, "--debug")
                self.assertFull(server, run)
                ours = bad == b"" or bad.startswith(FIRST)
                words = {0: ""}.get(len(bad), "too long" if len(bad) > 65536 else OLD if ours else FOREIGN)
                self.assertIn(f"is not used: {words}".encode() if words else b"tinyiam: debug", run.err)
                if ours:
                    self.assertNotEqual(read(self.file), bad)  # replaced
                    continue
                self.assertEqual(read(self.file), bad)  # somebody's, named by mistake
                self.assertIn(f"The TLS session is not kept in {self.file}: {FOREIGN}".encode(), run.err)
            os.unlink(self.file)
            self.assertList(self.ask(server.port))
            self.assertList(self.ask(server.port))
            self.assertEqual(server.resumed, 1)

    def test_whose_it_is(self):
        for server in self.each():
            for mode in (0o640, 0o604, 0o620, 0o602):
                os.chmod(self.file, mode)
                run = self.ask(server.port, "--debug")
                self.assertFull(server, run)
                self.assertIn(b"is not used: open to other users", run.err)
                self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
            if os.geteuid() == 0:
                os.chown(self.file, 12345, 12345)
                run = self.ask(server.port, "--debug")
                self.assertFull(server, run)
                self.assertIn(b"is not used: another user's", run.err)
                self.assertEqual(os.stat(self.file).st_uid, 0)

    def test_what_is_no_file(self):
        """Stays as it is, whatever it leads to; the list is whole."""
        for server in self.each():
            kept = os.path.join(self.home, "kept")
            os.rename(self.file, kept)
            before = read(kept)
            for make, words in ((lambda: os.mkdir(self.file), "it is a folder"),
                                (lambda: os.mkfifo(self.file), "it is no regular file"),
                                (lambda: os.symlink(kept, self.file), "it is a link"),
                                (lambda: os.symlink("nowhere", self.file), "it is a link")):
                make()
                run = self.ask(server.port)
                self.assertFull(server, run)
                self.assertIn(f"The TLS session is not kept in {self.file}: {words}".encode(), run.err)
                kind = stat.S_IFMT(os.lstat(self.file).st_mode)
                self.assertNotEqual(kind, stat.S_IFREG)
                (os.rmdir if kind == stat.S_IFDIR else os.unlink)(self.file)
            self.assertEqual(read(kept), before)
            self.assertEqual(os.listdir(self.home), ["kept"])
            run = self.ask(server.port, file=os.path.join(self.home, "absent", "file"))
            self.assertFull(server, run)
            self.assertIn(b"No such file or directory", run.err)
            os.unlink(kept)

    def test_a_day(self):
        """The clock of the run is an hour before the end of that day, and behind it."""
        with tempfile.TemporaryDirectory(prefix="tinyiam-clock-") as folder:
            source, clock = os.path.join(folder, "clock.c"), os.path.join(folder, "clock.so")
            with open(source, "w", encoding="ascii") as f:
                f.write("#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <stdlib.h>\n#include <time.h>\n"
                        "int clock_gettime(clockid_t id, struct timespec *t) {\n"
                        "int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, \"clock_gettime\");\n"
                        "int r = real(id, t); if (id == CLOCK_REALTIME) t->tv_sec += atol(getenv(\"AHEAD\")); return r; }\n")
            subprocess.run(["cc", "-shared", "-fPIC", "-o", clock, source, "-ldl"], check=True)
            for server in self.each():
                kept = read(self.file)
                for ahead, good in ((23 * 3600, True), (24 * 3600 + 1, False), (-25 * 3600, False)):
                    with open(self.file, "wb") as f:
                        f.write(kept)
                    self.assertList(self.ask(server.port, LD_PRELOAD=clock, AHEAD=str(ahead)))
                    self.assertEqual(server.offers[-1], good, ahead)

    # ---- a secret ----

    def test_never_said(self):
        """Of the file's 16 bytes in a row none is in what is said, in whatever writing."""
        for server in self.each():
            kept = read(self.file)
            run = self.ask(server.port, "--debug", "--stats")
            self.assertList(run)
            self.assertIn(f"TLS session in {self.file} is offered".encode(), run.err)
            said = run.err + run.out
            for at in range(0, len(kept) - 16):
                part = kept[at:at + 16]
                if len(set(part)) < 6:
                    continue  # zeros, lengths
                for text in (part, part.hex().encode(), part.hex().upper().encode(), base64.b64encode(part)[:20]):
                    self.assertNotIn(text, said)

    def test_an_audit_resumes_too(self):
        with cli.Sim() as sim:
            for resumed in (0, 1):
                run = self.run_("audit", "--output", "jsonl", "--no-progress", "--stats", "--connections", "2", "--tls-sessions",
                                self.file, "--arn", cli.ARN, AWS_ENDPOINT_URL_IAM=sim.url, AWS_CA_BUNDLE=sim.ca)
                self.assertCode(run, 0)
                stats = json.loads(run.err.splitlines()[-1])
                self.assertGreaterEqual(stats["resumed_handshakes"], resumed, stats)
                self.assertGreaterEqual(stats["handshakes"] - stats["resumed_handshakes"], 1 - resumed, stats)


if __name__ == "__main__":
    cli.main()
