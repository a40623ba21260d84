#!/usr/bin/python3
"""Every reply body of tests/vectors/cases through the command: stdout byte for byte what the AWS CLI
prints for the value that botocore's parser gives, as json, text, yaml and yaml-stream."""

import glob
import io
import json
import os
import unittest

import cli

try:
    from awscli import text as aws_text
except ImportError:
    aws_text = None

COMMANDS = {"GetServiceLastAccessedDetailsWithEntities": cli.ENTITIES,
            "GetServiceLastAccessedDetails": (cli.SERVICES, *cli.OF_JOB),
            "GenerateServiceLastAccessedDetails": (cli.GENERATE, "--arn", cli.ARN)}
LISTS = ("EntityDetailsList", "ServicesLastAccessed")


def cases(folder):
    paths = sorted(glob.glob(os.path.join(cli.VECTORS, "cases", folder, "*.json")))
    assert paths, folder
    for path in paths:
        with open(path, encoding="utf-8") as f:
            yield path, json.load(f)


def late_members(path):
    """Does the body hold members after its list that the model has before it?"""
    with open(path[:-5] + ".xml", "rb") as f:
        body = f.read()
    at = max(body.find(b"EntityDetailsList"), body.find(b"ServicesLastAccessed"))
    before = (b"JobStatus>", b"JobCreationDate>", b"JobType>")
    before += () if b"ServicesLastAccessed" in body else (b"JobCompletionDate>",)
    return at >= 0 and b"member>" in body and any(body.find(name) > at for name in before)


class Cases(cli.CliTest):
    def expected(self, case):
        return {k: v for k, v in case["parsed"].items() if k != "ResponseMetadata"}

    def run_case(self, path, case, *more, **extra):
        self.rules({"case": path})
        return self.run_(*COMMANDS[case["operation"]], *more, **{"AWS_MAX_ATTEMPTS": "1", **extra})

    def check_public(self, path, case):
        run = self.run_case(path, case)
        value = self.expected(case)
        if "Error" in value and case["http"]["status"] >= 300:
            error = value["Error"]
            self.assertError(run, 254, f"An error occurred ({error['Code']}) when calling the "
                                       f"{case['operation']} operation (reached max retries: 0): ")
            return
        self.assertCode(run, 0)
        if not value:
            self.assertEqual(run.out, b"", run)  # the AWS CLI prints no empty object
        elif late_members(path):
            self.assertEqual(json.loads(run.out), value, run)
        else:
            self.assertEqual(run.out, cli.dumps(value), run)

    def check_text(self, path, case):
        value = self.expected(case)
        if "Error" in value and case["http"]["status"] >= 300:
            return
        run, stream = self.run_case(path, case, "--output", "text"), io.StringIO()
        aws_text.format_text(value, stream)
        self.assertCode(run, 0)
        self.assertEqual(run.out.decode(), stream.getvalue(), run)

    def test_public(self):
        for path, case in cases("public"):
            with self.subTest(case["id"]):
                self.check_public(path, case)

    def test_public_as_text(self):
        self.assertIsNotNone(aws_text, "Debian's package awscli is needed")
        for path, case in cases("public"):
            with self.subTest(case["id"]):
                self.check_text(path, case)

    def test_public_as_yaml(self):
        """yaml, and yaml-stream: a list of the replies; what is empty is not printed."""
        for path, case in cases("public"):
            value = self.expected(case)
            if "Error" in value and case["http"]["status"] >= 300:
                continue
            for output, shown in (("yaml", value), ("yaml-stream", [value])):
                with self.subTest(case["id"], output=output):
                    run = self.run_case(path, case, "--output", output)
                    self.assertCode(run, 0)
                    self.assertEqual(run.out, cli.yaml(shown) if value else b"", run)

    def test_off(self):
        for path, case in cases("public"):
            with self.subTest(case["id"]):
                loud, off = self.run_case(path, case), self.run_case(path, case, "--output", "off")
                self.assertEqual((off.code, off.out, off.err.split(b" (request")[0]), (loud.code, b"", loud.err.split(b" (request")[0]))

    def test_rejects_as_yaml(self):
        """A document that was cut would look whole: there is none."""
        for path, case in cases("rejects_public"):
            for output in ("yaml", "yaml-stream"):
                with self.subTest(case["id"], output=output):
                    run = self.run_case(path, case, "--output", output)
                    self.assertIn(run.code, (254, 255), run)
                    self.assertEqual(run.out, b"", run)

    def test_every_format_takes_every_body(self):
        for output in ("table", "csv", "jsonl"):
            for path, case in cases("public"):
                with self.subTest(case["id"], output=output):
                    run = self.run_case(path, case, "--output", output)
                    status = self.expected(case).get("JobStatus", "COMPLETED")
                    self.assertEqual(run.code, {"COMPLETED": 0 if case["http"]["status"] < 300 else 254,
                                                "FAILED": 254}.get(status, 255), run)

    def test_rejects(self):
        for path, case in cases("rejects_public"):
            with self.subTest(case["id"]):
                run = self.run_case(path, case)
                self.assertIn(run.code, (254, 255), run)
                self.assertTrue(run.err.startswith(cli.ERROR), run)
                self.assertEqual(run.err.count(b"\n"), 1, run)
                with self.assertRaises(ValueError, msg=run):
                    json.loads(run.out)  # what there is of it is not a document

    def test_quirks(self):
        for path, case in cases("quirks"):
            with self.subTest(case["id"]):
                for more in ((), ("--all",)):
                    run = self.run_case(path, case, *more)
                    if run.code:
                        self.assertTrue(run.err.startswith(cli.ERROR), run)
                        self.assertEqual(run.err.count(b"\n"), 1, run)
                        with self.assertRaises(ValueError, msg=run):
                            json.loads(run.out)
                    else:
                        json.loads(run.out)


if __name__ == "__main__":
    cli.main()
