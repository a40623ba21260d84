#!/usr/bin/env python3
"""The image against its lines of tests/size_budget.csv (profile "image"), after it has done the job.

    budget.py               measures, prints, and fails where something is over its budget
    budget.py --markdown    the same as a table for tests/EVIDENCE.md

Kinds: "image flash" and "image ram", bytes of a component from the linker's map, and of all of them; "image
peak", the most that was in use while it fetched 1,000 entities by RSA and ECDSA, TLS 1.2 and 1.3: stack (painted
at start-up), the TLS arena, lwIP's heap and pools; "image struct": the client, its buffers, both together. "iot" in place of "image":
the same of the image tinyiam_iot, whose keys come from AWS IoT first and lie in the TLS arena.
"""

import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import test_iot  # noqa: E402
from case import BUILD, ROOT, sim  # noqa: E402
from machine import Machine, asked  # noqa: E402
from sizes import sizes  # noqa: E402

BUDGET = os.path.join(ROOT, "tests", "size_budget.csv")
TITLES = {"image flash": "flash, {}", "image ram": "RAM, {}", "image peak": "most in use: {}", "image struct": "{}"}
TITLES.update({kind.replace("image", "iot"): "IoT image: " + text for kind, text in TITLES.items()})


def limits():
    with open(BUDGET, encoding="utf-8") as f:
        rows = csv.DictReader(line for line in f if line.strip() and not line.startswith("#"))
        return {(row["kind"], row["name"]): int(row["limit"]) for row in rows if row["profile"] == "image"}


def run_job(machine, iot=False):
    """The stats of four runs, as the largest value of each."""
    most = {}
    for kind in ("ecdsa", "rsa"):
        for version in ("1.2", "1.3"):
            with sim("--entities", 1000, "--cert-kind", kind, "--tls-min", version, "--tls-max", version,
                     *["--sources"] * iot) as server:
                result = (test_iot.run(machine, server, "--max-items", "250") if iot else
                          machine.entities(server, "--all", "--max-items", "250"))
            if result.code != 0 or len(result.out.splitlines()) != 1000 or result.stats["lwip_failed"]:
                sys.exit(f"the job was not done: {result}")
            most = {key: max(value, most.get(key, 0)) for key, value in result.stats.items()}
    return most


def measure():
    machine = Machine(BUILD)
    machine.make()
    found = {}
    for part, row in sizes(machine.map()).items():
        found["image flash", part] = row["flash"]
        found["image ram", part] = row["ram"]
    most = run_job(machine)
    found["image peak", "stack"] = most["stack_peak"]
    found["image peak", "TLS arena"] = most["arena_peak"]
    found["image peak", "lwIP heap and pools"] = most["lwip_peak"]
    found["image struct", "client"] = most["client_size"]
    found["image struct", "client and buffers"] = most["client_size"] + most["buffers_size"]
    measure_iot(machine, found)
    return {key: size for key, size in found.items() if size > 0}


def measure_iot(machine, found):
    machine.make(test_iot.IMAGE)
    row = sizes(machine.map(test_iot.IMAGE))["all"]
    found["iot flash", "all"], found["iot ram", "all"] = row["flash"], row["ram"]
    most = run_job(machine, iot=True)
    found["iot peak", "stack"] = most["stack_peak"]
    found["iot peak", "TLS arena"] = most["arena_peak"]
    found["iot struct", "provider and keys, in the arena"] = most["keys_size"]


def main():
    markdown = asked(__doc__).markdown
    found, most = measure(), limits()
    if markdown:
        print("| bytes | image | at most |\n|---|---:|---:|")
    for (kind, name), size in found.items():
        limit = most.get((kind, name))
        shown = f"{limit:,}" if limit is not None else ""
        title = TITLES[kind].format(name)
        print(f"| {title} | {size:,} | {shown} |" if markdown else f"{title:40} {size:8,} {shown:>8}")
    wrong = [f"{kind} {name}: {found.get((kind, name), 'not measured')}, budget {limit}"
             for (kind, name), limit in most.items() if found.get((kind, name), limit + 1) > limit]
    if wrong and not markdown:
        print("What to do: tests/size --diff REV shows what has grown since a commit; what is worth its bytes gets a higher limit "
              "in tests/size_budget.csv, and its commit says why")
    if not markdown:
        print("\n".join(wrong + [f"{len(most) - len(wrong)} passed, {len(wrong)} failed"]))
    return 1 if wrong and not markdown else 0


if __name__ == "__main__":
    sys.exit(main())
