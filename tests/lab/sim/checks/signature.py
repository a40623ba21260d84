"""Signatures: every vector, every way to be wrong."""

import base64
import calendar
import time
import unittest
import urllib.parse

from iamsim import sigv4

from .base import ACCESS_KEY, SECRET_KEY, FORM, Link, Sim, SimCase, STATE, ask, sign, \
    vector


def headers_of(v, full):
    """The headers of a vector's request as a server sees them."""
    headers = {k.lower(): [value] for k, value in v["extra_headers"].items()}
    headers.update({"host": [v["host"]], "x-amz-date": [v["amz_date"]]})
    if v["session_token"]:
        headers["x-amz-security-token"] = [v["session_token"]]
    if full:
        headers["content-length"] = [str(len(v["body"].encode()))]
        headers["x-amz-content-sha256"] = [v["payload_sha256"]]
    name = "authorization_with_content_length_and_sha256_header" if full else "authorization"
    headers["authorization"] = [v[name]]
    return headers


def check(v, headers=None, body=None, full=False, now=None, **rules):
    headers = headers or headers_of(v, full)
    rules = sigv4.Rules(rules.pop("secrets", {v["access_key"]: v["secret_key"]}), v["service"],
                        **rules)
    now = sigv4.parse_amz_date(v["amz_date"]) if now is None else now
    url = urllib.parse.urlsplit(v["url"])
    return sigv4.verify("POST", url.path, url.query, headers,
                        v["body"].encode() if body is None else body, rules, now)


class Vectors(unittest.TestCase):
    def test_every_vector_is_accepted(self):
        vectors = vector("sigv4_iam_vectors.json")["vectors"]
        self.assertGreaterEqual(len(vectors), 21)
        for v in vectors:
            for full in (False, True):
                with self.subTest(v["name"], full=full):
                    self.assertEqual(check(v, full=full), v["access_key"])

    def test_canonical_forms_are_those_of_the_vectors(self):
        for v in vector("sigv4_iam_vectors.json")["vectors"]:
            with self.subTest(v["name"]):
                headers = headers_of(v, False)
                signed = sigv4.parse_authorization(headers["authorization"][0])[2]
                path = urllib.parse.urlsplit(v["url"]).path
                text = sigv4.canonical_request("POST", path, "", headers, signed,
                                               v["payload_sha256"])
                self.assertEqual(text, v["canonical_request"])
                scope = "/".join(sigv4.parse_authorization(headers["authorization"][0])[1])
                self.assertEqual(sigv4.string_to_sign(v["amz_date"], scope, text),
                                 v["string_to_sign"])

    def test_a_changed_byte_anywhere_is_refused(self):
        for v in vector("sigv4_iam_vectors.json")["vectors"]:
            for name in headers_of(v, True):
                if name == "authorization":
                    continue
                with self.subTest(v["name"], header=name), \
                        self.assertRaises(sigv4.SignatureError):
                    headers = headers_of(v, True)
                    headers[name] = [headers[name][0][:-1] + "~"]
                    check(v, headers)
            with self.subTest(v["name"], part="body"), self.assertRaises(sigv4.SignatureError):
                check(v, body=v["body"].encode() + b"&")

    def test_canonical_paths_and_queries(self):
        for path, wanted in (("/", "/"), ("//", "/"), ("/a/../b/./c/", "/b/c/"), ("/..", "/"),
                             ("/a%20b", "/a%2520b"), ("/*~", "/%2A~")):
            self.assertEqual(sigv4.canonical_uri(path), wanted)
        for query, wanted in (("b=2&a=1", "a=1&b=2"), ("a", "a="), ("a=%7e%2f+", "a=~%2F%2B"),
                              ("a=b&a=B&A=c", "A=c&a=B&a=b")):
            self.assertEqual(sigv4.canonical_query(query), wanted)


