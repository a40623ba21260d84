#!/usr/bin/env python3
"""What a wake of the image tinyiam_wake costs, beside one long sitting: platform/cortexm/wake.c.

    wakes.py              measures and prints, and fails where something is over its budget
    wakes.py --markdown   the same as a table for platform/cortexm/README.md

A list of 400 entities, 50 a page: in eight wakes, each of which goes on with the place and the session of TLS of the one
before, and in one sitting with every page on one connection. Counted are instructions of the Cortex-M4 outside of
waiting (-icount shift=0: an instruction is 1 ns), from the network's start to the end of the connection; bytes and
frames of Ethernet in both directions, from what QEMU has recorded of the wire; and round trips: how often the device
had sent something and an answer came, so that the way there and back was waited for once. A long reply takes one more
for each 2,920 bytes (TCP_WND) where the way is long.

tests/size_budget.csv holds the rows of the profile "wakes"; test_wake.py."""

import csv
import json
import os
import struct
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from case import BUILD, ROOT, sim  # noqa: E402
from machine import Machine, asked  # noqa: E402

IMAGE, ENTITIES, PAGE = "tinyiam_wake", 400, 50
DEVICE = bytes([10, 0, 2, 15])
ROWS = ("first wake", "next wake", "list in wakes", "list in one sitting")
TITLES = {"first wake": "the first wake: a full handshake, 50 entities",
          "next wake": "every other wake: the session resumed, 50 entities",
          "list in wakes": "400 entities in eight wakes", "list in one sitting": "400 entities in one sitting"}
WHAT = {"instructions": "thousands of instructions", "bytes": "bytes on the wire", "frames": "frames",
        "trips": "round trips"}


def frames(path):
    """The Ethernet frames of a recording."""
    with open(path, "rb") as f:
        data = f.read()
    order, at = ("<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"), 24
    while at < len(data):
        size = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def is_beginning(frame):
    """An announcement of the device's address: its network is up."""
    return frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42] == DEVICE


def tcp(frame):
    """(has it data, or the wish to connect: what is answered; is it the end), of TCP; of all else (False, False)"""
    if frame[12:14] != b"\x08\0" or frame[23] != 6:
        return False, False
    at = 14 + (frame[14] & 15) * 4
    length = struct.unpack("!H", frame[16:18])[0]
    return (14 + length > at + (frame[at + 12] >> 4) * 4 or frame[at + 13] & 2 != 0), frame[at + 13] & 1 != 0


def wire(path):
    """A dict for each start of the device's network."""
    found, waiting = [], False
    for frame in frames(path):
        if is_beginning(frame):
            found.append({"bytes": 0, "frames": 0, "trips": 0})
            waiting = False
        if not found:
            continue
        now = found[-1]
        now["bytes"] += len(frame)
        now["frames"] += 1
        carries, ends = tcp(frame)
        out = frame[26:30] == DEVICE
        if carries:
            now["trips"] += waiting and not out
            waiting = out
        waiting &= not (ends and out)  # what still comes is not waited for
    return found


def run(machine, server, *flags, env=()):
    """(result, a dict for each wake)"""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as record:
        result = machine.entities(server, "--max-items", PAGE, *flags, env=env, target=IMAGE, more=(
            "-icount", "shift=0", "-object", f"filter-dump,id=wire,netdev=user0,file={record.name}"))
        wakes = [json.loads(line) for line in result.err.splitlines() if line.startswith('{"wake"')]
        seen = wire(record.name)
    if len(wakes) != len(seen):
        raise RuntimeError(f"{len(seen)} starts of the network: {result}")
    return result, [{**wake, **of, "instructions": wake["awake_us"]} for wake, of in zip(wakes, seen)]


def total(wakes):
    return {what: sum(wake[what] for wake in wakes) for what in WHAT}


def measure_one(machine, version, kind):
    """{row: {what: n}}"""
    with sim("--entities", ENTITIES, "--cert-kind", kind.lower(), "--tls-min", version, "--tls-max", version) as server:
        in_wakes, wakes = run(machine, server)
        in_one, sitting = run(machine, server, "--all")
        requests = len(server.requests())
    if in_wakes.code or in_one.code or in_wakes.out != in_one.out or requests != 2 * ENTITIES // PAGE or \
            [wake["resumed"] for wake in wakes] != [0] + [1] * (ENTITIES // PAGE - 1) or len(sitting) != 1:
        raise RuntimeError(f"{in_wakes}, {in_one}, {requests} requests")
    longest = {what: max(wake[what] for wake in wakes[1:]) for what in WHAT}
    return dict(zip(ROWS, (total(wakes[:1]), longest, total(wakes), total(sitting))))


def measure():
    """{name: {what: n}}"""
    machine = Machine(BUILD)
    machine.make(IMAGE)
    found = {}
    for version in ("1.2", "1.3"):
        for kind in ("RSA", "ECDSA"):
            for row, counts in measure_one(machine, version, kind).items():
                found[f"TLS {version}, {kind}: {row}"] = counts
    return found


def limits():
    with open(os.path.join(ROOT, "tests", "size_budget.csv"), encoding="utf-8") as f:
        rows = csv.DictReader(line for line in f if line.strip() and not line.startswith("#"))
        return {(row["kind"], row["name"]): int(row["limit"]) for row in rows if row["profile"] == "wakes"}


def wrong(found):
    most = limits()
    measured = {(f"wake {what}", name): n for name, counts in found.items() for what, n in counts.items()
                if what != "frames"}
    return [f"{kind}, {name}: {measured.get((kind, name))}, budget {most.get((kind, name))}"
            for kind, name in sorted(set(measured) | set(most))
            if measured.get((kind, name), 1 << 40) > most.get((kind, name), 0)]


def main():
    markdown = asked(__doc__).markdown
    found = measure()
    if markdown:
        print(f"| | {' | '.join(WHAT.values())} |\n|---|{'---:|' * len(WHAT)}")
        for name, counts in found.items():
            way, row = name.split(": ")
            print(f"| {way}: {TITLES[row]} | {' | '.join(f'{counts[what]:,}' for what in WHAT)} |")
        return 0
    for name, counts in found.items():
        print(f"{name:40}" + "".join(f"{counts[what]:10,} {what}" for what in WHAT))
    bad = wrong(found)
    print("\n".join(bad + [f"{len(found)} rows, {len(bad)} faults"]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
