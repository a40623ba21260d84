#!/usr/bin/env python3
"""Prints a C header of well-formed replies and of what Python's http.client reads in them.

usage: gen_http.py VECTORS_FOLDER > http_vectors.h      (the folder is not used)
"""
import http.client
import io
import json
import random


class Socket:
    def __init__(self, data):
        self.file = io.BytesIO(data)

    def makefile(self, *_):
        return self.file


def mixed_case(rng, text):
    return "".join(rng.choice((c.upper(), c.lower())) for c in text)


def spaces(rng, least=0):
    return "".join(rng.choice(" \t") for _ in range(rng.choice([least, least, 1, 3])))


def field(rng, name, value):
    return "%s:%s%s%s\r\n" % (mixed_case(rng, name), spaces(rng), value, spaces(rng))


def chunked(rng, body):
    out, at = b"", 0
    while at < len(body):
        n = rng.choice([1, 2, 15, 16, 17, 100, len(body)])
        part = body[at:at + n]
        at += len(part)
        size = mixed_case(rng, rng.choice(["%x", "%04x", "%012x"]) % len(part))
        extension = rng.choice(["", "", ";a", ';a="b;c"', "; name=value ; x", ";" + "e" * 300])
        out += (size + extension + "\r\n").encode() + part + b"\r\n"
    trailers = "".join(field(rng, "x-trailer-%d" % i, rng.choice(["", "v", "99"]))
                       for i in range(rng.choice([0, 0, 1, 3])))
    last = rng.choice(["0", "000"]) + rng.choice(["", ";last"])
    return out + (last + "\r\n" + trailers + "\r\n").encode()


def reply(rng):
    version = rng.choice(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"])
    status = rng.choice([200, 200, 200, 400, 403, 503, 204, 304])
    reason = rng.choice(["OK", "Bad Request", "", "Any \xe9 text", "long " * 12])
    body = bytes(rng.getrandbits(8) for _ in range(rng.choice([0, 1, 2, 40, 300])))
    fields = [field(rng, "x-filler-%d" % i, "v" * rng.randrange(40)) for i in range(rng.randrange(4))]
    framing = rng.choice(["length", "length", "chunked", "close"])
    if framing == "chunked" and (version == "HTTP/1.0" or status in (204, 304)):
        framing = "close"
    if framing == "length":
        fields.append(field(rng, "content-length", str(len(body))))
        wire = body
    elif framing == "chunked":
        # http.client does not take blanks after this value
        fields.append("Transfer-Encoding:%s%s\r\n" % (spaces(rng), mixed_case(rng, "chunked")))
        wire = chunked(rng, body)
    else:
        wire = body
    if status in (204, 304):
        wire = b""
    if rng.random() < 0.4:
        fields.append(field(rng, "connection", mixed_case(rng, rng.choice(["close", "keep-alive"]))))
    rng.shuffle(fields)
    interim = "".join("HTTP/1.1 100 Continue\r\n" + rng.choice(["", "X-A: b\r\n"]) + "\r\n"
                      for _ in range(rng.choice([0, 0, 0, 1, 2])))
    head = "%s%s %d %s\r\n%s\r\n" % (interim, version, status, reason, "".join(fields))
    return head.encode("latin-1") + wire


def c_bytes(data):
    return "{" + ",".join(str(b) for b in data) + ("0}" if not data else "}")


def main():
    rng = random.Random(9112)
    print("/* Made by gen_http.py. */")
    print("struct http_vector {")
    print("    const unsigned char *wire, *body;")
    print("    const char *reason;")
    print("    size_t wire_n, body_n;")
    print("    unsigned status;")
    print("    bool keep_alive, to_eof;")
    print("};")
    rows = []
    for number in range(400):
        wire = reply(rng)
        got = http.client.HTTPResponse(Socket(wire))
        got.begin()
        body = got.read()
        to_eof = got.status not in (204, 304) and not got.chunked and \
            got.headers.get("content-length") is None
        print("static const unsigned char http_wire_%d[] = %s;" % (number, c_bytes(wire)))
        print("static const unsigned char http_body_%d[] = %s;" % (number, c_bytes(body)))
        reason = got.reason.strip(" \t")
        reason = reason if len(reason) <= 40 else reason[:37] + "..."
        reason = '"%s"' % "".join(c if c < "\x7f" else "\\%03o" % ord(c) for c in reason)
        rows.append("{http_wire_%d, http_body_%d, %s, %d, %d, %d, %s, %s}" % (
            number, number, reason, len(wire), len(body), got.status,
            json.dumps(not got.will_close), json.dumps(to_eof)))
    print("static const struct http_vector http_vectors[] = {%s};" % ",\n    ".join(rows))


if __name__ == "__main__":
    main()
