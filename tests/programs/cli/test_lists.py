#!/usr/bin/python3
"""list-users, list-groups, list-roles, list-policies against the AWS CLI, on the same account: bytes for the
members that are kept, pages, tokens, exit codes."""

import base64
import csv
import io
import json
import unittest

from ruamel.yaml import YAML

import cli

# What is kept of each list's members; sorted, it is the order of --output text.
KEPT = {
    "list-users": ("Users", ("Path", "UserName", "UserId", "Arn", "CreateDate", "PasswordLastUsed")),
    "list-groups": ("Groups", ("Path", "GroupName", "GroupId", "Arn", "CreateDate")),
    "list-roles": ("Roles", ("Path", "RoleName", "RoleId", "Arn", "CreateDate")),
    "list-policies": ("Policies", ("PolicyName", "PolicyId", "Arn", "Path", "AttachmentCount", "CreateDate")),
}


def kept(command, document):
    """The AWS CLI's JSON without the members that are not kept."""
    name, members = KEPT[command]
    document[name] = [{k: v for k, v in item.items() if k in members} for item in document[name]]
    return document


class Lists(cli.CliTest):
    options = ("--plain", "--account", "users=23,groups=5,roles=12,policies=9", "--page-size", "7",
               "--marker-style", "latin1")

    def same(self, command, *args, code=0):
        """Both print the same JSON, byte for byte, and the same rows of text; the document."""
        theirs, ours = self.aws(command, *args), self.run_(command, *args)
        self.assertCode(theirs, code)
        self.assertCode(ours, code)
        if code:
            words = theirs.err.strip().split(b"operation: ")[0].removeprefix(b"aws: [ERROR]: ")
            self.assertTrue(ours.err.startswith(cli.ERROR + words), (theirs, ours))
            return None
        document = kept(command, json.loads(theirs.out))
        self.assertEqual(ours.out.decode(), json.dumps(document, indent=4, ensure_ascii=False) + "\n")
        return document

    def text(self, command, *args):
        """Their --output text, each row cut down to the columns that are kept."""
        name, members = KEPT[command]
        theirs = self.aws(command, *args, "--output", "text")
        ours = self.run_(command, *args, "--output", "text")
        self.assertCode(theirs, 0)
        self.assertCode(ours, 0)
        every = json.loads(self.aws(command, *args).out)
        columns = sorted({k for item in every[name] for k, v in item.items() if not isinstance(v, (dict, list))})
        want = []
        for line in theirs.out.decode().splitlines():
            cells = line.split("\t")
            if cells[0] == name.upper():
                want.append("\t".join([cells[0], *(v for k, v in zip(columns, cells[1:], strict=True) if k in members)]))
            elif cells[0] in ("NEXTTOKEN", "True", "False"):
                want.append(line)
        self.assertEqual(ours.out.decode().splitlines(), want)

    def yaml(self, command, *args):
        """yaml has what json has; yaml-stream has each page, which theirs are cut down to the members that are kept."""
        ours = self.run_(command, *args, "--output", "yaml")
        self.assertCode(ours, 0)
        self.assertEqual(ours.out, cli.yaml(json.loads(self.run_(command, *args).out)))
        theirs, ours = (run(command, *args, "--output", "yaml-stream") for run in (self.aws, self.run_))
        self.assertCode(theirs, 0)
        self.assertCode(ours, 0)
        pages = YAML(typ="safe").load(theirs.out)
        self.assertEqual(ours.out, b"".join(cli.yaml([kept(command, page)]) for page in pages))
        return ours

    def test_yaml(self):
        for command in KEPT:
            self.yaml(command, "--page-size", "3", "--max-items", "4")
        self.yaml("list-groups", "--no-paginate", "--max-items", "3")
        self.yaml("list-roles", "--path-prefix", "/nobody/")
        for size, n in ((3, 0), (7, 7), (9, 1000)):
            args = ("list-users", "--page-size", str(size), "--max-items", str(n))
            token = json.loads(self.run_(*args).out).get("NextToken")
            self.assertEqual(self.yaml(*args).err, f"tinyiam: There are more: go on with --starting-token '{token}'\n".encode() if token
                             else b"")
        token = json.loads(self.run_("list-users", "--page-size", "3", "--max-items", "4").out)["NextToken"]
        self.yaml("list-users", "--page-size", "2", "--starting-token", token, "--max-items", "4")

    def test_every_page(self):
        for command, (name, _) in KEPT.items():
            with self.subTest(command):
                document = self.same(command)
                self.assertGreater(len(document[name]), 4)
                self.text(command)
                self.assertEqual(self.run_(command, "--all").out, self.run_(command).out)
                self.assertEqual(self.run_("iam", command).out, self.run_(command).out)

    def test_page_size(self):
        self.same("list-users", "--page-size", "3")
        self.text("list-groups", "--page-size", "2")
        every = json.loads(self.run_("list-users").out)["Users"]
        self.assertIn(5, map(len, every))  # somebody has no password
        want = "".join("\t".join(["USERS", *(user[k] for k in sorted(user))]) + "\n" for user in every)
        for run in (self.run_, self.aws):  # --output text has columns of their own for each page
            self.assertEqual(run("list-users", "--page-size", "1", "--output", "text").out.decode(), want)
        self.sim.clear()
        self.assertCode(self.run_("list-users", "--page-size", "3"), 0)
        self.assertEqual({r["params"].get("MaxItems") for r in self.sim.requests()}, {"3"})

    def test_filters(self):
        for args in (("--path-prefix", "/nobody/"), ("--path-prefix", "/"), ("--path-prefix", "/service-role/")):
            for command in KEPT:
                self.same(command, *args)
        for args in (("--scope", "All"), ("--scope", "AWS"), ("--scope", "Local", "--only-attached"),
                     ("--no-only-attached",), ("--policy-usage-filter", "PermissionsBoundary"),
                     ("--policy-usage-filter", "PermissionsPolicy", "--scope", "Local", "--path-prefix", "/")):
            self.same("list-policies", *args)

    def test_a_total(self):
        """--max-items cuts the list short, wherever that is; NextToken is theirs."""
        for n in (0, 1, 6, 7, 8, 14, 22, 23, 24, 1000):
            document = self.same("list-users", "--max-items", str(n))
            self.assertEqual(len(document["Users"]), min(n, 23))
            self.assertEqual("NextToken" in document, n < 23)
        self.text("list-users", "--max-items", "5")
        self.text("list-policies", "--max-items", "7", "--scope", "All")
        self.same("list-roles", "--max-items", "4", "--page-size", "3")

    def test_tokens(self):
        """A list is read in pieces, by either program with the other's tokens: nothing twice, nothing missing."""
        whole = json.loads(self.run_("list-users").out)["Users"]
        for step, size in ((1, 4), (3, 7), (7, 7), (5, 2)):
            items, token, turn = [], None, 0
            while turn == 0 or token:
                args = ["--max-items", str(step), "--page-size", str(size), *(["--starting-token", token] if token else [])]
                document = self.same("list-users", *args) if turn < 3 else json.loads(self.run_("list-users", *args).out)
                items += document["Users"]
                token, turn = document.get("NextToken"), turn + 1
            self.assertEqual(items, whole)

    def test_other_tokens(self):
        """A Marker as it is, one with a number behind it, and what is neither."""
        page = json.loads(self.run_("list-users", "--no-paginate", "--max-items", "4").out)
        for token in (page["Marker"], page["Marker"] + "___2", "None___3", "None",
                      base64.b64encode(json.dumps({"boto_truncate_amount": 2, "Marker": page["Marker"]}).encode()).decode(),
                      base64.b64encode(json.dumps({"Marker": None, "boto_truncate_amount": 900}).encode()).decode()):
            self.same("list-users", f"--starting-token={token}", "--max-items", "3")
        for token in ("x", "eyJ9", "====", base64.b64encode(b'{"Marker": 5}').decode()):
            self.assertCode(self.run_("list-users", "--starting-token", token), 254)
        self.assertCode(self.run_("list-users", "--starting-token", "x" * 3000), 252)

    def test_by_hand(self):
        document = self.same("list-users", "--no-paginate")
        self.assertTrue(document["IsTruncated"])
        self.text("list-users", "--no-paginate")
        page = self.same("list-users", "--no-paginate", "--max-items", "3")
        self.assertEqual(len(page["Users"]), 3)
        self.same("list-users", f"--marker={page['Marker']}", "--max-items", "2")
        for args in (("--page-size", "2"), ("--starting-token", "x"), ("--starting-token", "x", "--page-size", "2")):
            theirs = self.aws("list-users", "--no-paginate", *args)
            ours = self.run_("list-users", "--no-paginate", *args)
            self.assertCode(theirs, 252)
            self.assertCode(ours, 252)
            self.assertIn(theirs.err.strip(), ours.err)

    def test_limits(self):
        """They are the model's; what the AWS CLI leaves to the service (maximum, words) is refused here."""
        for args, words in ((("--page-size", "0"), b"Invalid value for parameter MaxItems, value: 0, valid min value: 1"),
                            (("--path-prefix", ""), b"Invalid length for parameter PathPrefix, value: 0, valid min length: 1")):
            theirs, ours = self.aws("list-users", *args), self.run_("list-users", *args)
            self.assertCode(theirs, 252)
            self.assertCode(ours, 252)
            self.assertIn(words, theirs.err)
            self.assertIn(words, ours.err.replace(b"\\n", b"\n"))
        for args, word in ((("--page-size", "1001"), b"MaxItems"), (("--max-items", "-1"), b"MaxItems"),
                           (("--no-paginate", "--max-items", "1001"), b"MaxItems"),
                           (("--scope", "Some"), b"All, AWS, Local"), (("--policy-usage-filter", ""), b"PermissionsBoundary"),
                           (("--only-attached", "--no-only-attached"), b"not allowed with argument --only-attached"),
                           (("--path-prefix", "x" * 513), b"PathPrefix"), (("--arn", cli.ARN), b"--arn belongs to"),
                           (("--wait",), b"--wait belongs to")):
            ours = self.run_("list-policies", *args)
            self.assertCode(ours, 252)
            self.assertIn(word, ours.err)
        ours = self.run_("list-users", "--scope", "All")
        self.assertCode(ours, 252)
        self.assertIn(b"--scope belongs to list-policies", ours.err)

    def test_errors(self):
        denied = {"status": 403, "code": "AccessDenied", "message": "no"}
        self.rules(denied)
        self.same("list-users", code=254)
        self.assertIn(b"iam:ListUsers", self.run_("list-users").err)
        self.sim.scenario([{"when": {"request": 3}, "do": denied}])
        self.sim.clear()
        ours = self.run_("list-users", "--page-size", "5")
        self.assertCode(ours, 254)
        with self.assertRaises(ValueError):
            json.loads(ours.out)

    def test_rows(self):
        """jsonl and csv have what json has; who stops is told where to go on."""
        for command, (name, members) in KEPT.items():
            items = json.loads(self.run_(command).out)[name]
            lines = self.run_(command, "--output", "jsonl").out.decode().splitlines()
            self.assertEqual([json.loads(line) for line in lines], items)
            self.assertEqual(list(json.loads(lines[0])), [k for k in members if k in items[0]])
            rows = list(csv.DictReader(io.StringIO(self.run_(command, "--output", "csv").out.decode(), newline="")))
            self.assertEqual([{k: v for k, v in row.items() if v} for row in rows],
                             [{k: str(v) for k, v in item.items()} for item in items])
            self.assertEqual(set(rows[0]), set(members))
            table = self.run_(command, "--output", "table").out.decode()
            self.assertIn(f"\n{len(items)} {name.lower()}\n", table)
            for item in items:
                self.assertIn(item["Arn"], table)
        self.assertEqual(self.run_("list-users", "--path-prefix", "/nobody/", "--output", "csv").out,
                         b"Arn,UserName,UserId,Path,CreateDate,PasswordLastUsed\r\n")
        self.assertEqual(self.run_("list-users", "--path-prefix", "/nobody/", "--output", "table").out, b"0 users\n")
        token = json.loads(self.run_("list-users", "--max-items", "2").out)["NextToken"].encode()
        for form in ("jsonl", "csv"):
            self.assertIn(b"--starting-token '" + token, self.run_("list-users", "--max-items", "2", "--output", form).err)
        self.assertIn(token, self.run_("list-users", "--max-items", "2", "--output", "table").out)

    def test_help(self):
        for command, (_, members) in KEPT.items():
            text = self.run_(command, "--help").out.decode()
            for word in (*members, "--max-items", "--starting-token", "--page-size", "--path-prefix", "--no-paginate"):
                self.assertIn(word, text)
            self.assertEqual("--only-attached" in text, command == "list-policies")
            self.assertIn(command, self.run_("--help").out.decode())
            self.assertIn(command.encode(), self.run_("--complete", "zsh", "tinyiam", "li").out)
        self.assertEqual(self.run_("--complete", "fish", "tinyiam", "list-policies", "--policy-usage-filter", "").out.split(),
                         [b"PermissionsPolicy", b"PermissionsBoundary"])


class OtherMarkers(Lists):
    """The same with Markers of plain letters and pages of the service's own size."""
    options = ("--plain", "--account", "users=150,groups=101,roles=120,policies=100")

    def test_every_page(self):
        for command in KEPT:
            self.same(command)
            self.text(command)

    def test_a_total(self):
        for n in ("99", "100", "101", "149", "150"):
            self.same("list-users", "--max-items", n)

    def test_tokens(self):
        document = self.same("list-users", "--max-items", "120")
        rest = self.same("list-users", "--starting-token", document["NextToken"])
        self.assertEqual(document["Users"] + rest["Users"], json.loads(self.run_("list-users").out)["Users"])

    test_page_size = test_filters = test_other_tokens = test_by_hand = test_limits = test_errors = test_rows = None
    test_help = None


if __name__ == "__main__":
    cli.main()
