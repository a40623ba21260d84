"""Scenarios: every rule of README.md is run as it stands, and every key appears there."""

import calendar
import glob
import hashlib
import html
import json
import os
import re
import ssl
import time
import unittest

from client import Sim
from iamsim import faults

from . import account, sources
from .base import STATE, VECTORS, Link, SimCase, ask, dechunk, documented, \
    documented_scenarios, request_bytes


class Documentation(unittest.TestCase):
    def test_every_key_and_choice_has_an_example(self):
        rules = documented().values()
        used = {key for rule in rules for key in rule["do"]}
        self.assertEqual((set(faults.REQUEST) | set(faults.CONNECTION)) - used, set())
        self.assertEqual(set(faults.WHEN) - {k for r in rules for k in r.get("when", {})}, set())
        for key, choices in (("reply", faults.REPLIES), ("endless", faults.ENDLESS)):
            self.assertEqual(set(choices) - {r["do"].get(key) for r in rules}, set())
        self.assertEqual({k for s in documented_scenarios().values() for k in s},
                         {"description", "rules", "bucket", "delay"})

    def test_every_example_has_a_test(self):
        for name in (*documented(), *documented_scenarios()):
            method = "test_" + name.replace("-", "_")
            self.assertTrue(any(hasattr(c, method) for c in
                                (Selection, Answer, Framing, Bytes, sources.OnTheWire,
                                 account.Scenarios)),
                            f"no {method}")


class Refusals(unittest.TestCase):
    def test_mistakes_are_named(self):
        for rules, text in (
                ({"a": 1}, "list 'rules'"), ({"rules": [], "x": 1}, "unknown at the top"),
                ([{"do": {"stat": 1}}], r"rules\[0\]\.do: 'stat' is unknown"),
                ([{"do": {}}], "'do' is missing"), ([{"whn": {}, "do": {"age": 1}}], "'whn'"),
                ([{"do": {"status": "500"}}], "do.status: int expected"),
                ([{"do": {"status": True}}], "do.status: int expected"),
                ([{"when": {"request": "x"}, "do": {"age": 1}}], "'x' is not a number"),
                ([{"do": {"reply": "nonsense"}}], "none of proxy-html"),
                ([{"do": {"cut": {"how": "gently"}}}], "none of close"),
                ([{"do": {"stall": {"part": "head"}}}], "'seconds' is missing"),
                ([{"do": {"tls_alert": "x"}}], "do.tls_alert"),
                ([{"do": {"tickets": False, "status": 500}}], "'status' is unknown"),
                ([{"when": {"page": 1}, "do": {"tickets": False}}], "acts on a connection"),
                ([{"do": {"body_file": "/nonexistent"}}], "no file"),
                ([{"do": {"case": "/nonexistent"}}], "no case file")):
            with self.subTest(text), self.assertRaisesRegex(faults.ScenarioError, text):
                faults.Scenario(rules)

    def test_numbers(self):
        for spec, yes, no in ((3, 3, 4), ("3", 3, 2), ("2-4", 4, 5), (">=3", 3, 2), ("<3", 2, 3),
                              ("odd", 5, 6), ("even", 6, 5), ("1,4-6", 5, 2), ([1, ">9"], 10, 9)):
            self.assertTrue(faults.number_matches(spec, yes))
            self.assertFalse(faults.number_matches(spec, no))


class Examples(SimCase):
    OPTIONS = ("--entities", "250,s3=10,iam=250")
    RULES = documented()

    def use(self, name):
        self.sim.clear()
        self.sim.scenario([self.RULES[name]])

    def one(self, name, to_end=False, **params):
        """The reply to one request under a rule of README.md."""
        self.use(name)
        return ask(self.sim, params, to_end)

    def codes(self, name, requests):
        self.use(name)
        return [ask(self.sim, params).code for params in requests]


