"""Scenarios: rules that say which request or connection is treated how; README.md has them."""

import json
import os
import random
import re
import threading
import time

from .ca import BAD_CERTS
from .model import SHORT_NAMES

_NUMBER = (int, str, list)
WHEN = {"request": _NUMBER, "connection": _NUMBER, "nth": _NUMBER, "attempt": _NUMBER,
        "page": _NUMBER, "operation": (str, list), "marker": (bool, str), "namespace": str,
        "job": str, "reused": bool, "probability": (int, float), "seed": int,
        "server": (str, list), "arn": (str, list)}
SERVERS = ("iam", "sts", "imds", "container", "iot", "sso", "oidc", "signin", "proxy")
# what a rule may do to a connection, before any request is known
CONNECTION = {"tls_alert": (int, str), "tickets": bool, "certificate": str, "tls_max": str,
              "refuse": str, "stall": (dict, list), "greeting": str}
REQUEST = {
    "status": int, "code": str, "message": str, "type": str, "reason": str,
    "body": str, "body_file": str, "case": str, "raw": str, "raw_file": str, "reply": str,
    "headers": dict, "content_type": str, "version": str,
    "job_status": str, "job_error": dict, "truncated": bool, "no_marker": bool,
    "repeat_marker": bool, "circle": int, "marker": str, "edit": list, "again": str, "alter": int, "insert": int, "remove": int, "swap": int,
    "framing": str, "chunks": dict, "content_length": (int, str, list), "connection": str,
    "fold": bool, "informational": (int, list, dict), "endless": str, "endless_limit": int,
    "date_offset": (int, float), "date": (str, bool), "age": int, "retry_after": (int, str),
    "cut": dict, "stall": (dict, list), "dribble": dict, "write_size": int, "mangle": dict,
    "drop": (str, dict),
    "expires_in": (int, float), "session_token": int, "members": dict, "forget_token": bool,
}
REPLIES = ("proxy-html", "captive-portal", "json", "empty", "error-as-200", "other-operation")
ENDLESS = ("headers", "header-line", "chunk-extension", "trailers", "informational", "list", "body")
HOW = ("close", "close_notify", "reset")
ALERTS = {"close_notify": 0, "unexpected_message": 10, "bad_record_mac": 20,
          "handshake_failure": 40, "bad_certificate": 42, "certificate_unknown": 46,
          "illegal_parameter": 47, "decode_error": 50, "protocol_version": 70,
          "insufficient_security": 71, "internal_error": 80, "unrecognized_name": 112,
          "no_application_protocol": 120}
_PARTS = {"cut": ("head", "body"), "stall": ("accept", "handshake", "head", "body")}


class ScenarioError(ValueError):
    """A scenario that cannot be run; the text says where."""


def number_matches(spec, value):
    """5, "2-4", ">=3", "odd", "even", "2,5-7" or a list of these."""
    if isinstance(spec, bool):
        raise ScenarioError(f"{spec!r} is not a number, a range or a list of them")
    if isinstance(spec, int):
        return value == spec
    if isinstance(spec, list):
        return any(number_matches(item, value) for item in spec)
    if "," in spec:
        return any(number_matches(item.strip(), value) for item in spec.split(","))
    if spec in ("odd", "even"):
        return value % 2 == (spec == "odd")
    m = re.fullmatch(r"(>=|<=|>|<)?\s*(\d+)|(\d+)-(\d+)", spec)
    if not m:
        raise ScenarioError(f"'{spec}' is not a number, a range like 2-4, a bound like >=3, "
                            "odd or even")
    if m.group(3):
        return int(m.group(3)) <= value <= int(m.group(4))
    bound = int(m.group(2))
    return {None: value == bound, ">=": value >= bound, "<=": value <= bound,
            ">": value > bound, "<": value < bound}[m.group(1)]


def _check_types(where, given, allowed):
    for key, value in given.items():
        if key not in allowed:
            raise ScenarioError(f"{where}: '{key}' is unknown; known: {', '.join(sorted(allowed))}")
        wanted = allowed[key]
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        if not isinstance(value, wanted) or isinstance(value, bool) and bool not in wanted:
            names = " or ".join(t.__name__ for t in wanted)
            raise ScenarioError(f"{where}.{key}: {names} expected, {value!r} given")


def _one_of(where, value, allowed):
    if value not in allowed:
        raise ScenarioError(f"{where}: '{value}' is none of {', '.join(allowed)}")


def as_list(value):
    return value if isinstance(value, list) else [value]


