#!/usr/bin/env python3
"""The storm around the command: random scenarios of the simulator, and kills at random moments.

    storm.py [--seed S] [--plans N] [--seconds T] [--kills K] [--verbose]

Plan number i has the seed S + i; `storm.py --seed X --plans 1 --kills 0 --verbose` replays one. Of every run it
holds: exit code 0 and the exact list, or another exit code, one named error, and an exact prefix of the list.
Then a run is killed K times at random moments, going on from its checkpoint each time, until its file has
every line once. TINYIAM names the command (default: build/host/tinyiam)."""

import argparse
import collections
import datetime
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lab", "sim"))

from client import FIXED_JOB, FOLDER, Sim  # noqa: E402

PAGE = "get-service-last-accessed-details-with-entities"
NAMESPACES = {"iam": 157, "s3": 40, "ec2": 1, "sqs": 0, "sns": 612}
OPTIONS = ("--entities", "157,s3=40,ec2=1,sqs=0,sns=612")
MOST_SECONDS = 600  # no run that works takes as long on any machine
ERROR = "tinyiam: [ERROR]: "

def edit(pattern, text):
    """What follows the pattern's group in a page is this text."""
    return {"edit": [[pattern, "\\g<1>" + text]]}


# Faults: name, is it survived with attempts to spare, and the action of a rule.
SURVIVED = {
    "throttled": lambda r: {"code": r.choice(["Throttling", "ThrottlingException"])},
    "500": lambda r: {"status": 500, "code": "InternalFailure"},
    "502 with HTML": lambda r: {"status": 502, "reply": "proxy-html"},
    "503 without a body": lambda r: {"status": 503, "reply": "empty"},
    "503 and x-amz-retry-after": lambda r: {"status": 503, "code": "ServiceUnavailable",
                                            "retry_after": r.randrange(400)},
    "body cut": lambda r: {"cut": {"part": "body", "after": r.randrange(3000),
                                   "how": r.choice(["close", "close_notify", "reset"])}},
    "head cut": lambda r: {"cut": {"part": "head", "after": r.randrange(150),
                                   "how": r.choice(["close", "close_notify", "reset"])}},
    "kept connection dropped": lambda r: {"drop": {"when": r.choice(["after-reply", "on-next-request"]),
                                                   "how": r.choice(["close", "close_notify", "reset"])}},
    "short stall": lambda r: {"stall": {"part": r.choice(["head", "body"]), "after": r.randrange(120),
                                        "seconds": 0.2}},
    "long stall": lambda r: {"stall": {"part": r.choice(["head", "body"]), "after": r.randrange(120),
                                       "seconds": 1.6}},
    "dribble": lambda r: {"dribble": {"bytes": r.randrange(40, 400), "ms": 1}},
    "small records": lambda r: {"write_size": r.randrange(3, 60)},
    "chunked": lambda r: {"chunks": {"sizes": [r.randrange(1, 900) for _ in range(4)],
                                     "extension": r.choice(["", "a=b"]), "trailers": {"X-Sum": "1"}}},
    "until close": lambda r: {"framing": "close"},
    "connection: close": lambda r: {"connection": "close"},
    "HTTP/1.0": lambda r: {"version": "HTTP/1.0"},
    "interim replies": lambda r: {"informational": [100, 103]},
    "odd header fields": lambda r: {"headers": {"X-Twice": ["a", "b"], "x-amzn-RequestId": None}},
    "connection refused": lambda r: {"refuse": r.choice(["close", "reset"])},
    "TLS alert": lambda r: {"tls_alert": r.choice([40, 80])},
    "no session tickets": lambda r: {"tickets": False},
    "length too large": lambda r: {"content_length": "+5"},
    "page with status 201 or 206": lambda r: {"status": r.choice([201, 206])},
    "IsTruncated as 1 or 0": lambda r: {"edit": [["(<IsTruncated>)true", "\\g<1>1"], ["(<IsTruncated>)false", "\\g<1>0"]]},
}
REFUSED = {
    "access denied": lambda r: {"code": "AccessDenied", "status": 403},
    "captive portal": lambda r: {"reply": "captive-portal"},
    "JSON": lambda r: {"reply": "json", "status": 200},
    "nothing": lambda r: {"reply": "empty", "status": 200},
    "error with status 200": lambda r: {"reply": "error-as-200", "code": "InternalFailure"},
    "another operation's reply": lambda r: {"reply": "other-operation"},
    "Marker repeated": lambda r: {"repeat_marker": True},
    "Marker missing": lambda r: {"no_marker": True},
    "Marker outside of its set": lambda r: {"marker": "\u20ac", "truncated": True},
    "not done after all": lambda r: {"job_status": "IN_PROGRESS"},
    "length too small": lambda r: {"content_length": "-5"},
    "lengths that conflict": lambda r: {"content_length": ["+0", "-1"]},
    "length and chunked": lambda r: {"framing": "chunked", "content_length": "+0"},
    "folded header": lambda r: {"fold": True},
    "garbage": lambda r: {"raw": "".join(chr(r.randrange(1, 127)) for _ in range(200))},
    "TLS 1.1 alert": lambda r: {"tls_alert": 70},
    "endless headers": lambda r: {"endless": "headers", "endless_limit": 300000},
    "endless interim replies": lambda r: {"endless": "informational", "endless_limit": 300000},
    "endless chunk extension": lambda r: {"endless": "chunk-extension", "endless_limit": 300000},
    "endless trailers": lambda r: {"endless": "trailers", "endless_limit": 300000},
    "certificate refused": lambda r: {"certificate": r.choice(["expired", "wrong-name", "self-signed", "unknown-ca"])},
    "reply twice": lambda r: {"again": "now"},  # in front of the next request or behind it: whichever is faster
    "reply again, behind the next request": lambda r: {"again": "late"},
    "reply before the request": lambda r: {"greeting": "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
                                                       "Content-Length: 0\r\n\r\n"},
    "job failed": lambda r: {"job_status": "FAILED"},
    "FAILED after COMPLETED": lambda r: {"job_status": "FAILED"},
    "FAILED beside items": lambda r: edit("(<JobStatus>)COMPLETED", "FAILED"),
    "IN_PROGRESS beside items": lambda r: edit("(<JobStatus>)COMPLETED", "IN_PROGRESS"),
    "status that is not known": lambda r: edit("(<JobStatus>)COMPLETED", r.choice(["", "QUEUED", "Completed"])),
    "no status": lambda r: edit("()<JobStatus>COMPLETED</JobStatus>", ""),
    "Markers in a circle": lambda r: {"circle": r.choice([1, 2, 3, 7])},
    "IsTruncated that is no boolean": lambda r: edit(r"(<IsTruncated>)\w+", r.choice(
        ["True", "", "yes", " true ", "2", "<b/>true"])),
    "Marker without IsTruncated": lambda r: edit(r"()<IsTruncated>\w+</IsTruncated>", ""),
    "date that is none": lambda r: edit(r.choice(["(<LastAuthenticated>)[^<]+", "(<JobCreationDate>)[^<]+"]), r.choice(
        ["soon", "", "2018-02-29T00:00:00Z", "2018-10-24T19:47:31+99:00"])),
    "two statuses that differ": lambda r: edit("(<JobStatus>)COMPLETED", "COMPLETED</JobStatus><JobStatus>FAILED"),
    "IsTruncated true and false": lambda r: edit(r"(<IsTruncated>)\w+", r.choice(
        ["true</IsTruncated><IsTruncated>false", "false</IsTruncated><IsTruncated>true"])),
    "two Markers": lambda r: edit("(</Marker>)", "<Marker>another</Marker>"),
    "page of another job": lambda r: edit(r"(<JobCreationDate>)\d+", "1999"),
    "reply to the other list": lambda r: {"edit": [["DetailsWithEntitiesRes", "DetailsRes"]]},
    "page changed": lambda r: {r.choice(["alter", "insert", "remove", "swap"]): r.randrange(8)},
    "clock off": lambda r: None,
}
# Where a fault has a place of its own: the pages it shows in; and the exit code it has then.
PAGES = {"FAILED after COMPLETED": ">=2", "job failed": 1}
CODES = {"FAILED after COMPLETED": 255, "job failed": 254, "Markers in a circle": 255}
ON_CONNECTION = {"connection refused", "reply before the request", "TLS alert", "TLS 1.1 alert", "no session tickets", "certificate refused"}


