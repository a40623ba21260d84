"""An audit of many ARNs beside what others do for it: requests and instructions exactly, times as ratios of one run."""

import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request

from pages import ACCESS_KEY, BUILD, HERE, ROOT, SECRET_KEY, Sim

TINYIAM = os.path.join(ROOT, "build", "host", "tinyiam")
ARN = "arn:aws:iam::123456789012:policy/Policy"


def arns(count):
    """A file of so many ARNs."""
    path = os.path.join(BUILD, f"arns-{count}.txt")
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(f"{ARN}{n:05}\n" for n in range(count))
    return path


def account(count, services, used, entities):
    """An account for the simulator with these ARNs, as a file."""
    names = ["iam", "s3", *(f"service{n:03}" for n in range(services - 2))]
    who = [{"Arn": f"arn:aws:iam::123456789012:user/user{n:04}", "LastAuthenticated": "2018-10-01T00:00:00Z"} for n in range(entities)]
    path = os.path.join(BUILD, f"account-{count}-{services}-{used}-{entities}.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump([{"Arn": f"{ARN}{n:05}", "CreateDate": "2015-01-01T00:00:00Z", "Services": [
            {"ServiceNamespace": name, **({"LastAuthenticated": "2018-10-01T00:00:00Z", "Entities": who} if i < used else {})}
            for i, name in enumerate(names)]} for n in range(count)], f)
    return path


def bodies(services, used, entities):
    """The three replies of such a report, as the simulator makes them, for replay.c."""
    folder = os.path.join(BUILD, f"audit-{services}-{used}-{entities}")
    os.makedirs(folder, exist_ok=True)
    with Sim("--plain", "--no-verify", "--job-polls", "0", "--account", account(1, services, used, entities)) as sim:
        def post(name, **fields):
            data = urllib.parse.urlencode({"Version": "2010-05-08", **fields}).encode()
            with urllib.request.urlopen(f"http://localhost:{sim.port}/", data) as reply:
                body = reply.read()
            with open(os.path.join(folder, name + ".xml"), "wb") as f:
                f.write(body)
            return body
        job = re.search(rb"<JobId>(.*?)</JobId>", post("generate", Action="GenerateServiceLastAccessedDetails", Arn=f"{ARN}00000"))
        job = job[1].decode()
        post("services", Action="GetServiceLastAccessedDetails", JobId=job, MaxItems=1000)
        post("entities", Action="GetServiceLastAccessedDetailsWithEntities", JobId=job, ServiceNamespace="s3", MaxItems=1000)
    return folder


def command(count, *more):
    return [TINYIAM, "audit", "--arn", "@" + arns(count), "--output", "jsonl", "--no-progress", *more]


def simulated(options, rules, words, rows):
    """One run against the simulator over TLS: rows, requests, throttled, milliseconds."""
    with Sim("--job-polls", "0", *options) as sim:
        sim.call("PUT", "/scenario", rules)
        env = {"PATH": "/usr/bin:/bin", "HOME": BUILD, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
               "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_CA_BUNDLE": sim.ca, "AWS_ENDPOINT_URL": sim.url,
               "AWS_EC2_METADATA_DISABLED": "true", "LC_ALL": "C.UTF-8"}
        to = os.path.join(BUILD, "measure.json")
        done = subprocess.run([os.path.join(BUILD, "measure"), to, *words], env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        with open(to, encoding="utf-8") as f:
            cost = json.load(f)
        seen = sim.requests()
    if cost["code"] or len(done.stdout.splitlines()) < rows:
        sys.exit(f"{words[:2]}: exit {cost['code']}, {len(done.stdout.splitlines())} rows: {done.stderr[-500:]}")
    cost["rows"] = len(done.stdout.splitlines())
    cost["requests"] = len(seen)
    cost["throttled"] = sum(r["code"] == "Throttling" for r in seen)
    return cost


def peers(path, threads, modules):
    """[(name, command)] of those that are there."""
    there = [("boto3, 8 threads" if threads == 8 else f"boto3, {threads} threads",
              ["/usr/bin/python3", os.path.join(HERE, "peers", "audit_boto3.py"), path, str(threads)])]
    if modules:
        there.append(("AWS SDK for JavaScript, 8 sockets", ["node", os.path.join(HERE, "peers", "audit_sdk.mjs"), modules, path, "8"]))
    return there


def instructions(server, environment, count, *more):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command(count, *more)],
                          env=environment(server), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    return int(re.search(r"Collected\s*:\s*(\d+)", done.stderr)[1]), server.report()


