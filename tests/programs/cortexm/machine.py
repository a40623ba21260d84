"""Builds the images of platform/cortexm and runs them in QEMU. As a program: machine.py TARGET... builds."""

import argparse
import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
PLATFORM = os.path.join(ROOT, "platform", "cortexm")
sys.path.insert(0, os.path.join(ROOT, "tests", "lab", "sim"))
from client import ACCESS_KEY, FIXED_JOB, SECRET_KEY  # noqa: E402

COMMAND = "get-service-last-accessed-details-with-entities"
HANGS = 1200  # seconds: no run that works takes as long on any machine


class Result:
    """What a run left: exit code, both outputs as text, and --stats if it was asked for."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        lines = [line for line in err.splitlines() if line.startswith("{")]
        self.stats = json.loads(lines[-1]) if lines else {}

    def __repr__(self):
        return f"exit {self.code}, stdout {self.out[-300:]!r}, stderr {self.err[-600:]!r}"


class Machine:
    """One build: `options` are -D options of platform/cortexm/CMakeLists.txt."""

    def __init__(self, build, *options, board="mps2-an386", mbedtls="mbedtls36"):
        self.build, self.board = os.path.abspath(build), board
        sources = os.environ.get("TINYIAM_DEPS", os.path.join(ROOT, "build", "deps"))
        self.mbedtls = os.environ.get("MBEDTLS_SOURCE_DIR", os.path.join(sources, mbedtls))
        self.lwip = os.environ.get("LWIP_SOURCE_DIR", os.path.join(sources, "lwip"))
        if not os.path.isdir(self.mbedtls) or not os.path.isdir(self.lwip):
            subprocess.run([os.path.join(ROOT, "tests", "deps", "fetch"), sources, mbedtls, "lwip"],
                           check=True)
        os.makedirs(self.build, exist_ok=True)
        self.made = set()
        self.relay = os.path.join(self.build, "relay")
        with self._alone():
            # a configuration that somebody ran in this folder (TINYIAM_CONFIG=FILE platform/cortexm/run) is forgotten
            self._quiet("cmake", "-S", PLATFORM, "-B", self.build, f"-DCORTEXM_BOARD={board}",
                        f"-DMBEDTLS_SOURCE_DIR={self.mbedtls}", f"-DLWIP_SOURCE_DIR={self.lwip}",
                        "-DTINYIAM_CONFIG=", "-DTINYIAM_WERROR=ON", *options)
            # a machine of another step may be running the relay: it is replaced, never written over
            self._quiet("cc", "-O2", "-o", self.relay + ".new", os.path.join(PLATFORM, "relay.c"))
            os.replace(self.relay + ".new", self.relay)

    @contextlib.contextmanager
    def _alone(self):
        """Steps that run at the same time share a folder: one builds, the others wait."""
        with open(os.path.join(self.build, ".lock"), "w", encoding="ascii") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            yield

    @staticmethod
    def _quiet(*command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-4000:]}")

    def make(self, target="tinyiam_cortexm"):
        if target not in self.made:
            with self._alone():
                self._quiet("cmake", "--build", self.build, "-j", "2", "--target", target)
            self.made.add(target)
        return os.path.join(self.build, target + ".elf")

    def map(self, target="tinyiam_cortexm"):
        return os.path.join(self.build, target + ".map")

    def command(self, target, port=None, more=(), hub=None, iot=None):
        """hub: a UDP port on loopback that shares the machine's Ethernet; iot: a port of its own number."""
        net = "user,restrict=on,id=user0"
        if iot:
            net += f",guestfwd=tcp:10.0.2.100:{iot}-cmd:'{self.relay}' 127.0.0.1 {iot}"
        if port:
            net += f",guestfwd=tcp:10.0.2.100:443-cmd:'{self.relay}' 127.0.0.1 {port}"
        nic = ["-nic", net]
        if hub:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
                free.bind(("127.0.0.1", 0))
                own = free.getsockname()[1]
            nic = ["-netdev", net, "-netdev", "hubport,hubid=0,id=h0,netdev=user0",
                   "-netdev", f"socket,id=s0,udp=127.0.0.1:{hub},localaddr=127.0.0.1:{own}",
                   "-netdev", "hubport,hubid=0,id=h1,netdev=s0", "-nic", "hubport,hubid=0"]
        return ["qemu-system-arm", "-M", self.board, "-display", "none", "-monitor", "none", "-serial",
                "none", "-kernel", self.make(target), "-semihosting-config",
                "enable=on,target=native,arg=tinyiam,arg=@/dev/stdin", *nic, *more]

    def run(self, *words, target="tinyiam_cortexm", port=None, more=(), timeout=HANGS, hub=None, iot=None,
            meanwhile=None):
        """Runs an image with these words on its command line. meanwhile(process, line) is called once, with
        the first line that it prints."""
        data = b"".join(str(w).encode() + b"\0" for w in words)
        # unbuffered: what has come behind the first line is communicate()'s
        with subprocess.Popen(self.command(target, port, more, hub, iot), stdin=subprocess.PIPE, bufsize=0,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                first = b""
                if meanwhile:
                    process.stdin.write(data)
                    process.stdin.close()
                    process.stdin, data = None, None
                    first = process.stdout.readline()
                    meanwhile(process, first)
                out, err = process.communicate(data, timeout)
            finally:
                process.kill()
        return Result(process.returncode, (first + out).decode(), err.decode(errors="replace"))

    def entities(self, sim, *flags, env=(), ca=None, command=(COMMAND, "--job-id", FIXED_JOB), **options):
        """The firmware's command against a simulator."""
        return self.run("BOARD_FIXED_HOST=10.0.2.100", f"AWS_ACCESS_KEY_ID={ACCESS_KEY}",
                        f"AWS_SECRET_ACCESS_KEY={SECRET_KEY}", "AWS_REGION=us-east-1", *env, *command,
                        "--service-namespace", "iam", "--output", "jsonl",
                        "--ca-bundle", ca or sim.ca, "--stats", *flags, port=sim.port, **options)


def asked(doc, names=()):
    """What a measuring program is asked: --markdown, and some of these names. A slip is an error, not minutes of measuring."""
    parser = argparse.ArgumentParser(description=doc, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markdown", action="store_true")
    if names:
        parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    options = parser.parse_args()
    for name in options.names if names else ():
        if name not in names:
            parser.error(f"no '{name}'; there are {', '.join(names)}")
    return options


if __name__ == "__main__":
    if not sys.argv[1:] or any(word.startswith("-") for word in sys.argv[1:]):
        print("machine.py TARGET...: builds images of the firmware in build/cortexm-mps2-an386, or in the folder CORTEXM_BUILD",
              file=sys.stdout if "--help" in sys.argv else sys.stderr)
        sys.exit(0 if "--help" in sys.argv else 2)
    machine = Machine(os.environ.get("CORTEXM_BUILD", os.path.join(ROOT, "build", "cortexm-mps2-an386")))
    for word in sys.argv[1:]:
        machine.make(word)
