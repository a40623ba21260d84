#!/usr/bin/python3
"""Somebody else answers in the service's place: sign-in pages of networks, redirections, proxies that offer what tinyiam
cannot do, servers of other versions of TLS. Each is named as what it is; the AWS CLI beside where it meets the same."""

import os
import socket
import ssl
import sys
import threading

import cli
from cli import ENTITIES, ROOT

sys.path.insert(0, os.path.join(ROOT, "tests", "ports", "port"))
import certificates  # noqa: E402

LOCATION = "https://portal.example/login?x=1"
PAGE = "<!DOCTYPE html>\n<html><head><title>Guest</title></head><body>Sign in</body></html>"
NGINX = "<html>\r\n<head><title>302 Found</title></head>\r\n<body>\r\n<hr>nginx</body>\r\n</html>"
PORTAL = "captive portal"


def reply(status, body="", *fields):
    """A reply as bytes, and the end of the connection."""
    head = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(head).encode("latin-1") + body.encode()


class Scripted:
    """Sends these bytes, one piece for each that comes in; then hears the connection out. context: over TLS."""

    def __init__(self, *pieces, context=None):
        self.pieces, self.context, self.connections = pieces, context, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            if self.context:
                peer = self.context.wrap_socket(peer, server_side=True)
            for piece in self.pieces:
                data = peer.recv(65536)
                while data and b"CONNECT " not in data and b"\r\n\r\n" not in data and data[:1] != b"\x16":
                    if not (more := peer.recv(65536)):
                        break
                    data += more
                peer.sendall(piece)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):
                pass
        except OSError:
            pass
        peer.close()


