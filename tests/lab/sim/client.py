"""Starts the simulator for a test: `with Sim("--entities", "250") as sim: … sim.url, sim.ca …`"""

import json
import os
import select
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

FOLDER = os.path.dirname(os.path.abspath(__file__))
FIXED_JOB = "examplef-1305-c245-eba4-71fe298bcda7"
ACCESS_KEY, SECRET_KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def absolute(document, folder):
    """A scenario with the files that it names given by absolute paths."""
    document = json.loads(json.dumps(document))
    rules = document if isinstance(document, list) else document.get("rules", [])
    for rule in rules:
        for key in ("body_file", "raw_file", "case"):
            if key in rule.get("do", {}):
                rule["do"][key] = os.path.join(os.path.abspath(folder), rule["do"][key])
    return document


class Sim:
    """A running simulator with its control endpoint open. Options are those of sim.py.

    url, port, ca, control, pid: as in the ready line. state_dir: a folder to keep certificates in;
    sharing one between tests saves making them again. scenario: a dict, list of rules, or a path.
    folder: where files named by a scenario are looked for (a scenario given as a path has its own).
    """

    def __init__(self, *options, scenario=None, state_dir=None, folder=None,
                 python="/usr/bin/python3", start_seconds=300):
        self._folder = tempfile.TemporaryDirectory(prefix="iamsim-test-")
        self.log_path = os.path.join(self._folder.name, "requests.jsonl")
        self.error_path = os.path.join(self._folder.name, "stderr.txt")
        state_dir = state_dir or os.path.join(self._folder.name, "state")
        if scenario is not None and not isinstance(scenario, str):
            path = os.path.join(self._folder.name, "scenario.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump(absolute(scenario, folder or os.getcwd()), f)
            scenario = path
        if not os.path.exists(python):
            python = sys.executable
        command = [python, os.path.join(FOLDER, "sim.py"), "--until-stdin-closes", "--control",
                   "--requests-log", self.log_path, "--state-dir", state_dir,
                   *(["--scenario", scenario] if scenario else []), *map(str, options)]
        with open(self.error_path, "w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors,
                                             stdout=subprocess.PIPE, text=True, cwd=folder)
        self._wait(start_seconds)

    def _wait(self, seconds):
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self._process.kill()
            self._process.wait()
            text = self.stderr()
            self._close_files()
            raise RuntimeError(f"the simulator did not start: {text or 'no ready line'}")
        self.ready = json.loads(line)
        self.url, self.port, self.ca = self.ready["url"], self.ready["port"], self.ready["ca"]
        self.control, self.pid = self.ready["control"], self.ready["pid"]
        # with --sources: {"url", "port", ...} of each
        self.sts, self.imds, self.container, self.iot, self.sso, self.oidc, self.signin, self.proxy = (
            self.ready.get(name) for name in ("sts", "imds", "container", "iot", "sso", "oidc", "signin", "proxy"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _close_files(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._folder.cleanup()

    def stop(self):
        """Ends the simulator; returns its exit status. What it wrote is gone afterwards."""
        if self._process.stdin.closed:
            return self._process.returncode
        self._process.stdin.close()
        try:
            self._process.wait(300)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close_files()
        return self._process.returncode

    def stderr(self):
        with open(self.error_path, encoding="utf-8") as f:
            return f.read()

    def events(self):
        """Every line of the log: requests, failed handshakes, refused connections."""
        self.call("GET", "/settled")
        if not os.path.exists(self.log_path):
            return []
        with open(self.log_path, encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def requests(self, server=None):
        """Requests in the order in which they came (each is logged when its reply has been sent, by a thread of its own); of
        one server only, where it is named."""
        return sorted((entry for entry in self.events()
                       if entry["event"] == "request" and server in (None, entry["server"])),
                      key=lambda entry: entry["time"])

    def sessions(self):
        """Temporary credentials issued so far."""
        return self.call("GET", "/sessions")

    def account(self):
        """What the account has, an ARN a dict: what an audit must come to."""
        return self.call("GET", "/account")

    def call(self, method, path, value=None):
        """A call to the control endpoint; returns the decoded JSON reply."""
        data = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.control + path, data=data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=300) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error).get("error")) from None

    def scenario(self, document):
        """Replaces the scenario (a list of rules will do); None takes every fault away."""
        if document is None:
            return self.call("DELETE", "/scenario")
        return self.call("PUT", "/scenario", document)

    def go_on(self):
        """Ends the stalls of the scenario, begun or not: what waits for them was seen to wait."""
        self.call("POST", "/go")

    def clear(self):
        """Forgets the log and counts requests from 1 again."""
        self.call("DELETE", "/requests")
        open(self.log_path, "w", encoding="utf-8").close()

    def clock(self, offset):
        self.call("PUT", "/clock", {"offset": offset})

    def environment(self, **extra):
        """A clean environment for an AWS SDK or command: nothing of the user's comes in."""
        home = os.path.join(self._folder.name, "home")
        os.makedirs(home, exist_ok=True)
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8",
               "LC_ALL": "C.UTF-8", "AWS_CONFIG_FILE": os.path.join(home, "no-config"),
               "AWS_SHARED_CREDENTIALS_FILE": os.path.join(home, "no-credentials"),
               "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
               "AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "us-east-1",
               "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "NO_PROXY": "*"}
        if self.ca:
            env["AWS_CA_BUNDLE"] = self.ca
        env.update(extra)
        return env
