#!/usr/bin/python3
"""The runs of the AWS CLI in vectors/facts/aws_cli_transcripts.json, by tinyiam: the same stdout, the
same exit code, the same first words on stderr. What does not apply is listed with its reason."""

import json
import os
import unittest
from xml.sax.saxutils import escape

import cli

with open(os.path.join(cli.VECTORS, "facts", "aws_cli_transcripts.json"), encoding="utf-8") as f:
    RUNS = {s["name"]: s for s in json.load(f)["scenarios"]}

NOT_HERE = {
    "ok_table": "the table is tinyiam's own, for people",
    "ok_query": "--query is refused: jq", "ok_query_table": "--query is refused: jq",
    "cli_input_json": "parameters are options", "cli_input_json_override": "parameters are options",
    "cli_input_yaml": "parameters are options", "skeleton": "parameters are options",
    "skeleton_output": "parameters are options", "skeleton_yaml": "parameters are options",
    "err_nosuch_fmt_table": "errors as a table are text, with a note",
    "bad_maxitems_5000": "MaxItems is checked against the model's maximum, too",
    "ep_ignored": "--no-sign-request is refused, and the endpoint is not loopback",
}

# What the service answered there.
OK = RUNS["ok_json"]["stdout"]
SERVICES = RUNS["services_json"]["stdout"]
IN_PROGRESS, FAILED = RUNS["in_progress"]["stdout"], RUNS["failed_job"]["stdout"]
THROTTLED = {"status": 400, "code": "Throttling", "message": "Rate exceeded"}
BROKEN = {"status": 500, "code": "InternalFailure", "message": "x", "type": "Receiver"}


def message(name):
    """The service's message in the recorded error."""
    return RUNS[name]["stderr"].split("operation: ", 1)[1].strip("\n")


def error(name, status, code):
    return {"status": status, "code": code, "message": message(name)}


ANSWERS = {
    "in_progress": IN_PROGRESS, "in_progress_text": IN_PROGRESS, "failed_job": FAILED,
    "services_json": SERVICES, "services_text": SERVICES,
    "generate": RUNS["generate"]["stdout"], "ok_wire": RUNS["ok_wire"]["stdout"],
    "err_nosuch": error("err_nosuch", 404, "NoSuchEntity"),
    **{f"err_nosuch_fmt_{f}": {"status": 404, "code": "NoSuchEntity", "message": "The job cannot be found."}
       for f in ("json", "legacy", "text", "table", "yaml")},
    "err_invalid": error("err_invalid", 400, "InvalidInput"),
    "err_validation": error("err_validation", 400, "ValidationError"),
    "err_denied": error("err_denied", 403, "AccessDenied"),
    "err_throttle_then_ok": (THROTTLED, OK), "err_throttle_always": THROTTLED,
    "err_500_always": BROKEN, "err_500_max1": BROKEN,
    "err_503_html": {"status": 503, "content_type": "text/html",
                     "body": "<html><body><b>Http/1.1 Service Unavailable</b></body></html>"},
    "err_503_empty": {"status": 503, "reply": "empty"},
    "err_404_empty": {"status": 404, "reply": "empty"},
    "err_403_html": {"status": 403, "content_type": "text/html",
                     "body": "<html><body>403 Forbidden</body></html>"},
    "err_407_html_doctype": {"status": 407, "content_type": "text/html",
                             "body": "<!DOCTYPE html><html><body>Bad gateway<br></body></html>"},
    "err_200_garbage": {"body": "not xml"}, "err_200_empty": {"reply": "empty"},
    "err_200_wrong_root": {"body": "<Foo><Bar/></Foo>"},
    "err_302": {"status": 302, "reply": "empty", "headers": {"Location": "http://127.0.0.1:1/"}},
    "err_304ish_300": {"status": 300, "reply": "empty"},
    "err_response_errors": {"status": 400, "body": "<Response><Errors><Error><Code>SomeCode</Code><Message>"
                            "msg</Message></Error></Errors><RequestID>r</RequestID></Response>"},
    "conn_closed": {"cut": {"part": "head", "after": 0, "how": "close"}},
    "read_timeout": {"stall": {"part": "head", "seconds": 3000}},
}

# First words that differ on purpose.
WORDS = {
    "missing_arg_val": "invalid literal for int() with base 10: 'abc'",
    "err_200_wrong_root": "'GetServiceLastAccessedDetailsWithEntitiesResult'",
}


