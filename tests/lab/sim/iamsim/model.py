"""The operations: parameters and their limits, strict form decoding, error replies."""

import re

API_VERSION = "2010-05-08"
NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"

GENERATE = "GenerateServiceLastAccessedDetails"
SERVICES = "GetServiceLastAccessedDetails"
ENTITIES = "GetServiceLastAccessedDetailsWithEntities"
USERS, GROUPS, ROLES, POLICIES = "ListUsers", "ListGroups", "ListRoles", "ListPolicies"
GRANTS = "ListPoliciesGrantingServiceAccess"
SHORT_NAMES = {"generate": GENERATE, "services": SERVICES, "entities": ENTITIES, "users": USERS,
               "groups": GROUPS, "roles": ROLES, "policies": POLICIES, "grants": GRANTS}

_JOB_ID = {"required": True, "min": 36, "max": 36}
_ARN = {"required": True, "min": 20, "max": 2048}
_MARKER = {"min": 1, "max": 320, "pattern": "[\\u0020-\\u00FF]+",
           "regex": re.compile("[\u0020-\u00ff]+")}
_PAGE = {"MaxItems": {"integer": True, "min": 1, "max": 1000}, "Marker": _MARKER}
_SPACE = {"min": 1, "max": 64, "pattern": "[\\w-]*", "regex": re.compile("[A-Za-z0-9_-]*")}
_PATHS = {"PathPrefix": {"min": 1, "max": 512, "pattern": "\\u002F[\\u0021-\\u007F]*",
                         "regex": re.compile("/[\u0021-\u007f]*")}}
OPERATIONS = {
    GENERATE: {
        "Arn": _ARN,
        "Granularity": {"enum": ["SERVICE_LEVEL", "ACTION_LEVEL"]},
    },
    SERVICES: {"JobId": _JOB_ID, **_PAGE},
    ENTITIES: {
        "JobId": _JOB_ID,
        "ServiceNamespace": {"required": True, **_SPACE},
        **_PAGE,
    },
}
REPORTS = dict(OPERATIONS)      # what is there without an account
OPERATIONS.update({
    USERS: {**_PATHS, **_PAGE},
    GROUPS: {**_PATHS, **_PAGE},
    ROLES: {**_PATHS, **_PAGE},
    POLICIES: {
        "Scope": {"enum": ["All", "AWS", "Local"]},
        "OnlyAttached": {"boolean": True},
        "PathPrefix": {"min": 1, "max": 512, "pattern": "((/[A-Za-z0-9\\.,\\+@=_-]+)*)/",
                       "regex": re.compile(r"((/[A-Za-z0-9\.,\+@=_-]+)*)/")},
        "PolicyUsageFilter": {"enum": ["PermissionsPolicy", "PermissionsBoundary"]},
        **_PAGE,
    },
    GRANTS: {
        "Arn": _ARN, "Marker": _MARKER,
        "ServiceNamespaces": {"required": True, "min": 1, "max": 200, "member": _SPACE},
    },
})


class ApiError(Exception):
    """An error that IAM would answer with."""

    def __init__(self, status, code, message):
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


def form_decode(body):
    """application/x-www-form-urlencoded to a dict of text; every irregularity is refused."""
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        raise ApiError(404, "MalformedQueryString", "The body holds bytes that are not ASCII.") \
            from None
    params = {}
    for piece in text.split("&") if text else ():
        if "=" not in piece:
            raise ApiError(404, "MalformedQueryString", f"'{piece}' is not a name=value pair.")
        name, _, value = piece.partition("=")
        name, value = _decode_part(name), _decode_part(value)
        if name in params:
            raise ApiError(404, "MalformedQueryString", f"'{name}' is given twice.")
        params[name] = value
    return params


