#!/usr/bin/env python3
"""tinyiam audit against the simulator's account."""

import csv
import io
import json
import os
import re
import shlex
import signal
import subprocess
import time

import audit
import cli
from audit import COLUMNS, AuditTest, Oracle


class Rows(AuditTest):
    """Each kind of row is what the account says, in the order of the input."""

    def oracle(self, days=0):
        return Oracle(self.own, self.now(), days)

    def test_the_account(self):
        for kind in ("services", "entities", "grants"):
            with self.subTest(kind):
                run = self.audit("--account", "--rows", kind)
                self.assertRows(run, self.oracle().rows(kind))

    def test_unused(self):
        for kind in ("services", "entities", "grants"):
            for days in (1, 30, 90):
                with self.subTest(kind, days=days):
                    run = self.audit("--account", "--rows", kind, "--unused-for", f"{days}d")
                    want = self.oracle(days).rows(kind)
                    self.assertRows(run, want)
                    self.assertTrue(want)

    def test_table(self):
        """An ARN a line: what its services come to, the newest access and by what."""
        run = self.audit("--account", "--unused-for", "90d", "--output", "table")
        self.assertCode(run, 0)
        oracle = self.oracle(90)
        lines = {line.split()[-1]: line.split() for line in run.out.decode().splitlines() if "arn:" in line}
        self.assertEqual(list(lines), self.arns())
        for item in self.own:
            rows = list(oracle.services(item))
            counts = [sum(r["Status"] == s for r in rows) for s in ("used", "unused", "never")]
            self.assertEqual(lines[item["Arn"]][1:5], [str(n) for n in (len(rows), *counts)])
            used = [r for r in rows if "DaysAgo" in r]
            if not used:
                continue
            newest = max(used, key=lambda r: r["LastAuthenticated"])
            self.assertEqual(lines[item["Arn"]][0], "young" if oracle.young(item) else str(newest["DaysAgo"]))
            self.assertEqual("T".join(lines[item["Arn"]][5:7]), newest["LastAuthenticated"][:19])

    def test_lists_are_narrowed(self):
        def arns(*args):
            self.sim.clear()
            return {row["ReportArn"] for row in self.rows_of(self.audit("--account", *args))}
        self.assertEqual(arns("--kinds", "user,group"), set(self.arns("USER", "GROUP")))
        self.assertEqual([r["operation"] for r in self.sim.requests() if r["operation"].startswith("List")],
                         ["ListUsers", "ListGroups"])
        self.assertEqual(arns("--kinds", "role", "--no-service-linked"),
                         {a for a in self.arns("ROLE") if "/aws-service-role/" not in a})
        self.assertEqual(arns("--kinds", "policy", "--attached"),
                         {i["Arn"] for i in self.own if i["Type"] == "POLICY" and i["AttachmentCount"]})
        self.assertEqual(arns("--kinds", "policy", "--aws-managed"),
                         {i["Arn"] for i in self.account if i["Type"] == "POLICY"})
        path = next(i["Path"] for i in self.own if i["Path"] != "/")
        self.assertEqual(arns("--path-prefix", path), {i["Arn"] for i in self.own if i["Path"].startswith(path)})
        for r in self.sim.requests():
            if r["operation"].startswith("List"):
                self.assertEqual(r["params"]["MaxItems"], "1000")

    def test_actions_are_those_that_the_aws_cli_sees(self):
        arns = self.arns("ROLE")[:2] + self.arns("USER")[:1]
        want = []
        for arn in arns:
            job = json.loads(self.aws(cli.GENERATE, "--arn", arn, "--granularity", "ACTION_LEVEL").out)["JobId"]
            for _ in range(100):
                report = json.loads(self.aws(cli.SERVICES, "--job-id", job, "--max-items", "1000").out)
                if report["JobStatus"] == "COMPLETED":
                    break
            want += [(arn, s["ServiceNamespace"], a["ActionName"], a.get("LastAccessedTime"))
                     for s in report["ServicesLastAccessed"] for a in s.get("TrackedActionsLastAccessed", [])]
        run = self.audit("--rows", "actions", "--arn", self.listing(arns))
        self.assertCode(run, 0)
        self.assertEqual([(r["ReportArn"], r["ServiceNamespace"], r["ActionName"], r.get("LastAccessedTime"))
                          for r in self.rows_of(run)], want)
        self.assertTrue(want)

    def test_namespaces(self):
        names = {s["ServiceNamespace"] for i in self.own for s in i["Services"]}
        one, two = sorted(names)[:2]
        for kind in ("services", "entities", "grants"):
            with self.subTest(kind):
                run = self.audit("--account", "--rows", kind, "--service-namespace", one, "--service-namespace", two)
                want = self.oracle().rows(kind, namespaces={one, two})
                self.assertRows(run, want)
                run = self.audit("--account", "--rows", kind, "--service-namespace", "amazons3x",
                                 "--service-namespace", one)
                self.assertCode(run, 0)
                self.assertIn(b"amazons3x was in no report", run.err)
                self.assertNotIn(one.encode() + b" was in no report", run.err)
                run = self.audit("--account", "--rows", kind, "--service-namespace", f"amazon-{one}")
                self.assertRows(run, [])
                self.assertIn(f"amazon-{one} was in no report; did you mean {one}?".encode(), run.err)

    def test_order_is_the_input_s_whatever_is_ready_first(self):
        arns = self.arns()
        arns = arns[::-1] + arns[:3]  # an ARN that comes again is dropped
        self.sim.scenario([{"when": {"arn": arns[0], "operation": "services", "nth": "<=3"},
                            "do": {"job_status": "IN_PROGRESS"}}])
        for connections, jobs in ((1, 1), (4, 8), (16, 40)):
            with self.subTest(connections):
                run = self.audit("--arn", self.listing(arns), "--connections", str(connections), "--open-jobs",
                                 str(jobs))
                want = self.oracle().rows("services", self.arns()[::-1])
                for row in want:
                    del row["CreateDate"]
                self.assertRows(run, want)

    def test_formats_have_the_same_rows(self):
        lines = self.rows_of(self.audit("--account"))
        run = self.run_("audit", "--account", "--output", "csv")
        table = list(csv.reader(io.StringIO(run.out.decode(), newline="")))
        self.assertEqual(table[0], COLUMNS["services"])
        self.assertEqual([{k: v for k, v in zip(table[0], row) if v} for row in table[1:]],
                         [{k: str(v) for k, v in line.items()} for line in lines])
        self.assertEqual(json.loads(self.run_("audit", "--account").out), lines)
        run = self.run_("audit", "--account", "--output", "text")
        self.assertEqual(len(run.out.splitlines()), len(lines))
        run = self.run_("audit", "--account", "--output", "table")
        self.assertGreaterEqual(len(run.out.splitlines()), len(self.own))
        run = self.run_("audit", "--account", "--output", "html")
        self.assertTrue(run.out.startswith(b"<!"), run)

    def test_shards_are_put_together_with_cat(self):
        whole = self.run_("audit", "--account", "--output", "csv").out.split(b"\r\n")
        parts = b"".join(self.run_("audit", "--account", "--output", "csv", "--shard", f"{i}/3").out for i in range(3))
        self.assertEqual(sorted(parts.split(b"\r\n")), sorted(whole))
        self.assertTrue(parts.startswith(whole[0]))

    def test_last_line(self):
        run = self.audit("--account", "--unused-for", "90d")
        last = run.err.decode().splitlines()[-1]
        self.assertRegex(last, rf"^{len(self.own)} ARNs: {len(self.own)} read.*; [\d,]+ services: [\d,]+ unused for "
                               r"90 days, [\d,]+ never\. Access of the last four hours may be missing; denied attempts "
                               r"count\.$")

    def test_fail_on_unused(self):
        self.assertCode(self.audit("--account", "--unused-for", "90d", "--fail-on", "unused"), 3)
        used = [i["Arn"] for i in self.own if i["Services"] and all("LastAuthenticated" in s for s in i["Services"])]
        if used:
            self.assertCode(self.audit("--arn", used[0], "--unused-for", "10y", "--fail-on", "unused"), 0)
        gone = self.audit("--account", "--arn", "arn:aws:iam::123456789012:user/nobody", "--unused-for", "90d",
                          "--fail-on", "unused")
        self.assertCode(gone, 1)
        typo = self.audit("--account", "--unused-for", "90d", "--fail-on", "unused", "--service-namespace", "amazons3")
        self.assertCode(typo, 1)
        self.assertIn(b"amazons3 was in no report", typo.err)
        self.assertCode(self.audit("--account", "--unused-for", "90d", "--service-namespace", "amazons3"), 0)