def _check_do(where, do):
    for key, names in (("reply", REPLIES), ("endless", ENDLESS), ("refuse", HOW),
                       ("framing", ("length", "chunked", "close")), ("certificate", BAD_CERTS),
                       ("tls_max", ("1.2", "1.3")), ("again", ("now", "late")), ("type", ("Sender", "Receiver")),
                       ("job_status", ("IN_PROGRESS", "COMPLETED", "FAILED", "QUEUED"))):
        if key in do:
            _one_of(f"{where}.{key}", do[key], names)
    for pair in do.get("edit", []):
        try:
            re.compile(pair[0].encode()).sub(pair[1].encode(), b"")
        except (re.error, TypeError, AttributeError, IndexError):
            raise ScenarioError(f"{where}.edit: pairs of a regular expression and what takes its place "
                                f"expected, {pair!r} given") from None
    if isinstance(do.get("tls_alert"), str):
        _one_of(f"{where}.tls_alert", do["tls_alert"], ALERTS)
    for stall in as_list(do.get("stall", [])):
        _check_types(f"{where}.stall", stall, {"part": str, "after": int, "seconds": (int, float)})
        _one_of(f"{where}.stall.part", stall.get("part", "head"), _PARTS["stall"])
        if "seconds" not in stall:
            raise ScenarioError(f"{where}.stall: 'seconds' is missing")
    if "cut" in do:
        _check_types(f"{where}.cut", do["cut"], {"part": str, "after": int, "how": str})
        _one_of(f"{where}.cut.part", do["cut"].get("part", "body"), _PARTS["cut"])
        _one_of(f"{where}.cut.how", do["cut"].get("how", "close_notify"), HOW)
    if "dribble" in do:
        _check_types(f"{where}.dribble", do["dribble"], {"bytes": int, "ms": (int, float)})
    if "mangle" in do:
        _check_types(f"{where}.mangle", do["mangle"], {"after": int, "xor": int})
    if "chunks" in do:
        _check_types(f"{where}.chunks", do["chunks"],
                     {"size": int, "sizes": list, "extension": str, "trailers": dict,
                      "uppercase": bool})
    if isinstance(do.get("informational"), dict):
        _check_types(f"{where}.informational", do["informational"], {"status": int, "count": int})
    if "drop" in do:
        drop = do["drop"] if isinstance(do["drop"], dict) else {"when": do["drop"]}
        _check_types(f"{where}.drop", drop, {"when": str, "how": str, "seconds": (int, float)})
        _one_of(f"{where}.drop.when", drop.get("when", "after-reply"),
                ("after-reply", "on-next-request"))
        _one_of(f"{where}.drop.how", drop.get("how", "close_notify"), HOW)


def early(do):
    """Whether these actions belong to a connection rather than to a request."""
    stalls = as_list(do.get("stall", []))
    if any(s.get("part") in ("accept", "handshake") for s in stalls):
        return True
    return any(key in CONNECTION and key != "stall" for key in do)


