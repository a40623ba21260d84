#!/usr/bin/python3
"""Prints certificates_vectors.h: the certificates of certificates.py as C strings."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificates  # noqa: E402


def literal(text):
    return "\n".join(f'    "{line}\\n"' for line in text.strip().split("\n"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        certificates.make(folder)
        texts = {}
        for name in sorted(os.listdir(folder)):
            if name.endswith((".pem", ".key")):
                with open(os.path.join(folder, name), encoding="ascii") as f:
                    texts[name] = f.read()
    print("#ifndef CERTIFICATES_VECTORS_H\n#define CERTIFICATES_VECTORS_H")
    print("struct certificate {\n    const char *name, *pem, *key;\n};")
    print("static const char certificate_roots[] =\n" + literal(texts["roots.pem"]) + ";")
    print("static const struct certificate certificates[] = {")
    for name in sorted(texts):
        if name.endswith(".pem") and name != "roots.pem":
            key = texts[name[:-4] + ".key"]
            print(f'    {{"{name[:-4]}",\n{literal(texts[name])},\n{literal(key)}}},')
    print("};\n#endif")


if __name__ == "__main__":
    main()
