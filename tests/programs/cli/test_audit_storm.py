#!/usr/bin/env python3
"""Every fault of the storm (tests/lab/storm) in one ARN of an audit: the other ARNs' rows are whole, and this one's are
whole or one row that says why not. --seed S repeats a run."""

import os
import random
import sys
import time

import audit
import cli
from audit import AuditTest, Oracle

sys.path.insert(0, os.path.join(cli.ROOT, "tests", "lab", "storm"))
import storm  # noqa: E402

SEED = int(time.time())
if "--seed" in sys.argv:
    at = sys.argv.index("--seed")
    SEED = int(sys.argv[at + 1])
    del sys.argv[at:at + 2]

# A reply that comes once more, behind the next request of its connection, is one service's or one ARN's answer given to
# another: where both are of the same operation nothing in it differs from a true one but x-amzn-RequestId. And a page
# that is another one from the beginning is no change.
NOT_TO_BE_TOLD = {"page changed", "reply twice", "reply again, behind the next request", "clock off"}


class Storm(AuditTest):
    options = ("--account", "users=3,roles=2,policies=4,services=6,used=4", "--report-date", "now", "--job-polls", "0")

    def one(self, name, make, pick):
        """The exit code; the rule is in the message of what fails."""
        arn = pick.choice(self.arns())
        rule = {"name": name, "do": make(pick), "when": {"nth": pick.choice([1, 2])}}
        if name not in storm.ON_CONNECTION:
            rule["when"] = {"arn": arn, "operation": pick.choice(["generate", "services", "entities", "entities"])}
            if name in storm.SURVIVED:
                rule["when"]["attempt"] = 1
        self.sim.scenario([rule])
        run = self.audit("--account", "--rows", "entities", "--cli-read-timeout", "1", "--wait-timeout", "3",
                         "--connections", pick.choice("14"))
        want, rows, what = Oracle(self.own, self.now()).rows("entities"), self.rows_of(run), f"{rule}\n{run}"
        if run.code == 255 and name in storm.ON_CONNECTION:  # nobody can be called: what is printed is a beginning
            self.assertEqual(rows, want[:len(rows)], what)
            return run.code
        if run.code == 0:
            self.assertEqual(rows, want, what)
            return run.code
        self.assertEqual(run.code, 1, what)
        unknown = {row["ReportArn"] for row in rows if row["Status"] == "unknown"}
        if name not in storm.ON_CONNECTION:
            self.assertEqual(unknown, {arn}, what)
        self.assertEqual([row for row in rows if row["ReportArn"] not in unknown],
                         [row for row in want if row["ReportArn"] not in unknown], what)
        self.assertEqual(sum(row["ReportArn"] in unknown for row in rows), len(unknown), what)
        return run.code

    def test_every_fault(self):
        print(f"seed {SEED}", flush=True)
        pick, codes = random.Random(SEED), []
        for name, make in {**storm.SURVIVED, **storm.REFUSED}.items():
            if name not in NOT_TO_BE_TOLD:
                with self.subTest(name):
                    codes.append(self.one(name, make, pick))
        print(f"{len(codes)} faults: {codes.count(0)} survived, {codes.count(1)} with one ARN unknown, "
              f"{codes.count(255)} ended the run", flush=True)
        self.assertGreater(codes.count(0), 10)
        self.assertGreater(codes.count(1), 10)


if __name__ == "__main__":
    cli.main()
