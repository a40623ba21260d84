"""The credentials chain as botocore (Debian's) decides it, without asking anybody: what it would use, in
the words of `probe chain`, or the exit code and message of the AWS CLI's error."""

import os
import random

import botocore.credentials
import botocore.exceptions
import botocore.session

ROLES = ["arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"]
NAMES = ["default", "a", "b", "c", "with blank"]


class _Container(botocore.credentials.ContainerProvider):
    def _retrieve_or_fail(self):
        found = botocore.credentials.Credentials("container", "x")
        found.method = "container-role"
        return found


class _Process(botocore.credentials.ProcessProvider):
    def load(self):
        if self._credential_process is None:
            return None
        found = botocore.credentials.Credentials("process", "x")
        found.method, found.command = "custom-process", self._credential_process
        return found


def _described(found):
    """[method, id, secret, token, command, role_arn, session_name, then each role's four]"""
    if found is None:
        return ["none"] + [None] * 6
    fetcher = None
    if isinstance(found, botocore.credentials.DeferredRefreshableCredentials):
        refresh = found._refresh_using
        refresh = getattr(refresh, "_refresh", refresh)     # the one that refuses a second MFA code
        fetcher = refresh.__self__
    if isinstance(fetcher, botocore.credentials.SSOCredentialFetcher):
        return ["sso"] + [None] * 6
    if isinstance(fetcher, botocore.credentials.AssumeRoleCredentialFetcher):
        extra = fetcher._assume_kwargs
        return _described(fetcher._source_credentials) + [
            extra["RoleArn"], extra.get("RoleSessionName") if not fetcher._using_default_session_name else None,
            extra.get("ExternalId"), extra.get("SerialNumber")]
    if fetcher is not None:
        extra = fetcher._assume_kwargs
        name = None if fetcher._using_default_session_name else extra.get("RoleSessionName")
        return [found.method, None, None, None, None, extra["RoleArn"], name]
    if found.method == "container-role":
        return ["container-role"] + [None] * 6
    if found.method == "custom-process":
        return ["custom-process", None, None, None, found.command, None, None]
    return [found.method, found.access_key, found.secret_key, found.token or None, None, None, None]


def answer(env, profile):
    """What botocore makes of an environment: a list, or ("error", first words of the message)."""
    before = dict(os.environ)
    classes = botocore.credentials.ContainerProvider, botocore.credentials.ProcessProvider
    os.environ.clear()
    os.environ.update(env)
    botocore.credentials.ContainerProvider, botocore.credentials.ProcessProvider = _Container, _Process
    try:
        chosen = profile or env.get("AWS_PROFILE")
        session = botocore.session.Session(profile=profile)
        if chosen and chosen not in session.available_profiles:
            return ("error", f"The config profile ({chosen}) could not be found")
        return _described(session.get_credentials())
    except botocore.exceptions.BotoCoreError as error:
        return ("error", str(error))
    finally:
        botocore.credentials.ContainerProvider, botocore.credentials.ProcessProvider = classes
        os.environ.clear()
        os.environ.update(before)