def rules_of(name, make, rng, pages):
    """Rules for one fault, at a random place, once or a few times."""
    do = make(rng)
    if do is None:
        return []
    if name in ON_CONNECTION:
        return [{"name": name, "when": {"nth": rng.choice([1, 1, 2])}, "do": do}]
    if name == "page changed":  # only what is fetched again can have changed
        where = {"page": rng.randrange(1, pages + 1)}
        cut = {"cut": {"part": "body", "after": rng.randrange(3000), "how": "reset"}}
        return [{"name": "cut", "when": {**where, "attempt": 1}, "do": cut},
                {"name": name, "when": {**where, "attempt": ">=2"}, "do": do}]
    if name == "Markers in a circle":  # from one page on, for ever
        do["circle"] = min(do["circle"], pages)
        return [{"name": name, "when": {"page": rng.randrange(do["circle"], pages + 1)}, "do": do}]
    if name in PAGES:
        return [{"name": name, "when": {"page": PAGES[name]}, "do": do}]
    when = rng.choice([{"request": rng.randrange(1, pages + 1)}, {"page": rng.randrange(1, pages + 1)},
                       {"page": pages}, {"probability": 0.3, "seed": rng.randrange(1000)}, {"reused": True}])
    return [{"name": name, "when": when, "times": rng.choice([1, 1, 1, 2]), "do": do}]


