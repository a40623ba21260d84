"""What an audit must come to, by the account that the simulator has made (--print-account)."""

import datetime
import json
import re
import time

import cli
from cli import CliTest

DAY = 86400
COLUMNS = {
    "services": ["ReportArn", "ReportType", "CreateDate", "ServiceNamespace", "ServiceName", "Status",
                 "LastAuthenticated", "DaysAgo", "LastAuthenticatedEntity", "LastAuthenticatedRegion",
                 "TotalAuthenticatedEntities", "ErrorCode", "ErrorMessage"],
    "entities": ["ReportArn", "ReportType", "ServiceNamespace", "Status", "DaysAgo", "Arn", "Name", "Type", "Id",
                 "Path", "LastAuthenticated", "ErrorCode", "ErrorMessage"],
    "actions": ["ReportArn", "ReportType", "ServiceNamespace", "ActionName", "Status", "LastAccessedTime", "DaysAgo",
                "LastAccessedEntity", "LastAccessedRegion", "ErrorCode", "ErrorMessage"],
    "grants": ["ReportArn", "ReportType", "ServiceNamespace", "Status", "DaysAgo", "PolicyName", "PolicyType",
               "PolicyArn", "EntityType", "EntityName", "ErrorCode", "ErrorMessage"]}


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def as_json(text):
    """A date as the command prints it."""
    if text is None:
        return None
    when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return when.isoformat()


def dates(value):
    """Seconds of every date in it."""
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from dates(inner)
    elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        yield seconds(value)


def status(last, days, now):
    if last is None:
        return "never"
    return "unused" if days and now - seconds(last) >= days * DAY else "used"


class Oracle:
    """Rows of an account, as dicts without what is absent; DaysAgo and Status by a clock that is given."""

    def __init__(self, account, now, days=0):
        self.account, self.now, self.days = account, now, days

    def young(self, item):
        return self.days and self.now - seconds(item["CreateDate"]) < self.days * DAY

    def judged(self, row, last, name):
        row["Status"] = status(last, self.days, self.now)
        if last is not None:
            row[name] = as_json(last)
            row["DaysAgo"] = int((self.now - seconds(last)) // DAY)
        return row

    def services(self, item):
        for s in item["Services"]:
            row = {"ReportArn": item["Arn"], "ReportType": item["Type"], "CreateDate": as_json(item["CreateDate"]),
                   "ServiceNamespace": s["ServiceNamespace"]}
            for name in ("ServiceName", "LastAuthenticatedEntity", "LastAuthenticatedRegion",
                         "TotalAuthenticatedEntities"):
                if name in s:
                    row[name] = s[name]
            yield self.judged(row, s.get("LastAuthenticated"), "LastAuthenticated")

    def entities(self, item):
        for s in item["Services"]:
            if not s["TotalAuthenticatedEntities"]:
                continue
            for e in s["Entities"]:
                row = {"ReportArn": item["Arn"], "ReportType": item["Type"], "ServiceNamespace": s["ServiceNamespace"],
                       **{name: e[name] for name in ("Arn", "Name", "Type", "Id", "Path") if name in e}}
                yield self.judged(row, e.get("LastAuthenticated"), "LastAuthenticated")

    def grants(self, item):
        if item["Type"] == "POLICY":
            return
        for s in item["Services"]:
            last = s.get("LastAuthenticated")
            if status(last, self.days, self.now) == "used":
                continue
            row = self.judged({"ReportArn": item["Arn"], "ReportType": item["Type"],
                               "ServiceNamespace": s["ServiceNamespace"]}, last, "")
            row.pop("", None)
            for grant in s["Grants"] or [{}]:
                yield {**row, **grant}

    def rows(self, kind, arns=None, namespaces=None):
        by_arn = {item["Arn"]: item for item in self.account}
        out = []
        for arn in arns or by_arn:
            item = by_arn[arn]
            if self.young(item):
                continue
            for row in getattr(self, kind)(item):
                if namespaces and row["ServiceNamespace"] not in namespaces:
                    continue
                if kind != "grants" and self.days and row["Status"] == "used":
                    continue
                out.append(row)
        return out


class AuditTest(CliTest):
    """A simulator with an account, and the command's audit of it."""

    sizes = "users=6,groups=2,roles=7,policies=5,services=5-9,used=4"
    options = ("--plain", "--account", sizes, "--report-date", "now", "--page-size", "50")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.sim.account()
        cls.own = [i for i in cls.account if "::aws:" not in i["Arn"]]
        cls.dates = sorted(set(dates(cls.account)))

    def arns(self, *kinds):
        return [i["Arn"] for i in self.own if not kinds or i["Type"] in kinds]

    def listing(self, arns, name="arns.txt"):
        with open(f"{self.home}/{name}", "w", encoding="utf-8") as f:
            f.writelines(f"{arn}\n" for arn in arns)
        return f"@{self.home}/{name}"

    def days(self):
        """How many days ago each date of the account is."""
        now = time.time()
        return [(now - date) // DAY for date in self.dates]

    def run_(self, *args, **extra):
        """As it is; an audit not when a date is about to be a day older, which it and its oracle would see from two sides."""
        now = time.time()
        left = min(((date - now) % DAY for date in self.dates), default=DAY)
        if args[0] == "audit" and left < 20:
            time.sleep(left + 0.1)
        return super().run_(*args, **extra)

    def audit(self, *args, **extra):
        return self.run_("audit", "--output", "jsonl", *args, **extra)

    def rows_of(self, run):
        return [json.loads(line) for line in run.out.decode().splitlines()]

    def now(self):
        """The simulator's clock."""
        return datetime.datetime.now(datetime.timezone.utc).timestamp()

    def assertRows(self, run, want, code=0):
        self.assertCode(run, code)
        have = self.rows_of(run)
        for row in have:
            if "CreateDate" in row and not any("CreateDate" in w for w in want):
                del row["CreateDate"]
        self.assertEqual(len(have), len(want), run)
        for h, w in zip(have, want):
            self.assertEqual(h, w, run)


def main():
    cli.main()
