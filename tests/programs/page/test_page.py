#!/usr/bin/python3
"""The page of an audit as bytes, without a browser: whatever the names are, it holds these rows, is one document with one
script, and asks for nothing."""

import base64
import codecs
import hashlib
import html.parser
import json
import os
import random
import re
import shlex
import subprocess
import sys
import unicodedata
import unittest

import rows
from rows import ACCOUNT, DAY, NOW, UNKNOWN, Audit

sys.path.insert(0, os.path.join(rows.ROOT, "tests", "programs", "cli"))
import cli  # noqa: E402

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt)
IGNORABLE = [range(a, b + 1) for a, b in (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E),
    (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF))]
HOSTILE = ["</script>", "<script>hit()</script>", "<!--", "<!--<script>", "-->", "]]>", '"', "'", "`", "\\", "\\u003c", "&lt;", "&", "@{rows}",
           "@{totals}", "\u2028", "\u2029", "\u202egnp.exe", "\u2066", "\x07", "\0", "\x1b[31m", "\x7f", "\x85", "\ufeff", "\U000e0041", "\ufffe",
           "é", "表", "😀", "<img src=x onerror=hit()>", "</title>", "</style>", "=1+1", "\r\n", " ", "${1}", "javascript:hit()", "a" * 64]


def is_unseen(c):
    return unicodedata.category(chr(c)) in ("Cc", "Zl", "Zp") or any(c in r for r in IGNORABLE) or 0xFFF9 <= c <= 0xFFFB


def shown(text):
    return "".join("‹U+%04X›" % ord(c) if is_unseen(ord(c)) else c for c in text)


def decoded(data):
    """Bytes as the page has them: each that is no UTF-8 is a U+FFFD."""
    codecs.register_error("each", lambda e: ("\ufffd" * (e.end - e.start), e.end))
    return data.decode("utf-8", "each") if isinstance(data, bytes) else data


