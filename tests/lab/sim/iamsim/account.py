"""What an account has: users, groups, roles and policies, and for each of them the services that it
may use, which of these were used, when and by whom. Made from a seed and sizes, or read from what
--print-account printed."""

import hashlib
import json
import random
import re

from . import report
from .model import ApiError

ACCOUNT = "123456789012"
SIZES = {"users": 4, "groups": 2, "roles": 5, "policies": 4, "services": 8, "used": 4}
_DAY = 86400
_BASE32 = report._BASE32
_PREFIX = {"USER": "AIDA", "ROLE": "AROA", "GROUP": "AGPA", "POLICY": "ANPA"}
_KINDS = ("USER", "GROUP", "ROLE", "POLICY")
_PATHS = tuple(p for p in report._PATHS if "aws-service-role" not in p)
_POLICY_PATHS = ("/", "/", "/", "/team/dev/", "/division_abc/subdivision_xyz/", "/a.b,c+d@e=f/")
_LONG_PATH = f"/{'p' * 255}/{'&' * 254}/"
# the managed policies of AWS itself that every account sees: path, name
_AWS = (("/", "AdministratorAccess"), ("/", "PowerUserAccess"), ("/", "ReadOnlyAccess"),
        ("/", "SecurityAudit"), ("/job-function/", "ViewOnlyAccess"),
        ("/service-role/", "AWSLambdaBasicExecutionRole"),
        ("/aws-service-role/", "AutoScalingServiceRolePolicy"),
        ("/aws-service-role/", "AmazonECSServiceRolePolicy"))
# service-linked roles: the service, the role's name, the place of its policy in _AWS
_LINKED = (("autoscaling", "AutoScaling", 6), ("ecs", "ECS", 7))


class AccountError(ValueError):
    """Sizes or a file that no account can be made of."""


class Item:
    """One ARN of the account. `report` is what IAM would say of its services."""

    def __init__(self, kind, arn, name, path, ident, created):
        self.kind, self.arn, self.name, self.path = kind, arn, name, path
        self.ident, self.created = ident, created       # seconds since 1970
        self.password_used = self.boundary = self.report = None
        self.attached, self.groups, self.inline = [], [], []    # inline: (name, namespaces)
        self.attachments = self.boundaries = 0          # of a policy: how often it is used as what
        self.base = self            # the one whose set of services this one has
        self.members = []           # of a group, a policy: users and roles that have it

    @property
    def aws_managed(self):
        return self.arn.split(":")[4] == "aws"

    def entity(self, when=None):
        """As in report.Report: (arn, id, name, path, type, last authenticated or None)"""
        return self.arn, self.ident, self.name, self.path, self.kind, when

    def describe(self):
        """What the lists say of it, in plain names, for --print-account."""
        line = {"Arn": self.arn, "Type": self.kind, "Name": self.name, "Id": self.ident,
                "Path": self.path, "CreateDate": report.iso(self.created)}
        if self.password_used:
            line["PasswordLastUsed"] = report.iso(self.password_used)
        if self.boundary:
            line["PermissionsBoundary"] = self.boundary
        if self.kind == "POLICY":
            line.update(AttachmentCount=self.attachments,
                        PermissionsBoundaryUsageCount=self.boundaries)
        return line


class _Services:
    """The report of one ARN: what Service asks of a report.Report. A class that derives from it
    has namespaces, size(), entity(), and seen(): how many of the entities used it."""

    def __init__(self, account, item):
        self.account, self.item, self.arn = account, item, item.arn

    @property
    def service_count(self):
        return len(self.namespaces)

    def page(self, namespace, start, count):
        end = min(self.size(namespace), start + count)
        return [self.entity(namespace, i) for i in range(start, end)]

    def service(self, i, action_level):
        """A member of ServicesLastAccessed as a dict, dates as on the wire."""
        namespace = self.namespaces[i]
        line = {"ServiceName": report.service_name(namespace), "ServiceNamespace": namespace}
        seen = self.seen(namespace)
        if seen:
            arn, _, _, _, _, when = self.entity(namespace, 0)
            line.update(LastAuthenticated=when, LastAuthenticatedEntity=arn,
                        LastAuthenticatedRegion=report.region(self.account.draw(namespace)))
        line["TotalAuthenticatedEntities"] = seen
        actions = report.tracked_actions(namespace)
        if action_level and actions:
            line["TrackedActionsLastAccessed"] = [
                self._action(namespace, k, action, seen) for k, action in enumerate(actions)]
        return line

    def _action(self, namespace, k, action, seen):
        """Of three actions the last was never used; the others are of the k-th newest entity."""
        line = {"ActionName": action}
        if seen and k % 3 != 2:
            arn, _, _, _, _, when = self.entity(namespace, min(k, seen - 1))
            line.update(LastAccessedEntity=arn, LastAccessedRegion=report.region(k),
                        LastAccessedTime=when)
        return line

    def describe(self):
        """Every service with its accesses, for --print-account."""
        for i, namespace in enumerate(self.namespaces):
            line = self.service(i, True)
            line["Entities"] = [
                {"Arn": arn, "Name": name, "Type": kind, "Id": ident, "Path": path,
                 **({"LastAuthenticated": when} if when else {})}
                for arn, ident, name, path, kind, when in
                self.page(namespace, 0, self.size(namespace))]
            if self.item.kind != "POLICY":
                line["Grants"] = self.grants(namespace)
            yield line


