#!/usr/bin/env python3
"""The firmware's RAM profiles (configs/ram-*.config): what each takes, and which chains of certificates it holds.

    profiles.py [PROFILE...]   measures and prints, and fails where something is over its budget
    profiles.py --markdown     the same as tables for platform/cortexm/README.md

Each reads 1,000 entities from servers whose chains are: the simulator's (the server's certificate and one above it) on
P-256 and on RSA 2048; as Amazon sends them, four certificates of RSA 2048, with the long certificate of a server of
many names; and those of test_tls.py. A chain that does not fit has to end with IAM_ERR_TLS_MEMORY, before a request.
tests/size_budget.csv holds the rows of the profile "profiles"; test_profiles.py."""

import concurrent.futures
import csv
import os
import re
import ssl
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from case import BUILD, ROOT, folder, sim  # noqa: E402
from machine import Machine, asked  # noqa: E402
from sizes import sizes  # noqa: E402
from steps import certified  # noqa: E402
from test_tls import NAMES, Terminator, certificates, make_chains  # noqa: E402

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def make_amazon(path):
    """amazon.pem: four certificates, as the endpoints of AWS send them. amazon-root.crt is what a bundle has under the
    third one's name; starfield-root.crt is above the fourth, for whoever trusts nothing newer."""
    maker = certificates.Maker(path)
    for name in ("starfield-root", "starfield", "amazon-root", "middle", "amazon"):
        maker.key(name, "rsa2048")
    subject = "/C=US/O=Example Authority, Inc./CN=Example Services Root Certificate Authority - {}".format
    maker.sign("starfield-root", None, "starfield-root", certificates.ROOT, subject=subject("C2"))
    maker.sign("starfield", "starfield-root", "starfield", certificates.ROOT, subject=subject("G2"))
    maker.sign("crossed", "starfield", "amazon-root", certificates.ROOT, subject=subject("1"))
    maker.sign("amazon-root", None, "amazon-root", certificates.ROOT, subject=subject("1"))
    maker.sign("middle", "amazon-root", "middle", certificates.ROOT, subject=subject("M01"))
    many = ", ".join(f"DNS:service-{number}.us-east-1.vpce.amazonaws.com" for number in range(12))
    maker.sign("amazon", "middle", "amazon", [*certificates.SERVER[:3], f"{NAMES}, {many}"],
               subject="/CN=iam.amazonaws.com")
    maker.put("amazon.pem", "".join(maker.get(f"{name}.crt") for name in ("amazon", "middle", "crossed", "starfield")))


# title: who makes it, its name, the root that is trusted; None: the simulator's. What takes most is last.
CHAINS = {
    "P-384, 2 sent": (make_chains, "p384", "p384-root"),
    "P-256, 2 sent": None,
    "RSA 2048, 2 sent": None,
    "RSA 2048 and P-384, 3 sent": (make_chains, "mixed", "mixed-root"),
    "as Amazon sends it: RSA 2048, 4 sent": (make_amazon, "amazon", "amazon-root"),
    "the same, the oldest root alone trusted": (make_amazon, "amazon", "starfield-root"),
    "RSA 4096, 3 sent": (make_chains, "rsa4096", "rsa4096-root"),
}
P384, P256, RSA, MIXED, AMAZON, OLDEST, LARGE = CHAINS
BOTH, OLD = ("1.2", "1.3"), ("1.2",)

# What each promises to hold, by which versions of TLS.
PROFILES = {
    "default": dict.fromkeys(CHAINS, BOTH),
    "ram-59k": {title: BOTH for title in CHAINS if title != LARGE},
    "ram-52k": {P384: BOTH, P256: BOTH, RSA: OLD, MIXED: OLD},
    "ram-50k": {title: OLD for title in CHAINS if title != LARGE},
    "ram-47k": {title: OLD for title in (P384, P256, RSA, MIXED)},
}


def lines_of(profile):
    """{option: value} of its fragment; what is off is None."""
    with open(os.path.join(ROOT, "configs", profile + ".config"), encoding="ascii") as f:
        found = re.findall(r"^(?:# )?CONFIG_TINYIAM_(\w+)(?: is not set|=(.*))$", f.read(), re.M)
    return {name: value or None for name, value in found}


def versions_of(profile):
    return ("1.2",) if "TLS13" in lines_of(profile) else ("1.2", "1.3")


def machine_of(profile):
    """Of the default it is the image that all tests use. The others share two folders, in which mbedTLS is compiled
    once: what was built last is what runs."""
    if profile == "default":
        machine = Machine(BUILD)
    else:
        machine = Machine(folder("profiles-" + "-".join(versions_of(profile))),
                          f"-DTINYIAM_CONFIG={ROOT}/configs/{profile}.config")
    machine.make()
    return machine


