#!/usr/bin/env python3
"""The firmware with each option of Kconfig turned off, with small buffers and with tight limits, at work:
test_options.py [CLASS.TEST...]"""

import sys
import time

from case import Firmware, configured, folder, main, sim
from machine import COMMAND

ARN = ("--arn", "arn:aws:iam::123456789012:policy/ExamplePolicy")


class Options(Firmware):
    usual = False

    def image(self, *lines):
        return configured(folder("options"), *lines)

    def test_all(self):
        """One after another: they share a folder."""
        with sim("--entities", 130) as server:
            for check in (self.minimal, self.texts, self.small_buffers, self.tight):
                with self.subTest(check.__name__):
                    check(server)

    def minimal(self, server):
        """The profile minimal."""
        machine = self.image("ENDPOINTS", "XML_FAST")
        began = time.monotonic()
        self.works(machine, server)
        self.second = max(1, (time.monotonic() - began) / 1.5)  # where QEMU's clock runs on a busy machine, it is longer

    def texts(self, server):
        """Without texts of errors, and with a silent console: the exit codes tell."""
        machine = self.image("TEXTS", "LOG_LEVEL=0")
        self.works(machine, server)
        result = machine.run(COMMAND, "--typo")
        self.assertEqual((result.code, result.out, result.err), (252, "", ""), result)

    def small_buffers(self, server):
        """A byte at a time; items that never fit the item buffer."""
        machine = self.image("TX_SIZE=1", "RX_SIZE=1", "ITEM_SIZE=256", "TLS_ARENA=43000", "STACK_SIZE=4352")
        result = self.works(machine, server)
        self.assertEqual((result.stats["tx_peak"], result.stats["rx_peak"]), (1, 1))
        self.assertEqual((result.stats["arena_size"], result.stats["stack_size"]), (43000, 4352))
        with sim("--entities", 400, "--marker-style", "long") as long:
            result = self.works(machine, long, 400)
            self.assertGreater(result.stats["item_size"], 256)

    def tight(self, server):
        """Every limit and deadline, met and gone over."""
        second, ms = self.second, round(1000 * self.second)
        machine = self.image(
            "HTTP_HEAD_MAX=1024", "HTTP_INTERIM_MAX=2", "HTTP_CHUNK_LINE_MAX=16", "BODY_MAX=50000",
            "XML_DEPTH_MAX=16", "MAX_PAGES=2", "PAGE_ITEMS_MAX=1000", "REQUEST_ID_MAX=16", "REASON_MAX=16",
            f"CONNECT_MS={9 * ms}", f"RESPONSE_MS={ms * 3 // 2}", f"IDLE_MS={ms * 3 // 2}", f"EXCHANGE_MS={4 * ms}", "MAX_ATTEMPTS=2",
            "POLL_FIRST_MS=100", "POLL_MAX_MS=200")
        self.works(machine, server)
        endless = {"endless_limit": 20000000}
        for name, do, error in (
                ("head", {"endless": "headers", **endless}, "IAM_ERR_HTTP_LIMIT"),
                ("interim", {"informational": {"status": 100, "count": 3}}, "IAM_ERR_HTTP_LIMIT"),
                ("chunk", {"chunks": {"size": 700, "extension": "a=" + "b" * 20}}, "IAM_ERR_HTTP_LIMIT"),
                ("body", {"endless": "body", **endless}, "IAM_ERR_HTTP_LIMIT"),
                ("depth", {"body": "<a>" * 17 + "</a>" * 17}, "IAM_ERR_XML_LIMIT"),
                ("response", {"stall": {"part": "head", "after": 0, "seconds": 6 * second}}, "IAM_ERR_TIMEOUT_RESPONSE"),
                ("idle", {"stall": {"part": "body", "after": 900, "seconds": 6 * second}}, "IAM_ERR_TIMEOUT_IDLE"),
                ("exchange", {"dribble": {"bytes": 50, "ms": 20 * second}}, "IAM_ERR_TIMEOUT_EXCHANGE")):
            with self.subTest(name):
                server.scenario([{"name": name, "do": do}])
                result = machine.entities(server, "--max-attempts", "1")
                self.assertEqual(result.code, 255, result)
                self.assertIn(error, result.err)
        server.scenario(None)
        result = machine.entities(server, "--all", "--max-items", "50")
        self.assertEqual((result.code, len(result.out.splitlines())), (255, 100), result)
        self.assertIn("IAM_ERR_PAGES", result.err)
        server.scenario([{"name": "busy", "do": {"status": 503, "code": "ServiceUnavailable"}}])
        result = machine.entities(server)
        self.assertEqual((result.code, result.stats["requests"]), (254, 2), result)
        self.assertRegex(result.err, r"request id [0-9a-f-]{13}\.\.\.\n")
        server.scenario(None)
        with sim("--job-polls", 6, "--entities", 130) as slow:
            result = machine.entities(slow, command=("entities", *ARN))
            self.check_list(result, 130)
            looks = [request["time"] for request in slow.requests()][1:8]  # behind the one that starts the job
            # By the defaults, which wait 1 s, 1.5 s, 2.3 s and so on, less a quarter by chance, no look comes so soon after
            # the fourth; here the quickest of them does, however busy the machine is.
            self.assertLess(min(after - before for before, after in zip(looks[3:6], looks[4:])), 1.5 + 0.5 * second, looks)


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 1))