def _decode_part(text):
    bad = re.search(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9%+._~*()!'/:,;@?$-]", text)
    if bad:
        raise ApiError(404, "MalformedQueryString",
                       f"'{text[bad.start():bad.start() + 3]}' is not form-encoded.")
    raw = re.sub(rb"%(..)", lambda m: bytes([int(m.group(1), 16)]),
                 text.replace("+", " ").encode("ascii"))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ApiError(404, "MalformedQueryString", "A value is not UTF-8.") from None


def _failure(name, value, constraint):
    member = name[0].lower() + name[1:]
    return f"Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"


def _check(name, value, rule):
    """Yields a sentence for each limit that a value breaks."""
    if rule.get("integer"):
        if not re.fullmatch("[+-]?[0-9]{1,18}", value):
            yield _failure(name, value, "Member must be an integer")
            return
        if int(value) < rule["min"]:
            yield _failure(name, value,
                           f"Member must have value greater than or equal to {rule['min']}")
        if int(value) > rule["max"]:
            yield _failure(name, value,
                           f"Member must have value less than or equal to {rule['max']}")
        return
    if rule.get("boolean"):
        if value not in ("true", "false"):
            yield _failure(name, value, "Member must be true or false")
        return
    if "enum" in rule and value not in rule["enum"]:
        yield _failure(name, value,
                       f"Member must satisfy enum value set: [{', '.join(rule['enum'])}]")
    if len(value) < rule.get("min", 0):
        yield _failure(name, value,
                       f"Member must have length greater than or equal to {rule['min']}")
    if len(value) > rule.get("max", len(value)):
        yield _failure(name, value,
                       f"Member must have length less than or equal to {rule['max']}")
    if "regex" in rule and not rule["regex"].fullmatch(value):
        yield _failure(name, value,
                       f"Member must satisfy regular expression pattern: {rule['pattern']}")


def list_param(params, name):
    """The members of a list parameter: NAME.member.1, NAME.member.2 ... without a gap. None where
    there is none of them; NAME alone with an empty value is an empty list."""
    values = []
    while f"{name}.member.{len(values) + 1}" in params:
        values.append(params[f"{name}.member.{len(values) + 1}"])
    return values if values or params.get(name) == "" else None


def _check_list(name, params, rule):
    """(sentences, names of the parameters that the list is made of)"""
    values = list_param(params, name)
    if values is None:
        return ([_failure(name, "null", "Member must not be null").replace("'null'", "null")]
                if rule.get("required") else []), set()
    out = []
    for bound, broken, word in (("min", len(values) < rule["min"], "greater"),
                                ("max", len(values) > rule["max"], "less")):
        if broken:
            out.append(_failure(name, f"[{len(values)} members]", "Member must have length "
                                f"{word} than or equal to {rule[bound]}"))
    for number, value in enumerate(values, 1):
        out.extend(_check(f"{name}.{number}.member", value, rule["member"]))
    return out, {name, *(f"{name}.member.{n}" for n in range(1, len(values) + 1))}


def check_params(params, operations=None, known_version=API_VERSION):
    """Returns the operation's name; raises what IAM would answer for anything out of its model."""
    operations = operations or OPERATIONS
    action = params.get("Action")
    if not action:
        raise ApiError(400, "MissingAction", "The request must contain the parameter Action.")
    version = params.get("Version")
    if action not in operations or version != known_version:
        raise ApiError(400, "InvalidAction", f"Could not find operation {action} for version "
                       f"{version or 'NO_VERSION_SPECIFIED'}")
    members = operations[action]
    faults = []
    known = {"Action", "Version", *(name for name in members if "member" not in members[name])}
    for name, rule in members.items():
        if "member" in rule:
            found, names = _check_list(name, params, rule)
            faults.extend(found)
            known |= names
        elif name in params:
            faults.extend(_check(name, params[name], rule))
        elif rule.get("required"):
            faults.append(f"Value null at '{name[0].lower() + name[1:]}' failed to satisfy "
                          "constraint: Member must not be null")
    for name in params:
        if name not in known:
            faults.append(f"'{name}' is not a parameter of {action}")
    if faults:
        word = "errors" if len(faults) > 1 else "error"
        raise ApiError(400, "ValidationError",
                       f"{len(faults)} validation {word} detected: {'; '.join(faults)}")
    return action


_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escape(text):
    if text.isalnum():
        return text
    return re.sub(r"[&<>\"'\r\x7f-\x9f]",
                  lambda m: _ESCAPES.get(m.group(), f"&#{ord(m.group())};"),
                  _NOT_XML.sub("?", text))


class Layout:
    """How XML is laid out: 'pretty' (two blanks a level), 'minified' or 'crlf'."""

    def __init__(self, name="pretty"):
        self.name = name
        self.end = {"pretty": "\n", "minified": "", "crlf": "\r\n"}[name]
        self.blank = {"pretty": "  ", "minified": "", "crlf": "\t"}[name]
        self.declaration = '<?xml version="1.0" encoding="UTF-8"?>\r\n' if name == "crlf" else ""

    def line(self, depth, text):
        return f"{self.blank * depth}{text}{self.end}"


def error_body(layout, code, message, request_id, kind="Sender", namespace=NAMESPACE):
    line = layout.line
    return (layout.declaration + line(0, f'<ErrorResponse xmlns="{namespace}">')
            + line(1, "<Error>") + line(2, f"<Type>{kind}</Type>")
            + line(2, f"<Code>{escape(code)}</Code>")
            + line(2, f"<Message>{escape(message)}</Message>") + line(1, "</Error>")
            + line(1, f"<RequestId>{request_id}</RequestId>")
            + line(0, "</ErrorResponse>")).encode()
