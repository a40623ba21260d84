#!/usr/bin/env python3
"""The firmware in QEMU where things go wrong around it: test_faults.py [CLASS.TEST...]

Every list that arrives is compared with what the simulator says it served."""

import json
import os
import socket
import struct
import sys
import tempfile
import threading
import time

from case import Firmware, main, sim


def edit(pattern, text):
    """What follows the pattern's group in a page is this text."""
    return {"edit": [[pattern, r"\g<1>" + text]]}


class Faults(Firmware):
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
            result = self.machine.entities(server, "--all", "--max-items", "100")
            self.check_list(result, 300)
            self.assertGreaterEqual(result.stats["connections"], 3)
        with sim("--entities", 300, scenario=[
                {"name": "stall", "when": {"attempt": 1},
                 "do": {"stall": {"part": "body", "after": 9000, "seconds": 3000}}}]) as server:
            result = self.machine.entities(server, "--all", "--max-items", "100", "--cli-read-timeout", "3")
            self.check_list(result, 300)

    def test_refused(self):
        """No server: an error that says so, soon."""
        with socket.socket() as taken, sim() as server: # nobody else gets its port, and it does not listen
            taken.bind(("127.0.0.1", 0))
            server.port = taken.getsockname()[1]
            result = self.machine.entities(server, "--max-attempts", "1")
        self.assertEqual((result.code, result.out), (255, ""), result)
        self.assertIn("IAM_ERR_", result.err)

    def test_large_items(self):
        """An entity that outgrows the item buffer arrives; one that no board holds is an error with its size."""
        for size, code in ((3000, 0), (12000, 255)):
            arn = "arn:aws:iam::123456789012:role/" + "x" * size
            body = ('<GetServiceLastAccessedDetailsWithEntitiesResponse '
                    'xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
                    '<GetServiceLastAccessedDetailsWithEntitiesResult><JobStatus>COMPLETED</JobStatus>'
                    f'<EntityDetailsList><member><EntityInfo><Arn>{arn}</Arn></EntityInfo></member>'
                    '</EntityDetailsList><IsTruncated>false</IsTruncated>'
                    '</GetServiceLastAccessedDetailsWithEntitiesResult>'
                    '</GetServiceLastAccessedDetailsWithEntitiesResponse>')
            with self.subTest(size), sim(scenario=[{"name": "one", "do": {"status": 200, "body": body}}]) as server:
                result = self.machine.entities(server)
                self.assertEqual(result.code, code, result)
                if code == 0:
                    self.assertEqual(json.loads(result.out), {"Arn": arn})
                else:
                    self.assertEqual(result.out, "")
                    self.assertRegex(result.err, r"IAM_ERR_SPACE.*need 120\d\d")

    def test_liars(self):
        """Well-formed replies that cannot all be true: a named error after the pages before, or the exact list."""
        later = {"page": 2}
        for name, when, do, error, printed in (
                ("FAILED", later, {"job_status": "FAILED"}, "JOB_STATUS", 100),
                ("IN_PROGRESS", later, {"job_status": "IN_PROGRESS"}, "JOB_STATUS", 100),
                ("FAILED, with items", later, edit("(<JobStatus>)COMPLETED", "FAILED"), "JOB_STATUS", 100),
                ("a circle of one", later, {"circle": 1}, "MARKER_REPEATED", 200),
                ("True", later, edit("(<IsTruncated>)true", "True"), "VALUE", 100),
                ("no IsTruncated", later, edit("()<IsTruncated>true</IsTruncated>", ""), "TRUNCATED_MISSING", 200),
                ("two statuses", later, edit("(<JobStatus>COMPLETED)", "</JobStatus><JobStatus>FAILED"), "MEMBER", 100),
                ("another job", later, edit(r"(<JobCreationDate>)\d+", "1999"), "CHANGED", 100),
                ("no date of the report", later, edit(r"(<JobCompletionDate>)\d+", "x"), "VALUE", 100),
                ("no date of an item", later, edit(r"(<LastAuthenticated>)\d+", "x"), "VALUE", 100),
                ("another list", later, {"reply": "other-operation"}, "FOREIGN", 100),
                ("again, late", {"page": 1}, {"again": "late"}, "PAGE_REPEATED", 100),
                ("1 and 0", {}, {"edit": [["(<IsTruncated>)true", r"\g<1>1"], ["(<IsTruncated>)false", r"\g<1>0"]]},
                 None, 250)):
            with self.subTest(name), sim("--entities", 250, scenario=[{"name": name, "when": when, "do": do}]) as server:
                result = self.machine.entities(server, "--all", "--max-items", "100")
                self.assertEqual(result.code, 255 if error else 0, result)
                self.assertIn(f"IAM_ERR_{error}" if error else "", result.err)
                self.check_lines(result, printed, 250)
                self.assertLessEqual(len(server.requests()), 8)

    def test_service_errors(self):
        with sim(scenario=[{"name": "denied", "do": {"code": "AccessDenied", "status": 403}}]) as server:
            result = self.machine.entities(server)
            self.assertEqual((result.code, result.out), (254, ""), result)
            self.assertIn("An error occurred (AccessDenied) when calling the "
                          "GetServiceLastAccessedDetailsWithEntities operation", result.err)

    def test_portal(self):
        """A sign-in page in the service's place: where it leads, or what it begins with; one line, whatever it holds."""
        moved = {"headers": {"Location": "https://portal.example/\x9b" + "x" * 50}}
        for do, code, words in (({"status": 302, "body": "", **moved}, 255, ("https://portal.example/??xxx",)),
                                ({"status": 511, "body": "<html>in</html>", **moved}, 254, ("511", "https://portal.ex")),
                                ({"status": 200, "body": "<!DOCTYPE html><p>"}, 255, ("it begins with <!DOCTYPE",))):
            with self.subTest(do), sim(scenario=[{"name": "portal", "do": do}]) as server:
                result = self.machine.entities(server, "--max-attempts", "1")
                self.assertEqual((result.code, result.out), (code, ""), result)
                said = result.err.splitlines()[0]
                for word in words:
                    self.assertIn(word, said)
                self.assertLess(len(said), 300)

    def test_sntp(self):
        """A clock learned from a time server whose first answers are lost, on a network of its own."""
        with Peer() as peer, sim("--entities", 10) as server:
            peer.answers_after = 2
            result = self.machine.entities(
                server, env=("BOARD_CLOCK=sntp", "BOARD_SNTP=10.0.2.50"), hub=peer.port)
            self.check_list(result, 10)
            self.assertGreaterEqual(peer.asked, 3)

    def test_unset_clock(self):
        """A clock that is not set is learned from a Date header, and certificates are checked all the same."""
        with sim("--entities", 120) as server:
            result = self.machine.entities(server, "--all", "--max-items", "100", env=("BOARD_CLOCK=unset",))
            self.check_list(result, 120)
        with sim("--bad-cert", "expired") as server:
            result = self.machine.entities(server, env=("BOARD_CLOCK=unset",))
            self.assertEqual((result.code, result.out), (255, ""), result)

    def test_checkpoint(self):
        """The CPU is reset every 37 entities; the list comes out whole."""
        with sim("--entities", 300) as server:
            result = self.machine.entities(server, "--all", "--max-items", "100", env=("BOARD_RESET_AFTER=37",))
            self.check_list(result, 300)
            self.assertGreaterEqual(len({e["connection"] for e in server.requests()}), 8)

    def test_lost_link(self):
        """The cable is pulled for two seconds in the middle of a page: from its first entity on."""
        with tempfile.TemporaryDirectory() as folder, \
                sim("--entities", 200, scenario=[{"when": {"attempt": 1}, "do": {
                    "stall": {"part": "body", "after": 9000, "seconds": 3000}}}]) as server:
            path = os.path.join(folder, "qmp")
            result = self.machine.entities(
                server, "--all", "--max-items", "1000", more=("-qmp", f"unix:{path},server=on,wait=off"),
                meanwhile=lambda process, _: self.pull_cable(process, path, server.go_on))
            self.check_list(result, 200)

    def pull_cable(self, process, path, send):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            with s.makefile("rw") as f:
                f.readline()

                def ask(what, **arguments):
                    f.write(json.dumps({"execute": what, "arguments": arguments}) + "\n")
                    f.flush()
                    return json.loads(f.readline())

                ask("qmp_capabilities")
                self.assertEqual(ask("set_link", name="lan9118.0", up=False), {"return": {}})
                send()
                time.sleep(2)
                self.assertIsNone(process.poll(), "it ended without a network")
                self.assertEqual(ask("set_link", name="lan9118.0", up=True), {"return": {}})


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
    sys.exit(main(sys.modules["__main__"], 4))
