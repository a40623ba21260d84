#!/usr/bin/env python3
"""The firmware that sleeps between pages (platform/cortexm/wake.c): the list comes whole whatever happens to a wake, and
costs what tests/size_budget.csv allows: test_wake.py [CLASS.TEST...]"""

import json
import socket
import sys

import wakes
from case import Firmware, main, sim

KEEP, MAGIC = 0x20100000, 0x57414B45  # image.ld's memory, and how wake.c knows its own


class Wake(Firmware):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.make(wakes.IMAGE)

    def wake(self, server, *flags, more=()):
        """(result, what each wake said of itself)"""
        result = self.machine.entities(server, "--max-items", "20", *flags, target=wakes.IMAGE, more=more)
        return result, [json.loads(line) for line in result.err.splitlines() if line.startswith('{"wake"')]

    def test_cost(self):
        """Place and session outlive every sleep: each page once, one handshake in full; within the budget."""
        found = wakes.measure()
        for name, counts in found.items():
            print(name, counts)
        self.assertEqual(wakes.wrong(found), [])

    def test_one_page_each(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version), sim("--entities", 90, "--tls-min", version, "--tls-max", version) as server:
                result, each = self.wake(server)
                self.check_list(result, 90)
                self.assertEqual([(w["wake"], w["entities"], w["requests"]) for w in each],
                                 [(1, 20, 1), (2, 20, 1), (3, 20, 1), (4, 20, 1), (5, 10, 1)])
                self.assertEqual([w["resumed"] for w in each], [0, 1, 1, 1, 1])

    def test_session_refused(self):
        """A server that keeps no sessions costs handshakes, nothing else."""
        with sim("--entities", 60, "--no-tickets") as server:
            result, each = self.wake(server)
            self.check_list(result, 60)
            self.assertEqual([(w["handshakes"], w["resumed"]) for w in each], [(1, 0)] * 3)

    def test_nobody_takes_the_lines(self):
        """What could not be written is not passed: no wake behind it, and an error."""
        with sim("--entities", 90) as server:
            result = self.machine.entities(server, "--max-items", "20", target=wakes.IMAGE,
                                           meanwhile=lambda process, line: process.stdout.close())
        self.assertEqual(result.code, 255, result)
        self.assertIn("IAM_ERR_IO", result.err)
        self.assertLess(result.err.count('{"wake"'), 5)

    def test_cut_in_a_page(self):
        """The rest of the page comes at the next wake."""
        for how in ("reset", "close"):
            cut = {"name": "cut", "when": {"page": 2, "attempt": 1}, "do": {"cut": {"after": 4000, "how": how}}}
            with self.subTest(how), sim("--entities", 60, scenario=[cut]) as server:
                result, each = self.wake(server)
                self.check_list(result, 60)
                self.assertEqual(len(each), 4)
                self.assertLess(each[1]["entities"], 20)
                if how == "close":  # a reset may overtake what came before it
                    self.assertGreater(each[1]["entities"], 0)

    def test_server_hangs_up(self):
        """Whoever ends the connection behind each page: no other one is made for nothing."""
        with sim("--entities", 60, scenario=[{"name": "close", "do": {"connection": "close"}}]) as server:
            result, each = self.wake(server)
            self.check_list(result, 60)
            self.assertEqual([w["handshakes"] for w in each], [1, 1, 1])

    def test_not_ready(self):
        """A report that is being made is asked after once a wake."""
        late = [{"name": f"late {n}", "when": {"request": n}, "do": {"job_status": "IN_PROGRESS"}} for n in (1, 2)]
        with sim("--entities", 20, scenario=late) as server:
            result, each = self.wake(server)
            self.check_list(result, 20)
            self.assertEqual([(w["entities"], w["requests"]) for w in each], [(0, 1), (0, 1), (20, 1)])

    def test_nobody_there(self):
        """Three wakes without an answer, then it says so."""
        with socket.socket() as taken, sim() as server: # nobody else gets its port, and it does not listen
            taken.bind(("127.0.0.1", 0))
            server.port = taken.getsockname()[1]
            result, each = self.wake(server, "--max-attempts", "1")
        self.assertEqual((result.code, result.out), (255, ""), result)
        self.assertEqual([w["wake"] for w in each], [1, 2, 3])
        self.assertIn("IAM_ERR_", result.err)

    def test_denied(self):
        """What no later wake will change ends it."""
        with sim(scenario=[{"name": "denied", "do": {"code": "AccessDenied", "status": 403}}]) as server:
            result, each = self.wake(server)
        self.assertEqual((result.code, result.out, len(each)), (254, "", 1), result)

    def test_damaged(self):
        """Memory that looks kept, with a place that is none: the list begins anew."""
        with sim("--entities", 40) as server:
            result, each = self.wake(server, more=("-device", f"loader,addr={KEEP:#x},data={MAGIC:#x},data-len=4"))
            self.check_list(result, 40)
            self.assertEqual(len(each), 2)
            self.assertIn("begins anew", result.err)

    def test_clock_set_back(self):
        """A clock that was years ahead when it went to sleep, or kept memory that says so: the right one is believed."""
        with sim("--entities", 40) as server:
            ahead = ("-device", f"loader,addr={KEEP + 16:#x},data={4102444800000:#x},data-len=8",  # the year 2100
                     "-device", f"loader,addr={KEEP:#x},data={MAGIC:#x},data-len=4")
            result, each = self.wake(server, more=ahead)
            self.check_list(result, 40)
            self.assertEqual(len(each), 2)

    def test_other_commands(self):
        result = self.machine.run("AWS_REGION=us-east-1", "generate-service-last-accessed-details", "--arn",
                                  "arn:aws:iam::123456789012:user/one", target=wakes.IMAGE)
        self.assertEqual((result.code, result.out), (252, ""), result)


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