class Requests(AuditTest):
    """What it asks for, and how often."""

    sizes = "users=5,groups=1,roles=6,policies=4,services=30,used=7"
    options = ("--plain", "--account", sizes, "--report-date", "now", "--job-polls", "0")

    def test_roles_and_users_cost_two_requests(self):
        arns = self.arns("ROLE", "USER")
        run = self.audit("--arn", self.listing(arns), "--stats")
        self.assertCode(run, 0)
        stats = json.loads(run.err.splitlines()[-1])
        self.assertEqual(stats["requests"], 2 * len(arns))
        self.assertLessEqual(stats["connections"], 4)
        self.assertEqual(len({r["connection"] for r in self.sim.requests()}), stats["connections"])
        for r in self.sim.requests():
            if r["operation"] != cli_name(cli.GENERATE):
                self.assertEqual(r["params"]["MaxItems"], "1000")

    def test_entities_cost_one_more_for_each_service_that_was_used(self):
        arns = self.arns("POLICY")
        run = self.audit("--arn", self.listing(arns), "--rows", "entities", "--stats")
        used = sum(s["TotalAuthenticatedEntities"] > 0 for i in self.own if i["Type"] == "POLICY"
                   for s in i["Services"])
        self.assertEqual(json.loads(run.err.splitlines()[-1])["requests"], 2 * len(arns) + used)

    def test_grants_cost_one_more(self):
        arns = self.arns("ROLE")
        run = self.audit("--arn", self.listing(arns), "--rows", "grants", "--stats")
        self.assertEqual(json.loads(run.err.splitlines()[-1])["requests"], 3 * len(arns))

    def test_connections_are_as_many_as_asked_for(self):
        for n in (1, 2, 16):
            self.sim.clear()
            run = self.audit("--account", "--connections", str(n), "--stats")
            stats = json.loads(run.err.splitlines()[-1])
            self.assertLessEqual(stats["connections"], n)
            self.assertLessEqual(len({r["connection"] for r in self.sim.requests()}), n)

    def test_a_max_rate_is_kept(self):
        self.sim.clear()
        run = self.audit("--kinds", "user", "--account", "--max-rate", "5", "--stats")
        self.assertCode(run, 0)
        times = sorted(r["time"] for r in self.sim.requests())
        self.assertGreaterEqual(len(times), 11)
        # half of what it takes: on a busy machine the first may be seen late, and without a rate all come at once
        self.assertGreaterEqual(times[-1] - times[0], (len(times) - 2) / 5 / 2)


