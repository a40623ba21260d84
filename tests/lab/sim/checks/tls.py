"""TLS: chains, bad certificates, versions, resumption, names, ends."""

import socket
import ssl
import unittest

from iamsim.ca import BAD_CERTS

from .base import Link, Sim, SimCase, STATE, ask, request_bytes

# what OpenSSL says of each; None: it has no objection at its lowest security level
VERDICTS = {
    "expired": "certificate has expired", "not-yet": "not yet valid",
    "wrong-name": "Hostname mismatch", "wildcard": "Hostname mismatch",
    "self-signed": "self-signed", "unknown-ca": "unable to get local issuer",
    "no-server-auth": "unsuitable certificate purpose", "leaf-as-ca": "invalid CA certificate",
    "sha1": "CA signature digest algorithm too weak|CA md too weak|md too weak",
    "rsa1024": "EE certificate key too weak", "ca-as-leaf": None,
}


def trusting(sim, **settings):
    context = ssl.create_default_context(cafile=sim.ca)
    for name, value in settings.items():
        setattr(context, name, value)
    return context


class Certificates(SimCase):
    def test_bad_ones_are_refused_for_their_reason(self):
        self.assertEqual(set(VERDICTS), set(BAD_CERTS))
        for bad, reason in VERDICTS.items():
            with self.subTest(bad):
                self.sim.scenario([{"do": {"certificate": bad}}])
                if reason is None:
                    self.assertEqual(ask(self.sim).status, 200)
                    continue
                with self.assertRaises(ssl.SSLCertVerificationError) as caught:
                    Link(self.sim)
                self.assertRegex(str(caught.exception), reason)
                self.expect_event("handshake-failed")

    def test_weak_ones_are_fine_otherwise(self):
        for bad in ("sha1", "rsa1024"):
            self.sim.scenario([{"do": {"certificate": bad}}])
            context = trusting(self.sim)
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            with Link(self.sim, context=context) as link:
                self.assertEqual(link.ask().status, 200)

    def test_names(self):
        for name in ("localhost", "iam.amazonaws.com", "127.0.0.1", "::1"):
            with Link(self.sim, name=name) as link:
                self.assertEqual(link.ask().status, 200)
        self.assertEqual([e["sni"] for e in self.sim.requests()],
                         ["localhost", "iam.amazonaws.com", None, None])
        with self.assertRaises(ssl.SSLCertVerificationError):
            Link(self.sim, name="example.com")
        self.sim.scenario([{"do": {"certificate": "wildcard"}}])
        with Link(self.sim, name="iam.amazonaws.com") as link:
            self.assertEqual(link.ask().status, 200)


class Sessions(SimCase):
    def test_alpn_and_versions(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
                              (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            context = trusting(self.sim, minimum_version=version, maximum_version=version)
            context.set_alpn_protocols(["http/1.1"])
            with Link(self.sim, context=context) as link:
                link.ask()
                self.assertEqual(link.tls.selected_alpn_protocol(), "http/1.1")
            entry = self.sim.requests()[-1]
            self.assertEqual((entry["tls"], entry["alpn"]), (name, "http/1.1"))

    def resumed(self, version, rules):
        self.sim.clear()
        self.sim.scenario(rules)
        context = trusting(self.sim, maximum_version=version)
        with Link(self.sim, context=context) as link:
            link.ask()
            session = link.tls.session
        with Link(self.sim, context=context, session=session) as link:
            link.ask()
        return [e["resumed"] for e in self.sim.requests()]

    def test_resumption(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.assertEqual(self.resumed(version, []), [False, True])
            self.assertEqual(self.resumed(version, [{"do": {"tickets": False}}]), [False, False])

    def test_ends(self):
        for how, part, wanted in (("close_notify", "body", "eof"), ("close", "body", "ragged"),
                                  ("reset", "body", "reset"), ("close", "head", "ragged")):
            self.sim.scenario([{"do": {"cut": {"part": part, "after": 30, "how": how}}}])
            reply = ask(self.sim, to_end=True)
            self.assertEqual(reply.end, wanted)
            size = len(reply.framed) if part == "body" else len(reply.raw)
            if how != "reset":
                self.assertEqual(size, 30)

    def test_polite_end_by_the_server(self):
        with Link(self.sim) as link:
            data = request_bytes(self.sim, headers={"Connection": "close"})
            link.send(data)
            reply = link.read(to_end=True)
        self.assertEqual((reply.status, reply.end), (200, "eof"))
        self.assertEqual(reply.headers("connection"), ["close"])

    def test_plain_bytes_on_a_tls_port_and_early_leavers(self):
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"", b"\x16\x03\x01\x02\x00\x01"):
            with socket.create_connection(("127.0.0.1", self.sim.port), 300) as sock:
                sock.sendall(data)
        link = Link(self.sim)
        link.send(request_bytes(self.sim, {"MaxItems": 20}))
        link.reset()
        self.assertEqual(ask(self.sim).status, 200)

    def test_large_page_in_full_records(self):
        with Link(self.sim) as link:
            link.send(request_bytes(self.sim))
            self.assertEqual(link.read().end, "whole")


class Options(unittest.TestCase):
    def start(self, *options):
        return Sim(*options, state_dir=STATE)

    def test_rsa_tls12_no_tickets_no_alpn_ipv6(self):
        with self.start("--cert-kind", "rsa", "--tls-max", "1.2", "--no-tickets", "--no-alpn",
                        "--ipv6") as sim:
            context = trusting(sim)
            context.set_alpn_protocols(["http/1.1"])
            with Link(sim, context=context) as link:
                self.assertEqual(link.ask().status, 200)
                session = link.tls.session
                self.assertIn("RSA", link.tls.cipher()[0])
            with Link(sim, context=context, session=session) as link:
                link.ask()
            last = sim.requests()[-1]
            self.assertEqual((last["tls"], last["resumed"], last["alpn"]), ("TLSv1.2", False, None))
            if socket.has_ipv6:
                try:
                    socket.create_connection(("::1", sim.port), 300).close()
                except OSError as error:
                    self.fail(f"::1 does not listen: {error}")

    def test_tls13_only_and_bad_from_the_start(self):
        with self.start("--tls-min", "1.3", "--bad-cert", "expired") as sim:
            with self.assertRaises(ssl.SSLError):
                Link(sim, context=trusting(sim, maximum_version=ssl.TLSVersion.TLSv1_2))
            with self.assertRaises(ssl.SSLCertVerificationError):
                Link(sim)
