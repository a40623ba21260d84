#!/usr/bin/env python3
"""Instructions a byte of the tokenizer, on this machine (valgrind) and on a Cortex-M4 (QEMU), beside other
parsers over the same page. Prints a table, then one JSON line for each row.

    bench_xml.py [--build DIR] [--entities N] [--check]

--check: fails where a goal (the column of that name) is missed. What is not installed is left out, and
said. Counts are exact and the same from run to run; no time is measured."""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
SOURCES = ["core/wire/xml.c", "core/wire/xml_fast.c"]
INCLUDES = ["-Icore/include", "-Icore", "-Itests/core/unit", "-Itests/lab/bench"]
WHAT = {"fast": "tinyiam, fast tier", "byte": "tinyiam, byte machine", "expat": "expat", "libxml2": "libxml2 SAX"}
GOAL = {("x86-64", 1460): 6.0, ("x86-64", 1): 82.0, ("cortex-m4", 1460): 8.0, ("cortex-m4", 1): 82.0}
PIECES = {"fast": (1460, 64, 1), "byte": (1460, 1), "expat": (1460,), "libxml2": (1460,)}


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)


def skip(why):
    print("bench_xml: " + why, file=sys.stderr)
    return []


def flags(package):
    if not shutil.which("pkg-config"):
        return None
    p = subprocess.run(["pkg-config", "--cflags", "--libs", package], capture_output=True, text=True)
    return p.stdout.split() if p.returncode == 0 else None


def host(build, entities):
    """Rows of this machine, counted by valgrind."""
    machine = os.uname().machine.replace("_", "-")
    if not shutil.which("valgrind"):
        return skip("no valgrind: this machine is left out")
    program, peers, libraries = os.path.join(build, "bench_xml"), [], []
    for name, package in (("expat", "expat"), ("libxml2", "libxml-2.0")):
        found = flags(package)
        if found is None:
            skip("no %s (pkg-config): left out" % name)
        else:
            peers.append(name)
            libraries += found + ["-DBENCH_" + name.upper()]
    run("cc", "-std=c11", "-O2", "-g", *INCLUDES, "tests/lab/bench/bench_xml.c", *SOURCES, "-o", program, *libraries)
    rows = []
    for layout in ("minified", "indented"):
        for parser in ["fast", "byte"] + peers:
            for piece in PIECES[parser]:
                p = run("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                        "--toggle-collect=bench_read*", "--toggle-collect=bench_expat",
                        "--toggle-collect=bench_libxml2", program, parser, layout, str(entities), str(piece), "1")
                row = json.loads(p.stdout)
                row.update(target=machine, parser=parser, page=layout, piece=piece,
                           instructions=int(re.search(r"Collected\s*:\s*(\d+)", p.stderr).group(1)))
                rows.append(row)
    return rows


def cortex_m4(build):
    """Rows of the M4, counted by QEMU: one instruction is one nanosecond of its SysTick."""
    if not shutil.which("arm-none-eabi-gcc") or not shutil.which("qemu-system-arm"):
        return skip("no arm-none-eabi-gcc or qemu-system-arm: the Cortex-M4 is left out")
    program = os.path.join(build, "bench_xml_m4.elf")
    run("arm-none-eabi-gcc", "-std=c11", "-mcpu=cortex-m4", "-mthumb", "-Os", "--specs=nano.specs", "-nostartfiles",
        "-ffunction-sections", "-Wl,--section-start=.vectors=0,-Ttext=0x400,-Tdata=0x20000000,-e,bench_reset",
        *INCLUDES, "tests/lab/bench/bench_xml_m4.c", *SOURCES, "-o", program)
    p = subprocess.run(["qemu-system-arm", "-M", "mps2-an386", "-icount", "shift=0", "-nographic", "-monitor", "none",
                        "-serial", "none", "-semihosting-config", "enable=on,target=native", "-kernel", program],
                       capture_output=True, text=True, timeout=1200)
    lines = (p.stdout + p.stderr).splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "bench"))
    parser.add_argument("--entities", type=int, default=100)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.build, exist_ok=True)
    rows = host(options.build, options.entities) + cortex_m4(options.build)
    missed = 0

    print("%-10s %-9s %5s  %-22s %9s %6s" % ("target", "page", "piece", "parser", "instr/B", "goal"))
    for row in rows:
        row["instructions_per_byte"] = round(row["instructions"] / row["bytes"], 2)
        goal = GOAL.get((row["target"], row["piece"])) if row["parser"] == "fast" else None
        late = goal is not None and row["instructions_per_byte"] > goal
        missed += late or row["result"] != 0
        print("%-10s %-9s %5d  %-22s %9.2f %6s%s" % (
            row["target"], row["page"], row["piece"], WHAT[row["parser"]], row["instructions_per_byte"],
            "" if goal is None else "%g" % goal, "  missed" if late else ""))
    for row in rows:
        print(json.dumps(row, sort_keys=True))
    sys.exit(1 if options.check and missed else 0)


main()