def cli_name(command):
    return "".join(word.capitalize() for word in command.split("-"))


class Tls(AuditTest):
    """Connections share what the first one has: certificates, and its TLS session."""

    options = ("--account", "users=20,services=4", "--job-polls", "0")

    def test_one_handshake_in_full(self):
        for n in (4, 16):
            run = self.audit("--account", "--connections", str(n), "--stats")
            self.assertCode(run, 0)
            stats = json.loads(run.err.splitlines()[-1])
            self.assertLessEqual(stats["connections"], n)
            self.assertEqual(stats["handshakes"], stats["connections"])
            self.assertEqual(stats["resumed_handshakes"], stats["handshakes"] - 1)

    def test_a_large_bundle_is_read_once_for_all(self):
        with open(self.sim.ca, encoding="ascii") as f:
            ca = f.read()
        bundle = os.path.join(self.home, "bundle.pem")
        with open(bundle, "w", encoding="ascii") as f:
            f.write(ca * 60)
        self.assertGreater(os.path.getsize(bundle), 32768)
        self.assertRows(self.audit("--account", AWS_CA_BUNDLE=bundle), Oracle(self.own, self.now()).rows("services"))


class Memory(AuditTest):
    """The same few megabytes for any number of ARNs, whatever has to wait."""

    options = ("--plain", "--account", "users=1")

    def peak(self, n, *rules):
        names = [f"service-{i}" for i in range(400)]
        arns = [f"arn:aws:iam::123456789012:role/r{i}" for i in range(n)]
        self.sim.call("PUT", "/account", [
            {"Arn": arn, "Services": [{"ServiceNamespace": name} for name in names]} for arn in arns])
        self.sim.scenario([dict(rule, when={"arn": arns[0], **rule["when"]}) for rule in rules])
        run = self.audit("--arn", self.listing(arns), "--stats", stdout=subprocess.DEVNULL)
        self.assertCode(run, 0)
        stats = json.loads(run.err.splitlines()[-1])
        self.assertEqual(stats["rows"], 400 * n)
        return stats["peak_memory_kib"]

    def test_flat(self):
        few, many = self.peak(20), self.peak(200)
        self.assertLessEqual(many, 12 * 1024)
        self.assertLessEqual(many - few, 1024)
        late = self.peak(200, {"when": {"operation": "services", "nth": "<=3"}, "do": {"job_status": "IN_PROGRESS"}})
        self.assertLessEqual(late, 12 * 1024)


