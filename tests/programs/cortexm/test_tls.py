#!/usr/bin/env python3
"""The firmware's TLS in QEMU, and what it costs in memory: test_tls.py [CLASS.TEST...]"""

import os
import socket
import ssl
import sys
import tempfile
import threading

from case import ROOT, STATE, Firmware, main, sim

sys.path.insert(0, os.path.join(ROOT, "tests", "ports", "port"))
import certificates  # noqa: E402


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
            # TLS 1.3: a ticket that comes after the reply's end is not waited for
            self.assertGreaterEqual(hundred.stats["resumed"], 95)
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

    def test_chains(self):
        """Roots and chains as servers have them: RSA of 4096 bits, P-384, chains of three and four, by either
        version; more roots than are kept parsed."""
        folder = os.path.join(STATE, "chains")
        make_chains(folder)
        roots = os.path.join(folder, "roots.pem")
        with open("/etc/ssl/certs/ca-certificates.crt", encoding="ascii") as f:
            system = f.read()
        with tempfile.NamedTemporaryFile("w") as bundle, sim("--plain", "--entities", 130) as server:
            with open(roots, encoding="ascii") as f:
                bundle.write(system + f.read())
            bundle.flush()
            for name in ("rsa4096", "p384", "mixed"):
                for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                    for ca in (os.path.join(folder, name + "-root.crt"), roots, bundle.name):
                        with self.subTest(name=name, version=version.name, ca=ca), \
                                Terminator(folder, name, version, server.port) as front:
                            result = self.machine.entities(front, "--all", "--max-items", "100", ca=ca)
                            self.check_list(result, 130)


    def test_whom_it_believes(self):
        """What mbedTLS alone takes, or cannot read; all kinds are in tests/ports/port/test_matrix.py."""
        folder = os.path.join(STATE, "believed")
        kinds = make_believed(folder)
        with sim("--plain", "--entities", 10) as server:
            for name, (root, good) in kinds.items():
                for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                    with self.subTest(name=name, version=version.name), \
                            Terminator(folder, name, version, server.port) as front:
                        result = self.machine.entities(front, ca=os.path.join(folder, root + ".crt"))
                        if good:
                            self.check_list(result, 10)
                        else:
                            self.assertEqual((result.code, result.out), (255, ""), result)
                            self.assertIn("certificate was refused", result.err)
                            self.assertEqual(result.stats["connections"], 1)

    def test_asked_for_a_certificate(self):
        """A server that would like one of ours hears that there is none; the image cannot sign."""
        folder = os.path.join(STATE, "believed")
        make_believed(folder)
        with sim("--plain", "--entities", 10) as server:
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                with self.subTest(version=version.name), \
                        Terminator(folder, "named", version, server.port) as front:
                    front.context.verify_mode = ssl.CERT_OPTIONAL
                    front.context.load_verify_locations(os.path.join(folder, "root.crt"))
                    result = self.machine.entities(front, ca=os.path.join(folder, "root.crt"))
                    self.check_list(result, 10)


def make_believed(folder):
    """{name of a server's certificate: (root, whether it is to be believed)}, made in the folder."""
    maker = certificates.Maker(folder)
    server = certificates.SERVER[:3]
    for key in ("root", "inter", "leaf"):
        maker.key(key, "prime256v1")
    maker.keys.update(near="root", far="root", usage="inter", limits="inter")
    maker.sign("root", None, "root", certificates.ROOT)
    for name, domain in (("near", "amazonaws.com"), ("far", "example.com")):
        maker.sign(name, None, "root", [*certificates.ROOT[:2],
                                        f"nameConstraints = critical, permitted;DNS:{domain}"])
    maker.sign("usage", "root", "inter", [*certificates.ROOT[:2], "extendedKeyUsage = clientAuth"])
    maker.sign("limits", "root", "inter", [*certificates.ROOT[:2], "nameConstraints = excluded;DNS:amazonaws.com"])
    maker.case("named", "root", "leaf", [*server, NAMES])
    maker.case("common_name", "root", "leaf", server, subject="/CN=iam.amazonaws.com")
    maker.case("below_usage", "usage", "leaf", [*server, NAMES], ("usage",))
    maker.case("below_limits", "limits", "leaf", [*server, NAMES], ("limits",))
    maker.case("below_near", "near", "leaf", [*server, NAMES])
    maker.case("below_far", "far", "leaf", [*server, NAMES])
    return {"named": ("root", True), "common_name": ("root", False), "below_usage": ("root", False),
            "below_limits": ("root", False), "below_near": ("near", True), "below_far": ("far", False)}


NAMES = "subjectAltName = DNS:iam.amazonaws.com"


def make_chains(folder):
    """roots.pem, and NAME.pem with NAME.key: a server's certificate and what it sends along."""
    if os.path.exists(os.path.join(folder, "done")):
        return
    maker = certificates.Maker(folder)
    server = certificates.SERVER[:3] + [NAMES]
    roots = []
    for name, root, middle, key in (("rsa4096", "rsa4096", ("rsa4096", "rsa2048"), "rsa4096"),
                                    ("p384", "secp384r1", ("secp384r1",), "secp384r1"),
                                    ("mixed", "rsa2048", ("rsa2048", "secp384r1"), "prime256v1")):
        maker.key(f"{name}-root", root)
        maker.sign(f"{name}-root", None, f"{name}-root", certificates.ROOT)
        roots.append(maker.get(f"{name}-root.crt"))
        issuer, sent = f"{name}-root", []
        for number, kind in enumerate(middle):
            between = f"{name}-{number}"
            maker.key(between, kind)
            maker.sign(between, issuer, between, certificates.ROOT)
            issuer, sent = between, [between, *sent]
        maker.key(name, key)
        maker.sign(name, issuer, name, server, subject="/CN=server")
        maker.put(f"{name}.pem", "".join(maker.get(f"{part}.crt") for part in (name, *sent)))
    maker.put("roots.pem", "".join(roots))
    maker.put("done", "")


class Terminator(threading.Thread):
    """Speaks TLS with a certificate of one's own in front of a simulator without."""

    def __init__(self, folder, name, version, behind):
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = self.context.maximum_version = version
        self.context.load_cert_chain(os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key"))
        self.context.set_alpn_protocols(["http/1.1"])
        self.behind, self.ca = behind, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def run(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            try:
                self.join_up(self.context.wrap_socket(raw, server_side=True))
            except OSError:
                raw.close()

    def join_up(self, front):
        with front, socket.create_connection(("127.0.0.1", self.behind)) as back:
            down = threading.Thread(target=self.copy, args=(back, front), daemon=True)
            down.start()
            self.copy(front, back)
            down.join(5)

    @staticmethod
    def copy(source, to):
        try:
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
