"""Where devices and instances get credentials: IMDSv2, the container endpoint, AWS IoT's credential
provider. Each is a service behind httpd.Server; the sessions they issue are known to IAM and STS."""

import hashlib
import json
import re
import ssl
import time

from . import sessions
from .httpd import Contexts
from .model import ApiError
from .service import Reply
from .sts import changed

ROLE = "sim-instance-role"
CONTAINER_TOKEN = "Bearer container-token/1=="
THINGS = {"device-1": ("sensor-7", "sensor-8")}     # a certificate's name -> things attached
ALIASES = {"sim-alias": "sim-device-role", "long-alias_=,@-" + "x" * 113: "sim-device-role"}


class JsonService:
    """What the three have in common. `members` in a fault changes the credentials given."""

    verify, page_size, seconds = False, 100, 6 * 3600

    def __init__(self, iam, known, session_seconds=None):
        self.iam, self.codec, self.sessions = iam, iam.codec, known
        self.seconds = session_seconds or self.seconds

    def now(self):
        return self.iam.now()

    def request_id(self, number):
        h = hashlib.sha256(f"{type(self).__name__}/{number}".encode()).hexdigest()
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:32]}"

    def authenticate(self, request):
        """Each answers for itself."""

    def parse(self, request):
        request.operation = self.operation(request)

    def error(self, number, status, code, message, _kind=None):
        reply = self.json(number, {"code": code, "message": message}, status)
        reply.code = code
        return reply

    def json(self, number, value, status=200):
        return Reply(status, json.dumps(value, indent=2).encode(), self.request_id(number),
                     "application/json")

    def issue(self, request, role, name, issuer, do):
        """(session, ISO 8601 of when it was made)"""
        seconds = do.get("expires_in", self.seconds)
        session = self.sessions.issue(sessions.role_arn(role, name), issuer, self.now() + seconds,
                                      do.get("session_token"))
        request.identity = session.arn
        return session, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now()))


class Imds(JsonService):
    """The instance metadata service, version 2: nothing without a token from a PUT."""

    LIST = "/latest/meta-data/iam/security-credentials/"
    ZONE = "/latest/meta-data/placement/availability-zone/"

    def __init__(self, iam, known, session_seconds=None, version1=False):
        super().__init__(iam, known, session_seconds)
        self.version1, self.tokens = version1, {}

    def operation(self, request):
        if request.path == "/latest/api/token":
            return "token"
        if request.path in (self.LIST, self.LIST.rstrip("/")):
            return "role"
        if request.path == self.ZONE:
            return "zone"
        return "credentials" if request.path.startswith(self.LIST) else "other"

    def error(self, number, status, code, message, _kind=None):
        text = f"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html><head><title>{status} - " \
               f"{code}</title></head><body><h1>{status} - {code}</h1></body></html>\n"
        reply = Reply(status, text.encode(), self.request_id(number), "text/html")
        reply.code = code
        return reply

    def _token(self, request):
        if request.method != "PUT":
            raise ApiError(405, "Not Allowed", "")
        if "x-forwarded-for" in request.headers:
            raise ApiError(403, "Forbidden", "")
        ttl = request.header("x-aws-ec2-metadata-token-ttl-seconds", "")
        if not re.fullmatch("[0-9]{1,5}", ttl) or not 1 <= int(ttl) <= 21600:
            raise ApiError(400, "Bad Request", "")
        token = "AQAEA" + hashlib.sha256(f"token/{request.number}".encode()).hexdigest()[:50] + "=="
        self.tokens[token] = self.now() + int(ttl)
        reply = Reply(200, token.encode(), self.request_id(request.number), "text/plain")
        reply.headers.append(("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", ttl))
        return reply

    def answer(self, request, do):
        if do.get("forget_token"):
            self.tokens.clear()
        if request.operation == "token":
            return self._token(request)
        if request.method != "GET":
            raise ApiError(405, "Not Allowed", "")
        given = request.header("x-aws-ec2-metadata-token")
        if given is None and not self.version1 or \
                given is not None and self.tokens.get(given, 0) <= self.now():
            raise ApiError(401, "Unauthorized", "")
        if request.operation == "zone":
            return Reply(200, b"us-east-1a", self.request_id(request.number), "text/plain")
        if request.operation == "role":
            return Reply(200, ROLE.encode(), self.request_id(request.number), "text/plain")
        if request.path != self.LIST + ROLE:
            raise ApiError(404, "Not Found", "")
        session, made = self.issue(request, ROLE, "i-0123456789abcdef0", "imds", do)
        return self.json(request.number, changed(
            {"Code": "Success", "LastUpdated": made, "Type": "AWS-HMAC",
             "AccessKeyId": session.key, "SecretAccessKey": session.secret,
             "Token": session.token, "Expiration": session.expiration()}, do))