class Refusals(unittest.TestCase):
    def setUp(self):
        self.v = vector("sigv4_iam_vectors.json")["vectors"][0]

    def refuse(self, status, code, text="", headers=None, edit=None, **rules):
        headers = headers or headers_of(self.v, False)
        if edit:
            headers["authorization"] = [headers["authorization"][0].replace(*edit)]
        with self.assertRaises(sigv4.SignatureError) as caught:
            check(self.v, headers, **rules)
        self.assertEqual((caught.exception.status, caught.exception.code), (status, code))
        self.assertIn(text, caught.exception.message)

    def test_header_forms(self):
        for old, new, text in (
                ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512", "algorithm"),
                ("Signature=", "Sig=", "requires 'Signature'"),
                ("SignedHeaders=", "Headers=", "requires 'SignedHeaders'"),
                ("Credential=", "Cred=", "requires 'Credential'"),
                ("/iam/aws4_request", "/aws4_request", "5 slash-delimited"),
                (", Signature=", ", Signature=00, Signature=", "twice"),
                ("Signature=", "Signature", "missing equal-sign"),
                ("content-type;host", "host;content-type", "sorted"),
                ("content-type;host", "Content-Type;host", "lower-case")):
            with self.subTest(new):
                self.refuse(400, "IncompleteSignature", text, edit=(old, new))

    def test_date_header(self):
        for date in ("2018-10-24T19:47:31Z", "20181324T194731Z", "", "20181024T194731"):
            headers = {**headers_of(self.v, False), "x-amz-date": [date]}
            self.refuse(400, "IncompleteSignature", headers=headers)
        headers = headers_of(self.v, False)
        del headers["x-amz-date"]
        self.refuse(400, "IncompleteSignature", "X-Amz-Date", headers=headers)

    def test_no_signature(self):
        headers = headers_of(self.v, False)
        del headers["authorization"]
        self.refuse(403, "MissingAuthenticationToken", headers=headers)

    def test_scope(self):
        for old, new, text in (("/iam/", "/sts/", "correct service"),
                               ("aws4_request", "aws5_request", "terminator"),
                               ("/20181024/", "/20181023/", "Date in Credential scope")):
            self.refuse(403, "SignatureDoesNotMatch", text, edit=(old, new))
        self.refuse(403, "SignatureDoesNotMatch", "valid region", region="eu-west-1")

    def test_signed_headers(self):
        self.refuse(403, "SignatureDoesNotMatch", "'Host'",
                    edit=("content-type;host;", "content-type;"))
        headers = {**headers_of(self.v, False), "x-amz-extra": ["1"]}
        self.refuse(403, "SignatureDoesNotMatch", "'x-amz-extra'", headers=headers)
        headers = headers_of(self.v, False)
        del headers["content-type"]
        self.refuse(403, "SignatureDoesNotMatch", "content-type", headers=headers)

    def test_keys_and_tokens(self):
        self.refuse(403, "InvalidClientTokenId", secrets={})
        self.refuse(403, "SignatureDoesNotMatch", "The Canonical String",
                    secrets={self.v["access_key"]: "other"})
        self.refuse(403, "InvalidClientTokenId", tokens={self.v["access_key"]: "t"})

    def test_message_has_what_was_expected(self):
        with self.assertRaises(sigv4.SignatureError) as caught:
            check(self.v, secrets={self.v["access_key"]: "other"})
        self.assertIn(f"'{self.v['canonical_request']}'", caught.exception.message)
        self.assertIn(f"'{self.v['string_to_sign']}'", caught.exception.message)

    def test_clock_window(self):
        then = sigv4.parse_amz_date(self.v["amz_date"])
        for now in (then - 300, then + 300):
            self.assertEqual(check(self.v, now=now), ACCESS_KEY)
        self.refuse(403, "SignatureDoesNotMatch", "Signature expired: 20181024T194731Z is now "
                    "earlier than 20181024T194732Z (20181024T195232Z - 5 min.)", now=then + 301)
        self.refuse(403, "SignatureDoesNotMatch", "Signature not yet current", now=then - 301)
        self.refuse(400, "RequestExpired", now=then + 301, skew_code="RequestExpired")

    def test_content_sha256(self):
        headers = {**headers_of(self.v, True), "x-amz-content-sha256": ["0" * 64]}
        self.refuse(403, "SignatureDoesNotMatch", "x-amz-content-sha256", headers=headers)


