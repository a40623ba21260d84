#!/usr/bin/env python3
"""The firmware's TLS in QEMU, and what it costs in memory: test_tls.py [CLASS.TEST...]"""

import sys
import tempfile

from case import Firmware, main, sim


class Tls(Firmware):
    def test_tls(self):
        """10,000 entities over TLS 1.2 and 1.3, RSA and ECDSA; RAM does not grow with the list."""
        for kind in ("ecdsa", "rsa"):
            for version in ("1.2", "1.3"):
                with self.subTest(kind=kind, version=version), \
                        sim("--entities", 10000, "--cert-kind", kind, "--tls-min", version,
                            "--tls-max", version) as server:
                    result = self.machine.entities(server, "--all", "--max-items", "1000")
                    self.check_list(result, 10000)
                    stats = result.stats
                    print(kind, version, {k: stats[k] for k in ("arena_peak", "stack_peak",
                                                                "lwip_peak", "item_peak", "ms")})
                    # the longest entity is longer than the item buffer: it came all the same
                    self.assertGreater(stats["item_size"], 1024)
                    self.assertLess(stats["stack_peak"], stats["stack_size"] - 256)
                    request = server.requests()[0]
                    self.assertEqual(request["sni"], "iam.amazonaws.com")
                    self.assertEqual(request["headers"]["host"], "iam.amazonaws.com")
                    self.assertEqual(request["alpn"], "http/1.1")

    def test_no_leak(self):
        """100 connections in a boot leave no more behind than 2 do."""
        with sim("--entities", 300, scenario=[{"name": "close", "do": {"connection": "close"}}]) as server:
            two = self.machine.entities(server, "--all", "--max-items", "150")
            hundred = self.machine.entities(server, "--all", "--max-items", "3")
            self.check_list(two, 300)
            self.check_list(hundred, 300)
            self.assertEqual(hundred.stats["handshakes"], 100)
            self.assertEqual(hundred.stats["resumed"], 99)
            self.assertLessEqual(hundred.stats["arena_used"], two.stats["arena_used"])
            # a timer or the last connection may still be there; the smallest leak, 16 bytes a time, may not
            self.assertLess(hundred.stats["lwip_used"], two.stats["lwip_used"] + 500)
            self.assertLessEqual(hundred.stats["arena_peak"], two.stats["arena_peak"] + 512)

    def test_certificates(self):
        """A bad certificate is refused, and never asked twice."""
        for bad in ("expired", "not-yet", "wrong-name", "self-signed", "unknown-ca", "no-server-auth",
                    "sha1", "rsa1024", "leaf-as-ca"):
            with self.subTest(bad), sim("--bad-cert", bad) as server:
                result = self.machine.entities(server)
                self.assertEqual((result.code, result.out), (255, ""), result)
                self.assertIn("certificate was refused", result.err)
                self.assertEqual(result.stats["connections"], 1)
                self.assertEqual(server.requests(), [])
        with sim("--bad-cert", "wildcard") as server:
            self.assertEqual(self.machine.entities(server).code, 0)

    def test_bundle(self):
        """A bundle of many roots needs no more RAM than one root."""
        with sim("--entities", 10) as server, tempfile.NamedTemporaryFile("w") as bundle:
            one = self.machine.entities(server)
            with open("/etc/ssl/certs/ca-certificates.crt", encoding="ascii") as f:
                bundle.write(f.read())
            with open(server.ca, encoding="ascii") as f:
                bundle.write(f.read())
            bundle.flush()
            many = self.machine.entities(server, ca=bundle.name)
            self.check_list(many, 10)
            self.assertLess(many.stats["arena_peak"], one.stats["arena_peak"] + 2048)


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
