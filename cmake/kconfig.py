#!/usr/bin/python3
"""kconfig.py KCONFIG FRAGMENT HEADER: writes the C header of a configuration. The fragment is strict: an
option that does not exist, or a value that is not taken, is an error."""

import os
import re
import sys

try:
    import kconfiglib
except ImportError:
    sys.exit("kconfiglib is missing (Debian: apt-get install python3-kconfiglib)")


def taken(symbol):
    """Which numbers an option takes."""
    return "".join(f" ({low.str_value} to {high.str_value} are taken)" for low, high, _ in symbol.ranges)


def main(kconfig, fragment, header):
    if not os.path.isfile(fragment):
        sys.exit(f"{fragment}: no such file")
    conf = kconfiglib.Kconfig(kconfig, warn_to_stderr=False)
    conf.warn_assign_undef = True
    conf.load_config(fragment)
    wrong = [w for w in conf.warnings if "assign" in w or "undefined" in w]
    with open(fragment, encoding="utf-8") as f:
        for name, unset, value in re.findall(r"^(?:# )?CONFIG_(\w+)(?:( is not set)|=(.*))$", f.read(), re.M):
            symbol = conf.syms.get(name)
            if symbol is None or not symbol.nodes:
                wrong.append(f"{fragment}: no option {name}")
            elif symbol.str_value != ("n" if unset else value.strip('"')):
                wrong.append(f"{fragment}: {name} cannot be {value or 'n'}: it became {symbol.str_value}{taken(symbol)}")
    if wrong:
        sys.exit("\n".join(wrong))
    conf.write_autoconf(header, "/* Made by cmake/kconfig.py; not to be edited. */\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
