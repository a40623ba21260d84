"""STS, IMDSv2, container endpoint, AWS IoT's credential provider and the proxy: on the wire, and
by botocore and the AWS CLI, which must get the identities that the log names."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import ssl
import subprocess
import time
import unittest
import urllib.parse

from iamsim import sigv4, sources, sts

from .base import (ACCESS_KEY, ENTITIES, FIXED_JOB, FORM, SECRET_KEY, SimCase, documented,
                   sign)
from .sdk import aws, available
from .service import ARN

ROLE = "arn:aws:iam::123456789012:role/team/reader"


def signed(body, host, service="sts", key=ACCESS_KEY, secret=SECRET_KEY, token=None):
    """Headers of a POST of a form."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers = {"Host": host, "Content-Type": FORM, "X-Amz-Date": stamp}
    if token:
        headers["X-Amz-Security-Token"] = token
    lower = {name.lower(): [value] for name, value in headers.items()}
    text = sigv4.canonical_request("POST", "/", "", lower, sorted(lower),
                                   hashlib.sha256(body).hexdigest())
    scope = f"{stamp[:8]}/us-east-1/{service}/aws4_request"
    mac = hmac.new(sigv4.signing_key(secret, stamp[:8], "us-east-1", service),
                   sigv4.string_to_sign(stamp, scope, text).encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={key}/{scope}, "
                                f"SignedHeaders={';'.join(sorted(lower))}, Signature={mac}")
    return headers


class Sources(SimCase):
    OPTIONS = ("--sources", "--entities", "3", "--job-polls", "0")

    def ask(self, method, server, path, headers=None, body=None, context=None, host=None):
        """(status, body, headers)"""
        port = server["port"]
        if server["url"].startswith("https"):
            context = context or ssl.create_default_context(cafile=self.sim.ca)
            link = http.client.HTTPSConnection(host or "localhost", port, timeout=300,
                                               context=context)
        else:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        try:
            link.request(method, path, body, headers or {})
            reply = link.getresponse()
            return reply.status, reply.read().decode(), reply.headers
        finally:
            link.close()

    def sts(self, action, signer=None, **params):
        params = {"Action": action, "Version": "2011-06-15", **params}
        body = urllib.parse.urlencode(params).encode()
        host = f"localhost:{self.sim.sts['port']}"
        headers = {"Host": host, "Content-Type": FORM} if signer is False \
            else signed(body, host, **(signer or {}))
        return self.ask("POST", self.sim.sts, "/", headers, body)

    def iam(self, session, **params):
        params = {"Version": "2010-05-08", **params}
        body = urllib.parse.urlencode(params).encode()
        headers = signed(body, f"localhost:{self.sim.port}", "iam", session["key"],
                         session["secret"], session["token"])
        return self.ask("POST", {"url": self.sim.url, "port": self.sim.port}, "/", headers, body)

    def assume(self, **params):
        """The session that came of it."""
        status, text, _ = self.sts("AssumeRole", **{"RoleArn": ROLE, "RoleSessionName": "s1",
                                                    **params})
        self.assertEqual(status, 200, text)
        return self.sim.sessions()[-1]


