"""Signed in as people are: IAM Identity Center's portal and its OIDC service, and AWS's sign-in service. Each is a
service behind httpd.Server; the sessions they issue are known to IAM and STS.

A login that a person has made is there from the beginning: its tokens are the constants below."""

import base64
import hashlib
import json
import re
import urllib.parse

from .model import ApiError
from .sources import JsonService, changed

ACCESS_TOKEN = "aoaAAAAAGsim-access-token-0"
CLIENT_ID, CLIENT_SECRET = "sim-client-id", "eyJraWQiOiJzaW0tY2xpZW50LXNlY3JldCJ9"
REFRESH_TOKEN = "aorAAAAAGsim-refresh-token-0"
DEVTOOLS = "arn:aws:signin:::devtools/same-device"
LOGIN_REFRESH_TOKEN = "sim-login-refresh-token-0"
_REAL = "x-amzn-ErrorType"

# P-256, as FIPS 186-4 has it
P = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def _add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _times(k, point):
    out = None
    while k:
        if k & 1:
            out = _add(out, point)
        point, k = _add(point, point), k >> 1
    return out


def verify(point, digest, r, s):
    """ECDSA with P-256."""
    x, y = point
    if (y * y - (x * x * x - 3 * x + B)) % P or not (0 < r < N and 0 < s < N):
        return False
    w = pow(s, -1, N)
    found = _add(_times(digest * w % N, G), _times(r * w % N, point))
    return found is not None and found[0] % N == r