class OverTheWire(SimCase):
    OPTIONS = ("--plain",)

    def test_wrong_secret(self):
        reply = ask(self.sim, secret="wrong")
        self.assertEqual((reply.status, reply.code), (403, "SignatureDoesNotMatch"))
        self.assertIn("content-type:application/x-www-form-urlencoded; charset=utf-8\n", reply.text)
        self.assertEqual(self.sim.requests()[0]["signature"], "SignatureDoesNotMatch")

    def test_clock(self):
        self.assertEqual(ask(self.sim, when=time.time() - 1000).code, "SignatureDoesNotMatch")
        self.sim.clock(-1000)
        before = int(time.time()) - 1000
        reply = ask(self.sim, when=time.time() - 1000)
        after = time.time() - 1000
        self.sim.clock(0)
        self.assertEqual(reply.status, 200)
        date = calendar.timegm(time.strptime(reply.headers("date")[0], "%a, %d %b %Y %H:%M:%S GMT"))
        self.assertTrue(before <= date <= after, (before, date, after))

    def test_long_token_is_accepted_and_never_logged(self):
        token = base64.b64encode(bytes(range(256)) * 12).decode()
        reply = ask(self.sim, headers={"X-Amz-Security-Token": token})
        self.assertEqual(reply.status, 200)
        entry = self.sim.requests()[0]
        self.assertEqual(entry["headers"]["x-amz-security-token"], "(4096 characters)")
        self.assertNotIn(token[:40], str(entry))
        self.assertIn("Signature=...", entry["headers"]["authorization"])

    def test_unsigned_request(self):
        body = b"Action=X"
        with Link(self.sim) as link:
            link.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: " + FORM.encode()
                      + b"\r\nContent-Length: 8\r\n\r\n" + body)
            reply = link.read()
        self.assertEqual((reply.status, reply.code), (403, "MissingAuthenticationToken"))

    def test_path_and_query_are_signed(self):
        body = b""
        query = "Action=GetServiceLastAccessedDetails&JobId=examplef-1305-c245-eba4-71fe298bcda7" \
                "&Version=2010-05-08"
        headers = sign({"Host": "h", "Content-Length": "0"}, body, path="/a/../b", query=query)
        head = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        with Link(self.sim) as link:
            link.send(f"POST /a/../b?{query} HTTP/1.1\r\n{head}\r\n".encode())
            self.assertEqual(link.read().status, 200)


class OtherKeys(unittest.TestCase):
    def test_credentials_file_token_and_region(self):
        import json
        import os
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "keys.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump({"KEYA": "sa", "KEYB": {"secret": "sb", "token": "tb"}}, f)
            with Sim("--plain", "--credentials", path, "--region", "eu-west-1", "--own-jobs-only",
                     state_dir=STATE) as sim:
                def code(key, secret, region="eu-west-1", params=None, **headers):
                    return ask(sim, params, key=key, secret=secret, region=region, headers=headers)
                token = {"X-Amz-Security-Token": "tb"}
                self.assertEqual(code("KEYA", "sa").status, 200)
                self.assertEqual(code("KEYA", "sa", "us-east-1").code, "SignatureDoesNotMatch")
                self.assertEqual(code("KEYB", "sb").code, "InvalidClientTokenId")
                self.assertEqual(code("KEYB", "sb", **token).status, 200)
                self.assertEqual(code(ACCESS_KEY, SECRET_KEY).code, "InvalidClientTokenId")
                made = code("KEYA", "sa", params={
                    "Action": "GenerateServiceLastAccessedDetails", "JobId": None,
                    "ServiceNamespace": None, "Arn": "arn:aws:iam::123456789012:user/a"})
                job = made.members("JobId")[0]
                self.assertEqual(code("KEYA", "sa", params={"JobId": job}).status, 200)
                other = code("KEYB", "sb", params={"JobId": job}, **token)
                self.assertEqual((other.status, other.code), (404, "NoSuchEntity"))
