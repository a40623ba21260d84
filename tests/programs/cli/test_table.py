#!/usr/bin/python3
"""Tables on a terminal, of any width: no line is wider than it, names are told apart, the last access is counted in the
days that people audit by. Columns are counted by python3-wcwidth, names come from a server that means no good."""

import datetime
import itertools
import re
import sys
import unicodedata
from xml.sax.saxutils import escape

import wcwidth

import cli

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
ACCOUNT = "arn:aws:iam::123456789012:"
WIDTHS = (40, 41, 60, 80, 120, 200)
DAY = 86400
# Paths and names of which many begin and end alike, or are wide, or hold what is not shown as it is.
LONG = "division_abc/subdivision_xyz/" * 4
NAMES = [f"{path}{name}" for path, name in itertools.product(
    ("", "team/", LONG, "aws-service-role/autoscaling.amazonaws.com/"),
    ("build", "Build", "deploy-" + "x" * 57, "deploy-" + "x" * 56 + "y", "\u4e16\u754c" * 16 + "\u4e00", "\u4e16\u754c" * 16 + "\u4e8c",
     "e\u0301" * 30 + "1", "e\u0301" * 30 + "2", "\U0001f469\u200d\U0001f4bb\ufe0f" * 8, "\U0001f469\U0001f4bb" * 8,
     "\u202egpj.exe", "a\tb", "\uff21" * 20, "\u0e01\u0e33" * 20))]
assert len(NAMES) == len(set(NAMES))


def at(seconds):
    """So long ago, as a reply has it."""
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def element(name, value):
    return "" if value is None else f"<{name}>{escape(str(value), {chr(9): '&#9;'})}</{name}>"


def reply(operation, inside):
    return (f'<{operation}Response xmlns="{NAMESPACE}"><{operation}Result>{inside}</{operation}Result>'
            f"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>")


def report(operation, inside):
    return reply(operation, "<JobStatus>COMPLETED</JobStatus><JobCreationDate>2018-10-24T19:47:31Z</JobCreationDate>"
                            f"<JobCompletionDate>2018-10-24T19:47:35Z</JobCompletionDate>{inside}")


def entities(rows):
    """[(kind, path and name, seconds ago or None)]"""
    members = "".join(
        "<member><EntityInfo>" + element("Arn", f"{ACCOUNT}{kind}/{name}") + element("Name", name.split("/")[-1]) +
        element("Type", kind.upper()) + element("Id", "AROAEXAMPLE") + element("Path", "/" + name[:name.rfind("/") + 1]) +
        "</EntityInfo>" + element("LastAuthenticated", None if ago is None else at(ago)) + "</member>"
        for kind, name, ago in rows)
    return report("GetServiceLastAccessedDetailsWithEntities", f"<EntityDetailsList>{members}</EntityDetailsList>")


def services(rows):
    """[(namespace, name, last entity, [action])]"""
    members = "".join(
        "<member>" + element("ServiceName", name) + element("LastAuthenticated", at(DAY)) + element("ServiceNamespace", space) +
        element("LastAuthenticatedEntity", ACCOUNT + "role/" + entity) + element("LastAuthenticatedRegion", "eu-central-1") +
        element("TotalAuthenticatedEntities", 12) + "<TrackedActionsLastAccessed>" +
        "".join("<member>" + element("ActionName", action) + "</member>" for action in actions) +
        "</TrackedActionsLastAccessed></member>" for space, name, entity, actions in rows)
    return report("GetServiceLastAccessedDetails", "<JobType>ACTION_LEVEL</JobType><ServicesLastAccessed>"
                                                   f"{members}</ServicesLastAccessed>")


def resources(operation, kind, names, **more):
    title = kind.capitalize()
    members = "".join(
        "<member>" + element("Path", "/" + name[:name.rfind("/") + 1]) + element(title + "Name", name.split("/")[-1]) +
        element(title + "Id", "AROAEXAMPLEEXAMPLE000") + element("Arn", f"{ACCOUNT}{kind}/{name}") +
        element("CreateDate", at(DAY)) + "".join(element(k, v) for k, v in more.items()) + "</member>" for name in names)
    plural = operation[4:]
    return reply(operation, f"<IsTruncated>false</IsTruncated><{plural}>{members}</{plural}>")


def lines_of(shown):
    """What stands on the terminal, a line each, without colour and progress."""
    return re.sub("\x1b\\[[0-9]*m", "", cli.stays(shown).decode()).split("\n")


