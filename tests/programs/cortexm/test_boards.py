#!/usr/bin/env python3
"""The image on the other rows of platform/cortexm/boards.cmake, and what stops the stack on each:
test_boards.py [CLASS.TEST...]"""

import sys

from case import Firmware, folder, main, sim
from machine import Machine


class Boards(Firmware):
    usual = False

    def board(self, name):
        machine = Machine(folder(name), board=name)
        machine.make()
        with sim("--entities", 130) as server:
            self.works(machine, server)
        self.stops(machine)

    def stops(self, machine):
        """A stack that runs over is stopped by its guard, not by the end of the board's memory: a fault of the MPU
        (MemManage, 4), or of the limit register (UsageFault, 6, STKOF)."""
        result = machine.run("overflow", target="probe")
        self.assertEqual(result.code, 255, result)
        fault = "4 cfsr 000000[0-9a-f]*[1-9a-f]" if machine.board != "mps2-an505" else "6 cfsr 00100000"
        self.assertRegex(result.err, rf"fault: exception 0000000{fault} .* \(stack overflow\)")

    def test_m3(self):
        self.board("mps2-an385")

    def test_m33(self):
        """Armv8-M, in the secure state that the board starts in."""
        self.board("mps2-an505")

    def test_m4_stack(self):
        self.stops(Machine(folder("mps2-an386")))

    def test_m7(self):
        self.board("mps2-an500")


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
