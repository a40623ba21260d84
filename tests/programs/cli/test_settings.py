#!/usr/bin/python3
"""Where settings and credentials come from: variables, profiles, files, their order. Seen at the
endpoint: the credential scope of a signature names key and region."""

import json
import os
import re
import socket
import subprocess
import unicodedata
import threading

from botocore.utils import parse_timestamp

import cli
from cli import ENTITIES

OTHER = ("AKIDOTHER0000000000", "OtherSecretKey0000000000000000000000")


class Listener:
    """Hears one head and answers it."""

    def __init__(self, answer):
        self.answer, self.heard = answer, b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        peer, _ = self.socket.accept()
        with peer:
            while b"\r\n\r\n" not in self.heard:
                self.heard += peer.recv(4096)
            peer.sendall(self.answer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(10)
        self.socket.close()


class Settings(cli.CliTest):
    options = ("--plain", "--no-verify", "--entities", "1")

    def files(self, config="", credentials=""):
        folder = os.path.join(self.home, ".aws")
        os.makedirs(folder, exist_ok=True)
        for name, text in (("config", config), ("credentials", credentials)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(text.replace("URL", self.sim.url))

    def scope(self, *args, by=None, **extra):
        """(access key, region, session token) of the request that came of it."""
        self.sim.clear()
        run = (by or self.run_)(*ENTITIES, *args, **extra)
        self.assertEqual(run.code, 0, run)
        headers = self.sim.requests()[0]["headers"]
        key, region = re.search(r"Credential=([^/]+)/\d+/([^/]+)/iam/", headers["authorization"]).groups()
        return key, region, headers.get("x-amz-security-token")

    def refused(self, code, words, *args, **extra):
        self.sim.clear()
        run = self.run_(*ENTITIES, *args, **extra)
        self.assertError(run, code, words)
        self.assertEqual(self.sim.requests(), [])
        return run

    NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}

    def test_region(self):
        self.files("[default]\nregion = in-profile\n")
        none = {"AWS_DEFAULT_REGION": None}
        self.assertEqual(self.scope(**none)[1], "in-profile")
        self.assertEqual(self.scope(AWS_DEFAULT_REGION="in-default")[1], "in-default")
        self.assertEqual(self.scope(AWS_DEFAULT_REGION="in-default", AWS_REGION="in-region")[1], "in-region")
        self.assertEqual(self.scope("--region", "by-flag", AWS_REGION="in-region")[1], "by-flag")
        self.assertEqual(self.scope(AWS_DEFAULT_REGION="", AWS_REGION="")[1], "in-profile")
        self.files()
        self.refused(253, "An error occurred (NoRegion): ", **none)
        self.assertIn(b"AWS_ENDPOINT_URL_IAM) is signed for a region: --region us-east-1", self.run_(*ENTITIES, **none).err)
        run = self.run_(*ENTITIES, "--endpoint-url", self.sim.url, **none)
        self.assertIn(b"(--endpoint-url) is signed for a region", run.err)
        for bad in ("a b", "a.b", "a/b", "-a", "a-", "123", "a" * 64, "é", "evil.example.com#"):
            self.refused(255, "Provided region_name '", "--region", bad)

    def test_credentials(self):
        both = ("[default]\nregion = r\naws_access_key_id = CONFIGKEY0000000000\naws_secret_access_key = x\n",
                "[default]\naws_access_key_id = SHAREDKEY0000000000\naws_secret_access_key = y\n"
                "aws_session_token = shared-token\n")
        self.files(*both)
        self.assertEqual(self.scope()[0], cli.ACCESS_KEY)
        self.assertEqual(self.scope(AWS_SESSION_TOKEN="t")[2], "(1 characters)")
        self.assertEqual(self.scope(**self.NO_KEYS)[::2], ("SHAREDKEY0000000000", "(12 characters)"))
        self.files(both[0])
        self.assertEqual(self.scope(**self.NO_KEYS)[::2], ("CONFIGKEY0000000000", None))
        self.files()
        self.refused(253, 'An error occurred (NoCredentials): Unable to locate credentials. You can configure '
                          'credentials by running "aws login".', **self.NO_KEYS)
        self.refused(255, "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY",
                     AWS_SECRET_ACCESS_KEY="")
        self.files("", "[default]\naws_access_key_id = SHAREDKEY0000000000\n")
        self.refused(255, "Partial credentials found in shared-credentials-file, missing: aws_secret_access_key",
                     **self.NO_KEYS)

    def test_profiles(self):
        self.files("[profile dev]\nregion = in-dev\n[profile \"with blank\"]\nregion = blank\n",
                   "[dev]\naws_access_key_id = DEVKEY0000000000000\naws_secret_access_key = x\n"
                   "[only]\naws_access_key_id = ONLYKEY000000000000\naws_secret_access_key = x\nregion = in-only\n")
        none = {"AWS_DEFAULT_REGION": None}
        self.assertEqual(self.scope("--profile", "dev", **none)[:2], ("DEVKEY0000000000000", "in-dev"))
        self.assertEqual(self.scope(AWS_PROFILE="dev", **none)[:2], (cli.ACCESS_KEY, "in-dev"))
        self.assertEqual(self.scope(AWS_PROFILE="dev", **none, **self.NO_KEYS)[:2], ("DEVKEY0000000000000", "in-dev"))
        self.assertEqual(self.scope(AWS_DEFAULT_PROFILE="only", **none, **self.NO_KEYS)[1], "in-only")
        self.assertEqual(self.scope(AWS_DEFAULT_PROFILE="only", AWS_PROFILE="dev", **none)[1], "in-dev")
        self.assertEqual(self.scope(AWS_PROFILE="with blank", **none)[1], "blank")
        for args, extra in ((("--profile", "nope"), {}), ((), {"AWS_PROFILE": "nope"})):
            self.refused(255, "The config profile (nope) could not be found", *args, **extra)
        self.assertEqual(self.scope(AWS_PROFILE="")[0], cli.ACCESS_KEY)

    def test_as_the_aws_cli_has_it(self):
        """The same files for both."""
        self.files("[default]\nregion = in-default\n[profile dev]\nregion = in-dev\naws_access_key_id = A1\n"
                   "aws_secret_access_key = x\n[DEFAULT]\nregion = fallback\n[profile bare]\noutput=text\n",
                   "[dev]\naws_access_key_id=B1\naws_secret_access_key:y\naws_session_token = t\n[bare]\n"
                   "aws_access_key_id=C1\n  more\naws_secret_access_key=z\n")
        none = {"AWS_DEFAULT_REGION": None}
        for args, extra in (((), {}), (("--profile", "dev"), {}), ((), {"AWS_PROFILE": "dev", **self.NO_KEYS}),
                            ((), {"AWS_PROFILE": "dev"})):
            extra = {**none, **extra}
            self.assertEqual(self.scope(*args, **extra), self.scope(*args, by=self.aws, **extra))

    def test_file_variables(self):
        path = os.path.join(self.home, "elsewhere")
        with open(path, "w", encoding="utf-8") as f:
            f.write("[default]\nregion = elsewhere\n")
        for value in (path, "~/elsewhere", "$HOME/elsewhere", "${HOME}/elsewhere"):
            self.assertEqual(self.scope(AWS_CONFIG_FILE=value, AWS_DEFAULT_REGION=None)[1], "elsewhere")
        self.assertEqual(self.scope(AWS_CONFIG_FILE=self.absent)[1], "us-east-1")
        with open(path, "w", encoding="utf-8") as f:
            f.write("[default]\nregion\n")
        self.refused(255, f"Unable to parse config file: {path} (line 2)", AWS_CONFIG_FILE=path)
        self.refused(255, f"Unable to parse config file: {path} (line 2)", AWS_SHARED_CREDENTIALS_FILE=path)

    def test_profiles_that_are_not_there(self):
        """What may have been meant."""
        self.files("[profile development]\nregion = eu-west-1\n[dev]\nregion = x\n[services x]\ny = z\n")
        absent = "The config profile ({0}) could not be found"
        self.refused(255, absent.format("develpment") + ". Maybe you meant: development", "--profile", "develpment")
        self.refused(255, absent.format("dev") + ". ", "--profile", "dev")
        self.assertIn(b"has a section [dev]: did you mean [profile dev]?", self.run_(*ENTITIES, "--profile", "dev").err)
        run = self.refused(255, absent.format("quite-another"), "--profile", "quite-another")
        self.assertNotIn(b"meant", run.err)

    def test_user_agent(self):
        """sdk_ua_app_id, of which stays what a user agent may hold."""
        self.files("[profile p]\nsdk_ua_app_id = of the profile\n")
        for args, extra, ends in (((), {}, ""), ((), {"AWS_PROFILE": "p"}, " app/of-the-profile"),
                                  ((), {"AWS_PROFILE": "p", "AWS_SDK_UA_APP_ID": "my#app\x01/1"}, " app/my#app--1"),
                                  ((), {"AWS_SDK_UA_APP_ID": "x" * 400}, " app/" + "x" * 100)):
            self.sim.clear()
            self.assertCode(self.run_(*ENTITIES, *args, **extra), 0)
            self.assertRegex(self.sim.requests()[0]["headers"]["user-agent"], "^tinyiam/[0-9.]+" + re.escape(ends) + "x*$")

    def test_formats_of_the_aws_cli(self):
        """Each as a setting, a variable and an option. What nobody knows ends what would print it, in their words."""
        value = json.loads(self.run_(*ENTITIES).out)
        want = {"yaml": cli.yaml(value), "yaml-stream": cli.yaml([value]), "off": b""}
        for value in ("yaml", "yaml-stream", "off"):
            self.files(f"[default]\noutput = {value}\n")
            for args, extra in (((), {}), ((), {"AWS_DEFAULT_OUTPUT": value}), (("--output", value), {})):
                run = self.run_(*ENTITIES, *args, **extra)
                self.assertCode(run, 0)
                self.assertEqual((run.out, run.err), (want[value], b""))
        self.files("[default]\noutput = off\n")
        self.assertIn(b"output", self.run_("configure", "list").out)
        self.refused(252, "An error occurred (ParamValidation): argument --output: Found invalid choice 'yam'", "--output", "yam")
        self.refused(252, "An error occurred (ParamValidation): argument --output: Found invalid choice 'html'", "--output", "html")
        for extra in ({}, {"AWS_DEFAULT_OUTPUT": "xml"}):
            self.files("[default]\noutput = xml\n")
            self.refused(255, "Unknown output type: xml (" + (*extra, "output of the profile")[0] + "). Valid choices: json, text, table, "
                         "jsonl, csv, yaml, yaml-stream, off", **extra)
            self.assertCode(self.run_(*ENTITIES, "--output", "json", **extra), 0)
            self.assertCode(self.run_("configure", "list", **extra), 0)

    FORMS = ("2018-10-24T19:47:31Z", "2018-10-24T19:47:31.466Z", "2018-10-24T19:47:31.4Z", "2018-10-24T19:47:31.000Z",
             "2018-10-24T19:47:31.466123Z", "2018-10-24T19:47:31.400000000Z", "2018-10-24T19:47:31.040+00:00", "2018-10-24T21:47:31+02:00",
             "2018-10-24T21:47:31.5-03:30", "2018-10-24T19:47:31", "1540410451", "1540410451.5", "-1.25", "0001-01-01T00:00:00Z")

    def test_timestamps(self):
        """cli_timestamp_format, in every format of theirs and in the rows of ours; beside the AWS CLI."""
        def body(date):
            return {"body": "<GetServiceLastAccessedDetailsWithEntitiesResponse><GetServiceLastAccessedDetailsWithEntitiesResult><JobStatus>COMPLETED"
                            f"</JobStatus><JobCreationDate>{date}</JobCreationDate><JobCompletionDate>{date}</JobCompletionDate><EntityDetailsList>"
                            f"<member><LastAuthenticated>{date}</LastAuthenticated></member></EntityDetailsList><IsTruncated>false</IsTruncated>"
                            "</GetServiceLastAccessedDetailsWithEntitiesResult></GetServiceLastAccessedDetailsWithEntitiesResponse>"}
        for form in ("wire", "iso8601"):
            self.files(f"[default]\ncli_timestamp_format = {form}\n[profile odd]\ncli_timestamp_format = Wire\n")
            for i, date in enumerate(self.FORMS):
                if form == "iso8601" and date[-3:] == ":31":
                    continue  # of no zone: theirs are without one, ours are UTC
                self.rules(body(date))
                ours = {o: self.run_(*ENTITIES, "--output", o).out for o in ("json", "text", "yaml", "yaml-stream", "jsonl", "csv")}
                shown = date if form == "wire" else parse_timestamp(date).isoformat()
                want = {"JobStatus": "COMPLETED", "JobCreationDate": shown, "JobCompletionDate": shown,
                        "EntityDetailsList": [{"LastAuthenticated": shown}], "IsTruncated": False}
                self.assertEqual(ours, {"json": cli.dumps(want), "yaml": cli.yaml(want), "yaml-stream": cli.yaml([want]),
                                        "text": f"False\t{shown}\t{shown}\tCOMPLETED\nENTITYDETAILSLIST\t{shown}\n".encode(),
                                        "jsonl": f'{{"LastAuthenticated":"{shown}"}}\n'.encode(),
                                        "csv": f"Arn,Name,Type,Id,Path,LastAuthenticated\r\n,,,,,{shown}\r\n".encode()})
                if i < 2:
                    theirs = self.aws(*ENTITIES)
                    self.assertEqual((theirs.code, theirs.out), (0, ours["json"]))
        self.sim.scenario(None)
        words = 'Unknown cli_timestamp_format value: Wire, valid values are "wire" or "iso8601"'
        self.refused(253, "An error occurred (Configuration): " + words, AWS_PROFILE="odd")
        theirs = self.aws(*ENTITIES, AWS_PROFILE="odd")
        self.assertEqual(theirs.code, 253)
        self.assertIn(words.encode(), theirs.err)

    def test_options_of_the_aws_cli(self):
        """Those that make no difference here are taken; for some that it has not, what to take instead."""
        for extra in (("--no-cli-auto-prompt",), ("--cli-auto-prompt",), ("--cli-binary-format", "raw-in-base64-out"),
                      ("--no-cli-pager", "--no-paginate", "--color", "off")):
            run = self.run_(*ENTITIES, *extra)
            self.assertCode(run, 0)
            self.assertEqual(run.err, b"")
        self.refused(252, "An error occurred (ParamValidation): argument --cli-binary-format: ", "--cli-binary-format", "x")
        for word, instead in (("--quiet", "--no-progress"), ("--verbose", "--debug"), ("--json", "--output json"), ("--format=x", "--output")):
            run = self.refused(252, "Unknown options: " + word, word)
            self.assertIn(f"There is no {word.split('=')[0]} here: ".encode(), run.err)
            self.assertIn(instead.encode(), run.err)

    def test_endpoint(self):
        dead = "http://127.0.0.1:1"
        none = {"AWS_ENDPOINT_URL_IAM": None}
        services = "[default]\nservices = mine\nendpoint_url = {0}\n[services mine]\ns3 =\n  endpoint_url = {2}\n" \
                   "iam =\n  endpoint_url = {1}\n"
        self.files(services.format(dead, "URL", dead))
        self.scope(**none)
        self.files(services.format("URL", "", dead))
        self.scope(**none)
        self.files(f"[default]\nendpoint_url = {dead}\n")
        self.scope(AWS_ENDPOINT_URL=self.sim.url, **none)
        self.scope(AWS_ENDPOINT_URL=dead, AWS_ENDPOINT_URL_IAM=self.sim.url)
        self.scope("--endpoint-url", self.sim.url, AWS_ENDPOINT_URL_IAM=dead)
        self.scope("--endpoint-url", self.sim.url, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true")
        self.scope(AWS_USE_FIPS_ENDPOINT="true", AWS_USE_DUALSTACK_ENDPOINT="true")

    def test_ignored_endpoints(self):
        """Off: it would go to AWS, so a proxy of this test listens for who is called."""
        for host, config, args, extra in (
                ("iam.amazonaws.com", "", (), {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}),
                ("iam.amazonaws.com", "", (), {"AWS_ENDPOINT_URL_IAM": None}),
                ("iam.amazonaws.com", "[default]\nignore_configured_endpoint_urls = true\nendpoint_url = URL\n", (),
                 {}),
                ("iam-fips.amazonaws.com", "[default]\nuse_fips_endpoint = true\n", (), {"AWS_ENDPOINT_URL_IAM": None}),
                ("iam.global.api.aws", "[default]\nuse_dualstack_endpoint = true\n", (), {"AWS_ENDPOINT_URL_IAM": None}),
                ("iam.cn-north-1.amazonaws.com.cn", "", ("--region", "cn-north-1"), {"AWS_ENDPOINT_URL_IAM": None})):
            self.files(config)
            with Listener(b"HTTP/1.1 403 Not here\r\n\r\n") as proxy:
                run = self.refused(255, f'Failed to connect to proxy URL: "http://127.0.0.1:{proxy.port}" (HTTPS_PROXY). '
                                        "The proxy answered CONNECT with 403 Not here. NO_PROXY names", *args,
                                   HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}", **extra)
                self.assertTrue(proxy.heard.startswith(f"CONNECT {host}:443 HTTP/1.1\r\n".encode()), proxy.heard)

    def test_proxies(self):
        url = {"AWS_ENDPOINT_URL_IAM": "https://host.invalid:1", "AWS_MAX_ATTEMPTS": "1"}
        proxy = {"HTTPS_PROXY": "http://127.0.0.1:1"}
        for no_proxy in ("", "other", "st.invalid", "host.invalid.com", "x,y"):
            self.refused(255, 'Failed to connect to proxy URL: "http://127.0.0.1:1" (HTTPS_PROXY). Connection refused.',
                         NO_PROXY=no_proxy, **proxy, **url)
        for no_proxy in ("host.invalid", ".invalid", "invalid", "*", "x, Host.Invalid ,y"):
            self.refused(255, "Could not connect to the endpoint URL", NO_PROXY=no_proxy, **proxy, **url)
        self.scope(HTTPS_PROXY="http://127.0.0.1:1", HTTP_PROXY="http://127.0.0.1:1")
        self.refused(255, "Could not connect", https_proxy="", **proxy, **url)

    def test_bad_endpoints(self):
        self.refused(252, 'An error occurred (ParamValidation): Bad value for --endpoint-url "127.0.0.1:1": scheme is missing.', "--endpoint-url",
                     "127.0.0.1:1")
        for url in ("https://", "https://a b", "ftp://x", "https://u:p@x", "https://x/?a=b", "localhost:1"):
            self.refused(255, f"Invalid endpoint: {url}", "--endpoint-url", url)
        for url in ("http://example.com", "http://10.0.0.1", "http://127.0.0.1.example.com", "http://[::2]"):
            self.refused(252, f'An error occurred (ParamValidation): Bad value for --endpoint-url "{url}": http:// is for loopback',
                         "--endpoint-url", url)

    def test_output(self):
        self.files("[default]\noutput = text\n")
        text = self.run_(*ENTITIES).out
        self.assertTrue(text.startswith(b"False\t"), text)
        self.assertTrue(self.run_(*ENTITIES, AWS_DEFAULT_OUTPUT="csv").out.startswith(b"Arn,"))
        self.assertTrue(self.run_(*ENTITIES, "--output", "json", AWS_DEFAULT_OUTPUT="csv").out.startswith(b"{"))
        self.refused(255, "Unknown output type: xml", AWS_DEFAULT_OUTPUT="xml")

    def test_a_blip_ends_no_job(self):
        """The service is away for seven requests in the middle of what may take long: that goes on. One page is the AWS
        CLI's, with three attempts."""
        of_one = ("--arn", cli.ARN)
        for args, first, away, code in ((("audit", *of_one), 2, 7, 0), (("entities", *of_one, "--service-namespace", "iam"), 2, 7, 0),
                                        (ENTITIES, 1, 2, 0), (ENTITIES, 1, 3, 254)):
            self.sim.scenario([{"when": {"request": f"{first}-{first + away - 1}"}, "do": {"status": 503, "reply": "empty"}}])
            self.sim.clear()
            self.assertCode(self.run_(*args), code)
            self.assertEqual([r["status"] for r in self.sim.requests()][first - 1:first + away - 1], [503] * away)

    def test_attempts(self):
        self.rules({"status": 500, "code": "InternalFailure"})

        def attempts(*args, **extra):
            self.sim.clear()
            self.assertCode(self.run_(*ENTITIES, *args, **extra), 254)
            return len(self.sim.requests())

        self.assertEqual(attempts(), 3)
        self.assertEqual(attempts(AWS_MAX_ATTEMPTS="2"), 2)
        self.assertEqual(attempts("--max-attempts", "1", AWS_MAX_ATTEMPTS="2"), 1)
        self.assertEqual([attempts("--all"), attempts("--wait"), attempts("--all", AWS_MAX_ATTEMPTS="2"),
                          attempts("--wait", "--max-attempts", "1")], [8, 8, 2, 1])
        self.files("[default]\nmax_attempts = 2\nretry_mode = adaptive\n")
        self.assertEqual([attempts(), attempts("--all")], [2, 2])
        self.refused(255, "invalid literal for int() with base 10: 'abc'", AWS_MAX_ATTEMPTS="abc")
        self.refused(255, 'Value provided to "max_attempts": 0 must be an integer greater than or equal to one.',
                     "--max-attempts", "0")
        self.refused(255, 'Invalid value provided to "mode": "bogus" must be one of: "standard" or "adaptive"',
                     AWS_RETRY_MODE="bogus")

    def test_unusable_keys(self):
        run = self.refused(253, "The credentials are not usable", AWS_ACCESS_KEY_ID="AKID WITH BLANK")
        self.assertNotIn(b"WITH", run.err)


class CommandLine(cli.CliTest):
    options = None

    def said(self, code, words, *args):
        run = self.run_(*args)
        self.assertError(run, code, words)
        return run.err.decode()

    def test_help(self):
        for args in (("--help",), ("help",), ("-h",), ("entities", "--help"), ("entities", "help"),
                     (cli.PAGE, "--help"), ("--version",), ("entities", "--version")):
            run = self.run_(*args)
            self.assertCode(run, 0)
            self.assertEqual(run.err, b"")
            self.assertTrue(run.out)
        text = self.run_("--help").out.decode()
        for name in (cli.PAGE, cli.SERVICES, cli.GENERATE, "entities", "--output", "--deadline"):
            self.assertIn(name, text)
        with open("/dev/full", "wb") as full:
            for args in (("--help",), ("--version",), ("--completion", "bash"), ("configure", "list")):
                run = self.run_(*args, stdout=full)
                self.assertCode(run, 255)
                self.assertEqual(run.err, cli.ERROR + b"Writing the output failed: No space left on device. It is not complete\n")

    def test_man_page(self):
        """It has every option and command that the help has, and no other."""
        with open(os.path.join(cli.ROOT, "platform", "host", "tinyiam.1"), encoding="utf-8") as f:
            page = f.read()
        told = set(re.findall(r"^\s+(--[a-z-]+)", "".join(
            self.run_(*args, "--help").out.decode() for args in
            ((), ("entities",), ("audit",), (cli.PAGE,), (cli.SERVICES,), (cli.GENERATE,), ("configure", "list"),
             ("list-users",), ("list-policies",))), re.M))
        written = {"-" + name for name in re.findall(r"(?:Fl |[|,] )(-[a-z-]+)", page)}
        self.assertLessEqual(told, written)
        self.assertEqual(written - told, {"--query", "--no-verify-ssl", "--no-sign-request"})
        self.assertIn(".Cm configure list", page)
        self.assertIn(".It Cm list-users , list-groups , list-roles , list-policies\n", page)

    def test_completion(self):
        """What it does: test_completion.py."""
        self.said(252, "An error occurred (ParamValidation): argument --completion: Found invalid choice 'tcsh'",
                  "--completion", "tcsh")

    def test_corrections(self):
        for given, near in (("--job_id", "--job-id"), ("--maxitems", "--max-items"), ("--Marker", "--marker"),
                            ("--ouput", "--output"), ("--endpoint", "--endpoint-url"),
                            ("--read-timeout", "--cli-read-timeout")):
            text = self.said(252, f"Unknown options: {given}, x", *ENTITIES, given, "x")
            self.assertIn(f"Maybe you meant: {near}\n", text)
        arn = "arn:aws:iam::123456789012:user/a"
        self.assertIn("An ARN is given as --arn ARN\n", self.said(252, f"Unknown options: {arn}", "audit", arn))
        self.assertNotIn("--arn", self.said(252, f"Unknown options: {arn}", "list-users", arn))
        self.assertIn("Options begin with two dashes\n",
                      self.said(252, "Unknown options: -output, csv", *ENTITIES, "-output", "csv"))
        self.assertIn("Maybe you meant: entities", self.said(252, "", "entites", "--arn", "x"))
        self.assertIn("required: --job-id", self.said(252, "", "iam", cli.SERVICES))  # as in `aws iam ...`
        self.assertIn("belongs to", self.said(252, "Unknown options: --arn", *ENTITIES, "--arn", "x"))

    def test_refused(self):
        for args, words in ((("--query", "x"), "jq"), (("--query=x",), "jq"),
                            (("--no-verify-ssl",), "--ca-bundle"), (("--no-sign-request",), "signed"),
                            (("--page-size", "5"), "--max-items"), (("--starting-token", "x"), "--marker"),
                            (("--cli-input-json", "{}"), "options"), (("--generate-cli-skeleton",), "--help")):
            text = self.said(252, "Unknown options: " + ", ".join(args), *ENTITIES, *args)
            self.assertIn(words, text)

    def test_parameters(self):
        failed = "An error occurred (ParamValidation): Parameter validation failed:\n"
        env = {"AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:1"}
        for args, words in (
                ((cli.PAGE, "--job-id", "short", "--service-namespace", ""),
                 "Invalid length for parameter JobId, value: 5, valid min length: 36\n"
                 "Invalid length for parameter ServiceNamespace, value: 0, valid min length: 1"),
                ((cli.PAGE, "--job-id", "x" * 37, "--service-namespace", "s3"),
                 "Invalid length for parameter JobId, value: 37, valid max length: 36"),
                ((*ENTITIES, "--max-items", "0"), "Invalid value for parameter MaxItems, value: 0, valid min value: 1"),
                ((*ENTITIES, "--max-items", "-7"), "Invalid value for parameter MaxItems, value: -7, valid min value: 1"),
                ((*ENTITIES, "--max-items", "1001"),
                 "Invalid value for parameter MaxItems, value: 1001, valid max value: 1000"),
                ((*ENTITIES, "--marker", "x" * 321),
                 "Invalid length for parameter Marker, value: 321, valid max length: 320"),
                ((*ENTITIES, "--marker", "\u0100"), "Invalid value for parameter Marker, value: \u0100, valid "),
                ((cli.PAGE, *cli.OF_JOB, "--service-namespace", "a b"),
                 "Invalid value for parameter ServiceNamespace, value: a b, valid "),
                ((cli.GENERATE, "--arn", "short"), "Invalid length for parameter Arn, value: 5, valid min length: 20"),
                ((cli.GENERATE, "--arn", cli.ARN, "--granularity", "X"),
                 "Invalid value for parameter Granularity, value: X, valid values: SERVICE_LEVEL, ACTION_LEVEL")):
            run = self.run_(*args, **env)
            self.assertError(run, 252, failed + words)
        self.said(255, "invalid literal for int() with base 10: 'x'", *ENTITIES, "--cli-read-timeout", "x")
        self.said(252, "An error occurred (ParamValidation): argument --deadline: ", *ENTITIES, "--deadline", "0")

    def test_given_twice(self):
        """What says what is asked: a mistake. Of settings the last one wins: people override aliases so."""
        other = "arn:aws:iam::123456789012:policy/Other"
        for option, args in (("--arn", (cli.GENERATE, "--arn", cli.ARN, "--arn", other)),
                             ("--arn", ("entities", "--arn", cli.ARN, "--service-namespace", "s3", "--arn=" + cli.ARN)),
                             ("--granularity", (cli.GENERATE, "--arn", cli.ARN, "--granularity", "SERVICE_LEVEL",
                                                "--granularity", "ACTION_LEVEL")),
                             ("--job-id", (cli.SERVICES, *cli.OF_JOB, *cli.OF_JOB)),
                             ("--service-namespace", (*ENTITIES, "--service-namespace", "s3")),
                             ("--marker", (*ENTITIES, "--marker=a", "--marker", "b"))):
            self.said(252, f"An error occurred (ParamValidation): argument {option}: given twice", *args)

    def test_what_a_terminal_is_shown(self):
        """Python's tables of Unicode are the oracle: every control, format character, line and paragraph
        separator is shown as an escape, letters, marks, numbers, symbols as they are."""
        hidden, shown = [], []
        for c in range(1, 0x110000):
            kind = unicodedata.category(chr(c))
            if kind in ("Cc", "Cf", "Zl", "Zp"):
                hidden.append(chr(c))
            elif kind[0] in "LNPS" and c % 97 == 0 and "FILLER" not in unicodedata.name(chr(c), ""):
                shown.append(chr(c))
        self.assertGreater(len(hidden), 200)
        for characters in (hidden[i:i + 150] for i in range(0, len(hidden), 150)):
            said = self.run_("configure", "list", "--profile", "".join(characters)).err.decode()
            self.assertEqual([c for c in characters if c in said.rstrip("\n")], [])
        for characters in (shown[i:i + 400] for i in range(0, len(shown), 400)):
            said = self.run_("configure", "list", "--profile", "".join(characters)).err.decode()
            self.assertIn("".join(characters), said)

    def test_no_command(self):
        self.said(252, "An error occurred (ParamValidation): the following arguments are required: command")
        self.said(252, "An error occurred (ParamValidation): the following arguments are required: --arn, "
                       "--service-namespace", "entities")


class Growth(cli.CliTest):
    """What is four times as long takes four times the instructions: counted, so that a busy machine changes nothing."""

    options = None

    def instructions(self, config, credentials="", **variables):
        paths = []
        for name, text in (("config", config), ("credentials", credentials)):
            paths.append(os.path.join(self.home, name))
            with open(paths[-1], "w", encoding="utf-8") as f:
                f.write(text)
        env = self.env(AWS_CONFIG_FILE=paths[0], AWS_SHARED_CREDENTIALS_FILE=paths[1], **variables)
        run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", self.binary, "configure",
                              "list"], env=env, capture_output=True, check=False, cwd=self.home, timeout=300)
        self.assertEqual(run.returncode, 0, run.stderr)
        return int(re.search(rb"Collected : (\d+)", run.stderr)[1])

    def test_files(self):
        n = 1000
        kinds = {
            "keys": lambda n: "[profile p]\n" + "".join(f"key{i} = {i}\n" for i in range(n)),
            "profiles": lambda n: "".join(f"[profile p{i}]\nregion = x{i}\n" for i in range(n)),
            "defaults": lambda n: "".join(f"[DEFAULT]\nkey{i} = {i}\n[profile p{i}]\n" for i in range(n)),
            "lines": lambda n: "[profile p]\nkey = 0\n" + "".join(f"  line{i}\n" for i in range(n)),
            "blanks": lambda n: "[profile p]\nkey = 0\n" + "\n" * n + "  x\n" * n,
            "nested": lambda n: "[services s]\niam =\n" + "".join(f"  key{i} = {i}\n" for i in range(n))
                                + "[default]\nservices = s\n",
        }
        empty = self.instructions("")
        for name, make in kinds.items():
            with self.subTest(name):
                few, many = (self.instructions(make(k)) - empty for k in (n, 4 * n))
                self.assertLess(many, 5 * few)
        few, many = (self.instructions("", "".join(f"[p{i}]\nkey = {i}\n" for i in range(k))) - empty for k in (n, 4 * n))
        self.assertLess(many, 5 * few)

    def test_variables(self):
        few, many = (self.instructions("", NO_PROXY=",".join(f"h{i}.example.com" for i in range(k)), HTTPS_PROXY="http://h:1")
                     for k in (1000, 4000))
        self.assertLess(many, 5 * few)


if __name__ == "__main__":
    cli.main()
