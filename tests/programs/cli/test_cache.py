#!/usr/bin/python3
"""Sessions of roles from run to run, in the AWS CLI's cache: who wrote an entry, who uses it, who must not.
The simulator's log says which session called."""

import hashlib
import json
import os
import stat
import subprocess
import sys
import threading
import time

import cli
import test_credentials as case
import test_same_identity as same
from cli import ARN, ENTITIES

sys.path.insert(0, os.path.join(cli.ROOT, "tests", "lab", "sim"))
from iamsim import sts  # noqa: E402

GENERATE = (cli.GENERATE, "--arn", ARN)


def name(**args):
    """The AWS CLI's name for what STS was asked."""
    return hashlib.sha1(json.dumps(args, sort_keys=True).encode()).hexdigest() + ".json"


class Cache(case.Sources):
    MINE = name(RoleArn=case.ROLE, RoleSessionName="me")

    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.home, ".aws", "cli", "cache")
        self.entry = os.path.join(self.folder, self.MINE)
        self.profiles(p=case.role(credential_source="Environment"))

    def kept(self):
        return sorted(os.listdir(self.folder)) if os.path.isdir(self.folder) else []

    def good(self, *args, by=None, **extra):
        """A run, its calls of STS and the session that called IAM."""
        self.sim.clear()
        run = (by or self.run_)(*(args or (*ENTITIES, "--profile", "p")), **extra)
        self.assertEqual(run.code, 0, run)
        return run, len(self.sim.requests("sts")), self.sim.requests("iam")[-1]["access_key"]

    def put(self, content, mode=0o600, path=None):
        os.makedirs(self.folder, exist_ok=True)
        path = path or self.entry
        with open(path, "w", encoding="utf-8") as f:
            f.write(content if isinstance(content, str) else json.dumps(content))
        os.chmod(path, mode)

    def session(self, seconds=3600, form="%Y-%m-%dT%H:%M:%S+00:00"):
        """An entry of a session that the simulator knows, and its key."""
        self.forget()
        self.good()
        with open(self.entry, encoding="utf-8") as f:
            entry = json.load(f)
        entry["Credentials"]["Expiration"] = time.strftime(form, time.gmtime(time.time() + seconds))
        return entry, entry["Credentials"]["AccessKeyId"]


class BothWays(Cache):
    """Whoever of the two wrote it, the other one uses it."""

    env, aws = same.AwsCli.env, same.AwsCli.aws

    def there_and_back(self, names, *args, calls, **extra):
        for first, then in ((self.aws, self.run_), (self.run_, self.aws)):
            self.forget()
            asked, session = self.good(*ENTITIES, *args, by=first, **extra)[1:]
            self.assertEqual((asked, self.kept()), (calls, sorted(names)))
            self.assertEqual(self.good(*ENTITIES, *args, by=then, **extra)[1:], (0, session))

    def test_roles(self):
        self.profiles(a=case.role(source_profile="b", duration_seconds="3600"),
                      b=f"role_arn = {case.ROLE}\nexternal_id = some:id=1\ncredential_source = Environment\n")
        self.there_and_back((name(RoleArn=case.ROLE, RoleSessionName="me", DurationSeconds=3600),
                             name(RoleArn=case.ROLE, ExternalId="some:id=1")), "--profile", "a", calls=2)
        run = self.aws(cli.GENERATE, "--arn", ARN, "--profile", "a")
        job = json.loads(run.out)["JobId"]
        run = self.run_(cli.PAGE, "--job-id", job, "--service-namespace", "iam", "--profile", "a")
        self.assertEqual(json.loads(run.out)["JobStatus"], "COMPLETED", run)

    def test_web_identity(self):
        path = self.write("token", sts.web_token())
        self.there_and_back((name(RoleArn=case.ROLE, RoleSessionName="pod"),), calls=1, **case.NO_KEYS,
                            AWS_WEB_IDENTITY_TOKEN_FILE=path, AWS_ROLE_ARN=case.ROLE, AWS_ROLE_SESSION_NAME="pod")


