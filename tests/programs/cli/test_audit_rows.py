#!/usr/bin/python3
"""What an audit reads and what it prints, alone and under the sanitizers: audit_probe.c beside Python's csv, json and
yaml, the AWS CLI's own formatters, and a second reader of the same rules written here."""

import argparse
import csv
import datetime
import io
import itertools
import json
import os
import random
import re
import resource
import subprocess
import tempfile
import unittest

import yaml
from awscli.formatter import get_formatter

import cli
import test_parts

COLUMNS = {
    "services": "ReportArn ReportType CreateDate ServiceNamespace ServiceName Status LastAuthenticated DaysAgo "
                "LastAuthenticatedEntity LastAuthenticatedRegion TotalAuthenticatedEntities ErrorCode ErrorMessage",
    "entities": "ReportArn ReportType ServiceNamespace Status DaysAgo Arn Name Type Id Path LastAuthenticated "
                "ErrorCode ErrorMessage",
    "actions": "ReportArn ReportType ServiceNamespace ActionName Status LastAccessedTime DaysAgo LastAccessedEntity "
               "LastAccessedRegion ErrorCode ErrorMessage",
    "grants": "ReportArn ReportType ServiceNamespace Status DaysAgo PolicyName PolicyType PolicyArn EntityType "
              "EntityName ErrorCode ErrorMessage",
}
DAY = 86400
NOW = 1_790_000_000
ACCOUNT = "arn:aws:iam::123456789012:"
TIMES = ("CreateDate", "LastAuthenticated", "LastAccessedTime")
NUMBERS = ("DaysAgo", "TotalAuthenticatedEntities")
HOSTILE = ("=1+1", "@x", "-1", "+2", "a,b", 'say "x"', "x\ny", "a\rb", "tab\there", "null", "no", "Yes", "true", "1e3",
           "0x1F", "~", "1:30", "2018-10-24", "<<", "=", "- a", "a: b", "a #b", "a:b", ": a", "é", "\u202e", "\u2028x",
           "\u0085", "\x7f", "\x9f", "\ufeffx", "\ufffe", "😀", " lead", "trail ", "", "'", "''", "\\", "\\n", "#x", "%x",
           "&a", "*a", "!x", "|", ">", "[x]", "{x}", "`x", "?", "? x", "</script>", "\x01", "a  b", "x:", "日本語")


def moment(us):
    """As json prints a date."""
    return (datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=us)).isoformat()


def fnv(text):
    h = 2166136261
    for b in text.encode():
        h = (h ^ b) * 16777619 & 0xFFFFFFFF
    return h


def encoded(kind, values):
    return kind + " " + " ".join(f"{k}={str(v).encode().hex()}" for k, v in values.items()) + "\n"


def setUpModule():
    Case.folder = tempfile.TemporaryDirectory(prefix="tinyiam-audit-")
    test_parts.compile_(Case.folder.name, ("audit_probe",))


def tearDownModule():
    Case.folder.cleanup()


class Case(unittest.TestCase):
    folder = None

    def probe(self, *args, stdin=b"", code=0, **extra):
        """Its standard output; the standard error is kept in self.err."""
        run = subprocess.run([os.path.join(self.folder.name, "audit_probe"), *args], input=stdin, capture_output=True,
                             check=False, timeout=300, **extra)
        self.err = run.stderr.decode()
        self.assertNotIn("Sanitizer", self.err)
        self.assertNotIn("runtime error", self.err)
        if code is not None:
            self.assertEqual(run.returncode, code, (args, self.err[:2000]))
        self.code = run.returncode
        return run.stdout

    def file(self, data, name="input"):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return path


