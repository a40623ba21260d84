"""Made-up audits for the tests of the page, the lines that page.c reads them from, and the pages of them."""

import datetime
import os
import random
import subprocess
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3))
HOST = os.path.join(ROOT, "platform", "host")

NOW = 1795808086  # 2026-11-27T19:34:46Z
DAY = 86400
USED, UNUSED, NEVER, UNKNOWN = 1, 2, 3, 4
NAMES = {"s3": "Amazon S3", "ec2": "Amazon EC2", "iam": "AWS Identity and Access Management", "sts": "AWS Security Token Service",
         "logs": "Amazon CloudWatch Logs", "dynamodb": "Amazon DynamoDB", "lambda": "AWS Lambda", "kms": "AWS Key Management Service",
         "sns": "Amazon SNS", "sqs": "Amazon SQS", "cloudwatch": "Amazon CloudWatch", "rds": "Amazon RDS",
         "ssm": "AWS Systems Manager", "secretsmanager": "AWS Secrets Manager", "ecr": "Amazon Elastic Container Registry",
         "ecs": "Amazon Elastic Container Service", "eks": "Amazon Elastic Container Service for Kubernetes",
         "cloudformation": "AWS CloudFormation", "cloudtrail": "AWS CloudTrail", "route53": "Amazon Route 53",
         "elasticloadbalancing": "Elastic Load Balancing", "autoscaling": "Amazon EC2 Auto Scaling", "athena": "Amazon Athena",
         "glue": "AWS Glue", "kinesis": "Amazon Kinesis Data Streams", "apigateway": "Amazon API Gateway Management",
         "events": "Amazon EventBridge", "states": "AWS Step Functions", "organizations": "AWS Organizations", "config": "AWS Config"}
WORDS = ("billing", "checkout", "search", "ingest", "deploy", "audit", "backup", "report", "catalog", "media", "payments", "fraud",
         "orders", "metrics", "data-lake", "support", "mobile", "web", "batch", "edge")
ROLES = ("service", "reader", "admin", "runner", "writer", "task", "worker", "pipeline")
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2")
ACCOUNT = "123456789012"
TYPES = ("ROLE", "ROLE", "ROLE", "USER", "GROUP", "POLICY")


class Audit:
    """What is told to the format: begin(), ARNs with their rows, totals."""

    def __init__(self, account=ACCOUNT, command="tinyiam audit --account --unused-for 90d --output html", days=90):
        self.account, self.command, self.days = account, command, days
        self.arns, self.gone, self.failed = [], 0, 0

    def arn(self, arn, kind="ROLE", created=None, unknown=None):
        """unknown: (code, message)"""
        a = {"arn": arn, "type": kind, "created": created, "unknown": unknown, "rows": [],
             "young": bool(self.days and created is not None and created > NOW - self.days * DAY)}
        self.arns.append(a)
        self.gone += bool(unknown and unknown[0] == "NoSuchEntity")
        self.failed += bool(unknown and unknown[0] != "NoSuchEntity")
        return a

    def row(self, namespace, name="", last=None, entity=None, region=None, total=None):
        days = None if last is None else (NOW - last) // DAY
        status = NEVER if last is None else UNUSED if self.days and NOW - last >= self.days * DAY else USED
        row = {"namespace": namespace, "name": name, "status": status, "last": last, "days": days, "entity": entity,
               "region": region, "total": total, "arn": self.arns[-1]}
        self.arns[-1]["rows"].append(row)
        return row

    def rows(self):
        return [row for a in self.arns for row in a["rows"]]

    def sums(self, rows):
        return [len(rows), *(sum(r["status"] == s for r in rows) for s in (USED, UNUSED, NEVER))]

    def totals(self):
        unknown = sum(bool(a["unknown"]) for a in self.arns)
        return [len(self.arns), len(self.arns) - unknown, self.gone, self.failed, sum(a["young"] for a in self.arns),
                *self.sums(self.rows()), len(self.rows()) + unknown]

    def lines(self):
        yield line("begin", self.account, self.command, self.days * DAY, NOW)
        for a in self.arns:
            yield line("arn", a["arn"], a["type"], a["created"], int(a["young"]), int(bool(a["unknown"])), *self.sums(a["rows"]))
            for r in a["rows"]:
                yield line("row", r["namespace"], r["name"], r["status"], r["last"], r["days"], r["entity"], r["region"], r["total"])
            if a["unknown"]:
                yield line("row", None, None, UNKNOWN, None, None, None, None, None, *a["unknown"])
        yield line("end", *self.totals())


