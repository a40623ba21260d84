#!/usr/bin/python3
"""What platform/host/AUDIT.md says to paste, pasted: on the simulator's account, with sqlite3 and jq; DuckDB, which Debian
does not have, where it is installed."""

import csv
import json
import os
import re
import shutil
import subprocess

import yaml

import cli
from audit import AuditTest

PAGE_FILE = os.path.join(cli.ROOT, "platform", "host", "AUDIT.md")


def blocks():
    """[(section, language, text)]"""
    section, out, lines = "", [], None
    with open(PAGE_FILE, encoding="utf-8") as f:
        for line in f:
            if line.startswith("```") and lines is None:
                language, lines = line[3:].strip(), []
            elif line.startswith("```"):
                out.append((section, language, "".join(lines)))
                lines = None
            elif lines is not None:
                lines.append(line)
            elif line.startswith("#"):
                section = line.strip("# \n")
    return out


class Examples(AuditTest):
    def setUp(self):
        super().setUp()
        os.mkdir(os.path.join(self.home, "bin"))
        os.symlink(self.binary, os.path.join(self.home, "bin", "tinyiam"))
        self.ran = set()
        self.listing([i["Arn"] for i in self.own])

    def sh(self, text, codes=(0,), **extra):
        env = self.env(PATH=f"{self.home}/bin:/usr/local/bin:/usr/bin:/bin", **extra)
        run = cli.Run(subprocess.run(["/bin/sh", "-ec", text], env=env, cwd=self.home, capture_output=True, timeout=300,
                                     check=False, stdin=subprocess.DEVNULL))
        self.assertIn(run.code, codes, (text, run))
        return run.out.decode()

    def block(self, section, language="sh", number=0):
        found = [text for s, l, text in blocks() if (s, l) == (section, language)]
        return found[number]

    def read(self, name):
        with open(os.path.join(self.home, name), encoding="utf-8", newline="") as f:
            return f.read()

    def rows(self, name):
        text = self.read(name)
        return [json.loads(line) for line in text.splitlines()] if name.endswith("jsonl") else list(
            csv.DictReader(text.splitlines()))

    def files(self):
        """services.csv, services.jsonl, unused.csv: two ARNs are gone, and one cannot be read."""
        self.sh(self.block("What to do with an audit").replace("--account", "--account --arn arn:aws:iam::123456789012:role/gone")
                .replace("tinyiam audit", "! tinyiam audit"))
        rows = self.rows("services.jsonl")
        self.assertIn("unknown", {r["Status"] for r in rows})
        self.assertEqual(len(rows), len(self.rows("services.csv")))
        return rows

    def long_unused(self, rows):
        """{ARN: [namespaces]} of what was not used for 90 days; and the ARNs of which nothing was used since."""
        unused, every, unknown = {}, {}, set()
        for r in rows:
            every.setdefault(r["ReportArn"], []).append(r)
            if r["Status"] == "unknown":
                unknown.add(r["ReportArn"])
            elif r["Status"] == "never" or r["DaysAgo"] >= 90:
                unused.setdefault(r["ReportArn"], []).append(r["ServiceNamespace"])
        nothing = {a: len(n) for a, n in unused.items() if len(n) == len(every[a]) and a not in unknown}
        return unused, nothing

    def test_sqlite(self):
        rows = self.files()
        # of the account's own ARNs each used something lately: one that has not joins them
        old = [r for r in rows if r["Status"] == "never" or r.get("DaysAgo", 0) >= 90][:2]
        with open(os.path.join(self.home, "services.csv"), "a", encoding="utf-8", newline="") as f:
            for r in old:
                rows.append({**r, "ReportArn": "arn:aws:iam::123456789012:role/idle"})
                names = self.read("services.csv").split("\r\n")[0].split(",")
                csv.DictWriter(f, names).writerow(rows[-1])
        self.sh(self.block("SQLite"))
        query = f"sqlite3 -separator '|' audit.db <<'END'\n{self.block('SQLite', 'sql', 0)}END\n"
        _, nothing = self.long_unused(rows)
        want = [f"{a}|{n}" for a, n in sorted(nothing.items(), key=lambda i: (-i[1], i[0]))]
        self.assertIn("arn:aws:iam::123456789012:role/idle|2", want)
        self.assertEqual(self.sh(query).splitlines(), want)
        query = f"sqlite3 -separator '|' audit.db <<'END'\n{self.block('SQLite', 'sql', 1)}END\n"
        used = {r["ServiceNamespace"] for r in rows if r["Status"] == "used"}
        never = {}
        for r in rows:
            if r["Status"] == "never" and r["ServiceNamespace"] not in used:
                never[r["ServiceNamespace"]] = never.get(r["ServiceNamespace"], 0) + 1
        self.assertEqual(self.sh(query).splitlines(),
                         [f"{n}|{k}" for n, k in sorted(never.items(), key=lambda i: (-i[1], i[0]))])

    def test_jq(self):
        rows = self.files()
        unused, _ = self.long_unused(rows)
        self.assertTrue(unused)
        self.assertEqual(self.sh(self.block("jq")).splitlines(), [f"{a}\t{' '.join(n)}" for a, n in sorted(unused.items())])
        (gone,) = self.sh(self.block("jq", number=1)).splitlines()
        self.assertTrue(gone.startswith("arn:aws:iam::123456789012:role/gone\tNoSuchEntity: "), gone)

    def test_duckdb(self):
        text = self.block("DuckDB")
        self.assertIn("duckdb -c", text)
        if shutil.which("duckdb"):
            rows = self.files()
            out = self.sh(text.replace("duckdb -c", "duckdb -csv -noheader -c"))
            kinds = [(r.get("ReportType"), r["Status"]) for r in rows]
            self.assertEqual(sorted(out.split()), sorted(f"{t},{s},{kinds.count((t, s))}" for t, s in set(kinds)))

    def test_spreadsheet(self):
        self.sh(self.block("A spreadsheet"))
        self.assertEqual({r["ReportArn"] for r in self.rows("for-people.csv")}, {i["Arn"] for i in self.own})

    def test_cron(self):
        line = self.block("Every Monday", "")
        schedule, command = re.fullmatch(r"((?:\S+ +){5})(.*)\n", line).groups()
        self.assertEqual(schedule.split(), ["0", "6", "*", "*", "1"])
        self.assertNotIn("%", command)  # cron would end the line there
        command = command.replace("/var/lib/audit", self.home)
        for _ in range(2):  # the next week begins anew
            self.sh(command)
            self.assertEqual(self.rows("unused.csv")[0]["ReportType"], "USER")
            self.assertEqual(sorted(os.listdir(self.home)), ["arns.txt", "bin", "unused.csv"])
        whole = self.read("unused.csv")
        os.remove(os.path.join(self.home, "unused.csv"))
        # killed in the middle: the same line again ends with the same bytes
        self.sim.scenario([{"when": {"operation": "services", "nth": 12}, "do": {"stall": {"part": "head", "seconds": 20}}}])
        killed = command.replace("tinyiam audit", "timeout -s KILL 3 tinyiam audit --connections 1")
        self.sh(killed, codes=(137,))
        self.sim.scenario(None)
        self.sh(command)
        self.assertEqual([{k: v for k, v in r.items() if k != "DaysAgo"} for r in self.rows("unused.csv")],
                         [{k: v for k, v in r.items() if k != "DaysAgo"} for r in csv.DictReader(whole.splitlines())])

    def test_pipeline(self):
        self.sh(self.block("Every Monday"), codes=(3,))
        self.assertTrue(self.rows("unused.csv"))

    def test_many_machines(self):
        part, whole = self.block("Many machines").splitlines()
        for i in range(4):
            self.sh(part, JOB_COMPLETION_INDEX=str(i))
        self.sh(whole)
        self.sh("tinyiam audit --arn @arns.txt --output csv > one.csv")
        key = sorted(self.read("one.csv").split("\r\n"))
        self.assertEqual(sorted(self.read("all.csv").split("\r\n")), key)
        self.assertTrue(self.read("all.csv").startswith("ReportArn,"))

    def test_indexed_job(self):
        job = yaml.safe_load(self.block("Many machines", "yaml"))
        spec = job["spec"]
        self.assertEqual((job["kind"], spec["completionMode"]), ("Job", "Indexed"))
        (container,) = spec["template"]["spec"]["containers"]
        self.assertEqual([m["name"] for m in container["volumeMounts"]], [v["name"] for v in spec["template"]["spec"]["volumes"]])
        (script,) = container["args"]
        self.assertEqual(container["command"], ["sh", "-c"])
        script = script.replace(container["volumeMounts"][0]["mountPath"], self.home)
        for i in range(spec["completions"]):
            self.sh(script, JOB_COMPLETION_INDEX=str(i))
        self.sh(self.block("Many machines").splitlines()[1])
        self.sh("tinyiam audit --arn @arns.txt --output csv > one.csv")
        self.assertEqual(sorted(self.read("all.csv").split("\r\n")), sorted(self.read("one.csv").split("\r\n")))
        for name in ("AWS_BATCH_JOB_ARRAY_INDEX", "SLURM_ARRAY_TASK_ID"):
            with open(PAGE_FILE, encoding="utf-8") as f:
                self.assertIn(name, f.read())

    def test_every_block_is_tried(self):
        self.assertEqual([(s, l) for s, l, _ in blocks()],
                         [("What to do with an audit", "sh"), ("SQLite", "sh"), ("SQLite", "sql"), ("SQLite", "sql"),
                          ("jq", "sh"), ("jq", "sh"), ("DuckDB", "sh"), ("A spreadsheet", "sh"), ("Every Monday", ""),
                          ("Every Monday", "sh"), ("Many machines", "sh"), ("Many machines", "yaml")])


if __name__ == "__main__":
    cli.main()
