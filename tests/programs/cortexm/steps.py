"""The longest call of the TLS stream, which is the longest of iam_step(), in millions of instructions of a Cortex-M4.

    steps.py               measures and prints
    steps.py --markdown    the same as a table for README.md

QEMU counts them (-icount shift=0: an instruction is 1 ns), and probe.c prints the longest call in milliseconds.
Chains of certificates: the simulator's, which take two checks of a signature; others as servers
have them; the worst that whoever answers can make up within the limits of tinyiam/port_tls.h (five
certificates on P-384, each of which names a root that is trusted, and is signed by the next one instead); and
a key with a public exponent of 4,095 bits. "small steps": the image built with -DCORTEXM_ECP_OPS=250.

tests/size_budget.csv holds the rows "image step" of the profile "steps"; test_steps.py.
"""

import csv
import fcntl
import os
import ssl
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from case import BUILD, ROOT, STATE, configured, folder, sim  # noqa: E402
from machine import Machine, asked  # noqa: E402
from test_tls import NAMES, Terminator, certificates, make_chains  # noqa: E402

SMALL, SMALL_OPTIONS = ("TLS13",), ("-DCORTEXM_ECP_OPS=250",)
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def certified(name, make):
    """The certificates that make(folder) makes, once: by one at a time, other steps and threads wait."""
    path = os.path.join(STATE, name)
    os.makedirs(STATE, exist_ok=True)
    with open(path + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(path, "done")):
            make(path)
            with open(os.path.join(path, "done"), "w", encoding="ascii"):
                pass
    return path


def make_worst(path):
    """worst.pem, which leads nowhere, and root.crt, whose name it has all over."""
    maker = certificates.Maker(path)
    maker.key("root", "secp384r1")
    maker.sign("root", None, "root", certificates.ROOT, subject="/CN=root")
    for name in ("worst", "1", "2", "3", "4"):
        maker.key(name, "secp384r1")
    maker.sign("4", None, "4", certificates.ROOT, subject="/CN=root")
    for name in ("3", "2", "1"):
        maker.sign(name, str(int(name) + 1), name, certificates.ROOT, subject="/CN=root")
    maker.sign("worst", "1", "worst", certificates.SERVER[:3] + [NAMES], subject="/CN=server")
    maker.put("worst.pem", "".join(maker.get(f"{name}.crt") for name in ("worst", "1", "2", "3", "4")))


def make_exponent(path):
    """exponent.pem, sent by somebody who has no key of it, under a root that has nothing to do with it."""
    maker = certificates.Maker(path)
    for name, kind in (("root", "rsa2048"), ("1", "rsa4096"), ("exponent", "rsa2048")):
        maker.key(name, kind)
    maker.sign("root", None, "root", certificates.ROOT)
    maker.sign("1", "root", "1", certificates.ROOT)
    maker.sign("exponent", "1", "exponent", certificates.SERVER[:3] + [NAMES], subject="/CN=server")
    maker.put("exponent.pem", maker.get("exponent.crt") +
              certificates.made_up(maker.get("1.crt"), exponent=4095))


def counted(machine, server, ca, opens=True):
    """Millions of instructions of the longest call of one connection and its reply."""
    result = machine.run("connect", ca, target="probe", port=server.port, more=("-icount", "shift=0"))
    if ("\nopen -" in result.err) == opens or "\nstep " not in result.err:
        raise RuntimeError(str(result))
    return int(result.err.split("\nstep ")[1].split()[0])


def measure(machine, versions=("1.2", "1.3"), rsa=True, suffix=""):
    """{name: millions}"""
    found = {}
    for version in versions:
        title = f"TLS {version}, %s{suffix}"
        for kind in ("ECDSA", "RSA")[:1 + rsa]:
            with sim("--entities", 100, "--cert-kind", kind.lower(), "--tls-min", version, "--tls-max",
                     version) as server:
                found[title % kind] = counted(machine, server, server.ca)
        with sim("--entities", 100, "--plain") as server:
            for what, make, name, root, opens in CHAINS if rsa else CHAINS[1:3]:
                path = certified(make.__name__, make)
                with Terminator(path, name, VERSIONS[version], server.port) as front:
                    found[title % what] = counted(machine, front, os.path.join(path, root), opens)
    return found


CHAINS = (("chain of 4, RSA 4096", make_chains, "rsa4096", "rsa4096-root.crt", True),
          ("chain of 3, P-384", make_chains, "p384", "p384-root.crt", True),
          ("made up, five of P-384", make_worst, "worst", "root.crt", False),
          ("made up, exponent of 4,095 bits", make_exponent, "exponent", "root.crt", False))


def measure_all():
    machine = Machine(BUILD)
    machine.make()
    small = configured(folder("small-steps"), *SMALL, options=SMALL_OPTIONS)
    return {**measure(machine), **measure(small, ("1.2",), False, "; small steps")}


def limits():
    with open(os.path.join(ROOT, "tests", "size_budget.csv"), encoding="utf-8") as f:
        rows = csv.DictReader(line for line in f if line.strip() and not line.startswith("#"))
        return {row["name"]: int(row["limit"]) for row in rows if row["profile"] == "steps"}


def main():
    markdown = asked(__doc__).markdown
    found, most = measure_all(), limits()
    if markdown:
        print("| longest step, in millions of instructions | Cortex-M4 | at most |\n|---|---:|---:|")
    for name, millions in found.items():
        print(f"| {name} | {millions} | {most.get(name, '')} |" if markdown else
              f"{name:50} {millions:4} {most.get(name, ''):4}")


if __name__ == "__main__":
    main()