def xml(value):
    if isinstance(value, dict):
        return "".join(f"<{k}>{xml(v)}</{k}>" for k, v in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{xml(v)}</member>" for v in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


def rule(answer, action):
    """A reply given as the JSON that came of it becomes the XML that it came from."""
    if isinstance(answer, dict):
        return answer
    return {"body": f'<{action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{action}Result>'
                    f"{xml(json.loads(answer))}</{action}Result><ResponseMetadata><RequestId>r</RequestId>"
                    f"</ResponseMetadata></{action}Response>"}


def first_words(name):
    """The recorded error up to where it depends on the machine, without the AWS CLI's usage text."""
    if name in WORDS:
        return WORDS[name]
    text = RUNS[name]["stderr"]
    text = text.split("aws: [ERROR]: ", 1)[1].strip("\n")
    text = text.split("\n\n")[0]
    if text.startswith("Unable to parse response"):
        return "Unable to parse response ("
    if "Parameter validation failed" not in text:
        text = text.split("\n")[0]
    if "(Unknown)" in text:
        return text.split("(Unknown)")[0]
    return text


class Transcripts(cli.CliTest):
    def test_every_run_is_known(self):
        self.assertLessEqual(set(NOT_HERE), set(RUNS))
        self.assertLessEqual(set(ANSWERS), set(RUNS))
        self.assertEqual(len(RUNS), 71)

    def environment(self, name):
        env = dict(RUNS[name]["extra_env"])
        if name == "no_creds":
            env.update(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        if name == "ok_wire":
            env.update(AWS_CONFIG_FILE=os.path.join(self.home, "wire.cfg"))
            with open(env["AWS_CONFIG_FILE"], "w", encoding="utf-8") as f:
                f.write("[default]\ncli_timestamp_format = wire\n")
        if name == "ep_generic_env":
            env.update(AWS_ENDPOINT_URL_IAM=None, AWS_ENDPOINT_URL=self.sim.url)
        if name == "ep_flag":
            env.update(AWS_ENDPOINT_URL_IAM="http://127.0.0.1:1")
        if name == "conn_refused":
            env.update(AWS_ENDPOINT_URL_IAM="http://127.0.0.1:1")
        return env

    def play(self, name):
        recorded = RUNS[name]
        args = list(recorded["args"][1:])
        if name == "ep_flag":
            args += ["--endpoint-url", self.sim.url]
        action = {cli.SERVICES: "GetServiceLastAccessedDetails",
                  cli.GENERATE: "GenerateServiceLastAccessedDetails"}.get(
                      args[0], "GetServiceLastAccessedDetailsWithEntities")
        answer = ANSWERS.get(name, OK)
        answers = answer if isinstance(answer, tuple) else (answer,)
        self.sim.clear()
        self.rules(*(rule(a, action) for a in answers))
        return self.run_(*args, **self.environment(name))

    def check(self, name):
        recorded, run = RUNS[name], self.play(name)
        self.assertEqual(run.code, recorded["rc"], run)
        self.assertEqual(run.out.decode(), recorded["stdout"], run)
        self.sim.go_on() # one that stalls is in the log when its reply has been sent
        requests = len(self.sim.requests())
        if name not in ("conn_refused",):
            self.assertEqual(requests, recorded["requests"], run)
        if recorded["stderr"] and "aws: [ERROR]" not in recorded["stderr"]:
            self.assertEqual(run.err.decode(), recorded["stderr"])
        elif recorded["stderr"]:
            words = first_words(name).replace("http://ENDPOINT/", self.environment(name).get(
                "AWS_ENDPOINT_URL_IAM") or self.sim.url + "/")
            words = words.replace('"http://127.0.0.1:1"', '"http://127.0.0.1:1/"')
            self.assertTrue(run.err.decode().startswith("tinyiam: [ERROR]: " + words), f"{words}\n{run}")
        else:
            self.assertEqual(run.err, b"", run)


def add(name):
    setattr(Transcripts, f"test_{name.replace('-', '_')}", lambda self: self.check(name))


for one in RUNS:
    if one not in NOT_HERE:
        add(one)


class Skipped(unittest.TestCase):
    def test_reasons(self):
        print(f"\n{len(RUNS) - len(NOT_HERE)} of {len(RUNS)} transcripts apply; not here:")
        for name, reason in NOT_HERE.items():
            print(f"  {name}: {reason}")
            self.assertIn(name, RUNS, "a reason for what is not recorded")
            self.assertGreater(len(reason.split()), 1, name)
        self.assertGreater(len(RUNS), 2 * len(NOT_HERE), "most apply")


if __name__ == "__main__":
    cli.main()
