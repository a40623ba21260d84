#!/usr/bin/python3
"""symbols.py PREFIX ARCHIVE...: the objects of core/ need nothing but six functions of libc, mbedTLS and
the compiler's own integer helpers, and hold no data that can change. PREFIX is that of nm and size
("arm-none-eabi-", or "" for the host's)."""

import os
import re
import subprocess
import sys

import repo

LIBC = {"memcpy", "memmove", "memset", "memcmp", "strlen", "memchr"}
CRYPTO = re.compile(r"(mbedtls|psa)_\w+")
# Integer arithmetic that the instruction set lacks; none of the floating-point ones.
HELPERS = re.compile(
    r"__aeabi_(u?l?divmod|u?idiv(mod)?|lmul|llsl|llsr|lasr|u?lcmp|mem(cpy|move|set|clr)[48]?)|"
    r"__gnu_thumb1_case_\w+|__(u?div|u?mod|mul|ashl|lshr|ashr|clz|ctz|popcount|bswap)[sd]i[23]|"
    r"__riscv_(save|restore)_\d+|_GLOBAL_OFFSET_TABLE_")
CHANGING = re.compile(r"\.(data|bss|tdata|tbss|sdata|sbss|noinit)\b(?!\.rel\.ro)")


def members(text):
    """[(object, lines)] of the output of nm or size about an archive."""
    out = []
    for line in text.split("\n"):
        start = re.match(r"(?:.*[(/])?([\w.-]+\.(?:o|obj))\)?(?::$|\s+:|\s*\(ex )", line) or \
            re.match(r"([\w.-]+\.(?:o|obj)):?\s*$", line)
        if start:
            out.append((start[1], []))
        elif out:
            out[-1][1].append(line)
    return out


def problems(nm_text, size_text):
    out = []
    objects = [(name, [line.split() for line in lines if line.strip()]) for name, lines in members(nm_text)]
    if not objects:
        return ["nm shows no objects"]
    defined = {f[-1] for _, lines in objects for f in lines if f[-2].upper() in "TRDBWVC" and len(f) > 2}
    for name, lines in objects:
        for fields in lines:
            symbol, kind = fields[-1], fields[-2]
            if kind in "Uw" and symbol not in defined | LIBC and not CRYPTO.fullmatch(symbol) \
                    and not HELPERS.fullmatch(symbol):
                out.append(f"{name}: needs {symbol}")
            if kind in "BbCc":  # D and d may be constants that hold addresses; sections tell them apart
                out.append(f"{name}: {symbol} is data that can change")
    for name, lines in members(size_text):
        for line in lines:
            fields = line.split()
            if len(fields) == 3 and CHANGING.match(fields[0]) and int(fields[1]):
                out.append(f"{name}: {fields[1]} bytes in {fields[0]}")
    return out


def main(prefix, *archives):
    out = []
    for archive in archives:
        nm, size = (subprocess.run([prefix + tool, option, archive], capture_output=True, text=True,
                                   check=True).stdout for tool, option in (("nm", "-g"), ("size", "-A")))
        out += [f"{archive}: {line}" for line in problems(nm, size)]
    repo.report("symbols", out, "core/ does without: what it needs is passed to it, and what it holds is in the caller's structs")


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        print(__doc__.strip(), file=sys.stdout if "--help" in sys.argv else sys.stderr)
        sys.exit(0 if "--help" in sys.argv else 2)
    gone = [archive for archive in sys.argv[2:] if not os.path.exists(archive)]
    if gone:
        print(f"symbols.py: no file {gone[0]}: the steps build-m4 and static-symbols build what it reads", file=sys.stderr)
        sys.exit(2)
    main(*sys.argv[1:])