class Ahead(AuditTest):
    sizes = "users=30,services=3"
    options = ("--plain", "--account", sizes, "--job-polls", "0")

    def test_reports_ahead_are_as_many_as_asked_for(self):
        for jobs in (1, 3, 12):
            self.sim.clear()
            self.assertCode(self.audit("--account", "--open-jobs", str(jobs), "--connections", "4"), 0)
            most, opened = 0, 0
            for r in sorted(self.sim.requests(), key=lambda r: r["request"]):
                opened += {"GenerateServiceLastAccessedDetails": 1, "GetServiceLastAccessedDetails": -1}.get(r["operation"], 0)
                most = max(most, opened)
            self.assertLessEqual(most, jobs)

    def test_what_is_not_ready_leaves_its_connection_to_others(self):
        """Two of three reports are IN_PROGRESS until the third has been read, over the one connection that there is."""
        arns = self.arns()[:3]
        self.sim.scenario([{"when": {"arn": arns[:2], "operation": "services"}, "do": {"job_status": "IN_PROGRESS"}}])
        run = subprocess.Popen([self.binary, "audit", "--arn", self.listing(arns), "--connections", "1"], env=self.env(),
                               stdout=subprocess.DEVNULL)
        self.addCleanup(run.kill)
        while not any(r["operation"] == cli_name(cli.SERVICES) and not r["fault"] for r in self.sim.requests()):
            self.assertIsNone(run.poll())
        self.sim.scenario(None)
        self.assertEqual(run.wait(300), 0)
        self.assertEqual([r["operation"][:3] for r in self.sim.requests()].count("Gen"), 3)

    def test_progress(self):
        self.sim.scenario({"delay": 0.1, "rules": []})
        code, shown, _ = self.terminal("audit", "--account", "--output", "jsonl", stdout_too=False)
        self.assertEqual(code, 0)
        self.assertRegex(shown, rb"\d+/30 ARNs, \d+ open, \d+ requests, \d+\.\d/s, about \d+ s left")
        code, shown, _ = self.terminal("audit", "--account", "--output", "jsonl", "--no-progress", stdout_too=False)
        self.assertNotIn(b"open,", shown)


class Throttled(AuditTest):
    sizes = "users=0,policies=6,services=5,used=3,entities=2"
    options = ("--plain", "--account", sizes, "--report-date", "now", "--job-polls", "0")

    def test_a_bucket_costs_no_row(self):
        self.sim.scenario({"bucket": [20, 3], "rules": []})
        run = self.audit("--account", "--rows", "entities", "--stats")
        self.assertRows(run, Oracle(self.own, self.now()).rows("entities"))
        self.assertGreater(json.loads(run.err.splitlines()[-1])["throttled"], 0)

    def test_far_away(self):
        self.sim.scenario({"delay": 0.08, "rules": []})
        run = self.audit("--account", "--rows", "entities")
        self.assertRows(run, Oracle(self.own, self.now()).rows("entities"))


class Unknown(AuditTest):
    """What cannot be read is a row, and the others go on."""

    def whole_but(self, arn, run, code=1):
        """Every other ARN has all of its rows; this one has one, with an error, which is returned."""
        self.assertCode(run, code)
        rows = self.rows_of(run)
        want = Oracle(self.own, self.now()).rows("services", [a for a in self.arns() if a != arn])
        mine = [r for r in rows if r["ReportArn"] == arn]
        others = [r for r in rows if r["ReportArn"] != arn]
        self.assertEqual(others, want, run)
        self.assertEqual(len(mine), 1, run)
        self.assertEqual(mine[0]["Status"], "unknown")
        order = [r["ReportArn"] for r in rows]
        self.assertEqual([a for i, a in enumerate(order) if i == 0 or order[i - 1] != a], self.arns())
        return mine[0]

    def test_errors_of_one_arn(self):
        arn = self.arns()[4]
        for name, rules, code in (
                ("gone", [{"do": {"status": 404, "code": "NoSuchEntity", "message": "gone"}}], "NoSuchEntity"),
                ("denied", [{"do": {"status": 403, "code": "AccessDenied", "message": "no"}}], "AccessDenied"),
                ("failed", [{"do": {"job_status": "FAILED",
                                    "job_error": {"code": "ACCESS_DENIED", "message": "why"}}}], "ACCESS_DENIED"),
                ("odd status", [{"do": {"job_status": "QUEUED"}}], "IAM_ERR_JOB_STATUS"),
                ("down", [{"do": {"status": 503, "reply": "empty"}}], "503"),
                ("proxy", [{"do": {"reply": "proxy-html"}}], None),
                ("portal", [{"do": {"reply": "captive-portal"}}], None),
                ("json", [{"do": {"status": 400, "reply": "json", "code": "Odd"}}], None),
                ("other", [{"do": {"reply": "other-operation"}}], None),
                ("cut", [{"do": {"cut": {"part": "body", "after": 300, "how": "close"}}}], None),
                ("reset", [{"do": {"cut": {"part": "head", "after": 10, "how": "reset"}}}], None),
                ("mangled", [{"do": {"mangle": {"after": 1, "xor": 1}}}], None),
                ("untrue", [{"do": {"truncated": True, "no_marker": True}}], "IAM_ERR_MARKER_MISSING"),
                ("bad length", [{"do": {"content_length": ["+0", "-1"]}}], None),
                ("edited", [{"do": {"edit": [["<IsTruncated>false", "<IsTruncated>yes"]]}}], None)):
            operations = ["services"] if "job_status" in rules[0]["do"] or "edit" in rules[0]["do"] or \
                "truncated" in rules[0]["do"] else ["generate", "services"]
            for operation in operations:
                with self.subTest(name, operation=operation):
                    self.sim.scenario([{**rule, "when": {"arn": arn, "operation": operation}} for rule in rules])
                    row = self.whole_but(arn, self.audit("--account"))
                    if code:
                        self.assertEqual(row["ErrorCode"], code)
                    self.assertTrue(row["ErrorCode"])

    def test_gone_and_malformed(self):
        arns = self.arns()
        bad = ["arn:aws:iam::123456789012:user/nobody", "no ARN at all", "arn:aws:s3:::bucket"]
        with open(f"{self.home}/list", "w", encoding="utf-8") as f:
            f.write(f"{arns[0]}\n{bad[0]}\n{bad[2]}\n{arns[1]}\n")
        run = self.audit("--arn", f"@{self.home}/list", "--arn", bad[2])
        self.assertCode(run, 1)
        rows = self.rows_of(run)
        errors = {r["ReportArn"]: r["ErrorCode"] for r in rows if "ErrorCode" in r}
        self.assertEqual(errors, {bad[0]: "NoSuchEntity", bad[2]: "ValidationError"})
        self.assertEqual(rows[0]["ReportArn"], arns[0])
        self.assertEqual(rows[-1]["ReportArn"], arns[1])
        self.assertNotIn(bad[2], [r["params"].get("Arn") for r in self.sim.requests()])
        self.assertIn(b"1 gone, 1 failed", run.err)

    def test_a_fault_in_the_middle_prints_none_of_it(self):
        """The second page of services fails for good: the rows of the first are not printed."""
        sizes = [{"Arn": self.arns()[0], "Services": [{"ServiceNamespace": f"n{i}"} for i in range(1200)]},
                 {"Arn": self.arns()[1], "Services": [{"ServiceNamespace": "s3"}]}]
        self.sim.call("PUT", "/account", sizes)
        self.addCleanup(self.sim.call, "PUT", "/account", self.account)
        self.sim.scenario([{"when": {"arn": sizes[0]["Arn"], "page": 2}, "do": {"status": 500, "code": "InternalFailure"}}])
        run = self.audit("--arn", sizes[0]["Arn"], "--arn", sizes[1]["Arn"])
        self.assertCode(run, 1)
        self.assertEqual([(r["ReportArn"], r["Status"]) for r in self.rows_of(run)],
                         [(sizes[0]["Arn"], "unknown"), (sizes[1]["Arn"], "never")])