class MadeReport(_Services):
    """Follows from the account's seed. Users and roles have accesses of their own; a group's and a
    policy's are those of the users and roles that have it, or as many made ones as were asked."""

    def __init__(self, account, item):
        super().__init__(account, item)
        self.namespaces = account.services_of(item.base)
        self._used = self._lists = None

    def used(self):
        """{namespace: milliseconds since 1970} of a user's or a role's accesses; of a group or a
        policy with made entities: the services that these used."""
        if self._used is None:
            account, item = self.account, self.item
            count = account.pick("used", item.arn)
            chosen = account.random(f"used/{item.arn}").sample(
                self.namespaces, min(count, len(self.namespaces)))
            self._used = {n: account.access(item, n) for n in chosen}
        return self._used

    def _counted(self):
        return self.account.made is not None and self.item.kind in ("GROUP", "POLICY")

    def _list(self, namespace):
        """Users and roles, newest access first, those without one at the end."""
        if self._lists is None:
            self._lists = {}
        if namespace not in self._lists:
            item = self.item
            people = item.members if item.kind in ("GROUP", "POLICY") else [item]
            found = [(p.report.used().get(namespace), p) for p in people]
            found.sort(key=lambda pair: (-(pair[0] or 0), pair[1].arn))
            self._lists[namespace] = found
        return self._lists[namespace]

    def size(self, namespace):
        if self._counted():
            return self.account.made.default_size if namespace in self.used() else 0
        return len(self._list(namespace))

    def seen(self, namespace):
        if self._counted():
            made = self.account.made
            return made.seen(namespace) if namespace in self.used() else 0
        return sum(when is not None for when, _ in self._list(namespace))

    def entity(self, namespace, i):
        if self._counted():
            return self.account.made.entity(f"{self.arn}/{namespace}", i)
        when, item = self._list(namespace)[i]
        return item.entity(None if when is None else report.iso_ms(when))

    def grants(self, namespace):
        """Members of Policies of ListPoliciesGrantingServiceAccess."""
        out = {}
        for owner in (self.item, *self.item.groups):
            for name, namespaces in owner.inline:
                if namespace in namespaces:
                    out[owner.arn, name] = {"PolicyName": name, "PolicyType": "INLINE",
                                            "EntityType": owner.kind, "EntityName": owner.name}
            for policy in owner.attached:
                if namespace in policy.report.namespaces:
                    out[policy.arn] = {"PolicyName": policy.name, "PolicyType": "MANAGED",
                                       "PolicyArn": policy.arn}
        return list(out.values())


