#!/usr/bin/env python3
"""Turns the retry vectors into a C header.

usage: gen_retry.py VECTORS_FOLDER > retry_vectors.h

Beside the recorded sequences it makes longer ones up, from a second implementation of the rules
(exact fractions instead of fixed point), with attempts, quota, randomness and outcomes drawn from a
fixed seed.
"""
import fractions
import json
import os
import random
import sys

ERRORS = {
    "connect_timeout": "IAM_ERR_TIMEOUT_CONNECT",
    "read_timeout": "IAM_ERR_TIMEOUT_RESPONSE",
    "connect_failed": "IAM_ERR_CONNECT",
    "connection_closed": "IAM_ERR_RESET",
    "tls_error": "IAM_ERR_TLS",
    "parse_error": "IAM_ERR_XML",
}
FULL = 0xFFFFFFFF


def c_string(text):
    return "NULL" if text is None else json.dumps(text)


def step_row(step):
    error = ERRORS[step["exc"]] if "exc" in step else "IAM_ERR_SERVICE"
    if step.get("status") == 200:
        error = "IAM_OK"
    delay = -1 if step["delay_s"] is None else round(step["delay_s"] * 1000)
    after = step.get("headers", {}).get("x-amz-retry-after")
    rnd = step.get("random", 0)
    return '{%s, %d, %s, %s, %du, %s, %d, %d}' % (
        error, step.get("status", 0), c_string(step.get("code")), c_string(after), rnd,
        "true" if step["retry"] else "false", delay, step["quota_after"])


class Model:
    """The rules once more, with nothing in common with the C code but the words of the guide."""

    def __init__(self, rules, tokens, most):
        self.new, self.tokens, self.most = rules == "standard_2_1", tokens, most
        self.paid, self.attempt = None, 1

    def ok(self):
        self.tokens = min(500, self.tokens + (self.paid or 1))
        self.paid, self.attempt = None, 1

    def fail(self, kind, share, after):
        """kind: throttled, timeout, transient or final; share: 0..1; returns the delay in s or None"""
        if kind == "final" or self.attempt >= self.most:
            return None
        exponent = 2 ** (self.attempt - 1)
        if self.new:
            cost = {"throttled": 5}.get(kind, 14)
            base = fractions.Fraction(1 if kind == "throttled" else "0.05")
            delay = share * min(base * exponent, 20)
            if after is not None:
                delay = max(delay, min(delay + 5, fractions.Fraction(after, 1000)))
        else:
            cost = {"timeout": 10}.get(kind, 5)
            delay = share * min(exponent, 20) # the bound first, as botocore has it since 1.43
        if cost > self.tokens:
            return None
        self.tokens -= cost
        self.paid = cost
        self.attempt += 1
        return delay


OUTCOMES = [
    ("throttled", {"status": 400, "code": "Throttling"}),
    ("throttled", {"status": 400, "code": "ThrottlingException"}),
    ("throttled", {"status": 503, "code": "SlowDown"}),
    ("throttled", {"status": 429, "code": "TooManyRequests"}),
    ("timeout", {"exc": "connect_timeout"}),
    ("timeout", {"exc": "read_timeout"}),
    ("transient", {"exc": "connection_closed"}),
    ("transient", {"exc": "tls_error"}),
    ("transient", {"status": 500, "code": "InternalFailure"}),
    ("transient", {"status": 502, "code": "502"}),
    ("transient", {"status": 400, "code": "RequestTimeoutException"}),
    ("final", {"status": 404, "code": "NoSuchEntity"}),
    ("final", {"exc": "parse_error"}),
]


def made_up(rules, rng, number):
    model = Model(rules, rng.choice([500, 500, 60, 20, 14, 13, 5]), rng.choice([1, 2, 3, 6, 12, 40]))
    case = {"name": "made up %d" % number, "max_attempts": model.most, "initial_tokens": model.tokens,
            "steps": []}
    while len(case["steps"]) < 60:
        if rng.random() < 0.12:
            model.ok()
            case["steps"].append({"status": 200, "retry": False, "delay_s": None,
                                  "quota_after": model.tokens})
            continue
        weights = [1] * (len(OUTCOMES) - 2) + [0.2, 0.2]
        kind, step = rng.choices(OUTCOMES, weights)[0]
        step = dict(step, random=rng.choice([0, FULL, rng.getrandbits(32), rng.getrandbits(32)]))
        if "status" in step and rng.random() < 0.5:
            step["headers"] = {"x-amz-retry-after": str(rng.choice([0, 7, 900, 4000, 60000, FULL]))}
        after = step.get("headers", {}).get("x-amz-retry-after")
        delay = model.fail(kind, fractions.Fraction(step["random"], FULL),
                           None if after is None else int(after))
        step.update(retry=delay is not None, delay_s=delay, quota_after=model.tokens)
        case["steps"].append(step)
        if delay is None:
            break
    return case


def main():
    with open(os.path.join(sys.argv[1], "facts", "retry_vectors.json"), encoding="utf-8") as f:
        vectors = json.load(f)
    print("/* Made by gen_retry.py from facts/retry_vectors.json. */")
    print("struct retry_step {")
    print("    int error;")
    print("    uint16_t status;")
    print("    const char *code, *retry_after;")
    print("    uint32_t random;")
    print("    bool retry;")
    print("    int64_t delay_ms;")
    print("    uint16_t quota_after;")
    print("};")
    print("struct retry_case {")
    print("    const char *name;")
    print("    uint8_t rules, max_attempts;")
    print("    uint16_t tokens;")
    print("    bool recorded;")
    print("    const struct retry_step *steps;")
    print("    unsigned count;")
    print("};")
    cases = []
    for rules in ("standard_2_0", "standard_2_1"):
        rng = random.Random(rules)
        for case in vectors[rules]:
            share = round(case["random"] * FULL)
            steps = [dict(step, random=share) for step in case["steps"]]
            cases.append((rules, True, dict(case, steps=steps)))
        cases += [(rules, False, made_up(rules, rng, i)) for i in range(300)]
    for number, (_, _, case) in enumerate(cases):
        print("static const struct retry_step retry_steps_%d[] = {" % number)
        for step in case["steps"]:
            print("    %s," % step_row(step))
        print("};")
    print("static const struct retry_case retry_cases[] = {")
    for number, (rules, recorded, case) in enumerate(cases):
        print("    {%s, %s, %d, %d, %s, retry_steps_%d, %d}," % (
            json.dumps(rules + " " + case["name"]),
            "IAM_RETRY_2_0" if rules == "standard_2_0" else "IAM_RETRY_2_1", case["max_attempts"],
            case["initial_tokens"], "true" if recorded else "false", number, len(case["steps"])))
    print("};")
    print("enum { RETRY_RECORDED = %d };" % sum(1 for _, recorded, _ in cases if recorded))


if __name__ == "__main__":
    main()