class Sessions(AuditTest):
    """Keys that end in the middle: whoever generated a report is another session than whoever would read it."""

    options = ("--plain", "--account", "users=24,services=6,used=3", "--report-date", "now", "--sources", "--job-polls", "0")

    def test_keys_that_end(self):
        keys = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.sim.container["url"] + "/task"}
        for when in ({"operation": "services", "nth": 6}, {"operation": "services", "nth": "6-9"},
                     {"operation": "generate", "nth": 9}):
            with self.subTest(when):
                self.sim.clear()
                self.sim.scenario([{"when": when, "do": {"status": 403, "code": "ExpiredToken"}}])
                run = self.audit("--account", **keys)
                self.assertRows(run, Oracle(self.own, self.now()).rows("services"))
                self.assertGreater(len(self.sim.sessions()), 1)

    def test_no_others_follow(self):
        self.sim.scenario([{"when": {"operation": "services", "nth": ">=9"}, "do": {"status": 403, "code": "ExpiredToken",
                                                                                   "message": "it has expired"}}])
        place = os.path.join(self.home, "place")
        with open(os.path.join(self.home, "out"), "ab") as f:
            run = self.audit("--account", "--checkpoint", place, stdout=f)
            self.assertEqual(run.code, 254)
            self.assertIn(b"ExpiredToken", run.err)
            self.assertIn(b"To go on: tinyiam audit", run.err)
            self.sim.scenario(None)
            self.assertEqual(self.audit("--account", "--checkpoint", place, stdout=f).code, 0)
        with open(os.path.join(self.home, "out"), "rb") as f:
            self.assertEqual(f.read(), self.audit("--account").out)


class SessionsOverTls(AuditTest):
    """As over the Internet: a connection takes its time."""

    options = ("--account", "users=24,services=6,used=3", "--report-date", "now", "--sources", "--job-polls", "0")

    def test_keys_that_end_while_others_connect(self):
        """One line's keys are refused while others shake hands: these do not sign with what is no longer there."""
        keys = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.sim.container["url"] + "/task"}
        refused = {"status": 403, "code": "ExpiredToken"}
        for nth in ("1", "1-2", "2-3"):
            with self.subTest(nth):
                self.sim.clear()
                self.sim.scenario([
                    {"when": {"server": "iam", "connection": ">=1"}, "do": {"stall": {"part": "handshake", "seconds": 0.3}}},
                    {"when": {"server": "container"}, "do": {"stall": {"part": "head", "seconds": 0.5}}},
                    {"when": {"operation": "services", "nth": nth}, "do": refused}])
                run = self.audit("--account", "--kinds", "user", **keys)
                self.assertRows(run, Oracle(self.own, self.now()).rows("services"))
                self.assertNotIn("IncompleteSignature", [r["code"] for r in self.sim.requests() if "code" in r])


