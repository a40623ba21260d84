"""Signature Version 4, server side: checks the Authorization header of a request."""

import calendar
import hashlib
import hmac
import re
import time

ALGORITHM = "AWS4-HMAC-SHA256"
WINDOW_SECONDS = 300

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class SignatureError(Exception):
    """A request refused before it reaches an operation."""

    def __init__(self, status, code, message):
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


class Rules:
    """Whom the endpoint knows and what it asks of a signature."""

    def __init__(self, secrets, service="iam", region=None, tokens=None,
                 skew_code="SignatureDoesNotMatch", window=WINDOW_SECONDS, sessions=None):
        self.secrets = secrets          # access key -> secret key
        self.service = service
        self.region = region            # None: any
        self.tokens = tokens or {}      # access key -> the session token it must carry
        self.skew_code = skew_code
        self.window = window
        self.sessions = sessions        # of temporary credentials, or None

    def session(self, key):
        return self.sessions.find(key) if self.sessions else None


def uri_encode(data, keep=b""):
    return "".join(chr(b) if b in _UNRESERVED or b in keep else f"%{b:02X}" for b in data)


def canonical_uri(path):
    """The path as received, dot segments removed, encoded once more."""
    out = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if out:
                out.pop()
        elif segment not in (".", ""):
            out.append(segment)
    text = "/" + "/".join(out)
    if out and segments[-1] == "":
        text += "/"
    return uri_encode(text.encode("latin-1"), b"/")


def _percent_decode(text):
    raw = text.encode("latin-1")
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), raw)


