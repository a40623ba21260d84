#!/usr/bin/python3
"""The TLS port against OpenSSL: Python's ssl module and `openssl s_server`, on loopback.

    test_servers.py PROBE [unittest arguments]      PROBE: the program of tls_probe.c
"""

import contextlib
import fcntl
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificates  # noqa: E402

OK, AGAIN, EOF, CONNECT, RESET, TRUNCATED = 0, 1, -20, -22, -23, -25
TLS, VERIFY, SETUP, VERSION = -40, -41, -43, -45
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
PROBE = None
FOLDER = None



def probe(port, *, rounds=1, **options):
    """Runs the client; a dict for each connection."""
    options.setdefault("host", "localhost")
    options.setdefault("ca", path("roots.pem"))
    words = [f"{k}={v}" for k, v in options.items()]
    done = subprocess.run([PROBE, f"port={port}", f"rounds={rounds}", *words], capture_output=True, text=True,
                          timeout=300, check=False)
    lines = []
    for line in done.stdout.splitlines():
        line, _, why = line.partition(" why=")
        lines.append({k: int(v) for k, v in (word.split("=") for word in line.split())} | {"why": why})
    if done.returncode != 0 or len(lines) != rounds:
        raise AssertionError(f"probe: {done.returncode}, {done.stdout}{done.stderr}")
    return lines if rounds > 1 else lines[0]


def path(name):
    return os.path.join(FOLDER, name)


def context(certificate="good_ec", low=V12, high=V13):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.set_ciphers("ALL:@SECLEVEL=0")
    c.minimum_version, c.maximum_version = low, high
    c.load_cert_chain(path(certificate + ".pem"), path(certificate + ".key"))
    c.set_alpn_protocols(["h2", "http/1.1"])
    return c


def left(file, what):
    """Bytes that the other end has yet to take: TIOCOUTQ of a connection, FIONREAD of a pipe."""
    return struct.unpack("i", fcntl.ioctl(file.fileno(), what, bytes(4)))[0]


def delivered(connection):
    """Waits until it has arrived, as a reset would take away what has not."""
    while left(connection, termios.TIOCOUTQ):
        time.sleep(0.001)