def as_line(entity):
    """An entity of the simulator's list as the command's jsonl has it."""
    info, out = entity.get("EntityInfo", {}), {}
    for key in ("Arn", "Name", "Type", "Id", "Path"):
        if key in info:
            out[key] = info[key]
    if "LastAuthenticated" in entity:
        out["LastAuthenticated"] = datetime.datetime.fromisoformat(entity["LastAuthenticated"].replace("Z", "+00:00"))
    return out


def parse(line):
    value = json.loads(line)
    if "LastAuthenticated" in value:
        value["LastAuthenticated"] = datetime.datetime.fromisoformat(value["LastAuthenticated"])
    return value


def reason(line):
    """What a line of error says, without what differs from run to run."""
    text = line.removeprefix(ERROR)
    if found := re.match(r"Unable to parse response \((.*?)\)", text) or re.match(r"An error occurred \((\w+)\)", text):
        return found[1]
    text = re.sub(r'( for)? "?https://\S+| \(request id .*| \(reached max.*', "", text)
    return re.split(r"\. |\.$|: \"", text)[0].replace("|", "\\|")


def is_prefix(got, want, changed):
    """Is it a prefix of the list; or, where one page changed behind what was printed, of one that differs in
    one place: an item altered, inserted, removed, or swapped with its neighbour?"""
    same = 0
    while same < min(len(got), len(want)) and got[same] == want[same]:
        same += 1
    if same == len(got):
        return True
    rest, other = got[same:], want[same:]
    return changed and any(rest[i:] == other[k:][:len(rest) - i] for i, k in ((1, 1), (1, 0), (0, 1), (2, 2)))


def going_round(want, rules, size):
    """The list as a client sees it whose pages go in a circle; as it is where they do not."""
    for rule in rules:
        if "circle" in rule["do"]:
            last, pages = rule["when"]["page"], rule["do"]["circle"]
            return want[:last * size] + 8 * want[(last - pages) * size:last * size]
    return want