def _section(pick, name, in_config):
    lines = []

    def maybe(chance, text):
        if pick.random() < chance:
            lines.append(text)

    maybe(0.4, f"aws_access_key_id = AKID{name.upper().replace(' ', '')}0000000000")
    maybe(0.4, "aws_secret_access_key = s-" + name)
    maybe(0.2, "aws_session_token = t-" + name)
    maybe(0.1, "aws_security_token = st-" + name)
    maybe(0.4, "role_arn = " + pick.choice(ROLES))
    maybe(0.5, "source_profile = " + pick.choice([*NAMES, name, "nobody"]))
    maybe(0.15, "credential_source = " + pick.choice(["Environment", "EcsContainer", "Ec2InstanceMetadata",
                                                       "environment", "X"]))
    maybe(0.3, "role_session_name = sess-" + name[:1])
    maybe(0.2, "external_id = ext-" + name[:1])
    maybe(0.1, "mfa_serial = arn:aws:iam::123456789012:mfa/me")
    maybe(0.1, "duration_seconds = " + pick.choice(["900", "x"]))
    maybe(0.15, "web_identity_token_file = /token")
    maybe(0.2, "credential_process = /bin/get 'a b'")
    if not pick.randrange(6):
        maybe(0.7, "sso_session = " + pick.choice(["corp", "corp", "other", "none"]))
        maybe(0.4, "sso_start_url = https://corp.awsapps.com/start")
        maybe(0.4, "sso_region = " + pick.choice(["us-east-1", "eu-west-1"]))
        maybe(0.7, "sso_account_id = 123456789012")
        maybe(0.7, "sso_role_name = Reader")
    maybe(0.1, "s3 =\n  max_concurrent_requests = 5\n  nested = yes")
    maybe(0.05, "role_arn =" if not any(line.startswith("role_arn") for line in lines) else "; role_arn = x")
    pick.shuffle(lines)
    lines = [_odd(pick, line) for line in lines]
    head = f"[profile {name!r}]" if in_config and name != "default" else f"[{name}]"
    return "\n".join([pick.choice(["", "", "  "]) + head if not pick.randrange(9) else head, *lines]) + "\n"


def _odd(pick, line):
    """The same line as people write it."""
    chance = pick.random()
    if "\n" in line or chance < 0.6:
        return line
    key, equals, value = line.partition(" = ")
    return {0: f"{key}={value}", 1: f"{key} : {value}", 2: f"{key.upper()} = {value}", 3: f"{line}  \t",
            4: f"# {key}\n{line}", 5: f"{line}\n\n;x = y", 6: f"{key}\t=\t{value}", 7: f"{line}\r"}[pick.randrange(8)] \
        if equals else line


def make(seed, folder):
    """(environment, profile given by option or None) of a made-up set of files."""
    pick = random.Random(seed)
    paths = {}
    for variable, in_config in (("AWS_CONFIG_FILE", True), ("AWS_SHARED_CREDENTIALS_FILE", False)):
        paths[variable] = os.path.join(folder, variable)
        names = pick.sample(NAMES, pick.randrange(1, 5))
        text = [_section(pick, name, in_config) for name in names]
        if in_config:
            text.append("[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n")
            text.append("[sso-session other]\nsso_region = eu-west-1\n" + pick.choice(["", "sso_role_name = Writer\n"]))
        if not pick.randrange(12):
            text.insert(pick.randrange(len(text) + 1), "[DEFAULT]\nrole_session_name = of-all\nexternal_id = ext-all\n")
        if not pick.randrange(40):
            text.insert(pick.randrange(len(text) + 1), pick.choice(["[x\n", "stray\n", "[a]\nkey\n", " = x\n", text[0]]))
        with open(paths[variable], "w", encoding="utf-8", newline="") as f:
            f.write("\n".join(text))
    env = {"PATH": "/usr/bin:/bin", "HOME": folder, "AWS_EC2_METADATA_DISABLED": "true", **paths}

    def maybe(chance, name, *values):
        if pick.random() < chance:
            env[name] = pick.choice(values)

    maybe(0.25, "AWS_ACCESS_KEY_ID", "AKIDENV0000000000000", "")
    maybe(0.3, "AWS_SECRET_ACCESS_KEY", "s-env", "")
    maybe(0.2, "AWS_SESSION_TOKEN", "t-env")
    maybe(0.15, "AWS_WEB_IDENTITY_TOKEN_FILE", "/env-token", "")
    maybe(0.2, "AWS_ROLE_ARN", ROLES[0])
    maybe(0.2, "AWS_ROLE_SESSION_NAME", "sess-env")
    maybe(0.15, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/x")
    maybe(0.5, "AWS_PROFILE", *NAMES)
    return env, pick.choice([None, None, *NAMES])
