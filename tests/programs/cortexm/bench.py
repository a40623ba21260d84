#!/usr/bin/env python3
"""Instruction counts of the engine on a Cortex-M4, the same on every run: JSON lines."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import ROOT, Machine  # noqa: E402

machine = Machine(os.environ.get("CORTEXM_BUILD", os.path.join(ROOT, "build", "cortexm-mps2-an386")))
runs = [machine.run(target="bench", more=("-icount", "shift=0")) for _ in range(2)]
sys.stdout.write(runs[0].out)
if runs[0].out != runs[1].out or runs[0].code != 0:
    sys.exit(f"not repeatable, or failed: {runs}")
