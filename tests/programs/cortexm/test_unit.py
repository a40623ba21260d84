#!/usr/bin/env python3
"""The unit tests of core/ on the M4: test_unit.py [NAME...]. The same sources as on the host."""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from machine import ROOT, Machine  # noqa: E402

LIMIT = int(os.environ.get("CORTEXM_LIMIT", "1500"))


def main():
    machine = Machine(os.environ.get("CORTEXM_BUILD",
                                     os.path.join(ROOT, "build", "cortexm-mps2-an386")))
    names = sys.argv[1:] or sorted(name[5:-2] for name in os.listdir(os.path.join(ROOT, "tests", "core", "unit"))
                                   if re.fullmatch(r"test_\w+\.c", name))
    # Built one after another, run side by side.
    waiting = [(name, machine.command("unit_" + name)) for name in names]
    running, passed, failed, bad = {}, 0, 0, []
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 2):
            name, command = waiting.pop(0)
            running[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True,
                                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        name, process = next(iter(running.items()))
        try:
            out, _ = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
            out += f"\nnot ended after {LIMIT} s"
        del running[name]
        counts = re.findall(r"^\S+: (\d+) passed, (\d+) failed$", out, re.M)
        good = sum(int(count[0]) for count in counts)
        wrong = sum(int(count[1]) for count in counts)
        if process.returncode != 0 or not counts:
            wrong = max(wrong, 1)
            bad.append(name)
            print(out[-3000:])
        print(f"{name}: {good} passed, {wrong} failed", flush=True)
        passed, failed = passed + good, failed + wrong
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
