"""What the tests of the firmware share: the machine, simulators, and the list that has to arrive."""

import concurrent.futures
import datetime
import io
import json
import os
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from machine import FIXED_JOB, ROOT, Machine  # noqa: E402,F401
from client import Sim  # noqa: E402

BUILD = os.environ.get("CORTEXM_BUILD", os.path.join(ROOT, "build", "cortexm-mps2-an386"))
STATE = os.environ.get("CORTEXM_STATE", os.path.join(ROOT, "build", "cortexm-certificates"))
SIM = os.path.join(ROOT, "tests", "lab", "sim", "sim.py")


def sim(*options, **more):
    return Sim(*options, state_dir=STATE, **more)


def served(count):
    """The list as --output jsonl prints it, from the simulator's own mouth."""
    command = [sys.executable, SIM, "--entities", str(count), "--print-entities", "iam"]
    text = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def configured(build, *lines, options=(), **more):
    """The machine with an image of this configuration: NAME=VALUE, or NAME of what is off; -D options. In a folder that
    has been built before, mbedTLS is compiled again only where the versions of TLS change."""
    os.makedirs(build, exist_ok=True)
    fragment = os.path.join(build, "fragment.config")
    with open(fragment, "w", encoding="ascii") as f:
        f.write("\n".join(["CONFIG_TINYIAM=y", *(
            f"CONFIG_TINYIAM_{line}" if "=" in line else f"# CONFIG_TINYIAM_{line} is not set"
            for line in lines)]) + "\n")
    machine = Machine(build, f"-DTINYIAM_CONFIG={fragment}", *options, **more)
    machine.make()
    return machine


def folder(name):
    """Where a build of this name is."""
    return os.path.join(ROOT, "build", "cortexm-" + name)


class Firmware(unittest.TestCase):
    """Tests of the image in its usual form; `usual` False: they build their own."""

    usual = True

    @classmethod
    def setUpClass(cls):
        if cls.usual:
            cls.machine = Machine(BUILD)
            cls.machine.make()

    def works(self, machine, server, count=130):
        """The whole list, by this machine."""
        result = machine.entities(server, "--all", "--max-items", "100")
        self.check_list(result, count)
        return result

    def one_version(self, machine, low, other):
        """Works with the one, refuses the other before a request is sent."""
        for kind in ("ecdsa", "rsa"):
            with sim("--entities", 130, "--tls-min", low, "--tls-max", low, "--cert-kind", kind) as server:
                result = self.works(machine, server)
                self.assertLess(result.stats["stack_peak"], result.stats["stack_size"] - 256)
        with sim("--tls-min", other, "--tls-max", other) as foreign:
            result = machine.entities(foreign, "--max-attempts", "2")
            self.assertEqual((result.code, result.out), (255, ""), result)
            self.assertIn("IAM_ERR_TLS_VERSION", result.err)
            self.assertEqual((result.stats["connections"], foreign.requests()), (1, []))
        with sim("--bad-cert", "wrong-name", "--tls-min", low, "--tls-max", low) as bad:
            result = machine.entities(bad)
            self.assertEqual((result.code, result.out), (255, ""), result)
            self.assertIn("certificate was refused", result.err)

    def check_list(self, result, count):
        self.assertEqual(result.code, 0, result)
        self.check_lines(result, count, count)

    def check_lines(self, result, printed, count):
        """What was printed are this many of the list's, from its first on."""
        lines = result.out.splitlines()
        self.assertEqual(len(lines), printed, result)
        for line, entity in zip(lines, served(count)):
            got = json.loads(line)
            when = entity.get("LastAuthenticated")
            if when is not None:
                when = datetime.datetime.fromisoformat(when).isoformat()
            self.assertEqual(got, {**entity["EntityInfo"],
                                   **({"LastAuthenticated": when} if when else {})})
            self.assertEqual(list(got), [key for key in ("Arn", "Name", "Type", "Id", "Path",
                                                         "LastAuthenticated") if key in got])


def main(module, workers):
    """unittest's main, several tests at a time: they wait for time to pass more than they compute."""
    loader = unittest.defaultTestLoader
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    found = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    tests = list(flatten(found))
    began, failed = time.monotonic(), 0
    for cls in {type(test) for test in tests}:
        cls.setUpClass()
        cls.setUpClass = classmethod(lambda _: None)  # once is enough
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for test, (bad, seconds, text) in zip(tests, pool.map(run_one, tests)):
            failed += bad
            print(f"{test.id()}: {'FAILED' if bad else 'ok'}, {seconds:.1f} s\n{text if bad else ''}", end="",
                  flush=True)
    print(f"Ran {len(tests)} tests in {time.monotonic() - began:.1f} s\n")
    print(f"FAILED (failures={failed})" if failed else "OK")
    return 1 if failed or not tests else 0


def flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test


def run_one(test):
    """(failed, seconds, what unittest says)"""
    text, began = io.StringIO(), time.monotonic()
    result = unittest.TextTestRunner(stream=text, verbosity=0).run(unittest.TestSuite([test]))
    return (0 if result.wasSuccessful() else 1), time.monotonic() - began, text.getvalue()