class Numbers(Case):
    def test_threshold(self):
        good = {"1d": 1, "90d": 90, "12w": 84, "3m": 90, "1y": 365, "400d": 400, "007d": 7}
        out = self.probe("threshold", *good).decode().split()
        self.assertEqual([int(n) for n in out], [d * DAY for d in good.values()])
        self.assertEqual(self.err, "")
        for text in ("0d", "0", "-1d", "+1d", "90", "d", "", " 90d", "90d ", "9 0d", "90D", "90W", "1.5y", "1e3d", "90dd",
                     "90d\n", "9999999999d", "99999999999999999999d", "18446744073709551617d", "3652060d", "10007y", "0x1d",
                     "٣d", "90days"):
            out = self.probe("threshold", text, code=None)
            self.assertEqual((out, self.code), (b"no\n", 252), text)
            self.assertIn("--unused-for", self.err)
            self.assertIn(text.strip().rstrip("\n") or "''", self.err)
            self.assertEqual(self.err.count("\n"), 1)
        self.probe("threshold", "401d")
        self.assertIn("400 days", self.err)

    def test_status_and_days(self):
        pick = random.Random(13)
        for i in range(60):
            now = NOW * 10**6 + pick.randrange(10**6) * (i % 2)
            threshold = pick.choice((0, DAY, 90 * DAY, 365 * DAY))
            edge = pick.choice((0, DAY, threshold, 2 * DAY, 300, -300, pick.randrange(10**8))) * 10**6
            then = now - edge + pick.choice((-1, 0, 1))
            out = self.probe("status", str(now), str(then), str(threshold)).decode().split()
            ago = now - then
            days = 0 if -300 * 10**6 <= ago < 0 else ago // (DAY * 10**6)
            old = threshold and ago >= threshold * 10**6
            self.assertEqual(out, ["unused" if old else "used", str(days), str(int(bool(threshold and not old)))],
                             (now, then, threshold))

    def last(self, threshold, **counts):
        names = "arns read gone failed young services used unused never".split()
        return self.probe("last", str(threshold), *(str(counts.get(n, 0)) for n in names)).decode().strip()

    def test_last_line(self):
        tail = " Access of the last four hours may be missing; denied attempts count."
        self.assertEqual(self.last(90 * DAY, arns=200, read=197, gone=2, failed=1, services=4000, unused=1310, never=800),
                         "200 ARNs: 197 read, 2 gone, 1 failed; 4,000 services: 1,310 unused for 90 days, 800 never." + tail)
        self.assertEqual(self.last(0, arns=1, read=1, services=1, used=1),
                         "1 ARN: 1 read; 1 service: 1 used, 0 never." + tail)
        self.assertEqual(self.last(DAY, arns=1234567, read=1234567, young=12, services=999, unused=999),
                         "1,234,567 ARNs: 1,234,567 read (12 young: made within 1 day); 999 services: "
                         "999 unused for 1 day, 0 never." + tail)

    def test_namespaces(self):
        services = ("s3=Amazon S3", "ec2=Amazon EC2", "iam=AWS Identity and Access Management", "sns=Amazon SNS")
        self.assertEqual(self.probe("wanted", "s3", "iam", "--", *services), b"0\n")
        self.assertEqual(self.err, "")
        self.assertEqual(self.probe("wanted", "amazons3", "iam", "amazons3", "qqqqqqq", "--", *services), b"2\n")
        self.assertEqual(self.err.splitlines(), ["tinyiam: amazons3 was in no report; did you mean s3?",
                                                 "tinyiam: qqqqqqq was in no report"])
        self.assertEqual(self.probe("wanted", "amazons3", "--"), b"0\n")
        self.assertEqual(self.err, "")


class Formats(Case):
    """The same rows in every format, read back by somebody else's reader."""

    def rows(self, kind, pick, n):
        """(what the probe reads, what every format has to say of it)"""
        lines, want = [], []
        for i in range(n):
            row = {"ReportArn": f"{ACCOUNT}role/app-{i}", "ReportType": "ROLE"}
            if pick.random() < 0.2:
                row |= {"Status": "unknown", "ErrorCode": "NoSuchEntity", "ErrorMessage": pick.choice(HOSTILE)}
            else:
                for name in COLUMNS[kind].split()[2:-2]:
                    if name in ("Status", "DaysAgo") or pick.random() < 0.3:
                        continue
                    row[name] = (NOW - pick.randrange(800 * DAY)) * 10**6 + pick.choice((0, 297000)) if name in TIMES \
                        else pick.randrange(10**6) if name in NUMBERS else pick.choice(HOSTILE)
            lines.append(encoded("row", row))
            last = row.get("LastAuthenticated", row.get("LastAccessedTime"))
            if "ErrorCode" not in row:
                row["Status"] = "never" if last is None else "used"
                if last is not None:
                    row["DaysAgo"] = (NOW * 10**6 - last) // (DAY * 10**6)
            want.append({k: moment(row[k]) if k in TIMES else row[k] for k in COLUMNS[kind].split() if k in row})
        return "".join(lines).encode(), want

    def print_(self, kind, name, data, *options):
        return self.probe("print", kind, name, f"now={NOW * 10**6}", *options, stdin=data).decode()

    def test_every_format(self):
        for seed, kind in enumerate(COLUMNS):
            columns = COLUMNS[kind].split()
            data, want = self.rows(kind, random.Random(seed), 120)
            cells = [[str(row.get(c, "")) for c in columns] for row in want]
            with self.subTest(kind):
                lines = self.print_(kind, "jsonl", data).split("\n")
                self.assertEqual(lines.pop(), "")
                self.assertEqual([json.loads(line, object_pairs_hook=list) for line in lines],
                                 [list(row.items()) for row in want])
                document = self.print_(kind, "json", data)
                self.assertEqual(document, json.dumps(want, indent=4, ensure_ascii=False) + "\n")
                out = self.print_(kind, "csv", data, "header")
                self.assertEqual(list(csv.reader(io.StringIO(out, newline=""), strict=True)), [columns, *cells])
                self.assertEqual(out.split("\r\n")[0], ",".join(columns))
                self.assertEqual(self.print_(kind, "csv", data), out.split("\r\n", 1)[1])
                # YAML has no word for a noncharacter: PyYAML wants it escaped, and then reads it
                self.assertEqual(yaml.safe_load(self.print_(kind, "yaml", data)), want)
                blank = str.maketrans({c: " " for c in range(32)})
                self.assertEqual([line.split("\t") for line in self.print_(kind, "text", data).split("\n")[:-1]],
                                 [[c.translate(blank) for c in row] for row in cells])

    def test_no_rows(self):
        self.assertEqual({f: self.print_("services", f, b"") for f in ("jsonl", "csv", "json", "text", "yaml")},
                         {"jsonl": "", "csv": "", "json": "[]\n", "text": "", "yaml": "[]\n"})

    def test_formulas(self):
        cell = '=HYPERLINK("x")'
        data = encoded("row", {"ReportArn": cell, "ServiceName": "a\n-b"}).encode()
        (row,) = csv.reader(io.StringIO(self.print_("services", "csv", data, "safe"), newline=""), strict=True)
        self.assertEqual((row[0], row[4]), ("'" + cell, "a\n'-b"))
        (row,) = csv.reader(io.StringIO(self.print_("services", "csv", data), newline=""), strict=True)
        self.assertEqual((row[0], row[4]), (cell, "a\n-b"))

    def test_threshold_filters(self):
        def row(days):
            return encoded("row", {"ReportArn": ACCOUNT + "role/r", "ServiceName": days} | (
                {} if days is None else {"LastAuthenticated": (NOW - days * DAY) * 10**6})).encode()
        data = row(None) + row(89) + row(90) + encoded("row", {"ReportArn": "x", "ErrorCode": "Throttling"}).encode()
        lines = [json.loads(line) for line in self.print_("services", "jsonl", data, f"unused={90 * DAY}").splitlines()]
        self.assertEqual([(r.get("Status"), r.get("DaysAgo")) for r in lines],
                         [("never", None), ("unused", 90), (None, None)])
        self.assertEqual(len(self.print_("services", "jsonl", data).splitlines()), 4)