class Contradictions(AuditTest):
    """Replies that are well-formed and cannot be true: nothing of what they say is printed, and it is no success."""

    options = ("--plain", "--account", "--report-date", "now", "--job-polls", "0")
    role, user = "arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:user/b"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpAccount()

    @classmethod
    def setUpAccount(cls):
        cls.sim.call("PUT", "/account", [{"Arn": arn, "Services": [
            {"ServiceNamespace": "s3", "LastAuthenticated": "2026-10-01T00:00:00Z"}, {"ServiceNamespace": "ec2"},
            {"ServiceNamespace": "iam"}]} for arn in (cls.role, cls.user)])

    def edited(self, operation, old, new, *args, arn=None):
        when = {"operation": operation, **({"arn": arn} if arn else {})}
        self.sim.scenario([{"when": when, "do": {"edit": [[old, new]]}}])
        return self.audit(*args)

    def assertUnknown(self, run, arn, words):
        self.assertCode(run, 1)
        mine = [r for r in self.rows_of(run) if r["ReportArn"] == arn]
        self.assertEqual([(r["Status"], r["ErrorCode"]) for r in mine], [("unknown", "Contradiction")], run)
        self.assertIn(words, mine[0]["ErrorMessage"])

    def test_names_of_services(self):
        for kind in ("services", "grants", "actions"):
            for new, words in (("<ServiceNamespace>s3<", "twice"), ("<ServiceNamespace>S3<", "twice"),
                               ("<ServiceNamespace><", "has no ServiceNamespace")):
                with self.subTest(kind, new=new):
                    run = self.edited("services", "<ServiceNamespace>ec2<", new, "--arn", self.role, "--arn", self.user,
                                      "--rows", kind, arn=self.role)
                    self.assertUnknown(run, self.role, words)
                    self.assertNotIn("unknown", [r["Status"] for r in self.rows_of(run) if r["ReportArn"] == self.user])
        run = self.edited("services", "<ServiceNamespace>ec2</ServiceNamespace>", "", "--arn", self.role)
        self.assertUnknown(run, self.role, "has no ServiceNamespace")

    def test_grants(self):
        for old, new, words in (("<ServiceNamespace>ec2<", "<ServiceNamespace>sqs<", "was not asked about"),
                                ("<ServiceNamespace>ec2<", "<ServiceNamespace>EC2<", "was not asked about"),
                                ("<ServiceNamespace>ec2</ServiceNamespace>", "", "was not asked about"),
                                ("<ServiceNamespace>ec2<", "<ServiceNamespace>iam<", "policies grant it, and none")):
            with self.subTest(new):
                run = self.edited("grants", old, new, "--arn", self.role, "--rows", "grants")
                self.assertUnknown(run, self.role, words)

    def test_lists_that_are_missing(self):
        """One that is empty is a list; where there is none, nothing is known."""
        self.sim.call("PUT", "/account", [{"Arn": self.user, "Services": []}])
        self.addCleanup(type(self).setUpAccount)
        run = self.audit("--account")
        self.assertEqual((run.code, run.out), (0, b""), run)
        run = self.edited("services", "(?s)<ServicesLastAccessed */>|<ServicesLastAccessed>.*</ServicesLastAccessed>", "",
                          "--account")
        self.assertUnknown(run, self.user, "has no list")
        run = self.edited("roles", "(?s)<Roles */>|<Roles>.*</Roles>", "", "--account")
        self.assertEqual((run.code, run.out), (255, b""), run)
        self.assertIn(b"A reply to ListRoles has no list", run.err)
        type(self).setUpAccount()
        run = self.edited("grants", "(?s)<PoliciesGrantingServiceAccess>.*</PoliciesGrantingServiceAccess>", "", "--arn",
                          self.role, "--rows", "grants")
        self.assertUnknown(run, self.role, "has no list")

    def test_dates_of_replies(self):
        """IAM took what was signed for now: a Date that is a year off is no clock to judge a service by."""
        for seconds in (400 * 86400, -400 * 86400, 1000, -1000):
            for kind in ("services", "grants"):
                with self.subTest(seconds, kind=kind):
                    self.sim.scenario([{"when": {"arn": self.role, "operation": kind}, "do": {"date_offset": seconds}}])
                    run = self.audit("--arn", self.role, "--arn", self.user, "--unused-for", "300d", "--rows", kind)
                    self.assertUnknown(run, self.role, "the Date of a reply")
                    self.assertNotIn("unused", [r["Status"] for r in self.rows_of(run)])
        self.sim.scenario([{"do": {"date_offset": 200}}])
        self.assertCode(self.audit("--arn", self.role), 0)

    def test_one_report_for_two(self):
        """A cache that answers the one with the other's."""
        self.audit("--arn", self.role)
        first = self.sim.requests()[-1]["params"]["JobId"]
        self.sim.scenario([{"when": {"operation": "generate"}, "do": {"edit": [["<JobId>[^<]*", f"<JobId>{first}"]]}}])
        run = self.audit("--arn", self.role, "--arn", self.user, "--open-jobs", "1", "--connections", "1")
        self.assertUnknown(run, self.user, "JobId of another ARN's")

    def test_lists(self):
        for old, new in (("<Arn>[^<]*</Arn>", ""), ("<Arn>[^<]*</Arn>", "<Arn></Arn>")):
            with self.subTest(new):
                run = self.edited("users", old, new, "--account")
                self.assertEqual((run.code, run.out), (255, b""), run)
                self.assertIn(b"A user in the reply to ListUsers has no Arn", run.err)


