"""What esp_idf.py and zephyr.py have in common: results, programs that are watched, the simulator."""

import json
import os
import re
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.path.join(ROOT, "build", "sdk")
RUN = os.path.join(ROOT, "tests", "sdk", "run")
sys.path.insert(0, os.path.join(ROOT, "tests", "lab", "sim"))
from client import ACCESS_KEY, SECRET_KEY, Sim  # noqa: E402,F401

STATE = os.path.join(OUT, "sim")
ENTITIES = 230
ARN = re.compile(r"(arn:aws:iam::\S+) (?:\d{4}-|never)")
counts = {"passed": 0, "failed": 0}


def tell(what, broken):
    """One result; broken: None, or what is wrong."""
    counts["failed" if broken else "passed"] += 1
    print(f"{'FAILED' if broken else 'ok    '} {what}{': ' + broken if broken else ''}", flush=True)
    return not broken


def quiet(log, *command, **options):
    """None, or the end of what it printed; all of it is in the log."""
    with open(log, "w", encoding="utf-8") as f:
        done = subprocess.run(command, stdout=f, stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode == 0:
        return None
    with open(log, encoding="utf-8", errors="replace") as f:
        return "\n" + "".join(f.readlines()[-25:]) + f"see {log}"


def watch(command, until, seconds, times=1):
    """What a program prints, up to the line that is the times-th to match, its end or the time; its exit code."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    lines = []
    for line in process.stdout:
        lines.append(line)
        times -= bool(until and re.search(until, line))
        if times == 0:
            process.kill()
            break
    timer.cancel()
    return "".join(lines), process.wait()


def expected():
    out = subprocess.run(["/usr/bin/python3", os.path.join(ROOT, "tests/lab/sim/sim.py"), "--entities",
                          f"s3={ENTITIES}", "--print-entities", "s3"], stdout=subprocess.PIPE, check=True)
    return [json.loads(line)["EntityInfo"]["Arn"] for line in out.stdout.splitlines()]


def simulator(*more, **others):
    return Sim("--entities", f"s3={ENTITIES}", "--job-polls", 2, *more, state_dir=STATE, **others)


def lists(what, text, repeated=0):
    """The console shows every entity in order; `repeated` of them twice, after a break."""
    arns, wanted = ARN.findall(text), expected()
    once = list(dict.fromkeys(arns))
    done = re.search(r"complete: .*", text)
    broken = None
    if once != wanted or not done:
        broken = f"{len(once)} of {len(wanted)} entities, the console ends in\n{text[-1500:]}"
    elif len(arns) - len(once) != repeated:
        broken = f"{len(arns) - len(once)} entities came twice, not {repeated}"
    if tell(f"{what}: {ENTITIES} entities over verified TLS", broken):
        print(f"       console: {text.strip().splitlines()[1]}\n                {done[0]}")


def refuses(what, text):
    broken = None if "IAM_ERR_TLS" in text and not ARN.search(text) else f"the console says\n{text[-1500:]}"
    tell(f"{what}: a certificate of an unknown authority is refused", broken)