class Selection(Examples):
    def next_marker(self, params=None):
        self.sim.scenario(None)
        text = ask(self.sim, params).members("Marker")[0]
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"') \
            .replace("&apos;", "'").replace("&amp;", "&")

    def test_second_to_fourth(self):
        codes = self.codes("second-to-fourth", [None] * 5)
        self.assertEqual(codes, [None] + ["InternalFailure"] * 3 + [None])

    def test_third_page_first_attempt(self):
        two = self.next_marker()
        three = self.next_marker({"Marker": two})
        self.use("third-page-first-attempt")
        asked = [ask(self.sim, {"Marker": m}) for m in (None, two, three, three)]
        self.assertEqual([r.status for r in asked], [200, 200, 503, 200])
        self.assertEqual([e["attempt"] for e in self.sim.requests()], [1, 1, 1, 2])
        self.use("third-page-first-attempt")
        reply = ask(self.sim, {"Marker": three}, headers={"amz-sdk-request": "attempt=2; max=3"})
        self.assertEqual(reply.status, 200)

    def test_first_two_of_operation(self):
        services = {"Action": "GetServiceLastAccessedDetails", "ServiceNamespace": None}
        codes = self.codes("first-two-of-operation", [services, None, services, None, None])
        self.assertEqual(codes, [None, "Throttling", None, "Throttling", None])

    def test_with_marker(self):
        marker = self.next_marker()
        codes = self.codes("with-marker", [None, {"Marker": marker}])
        self.assertEqual(codes, [None, "Throttling"])
        self.sim.scenario([{"when": {"marker": marker}, "do": {"code": "A"}},
                           {"when": {"marker": False}, "do": {"code": "B"}}])
        self.assertEqual([ask(self.sim, p).code for p in ({"Marker": marker}, None)], ["A", "B"])

    def test_one_namespace(self):
        codes = self.codes("one-namespace", [None, {"ServiceNamespace": "s3"}])
        self.assertEqual(codes, [None, "AccessDenied"])

    def test_one_job(self):
        codes = self.codes("one-job", [{"JobId": "0" * 36}, None])
        self.assertEqual(codes, ["NoSuchEntity", "Throttling"])

    def test_one_arn(self):
        self.use("one-arn")
        jobs = [ask(self.sim, {"Action": "GenerateServiceLastAccessedDetails", "JobId": None,
                               "ServiceNamespace": None, "Arn":
                               f"arn:aws:iam::123456789012:user/{name}"}).members("JobId")[0]
                for name in ("alice", "bob")]
        self.assertEqual([ask(self.sim, {"JobId": job}).members("JobStatus")[0] for job in jobs],
                         ["COMPLETED", "FAILED"])

    def test_reused_connection(self):
        self.use("reused-connection")
        with Link(self.sim) as link:
            self.assertEqual([link.ask().code for _ in range(3)],
                             [None, "Throttling", "Throttling"])
        self.assertEqual([e["reused"] for e in self.sim.requests()], [False, True, True])

    def test_second_connection(self):
        with Sim("--plain", scenario=[self.RULES["second-connection"]]) as sim:
            self.assertEqual([ask(sim).code for _ in range(3)], [None, "Throttling", None])

    def test_half_of_them(self):
        codes = self.codes("half-of-them", [None] * 24)
        self.assertTrue(4 <= codes.count("Throttling") <= 20)
        self.assertEqual(codes, self.codes("half-of-them", [None] * 24))

    def test_once(self):
        self.assertEqual(self.codes("once", [None] * 2), ["Throttling", None])

    def test_rules_add_up_and_later_wins(self):
        self.sim.scenario([{"do": {"code": "A", "age": 3}}, {"do": {"code": "B"}}])
        self.sim.call("POST", "/rules", {"name": "late", "do": {"retry_after": 9}})
        reply = ask(self.sim)
        self.assertEqual((reply.code, reply.headers("age"), reply.headers("x-amz-retry-after")),
                         ("B", ["3"], ["9"]))
        self.assertEqual(self.sim.requests()[-1]["fault"], ["rules[0]", "rules[1]", "late"])
        with self.assertRaisesRegex(ValueError, "'nonsense' is unknown"):
            self.sim.scenario([{"do": {"nonsense": 1}}])
        self.assertEqual(len(self.sim.call("GET", "/scenario")["rules"]), 3)
        self.assertEqual(self.sim.call("GET", "/requests")[-1]["code"], "B")