class EndsForAll(AuditTest):
    def test_no_input(self):
        run = self.run_("audit")
        self.assertCode(run, 252)
        for way in (b"--arn ARN", b"--arn @FILE", b"--account"):
            self.assertIn(way, run.err)

    def test_usage(self):
        self.listing([cli.ARN])  # arns.txt
        for args, words in (
                (("--account", "--rows", "x"), "Found invalid choice"),
                (("--account", "--output", "html", "--rows", "grants"), "html"),
                (("--account", "--output", "json", "--checkpoint", "f"), "--checkpoint"),
                (("--account", "--fail-on", "unused"), "--unused-for"),
                (("--account", "--unused-for", "90"), "--unused-for"),
                (("--account", "--connections", "17"), "--connections"),
                (("--account", "--connections", "0"), "--connections"),
                (("--account", "--open-jobs", "0"), "--open-jobs"),
                (("--account", "--max-rate", "0"), "--max-rate"),
                (("--account", "--kinds", "user,thing"), "--kinds"),
                (("--arn", cli.ARN, "--attached"), "--attached"),
                (("--account", "--shard", "3/3"), "--shard"),
                (("--account", "--service-namespace", "a b"), "ServiceNamespace"),
                (("--account", "--path-prefix", ""), "PathPrefix"),
                (("--account", "--path-prefix", "team"), "'team' does not begin and end with a slash: /team/"),
                (("--account", "--path-prefix", "/team"), "with a slash: /team/"),
                (("--account", "--path-prefix", "team/"), "with a slash: /team/"),
                (("--arn", "arns.txt"), "there is a file of that name: --arn @arns.txt reads it"),
                (("--arn", cli.ARN, "--arn", "arns.txt"), "--arn @arns.txt reads it")):
            with self.subTest(args):
                run = self.audit(*args)
                self.assertCode(run, 252)
                self.assertIn(words.encode(), run.err)
                self.assertEqual(self.sim.requests(), [])

    def test_a_name_without_a_file(self):
        """What only looks like a file's name is an entry as any other that cannot be an ARN."""
        run = self.audit("--arn", "arns.txt")
        self.assertCode(run, 1)
        self.assertEqual([(r["ReportArn"], r["ErrorCode"]) for r in self.rows_of(run)], [("arns.txt", "ValidationError")])

    def test_help_is_about_audits(self):
        text = self.run_("audit", "--help").out.decode()
        self.assertRegex(text, "--no-paginate +no effect: an audit reads every page\n")
        self.assertRegex(text, r"--max-attempts N +requests for one page, the first included \(8\)\n")

    def test_html_belongs_to_the_audit(self):
        self.assertCode(self.run_(*cli.ENTITIES, "--output", "html"), 252)

    def test_all_denied(self):
        self.sim.scenario([{"when": {"operation": "generate"}, "do": {"status": 403, "code": "AccessDenied",
                                                                     "message": "not authorized"}}])
        run = self.audit("--account")
        self.assertCode(run, 254)
        self.assertIn(b"(AccessDenied) when calling the GenerateServiceLastAccessedDetails operation", run.err)
        self.assertIn(b"iam:GenerateServiceLastAccessedDetails", run.err)
        self.assertEqual(run.out, b"")
        self.assertLessEqual(sum(r["operation"] == cli_name(cli.GENERATE) for r in self.sim.requests()), 8 + 8)

    def test_a_few_denied_are_rows(self):
        self.sim.scenario([{"when": {"operation": "generate", "nth": "<=5"},
                            "do": {"status": 403, "code": "AccessDenied", "message": "not authorized"}}])
        run = self.audit("--account")
        self.assertCode(run, 1)
        self.assertEqual(sum("ErrorCode" in r for r in self.rows_of(run)), 5)

    def test_a_list_is_denied(self):
        for operation, action in (("users", "ListUsers"), ("policies", "ListPolicies")):
            self.sim.scenario([{"when": {"operation": operation}, "do": {"status": 403, "code": "AccessDenied"}}])
            run = self.audit("--account")
            self.assertCode(run, 254)
            self.assertIn(f"iam:{action} is missing".encode(), run.err)
            run = self.audit("--account", "--cli-error-format", "json")  # a program reads it: nothing beside it
            self.assertEqual(json.loads(run.err)["Code"], "AccessDenied")

    def test_grants_denied(self):
        self.sim.scenario([{"when": {"operation": "grants"}, "do": {"status": 403, "code": "AccessDenied"}}])
        run = self.audit("--account", "--rows", "grants")
        self.assertCode(run, 1)
        self.assertEqual(run.err.count(b"iam:ListPoliciesGrantingServiceAccess is missing"), 1)

    def test_no_network(self):
        run = self.audit("--arn", cli.ARN, "--endpoint-url", "http://127.0.0.1:9")
        self.assertCode(run, 255)
        self.assertIn(b"Could not connect to the endpoint URL", run.err)
        self.assertEqual(run.out, b"")

    def test_no_credentials(self):
        self.assertCode(self.audit("--account", AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None), 253)

    def test_help_has_the_policy(self):
        run = self.run_("audit", "--help")
        policy = json.loads(run.out[run.out.index(b'{\n    "Version"'):])
        self.assertEqual(len(policy["Statement"][0]["Action"]), 8)

    def test_deadline(self):
        self.sim.scenario([{"when": {"operation": "services"}, "do": {"job_status": "IN_PROGRESS"}}])
        run = self.audit("--account", "--deadline", "1")
        self.assertCode(run, 255)
        self.assertIn(b"--deadline", run.err)


