"""STS: AssumeRole, AssumeRoleWithWebIdentity and GetCallerIdentity. What a role asks for follows
from its name; README.md has the list."""

import base64
import binascii
import json
import re

from . import model, sessions, sigv4
from .model import ApiError, escape
from .service import Reply, Service

VERSION = "2011-06-15"
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_NAME = {"min": 2, "max": 64, "pattern": "[\\w+=,.@-]*", "regex": re.compile(r"[\w+=,.@-]*", re.A)}
_ROLE = {"required": True, "min": 20, "max": 2048}
_DURATION = {"integer": True, "min": 900, "max": 43200}
OPERATIONS = {
    "AssumeRole": {
        "RoleArn": _ROLE, "RoleSessionName": {**_NAME, "required": True},
        "DurationSeconds": _DURATION,
        "ExternalId": {"min": 2, "max": 1224, "pattern": "[\\w+=,.@:\\/-]*",
                       "regex": re.compile(r"[\w+=,.@:/-]*", re.A)},
        "SerialNumber": {"min": 9, "max": 256}, "TokenCode": {"min": 6, "max": 6},
        "SourceIdentity": _NAME, "Policy": {"min": 1},
    },
    "AssumeRoleWithWebIdentity": {
        "RoleArn": _ROLE, "RoleSessionName": {**_NAME, "required": True},
        "WebIdentityToken": {"required": True, "min": 4, "max": 20000},
        "DurationSeconds": _DURATION, "ProviderId": {"min": 4, "max": 2048},
    },
    "GetCallerIdentity": {},
}
EXTERNAL_ID, MFA_CODE = "the-external-id", "123456"


def web_token(subject="tinyiam-test", expires=4102444800):
    """A token as an identity provider makes it, unsigned: the simulator looks at its claims."""
    parts = ({"alg": "none", "typ": "JWT"},
             {"sub": subject, "aud": "sts.amazonaws.com", "exp": expires})
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=")
                    for p in parts) + ".signature"


def _claims(token):
    pieces = token.split(".")
    if len(pieces) != 3:
        raise ApiError(400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT. "
                       "(You may see this error if you sent an Access Token)")
    try:
        raw = pieces[1] + "=" * (-len(pieces[1]) % 4)
        claims = json.loads(base64.b64decode(raw.encode("ascii"), altchars=b"-_", validate=True))
        return claims["sub"], float(claims.get("exp", 1e12))
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise ApiError(400, "InvalidIdentityToken", "Missing a required claim: sub") from None


class Sts(Service):
    """The main service's clock, report and layout; rules of its own, for the service sts."""

    def __init__(self, iam, rules, session_seconds=None):
        super().__init__(iam.report, iam.jobs, iam.codec, rules, iam.layout.name,
                         verify=iam.verify)
        self.iam, self.session_seconds = iam, session_seconds

    def now(self):
        return self.iam.now()

    def authenticate(self, request):
        if request.operation != "AssumeRoleWithWebIdentity":
            super().authenticate(request)
        elif "authorization" in request.headers:
            raise sigv4.SignatureError(400, "ValidationError",
                                       "AssumeRoleWithWebIdentity is not signed")

    def error(self, number, status, code, message, kind=None):
        reply = super().error(number, status, code, message, kind)
        reply.body = model.error_body(self.layout, code, message, reply.request_id,
                                      kind or ("Receiver" if status >= 500 else "Sender"),
                                      NAMESPACE)
        return reply

    def answer(self, request, do):
        operation = model.check_params(request.params, OPERATIONS, VERSION)
        if operation == "GetCallerIdentity":
            return self._result(request, operation, [
                f"<Arn>{escape(request.identity)}</Arn>", "<UserId>AIDAEXAMPLE</UserId>",
                f"<Account>{sessions.ACCOUNT}</Account>"])
        m = re.fullmatch(r"arn:aws[\w-]*:iam::(\d{12}):role/(?:[\w+=,.@/-]*/)?([\w+=,.@-]+)",
                         request.params["RoleArn"], re.A)
        if not m:
            raise ApiError(400, "ValidationError", f"{request.params['RoleArn']} is invalid")
        name, more = m.group(2), []
        if operation == "AssumeRole":
            self._may_assume(request, name)
        else:
            subject, expires = _claims(request.params["WebIdentityToken"])
            if self.now() >= expires:
                raise ApiError(400, "ExpiredTokenException",
                               "Token expired: current date/time must be before the expiration date")
            if name.startswith("denied"):
                raise ApiError(403, "AccessDenied",
                               "Not authorized to perform sts:AssumeRoleWithWebIdentity")
            more = [f"<SubjectFromWebIdentityToken>{escape(subject)}</SubjectFromWebIdentityToken>"]
        return self._assumed(request, operation, name, more, do)

    def _may_assume(self, request, name):
        params = request.params
        denied = ApiError(403, "AccessDenied",
                          f"User: {request.identity} is not authorized to perform: sts:AssumeRole "
                          f"on resource: {params['RoleArn']}")
        if name.startswith("denied"):
            raise denied
        if name.startswith("external") and params.get("ExternalId") != EXTERNAL_ID:
            raise denied
        if name.startswith("mfa") and params.get("TokenCode") != MFA_CODE:
            raise denied
        chained = self.rules.session(request.access_key) is not None
        if chained and int(params.get("DurationSeconds", 3600)) > 3600:
            raise ApiError(400, "ValidationError", "The requested DurationSeconds exceeds the 1 "
                           "hour session limit for roles assumed by role chaining")

    def _assumed(self, request, operation, name, more, do):
        params = request.params
        seconds = do.get("expires_in", self.session_seconds)
        if seconds is None:
            seconds = int(params.get("DurationSeconds", 3600))
        arn = sessions.role_arn(name, params["RoleSessionName"])
        session = self.rules.sessions.issue(arn, "sts", self.now() + seconds,
                                            do.get("session_token"))
        request.identity = arn
        line = self.layout.line
        given = {"AccessKeyId": session.key, "SecretAccessKey": session.secret,
                 "SessionToken": session.token, "Expiration": session.expiration()}
        given = changed(given, do)
        rows = "".join(line(3, f"<{k}>{escape(str(v))}</{k}>") for k, v in given.items())
        return self._result(request, operation, [
            f"<AssumedRoleUser>{self.layout.end}" + line(3, f"<Arn>{escape(arn)}</Arn>")
            + line(3, f"<AssumedRoleId>AROAEXAMPLE:{params['RoleSessionName']}</AssumedRoleId>")
            + f"{self.layout.blank * 2}</AssumedRoleUser>",
            f"<Credentials>{self.layout.end}{rows}{self.layout.blank * 2}</Credentials>", *more])

    def _result(self, request, operation, rows):
        line, request_id = self.layout.line, self.request_id(request.number)
        text = (self.layout.declaration + line(0, f'<{operation}Response xmlns="{NAMESPACE}">')
                + line(1, f"<{operation}Result>") + "".join(line(2, row) for row in rows)
                + line(1, f"</{operation}Result>") + line(1, "<ResponseMetadata>")
                + line(2, f"<RequestId>{request_id}</RequestId>") + line(1, "</ResponseMetadata>")
                + line(0, f"</{operation}Response>"))
        return Reply(200, text.encode(), request_id)


def changed(members, do):
    """The fault `members`: other values, and null takes a member away."""
    members = {**members, **do.get("members", {})}
    return {k: v for k, v in members.items() if v is not None or k not in do.get("members", {})}