def read_list(machine, title, version):
    """(the run's result, entities that there are) with this chain."""
    if CHAINS[title] is None:
        with sim("--entities", 1000, "--cert-kind", "ecdsa" if "P-256" in title else "rsa", "--tls-min", version,
                 "--tls-max", version) as server:
            return machine.entities(server, "--all", "--max-items", "250"), 1000
    make, name, root = CHAINS[title]
    path = certified(make.__name__, make)
    # every page on a connection of its own, with a full handshake while the session of the one before is kept
    hangs_up = [{"name": "close", "do": {"connection": "close"}}]
    with sim("--entities", 40, "--plain", scenario=hangs_up) as behind, \
            Terminator(path, name, VERSIONS[version], behind.port) as front:
        front.context.options |= ssl.OP_NO_TICKET
        front.context.num_tickets = 0
        return machine.entities(front, "--all", "--max-items", "20", ca=os.path.join(path, root + ".crt")), 40


def does_not_fit(result):
    return (result.code, result.out) == (255, "") and "IAM_ERR_TLS_MEMORY" in result.err and \
        "the arena is too small" in result.err


def all_cases(profile):
    return [(title, version) for title in CHAINS for version in versions_of(profile)]


def edges(profile):
    """Fewer that tell as much: the whole lists, the largest chain that is held by each version, and what is not held."""
    kept = {}
    for title, version in all_cases(profile):
        if version in PROFILES[profile].get(title, ""):
            kept[version] = title
    return [(title, version) for title, version in all_cases(profile)
            if CHAINS[title] is None or kept[version] == title or version not in PROFILES[profile].get(title, "")]


def measure(profile, cases):
    """({what: bytes}, {(chain, version): most bytes of the arena, or None: it does not fit})"""
    machine, held = machine_of(profile), {}
    row = sizes(machine.map())["all"]
    found = {"flash": row["flash"], "ram": row["ram"], "stack": 0, "lwip": 0}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for case, (result, count) in zip(cases, pool.map(lambda case: read_list(machine, *case), cases)):
            if result.code == 0 and len(result.out.splitlines()) == count and not result.stats["lwip_failed"]:
                held[case] = result.stats["arena_peak"]
            elif does_not_fit(result):
                held[case] = None
            else:
                raise RuntimeError(f"{profile}, {case}: {result}")
            found["stack"] = max(found["stack"], result.stats["stack_peak"])
            found["lwip"] = max(found["lwip"], result.stats["lwip_peak"])
    found["arena"] = max(peak for peak in held.values() if peak)
    return found, held


def limits():
    with open(os.path.join(ROOT, "tests", "size_budget.csv"), encoding="utf-8") as f:
        rows = csv.DictReader(line for line in f if line.strip() and not line.startswith("#"))
        return {(row["kind"], row["name"]): int(row["limit"]) for row in rows if row["profile"] == "profiles"}


def wrong(profile, found, held):
    """What is over its budget, or not held though it is promised, or held though it is said not to be."""
    most = limits()
    out = []
    for what, size in found.items():
        limit = most.get((f"profile {what}", profile))
        if limit is None or size > limit:
            out.append(f"{profile}, {what}: {size}, budget {limit}")
    for (title, version), peak in held.items():
        if (peak is not None) != (version in PROFILES[profile].get(title, "")):
            out.append(f"{profile}, {title}, TLS {version}: {'held' if peak else 'not held'}")
    return out


def cell(profile, held, title):
    kept = [version for version in versions_of(profile) if held[title, version] is not None]
    return "no" if not kept else "yes" if len(kept) == len(versions_of(profile)) else f"TLS {kept[0]}"


def markdown(measured):
    names = list(measured)
    print(f"| | {' | '.join(f'`{name}`' for name in names)} |\n|---|{'---:|' * len(names)}")
    for what, key in (("RAM in all", "ram"), ("flash", "flash"), ("stack, most in use", "stack")):
        print(f"| {what} | {' | '.join(f'{measured[name][0][key]:,}' for name in names)} |")
    print(f"| TLS | {' | '.join(' and '.join(versions_of(name)) for name in names)} |")
    for title in CHAINS:
        print(f"| {title} | {' | '.join(cell(name, measured[name][1], title) for name in names)} |")


def main():
    options = asked(__doc__, list(PROFILES))
    measured, bad = {}, []
    for profile in options.names or PROFILES:
        found, held = measured[profile] = measure(profile, all_cases(profile))
        bad += wrong(profile, found, held)
        if options.markdown:
            continue
        print(profile + ": " + ", ".join(f"{what} {size:,}" for what, size in found.items()))
        for (title, version), peak in held.items():
            print(f"    {title}, TLS {version}: {f'{peak:,} of the arena' if peak else 'does not fit'}", flush=True)
    if options.markdown:
        markdown(measured)
        return 0
    print("\n".join(bad + [f"{len(measured)} profiles, {len(bad)} faults"]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