class Table(Case):
    def arns(self, pick, n):
        """ARNs that differ in their middle only, each with its services; the lines for the probe."""
        lines = []
        for i in range(n):
            account = ACCOUNT if i % 17 != 16 else "arn:aws:iam::210987654321:"
            name = f"{account}role/{'a' * pick.randrange(40)}{i:04}{'z' * pick.randrange(40)}"
            services = pick.randrange(200)
            arn = {"Arn": name, "Type": "ROLE", "services": services, "used": services // 2, "unused": services // 3,
                   "never": services // 7}
            kind = i % 5
            if kind == 1:
                arn["unknown"] = 1
            elif kind == 2:
                arn["young"] = 1
            elif kind != 3:
                arn |= {"newest": (NOW - pick.randrange(500 * DAY)) * 10**6, "namespace": "s3"}
            lines.append(encoded("arn", arn))
            if kind == 1:
                lines.append(encoded("row", {"ReportArn": name, "Status": "unknown", "ErrorCode": "NoSuchEntity",
                                             "ErrorMessage": f"The role with name {i:04} cannot be found."}))
        return "".join(lines).encode()

    def print_(self, kind, data, *options):
        return self.probe("print", kind, "table", f"now={NOW * 10**6}", *options, stdin=data).decode()

    def rows_of(self, out):
        return out.split("\n\n")[0].split("\n")[1:]

    def check(self, kind, data, n):
        for width, pause in itertools.product((40, 41, 60, 79, 80, 100, 120, 200, 300), ((), ("pause",))):
            out = self.print_(kind, data, f"width={width}", f"unused={90 * DAY}", *pause)
            self.assertLessEqual(max(map(len, out.split("\n"))), width)
            rows = self.rows_of(out)
            self.assertEqual((len(rows), len(set(rows))), (n, n), width)
            self.assertNotIn("\x1b", out)
            self.assertTrue("NoSuchEntity" in out or "AccessDenied" in out, width)
        out = self.print_(kind, data, f"unused={90 * DAY}")
        self.assertNotIn("~", out)
        self.assertNotIn("…", out)
        return out

    def test_services(self):
        pick = random.Random(5)
        out = self.check("services", self.arns(pick, 150), 150)
        self.assertIn("NoSuchEntity: The role with name 0001 cannot be found.", out)
        self.assertRegex(out, r"\n *young .*role/")
        self.assertRegex(out, r"\n *never +\d")
        self.assertRegex(self.rows_of(out)[0], r"^ *\d+ +\d+ +\d+ +\d+ +\d+  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  s3  ")

    def test_counts_are_whole(self):
        data = encoded("arn", {"Arn": ACCOUNT + "role/r", "services": 1234567, "used": 1234567, "unused": 7654321,
                               "never": 10**7}).encode()
        for width in (40, 50, 80, 0):
            out = self.print_("services", data, f"width={width}", f"unused={DAY}")
            self.assertIn("7654321", out)
            self.assertIn("10000000", out)

    def test_without_threshold(self):
        self.assertNotIn("UNUSED", self.print_("services", self.arns(random.Random(1), 3)))

    def test_other_rows(self):
        pick = random.Random(6)

        def name(i, k):
            return f"{ACCOUNT}{k}/{'b' * pick.randrange(50)}{i:04}{'y' * pick.randrange(50)}"
        both = {kind: [] for kind in ("entities", "actions", "grants")}
        for i in range(130):
            report, namespace = name(i // 5, "policy"), f"ns{'c' * pick.randrange(20)}{i}"
            old = {} if i % 3 else {"x": 1}
            used = {} if i % 4 == 0 else {"t": (NOW - pick.randrange(500 * DAY)) * 10**6}
            if i % 13 == 12:
                for rows in both.values():
                    rows.append({"ReportArn": f"{report}-{i}", "Status": "unknown", "ErrorCode": "AccessDenied",
                                 "ErrorMessage": "User x is not authorized to perform y"})
                continue
            common = {"ReportArn": report, "ServiceNamespace": namespace}
            both["entities"].append(common | {"Arn": name(i, "user")} | {"LastAuthenticated": t for t in used.values()})
            both["actions"].append(common | {"ActionName": f"Get{'d' * pick.randrange(40)}{i}"} |
                                   {"LastAccessedTime": t for t in used.values()})
            both["grants"].append(common | ({"PolicyName": f"p{i}", "PolicyType": "INLINE", "EntityType": "GROUP",
                                             "EntityName": f"g{'e' * pick.randrange(60)}{i}"} if old else
                                            {"PolicyName": "same", "PolicyType": "MANAGED", "PolicyArn": name(i, "policy")}))
        for kind, rows in both.items():
            with self.subTest(kind):
                data = "".join(encoded("row", row) for row in rows).encode()
                out = self.check(kind, data, len(rows))
                self.assertIn("AccessDenied: User x", out)

    def test_hostile_names(self):
        data = encoded("arn", {"Arn": ACCOUNT + "role/x\x1b[31m\u202e\u200b", "services": 1, "never": 1}).encode()
        for width in (0, 40, 200):
            out = self.print_("services", data, f"width={width}")
            self.assertFalse(set(out) & set("\x1b\u202e\u200b"), out)

    def test_what_comes_late_and_wide(self):
        """A namespace of 64 letters and a count of ten digits behind a hundred short rows: the line still fits, and the
        count is whole."""
        def arn(name, space, n):
            return encoded("arn", {"Arn": ACCOUNT + "role/" + name, "Type": "ROLE", "services": n, "used": n, "unused": 0, "never": 0,
                                   "newest": NOW * 10**6, "namespace": space})
        data = ("".join(arn(f"r{i}", "s3", 5) for i in range(101)) + arn("last", "n" * 64, 1234567890)).encode()
        for width in (60, 80, 120):
            out = self.print_("services", data, f"width={width}")
            self.assertLessEqual(max(map(len, out.split("\n"))), width)
            self.assertIn("1234567890", self.rows_of(out)[-1])

    def test_account_that_is_none(self):
        """What ARNs begin with stands below the table: it brings no colour along."""
        row = {"ReportArn": "arn:\x1b[31m:iam::123456789012:role/x", "ServiceNamespace": "s3", "Arn": "arn:\x1b[31m:iam::1:user/x"}
        self.assertNotIn("\x1b", self.print_("entities", encoded("row", row).encode(), "width=80"))

    def test_colour(self):
        out = self.print_("services", self.arns(random.Random(2), 5), "color")
        self.assertIn("\x1b[1m", out)
        self.assertEqual(out.count("\x1b[0m"), len(re.findall("\x1b\\[[1-9]", out)))


def is_arn(text):
    return bool(20 <= len(text) <= 2048 and re.fullmatch(
        r"arn:[a-z0-9-]+:iam::(\d{12}:(user|group|role|policy)|aws:policy)/[!-~]*[!-.0-~]", text, re.A))


class Reader(Case):
    def entries(self, *values, stdin=b"", code=0):
        """[(ARN or text, is it an ARN?, date or None)]"""
        out = self.probe("arns", *values, stdin=stdin, code=code).decode()
        rows = [line.split("\t", 3) for line in out.split("\n")[:-1]]
        self.assertEqual([int(r[0]) for r in rows], list(range(len(rows))))
        for r in rows:
            self.assertEqual(r[1] != "-", is_arn(r[3]), r)
            if r[1] != "-":
                self.assertEqual(r[1], r[3].split(":")[5].split("/")[0].upper())
        return [(r[3], r[1] != "-", None if r[2] == "-" else r[2]) for r in rows]

    def arns(self, *values, **more):
        return [e[0] for e in self.entries(*values, **more)]


class Input(Reader):
    def test_what_an_arn_is(self):
        good = [ACCOUNT + "user/bob", "arn:aws-cn:iam::123456789012:group/a/b/c", "arn:aws-us-gov:iam::123456789012:role/x",
                "arn:aws:iam::aws:policy/service-role/X", ACCOUNT + "policy/a=b,c.d@e-f_g+h", ACCOUNT + "role/" + "r" * 2017]
        bad = [ACCOUNT + "root", ACCOUNT + "role", ACCOUNT + "role/", ACCOUNT + "role/x/", ACCOUNT + "rolex/y",
               "arn:aws:sts::123456789012:assumed-role/x/y", "arn:aws:iam::12345678901:role/x", "arn:aws:iam::aws:role/x",
               "arn:aws:iam:us-east-1:123456789012:role/x", "arn::iam::123456789012:role/x", "arn:aws:iam::123456789012:ROLE/x",
               "ARN:aws:iam::123456789012:role/x", ACCOUNT + "role/é", "x" + ACCOUNT + "role/x", ACCOUNT + "server-certificate/x",
               ACCOUNT + "role/" + "r" * 2018]
        got = self.entries(*good, *bad)
        self.assertEqual([e[0] for e in got if e[1]], good)
        self.assertEqual([e[0][:2048] for e in got if not e[1]], [b[:2048] for b in bad])

    def test_lines(self):
        a, b, c, d = (ACCOUNT + "role/" + x for x in "abcd")
        text = (f"\ufeff# who\r\n\r\n{a}\r\n  {b}\t2018-10-24T19:47:31.297Z\r\n'{c}' \"{d}\"\n{a}\n"
                f"“{ACCOUNT}user/u” # {ACCOUNT}user/never\n\"{ACCOUNT}user/v\",\n{ACCOUNT}user/w,\n\t \n"
                f"{ACCOUNT}user/x 2018-10-24 19:47:31 {ACCOUNT}user/y 2018-10-24\nnonsense 2018-10-24\n{ACCOUNT}user/z")
        want = [(a, None), (b, "2018-10-24T19:47:31.297000+00:00"), (c, None), (d, None), (ACCOUNT + "user/u", None),
                (ACCOUNT + "user/v", None), (ACCOUNT + "user/w,", None), (ACCOUNT + "user/x", "2018-10-24T19:47:31+00:00"),
                (ACCOUNT + "user/y", "2018-10-24T00:00:00+00:00"), ("nonsense", "2018-10-24T00:00:00+00:00"),
                (ACCOUNT + "user/z", None)]
        for values, stdin in ((("@" + self.file(text),), b""), (("file://" + self.file(text),), b""), (("-",), text.encode()),
                              ((text.replace("\ufeff", ""),), b"")):
            self.assertEqual([(e[0], e[2]) for e in self.entries(*values, stdin=stdin)],
                             want[:-2] + want[-2:], values)

    def test_mixture_and_order(self):
        names = [f"{ACCOUNT}user/u{i}" for i in range(9)]
        document = json.dumps({"Users": [{"Arn": n, "CreateDate": "2020-01-01T00:00:00+00:00"} for n in names[2:6]]})
        got = self.entries(names[4], "-", "@" + self.file(document), names[0],
                           stdin=(names[7] + "\t" + names[8] + "\n" + names[4]).encode())
        self.assertEqual([e[0] for e in got], [names[i] for i in (4, 7, 8, 2, 3, 5, 0)])
        self.assertEqual(got[0][2], "2020-01-01T00:00:00+00:00")  # the date that came later is its own
        self.arns("-", "-", stdin=names[0].encode(), code=252)
        self.assertIn("once", self.err)

    def test_nothing(self):
        for value in ("", "  ", "#x", "''", "\t\n"):
            self.arns(value, code=252)
            self.assertIn("empty", self.err)
        for data in ("", "\n", "\ufeff", "# nobody\n"):
            self.arns("@" + self.file(data), code=252)
            self.assertIn("input is empty: did", self.err)
            self.arns("-", stdin=data.encode(), code=252)
        self.assertEqual(self.arns("@" + self.file('{"Users": []}')), [])
        self.assertEqual(self.arns("@" + self.file("[ ]")), [])

    def test_unreadable(self):
        for value, words in (("@/nowhere/x", "/nowhere/x cannot be read: No such file"), ("@" + self.folder.name, "directory"),
                             ("file:///nowhere/x", "No such file"), ("@", "cannot be read")):
            self.assertEqual(self.arns(value, code=252), [])
            self.assertIn(words, self.err)
        utf16 = (ACCOUNT + "role/x\r\n").encode("utf-16")
        for data in (utf16, ACCOUNT.encode() + b"role/a\nb\0c", b'{"Users": ["\0"]}', b"\0"):
            self.arns("@" + self.file(data), code=252)
            self.assertRegex(self.err, f"byte {data.index(0) + 1} is a NUL")
        fifo = os.path.join(self.folder.name, "fifo")
        os.mkfifo(fifo)
        with subprocess.Popen(["/bin/sh", "-c", f"echo {ACCOUNT}role/x > '{fifo}'"]):
            self.assertEqual(self.arns("@" + fifo), [ACCOUNT + "role/x"])
        self.arns(ACCOUNT + "role/x", code=0)
        env = os.environ | {"TMPDIR": "/nowhere"}
        self.probe("arns", ACCOUNT + "role/x", code=255, env=env)
        self.assertIn("temporary file", self.err)

    def test_odd_text(self):
        got = self.entries("@" + self.file(b"caf\xe9 \xff\xfe\nok\xc3\xa9\n" + b"x" * (1 << 20) + b"\n" + b"y" * 2049 + b"\n" +
                                           (b"\xc3\xa9" * 2000) + b" end\x01\n"))
        texts = [e[0] for e in got]
        self.assertEqual(texts[:3], ["caf\ufffd", "\ufffd\ufffd", "oké"])
        self.assertEqual(texts[3:5], ["x" * 2048 + "...", "y" * 2048 + "..."])
        self.assertEqual(texts[5], "é" * 1024 + "...")
        self.assertEqual(texts[6], "end ")
        self.assertFalse(any(e[1] for e in got))

    def random_lines(self, pick):
        """Text as people have it, and what its rules say is in it."""
        want, text = {}, []
        for _ in range(pick.randrange(30)):
            words, dates, line = pick.randrange(5), 0, ""
            last = None
            for _ in range(words):
                roll = pick.random()
                if roll < 0.65:
                    name = f"{ACCOUNT}{pick.choice(('role', 'user', 'policy'))}/n{pick.randrange(40)}"
                    quote = pick.choice(("", "", '"', "'"))
                    line += quote + name + quote
                    last = name
                    dates = 0
                    want.setdefault(name, None)
                elif roll < 0.85 and last and not dates:
                    line += "2019-03-05T01:02:03Z"
                    if want[last] is None:
                        want[last] = "2019-03-05T01:02:03+00:00"
                    dates = 1
                elif roll < 0.93:
                    name = f"nonsense{pick.randrange(9)}"
                    line += name
                    want.setdefault(name, None)
                    last, dates = name, 0
                else:
                    line += "# " + ACCOUNT + "role/comment"
                    break
                line += pick.choice((" ", "\t", "  ", " \t"))
            text.append(line + pick.choice(("\n", "\r\n", "\n\n")))
        return "".join(text), list(want.items())

    def test_random_lines(self):
        pick = random.Random(17)
        for _ in range(40):
            text, want = self.random_lines(pick)
            got = self.entries("-", stdin=text.encode(), code=0 if want else 252)
            self.assertEqual([(e[0], e[2]) for e in got], want, text)

    def test_shards(self):
        names = [f"{ACCOUNT}role/r{i}" for i in range(300)]
        path = "@" + self.file("\n".join(names))
        every = []
        for n in (1, 2, 7):
            parts = [self.arns("-s", f"{i}/{n}", path) for i in range(n)]
            for i, part in enumerate(parts):
                self.assertEqual(part, [a for a in names if fnv(a) % n == i])
            every.append(sorted(itertools.chain(*parts)))
        self.assertEqual(every, [sorted(names)] * 3)
        for text in ("", "1", "1/1", "2/1", "-1/2", "0/0", "a/b", "0/2x", " 0/2", "0 /2", "0/99999999999", "1/2/3"):
            self.arns("-s", text, path, code=252)
            self.assertIn("--shard", self.err)

    def test_digest(self):
        def digest(*values):
            self.entries(*values)
            return self.err
        a, b = ACCOUNT + "role/a", ACCOUNT + "role/b"
        first = digest(a, b)
        self.assertEqual(first, digest(f"{a}\t{b}\n{a}"))
        others = {digest(b, a), digest(a), digest(a + "\t2019-01-01", b), digest(a, b, "x"), digest("-s", "0/1", a)}
        self.assertNotIn(first, others)
        self.assertEqual(len(others), 4)  # one shard of one is the whole list

    def test_kept(self):
        path = os.path.join(self.folder.name, "kept")
        text = "".join(f"{ACCOUNT}role/r{i}\t2019-03-05T01:02:03.{i:06}+0{i % 9}:30\n" if i % 3 else f"{ACCOUNT}user/u{i}\n"
                       for i in range(2000)) + "nonsense\n"
        first = self.entries("-k", path, "-", stdin=text.encode())
        digest = self.err
        self.assertEqual(self.entries("-r", path), first)
        self.assertEqual(self.err, digest)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with open(path, "rb") as f:
            whole = f.read()
        self.assertEqual(whole.decode().split("\n")[1], f"{ACCOUNT}role/r1\t2019-03-05T01:02:03.000001+01:30")
        pick = random.Random(3)
        cuts = [whole[:pick.randrange(len(whole))] for _ in range(30)] + [whole[:-1], b"", whole + b"x\n", whole[50:]]
        for data in cuts:
            self.entries("-r", self.file(data, "cut"), code=255)
            self.assertIn("damaged", self.err)
        self.assertEqual(self.entries("-r", "/nowhere/kept"), [])

    def test_memory(self):
        """100,000 ARNs of 2,048 characters, and roles with megabytes of documents, without the sanitizers."""
        with tempfile.TemporaryDirectory(prefix="tinyiam-audit-") as folder:
            test_parts.compile_(folder, ("audit_probe",), sanitize=False)
            path = os.path.join(folder, "many")
            with open(path, "w", encoding="ascii") as f:
                for i in range(100_000):
                    f.write(f"{ACCOUNT}role/{i:06}{'r' * 2011}\n")
                f.write(f"{ACCOUNT}role/{7:06}{'r' * 2011}\n")
            document = os.path.join(folder, "roles")
            with open(document, "w", encoding="ascii") as f:
                f.write('{"Roles": [')
                for i in range(4):
                    f.write(f'{"," if i else ""}{{"Arn": "{ACCOUNT}role/{i}", "AssumeRolePolicyDocument": {{"Statement": [')
                    f.write('{"Effect": "Allow", "Resource": "%s"},' % ("x" * 5000) * 3000)
                    f.write(f'{{"Sid": "{"s" * 10_000_000}"}}]}}, "CreateDate": "2019-01-01T00:00:00Z"}}')
                f.write("]}")
            limit = 12 << 20  # of heap and stack, in bytes
            for source, n in ((path, 100_000), (document, 4)):
                with subprocess.Popen([os.path.join(folder, "audit_probe"), "arns", "@" + source], stdout=subprocess.PIPE,
                                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
                                      stderr=subprocess.PIPE) as run:
                    lines = sum(1 for _ in run.stdout)
                    err = run.stderr.read()
                self.assertEqual((lines, run.returncode), (n, 0), err)


class Documents(Reader):
    """JSON and text as the AWS CLI's formatters write it."""

    LISTS = {"list-users": ("Users", "user"), "list-groups": ("Groups", "group"), "list-roles": ("Roles", "role"),
             "list-policies": ("Policies", "policy")}

    def items(self, command, pick, n):
        name, kind = self.LISTS[command]
        out = []
        for i in range(n):
            item = {"Path": "/", name.rstrip("s").replace("ie", "y") + "Name": f"n{i}",
                    "Arn": f"{ACCOUNT}{kind}/{pick.choice(('', 'team/'))}n{i}",
                    "CreateDate": f"2018-10-{1 + i % 28:02}T19:47:31+00:00"}
            if kind == "role":
                item["AssumeRolePolicyDocument"] = {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Principal": {"AWS": f"{ACCOUNT}role/other", "Arn": f"{ACCOUNT}role/other"},
                     "Action": ["sts:AssumeRole"], "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}]}
                item["Description"] = pick.choice(("", "What it does, 2017-01-01", 'With "quotes"\tand é'))
                item["MaxSessionDuration"] = 3600
                item["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy",
                                               "PermissionsBoundaryArn": f"{ACCOUNT}policy/boundary"}
                item["RoleLastUsed"] = {"LastUsedDate": "2024-01-01T00:00:00+00:00", "Region": "us-east-1"}
            if kind == "policy":
                item |= {"AttachmentCount": i % 3, "DefaultVersionId": "v1", "IsAttachable": True,
                         "UpdateDate": "2024-01-01T00:00:00+00:00"}
            if kind == "user":
                item |= {"PasswordLastUsed": "2024-01-01T00:00:00+00:00", "Tags": [{"Key": "Arn", "Value": f"{ACCOUNT}user/no"}]}
            out.append(item)
        return out

    def formatted(self, response, how):
        out = io.StringIO()
        arguments = argparse.Namespace(output=how, query=None, color="off")
        get_formatter(how, arguments)("list", response, stream=out)
        return out.getvalue()

    def test_aws_formatters(self):
        pick = random.Random(23)
        for command, (name, _) in self.LISTS.items():
            for n in (0, 1, 40):
                items = self.items(command, pick, n)
                want = [(i["Arn"], True, i["CreateDate"]) for i in items]
                for how, more in (("json", {}), ("text", {}), ("json", {"IsTruncated": False}),
                                  ("text", {"IsTruncated": False}), ("json", {"IsTruncated": True, "Marker": "m/1"}),
                                  ("text", {"IsTruncated": True, "Marker": "m/1"}), ("json", {"NextToken": "eyJ9"}),
                                  ("text", {"NextToken": "eyJ9"})):
                    if not n and how == "text" and more.get("IsTruncated") is None:
                        continue  # nothing, or a line that says nothing of a list
                    with self.subTest(command=command, n=n, how=how, more=more):
                        if how == "text" and "NextToken" in more:  # as the paginator has it printed, behind the pages
                            text = self.formatted({name: items}, how) + "NEXTTOKEN\teyJ9\n"
                        else:
                            text = self.formatted({name: items} | more, how)
                        self.assertEqual(self.entries("-", stdin=text.encode()), want)
                        goes_on = "NextToken" in more or more.get("IsTruncated", False)
                        self.assertEqual("goes on" in self.err, goes_on, self.err)
                query = self.formatted([i["Arn"] for i in items], "text") + self.formatted(
                    [[i["Arn"], i["CreateDate"]] for i in items], "text")
                self.assertEqual(self.entries("-", stdin=query.encode(), code=0 if n else 252), want)
                for shown in ([i["Arn"] for i in items], [[i["Arn"], i["CreateDate"]] for i in items],
                              [{"Arn": i["Arn"], "CreateDate": i["CreateDate"]} for i in items]):
                    got = self.entries("-", stdin=self.formatted(shown, "json").encode())
                    self.assertEqual([e[0] for e in got], [i["Arn"] for i in items])

    def details(self):
        role, user = self.items("list-roles", random.Random(1), 2), self.items("list-users", random.Random(1), 2)
        attached = [{"PolicyName": "no", "PolicyArn": ACCOUNT + "policy/attached"}]
        for item in role + user:
            item["AttachedManagedPolicies"] = attached
        role[0]["InstanceProfileList"] = [{"Arn": ACCOUNT + "instance-profile/p", "CreateDate": "2001-01-01T00:00:00Z",
                                           "Roles": [{"Arn": role[0]["Arn"], "CreateDate": role[0]["CreateDate"]}]}]
        role[0]["RolePolicyList"] = [{"PolicyName": "x", "PolicyDocument": {"Arn": ACCOUNT + "role/in-a-document"}}]
        policy = self.items("list-policies", random.Random(1), 2)
        policy[0]["PolicyVersionList"] = [{"Document": {"Arn": ACCOUNT + "role/in-a-document"}, "VersionId": "v1",
                                           "CreateDate": "2001-01-01T00:00:00Z"}]
        return {"UserDetailList": user, "GroupDetailList": [], "RoleDetailList": role, "Policies": policy}

    def test_account_authorization_details(self):
        details = self.details()
        want = [(i["Arn"], True, i["CreateDate"]) for k in ("UserDetailList", "RoleDetailList", "Policies")
                for i in details[k]]
        for document in (json.dumps(details), json.dumps(details, sort_keys=True), json.dumps(details, indent=1)):
            self.assertEqual(sorted(self.entries("-", stdin=document.encode())), sorted(want))
        self.assertEqual(self.entries("-", stdin=json.dumps(details).encode()), want)
        text = self.formatted(details, "text")
        self.assertEqual(sorted(self.entries("-", stdin=text.encode())), sorted(want), text)

    def test_json_as_it_may_be(self):
        a = ACCOUNT + "role/a"
        escaped = "".join(f"\\u{ord(c):04X}" for c in a)
        for text in (f'[{{"CreateDate":1540410451,"Arn":"{a}"}}]', f'{{"Role":{{"Arn":"{escaped}"}}}}',
                     f'\ufeff {{"Users":[{{"\\u0041rn":"{a}"}}]}}', f'{{"Arn":"{a}"}}\n{{"Arn":"{a}"}}',
                     f'[[["{a}"]]]', f'["{a}","{a}"]', f'{{"x":"\\ud83d\\ude00\\ud800 é","Arn":"{a}"}}',
                     f'{{"n":[0,-0,1.5e+10,1E5,-1.0],"t":[true,false,null,{{}},[]],"Arn":"{a}"}}'):
            self.assertEqual(self.arns("-", stdin=text.encode()), [a], text)
        self.assertEqual(self.entries('{"CreateDate":1540410451,"Arn":"%s"}' % a), [(a, True, "2018-10-24T19:47:31+00:00")])
        self.assertEqual(self.entries('["x","arn:aws:s3:::b"]'), [("x", False, None), ("arn:aws:s3:::b", False, None)])
        self.assertEqual(self.entries('{"Roles":[{"Arn":"junk"},{"Arn":"%s"}]}' % a), [("junk", False, None), (a, True, None)])
        for text in ('{"Buckets":[]}', '[{"UserName":"x"}]', "{}", "[[[]]]", '{"Arn":"arn:aws:iam::123456789012:mfa/x"}'):
            self.arns(text, code=252)
            self.assertIn("no ARN", self.err)
        self.arns("[" * 200, code=252)
        self.assertIn("nested", self.err)

    def test_cut_anywhere(self):
        text = json.dumps(self.details()).encode()
        path = os.path.join(self.folder.name, "cut.json")
        for n in sorted({1, 2, len(text) - 1, *random.Random(2).sample(range(1, len(text)), 60)}):
            self.file(text[:n], "cut.json")
            self.arns("@" + path, code=252)
            self.assertIn(path, self.err)
            self.assertIn(f"ends in the middle, at byte {n + 1}", self.err)

    def strict(self, data):
        """Python's verdict: is it one or more documents of JSON?"""
        def no_constant(text):
            raise ValueError(text)
        try:
            text, decoder = data.decode("utf-8"), json.JSONDecoder(parse_constant=no_constant)
            at = 0
            while text[at:].strip(" \t\r\n"):
                at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n"))
                if text[at] not in "{[":
                    return False
                _, at = decoder.raw_decode(text, at)
            return True
        except (ValueError, RecursionError):
            return False

    def test_mutations(self):
        """Whatever happens to a document: what Python's reader refuses is refused, and what it takes is taken."""
        details = self.details()
        pick = random.Random(29)
        text = json.dumps({k: v[:1] for k, v in details.items()}, ensure_ascii=False).encode()
        verdicts = {True: 0, False: 0}
        for _ in range(250):
            data = bytearray(text)
            for _ in range(pick.choice((1, 1, 2, 5))):
                at = pick.randrange(1, len(data))
                roll = pick.random()
                if roll < 0.4:
                    data[at] = pick.randrange(1, 256)
                elif roll < 0.6:
                    del data[at:at + pick.randrange(1, 4)]
                elif roll < 0.8:
                    data[at:at] = pick.choice((b'"', b",", b"{", b"}", b"[", b"]", b":", b"\\", b"\\u12", b"0", b"-", b"1.",
                                               b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe0\x80\x80", b"tru", b"\x01"))
                else:
                    data[at:at] = data[pick.randrange(len(data)):][:pick.randrange(20)]
            good = self.strict(bytes(data))
            self.probe("arns", "-", stdin=bytes(data), code=None)
            verdicts[good] += 1
            self.assertEqual(self.code, 0 if good else 252, (bytes(data), self.err))
        self.assertGreater(min(verdicts.values()), 20, verdicts)

    def test_noise(self):
        """Bytes of any kind end in entries or in an error, never in anything else."""
        pick = random.Random(31)
        parts = [b"\n", b"\t", b" ", b"#", b'"', b"'", b",", b"\r", b"\xef\xbb\xbf", b"\xef", b"\xe2\x80\x9c", b"ROLES\t",
                 b"True", b"False\n", b"NEXTTOKEN\t", ACCOUNT.encode() + b"role/x", b"2019-01-01", b"T01:02:03", b"01:02:03",
                 b"arn:", b"{", b"[", b"]", b"x" * 3000, b"\xff", b"\x01", b"\x7f"]
        for _ in range(80):
            data = b"".join(pick.choices(parts, k=pick.randrange(60)))
            self.probe("arns", "-", stdin=data, code=None)
            self.assertIn(self.code, (0, 252), data)


if __name__ == "__main__":
    cli.main()
