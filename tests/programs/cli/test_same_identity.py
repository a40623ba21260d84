#!/usr/bin/python3
"""The AWS CLI and tinyiam with the same files and variables: the same caller, as the simulator's log has it."""

import json
import os
import sys

import cli
import test_credentials as case
from cli import ENTITIES

sys.path.insert(0, os.path.join(cli.ROOT, "tests", "lab", "sim"))
from iamsim import sources, sts  # noqa: E402


class AwsCli(case.Sources):
    """The AWS CLI, led here by name through the proxy, is the same caller for the same files and variables."""

    def env(self, **extra):
        env = cli.clean(self.home, AWS_CONFIG_FILE=self.config, AWS_CA_BUNDLE=self.sim.ca,
                        HTTPS_PROXY=self.sim.proxy["url"], AWS_STS_REGIONAL_ENDPOINTS="regional", **extra)
        return env

    def aws(self, *args, **extra):
        return cli.Run(cli.aws_cli.run(["iam", *args], self.env(**extra), self.home))

    def same(self, *args, **extra):
        out = []
        for by in (self.run_, self.aws):
            self.sim.clear()
            self.forget()
            run = by(*ENTITIES, *args, **extra)
            self.assertEqual(run.code, 0, run)
            out.append([(e["server"], e["operation"], e["identity"]) for e in self.sim.requests()
                        if e["server"] in ("iam", "sts")])
        self.assertEqual(out[0], out[1])
        return out[0][-1][2]

    def test_same(self):
        token = self.write("token", sts.web_token())
        self.profiles(p=case.role(source_profile="q"), q=case.role(credential_source="Environment"),
                      r=f"credential_process = /bin/cat '{self.home}/document'")
        self.write("document", json.dumps(case.Process.GOOD))
        self.assertEqual(self.same("--profile", "p"), case.READER + "me")
        self.assertEqual(self.same(AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN=case.ROLE, AWS_ROLE_SESSION_NAME="pod",
                                   **case.NO_KEYS), case.READER + "pod")
        self.assertEqual(self.same("--profile", "r"), case.USER)
        self.same(AWS_CONTAINER_CREDENTIALS_FULL_URI=self.sim.container["url"] + "/pod", **case.NO_KEYS,
                  AWS_CONTAINER_AUTHORIZATION_TOKEN=sources.CONTAINER_TOKEN)
        self.same(**{**case.NO_KEYS, "AWS_EC2_METADATA_DISABLED": "false"},
                  AWS_EC2_METADATA_SERVICE_ENDPOINT=self.sim.imds["url"] + "/")

    def test_same_errors(self):
        """Exit code and first words."""
        self.profiles(a=case.role(source_profile="a"), d=case.role("arn:aws:iam::123456789012:role/denied", credential_source="Environment"),
                      x="credential_process = /bin/sh -c 'echo oops >&2; exit 1'")
        for args, words in ((("--profile", "a"), "Infinite loop in credential configuration detected."),
                            (("--profile", "d"), "An error occurred (AccessDenied) when calling the AssumeRole operation"),
                            (("--profile", "x"), "Error when retrieving credentials from custom-process: oops")):
            mine, theirs = self.run_(*ENTITIES, *args), self.aws(*ENTITIES, *args)
            self.assertEqual(mine.code, theirs.code, (mine, theirs))
            self.assertIn(words.encode(), theirs.err)
            self.assertTrue(mine.err.startswith(cli.ERROR + words.encode()), mine)


if __name__ == "__main__":
    cli.main()
