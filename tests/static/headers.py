#!/usr/bin/python3
"""Each public header compiles on its own, as C11 and as C++17, and its functions are C's in both. No header's declarations
are torn by a comment. core/ compiles as C11 and no more, and behind whatever the headers of a system define (mbedTLS's
include some, which ones is the SDK's affair). No file grows without end: headers up to 250 lines, sources up to 800."""

import concurrent.futures
import os
import re
import subprocess

import repo

LIMIT = {".h": 250, ".c": 800}
COMPILERS = (("gcc", "-std=c11", "-xc", "-Wconversion", "-Wshadow"), ("g++", "-std=c++17", "-xc++"),
             ("clang", "-std=c11", "-xc", "-Wconversion", "-Wshadow"))
WARN = ("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only")
LWIP = "/usr/include/lwip"  # where Debian's liblwip-dev puts lwip/*.h


def too_long(root):
    out = []
    for path in repo.files(root, "core", "port", "platform"):
        lines, limit = repo.read(root, path).count("\n"), LIMIT[path[-2:]]
        if lines > limit:
            out.append(f"{path}: {lines} lines, more than {limit}")
    return out


FUNCTION = re.compile(r"^(?!static|typedef|#| )[A-Za-z_][\w ]*[ *]iam_\w+\(", re.M)


def not_for_cxx(root):
    """A function that C++ would look for under another name."""
    return [f"{path}: declares functions without extern \"C\"" for path in public(root)
            if FUNCTION.search(repo.without_comments(repo.read(root, path))) and 'extern "C"' not in repo.read(root, path)]


TORN = re.compile(r"^[ \t]*(?![*/#])[^;{}()/\n]*(?:\w|\*|=|\w,|\\)\n[ \t]+\*?[^;{}()/*\n]*[;,]?[ \t]*/\*.*\*/$|^#define[^/\n]*\\\n[^/\n]*/\*.*\*/$", re.M)


WRAPPED = re.compile(r"^[ \t]*(?![ \t/*#])[^\n]*[;,{][ \t]+/\*(?:(?!\*/)[^\n])*\n", re.M)


def torn(root):
    """A declaration that clang-format has broken because the comment beside it is too long, or a comment beside one that
    goes on in the next line: it belongs above the declaration."""
    out = []
    for path in repo.files(root, "core", "port", "platform", ends=(".h",)):
        text = repo.read(root, path)
        at = [m.start() for m in WRAPPED.finditer(text)]
        at += [m.start() for m in TORN.finditer(text) if not re.fullmatch(r"\s*\w+( = -?\w+)?,", m[0].split("\n")[0])]
        out += [f"{path}:{text[:n].count(chr(10)) + 1}: torn by the comment beside it, which belongs above" for n in at]
    return out


def public(root):
    return [p for p in repo.files(root, "core/include", "port/include", ends=(".h",))]


def alone(root, path):
    """Messages of the compilers for a file that includes this header twice and nothing else."""
    out = []
    name = path.split("/include/")[1]
    others = ["-D_DEFAULT_SOURCE", "-isystem", LWIP] if "lwip" in name else []
    for compiler in COMPILERS:
        run = subprocess.run(
            [*compiler, *WARN, *others, f"-I{root}/core/include", f"-I{root}/port/include", "-"],
            input=f"#include <{name}>\n#include <{name}>\nextern int nothing;\n", capture_output=True, text=True, check=False)
        if run.returncode:
            out.append(f"{path}: does not compile alone with {' '.join(compiler[:2])}\n{run.stderr.rstrip()}")
    return out


SYSTEM = ("errno", "fcntl", "inttypes", "limits", "pthread", "sched", "signal", "stdio", "stdlib", "string", "sys/param",
          "sys/socket", "sys/stat", "sys/time", "sys/types", "time", "unistd")
BEHIND = [argument for name in SYSTEM for argument in ("-include", f"{name}.h")]


def behind(root, path):
    """Messages of the compiler for a source of core/ that comes after headers of the system, GNU's names and all."""
    run = subprocess.run(
        ["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-fsyntax-only", *BEHIND, f"-I{root}/core/include", f"-I{root}/core",
         f"{root}/{path}"], capture_output=True, text=True, check=False)
    return [f"{path}: does not compile behind headers of the system\n{run.stderr.rstrip()}"] if run.returncode else []


SHA256 = f'-DMBEDTLS_CONFIG_FILE="{repo.ROOT}/cmake/mbedtls_sha256_only.h"'  # Debian's asks for GCC


def plain(root, path):
    """Messages of a compiler that takes nothing but C11 for a source of core/."""
    run = subprocess.run(
        ["gcc", "-std=c11", "-pedantic-errors", *WARN, "-U__GNUC__", "-U__SSE2__", "-DIAM_PLAIN_C11", SHA256,
         f"-I{root}/core/include", f"-I{root}/core", "-I" + os.path.dirname(f"{root}/{path}"), "-xc", "-"],
        input=f'#include "{root}/{path}"\nextern int nothing;\n', capture_output=True, text=True, check=False)
    return [f"{path}: does not compile as plain C11\n{run.stderr.rstrip()}"] if run.returncode else []


def sources(root):
    """Those of core/ but the one that needs another mbedTLS than this machine has."""
    return [p for p in repo.files(root, "core", ends=(".c",)) if not p.endswith("_psa.c")]


def problems(root):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = [*pool.map(lambda p: alone(root, p), public(root)), *pool.map(lambda p: behind(root, p), sources(root)),
                   *pool.map(lambda p: plain(root, p), sources(root))]
    return too_long(root) + not_for_cxx(root) + torn(root) + [line for part in results for line in part]


if __name__ == "__main__":
    repo.arguments(__doc__)
    repo.report("headers", problems(repo.ROOT), "split a file that is too long; a header includes what it needs, and is C++, too")
