#!/usr/bin/env python3
"""The firmware in QEMU against the simulator: test_firmware.py [-v] [TEST...]

Every list that arrives is compared with what the simulator says it served."""

import concurrent.futures
import datetime
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from machine import FIXED_JOB, ROOT, Machine  # noqa: E402
from client import Sim  # noqa: E402

BUILD = os.environ.get("CORTEXM_BUILD", os.path.join(ROOT, "build", "cortexm-mps2-an386"))
STATE = os.environ.get("CORTEXM_STATE", os.path.join(ROOT, "build", "cortexm-certificates"))
SIM = os.path.join(ROOT, "tests", "sim", "sim.py")


def sim(*options, **more):
    return Sim(*options, state_dir=STATE, **more)


def served(count, seed=None):
    """The list as --output jsonl prints it, from the simulator's own mouth."""
    command = [sys.executable, SIM, "--entities", str(count), "--print-entities", "iam"]
    text = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


class Firmware(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = Machine(BUILD)
        cls.machine.make()

    def check_list(self, result, count):
        self.assertEqual(result.code, 0, result)
        lines = result.out.splitlines()
        self.assertEqual(len(lines), count, result)
        for line, entity in zip(lines, served(count)):
            got = json.loads(line)
            when = entity.get("LastAuthenticated")
            if when is not None:
                when = datetime.datetime.fromisoformat(when).isoformat()
            self.assertEqual(got, {**entity["EntityInfo"],
                                   **({"LastAuthenticated": when} if when else {})})
            self.assertEqual(list(got), [key for key in ("Arn", "Name", "Type", "Id", "Path",
                                                         "LastAuthenticated") if key in got])

    def test_tls(self):
        """10,000 entities over TLS 1.2 and 1.3, RSA and ECDSA; RAM does not grow with the list."""
        for kind in ("ecdsa", "rsa"):
            for version in ("1.2", "1.3"):
                with self.subTest(kind=kind, version=version), \
                        sim("--entities", 10000, "--cert-kind", kind, "--tls-min", version,
                            "--tls-max", version) as server:
                    result = self.machine.entities(server, "--all", "--max-items", "1000")
                    self.check_list(result, 10000)
                    stats = result.stats
                    print(kind, version, {k: stats[k] for k in ("arena_peak", "stack_peak",
                                                                "lwip_peak", "item_peak", "ms")})
                    self.assertLess(stats["stack_peak"], stats["stack_size"] - 256)
                    request = server.requests()[0]
                    self.assertEqual(request["sni"], "iam.amazonaws.com")
                    self.assertEqual(request["headers"]["host"], "iam.amazonaws.com")
                    self.assertEqual(request["alpn"], "http/1.1")

    def test_no_leak(self):
        """100 connections in a boot leave no more behind than 2 do."""
        with sim("--entities", 300, scenario=[{"name": "close", "do": {"connection": "close"}}]) as server:
            two = self.machine.entities(server, "--all", "--max-items", "150")
            hundred = self.machine.entities(server, "--all", "--max-items", "3")
            self.check_list(two, 300)
            self.check_list(hundred, 300)
            self.assertEqual(hundred.stats["handshakes"], 100)
            self.assertEqual(hundred.stats["resumed"], 99)
            self.assertLessEqual(hundred.stats["arena_used"], two.stats["arena_used"])
            # a timer or the last connection may still be there; the smallest leak, 16 bytes a time, may not
            self.assertLess(hundred.stats["lwip_used"], two.stats["lwip_used"] + 500)
            self.assertLessEqual(hundred.stats["arena_peak"], two.stats["arena_peak"] + 512)

    def test_broken_connections(self):
        """Resets, cuts and stalls in the middle: every entity once, in order."""
        rules = [{"name": "reset", "when": {"page": 1, "attempt": 1},
                  "do": {"cut": {"after": 20000, "how": "reset"}}},
                 {"name": "fin", "when": {"page": 2, "attempt": 1},
                  "do": {"cut": {"after": 1, "how": "close"}}},
                 {"name": "stall", "when": {"page": 3, "attempt": 1},
                  "do": {"stall": {"part": "body", "after": 9000, "seconds": 3}}},
                 {"name": "idle", "when": {"page": 2},
                  "do": {"drop": {"when": "on-next-request", "how": "reset"}}}]
        with sim("--entities", 300, scenario=rules) as server:
            result = self.machine.entities(server, "--all")
            self.check_list(result, 300)
            self.assertGreaterEqual(result.stats["connections"], 3)
        with sim("--entities", 300, scenario=[
                {"name": "stall", "when": {"attempt": 1},
                 "do": {"stall": {"part": "body", "after": 9000, "seconds": 20}}}]) as server:
            result = self.machine.entities(server, "--all", "--cli-read-timeout", "1")
            self.check_list(result, 300)

    def test_refused(self):
        """No server: an error that says so, soon."""
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with sim() as server:
            server.port = port
            began = time.monotonic()
            result = self.machine.entities(server, "--max-attempts", "1")
        self.assertEqual((result.code, result.out), (255, ""), result)
        self.assertLess(time.monotonic() - began, 20)

    def test_certificates(self):
        """A bad certificate is refused, and never asked twice."""
        for bad in ("expired", "not-yet", "wrong-name", "self-signed", "unknown-ca", "no-server-auth",
                    "sha1", "rsa1024", "leaf-as-ca"):
            with self.subTest(bad), sim("--bad-cert", bad) as server:
                result = self.machine.entities(server)
                self.assertEqual((result.code, result.out), (255, ""), result)
                self.assertIn("certificate was refused", result.err)
                self.assertEqual(result.stats["connections"], 1)
                self.assertEqual(server.requests(), [])
        with sim("--bad-cert", "wildcard") as server:
            self.assertEqual(self.machine.entities(server).code, 0)

    def test_bundle(self):
        """A bundle of many roots needs no more RAM than one root."""
        with sim("--entities", 10) as server, tempfile.NamedTemporaryFile("w") as bundle:
            one = self.machine.entities(server)
            with open("/etc/ssl/certs/ca-certificates.crt", encoding="ascii") as f:
                bundle.write(f.read())
            with open(server.ca, encoding="ascii") as f:
                bundle.write(f.read())
            bundle.flush()
            many = self.machine.entities(server, ca=bundle.name)
            self.check_list(many, 10)
            self.assertLess(many.stats["arena_peak"], one.stats["arena_peak"] + 2048)

    def test_service_errors(self):
        with sim(scenario=[{"name": "denied", "do": {"code": "AccessDenied", "status": 403}}]) as server:
            result = self.machine.entities(server)
            self.assertEqual((result.code, result.out), (254, ""), result)
            self.assertIn("An error occurred (AccessDenied) when calling the "
                          "GetServiceLastAccessedDetailsWithEntities operation", result.err)

    def test_host_command(self):
        """Standard output and exit code are the host command's, through platform/cortexm/run."""
        host = os.environ.get("TINYIAM", os.path.join(ROOT, "build", "host", "tinyiam"))
        if not os.path.exists(host):
            self.skipTest("the host command is not built")
        job, ns = ["--job-id", FIXED_JOB], ["--service-namespace", "iam"]
        cases = [((), [*job, *ns, "--all"]), ((), [*job, *ns]), ((), [*job, *ns, "--max-items", "7"]),
                 (("--layout", "minified", "--member-order", "shuffled"), [*job, *ns, "--all"]),
                 (("--marker-style", "long"), [*job, *ns, "--all", "--max-items", "20"]),
                 ((), [*job]), ((), [*job, *ns, "--max-items", "1001"]), ((), [*job, *ns, "--typo"]),
                 ((), ["--job-id", "short", *ns]), ((), [*job, *ns, "--marker", "nobody's"]),
                 ((), ["--job-id", "a" * 36, *ns, "--all"]),
                 (("--session-token", "right"), [*job, *ns]),
                 (("--no-fixed-job",), [*job, *ns])]
        for options, flags in cases:
            with self.subTest(options=options, flags=flags), sim("--entities", 130, *options) as server:
                env = server.environment(HOME=os.environ.get("HOME", "/"))
                words = ["get-service-last-accessed-details-with-entities", *flags, "--output", "jsonl"]
                there = subprocess.run(
                    [os.path.join(ROOT, "platform", "cortexm", "run"), "--build-dir", BUILD,
                     "--endpoint-port", str(server.port), "--ca-bundle", server.ca, *words],
                    env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    timeout=300, check=False)
                here = subprocess.run([host, *words, "--endpoint-url", server.url], env=env, check=False,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
                self.assertEqual((there.returncode, there.stdout), (here.returncode, here.stdout),
                                 (there.stderr, here.stderr))

    def test_sntp(self):
        """A clock learned from a time server whose first answers are lost, on a network of its own."""
        with Peer() as peer, sim("--entities", 10) as server:
            peer.answers_after = 2
            result = self.machine.entities(
                server, env=("BOARD_CLOCK=sntp", "BOARD_SNTP=10.0.2.50"), hub=peer.port)
            self.check_list(result, 10)
            self.assertGreaterEqual(peer.asked, 3)

    def test_usage(self):
        for words, code in (((), 252), (("no-such-command",), 252),
                            (("get-service-last-accessed-details-with-entities",), 252),
                            (("get-service-last-accessed-details-with-entities", "--job-id", "x" * 36,
                              "--service-namespace", "s3"), 253),
                            (("get-service-last-accessed-details-with-entities", "--typo"), 252)):
            result = self.machine.run(*words)
            self.assertEqual((result.code, result.out), (code, ""), (words, result))

    def test_unset_clock(self):
        """A clock that is not set is learned from a Date header, and certificates are checked all the same."""
        with sim("--entities", 120) as server:
            result = self.machine.entities(server, "--all", env=("BOARD_CLOCK=unset",))
            self.check_list(result, 120)
        with sim("--bad-cert", "expired") as server:
            result = self.machine.entities(server, env=("BOARD_CLOCK=unset",))
            self.assertEqual((result.code, result.out), (255, ""), result)

    def test_checkpoint(self):
        """The CPU is reset every 37 entities; the list comes out whole."""
        with sim("--entities", 300) as server:
            result = self.machine.entities(server, "--all", env=("BOARD_RESET_AFTER=37",))
            self.check_list(result, 300)
            self.assertGreaterEqual(len({e["connection"] for e in server.requests()}), 8)

    def test_lost_link(self):
        """The cable is pulled for two seconds in the middle of a page."""
        with tempfile.TemporaryDirectory() as folder, \
                sim("--entities", 200, scenario=[{"name": "slow", "do": {"dribble": {"bytes": 200,
                                                                                       "ms": 10}}}]) as server:
            path = os.path.join(folder, "qmp")
            with concurrent.futures.ThreadPoolExecutor() as pool:
                pull = pool.submit(self.pull_cable, path)
                result = self.machine.entities(server, "--all", "--max-items", "1000", more=(
                    "-qmp", f"unix:{path},server=on,wait=off"))
                self.assertEqual(pull.result(), [{"return": {}}] * 2)
            self.check_list(result, 200)
            self.assertGreater(result.stats["ms"], 3000)

    @staticmethod
    def pull_cable(path):
        while not os.path.exists(path):
            time.sleep(0.05)
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            with s.makefile("rw") as f:
                f.readline()

                def ask(what, **arguments):
                    f.write(json.dumps({"execute": what, "arguments": arguments}) + "\n")
                    f.flush()
                    return json.loads(f.readline())

                ask("qmp_capabilities")
                time.sleep(1.5)
                answers = [ask("set_link", name="lan9118.0", up=False)]
                time.sleep(2)
                answers.append(ask("set_link", name="lan9118.0", up=True))
                return answers


class Peer(threading.Thread):
    """A time server at 10.0.2.50 beside QEMU's network: Ethernet frames in UDP datagrams."""

    MAC, IP = bytes.fromhex("525400000050"), bytes([10, 0, 2, 50])

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port, self.asked, self.answers_after = self.socket.getsockname()[1], 0, 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", self.socket.getsockname())
        self.join()
        self.socket.close()

    def run(self):
        while True:
            frame, sender = self.socket.recvfrom(2000)
            if not frame:
                return
            answer = self.answer(frame)
            if answer:
                self.socket.sendto(self.pad(answer), sender)

    @staticmethod
    def pad(frame):
        return frame + bytes(max(0, 60 - len(frame)))

    def answer(self, frame):
        kind, body = frame[12:14], frame[14:]
        if kind == b"\x08\x06" and body[7] == 1 and body[24:28] == self.IP:  # who has
            return (frame[6:12] + self.MAC + kind + body[:6] + b"\0\2" + self.MAC + self.IP + body[8:18])
        if kind == b"\x08\0" and body[9] == 17 and body[16:20] == self.IP and body[22:24] == b"\0\x7b":
            self.asked += 1
            if self.asked > self.answers_after:
                return frame[6:12] + self.MAC + kind + self.time_answer(body)
        return None

    def time_answer(self, packet):
        now = struct.pack("!II", int(time.time()) + 2208988800, 0)
        sntp = b"\x24\x01\0\0" + bytes(12) + now + packet[28 + 40:28 + 48] + now + now
        udp = b"\0\x7b" + packet[20:22] + struct.pack("!HH", 8 + len(sntp), 0) + sntp
        head = bytearray(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
                         + self.IP + packet[12:16])
        total = sum(struct.unpack("!10H", head))
        total = (total & 0xFFFF) + (total >> 16)
        struct.pack_into("!H", head, 10, ~(total + (total >> 16)) & 0xFFFF)
        return bytes(head) + udp


if __name__ == "__main__":
    unittest.main(verbosity=2)