class Document(html.parser.HTMLParser):
    """Elements, attributes, and text by the path of what it stands in."""

    def __init__(self, data):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text, self.inside, self.scripts = [], [], {}, [], []
        self.feed(data.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        names = dict(attrs)
        if tag == "script":
            self.scripts.append("")
        if tag not in ("meta", "input", "br", "rect"):
            self.inside.append(f"{tag}.{names.get('id') or names.get('class') or ''}")

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop().split(".")[0] != tag:
            pass

    def handle_data(self, data):
        if self.inside and self.inside[-1].startswith("script"):
            self.scripts[-1] += data
        for name in self.inside:
            self.text[name] = self.text.get(name, "") + data

    def rows(self):
        """The rows, by the rules that html.c states, in other words than page.js."""
        services, texts, out = [], [], []
        for arn, kind, created, state, granted, used, unused, never, *rows_of in json.loads(self.scripts[0]):
            entry = {"arn": arn, "kind": kind, "created": created, "state": state, "sums": [granted, used, unused, never], "rows": []}
            for row in rows_of:
                if row[1] == UNKNOWN:
                    entry["error"] = row[2:]
                    continue
                row = row + [None] * (7 - len(row))
                if isinstance(row[0], list):
                    services.append(row[0])
                    row[0] = len(services) - 1
                row[0] = services[row[0]]
                for i in (4, 5):
                    if row[i] is True:
                        row[i] = arn
                    elif isinstance(row[i], str):
                        texts.append(row[i])
                    elif row[i] is not None:
                        row[i] = texts[row[i]]
                entry["rows"].append(row)
            out.append(entry)
        return out


def totals(data):
    """Their names, numbers and shares, by class."""
    found = re.findall(r'<div class="(\w+)"><dt>(.*?)</dt><dd>([\d,]+)(?:<small>(.*?)</small>)?</dd></div>', data.decode())
    return {name: rest for name, *rest in found}


KINDS = [None, "USER", "GROUP", "ROLE", "POLICY"]


def told(audit):
    """What rows() must find."""
    out = []
    for a in audit.arns:
        entry = {"arn": decoded(a["arn"]), "kind": KINDS.index(a["type"]), "created": a["created"],
                 "state": 2 if a["unknown"] else int(a["young"]), "sums": audit.sums(a["rows"]), "rows": []}
        if a["unknown"]:
            entry["error"] = [decoded(t) for t in a["unknown"]]
        for r in a["rows"]:
            row = [[decoded(r["namespace"]), decoded(r["name"])], r["status"], r["days"], r["last"], decoded(r["entity"]),
                   decoded(r["region"]), r["total"]]
            if not any(v is not None for v in row[2:6]) and not r["total"]:
                row[6] = None
            entry["rows"].append(row)
        out.append(entry)
    return out


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.maker = rows.Maker()

    @classmethod
    def tearDownClass(cls):
        cls.maker.close()

    def page(self, audit):
        data = self.maker.lines(audit.lines())
        return data, Document(data)

    def block(self, data):
        """The data, as bytes between its tags."""
        return data.split(b'id="data">', 1)[1].split(b"</script>", 1)[0]

    def test_skeleton(self):
        page = self.maker.skeleton
        self.assertLess(len(page), 42000)
        self.assertNotRegex(page, rb"(?i)https?:|//www|\bsrc=|url\(|@import|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|"
                                  rb"Function\(|fetch\(|XMLHttp|WebSocket|sendBeacon|localStorage|\bstyle=|\bon[a-z]+=")
        page.decode("utf-8")

    def test_only_its_own_script(self):
        data, document = self.page(rows.usual(3, 5))
        policy = next(v for k, v in document.attributes if k == "content" and "default-src" in v)
        for element in ("script", "style"):
            text = re.search(rb"<%s>(.*?)</%s>" % (element.encode(), element.encode()), data, re.S)[1]
            digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
            self.assertIn(f"{element}-src 'sha256-{digest}'", policy)
        self.assertTrue(policy.startswith("default-src 'none'; "))
        self.assertEqual(policy.count("'"), 10, "nothing else is allowed")
        self.assertEqual(document.tags.count("script"), 2)

    def test_rows(self):
        for audit in (rows.usual(60, 40), rows.usual(60, 40, 2, 0), Audit()):
            data, document = self.page(audit)
            self.assertEqual(document.rows(), told(audit))
            self.assertNotIn(b"@{", data.replace(self.block(data), b""))

    def test_hostile_names(self):
        pick = random.Random(5)

        def name():
            text = "".join(pick.choices(HOSTILE, k=pick.randrange(1, 6)))
            return text.encode() + bytes(pick.choices((0xFF, 0xC3, 0xE2, 0x82, 0xED, 0xA0, 0x80, 0xF5, 0xC0, 0xF0, 0x9F), k=3)) if pick.random() < .3 else text

        def words():
            """Of a command line: no NUL."""
            text = name()
            return text.replace(b"\0", b"") if isinstance(text, bytes) else text.replace("\0", "")

        plain = set(self.page(rows.usual(3, 5))[1].tags)
        for _ in range(40):
            audit = Audit(account=words(), command=words(), days=pick.choice((0, 90)))
            for i in range(8):
                audit.arn(name(), "ROLE", pick.choice((None, NOW - 3 * DAY)), (name(), name()) if i % 4 == 3 else None)
                for _ in range(0 if i % 4 == 3 else 8):
                    audit.row(name(), name(), pick.choice((None, NOW - pick.randrange(400) * DAY)), pick.choice((None, name())), pick.choice((None, name())))
            data, document = self.page(audit)
            self.assertEqual(document.rows(), told(audit))
            self.assertEqual(document.tags.count("script"), 2)
            self.assertLessEqual(set(document.tags), plain)
            self.assertNotRegex(self.block(data).decode(), r"[<>&\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
            self.assertIn(shown(decoded(audit.account)), document.text["h1."])
            self.assertIn(shown(decoded(audit.account)), document.text["title."])
            self.assertEqual(document.text["code."], shown(decoded(audit.command)))
            data.decode("utf-8")

    def test_what_is_unseen_is_named(self):
        codes = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF and (c < 0x20000 or 0xE0000 <= c < 0xE2000)]
        for i in range(0, len(codes), 40000):
            text = "".join(map(chr, codes[i:i + 40000]))
            audit = Audit(command=text.replace("\0", ""))
            audit.arn(text)
            data, document = self.page(audit)
            self.assertEqual(document.text["code."], shown(audit.command))
            self.assertEqual(document.rows()[0]["arn"], text)
            self.assertFalse([c for c in self.block(data).decode() if is_unseen(ord(c)) and c != "\n"])

    def test_each_text_once(self):
        audit = Audit()
        for i in range(300):
            audit.arn(f"arn:aws:iam::{ACCOUNT}:group/g{i}", "GROUP")
            for j in range(30):
                audit.row(f"service{j}", f"Amazon Service {j}", NOW - i * DAY, f"arn:aws:iam::{ACCOUNT}:user/u{(i + j) % 50}", "eu-west-1", 3)
        data, document = self.page(audit)
        for text in (b'"service7"', b'"Amazon Service 7"', b":user/u7\"", b'"eu-west-1"'):
            self.assertEqual(data.count(text), 1)
        self.assertLess(len(self.block(data)), 32 * len(audit.rows()))
        self.assertEqual(document.rows(), told(audit))

    def test_texts_that_are_alike(self):
        audit = Audit()
        audit.arn("arn:aws:iam::1:role/a")
        for namespace, name in (("ab", "c"), ("a", "bc"), ("abc", ""), ("ab", "c"), ("a", "bc"), ("abc", ""), ("ab", "d"), ("ab", "c")):
            audit.row(namespace, name, NOW - DAY, namespace + name, name or None)
        audit.arn("arn:aws:iam::1:role/ab")
        for entity in ("arn:aws:iam::1:role/a", "arn:aws:iam::1:role/ab", "arn:aws:iam::1:role/abc", "", "a"):
            audit.row("ab", "c", NOW - DAY, entity or None, entity or None)
        self.assertEqual(self.page(audit)[1].rows(), told(audit))

    def test_more_texts_than_are_kept(self):
        """The table of texts is emptied when it is full: by their number, and by their bytes. What was in it is forgotten
        then, also where a new text lies where an old one of its length lay."""
        pick = random.Random(6)
        for length, texts, count in ((5, 12000, 18000), (200, 3000, 30000), (20000, 100, 400)):
            audit = Audit()
            for i in range(count):
                if i % 300 == 0:
                    audit.arn(f"arn:aws:iam::{ACCOUNT}:group/g{i}", "GROUP")
                audit.row(f"s{i % 300}" + "n" * (length // 10), "", NOW - DAY, f"{pick.randrange(texts)}".rjust(length, "e"), f"r{i % 300}")
            self.assertEqual(self.page(audit)[1].rows(), told(audit))

    def test_totals(self):
        audit = rows.usual(200, 60)
        data, document = self.page(audit)
        names = ("arns", "read", "gone", "failed", "young", "all", "used", "unused", "never")
        self.assertEqual({name: total[1] for name, total in totals(data).items()},
                         {name: f"{n:,}" for name, n in zip(names, audit.totals())})
        self.assertEqual(totals(data)["used"][0], "used within 90 days")
        self.assertEqual(totals(data)["unused"][0], "unused for 90 days")
        self.assertIn("last used 90 days ago or longer", document.text["dl.about"])
        self.assertIn("2026-11-27 19:34 UTC", document.text["dl.about"])
        self.assertIn("not within the tracking period", document.text["p.note"])
        self.assertIn("Young ARNs", document.text["p.note"])
        self.assertIn(f"{audit.totals()[9]:,}", document.text["noscript."])
        data, document = self.page(rows.usual(20, 10, days=0))
        self.assertEqual(list(totals(data)), ["all", "used", "never", "arns", "read", "gone", "failed"])
        self.assertNotIn("Young", document.text["p.note"])

    def test_shares(self):
        for used, unused, never, expect in ((1, 0, 0, ["100 %", "0 %", "0 %"]), (0, 0, 0, [""] * 3), (1, 1, 1, ["33 %"] * 3),
                                            (1999, 0, 1, ["99 %", "0 %", "0.1 %"]), (1, 1, 99998, ["0.1 %", "0.1 %", "99 %"]),
                                            (425, 0, 9575, ["4.3 %", "0 %", "96 %"])):
            data = self.maker.lines([rows.line("begin", None, None, 90 * DAY, NOW),
                                     rows.line("end", 1, 1, 0, 0, 0, used + unused + never, used, unused, never, 0)])
            self.assertEqual([totals(data)[n][2] for n in ("used", "unused", "never")], expect)
            bar = [float(w) for w in re.findall(r'<rect [^>]*width="([\d.]+)%"', data.decode())]
            self.assertEqual(len(bar), 3)
            self.assertAlmostEqual(sum(bar), 100 if used else 0, places=1)

    def test_of_the_command(self):
        """The command's own page has the rows of its jsonl, and says what was asked."""
        with cli.Sim("--plain", "--account", "users=5,groups=2,roles=8,policies=4,services=3-12,used=1-6", "--report-date", "now") as sim:
            asked = [cli.binary(), "audit", "--arn", "it's </script> none", "--account", "--endpoint-url", sim.url, "--output"]
            page, lines = (subprocess.run([*asked, output], env=cli.clean(self.maker.folder.name), capture_output=True, check=False)
                           for output in ("html", "jsonl"))
        self.assertEqual((page.returncode, lines.returncode), (1, 1), page.stderr)
        document = Document(page.stdout)
        self.assertEqual(document.text["code."], shlex.join([*asked, "html"]))
        self.assertRegex(document.text["dl.about"], r"When20[2-9]\d-\d\d-\d\d \d\d:\d\d UTC", "though the first ARN is none")
        self.assertEqual(document.tags.count("script"), 2)
        found, wanted = [], [json.loads(line) for line in lines.stdout.splitlines()]
        for entry in document.rows():
            if "error" in entry:
                found.append((entry["arn"], *entry["error"]))
            for (namespace, name), status, days, last, entity, region, total in entry["rows"]:
                found.append((entry["arn"], namespace, name, [None, "used", "unused", "never"][status], last and rows.second(last), entity, region,
                              total or 0))
        self.assertEqual(found, [(r["ReportArn"], r["ErrorCode"], r["ErrorMessage"]) if "ErrorCode" in r else
                                 (r["ReportArn"], r["ServiceNamespace"], r["ServiceName"], r["Status"], re.sub(r"\.\d+", "", r.get("LastAuthenticated", "")) or None,
                                  r.get("LastAuthenticatedEntity"), r.get("LastAuthenticatedRegion"), r.get("TotalAuthenticatedEntities", 0))
                                 for r in wanted])
        self.assertEqual(totals(page.stdout)["all"][1], str(sum("ServiceNamespace" in r for r in wanted)))

    def test_an_audit_that_did_not_end(self):
        audit = rows.usual(5, 5)
        data = self.maker.lines(list(audit.lines())[:-1])
        document = Document(data)
        self.assertIn("The end of this file is not here", document.text["p.cut"])
        self.assertNotIn("section.totals", document.text)
        self.assertEqual(document.tags.count("script"), 1)


if __name__ == "__main__":
    unittest.main()
