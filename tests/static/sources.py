#!/usr/bin/python3
"""The source lists are data written once: every *.c of core/, port/, platform/common/ and platform/host/ is in the
sources.cmake of its folder, and every file named there exists. A file whose first line names its interpreter (#!) can be
started by its name, as pages and comments write it."""

import os
import re

import repo

FOLDERS = ("core", "port", "platform/common", "platform/host")
PROGRAMS = (".ci", "cmake", "platform", "tests")


def problems(root):
    out = []
    for folder in FOLDERS:
        listing = f"{folder}/sources.cmake"
        if not os.path.exists(os.path.join(root, listing)):
            out.append(f"{listing}: missing")
            continue
        text = re.sub(r"#.*", "", repo.read(root, listing))
        named = {os.path.normpath(f"{folder}/{n}") for n in re.findall(r"[\w./-]+\.c\b", text)}
        there = set(repo.files(root, folder, ends=(".c",)))
        out += [f"{listing}: names {p}, which does not exist" for p in sorted(named - there)]
        out += [f"{listing}: does not name {p}" for p in sorted(there - named)]
    return out + not_executable(root)


def not_executable(root):
    out = []
    for path in repo.files(root, *PROGRAMS, ends=("",)):
        with open(os.path.join(root, path), "rb") as f:
            if f.read(2) == b"#!" and not os.access(os.path.join(root, path), os.X_OK):
                out.append(f"{path}: begins with #! and is not executable")
    return out


if __name__ == "__main__":
    repo.arguments(__doc__)
    repo.report("sources", problems(repo.ROOT), "name each source in the sources.cmake of its folder; chmod +x what begins with #!")