def run(server, tools):
    """tools: say, row, note, measure, best, times, environment, node_modules of bench.py."""
    say, row, note, measure, best = (tools[k] for k in ("say", "row", "note", "measure", "best"))
    times, environment, most, least = (tools[k] for k in ("times", "environment", "most", "least"))
    modules, _ = tools["node_modules"]()

    say("audit: 60 ARNs x 20 services, 10 of them used")
    server.say("audit", bodies(20, 10, 6))
    server.say("report")
    ours = best([measure(server, command(60, "--rows", "entities")) for _ in range(5)])
    note(part="audit", client="tinyiam", arns=60, **ours)
    title = "audit, 60 ARNs x 20 services"
    for (name, words), cpu, wall in zip(peers(arns(60), 8, modules), (10, 5), (4, 2)):
        theirs = best([measure(server, words) for _ in range(3)])
        note(part="audit", client=name, arns=60, **theirs)
        row(f"{title}: CPU of the client", f"{ours['cpu_s']:.3f} s", name, f"{theirs['cpu_s']:.2f} s",
            times(theirs["cpu_s"], ours["cpu_s"]), f">= {cpu} x", least(theirs["cpu_s"], cpu * ours["cpu_s"]))
        row(f"{title}: wall", f"{ours['wall_s']:.3f} s", name, f"{theirs['wall_s']:.2f} s",
            times(theirs["wall_s"], ours["wall_s"]), f">= {wall} x", least(theirs["wall_s"], wall * ours["wall_s"]))
    row(f"{title}: requests, connections", f"{ours['requests']}, {ours['connections']}", goal="720, <= 4",
        met=ours["requests"] == 720 and ours["connections"] <= 4)
    services = measure(server, command(60))
    row("audit, services only: requests an ARN", f"{services['requests'] / 60:.0f}", goal="<= 4", met=most(services["requests"], 240))

    few, first = instructions(server, environment, 20, "--rows", "entities")
    many, then = instructions(server, environment, 60, "--rows", "entities")
    each = (many - few) / (then["requests"] - first["requests"])
    note(part="audit", instructions_a_request=each)
    row(f"{title}: instructions of a further request", f"{each:,.0f}", goal="<= 500,000", met=most(each, 500000))

    say("audit: 2,000 ARNs x 400 services")
    server.say("audit", bodies(400, 0, 1))
    server.say("report")
    large = measure(server, command(2000))
    small = measure(server, command(200))
    note(part="audit", client="tinyiam", arns=2000, services=400, **large)
    row("audit, 2,000 ARNs x 400 services: most memory (of 200 ARNs)",
        f"{large['rss_kib'] / 1024:.1f} MB ({small['rss_kib'] / 1024:.1f})", goal="<= 12 MB, flat",
        met=large["rss_kib"] <= 12 << 10 and large["rss_kib"] - small["rss_kib"] <= 1024)
    few, first = instructions(server, environment, 5)
    many, then = instructions(server, environment, 15)
    each = (many - few) / (then["bytes_out"] - first["bytes_out"])
    note(part="audit", instructions_a_byte=each, services=400)
    row("audit, pages of 400 services: instructions a byte of the replies", f"{each:.1f}", goal="<= 100", met=most(each, 100))

    say("audit: 80 ms a reply")
    delay = {"rules": [], "delay": 0.08}
    options = ("--account", account(60, 20, 10, 6))
    slow = simulated(options, delay, command(60, "--rows", "entities"), 3600)
    theirs = simulated(options, delay, peers(arns(60), 4, None)[0][1], 3600)
    note(part="audit", client="tinyiam", delay_ms=80, **slow)
    row("the same with 80 ms a reply, 4 connections: wall", f"{slow['wall_s']:.1f} s", "boto3, 4 threads", f"{theirs['wall_s']:.1f} s",
        times(theirs["wall_s"], slow["wall_s"]), ">= 1 x", least(theirs["wall_s"], slow["wall_s"]))

    say("audit: 5 requests a second, burst 15")
    bucket = {"rules": [], "bucket": [5, 15]}
    options = ("--account", account(30, 20, 10, 6))
    paced = simulated(options, bucket, command(30, "--rows", "entities"), 1800)
    needed = paced["requests"] - paced["throttled"]
    floor, share = (needed - 15) / 5, paced["throttled"] / paced["requests"]
    note(part="audit", client="tinyiam", bucket=[5, 15], **paced)
    row("audit, 30 ARNs at 5 requests a second, burst 15: rows", f"{paced['rows']:,} of 1,800", goal="all", met=paced["rows"] == 1800)
    row("the same: throttled", f"{share * 100:.1f} %", goal="<= 5 %", met=most(share, 0.05))
    row("the same: wall beside the least time", f"{paced['wall_s']:.1f} s", "least", f"{floor:.1f} s", f"{paced['wall_s'] / floor:.2f} x",
        "<= 1.05 x", most(paced["wall_s"], 1.05 * floor))

    say("entities: 5,000 of them at 80 ms a reply")
    words = [TINYIAM, "entities", "--arn", f"{ARN}00000", "--service-namespace", "iam", "--output", "jsonl", "--no-progress"]
    far = simulated(("--entities", "5000", "--paths", "usual"), delay, words, 5000)
    note(part="audit", client="tinyiam", command="entities", delay_ms=80, **far)
    row("5,000 entities at 80 ms a reply, `entities`: requests", f"{far['requests']}", goal="7", met=far["requests"] == 7)
    row("the same: wall", f"{far['wall_s']:.2f} s", goal="<= 1.6 s", met=most(far["wall_s"], 1.6))
