#!/usr/bin/python3
"""tinyiam configure list: what is set, where, and nothing that is secret; as the AWS CLI tells it."""

import os
import re
import sys
import unittest

import cli

sys.path.insert(0, os.path.join(cli.ROOT, "tests", "lab", "sim"))
from iamsim import sources  # noqa: E402

NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_DEFAULT_REGION": None}
STATIC = "aws_access_key_id = AKID{0}0000000001234\naws_secret_access_key = secret-of-{0}-abcd\n"


class Configure(cli.CliTest):
    options = ("--sources", "--entities", "1")

    def env(self, **extra):
        return cli.clean(self.home, **extra)

    def files(self, config="", credentials=""):
        os.makedirs(os.path.join(self.home, ".aws"), exist_ok=True)
        for name, text in (("config", config), ("credentials", credentials)):
            with open(os.path.join(self.home, ".aws", name), "w", encoding="utf-8") as f:
                f.write(text)

    def rows(self, *args, code=0, **extra):
        """{name: (value, type, location)}"""
        run = self.run_("configure", "list", *args, **extra)
        self.assertCode(run, code)
        lines = run.out.decode().splitlines()
        self.assertEqual(lines[0], "NAME       : VALUE                    : TYPE             : LOCATION")
        found = {}
        for line in lines[1:]:
            name, value, kind, location = line.split(" : ", 3)
            self.assertGreaterEqual((len(name), len(value), len(kind)), (10, 24, 16))
            found[name.rstrip()] = (value.rstrip(), kind.rstrip(), location)
        for secret in ("secret-of", "session-secret"):
            self.assertNotIn(secret, run.out.decode() + run.err.decode())
        return found

    def theirs(self, *args, **extra):
        """The same of the AWS CLI, in lists that name the variables."""
        run = cli.aws_cli.run(["configure", "list", *args], self.env(**extra))
        self.assertEqual(run.returncode, 0, run)
        found = {}
        for line in run.stdout.decode().splitlines()[2:]:
            name, value, kind, *location = line.replace("<not set>", "<not-set>").split(None, 3)
            found[name] = (value.replace("<not-set>", "<not set>"), kind)
        return found

    def test_as_the_aws_cli(self):
        self.files("[default]\nregion = eu-west-1\n[profile c]\nregion = in-c\n" + STATIC.format("C"),
                   "[s]\n" + STATIC.format("S"))
        for args, extra in (((), {}), ((), NO_KEYS), (("--profile", "c"), {}), (("--profile", "s"), {"AWS_REGION": "by-env"}),
                            ((), {"AWS_PROFILE": "c", **NO_KEYS}), ((), {"AWS_PROFILE": "c"})):
            mine, theirs = self.rows(*args, **extra), self.theirs(*args, **extra)
            for name in ("profile", "access_key", "secret_key", "region"):
                self.assertEqual(mine[name][:2], theirs[name], (name, args, extra))

    def test_places(self):
        self.files("[default]\nregion = eu-west-1\nendpoint_url = https://localhost:1\noutput = text\nservices = x\n"
                   "[services x]\nsts =\n  endpoint_url = https://localhost:2\n")
        found = self.rows(AWS_DEFAULT_REGION=None, AWS_MAX_ATTEMPTS="7", HTTPS_PROXY="http://me:session-secret@p:8",
                          NO_PROXY="a,b", AWS_SESSION_TOKEN="session-secret-wxyz", AWS_CA_BUNDLE="/x/ca.pem")
        for name, want in {
                "profile": ("<not set>", "None", "None"),
                "access_key": ("****************MPLE", "env", ""), "secret_key": ("****************EKEY", "env", ""),
                "keys_from": ("env", "env", "AWS_ACCESS_KEY_ID"),
                "session_token": ("****************wxyz", "env", "AWS_SESSION_TOKEN"),
                "region": ("eu-west-1", "config-file", "~/.aws/config"),
                "endpoint_url iam": ("https://localhost:1", "config-file", "endpoint_url of the profile"),
                "endpoint_url sts": ("https://localhost:2", "config-file", "services section of the profile"),
                "output": ("text", "config-file", "~/.aws/config"), "max_attempts": ("7", "env", "AWS_MAX_ATTEMPTS"),
                "retry_mode": ("standard", "default", ""), "ca_bundle": ("/x/ca.pem", "env", "AWS_CA_BUNDLE"),
                "https_proxy": ("http://***:***@p:8", "env", "HTTPS_PROXY"), "no_proxy": ("a,b", "env", "NO_PROXY"),
                "use_fips_endpoint": ("<not set>", "None", "None")}.items():
            self.assertEqual(found[name], want)
        found = self.rows("--region", "x", "--endpoint-url", "https://localhost:3", "--output", "csv", "--ca-bundle", "/y",
                          https_proxy="")
        self.assertEqual(found["region"], ("x", "manual", "--region"))
        self.assertEqual(found["endpoint_url iam"], ("https://localhost:3", "manual", "--endpoint-url"))
        self.assertEqual(found["ca_bundle"], ("/y", "manual", "--ca-bundle"))
        self.assertEqual(found["https_proxy"], ("<not set>", "None", "None"))

    def test_sources(self):
        self.files("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/reader\ncredential_source = Environment\n"
                   "region = us-east-1\n")
        found = self.rows("--profile", "p", AWS_ENDPOINT_URL_STS=self.sim.sts["url"], AWS_CA_BUNDLE=self.sim.ca)
        session = self.sim.sessions()[-1]
        self.assertEqual(found["access_key"], ("*" * 16 + session["key"][-4:], "assume-role", ""))
        self.assertEqual(found["keys_from"], ("assume-role", "assume-role", "environment"))
        self.assertEqual(found["secret_key"], ("*" * 16 + session["secret"][-4:], "assume-role", ""))
        self.assertEqual(found["role_arn"], ("arn:aws:iam::123456789012:role/reader", "config-file", "p"))
        found = self.rows(AWS_CONTAINER_CREDENTIALS_FULL_URI=self.sim.container["url"] + "/pod",
                          AWS_CONTAINER_AUTHORIZATION_TOKEN=sources.CONTAINER_TOKEN, **NO_KEYS)
        self.assertEqual(found["access_key"][1:], ("container-role", ""))
        self.assertEqual(found["keys_from"], ("container-role", "container-role", "container endpoint, "
                                              "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
        found = self.rows(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1",
                          **NO_KEYS)
        self.assertEqual(found["access_key"], ("<not set>", "None", "None"))

    def test_what_fails(self):
        """Said on stderr; the rest is told all the same."""
        self.files(f"[profile p]\ncredential_process = {self.absent}\n")
        found = self.rows("--profile", "p", code=255)
        self.assertEqual((found["access_key"][0], found["region"][0]), ("<not set>", "us-east-1"))
        run = self.run_("configure", "list", "--profile", "nobody")
        self.assertError(run, 255, "The config profile (nobody) could not be found")
        self.assertError(self.run_("configure"), 252, "An error occurred (ParamValidation): the following arguments are "
                         "required: subcommand")
        self.assertError(self.run_("configure", "set"), 252, "Unknown options: set")
        self.assertError(self.run_("configure", "list", "--all"), 252, "Unknown options: --all")
        self.assertIn(b"usage: tinyiam configure list [options]", self.run_("configure", "--help").out)


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    cli.main()
