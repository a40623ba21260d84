#!/usr/bin/python3
"""Signed in as people are: IAM Identity Center in both its forms, and `aws login`. The simulator plays portal, OIDC and
sign-in; for IAM Identity Center Debian's AWS CLI is led to them too, by the same files."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import cli
import test_credentials as case
import test_same_identity as same
from cli import ENTITIES

sys.path.insert(0, os.path.join(cli.ROOT, "tests", "lab", "sim"))
from iamsim import logins  # noqa: E402

START = "https://corp.awsapps.com/start"
ACCOUNT = "123456789012"
READER = f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/somebody"
SESSION = f"[sso-session corp]\nsso_start_url = {START}\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n"
ROLE = f"sso_account_id = {ACCOUNT}\nsso_role_name = Reader\n"
NEW = "sso_session = corp\n" + ROLE
OLD = f"sso_start_url = {START}\nsso_region = us-east-1\n" + ROLE
ENDED = "The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session " \
        "run aws sso login with the corresponding profile."
ARN_OF_LOGIN = "arn:aws:sts::012345678910:assumed-role/Admin/admin"
ADMIN = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/admin"


def stamp(seconds, form="%Y-%m-%dT%H:%M:%SZ"):
    return time.strftime(form, time.gmtime(time.time() + seconds))


class Logins(case.Sources):
    """Files of a login in a home folder. The simulator's tokens are new for each test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sim.stop()

    def setUp(self):
        self.sim = cli.Sim(*self.options, state_dir=cli.CliTest._shared.name)
        self.addCleanup(lambda: self.sim.stop())
        super().setUp()
        self.tokens = os.path.join(self.home, ".aws", "sso", "cache")
        self.cache = os.path.join(self.home, ".aws", "cli", "cache")

    def env(self, **extra):
        found = {"AWS_ENDPOINT_URL_SSO": self.sim.sso["url"], "AWS_ENDPOINT_URL_SSO_OIDC": self.sim.oidc["url"],
                 "AWS_ENDPOINT_URL_SIGNIN": self.sim.signin["url"], **case.NO_KEYS}
        return super().env(**{**found, **extra})

    def forget(self):
        """Of earlier runs only the keys."""
        case.shutil.rmtree(self.cache, ignore_errors=True)

    def sections(self, text):
        self.write("config", text)

    def token(self, name="corp", seconds=3600, **members):
        """The file that `aws sso login` leaves; a value of None takes a member away."""
        known = {"startUrl": START, "region": "us-east-1", "accessToken": logins.ACCESS_TOKEN, "expiresAt": stamp(seconds),
                 "clientId": logins.CLIENT_ID, "clientSecret": logins.CLIENT_SECRET,
                 "registrationExpiresAt": stamp(86400), "refreshToken": logins.REFRESH_TOKEN, **members}
        return self.put(json.dumps({k: v for k, v in known.items() if v is not None}), name)

    def put(self, text, name="corp"):
        os.makedirs(self.tokens, exist_ok=True)
        path = os.path.join(self.tokens, hashlib.sha1(name.encode()).hexdigest() + ".json")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def called(self, *servers):
        return [e["server"] for e in self.sim.requests() if e["server"] in (servers or ("sso", "oidc", "signin", "sts"))]

    def read(self, path):
        with open(path, encoding="utf-8") as f:
            return json.load(f)

    def pending(self, pid):
        """Is there a signal that it has not taken?"""
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            return any(int(line.split()[1], 16) for line in f if line.startswith(("SigPnd", "ShdPnd")))

    def read_only(self, folder, *args):
        """A run that may not write there: root without what makes it more than an owner."""
        as_owner = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
        os.chmod(folder, 0o500)
        self.addCleanup(os.chmod, folder, 0o700)
        return cli.Run(subprocess.run([*as_owner, self.binary, *args], env=self.env(), capture_output=True, timeout=300))

    def outlived(self, server, begin, *how):
        """A run whose keys of this server end while the report is awaited, and what begin() has left there. They live longer
        on a machine where they would end before their first use."""
        self.addCleanup(self.sim.call, "PUT", "/jobs", {"seconds": 0})

        def go(life):
            self.forget()
            begin()
            self.sim.call("PUT", "/jobs", {"seconds": life + 1})
            self.sim.scenario([{"when": {"server": server}, "times": 1, "do": {"expires_in": life}}])
            self.sim.clear()
            if how:
                return self.read_only(*how, *case.ONE, "--profile", "p")
            return self.run_(*case.ONE, "--profile", "p")

        run = self.enough(go, lambda run: b"in the past" not in run.err, 3)
        self.assertCode(run, 0)
        return run

    def elsewhere(self, status, members, code, before):
        """A service that does something before it answers; its URL."""
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                before()
                body = json.dumps(members).encode()
                self.send_response(status)
                for name, value in (("Content-Type", "application/json"), ("x-amzn-ErrorType", code), ("Content-Length", str(len(body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        for undo in (thread.join, server.server_close, server.shutdown):
            self.addCleanup(undo)
        return f"http://127.0.0.1:{server.server_port}"


class Keys(Logins):
    def test_both_forms(self):
        for text, name in ((SESSION + "[profile p]\n" + NEW, "corp"), ("[profile p]\n" + OLD, START)):
            self.sections(text)
            self.token(name)
            self.assertEqual(self.identity("--profile", "p"), READER)
            request, = self.sim.requests("sso")
            self.assertEqual(request["params"], {"role_name": "Reader", "account_id": ACCOUNT})
            self.assertEqual(request["headers"]["x-amz-sso_bearer_token"], logins.ACCESS_TOKEN)
            self.assertNotIn("authorization", request["headers"])
            self.assertEqual(self.called(), ["sso"])

    def test_names_of_files(self):
        """As facts have them."""
        self.assertEqual(os.path.basename(self.token()), "ee0bfd2552fbd840c02cc48b6e823320543c450f.json")
        self.assertEqual(os.path.basename(self.token(START)), "a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json")
        for text, name in ((SESSION + "[profile p]\n" + NEW, "e916525d47e3ac474990796ecd6fd8a0bde18c3d.json"),
                           ("[profile p]\n" + OLD, "22cc9a999c0fe14267a721edf1a9f8eb92722564.json")):
            self.sections(text)
            self.identity("--profile", "p")
            self.assertEqual(os.listdir(self.cache), [name])
            path = os.path.join(self.cache, name)
            entry = self.read(path)
            session = self.sim.sessions()[-1]
            self.assertEqual(entry, {"ProviderType": "sso", "Credentials": {
                "AccessKeyId": session["key"], "SecretAccessKey": session["secret"], "SessionToken": session["token"],
                "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(session["expires"]))), "AccountId": ACCOUNT}})
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def test_odd_names(self):
        """Of roles, sessions and start URLs: escaped, hashed as Python's JSON has them, nothing trimmed."""
        name, role = 'co rp "é\\', "a b+c/d"
        self.sections(f"[sso-session '{name}']\nsso_start_url = {START}/é\nsso_region = us-east-1\n[profile p]\n"
                      f"sso_session = {name}\nsso_account_id = {ACCOUNT}\nsso_role_name = {role}\n")
        self.token(name)
        self.assertTrue(self.identity("--profile", "p").endswith("/a_b+c_d/somebody"))
        self.assertEqual(self.sim.requests("sso")[0]["params"]["role_name"], role)
        key = json.dumps({"accountId": ACCOUNT, "roleName": role, "sessionName": name}, separators=(",", ":"))
        self.assertEqual(os.listdir(self.cache), [hashlib.sha1(key.encode()).hexdigest() + ".json"])

    def test_kept_keys(self):
        """While they live nobody looks at the token: there need not be one."""
        self.sections(SESSION + "[profile p]\n" + NEW)
        path = self.token()
        self.identity("--profile", "p")
        os.remove(path)
        self.sim.clear()
        self.assertCode(self.run_(*ENTITIES, "--profile", "p"), 0)
        self.assertEqual(self.called(), [])

    def test_source_of_a_role(self):
        self.sections(SESSION + "[profile s]\n" + NEW + "[profile p]\n" + case.role(source_profile="s"))
        self.token()
        self.assertEqual(self.identity("--profile", "p"), case.READER + "me")
        self.assertEqual(self.called(), ["sso", "sts"])

    def test_static_keys_beside(self):
        """A session or a start URL alone is for aws sso login."""
        for line in ("sso_session = corp", f"sso_start_url = {START}", "sso_region = us-east-1"):
            self.sections(SESSION + f"[profile p]\n{line}\n" + case.STATIC)
            self.assertEqual(self.identity("--profile", "p"), case.USER)
        self.sections(SESSION + "[profile p]\n" + NEW + case.STATIC)
        self.token()
        self.assertEqual(self.identity("--profile", "p"), READER)

    def test_sessions_own_members(self):
        """sso_role_name in the session; values of the session and of the profile that are the same."""
        self.sections(SESSION + f"sso_role_name = Reader\n[profile p]\nsso_session = corp\nsso_account_id = {ACCOUNT}\n"
                      "sso_region = us-east-1\n")
        self.token()
        self.assertEqual(self.identity("--profile", "p"), READER)

    def test_configure_list(self):
        self.sections(SESSION + "[profile p]\n" + NEW)
        self.token()
        run = self.run_("configure", "list", "--profile", "p")
        self.assertCode(run, 0)
        self.assertRegex(run.out, rb"access_key : \*+[A-Z0-9]{4} +: sso ")

    def test_long_job(self):
        """Keys that end while a report is awaited: fetched anew, and the report is generated once more."""
        self.sections(SESSION + "[profile p]\n" + NEW)
        self.outlived("sso", self.token)
        self.assertEqual(len(self.sim.requests("sso")), 2)


class Settings(Logins):
    def test_wrong(self):
        self.token()
        words = 'The profile "p" is configured to use SSO but is missing required configuration: '
        for text, expected in (
                ("[profile p]\nsso_session = none\n" + ROLE, 'The specified sso-session does not exist: "none"'),
                (SESSION + "[profile p]\nsso_region = eu-west-1\n" + NEW,
                 "The value for sso_region is inconsistent between profile (eu-west-1) and sso-session (us-east-1)."),
                ("[profile p]\n" + ROLE, words + "sso_start_url, sso_region"),
                ("[profile p]\nsso_role_name = x\n", words + "sso_account_id, sso_start_url, sso_region"),
                (f"[profile p]\nsso_account_id = 1\nsso_start_url = {START}\n", words + "sso_role_name, sso_region"),
                ("[sso-session corp]\nx = y\n[profile p]\n" + NEW, words + "sso_start_url, sso_region"),
                ("[sso-session corp]\nsso_region = us-east-1\n[profile p]\n" + OLD + "sso_session = corp\n",
                 'The profile "p" is configured to use the SSO token provider but is missing the following configuration: '
                 "['sso_start_url'].")):
            self.sections(text)
            self.refused(255, expected, "--profile", "p")

    def test_endpoints(self):
        self.sections(SESSION + "[services s]\nsso =\n  endpoint_url = " + self.sim.sso["url"] + "\n[profile p]\nservices = s\n" + NEW +
                      f"[profile q]\nendpoint_url = {self.sim.sso['url']}\n" + NEW)
        self.token()
        for args in (("--profile", "p"), ("--profile", "q")):
            self.forget()
            self.assertCode(self.run_(*ENTITIES, *args, AWS_ENDPOINT_URL_SSO=None), 0)
        self.refused(255, "Invalid endpoint: ", "--profile", "p", AWS_ENDPOINT_URL_SSO=self.sim.sso["url"] + "/path")
        self.refused(253, 'An error occurred (Configuration): Bad value for --endpoint-url "http://sso.example.com', "--profile", "p",
                     AWS_ENDPOINT_URL_SSO="http://sso.example.com")


class Tokens(Logins):
    """The file, and its refreshing."""

    def setUp(self):
        super().setUp()
        self.sections(SESSION + "[profile p]\n" + NEW + "[profile old]\n" + OLD)

    def test_files_that_are_none(self):
        loading = "Error loading SSO Token: Token for "
        for text in (None, "", "x", "[]", "{", "null"):
            if text is not None:
                self.put(text)
                self.put(text, START)
            self.refused(255, loading + "corp does not exist", "--profile", "p", also="aws sso login --profile p")
            self.refused(255, loading + START + " does not exist", "--profile", "old", also="aws sso login --profile old")
        for member in ("accessToken", "expiresAt"):
            for value in (None, ""):
                self.token(**{member: value})
                self.refused(255, loading + START + " is invalid", "--profile", "p")
        for member, value in (("expiresAt", "soon"), ("accessToken", "a b"), ("accessToken", "a\0b"), ("accessToken", "é")):
            self.token(**{member: value})
            self.refused(255, loading + START + " is invalid", "--profile", "p")

    def test_forms_of_time(self):
        for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%SUTC", "%Y-%m-%dT%H:%M:%S+00:00"):
            self.token(expiresAt=stamp(3600, form))
            self.assertEqual(self.identity("--profile", "p"), READER)
            self.assertEqual(self.called(), ["sso"])

    def test_refreshed(self):
        """When less than 15 minutes are left; the file is written as a whole, with the members in the AWS CLI's order."""
        path = self.token(seconds=890, more="x")
        before = self.read(path)
        self.assertEqual(self.identity("--profile", "p"), READER)
        request, = self.sim.requests("oidc")
        self.assertEqual(request["params"], {"grantType": "refresh_token", "clientId": logins.CLIENT_ID,
                                             "clientSecret": logins.CLIENT_SECRET, "refreshToken": logins.REFRESH_TOKEN})
        self.assertEqual((request["method"], request["path"], request["headers"]["content-type"]),
                         ("POST", "/token", "application/json"))
        after = self.read(path)
        self.assertEqual(list(after), ["startUrl", "region", "accessToken", "expiresAt", "clientId", "clientSecret",
                                       "registrationExpiresAt", "refreshToken"])
        self.assertEqual({k: after[k] for k in after if k in before and k not in ("accessToken", "expiresAt", "refreshToken")},
                         {k: before[k] for k in before if k in after and k not in ("accessToken", "expiresAt", "refreshToken")})
        self.assertGreater(after["expiresAt"], stamp(7 * 3600))
        self.assertEqual(self.sim.requests("sso")[0]["headers"]["x-amz-sso_bearer_token"], after["accessToken"])
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(os.listdir(self.tokens), [os.path.basename(path)])
        self.assertEqual(self.identity("--profile", "p"), READER)           # and used from then on
        self.assertEqual(self.called(), ["sso"])

    def test_no_other_refresh_token(self):
        """The reply need not have one: then the file has none any more."""
        path = self.token(seconds=-5)
        self.sim.scenario([{"when": {"server": "oidc"}, "do": {"members": {"refreshToken": None}}}])
        self.identity("--profile", "p")
        self.assertNotIn("refreshToken", self.read(path))

    def test_not_refreshed(self):
        """Members that are missing, a registration that is over; and never the older form's."""
        for members in ({"refreshToken": None}, {"clientId": None}, {"clientSecret": None}, {"registrationExpiresAt": None},
                        {"registrationExpiresAt": stamp(-5)}):
            self.token(seconds=600, **members)
            self.assertEqual(self.identity("--profile", "p"), READER)
            self.assertEqual(self.called(), ["sso"])
            self.token(seconds=-5, **members)
            self.refused(255, "Error when retrieving token from sso: Token has expired and refresh failed", "--profile", "p")
        self.token(START, seconds=-5)
        self.refused(255, ENDED, "--profile", "old", also="aws sso login --profile old")

    def test_refusals(self):
        """The old token goes on while it lives."""
        for do in ({"status": 400, "code": "InvalidGrantException"}, {"status": 401, "code": "InvalidClientException"},
                   {"body": "{}"}, {"body": "<html>"}, {"status": 500, "code": "InternalServerException"}, {"cut": {"after": 20}}):
            self.sim.scenario([{"when": {"server": "oidc"}, "do": do}])
            path = self.token(seconds=600)
            before = self.read(path)
            self.assertEqual(self.identity("--profile", "p"), READER, do)
            self.assertEqual(self.read(path), before)
            self.token(seconds=-5)
            self.forget()
            run = self.run_(*ENTITIES, "--profile", "p")
            self.assertCode(run, 255)
            self.assertEqual(self.sim.requests("sso")[1:], [])
        self.assertIn(b"oidc", run.err.replace(self.sim.oidc["url"].encode(), b"oidc"))

    def test_replies(self):
        """Well-formed, and of no use: a token that no header field can hold is not kept; an end that no file can tell is
        the last one that it can."""
        good = {"accessToken": "another", "expiresIn": 28800, "refreshToken": "r", "tokenType": "Bearer"}
        for value in ("a\0b", "a\r\nX: b", "a b", "é"):
            path = self.token(seconds=-5)
            before = self.read(path)
            self.sim.scenario([{"when": {"server": "oidc"}, "do": {"body": json.dumps({**good, "accessToken": value})}}])
            self.refused(255, "Error when retrieving token from sso: Token has expired and refresh failed", "--profile", "p", called=["oidc"])
            self.assertEqual(self.read(path), before)
        self.sim.scenario([{"when": {"server": "oidc"}, "do": {"body": json.dumps({**good, "expiresIn": 253402300000})}}])
        self.refused(255, ENDED, "--profile", "p", called=["oidc", "sso"])
        self.assertEqual(self.read(path)["expiresAt"], "9999-12-31T23:59:59Z")
        self.refused(255, ENDED, "--profile", "p", called=["sso"])

    def test_folder_read_only(self):
        """The refresh token is used up, and its successor nowhere but in this run: it goes on with it to its end."""
        path = self.token(seconds=-5)
        before = self.read(path)
        run = self.outlived("sso", lambda: self.put(json.dumps(before)), self.tokens)
        self.assertIn(b"The refreshed token of corp could not be kept in ", run.err)
        self.assertEqual(self.called("sso", "oidc"), ["oidc", "sso", "sso"])
        self.assertEqual(self.read(path), before)
        self.sim.clear()                                        # nor is a token used up for one that still lives
        self.token(seconds=600)
        self.forget()
        run = self.read_only(self.tokens, *ENTITIES, "--profile", "p")
        self.assertEqual((run.code, run.err, self.called("sso", "oidc")), (0, b"", ["sso"]))

    def test_refreshed_by_another_tool(self):
        """One that knows of no lock, as the AWS CLI does not: whose refusal is no news then."""
        self.token(seconds=-5)
        url = self.elsewhere(400, {"error": "invalid_grant"}, "InvalidGrantException", self.token)
        self.assertEqual(self.identity("--profile", "p", AWS_ENDPOINT_URL_SSO_OIDC=url), READER)

    def test_two_at_once(self):
        """A refresh token is good once: whoever comes second uses what the first one has got."""
        path = self.token(seconds=-5)
        self.sim.scenario([{"when": {"server": "oidc"}, "do": {"stall": {"part": "head", "seconds": 1}}}])
        runs = [subprocess.Popen([self.binary, *ENTITIES, "--profile", "p"], env=self.env(), stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE) for _ in range(5)]
        for process in runs:
            out = process.communicate(timeout=300)
            self.assertEqual((process.returncode, out[1]), (0, b""))
        self.assertEqual(self.called("oidc"), ["oidc"])
        self.assertEqual(os.listdir(self.tokens), [os.path.basename(path)])
        self.assertEqual(self.called("sso"), ["sso"])       # nor are the keys fetched twice
        self.assertEqual(len(os.listdir(self.cache)), 1)


class Memory(Logins):
    """What a login consists of is gone from memory when the command ends."""

    def search(self, secret, *args):
        library, found, wanted = (os.path.join(self.home, name) for name in ("search.so", "found", "for"))
        subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", library,
                        os.path.join(cli.HERE, "search.c")], check=True)
        with open(wanted, "wb") as f:
            f.write(bytes(c ^ 1 for c in secret.encode()))
        run = self.run_(*ENTITIES, *args, LD_PRELOAD=library, SEARCH_FOUND=found, SEARCH_FOR=wanted)
        with open(found, encoding="utf-8") as f:
            return run, f.read()

    def test_sso(self):
        self.sections(SESSION + "[profile p]\n" + NEW)
        for number, secret in enumerate((logins.ACCESS_TOKEN, logins.REFRESH_TOKEN, logins.CLIENT_SECRET, "sim-access-token-", "sim-refresh-token-")):
            self.token(seconds=-5, **({"refreshToken": f"aorAAAAAGsim-refresh-token-{number}"} if number else {}))
            self.forget()
            run, where = self.search(secret, "--profile", "p")
            self.assertCode(run, 0)
            self.assertEqual(where, "searched\n", secret)

    def test_login(self):
        self.sections(f"[profile p]\nlogin_session = {ARN_OF_LOGIN}\nregion = us-east-1\n")
        folder, key = os.path.join(self.home, ".aws", "login", "cache"), make_key()
        os.makedirs(folder)
        token = logins.LOGIN_REFRESH_TOKEN
        for secret in (key.split("\n")[1], cli.SECRET_KEY, "sim-login-refresh-token-"):
            path = os.path.join(folder, hashlib.sha256(ARN_OF_LOGIN.encode()).hexdigest() + ".json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump(login_file(-5, key, refreshToken=token), f)
            run, where = self.search(secret, "--profile", "p")
            self.assertCode(run, 0)
            self.assertEqual(where, "searched\n", secret)
            token = self.read(path)["refreshToken"]


class Portal(Logins):
    def setUp(self):
        super().setUp()
        self.sections(SESSION + "[profile p]\n" + NEW + f"[profile d]\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = denied\n"
                      "[profile n]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = Reader\n")

    def test_refused(self):
        self.token(accessToken="another")
        self.refused(255, ENDED, "--profile", "p", called=["sso"], also="profile p")
        self.token()
        operation = " when calling the GetRoleCredentials operation: "
        self.refused(254, f"An error occurred (ForbiddenException){operation}No access", "--profile", "d", called=["sso"])
        self.refused(254, f"An error occurred (ResourceNotFoundException){operation}no such account", "--profile", "n", called=["sso"])
        self.sim.scenario([{"when": {"server": "sso"}, "do": {"status": 400, "code": "InvalidRequestException", "message": "why"}}])
        self.refused(254, f"An error occurred (InvalidRequestException){operation}why", "--profile", "p", called=["sso"])

    def test_again(self):
        self.token()
        for status, code in ((429, "TooManyRequestsException"), (500, "InternalServerException"), (503, "x")):
            self.sim.scenario([{"when": {"server": "sso"}, "times": 2, "do": {"status": status, "code": code}}])
            self.assertEqual(self.identity("--profile", "p"), READER)
            self.assertEqual(len(self.sim.requests("sso")), 3)
            self.sim.scenario([{"when": {"server": "sso"}, "do": {"status": status, "code": code, "message": "no"}}])
            self.refused(254, f"An error occurred ({code}) when calling the GetRoleCredentials operation (reached max "
                         "retries: 2): no", "--profile", "p", called=["sso"] * 3)

    def test_documents(self):
        self.token()
        good = {"accessKeyId": "A" * 20, "secretAccessKey": "s" * 20, "sessionToken": "t" * 20, "expiration": 4070908800000}
        for inner, also in (({**good, "expiration": "soon"}, "expiration"), ({**good, "expiration": None}, "expiration"),
                            ({**good, "expiration": 253402300800000}, "expiration"), ({**good, "expiration": 1000}, "past"), ({**good, "sessionToken": None}, "sessionToken"),
                            ({**good, "accessKeyId": 5}, "accessKeyId"), (None, "roleCredentials"), ([], "roleCredentials")):
            self.sim.scenario([{"when": {"server": "sso"}, "do": {"body": json.dumps({"roleCredentials": inner})}}])
            self.forget()
            run = self.run_(*ENTITIES, "--profile", "p")
            self.assertError(run, 255, case.RETRIEVING + "sso: ")
            self.assertIn(also.encode(), run.err)

    def test_nothing_leaks(self):
        self.token(seconds=-5)
        run = self.run_(*ENTITIES, "--profile", "p", "--debug")
        self.assertCode(run, 0)
        secrets = [logins.ACCESS_TOKEN, logins.REFRESH_TOKEN, logins.CLIENT_SECRET, "sim-access-token", "sim-refresh-token"]
        for session in self.sim.sessions():
            secrets += [session["secret"], session["token"]]
        for secret in secrets:
            self.assertNotIn(secret.encode(), run.err + run.out)
        for said in (logins.ACCESS_TOKEN, logins.REFRESH_TOKEN, logins.CLIENT_SECRET):
            self.token()
            self.forget()
            self.sim.scenario([{"when": {"server": "sso"}, "do": {"status": 403, "code": "ForbiddenException", "message": f"no {said}"}}])
            run = self.run_(*ENTITIES, "--profile", "p", "--debug")
            self.assertCode(run, 254)
            self.assertNotIn(said.encode(), run.err)


class Hosts(cli.CliTest):
    """Whom it asks in every partition, told by what it could not connect to."""

    options = None

    def test_portal(self):
        for region, flags, host in (
                ("eu-west-1", {}, "portal.sso.eu-west-1.amazonaws.com"),
                ("eu-west-1", {"AWS_USE_FIPS_ENDPOINT": "true"}, "portal.sso-fips.eu-west-1.amazonaws.com"),
                ("us-gov-west-1", {"AWS_USE_FIPS_ENDPOINT": "true"}, "portal.sso.us-gov-west-1.amazonaws.com"),
                ("eu-west-1", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "portal.sso.eu-west-1.api.aws"),
                ("us-gov-west-1", {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
                 "portal.sso-fips.us-gov-west-1.api.aws"),
                ("cn-north-1", {}, "portal.sso.cn-north-1.amazonaws.com.cn"),
                ("eusc-de-east-1", {}, "portal.sso.eusc-de-east-1.amazonaws.eu")):
            self.assertEqual(self.host(f"[default]\nsso_region = {region}\nsso_start_url = {START}\n" + ROLE,
                                       ("sso", START, hashlib.sha1), {"accessToken": "x" * 9, "expiresAt": stamp(3600)}, **flags), host)

    def test_sign_in(self):
        for region, flags, host in (
                ("eu-west-1", {}, "eu-west-1.signin.aws.amazon.com"), ("cn-north-1", {}, "cn-north-1.signin.amazonaws.cn"),
                ("us-gov-west-1", {}, "us-gov-west-1.signin.amazonaws-us-gov.com"),
                ("eusc-de-east-1", {}, "eusc-de-east-1.signin.amazonaws-eusc.eu"),
                ("us-iso-east-1", {}, "signin.us-iso-east-1.c2s.ic.gov"),
                ("us-gov-west-1", {"AWS_USE_FIPS_ENDPOINT": "true"}, "signin-fips.us-gov-west-1.amazonaws.com"),
                ("eu-west-1", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "signin.eu-west-1.api.aws")):
            self.assertEqual(self.host(f"[default]\nlogin_session = {ARN_OF_LOGIN}\nregion = {region}\n",
                                       ("login", ARN_OF_LOGIN, hashlib.sha256), login_file(-5), **flags), host)

    def host(self, config, where, token, **flags):
        """A proxy that is not there keeps it from the network, and --debug tells whom it would have asked."""
        service, name, digest = where
        folder = os.path.join(self.home, ".aws", service, "cache")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(self.home, ".aws", "config"), "w", encoding="utf-8") as f:
            f.write(config)
        with open(os.path.join(folder, digest(name.encode()).hexdigest() + ".json"), "w", encoding="utf-8") as f:
            json.dump(token, f)
        run = self.run_(*ENTITIES, "--debug", "--max-attempts", "1", HTTPS_PROXY="http://127.0.0.1:1", AWS_DEFAULT_REGION=None,
                        **case.NO_KEYS, **flags)
        self.assertCode(run, 255)
        return run.err.split(b"connecting to ")[1].split()[0].decode()


def make_key():
    """P-256 in PEM as `aws login` keeps it."""
    return subprocess.run(["openssl", "ecparam", "-genkey", "-noout", "-name", "prime256v1"], check=True,
                          capture_output=True, text=True).stdout


def login_file(seconds, key=None, **members):
    known = {"accessToken": {"accessKeyId": cli.ACCESS_KEY, "secretAccessKey": cli.SECRET_KEY, "sessionToken": "login-token-0" * 3,
                             "accountId": ACCOUNT, "expiresAt": stamp(seconds)},
             "tokenType": "aws_sigv4", "clientId": logins.DEVTOOLS, "refreshToken": logins.LOGIN_REFRESH_TOKEN,
             "idToken": "eyJ.id.token", "dpopKey": key or make_key(), **members}
    return {k: v for k, v in known.items() if v is not None}


class AwsLogin(Logins):
    """`aws login`: keys of 15 minutes in a file, renewed with a proof of possession."""

    NAME = "4b0ba8f9"

    def setUp(self):
        super().setUp()
        self.key = make_key()
        self.folder = os.path.join(self.home, ".aws", "login", "cache")
        self.file = os.path.join(self.folder, hashlib.sha256(ARN_OF_LOGIN.encode()).hexdigest() + ".json")
        self.sections(f"[profile p]\nlogin_session = {ARN_OF_LOGIN}\nregion = us-east-1\n")

    def login(self, seconds=800, text=None, **members):
        os.makedirs(self.folder, exist_ok=True)
        with open(self.file, "w", encoding="utf-8") as f:
            f.write(text if text is not None else json.dumps(login_file(seconds, self.key, **members), indent=1))
        return self.file

    def test_as_they_are(self):
        """More than five minutes are left: nobody is asked, nothing kept elsewhere."""
        def go():
            self.login(320)
            return self.identity("--profile", "p")
        self.assertEqual(self.within(20, go), case.USER)
        self.assertTrue(os.path.basename(self.file).startswith(self.NAME))
        self.assertEqual(self.sim.requests("iam")[0]["headers"]["x-amz-security-token"], "(39 characters)")
        self.assertEqual(self.called(), [])
        self.assertFalse(os.path.exists(self.cache))

    def test_refreshed(self):
        for seconds in (290, -5):
            self.login(seconds if seconds > 0 else seconds, more={"a": [1, {"b": "}\""}]})
            before = self.read(self.file)
            if seconds < 0:                                     # the tokens of the first time are used up
                before = {**before, "refreshToken": refresh}
                self.login(text=json.dumps(before))
            self.assertEqual(self.identity("--profile", "p"), ADMIN)
            request, = self.sim.requests("signin")
            self.assertEqual(request["params"], {"clientId": logins.DEVTOOLS, "refreshToken": before["refreshToken"],
                                                 "grantType": "refresh_token"})
            self.assertEqual((request["status"], request["path"]), (200, "/v1/token"))
            after, session = self.read(self.file), self.sim.sessions()[-1]
            self.assertEqual(list(after), list(before))
            refresh = after["refreshToken"]
            self.assertNotEqual(refresh, before["refreshToken"])
            self.assertEqual({k: v for k, v in after.items() if k not in ("accessToken", "refreshToken")},
                             {k: v for k, v in before.items() if k not in ("accessToken", "refreshToken")})
            until = after["accessToken"].pop("expiresAt")
            self.assertRegex(until, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            self.assertTrue(stamp(800) < until < stamp(910))
            self.assertEqual(after["accessToken"], {"accessKeyId": session["key"], "secretAccessKey": session["secret"],
                                                    "sessionToken": session["token"], "accountId": ACCOUNT})
            self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
            self.assertEqual(os.listdir(self.folder), [os.path.basename(self.file)])
            self.assertEqual(self.identity("--profile", "p"), ADMIN)
            self.assertEqual(self.called(), [])

    def test_proof(self):
        """By OpenSSL, too: the signature is of the key in the file."""
        self.login(-5)
        self.identity("--profile", "p")
        proof = self.sim.requests("signin")[0]["headers"]["dpop"]
        head, body, signature = proof.split(".")
        self.assertNotIn("=", proof)
        raw = logins._unbase64(signature)
        def integer(b):
            b = b.lstrip(b"\0")
            b = b"\0" + b if not b or b[0] & 0x80 else b
            return b"\x02" + bytes([len(b)]) + b
        inner = integer(raw[:32]) + integer(raw[32:])
        paths = {name: os.path.join(self.home, name) for name in ("key", "public", "signature", "text")}
        for name, content in (("key", self.key.encode()), ("signature", b"\x30" + bytes([len(inner)]) + inner),
                              ("text", f"{head}.{body}".encode())):
            with open(paths[name], "wb") as f:
                f.write(content)
        subprocess.run(["openssl", "ec", "-in", paths["key"], "-pubout", "-out", paths["public"]], check=True, capture_output=True)
        subprocess.run(["openssl", "dgst", "-sha256", "-verify", paths["public"], "-signature", paths["signature"], paths["text"]],
                       check=True, capture_output=True)
        self.assertEqual(list(json.loads(logins._unbase64(head))), ["typ", "alg", "jwk"])
        self.assertEqual(json.loads(logins._unbase64(body))["htu"], self.sim.signin["url"] + "/v1/token")

    def test_folder(self):
        """AWS_LOGIN_CACHE_DIRECTORY, with what a shell would expand."""
        self.login()
        os.rename(self.folder, os.path.join(self.home, "else where"))
        for folder in ("~/else where", "$HOME/else where", "${PLACE}/else where", os.path.join(self.home, "else where")):
            self.assertEqual(self.identity("--profile", "p", AWS_LOGIN_CACHE_DIRECTORY=folder, PLACE=self.home), case.USER)
        self.refused(255, "Error loading login session token: Unable to load a existing login session", "--profile", "p")

    def test_files_that_are_none(self):
        loading = "Error loading login session token: "
        absent = loading + f"Unable to load a existing login session for session {ARN_OF_LOGIN}, Please reauthenticate with 'aws login'."
        self.refused(255, absent, "--profile", "p", also="--profile p")
        for text in ("", "x", "{"):
            self.login(text=text)
            self.refused(255, absent, "--profile", "p")
        for member in ("accessToken", "refreshToken", "dpopKey", "clientId"):
            self.login(**{member: None})
            self.refused(255, loading + "Failed to load access token from token cache, missing one or more required fields.",
                         "--profile", "p")
        self.login(-5, dpopKey="-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n")
        self.refused(255, loading + "Unable to load private key from cached token.", "--profile", "p")
        self.login(-5, dpopKey="\0" + "A" * 40000)
        self.refused(255, loading + "Unable to load private key from cached token.", "--profile", "p")

    def test_refused(self):
        for error, words in (("TOKEN_EXPIRED", "Your session has expired. Please reauthenticate using 'aws login'."),
                             ("USER_CREDENTIALS_CHANGED", "Unable to refresh login credentials because of a change in your "
                              "password. Please reauthenticate with your new password using 'aws login'."),
                             ("INSUFFICIENT_PERMISSIONS", "Unable to create or refresh login credentials due to insufficient "
                              "permissions. You may be missing permission for the 'signin:CreateOAuth2Token' action."),
                             ("OTHER", "An unspecified error happened when resolving AWS credentials or refreshing a login "
                              "session profile."), (None, "An unspecified error happened when resolving AWS credentials")):
            self.login(-5)
            self.sim.scenario([{"when": {"server": "signin"}, "do": {"status": 400, "code": "AccessDeniedException",
                                                                   **({"message": error} if error else {})}}])
            self.refused(255, words, "--profile", "p", called=["signin"], also="aws login")
        self.sim.scenario([{"when": {"server": "signin"}, "do": {"status": 400, "code": "ValidationException",
                                                               "message": "INVALID_REQUEST: why"}}])
        self.refused(254, "An error occurred (ValidationException) when calling the CreateOAuth2Token operation: INVALID_REQUEST: why", "--profile", "p",
                     called=["signin"])
        keys = {"accessKeyId": "A", "secretAccessKey": "s", "sessionToken": "a\r\nX: b"}
        for body in ("{}", "x", json.dumps({"accessToken": {}, "expiresIn": 900, "refreshToken": "x"}),
                     json.dumps({"accessToken": keys, "expiresIn": 900, "refreshToken": "x"})):
            self.sim.scenario([{"when": {"server": "signin"}, "do": {"body": body}}])
            self.refused(255, "Error loading login session token: Unable to refresh access token due to an invalid service response.",
                         "--profile", "p", called=["signin"])

    def test_no_region(self):
        self.sections(f"[profile p]\nlogin_session = {ARN_OF_LOGIN}\n")
        self.login(-5)
        self.refused(253, "An error occurred (NoRegion): ", "--profile", "p", AWS_DEFAULT_REGION=None, AWS_ENDPOINT_URL_IAM=None)

    def test_order(self):
        """Shared keys go before a login, a login before a process and the config file's keys."""
        self.login()
        self.write("credentials", "[p]\n" + case.STATIC)
        shared = {"AWS_SHARED_CREDENTIALS_FILE": os.path.join(self.home, "credentials")}
        self.identity("--profile", "p", **shared)
        self.assertNotIn("x-amz-security-token", self.sim.requests("iam")[0]["headers"])
        self.sections(f"[profile p]\nlogin_session = {ARN_OF_LOGIN}\ncredential_process = false\n" + case.STATIC)
        self.identity("--profile", "p")
        self.assertIn("x-amz-security-token", self.sim.requests("iam")[0]["headers"])

    def test_interrupted(self):
        """In the middle of a refresh: the token that was sent is used up, so that its successor is still waited for."""
        self.login(-5)
        told, started = [], threading.Event()
        def interrupt():
            started.wait(300)                                   # or there is no `run` yet
            told.append(os.kill(run.pid, signal.SIGINT))
            while self.pending(run.pid):                        # it has heard of it before the reply comes
                time.sleep(0.01)
        keys = {"accessKeyId": "A" * 20, "secretAccessKey": "s" * 20, "sessionToken": "t" * 20}
        url = self.elsewhere(200, {"accessToken": keys, "expiresIn": 900, "refreshToken": "fresh"}, "", interrupt)
        run = subprocess.Popen([self.binary, *ENTITIES, "--profile", "p"], env=self.env(AWS_ENDPOINT_URL_SIGNIN=url), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
        started.set()
        run.communicate(timeout=300)
        self.assertEqual((run.returncode, told), (130, [None]))
        self.assertEqual(self.read(self.file)["refreshToken"], "fresh")
        self.assertEqual(self.sim.requests("iam"), [])

    def test_two_at_once(self):
        self.login(-5)
        self.sim.scenario([{"when": {"server": "signin"}, "do": {"stall": {"part": "head", "seconds": 1}}}])
        runs = [subprocess.Popen([self.binary, *ENTITIES, "--profile", "p"], env=self.env(), stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE) for _ in range(5)]
        for process in runs:
            out = process.communicate(timeout=300)
            self.assertEqual((process.returncode, out[1]), (0, b""))
        self.assertEqual(self.called("signin"), ["signin"])
        self.assertEqual(os.listdir(self.folder), [os.path.basename(self.file)])

    def test_long_job(self):
        """Keys that end in the middle of a job are renewed, and the report generated once more."""
        self.outlived("signin", lambda: self.login(-5))
        self.assertEqual(self.called("signin"), ["signin"] * 2)

    def test_folder_read_only(self):
        """As for IAM Identity Center: and here the successor of the refresh token is needed every quarter of an hour."""
        self.login(-5)
        before = self.read(self.file)
        run = self.outlived("signin", lambda: self.login(text=json.dumps(before)), self.folder)
        self.assertIn(b"The refreshed session could not be kept in ", run.err)
        self.assertEqual(self.called("signin"), ["signin"] * 2)
        self.assertEqual(self.read(self.file), before)
        self.sim.clear()
        self.login(250)
        run = self.read_only(self.folder, *ENTITIES, "--profile", "p")
        self.assertEqual((run.code, run.err, self.called("signin")), (0, b"", []))

    def test_refreshed_by_another_tool(self):
        self.login(-5)
        url = self.elsewhere(400, {"error": "TOKEN_EXPIRED"}, "AccessDeniedException", self.login)
        self.assertEqual(self.identity("--profile", "p", AWS_ENDPOINT_URL_SIGNIN=url), case.USER)

    def test_nothing_leaks(self):
        self.login(-5)
        run = self.run_(*ENTITIES, "--profile", "p", "--debug")
        self.assertCode(run, 0)
        session = self.sim.sessions()[-1]
        for secret in (session["secret"], session["token"], logins.LOGIN_REFRESH_TOKEN, "sim-login-refresh", self.key.split("\n")[1],
                       self.sim.requests("signin")[0]["headers"]["dpop"][:40]):
            self.assertNotIn(secret.encode(), run.err + run.out)


class BothWays(Logins):
    """Debian's AWS CLI with the same files: the same calls, the same file afterwards, the same words."""

    aws = same.AwsCli.aws
    options = ("--sources", "--entities", "3")

    def env(self, **extra):
        return same.AwsCli.env(self, **{**case.NO_KEYS, **extra})

    def each(self, *args, before=lambda: None):
        out = []
        for by in (self.run_, self.aws):
            self.sim.stop()
            self.sim = cli.Sim(*self.options, state_dir=cli.CliTest._shared.name)
            self.forget()
            path = before()
            run = by(*ENTITIES, *args)
            out.append((run, [(e["server"], e["status"], e["params"]) for e in self.sim.requests() if e["server"] in ("sso", "oidc")],
                        {k: v for k, v in self.read(path).items() if not k.endswith("xpiresAt")} if path else None,
                        sorted(os.listdir(self.cache)) if os.path.isdir(self.cache) else []))
        self.assertEqual(out[0][0].code, out[1][0].code, out)
        self.assertEqual(out[0][1:], out[1][1:])
        return out[0][0], out[1][0]

    def test_keys(self):
        self.sections(SESSION + "[profile p]\n" + NEW + "[profile old]\n" + OLD)
        self.assertCode(self.each("--profile", "p", before=self.token)[0], 0)
        self.assertCode(self.each("--profile", "p", before=lambda: self.token(seconds=600))[0], 0)
        self.assertCode(self.each("--profile", "p", before=lambda: self.token(seconds=-5))[0], 0)
        self.assertCode(self.each("--profile", "old", before=lambda: self.token(START))[0], 0)

    def test_errors(self):
        self.sections(SESSION + "[profile p]\n" + NEW + "[profile old]\n" + OLD + "[profile m]\n" + ROLE + "[profile i]\nsso_region = x\n" +
                      NEW + "[profile none]\nsso_session = none\n" + ROLE + f"[profile d]\nsso_session = corp\nsso_account_id = {ACCOUNT}\n"
                      "sso_role_name = denied\n")
        for profile, before in (("p", lambda: None), ("p", lambda: self.token(accessToken=None)), ("old", lambda: None),
                                ("p", lambda: self.token(seconds=-5, refreshToken=None)),
                                ("p", lambda: self.token(accessToken="x" * 20)), ("d", self.token), ("m", self.token), ("i", self.token),
                                ("none", self.token)):
            case.shutil.rmtree(self.tokens, ignore_errors=True)
            mine, theirs = self.each("--profile", profile, before=before)
            words = theirs.err.strip().split(b"\n")[-1]
            self.assertTrue(mine.err.startswith(cli.ERROR + words), (mine, theirs))


if __name__ == "__main__":
    cli.main()