class Kept(Cache):
    def test_a_report_in_two_runs(self):
        run, calls, session = self.good(*GENERATE, "--profile", "p")
        self.assertEqual(calls, 1)
        page = (cli.PAGE, "--job-id", json.loads(run.out)["JobId"], "--service-namespace", "iam", "--profile", "p")
        run, calls, again = self.good(*page)
        self.assertEqual((calls, again), (0, session))
        self.assertEqual(len(json.loads(run.out)["EntityDetailsList"]), 3)
        self.forget()
        self.assertError(self.run_(*page), 254, "An error occurred (NoSuchEntity) ")

    def test_files(self):
        """Theirs in form, this user's alone, nothing beside them; under any umask."""
        for mask in (0o777, 0, 0o022):
            self.forget()
            before = os.umask(mask)
            try:
                process = subprocess.Popen([self.binary, *ENTITIES, "--profile", "p"], env=self.env(),
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            finally:
                os.umask(before)
            out = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 0, out)
            if mask == 0o777 and os.geteuid() != 0: # it may not even enter the folder that it has made
                os.chmod(os.path.join(self.home, ".aws"), 0o700)
                continue
            self.assertEqual(self.kept(), [self.MINE])
            self.assertEqual(stat.S_IMODE(os.stat(self.entry).st_mode), 0o600)
            for path in (self.folder, os.path.dirname(self.folder), os.path.join(self.home, ".aws")):
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o700 & ~mask)
        with open(self.entry, encoding="utf-8") as f:
            entry = json.load(f)
        session = self.sim.sessions()[-1]
        self.assertRegex(entry["Credentials"].pop("Expiration"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")
        self.assertEqual(entry, {"Credentials": {"AccessKeyId": session["key"], "SecretAccessKey": session["secret"],
                                                 "SessionToken": session["token"], "AccountId": "123456789012"}})

    def test_names(self):
        """Python's json.dumps decides on the name, with the odd characters that a profile can have."""
        for arn, more in ((case.ROLE, {}), (case.ROLE + '/a"b\\c\td', {"external_id": "1/2"}),
                          (case.ROLE, {"duration_seconds": "900", "role_session_name": "x=,.@-"}),
                          (case.ROLE, {"duration_seconds": "no number"})):
            self.profiles(p=f"role_arn = {arn}\ncredential_source = Environment\n" +
                          "".join(f"{k} = {v}\n" for k, v in more.items()))
            args = {"RoleArn": arn}
            if more.get("duration_seconds", "").isdigit():
                args["DurationSeconds"] = int(more["duration_seconds"])
            for key, theirs in (("external_id", "ExternalId"), ("role_session_name", "RoleSessionName")):
                if key in more:
                    args[theirs] = more[key]
            self.forget()
            run = self.run_(*ENTITIES, "--profile", "p", "--debug")
            self.assertIn(f"role session {self.folder}/{name(**args)}: none is kept".replace("\t", "\\t").encode(), run.err)

    def test_others_are_not_kept(self):
        """Only what the AWS CLI would keep."""
        token = self.write("token", sts.web_token())
        self.good(*ENTITIES)
        self.profiles(w=case.role(web_identity_token_file=token), q=case.role(source_profile="w"),
                      r="credential_process = /bin/cat '%s'" % self.write("document", json.dumps(case.Process.GOOD)))
        self.good(*ENTITIES, "--profile", "r")
        self.assertFalse(os.path.exists(os.path.join(self.home, ".aws")))
        self.sim.scenario([{"when": {"server": "sts", "request": 2}, "do": {"expires_in": 800}}])
        self.good(*ENTITIES, "--profile", "q")      # its source is kept no more than by the AWS CLI
        self.assertEqual(self.kept(), [])
        self.sim.scenario(None)
        self.good(*ENTITIES, "--profile", "q")
        self.assertEqual(self.kept(), [self.MINE])

    def test_mfa(self):
        """A session that is there asks for no code."""
        serial = "arn:aws:iam::123456789012:mfa/me"
        entry, session = self.session()
        self.profiles(m=case.role(credential_source="Environment", mfa_serial=serial))
        self.put(entry, path=os.path.join(self.folder, name(RoleArn=case.ROLE, RoleSessionName="me", SerialNumber=serial)))
        run = cli.Run(subprocess.run([self.binary, *ENTITIES, "--profile", "m"], env=self.env(), check=False,
                                     capture_output=True, start_new_session=True, timeout=300))
        self.assertCode(run, 0)
        self.assertEqual(self.sim.requests("iam")[-1]["access_key"], session)

    def test_nothing_leaks(self):
        for _ in range(2):
            run = self.good(*ENTITIES, "--profile", "p", "--debug")[0]
            self.assertIn(self.entry.encode(), run.err)
            for s in self.sim.sessions():
                for word in (s["secret"], s["token"], s["token"][:40]):
                    self.assertNotIn(word.encode(), run.out + run.err)


class PassedOver(Cache):
    def unused(self, words, session):
        run, calls, used = self.good(*ENTITIES, "--profile", "p", "--debug")
        self.assertEqual(calls, 1, words)
        self.assertNotEqual(used, session)
        self.assertIn(words.encode(), run.err)

    def replaced(self):
        self.assertEqual(self.good()[1], 0)
        self.assertEqual(self.kept(), [self.MINE])

    def test_expired(self):
        for seconds, used in ((890, False), (-5, False), (930, True), (10 ** 8, True)):
            for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%SUTC", "%Y-%m-%dT%H:%M:%S+00:00"):
                def go(seconds=seconds, form=form):
                    entry, session = self.session(seconds, form)
                    self.put(entry)
                    return session, self.good()[1:] if used else None

                session, found = self.within(29, go)
                if used:
                    self.assertEqual(found, (0, session))
                else:
                    self.unused("expired", session)
                    self.replaced()

    def test_damaged(self):
        entry, session = self.session()
        whole, keys = json.dumps(entry), entry["Credentials"]
        bad = [whole[:n] for n in (0, 1, 30, 200, len(whole) - 2, len(whole) - 1)]
        bad += [whole + "x", whole + whole, "[]", "null", "[" + whole + "]", '{"Credentials": null}', '{"Credentials": "x"}',
                whole.replace('"Credentials": ', '"Credentials": {}, "Credentials": '), "\0" * 100, " " * 70000 + whole,
                whole.replace(': "', ': "\x01', 1)]
        for member in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"):
            for value in (None, "", 1, [], "\u20ac", "a b" if member != "Expiration" else "soon", "x\r\nY: z"):
                bad.append({"Credentials": {**keys, member: value}})
            bad.append({"Credentials": {k: v for k, v in keys.items() if k != member}})
        for content in bad:
            self.put(content)
            run, calls, used = self.good()
            self.assertEqual((calls, run.err), (1, b""), content)
            self.assertNotEqual(used, session)
            self.assertEqual(self.kept(), [self.MINE])
        self.replaced()
        self.put(bad[3])
        self.unused("passed over: damaged", session)

    def test_foreign(self):
        entry, session = self.session()
        for mode in (0o644, 0o620, 0o602, 0o666):
            self.put(entry, mode)
            self.unused("passed over: open to other users", session)
            self.assertEqual(stat.S_IMODE(os.stat(self.entry).st_mode), 0o600)
        os.remove(self.entry)
        aside = os.path.join(self.home, "aside")
        self.put(entry, path=aside)
        os.symlink(aside, self.entry)
        self.unused("Too many levels of symbolic links", session)
        self.assertFalse(os.path.islink(self.entry))
        os.remove(self.entry)
        os.mkfifo(self.entry, 0o600)
        self.unused("passed over: not a regular file", session)
        os.remove(self.entry)
        os.mkdir(self.entry)
        self.unused("passed over: not a regular file", session)
        self.assertEqual(self.kept(), [self.MINE])
        os.rmdir(self.entry)
        if os.geteuid() == 0:
            self.put(entry)
            os.chown(self.entry, 12345, 12345)
            self.unused("passed over: another user's", session)
            self.put(entry)
            os.remove(self.entry)
            os.chown(self.folder, 12345, 12345)
            self.unused("not kept: not this user's folder", session)
            self.assertEqual(self.kept(), [])

    def test_nowhere_to_keep(self):
        """A home that takes nothing is no error."""
        self.write("file", "")
        for home in ("/proc/self", self.absent, os.path.join(self.home, "file"), "relative"):
            run, calls, _ = self.good(HOME=home)
            self.assertEqual((calls, run.err), (1, b""), home)
        os.makedirs(os.path.dirname(self.folder))
        self.write(".aws/cli/cache", "")
        self.assertEqual(self.good()[0].err, b"")
        if os.geteuid() != 0:
            os.remove(self.folder)
            os.mkdir(self.folder, 0o500)
            self.assertEqual(self.good()[0].err, b"")


class Refused(Cache):
    """A kept session that the service no longer takes."""

    def refuse(self, code="ExpiredToken", server="iam", **times):
        """The next call, or with no number of times every one."""
        self.sim.scenario([{"when": {"server": server}, **times, "do": {"status": 403, "code": code, "message": "old"}}])

    def test_fetched_once_more(self):
        for code in ("ExpiredToken", "InvalidClientTokenId"):
            for command in ((cli.GENERATE, "--arn", ARN), case.ONE):
                session = self.session()[1]
                self.refuse(code, times=1)
                run, calls, used = self.good(*command, "--profile", "p")
                self.assertEqual((calls, run.err), (1, b""))
                self.assertNotEqual(used, session)
                self.assertEqual(self.good()[1:], (0, used))
                self.sim.scenario(None)

    def test_only_once(self):
        self.session()
        self.refuse()
        self.sim.clear()
        self.assertError(self.run_(*GENERATE, "--profile", "p"), 254, "An error occurred (ExpiredToken)")
        self.assertEqual([e["server"] for e in self.sim.requests()], ["iam", "sts", "iam"])

    def test_not_another_sessions_report(self):
        self.session()
        self.refuse(times=1)
        self.sim.clear()
        self.assertError(self.run_(*ENTITIES, "--profile", "p"), 254, "An error occurred (ExpiredToken)")
        self.assertEqual(self.sim.requests("sts"), [])

    def test_source(self):
        """The role before the last one."""
        self.profiles(p=case.role(credential_source="Environment"),
                      q=case.role(case.ROLE + "2", source_profile="p"))
        session = self.session()[1]
        self.refuse(server="sts", times=1)
        run, calls, used = self.good(*GENERATE, "--profile", "q")
        self.assertEqual(calls, 3)
        self.assertEqual(run.err, b"")
        self.assertNotIn(used, (None, session))
        self.assertEqual(len(self.kept()), 2)


class AtOnce(Cache):
    def test_many_runs(self):
        """Never half an entry, never an error; the last one's stays."""
        seen, stop = [], threading.Event()

        def look():
            while not stop.is_set():
                try:
                    with open(self.entry, encoding="utf-8") as f:
                        seen.append(f.read())
                except FileNotFoundError:
                    pass

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            for _ in range(3):
                self.forget()
                self.sim.clear()
                runs = [subprocess.Popen([self.binary, *GENERATE, "--profile", "p"], env=self.env(),
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
                for process in runs:
                    out = process.communicate(timeout=300)
                    self.assertEqual((process.returncode, out[1]), (0, b""), out)
                self.assertEqual(self.kept(), [self.MINE])
                self.assertEqual(len(self.sim.requests("sts")), 1)      # one asks, the others wait for it
                self.sim.clear()
            while not seen: # the last one's is there
                time.sleep(0.01)
        finally:
            stop.set()
            watcher.join()
        known = {s["key"] for s in self.sim.sessions()}
        for text in set(seen):
            self.assertIn(json.loads(text)["Credentials"]["AccessKeyId"], known)
        self.assertEqual(self.good()[1], 0)


    def test_a_run_that_was_killed(self):
        """Its lock is nobody's: the next one does not wait."""
        os.makedirs(self.folder)
        with open(self.entry + ".tinyiam-lock", "w", encoding="ascii"):
            pass
        self.good()
        self.assertEqual(self.kept(), [self.MINE])


if __name__ == "__main__":
    cli.main()
