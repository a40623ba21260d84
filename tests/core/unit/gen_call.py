#!/usr/bin/env python3
"""Prints call_vectors.h: whole requests, byte for byte, with signatures made by hashlib.

Argument 1: the folder of the vectors (not needed). Credentials, tokens of up to 6 KB, Markers and moments
are drawn from a fixed seed; nothing here is shared with the C code but the words of the specification."""
import datetime
import hashlib
import hmac
import random
import string
import urllib.parse

ENDPOINTS = [
    # region, flags, authority, path, plain -> host, port, Host field, signing region
    ("", 0, "", "", 0, "iam.amazonaws.com", 443, "iam.amazonaws.com", "us-east-1"),
    ("eu-west-1", 0, "", "", 0, "iam.amazonaws.com", 443, "iam.amazonaws.com", "us-east-1"),
    ("cn-north-1", 0, "", "", 0, "iam.cn-north-1.amazonaws.com.cn", 443, "iam.cn-north-1.amazonaws.com.cn",
     "cn-north-1"),
    ("us-east-1", 1, "", "", 0, "iam-fips.amazonaws.com", 443, "iam-fips.amazonaws.com", "us-east-1"),
    ("us-east-1", 0, "localhost:4566", "", 1, "localhost", 4566, "localhost:4566", "us-east-1"),
    ("us-east-1", 0, "localhost:80", "", 1, "localhost", 80, "localhost", "us-east-1"),
    ("us-east-1", 0, "localhost:443", "", 1, "localhost", 443, "localhost:443", "us-east-1"),
    ("eu-central-1", 0, "iam.test:443", "", 0, "iam.test", 443, "iam.test", "eu-central-1"),
    ("eu-central-1", 0, "iam.test:80", "", 0, "iam.test", 80, "iam.test:80", "eu-central-1"),
    ("us-east-1", 0, "[::1]", "", 0, "::1", 443, "[::1]", "us-east-1"),
    ("us-east-1", 0, "[fe80::1]:8443", "", 0, "fe80::1", 8443, "[fe80::1]:8443", "us-east-1"),
    ("us-east-1", 0, "[::1]:443", "", 0, "::1", 443, "[::1]", "us-east-1"),
    ("us-east-1", 0, "127.0.0.1:65535", "/aws/iam/", 0, "127.0.0.1", 65535, "127.0.0.1:65535", "us-east-1"),
    ("us-east-1", 0, "proxy.example", "/a%20b", 0, "proxy.example", 443, "proxy.example", "us-east-1"),
    ("us-east-1", 0, "proxy.example", "//a+b/./c/../d:e/", 0, "proxy.example", 443, "proxy.example", "us-east-1"),
]
JOB = "examplef-1305-c245-eba4-71fe298bcda7"
TYPE = "application/x-www-form-urlencoded"


def c_string(text):
    return "NULL" if text is None else '"' + "".join(
        chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else "\\%03o" % b for b in text.encode()) + '"'


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def canonical_path(path):
    """Segments encoded once more, "" and "." left out, ".." takes the one before it along."""
    kept = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(urllib.parse.quote(segment, safe="~"))
    return "/" + "/".join(kept) + ("/" if kept and path.endswith("/") else "")


def authorization(keys, date, region, path, headers, body):
    names = sorted(headers)
    canonical = "\n".join(["POST", canonical_path(path), ""] + ["%s:%s" % (n, headers[n]) for n in names] +
                          ["", ";".join(names), hashlib.sha256(body.encode()).hexdigest()])
    scope = "%s/%s/iam/aws4_request" % (date[:8], region)
    to_sign = "AWS4-HMAC-SHA256\n%s\n%s\n%s" % (date, scope, hashlib.sha256(canonical.encode()).hexdigest())
    key = ("AWS4" + keys[1]).encode()
    for part in (date[:8], region, "iam", "aws4_request"):
        key = mac(key, part)
    return "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        keys[0], scope, ";".join(names), mac(key, to_sign).hex())


