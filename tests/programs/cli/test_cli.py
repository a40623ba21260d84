#!/usr/bin/python3
"""The command against the simulator: beside the AWS CLI, formats, waiting and paging, errors, signals,
output that cannot be written. Argument 1 or TINYIAM names the binary."""

import csv
import fcntl
import io
import json
import os
import pty
import re
import resource
import select
import signal
import socket
import subprocess
import tempfile
import time

from ruamel.yaml import YAML

import cli
from cli import ENTITIES, FIXED_JOB, GENERATE, OF_JOB, PAGE, SERVICES

TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN" + "x" * 700


class BesideAws(cli.CliTest):
    """The same arguments for both: stdout byte for byte, and the exit code."""

    options = ("--entities", "37", "--page-size", "10", "--services", "40", "--marker-style", "latin1",
               "--member-order", "docs")

    def same(self, *args, code=0, **extra):
        mine, theirs = self.run_(*args, **extra), self.aws(*args, **extra)
        self.assertEqual(theirs.code, code, theirs)
        self.assertEqual(mine.code, code, mine)
        self.assertEqual(mine.out, theirs.out, (args, mine, theirs))
        return mine

    def test_pages(self):
        run = self.same(*ENTITIES, "--max-items", "9", "--output", "json")
        marker = json.loads(run.out)["Marker"]
        self.same(*ENTITIES, "--max-items", "9", f"--marker={marker}", "--output", "text")
        self.same(*ENTITIES, "--output", "text")

    def test_yaml(self):
        for output in ("yaml", "yaml-stream"):
            for args in (ENTITIES, (*ENTITIES, "--max-items", "3"), (PAGE, *OF_JOB, "--service-namespace", "s3"), (SERVICES, *OF_JOB)):
                self.same(*args, "--output", output)
                self.same(*args, AWS_DEFAULT_OUTPUT=output)
            for status in ("IN_PROGRESS", "FAILED"):
                self.sim.scenario([{"do": {"job_status": status, "job_error": {"code": "X: y", "message": "yes\n"}}}])
                self.same(*ENTITIES, "--output", output)
                self.same(SERVICES, *OF_JOB, "--output", output)
            self.sim.scenario(None)

    def test_services(self):
        self.same(SERVICES, *OF_JOB)
        self.same(SERVICES, *OF_JOB, "--output", "text")

    def test_generate(self):
        run = self.aws(GENERATE, "--arn", cli.ARN)
        self.assertEqual(len(json.loads(run.out)["JobId"]), 36)
        run = self.run_(GENERATE, "--arn", cli.ARN, "--granularity", "ACTION_LEVEL")
        self.assertCode(run, 0)
        self.assertEqual(run.out, cli.dumps(json.loads(run.out)))
        run = self.run_(GENERATE, "--arn", cli.ARN, "--output", "text")
        self.assertRegex(run.out, rb"\A[0-9a-f-]{36}\n\Z")

    def test_jobs_that_are_not_completed(self):
        self.sim.scenario([{"do": {"job_status": "IN_PROGRESS"}}])
        self.same(*ENTITIES, "--output", "text")
        self.same(SERVICES, *OF_JOB, "--output", "json")
        self.sim.scenario([{"do": {"job_status": "FAILED", "job_error": {"code": "X", "message": "y\tz"}}}])
        self.same(*ENTITIES, "--output", "json")
        self.same(SERVICES, *OF_JOB, "--output", "text")

    def test_error_codes(self):
        other = "0" * 36
        self.same(PAGE, "--job-id", other, "--service-namespace", "iam", code=254)
        self.same(*ENTITIES, code=254, AWS_SECRET_ACCESS_KEY="wrong")
        self.same(*ENTITIES, code=253, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        self.same(*ENTITIES, "--endpoint-url", "127.0.0.1:1", code=252)
        self.same(*ENTITIES, "--endpoint-url", "localhost:1", code=255)
        self.same(PAGE, "--job-id", "short", "--service-namespace", "iam", code=252)
        self.same(PAGE, *OF_JOB, code=252)
        self.same(*ENTITIES, "--bogus", code=252)
        self.same(*ENTITIES, "--marker", code=252)
        self.same(*ENTITIES, "--profile", "nobody", code=255)
        self.same(*ENTITIES, "--region", "not a region", code=255)
        self.same(*ENTITIES, code=255, AWS_SECRET_ACCESS_KEY=None)
        self.same(*ENTITIES, code=255, AWS_MAX_ATTEMPTS="1", AWS_ENDPOINT_URL_IAM="https://localhost:1")
        self.same(*ENTITIES, code=255, AWS_MAX_ATTEMPTS="0")

    def test_session_token(self):
        self.same(*ENTITIES, AWS_SESSION_TOKEN=TOKEN)


class Lists(cli.CliTest):
    """--all and --wait, entities, and every format of what they give."""

    options = ("--entities", "37,s3=0,big=3000", "--page-size", "10", "--services", "12")

    def expected(self, namespace="iam"):
        command = ["/usr/bin/python3", os.path.join(cli.ROOT, "tests", "lab", "sim", "sim.py"), "--entities",
                   self.options[1], "--print-entities", namespace]
        lines = subprocess.run(command, capture_output=True, check=True).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def wire(self, item):
        """A date as on the wire."""
        if "LastAuthenticated" in item:
            item["LastAuthenticated"] = re.sub(r"(\.\d{3})000\+00:00$|\+00:00$", r"\1Z", item["LastAuthenticated"])
        return item

    def test_all_json(self):
        run = self.run_(*ENTITIES, "--all", "--max-items", "10")
        self.assertCode(run, 0)
        value = json.loads(run.out)
        self.assertEqual(run.out, cli.dumps(value))
        self.assertEqual([self.wire(e) for e in value["EntityDetailsList"]], self.expected())
        self.assertEqual(list(value), ["JobStatus", "JobCreationDate", "JobCompletionDate", "EntityDetailsList",
                                       "IsTruncated"])
        self.assertIs(value["IsTruncated"], False)
        self.assertEqual(len(self.sim.requests()), 4)

    def test_all_from_a_marker(self):
        marker = json.loads(self.run_(*ENTITIES).out)["Marker"]
        run = self.run_(*ENTITIES, "--all", "--marker=" + marker, "--max-items", "20")
        self.assertEqual([self.wire(e) for e in json.loads(run.out)["EntityDetailsList"]], self.expected()[10:])
        self.assertEqual([r["params"].get("MaxItems") for r in self.sim.requests()], [None, "20", "20"])

    def test_all_is_one_page_in_every_format(self):
        self.sim.scenario([{"when": {"marker": True}, "do": {"job_status": "COMPLETED"}}])
        for output in ("json", "text", "csv", "jsonl", "yaml"):
            pages = self.run_(*ENTITIES, "--all", "--output", output, "--max-items", "5")
            one = self.run_(*ENTITIES, "--all", "--output", output, "--max-items", "1000")
            self.assertEqual(pages.out, one.out)
            whole = self.run_(*ENTITIES, "--output", output, "--max-items", "1000")
            self.assertEqual(one.out, whole.out)

    def test_all_services(self):
        whole = self.run_(SERVICES, *OF_JOB, "--max-items", "100")
        for output in ("json", "text", "csv", "jsonl", "table", "yaml"):
            whole = self.run_(SERVICES, *OF_JOB, "--max-items", "100", "--output", output)
            pages = self.run_(SERVICES, *OF_JOB, "--all", "--max-items", "5", "--output", output)
            self.assertCode(pages, 0)
            self.assertEqual(pages.out, whole.out, output)

    def test_yaml(self):
        """Every page as if it were one; yaml-stream has them as they came."""
        entities = ("entities", "--arn", cli.ARN, "--service-namespace", "iam")
        whole = json.loads(self.run_(*ENTITIES, "--all").out)
        for args in ((*ENTITIES, "--all"), (SERVICES, *OF_JOB, "--all")):
            run = self.run_(*args, "--output", "yaml")
            self.assertCode(run, 0)
            self.assertEqual(run.out, cli.yaml(json.loads(self.run_(*args).out)))
        for args in ((*ENTITIES, "--all"), entities):
            run = self.run_(*args, "--output", "yaml-stream", "--max-items", "15")
            self.assertCode(run, 0)
            pages = YAML(typ="safe").load(run.out)
            self.assertEqual(run.out, b"".join(cli.yaml([page]) for page in pages))
            self.assertEqual([(len(p["EntityDetailsList"]), p["IsTruncated"], "Marker" in p) for p in pages],
                             [(15, True, True), (15, True, True), (7, False, False)])
            self.assertEqual(sum((p["EntityDetailsList"] for p in pages), []), whole["EntityDetailsList"])
            run = self.run_(*args, "--output", "off")
            self.assertEqual((run.code, run.out, run.err), (0, b"", b""))

    def test_empty(self):
        run = self.run_(PAGE, *OF_JOB, "--service-namespace", "s3", "--all")
        self.assertEqual(json.loads(run.out)["EntityDetailsList"], [])
        self.assertEqual(run.out, cli.dumps(json.loads(run.out)))
        run = self.run_(PAGE, *OF_JOB, "--service-namespace", "s3", "--all", "--output", "csv")
        self.assertEqual(run.out, b"Arn,Name,Type,Id,Path,LastAuthenticated\r\n")
        run = self.run_(PAGE, *OF_JOB, "--service-namespace", "s3", "--all", "--output", "table")
        self.assertEqual(run.out, b"0 entities, 0 never\n")

    def test_jsonl_and_csv(self):
        wanted = self.expected()
        run = self.run_(*ENTITIES, "--all", "--output", "jsonl")
        lines = [json.loads(line) for line in run.out.splitlines()]
        flat = [{**e["EntityInfo"], **{k: v for k, v in e.items() if k != "EntityInfo"}} for e in wanted]
        self.assertEqual([self.wire(line) for line in lines], flat)
        run = self.run_(*ENTITIES, "--all", "--output", "csv")
        rows = list(csv.DictReader(io.StringIO(run.out.decode(), newline="")))
        self.assertEqual([self.wire({k: v for k, v in row.items() if v}) for row in rows], flat)

    def test_a_single_page_says_that_there_is_more(self):
        for output in ("jsonl", "csv"):
            run = self.run_(*ENTITIES, "--output", output)
            self.assertCode(run, 0)
            self.assertIn(b"--marker '", run.err)
        run = self.run_(*ENTITIES, "--output", "table")
        self.assertIn(b"--marker '", run.out)
        self.sim.scenario([{"do": {"job_status": "IN_PROGRESS"}}])
        run = self.run_(*ENTITIES, "--output", "csv")
        self.assertIn(b"IN_PROGRESS", run.err)
        run = self.run_(*ENTITIES, "--output", "table")
        self.assertIn(b"IN_PROGRESS", run.out)

    def test_wait(self):
        self.sim.scenario([{"when": {"request": "1-2"}, "do": {"job_status": "IN_PROGRESS"}}])
        run = self.run_(*ENTITIES, "--wait", "--max-items", "3")
        self.assertCode(run, 0)
        self.assertEqual(len(json.loads(run.out)["EntityDetailsList"]), 3)
        self.assertEqual(len(self.sim.requests()), 3)

    def test_a_page_has_1000(self):
        """Where every page is asked for, or the report waited for; one page is as the AWS CLI has it."""
        for command in (ENTITIES, (SERVICES, *OF_JOB)):
            for more, wanted in ((("--all",), "1000"), (("--wait",), "1000"), ((), None),
                                 (("--all", "--max-items", "7"), "7"), (("--wait", "--max-items", "7"), "7")):
                self.sim.clear()
                self.assertCode(self.run_(*command, *more), 0)
                self.assertEqual({r["params"].get("MaxItems") for r in self.sim.requests()}, {wanted})

    def test_failed_job(self):
        """One page that shows the status is a call that went well, as with the AWS CLI; no list is not."""
        self.sim.scenario([{"do": {"job_status": "FAILED", "job_error": {"code": "X", "message": "y"}}}])
        said = b"tinyiam: [ERROR]: The report could not be generated (X): y\n"
        entities = ("entities", "--arn", cli.ARN, "--service-namespace", "iam")
        for output in ("json", "text", "yaml", "yaml-stream", "off", "csv", "jsonl", "table"):
            shown = output in ("json", "text", "yaml", "yaml-stream", "off")
            for command in (ENTITIES, (SERVICES, *OF_JOB), entities):
                for more in ((), ("--wait",), ("--all",)) if command != entities else ((),):
                    run = self.run_(*command, *more, "--output", output)
                    zero = shown and command != entities and more == ()
                    self.assertCode(run, 0 if zero else 254)
                    self.assertEqual(run.err, b"" if zero else said)
                    if output == "json":
                        self.assertEqual(json.loads(run.out)["Error"], {"Message": "y", "Code": "X"})
                    elif not shown:
                        self.assertEqual(run.out, b"The report is FAILED: X y\n" if output == "table" else b"")

    def test_one_page_that_is_no_list(self):
        for status, words in (("IN_PROGRESS", b"The report is IN_PROGRESS, this is no list yet: --wait waits for it"),
                              ("QUEUED", b"The report is not COMPLETED but 'QUEUED': this is no list")):
            self.sim.scenario([{"do": {"job_status": status}}])
            for command in (ENTITIES, (SERVICES, *OF_JOB)):
                for output in ("csv", "jsonl", "table"):
                    run = self.run_(*command, "--output", output)
                    self.assertCode(run, 255)
                    self.assertEqual(run.err, cli.ERROR + words + b"\n")
                    self.assertTrue(output == "table" or run.out == b"", run)
                for output in ("json", "text"):
                    run = self.run_(*command, "--output", output)
                    self.assertCode(run, 0)
                    self.assertIn(status.encode(), run.out)

    def test_entities(self):
        run = self.run_("entities", "--arn", cli.ARN, "--service-namespace", "iam", "--max-items", "10", "--stats")
        self.assertCode(run, 0)
        self.assertEqual([self.wire(e) for e in json.loads(run.out)["EntityDetailsList"]], self.expected())
        stats = json.loads(run.err)
        self.assertEqual((stats["pages"], stats["entities"], stats["requests"], stats["connections"]),
                         (4, 37, 6, 1))
        self.assertEqual([r["operation"] for r in self.sim.requests()],
                         ["GenerateServiceLastAccessedDetails"] +
                         ["GetServiceLastAccessedDetails"] +
                         ["GetServiceLastAccessedDetailsWithEntities"] * 4)

    def test_entities_costs_one_request_more(self):
        """The namespace is looked for by the request that waits for the report as well."""
        for polls, requests in ((0, 3), (1, 4)):
            self.sim.call("PUT", "/jobs", {"polls": polls})
            self.sim.clear()
            self.assertCode(self.run_("entities", "--arn", cli.ARN, "--service-namespace", "iam"), 0)
            self.assertEqual(len(self.sim.requests()), requests)
        self.sim.call("PUT", "/jobs", {"polls": 0})

    def test_a_namespace_that_is_not_in_the_report(self):
        for given, meant in (("amazons3", "s3"), ("S3", "s3"), ("aws-iam", "iam"), ("ima", "iam"),
                             ("AWSCertificateManager", "acm"), ("access-analyser", "access-analyzer")):
            self.sim.clear()
            run = self.run_("entities", "--arn", cli.ARN, "--service-namespace", given)
            self.assertError(run, 252, f"{given} is not in the report; did you mean {meant}?\n"[:-1])
            self.assertNotIn("GetServiceLastAccessedDetailsWithEntities",
                             [r["operation"] for r in self.sim.requests()])
        run = self.run_("entities", "--arn", cli.ARN, "--service-namespace", "quicksight", "--output", "csv")
        self.assertError(run, 252, "quicksight is not in the report. Its 13 services: tinyiam "
                                   "get-service-last-accessed-details --all --job-id ")

    def test_a_namespace_on_a_later_page(self):
        run = self.run_("entities", "--arn", cli.ARN, "--service-namespace", "s3", "--max-items", "2")
        self.assertCode(run, 0)
        self.assertEqual(json.loads(run.out)["EntityDetailsList"], [])

    def test_stats(self):
        stats = json.loads(self.run_(*ENTITIES, "--all", "--stats").err)
        for key in ("pages", "entities", "bytes_in", "bytes_out", "requests", "retries", "connections",
                    "handshakes", "resumed_handshakes", "tx_peak", "rx_peak", "item_peak", "tls_arena_peak"):
            self.assertIn(key, stats)
        self.assertEqual((stats["handshakes"], stats["resumed_handshakes"], stats["retries"]), (1, 0, 0))
        self.assertEqual(stats["round_trips"], 1 + 2 + stats["requests"])
        self.assertEqual(stats["page_bytes_in"], stats["bytes_in"] // stats["pages"])
        self.assertEqual(stats["page_bytes_out"], stats["bytes_out"] // stats["pages"])

    def test_resumed_handshakes(self):
        self.sim.scenario([{"do": {"connection": "close"}}])
        stats = json.loads(self.run_(*ENTITIES, "--all", "--max-items", "10", "--stats").err)
        self.assertEqual((stats["connections"], stats["handshakes"], stats["resumed_handshakes"]), (4, 4, 3))

    def test_memory(self):
        peaks = []
        for namespace in ("iam", "big"):
            run = self.run_(PAGE, *OF_JOB, "--service-namespace", namespace, "--all", "--max-items", "1000",
                            "--stats", "--output", "text")
            peaks.append(json.loads(run.err)["peak_memory_kib"])
        self.assertLess(peaks[1], peaks[0] * 1.1)
        self.assertLess(peaks[1], 6 * 1024)

    def test_text_without_room_for_a_temporary_file(self):
        run = self.run_(PAGE, *OF_JOB, "--service-namespace", "big", "--max-items", "1000", "--output", "text",
                        TMPDIR=self.absent)
        self.assertError(run, 255, "The temporary file failed: ")

    def test_a_temporary_file_that_gets_no_further(self):
        """Whatever byte of it is the first for which there is no room, that file is named, not the output."""
        command = [self.binary, PAGE, *OF_JOB, "--service-namespace", "big", "--max-items", "1000", "--output", "text"]

        def run(size):
            def limit():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            return cli.Run(subprocess.run(command, env=self.env(), capture_output=True, preexec_fn=limit, check=False))

        least, enough = 0, 1 << 24
        while enough - least > 1:
            size = (least + enough) // 2
            if run(size).code:
                least = size
            else:
                enough = size
        for size in (0, 4096, enough - 4097, enough - 1):
            self.assertError(run(size), 255, "The temporary file failed: File too large (TMPDIR names the folder for it)")

    def test_broken_off(self):
        """Nothing that is broken off looks whole."""
        self.rules({"status": 500, "code": "InternalFailure"}, page=2)
        run = self.run_(*ENTITIES, "--all", "--max-items", "10", "--max-attempts", "1")
        self.assertCode(run, 254)
        with self.assertRaises(ValueError):
            json.loads(run.out)
        self.assertEqual(run.out.count(b'"Arn"'), 10)
        self.assertTrue(run.err.endswith(b"It happened after 10 items.\n"), run)
        self.sim.clear()
        self.rules({"cut": {"part": "body", "after": 1500, "how": "close"}})
        run = self.run_(*ENTITIES, "--max-attempts", "1")
        self.assertCode(run, 255)
        self.assertIn(b"An error occurred while reading from response stream", run.err)
        self.assertNotIn(b"}\n}\n", run.out)

    def test_cut_pages_are_completed(self):
        self.sim.scenario([{"when": {"attempt": 1}, "do": {"cut": {"after": 2000, "how": "reset"}}}])
        run = self.run_(*ENTITIES, "--all")
        self.assertCode(run, 0)
        self.assertEqual([self.wire(e) for e in json.loads(run.out)["EntityDetailsList"]], self.expected())


class Streams(cli.CliTest):
    """What is on stdout when, and what becomes of it when it cannot be written."""

    options = ("--entities", "50,big=20000", "--page-size", "50")

    def popen(self, *args, **kwargs):
        process = subprocess.Popen([self.binary, *args], env=self.env(), stderr=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL, **{"stdout": subprocess.PIPE, **kwargs})
        self.addCleanup(process.stderr.close)
        if process.stdout:
            self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def test_first_entity_at_once(self):
        self.rules({"stall": {"part": "body", "after": 1200, "seconds": 600}})
        for output in ("json", "jsonl", "csv", "table"):
            process = self.popen(*ENTITIES, "--output", output)
            data = b""
            while b"arn:aws:iam::" not in data:
                self.assertTrue(select.select([process.stdout], [], [], 120)[0], "nothing came")
                data += os.read(process.stdout.fileno(), 65536)
            process.kill()
            process.wait()

    def test_what_waits_is_shown_on_a_pause(self):
        self.rules({"stall": {"part": "body", "after": 9000, "seconds": 600}})
        process = self.popen(*ENTITIES, "--output", "jsonl")
        data, end = b"", time.monotonic() + 120
        while data.count(b"\n") < 20 and time.monotonic() < end:
            if select.select([process.stdout], [], [], 0.2)[0]:
                data += os.read(process.stdout.fileno(), 65536)
        self.assertGreaterEqual(data.count(b"\n"), 20)
        process.kill()
        process.wait()

    def test_interrupt(self):
        self.rules({"stall": {"part": "body", "after": 3000, "seconds": 600}})
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.popen(*ENTITIES)
            os.read(process.stdout.fileno(), 10)
            process.send_signal(number)
            out = process.stdout.read()
            self.assertEqual(process.wait(300), code)
            self.assertFalse(out.endswith(b"}\n"))

    def test_interrupt_while_it_waits(self):
        self.rules({"job_status": "IN_PROGRESS"})
        process = self.popen(*ENTITIES, "--all")
        while not self.sim.requests("iam"):
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(300), 130)
        self.assertEqual(process.stdout.read(), b"")

    def test_interrupt_while_nobody_reads(self):
        """One signal is enough where a pager stands still: the pipe is full, and stays so."""
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            for args in (("--all",), ("--all", "--output", "text"), ("--max-items", "1000")):
                for blocking in (True, False):
                    reader, writer = os.pipe()
                    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
                    os.set_blocking(writer, blocking)
                    process = self.popen(PAGE, *OF_JOB, "--service-namespace", "big", *args, stdout=writer)
                    while select.select([], [writer], [], 0)[1]:
                        self.assertIsNone(process.poll())
                        time.sleep(0.01)
                    os.close(writer)
                    process.send_signal(number)
                    self.assertEqual(process.wait(300), code, args)
                    self.assertEqual(process.stderr.read(), b"")
                    os.close(reader)

    def test_reader_that_goes_away(self):
        process = self.popen(PAGE, *OF_JOB, "--service-namespace", "big", "--all", "--max-items", "1000")
        os.read(process.stdout.fileno(), 100)
        process.stdout.close()
        self.assertEqual(process.wait(300), 255)
        self.assertEqual(process.stderr.read(), b"")

    def test_full_disk(self):
        for output in ("json", "text", "csv", "table", "jsonl"):
            with open("/dev/full", "wb") as full:
                run = self.run_(*ENTITIES, "--output", output, stdout=full)
            self.assertCode(run, 255)
            self.assertEqual(run.err, b"tinyiam: [ERROR]: Writing the output failed: No space left on device. "
                                      b"It is not complete\n")

    def test_limited_file(self):
        path = os.path.join(self.home, "out")

        for ignored in (signal.SIG_IGN, signal.SIG_DFL):
            def limit(ignored=ignored):
                signal.signal(signal.SIGXFSZ, ignored)
                resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

            with open(path, "wb") as out:
                process = self.popen(PAGE, *OF_JOB, "--service-namespace", "big", "--all", stdout=out,
                                     preexec_fn=limit)
                self.assertEqual(process.wait(300), 255)
            self.assertIn(b"File too large", process.stderr.read())

    def test_closed_streams(self):
        """A closed stdout never becomes the socket."""
        run = subprocess.run(["/bin/sh", "-c", 'exec "$0" "$@" >&-', self.binary, *ENTITIES], env=self.env(),
                             stderr=subprocess.PIPE, check=False, timeout=300)
        self.assertEqual(run.returncode, 255)
        self.assertIn(b"Bad file descriptor", run.stderr)
        run = subprocess.run(["/bin/sh", "-c", 'exec "$0" "$@" 0>&- 2>&-', self.binary, *ENTITIES],
                             env=self.env(), stdout=subprocess.PIPE, check=False, timeout=300)
        self.assertEqual(run.returncode, 0)
        json.loads(run.stdout)

    def until_it_is_shown(self):
        """The report is IN_PROGRESS until that is shown, and the next page comes when it is seen to be waited for."""
        self.rules({"job_status": "IN_PROGRESS"})
        stall = {"when": {"page": 2}, "do": {"stall": {"part": "head", "seconds": 3000}}}
        return ((rb"the report is IN_PROGRESS since \d\d:\d\d:\d\d \(\d+ s\), looked (1 time|\d+ times)\b",
                 lambda: self.sim.scenario([stall])), (rb"1 page, 10 entities, \d+/s", self.sim.go_on))

    def test_progress(self):
        code, shown, piped = self.terminal(*ENTITIES, "--all", "--max-items", "10", stdout_too=False,
                                           on=self.until_it_is_shown())
        self.assertEqual(code, 0)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)
        json.loads(piped)
        self.sim.clear()
        self.sim.scenario([{"when": {"request": 1}, "do": {"job_status": "IN_PROGRESS"}}])
        code, shown, _ = self.terminal(*ENTITIES, "--all", "--no-progress", stdout_too=False)
        self.assertEqual((code, shown), (0, b""))

    def test_what_is_waited_for(self):
        """By its name and since when: a reply, the next attempt, credentials, a name that is looked for; the same in an
        audit, and never wider than the terminal."""
        since = rb" since \d\d:\d\d:\d\d \(\d+ s\)"
        stall = {"stall": {"part": "head", "seconds": 3000}}
        later = {"status": 503, "headers": {"x-amz-retry-after": "2000"}}
        host = self.sim.url.split("/")[2].encode()
        for args, do, want in ((ENTITIES, stall, rb"\r\x1b\[Kwaiting for the reply of " + host + since),
                               ((*ENTITIES, "--all"), {**later, "code": "InternalFailure"},
                                rb"trying again after InternalFailure" + since + rb", attempt [2-8] of 8"),
                               (("audit", "--arn", cli.ARN), stall, rb"0/1 ARNs, .*; waiting for the reply of " + host + since),
                               (("audit", "--arn", cli.ARN), {**later, "reply": "empty"},
                                rb"0/1 ARNs, .*; trying again after 503" + since + rb", attempt [2-8] of 8")):
            self.rules(do)
            _, shown, _ = self.terminal(*args, columns=200, on=(
                (want, self.sim.go_on if do == stall else lambda: self.sim.scenario(None)),))
            self.assertRegex(shown, want)
        self.rules(stall)
        _, shown, _ = self.terminal(*ENTITIES, "--output", "off", columns=33, on=((rb"\x1b\[K[a-z]", self.sim.go_on),))
        said = [line for line in shown.split(b"\r\x1b[K") if line]
        self.assertTrue(said)
        self.assertLessEqual(max(map(len, said)), 32)

    def test_progress_and_output_on_one_terminal(self):
        looks, _ = self.until_it_is_shown()
        code, shown, _ = self.terminal(*ENTITIES, "--all", "--max-items", "10", on=((looks[0], lambda: self.sim.scenario(None)),))
        self.assertEqual(code, 0)
        shown = shown.replace(b"\r\n", b"\n")
        self.assertIn(b"IN_PROGRESS", shown)
        json.loads(shown.split(b"\x1b[K")[-1])

    def test_table_on_a_terminal(self):
        code, shown, _ = self.terminal(*ENTITIES, "--output", "table", columns=90)
        self.assertEqual(code, 0)
        self.assertIn(b"\x1b[1m", shown)
        for line in re.sub(rb"\x1b\[\d*m", b"", cli.stays(shown)).decode().split("\n"):
            self.assertLessEqual(len(line), 90, line)
        _, shown, _ = self.terminal(*ENTITIES, "--output", "table", NO_COLOR="1")
        self.assertNotIn(b"\x1b[1m", shown)
        _, shown, _ = self.terminal(*ENTITIES, "--output", "table", "--color", "off")
        self.assertNotIn(b"\x1b[1m", shown)


class Errors(cli.CliTest):
    options = ("--entities", "5", "--skew-code", "SignatureDoesNotMatch")

    def test_service_errors_say_what_to_do(self):
        for code, status, words in (("ExpiredToken", 403, "The session has expired"),
                                    ("ExpiredTokenException", 403, "The session has expired"),
                                    ("InvalidClientTokenId", 403, "The access key is not known here"),
                                    ("AccessDenied", 403, "A policy has to allow iam:GetServiceLast"),
                                    ("NoSuchEntity", 404, "for the session that generated it"),
                                    ("Throttling", 400, "Try again later")):
            self.rules({"status": status, "code": code, "message": "The message."})
            run = self.run_(*ENTITIES, "--max-attempts", "1")
            self.assertError(run, 254, f"An error occurred ({code}) when calling the "
                             "GetServiceLastAccessedDetailsWithEntities operation (reached max retries: 0): "
                             "The message. (request id ")
            self.assertIn(words.encode(), run.err)

    def test_wrong_clock(self):
        self.rules({"status": 403, "code": "RequestExpired", "date_offset": 7300, "age": 1})
        run = self.run_(*ENTITIES)
        self.assertError(run, 254, "An error occurred (RequestExpired)")
        self.assertIn(b"Check this computer's clock", run.err)
        self.sim.scenario(None)
        self.sim.clock(7300)  # the service's own: corrected, and no word about it
        self.addCleanup(self.sim.clock, 0)
        run = self.run_(*ENTITIES, "--stats")
        self.assertCode(run, 0)
        self.assertEqual(json.loads(run.err)["clock_corrections"], 1)

    def test_messages_are_harmless_and_one_line(self):
        self.rules({"status": 400, "body": "<ErrorResponse><Error><Code>Co&#10;de</Code><Message>a\n&#13;\tb"
                                           "\u009b31m\u202e c</Message></Error></ErrorResponse>"})
        run = self.run_(*ENTITIES)
        self.assertError(run, 254, "An error occurred (Co\\nde)")
        self.assertNotRegex(run.err.decode(), "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")

    def test_nothing_hidden_reaches_a_terminal(self):
        """Names, messages, ids and statuses of a server: in the table, errors, notes and the trace nothing turns
        the direction of writing, breaks a line, or is there without being seen; the columns stay in place. json
        and text hold the bytes as they are, as with the AWS CLI."""
        hidden = "\u202e\u2028\u2029\u200b\u200d\u2066\u2069\u2060\u00ad\ufeff\u061c\u180e\u3164\ufe0f\U000e0041\u009b\x7f"
        harmful = "[\x00-\x09\x0b-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f" \
                  "\ufeff\U000e0000-\U000e0fff]"
        members = "".join(f"<member><EntityInfo><Arn>arn:aws:iam::1:user/{name}</Arn><Name>{name}</Name>"
                          "<Type>USER</Type></EntityInfo></member>" for name in ("a" + hidden + "b", "plain", "sch\u00f6n"))

        def body(status, more=""):
            return {"body": "<GetServiceLastAccessedDetailsWithEntitiesResponse "
                            'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetServiceLastAccessedDetailsWithEntitiesResult>'
                            f"<JobStatus>{status}</JobStatus><EntityDetailsList>{members}</EntityDetailsList>{more}"
                            "</GetServiceLastAccessedDetailsWithEntitiesResult>"
                            "</GetServiceLastAccessedDetailsWithEntitiesResponse>",
                    "headers": {"x-amzn-RequestId": "id\u202e"}}

        self.rules(body("COMPLETED", f"<IsTruncated>true</IsTruncated><Marker>m{hidden}</Marker>"))
        run = self.run_(*ENTITIES, "--output", "table", "--debug")
        self.assertCode(run, 0)
        self.assertNotRegex(run.out.decode() + run.err.decode(), harmful)
        lines = run.out.decode().splitlines()
        self.assertEqual(len({line.index("arn:") for line in lines[1:4]}), 1, run)
        self.assertIn("a\\xe2\\x80\\xae\\xe2\\x80\\xa8", lines[1])
        self.assertIn("sch\u00f6n", lines[3])
        for output in ("csv", "jsonl"):
            run = self.run_(*ENTITIES, "--output", output)
            self.assertNotRegex(run.err.decode(), harmful)
        run = self.run_(*ENTITIES)
        self.assertIn(hidden, run.out.decode().replace("\\u007f", "\x7f"))
        for do in (body("FAILED", f"<Error><Code>C{hidden}</Code><Message>M{hidden}</Message></Error>"),
                   body("QUEUED" + hidden),
                   {"status": 400, "body": f"<ErrorResponse><Error><Code>C{hidden}</Code><Message>M{hidden}</Message>"
                                           f"</Error><RequestId>R{hidden}</RequestId></ErrorResponse>"},
                   {"status": 502, "body": "<html>" + hidden, "reason": "R\u202e"}):
            self.rules(do)
            run = self.run_(*ENTITIES, "--output", "table", "--max-attempts", "1", "--debug")
            self.assertIn(run.code, (254, 255), run)
            self.assertNotRegex(run.out.decode() + run.err.decode(), harmful)

    def test_what_is_suggested_can_be_pasted(self):
        """A shell that is given the suggestion hands out the very bytes, and does nothing else."""
        for marker in ("x'; touch PWNED; echo '", "$(touch PWNED)`touch PWNED`", "-x y", " a\\b\"!! ", "\u00e9\u009b31m'\\7"):
            self.rules({"truncated": True, "marker": marker})
            for output in ("csv", "jsonl", "table"):
                run = self.run_(*ENTITIES, "--output", output)
                self.assertCode(run, 0)
                said = (run.out if output == "table" else run.err).decode().splitlines()[-1]
                words = said[said.index("--marker"):]
                got = subprocess.run(["bash", "-c", f"printf '%s\\n' {words}"], capture_output=True, check=True,
                                     cwd=self.home).stdout.decode()
                self.assertIn(got, (f"--marker\n{marker}\n", f"--marker={marker}\n"))
        self.assertNotIn("PWNED", os.listdir(self.home))

    def test_a_job_id_that_is_none(self):
        for job in ("$(touch PWNED)" + "x" * 22, "x' ; touch PWNED; echo '" + "y" * 12, "short", "x" * 37, "\u00e9" * 18, ""):
            self.sim.scenario([{"when": {"operation": "generate"}, "do": {
                "body": "<GenerateServiceLastAccessedDetailsResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
                        f"<GenerateServiceLastAccessedDetailsResult><JobId>{job}</JobId>"
                        "</GenerateServiceLastAccessedDetailsResult></GenerateServiceLastAccessedDetailsResponse>"}}])
            self.sim.clear()
            run = self.run_("entities", "--arn", cli.ARN, "--service-namespace", "iam")
            if len(job) == 36:  # may be one, for the library: it is asked for, and suggested to nobody
                self.assertError(run, 254, "An error occurred (NoSuchEntity) when calling the GetServiceLast")
            else:
                self.assertError(run, 255, "Unable to parse response (the value of JobId is not of its type)")
                self.assertEqual(len(self.sim.requests()), 1)
            self.assertNotIn(b"--job-id", run.err)

    def test_of_settings_the_last_one_wins(self):
        run = self.run_(*ENTITIES, "--region", "nowhere!", "--region", "us-east-1", "--output", "csv", "--output",
                        "json", "--max-items", "9", "--max-items", "1", "--endpoint-url", "https://localhost:1", "--endpoint-url", self.sim.url, "--deadline", "9",
                        "--deadline", "60", "--max-attempts", "2", "--max-attempts", "1")
        self.assertCode(run, 0)
        self.assertEqual(len(json.loads(run.out)["EntityDetailsList"]), 1)

    def test_tls(self):
        for certificate, words in (("wrong-name", "name"), ("expired", "clock"), ("unknown-ca", "--ca-bundle"),
                                   ("self-signed", "--ca-bundle")):
            self.sim.scenario([{"do": {"certificate": certificate}}])
            run = self.run_(*ENTITIES, "--max-attempts", "1")
            self.assertError(run, 255, f"SSL validation failed for {self.sim.url}/ certificate verify failed: ")
            self.assertIn(words.encode(), run.err)
        self.assertEqual(self.sim.requests(), [])
        self.sim.scenario(None)
        self.assertError(self.run_(*ENTITIES, AWS_CA_BUNDLE=self.absent), 255,
                         "Could not find a suitable TLS CA certificate bundle, invalid path: " + self.absent)
        self.assertError(self.run_(*ENTITIES, "--ca-bundle", "/etc/passwd"), 255,
                         "Could not find a suitable TLS CA certificate bundle: /etc/passwd")

    def test_a_large_bundle_is_read_while_the_server_answers(self):
        with open("/etc/ssl/certs/ca-certificates.crt", encoding="utf-8") as f:
            system = f.read()
        self.assertGreater(len(system), 32768)
        with open(self.sim.ca, encoding="utf-8") as f:
            both = system + f.read()
        with tempfile.TemporaryDirectory() as folder:
            for name, text, code, words in (
                    ("both", both, 0, ""), ("system", system, 255, "certificate verify failed: the issuer is unknown"),
                    ("none", "x" * 65536, 255, "Could not find a suitable TLS CA certificate bundle: "),
                    ("damaged", "-----BEGIN CERTIFICATE-----\n" + "x" * 65536, 255, "TLS could not be set up")):
                path = os.path.join(folder, name)
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
                run = self.run_(*ENTITIES, "--max-attempts", "1", "--ca-bundle", path)
                self.assertCode(run, code)
                self.assertIn(words.encode(), run.err)
        self.assertEqual(len(self.sim.requests()), 1)

    def test_a_bundle_that_is_no_file(self):
        """None is waited for, or read without end."""
        pipe, large = (os.path.join(self.home, name) for name in ("pipe", "large"))
        os.mkfifo(pipe)
        with open(large, "wb") as f:
            f.truncate(1 << 40)
        for path, why in ((pipe, "it is no regular file"), ("/dev/zero", "it is no regular file"),
                          (self.home, "it is a folder"), (large, "it is larger than 16 MiB")):
            run = self.run_(*ENTITIES, "--ca-bundle", path, timeout=300)
            self.assertError(run, 255, "Could not find a suitable TLS CA certificate bundle, invalid path: "
                             f"{path} (--ca-bundle: {why})")

    def test_an_empty_bundle(self):
        """An AWS CLI before 2.36.6 stops verifying here; nobody has to know what a blank would be."""
        words = ("Invalid CA bundle: the configured value (ca_bundle, AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, or verify) resolved to an "
                 "empty or whitespace-only string. Provide a valid path to a CA bundle file. (")
        for empty in ("", " ", "\t \n"):
            self.assertError(self.run_(*ENTITIES, "--ca-bundle", empty), 255, words + "--ca-bundle")
            self.assertError(self.run_(*ENTITIES, AWS_CA_BUNDLE=empty), 255, words + "AWS_CA_BUNDLE")
            self.assertError(self.run_(*ENTITIES, AWS_CA_BUNDLE=None, REQUESTS_CA_BUNDLE=empty), 255, words + "REQUESTS_CA_BUNDLE")
            self.assertCode(self.run_("configure", "list", AWS_CA_BUNDLE=empty), 0)
        config = os.path.join(self.home, "config")
        with open(config, "w", encoding="utf-8") as f:
            f.write("[default]\nca_bundle =\n")
        self.assertError(self.run_(*ENTITIES, AWS_CA_BUNDLE=None, AWS_CONFIG_FILE=config), 255, words + "profile")
        self.assertEqual(self.sim.requests(), [])

    def test_no_connection(self):
        run = self.run_(*ENTITIES, "--max-attempts", "1", AWS_ENDPOINT_URL_IAM="https://localhost:1")
        self.assertError(run, 255, 'Could not connect to the endpoint URL: "https://localhost:1/" '
                                   "Connection refused.")
        run = self.run_(*ENTITIES, "--max-attempts", "1", AWS_ENDPOINT_URL_IAM="https://no.such.host.invalid")
        self.assertError(run, 255, 'Could not connect to the endpoint URL: "https://no.such.host.invalid/" ')

    def test_timeouts(self):
        self.rules({"stall": {"part": "head", "seconds": 600}})
        for args, words in ((("--cli-read-timeout", "0.3"), "Read timeout on endpoint URL: "),
                            (("--deadline", "0.3"), "The deadline of 0.3 s has passed (--deadline).")):
            self.assertError(self.run_(*ENTITIES, "--max-attempts", "1", *args), 255, words)
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            url = f"https://127.0.0.1:{silent.getsockname()[1]}"
            run = self.run_(*ENTITIES, "--max-attempts", "1", "--cli-connect-timeout", "0.3",
                            AWS_ENDPOINT_URL_IAM=url)
            self.assertError(run, 255, f'Connect timeout on endpoint URL: "{url}/"')

    def test_deadline_over_all_operations(self):
        self.sim.scenario([{"when": {"operation": "services"}, "do": {"job_status": "IN_PROGRESS"}}])
        run = self.enough(lambda s: self.run_("entities", "--arn", cli.ARN, "--service-namespace", "iam", "--deadline", f"{s:g}"),
                          lambda run: b"--job-id " in run.err, 0.8)  # how to get at the report later
        self.assertCode(run, 255)
        self.assertRegex(run.err, rb"The deadline of [0-9.]+ s has passed")

    def test_a_report_that_is_never_ready(self):
        """The bound names the report, in every format and mode; the deadline is another matter."""
        self.sim.scenario([{"do": {"job_status": "IN_PROGRESS"}, "when": {"operation": ["services", "entities"]}}])
        for command in ((*ENTITIES, "--all"), (*ENTITIES, "--wait"), (SERVICES, *OF_JOB, "--all", "--output", "csv"),
                        ("entities", "--arn", cli.ARN, "--service-namespace", "iam", "--output", "jsonl")):
            run = self.run_(*command, "--wait-timeout", "0.4")
            self.assertCode(run, 255)
            said = run.err.decode().splitlines()
            job = re.fullmatch(r"tinyiam: \[ERROR\]: The report ([0-9a-z-]{36}) is IN_PROGRESS still, after 0\.4 s of "
                               r"waiting\. --wait-timeout SECONDS .*", said[0])
            self.assertTrue(job, run)
            self.assertEqual(run.out, b"")
            if command[0] == "entities":
                self.assertEqual(said[1:], ["tinyiam: The report stays: tinyiam get-service-last-accessed-details-with-"
                                            f"entities --all --job-id {job[1]} --service-namespace iam"])
        self.sim.scenario([{"when": {"request": "1-2"}, "do": {"job_status": "IN_PROGRESS"}}])
        for seconds in ("60", "0"):  # 0: no limit
            self.sim.clear()
            self.assertCode(self.run_(*ENTITIES, "--wait", "--wait-timeout", seconds), 0)

    def test_secrets_stay_put(self):
        for args in (("--debug",), ("--debug", "--output", "table", "--all")):
            for extra in ({}, {"AWS_SECRET_ACCESS_KEY": "WrongSecretKeyEXAMPLEKEY"}):
                secret = extra.get("AWS_SECRET_ACCESS_KEY", cli.SECRET_KEY)
                run = self.run_(*ENTITIES, *args, AWS_SESSION_TOKEN=TOKEN, **extra)
                self.assertCode(run, 254 if extra else 0)
                self.assertIn(b"> POST / HTTP/1.1\n", run.err)
                for hidden in (secret, TOKEN, TOKEN[:40]):
                    self.assertNotIn(hidden.encode(), run.err + run.out)
                self.assertNotRegex(run.err, rb"Signature=\s*[0-9a-f]{8}")

    def test_a_token_that_is_said_back(self):
        """Wherever the service puts it, whole or in part: stderr has none of it, nor what is suggested."""
        token = "".join(f"{i:x}Token/{i * i:x}+" for i in range(60))
        error = "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>"
        action = "GetServiceLastAccessedDetailsWithEntities"

        def report(status, rest=""):
            return {"body": f"<{action}Response><{action}Result><JobStatus>{status}</JobStatus>{rest}</{action}Result>"
                            f"</{action}Response>"}

        said = f"x{token}x"
        for do in ({"status": 403, "body": error % (said, "m", "r")}, {"status": 403, "body": error % ("c", "m", said)},
                   {"status": 403, "body": error % ("c", said, "r")}, {"body": said}, {"body": token[30:]},
                   {"body": "x", "headers": {"x-amzn-RequestId": said}},
                   {"body": "x", "headers": {"Content-Encoding": token[:24]}},
                   report("FAILED", f"<Error><Code>{said}</Code><Message>{said}</Message></Error>"), report(said),
                   report("COMPLETED", f"<IsTruncated>true</IsTruncated><Marker>{token[:300]}</Marker>")):
            self.rules(do)
            for args in ((), ("--debug",)):
                run = self.run_(*ENTITIES, "--output", "csv", *args, AWS_SESSION_TOKEN=token)
                self.assertIn(b"--marker ..." if "<Marker>" in str(do) else b"(hidden)", run.err, do)
                shown = run.err.decode().lower()
                for at in range(len(token) - 15):
                    self.assertNotIn(token[at:at + 16].lower(), shown, do)


if __name__ == "__main__":
    cli.main()