def canonical_query(query):
    pairs = []
    for piece in query.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((uri_encode(_percent_decode(name)), uri_encode(_percent_decode(value))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def canonical_value(values):
    return ",".join(" ".join(value.split()) for value in values)


def canonical_request(method, path, query, headers, signed, payload_hash):
    """headers: name in lower case -> list of values as received."""
    lines = "".join(f"{name}:{canonical_value(headers[name])}\n" for name in signed)
    return "\n".join([method, canonical_uri(path), canonical_query(query), lines,
                      ";".join(signed), payload_hash])


def string_to_sign(amz_date, scope, request_text):
    digest = hashlib.sha256(request_text.encode("utf-8", "surrogateescape")).hexdigest()
    return "\n".join([ALGORITHM, amz_date, scope, digest])


def signing_key(secret, date, region, service):
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
    return key


def parse_authorization(value):
    """Returns (access key, [date, region, service, terminator], signed headers, signature)."""
    if not value.startswith(ALGORITHM):
        raise SignatureError(400, "IncompleteSignature",
                             f"Unsupported AWS 'algorithm': '{value.split(' ')[0]}'.")
    rest = value[len(ALGORITHM):]
    if not rest.startswith(" "):
        raise SignatureError(400, "IncompleteSignature",
                             f"Unsupported AWS 'algorithm': '{value.split(' ')[0]}'.")
    parts = {}
    for piece in rest.split(","):
        name, equals, text = piece.strip().partition("=")
        if not equals:
            raise SignatureError(400, "IncompleteSignature",
                                 f"'{piece.strip()}' not a valid key=value pair (missing "
                                 "equal-sign) in Authorization header.")
        if name in parts:
            raise SignatureError(400, "IncompleteSignature",
                                 f"Authorization header has '{name}' twice.")
        parts[name] = text
    for name in ("Credential", "Signature", "SignedHeaders"):
        if not parts.get(name):
            raise SignatureError(400, "IncompleteSignature",
                                 f"Authorization header requires '{name}' parameter.")
    key, *scope = parts["Credential"].split("/")
    if len(scope) != 4 or not key:
        raise SignatureError(400, "IncompleteSignature",
                             "Credential must have exactly 5 slash-delimited elements, e.g. "
                             "keyid/date/region/service/term, got "
                             f"'{parts['Credential']}'.")
    return key, scope, parts["SignedHeaders"].split(";"), parts["Signature"]


def parse_amz_date(text):
    if not re.fullmatch(r"\d{8}T\d{6}Z", text):
        raise SignatureError(400, "IncompleteSignature",
                             "Date must be in ISO-8601 'basic format'. "
                             f"Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601")
    try:
        return calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise SignatureError(400, "IncompleteSignature", f"Date '{text}' does not exist.") from None


def _stamp(seconds):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def _check_clock(amz_date, now, rules):
    then = parse_amz_date(amz_date)
    minutes = f"{rules.window // 60} min."
    if then < now - rules.window:
        raise SignatureError(400 if rules.skew_code == "RequestExpired" else 403, rules.skew_code,
                             f"Signature expired: {amz_date} is now earlier than "
                             f"{_stamp(now - rules.window)} ({_stamp(now)} - {minutes})")
    if then > now + rules.window:
        raise SignatureError(400 if rules.skew_code == "RequestExpired" else 403, rules.skew_code,
                             f"Signature not yet current: {amz_date} is still later than "
                             f"{_stamp(now + rules.window)} ({_stamp(now)} + {minutes})")


def _check_scope(scope, amz_date, rules):
    date, region, service, term = scope
    faults = []
    if term != "aws4_request":
        faults.append(f"Credential should be scoped with a valid terminator: 'aws4_request', "
                      f"not '{term}'.")
    if service != rules.service:
        faults.append(f"Credential should be scoped to correct service: '{rules.service}'. ")
    if not region or (rules.region and region != rules.region):
        faults.append(f"Credential should be scoped to a valid region, not '{region}'. ")
    if date != amz_date[:8]:
        faults.append("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                      f"date from HTTP: '{date}' != '{amz_date[:8]}', from '{amz_date}'.")
    if faults:
        raise SignatureError(403, "SignatureDoesNotMatch", " ".join(faults).strip())


def _check_signed_headers(signed, headers):
    if signed != sorted(set(signed)) or any(name != name.lower() for name in signed):
        raise SignatureError(400, "IncompleteSignature",
                             "SignedHeaders must be lower-case, sorted and without repetition: "
                             f"'{';'.join(signed)}'.")
    if "host" not in signed:
        raise SignatureError(403, "SignatureDoesNotMatch",
                             "'Host' or ':authority' must be a 'SignedHeader' in the AWS "
                             "Authorization.")
    for name in headers:
        if name.startswith("x-amz-") and name not in signed:
            raise SignatureError(403, "SignatureDoesNotMatch",
                                 f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    for name in signed:
        if name not in headers:
            raise SignatureError(403, "SignatureDoesNotMatch",
                                 f"'{name}' is a SignedHeader and is not in the request.")


def _check_token(key, headers, rules, now):
    session = rules.session(key)
    expected = session.token if session else rules.tokens.get(key)
    got = headers.get("x-amz-security-token")
    if expected is not None and (not got or got[0] != expected):
        raise SignatureError(403, "InvalidClientTokenId",
                             "The security token included in the request is invalid.")
    if got and not got[0]:
        raise SignatureError(403, "InvalidClientTokenId",
                             "The security token included in the request is invalid.")
    if session and now >= session.expires:
        raise SignatureError(403, "ExpiredToken",
                             "The security token included in the request is expired")


def verify(method, path, query, headers, body, rules, now):
    """Returns the access key of a good signature, raises SignatureError otherwise."""
    given = headers.get("authorization")
    if not given:
        raise SignatureError(403, "MissingAuthenticationToken", "Request is missing "
                             "Authentication Token")
    if len(given) > 1:
        raise SignatureError(400, "IncompleteSignature", "More than one Authorization header.")
    key, scope, signed, signature = parse_authorization(given[0])
    dates = headers.get("x-amz-date")
    if not dates or len(dates) > 1:
        raise SignatureError(400, "IncompleteSignature",
                             "Authorization header requires existence of either a 'X-Amz-Date' or "
                             "a 'Date' header. Authorization=" + ALGORITHM)
    amz_date = dates[0].strip()
    _check_signed_headers(signed, headers)
    parse_amz_date(amz_date)
    _check_scope(scope, amz_date, rules)
    session = rules.session(key)
    secret = session.secret if session else rules.secrets.get(key)
    if secret is None:
        raise SignatureError(403, "InvalidClientTokenId",
                             "The security token included in the request is invalid.")
    _check_clock(amz_date, now, rules)
    _check_token(key, headers, rules, now)
    payload_hash = hashlib.sha256(body).hexdigest()
    declared = headers.get("x-amz-content-sha256")
    if declared and declared != [payload_hash]:
        raise SignatureError(403, "SignatureDoesNotMatch",
                             "The provided 'x-amz-content-sha256' header does not match what was "
                             "computed.")
    text = canonical_request(method, path, query, headers, signed, payload_hash)
    to_sign = string_to_sign(amz_date, "/".join(scope), text)
    mac = hmac.new(signing_key(secret, *scope[:3]), to_sign.encode("utf-8", "surrogateescape"),
                   hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mac.encode(), signature.encode("utf-8", "surrogateescape")):
        raise SignatureError(403, "SignatureDoesNotMatch",
                             "The request signature we calculated does not match the signature you "
                             "provided. Check your AWS Secret Access Key and signing method. "
                             "Consult the service documentation for details.\n\nThe Canonical "
                             f"String for this request should have been\n'{text}'\n\nThe "
                             f"String-to-Sign should have been\n'{to_sign}'\n")
    return key
