#!/usr/bin/python3
"""mbedTLS built in ways that make it fail oddly: said by the compiler, and by the command where it can be.

    test_built.py COMMAND MBEDTLS     COMMAND: built with MBEDTLS_SSL_IN_CONTENT_LEN=4096; MBEDTLS: the sources
"""

import os
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
sys.path[:0] = [os.path.join(ROOT, "tests", "programs", "cli"), os.path.join(ROOT, "tests", "ports", "port")]

import certificates  # noqa: E402
import cli  # noqa: E402
import test_servers as servers  # noqa: E402
import test_tls  # noqa: E402

# What is turned off or set, and a word of what the compiler says. None: nothing.
BUILDS = (
    ("", None),
    ("#define MBEDTLS_SSL_IN_CONTENT_LEN 16384\n#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048", None),
    ("#define MBEDTLS_SSL_IN_CONTENT_LEN 4096", "IN_CONTENT_LEN is under 16384"),
    ("#define MBEDTLS_SSL_OUT_CONTENT_LEN 512", "OUT_CONTENT_LEN is under 1024"),
    ("#define MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH", "VARIABLE_BUFFER_LENGTH"),
    ("#undef MBEDTLS_SSL_SERVER_NAME_INDICATION", "SERVER_NAME_INDICATION"),
    ("#undef MBEDTLS_SSL_ALPN", "MBEDTLS_SSL_ALPN"),
    ("#undef MBEDTLS_GCM_C\n#undef MBEDTLS_CHACHAPOLY_C\n#undef MBEDTLS_SSL_PROTO_TLS1_3\n"
     "#undef MBEDTLS_SSL_TICKET_C\n#undef MBEDTLS_PSA_CRYPTO_C\n#undef MBEDTLS_PSA_CRYPTO_STORAGE_C\n"
     "#undef MBEDTLS_PSA_ITS_FILE_C\n#undef MBEDTLS_LMS_C", "neither GCM nor ChaCha20"),
    ("#undef MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED\n#undef MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED\n"
     "#undef MBEDTLS_SSL_PROTO_TLS1_3", "KEY_EXCHANGE_ECDHE"),
    ("#define MBEDTLS_X509_MAX_INTERMEDIATE_CA 3", "MAX_INTERMEDIATE_CA"),
    ("#undef MBEDTLS_ECP_DP_SECP256R1_ENABLED", "without P-256"),
)


class Compiler(unittest.TestCase):
    def said(self, change, *more):
        with tempfile.TemporaryDirectory() as folder:
            config = os.path.join(folder, "config.h")
            with open(config, "w", encoding="utf-8") as f:
                f.write(f'#include "{MBEDTLS}/include/mbedtls/mbedtls_config.h"\n{change}\n')
            done = subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-fsyntax-only", f"-I{MBEDTLS}/include",
                                   f"-I{ROOT}/core/include", f"-I{ROOT}/port/include", f"-I{ROOT}/port",
                                   f'-DMBEDTLS_CONFIG_FILE="{config}"', *more,
                                   os.path.join(ROOT, "port", "tls_mbedtls.c")],
                                  capture_output=True, text=True, check=False)
        return "\n".join(line for line in done.stderr.splitlines() if "warning:" in line or "error:" in line)

    def test_builds(self):
        for change, words in BUILDS:
            with self.subTest(change):
                said = self.said(change)
                if words is None:
                    self.assertEqual(said, "")
                else:
                    self.assertIn(words, said)
                    self.assertEqual("error" in said, "ALPN" in words, said)

    def test_on_purpose(self):
        for change, words in BUILDS:
            if words and "ALPN" not in words:
                with self.subTest(change):
                    self.assertEqual(self.said(change, "-DIAM_TLS_AS_BUILT"), "")


class Records(cli.CliTest):
    """4096 bytes a record: what fits arrives; what does not is an error of its own, asked for once."""

    known = (servers.V12, servers.V13)
    ask, assertList = test_tls.Tls.ask, test_tls.Tls.assertList

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory(prefix="tinyiam-records-")
        servers.FOLDER = cls.folder.name
        certificates.make(servers.FOLDER)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        super().tearDownClass()

    def test_small_ones(self):
        for version in self.known:
            with self.subTest(version.name), test_tls.Server(
                    servers.context("good_ec", version, version), record=4096) as server:
                self.assertList(self.ask(server.port))

    def test_large_ones(self):
        for version in self.known:
            for record in (4097, 5000, 16384):
                with self.subTest(version=version.name, record=record), test_tls.Server(
                        servers.context("good_ec", version, version), record=record) as server:
                    run = self.ask(server.port, attempts=3)
                    self.assertError(run, 255, f"SSL validation failed for https://localhost:{server.port}/ "
                                     "a TLS record is too large for mbedTLS")
                    self.assertIn(b"MBEDTLS_SSL_IN_CONTENT_LEN", run.err)
                    self.assertEqual(len(server.threads), 1)

    def test_large_handshake(self):
        """The server's certificates in a record that is too large."""
        with open(servers.path("good_rsa.pem"), "a", encoding="ascii") as to, \
                open(servers.path("root_rsa.crt"), encoding="ascii") as root:
            to.write(root.read() * 6)
        for version in self.known:
            with self.subTest(version.name), test_tls.Server(
                    servers.context("good_rsa", version, version)) as server:
                run = self.ask(server.port, attempts=3)
                self.assertError(run, 255, f"SSL validation failed for https://localhost:{server.port}/ "
                                 "a TLS record is too large for mbedTLS")
                self.assertEqual(len(server.threads), 1)

    def test_no_records(self):
        """What is no TLS at all is no matter of size, and asked again."""
        def serve(_, connection):
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)

        with servers.Listener(serve) as server:
            run = self.ask(server.port, attempts=2)
            self.assertError(run, 255, "SSL validation failed for ")
            self.assertNotIn(b"too large", run.err)
            self.assertEqual(len(server.threads), 2)


if __name__ == "__main__":
    os.environ["TINYIAM"], MBEDTLS = sys.argv.pop(1), os.path.abspath(sys.argv.pop(1))
    cli.binary()
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(c) for c in (Compiler, Records))
    sys.exit(not unittest.TextTestRunner(verbosity=1).run(suite).wasSuccessful())
