#!/usr/bin/python3
"""Includes point one way: base <- wire <- model <- flow <- port <- platform. Wire modules never include
each other. core/ includes of the outside only what is listed here, and asks for no platform; what only some compilers know
stands in compiler.h, for core/ and port/. The rooms of platform/host
point one way as well: text <- args <- config <- net <- keys <- calls <- out <- audit <- the commands in front of them. A
program of platform/ includes nothing of another's, only what they share: platform/common, which knows none of them."""

import os
import re

import repo

LAYERS = ("base", "wire", "model", "flow", "port", "platform")
HOST, COMMON = "platform/host", "common"
ROOMS = ("text", "args", "config", "net", "keys", "calls", "out", "audit", ".")  # the last: the commands, in front
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)
# Headers that have no source of their own.
FIXED = {"core/include/tinyiam/config.h": "base", "core/include/tinyiam/types.h": "base"}
CORE_MAY_INCLUDE = re.compile(r"(std(bool|def|int)|string|limits|emmintrin|arm_neon)\.h|(mbedtls|psa)/\w+\.h")
# What tells one platform from another; compiler, byte order and instruction set are not platforms.
PLATFORM = re.compile(r"\b(__linux__|__unix__|__APPLE__|_WIN32|__ZEPHYR__|ESP_PLATFORM|IDF_VER|ARDUINO\w*|"
                      r"__FreeBSD__|__rtems__|CONFIG_(?!TINYIAM)\w+|LWIP_\w+|__arm__|__riscv|__XTENSA__)\b")
COMPILER = "core/include/tinyiam/parts/compiler.h"
ONLY_SOME = re.compile(r"\b(?:__attribute(?:__)?|__builtin_\w+|__extension__|__typeof(?:__)?|typeof|__asm(?:__)?|asm|__declspec|"
                       r"__GNUC__|__clang__|_MSC_VER|_Pragma|__has_(?:attribute|builtin|feature))\b|#[ \t]*pragma\b")


def module(path):
    """core/wire/http_read.c and parts/http.h are the module http."""
    return os.path.basename(path).split(".")[0].split("_")[0]


def against_rooms(path, target):
    """Does a file of the command include one of a room behind its own?"""
    if not path.startswith(HOST + "/") or not target.startswith(HOST + "/"):
        return False
    mine, other = (os.path.relpath(os.path.dirname(p), HOST) for p in (path, target))
    return mine not in ROOMS or other not in ROOMS or ROOMS.index(other) > ROOMS.index(mine)


def against_programs(path, target):
    """Does a file of one program include one of another's?"""
    mine, other = (p.split("/")[1] if p.startswith("platform/") else None for p in (path, target))
    return mine is not None and other not in (mine, COMMON, None)


def layers(root):
    """{path: layer} and the problems met on the way."""
    table, out = {}, []
    sources = repo.files(root, "core", "port", "platform")
    for path in sources:
        if path.startswith("port/") or path.startswith("platform/"):
            table[path] = path.split("/")[0]
        elif not path.startswith("core/include/"):
            table[path] = path.split("/")[1]
    homes = {}
    for path in [p for p in table if p.startswith("core/") and p.endswith(".c")]:
        name = os.path.basename(path)[:-2]
        homes.setdefault(name, table[path])
        homes.setdefault(name.split("_")[0], table[path])
    for path in [p for p in sources if p.startswith("core/include/")]:
        first = re.match(r"\s*/\*.*?\*/", repo.read(root, path), re.S)
        says = re.search(r"Layer: (\w+)", first[0]) if first else None
        home = FIXED.get(path) or homes.get(os.path.basename(path)[:-2])
        table[path] = says[1] if says else home
        if table[path] not in LAYERS:
            out.append(f"{path}: no source of that name, and no 'Layer: ...' in its first comment")
            del table[path]
        elif says and home and says[1] != home:
            out.append(f"{path}: says layer {says[1]}, but its source is in {home}")
    return table, out


def resolve(root, path, name):
    """The file of the repository that an include means, or None."""
    places = [os.path.dirname(path), "core/include", "port/include"]
    places += ["core"] if path.startswith("core/") else []
    places += ["port"] if path.startswith("port/") else []
    if path.startswith("platform/"):
        places += ["/".join(path.split("/")[:2]), "/".join(path.split("/")[:2]) + "/include", "platform"]
    for place in places:
        candidate = os.path.normpath(os.path.join(place, name))
        if os.path.exists(os.path.join(root, candidate)):
            return candidate
    return None


def problems(root):
    table, out = layers(root)
    for path, layer in sorted(table.items()):
        text = repo.without_comments(repo.read(root, path))
        rank = LAYERS.index(layer) if layer in LAYERS else -1
        if rank < 0:
            out.append(f"{path}: {layer} is no layer")
            continue
        for quote, name in INCLUDE.findall(text):
            target = resolve(root, path, name)
            if target is None:
                if path.startswith("core/") and not CORE_MAY_INCLUDE.fullmatch(name):
                    out.append(f"{path}: core/ may not include {name}")
                continue
            if against_rooms(path, target):
                out.append(f"{path} includes {target}: against the rooms")
            if against_programs(path, target):
                out.append(f"{path} includes {target}: programs share what is in platform/{COMMON}")
            other = table.get(target)
            if other not in LAYERS:
                continue
            if LAYERS.index(other) > rank:
                out.append(f"{path} ({layer}) includes {target} ({other}): against the layers")
            if layer == other == "wire" and module(path) != module(target):
                out.append(f"{path} includes {target}: wire modules do not know each other")
            if layer == "platform" and other != "platform" and (
                    "/include/tinyiam/" not in target or "/parts/" in target):
                out.append(f"{path} includes {target}: a platform includes public headers only")
        if path.startswith(("core/", "port/")) and path != COMPILER:
            out += [f"{path}: {word} belongs into compiler.h" for word in ONLY_SOME.findall(text)]
        if path.startswith("core/"):
            for line in re.findall(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b.*", text, re.M):
                for word in PLATFORM.findall(line):
                    word = word if isinstance(word, str) else word[0]
                    out.append(f"{path}: asks for a platform: {word}")
    return out


if __name__ == "__main__":
    repo.arguments(__doc__)
    repo.report("layers", problems(repo.ROOT), "move what is shared to a lower layer; which there are says tests/static/layers.py")
