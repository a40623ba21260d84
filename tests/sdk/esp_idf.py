"""The component on ESP-IDF: IDF_PATH names it, as after its export.sh. Nothing is downloaded.

linux: the example lists and is broken off in the middle, makes an audit, and refuses an unknown authority; the example in
C++; the unit tests of core/. What an audit must come to says the simulator's account, not a recorded text."""

import collections
import datetime
import json
import os
import re
import shutil
import socket
import subprocess
import sys

from harness import (ACCESS_KEY, OUT, ROOT, SECRET_KEY, STATE, Sim, lists, quiet, refuses, simulator, tell, watch)

EXAMPLES = os.path.join(ROOT, "platform/esp_idf/examples")
ACCOUNT = "users=12,groups=2,roles=8,policies=4,services=20,used=6,entities=5"
SHOWN = re.compile(r"^I \(\d+\) (?:last_accessed|services): (.*)$", re.M)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def idf_version(base):
    with open(os.path.join(base, "tools/cmake/version.cmake"), encoding="utf-8") as f:
        return ".".join(re.findall(r"IDF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", f.read()))


def idf_build(base, target, what, source, defaults):
    """The image, or None. A folder for each version: a CMake cache of another one breaks the configuration."""
    build = os.path.join(OUT, f"esp-idf-{idf_version(base)}-{target}-{what}")
    os.makedirs(build, exist_ok=True)
    own = os.path.join(build, "defaults")
    with open(own, "w", encoding="utf-8") as f:
        f.write("".join(line + "\n" for line in defaults))
    if os.path.exists(os.path.join(build, "sdkconfig")):
        os.remove(os.path.join(build, "sdkconfig")) # defaults are read only where there is none
    options = [f"-DIDF_TARGET={target}", "-DPYTHON_DEPS_CHECKED=1", f"-DSDKCONFIG={build}/sdkconfig",
               f"-DSDKCONFIG_DEFAULTS={source}/sdkconfig.defaults;{own}"]
    if "IDF_PYTHON_ENV_PATH" not in os.environ:
        options.append("-DPYTHON=/usr/bin/python3")
    env = {**os.environ, "IDF_COMPONENT_MANAGER": "0", "IDF_TARGET": target,
           "ESP_IDF_VERSION": ".".join(idf_version(base).split(".")[:2])}
    if shutil.which("ccache"): # the same sources are compiled for every image
        options.append("-DCCACHE_ENABLE=1")
        env.setdefault("CCACHE_DIR", os.path.join(OUT, "ccache"))
        env.update(CCACHE_BASEDIR=ROOT, CCACHE_NOHASHDIR="1")
    broken = (quiet(build + "/configure.log", "cmake", "-G", "Ninja", "-S", source, "-B", build, *options, env=env)
              or quiet(build + "/build.log", "ninja", "-C", build, "-j", "2", env=env))
    if not tell(f"{target}, {what}: builds", broken):
        return None
    with open(os.path.join(build, "project_description.json"), encoding="utf-8") as f:
        return os.path.join(build, json.load(f)["app_elf"])


def settings(endpoint, ca, *more):
    return [f'CONFIG_EXAMPLE_ENDPOINT="{endpoint}"', f'CONFIG_EXAMPLE_ACCESS_KEY_ID="{ACCESS_KEY}"',
            f'CONFIG_EXAMPLE_SECRET_ACCESS_KEY="{SECRET_KEY}"', "CONFIG_MBEDTLS_CERTIFICATE_BUNDLE_DEFAULT_NONE=y",
            "CONFIG_MBEDTLS_CUSTOM_CERTIFICATE_BUNDLE=y", f'CONFIG_MBEDTLS_CUSTOM_CERTIFICATE_BUNDLE_PATH="{ca}"', *more]


def policy_of_account():
    """The policy of the simulator's account through which most services were used."""
    out = subprocess.run(["/usr/bin/python3", os.path.join(ROOT, "tests/lab/sim/sim.py"), "--account", ACCOUNT,
                          "--print-account"], stdout=subprocess.PIPE, check=True)
    every = [json.loads(line) for line in out.stdout.splitlines()]
    return max((item for item in every if item.get("Type") == "POLICY"),
               key=lambda item: sum("LastAuthenticated" in s for s in item["Services"]))


def when(item):
    text = item.get("LastAuthenticated")
    return datetime.datetime.fromisoformat(text).isoformat() if text else "never"


def used(item):
    return [s for s in item["Services"] if "LastAuthenticated" in s]


