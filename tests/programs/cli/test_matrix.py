#!/usr/bin/python3
"""Each source of credentials and each setting, a row each, against the AWS CLI's outcome: the exit code, who signs for
which region, standard output, and the first words of an error. What is written here is what AWS CLI 2.36.7 does. Debian's
2.9.19 is run beside the rows whose feature it has (its words are older, so that they are left out); TINYIAM_AWS=FILE names
a newer one, which is then run beside every row, words included."""

import dataclasses
import json
import os
import subprocess
import sys
import time

import cli

sys.path.insert(0, os.path.join(cli.ROOT, "tests", "lab", "sim"))
from iamsim import logins, sources, sts  # noqa: E402

NEWER = os.environ.get("TINYIAM_AWS")
AWS = NEWER or cli.AWS
NONE = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
PLAIN = {"AWS_DEFAULT_REGION": None}
STATIC = f"aws_access_key_id = {cli.ACCESS_KEY}\naws_secret_access_key = {cli.SECRET_KEY}\n"
ROLE = "role_arn = arn:aws:iam::123456789012:role/reader\nrole_session_name = me\n"
ME = "arn:aws:sts::123456789012:assumed-role/reader/me"
SSO = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n[profile p]\nsso_session = corp\n"
WHO = "sso_account_id = 123456789012\nsso_role_name = Reader\n"
PROCESS = "[profile p]\ncredential_process = {process}\n"
KEYS = {"Version": 1, "AccessKeyId": cli.ACCESS_KEY, "SecretAccessKey": cli.SECRET_KEY}
LOST = 'Unable to locate credentials. You can configure credentials by running "aws login".'
USER = f"arn:aws:iam::123456789012:user/{cli.ACCESS_KEY}"
OPTION = "Unknown options: "
PARAM = "An error occurred (ParamValidation): "
FAILED = {"job_status": "FAILED", "job_error": {"code": "X", "message": "y"}}


@dataclasses.dataclass
class Row:
    """config, credentials: the two files; keys: what credential_process prints. live: Debian's AWS CLI has it."""

    name: str
    code: int = 0
    words: str = ""  # that the error begins with
    args: tuple = ()
    env: dict = dataclasses.field(default_factory=dict)
    config: str = ""
    credentials: str = ""
    who: str = USER
    region: str = "us-east-1"
    keys: object = None
    rule: dict = None
    command: tuple = cli.ENTITIES
    stderr: str = None  # all of it
    live: bool = True
    token: dict = None  # members of the file that `aws sso login` leaves
    kinder: bool = False  # theirs calls 169.254.170.2 for an empty path, which is nobody's


