#!/usr/bin/python3
"""Columns that characters take on a terminal: what Unicode says of them, as the ranges of platform/host/text/columns.c.
Run, it writes these ranges into that file; test_table.py holds them against two oracles that know nothing of it."""

import os
import re
import subprocess
import sys
import unicodedata

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 3))
SOURCE = os.path.join(ROOT, "platform", "host", "text", "columns.c")
# Vowels and final consonants of Hangul stand on the consonant before them.
JAMO = ((0x1160, 0x11FF), (0xD7B0, 0xD7FB))
# What terminals draw wide although Unicode 14 has it narrow or leaves it open; 16 has the second one wide.
WIDER = ((0x3248, 0x324F), (0x4DC0, 0x4DFF))
# Emoji and ideographs to come: Unicode says that they will be wide.
TO_COME = ((0x1FA70, 0x1FAFF), (0x20000, 0x2FFFD), (0x30000, 0x3FFFD))


def columns(c):
    """0, 1, 2; None: Unicode has no such character, or it is never shown as it is."""
    kind = unicodedata.category(chr(c))
    if any(first <= c <= last for first, last in TO_COME):
        return 2
    if kind in ("Cn", "Co", "Cs", "Cc", "Cf", "Zl", "Zp"):
        return None
    if kind in ("Mn", "Me") or any(first <= c <= last for first, last in JAMO):
        return 0
    wide = unicodedata.east_asian_width(chr(c)) in "WF" or any(first <= c <= last for first, last in WIDER)
    return 2 if wide else 1


def ranges(wanted):
    """[(first, last)]; what Unicode has not filled between two of a kind goes with them."""
    found, begun, last = [], None, None
    for c in range(0x80, 0x110000):
        width = columns(c)
        if width == wanted:
            begun, last = c if begun is None else begun, c
        elif width is not None and begun is not None:
            found.append((begun, last))
            begun = None
    return found + ([(begun, last)] if begun is not None else [])


def main():
    if sys.argv[1:]:
        asked = sys.argv[1:] == ["--help"]
        print(__doc__ if asked else f"{__doc__}\n\ncolumns.py: it takes no argument", file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    with open(SOURCE, encoding="utf-8") as f:
        text = f.read()
    for name, wanted in (("wide", 2), ("on_top", 0)):
        rows = "".join(f"    {{0x{first:X}, 0x{last:X}}},\n" for first, last in ranges(wanted))
        text = re.sub(rf"(struct range {name}\[\] = {{\n).*?(}};)", rf"\g<1>{rows}\g<2>", text, flags=re.S)
    with open(SOURCE, "w", encoding="utf-8") as f:
        f.write(text)
    subprocess.run(["clang-format", "-i", SOURCE], check=True)


if __name__ == "__main__":
    sys.exit(main())
