"""Real clients: botocore of Debian's python3-botocore, and the AWS CLI of Debian's awscli."""

import functools
import json
import os
import re
import subprocess
import sys
import unittest

from .base import FIXED_JOB, SimCase
from .service import ARN

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import aws  # noqa: E402

AWS = aws.PROGRAM

# botocore in a process of its own: its environment is then ours alone
SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import botocore.config, botocore.session
url, retries, steps = json.loads(sys.argv[1])
config = botocore.config.Config(retries=retries, read_timeout=300, connect_timeout=300)
iam = botocore.session.Session().create_client("iam", region_name="us-east-1", endpoint_url=url,
                                               config=config)
out = []
for operation, arguments in steps:
    if "JobId" in arguments and arguments["JobId"] is None:
        arguments["JobId"] = out[0]["JobId"]
    if arguments.get("Marker") == "previous":
        arguments["Marker"] = out[-1]["Marker"]
    try:
        reply = getattr(iam, operation)(**arguments)
    except Exception as error:
        reply = getattr(error, "response", {"Error": {"Code": type(error).__name__}})
    out.append(reply)
json.dump(out, sys.stdout, default=str)
"""


@functools.lru_cache
def available(kind):
    if kind == "aws":
        return os.path.exists(AWS)
    return subprocess.run(["/usr/bin/python3", "-c", "import botocore"], capture_output=True,
                          check=False).returncode == 0


@unittest.skipUnless(available("botocore"), "needs python3-botocore (apt-get install it)")
class Botocore(SimCase):
    OPTIONS = ("--entities", "25,s3=250", "--marker-style", "latin1", "--job-polls", "1")

    def boto(self, *steps, retries=None, **environment):
        argument = json.dumps([self.sim.url, retries or {"mode": "standard"}, steps])
        run = subprocess.run(["/usr/bin/python3", "-c", SCRIPT, argument], capture_output=True,
                             text=True, check=False, timeout=300,
                             env=self.sim.environment(**environment))
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def entities(self, **arguments):
        return ["get_service_last_accessed_details_with_entities",
                {"JobId": FIXED_JOB, "ServiceNamespace": "s3", **arguments}]

    def test_three_operations(self):
        job = {"JobId": None}
        out = self.boto(["generate_service_last_accessed_details",
                         {"Arn": ARN, "Granularity": "ACTION_LEVEL"}],
                        ["get_service_last_accessed_details", dict(job)],
                        ["get_service_last_accessed_details", dict(job)],
                        ["get_service_last_accessed_details_with_entities",
                         {**job, "ServiceNamespace": "iam"}])
        self.assertEqual([o.get("JobStatus") for o in out],
                         [None, "IN_PROGRESS", "COMPLETED", "COMPLETED"])
        services = {s["ServiceNamespace"]: s for s in out[2]["ServicesLastAccessed"]}
        self.assertEqual(services["s3"]["TotalAuthenticatedEntities"], 200)
        self.assertEqual(services["iam"]["TrackedActionsLastAccessed"][0]["ActionName"], "GetUser")
        self.assertEqual(len(out[3]["EntityDetailsList"]), 25)
        self.assertEqual({e["signature"] for e in self.sim.requests()}, {"valid"})

    def test_every_marker_style_comes_back_whole(self):
        from client import Sim
        from iamsim.markers import STYLES
        from .base import STATE
        for style in STYLES:
            with self.subTest(style), Sim("--entities", "250", "--marker-style", style,
                                          "--layout", "crlf", state_dir=STATE) as other:
                mine, type(self).sim = self.sim, other
                try:
                    out = self.boto(self.entities(), self.entities(Marker="previous"),
                                    self.entities(Marker="previous"))
                finally:
                    type(self).sim = mine
                found = [e["EntityInfo"]["Arn"] for o in out for e in o["EntityDetailsList"]]
                self.assertEqual((len(found), len(set(found))), (250, 250))
                self.assertNotIn("Marker", out[2])

    def test_errors(self):
        out = self.boto(self.entities(JobId="0" * 36), self.entities(Marker="x"),
                        self.entities(MaxItems=1001))
        self.assertEqual([(o["Error"]["Code"], o["ResponseMetadata"]["HTTPStatusCode"])
                          for o in out], [("NoSuchEntity", 404), ("ValidationError", 400),
                                          ("ValidationError", 400)])
        out = self.boto(self.entities(), AWS_SECRET_ACCESS_KEY="wrong")
        self.assertEqual(out[0]["Error"]["Code"], "SignatureDoesNotMatch")
        out = self.boto(self.entities(), AWS_ACCESS_KEY_ID="nobody")
        self.assertEqual(out[0]["Error"]["Code"], "InvalidClientTokenId")
        out = self.boto(self.entities(), AWS_SESSION_TOKEN="a+token/==")
        self.assertEqual(out[0]["JobStatus"], "COMPLETED")

    def test_untrusted_authority(self):
        self.sim.scenario([{"do": {"certificate": "unknown-ca"}}])
        out = self.boto(self.entities(), retries={"max_attempts": 0})
        self.assertEqual(out[0]["Error"]["Code"], "SSLError")

    def test_retries_on_throttling_and_a_dropped_connection(self):
        self.sim.scenario([{"when": {"attempt": 1}, "do": {"code": "Throttling"}},
                           {"when": {"attempt": 2}, "do": {"cut": {"part": "head"}}}])
        out = self.boto(self.entities())
        self.assertEqual(out[0]["JobStatus"], "COMPLETED")
        entries = self.sim.requests()
        self.assertEqual([e["attempt"] for e in entries], [1, 2, 3])
        self.assertEqual(len({e["amz-sdk-invocation-id"] for e in entries}), 1)

    def test_chunked_and_slow(self):
        self.sim.scenario([{"do": {"chunks": {"sizes": [1, 5, 900], "extension": "x=y"},
                                   "informational": [100], "write_size": 999}}])
        self.assertEqual(len(self.boto(self.entities())[0]["EntityDetailsList"]), 100)


@unittest.skipUnless(available("aws"), "needs the AWS CLI (apt-get install awscli)")
class Cli(SimCase):
    OPTIONS = ("--entities", "25,s3=250", "--services", "3", "--cert-kind", "rsa")

    def aws(self, *words, **environment):
        return aws.text(aws.run(["--endpoint-url", self.sim.url, "iam", *words, "--output", "json"],
                                self.sim.environment(**environment)))

    def entities(self, *words, **environment):
        return self.aws("get-service-last-accessed-details-with-entities", "--job-id", FIXED_JOB,
                        "--service-namespace", "s3", *words, **environment)

    def test_generate_services_and_pages(self):
        run = self.aws("generate-service-last-accessed-details", "--arn", ARN)
        job = json.loads(run.stdout)["JobId"]
        run = self.aws("get-service-last-accessed-details", "--job-id", job)
        self.assertEqual(len(json.loads(run.stdout)["ServicesLastAccessed"]), 3)
        names, marker = [], []
        for _ in range(3):
            page = json.loads(self.entities(*marker).stdout)
            names += [e["EntityInfo"]["Name"] for e in page["EntityDetailsList"]]
            marker = ["--marker", page.get("Marker", "")]
        self.assertEqual((len(names), page["IsTruncated"]), (250, False))
        self.assertEqual({e["signature"] for e in self.sim.requests()}, {"valid"})

    def test_error_and_retries(self):
        run = self.entities("--marker", "nonsense")
        self.assertEqual(run.returncode, 254)
        self.assertIn("An error occurred (ValidationError) when calling the GetServiceLastAccessed"
                      "DetailsWithEntities operation", run.stderr)
        self.sim.clear()
        self.sim.scenario([{"when": {"attempt": 1}, "do": {"code": "Throttling"}}])
        self.assertEqual(self.entities().returncode, 0)
        self.assertEqual([e["code"] for e in self.sim.requests()], ["Throttling", None])
        self.sim.scenario([{"do": {"job_status": "FAILED",
                                   "job_error": {"code": "E", "message": "m"}}}])
        self.assertEqual(json.loads(self.entities().stdout)["Error"], {"Message": "m", "Code": "E"})


@unittest.skipUnless(available("aws"), "needs the AWS CLI (apt-get install awscli)")
class Fork(SimCase):
    """The AWS CLI that forks (tests/lab/aws.py) says what the program says."""

    OPTIONS = ("--account", "users=5", "--marker-style", "latin1")

    def test_same(self):
        config = os.path.join(os.path.dirname(self.sim.log_path), "fork-config")
        with open(config, "w", encoding="utf-8") as f:
            f.write("[default]\noutput = yaml\n")
        for words, more in ((["--page-size", "2", "--max-items", "3"], {}), (["--output", "text"], {}),
                            (["--output", "table"], {}), (["--output", "yaml-stream"], {}),
                            ([], {"AWS_CONFIG_FILE": config}), (["--profile", "nobody"], {}),
                            (["--page-size", "0"], {}), (["--typo"], {}), ([], {"AWS_ACCESS_KEY_ID": "AKIAWRONGWRONGWRONGW"})):
            with self.subTest(words=words):
                words = ["iam", "list-users", "--endpoint-url", self.sim.url, *words]
                env = self.sim.environment(**more)
                seen = []
                for call in (lambda: aws.run(words, env),
                             lambda: subprocess.run([AWS, *words], env=env, capture_output=True, check=False)):
                    run = call()
                    self.sim.call("GET", "/settled")
                    asked = [(r["operation"], r["params"], r["signature"]) for r in self.sim.requests()]
                    seen.append((run.returncode, run.stdout, re.sub(rb"(?i)request ?id:? ?[0-9a-f-]{36}", b"", run.stderr), asked))
                    self.sim.clear()
                self.assertEqual(*seen)