def line(*fields):
    out = []
    for f in fields:
        data = b"" if f is None else f if isinstance(f, bytes) else str(f).encode("utf-8", "surrogatepass")
        out.append(b"".join(b"%%%02X" % c if c in b"%\t\n\0" else bytes((c,)) for c in data))
    return b"\t".join(out) + b"\n"


def date(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d")


def second(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def usual(arns, services, seed=1, days=90):
    """An account as they are: what is granted and what is used are far apart."""
    pick = random.Random(seed)
    audit = Audit(days=days, command=f"tinyiam audit --account --output html{f' --unused-for {days}d' if days else ''}")
    names = list(NAMES.items())[:services] + [(f"service{i}", f"Amazon Service {i}") for i in range(len(NAMES), services)]
    for i in range(arns):
        kind = TYPES[i % len(TYPES)]
        path = pick.choice(("/", "/", "/team/", "/service/prod/"))
        name = f"{pick.choice(WORDS)}-{pick.choice(ROLES)}-{i}"
        created = NOW - pick.choice((20, 400, 800)) * DAY - pick.randrange(DAY) if i % 9 == 4 else NOW - pick.randrange(200, 2000) * DAY
        a = audit.arn(f"arn:aws:iam::{ACCOUNT}:{kind.lower()}{path}{name}", kind, created)
        if i % 23 == 17:
            a["unknown"] = pick.choice((("NoSuchEntity", f"The role with name {name} cannot be found."),
                                        ("ServiceFailure", "The report failed twice: ask again later.")))
            audit.gone += a["unknown"][0] == "NoSuchEntity"
            audit.failed += a["unknown"][0] != "NoSuchEntity"
            a["young"] = False
            continue
        granted = sorted(pick.sample(range(services), max(1, int(services * pick.choice((.3, .6, .9, 1))))), key=lambda n: names[n][0])
        for n in granted:
            likely = .75 / (1 + n / 6)
            if pick.random() > likely:
                audit.row(*names[n])
                continue
            last = NOW - int(min(399, pick.expovariate(1 / 45)) * DAY) - pick.randrange(3600)
            entity = a["arn"] if kind in ("ROLE", "USER") else f"arn:aws:iam::{ACCOUNT}:user/{pick.choice(WORDS)}-{pick.randrange(8)}"
            audit.row(*names[n], last, entity, pick.choice(REGIONS), 1 if kind in ("ROLE", "USER") else pick.randrange(1, 30))
    return audit


class Maker:
    """page.c with the format under the sanitizers, and the rest of the command as the build has it: pages as files."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tinyiam-page-")
        self.program = os.path.join(self.folder.name, "page")
        page = os.path.join(self.folder.name, "audit_page.c")
        build = os.path.dirname(os.environ.get("TINYIAM") or os.path.join(ROOT, "build", "host", "tinyiam"))
        objects = os.path.join(build, "CMakeFiles", "tinyiam_command.dir")
        sources = [os.path.join(room, name) for part in ("common", "host") for room, _, names in os.walk(os.path.join(ROOT, "platform", part))
                   for name in names if name.endswith(".c") and name not in ("main.c", "html.c") and os.path.basename(room) != "examples"]
        built = [os.path.join(objects, os.path.relpath(source, ROOT) + ".o") for source in sources]
        built.append(os.path.join(objects, "completion.c.o"))  # that the build has made
        includes = [f"-I{os.path.join(ROOT, i)}" for i in ("platform/host", "platform", "core/include", "port/include")]
        subprocess.run(["cmake", f"-DOUT={page}", "-P", os.path.join(ROOT, "cmake", "page.cmake")], check=True)
        subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                        "-Wall", "-Wextra", "-Werror", *includes, os.path.join(HOST, "audit", "html.c"), page,
                        os.path.join(os.path.dirname(__file__), "page.c"), *built, os.path.join(build, "libtinyiam.a"),
                        "-lmbedtls", "-lmbedx509", "-lmbedcrypto", "-pthread", "-o", self.program], check=True)
        with open(page + ".page", "rb") as f:
            self.skeleton = f.read()

    def lines(self, lines):
        return subprocess.run([self.program], input=b"".join(lines), stdout=subprocess.PIPE, check=True).stdout

    def file(self, name, audit):
        path = os.path.join(self.folder.name, name + ".html")
        with open(path, "wb") as f:
            f.write(self.lines(audit.lines()))
        return path

    def close(self):
        self.folder.cleanup()
