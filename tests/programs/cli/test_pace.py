#!/usr/bin/python3
"""Retry mode adaptive: when requests are spaced, what --debug tells of it, and that nothing is lost by it. How fast
they go is compared with botocore in virtual time (tests/core/unit/oracle_pace.py)."""

import os
import re

import cli

ROLES = ("list-roles", "--page-size", "1", "--output", "jsonl")
THROTTLED = {"when": {"request": 2}, "do": {"code": "Throttling"}}


class Pace(cli.CliTest):
    options = ("--plain", "--no-verify", "--account", "roles=6")

    def setUp(self):
        super().setUp()
        self.plain = self.run_(*ROLES)
        self.assertCode(self.plain, 0)
        self.assertEqual(self.plain.out.count(b"\n"), 6)
        self.sim.clear()

    def profile(self, text):
        os.makedirs(os.path.join(self.home, ".aws"), exist_ok=True)
        with open(os.path.join(self.home, ".aws", "config"), "w", encoding="utf-8") as f:
            f.write("[default]\n" + text)

    def codes(self):
        return [r["code"] for r in self.sim.requests()]

    def events(self, *args, **extra):
        """Requests, replies and pauses of a run whose second request is throttled, as --debug tells them."""
        self.sim.scenario([THROTTLED])
        self.sim.clear()
        run = self.run_(*ROLES, "--debug", *args, **extra)
        self.assertCode(run, 0)
        self.assertEqual(run.out, self.plain.out)
        self.assertEqual(self.codes(), [None, "Throttling"] + [None] * 5)
        return re.findall(r"debug: (> POST|< HTTP/1.1 \d+|\* pace: throttled|\* pace: the next request waits)",
                          run.err.decode())

    def assertSpaced(self, events):
        # silent until the first of them, and from then on no request that the pace has not let go
        self.assertEqual(events[:5], ["> POST", "< HTTP/1.1 200", "> POST", "< HTTP/1.1 400", "* pace: throttled"])
        self.assertIn("* pace: the next request waits", events[5:])
        self.assertEqual(events.count("* pace: throttled"), 1)

    def test_mode(self):
        """By the variable, else by the profile; else nothing waits but a retry."""
        for profile, variable in (("", None), ("retry_mode = standard\n", None), ("retry_mode = adaptive\n", "standard")):
            self.profile(profile)
            self.assertFalse([e for e in self.events(AWS_RETRY_MODE=variable) if "pace" in e], (profile, variable))
        for profile, variable in (("retry_mode = adaptive\n", None), ("retry_mode = standard\n", "adaptive")):
            self.profile(profile)
            self.assertSpaced(self.events(AWS_RETRY_MODE=variable))

    def test_a_bucket(self):
        """Whatever the simulator's bucket lets through: every row, and each once."""
        self.sim.scenario({"bucket": [6, 2]})
        run = self.run_(*ROLES, AWS_RETRY_MODE="adaptive", AWS_MAX_ATTEMPTS="20")
        self.assertCode(run, 0)
        self.assertEqual(run.out, self.plain.out)
        codes = self.codes()
        self.assertEqual(codes.count(None), 6)
        self.assertLessEqual(set(codes), {None, "Throttling"})

    def test_the_deadline(self):
        """It ends a wait as it ends everything, and the attempts end what is throttled for ever."""
        self.sim.scenario([{"do": {"code": "Throttling"}}])
        run = self.run_(*ROLES, AWS_RETRY_MODE="adaptive", AWS_MAX_ATTEMPTS="2")
        self.assertError(run, 254, "An error occurred (Throttling) when calling the ListRoles operation")
        self.assertEqual(self.codes(), ["Throttling"] * 2)
        self.sim.clear()
        run = self.run_(*ROLES, "--deadline", "1", AWS_RETRY_MODE="adaptive", AWS_MAX_ATTEMPTS="200")
        self.assertNotEqual(run.code, 0)
        self.assertEqual(run.out, b"")

    def test_every_command(self):
        """It is the client's matter, whatever the operation."""
        for command in (cli.ENTITIES, (cli.SERVICES, *cli.OF_JOB)):
            self.sim.scenario([{"when": {"request": 1}, "do": {"code": "Throttling"}},
                               {"when": {"request": ">=2"}, "do": {"code": "NoSuchEntity", "status": 404}}])
            self.sim.clear()
            run = self.run_(*command, "--debug", AWS_RETRY_MODE="adaptive")
            self.assertCode(run, 254)
            self.assertEqual(self.codes(), ["Throttling", "NoSuchEntity"])
            self.assertIn(b"debug: * pace: throttled\n", run.err)


if __name__ == "__main__":
    cli.main()