class Portal(cli.CliTest):
    options = None  # nobody answers but what is scripted

    def refused(self, words, code=255, **extra):
        run = self.run_(*ENTITIES, "--max-attempts", "1", **extra)
        self.assertCode(run, code)
        self.assertEqual((run.out, run.err.count(b"\n")), (b"", 1), run)
        said = run.err.decode()
        self.assertTrue(said.isprintable() or said[:-1].isprintable(), said)
        for word in words:
            self.assertIn(word, said)
        return said

    def test_pages(self):
        """Beside the AWS CLI: what it calls an error of the service is exit code 254 (its version 2), all else 255."""
        moved = f"Location: {LOCATION}"
        for status, body, fields, words in (
                ("200 OK", PAGE, (), (PORTAL, "web page")),
                ("200 OK", "\ufeff\n <HTML><body>Sign in<br></body></HTML>", (), (PORTAL, "web page")),
                ("200 OK", '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html/>',
                 (), (PORTAL, "web page")),
                ("302 Found", "", (moved,), (PORTAL, "302", LOCATION)),
                ("302 Found", NGINX, (moved,), (PORTAL, "302", LOCATION)),
                ("307 Temporary Redirect", "", (moved,), (PORTAL, "307", LOCATION)),
                ("301 Moved", "<html>moved</html>", (moved,), (PORTAL, "301", LOCATION)),
                ("303 See Other", "", ("LOCATION:\t/login ",), (PORTAL, "303", "/login")),
                ("511 Network Authentication Required", "", (), (PORTAL, "511", "browser")),
                ("511 Network Authentication Required", "<html><p>Sign in</html>", (moved,), (PORTAL, "511", LOCATION)),
                ("511 Network Authentication Required", "<a>Sign in<br></a>", (moved,), (PORTAL, "511", LOCATION))):
            with self.subTest(status=status, body=body), Scripted(reply(status, body, *fields)) as server:
                url = {"AWS_ENDPOINT_URL_IAM": f"http://127.0.0.1:{server.port}", "AWS_MAX_ATTEMPTS": "1"}
                theirs = self.aws("get-service-last-accessed-details-with-entities", *ENTITIES[1:], **url)
                service = b"An error occurred (" in theirs.err
                self.assertNotEqual(theirs.code, 0, theirs)
                self.refused(words, 254 if service else 255, **url)

    def test_no_portal(self):
        """What a balancer of the service's own says is not called one."""
        for status, body in (("503 Service Unavailable", "<html><p>busy</html>"), ("200 OK", "<a/>"),
                             ("403 Forbidden", "<a/>")):
            with self.subTest(status=status), Scripted(reply(status, body)) as server:
                run = self.run_(*ENTITIES, "--max-attempts", "1",
                                AWS_ENDPOINT_URL_IAM=f"http://127.0.0.1:{server.port}")
                self.assertNotIn(PORTAL.encode(), run.err)

    def test_names_that_begin_alike(self):
        """A tag is known by its whole name; a page of HTML that is XML is one all the same."""
        for body, portal in (("<headers/>", False), ("<bodyguard/>", False), ("<html5/>", False), ("<head/>", True),
                             ("<?xml version='1.0'?>\n<html>a</html>", True), ("<?xml version='1.0'?><GetX/>", False)):
            with self.subTest(body=body), Scripted(reply("200 OK", body)) as server:
                run = self.run_(*ENTITIES, "--max-attempts", "1", AWS_ENDPOINT_URL_IAM=f"http://127.0.0.1:{server.port}")
                self.assertEqual(PORTAL.encode() in run.err, portal, run)

    def test_an_error_is_no_location(self):
        """What the service says of an error is not taken for a Location, nor a Location for it."""
        said = "User: arn:aws:iam::123456789012:user/x is not authorized"
        error = f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{said}</Message></Error>"
        backwards = f"<ErrorResponse><Error><Message>{said}</Message><Code>AccessDenied</Code></Error>"
        for status in ("403 Forbidden", "302 Found"):
            for body in (error, backwards, error + "<RequestId>1</ErrorResponse>", backwards[:-20]):
                with self.subTest(status=status, body=body), Scripted(reply(status, body)) as server:
                    text = self.refused(("invalid XML", ), AWS_ENDPOINT_URL_IAM=f"http://127.0.0.1:{server.port}")
                    self.assertNotIn("It leads to", text)
            whole = reply(status, error + "</ErrorResponse>", f"Location: {LOCATION}")
            with self.subTest(whole=status), Scripted(whole) as server:
                text = self.refused(("(AccessDenied)", said), 254, AWS_ENDPOINT_URL_IAM=f"http://127.0.0.1:{server.port}")
                self.assertNotIn(LOCATION, text)

    def test_hostile_location(self):
        """Any length, any byte: one line, cut where it is too long, and nothing that a terminal would obey."""
        for text, shown in (("https://portal.example/" + "a" * 5000, "https://portal.example/aaaaaaaaaaaaaa..."),
                            ("https://x/\x9b2J\u202e".encode().decode("latin-1"), "https://x/\\xc2\\x9b2J\\xe2")):
            with self.subTest(text=text[:30]), Scripted(reply("302 Found", "", f"Location: {text}")) as server:
                said = self.refused((shown,), AWS_ENDPOINT_URL_IAM=f"http://127.0.0.1:{server.port}")
                self.assertLess(len(said), 1000)

    def test_not_tls(self):
        """Plain HTTP where TLS was asked for, from the endpoint's port or out of a tunnel."""
        moved = reply("302 Found", "", f"Location: {LOCATION}")
        opened = b"HTTP/1.1 200 OK\r\n\r\n"
        for pieces, words in (((moved,), ("302", LOCATION)), ((PAGE.encode(),), ()),
                              ((reply("400 Bad Request", PAGE),), ("400",))):
            with self.subTest(pieces=pieces), Scripted(*pieces) as server:
                self.refused(("SSL validation failed for", "plain HTTP", PORTAL, *words),
                             AWS_ENDPOINT_URL_IAM=f"https://127.0.0.1:{server.port}")
            with self.subTest(tunnel=pieces), Scripted(opened, *pieces) as proxy:
                self.refused(("SSL validation failed for", "plain HTTP", PORTAL, *words),
                             HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}")
        with Scripted(opened + PAGE.encode()) as proxy:
            self.refused(("plain HTTP", PORTAL), HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}")

    def test_proxy_redirects(self):
        for status, fields, words in (("302 Found", (f"Location: {LOCATION}",), (LOCATION, PORTAL)),
                                      ("307 Go", (f"Location: {LOCATION}",), (LOCATION, PORTAL)),
                                      ("511 Network Authentication Required", (), ("511", PORTAL)),
                                      ("511 Sign In", (f"Location: {LOCATION}",), (LOCATION, PORTAL))):
            with self.subTest(status=status), Scripted(reply(status, "", *fields)) as proxy:
                self.refused(("Failed to connect to proxy URL", *words), HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}")

    def test_proxy_offers(self):
        """What it offers is named where Basic is not among it; user and password are of no use then."""
        basic, relay = "wants a user and password", ("Basic only", "px, cntlm")
        for fields, words in (
                (["NTLM"], ("offers NTLM,", *relay)),
                (["Negotiate", "NTLM"], ("offers Negotiate, NTLM,", *relay)),
                (['negotiate, NTLM TlRMTVNTUAAB==,Digest realm="a, Basic b\\", Basic", qop="auth", nonce = x'],
                 ("offers negotiate, NTLM, Digest,", *relay)),
                (["X" * 5000, "NTLM"], ("offers NTLM,", *relay)),
                (["NTLM\x9b2J"], ("offers NTLM\\x9b2J,", *relay)),
                (["NTLM", 'bASIC realm="corp"'], (basic,)),
                (['Digest realm="a", Basic realm="b"'], (basic,)),
                ([], (basic,))):
            fields = [f"proxy-Authenticate:\t{field}" for field in fields]
            with self.subTest(fields=fields), Scripted(reply("407 Sign in", "", *fields)) as proxy:
                for login in ("", "user:word@"):
                    expected = words if not login or words[0] != basic else ("does not take the user and password",)
                    said = self.refused(("Failed to connect to proxy URL", *expected),
                                        HTTPS_PROXY=f"http://{login}127.0.0.1:{proxy.port}")
                    self.assertEqual("offers" in said, words[0] != basic, said)
                    self.assertNotIn("user:word", said)

    def test_other_tls(self):
        """A server of TLS 1.3 alone where mbedTLS has none, one of old ciphers alone: said once, and as what it is."""
        maker = certificates.Maker(self.home)
        maker.key("server", "prime256v1")
        maker.sign("server", None, "server", certificates.SERVER)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.home, "server.crt"), os.path.join(self.home, "server.key"))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        with Scripted(reply("200 OK"), context=context) as server:
            extra = {"AWS_ENDPOINT_URL_IAM": f"https://localhost:{server.port}",
                     "AWS_CA_BUNDLE": os.path.join(self.home, "server.crt")}
            run = self.run_(*ENTITIES, "--max-attempts", "3", **extra)
            if b"no reply" not in run.err and b"Unable to parse" not in run.err:  # mbedTLS 3.6 has it
                self.assertError(run, 255, f"SSL validation failed for https://localhost:{server.port}/ The server "
                                 "takes no version of TLS that tinyiam offers: TLS 1.2")
                self.assertIn(b"TLS 1.3 alone", run.err)
                self.assertEqual(server.connections, 1)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.home, "server.crt"), os.path.join(self.home, "server.key"))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AES256-SHA256:@SECLEVEL=0")
        with Scripted(reply("200 OK"), context=context) as server:
            self.refused(("SSL validation failed for", "handshake_failure"),
                         **{**extra, "AWS_ENDPOINT_URL_IAM": f"https://localhost:{server.port}"})


if __name__ == "__main__":
    cli.main()
