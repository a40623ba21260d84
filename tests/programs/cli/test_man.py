#!/usr/bin/python3
"""The man page: it renders without a warning, and the columns that it tells are those that are printed."""

import csv
import io
import json
import os
import re
import subprocess

import cli

PAGE = os.path.join(cli.ROOT, "platform", "host", "tinyiam.1")


def page():
    with open(PAGE, encoding="utf-8") as f:
        return f.read()


class Man(cli.CliTest):
    options = None

    def shell(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "HOME": self.home})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_renders(self):
        text = re.sub(r".\x08", "", self.shell("man", "--warnings", "-l", PAGE))
        for name in ("NAME", "SYNOPSIS", "DESCRIPTION", "COLUMNS", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
            self.assertRegex(text, f"(?m)^{name}$")
        self.assertEqual(self.shell("mandoc", "-Tlint", "-Wwarning", PAGE), "")

    def test_cron(self):
        """It is the line of AUDIT.md, which is tried there."""
        with open(os.path.join(cli.ROOT, "platform", "host", "AUDIT.md"), encoding="utf-8") as f:
            line = re.search(r"^0 6 .*audit.*$", f.read(), re.M)[0]
        here = re.search(r"^0 6 (?:.*\\e\n)+.*", page(), re.M)[0].replace("\\e\n", " ")
        self.assertEqual(here.split(), line.split())



class Columns(cli.CliTest):
    """What the section COLUMNS says of a command is what it prints, every column of it."""
    options = ("--plain", "--entities", "30")
    job = (cli.SERVICES, *cli.OF_JOB, "--all")

    def told(self, item):
        """csv's columns, and the table's."""
        section = page().split(".Sh COLUMNS\n")[1].split("\n.Sh ")[0]
        text = re.search(rf"^\.It Cm (?:\S+ , )?{item}(?: ,.*)?\n((?:(?!\.It|\.El).*\n)+)", section, re.M)[1]
        first, table = text.split(".Pp\nIn a table")
        names = " ".join(first.split(".")[0].split()).split(", ")
        table = " ".join(table.replace(", which has a row for each ARN,", "").split(".")[0].split()).split(", ")
        self.assertGreater(len(names), 4)
        return names, table

    def out(self, *words):
        run = self.run_(*words, COLUMNS="1000")
        self.assertIn(run.code, (0, 1), run)
        return run.out.decode()

    def holds(self, item, *words):
        names, table = self.told(item)
        self.assertEqual(next(csv.reader(io.StringIO(self.out(*words, "--output", "csv")))), names)
        self.assertEqual(re.split(r"  +", self.out(*words, "--output", "table").split("\n")[0].strip()), table)
        for line in self.out(*words, "--output", "jsonl").splitlines():
            row = json.loads(line)
            actions = row.pop("TrackedActionsLastAccessed", [])
            self.assertLessEqual({*row, *(name for action in actions for name in action)}, set(names))

    def test_reports(self):
        for item in ("entities", cli.PAGE):
            self.holds(item, *cli.ENTITIES, "--all")
        self.holds(cli.SERVICES, *self.job)


class Lists(Columns):
    options = ("--plain", "--account", "users=3,groups=2,roles=3,policies=3")

    def test_reports(self):
        for item in ("list-users", "list-groups", "list-roles", "list-policies"):
            self.holds(item, item)
        for rows in ("services", "entities", "actions", "grants"):
            self.holds(f"audit --rows {rows}", "audit", "--account", "--rows", rows)



if __name__ == "__main__":
    cli.main()
