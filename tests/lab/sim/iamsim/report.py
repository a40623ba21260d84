"""Deterministic reports: entity number i of a namespace follows from the seed alone."""

import calendar
import functools
import hashlib
import re
import threading
import time

from .model import escape

EXAMPLE_DATE = 1540410451466  # the creation date of the documented example, unix milliseconds
WINDOW_SECONDS = 400 * 86400  # IAM's tracking period
_MASK = (1 << 64) - 1
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = tuple(a + b for a in _BASE32 for b in _BASE32)
_GIVEN = ("alice", "bob", "carol", "dan", "erin", "frank", "grace", "heidi", "ivan", "judy",
          "mallory", "niaj", "olivia", "peggy", "rupert", "sybil", "trent", "victor", "walter")
_WORK = ("deploy", "build", "backup", "reader", "billing", "ingest", "metrics", "audit", "edge",
         "sensor", "gateway", "fleet", "support", "search", "mailer", "cron")
_PATHS = ("/", "/", "/", "/", "/service-role/", "/aws-service-role/ops.example.com/", "/team/dev/",
          "/division_abc/subdivision_xyz/", "/R&D/", "/a<b>c/", "/quote\"d/it's/", "/x;y=z%20/")
_USUAL_PATHS = 8  # of them are as accounts have them
_KINDS = (("USER", "user", "AIDA"), ("ROLE", "role", "AROA"), ("GROUP", "group", "AGPA"))

_SERVICES = (
    ("access-analyzer", "AWS IAM Access Analyzer"), ("acm", "AWS Certificate Manager"),
    ("apigateway", "Amazon API Gateway"), ("athena", "Amazon Athena"),
    ("autoscaling", "Amazon EC2 Auto Scaling"), ("cloudformation", "AWS CloudFormation"),
    ("cloudfront", "Amazon CloudFront"), ("cloudtrail", "AWS CloudTrail"),
    ("cloudwatch", "Amazon CloudWatch"), ("codebuild", "AWS CodeBuild"),
    ("dynamodb", "Amazon DynamoDB"), ("ec2", "Amazon EC2"),
    ("ecr", "Amazon Elastic Container Registry"), ("ecs", "Amazon Elastic Container Service"),
    ("eks", "Amazon Elastic Kubernetes Service"), ("events", "Amazon EventBridge"),
    ("glue", "AWS Glue"), ("iam", "AWS Identity and Access Management"), ("iot", "AWS IoT"),
    ("kinesis", "Amazon Kinesis"), ("kms", "AWS Key Management Service"),
    ("lambda", "AWS Lambda"), ("logs", "Amazon CloudWatch Logs"), ("rds", "Amazon RDS"),
    ("route53", "Amazon Route 53"), ("s3", "Amazon S3"), ("secretsmanager", "AWS Secrets Manager"),
    ("ses", "Amazon Simple Email Service"), ("sns", "Amazon SNS"), ("sqs", "Amazon SQS"),
    ("ssm", "AWS Systems Manager"), ("states", "AWS Step Functions"),
    ("sts", "AWS Security Token Service"), ("tag", "Resource Groups Tagging & Editor"),
    ("xray", "AWS X-Ray"))
_ACTIONS = {
    "iam": ("GetUser", "ListRoles", "CreateRole", "DeleteUser", "PassRole"),
    "s3": ("ListBucket", "GetBucketPolicy", "CreateBucket", "DeleteBucket"),
    "ec2": ("DescribeInstances", "RunInstances", "StopInstances"),
    "lambda": ("ListFunctions", "UpdateFunctionCode"),
}
_REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2", "us-west-2")


