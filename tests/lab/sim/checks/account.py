"""Accounts: their data, their lists, their reports, the bucket; boto3 and the AWS CLI as judges."""

import collections
import concurrent.futures
import json
import os
import re
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import xml.etree.ElementTree

from iamsim import account, faults, model, report
from iamsim.jobs import Job

from .base import ENTITIES, FOLDER, Link, Sim, SimCase, STATE, ask, documented_scenarios
from .sdk import aws, available
from .service import pages, unescape

GENERATE, SERVICES, GRANTS = model.GENERATE, model.SERVICES, model.GRANTS
SIZES = "users=12,groups=3,roles=13,policies=9,services=6-20,used=4"
DATE = report.EXAMPLE_DATE
KINDS = {"USER": ("Users", "UserName"), "GROUP": ("Groups", "GroupName"),
         "ROLE": ("Roles", "RoleName"), "POLICY": ("Policies", "PolicyName")}


def made(sizes=SIZES):
    return account.parse(sizes, 1, DATE)


def params(action, **more):
    return {"Action": action, "JobId": None, "ServiceNamespace": None, **more}


class Data(unittest.TestCase):
    def test_sizes_are_those_asked_for(self):
        lines = list(made("users=40,groups=5,roles=60,policies=30,services=20,used=10").describe())
        count = collections.Counter(line["Type"] for line in lines if "::aws:" not in line["Arn"])
        self.assertEqual(count, {"USER": 40, "GROUP": 5, "ROLE": 60, "POLICY": 30})
        self.assertEqual({len(line["Services"]) for line in lines}, {20})
        for line in lines:
            if line["Type"] in ("USER", "ROLE"):
                totals = [s["TotalAuthenticatedEntities"] for s in line["Services"]]
                self.assertEqual(sorted(totals), [0] * 10 + [1] * 10)
        self.assertGreater(len({json.dumps([s["ServiceNamespace"] for s in line["Services"]])
                                for line in lines}), 40)

    def test_made_entities_are_as_many_as_asked_for(self):
        for line in made("policies=6,groups=2,services=5,used=3,entities=7").describe():
            totals = [s["TotalAuthenticatedEntities"] for s in line["Services"]]
            self.assertEqual(sorted(totals), [0, 0, 7, 7, 7])
            for service in line["Services"]:
                self.assertEqual(sum("LastAuthenticated" in e for e in service["Entities"]),
                                 service["TotalAuthenticatedEntities"])

    def test_dates_and_counts_agree(self):
        whole = made("users=60,groups=6,roles=60,policies=12")
        lines = list(whole.describe())
        at = report.iso(DATE // 1000)
        young = report.iso(DATE // 1000 - 90 * 86400)
        self.assertTrue(5 < sum(line["CreateDate"] > young for line in lines) < 60)
        uses = collections.Counter()
        for line in lines:
            own = line["Type"] in ("USER", "ROLE")
            self.assertLess(line["CreateDate"], at)
            self.assertTrue(line["CreateDate"] < line.get("PasswordLastUsed", at) <= at)
            for service in line["Services"]:
                dates = [e["LastAuthenticated"] for e in service["Entities"]
                         if "LastAuthenticated" in e]
                self.assertEqual(len(dates), service["TotalAuthenticatedEntities"])
                self.assertEqual(service.get("LastAuthenticated"), dates[0] if dates else None)
                self.assertEqual([d[:19] for d in dates], sorted((d[:19] for d in dates),
                                                                 reverse=True))
                for date in dates:
                    self.assertTrue(date < at and (not own or date > line["CreateDate"]))
            granted = {g["PolicyArn"] for s in line["Services"] for g in s.get("Grants", ())
                       if "PolicyArn" in g}
            item = whole.find(line["Arn"])
            if not item.groups:
                uses.update(granted)
        sets = {line["Arn"]: {s["ServiceNamespace"] for s in line["Services"]} for line in lines}
        without, kinds = 0, set()
        for line in lines:
            for service in line["Services"]:
                without += line["Type"] != "POLICY" and not service["Grants"]
                for grant in service.get("Grants", ()):
                    kinds.add((grant["PolicyType"], grant.get("EntityType")))
                    if "PolicyArn" in grant:
                        self.assertIn(service["ServiceNamespace"], sets[grant["PolicyArn"]])
        self.assertEqual(kinds, {("MANAGED", None), ("INLINE", "USER"), ("INLINE", "ROLE"),
                                 ("INLINE", "GROUP")})
        self.assertGreater(without, 0)
        for line in lines:
            if line["Type"] == "POLICY":
                self.assertGreaterEqual(line["AttachmentCount"], uses[line["Arn"]])
        self.assertTrue(any(line["Path"].startswith("/aws-service-role/") for line in lines
                            if line["Type"] == "ROLE"))

    def test_what_was_printed_can_be_read_again(self):
        lines = list(made().describe())
        again = account.from_json(json.loads(json.dumps(lines)), 1, DATE)
        self.assertEqual(list(again.describe()), lines)
        few = account.from_json([{"Arn": "arn:aws:iam::123456789012:role/team/a", "Services": [
            {"ServiceNamespace": "s3", "LastAuthenticated": "2018-10-01T00:00:00Z"},
            {"ServiceNamespace": "ec2"}]}], 1, DATE)
        line = next(few.describe())
        self.assertEqual([(s["ServiceNamespace"], s["TotalAuthenticatedEntities"])
                          for s in line["Services"]], [("ec2", 0), ("s3", 1)])
        self.assertEqual((line["Path"], line["Name"]), ("/team/", "a"))
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            f.write('{"roles": 3, "services": "2-4"}')
            f.flush()
            self.assertEqual(list(made(f.name).describe()),
                             list(made("roles=3,services=2-4").describe()))

    def test_seeds_differ_and_repeat(self):
        self.assertEqual(list(made().describe()), list(made().describe()))
        self.assertNotEqual(list(made().describe()),
                            list(account.parse(SIZES, 2, DATE).describe()))

    def test_mistakes_are_named(self):
        for value, text in (({"user": 3}, "none of users"), ({"users": "x"}, "not a number"),
                            ({"services": "9-3"}, "no range"), ({"users": "1-2"}, "not a number"),
                            ({"entities": 0}, "at least 1"), ([], "no ARN"), ([5], "objects"),
                            ([{"Arn": "arn:aws:s3:::a"}], "not the ARN"),
                            ([{"Arn": "arn:aws:iam::123456789012:user/<a>"}], "not the ARN"),
                            ([{"Arn": "arn:aws:iam::123456789012:user/a", "Services": [{}]}],
                             "'ServiceNamespace'"),
                            ([{"Arn": "arn:aws:iam::123456789012:user/a", "Services": ["s3"]}],
                             "as --print-account"),
                            ([{"Arn": "arn:aws:iam::123456789012:user/a", "Services": [
                                {"ServiceNamespace": "s3", "LastAuthenticated": "today"}]}],
                             "not a date"),
                            ([{"Arn": "arn:aws:iam::123456789012:user/a"}] * 2, "twice"),
                            ([{"Arn": "arn:aws:iam::123456789012:user/a", "CreateDate": "x"}],
                             "not a date")):
            with self.subTest(text), self.assertRaisesRegex(ValueError, text):
                account.from_json(value, 1, DATE)


class Buckets(unittest.TestCase):
    def test_rate_and_burst(self):
        now = [100.0]
        bucket = faults.Bucket(5, 15, lambda: now[0])
        self.assertEqual([bucket.take() for _ in range(17)], [True] * 15 + [False] * 2)
        now[0] += 0.4
        self.assertEqual([bucket.take() for _ in range(3)], [True, True, False])
        now[0] += 1000
        self.assertEqual(sum(bucket.take() for _ in range(40)), 15)


class Lists(SimCase):
    OPTIONS = ("--account", SIZES, "--marker-style", "latin1")
    LINES = [json.loads(json.dumps(line)) for line in made().describe()]

    def of(self, kind):
        return [line for line in self.LINES if line["Type"] == kind]

    def arns(self, action, **more):
        return [unescape(a) for page in pages(self.sim, **params(action, **more))
                for a in re.findall(r"<Arn>(.*?)</Arn>", page.text)]

    def test_every_list_is_the_account(self):
        for action, kind in (("ListUsers", "USER"), ("ListGroups", "GROUP"),
                             ("ListRoles", "ROLE"), ("ListPolicies", "POLICY")):
            for size in ("1", "7", "1000"):
                self.assertEqual(self.arns(action, MaxItems=size),
                                 [line["Arn"] for line in self.of(kind)])

    def test_filters(self):
        policies = self.of("POLICY")
        for given, wanted in (
                ({"Scope": "AWS"}, lambda p: "::aws:" in p["Arn"]),
                ({"Scope": "Local"}, lambda p: "::aws:" not in p["Arn"]),
                ({"Scope": "All", "OnlyAttached": "false"}, lambda p: True),
                ({"OnlyAttached": "true"}, lambda p: p["AttachmentCount"]),
                ({"PolicyUsageFilter": "PermissionsBoundary"},
                 lambda p: p["PermissionsBoundaryUsageCount"]),
                ({"PathPrefix": "/aws-service-role/"},
                 lambda p: p["Path"].startswith("/aws-service-role/"))):
            found = self.arns("ListPolicies", **given)
            self.assertEqual(found, [p["Arn"] for p in policies if wanted(p)], given)
            self.assertTrue(found)
        linked = [r["Arn"] for r in self.of("ROLE") if r["Path"].startswith("/aws-service")]
        self.assertEqual(self.arns("ListRoles", PathPrefix="/aws-service"), linked)
        self.assertEqual(self.arns("ListGroups", PathPrefix="/none/"), [])

    def test_bad_parameters(self):
        arn = self.of("USER")[0]["Arn"]
        one = "ServiceNamespaces.member.1"
        for given, text in (
                (params("ListUsers", MaxItems="0"), "greater than or equal to 1"),
                (params("ListUsers", MaxItems="1001"), "less than or equal to 1000"),
                (params("ListUsers", PathPrefix="a"), "pattern"),
                (params("ListUsers", Scope="All"), "not a parameter"),
                (params("ListPolicies", Scope="all"), "enum value set: [All, AWS, Local]"),
                (params("ListPolicies", OnlyAttached="yes"), "true or false"),
                (params("ListPolicies", PathPrefix="/a"), "pattern"),
                (params("ListRoles", Marker="none of ours"), "Invalid Marker"),
                (params(GRANTS, Arn=arn), "must not be null"),
                (params(GRANTS, Arn=arn, ServiceNamespaces=""), "greater than or equal to 1"),
                (params(GRANTS, Arn=arn, MaxItems="1", **{one: "s3"}), "not a parameter"),
                (params(GRANTS, Arn=arn, **{one: "a b"}), "pattern"),
                (params(GRANTS, Arn=arn, **{one: "x" * 65}), "or equal to 64"),
                (params(GRANTS, Arn=arn, **{"ServiceNamespaces.member.2": "s3"}), "must not be"),
                (params(GRANTS, Arn=arn, **{f"ServiceNamespaces.member.{k}": "s3"
                                            for k in range(1, 202)}), "less than or equal to 200"),
        ):
            reply = ask(self.sim, given)
            self.assertEqual((reply.status, reply.code), (400, "ValidationError"), given)
            self.assertIn(text, reply.text)
        for arn, namespace, status, code in (
                ("arn:aws:iam::123456789012:user/nobody", "s3", 404, "NoSuchEntity"),
                (self.of("POLICY")[0]["Arn"], "s3", 400, "InvalidInput"),
                (arn, "amazons3", 400, "InvalidInput")):
            reply = ask(self.sim, params(GRANTS, Arn=arn, **{one: namespace}))
            self.assertEqual((reply.status, reply.code), (status, code))

    def test_a_marker_belongs_to_its_filters(self):
        marker = unescape(ask(self.sim, params("ListRoles", MaxItems="2")).members("Marker")[0])
        self.assertEqual(ask(self.sim, params("ListRoles", Marker=marker)).status, 200)
        for other in (params("ListUsers", Marker=marker),
                      params("ListRoles", Marker=marker, PathPrefix="/a")):
            self.assertEqual(ask(self.sim, other).code, "ValidationError")

    def test_grants_are_the_accounts(self):
        with Sim("--account", SIZES, "--page-size", "3", state_dir=STATE) as sim:
            for line in self.LINES:
                if line["Type"] == "POLICY":
                    continue
                namespaces = [s["ServiceNamespace"] for s in line["Services"]]
                given = {f"ServiceNamespaces.member.{k}": n for k, n in enumerate(namespaces, 1)}
                found = pages(sim, **params(GRANTS, Arn=line["Arn"], **given))
                self.assertEqual(len(found), -(-len(namespaces) // 3))
                policies = [unescape(n) for page in found for n in page.members("PolicyName")]
                self.assertEqual(policies, [g["PolicyName"] for s in line["Services"]
                                            for g in s["Grants"]])

    def test_layouts_and_orders_hold_the_same(self):
        for layout, order in (("minified", "model"), ("crlf", "shuffled")):
            with Sim("--account", SIZES, "--layout", layout, "--member-order", order,
                     "--marker-style", "long", state_dir=STATE) as sim:
                found = pages(sim, **params("ListRoles", MaxItems="5"))
            self.assertEqual([unescape(n) for p in found for n in p.members("RoleName")],
                             [line["Name"] for line in self.of("ROLE")])

    def test_faults_of_one_page(self):
        self.sim.scenario([{"when": {"operation": "groups", "page": 1}, "do": {"remove": 0}},
                           {"when": {"operation": "users"}, "do": {"no_marker": True}},
                           {"when": {"operation": "roles"}, "do": {"alter": 1}}])
        self.assertEqual(self.arns("ListGroups"), [g["Arn"] for g in self.of("GROUP")][1:])
        reply = ask(self.sim, params("ListUsers"))
        self.assertEqual((reply.members("IsTruncated"), reply.members("Marker")), (["true"], []))
        self.assertTrue(ask(self.sim, params("ListRoles")).members("RoleName")[1]
                        .startswith("altered-"))

    def test_without_an_account_there_are_no_lists(self):
        with Sim("--plain", state_dir=STATE) as sim:
            self.assertEqual(ask(sim, params("ListUsers")).code, "InvalidAction")
            self.assertEqual(sim.call("GET", "/account"), [])


class Reports(SimCase):
    OPTIONS = ("--account", SIZES)
    LINES = [json.loads(json.dumps(line)) for line in made().describe()]

    def job(self, arn, granularity="SERVICE_LEVEL", **more):
        reply = ask(self.sim, params(GENERATE, Arn=arn, Granularity=granularity), **more)
        self.assertEqual(reply.status, 200, reply.text)
        return reply.members("JobId")[0]

    def test_every_report_is_its_arns(self):
        with Link(self.sim) as link:
            for line in self.LINES:
                job = link.ask(params(GENERATE, Arn=line["Arn"])).members("JobId")[0]
                reply = link.ask(params(SERVICES, JobId=job))
                self.assertNotIn("TrackedActions", reply.text)
                members = re.findall(r"(?s)<member>(.*?)</member>", reply.text)
                self.assertEqual(len(members), len(line["Services"]))
                for text, service in zip(members, line["Services"]):
                    found = {k: unescape(v) for k, v in re.findall(r"<(\w+)>([^<]*)</\1>", text)}
                    wanted = {k: str(v) for k, v in service.items()
                              if k not in ("Entities", "Grants", "TrackedActionsLastAccessed")}
                    self.assertEqual(found, wanted)
                self.entities(link, job, line)

    def entities(self, link, job, line):
        for service in line["Services"]:
            reply = link.ask(params(ENTITIES, JobId=job, MaxItems="1000",
                                    ServiceNamespace=service["ServiceNamespace"]))
            self.assertEqual([unescape(a) for a in reply.members("Arn")],
                             [e["Arn"] for e in service["Entities"]])
            self.assertEqual(len(reply.members("LastAuthenticated")),
                             service["TotalAuthenticatedEntities"])

    def test_actions_where_asked(self):
        line = next(line for line in self.LINES if any(
            "TrackedActionsLastAccessed" in s and s["TotalAuthenticatedEntities"]
            for s in line["Services"]))
        job = self.job(line["Arn"], "ACTION_LEVEL")
        reply = ask(self.sim, params(SERVICES, JobId=job))
        self.assertEqual(reply.members("ActionName"),
                         [a["ActionName"] for s in line["Services"]
                          for a in s.get("TrackedActionsLastAccessed", ())])
        self.assertTrue(reply.members("LastAccessedTime"))

    def test_what_is_not_there(self):
        reply = ask(self.sim, params(GENERATE, Arn="arn:aws:iam::123456789012:user/nobody"))
        self.assertEqual((reply.status, reply.code), (404, "NoSuchEntity"))
        reply = ask(self.sim, params(GENERATE, Arn="arn:aws:iam::999999999999:role/a"))
        self.assertEqual((reply.status, reply.code), (404, "NoSuchEntity"))
        job = self.job(self.LINES[0]["Arn"])
        reply = ask(self.sim, params(ENTITIES, JobId=job, ServiceNamespace="amazons3"))
        self.assertEqual((reply.status, reply.code), (400, "InvalidInput"))
        self.assertEqual(ask(self.sim).code, "NoSuchEntity")    # the documented example's job

    def test_a_session_owns_its_reports(self):
        def token(text):
            return {"X-Amz-Security-Token": text}
        job = self.job(self.LINES[0]["Arn"], headers=token("one"))
        look = params(SERVICES, JobId=job)
        self.assertEqual(ask(self.sim, look, headers=token("one")).status, 200)
        for headers in (token("two"), {}):
            reply = ask(self.sim, look, headers=headers)
            self.assertEqual((reply.status, reply.code), (404, "NoSuchEntity"))
        job = self.job(self.LINES[0]["Arn"])
        self.assertEqual(ask(self.sim, params(SERVICES, JobId=job),
                             headers=token("one")).status, 200)

    def test_another_account_from_now_on(self):
        try:
            job = self.job(self.LINES[0]["Arn"])
            self.sim.call("PUT", "/account", {"users": 2})
            self.assertEqual(ask(self.sim, params(GENERATE, Arn=self.LINES[0]["Arn"])).code,
                             "NoSuchEntity")
            reply = ask(self.sim, params(SERVICES, JobId=job))
            self.assertEqual(reply.members("ServiceNamespace"),
                             [s["ServiceNamespace"] for s in self.LINES[0]["Services"]])
            self.assertEqual(len(ask(self.sim, params("ListUsers")).members("Arn")), 2)
            lines = self.sim.account()
            self.sim.call("PUT", "/account", lines[:1])
            self.assertEqual(self.sim.call("GET", "/account"), lines[:1])
            with self.assertRaisesRegex(ValueError, "none of users"):
                self.sim.call("PUT", "/account", {"people": 2})
        finally:
            self.sim.call("PUT", "/account", self.LINES)

    def test_hostile_text_of_a_file(self):
        arn, name = "arn:aws:iam::123456789012:role/</script>&\"'/a", "</script>\u202e&\"' \u00e9"
        with Sim("--account", "roles=1", state_dir=STATE) as sim:
            sim.call("PUT", "/account", [{"Arn": arn, "Services": [
                {"ServiceNamespace": "s3", "ServiceName": name,
                 "LastAuthenticated": "2018-10-01T00:00:00Z"}]}])
            job = ask(sim, params(GENERATE, Arn=arn)).members("JobId")[0]
            for given, tag, wanted in (
                    (params("ListRoles"), "Arn", arn),
                    (params(SERVICES, JobId=job), "ServiceName", name),
                    (params(SERVICES, JobId=job), "LastAuthenticatedEntity", arn),
                    (params(ENTITIES, JobId=job, ServiceNamespace="s3"), "Arn", arn)):
                tree = xml.etree.ElementTree.fromstring(ask(sim, given).body)
                self.assertEqual([e.text for e in tree.iter(f"{{{model.NAMESPACE}}}{tag}")],
                                 [wanted])

    def test_printed_is_served(self):
        run = subprocess.run(["/usr/bin/python3", os.path.join(FOLDER, "sim.py"), "--account",
                              SIZES, "--print-account"], capture_output=True, text=True,
                             check=True)
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(lines, self.LINES)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "account.jsonl")
            with open(path, "w", encoding="utf-8") as f:
                f.write(run.stdout)
            with Sim("--account", path, state_dir=STATE) as sim:
                self.assertEqual(sim.call("GET", "/account"), lines)
        for bad, text in ((("--account", "cats=2"), "none of users"),
                          (("--account", "/nonexistent.json"), "/nonexistent.json")):
            for more in ((), ("--print-account",)):
                run = subprocess.run(["/usr/bin/python3", os.path.join(FOLDER, "sim.py"), *bad,
                                      "--plain", *more], capture_output=True, text=True,
                                     check=False)
                self.assertEqual((run.returncode, run.stdout), (2, ""))
                self.assertIn(text, run.stderr)

    def test_hundreds_of_reports_over_many_connections(self):
        with Sim("--account", "roles=200,services=400,used=200", state_dir=STATE) as sim:
            arns = [line["Arn"] for line in account.parse("roles=200,services=1", 1,
                                                          DATE).describe()
                    if ":role/" in line["Arn"]]

            def some(k):
                sizes = []
                with Link(sim) as link:
                    for arn in arns[k::8]:
                        job = link.ask(params(GENERATE, Arn=arn)).members("JobId")[0]
                        reply = link.ask(params(SERVICES, JobId=job, MaxItems="1000"))
                        sizes.append(reply.text.count("<ServiceNamespace>"))
                return sizes
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                found = [n for sizes in pool.map(some, range(8)) for n in sizes]
            self.assertEqual(found, [400] * 200)


class Scenarios(SimCase):
    """The scenarios of README.md that are more than rules."""

    OPTIONS = ("--account", "users=6,roles=6")
    DOCUMENTED = documented_scenarios()

    def users(self):
        return ask(self.sim, params("ListUsers"))

    def test_five_a_second(self):
        self.sim.scenario(self.DOCUMENTED["five-a-second"])
        with Link(self.sim) as link:
            codes = [link.ask(params("ListUsers")).code for _ in range(60)]
        self.assertEqual(codes[:15], [None] * 15)
        if "Throttling" not in codes:       # so slow a machine that the bucket never was empty
            self.assertGreater(self.sim.requests()[-1]["time"] - self.sim.requests()[0]["time"], 8)

    def test_far_away(self):
        self.sim.scenario(self.DOCUMENTED["far-away"])
        self.assertEqual((self.users().status, ask(self.sim, params("ListRoles")).code),
                         (200, "AccessDenied"))
        self.assertTrue(all(e["seconds"] >= 0.08 for e in self.sim.requests()))

    def test_bucket(self):
        self.sim.scenario({"bucket": [0.001, 3]})
        replies = [self.users() for _ in range(5)]
        self.assertEqual([r.status for r in replies], [200] * 3 + [400] * 2)
        self.assertEqual((replies[4].code, replies[4].members("Message")),
                         ("Throttling", ["Rate exceeded"]))
        self.assertEqual([e["fault"] for e in self.sim.requests()], [[]] * 3 + [["bucket"]] * 2)

    def test_what_is_throttled_meets_no_rule(self):
        self.sim.scenario({"bucket": [0.001, 2], "rules": [
            {"when": {"nth": ">=2"}, "do": {"code": "AccessDenied"}}]})
        self.assertEqual([self.users().code for _ in range(4)],
                         [None, "AccessDenied", "Throttling", "Throttling"])

    def test_delay(self):
        self.sim.scenario({"delay": 0.3})
        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: self.users().status, range(8)))
        self.assertEqual(found, [200] * 8)
        self.assertGreater(time.monotonic() - started, 0.29)
        self.assertEqual([(e["fault"], e["seconds"] > 0.29) for e in self.sim.requests()],
                         [([], True)] * 8)

    def test_mistakes_are_named(self):
        for value, text in (({"bucket": 5}, "bucket"), ({"bucket": [5, 0]}, "burst"),
                            ({"bucket": ["5", 1]}, "rate"), ({"delay": "1"}, "delay"),
                            ({"delay": True}, "delay"), ({"delay": -1}, "delay")):
            with self.subTest(value), self.assertRaisesRegex(faults.ScenarioError, text):
                faults.Scenario(value)


LIMITS = """
import json, botocore.session
model = botocore.session.Session().get_service_model("iam")
def shape(s, needed):
    out = {"required": needed, "type": s.type_name, "enum": list(getattr(s, "enum", []))}
    out.update({k: v for k, v in s.metadata.items() if k in ("min", "max", "pattern")})
    if s.type_name == "list":
        out["member"] = shape(s.member, False)
    return out
print(json.dumps({name: {k: shape(v, k in model.operation_model(name).input_shape.required_members)
    for k, v in model.operation_model(name).input_shape.members.items()} for name in NAMES}))
"""

BOTO = """
import json, sys, boto3
iam = boto3.client("iam", region_name="us-east-1", endpoint_url=sys.argv[1])
out = {}
for name, key in (("list_users", "Users"), ("list_groups", "Groups"), ("list_roles", "Roles"),
                  ("list_policies", "Policies")):
    pages = iam.get_paginator(name).paginate(PaginationConfig={"PageSize": 5})
    out[key] = [row for page in pages for row in page[key]]
out["Attached"] = [p["Arn"] for page in iam.get_paginator("list_policies").paginate(
    Scope="Local", OnlyAttached=True, PaginationConfig={"PageSize": 2}) for p in page["Policies"]]
out["Grants"] = {}
for row in json.load(sys.stdin):
    arguments = {"Arn": row["Arn"], "ServiceNamespaces": row["Services"]}
    found = out["Grants"][row["Arn"]] = {}
    while True:
        page = iam.list_policies_granting_service_access(**arguments)
        found.update({p["ServiceNamespace"]: p["Policies"]
                      for p in page["PoliciesGrantingServiceAccess"]})
        if not page["IsTruncated"]:
            break
        arguments["Marker"] = page["Marker"]
json.dump(out, sys.stdout, default=lambda d: d.strftime("%Y-%m-%dT%H:%M:%SZ"))
"""


def boto3_there():
    return subprocess.run(["/usr/bin/python3", "-c", "import boto3"], capture_output=True,
                          check=False).returncode == 0


class Clients(SimCase):
    OPTIONS = ("--account", SIZES, "--page-size", "4", "--marker-style", "latin1")
    LINES = Lists.LINES

    @unittest.skipUnless(available("botocore"), "needs python3-botocore (apt-get install it)")
    def test_limits_are_those_of_botocores_model(self):
        names = [n for n in model.OPERATIONS if n not in model.REPORTS]
        run = subprocess.run(["/usr/bin/python3", "-c", f"NAMES = {names!r}\n{LIMITS}"],
                             capture_output=True, text=True, check=True,
                             env=self.sim.environment())
        for name, members in json.loads(run.stdout).items():
            ours = model.OPERATIONS[name]
            self.assertEqual(set(ours), set(members))
            for member, theirs in members.items():
                self.same(ours[member], theirs, (name, member))

    def same(self, ours, theirs, where):
        for key in ("required", "min", "max", "pattern", "enum"):
            self.assertEqual(ours.get(key) or None, theirs.get(key) or None, (where, key))
        self.assertEqual((bool(ours.get("boolean")), bool(ours.get("integer"))),
                         (theirs["type"] == "boolean", theirs["type"] == "integer"), where)
        if "member" in theirs:
            self.same(ours["member"], theirs["member"], where)

    @unittest.skipUnless(boto3_there(), "needs python3-boto3 (apt-get install it)")
    def test_boto3_pages_the_account(self):
        asked = [{"Arn": line["Arn"], "Services": [s["ServiceNamespace"] for s in line["Services"]]}
                 for line in self.LINES if line["Type"] != "POLICY"]
        run = subprocess.run(["/usr/bin/python3", "-c", BOTO, self.sim.url],
                             input=json.dumps(asked), capture_output=True, text=True, check=False,
                             timeout=300, env=self.sim.environment())
        self.assertEqual(run.returncode, 0, run.stderr)
        out = json.loads(run.stdout)
        for line in self.LINES:
            key, name = KINDS[line["Type"]]
            row = out[key].pop(0)
            self.assertEqual((row["Arn"], row[name], row["Path"], row["CreateDate"],
                              row.get("PasswordLastUsed"), row.get("AttachmentCount")),
                             (line["Arn"], line["Name"], line["Path"], line["CreateDate"],
                              line.get("PasswordLastUsed"), line.get("AttachmentCount")))
            self.assertEqual(row.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
                             line.get("PermissionsBoundary"))
            if line["Type"] == "ROLE":
                self.assertEqual(row["AssumeRolePolicyDocument"]["Version"], "2012-10-17")
            if line["Type"] != "POLICY":
                self.assertEqual(out["Grants"][line["Arn"]],
                                 {s["ServiceNamespace"]: s["Grants"] for s in line["Services"]})
        self.assertEqual([out[key] for key, _ in KINDS.values()], [[], [], [], []])
        self.assertEqual(out["Attached"], [line["Arn"] for line in self.LINES
                                           if line.get("AttachmentCount")
                                           and "::aws:" not in line["Arn"]])

    @unittest.skipUnless(available("aws"), "needs the AWS CLI (apt-get install awscli)")
    def test_the_aws_cli_pages_the_account(self):
        for kind, (key, _) in KINDS.items():
            run = aws.run(["--endpoint-url", self.sim.url, "iam", f"list-{key.lower()}", "--page-size", "3",
                           "--output", "json"], self.sim.environment())
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual([row["Arn"] for row in json.loads(run.stdout)[key]],
                             [line["Arn"] for line in self.LINES if line["Type"] == kind])
        line = self.LINES[0]
        spaces = [s["ServiceNamespace"] for s in line["Services"]]
        run = aws.run(["--endpoint-url", self.sim.url, "iam", "list-policies-granting-service-access", "--arn",
                       line["Arn"], "--service-namespaces", *spaces, "--output", "json"], self.sim.environment())
        self.assertEqual(run.returncode, 0, run.stderr)
        found = json.loads(run.stdout)
        self.assertEqual(found["IsTruncated"], len(spaces) > 4)
        self.assertEqual([p["ServiceNamespace"] for p in found["PoliciesGrantingServiceAccess"]],
                         spaces[:4])
        self.assertEqual({e["signature"] for e in self.sim.requests()}, {"valid"})


class Documents(unittest.TestCase):
    def test_role_documents_are_of_many_kilobytes_and_decode(self):
        from iamsim import lists
        whole = made("roles=40")
        sizes = []
        for item in whole.items["ROLE"]:
            text = lists._trust(whole, item)
            self.assertRegex(text, "^[A-Za-z0-9._~%-]+$")
            self.assertEqual(json.loads(urllib.parse.unquote(text))["Version"], "2012-10-17")
            sizes.append(len(text))
        self.assertGreater(max(sizes), 8000)
        self.assertLess(min(sizes), 600)

    def test_a_job_of_no_arn(self):
        whole = made()
        self.assertIs(whole.of(Job("", "SERVICE_LEVEL", 0)), next(iter(whole)).report)