class Rule:
    def __init__(self, where, given, folder):
        if not isinstance(given, dict):
            raise ScenarioError(f"{where}: an object with 'when' and 'do' expected")
        _check_types(where, given, {"when": dict, "do": dict, "times": int, "name": str})
        self.when, self.do = given.get("when", {}), dict(given.get("do", {}))
        self.name, self.times = given.get("name", where), given.get("times")
        if not self.do:
            raise ScenarioError(f"{where}: 'do' is missing or empty")
        _check_types(f"{where}.when", self.when, WHEN)
        self.early = early(self.do)
        _check_types(f"{where}.do", self.do, CONNECTION if self.early else REQUEST)
        _check_do(f"{where}.do", self.do)
        for key in ("request", "connection", "nth", "attempt", "page"):
            if key in self.when:
                number_matches(self.when[key], 0)
        if self.early and set(self.when) - {"connection", "nth", "probability", "seed", "server"}:
            raise ScenarioError(f"{where}: acts on a connection, so 'when' may hold only "
                                "connection, nth, probability, seed and server")
        for name in as_list(self.when.get("server", [])):
            _one_of(f"{where}.when.server", name, SERVERS)
        if "case" in self.do:
            self._load_case(where, folder)
        for key in ("body_file", "raw_file"):
            if key in self.do:
                self.do[key] = os.path.join(folder, self.do[key])
                if not os.path.isfile(self.do[key]):
                    raise ScenarioError(f"{where}.do.{key}: no file {self.do[key]}")
        self.seen = self.applied = 0
        self._random = random.Random(self.when.get("seed", 1))

    def _load_case(self, where, folder):
        """A case of tests/vectors/cases: its status, headers and body file."""
        path = os.path.join(folder, self.do["case"])
        try:
            with open(path, encoding="utf-8") as f:
                case = json.load(f)
            status, headers = case["http"]["status"], case["http"].get("headers", {})
            body_file = os.path.join(os.path.dirname(os.path.abspath(path)), case["body_file"])
        except (OSError, ValueError, KeyError) as error:
            raise ScenarioError(f"{where}.do.case: {path} is no case file: {error!r}") from None
        self.do = {"status": status, "body_file": body_file, **self.do}
        self.do["headers"] = {**headers, **self.do.get("headers", {})}

    def _facts_match(self, facts):
        if facts.get("server", "iam") not in as_list(self.when.get("server", "iam")):
            return False
        for key, spec in self.when.items():
            if key in ("request", "connection", "attempt", "page"):
                if facts.get(key) is None or not number_matches(spec, facts[key]):
                    return False
            elif key == "operation":
                names = [SHORT_NAMES.get(name, name) for name in as_list(spec)]
                if facts.get("operation") not in names:
                    return False
            elif key == "arn":
                if facts.get("arn") not in as_list(spec):
                    return False
            elif key == "marker":
                got = facts.get("marker")
                if (got is not None) != spec if isinstance(spec, bool) else got != spec:
                    return False
            elif key in ("namespace", "job", "reused") and facts.get(key) != spec:
                return False
        return True

    def matches(self, facts):
        if self.times is not None and self.applied >= self.times:
            return False
        if not self._facts_match(facts):
            return False
        self.seen += 1
        if "nth" in self.when and not number_matches(self.when["nth"], self.seen):
            return False
        if "probability" in self.when and self._random.random() >= self.when["probability"]:
            return False
        self.applied += 1
        return True


class Bucket:
    """A token bucket: so many requests a second, and so many at once after a pause."""

    def __init__(self, rate, burst, clock=time.monotonic):
        self.rate, self.burst, self.clock = rate, burst, clock
        self.tokens, self.time, self._lock = burst, clock(), threading.Lock()

    def take(self):
        """Whether there was a token for one more request."""
        with self._lock:
            now = self.clock()
            self.tokens = min(self.burst, self.tokens + (now - self.time) * self.rate)
            self.time = now
            if self.tokens < 1:
                return False
            self.tokens -= 1
            return True


def _is_number(value, least):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= least


def _bucket(spec):
    if spec is None:
        return None
    if not (isinstance(spec, list) and len(spec) == 2 and _is_number(spec[0], 0)
            and _is_number(spec[1], 1)):
        raise ScenarioError(f"bucket: [rate a second, burst of at least 1] expected, {spec!r} "
                            "given")
    return Bucket(*spec)


class Scenario:
    """An ordered list of rules; every rule that matches adds its actions, later ones win. bucket
    and delay are for all requests to IAM."""

    def __init__(self, document=None, folder="."):
        document = {"rules": []} if document is None else document
        if isinstance(document, list):
            document = {"rules": document}
        if isinstance(document, dict) and {"bucket", "delay"} & set(document):
            document = {"rules": [], **document}
        if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
            raise ScenarioError("a scenario is an object with a list 'rules'")
        extra = set(document) - {"rules", "description", "bucket", "delay"}
        if extra:
            raise ScenarioError(f"unknown at the top of a scenario: {', '.join(sorted(extra))}")
        self.document = document
        self.bucket, self.delay = _bucket(document.get("bucket")), document.get("delay", 0)
        if not _is_number(self.delay, 0):
            raise ScenarioError(f"delay: seconds expected, {self.delay!r} given")
        self.rules = [Rule(f"rules[{i}]", given, folder)
                      for i, given in enumerate(document["rules"])]
        self._lock = threading.Lock()

    def _choose(self, facts, is_early):
        do, names = {}, []
        with self._lock:
            for rule in self.rules:
                if rule.early == is_early and rule.matches(facts):
                    do.update(rule.do)
                    names.append(rule.name)
        return do, names

    def for_connection(self, number, server="iam"):
        return self._choose({"connection": number, "server": server}, True)

    def for_request(self, facts):
        """What the bucket has no token for is throttled; it meets no rule."""
        if facts["server"] == "iam" and self.bucket and not self.bucket.take():
            return {"code": "Throttling"}, ["bucket"]
        return self._choose(facts, False)