class Storm:
    def __init__(self, options, binary, folder):
        self.options, self.binary, self.folder = options, binary, folder
        self.seen = collections.defaultdict(collections.Counter)
        self.wrong, self.hung, self.runs, self.exact, self.sim = 0, 0, 0, 0, None
        self.report_seed, self.lists, self.page_size = None, {}, 0

    def start(self, rng):
        """A simulator with another layout, and what it will say without faults."""
        if self.sim:
            self.sim.stop()
        seed = str(rng.randrange(10 ** 6))
        self.page_size = rng.choice([11, 25, 100])
        options = (*OPTIONS, "--seed", seed, "--marker-style", rng.choice(["simple", "plain", "latin1", "long"]),
                   "--layout", rng.choice(["pretty", "minified", "crlf"]),
                   "--member-order", rng.choice(["docs", "model", "shuffled"]))
        self.sim = Sim(*options, state_dir=os.path.join(self.folder, "state"))
        self.report_seed, self.lists, self.second = seed, {}, 1.0
        began = time.monotonic()
        subprocess.run(self.command("iam"), env=self.environment(6), capture_output=True, timeout=MOST_SECONDS, check=False)
        self.second = max(1.0, 5 * (time.monotonic() - began))  # as long as one is on a machine that is not slow

    def list_of(self, namespace):
        """What the report holds, as the simulator says it to whoever asks beside the wire."""
        if namespace not in self.lists:
            text = subprocess.run(["/usr/bin/python3", os.path.join(FOLDER, "sim.py"), *OPTIONS, "--seed",
                                   self.report_seed, "--print-entities", namespace],
                                  capture_output=True, text=True, check=True).stdout
            self.lists[namespace] = [as_line(json.loads(line)) for line in text.splitlines()]
            assert len(self.lists[namespace]) == NAMESPACES[namespace]
        return self.lists[namespace]

    def command(self, namespace, *args):
        return [self.binary, PAGE, "--job-id", FIXED_JOB, "--service-namespace", namespace, "--all", "--no-progress",
                "--cli-connect-timeout", f"{self.second:.3f}", "--cli-read-timeout", f"{self.second:.3f}",
                "--deadline", f"{30 * self.second:.3f}", *args]

    def environment(self, attempts):
        return self.sim.environment(AWS_ENDPOINT_URL_IAM=self.sim.url, AWS_MAX_ATTEMPTS=str(attempts))

    def say_wrong(self, what, run, plan):
        self.wrong += 1
        print("WRONG:", what)
        print("  ", json.dumps(plan))
        if run is not None:
            print("   exit code", run.returncode, "stderr", run.stderr[-600:])
        sys.stdout.flush()

    def plan(self, seed):
        rng = random.Random(seed)
        if self.sim is None or seed % 100 == 0:
            self.start(random.Random(seed - seed % 100))
        single = seed % 2 == 0
        faults = {**SURVIVED, **REFUSED}
        names = [sorted(faults)[seed // 2 % len(faults)]] if single else rng.sample(sorted(faults), rng.randrange(2, 5))
        namespace = rng.choice(["iam", "iam", "s3", "sns"] if single else list(NAMESPACES))
        attempts = 6 if single else rng.randrange(1, 5)
        pages = max(1, -(-NAMESPACES[namespace] // self.page_size))
        rules = [rule for name in names for rule in rules_of(name, faults[name], rng, pages)]
        for rule in rules:
            if "stall" in rule["do"]:
                rule["do"]["stall"]["seconds"] *= self.second
        self.sim.scenario(rules)
        self.sim.clear()
        self.sim.clock(rng.choice([-1, 1]) * rng.randrange(300, 10 ** 9) if "clock off" in names else 0)
        plan = {"seed": seed, "namespace": namespace, "attempts": attempts, "rules": rules, "faults": names}
        try:
            command = self.command(namespace, "--output", "jsonl", "--max-items", str(self.page_size))
            run = subprocess.run(command, env=self.environment(attempts), capture_output=True, text=True,
                                 timeout=MOST_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            self.hung += 1
            self.say_wrong("it hangs", None, plan)
            return
        finally:
            self.runs += 1
        wrong = self.wrong
        want = going_round(self.list_of(namespace), rules, self.page_size)
        self.judge(plan, run, want, single and (names[0] in SURVIVED or names[0] == "clock off"))
        self.exact += wrong == self.wrong and run.returncode == 0

    def judge(self, plan, run, want, must_survive):
        try:
            got = [parse(line) for line in run.stdout.splitlines()]
        except ValueError:
            self.say_wrong("stdout holds what is no line", run, plan)
            return
        first = run.stderr.split("\n")[0]
        changed = "page changed" in plan["faults"]
        if run.returncode == 0 and (not is_prefix(got, want, changed) or abs(len(got) - len(want)) > changed):
            self.say_wrong(f"success, but {len(got)} lines, not the {len(want)} of the list", run, plan)
        elif run.returncode != 0 and not is_prefix(got, want, changed):
            self.say_wrong("what was printed is no prefix of the list", run, plan)
        elif run.returncode not in (0, 253, 254, 255):
            self.say_wrong("an exit code that is none", run, plan)
        elif run.returncode != 0 and not first.startswith(ERROR) or len(first) > 2000:
            self.say_wrong("an error without a name", run, plan)
        elif len(plan["faults"]) == 1 and run.returncode != CODES.get(plan["faults"][0], run.returncode) and \
                self.came(plan["faults"][0]):
            self.say_wrong("not the exit code of this fault", run, plan)
        elif must_survive and run.returncode != 0:
            self.say_wrong("it should have survived", run, plan)
        if len(plan["faults"]) == 1 and self.came(plan["faults"][0]):
            what = "exact list" if run.returncode == 0 else reason(first)
            self.seen[plan["faults"][0]][what] += 1
        if self.options.verbose:
            print(json.dumps(plan), run.returncode, len(got), first)

    def came(self, name):
        return name == "clock off" or any(name in event.get("fault", []) for event in self.sim.events())

    # ---- kills ----

    def lines_of(self, text, output):
        if output == "json":
            entities = json.loads(text)["EntityDetailsList"]
            return [as_line(e) for e in entities]
        return [parse(line) for line in text.splitlines()]

    def kills(self, seed, number, until):
        """Kills runs, number times in all; every file ends with each line once. Returns how many were done."""
        rng, done, files = random.Random(seed), 0, 0
        self.start(rng)
        self.sim.clock(0)
        longest = 0.3
        while done < number and self.wrong == 0 and time.monotonic() < until:
            files += 1
            namespace, output = rng.choice(["iam", "sns", "sns"]), rng.choice(["jsonl", "json"])
            out, place = (os.path.join(self.folder, f"{name}-{files}") for name in ("out", "place"))
            noise = [{"do": {"dribble": {"bytes": 3000, "ms": 5}}}]
            if rng.random() < 0.5:
                noise.append({"when": {"probability": 0.2, "seed": files},
                              "do": {"cut": {"part": "body", "after": rng.randrange(4000), "how": "reset"}}})
            self.sim.scenario(noise)
            code = None
            while code != 0:
                with open(out, "ab") as f:
                    process = subprocess.Popen(
                        self.command(namespace, "--output", output, "--max-items", "60", "--checkpoint", place),
                        env=self.environment(4), stdout=f, stderr=subprocess.PIPE)
                    try:
                        process.wait(rng.uniform(0.005, longest) if done < number else MOST_SECONDS)
                    except subprocess.TimeoutExpired:
                        process.kill()
                        done += 1
                        longest *= 1.004
                    err = process.communicate()[1].decode()
                code = process.returncode
                if code not in (0, -signal.SIGKILL, 255, 254):
                    self.say_wrong(f"killed run ended with {code}: {err[-300:]}", None, {"seed": seed, "file": files})
                    return done
            with open(out, encoding="utf-8") as f:
                text = f.read()
            if self.lines_of(text, output) != self.list_of(namespace) or not text.endswith("\n"):
                self.say_wrong("a killed run's file is not the list", None, {"seed": seed, "file": files, "output": output})
                os.rename(out, out + ".wrong")
        print(f"storm: {done} kills over {files} files: every file holds each line once" if self.wrong == 0 else
              f"storm: {done} kills, WRONG")
        return done

    def table(self):
        print("| fault | runs in which it came | exact list | named error after an exact prefix |\n|---|---:|---:|---|")
        for name in [*SURVIVED, *REFUSED]:
            count = self.seen[name].copy()
            runs, exact = count.total(), count.pop("exact list", 0)
            told = ", ".join(f"{what}: {n}" for what, n in sorted(count.items(), key=lambda x: (-x[1], x[0])))
            print(f"| {name} | {runs} | {exact} | {told} |")

    def told(self):
        return (f"storm: {self.runs} runs of the command from seed {self.options.seed}: {self.exact} exact lists, "
                f"{self.runs - self.exact - self.wrong} named errors after an exact prefix, "
                f"{self.wrong - self.hung} wrong results, {self.hung} hangs")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plans", type=int)
    parser.add_argument("--seconds", type=float, help="for the plans; the kills come on top")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--kill-seconds", type=float, default=600)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    binary = os.path.abspath(os.environ.get("TINYIAM") or os.path.join(ROOT, "build", "host", "tinyiam"))
    if not os.path.exists(binary):
        sys.exit(f"{binary}: not built; TINYIAM names another")
    plans = options.plans if options.plans is not None else 200 if options.seconds is None else 10 ** 9
    with tempfile.TemporaryDirectory(prefix="tinyiam-storm-") as folder:
        storm = Storm(options, binary, folder)
        until = time.monotonic() + (options.seconds or 10 ** 9)
        try:
            for seed in range(options.seed, options.seed + plans):
                if time.monotonic() > until or storm.wrong > 5:
                    break
                storm.plan(seed)
            if options.table:
                storm.table()
            print(storm.told(), flush=True)
            if options.kills:
                storm.kills(options.seed, options.kills, time.monotonic() + options.kill_seconds)
        finally:
            if storm.sim:
                storm.sim.stop()
    return 1 if storm.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
