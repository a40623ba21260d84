#!/usr/bin/python3
"""The command against OpenSSL's TLS: what is refused, before a byte of a request leaves and with the cause in
words; how a reply may end; what a server in trouble, or somebody on the way, does to a connection. The same
certificates as those of the stream's own tests (tests/ports/port)."""

import contextlib
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

import cli
from cli import ENTITIES, ROOT

sys.path.insert(0, os.path.join(ROOT, "tests", "ports", "port"))

import certificates  # noqa: E402
import test_servers as servers  # noqa: E402
from test_servers import V12, V13, Listener, context  # noqa: E402

HANDSHAKE, ALERT = 22, 21
BODY = ("<GetServiceLastAccessedDetailsWithEntitiesResponse><GetServiceLastAccessedDetailsWithEntitiesResult>"
        "<JobStatus>COMPLETED</JobStatus><EntityDetailsList>" + "".join(
            f"<member><EntityInfo><Arn>arn:aws:iam::123456789012:user/u{i:05}</Arn><Name>u{i:05}</Name>"
            "<Type>USER</Type></EntityInfo></member>" for i in range(1000)) +
        "</EntityDetailsList></GetServiceLastAccessedDetailsWithEntitiesResult>"
        "</GetServiceLastAccessedDetailsWithEntitiesResponse>").encode()
WITH_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\n" + BODY
REFUSED = {**servers.BAD, "other_name": "another host name"}


class Server(Listener):
    """A handshake, a request, a reply from BYTES in records of RECORD bytes, and an end: close_notify, a bare end
    of the connection, or a reset."""

    def __init__(self, ctx, reply=WITH_LENGTH, end="notify", record=16384):
        self.context, self.reply, self.end, self.record = ctx, reply, end, record
        self.application, self.handshakes, self.resumed, self.versions = b"", 0, 0, []
        super().__init__(Server.talk)

    def talk(self, connection):
        with self.context.wrap_socket(connection, server_side=True) as tls:
            self.handshakes += 1
            self.resumed += tls.session_reused
            self.versions.append(tls.version())
            request = b""
            while b"\r\n\r\n" not in request or len(request.split(b"\r\n\r\n", 1)[1]) < int(
                    re.search(rb"Content-Length: (\d+)", request)[1]):
                got = tls.recv(4096)
                if not got:
                    return
                self.application += got
                request += got
            for at in range(0, len(self.reply), self.record):
                tls.sendall(self.reply[at:at + self.record])
            if self.end == "notify":
                tls.unwrap().close()
            elif self.end == "cut":
                os.close(tls.detach())
            elif self.end == "reset":
                servers.delivered(tls)
                tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(tls.detach())


