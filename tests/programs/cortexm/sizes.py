#!/usr/bin/env python3
"""Flash and RAM of an image by component, from its linker map: sizes.py IMAGE.map [--files PART | --json]"""
import json
import os
import re
import sys

PARTS = (
    ("core", re.compile(r"cortexm_core\.dir/.*?core/(?:base|wire|model|flow)/")),
    ("port", re.compile(r"(?:cortexm_core|cortexm_port)\.dir/")),
    ("mbedtls", re.compile(r"cortexm_mbedtls\.dir/|lib(mbed\w+|tfpsacrypto|builtin)\.a\(")),
    ("lwip", re.compile(r"cortexm_lwip\.dir/")),
    ("board", re.compile(r"cortexm_board\.dir/")),
    ("libc", re.compile(r"\.a\(")),
    ("main", re.compile(r"")),
)
RAM, FLASH = (0x20000000, 0x20100000), (0x0, 0x100000)
SECTION = re.compile(r"^ (\S+)\s*\n?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$", re.M)


def entries(path):
    text = open(path, encoding="utf-8", errors="replace").read()
    text = text[text.index("Linker script and memory map"):]
    for name, at, size, where in SECTION.findall(text):
        if int(size, 16) and not name.startswith((".debug", ".comment", ".ARM")):
            yield name, int(at, 16), int(size, 16), where


def sizes(path):
    """{component: {"flash": bytes, "ram": bytes}}; initialised data counts in both."""
    found = {name: {"flash": 0, "ram": 0} for name, _ in PARTS}
    found["stack"] = {"flash": 0, "ram": 0}
    rows = sorted(entries(path), key=lambda row: (row[1], row[2]))
    for (name, at, size, where), after in zip(rows, rows[1:] + [("", 1 << 32, 0, "")]):
        size = min(size, after[1] - at)  # merged strings are listed with their size before merging
        part = "stack" if name == ".stack" else next(p for p, pattern in PARTS if pattern.search(where))
        if RAM[0] <= at < RAM[1]:
            found[part]["ram"] += size
            found[part]["flash"] += size if name.startswith(".data") else 0
        elif FLASH[0] <= at < FLASH[1]:
            found[part]["flash"] += size
    found["all"] = {kind: sum(row[kind] for row in found.values()) for kind in ("flash", "ram")}
    return found


def main():
    if len(sys.argv) < 2 or not os.path.isfile(sys.argv[1]):
        print(f"{__doc__}\n\nsizes.py: the first argument is the linker's map of an image", file=sys.stderr)
        sys.exit(0 if "--help" in sys.argv else 2)
    found = sizes(sys.argv[1])
    if "--json" in sys.argv:
        print(json.dumps(found))
        return
    if "--files" in sys.argv:
        part = sys.argv[sys.argv.index("--files") + 1]
        files = {}
        for name, at, size, where in entries(sys.argv[1]):
            if next(p for p, pattern in PARTS if pattern.search(where)) == part and at < RAM[1]:
                row = files.setdefault(where.split("/")[-1], [0, 0])
                row[1 if at >= RAM[0] else 0] += size
        for where, row in sorted(files.items(), key=lambda x: -sum(x[1])):
            print("%-40s %7d %7d" % (where, *row))
        return
    print("%-10s %8s %8s" % ("", "flash", "RAM"))
    for part, row in found.items():
        print("%-10s %8d %8d" % (part, row["flash"], row["ram"]))


if __name__ == "__main__":
    main()
