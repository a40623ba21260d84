#!/usr/bin/env python3
"""Compares iam_sigv4_* with botocore's SigV4Auth on random requests.

Argument 1: the host program (tests/core/unit/oracle.c). Argument 2: a seed. Needs botocore.
"""
import datetime
import hashlib
import random
import subprocess
import sys
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def text(rng, alphabet, low, high):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))


# What a request may carry as its path, and what a canonical path makes of it: segments encoded once more,
# "", "." and ".." gone.
FIXED_PATHS = ["/a+b", "/a%20b", "/a:b", "/a/../b", "//x", "/a/./b", "/.", "/./", "/..", "/../", "/a/..",
               "/a/../", "/a//b/", "/a/", "/a/.", "/a/b/..", "/a/b/../", "/a%2Fb", "/a%2fb/%c3%a9", "/~a/~",
               "/%2E%2E/a", "/a/.../b", "/.a/..b/c.", "/a/b/../../..", "/a/b/../../../c", "//", "///a///b///",
               "/a/b/c/../d/../e/..", "/$&'()*,;=@!", "/a@b", "/%", "/..//../a", "/a/../../b/c/../d",
               "/prefix/iam/"]
SEGMENTS = ["", ".", "..", "..", "...", "a", "b.c", "%2F", "a%20b", "a+b", "~", "x:y@z", "!$&'()*,;=", "%2e"]


def random_path(rng):
    kind = rng.random()
    if kind < 0.2:
        return rng.choice(["/", "/aws/iam/"])
    if kind < 0.5:
        return rng.choice(FIXED_PATHS)
    return "/" + "/".join(rng.choice(SEGMENTS) for _ in range(rng.choice([1, 2, 3, 5, 8, 40])))


def hexed(value):
    data = value if isinstance(value, bytes) else value.encode()
    return data.hex() or "-"


def random_request(rng, path=None):
    secret = text(rng, ALNUM + "+/", 1, rng.choice([40, 40, 60, 61, 200]))
    token = text(rng, ALNUM + "+/=", 1, rng.choice([16, 700, 4096])) if rng.random() < 0.7 else None
    credentials = Credentials(text(rng, ALNUM, 16, 32), secret, token)
    host = text(rng, ALNUM.lower(), 1, 60) + ".example" + rng.choice(["", ":8443"])
    path = random_path(rng) if path is None else path
    pairs = sorted((text(rng, ALNUM, 1, 9), text(rng, ALNUM, 0, 9))
                   for _ in range(rng.randint(0, 3)))
    query = "&".join("%s=%s" % pair for pair in pairs) if rng.random() < 0.3 else ""
    words = [text(rng, ALNUM + "/;=-_.!~*'()", 1, 20) for _ in range(rng.randint(1, 6))]
    value = rng.choice(["", " ", "\t "])
    value += "".join(w + rng.choice([" ", "  ", "    ", "\t"]) for w in words)
    headers = {"Content-Type": value}
    for _ in range(rng.randint(0, 3)):
        name = rng.choice(["X-Amz-Zeta", "X-Amz-Alpha", "Accept", "Range", "Zeta", "Content-Md5"])
        headers[name] = " ".join(text(rng, ALNUM + "  ", 0, 100) for _ in range(2)).strip() or "v"
    body = bytes(rng.randrange(256) for _ in range(rng.randint(0, 300)))
    method = rng.choice(["POST", "POST", "GET"])
    when = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=rng.randint(0, 4102444799))
    region = rng.choice(["us-east-1", "cn-north-1", "us-gov-west-1", text(rng, ALNUM, 1, 40)])
    service = rng.choice(["iam", "sts"])
    url = "https://" + host + path + ("?" + query if query else "")
    return credentials, method, url, host, path, query, headers, body, when, region, service


def main():
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    lines, expected = [], []
    for number in range(1500):
        (credentials, method, url, host, path, query, headers, body, when, region,
         service) = random_request(rng, dict(enumerate(FIXED_PATHS)).get(number))
        request = AWSRequest(method=method, url=url, headers=headers, data=body)
        with mock.patch("botocore.auth.datetime") as clock:
            clock.datetime.utcnow.return_value = when
            botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
        signed = {name.lower(): value for name, value in request.headers.items()}
        authorization = signed.pop("authorization")
        signed["host"] = host
        date = signed["x-amz-date"]
        fields = [credentials.access_key, credentials.secret_key, region, service, method, path,
                  query, date, hashlib.sha256(body).digest()]
        for name in sorted(signed):
            fields += [name, signed[name]]
        # twice: from nothing, and from what is kept
        lines += ["clear"] + ["sign " + " ".join(hexed(f) for f in fields)] * 2
        expected += ["ok"] + [authorization] * 2
    answers = subprocess.run([sys.argv[1]], input="\n".join(lines) + "\n", stdout=subprocess.PIPE,
                             universal_newlines=True, check=True).stdout.splitlines()
    assert len(answers) == len(expected)
    wrong = [(l, a, e) for l, a, e in zip(lines, answers, expected) if a != e]
    for line, ours, theirs in wrong[:5]:
        print("%s\n ours     %s\n botocore %s" % (line[:400], ours, theirs))
    print("%d signatures, %d differ" % (len(expected) - len(expected) // 3, len(wrong)))
    return len(wrong) != 0


if __name__ == "__main__":
    sys.exit(main())
