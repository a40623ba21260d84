"""Answers: limits of the model, envelopes, reports, markers, jobs, request reading."""

import calendar
import concurrent.futures
import json
import os
import random
import re
import socket
import subprocess
import time
import unittest
import xml.etree.ElementTree

from iamsim import markers, model, report

from .base import ENTITIES, FIXED_JOB, FOLDER, Link, Sim, SimCase, STATE, VECTORS, ask, \
    request_bytes, vector

GENERATE, SERVICES = model.GENERATE, model.SERVICES
ARN = "arn:aws:iam::123456789012:user/alice"


def pages(sim, **params):
    """Every page of a list over one connection."""
    out, marker = [], None
    with Link(sim) as link:
        while True:
            reply = link.ask({**params, "Marker": marker})
            if reply.status != 200:
                raise AssertionError(reply.text)
            out.append(reply)
            found = re.search("<Marker>(.*?)</Marker>", reply.text, re.S)
            if not found:
                return out
            marker = unescape(found.group(1))


def unescape(text):
    text = re.sub("&#([0-9]+);", lambda m: chr(int(m.group(1))), text)
    for char, name in (("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "apos"), ("&", "amp")):
        text = text.replace(f"&{name};", char)
    return text


class Model(unittest.TestCase):
    def test_limits_are_those_of_the_service_model(self):
        for operation in (*vector("iam_sla_shapes.json")["operations"],
                          *vector("iam_list_shapes.json")["operations"]):
            ours = model.OPERATIONS[operation["action"]]
            self.assertEqual(set(ours), {m["wire_name"] for m in operation["request"]})
            for member in operation["request"]:
                rule = ours[member["wire_name"]]
                for key in ("required", "min", "max", "pattern", "enum"):
                    self.assertEqual(rule.get(key) or None, member.get(key) or None,
                                     (member["name"], key))

    def test_form_decoding(self):
        table = vector("form_encoding.json")
        for char, forms in {**table["ascii"], **{k: {"a": v} for k, v in
                                                 table["non_ascii_examples"].items()}}.items():
            for text in forms.values():
                self.assertEqual(model.form_decode(f"a={text}".encode()), {"a": char})
        for bad in (b"a", b"a=%4", b"a=%zz", b"a=%ff", b"a=1&a=2", b"a=1&&b=2", b"a= b", b"a=<",
                    b"a=\xc3\xa9"):
            with self.subTest(bad), self.assertRaises(model.ApiError):
                model.form_decode(bad)

    def refuse(self, text, **params):
        with self.assertRaises(model.ApiError) as caught:
            model.check_params({"Action": ENTITIES, "Version": "2010-05-08", "JobId": FIXED_JOB,
                                "ServiceNamespace": "s3", **params})
        self.assertEqual((caught.exception.status, caught.exception.code),
                         (400, "ValidationError"))
        self.assertIn(text, caught.exception.message)

    def test_validation(self):
        self.refuse("greater than or equal to 36", JobId="x" * 35)
        self.refuse("less than or equal to 36", JobId="x" * 37)
        self.refuse("pattern: [\\w-]*", ServiceNamespace="a b")
        self.refuse("less than or equal to 64", ServiceNamespace="a" * 65)
        self.refuse("greater than or equal to 1", ServiceNamespace="")
        self.refuse("value greater than or equal to 1", MaxItems="0")
        self.refuse("value less than or equal to 1000", MaxItems="1001")
        self.refuse("must be an integer", MaxItems="ten")
        self.refuse("length less than or equal to 320", Marker="m" * 321)
        self.refuse("pattern", Marker="\u0100")
        self.refuse("pattern", Marker="a\tb")
        self.refuse("not a parameter", Other="1")
        self.refuse("2 validation errors detected", JobId="x", MaxItems="0")

    def test_escapes(self):
        self.assertEqual(model.escape("a&<>\"'b\x85"), "a&amp;&lt;&gt;&quot;&apos;b&#133;")


class Rendering(unittest.TestCase):
    def test_the_documented_example_byte_for_byte(self):
        from iamsim.jobs import Jobs
        from iamsim.service import Page, Service
        with open(os.path.join(VECTORS, "cases/public/p01_typical_two_entities.json"),
                  encoding="utf-8") as f:
            case = json.load(f)
        service = Service(report.Report(), Jobs(), markers.MarkerCodec(), None)
        service.request_id = lambda number: case["wire"]["ResponseMetadata"]["RequestId"]
        items = [report.render_entity(service.layout, tuple(
            e["EntityInfo"][k] for k in ("Arn", "Id", "Name", "Path", "Type"))
            + (e.get("LastAuthenticated"),)).encode() for e in case["wire"]["EntityDetailsList"]]
        job, status = service.jobs.poll(FIXED_JOB, None, 0)
        reply = service._render(1, Page(job, status, ENTITIES, items, False, None))
        with open(os.path.join(VECTORS, "cases/public/p01_typical_two_entities.xml"), "rb") as f:
            self.assertEqual(reply.body, f.read().rstrip(b"\n") + b"\n")

    def test_the_usual_error_byte_for_byte(self):
        body = model.error_body(model.Layout("minified"), "NoSuchEntity",
                                f"The job with id {FIXED_JOB} cannot be found.",
                                "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE")
        with open(os.path.join(VECTORS, "cases/public/p37_err_nosuchentity.xml"), "rb") as f:
            self.assertEqual(body, f.read())


class Reports(unittest.TestCase):
    def test_entities_are_within_the_model_and_in_order(self):
        shapes = {f["name"]: f for f in vector("iam_sla_shapes.json")["operations"][2]
                  ["response"][3]["of"]["fields_in_model_order"][0]["fields_in_model_order"]}
        rep = report.Report(entities=3000, seed=5)
        last, kinds, arns = "9", set(), set()
        for item in rep.entities("iam"):
            for name, value in item["EntityInfo"].items():
                shape = shapes[name]
                self.assertGreaterEqual(len(value), shape.get("min", 0))
                self.assertLessEqual(len(value), shape.get("max", len(value)), (name, value))
                if "pattern" in shape:
                    self.assertTrue(re.fullmatch(shape["pattern"], value, re.A), (name, value))
            when = item.get("LastAuthenticated", "")
            self.assertLess(re.sub(r"(:\d\dZ?)\.?.*", r"\1", when), last + "~")
            kinds.add(item["EntityInfo"]["Type"])
            arns.add(item["EntityInfo"]["Arn"])
            last = when
        self.assertEqual(kinds, {"USER", "ROLE", "GROUP"})
        self.assertEqual(len(arns), 3000)
        self.assertEqual(last, "")
        self.assertTrue(any("&" in a for a in arns) and any("@" in a for a in arns))

    def test_seeds_differ_and_repeat(self):
        one, two = report.Report(seed=1), report.Report(seed=2)
        self.assertEqual(one.page("s3", 0, 9), report.Report(seed=1).page("s3", 0, 9))
        self.assertNotEqual(one.page("s3", 0, 9), two.page("s3", 0, 9))
        self.assertNotEqual(one.page("s3", 0, 9), one.page("iam", 0, 9))


class Markers(unittest.TestCase):
    def test_every_style_is_strict_and_inside_the_model(self):
        for style in markers.STYLES:
            codec, seen = markers.MarkerCodec(style), set()
            for start in (1, 100, 65535, 10 ** 9):
                text = codec.encode("list", start)
                self.assertRegex(text, "^[\u0020-\u00ff]{1,320}$")
                self.assertEqual(codec.decode("list", text), start)
                self.assertIsNone(codec.decode("other list", text))
                for k in range(len(text)):
                    changed = text[:k] + ("!" if text[k] != "!" else "#") + text[k + 1:]
                    self.assertIsNone(codec.decode("list", changed))
                for other in (text + " ", text[1:], text[:-1], "", "Ā"):
                    self.assertIsNone(codec.decode("list", other))
                seen.update(text)
            self.assertEqual(style in ("latin1", "long"), any(ord(c) > 0xA0 for c in seen))
        self.assertEqual(len(markers.MarkerCodec("long").encode("list", 7)), 320)


class Answers(SimCase):
    OPTIONS = ("--entities", "25,s3=230,none=0", "--services", "60", "--job-polls", "2")

    def test_pages_add_up(self):
        found = pages(self.sim, ServiceNamespace="s3")
        self.assertEqual([len(p.members()) for p in found], [100, 100, 30])
        names = [unescape(n) for p in found for n in p.members()]
        expected = [e["EntityInfo"]["Name"] for e in
                    report.Report(25, sizes={"s3": 230}).entities("s3")]
        self.assertEqual(names, expected)
        found = pages(self.sim, ServiceNamespace="s3", MaxItems="1000")
        self.assertEqual([len(p.members()) for p in found], [230])
        self.assertEqual({e["connection"] for e in self.sim.requests()[:3]},
                         {self.sim.requests()[0]["connection"]})

    def test_printed_entities_are_the_served_ones(self):
        run = subprocess.run(["/usr/bin/python3", os.path.join(FOLDER, "sim.py"), "--entities",
                              "25,s3=230", "--print-entities", "s3"], capture_output=True,
                             check=True, text=True)
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        served = pages(self.sim, ServiceNamespace="s3", MaxItems="500")[0]
        self.assertEqual([e["EntityInfo"]["Arn"] for e in lines],
                         [unescape(a) for a in served.members("Arn")])

    def test_empty_namespace(self):
        reply = ask(self.sim, {"ServiceNamespace": "none"})
        self.assertIn("<EntityDetailsList/>", reply.text)
        self.assertIn("<IsTruncated>false</IsTruncated>", reply.text)

    def test_namespace_that_is_not_in_the_report(self):
        reply = ask(self.sim, {"ServiceNamespace": "amazons3"})
        self.assertEqual((reply.status, reply.members("Code")), (400, ["InvalidInput"]))

    def test_services(self):
        found = pages(self.sim, Action=SERVICES, ServiceNamespace=None, MaxItems="50")
        spaces = [n for p in found for n in p.members("ServiceNamespace")]
        self.assertEqual(len(spaces), 61)  # 60, and one that entities were given for
        self.assertEqual(spaces, sorted(set(spaces)))
        self.assertIn("<JobType>ACTION_LEVEL</JobType>", found[0].text)
        self.assertIn("<ActionName>GetUser</ActionName>", found[0].text)
        entry = re.search(r"(?s)<member>(?:(?!<member>).)*<ServiceNamespace>s3<.*?</member>",
                          found[0].text).group()
        self.assertIn("<TotalAuthenticatedEntities>184<", entry)

    def test_job_life(self):
        made = ask(self.sim, {"Action": GENERATE, "JobId": None, "ServiceNamespace": None,
                              "Arn": ARN, "Granularity": "SERVICE_LEVEL"})
        job = made.members("JobId")[0]
        self.assertEqual(len(job), 36)
        replies = [ask(self.sim, {"JobId": job}) for _ in range(3)]
        self.assertEqual([r.members("JobStatus")[0] for r in replies],
                         ["IN_PROGRESS", "IN_PROGRESS", "COMPLETED"])
        self.assertNotIn("JobCompletionDate", replies[0].text)
        self.assertEqual(replies[0].members(), [])
        services = ask(self.sim, {"Action": SERVICES, "JobId": job, "ServiceNamespace": None})
        self.assertIn("<JobType>SERVICE_LEVEL</JobType>", services.text)
        self.assertNotIn("TrackedActions", services.text)

    def test_jobs_by_time_and_failing(self):
        self.sim.call("PUT", "/jobs", {"polls": 0, "seconds": 600, "fails": "INTERNAL_ERROR"})
        made = ask(self.sim, {"Action": GENERATE, "JobId": None, "ServiceNamespace": None,
                              "Arn": ARN})
        job = made.members("JobId")[0]
        self.assertIn("IN_PROGRESS", ask(self.sim, {"JobId": job}).text)
        self.sim.clock(601)
        reply = ask(self.sim, {"JobId": job}, when=time.time() + 601)
        self.sim.clock(0)
        self.sim.call("PUT", "/jobs", {"polls": 2, "seconds": 0, "fails": None})
        self.assertIn("<JobStatus>FAILED</JobStatus>", reply.text)
        self.assertEqual(reply.code, "INTERNAL_ERROR")

    def test_errors(self):
        for params, status, code in (
                ({"JobId": "0" * 36}, 404, "NoSuchEntity"),
                ({"JobId": "0"}, 400, "ValidationError"),
                ({"Marker": "none of ours"}, 400, "ValidationError"),
                ({"Action": "ListUsers"}, 400, "InvalidAction"),
                ({"Version": "2011-01-01"}, 400, "InvalidAction"),
                ({"Action": None}, 400, "MissingAction"),
                ({"Action": GENERATE, "JobId": None, "ServiceNamespace": None,
                  "Arn": "not an ARN but long enough"}, 400, "InvalidInput")):
            reply = ask(self.sim, params)
            self.assertEqual((reply.status, reply.code), (status, code), params)
            self.assertEqual(reply.headers("content-type"), ["text/xml"])
            self.assertEqual(reply.headers("x-amzn-requestid"), reply.members("RequestId"))
            self.assertIn("<Type>Sender</Type>", reply.text)

    def test_marker_of_another_list(self):
        marker = unescape(ask(self.sim, {"ServiceNamespace": "s3"}).members("Marker")[0])
        reply = ask(self.sim, {"ServiceNamespace": "iam", "Marker": marker})
        self.assertEqual(reply.code, "ValidationError")

    def bad(self, data, text):
        with Link(self.sim) as link:
            link.send(data)
            reply = link.read(to_end=True)
        self.assertEqual((reply.status, reply.code), (400, "BadRequest"))
        self.assertIn(text, self.sim.requests()[-1]["signature"])

    def test_malformed_http(self):
        for data, text in (
                (b"GET\r\n\r\n", "request line"), (b"GET / HTTP/1.0\r\nHost: a\r\n\r\n", "version"),
                (b"GET / HTTP/1.1\r\n\r\n", "Host"),
                (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "Host"),
                (b"GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n", "header line"),
                (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "header line"),
                (b"GET / HTTP/1.1\r\nHost: a\nb\r\n\r\n", "control character"),
                (b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "path"),
                (b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", "without Content-Length"),
                (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", "not one number"),
                (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                 "not one number"),
                (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", "body of over"),
                (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer"),
                (b"GET / HTTP/1.1\r\nX: " + b"y" * 70000, "head of over")):
            with self.subTest(text):
                self.bad(data, text)

    def test_request_in_single_bytes_and_expect(self):
        data = request_bytes(self.sim)
        with Link(self.sim) as link:
            for k in range(len(data)):
                link.send(data[k:k + 1])
            self.assertEqual(link.read().status, 200)
        data = request_bytes(self.sim, headers={"Expect": "100-continue"})
        head, _, body = data.partition(b"\r\n\r\n")
        with Link(self.sim) as link:
            link.send(head + b"\r\n\r\n")
            self.assertEqual(link.recv(), b"HTTP/1.1 100 Continue\r\n\r\n")
            link.send(body)
            self.assertEqual(link.read().status, 200)

    def test_mutated_requests_never_break_it(self):
        good, rnd = request_bytes(self.sim, {"Marker": "é"}), random.Random(4)
        for _ in range(300):
            data = bytearray(good)
            for _ in range(rnd.randint(1, 3)):
                at = rnd.randrange(len(data))
                data[at:at + rnd.randint(0, 2)] = bytes([rnd.randrange(256)
                                                         for _ in range(rnd.randint(0, 2))])
            with Link(self.sim) as link:
                link.send(data)
                link.sock.shutdown(socket.SHUT_WR)
                reply = link.read(to_end=True)
            self.assertIn(reply.status, (100, 400, 403, 404), bytes(data))
            # a length made shorter turns the rest of the body into a second request
            size = int(reply.headers("content-length")[0])
            xml.etree.ElementTree.fromstring(reply.body[:size])

    def test_many_connections_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            found = list(pool.map(lambda _: ask(self.sim).status, range(96)))
        self.assertEqual(set(found), {200})
        self.assertEqual(sorted(e["request"] for e in self.sim.requests()), list(range(1, 97)))

    def test_two_requests_at_once_are_answered_in_turn(self):
        with Link(self.sim) as link:
            link.send(request_bytes(self.sim, {"MaxItems": 1}) * 2)
            reply = link.read()
            if reply.raw.count(b"HTTP/1.1 200") < 2:
                self.assertEqual(link.read().status, 200)


class OtherOptions(unittest.TestCase):
    @staticmethod
    def in_time(sim, params=None, **signing):
        """A reply, and the end that follows. Who has not asked before the end begins anew."""
        while True:
            try:
                with Link(sim) as link:
                    reply = link.ask(params, **signing)
                    if reply.raw:
                        return reply, link.read()
            except ConnectionError:
                pass

    def test_unchecked_signatures_idle_end_and_a_report_of_today(self):
        with Sim("--plain", "--no-verify", "--idle-seconds", "0.2", "--report-date", "now",
                 "--no-fixed-job", "--job-fails", "LIMIT", state_dir=STATE) as sim:
            code, end = self.in_time(sim, secret="wrong")
            self.assertEqual((code.code, end.end), ("NoSuchEntity", "eof"))
            self.assertEqual(sim.requests()[0]["signature"], "not checked")
            made, _ = self.in_time(sim, {"Action": GENERATE, "JobId": None, "ServiceNamespace": None,
                                         "Arn": ARN})
            reply, _ = self.in_time(sim, {"JobId": made.members("JobId")[0]})
            self.assertEqual(reply.code, "LIMIT")
        run = CommandLine.run_sim(self, "--report-date", "now", "--print-entities", "iam")
        newest = json.loads(run.stdout.splitlines()[0])["LastAuthenticated"]
        age = time.time() - calendar.timegm(time.strptime(newest[:19], "%Y-%m-%dT%H:%M:%S"))
        self.assertTrue(0 < age < report.WINDOW_SECONDS)

    def test_the_one_session_token(self):
        with Sim("--plain", "--session-token", "t+/=", state_dir=STATE) as sim:
            self.assertEqual(ask(sim).code, "InvalidClientTokenId")
            self.assertEqual(ask(sim, headers={"X-Amz-Security-Token": "t+/="}).status, 200)


class Layouts(unittest.TestCase):
    def test_layouts_and_orders_hold_the_same(self):
        names = None
        for layout, order in (("pretty", "docs"), ("minified", "model"), ("crlf", "shuffled")):
            with Sim("--plain", "--layout", layout, "--member-order", order, "--marker-style",
                     "latin1", "--entities", "120", state_dir=STATE) as sim:
                reply = ask(sim)
            self.assertEqual(b"\n" in reply.body, layout != "minified")
            self.assertEqual(b"\r\n" in reply.body, layout == "crlf")
            names = names or reply.members()
            self.assertEqual(reply.members(), names)
            self.assertEqual(len(names), 100)
            if order == "model":
                self.assertRegex(reply.text, "Result><JobStatus>.*<JobCreationDate>.*<JobCompletion"
                                 "Date>.*</EntityDetailsList><IsTruncated>.*<Marker>")

    def test_reports_of_a_hundred_thousand(self):
        with Sim("--entities", "100000", state_dir=STATE) as sim:
            total = sum(len(p.members()) for p in
                        pages(sim, ServiceNamespace="iam", MaxItems="1000"))
            self.assertEqual(total, 100000)


class CommandLine(unittest.TestCase):
    def run_sim(self, *options, **environment):
        return subprocess.run(["/usr/bin/python3", os.path.join(FOLDER, "sim.py"), *options],
                              capture_output=True, text=True, check=False, timeout=300,
                              stdin=subprocess.DEVNULL, env={**os.environ, **environment})

    def test_a_report_date_is_utc(self):
        """Where this machine's clocks are put forward in summer, too."""
        summer = ("--report-date", "2018-07-24T19:47:31Z", "--print-entities", "iam")
        here = self.run_sim(*summer, TZ="CET-1CEST,M3.5.0,M10.5.0/3")
        self.assertEqual((here.returncode, here.stdout), (0, self.run_sim(*summer, TZ="UTC").stdout), here.stderr)

    def test_help_and_errors(self):
        self.assertIn("--scenario", self.run_sim("--help").stdout)
        self.assertIn("'x' is not N", self.run_sim("--entities", "x").stderr)
        run = self.run_sim("--scenario", "/nonexistent.json")
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn("/nonexistent.json", run.stderr)

    def test_ends_with_stdin(self):
        run = self.run_sim("--plain", "--until-stdin-closes")
        self.assertEqual(run.returncode, 0)
        self.assertEqual(set(json.loads(run.stdout)), {"port", "url", "ca", "pid"})

    def test_ends_with_sigterm(self):
        with subprocess.Popen(["/usr/bin/python3", os.path.join(FOLDER, "sim.py")],
                              stdout=subprocess.PIPE, text=True) as process:
            ready = json.loads(process.stdout.readline())
            self.assertTrue(os.path.exists(ready["ca"]))
            process.terminate()
            self.assertEqual(process.wait(300), 0)
        self.assertFalse(os.path.exists(ready["ca"]))

    def test_missing_openssl_says_what_to_install(self):
        run = subprocess.run(["/usr/bin/python3", os.path.join(FOLDER, "sim.py")], text=True,
                             capture_output=True, env={"PATH": "/nonexistent"}, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn("apt-get install openssl", run.stderr)
