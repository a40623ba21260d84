#!/usr/bin/env python3
"""Prints datetime_vectors.h: timestamps of the cases, and of days all over the calendar as Python's
datetime has them. Argument 1: the folder of the vectors."""
import datetime
import json
import os
import random
import sys

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def from_cases(folder):
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            case = json.load(f)
        for pointer, us in case.get("instants_us", {}).items():
            wire, parsed = case["wire"], case["parsed"]
            for key in pointer.split("/")[1:]:
                key = int(key) if isinstance(wire, list) else key
                wire, parsed = wire[key], parsed[key]
            yield wire, us, parsed


def microseconds(t):
    delta = t.replace(tzinfo=UTC) - EPOCH - t.utcoffset()
    return delta // datetime.timedelta(microseconds=1)


def from_calendar(rng):
    days = [datetime.datetime(y, m, d)
            for y in (1, 4, 100, 400, 1600, 1900, 1970, 2000, 2018, 2038, 2100, 9999)
            for m, d in ((1, 1), (2, 28), (3, 1), (12, 31))]
    days += [datetime.datetime(y, 2, 29) for y in (4, 400, 1600, 1996, 2000, 2024, 9996)]
    days += [datetime.datetime(1, 1, 1) + datetime.timedelta(seconds=rng.randrange(315537897600))
             for _ in range(400)]
    for day in days:
        offset = rng.choice([0, 0, 330, -420, 1439, -1439, rng.randrange(-1439, 1440)])
        t = day.replace(hour=rng.randrange(24), minute=rng.randrange(60), second=rng.randrange(60),
                        microsecond=rng.choice([0, 0, 1, 999999, rng.randrange(1000000)]),
                        tzinfo=datetime.timezone(datetime.timedelta(minutes=offset)))
        yield t.isoformat(), microseconds(t), t.isoformat()
        if t.microsecond == 0:
            zone = "GMT" if offset == 0 else t.strftime("%z")
            yield "%s, %02d %s %04d %s %s" % (
                "Mon Tue Wed Thu Fri Sat Sun".split()[t.weekday()], t.day,
                "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[t.month - 1], t.year,
                t.strftime("%H:%M:%S"), zone), microseconds(t), t.isoformat()


def main():
    print("/* Generated. */")
    print("static const struct {")
    print("    const char *text;")
    print("    int64_t us;")
    print("    const char *iso;")
    print("} datetime_vectors[] = {")
    rows = list(from_cases(os.path.join(sys.argv[1], "cases", "public")))
    rows += from_calendar(random.Random(1))
    for text, us, iso in rows:
        print('    {"%s", INT64_C(%d), "%s"},' % (text, us, iso))
    print("};")


if __name__ == "__main__":
    main()