def rows():
    """The matrix."""
    new = {"live": False}
    # ---- formats of output, by each place that names one ----
    for form in ("json", "text", "yaml", "yaml-stream"):
        yield Row(f"output {form}", config=f"[default]\noutput = {form}\n", live=form[0] == "y")
        yield Row(f"AWS_DEFAULT_OUTPUT {form}", env={"AWS_DEFAULT_OUTPUT": form}, config="[default]\noutput = table\n", live=form == "yaml")
        yield Row(f"--output {form}", args=("--output", form), env={"AWS_DEFAULT_OUTPUT": "table"}, live=False)
    for where in ({"config": "[default]\noutput = off\n"}, {"env": {"AWS_DEFAULT_OUTPUT": "off"}}, {"args": ("--output", "off")}):
        yield Row("output off", **where, **new)
    yield Row("unknown output", 255, "Unknown output type: xml", config="[default]\noutput = xml\n", **new)
    yield Row("unknown AWS_DEFAULT_OUTPUT", 255, "Unknown output type: xml", env={"AWS_DEFAULT_OUTPUT": "xml"})
    yield Row("unknown --output", 252, PARAM + "argument --output: Found invalid choice 'xml'", ("--output", "xml"), live=False)
    yield Row("a report that FAILED", rule=FAILED, args=("--output", "yaml"), live=False)
    # ---- times ----
    for form in ("wire", "iso8601"):
        yield Row(f"cli_timestamp_format {form}", config=f"[default]\ncli_timestamp_format = {form}\n", live=form == "wire")
        yield Row(f"cli_timestamp_format {form} as text", args=("--output", "text"), config=f"[default]\ncli_timestamp_format = {form}\n", **new)
        yield Row(f"cli_timestamp_format {form} as yaml", args=("--output", "yaml"), config=f"[default]\ncli_timestamp_format = {form}\n", **new)
    for form in ("Wire", "none", ""):
        yield Row(f"cli_timestamp_format {form}", 253, "An error occurred (Configuration): Unknown cli_timestamp_format value: "
                  f'{form}, valid values are "wire" or "iso8601"', config=f"[default]\ncli_timestamp_format = {form}\n", live=form == "none")
    # ---- errors ----
    gone = {"status": 404, "code": "NoSuchEntity", "message": "no: 'such'\tthing \u00e9"}
    shown = {"json": '{\n    "Code": "NoSuchEntity",\n    "Message": "no: \'such\'\\tthing \u00e9"\n}\n',
             "yaml": "Code: NoSuchEntity\nMessage: \"no: 'such'\\tthing \u00e9\"\n",
             "text": "NoSuchEntity\tno: 'such'\tthing \u00e9\n"}
    for form, text in shown.items():
        for where in ({"args": ("--cli-error-format", form)}, {"env": {"AWS_CLI_ERROR_FORMAT": form.upper()}},
                      {"config": f"[default]\ncli_error_format = {form}\n"},
                      {"args": ("--cli-error-format", form), "env": {"AWS_CLI_ERROR_FORMAT": "legacy"}}):
            yield Row(f"errors as {form}", 254, rule=gone, stderr=text, **where, **new)
    said = "An error occurred (NoSuchEntity) when calling the GetServiceLastAccessedDetailsWithEntities operation: no: 'such'"
    for form in ("legacy", "enhanced"):
        yield Row(f"errors as {form}", 254, said, ("--cli-error-format", form), rule=gone, **new)
    yield Row("errors as nobody knows, in a setting", 254, said, env={"AWS_CLI_ERROR_FORMAT": "x"}, rule=gone, **new)
    yield Row("errors as nobody knows", 252, PARAM + "argument --cli-error-format: Found invalid choice 'x'", ("--cli-error-format", "x"), **new)
    short = (cli.PAGE, "--job-id", "x", "--service-namespace", "iam")
    length = "Parameter validation failed:\nInvalid length for parameter JobId, value: 1, valid min length: 36"
    yield Row("parameters", 252, PARAM + length, command=short, live=False)
    yield Row("parameters, legacy", 252, length, ("--cli-error-format", "legacy"), command=short, **new)
    yield Row("parameters as json", 252, command=short, config="[default]\ncli_error_format = json\n", **new,
              stderr=json.dumps({"Code": "ParamValidation", "Message": length}, indent=4) + "\n")
    yield Row("no keys as json", 253, env={**NONE, "AWS_CLI_ERROR_FORMAT": "json"}, **new,
              stderr=json.dumps({"Code": "NoCredentials", "Message": LOST}, indent=4) + "\n")
    yield Row("no keys, legacy", 253, LOST, env={**NONE, "AWS_CLI_ERROR_FORMAT": "legacy"}, **new)
    yield Row("no keys as yaml", 253, env={**NONE, "AWS_CLI_ERROR_FORMAT": "yaml"}, stderr=cli.yaml(
        {"Code": "NoCredentials", "Message": LOST}).decode(), **new)
    yield Row("options that nobody knows are a line of words", 252, OPTION + "--bogus", ("--bogus",), env={"AWS_CLI_ERROR_FORMAT": "json"}, **new)
    yield Row("what has no code is a line of words", 255, 'Could not connect to the endpoint URL: "https://localhost:1/"',
              ("--endpoint-url", "https://localhost:1"), {"AWS_CLI_ERROR_FORMAT": "json", "AWS_MAX_ATTEMPTS": "1"}, **new)
    # ---- where, as whom ----
    yield Row("--region", args=("--region", "eu-west-1"), env={"AWS_REGION": "x"}, region="eu-west-1", **new)
    yield Row("AWS_REGION", env={"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "x"}, region="eu-west-2")
    yield Row("AWS_DEFAULT_REGION", env={"AWS_DEFAULT_REGION": "eu-west-3"}, config="[default]\nregion = x\n", region="eu-west-3", **new)
    yield Row("region", env=PLAIN, config="[default]\nregion = eu-north-1\n", region="eu-north-1")
    yield Row("no region", 253, "An error occurred (NoRegion): You must specify a region. You can also configure your region by running "
              '"aws configure".', env=PLAIN)
    yield Row("no such region", 255, "Provided region_name 'a b' doesn't match a supported format.", ("--region", "a b"), live=False)
    yield Row("--profile", args=("--profile", "p"), env={"AWS_PROFILE": "x", **PLAIN}, config="[profile p]\nregion = in-p\n" + STATIC, region="in-p")
    yield Row("AWS_PROFILE", env={"AWS_PROFILE": "p", **PLAIN}, config="[profile p]\nregion = in-p\n", region="in-p", **new)
    yield Row("AWS_DEFAULT_PROFILE", env={"AWS_DEFAULT_PROFILE": "p", **PLAIN}, config="[profile p]\nregion = in-p\n", region="in-p", **new)
    yield Row("no such profile", 255, "The config profile (q) could not be found", ("--profile", "q"), config="[profile p]\nregion = x\n")
    yield Row("a profile without the word", 255, "The config profile (dev) could not be found", ("--profile", "dev"), config="[dev]\nregion = x\n", live=False)
    yield Row("a file that is broken", 255, "Unable to parse config file: {home}/.aws/config", config="[default]\nregion\n")
    yield Row("a credentials file that is broken", 255, "Unable to parse config file: {home}/.aws/credentials", credentials="x\n", live=False)
    yield Row("endpoint without a scheme", 252, PARAM + 'Bad value for --endpoint-url "127.0.0.1:1": scheme is missing.  Must be of the form '
              "http://<hostname>/ or https://<hostname>/", ("--endpoint-url", "127.0.0.1:1"))
    # ---- patience ----
    yield Row("retry_mode", 255, 'Invalid value provided to "mode": "x" must be one of: "standard" or "adaptive"', config="[default]\nretry_mode = x\n")
    yield Row("retry_mode adaptive", config="[default]\nretry_mode = adaptive\n", **new)
    yield Row("AWS_MAX_ATTEMPTS", 255, "invalid literal for int() with base 10: 'x'", env={"AWS_MAX_ATTEMPTS": "x"}, **new)
    yield Row("max_attempts", 255, 'Value provided to "max_attempts": 0 must be an integer greater than or equal to one.',
              config="[default]\nmax_attempts = 0\n", **new)
    yield Row("--cli-read-timeout", 255, "invalid literal for int() with base 10: 'x'", ("--cli-read-timeout", "x"), **new)
    # ---- trust ----
    blank = "Invalid CA bundle: the configured value (ca_bundle, AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, or verify) resolved to an empty or " \
            "whitespace-only string. Provide a valid path to a CA bundle file."
    off = {"AWS_CA_BUNDLE": None}
    yield Row("ca_bundle", env=off, config="[default]\nca_bundle = {ca}\n", **new)
    yield Row("ca_bundle with ~", env=off, config="[default]\nca_bundle = ~/ca.pem\n", **new)
    yield Row("REQUESTS_CA_BUNDLE", env={"REQUESTS_CA_BUNDLE": "{ca}", **off})
    yield Row("--ca-bundle", args=("--ca-bundle", "{ca}"), env={"AWS_CA_BUNDLE": "/absent"}, **new)
    for where in ({"args": ("--ca-bundle", "")}, {"env": {"AWS_CA_BUNDLE": " "}}, {"env": {"REQUESTS_CA_BUNDLE": "", **off}},
                  {"config": "[default]\nca_bundle =\n", "env": off}):
        yield Row("an empty bundle", 255, blank, **where, **new)
    # ---- options that make no difference ----
    yield Row("prompts", args=("--no-cli-auto-prompt",), **new)
    yield Row("both prompts", 252, PARAM + "Both --cli-auto-prompt and --no-cli-auto-prompt cannot be specified at the same time.",
              ("--cli-auto-prompt", "--no-cli-auto-prompt"), live=False)
    yield Row("--cli-binary-format", args=("--cli-binary-format", "raw-in-base64-out", "--no-cli-pager", "--color", "off", "--no-paginate"))
    yield Row("--cli-binary-format x", 252, PARAM + "argument --cli-binary-format: Found invalid choice 'x'", ("--cli-binary-format", "x"), live=False)
    # ---- keys ----
    yield Row("no keys", 253, "An error occurred (NoCredentials): " + LOST, env=NONE)
    yield Row("half of a pair", 255, "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY", env={"AWS_SECRET_ACCESS_KEY": None})
    yield Row("credentials file", env=NONE, credentials="[default]\n" + STATIC)
    yield Row("config file", env=NONE, config="[default]\n" + STATIC, **new)
    yield Row("half of a pair in a file", 255, "Partial credentials found in shared-credentials-file, missing: aws_secret_access_key", env=NONE,
              credentials="[default]\naws_access_key_id = A\n", live=False)
    profile = {"args": ("--profile", "p")}
    yield Row("process", **profile, config=PROCESS, keys=KEYS)
    yield Row("process with nulls", **profile, config=PROCESS, keys={**KEYS, "SessionToken": None, "Expiration": None, "X": [None]}, live=False)
    yield Row("process of another version", 255, "Error when retrieving credentials from custom-process: Unsupported version '2' for credential "
              "process provider, supported versions: 1", **profile, config=PROCESS, keys={**KEYS, "Version": 2})
    yield Row("process without a key", 255, "Error when retrieving credentials from custom-process: Missing required key in response: ", **profile,
              config=PROCESS, keys={"Version": 1})
    yield Row("role", **profile, config="[profile p]\n" + ROLE + "source_profile = q\n[profile q]\n" + STATIC, who=ME, **new)
    yield Row("role of the environment", **profile, config="[profile p]\n" + ROLE + "credential_source = Environment\n", who=ME, **new)
    yield Row("role without a source", 255, 'Partial credentials found in assume-role, missing: source_profile or credential_source', **profile,
              config="[profile p]\n" + ROLE, live=False)
    yield Row("role of a profile that is not there", 255, 'The source_profile "q" referenced in the profile "p" does not exist.', **profile,
              config="[profile p]\n" + ROLE + "source_profile = q\n")
    yield Row("role that may not be", 254, "An error occurred (AccessDenied) when calling the AssumeRole operation: ", **profile, **new,
              config="[profile p]\n" + ROLE.replace("reader", "denied") + "source_profile = q\n[profile q]\n" + STATIC)
    yield Row("web identity", env={**NONE, "AWS_WEB_IDENTITY_TOKEN_FILE": "{web}", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/reader",
                                   "AWS_ROLE_SESSION_NAME": "me"}, who=ME, **new)
    yield Row("container", env={**NONE, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{container}/pod",
                                "AWS_CONTAINER_AUTHORIZATION_TOKEN": sources.CONTAINER_TOKEN}, who="sim-task-role/")
    yield Row("container, both ways", env={**NONE, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{container}/task",
                                           "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": ""}, who="sim-task-role/", kinder=True, **new)
    instance = {**NONE, "AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{imds}/"}
    yield Row("instance", env=instance, who="sim-instance-role/")
    yield Row("region of an instance", env={**instance, **PLAIN}, who="sim-instance-role/", region="us-east-1", **new)
    none = {"when": {"server": "imds", "operation": ["role", "credentials"]}, "do": {"status": 404, "body": ""}}
    yield Row("instance without a role", 253, "An error occurred (NoCredentials): " + LOST, env=instance, rule=none)
    off = {"when": {"server": "imds"}, "do": {"status": 403, "body": ""}}
    yield Row("instance whose metadata is off", 253, "An error occurred (NoCredentials): " + LOST, env=instance, rule=off, live=False)
    # ---- signed in ----
    signed_in = {"env": NONE, **profile, **new}
    yield Row("IAM Identity Center", config=SSO + WHO, token={}, who="assumed-role/Reader/", **signed_in)
    yield Row("IAM Identity Center, the older form", config="[profile p]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n" + WHO,
              token={"name": "https://corp.awsapps.com/start"}, who="assumed-role/Reader/", **signed_in)
    yield Row("static keys beside an sso_session", config=SSO + STATIC, **signed_in)
    yield Row("not signed in", 255, "Error loading SSO Token: Token for corp does not exist", config=SSO + WHO, **signed_in)
    yield Row("half of a profile", 255, 'The profile "p" is configured to use SSO but is missing required configuration: sso_role_name',
              config=SSO + "sso_account_id = 123456789012\n", **signed_in)
    yield Row("no such session", 255, 'The specified sso-session does not exist: "x"', config="[profile p]\nsso_session = x\n" + WHO, **signed_in)
    yield Row("a login that has ended", 255, "Error when retrieving token from sso: Token has expired and refresh failed", config=SSO + WHO,
              token={"expiresAt": "2020-01-01T00:00:00Z", "refreshToken": None}, **signed_in)
    yield Row("aws login, without one", 255, "Error loading login session token: Unable to load a existing login session for session "
              "arn:aws:sts::012345678910:assumed-role/Admin/admin, Please reauthenticate with 'aws login'.",
              config="[profile p]\nlogin_session = arn:aws:sts::012345678910:assumed-role/Admin/admin\n", **signed_in)


class Matrix(cli.CliTest):
    options = ("--sources", "--entities", "3")

    def fill(self, text):
        for name, value in {"ca": self.sim.ca, "home": self.home, "container": self.sim.container["url"], "imds": self.sim.imds["url"],
                            "web": os.path.join(self.home, "web"), "process": os.path.join(self.home, "process")}.items():
            text = text.replace("{" + name + "}", value)
        return text

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)

    def lay_out(self, row):
        """The files of a home of its own."""
        for name, text in (("config", row.config), ("credentials", row.credentials)):
            if text:
                self.write(".aws/" + name, self.fill(text))
        self.write("web", sts.web_token(expires=int(time.time()) + 600))
        with open(self.sim.ca, encoding="utf-8") as f:
            self.write("ca.pem", f.read())
        if row.keys is not None:
            self.write("process", "#!/bin/sh\necho '" + json.dumps(row.keys) + "'\n", 0o700)
        if row.token is not None:
            name = row.token.get("name", "corp")
            known = {"startUrl": "https://corp.awsapps.com/start", "region": "us-east-1", "accessToken": logins.ACCESS_TOKEN,
                     "expiresAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600)), "refreshToken": None, **row.token}
            self.write(f".aws/sso/cache/{cli.sha1(name)}.json", json.dumps({k: v for k, v in known.items() if v is not None and k != "name"}))

    def outcome(self, row, program, prefix):
        """(exit code, who, region, stdout, stderr behind the program's name)"""
        before = self.home
        self.home = os.path.join(before, os.path.basename(program) + str(len(os.listdir(before))))
        os.makedirs(self.home)
        self.lay_out(row)
        env = {k: v and self.fill(v) for k, v in self.env(**row.env).items()}
        endpoint = () if NEWER or program == self.binary or "--endpoint-url" in row.args else ("--endpoint-url", self.sim.url)
        self.sim.clear()
        words = ["iam", *row.command, *map(self.fill, row.args), *endpoint]
        run = cli.aws_cli.run(words, env, self.home) if program == cli.AWS else \
            subprocess.run([program, *words], env=env, capture_output=True, timeout=300, check=False, stdin=subprocess.DEVNULL,
                           cwd=self.home)
        self.sim.call("GET", "/settled")
        asked = [e for e in self.sim.requests() if e.get("server", "iam") == "iam"]
        who, region = None, None
        if asked:
            identity = asked[-1].get("identity") or asked[-1]["access_key"]
            who = identity
            region = asked[-1]["headers"]["authorization"].split("Credential=")[1].split("/")[2]
        err = run.stderr.decode().replace(self.home, "{home}")
        self.home = before
        err = err.removeprefix("\n").removeprefix("\nusage").split(prefix, 1)[-1]
        return run.returncode, who, region, run.stdout, err

    def env(self, **extra):
        found = {"AWS_ENDPOINT_URL_STS": self.sim.sts["url"], "AWS_ENDPOINT_URL_SSO": self.sim.sso["url"],
                 "AWS_ENDPOINT_URL_SSO_OIDC": self.sim.oidc["url"], "AWS_ENDPOINT_URL_SIGNIN": self.sim.signin["url"]}
        return super().env(**{**found, **extra})

    def check(self, row, theirs):
        rule = row.rule if row.rule is None or "do" in row.rule else {"when": {"server": "iam"}, "do": row.rule}
        self.sim.scenario([rule] if rule else None)
        program, prefix = (AWS, "aws: [ERROR]: ") if theirs else (self.binary, "tinyiam: [ERROR]: ")
        code, who, region, out, err = self.outcome(row, program, prefix)
        self.assertEqual(code, row.code, err)
        if code == 0:
            self.assertIn(row.who, who, err)
            self.assertEqual(region, row.region)
            self.assertEqual(err, "")
        elif row.stderr is not None:
            self.assertEqual(err, row.stderr)
        elif not theirs or NEWER:
            self.assertTrue(err.startswith(row.words), f"wanted {row.words!r}\ncame {err!r}")
        return out

    def test_rows(self):
        number = 0
        for number, row in enumerate(rows()):
            with self.subTest(row.name, number=number):
                ours = self.check(row, False)
                if row.live or (NEWER and not row.kinder):
                    self.assertEqual(self.check(row, True), ours)
        self.assertGreater(number, 100)


if __name__ == "__main__":
    cli.main()
