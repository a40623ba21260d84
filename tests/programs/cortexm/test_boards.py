#!/usr/bin/env python3
"""The image on the other rows of platform/cortexm/boards.cmake: test_boards.py [CLASS.TEST...]"""

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

    def test_m3(self):
        self.board("mps2-an385")

    def test_m7(self):
        self.board("mps2-an500")


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 2))