class Stops(AuditTest):
    """Signals, readers that go, disks that are full, and what goes on afterwards."""

    options = ("--plain", "--account", "users=40,services=20,used=6", "--report-date", "now", "--job-polls", "1")

    def start(self, *args, stdout=subprocess.PIPE):
        return subprocess.Popen([self.binary, "audit", "--output", "jsonl", *args], env=self.env(), cwd=self.home,
                                stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)

    def test_interrupted(self):
        out = os.path.join(self.home, "out.jsonl")
        want = self.audit("--account").out
        self.sim.scenario([{"when": {"nth": ">=80"}, "do": {"stall": {"part": "head", "after": 0, "seconds": 600}}}])
        with open(out, "ab") as f:
            process = self.start("--account", "--checkpoint", "place", stdout=f)
            while os.path.getsize(out) == 0 and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=300)[1].decode()
        self.assertEqual(process.returncode, 130, err)
        self.sim.scenario(None)
        line = re.search(r"To go on: (tinyiam .*)$", err, re.M)
        self.assertTrue(line, err)
        command = line[1].replace("tinyiam", shlex.quote(self.binary), 1)
        again = subprocess.run(["/bin/sh", "-c", command], env=self.env(), cwd=self.home, capture_output=True,
                               timeout=300, check=False)
        self.assertEqual(again.returncode, 0, again.stderr)
        with open(out, "rb") as f:
            self.assertEqual(f.read(), want)

    def test_closed_pipe(self):
        process = self.start("--account")
        process.stdout.readline()
        process.stdout.close()
        with process.stderr:
            process.stderr.read()
        self.assertEqual(process.wait(300), 255)

    def test_full_disk_and_on(self):
        want = self.audit("--account").out
        out, place = os.path.join(self.home, "out"), os.path.join(self.home, "place")
        with open(out, "ab") as f:
            run = subprocess.run(["/bin/bash", "-c", f'ulimit -f {len(want) // 2048}; exec "$0" "$@"', self.binary, "audit",
                                  "--account", "--output", "jsonl", "--checkpoint", place], env=self.env(), cwd=self.home,
                                 stdout=f, stderr=subprocess.PIPE, timeout=300, check=False)
        self.assertEqual(run.returncode, 255, run.stderr)
        self.assertIn(b"It is not complete", run.stderr)
        with open(out, "ab") as f:
            self.assertCode(self.audit("--account", "--checkpoint", place, stdout=f), 0)
        with open(out, "rb") as f:
            self.assertEqual(f.read(), want)

    def test_another_list_is_refused(self):
        place, out = os.path.join(self.home, "place"), os.path.join(self.home, "out")
        with open(out, "ab") as f:
            self.assertCode(self.audit("--arn", self.arns()[0], "--checkpoint", place, stdout=f), 0)
        with open(out, "rb") as f:
            before = f.read()
        with open(out, "ab") as f:
            run = self.audit("--arn", self.arns()[1], "--checkpoint", place, stdout=f)
        self.assertEqual(run.code, 255)
        self.assertIn(b"another list of ARNs", run.err)
        with open(out, "rb") as f:
            self.assertEqual(f.read(), before)

    def test_done_is_done(self):
        place, out = os.path.join(self.home, "place"), os.path.join(self.home, "out")
        for words in (b"ARNs: ", b"nothing to do"):
            with open(out, "ab") as f:
                run = self.audit("--account", "--checkpoint", place, stdout=f)
            self.assertEqual(run.code, 0)
            self.assertIn(words, run.err)
        self.assertFalse(os.path.exists(place + ".arns"))


if __name__ == "__main__":
    cli.main()
