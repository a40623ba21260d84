#!/usr/bin/env python3
"""Prints form_vectors.h. Argument 1: the folder of the vectors."""
import json
import os
import sys


def c_string(text):
    return '"' + "".join("\\%03o" % b for b in text.encode()) + '"'


def main():
    with open(os.path.join(sys.argv[1], "facts", "form_encoding.json"), encoding="utf-8") as f:
        facts = json.load(f)
    pairs = [(k, v["botocore_urlencode"]) for k, v in facts["ascii"].items()]
    pairs += [(k, v["botocore_urlencode"]) for k, v in facts["differences_only"].items()]
    pairs += list(facts["non_ascii_examples"].items())
    print("/* Generated from form_encoding.json. */")
    print("static const struct {")
    print("    const char *text, *encoded;")
    print("    int code_point; /* of the first character */")
    print("} form_vectors[] = {")
    for text, encoded in pairs:
        print('    {%s, "%s", %d},' % (c_string(text), encoded, ord(text[0])))
    print("};")


if __name__ == "__main__":
    main()
