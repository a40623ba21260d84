#!/usr/bin/python3
"""Kconfig and the fallbacks in tinyiam/config.h and tinyiam/port_config.h know the same options with the
same defaults, and every profile of configs/ is one. The file keeps to the grammar that ESP-IDF, Zephyr and kconfiglib share."""

import os
import re
import sys

import repo

HEADERS = ("core/include/tinyiam/config.h", "port/include/tinyiam/port_config.h")


def fallbacks(text):
    """{option: value} of the header, comments apart."""
    pairs = re.findall(r"^[ \t]*#[ \t]*define[ \t]+CONFIG_(TINYIAM_\w+)[ \t]+(\S+)",
                       repo.without_comments(text), re.M)
    return dict(pairs)


def style(text):
    """ESP-IDF's kconfcheck in short: 4 spaces a level, help one level deeper, 120 columns."""
    out, in_help = [], None
    for number, line in enumerate(text.split("\n"), 1):
        body = line.lstrip(" ")
        indent = len(line) - len(body)
        if not body:
            continue
        if line != line.rstrip() or "\t" in line or len(line) > 120:
            out.append(f"Kconfig:{number}: trailing blanks, a tab, or over 120 columns")
        if in_help is not None and indent > in_help:
            if indent < in_help + 4:
                out.append(f"Kconfig:{number}: help text is indented by 4 more")
            continue
        in_help = indent if body == "help" else None
        if indent % 4:
            out.append(f"Kconfig:{number}: indent by 4")
        if re.match(r"(menuconfig|config)\b", body) and not re.match(r"\w+ TINYIAM(_[A-Z0-9_]+)?$", body):
            out.append(f"Kconfig:{number}: options are named TINYIAM_...")
        if re.match(r"(option|def_bool|def_int|modules|imply)\b|---help---", body):
            out.append(f"Kconfig:{number}: outside of the common grammar: {body.split()[0]}")
    return out


def problems(root):
    import kconfiglib
    path = os.path.join(root, "Kconfig")
    if not os.path.exists(path):
        return ["Kconfig: missing"]
    out = style(repo.read(root, "Kconfig"))
    conf = kconfiglib.Kconfig(path, warn_to_stderr=False)
    out += conf.warnings
    header = {}
    for name in HEADERS:
        if os.path.exists(os.path.join(root, name)):
            header.update(fallbacks(repo.read(root, name)))
    options = {s.name: s for s in conf.unique_defined_syms if s.name != "TINYIAM"}
    for name in sorted(set(options) | set(header)):
        if name not in header:
            out.append(f"{name}: in Kconfig, not in config.h")
            continue
        if name not in options:
            out.append(f"{name}: in config.h, not in Kconfig")
            continue
        symbol = options[name]
        default = symbol.str_value
        if symbol.type == kconfiglib.BOOL:
            default = {"y": "1", "n": "0"}[default]
        if default != header[name]:
            out.append(f"{name}: {default} in Kconfig, {header[name]} in config.h")
        if not any(node.help for node in symbol.nodes):
            out.append(f"{name}: no help in Kconfig")
    return out


if __name__ == "__main__":
    repo.arguments(__doc__)
    try:
        repo.report("kconfig", problems(repo.ROOT), "say the same in Kconfig and core/include/tinyiam/config.h")
    except ImportError:
        sys.exit("kconfiglib is missing (Debian: apt-get install python3-kconfiglib)")
