#!/usr/bin/env python3
"""The engine on machines without anything, in QEMU: test_boards.py [CLASS.TEST...]

boards.c is built for each (CMakeLists.txt) and runs there and on this machine: what it says is the same to the byte.
It holds every reply body to botocore's verdict itself; here botocore signs its requests again.
TINYIAM_BOARDS_HOST: the program for this machine (build/host/tests/laws/laws_boards)."""

import os
import re
import subprocess
import unittest
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
HOST = os.environ.get("TINYIAM_BOARDS_HOST", os.path.join(ROOT, "build", "host", "tests", "laws", "laws_boards"))
MBEDTLS = os.environ.get("MBEDTLS_SOURCE_DIR", os.path.join(ROOT, "build", "deps", "mbedtls36"))
HANGS = 1200  # seconds
RAM = 16 * 1024
KEYS = botocore.credentials.Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEXAMPLETOKEN==")


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=HANGS, check=False)
    return done.returncode, done.stdout, done.stderr


def signed_again(request):
    """The Authorization field that botocore makes of a request."""
    head, body = request.split("\r\n\r\n", 1)
    line, *fields = head.split("\r\n")
    fields = dict(field.split(": ", 1) for field in fields)
    scope, names = re.search(r"Credential=[^/]+/(\S+), SignedHeaders=([^,]+)", fields["Authorization"]).groups()
    _, region, service, _ = scope.split("/")
    signed = {name: value for name, value in fields.items() if name.lower() in names.split(";")}
    again = botocore.awsrequest.AWSRequest(line.split(" ")[0], f"https://{fields['Host']}/", signed, body)
    again.context["timestamp"] = fields["X-Amz-Date"]
    auth = botocore.auth.SigV4Auth(KEYS, service, region)
    text = auth.string_to_sign(again, auth.canonical_request(again))
    return fields["Authorization"], re.sub("Signature=.*", "Signature=" + auth.signature(text, again), fields["Authorization"])


class Here(unittest.TestCase):
    """What the program says, on this machine."""

    @classmethod
    def setUpClass(cls):
        cls.code, cls.out, _ = run(HOST)
        cls.parts = dict(part.split("\n", 1) for part in cls.out.split("== ")[1:])

    def requests(self, part):
        return [urllib.parse.unquote(line.split(" ", 1)[1], errors="strict")
                for line in self.parts[part].splitlines() if line.startswith("request ")]

    def test_cases(self):
        self.assertEqual(self.code, 0)
        self.assertRegex(self.out, r"\ncases (9\d|\d{3,}), wrong 0\n\Z")

    def test_list(self):
        names = re.findall(r"\|Name=(\w+)", self.parts["list"]), re.findall(r"\|Name=(\w+)", self.parts["list, from a checkpoint"])
        self.assertEqual(names, (["n0", "n1", "n2", "n3", "n4"], ["n3", "n4"]))
        markers = [urllib.parse.parse_qs(r.split("\r\n\r\n")[1]).get("Marker") for r in self.requests("list")]
        self.assertEqual(markers, [None, None, ["page+2/=&A"], ["page+2/=&A"], ["page 3"]])

    def test_audit(self):
        rows = re.findall(r"^of (\w+) item.*?(?:Name=|ServiceName=)([\w%]+)", self.parts["audit"], re.M)
        self.assertEqual(rows, [("s3", "Amazon%20S3"), ("iam", "AWS%20IAM"), ("kms", "AWS%20KMS"), ("s3", "n0"), ("s3", "n1"),
                                ("kms", "n2")])

    def test_damaged(self):
        """One bit of a page is another: noticed most of the time; otherwise both entities came."""
        runs = re.findall(r"((?:item.*\n)*)(?:report.*\n)?(ok|refused.*|service.*)\n", self.parts["damaged"])
        whole = [items.count("item") for items, end in runs if end == "ok"]
        self.assertEqual(whole, [2] * len(whole))
        self.assertGreater(len(whole), 20)
        self.assertGreater(len(runs), 2 * len(whole))

    def test_signatures(self):
        requests = [r for part in ("list", "list, from a checkpoint", "audit") for r in self.requests(part)]
        self.assertEqual(len(requests), 12)
        for request in requests:
            sent, again = signed_again(request)
            self.assertEqual(sent, again)


class Boards(unittest.TestCase):
    maxDiff = 2000

    def board(self, name, tools, qemu):
        build = os.path.join(ROOT, "build", "boards", name)
        for command in (["-S", HERE, "-B", build, f"-DBOARD={name}", f"-DMBEDTLS_SOURCE_DIR={MBEDTLS}", "-DTINYIAM_WERROR=ON"],
                        ["--build", build, "-j", "2", "--target", "boards", "tinyiam_core"]):
            code, out, err = run("cmake", *command)
            self.assertEqual(code, 0, out[-3000:] + err[-3000:])
        code, out, err = run("/usr/bin/python3", os.path.join(ROOT, "tests/static/symbols.py"), tools,
                             os.path.join(build, "tinyiam", "libtinyiam_core.a"))
        self.assertEqual(code, 0, out + err)
        image = os.path.join(build, "boards.elf")
        text, data, bss = map(int, run(tools + "size", image)[1].splitlines()[1].split()[:3])
        code, out, err = run(*qemu, "-M", name, "-display", "none", "-monitor", "none", "-serial", "none", "-kernel", image,
                             "-semihosting-config", "enable=on,target=native")
        self.assertEqual(code, 0, err[-500:] + out[-500:])
        self.assertEqual(out, run(HOST)[1])
        peak, size = map(int, re.search(r"^stack (\d+) of (\d+)$", err, re.M).groups())
        self.assertLess(peak, size)
        print(f"{name}: {text:,} bytes of code and constants; of {RAM:,} bytes of RAM {RAM - data - bss:,} are left beside "
              f"variables, buffers and a stack of {size:,}, of which {peak:,} were used", flush=True)

    def test_cortex_m0plus(self):
        """QEMU's Cortex-M0: Armv6-M is both."""
        self.board("microbit", "arm-none-eabi-", ["qemu-system-arm"])

    def test_cortex_m33(self):
        self.board("mps2-an505", "arm-none-eabi-", ["qemu-system-arm"])

    def test_riscv(self):
        """rv32imac, without a C library."""
        self.board("virt", "riscv64-unknown-elf-", ["qemu-system-riscv32", "-bios", "none"])

    def test_xtensa(self):
        """The ESP8266's CPU, without a C library; -semihosting is the simulator's own way out."""
        self.board("sim", "xtensa-lx106-elf-", ["qemu-system-xtensa", "-cpu", "lx106", "-semihosting"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