class Container(JsonService):
    """/task is open, /pod asks for an Authorization header, everything else is not there."""

    def operation(self, request):
        return "credentials" if request.path in ("/task", "/pod") else "other"

    def answer(self, request, do):
        if request.method != "GET":
            raise ApiError(405, "MethodNotAllowed", f"{request.method} is not GET")
        if request.operation == "other":
            raise ApiError(404, "NoIdFound", "GetCredentials: no credentials of that path")
        if request.path == "/pod" and request.header("authorization") != CONTAINER_TOKEN:
            raise ApiError(401, "InvalidAuthorization", "The Authorization header is not known")
        session, _ = self.issue(request, "sim-task-role", "task-1", "container", do)
        return self.json(request.number, changed(
            {"RoleArn": f"arn:aws:iam::{sessions.ACCOUNT}:role/sim-task-role",
             "AccessKeyId": session.key, "SecretAccessKey": session.secret,
             "Token": session.token, "Expiration": session.expiration()}, do))


class Iot(JsonService):
    """AWS IoT's credential provider: the certificate says who it is, the alias which role."""

    names = ("localhost",)
    seconds = 3600

    def operation(self, request):
        return "credentials" if request.path.startswith("/role-aliases/") else "other"

    def error(self, number, status, code, message, _kind=None):
        reply = self.json(number, {"message": message}, status)
        reply.headers.append(("x-amzn-ErrorType", code))
        reply.code = code
        return reply

    def answer(self, request, do):
        m = re.fullmatch(r"/role-aliases/([\w=,@%-]+)/credentials", request.path, re.A)
        if request.method != "GET" or not m:
            raise ApiError(404, "ResourceNotFoundException", "No method found matching route")
        if request.sni not in self.names:
            raise ApiError(403, "ForbiddenException", f"Access Denied: no such endpoint "
                           f"'{request.sni}' (SNI)")
        if request.header("host", "").rpartition(":")[0] != request.sni \
                and request.header("host") != request.sni:
            raise ApiError(421, "MisdirectedRequest", "Host and SNI differ")
        alias = re.sub("%([0-9A-F]{2})", lambda h: chr(int(h.group(1), 16)), m.group(1))
        thing = request.header("x-amzn-iot-thingname")
        if thing is not None and thing not in THINGS.get(request.peer, ()):
            raise ApiError(403, "ForbiddenException", "Invalid thing name passed")
        if alias not in ALIASES:
            raise ApiError(404, "ResourceNotFoundException", "Role alias does not exist")
        session, _ = self.issue(request, ALIASES[alias], request.peer or "nobody", "iot", do)
        inner = changed({"accessKeyId": session.key, "secretAccessKey": session.secret,
                         "sessionToken": session.token, "expiration": session.expiration()}, do)
        return self.json(request.number, {"credentials": inner})


class DeviceContexts(Contexts):
    """TLS that requires a certificate of the device authority, and a server name."""

    def __init__(self, *args, root, **settings):
        self.root = root
        super().__init__(*args, **settings)

    def finish(self, context):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.root)

    def _sni(self, tls, name, context):
        super()._sni(tls, name, context)
        return None if name else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