class OnTheWire(Sources):
    def error(self, reply, status, code):
        self.assertEqual(reply[0], status, reply)
        self.assertIn(f"<Code>{code}</Code>", reply[1])

    def test_assume_role(self):
        before = int(time.time())
        status, text, _ = self.sts("AssumeRole", RoleArn=ROLE, RoleSessionName="s1")
        session = self.sim.sessions()[-1]
        self.assertEqual(status, 200)
        for value in (session["key"], session["token"], "<Arn>arn:aws:sts::123456789012:"
                      "assumed-role/reader/s1</Arn>"):
            self.assertIn(value, text)
        self.assertTrue(before + 3600 <= session["expires"] <= time.time() + 3600, session)
        self.error(self.sts("AssumeRole", RoleArn=ROLE), 400, "ValidationError")
        self.error(self.sts("AssumeRole", RoleArn=ROLE, RoleSessionName="a b"), 400,
                   "ValidationError")
        self.error(self.sts("AssumeRole", RoleArn=ROLE, RoleSessionName="s1",
                            DurationSeconds="899"), 400, "ValidationError")
        self.error(self.sts("AssumeRole", RoleArn=ROLE, RoleSessionName="s1", MaxItems="1"), 400,
                   "ValidationError")
        self.error(self.sts("AssumeRole", {"service": "iam"}, RoleArn=ROLE, RoleSessionName="s1"),
                   403, "SignatureDoesNotMatch")
        self.error(self.sts("AssumeRole", False, RoleArn=ROLE, RoleSessionName="s1"), 403,
                   "MissingAuthenticationToken")

    def test_what_roles_ask_for(self):
        for name, params in (("denied", {}), ("external-1", {}), ("mfa-1", {}),
                             ("external-1", {"ExternalId": "other"})):
            self.error(self.sts("AssumeRole", RoleArn=f"arn:aws:iam::123456789012:role/{name}",
                                RoleSessionName="s1", **params), 403, "AccessDenied")
        self.assume(RoleArn="arn:aws:iam::123456789012:role/external-1",
                    ExternalId=sts.EXTERNAL_ID)
        self.assume(RoleArn="arn:aws:iam::123456789012:role/mfa-1", TokenCode=sts.MFA_CODE,
                    SerialNumber="arn:aws:iam::123456789012:mfa/me")

    def test_chained(self):
        first = self.assume()
        signer = {"key": first["key"], "secret": first["secret"], "token": first["token"]}
        params = {"RoleArn": ROLE, "RoleSessionName": "s2"}
        self.assertEqual(self.sts("AssumeRole", signer, **params)[0], 200)
        self.error(self.sts("AssumeRole", signer, DurationSeconds="7200", **params), 400,
                   "ValidationError")
        self.error(self.sts("AssumeRole", {**signer, "token": None}, **params), 403,
                   "InvalidClientTokenId")

    def test_web_identity(self):
        good = {"RoleArn": ROLE, "RoleSessionName": "w1", "WebIdentityToken": sts.web_token()}
        status, text, _ = self.sts("AssumeRoleWithWebIdentity", False, **good)
        self.assertEqual(status, 200, text)
        self.assertIn("<SubjectFromWebIdentityToken>tinyiam-test<", text)
        for token, code in ((sts.web_token(expires=1000), "ExpiredTokenException"),
                            ("abcd", "InvalidIdentityToken"), ("a.b.c", "InvalidIdentityToken"),
                            (sts.web_token() + "\n.x", "InvalidIdentityToken")):
            self.error(self.sts("AssumeRoleWithWebIdentity", False,
                                **{**good, "WebIdentityToken": token}), 400, code)
        self.error(self.sts("AssumeRoleWithWebIdentity", **good), 400, "ValidationError")

    def test_sessions_at_iam(self):
        ask = {"Action": ENTITIES, "ServiceNamespace": "iam"}
        one, two = self.assume(), self.assume()
        status, text, _ = self.iam(one, Action="GenerateServiceLastAccessedDetails", Arn=ARN)
        self.assertEqual(status, 200, text)
        job = text.partition("<JobId>")[2].partition("<")[0]
        self.assertEqual(self.iam(one, JobId=job, **ask)[0], 200)
        self.assertEqual(self.sim.requests("iam")[-1]["identity"],
                         "arn:aws:sts::123456789012:assumed-role/reader/s1")
        self.error(self.iam(two, JobId=job, **ask), 404, "NoSuchEntity")
        self.assertEqual(self.iam(two, JobId=FIXED_JOB, **ask)[0], 200)
        self.error(self.iam({**one, "token": two["token"]}, JobId=job, **ask), 403,
                   "InvalidClientTokenId")
        self.error(self.iam({**one, "secret": two["secret"]}, JobId=job, **ask), 403,
                   "SignatureDoesNotMatch")

    def use(self, name):
        """A rule of README.md."""
        self.sim.scenario([documented()[name]])

    def test_expired_session(self):
        self.use("expired-session")
        self.error(self.iam(self.assume(), JobId=FIXED_JOB, Action=ENTITIES,
                            ServiceNamespace="iam"), 403, "ExpiredToken")

    def test_long_token(self):
        self.use("long-token")
        self.assertEqual(len(self.assume()["token"]), 5000)

    def test_imds(self):
        ttl = {"X-aws-ec2-metadata-token-ttl-seconds": "21600"}
        path, imds = sources.Imds.LIST, self.sim.imds
        self.assertEqual(self.ask("GET", imds, path)[0], 401)
        self.assertEqual(self.ask("PUT", imds, "/latest/api/token")[0], 400)
        self.assertEqual(self.ask("PUT", imds, "/latest/api/token",
                                  {"X-aws-ec2-metadata-token-ttl-seconds": "21601"})[0], 400)
        self.assertEqual(self.ask("PUT", imds, "/latest/api/token",
                                  {**ttl, "X-Forwarded-For": "x"})[0], 403)
        token = self.ask("PUT", imds, "/latest/api/token", ttl)[1]
        use = {"X-aws-ec2-metadata-token": token}
        role = self.ask("GET", imds, path, use)[1]
        self.assertEqual(role, sources.ROLE)
        self.assertEqual(self.ask("GET", imds, path + "nobody", use)[0], 404)
        self.assertEqual(self.ask("GET", imds, path, {"X-aws-ec2-metadata-token": "x"})[0], 401)
        given = json.loads(self.ask("GET", imds, path + role, use)[1])
        session = self.sim.sessions()[-1]
        self.assertEqual((given["Code"], given["AccessKeyId"], given["SecretAccessKey"],
                          given["Token"]), ("Success", session["key"], session["secret"],
                                            session["token"]))

    def test_forgotten_token(self):
        token = self.ask("PUT", self.sim.imds, "/latest/api/token",
                         {"X-aws-ec2-metadata-token-ttl-seconds": "60"})[1]
        use, path = {"X-aws-ec2-metadata-token": token}, sources.Imds.LIST
        self.use("forgotten-token")
        role = self.ask("GET", self.sim.imds, path, use)[1]
        self.assertEqual(self.ask("GET", self.sim.imds, path + role, use)[0], 401)

    def test_container(self):
        known = {"Authorization": sources.CONTAINER_TOKEN}
        self.assertEqual(self.ask("GET", self.sim.container, "/task")[0], 200)
        self.assertEqual(self.ask("GET", self.sim.container, "/pod", known)[0], 200)
        self.assertEqual(self.ask("GET", self.sim.container, "/pod")[0], 401)
        self.assertEqual(self.ask("GET", self.sim.container, "/other")[0], 404)
        self.assertEqual(self.ask("POST", self.sim.container, "/task")[0], 405)

    def test_other_members(self):
        self.use("other-members")
        given = json.loads(self.ask("GET", self.sim.container, "/task")[1])
        self.assertNotIn("Token", given)
        self.assertEqual(given["AccessKeyId"], 5)

    def device(self, bad=None):
        context = ssl.create_default_context(cafile=self.sim.ca)
        pair = self.sim.iot[bad] if bad else self.sim.iot
        context.load_cert_chain(pair["cert"], pair["key"])
        return context

    def test_iot(self):
        path, iot = "/role-aliases/sim-alias/credentials", self.sim.iot
        status, text, _ = self.ask("GET", iot, path, context=self.device())
        given = json.loads(text)["credentials"]
        self.assertEqual((status, given["accessKeyId"]), (200, self.sim.sessions()[-1]["key"]))
        entry = self.sim.requests("iot")[-1]
        self.assertEqual((entry["sni"], entry["identity"].rpartition(":")[2]),
                         ("localhost", "assumed-role/sim-device-role/device-1"))
        for thing, wanted in (("sensor-7", 200), ("sensor-9", 403)):
            self.assertEqual(self.ask("GET", iot, path, {"x-amzn-iot-thingname": thing},
                                      context=self.device())[0], wanted)
        self.assertEqual(self.ask("GET", iot, "/role-aliases/none/credentials",
                                  context=self.device())[0], 404)
        for context in (None, self.device("other-ca"), self.device("expired")):
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.ask("GET", iot, path, context=context)
        with self.assertRaises((ssl.SSLError, ConnectionError)):    # an address sends no SNI
            self.ask("GET", iot, path, context=self.device(), host="127.0.0.1")

    def tunnel(self, target, head="", port=None):
        sock = socket.create_connection(("127.0.0.1", self.sim.proxy["port"]), 300)
        sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{head}\r\n".encode())
        return sock

    def test_proxy(self):
        context = ssl.create_default_context(cafile=self.sim.ca)
        sock = self.tunnel("iam.amazonaws.com:443")
        self.assertRegex(sock.recv(4096), rb"^HTTP/1.1 200 [^\r]*\r\n\r\n$")
        with context.wrap_socket(sock, server_hostname="iam.amazonaws.com") as tls:
            body = urllib.parse.urlencode({"Action": ENTITIES, "Version": "2010-05-08",
                                           "JobId": FIXED_JOB, "ServiceNamespace": "iam"}).encode()
            headers = sign({"Host": "iam.amazonaws.com", "Content-Type": FORM,
                            "Content-Length": str(len(body))}, body)
            tls.sendall("".join(["POST / HTTP/1.1\r\n", *(f"{k}: {v}\r\n" for k, v in
                                                         headers.items()), "\r\n"]).encode() + body)
            self.assertIn(b"200 OK", tls.recv(65536))
        with self.tunnel("example.com:443") as sock:
            self.assertIn(b" 403 ", sock.recv(4096))
        self.sim.scenario([{"when": {"server": "proxy"}, "do": {"status": 502, "body": "down"}}])
        with self.tunnel("iam.amazonaws.com:443") as sock:
            self.assertIn(b" 502 ", sock.recv(4096))
        self.sim.scenario([{"when": {"server": "proxy"},
                            "do": {"cut": {"part": "head", "after": 9, "how": "close"}}}])
        with self.tunnel("iam.amazonaws.com:443") as sock:
            self.assertEqual((sock.recv(4096), sock.recv(4096)), (b"HTTP/1.1 ", b""))
        self.assertEqual([e["path"] for e in self.sim.requests("proxy")],
                         ["iam.amazonaws.com:443", "example.com:443"]
                         + ["iam.amazonaws.com:443"] * 2)

    def test_rules_keep_to_their_server(self):
        self.sim.scenario([{"do": {"status": 500}}])
        self.assertEqual(self.ask("GET", self.sim.container, "/task")[0], 200)
        self.sim.scenario([{"when": {"server": ["container", "imds"]}, "do": {"status": 500}}])
        self.assertEqual(self.ask("GET", self.sim.container, "/task")[0], 500)
        self.assume()
        with self.assertRaises(ValueError):
            self.sim.scenario([{"when": {"server": "nobody"}, "do": {"status": 500}}])


