#!/usr/bin/env python3
"""Prints sigv4_vectors.h. Argument 1: the folder of the vectors."""
import json
import os
import sys


def c_string(text):
    if text is None:
        return "NULL"
    return '"' + "".join(
        chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else "\\%03o" % b
        for b in text.encode()) + '"'


def main():
    path = os.path.join(sys.argv[1], "facts", "sigv4_iam_vectors.json")
    with open(path, encoding="utf-8") as f:
        vectors = json.load(f)["vectors"]
    print("/* Generated from sigv4_iam_vectors.json. */")
    print("struct sigv4_vector {")
    print("    const char *name, *access_key, *secret_key, *token, *region, *service, *date;")
    print("    const char *host, *path, *content_type, *body, *payload_hex, *request_hex;")
    print("    const char *authorization, *authorization_long;")
    print("};")
    print("static const struct sigv4_vector sigv4_vectors[] = {")
    for v in vectors:
        fields = [
            v["name"], v["access_key"], v["secret_key"], v["session_token"], v["region"],
            v["service"], v["amz_date"], v["host"], v["canonical_request"].split("\n")[1],
            v["extra_headers"]["Content-Type"], v["body"], v["payload_sha256"],
            v["string_to_sign"].split("\n")[-1], v["authorization"],
            v["authorization_with_content_length_and_sha256_header"]]
        print("    {" + ",\n     ".join(c_string(f) for f in fields) + "},")
    print("};")


if __name__ == "__main__":
    main()
