#!/usr/bin/env python3
"""tinyiam audit --arn on the machine, against the host command's: the same rows to the byte, the same exit code; and what
it needs: test_audit.py [CLASS.TEST...]      TINYIAM: the host command (build/host/tinyiam)"""

import json
import sys

from both import ARN, JSONL, Both, on_board
from case import Firmware, configured, folder, main, sim
from sizes import sizes

RAM = 65536
ROWS = ("services", "entities", "actions")
ACCOUNT = "arn:aws:iam::123456789012:"


def audit(*words, arn=ARN):
    return ("audit", *arn, *words, *JSONL)


class Audit(Both):
    def test_rows(self):
        """Every kind of row, of reports of all sizes, in every layout, in pages and at once."""
        some = ("--services", 12, "--entities", "3,iam=40")
        for options in (some, (*some, "--layout", "minified", "--marker-style", "long"),
                        (*some, "--layout", "crlf", "--member-order", "model", "--job-polls", 2)):
            for rows in ROWS:
                self.same(audit("--rows", rows), *options)
        self.same(audit(), *some)
        self.same(audit("--service-namespace", "iam", "--rows", "entities"), *some)
        self.same(audit("--service-namespace", "no-such"), *some)

    def test_shuffled(self):
        """Members in another order: what needs all of a service is not guessed."""
        for rows in ("services", "entities"):
            self.same(audit("--rows", rows), "--services", 12, "--entities", 3, "--member-order", "shuffled")

        with sim("--services", 12, scenario=[{"name": "late", "when": {"operation": "services"}, "do": {"edit": [
                [r"(?s)(<ServiceNamespace>[^<]*</ServiceNamespace>)((?:(?!<ServiceN).)*</TrackedActionsLastAccessed>)",
                 r"\2\1"]]}}]) as late:
            code, out, err = on_board(late, audit("--rows", "actions"), {})
            self.assertEqual((code, out), (255, b""), err)
            self.assertIn("actions come before the namespace", err)

    def test_account(self):
        """Of the simulator's account: users, groups, roles and policies; and nobody's."""
        account = ("--account", "users=2,groups=1,roles=2,policies=2,services=8,used=4,entities=3")
        with sim(*account) as server:
            arns = [entry["Arn"] for entry in server.account()]
        for arn in arns:
            for rows in ROWS:
                self.same(audit("--rows", rows, arn=("--arn", arn)), *account)
        self.same(audit(arn=("--arn", ACCOUNT + "user/nobody")), *account, code=1)

    def test_trouble(self):
        """What passes costs no row and doubles none; what does not is a row that says so, or an error for everybody."""
        words = audit("--rows", "entities")
        for rules, code in (
                ([{"name": "busy", "when": {"attempt": 1}, "do": {"code": "Throttling", "status": 400}}], 0),
                ([{"name": "cut", "when": {"attempt": 1}, "do": {"cut": {"after": 900, "how": "close"}}}], 0),
                ([{"name": "close", "do": {"connection": "close"}}], 0),
                ([{"name": "denied", "do": {"status": 403, "code": "AccessDenied"}}], 1),
                ([{"name": "gone", "do": {"status": 404, "code": "NoSuchEntity"}}], 1),
                ([{"name": "expired", "do": {"status": 403, "code": "ExpiredToken"}}], 254),
                ([{"name": "failed", "do": {"job_status": "FAILED", "job_error": {
                    "code": "INTERNAL_ERROR", "message": "no report"}}}], 1),
                ([{"name": "odd", "when": {"operation": "services"}, "do": {"job_status": "QUEUED"}}], 1)):
            self.same(words, "--services", 4, "--entities", 3, scenario=rules, code=code)
        self.same(audit(), "--bad-cert", "unknown-ca", code=255)

    def test_refused(self):
        """A wrong command line."""
        for words in (("audit",), ("audit", *ARN, "--rows", "all"), ("audit", *ARN, "--job-id", "x"),
                      ("audit", *ARN, "--all"), ("audit", *ARN, "--marker", "x"), ("audit", *ARN, "--granularity", "x")):
            self.same([*words, *JSONL], code=252)
        with sim() as server:
            for words in (audit("--rows", "grants"), audit(*ARN)):  # what one machine has not
                self.assertEqual(on_board(server, words, {})[0], 252, words)
            self.assertEqual(server.requests(), [])

    def test_size(self):
        """400 services and 1,000 entities in 64 KB of RAM, stack, TLS and lwIP included."""
        self.assertLessEqual(sizes(self.machine.map())["all"]["ram"], RAM)
        for options in (("--services", 400, "--entities", "0,s3=1000"), ("--services", 400, "--entities", "2,s3=202")):
            self.same(audit("--rows", "entities"), *options)
        with sim("--services", 400, "--entities", "0,s3=1000", "--cert-kind", "rsa") as server:
            code, out, err = on_board(server, [*audit("--rows", "entities"), "--stats"], {})
            self.assertEqual((code, len(out.splitlines())), (0, 1000), err)
            stats = json.loads(err.splitlines()[-1])
            self.assertLessEqual(stats["arena_peak"] + stats["item_size"], stats["arena_size"], stats)
            self.assertLess(stats["stack_peak"], stats["stack_size"] - 256, stats)

    def test_long(self):
        """An entity as long as the service's model has them."""
        self.same(audit("--rows", "entities"), "--services", 1, "--entities", 2, scenario=[
            {"name": "long", "when": {"operation": "entities"}, "do": {"edit": [
                ["<Path>[^<]*</Path>", "<Path>/" + "p" * 510 + "/</Path>"],
                ["<Arn>[^<]*</Arn>", "<Arn>arn:aws:iam::123456789012:user/" + "p" * 510 + "/name</Arn>"]]}}])


class Without(Firmware):
    usual = False

    def test_left_out(self):
        """CONFIG_TINYIAM_AUDIT=n: there is no such command, and everything else."""
        machine = configured(folder("options"), "AUDIT")
        with sim("--entities", 130) as server:
            self.works(machine, server)
            result = machine.run("audit", *ARN)
            self.assertEqual((result.code, result.out), (252, ""), result)


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