BOTO = """
import json, sys, warnings
warnings.simplefilter("ignore")
import botocore.session
iam = botocore.session.Session().create_client("iam", region_name="us-east-1")
iam.get_service_last_accessed_details_with_entities(
    JobId="examplef-1305-c245-eba4-71fe298bcda7", ServiceNamespace="iam")
"""


@unittest.skipUnless(available("aws") and available("botocore"), "needs awscli, python3-botocore")
class RealClients(Sources):
    """The real endpoints by name, led here by the proxy; metadata and container by variables."""

    OPTIONS = ("--sources", "--entities", "3", "--proxy-login", "user:p@ss", "--cert-kind", "rsa")
    NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}

    def identities(self, config="", **extra):
        """What IAM's log says of the AWS CLI and of botocore: one identity, if all is well."""
        folder = os.path.dirname(self.sim.log_path)
        path = os.path.join(folder, "aws-config")
        with open(path, "w", encoding="utf-8") as f:
            f.write(config)
        proxy = self.sim.proxy["url"].replace("://", "://user:p%40ss@")
        env = self.sim.environment(AWS_CONFIG_FILE=path, HTTPS_PROXY=proxy,
                                   AWS_STS_REGIONAL_ENDPOINTS="regional")
        env.update({"NO_PROXY": "", **extra})
        env = {k: v for k, v in env.items() if v is not None}
        out = []
        for call in (lambda: aws.run(["iam", "get-service-last-accessed-details-with-entities", "--job-id",
                                      FIXED_JOB, "--service-namespace", "iam"], env),
                     lambda: subprocess.run(["/usr/bin/python3", "-c", BOTO], capture_output=True, check=False,
                                            timeout=300, env=env)):
            self.sim.clear()
            run = call()
            self.assertEqual(run.returncode, 0, run.stderr)
            out.append(self.sim.requests("iam")[-1]["identity"])
        self.assertEqual(out[0].rpartition("/")[0], out[1].rpartition("/")[0])
        return out[0]

    def test_static(self):
        self.assertEqual(self.identities(), f"arn:aws:iam::123456789012:user/{ACCESS_KEY}")
        self.assertEqual(self.sim.requests("proxy")[-1]["headers"]["proxy-authorization"],
                         f"({6 + len(base64.b64encode(b'user:p@ss'))} characters)")

    def test_role(self):
        arn = self.identities(f"[profile p]\nrole_arn = {ROLE}\nrole_session_name = mine\n"
                              "credential_source = Environment\n", AWS_PROFILE="p",
                              AWS_DEFAULT_REGION="us-east-1")
        self.assertIn(arn, ("arn:aws:sts::123456789012:assumed-role/reader/mine",
                            f"arn:aws:iam::123456789012:user/{ACCESS_KEY}"))
        arn = self.identities(f"[profile p]\nrole_arn = {ROLE}\nrole_session_name = mine\n"
                              f"source_profile = q\n[profile q]\naws_access_key_id = {ACCESS_KEY}\n"
                              f"aws_secret_access_key = {SECRET_KEY}\n", AWS_PROFILE="p",
                              **self.NO_KEYS)
        self.assertEqual(arn, "arn:aws:sts::123456789012:assumed-role/reader/mine")

    def test_web_identity(self):
        path = os.path.join(os.path.dirname(self.sim.log_path), "web-token")
        with open(path, "w", encoding="ascii") as f:
            f.write(sts.web_token())
        self.assertEqual(self.identities(AWS_WEB_IDENTITY_TOKEN_FILE=path, AWS_ROLE_ARN=ROLE,
                                         AWS_ROLE_SESSION_NAME="pod", **self.NO_KEYS),
                         "arn:aws:sts::123456789012:assumed-role/reader/pod")

    def test_imds(self):
        self.assertEqual(
            self.identities(AWS_EC2_METADATA_DISABLED="false", **self.NO_KEYS,
                            AWS_EC2_METADATA_SERVICE_ENDPOINT=self.sim.imds["url"] + "/"),
            f"arn:aws:sts::123456789012:assumed-role/{sources.ROLE}/i-0123456789abcdef0")

    def test_container(self):
        self.assertEqual(
            self.identities(AWS_CONTAINER_CREDENTIALS_FULL_URI=self.sim.container["url"] + "/pod",
                            AWS_CONTAINER_AUTHORIZATION_TOKEN=sources.CONTAINER_TOKEN,
                            **self.NO_KEYS),
            "arn:aws:sts::123456789012:assumed-role/sim-task-role/task-1")
