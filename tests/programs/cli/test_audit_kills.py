#!/usr/bin/env python3
"""An audit that is killed again and again, at places that a seed picks, comes to the same bytes as one that is not:
argument --seed S repeats a run, --kills N makes it longer."""

import os
import random
import subprocess
import sys
import time

import audit
import cli
from audit import AuditTest


def option(name, fallback):
    if name in sys.argv:
        at = sys.argv.index(name)
        value = int(sys.argv[at + 1])
        del sys.argv[at:at + 2]
        return value
    return fallback


SEED, KILLS = option("--seed", int(time.time())), option("--kills", 100)


class Kills(AuditTest):
    options = ("--plain", "--account", "users=16,groups=4,roles=20,policies=10,services=12,used=4", "--report-date", "now",
               "--job-polls", "0")
    resumed, known = 0, {}

    def start(self, *args, stdout):
        return subprocess.Popen([self.binary, "audit", "--account", *args], env=self.env(), cwd=self.home,
                                stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)

    def undisturbed(self, *args):
        """What it prints while no date becomes a day older, and how long it takes."""
        days = self.days()
        if self.known.get(args, ((),))[0] != days:
            began = time.monotonic()
            run = self.run_("audit", "--account", *args)
            self.assertCode(run, 0)
            self.known[args] = days, run.out, time.monotonic() - began
        return self.known[args]

    def one(self, pick, kills, *args):
        """Killed at so many places; the account changes meanwhile, and the list that was taken stays."""
        out, place = (os.path.join(self.home, name) for name in ("out", "place"))
        for path in (out, place, place + ".arns"):
            if os.path.exists(path):
                os.remove(path)
        days, want, whole = self.undisturbed(*args)
        for done in range(10 * kills):
            with open(out, "ab") as f:
                process = self.start(*args, "--checkpoint", place, stdout=f)
                if done < kills:
                    try:
                        process.wait(pick.uniform(0, 0.7 * whole))
                    except subprocess.TimeoutExpired:
                        process.kill()
                err = process.communicate(timeout=300)[1]
            if not os.path.exists(place):
                continue
            with open(place, "rb") as f:  # where the next run goes on in the output
                self.resumed += int.from_bytes(f.read()[20:28], "little") > 0
            if process.returncode != -9:
                self.assertEqual(process.returncode, 0, err)
                break
        with open(out, "rb") as f:
            text = f.read()
        if self.days() == days:
            self.assertEqual(text, want)
        return done

    def test_kills(self):
        pick, left = random.Random(SEED), KILLS
        self.sim.scenario({"delay": 0.02, "rules": []})
        print(f"seed {SEED}", flush=True)
        rounds = 0
        while left > 0:
            args = pick.choice((("--output", "csv"), ("--output", "jsonl", "--rows", "entities"),
                                ("--output", "jsonl", "--rows", "grants"),
                                ("--output", "csv", "--unused-for", "30d", "--connections", "16")))
            left -= max(1, self.one(pick, min(left, 12), *args))
            rounds += 1
        print(f"{KILLS} kills, {self.resumed} of them in the middle of the output, {rounds} times the same bytes",
              flush=True)
        self.assertGreater(self.resumed, 0)


if __name__ == "__main__":
    cli.main()