class Between(Listener):
    """Passes on what client and server say; of the server's records, from the first of the connection on, number
    `at` meets with act(record): bytes to send instead, or None to end the connection after it."""

    def __init__(self, port, at, act):
        self.target, self.at, self.act, self.came = port, at, act, 0
        super().__init__(Between.talk)

    def talk(self, connection):
        with socket.create_connection(("127.0.0.1", self.target)) as far:
            up = threading.Thread(target=self.up, args=(connection, far), daemon=True)
            up.start()
            try:
                self.down(far, connection)
            finally:
                for end in (connection, far):  # closing alone does not end what the other thread reads
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                up.join(300)

    def down(self, far, connection):
        with far.makefile("rb") as source:
            number = 0
            while len(head := source.read(5)) == 5:
                record = head + source.read(struct.unpack("!H", head[3:])[0])
                if number == self.at:
                    self.came += 1
                    record = self.act(record)
                    if record is None:
                        return
                number += 1
                connection.sendall(record)

    @staticmethod
    def up(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


class TlsCase(cli.CliTest):
    options = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory(prefix="tinyiam-cli-tls-")
        servers.FOLDER = cls.folder.name
        certificates.make(servers.FOLDER)
        with Server(context("good_rsa", V12, V13)) as server:
            env = cli.clean(cls.folder.name, AWS_ENDPOINT_URL_IAM=f"https://localhost:{server.port}",
                            AWS_CA_BUNDLE=servers.path("roots.pem"))
            subprocess.run([cls.binary, *ENTITIES, "--no-progress"], env=env, check=True, stdout=subprocess.DEVNULL)
            cls.known = (V12, V13) if server.versions[-1] == "TLSv1.3" else (V12,)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        super().tearDownClass()

    def ask(self, port, *args, host="localhost", attempts=1, **extra):
        return self.run_(*ENTITIES, "--output", "jsonl", "--no-progress", "--max-attempts", str(attempts),
                         "--cli-connect-timeout", "300", "--cli-read-timeout", "300", *args,
                         AWS_ENDPOINT_URL_IAM=f"https://{host}:{port}", AWS_CA_BUNDLE=servers.path("roots.pem"),
                         **extra)

    def assertList(self, run):
        self.assertCode(run, 0)
        names = [line[line.index(b"user/") + 5:][:6] for line in run.out.splitlines()]
        self.assertEqual(names, [b"u%05d" % i for i in range(1000)])

    def assertPrefix(self, run, words):
        """A named error after an exact prefix of the list."""
        self.assertCode(run, 255)
        self.assertTrue(run.err.startswith(cli.ERROR), run)
        self.assertIn(words.encode(), run.err)
        for i, line in enumerate(run.out.splitlines()):
            self.assertIn(b"user/u%05d" % i, line)
        self.assertTrue(run.out == b"" or run.out.endswith(b"}\n"))


class Tls(TlsCase):
    # ---- refused, before anything is said ----

    def test_certificates(self):
        for name, words in REFUSED.items():
            for version in self.known:
                with self.subTest(name=name, version=version.name), \
                        Server(context(name, version, version)) as server:
                    run = self.ask(server.port, attempts=3)
                    where = f"SSL validation failed for https://localhost:{server.port}/ "
                    # the curve was not offered: the server gave up, as OpenSSL does with TLS 1.3 by "no version"
                    if name == "p224" and (b"alert" in run.err or b"takes no version of TLS" in run.err):
                        self.assertError(run, 255, where)
                    else:
                        self.assertError(run, 255, where + "certificate verify failed: ")
                        self.assertIn(words.encode(), run.err)
                        self.assertEqual(len(server.threads), 1)  # and not asked again
                self.assertEqual((server.application, server.handshakes), (b"", 0))

    def test_names(self):
        for name, host, good in (("good_ec", "127.0.0.1", True), ("good_ec", "localhost", True),
                                 ("other_name", "127.0.0.1", False), ("wildcards_beside", "127.0.0.1", False),
                                 ("wildcards_beside", "localhost", False), ("wildcard", "localhost", False)):
            with self.subTest(name=name, host=host), Server(context(name)) as server:
                run = self.ask(server.port, host=host)
                if good:
                    self.assertList(run)
                else:
                    self.assertError(run, 255, f"SSL validation failed for https://{host}:{server.port}/ certificate "
                                     "verify failed: the certificate is for another host name.")
            self.assertEqual(server.application == b"", not good)

    def test_roots_of_others(self):
        for root, good in (("root_rsa.crt", True), ("root_ec.crt", False), ("root_other.crt", False),
                           ("inter_rsa.crt", True)):
            with self.subTest(root), Server(context("good_rsa")) as server:
                run = self.ask(server.port, "--ca-bundle", servers.path(root))
                self.assertEqual(run.code, 0 if good else 255, run)
            self.assertEqual(server.application == b"", not good)

    def test_old_versions_and_ciphers(self):
        weak = context("good_rsa", V12, V12)
        weak.set_ciphers("AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA:@SECLEVEL=0")
        for ctx in (context("good_rsa", ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1),
                    context("good_rsa", ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1), weak):
            with Server(ctx) as server:
                self.assertError(self.ask(server.port), 255, "SSL validation failed for ")
            self.assertEqual((server.application, server.handshakes), (b"", 0))

    def test_a_server_that_answers_in_an_old_version(self):
        """Whatever was offered: SSL 3 to TLS 1.1 in the ServerHello."""
        for record, hello in ((0x0301, 0x0300), (0x0301, 0x0301), (0x0302, 0x0302), (0x0303, 0x0302), (0x0303, 0x0399)):
            said = b""

            def serve(_, connection, record=record, hello=hello):
                nonlocal said
                connection.recv(4096)
                body = struct.pack("!H", hello) + bytes(32) + b"\0" + b"\xc0\x2f" + b"\0"
                message = b"\x02" + struct.pack("!I", len(body))[1:] + body
                connection.sendall(struct.pack("!BHH", HANDSHAKE, record, len(message)) + message)
                while data := connection.recv(4096):
                    said += data

            with self.subTest(record=record, hello=hello), Listener(serve) as server:
                self.assertError(self.ask(server.port), 255, "SSL validation failed for ")
            self.assertNotIn(23, said[:1])  # an alert at most

    # ---- how a reply ends ----

    def test_ends(self):
        half = len(BODY) // 2
        for version in self.known:
            for reply, end, good in (
                    (WITH_LENGTH, "notify", True), (WITH_LENGTH, "cut", True), (WITH_LENGTH, "reset", True),
                    (CHUNKED, "notify", True), (CHUNKED, "cut", True),
                    (UNTIL_CLOSE, "notify", True), (UNTIL_CLOSE, "cut", False),
                    (WITH_LENGTH[:-half], "notify", False), (WITH_LENGTH[:-half], "cut", False),
                    (WITH_LENGTH[:-1], "cut", False), (WITH_LENGTH[:-1], "notify", False),
                    (CHUNKED[:-half], "notify", False), (CHUNKED[:-half], "cut", False),
                    (CHUNKED[:-5], "notify", False), (CHUNKED[:-1], "cut", False),
                    (UNTIL_CLOSE[:-half], "notify", False), (UNTIL_CLOSE[:-half], "cut", False)):
                with self.subTest(version=version.name, reply=reply[:60], left=len(reply), end=end), \
                        Server(context("good_ec", version, version), reply, end) as server:
                    run = self.ask(server.port)
                    if good:
                        self.assertList(run)
                    else:
                        self.assertPrefix(run, "the connection ended in the middle of a reply")

    def test_broken_off_and_fetched_again(self):
        """Breaks off twice, the third time comes whole: each line once, the session resumed."""
        for version in self.known:
            replies = [WITH_LENGTH[:20000], WITH_LENGTH[:70000], WITH_LENGTH]
            ctx = context("good_ec", version, version)
            with self.subTest(version=version.name), Server(ctx, end="cut") as server:
                talk = server.serve

                def serve(listener, connection):
                    listener.reply = replies[listener.handshakes]
                    talk(listener, connection)

                server.serve = serve
                self.assertList(self.ask(server.port, attempts=3))
                self.assertEqual((server.handshakes, server.resumed), (3, 2))

    def test_records(self):
        for version in self.known:
            for record in (16384, 1000, 7):
                with self.subTest(version=version.name, record=record), \
                        Server(context("good_rsa", version, version), record=record) as server:
                    self.assertList(self.ask(server.port))

    # ---- in the handshake ----

    def all_records(self, act, check):
        """act on each of the server's records in turn, from the first to the end; check what comes of it. Behind some of them
        client and server wait for one another, until the client has had enough."""
        for version in self.known:
            with Server(context("good_ec", version, version), record=30000) as server:
                for at in range(30):
                    def go(seconds, at=at, port=server.port):
                        with Between(port, at, act) as between:
                            return self.ask(between.port, "--cli-connect-timeout", f"{seconds:g}"), between.came

                    came = 0
                    with self.subTest(version=version.name, at=at):
                        run, came = self.enough(go, lambda found: found[1] or found[0].code == 0, 3)
                        if came:
                            check(run)
                    if not came:
                        break
                self.assertGreater(at, 4)

    def refused_or_prefix(self, run):
        if run.code == 0:
            self.assertList(run)  # the record was a ticket, or the end
        else:
            self.assertPrefix(run, " https://localhost:" if b"SSL" in run.err else "onnect")

    def test_alert_at_each_step(self):
        for number in (40, 80, 0):  # handshake_failure, internal_error; close_notify is not one here either
            self.all_records(lambda record, n=number: struct.pack("!BHHBB", ALERT, 0x0303, 2, 2 if n else 1, n),
                             self.refused_or_prefix)

    def test_end_at_each_step(self):
        self.all_records(lambda record: None, self.refused_or_prefix)

    def test_damage_at_each_step(self):
        self.all_records(lambda record: record[:-1] + bytes([record[-1] ^ 1]), self.refused_or_prefix)

    def test_record_twice_at_each_step(self):
        self.all_records(lambda record: record + record, self.refused_or_prefix)

    def test_hello_again_at_each_step(self):
        """HelloRequest asks for a renegotiation in TLS 1.2, and is none in the clear."""
        self.all_records(lambda record: struct.pack("!BHHBBBB", HANDSHAKE, 0x0303, 4, 0, 0, 0, 0) + record,
                         self.refused_or_prefix)

    def test_renegotiation(self):
        """Asked for after the request: refused. The server waits for a handshake, and ends."""
        for key in (b"r\n", b"R\n"):
            server = servers.OpensslServer("-crlf", "-tls1_2", "-msg")
            self.addCleanup(server.stop)
            thread = threading.Thread(target=server.until, args=(b"HelloRequest", b"JobId=", key), daemon=True)
            thread.start()
            run = self.ask(server.port)
            thread.join(300)
            self.assertIn(b"HelloRequest", server.said)
            self.assertPrefix(run, "SSL" if b"SSL" in run.err else "onnect")

    # ---- time ----

    def test_stalls_and_dribbles(self):
        """A server that is silent, stalls or dribbles never holds the command beyond its deadline, each by its name."""
        def dribble(data, ms):
            def serve(_, connection):
                connection.recv(4096)
                for byte in data:
                    connection.sendall(bytes([byte]))
                    time.sleep(ms / 1000)
            return serve

        def silence(connection):
            with contextlib.suppress(OSError):
                while connection.recv(4096):
                    pass

        def over_tls(reply, ms=0):
            def serve(_, connection):
                with ctx.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(4096)
                    if ms:
                        for i in range(0, len(reply), 10):
                            tls.sendall(reply[i:i + 10])
                            time.sleep(ms / 1000)
                    else:
                        tls.sendall(reply)
                    silence(tls)
            return serve

        ctx = context("good_ec")
        hello = struct.pack("!BHH", HANDSHAKE, 0x0303, 16000) + b"\x02" + bytes(200)
        for name, serve, args, words in (
                ("silent in the handshake", lambda _, c: silence(c), ("--cli-connect-timeout", "0.4"), "Connect timeout"),
                ("dribbles in the handshake", dribble(hello, 20), ("--cli-connect-timeout", "0.4"), "Connect timeout"),
                ("dribbles, over everything", dribble(hello, 20), ("--deadline", "0.4"), "The deadline of 0.4 s"),
                ("no first byte", over_tls(b""), ("--cli-read-timeout", "0.4"), "Read timeout"),
                ("stalls in the head", over_tls(WITH_LENGTH[:20]), ("--cli-read-timeout", "0.4"), "Read timeout"),
                ("stalls in the body", over_tls(WITH_LENGTH[:5000]), ("--cli-read-timeout", "0.4"), "Read timeout"),
                ("stalls, over everything", over_tls(WITH_LENGTH[:5000]), ("--deadline", "0.4"), "The deadline of 0.4 s"),
                ("dribbles", over_tls(WITH_LENGTH, 20), ("--deadline", "0.6"), "The deadline of 0.6 s"),
                ("interim replies for ever", over_tls(b"HTTP/1.1 102 x\r\n\r\n" * 300, 20),
                 ("--cli-read-timeout", "60"), "Unable to parse response")):
            with self.subTest(name), Listener(serve) as server:
                run = self.ask(server.port, *args)
                self.assertPrefix(run, words)

    def test_where_authorities_are_named(self):
        """Option, variable, profile, the variable of others, in this order; with what a shell would expand."""
        good, other, config = (os.path.join(self.home, name) for name in ("good.pem", "other.pem", "config"))
        shutil.copy(servers.path("roots.pem"), good)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=other",
                        "-keyout", os.devnull, "-out", other], check=True, capture_output=True)
        with Server(context("good_rsa", V12, V13)) as server:
            for profile, extra, works in (
                    (None, {"REQUESTS_CA_BUNDLE": good}, True), (None, {"REQUESTS_CA_BUNDLE": other}, False),
                    (None, {"REQUESTS_CA_BUNDLE": other, "AWS_CA_BUNDLE": good}, True), (good, {"REQUESTS_CA_BUNDLE": other}, True),
                    (other, {"REQUESTS_CA_BUNDLE": good}, False), ("~/good.pem", {}, True), (None, {"AWS_CA_BUNDLE": "~/good.pem"}, True),
                    ("$HOME/good.pem", {}, True), (None, {"AWS_CA_BUNDLE": "${HOME}/good.pem"}, True),
                    (None, {"REQUESTS_CA_BUNDLE": "~/good.pem"}, True)):
                with open(config, "w", encoding="utf-8") as f:
                    f.write("[default]\n" + (f"ca_bundle = {profile}\n" if profile else ""))
                run = self.run_(*ENTITIES, "--max-attempts", "1", AWS_ENDPOINT_URL_IAM=f"https://localhost:{server.port}",
                                AWS_CONFIG_FILE=config, **extra)
                self.assertEqual(run.code, 0 if works else 255, (profile, extra, run))
                if not works:
                    self.assertIn(b"SSL validation failed", run.err)


if __name__ == "__main__":
    cli.main()