def audits(item, text):
    """The console shows each service that was used, once, and each of its entities."""
    services = used(item)
    entities = [(s, e) for s in services for e in s["Entities"]]
    wanted = [f"{s['ServiceNamespace']}: {s['LastAuthenticatedEntity']} {when(s)}" for s in services]
    wanted += [f"{s['ServiceNamespace']}: {e['Arn']} {when(e)}" for s, e in entities]
    users = sum("LastAuthenticated" in e for _, e in entities)
    end = f"complete: {len(item['Services'])} services, {len(services)} used; by {users} of {len(entities)} entities"
    good = collections.Counter(SHOWN.findall(text)) == collections.Counter(wanted) and end in text
    if tell(f"linux, audit: {len(services)} services that were used through one policy, {len(entities)} entities",
            None if good else f"wanted {end}, the console ends in\n{text[-1500:]}"):
        print(f"       console: {SHOWN.findall(text)[0]}\n                {end}")


def services_of(item, text):
    """The C++ example shows every service, in order."""
    wanted = [f"{s['ServiceNamespace']} {when(s)} {s.get('LastAuthenticatedEntity', '')}" for s in item["Services"]]
    wanted.append(f"complete: {len(item['Services'])} services, {len(used(item))} used")
    if tell(f"linux, C++: the {len(item['Services'])} services of one policy",
            None if SHOWN.findall(text) == wanted else f"the console ends in\n{text[-1500:]}"):
        print(f"       console: {SHOWN.findall(text)[-1]}")


def console(image, seconds=120):
    return COLOUR.sub("", watch([image], None, seconds)[0])


def account_simulator(port):
    return Sim("--account", ACCOUNT, "--job-polls", 2, "--port", port, state_dir=STATE)


def linux(base):
    with socket.socket() as s: # the endpoint is a setting of the build
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    endpoint, example, item = f"localhost:{port}", os.path.join(EXAMPLES, "last_accessed"), policy_of_account()
    arn = f'CONFIG_EXAMPLE_ARN="{item["Arn"]}"'
    with simulator("--port", port) as sim:
        image = idf_build(base, "linux", "last_accessed", example, settings(
            endpoint, sim.ca, "CONFIG_EXAMPLE_POLL_SECONDS=1", "CONFIG_TINYIAM_CREDS=y", "CONFIG_EXAMPLE_RESET_AFTER=120"))
        if image: # broken off at 120, the last checkpoint was at 100
            lists("linux, list broken off after 120", console(image), repeated=20)
    if image:
        with simulator("--port", port, "--bad-cert", "unknown-ca") as sim:
            refuses("linux", console(image))
    with account_simulator(port) as sim:
        image = idf_build(base, "linux", "audit", example, settings(
            endpoint, sim.ca, "CONFIG_EXAMPLE_POLL_SECONDS=1", "CONFIG_EXAMPLE_AUDIT=y", arn))
        if image:
            audits(item, console(image))
        image = idf_build(base, "linux", "services_cpp", os.path.join(EXAMPLES, "services_cpp"),
                          settings(endpoint, sim.ca, arn))
        if image:
            services_of(item, console(image))
    if image:
        with simulator("--port", port, "--bad-cert", "unknown-ca") as sim:
            refuses("linux, C++", console(image))
    units(base)


def units(base):
    """The programs of tests/core/unit, in one image."""
    image = idf_build(base, "linux", "unit_tests", os.path.join(ROOT, "tests/sdk/unit_esp_idf"), [])
    if not image:
        return
    text = console(image, 900)
    programs = re.findall(r"^\w+: (\d+) passed, 0 failed$", text, re.M)
    if tell("linux, unit tests of core/", None if "unit tests: all passed" in text else f"the console ends in\n{text[-2500:]}"):
        print(f"       {sum(map(int, programs))} tests of {len(programs)} programs")


def too_old_for(base):
    """What of this machine the SDK's own code needs newer, or None."""
    gcc = int(subprocess.run(["gcc", "-dumpversion"], stdout=subprocess.PIPE, text=True, check=True).stdout.split(".")[0])
    if gcc < 13 and int(idf_version(base).split(".")[0]) >= 6:
        return (f"gcc {gcc} does not compile nvs_partition_manager.cpp of ESP-IDF 6 itself: leave out TINYIAM_GROUND=none, "
                "then it is built in a Debian 13")
    return None


def run(targets):
    base = os.environ.get("IDF_PATH")
    if not base:
        sys.exit("tests/sdk/run: IDF_PATH is not set: the folder of ESP-IDF; see its export.sh")
    print(f"ESP-IDF {idf_version(base)} in {base}")
    compilers = {"esp32": "xtensa-esp32-elf-gcc", "esp32s3": "xtensa-esp32s3-elf-gcc",
                 "esp32c3": "riscv32-esp-elf-gcc"}
    for target in targets or ["linux", *compilers]:
        compiler = compilers.get(target)
        if target == "linux":
            old = too_old_for(base)
            if old:
                tell("linux", old)
            else:
                linux(base)
        elif compiler and not shutil.which(compiler) and not targets:
            print(f"not built: {target}, there is no {compiler} on the PATH")
        else:
            for example in ("last_accessed", "services_cpp"):
                idf_build(base, target, example, os.path.join(EXAMPLES, example), [])