class StoredReport(_Services):
    """As a line of --print-account has it."""

    def __init__(self, account, item, services):
        super().__init__(account, item)
        self._services = {s["ServiceNamespace"]: s for s in services}
        self.namespaces = sorted(self._services)
        self._people = {n: [self._entity(e) for e in self._entities(s)]
                        for n, s in self._services.items()}

    def _entities(self, service):
        """Where none are given: the ARN itself, or the one that LastAuthenticatedEntity names."""
        when = service.get("LastAuthenticated")
        given = service.get("Entities")
        if given is None:
            given = []
            arn = self.arn if self.item.kind in ("USER", "ROLE") \
                else service.get("LastAuthenticatedEntity")
            if arn:
                given = [{"Arn": arn, **({"LastAuthenticated": when} if when else {})}]
        return sorted(given, key=lambda e: e.get("LastAuthenticated", ""), reverse=True)

    def _entity(self, given):
        if "LastAuthenticated" in given:
            report.from_iso(given["LastAuthenticated"])
        item = self.account.read_item(given)
        return item.entity(given.get("LastAuthenticated"))

    def size(self, namespace):
        return len(self._people[namespace])

    def seen(self, namespace):
        return sum(e[5] is not None for e in self._people[namespace])

    def entity(self, namespace, i):
        return self._people[namespace][i]

    def service(self, i, action_level):
        given = self._services[self.namespaces[i]]
        line = super().service(i, action_level)
        for name in ("ServiceName", "LastAuthenticatedRegion", "TrackedActionsLastAccessed"):
            if name in given and (name != "TrackedActionsLastAccessed" or action_level):
                line[name] = given[name]
        return line

    def grants(self, namespace):
        return self._services.get(namespace, {}).get("Grants", [])


