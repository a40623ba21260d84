#!/usr/bin/python3
"""clang-tidy over what a build compiles of core, port and the command: tidy.py BUILD

A verdict is a function of what goes in: the tool, its options, the command and every file that the compiler read (BUILD
says which, in its *.d files). One that is good is kept in BUILD/tidy by a hash of all that; what has not changed is not
looked at again. Delete that folder and everything is."""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys

import repo

OWN = ("core/", "port/", "platform/")


class Inputs:
    """Hashes of files, each read once."""

    def __init__(self):
        self.known = {}

    def of(self, path):
        if path not in self.known:
            with open(path, "rb") as f:
                self.known[path] = hashlib.sha256(f.read()).hexdigest()
        return self.known[path]


def commands(root, build):
    """{source: [(folder, command), ...]} of the project's own sources, each command once."""
    found = {}
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        for entry in json.load(f):
            if os.path.relpath(entry["file"], root).startswith(OWN):
                found.setdefault(entry["file"], []).append((entry["directory"], entry["command"]))
    return found


def read_by(folder, command):
    """The files that the compiler read; None: the build does not say."""
    path = os.path.join(folder, re.search(r" -o (\S+)", command)[1] + ".d")
    try:
        with open(path, encoding="utf-8") as f:
            text = f.read()
    except FileNotFoundError:
        return None
    return sorted(set(text.replace("\\\n", " ").partition(":")[2].split()))


def digest(inputs, tool, where):
    """A hash of all that the verdict depends on; None: it cannot be known."""
    text = [tool]
    for folder, command in where:
        files = read_by(folder, command)
        if files is None:
            return None
        try:
            text += [command, *(f"{name} {inputs.of(os.path.join(folder, name))}" for name in files)]
        except FileNotFoundError: # a header that is gone: the build has not seen it yet
            return None
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def main():
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if len(sys.argv) != 2 or not os.path.exists(os.path.join(sys.argv[1], "compile_commands.json")):
        print(f"{__doc__}\n\ntidy.py: one argument, the folder of a build that has compile_commands.json: tests/run build-clang makes "
              "build/clang", file=sys.stderr)
        return 2
    root, build = os.path.realpath(repo.ROOT), os.path.abspath(sys.argv[1])
    kept = os.path.join(build, "tidy")
    os.makedirs(kept, exist_ok=True)
    tool = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True, check=True).stdout
    tool += repo.read(root, ".clang-tidy") + repo.read(root, "tests/static/tidy.py")
    inputs, todo, as_before = Inputs(), [], 0
    for source, where in commands(root, build).items():
        place = os.path.join(kept, os.path.relpath(source, root).replace("/", "+"))
        want = digest(inputs, tool, where)
        if want and os.path.exists(place) and repo.read(kept, os.path.basename(place)) == want:
            as_before += 1
        else:
            todo.append((source, place, want))
    todo.sort(key=lambda job: -os.path.getsize(job[0])) # the largest first

    def look(source):
        return subprocess.run(["clang-tidy", "--quiet", "-p", build, source], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)

    bad = 0
    with concurrent.futures.ThreadPoolExecutor(min(os.cpu_count() or 2, 4)) as pool:
        for (source, place, want), done in zip(todo, pool.map(lambda job: look(job[0]), todo)):
            print(f"{os.path.relpath(source, root)}: {'FAILED' if done.returncode else 'ok'}")
            if done.returncode:
                bad += 1
                print(done.stdout)
            elif want:
                with open(place, "w", encoding="utf-8") as f:
                    f.write(want)
    if bad:
        print("What to do: mend it, or, where it is right as it is, NOLINT(CHECK) with the reason; clang-tidy -p BUILD FILE looks again")
    print(f"clang-tidy: {len(todo)} files looked at, {as_before} as before, {bad} with faults")
    return 1 if bad or len(todo) + as_before < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