class Listener:
    """Runs serve(self, socket) for each connection in a thread of its own."""

    def __init__(self, serve, address="127.0.0.1"):
        self.serve = serve
        self.socket = socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.port = self.socket.getsockname()[1]
        self.threads = []
        self.accepting = threading.Thread(target=self.accept, daemon=True)
        self.accepting.start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(250)
            thread = threading.Thread(target=self.one, args=(connection,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def one(self, connection):
        try:
            self.serve(self, connection)
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.accepting.join(300)
        for thread in self.threads:
            thread.join(300)


class TlsServer(Listener):
    """A handshake, then: reads what the client says, answers, ends in one way or another."""

    def __init__(self, ctx, answer=b"pong", end="notify", address="127.0.0.1"):
        self.context, self.answer, self.end = ctx, answer, end
        self.application = b""  # what clients said, all connections
        self.handshakes, self.names, self.protocols, self.peers = 0, [], [], []
        ctx.sni_callback = lambda _, name, __: self.names.append(name)
        super().__init__(TlsServer.talk, address)

    def talk(self, connection):
        with self.context.wrap_socket(connection, server_side=True) as tls:
            self.handshakes += 1
            self.protocols.append((tls.version(), tls.selected_alpn_protocol()))
            self.peers.append(tls.getpeercert())
            self.application += tls.recv(100)
            tls.sendall(self.answer)
            if self.end == "notify":
                tls.unwrap().close()
            elif self.end == "cut":
                os.close(tls.detach())
            elif self.end == "reset":
                tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(tls.detach())


class OpensslServer:
    """openssl s_server on a port of its own choice."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", path("good_rsa.pem"), "-cert_chain",
             path("good_rsa.pem"), "-key", path("good_rsa.key"), *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = b""
        while not (found := re.search(rb"ACCEPT .*:(\d+)\n", self.said)):
            if not self.more():
                raise AssertionError(f"openssl s_server does not listen: {self.said.decode()}")
        self.port = int(found[1])

    def more(self):
        """False: it has ended."""
        got = os.read(self.process.stdout.fileno(), 4096)
        self.said += got
        return bool(got)

    def hear(self, words):
        """Waits until it has said that, or has ended."""
        while words not in self.said and self.more():
            pass

    def tell(self, heard, *lines):
        """When it has heard that: these lines, each when the one before was read, as it looks at what it reads at once as at
        one line."""
        self.hear(heard)
        with contextlib.suppress(BrokenPipeError, ValueError):  # it gave up
            for line in lines:
                self.process.stdin.write(line)
                self.process.stdin.flush()
                while left(self.process.stdin, termios.FIONREAD) and self.process.poll() is None:
                    time.sleep(0.005)

    def until(self, message, heard, *lines):
        """The same, and its end behind that message of TLS (of -msg)."""
        self.tell(heard, *lines)
        self.hear(message)
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        if not self.process.stdout.closed:
            self.process.communicate()


class Relay(Listener):
    """Passes on between client and server in pieces of the given size."""

    def __init__(self, port, size):
        self.target, self.size = port, size
        super().__init__(Relay.talk)

    def talk(self, connection):
        with socket.create_connection(("127.0.0.1", self.target)) as far:
            far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=self.pump, args=(far, connection), daemon=True)
            back.start()
            self.pump(connection, far)
            back.join(300)

    def pump(self, source, sink):
        try:
            while data := source.recv(65536):
                for i in range(0, len(data), self.size):
                    sink.sendall(data[i:i + self.size])
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


BAD = {  # certificate: words that must be among the reasons
    "unknown_issuer": "unknown", "self_signed": "unknown", "no_chain": "incomplete", "bad_signature": "unknown",
    "no_ca_inter": "unknown", "path_length": "unknown", "expired": "expired", "expired_inter": "expired",
    "future": "not yet valid", "other_name": "another host name", "ca_as_leaf": "not meant for a server",
    "ca_as_leaf_client": "not meant for a server", "wildcards_beside": "another host name",
    "client_usage": "not meant for a server", "key_usage": "not meant for a server", "sha1": "weak hash",
    "sha1_inter": "weak hash", "md5": "weak hash", "rsa1024": "too weak", "rsa1024_inter": "too weak",
    "critical_extension": "could not be read", "p224": "too weak",
}


class Servers(unittest.TestCase):
    def versions(self):
        return (V12, V13) if TLS13 else (V12,)

    def test_good(self):
        for name in ("good_rsa", "good_ec", "no_usages"):
            for version in self.versions():
                with self.subTest(name=name, version=version.name), \
                        TlsServer(context(name, version, version)) as server:
                    got = probe(server.port)
                    self.assertEqual((got["open"], got["got"], got["end"]), (OK, 4, EOF))
                    self.assertEqual(server.application, b"ping")
                    # twice where mbedTLS needs a second connection, see tls_compat_without_tls13
                    self.assertEqual(set(server.names), {"localhost"})
                    self.assertEqual(server.protocols, [(f"TLSv1.{version - 0x301}", "http/1.1")])

    def test_best_version_is_taken(self):
        with TlsServer(context()) as server:
            probe(server.port)
            self.assertEqual(server.protocols[0][0], "TLSv1.3" if TLS13 else "TLSv1.2")

    def test_addresses(self):
        for address in ("127.0.0.1", "::1"):
            try:
                server = TlsServer(context(), address=address)
            except OSError:
                continue  # no IPv6 here
            with server:
                self.assertEqual(probe(server.port, host=address)["open"], OK)
                self.assertEqual(server.names, [None])
                self.assertEqual(probe(server.port, host=address, name="other.test")["open"], VERIFY)

    def test_large_records(self):
        answer = bytes(i * 7 % 251 for i in range(1000003))
        total = 0
        for byte in answer:
            total = (total * 31 + byte) & 0xFFFFFFFFFFFFFFFF
        for version in self.versions():
            for chunk in (1, 1000, 65536):
                with self.subTest(version=version.name, chunk=chunk), \
                        TlsServer(context("good_ec", version, version), answer) as server:
                    got = probe(server.port, chunk=chunk, ms=250000)
                    self.assertEqual((got["got"], got["end"], got["sum"]), (len(answer), EOF, total & 0xFFFFFFFF))

    def test_bad_certificates(self):
        for name, words in BAD.items():
            for version in self.versions():
                with self.subTest(name=name, version=version.name), \
                        TlsServer(context(name, version, version)) as server:
                    got = probe(server.port)
                    if name == "p224" and got["open"] == TLS:
                        words = ""  # OpenSSL has no signature scheme for it in TLS 1.3 and gives up itself
                    else:
                        self.assertEqual(got["open"], VERIFY)
                    self.assertIn(words, got["why"])
                self.assertEqual((server.application, server.handshakes, got["handshakes"]), (b"", 0, 0))

    def test_names(self):
        for name, host, good in (("wildcard", "a.wild.test", True), ("wildcard", "a.b.wild.test", False),
                                 ("wildcard", "wild.test", False), ("wildcard", "plain.test", True),
                                 ("other_name", "localhost", False), ("other_name", "other.test", True)):
            with self.subTest(name=name, host=host), TlsServer(context(name)) as server:
                got = probe(server.port, name=host)
                self.assertEqual(got["open"], OK if good else VERIFY)
                self.assertEqual(server.application, b"ping" if good else b"")
                self.assertEqual(server.names, [host])

    def test_old_versions(self):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version=version.name), TlsServer(context("good_rsa", version, version)) as server:
                # it has none of the cipher suites, or, asked by TLS 1.3's hello, none of the versions
                self.assertIn(probe(server.port)["open"], (TLS, VERSION))
                self.assertEqual(server.handshakes, 0)

    def test_version_it_has_not(self):
        if not TLS13:
            with TlsServer(context("good_rsa", V13, V13)) as server:
                self.assertEqual(probe(server.port)["open"], VERSION)

    def test_cipher_suites_without_forward_secrecy_or_aead(self):
        for suites in ("AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA"):
            ctx = context("good_rsa", V12, V12)
            ctx.set_ciphers(suites + ":@SECLEVEL=0")
            with self.subTest(suites), TlsServer(ctx) as server:
                self.assertEqual(probe(server.port)["open"], TLS)  # the server's alert
                self.assertEqual(server.handshakes, 0)

    def test_ends(self):
        for version in self.versions():
            for end, want in (("notify", EOF), ("cut", TRUNCATED), ("reset", RESET)):
                with self.subTest(version=version.name, end=end), \
                        TlsServer(context("good_ec", version, version), end=end) as server:
                    got = probe(server.port)
                    self.assertEqual((got["open"], got["end"]), (OK, want))
                    if end != "reset":
                        self.assertEqual(got["got"], 4)

    def test_end_before_any_data(self):
        for version in self.versions():
            with self.subTest(version=version.name), \
                    TlsServer(context("good_ec", version, version), b"", "cut") as server:
                got = probe(server.port)
                self.assertEqual((got["open"], got["got"], got["end"]), (OK, 0, TRUNCATED))

    def test_no_tls_at_all(self):
        def plain(_, connection):
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        def silence(_, connection):
            connection.recv(1000)

        def reset(_, connection):
            connection.recv(1000)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        for serve, want in ((plain, TLS), (silence, RESET), (reset, RESET)):
            with self.subTest(serve.__name__), Listener(serve) as server:
                self.assertEqual(probe(server.port)["open"], want)

    def test_silent_server(self):
        def silent(_, connection):
            while connection.recv(4096):
                pass

        with Listener(silent) as server:
            self.assertEqual(probe(server.port, ms=200)["open"], AGAIN)

    def test_dribble(self):
        for version in self.versions():
            with self.subTest(version=version.name), \
                    TlsServer(context("good_rsa", version, version), bytes(5000)) as server, \
                    Relay(server.port, 1) as relay:
                got = probe(relay.port, ms=250000)
                self.assertEqual((got["open"], got["got"], got["end"]), (OK, 5000, EOF))

    def test_resumption(self):
        for version in self.versions():
            for tickets in (True, False):
                if version == V13 and not tickets:
                    continue
                ctx = context("good_ec", version, version)
                if not tickets:
                    ctx.options |= ssl.OP_NO_TICKET
                with self.subTest(version=version.name, tickets=tickets), TlsServer(ctx) as server:
                    got = probe(server.port, rounds=4)
                    self.assertEqual([g["resumed"] for g in got], [0, 1, 2, 3])
                    self.assertEqual([g["end"] for g in got], [EOF] * 4)
                    self.assertEqual(ctx.session_stats()["hits"], 3)
                    got = probe(server.port, rounds=2, forget=1)
                    self.assertEqual([g["resumed"] for g in got], [0, 0])

    def test_client_certificate(self):
        for version in self.versions():
            ctx = context("good_ec", version, version)
            ctx.load_verify_locations(path("root_ec.crt"))
            ctx.verify_mode = ssl.CERT_REQUIRED
            with self.subTest(version=version.name), TlsServer(ctx) as server:
                got = probe(server.port, cert=path("client.pem"), key=path("client.key"))
                self.assertEqual((got["open"], got["end"]), (OK, EOF))
                self.assertEqual(server.peers[0]["subject"], ((("commonName", "client"),),))
                got = probe(server.port)
                self.assertLess(min(got["open"], got.get("end", 0)), 0)
                self.assertEqual(server.application, b"ping")

    def test_roots(self):
        with TlsServer(context()) as server:
            for name in ("nothing", "leaf_rsa.key"):
                done = subprocess.run([PROBE, f"port={server.port}", f"ca={path(name)}"], capture_output=True,
                                      text=True, timeout=300, check=False)
                self.assertIn(f"ca={SETUP}", done.stdout)
            self.assertEqual(probe(server.port, ca=path("root_rsa.crt"))["open"], VERIFY)
            self.assertEqual(probe(server.port, ca=path("root_ec.crt"))["open"], OK)
            # an intermediate that is trusted itself is enough
            self.assertEqual(probe(server.port, ca=path("inter_ec.crt"))["open"], OK)


@unittest.skipUnless(shutil.which("openssl"), "no openssl")
class Command(unittest.TestCase):
    """openssl s_server, which can be told to do things by its standard input."""

    def start(self, *words):
        server = OpensslServer(*words)
        self.addCleanup(server.stop)
        return server, server.port

    def told(self, version, message, *lines):
        """What the client sees of a server that has heard it, is told these lines, and ends behind this message of TLS."""
        server, port = self.start(version, "-msg")
        thread = threading.Thread(target=server.until, args=(message, b"ping", *lines))
        thread.start()
        got = probe(port, ms=250000)
        thread.join(300)
        return got

    def test_pages(self):
        for words in (("-tls1_2",), ("-tls1_3",), ("-tls1_2", "-no_ticket"), ("-tls1_3", "-num_tickets", "1"),
                      ("-tls1_2", "-max_send_frag", "512"), ("-record_padding", "1024")):
            if "-tls1_3" in words and not TLS13:
                continue
            with self.subTest(words):
                server, port = self.start("-www", *words)
                try:
                    got = probe(port, rounds=3, text="GET / HTTP/1.0\r\n\r\n")
                    if "-max_send_frag" in words and not TLS13:
                        # mbedTLS before 3.6.3 knows no handshake messages in several records
                        self.assertEqual([g["open"] for g in got], [TLS] * 3)
                        continue
                    self.assertEqual([g["open"] for g in got], [OK] * 3)
                    self.assertGreater(min(g["got"] for g in got), 1000)
                    self.assertEqual([g["resumed"] for g in got], [0, 1, 2])
                finally:
                    server.stop()

    def test_finite_fields(self):
        """Groups of up to 8192 bits, which a server may choose where they are offered: they are not."""
        for words, opens in ((("-tls1_3", "-groups", "ffdhe2048:ffdhe8192"), False),
                             (("-tls1_3", "-groups", "ffdhe8192:P-384"), True),
                             (("-tls1_3", "-groups", "P-521"), True)):
            if TLS13:
                with self.subTest(words):
                    server, port = self.start(*words)
                    try:
                        got = probe(port, want=0)
                        self.assertEqual(got["open"] == OK, opens, got)
                    finally:
                        server.stop()

    def test_renegotiation(self):
        for key in (b"r\n", b"R\n"):
            with self.subTest(key):
                got = self.told("-tls1_2", b"HelloRequest", key)  # refused: the server gives up, or goes on as before
                self.assertEqual((got["open"], got["handshakes"]), (OK, 1))
                self.assertIn(got["end"], (EOF, TLS, RESET, TRUNCATED))

    def test_key_update(self):
        if TLS13:
            got = self.told("-tls1_3", b"KeyUpdate", b"k\n")  # mbedTLS has none: an error, not a hang or damage
            self.assertEqual(got["open"], OK)
            self.assertTrue(got["end"] < 0)


def begin(program, make=certificates.make):
    """Runs the tests of the program's module with the probe, and the certificates that make(folder) makes."""
    global PROBE, FOLDER, TLS13, KEEP, FIND
    PROBE = os.path.abspath(program)
    about = subprocess.run([PROBE, "about=1"], capture_output=True, text=True, timeout=300, check=True).stdout
    TLS13, KEEP, FIND = (word + "=1" in about for word in ("tls13", "keep", "find"))
    print(f"mbedTLS: {about.strip()}; {ssl.OPENSSL_VERSION}", flush=True)
    with tempfile.TemporaryDirectory() as FOLDER:
        make(FOLDER)
        # the old versions of TLS are asked for on purpose
        unittest.main(exit=True, warnings="ignore")


if __name__ == "__main__":
    begin(sys.argv.pop(1))