def request(endpoint, keys, unix_ms, pairs, agent):
    path, host, region = endpoint[3] or "/", endpoint[7], endpoint[8]
    date = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=unix_ms // 1000)).strftime("%Y%m%dT%H%M%SZ")
    date = date.rjust(16, "0")
    body = urllib.parse.urlencode(pairs)
    headers = {"content-type": TYPE, "host": host, "x-amz-date": date}
    if keys[2]:
        headers["x-amz-security-token"] = keys[2]
    lines = ["POST %s HTTP/1.1" % path, "Host: " + host]
    if agent:
        lines.append("User-Agent: " + agent)
    lines += ["Accept-Encoding: identity", "X-Amz-Date: " + date]
    if keys[2]:
        lines.append("X-Amz-Security-Token: " + keys[2])
    lines += ["Authorization: " + authorization(keys, date, region, path, headers, body),
              "Content-Type: " + TYPE, "Content-Length: %d" % len(body), "", body]
    return "\r\n".join(lines)


def draw(rng, i):
    visible = "".join(chr(c) for c in range(0x21, 0x7F))
    keys = ("".join(rng.choices(string.ascii_uppercase + string.digits, k=rng.choice([1, 16, 20, 128]))),
            "".join(rng.choices(visible, k=rng.choice([1, 40, 59, 60, 61, 64, 200]))),
            "".join(rng.choices(visible, k=rng.choice([0, 1, 26, 700, 4096, 6144]))))
    if i < len(ENDPOINTS):
        keys = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "")
    unix_ms = rng.choice([0, 951782400000, 1540410451999, 1582934399999, 1582934400000, 2147483648000,
                          4102444799999, rng.randrange(4 * 10 ** 12)])
    kind = rng.randrange(3) if i >= len(ENDPOINTS) else 2
    if kind == 0:
        arn = "arn:aws:iam::123456789012:role/" + "".join(rng.choices(visible + " \u00e9\u20ac", k=rng.randrange(1, 1500)))
        params = [("Arn", arn)]
        if rng.random() < 0.5:
            params.append(("Granularity", rng.choice(["SERVICE_LEVEL", "ACTION_LEVEL"])))
        action = "GenerateServiceLastAccessedDetails"
    else:
        params = [("JobId", JOB)]
        action = "GetServiceLastAccessedDetails"
        if kind == 2:
            action += "WithEntities"
            params.append(("ServiceNamespace", "".join(rng.choices(string.ascii_letters + "_-", k=rng.randrange(1, 65)))))
        if rng.random() < 0.6:
            params.append(("MaxItems", rng.randrange(1, 1001)))
        if rng.random() < 0.6:
            params.append(("Marker", "".join(chr(rng.randrange(0x20, 0x100)) for _ in range(rng.choice([1, 20, 320])))))
    agent = rng.choice(["", "tinyiam/0.1 (x; y)"])
    return keys, unix_ms, [("Action", action), ("Version", "2010-05-08")] + params, agent


def main():
    rng = random.Random(20181024)
    print("/* Made by tests/core/unit/gen_call.py. */\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"")
    print("struct call_vector {")
    print("    const char *region, *authority, *path;")
    print("    unsigned flags;")
    print("    int plain;")
    print("    const char *host;")
    print("    unsigned port;")
    print("    const char *access_key, *secret_key, *token, *agent;")
    print("    long long unix_ms;")
    print("    const char *action, *job_id, *ns, *marker, *arn, *granularity;")
    print("    unsigned max_items;")
    print("    const char *request;")
    print("};")
    print("static const struct call_vector call_vectors[] = {")
    for i in range(100):
        endpoint = ENDPOINTS[i % len(ENDPOINTS)]
        keys, unix_ms, pairs, agent = draw(rng, i)
        d = dict(pairs)
        fields = [c_string(endpoint[0]), c_string(endpoint[2]), c_string(endpoint[3]), str(endpoint[1]),
                  str(endpoint[4]), c_string(endpoint[5]), str(endpoint[6])]
        fields += [c_string(k) for k in keys] + [c_string(agent), str(unix_ms)]
        fields += [c_string(d.get(k)) for k in ("Action", "JobId", "ServiceNamespace", "Marker", "Arn", "Granularity")]
        fields += [str(d.get("MaxItems", 0)), c_string(request(endpoint, keys, unix_ms, pairs, agent))]
        print("    {%s}," % ",\n     ".join(fields))
    print("};")


if __name__ == "__main__":
    main()
