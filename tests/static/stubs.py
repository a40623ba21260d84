#!/usr/bin/python3
"""Stub compile: what is written for ESP-IDF and Zephyr against the small hand-written headers of stub/. It
catches typos, not API drift: tests/sdk builds with the real SDKs."""

import os
import re
import subprocess
import tempfile

import repo

WARN = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-fsyntax-only", "-Wno-sign-conversion")
COMPILERS = {".c": ("gcc", "-std=gnu11", "-Wshadow"), ".cpp": ("g++", "-std=gnu++20")}
IDF = "platform/esp_idf/examples/last_accessed/main"
IDF_CPP = "platform/esp_idf/examples/services_cpp/main"
ZEPHYR = "platform/zephyr/samples/last_accessed/src"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*<([^>"]+)>', re.M)
MINE = re.compile(r"(tinyiam|mbedtls|psa)/|zephyr/|esp_|nvs|freertos/|protocol_")
# Kconfig's values: text and numbers as the Kconfig files have them.
SETTINGS = re.compile(r"^ *config (SAMPLE_\w+|EXAMPLE_\w+)\n *(string|int) .*\n *default (.*)$", re.M)


def settings(root, path):
    return [f"-DCONFIG_{name}={value}" for name, _, value in SETTINGS.findall(repo.read(root, path))]


def stand_ins(folder, stub, sources):
    """For every header of the SDK that the sources include, one that is the stub."""
    for text in sources:
        for name in INCLUDE.findall(text) + re.findall(r"__has_include\(<([^>]+)>\)", text):
            if MINE.match(name) and not name.startswith(("tinyiam/", "mbedtls/", "psa/")):
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as f:
                    f.write(f'#include "{stub}"\n')
    with open(os.path.join(folder, "roots.pem.inc"), "w", encoding="utf-8") as f:
        f.write("0\n")


def compile_(root, paths, stub, *options):
    out = []
    with tempfile.TemporaryDirectory() as folder:
        stand_ins(folder, os.path.join(root, "tests/static/stub", stub),
                  [repo.read(root, p) for p in paths + repo.files(root, IDF, ZEPHYR, ends=(".h",))] +
                  [repo.read(root, "port/sockets_api.h")])
        for path in paths:
            run = subprocess.run([*COMPILERS[os.path.splitext(path)[1]], *WARN, f"-I{folder}", *options, f"-I{root}/core/include", f"-I{root}/port",
                                  f"-I{root}/port/include", os.path.join(root, path)],
                                 capture_output=True, text=True, check=False)
            if run.returncode:
                out.append(f"{path} {' '.join(o for o in options if 'STUB' in o)}\n{run.stderr.rstrip()}")
    return out


def fails(root, path, stub, message, *options):
    broken = compile_(root, [path], stub, *options)
    return [] if broken and message in broken[0] else [f"{path}: compiles without {message}"]


def problems(root):
    root = os.path.realpath(root)
    idf = [p for p in repo.files(root, IDF, ends=(".c",))]
    out = []
    for audit in ((), ("-DCONFIG_EXAMPLE_AUDIT=1",)):
        out += compile_(root, idf, "esp_idf.h", *settings(root, IDF + "/Kconfig.projbuild"),
                        "-DCONFIG_EXAMPLE_ACCESS_KEY_ID=\"\"", *audit)
    out += compile_(root, repo.files(root, IDF_CPP, ends=(".cpp",)), "esp_idf.h",
                    *settings(root, IDF_CPP + "/Kconfig.projbuild"), "-DCONFIG_EXAMPLE_ACCESS_KEY_ID=\"\"")
    sample = repo.files(root, ZEPHYR, ends=(".c",))
    ports = [p for p in repo.files(root, "port", ends=(".c",)) if p.endswith("_zephyr.c")]
    everything = ["-DIAM_SOCKETS_ZEPHYR", "-DCONFIG_TINYIAM_SOCKETS=1", "-DCONFIG_TINYIAM_TLS_SOCKETS=1",
                  "-DCONFIG_TINYIAM_SNTP=1", "-DCONFIG_TINYIAM_SETTINGS=1",
                  *settings(root, "platform/zephyr/samples/last_accessed/Kconfig")]
    for names in ((), ("-DSTUB_PREFIXED", "-DCONFIG_SAMPLE_AUDIT=1")):
        for entropy in ("-DCONFIG_CSPRNG_ENABLED=1", "-DCONFIG_TINYIAM_TEST_ENTROPY=1"):
            out += compile_(root, ports + ["port/sockets.c", "port/idle_sockets.c"] + sample, "zephyr.h", entropy, *everything, *names)
    guarded = "port/system_zephyr.c"
    out += fails(root, guarded, "zephyr.h", "CONFIG_TINYIAM_TEST_ENTROPY=y", *everything)
    for fake in ("TEST_CSPRNG_GENERATOR", "FAKE_ENTROPY_NATIVE_SIM", "FAKE_ENTROPY_NATIVE_POSIX"):
        out += fails(root, guarded, "zephyr.h", "CONFIG_TINYIAM_TEST_ENTROPY=y", "-DCONFIG_CSPRNG_ENABLED=1",
                     f"-DCONFIG_{fake}=1", *everything)
    return out


if __name__ == "__main__":
    repo.arguments(__doc__)
    repo.report("stubs (catches typos, not API drift)", problems(repo.ROOT),
                "mend the port or sample; what an SDK has and tests/static/stub/ lacks belongs there")