def _unbase64(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("not base64url without padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_proof(proof, url, now):
    """(x, y) of the key that signed; ValueError: it is no good proof."""
    head, body, signature = proof.split(".")
    header, claims, raw = json.loads(_unbase64(head)), json.loads(_unbase64(body)), _unbase64(signature)
    jwk = header["jwk"]
    if set(header) != {"typ", "alg", "jwk"} or (header["typ"], header["alg"]) != ("dpop+jwt", "ES256") \
            or set(jwk) != {"kty", "x", "y", "crv"} or (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
        raise ValueError("header")
    x, y = _unbase64(jwk["x"]), _unbase64(jwk["y"])
    if len(x) != 32 or len(y) != 32 or len(raw) != 64:
        raise ValueError("lengths")
    point = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    digest = int.from_bytes(hashlib.sha256(f"{head}.{body}".encode()).digest(), "big")
    if not verify(point, digest, int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")):
        raise ValueError("signature")
    if set(claims) != {"htm", "htu", "iat", "jti"} or (claims["htm"], claims["htu"]) != ("POST", url) \
            or type(claims["iat"]) is not int or abs(claims["iat"] - now) > 300 \
            or not re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", claims["jti"]):
        raise ValueError("claims")
    return point, claims["jti"]


class Logins:
    """Tokens that were given out, until when; what the three services share."""

    def __init__(self):
        self.access = {ACCESS_TOKEN: float("inf")}
        self.refresh = {REFRESH_TOKEN}
        self.number = 0
        self.login_refresh, self.key, self.proofs = {LOGIN_REFRESH_TOKEN}, None, set()

    def next(self):
        self.number += 1
        return self.number


class JsonLogin(JsonService):
    def __init__(self, iam, known, logins, session_seconds=None):
        super().__init__(iam, known, session_seconds)
        self.logins = logins

    def error(self, number, status, code, message, _kind=None):
        return self.fail(number, status, code, message=message)

    def fail(self, number, status, code, **members):
        reply = self.json(number, members, status)
        reply.headers.append((_REAL, code))
        reply.code = code
        return reply

    def document(self, request):
        if request.method != "POST" or request.header("content-type") != "application/json":
            raise ApiError(400, "ValidationException", "POST of application/json is expected")
        if "authorization" in request.headers:
            raise ApiError(400, "ValidationException", "it is not signed")
        try:
            value = json.loads(request.body)
        except ValueError:
            raise ApiError(400, "ValidationException", "not JSON") from None
        request.params = {k: str(v) for k, v in value.items()}
        return value


class Portal(JsonLogin):
    """GetRoleCredentials. Roles whose name begins with "denied" are not the user's."""

    seconds = 3600

    def operation(self, request):
        return "credentials" if request.path == "/federation/credentials" else "other"

    def answer(self, request, do):
        if request.method != "GET" or request.operation == "other":
            raise ApiError(404, "ResourceNotFoundException", "no such path")
        if "+" in request.query:
            raise ApiError(400, "InvalidRequestException", "a blank is %20")
        given = dict(urllib.parse.parse_qsl(request.query, keep_blank_values=True))
        request.params = given
        token = request.header("x-amz-sso_bearer_token", "")
        if self.logins.access.get(token, 0) <= self.now():
            raise ApiError(401, "UnauthorizedException", "Session token not found or invalid")
        if set(given) != {"role_name", "account_id"} or not all(given.values()):
            raise ApiError(400, "InvalidRequestException", "role_name and account_id are expected")
        if given["role_name"].startswith("denied"):
            raise ApiError(403, "ForbiddenException", "No access")
        if given["account_id"] != "123456789012":
            raise ApiError(404, "ResourceNotFoundException", "no such account")
        name = re.sub(r"[^\w+=,.@-]", "_", given["role_name"])
        session, _ = self.issue(request, name, "somebody", "sso", do)
        return self.json(request.number, {"roleCredentials": changed(
            {"accessKeyId": session.key, "secretAccessKey": session.secret, "sessionToken": session.token,
             "expiration": int(session.expires) * 1000}, do)})


class Oidc(JsonLogin):
    """CreateToken, for a refresh token: each may be used once."""

    seconds = 8 * 3600

    def operation(self, request):
        return "token" if request.path == "/token" else "other"

    def answer(self, request, do):
        given = self.document(request)
        if request.operation == "other" or set(given) != {"grantType", "clientId", "clientSecret", "refreshToken"} \
                or given["grantType"] != "refresh_token":
            return self.fail(request.number, 400, "InvalidRequestException", error="invalid_request")
        if (given["clientId"], given["clientSecret"]) != (CLIENT_ID, CLIENT_SECRET):
            return self.fail(request.number, 401, "InvalidClientException", error="invalid_client",
                             error_description="Invalid client")
        if given["refreshToken"] not in self.logins.refresh:
            return self.fail(request.number, 400, "InvalidGrantException", error="invalid_grant",
                             error_description="Invalid refresh token provided")
        self.logins.refresh.remove(given["refreshToken"])
        n, seconds = self.logins.next(), do.get("expires_in", self.seconds)
        access, refresh = f"aoaAAAAAGsim-access-token-{n}", f"aorAAAAAGsim-refresh-token-{n}"
        self.logins.access[access] = self.now() + seconds
        self.logins.refresh.add(refresh)
        return self.json(request.number, changed(
            {"accessToken": access, "tokenType": "Bearer", "expiresIn": int(seconds), "refreshToken": refresh,
             "idToken": None}, do))


class Signin(JsonLogin):
    """CreateOAuth2Token, for a refresh token and a proof that is fresh and by the login's key: the first one's."""

    seconds = 900
    urls = ()

    def error(self, number, status, code, message, kind=None):
        """The message's first word is the error: {"code": "AccessDeniedException", "message": "TOKEN_EXPIRED"}"""
        return self.fail(number, status, code, error=message.split(":")[0], message=message)

    def operation(self, request):
        return "token" if request.path == "/v1/token" else "other"

    def answer(self, request, do):
        given = self.document(request)
        denied = "AccessDeniedException"
        if request.operation == "other" or set(given) != {"clientId", "refreshToken", "grantType"} \
                or given["grantType"] != "refresh_token" or given["clientId"] != DEVTOOLS:
            return self.fail(request.number, 400, "ValidationException", error="INVALID_REQUEST",
                             message="not as it should be")
        host = request.header("host", "")
        for url in (*self.urls, f"http://{host}", f"https://{host}"):
            try:
                point, number = read_proof(request.header("dpop", ""), url + "/v1/token", self.now())
                break
            except (ValueError, KeyError, TypeError) as error:
                why = str(error)
        else:
            return self.fail(request.number, 400, "ValidationException", error="INVALID_REQUEST",
                             message=f"DPoP: {why}")
        if number in self.logins.proofs or self.logins.key not in (None, point):
            return self.fail(request.number, 400, "ValidationException", error="INVALID_REQUEST",
                             message="DPoP: used before, or by another key")
        self.logins.proofs.add(number)
        self.logins.key = point
        if given["refreshToken"] not in self.logins.login_refresh:
            return self.fail(request.number, 400, denied, error="TOKEN_EXPIRED", message="The token has expired")
        self.logins.login_refresh.remove(given["refreshToken"])
        refresh = f"sim-login-refresh-token-{self.logins.next()}"
        self.logins.login_refresh.add(refresh)
        seconds = do.get("expires_in", self.seconds)
        session, _ = self.issue(request, "Admin", "admin", "signin", do)
        return self.json(request.number, changed(
            {"accessToken": {"accessKeyId": session.key, "secretAccessKey": session.secret,
                             "sessionToken": session.token},
             "tokenType": "aws_sigv4", "expiresIn": int(seconds), "refreshToken": refresh}, do))