class Tables(cli.CliTest):
    options = ("--plain", "--no-verify")

    def rows(self, args, width, n):
        """The table at a width, after what holds for each of them: its n rows."""
        code, shown, _ = self.terminal(*args, "--output", "table", columns=width)
        lines = lines_of(shown)
        self.assertEqual(code, 0, lines)
        for line in lines:
            self.assertGreaterEqual(wcwidth.wcswidth(line), 0, ascii(line))  # nothing in it moves the cursor
            self.assertLessEqual(wcwidth.wcswidth(line), width, line)
            self.assertFalse(any(unicodedata.category(c) in ("Cf", "Cc") or "\ufe00" <= c <= "\ufe0f" for c in line), ascii(line))
        end = lines.index("")
        rows = lines[1:end]
        self.assertEqual((len(rows), len(set(rows))), (n, n), "\n".join(lines))
        return lines[0], rows, lines[end + 1:]

    def test_entities(self):
        """Roles and users that differ in path, type, last letter, or an accent."""
        all_of = [(kind, name, 89 * DAY) for kind in ("role", "user") for name in NAMES]
        self.sim.scenario([{"do": {"body": entities(all_of)}}])
        for width in WIDTHS:
            title, rows, foot = self.rows(cli.ENTITIES, width, len(all_of))
            self.assertTrue(title.split()[0] == "AGO" or width == 200, title)
            self.assertIn("ARNs begin with:", foot)
            self.assertIn(ACCOUNT, foot)
            for row in rows:
                self.assertIn("89 days ago", row)
            self.assertTrue(any(row.endswith("  role/team/build") for row in rows), rows)

    def test_short_names_keep_every_column(self):
        self.sim.scenario([{"do": {"body": entities([("role", "a", DAY), ("user", "team/b", None)])}}])
        title, rows, _ = self.rows(cli.ENTITIES, 60, 2)
        self.assertEqual(title.split(), ["LAST", "ACCESS", "(UTC)", "AGO", "ARN"])
        self.assertRegex(rows[0], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  1 day ago  role/a$")
        self.assertRegex(rows[1], r"^- {20}never {6}user/team/b$")

    def test_services(self):
        """At 80 columns all of a usual list can be read; everywhere an action says whose it is."""
        all_of = [(space, name, entity, ["ListTags", "GetObject" + "y" * 40 + "1", "GetObject" + "y" * 40 + "2"]) for space, name, entity in (
            ("s3", "Amazon S3", "team/build"), ("iam", "AWS Identity and Access Management", "x"),
            ("aws-marketplace-management", "AWS Marketplace Management Portal", LONG + "deploy"),
            ("aws-marketplace-managements", "AWS Marketplace Management Portal", LONG + "deploz"),
            ("\u4e16" * 30 + "a", "\u754c" * 40, "\u4e16" * 60), ("\u4e16" * 30 + "b", "\u754c" * 40, "\u4e16" * 60))]
        self.sim.scenario([{"do": {"body": services(all_of)}}])
        for width in WIDTHS:
            _, rows, _ = self.rows((cli.SERVICES, *cli.OF_JOB), width, 4 * len(all_of))
            self.assertTrue(any(re.search(r" iam +ListTags", row) for row in rows), rows)
        self.sim.scenario([{"do": {"body": services([a for a in all_of if len(a[0]) < 4])}}])
        title, rows, _ = self.rows((cli.SERVICES, *cli.OF_JOB), 80, 8)
        for name in ("AGO", "NAMESPACE", "SERVICE", "LAST ENTITY"):
            self.assertIn(name, title)
        self.assertRegex(rows[0], r"1 day ago +s3 +Amazon S3 +role/team/build")

    def test_lists(self):
        """Of the account, and of policies AWS's own beside them."""
        for command, operation, kind, more in (("list-users", "ListUsers", "user", {"PasswordLastUsed": at(100 * DAY)}),
                                               ("list-groups", "ListGroups", "group", {}), ("list-roles", "ListRoles", "role", {}),
                                               ("list-policies", "ListPolicies", "policy", {"AttachmentCount": 3})):
            self.sim.scenario([{"do": {"body": resources(operation, kind, NAMES, **more)}}])
            for width in WIDTHS:
                self.rows((command,), width, len(NAMES))
        body = resources("ListPolicies", "policy", ["a", "b"], AttachmentCount=3).replace(ACCOUNT + "policy/b", "arn:aws:iam::aws:policy/b")
        self.sim.scenario([{"do": {"body": body}}])
        _, rows, foot = self.rows(("list-policies",), 80, 2)
        self.assertRegex(rows[0], " 3  policy/a$")
        self.assertRegex(rows[1], " 3  aws:policy/b$")
        self.assertEqual([line for line in foot if line.startswith("arn:")], [ACCOUNT, "arn:aws:iam::"])

    def test_widths_that_come_later(self):
        """Rows behind the first hundred are wider than all before them."""
        all_of = [("role", f"r{i}", DAY) for i in range(120)] + [("role", name, 59 * 60) for name in NAMES]
        self.sim.scenario([{"do": {"body": entities(all_of)}}])
        for width in (40, 80):
            self.rows(cli.ENTITIES, width, len(all_of))

    def test_a_pause_cuts_no_name(self):
        """Names that come after a pause have their columns as well: the first rows wait for them, with the progress."""
        more = "<IsTruncated>true</IsTruncated><Marker>m</Marker></GetServiceLastAccessedDetailsWithEntitiesResult>"
        first = entities([("role", "a", DAY)]).replace("</GetServiceLastAccessedDetailsWithEntitiesResult>", more)
        last = entities([("role", "x" * 55, DAY)])
        self.sim.scenario([{"when": {"request": 1}, "do": {"body": first}},
                           {"when": {"request": ">=2"}, "do": {"body": last, "stall": {"part": "head", "seconds": 0.5}}}])
        title, rows, _ = self.rows((*cli.ENTITIES, "--all", "--no-progress"), 80, 2)
        self.assertEqual(title.split(), ["AGO", "ARN"])
        self.assertTrue(rows[1].endswith("role/" + "x" * 55), rows)

    def test_what_width_counts(self):
        """COLUMNS goes before what the terminal says, as POSIX has it; a terminal that does not know has 80; into a file
        or a pipe nothing is cut."""
        self.sim.scenario([{"do": {"body": entities([("role", name, DAY) for name in NAMES])}}])
        for columns, variables, want in ((80, {"COLUMNS": "50"}, 50), (0, {"COLUMNS": "60"}, 60), (0, {}, 80), (80, {"COLUMNS": "x"}, 80),
                                         (80, {"COLUMNS": "0"}, 80), (80, {"COLUMNS": ""}, 80), (50, {"COLUMNS": "100"}, 100)):
            _, shown, _ = self.terminal(*cli.ENTITIES, "--output", "table", columns=columns, **variables)
            self.assertIn(max(map(wcwidth.wcswidth, lines_of(shown))), (want, want - 1), (columns, variables))
        run = self.run_(*cli.ENTITIES, "--output", "table", COLUMNS="40")
        for name in NAMES:
            if name.isascii() and "\t" not in name:
                self.assertIn(f" {ACCOUNT}role/{name}\n", run.out.decode())
        self.assertNotIn("~", run.out.decode())

    def test_ago(self):
        """Days up to 400: 89, 90 and 91 are not the same to who audits by 90 of them."""
        hour = 3600
        for seconds, want in ((10, "just now"), (90, "1 minute ago"), (59 * 60 + 5, "59 minutes ago"), (hour + 5, "1 hour ago"),
                              (23 * hour + 5, "23 hours ago"), (DAY + hour, "1 day ago"), (59 * DAY + hour, "59 days ago"),
                              (60 * DAY + hour, "60 days ago"), (89 * DAY + hour, "89 days ago"), (90 * DAY + hour, "90 days ago"),
                              (91 * DAY + hour, "91 days ago"), (365 * DAY + hour, "365 days ago"), (400 * DAY + hour, "400 days ago"),
                              (401 * DAY + hour, "13 months ago"), (700 * DAY, "22 months ago"), (731 * DAY, "2 years ago"),
                              (-hour, "in the future"), (-400 * DAY, "in the future"), (None, "never")):
            def go(seconds=seconds):
                self.sim.scenario([{"do": {"body": entities([("role", "a", seconds)])}}])
                return self.run_(*cli.ENTITIES, "--output", "table")

            self.assertRegex(self.within(25, go).out.decode(), f"  {want} +ROLE")


class Audits(cli.CliTest):
    """The same of audits: an account whose names begin and end alike."""

    options = ("--plain", "--account", "users=3,groups=1,roles=3,policies=3,services=8,used=5,entities=4", "--report-date", "now")

    def test_widths(self):
        arns = [ACCOUNT + f"{kind}/{LONG}same-name" for kind in ("role", "user")]
        for kind in ("services", "entities", "actions", "grants"):
            for width in WIDTHS:
                code, shown, _ = self.terminal("audit", "--account", "--rows", kind, "--output", "table", "--no-progress",
                                               *(word for arn in arns for word in ("--arn", arn)), columns=width)
                self.assertEqual(code, 1)  # the two are not there
                table = [line for line in lines_of(shown) if not line.startswith(("tinyiam: ", '"Never"'))]
                rows = table[1:table.index("")]
                self.assertEqual(len(rows), len(set(rows)), "\n".join(table))
                for line in table[:table.index(ACCOUNT) + 1]:
                    self.assertLessEqual(wcwidth.wcswidth(line), width, line)


if __name__ == "__main__":
    sys.exit(cli.main())
