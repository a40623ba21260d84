"""What the static laws share: the files of the repository, and how a law reports."""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read()


def files(root, *folders, ends=(".c", ".h")):
    """Paths relative to root, sorted, of the files under the folders that end so."""
    found = []
    for folder in folders:
        for at, dirs, names in os.walk(os.path.join(root, folder)):
            dirs[:] = [d for d in dirs if d not in ("build", "__pycache__")]
            found += [os.path.relpath(os.path.join(at, n), root) for n in names if n.endswith(ends)]
    return sorted(found)


def without_comments(text):
    """C source with comments blanked; strings stay."""
    token = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.S)
    return token.sub(lambda m: m[0] if m[0][0] in "\"'" else re.sub(r"[^\n]", " ", m[0]), text)


def arguments(doc, *known):
    """For a program that takes no arguments but these: --help prints its text, and a slip is an error, not another answer."""
    wrong = [a for a in sys.argv[1:] if a not in known]
    if not wrong:
        return
    print(doc.strip(), file=sys.stdout if wrong[0] in ("-h", "--help") else sys.stderr)
    if wrong[0] in ("-h", "--help"):
        sys.exit(0)
    print(f"\n{os.path.basename(sys.argv[0])}: unknown argument '{wrong[0]}': it takes {' or '.join(known) or 'none'}", file=sys.stderr)
    sys.exit(2)


def report(law, problems, todo):
    """Prints them, and what to do about them; ends the program: 0 where there are none."""
    for line in problems:
        print(line)
    if problems:
        print(f"What to do: {todo}")
    print(f"{law}: {len(problems)} problem(s)")
    sys.exit(1 if problems else 0)
