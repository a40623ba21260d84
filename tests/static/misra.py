#!/usr/bin/python3
"""misra.py [--update]: what cppcheck and its addon see of MISRA C:2012 in core/, by the numbers of its rules (their
texts are not free). Mandatory rules: no finding. Required rules: no more findings than misra_counts says, and each of
them with its reason in misra_deviations. Advisory rules are shown only. --update writes smaller counts down.

Looked at is what a small machine compiles: 32 bits, little-endian, mbedTLS, no wide reads."""

import collections
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import repo

HERE = os.path.dirname(os.path.abspath(__file__))
MANDATORY = "9.1 13.6 17.3 17.4 17.6 19.1 21.13 21.17 21.18 21.19 21.20 22.2 22.4 22.5 22.6".split()
ADVISORY = """2.3 2.4 2.5 2.6 2.7 4.2 5.9 8.7 8.9 8.11 8.13 10.5 11.4 11.5 12.1 12.3 12.4 13.3 13.4 15.1 15.4 15.5 17.5
    17.8 18.4 18.5 19.2 20.1 20.5 21.12""".split()
# Rules that cppcheck holds by a check of its own, not by the addon; no matter which rule of two it is.
OWN = {"uninitvar": "9.1", "legacyUninitvar": "9.1", "uninitStructMember": "9.1", "uninitdata": "9.1",
       "sizeofCalculation": "13.6", "missingReturn": "17.4", "overlappingWriteUnion": "19.1", "overlappingWriteFunction": "19.1",
       "invalidFunctionArg": "21.13", "bufferAccessOutOfBounds": "21.17", "autovarInvalidDeallocation": "22.2",
       "writeReadOnlyFile": "22.4", "readWriteOnlyFile": "22.4", "useClosedFile": "22.6"}
MACHINE = ["--platform=unix32", "-D__BYTE_ORDER__=1234", "-D__ORDER_LITTLE_ENDIAN__=1234",
           "-DMBEDTLS_VERSION_NUMBER=0x03060000"]


def write(path, *lines):
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


def look(root, files, *more):
    """[(file, line, rule)], in the order of rules."""
    with tempfile.TemporaryDirectory() as place:
        names, texts, addon = (os.path.join(place, n) for n in ("files", "texts", "addon.json"))
        write(names, *files)
        # Of two findings with the same text on one line cppcheck shows one: each rule has a text of its own.
        write(texts, "Appendix A Summary of guidelines",
              *(f"Rule {a}.{b} Required\nThe rule {a}.{b}\n" for a in range(1, 23) for b in range(1, 25)))
        write(addon, json.dumps({"script": "misra.py", "args": [f"--rule-texts={shlex.quote(texts)}"]}))
        done = subprocess.run(
            ["cppcheck", "--quiet", "--std=c11", "--addon=" + addon, "--max-configs=1", "--enable=warning", "--inline-suppr",
             "--library=" + os.path.join(HERE, "cppcheck.cfg"), "--template={file}|{line}|{id}", *MACHINE, *more,
             # Without a folder of its own cppcheck writes NAME.c.dump beside each source, where others read.
             "--cppcheck-build-dir=" + place, "--file-list=" + names], cwd=root, capture_output=True, text=True, check=True)
    found = set()
    for line in done.stderr.splitlines():
        if line.count("|") != 2:
            continue
        file, at, name = line.split("|")
        rule = re.fullmatch(r"misra-c2012-([\d.]+)", name)
        rule = rule[1] if rule else OWN.get(name)
        if rule:
            found.add((file, int(at), rule))
        elif name in ("syntaxError", "internalError", "preprocessorErrorDirective", "internalAstError"):
            raise SystemExit(f"cppcheck did not understand {file}:{at}: {name}")
    return sorted(found, key=lambda f: (number(f[2]), f))


def number(rule):
    return [int(n) for n in rule.split(".")]


def table(text):
    """{rule: rest of its line} of misra_counts or misra_deviations; lines with a space in front go on."""
    out = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith(("#", " ")):
            rule, rest = line.split(None, 1)
            out[rule] = rest
    return out


def problems(found, counts, deviations):
    """found: [(file, line, rule)]; counts, deviations: texts of the two files."""
    out = []
    held, why = table(counts), table(deviations)
    where = collections.defaultdict(list)
    for file, line, rule in found:
        if rule not in ADVISORY:
            where[rule].append(f"{file}:{line}")
    for rule in sorted(set(where) | set(held), key=number):
        places, most = where[rule], int(held.get(rule, 0))
        if rule in MANDATORY:
            out += [f"{place}: rule {rule}, mandatory" for place in places]
        elif len(places) > most:
            out.append(f"rule {rule}: {len(places)} findings, at most {most} (misra_counts): {' '.join(places)}")
        elif len(places) < most:
            out.append(f"rule {rule}: {len(places)} findings, misra_counts says {most}: write it down (misra.py --update)")
        if places and rule not in MANDATORY and rule not in why:
            out.append(f"rule {rule}: no reason in misra_deviations")
    out += [f"rule {rule}: a reason in misra_deviations, but no finding" for rule in why if not where[rule]]
    return out


def update(found, counts):
    """The text of misra_counts with counts that have fallen; a rule that is new or has more stays as it is."""
    now = collections.Counter(rule for _, _, rule in found)
    lines = []
    for line in counts.splitlines():
        fields = line.split()
        if line.strip() and not line.startswith("#"):
            if now[fields[0]] == 0:
                continue
            line = f"{fields[0]:<6}{min(now[fields[0]], int(fields[1])):>4}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def main():
    repo.arguments(__doc__, "--update")
    files = [f for f in repo.files(repo.ROOT, "core", ends=(".c",)) if f != "core/base/sha256_psa.c"]  # a second sha256
    found = look(repo.ROOT, files, "-Icore/include", "-Icore")
    counts = repo.read(HERE, "misra_counts")
    if sys.argv[1:] == ["--update"]:
        counts = update(found, counts)
        with open(os.path.join(HERE, "misra_counts"), "w", encoding="utf-8") as f:
            f.write(counts)
    now = collections.Counter(rule for _, _, rule in found)
    kinds = (("mandatory", MANDATORY), ("advisory", ADVISORY))
    for kind, rules in (*kinds, ("required", sorted(set(now) - set(MANDATORY) - set(ADVISORY), key=number))):
        print(f"{kind}: {sum(now[r] for r in rules)} findings" +
              (": " if any(now[r] for r in rules) else "") +
              ", ".join(f"{r} {now[r]} times" for r in rules if now[r]))
    print(f"{len(files)} sources and their headers")
    if not files:
        sys.exit("no sources?")
    repo.report("misra", problems(found, counts, repo.read(HERE, "misra_deviations")),
                "mend what is new, or give its reason in tests/static/misra_deviations and its number in misra_counts")


if __name__ == "__main__":
    main()