class Answer(Examples):
    def test_error(self):
        reply = self.one("error")
        self.assertEqual((reply.status, reply.code), (503, "ServiceUnavailable"))
        self.assertEqual(reply.members("Message"), ["Not &lt;now&gt;"])
        self.assertEqual(reply.members("Type"), ["Receiver"])

    def test_inline_body(self):
        reply = self.one("inline-body")
        self.assertTrue(reply.head.startswith("HTTP/1.1 418 Teapot\r\n"))
        self.assertEqual((reply.body, reply.headers("content-type")),
                         (b"<a/>", ["application/xml"]))

    def same_as(self, reply, path):
        with open(os.path.join(VECTORS, "cases", path), "rb") as f:
            self.assertEqual(reply, f.read())

    def test_body_file(self):
        self.same_as(self.one("body-file").body, "quirks/q07_internal_entity.xml")

    def test_case_file(self):
        reply = self.one("case-file")
        self.assertEqual(reply.status, 404)
        self.assertEqual(reply.headers("x-amzn-requestid"), ["7a62c49f-347e-4fc4-9331-6e8eEXAMPLE"])
        self.assertEqual(reply.headers("date"), ["Wed, 24 Oct 2018 19:48:00 GMT"])
        self.same_as(reply.body, "public/p37_err_nosuchentity.xml")

    def test_every_case_of_the_vectors_can_be_served(self):
        paths = glob.glob(os.path.join(VECTORS, "cases", "*", "*.json"))
        self.assertGreater(len(paths), 60)
        for path in paths:
            with open(path, encoding="utf-8") as f:
                case = json.load(f)
            self.sim.scenario([{"do": {"case": path}}])
            reply = ask(self.sim)
            self.assertEqual(reply.status, case["http"]["status"])
            self.assertEqual(hashlib.sha256(reply.body).hexdigest(), case["body_sha256"])
            for name, value in case["http"]["headers"].items():
                self.assertEqual(reply.headers(name), [value])

    def test_raw(self):
        reply = self.one("raw", to_end=True)
        self.assertEqual((reply.raw, reply.end),
                         (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "eof"))

    def test_raw_file(self):
        self.same_as(self.one("raw-file", to_end=True).raw, "rejects_public/r04_json.xml")

    def test_proxy_page(self):
        reply = self.one("proxy-page")
        self.assertEqual((reply.status, reply.headers("content-type")), (502, ["text/html"]))
        self.assertIn("<html>", reply.text)

    def test_portal_page(self):
        reply = self.one("portal-page")
        self.assertEqual(reply.status, 200)
        self.assertIn("<br>", reply.text)

    def test_json_error(self):
        reply = self.one("json-error")
        self.assertEqual(json.loads(reply.text)["Error"]["Code"], "Throttling")
        self.assertEqual(reply.status, 400)

    def test_empty_body(self):
        reply = self.one("empty-body")
        self.assertEqual((reply.status, reply.body, reply.headers("content-length")),
                         (200, b"", ["0"]))

    def test_error_with_200(self):
        reply = self.one("error-with-200")
        self.assertEqual((reply.status, reply.code), (200, "InternalFailure"))

    def test_wrong_operation(self):
        reply = self.one("wrong-operation")
        self.assertIn("<GenerateServiceLastAccessedDetailsResult>", reply.text)
        reply = self.one("wrong-operation", Action="GenerateServiceLastAccessedDetails", JobId=None,
                         ServiceNamespace=None, Arn="arn:aws:iam::123456789012:user/a")
        self.assertIn("<GetServiceLastAccessedDetailsResult>", reply.text)

    def test_not_done_after_all(self):
        reply = self.one("not-done-after-all")
        self.assertEqual(reply.members("JobStatus"), ["IN_PROGRESS"])
        self.assertIn("<EntityDetailsList/>", reply.text)

    def test_failed_job(self):
        reply = self.one("failed-job")
        self.assertEqual((reply.status, reply.code, reply.members("JobStatus")),
                         (200, "INTERNAL_ERROR", ["FAILED"]))

    def test_truncated_flag(self):
        self.assertEqual(self.one("truncated-flag").members("IsTruncated"), ["false"])

    def test_no_marker(self):
        reply = self.one("no-marker")
        self.assertEqual((reply.members("IsTruncated"), reply.members("Marker")), (["true"], []))

    def test_marker_text(self):
        self.assertEqual(self.one("marker-text").members("Marker"), [" a&amp;b  é "])

    def test_same_marker(self):
        first = ask(self.sim, {"MaxItems": 1}).members("Marker")[0]
        plain = first
        for char, name in (("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "apos"), ("&", "amp")):
            plain = plain.replace(f"&{name};", char)
        reply = self.one("same-marker", Marker=plain)
        self.assertEqual(reply.members("Marker"), [first])

    def test_circle(self):
        self.use("circle")
        marker, seen = None, []
        for _ in range(5):
            reply = ask(self.sim, {"MaxItems": 2, "Marker": marker})
            seen.append(reply.members()[0])
            marker = html.unescape(reply.members("Marker")[0])
        self.assertEqual(seen[3:], seen[1:3])       # pages 1, 2, 3, 2, 3
        self.assertEqual(len(set(seen)), 3)

    def test_edited(self):
        reply = self.one("edited")
        self.assertEqual((reply.members("JobStatus"), reply.members("IsTruncated")), (["FAILED"], ["yes"]))
        self.assertEqual(len(reply.members()), 100)
        self.assertEqual(int(reply.headers("content-length")[0]), len(reply.body))

    def names(self, name, **params):
        return ask(self.sim, params).members(), self.one(name, **params).members()

    def test_altered(self):
        self.use("altered")
        self.sim.scenario([{"when": {"attempt": 1}, "do": {"cut": {"after": 9000}}},
                           self.RULES["altered"]])
        cut, again = ask(self.sim, to_end=True), ask(self.sim)
        whole = cut.members()
        self.assertGreater(len(whole), 5)
        self.assertEqual(again.members()[3], "altered-" + whole[3])
        self.assertEqual(again.members()[4:len(whole)], whole[4:])

    def test_inserted(self):
        before, after = self.names("inserted")
        self.assertEqual(after[:3] + after[4:], before)
        self.assertTrue(after[3].startswith("inserted-"))

    def test_removed(self):
        before, after = self.names("removed")
        self.assertEqual(after, before[1:])

    def test_swapped(self):
        before, after = self.names("swapped")
        self.assertEqual(after[:3], [before[0], before[2], before[1]])


class Framing(Examples):
    def test_headers(self):
        reply = self.one("headers")
        self.assertEqual((reply.headers("x-twice"), reply.headers("x-amzn-requestid")),
                         (["a", "b"], []))

    def test_http_1_0(self):
        self.assertTrue(self.one("http-1-0").head.startswith("HTTP/1.0 200 \r\n"))

    def date(self, reply):
        text = reply.headers("date")[0]
        return calendar.timegm(time.strptime(text, "%a, %d %b %Y %H:%M:%S GMT"))

    def test_date_offset(self):
        before = int(time.time())
        date = self.date(self.one("date-offset")) + 86400
        self.assertTrue(before <= date <= time.time(), (before, date))

    def test_no_date(self):
        self.assertEqual(self.one("no-date").headers("date"), [])

    def test_date_text(self):
        reply = self.one("date-text")
        self.assertEqual((self.date(reply), reply.headers("age")), (784111777.0, ["30"]))

    def test_retry_after(self):
        self.assertEqual(self.one("retry-after").headers("x-amz-retry-after"), ["1500"])

    def test_connection_close(self):
        reply = self.one("connection-close", to_end=True)
        self.assertEqual((reply.headers("connection"), reply.end), (["close"], "eof"))

    def test_until_close(self):
        reply = self.one("until-close", to_end=True)
        self.assertEqual((reply.headers("content-length"), reply.end), ([], "eof"))
        self.assertEqual(len(reply.members()), 100)

    def test_chunked(self):
        self.use("chunked")
        with Link(self.sim) as link:
            for _ in range(2):
                reply = link.ask()
                self.assertEqual(reply.headers("content-length"), [])
                self.assertEqual(len(reply.members()), 100)

    def test_odd_chunks(self):
        reply = self.one("odd-chunks")
        body, sizes, extensions, trailer = dechunk(reply.framed)
        self.assertEqual((sizes[:5], set(extensions)), ([1, 2, 3, 100, 100], {b'a="b;c"'}))
        self.assertEqual(trailer, b"X-Sum: 1\r\n\r\n")
        self.assertEqual(body.count(b"<Name>"), 100)

    def test_one_size_chunks(self):
        sizes = dechunk(self.one("one-size-chunks").framed)[1]
        self.assertEqual(set(sizes[:-2]), {7})

    def test_too_long(self):
        self.use("too-long")
        with Link(self.sim) as link:
            link.send(request_bytes(self.sim))
            got = b""
            while b"DetailsWithEntitiesResponse>\n" not in got:
                got += link.recv()
            self.assertEqual(self.sim.requests()[-1]["outcome"], "sent")    # that was all
        head, _, body = got.partition(b"\r\n\r\n")
        self.assertGreater(int(re.search(rb"(?i)content-length: (\d+)", head)[1]), len(body))

    def test_too_short(self):
        reply = self.one("too-short")
        self.assertEqual(reply.headers("content-length"), ["10"])

    def test_conflicting_lengths(self):
        first, second = self.one("conflicting-lengths").headers("content-length")
        self.assertEqual(int(first), int(second) + 1)

    def test_length_and_chunked(self):
        reply = self.one("length-and-chunked")
        self.assertTrue(reply.headers("content-length") and reply.headers("transfer-encoding"))

    def test_folded(self):
        self.assertIn("X-Folded: first part\r\n second part", self.one("folded").head)

    def test_early_hints(self):
        reply = self.one("early-hints")
        self.assertEqual([h.split()[1] for h in reply.heads], ["100", "103", "200"])

    def test_many_continues(self):
        reply = self.one("many-continues")
        self.assertEqual([h.split()[1] for h in reply.heads], ["100"] * 50 + ["200"])

    def endless(self, name, pattern):
        reply = self.one(name, to_end=True)
        self.assertGreater(len(reply.raw), 200000)
        self.assertEqual(reply.end, "reset")
        self.assertRegex(reply.raw[-20000:], pattern)
        return reply

    def test_endless_headers(self):
        self.endless("endless-headers", rb"(X-Filler: .*\r\n){100}")

    def test_endless_header_line(self):
        self.endless("endless-header-line", rb"[0-9a-f]{19000}")

    def test_endless_informational(self):
        self.endless("endless-informational", rb"(HTTP/1.1 102 Processing\r\n\r\n){100}")

    def test_endless_chunk_extension(self):
        self.endless("endless-chunk-extension", rb"y{19000}")

    def test_endless_trailers(self):
        self.endless("endless-trailers", rb"(X-Trailer: .*\r\n){100}")

    def test_endless_list(self):
        reply = self.endless("endless-list", rb"<member>")
        self.assertGreater(reply.raw.count(b"<EntityInfo>"), 500)

    def test_endless_body(self):
        self.endless("endless-body", rb"( \n){9000}")

    def test_a_client_that_leaves_ends_it(self):
        self.sim.scenario([{"do": {"endless": "list"}}])
        with Link(self.sim) as link:
            link.send(request_bytes(self.sim))
            link.read(limit=1 << 20)
            link.reset()
        entry = self.sim.requests()[-1]
        self.assertEqual(entry["outcome"], "peer closed")


class Bytes(Examples):
    def test_cut_body(self):
        reply = self.one("cut-body", to_end=True)
        self.assertEqual((len(reply.framed), reply.end), (700, "eof"))
        self.assertEqual(self.sim.requests()[-1]["outcome"], "close_notify")

    def test_cut_head_ragged(self):
        reply = self.one("cut-head-ragged", to_end=True)
        self.assertEqual((len(reply.raw), reply.end), (20, "ragged"))

    def test_cut_reset(self):
        self.assertEqual(self.one("cut-reset", to_end=True).end, "reset")

    def test_stall_head(self):
        self.assertGreater(self.one("stall-head").seconds, 0.25)

    def test_stall_body(self):
        reply = self.one("stall-body")
        self.assertGreater(reply.seconds, 0.35)
        self.assertEqual(len(reply.members()), 100)

    def test_dribble(self):
        reply = self.one("dribble", MaxItems=5)
        self.assertGreater(reply.pieces, 20)
        self.assertEqual(len(reply.members()), 5)

    def test_small_records(self):
        reply = self.one("small-records", MaxItems=3)
        self.assertGreater(reply.pieces, 100)

    def test_mangled(self):
        self.assertTrue(self.one("mangled").body.startswith(b"<F"))

    def test_twice(self):
        self.use("twice")
        with Link(self.sim) as link:
            link.send(request_bytes(self.sim, {"MaxItems": 2}))
            data = b""
            while data.count(b"</GetServiceLastAccessedDetailsWithEntitiesResponse>") < 2:
                data += link.recv()
        at = data.index(b"HTTP/1.1", 1)
        self.assertEqual(data[:at].strip(), data[at:].strip())

    def test_again_late(self):
        self.use("again-late")
        with Link(self.sim) as link:
            first = link.ask({"MaxItems": 1})
            second = link.ask({"MaxItems": 2})
            self.assertEqual(len(first.members()), 1)
            self.assertTrue(second.raw.startswith(first.raw))
            self.assertEqual(first.members(), second.members()[:1])

    def test_greeted(self):
        self.use("greeted")
        with Link(self.sim) as link:
            self.assertEqual(link.recv(), self.RULES["greeted"]["do"]["greeting"].encode())
        self.expect_event("greeting")

    def test_drop_after_reply(self):
        self.use("drop-after-reply")
        with Link(self.sim) as link:
            self.assertEqual(link.ask().headers("connection"), [])
            self.assertEqual(link.read().end, "eof")

    def test_drop_on_next_request(self):
        self.use("drop-on-next-request")
        with Link(self.sim) as link:
            link.ask()
            reply = link.ask()
        self.assertEqual((reply.raw, reply.end), (b"", "reset"))
        self.assertEqual(len(self.sim.requests()), 1)

    def timed(self, name):
        started = time.monotonic()
        self.assertEqual(self.one(name).status, 200)
        self.assertGreater(time.monotonic() - started, 0.28)

    def test_stall_accept(self):
        self.timed("stall-accept")

    def test_go_on(self):
        """Ends stalls, and those that have not begun; another scenario may stall again."""
        stall = [{"do": {"stall": {"part": "body", "after": 50, "seconds": 3000}}}]
        for before in (False, True):
            self.sim.scenario(stall)
            with Link(self.sim) as link:
                link.send(request_bytes(self.sim))
                got = b""
                while not before and b"\r\n\r\n" not in got:     # the head comes before the stall
                    got += link.recv()
                self.sim.go_on()
                while b"DetailsWithEntitiesResponse>" not in got.partition(b"<JobStatus>")[2]:
                    got += link.recv()
        self.use("stall-body")
        self.assertGreater(self.one("stall-body").seconds, 0.35)

    def test_a_stall_ends_with_its_client(self):
        self.sim.scenario([{"do": {"stall": {"part": "body", "after": 50, "seconds": 3000}}}])
        with Link(self.sim) as link:
            link.send(request_bytes(self.sim))
            got = b""
            while b"\r\n\r\n" not in got:
                got += link.recv()
        while not self.sim.requests():
            time.sleep(0.05)

    def test_who_has_gone_was_there(self):
        """What a client has sent is in the log that is asked for next, whether or not it waited for a reply."""
        data = request_bytes(self.sim)
        with Sim("--plain", "--no-verify", state_dir=STATE) as sim:
            for k in range(1, 41):
                with Link(sim) as link:
                    link.send(data)
                self.assertEqual(len(sim.requests()), k)

    def test_stall_handshake(self):
        self.timed("stall-handshake")

    def test_refused(self):
        self.use("refused")
        with self.assertRaises(ConnectionError):
            Link(self.sim)
        self.expect_event("refused")

    def test_tls_alert(self):
        self.use("tls-alert")
        with self.assertRaisesRegex(ssl.SSLError, "(?i)handshake.failure"):
            Link(self.sim)
        self.expect_event("tls-alert")

    def test_no_tickets(self):
        self.use("no-tickets")
        context = ssl.create_default_context(cafile=self.sim.ca)
        with Link(self.sim, context=context) as link:
            link.ask()
            session = link.tls.session
        with Link(self.sim, context=context, session=session) as link:
            link.ask()
        self.assertEqual([e["resumed"] for e in self.sim.requests()], [False, False])

    def test_expired_once(self):
        self.use("expired-once")
        with self.assertRaisesRegex(ssl.SSLCertVerificationError, "expired"):
            Link(self.sim)
        self.assertEqual(ask(self.sim).status, 200)

    def test_tls_1_2(self):
        self.one("tls-1-2")
        self.assertEqual(self.sim.requests()[-1]["tls"], "TLSv1.2")

    def test_plain_ends(self):
        with Sim("--plain", state_dir=STATE) as sim:
            for how, wanted in (("close", "eof"), ("close_notify", "eof"), ("reset", "reset")):
                sim.scenario([{"do": {"cut": {"after": 10, "how": how}}}])
                self.assertEqual(ask(sim, to_end=True).end, wanted)