def _mix(x):
    """splitmix64: a well-spread 64-bit number for every integer."""
    x = (x + 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


@functools.lru_cache(maxsize=4096)
def _day(number):
    return time.strftime("%Y-%m-%d", time.gmtime(number * 86400))


def iso(seconds, millis=0):
    day, rest = divmod(seconds, 86400)
    fraction = f".{millis:03d}" if millis else ""
    return f"{_day(day)}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}{fraction}Z"


def iso_ms(unix_ms):
    return iso(unix_ms // 1000, unix_ms % 1000)


def from_iso(text):
    """Seconds since 1970 of a date as on the wire; parts of a second are left out."""
    m = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)", str(text))
    if not m:
        raise ValueError(f"'{text}' is not a date such as 2018-10-24T19:47:31Z")
    return calendar.timegm(time.strptime(m.group(1), "%Y-%m-%dT%H:%M:%S"))


def service_names(count):
    """That many namespaces: the known ones first, then made ones."""
    known = tuple(name for name, _ in _SERVICES)[:count]
    return known + tuple(f"zz-service-{i:05d}" for i in range(len(known), count))


def service_name(namespace):
    m = re.fullmatch("zz-service-([0-9]+)", namespace)
    made = f"Example Service {int(m.group(1))} <beta> & more" if m else namespace
    return dict(_SERVICES).get(namespace, made)


def tracked_actions(namespace):
    return _ACTIONS.get(namespace, ())


def region(number):
    return _REGIONS[number & 3]


class Report:
    """Everything that the endpoint can say about who accessed what."""

    def __init__(self, entities=25, seed=1, services=10, date_ms=EXAMPLE_DATE, sizes=None,
                 account="123456789012", partition="aws", odd=True):
        self.odd = odd
        self.default_size, self.sizes = entities, dict(sizes or {})
        self.seed, self.date_ms = seed, date_ms
        self.account, self.partition = account, partition
        self._bases = {}
        self.namespaces = self._list(services)      # of the services that the report has, in order
        self.service_count = len(self.namespaces)

    def _list(self, count):
        """iam and s3 come first, so that a short list still holds what the examples use; whatever
        entities were given for is in the report as well."""
        known = ("iam", "s3") + tuple(n for n, _ in _SERVICES if n not in ("iam", "s3"))
        names = sorted({*known[:count], *self.sizes})
        return names + [f"zz-service-{i:05d}" for i in range(len(known), count)]

    def size(self, namespace):
        return self.sizes.get(namespace, self.default_size)

    def seen(self, namespace):
        """How many entities have used the service; the rest of the list never has."""
        size = self.size(namespace)
        return size - size // 5

    def _base(self, namespace):
        base = self._bases.get(namespace)
        if base is None:
            digest = hashlib.sha256(f"{self.seed}/{namespace}".encode()).digest()
            base = self._bases[namespace] = int.from_bytes(digest[:8], "big")
        return base

    def _when(self, i, seen, bits):
        if i >= seen:
            return None
        step = max(1, WINDOW_SECONDS // seen)
        seconds = self.date_ms // 1000 - 60 - i * step - bits % step
        return iso(seconds, (bits >> 40) % 1000 if bits % 5 == 0 else 0)

    def entity(self, namespace, i):
        """(arn, id, name, path, type, last authenticated or None)"""
        a = _mix(self._base(namespace) + i)
        b = _mix(a)
        kind, word, prefix = _KINDS[(0, 0, 0, 1, 1, 1, 1, 2)[a & 7]]
        path = _PATHS[(a >> 3) % (len(_PATHS) if self.odd else _USUAL_PATHS)]
        if kind == "USER":
            name = f"{_GIVEN[(a >> 8) % len(_GIVEN)]}{i}"
            style = (a >> 16) & 15
            if style < 4:
                name += ("@example.com", "+iot", ".o-neil", "=a,b")[style]
        else:
            name = f"{_WORK[(a >> 8) % len(_WORK)]}-{_WORK[(a >> 12) % len(_WORK)]}_{i}"
            if (a >> 16) & 31 == 0:
                name = (name + "-" + "x" * 64)[:64]
        if self.odd and (a >> 24) & 511 == 0:
            path = f"/{'p' * 255}/{'&' * 254}/"
        p = _PAIRS
        ident = (f"{prefix}{p[b & 1023]}{p[b >> 10 & 1023]}{p[b >> 20 & 1023]}{p[b >> 30 & 1023]}"
                 f"{p[b >> 40 & 1023]}{p[b >> 50 & 1023]}{p[a >> 30 & 1023]}{p[a >> 40 & 1023]}"
                 f"{_BASE32[a >> 50 & 31]}")
        arn = f"arn:{self.partition}:iam::{self.account}:{word}{path}{name}"
        return arn, ident, name, path, kind, self._when(i, self.seen(namespace), b)

    def of(self, _job):
        """The report of a job: here every job has the same one."""
        return self

    def page(self, namespace, start, count):
        end = min(self.size(namespace), start + count)
        return [self.entity(namespace, i) for i in range(start, end)]

    def entities(self, namespace):
        """The whole list in the shape that AWS SDKs return, dates as on the wire."""
        for arn, ident, name, path, kind, when in self.page(namespace, 0, self.size(namespace)):
            item = {"EntityInfo": {"Arn": arn, "Name": name, "Type": kind, "Id": ident,
                                   "Path": path}}
            if when:
                item["LastAuthenticated"] = when
            yield item

    def service(self, i, action_level):
        """A member of ServicesLastAccessed as a dict, dates as on the wire."""
        namespace = self.namespaces[i]
        name = dict(_SERVICES).get(namespace) or f"Example Service {i} <beta> & more"
        item = {"ServiceName": name, "ServiceNamespace": namespace}
        seen = self.seen(namespace)
        if seen:
            arn, _, _, _, _, when = self.entity(namespace, 0)
            region = _REGIONS[self._base(namespace) & 3]
            item.update(LastAuthenticated=when, LastAuthenticatedEntity=arn,
                        LastAuthenticatedRegion=region)
        item["TotalAuthenticatedEntities"] = seen
        if action_level and namespace in _ACTIONS:
            item["TrackedActionsLastAccessed"] = [
                self._action(namespace, k, action) for k, action in enumerate(_ACTIONS[namespace])]
        return item

    def _action(self, namespace, k, action):
        item = {"ActionName": action}
        if k < self.seen(namespace) and k % 3 != 2:
            arn, _, _, _, _, when = self.entity(namespace, k)
            item.update(LastAccessedEntity=arn, LastAccessedRegion=_REGIONS[k & 3],
                        LastAccessedTime=when)
        return item


def render_entity(layout, entity):
    """One <member> of EntityDetailsList."""
    arn, ident, name, path, kind, when = entity
    n, i = layout.end, layout.blank
    two, three = i * 3, i * 4
    if "&" in arn or "<" in arn or '"' in arn:
        short = escape(path)
        arn, path = arn.replace(path, short, 1), short
    last = f"{i * 4}<LastAuthenticated>{when}</LastAuthenticated>{n}" if when else ""
    five = i * 5
    return (f"{two}<member>{n}{three}<EntityInfo>{n}{five}<Arn>{arn}</Arn>{n}{five}<Id>{ident}</Id>"
            f"{n}{five}<Name>{name}</Name>{n}{five}<Path>{path}</Path>{n}{five}<Type>{kind}</Type>"
            f"{n}{three}</EntityInfo>{n}{last}{two}</member>{n}")


class PageCache:
    """Rendered pages, up to a number of bytes, oldest dropped first."""

    def __init__(self, limit=96 << 20):
        self._limit, self._held = limit, 0
        self._pages, self._lock = {}, threading.Lock()

    def get(self, key, make):
        with self._lock:
            page = self._pages.get(key)
        if page is None:
            page = make()
            with self._lock:
                if key not in self._pages:
                    self._pages[key] = page
                    self._held += len(page)
                while self._held > self._limit and len(self._pages) > 1:
                    self._held -= len(self._pages.pop(next(iter(self._pages))))
        return page