class Account:
    """Stands where a report.Report does; of() is the report of a job's ARN."""

    def __init__(self, seed, date_ms, sizes=None, lines=None):
        self.seed, self.date_ms, self.date = seed, date_ms, date_ms // 1000
        self.sizes = full_sizes(sizes or {})
        self.made, self._sets = None, {}
        self.items = {kind: [] for kind in _KINDS}
        if lines is None:
            if "entities" in self.sizes:
                # Report leaves the last fifth of a list without an access
                self.made = report.Report(self.sizes["entities"] * 5 // 4, seed, 0, date_ms)
            most = max(as_range(self.sizes["services"]))
            self.universe = report.service_names(max(36, most + most // 2))
            self._make()
        else:
            self._read(lines)
            self.universe = sorted({n for i in self for n in i.report.namespaces}
                                   | set(report.service_names(36)))
        self.namespaces = self.universe     # of any report
        if not any(self.items.values()):
            raise AccountError("no ARN in it")
        for kind in _KINDS:
            self.items[kind].sort(key=lambda item: (item.aws_managed, item.name.lower()))
        self._by_arn = {item.arn: item for item in self}
        if len(self._by_arn) != sum(map(len, self.items.values())):
            raise AccountError("an ARN comes twice")

    def __iter__(self):
        for kind in _KINDS:
            yield from self.items[kind]

    def find(self, arn):
        """The item, or what IAM answers."""
        item = self._by_arn.get(arn)
        if item is None:
            raise ApiError(404, "NoSuchEntity", f"ARN {arn} cannot be found.")
        return item

    def of(self, job):
        """The report of a job; one that belongs to no ARN shows the first one's."""
        return job.report or next(iter(self)).report

    def describe(self):
        """One dict an ARN: users, groups, roles, policies, those of AWS last."""
        for item in self:
            yield {**item.describe(), "Services": list(item.report.describe())}

    # numbers

    def draw(self, text):
        digest = hashlib.blake2b(f"{self.seed}/account/{text}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big")

    def random(self, text):
        return random.Random(self.draw(text))

    def pick(self, name, text):
        low, high = as_range(self.sizes[name])
        return low + self.draw(f"{name}/{text}") % (high - low + 1)

    def services_of(self, item):
        if item.arn not in self._sets:
            count = self.pick("services", item.arn)
            chosen = self.random(f"services/{item.arn}").sample(self.universe, count)
            self._sets[item.arn] = tuple(sorted(chosen))
        return self._sets[item.arn]

    def access(self, item, namespace):
        """After its making, within the tracking period; of two one within sixty days."""
        h = self.draw(f"access/{item.arn}/{namespace}")
        span = min(report.WINDOW_SECONDS, self.date - item.created)
        if h & 1:
            span = min(span, 60 * _DAY)
        return (self.date - 60 - (h >> 8) % max(1, span - 60)) * 1000 + (
            (h >> 40) % 1000 if h % 5 == 0 else 0)

    # making

    def _item(self, kind, number, name, path, owner=ACCOUNT):
        """One more ARN of a kind; its id and its date follow from its number."""
        h = self.draw(f"{kind}/{number}/{name}")
        if kind != "POLICY" and number % 50 == 49:
            path = _LONG_PATH
        # of five one is younger than 90 days, the others are years old
        age = (1 + h % 88) * _DAY if number % 5 == 1 else (91 + h % 2800) * _DAY
        created = self.date - age - (h >> 20) % _DAY
        ident = _PREFIX[kind] + "".join(_BASE32[h >> k & 31] for k in range(0, 60, 5)) + "".join(
            _BASE32[self.draw(f"id/{kind}/{number}") >> k & 31] for k in range(0, 25, 5))
        arn = f"arn:aws:iam::{owner}:{kind.lower()}{path}{name}"
        item = Item(kind, arn, name, path, ident, created)
        self.items[kind].append(item)
        return item

    def _word(self, kind, number, words):
        h = self.draw(f"name/{kind}/{number}")
        return words[h % len(words)], words[(h >> 16) % len(words)], h >> 32

    def _make(self):
        """As many of each kind as the sizes say, and what they have of each other."""
        sizes = self.sizes
        for number, (path, name) in enumerate(_AWS):
            self._item("POLICY", 5 * number, name, path, "aws")
        for number in range(sizes["policies"]):
            a, b, h = self._word("POLICY", number, report._WORK)
            self._item("POLICY", number, f"{a}-{b}-{number}", _POLICY_PATHS[h % len(_POLICY_PATHS)])
        for number in range(sizes["groups"]):
            a, b, h = self._word("GROUP", number, report._WORK)
            self._item("GROUP", number, f"{a}.{b}@{number}", _PATHS[h % len(_PATHS)])
        for number in range(sizes["users"]):
            a, _, h = self._word("USER", number, report._GIVEN)
            style = ("", "@example.com", "+iot", ".o-neil", "=a,b")[h % 5]
            self._item("USER", number, f"{a}{number}{style}", _PATHS[(h >> 8) % len(_PATHS)])
        linked = -(-sizes["roles"] // 6) if sizes["roles"] > 2 else 0
        for number in range(sizes["roles"]):
            if number < linked:
                service, word, _ = _LINKED[number % 2]
                self._item("ROLE", number, f"AWSServiceRoleFor{word}" + (
                    f"_{number}" if number > 1 else ""),
                           f"/aws-service-role/{service}.amazonaws.com/")
                continue
            a, b, h = self._word("ROLE", number, report._WORK)
            name = f"{a}-{b}_{number}"
            self._item("ROLE", number, (name + "-" + "x" * 64)[:64] if h % 31 == 0 else name,
                       _PATHS[(h >> 8) % len(_PATHS)])
        self._relate(linked)
        for item in self:
            item.report = MadeReport(self, item)
        for item in self:
            self._inline(item)

    def _relate(self, linked):
        """Who has which policy. Whoever has a managed policy has just its services, so that every
        report has the size asked for and is true to the policies."""
        policies = [p for p in self.items["POLICY"] if not p.aws_managed]
        for number, item in enumerate((*self.items["GROUP"], *self.items["USER"],
                                       *self.items["ROLE"])):
            h = self.draw(f"relate/{item.arn}")
            groups = self.items["GROUP"]
            if item.kind == "USER":
                if h % 3:
                    item.password_used = self.date - 60 - h % (self.date - item.created - 60)
                if groups and (h >> 8) % 3 == 0:
                    group = groups[(h >> 16) % len(groups)]
                    item.groups, item.base = [group], group.base
                    group.members.append(item)
                    if group.attached and h & 1 << 40:
                        item.attached = list(group.attached)
            if item.path.startswith("/aws-service-role/"):
                service = _LINKED[self.items["ROLE"].index(item) % 2]
                item.attached = [self.items["POLICY"][service[2]]]
            elif not item.groups and policies and (h >> 24) % 3:
                item.attached = [policies[number % len(policies)]]
            if item.attached:
                item.base = item.attached[0]
            if policies and item.kind != "GROUP" and (h >> 32) % 7 == 0:
                boundary = policies[(h >> 36) % len(policies)]
                item.boundary, boundary.boundaries = boundary.arn, boundary.boundaries + 1
            for policy in item.attached:
                policy.attachments += 1
        for item in (*self.items["USER"], *self.items["ROLE"]):
            having = {p.arn: p for owner in (item, *item.groups) for p in owner.attached}
            for policy in having.values():
                policy.members.append(item)

    def _inline(self, item):
        """Who has no managed policy has inline ones for its services, but for some of one in
        sixteen, whose policy went after the report; of the others every second has one more."""
        if item.kind == "POLICY" or item.path.startswith("/aws-service-role/"):
            return
        names = item.report.namespaces
        if item.base is item:
            kept = [n for n in names if self.draw(f"grant/{item.arn}/{n}") % 16]
            half = len(kept) // 2
            item.inline = [("inline-read", frozenset(kept[:half + 1])),
                           ("inline+write=1", frozenset(kept[half:]))]
        elif self.draw(f"inline/{item.arn}") & 1:
            item.inline = [("inline-more", frozenset(names[::3]))]

    # reading

    def read_item(self, given):
        """An Item of what a line, or one of its entities, says; what it leaves out is made up."""
        m = re.fullmatch(r"arn:[\w-]+:iam::(?:\d{12}|aws):(user|group|role|policy)"
                         r"(/(?:[!-~]+/)?)([\w+=,.@-]+)", given.get("Arn", ""), re.A)
        if not m:
            raise AccountError(f"'{given.get('Arn')}' is not the ARN of a user, group, role or "
                               "policy")
        kind = m.group(1).upper()
        h = self.draw(given["Arn"])
        made = _PREFIX[kind] + "".join(_BASE32[h >> k & 31] for k in range(0, 60, 5)) + "EXAMP"
        created = given.get("CreateDate")
        seconds = report.from_iso(created) if created else self.date - 1000 * _DAY
        return Item(kind, given["Arn"], m.group(3), m.group(2), given.get("Id", made), seconds)

    def _read(self, lines):
        for line in lines:
            if not isinstance(line, dict):
                raise AccountError("a list of objects with Arn and Services expected")
            item = self.read_item(line)
            if "PasswordLastUsed" in line:
                item.password_used = report.from_iso(line["PasswordLastUsed"])
            item.boundary = line.get("PermissionsBoundary")
            item.attachments = line.get("AttachmentCount", 0)
            item.boundaries = line.get("PermissionsBoundaryUsageCount", 0)
            item.report = StoredReport(self, item, line.get("Services", []))
            self.items[item.kind].append(item)


def as_range(value):
    """5 or "5-40": (low, high)"""
    low, _, high = str(value).partition("-")
    return int(low), int(high or low)


def full_sizes(sizes):
    """With what was not given. Who names one of the four kinds has none of the others, and nobody
    who could have used a service makes three entities of each that was used."""
    given = check_sizes(sizes)
    kinds = ("users", "groups", "roles", "policies")
    full = {**SIZES, **(dict.fromkeys(kinds, 0) if any(k in given for k in kinds) else {}), **given}
    if not full["users"] and not full["roles"]:
        full.setdefault("entities", 3)
    return full


def check_sizes(sizes):
    for name, value in sizes.items():
        if name not in (*SIZES, "entities"):
            raise AccountError(f"'{name}' is none of {', '.join(SIZES)}, entities")
        ranged = name in ("services", "used")
        if not re.fullmatch(r"\d{1,6}(-\d{1,6})?" if ranged else r"\d{1,6}", str(value)):
            raise AccountError(f"{name}: '{value}' is not a number" + (" or a range such as 5-40"
                                                                      if ranged else ""))
        if as_range(value)[0] > as_range(value)[1]:
            raise AccountError(f"{name}: '{value}' is no range")
        if name == "entities" and not int(value):
            raise AccountError("entities: at least 1")
    return {name: value if name in ("services", "used") else int(value)
            for name, value in sizes.items()}


def parse(text, seed, date_ms):
    """An Account from "users=40,roles=60", a file's path, or "" for the small one."""
    if "=" in text and not text.endswith((".json", ".jsonl")):
        pairs = [piece.partition("=") for piece in text.split(",")]
        return Account(seed, date_ms, {name.strip(): value for name, _, value in pairs})
    if not text:
        return Account(seed, date_ms)
    with open(text, encoding="utf-8") as f:
        content = f.read()
    try:
        try:
            value = json.loads(content)
        except ValueError:
            value = [json.loads(line) for line in content.splitlines() if line.strip()]
    except ValueError as error:
        raise AccountError(f"{text}: neither JSON nor JSON lines: {error}") from None
    return from_json(value, seed, date_ms)


def from_json(value, seed, date_ms):
    """An object of sizes, or ARNs as --print-account has them."""
    if isinstance(value, dict) and "Arn" not in value:
        return Account(seed, date_ms, value)
    lines = value if isinstance(value, list) else [value]
    try:
        return Account(seed, date_ms, lines=lines)
    except (KeyError, TypeError, AttributeError) as error:
        raise AccountError(f"not as --print-account prints it: {error!r}") from None
