#!/usr/bin/env python3
"""Compares iam_time_parse() and iam_time_text() with botocore's parse_timestamp (dateutil), and
iam_time_parse_http() with the moments that Python's datetime wrote.

Argument 1: the host program (tests/core/unit/oracle.c). Argument 2: a seed. Needs botocore.
"""
import calendar
import datetime
import random
import re
import subprocess
import sys
import warnings

from botocore.utils import parse_timestamp

warnings.simplefilter("ignore")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
LONG_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def expected(text):
    try:
        t = parse_timestamp(text)
        if t.tzinfo is None:
            t = t.replace(tzinfo=datetime.timezone.utc)
        offset = t.utcoffset()
    except (ValueError, OverflowError, RuntimeError, OSError):
        return "error"
    us = t.replace(tzinfo=datetime.timezone.utc) - EPOCH - offset
    us //= datetime.timedelta(microseconds=1)
    return "%d %d %s" % (us, offset // datetime.timedelta(minutes=1), t.isoformat())


def random_date(rng):
    year = rng.choice([rng.randint(1, 9999), rng.randint(1970, 2100), 2000, 1900, 2018, 1, 9999])
    month = rng.randint(1, 12)
    day = rng.choice([1, 28, 29, 30, 31, rng.randint(1, 31)])
    if rng.random() < 0.03:
        month, day = rng.choice([(0, day), (13, day), (month, 0), (month, 32), (99, 99)])
    hour = rng.choice([0, 23, rng.randint(0, 23)])
    minute, second = rng.randint(0, 59), rng.randint(0, 59)
    if rng.random() < 0.03:
        hour, minute, second = rng.choice(
            [(24, 0, 0), (hour, 60, second), (hour, minute, 60), (99, 99, 99)])
    return year, month, day, hour, minute, second


def random_offset(rng):
    sign = rng.choice("+-")
    h, m = rng.choice([0, 23, rng.randint(0, 23)]), rng.choice([0, 30, 45, 59, rng.randint(0, 59)])
    if rng.random() < 0.02:
        h = rng.choice([24, 25, 99])
    return rng.choice([sign + "%02d:%02d" % (h, m), sign + "%02d%02d" % (h, m), sign + "%02d" % h])


def random_iso(rng):
    y, mo, d, h, mi, s = random_date(rng)
    text = "%04d-%02d-%02d" % (y, mo, d)
    form = rng.random()
    if form < 0.03:
        return text
    text += rng.choice("TTTTTt ") + "%02d:%02d" % (h, mi)
    if form > 0.08:
        text += ":%02d" % s
        if rng.random() < 0.6:
            digits = rng.choice([1, 2, 3, 3, 3, 6, 6, 7, 9, 12, 30])
            text += rng.choice("....,") + "".join(rng.choice("0123456789") for _ in range(digits))
    text += rng.choice(["Z", "Z", "Z", "z", "", random_offset(rng), random_offset(rng)])
    return text


def random_mail(rng):
    y, mo, d, h, mi, s = random_date(rng)
    # below 1000, dateutil takes years for days and for years of two digits
    mo, y = min(max(mo, 1), 12), max(y, 1000)
    form = rng.random()
    try:
        weekday = datetime.date(y, mo, d).weekday()
    except ValueError:
        weekday = 0
    clock = "%02d:%02d:%02d" % (h, mi, s)
    if form < 0.1: # RFC 850; years about which every reader agrees
        y, d = rng.randint(1990, 2060), min(d, 31)
        return "%s, %02d-%s-%02d %s GMT" % (LONG_DAYS[weekday], d, MONTHS[mo - 1], y % 100, clock)
    if form < 0.2: # asctime
        return "%s %s %2d %s %04d" % (DAYS[weekday], MONTHS[mo - 1], d, clock, y)
    text = "" if form < 0.3 else DAYS[weekday] + ", "
    text += rng.choice(["%d", "%02d"]) % d + " " + MONTHS[mo - 1] + " %04d " % y
    return text + clock + rng.choice(
        [" GMT", " GMT", " GMT", " UTC", " Z", " " + random_offset(rng), ""])


def random_epoch(rng):
    sign = rng.choice(["", "", "", "-", "+"])
    whole = str(rng.choice([0, 1, rng.randint(0, 2**31), rng.randint(0, 2**33), 1540410451]))
    # six digits at most: beyond, botocore rounds a binary float where we cut the decimals
    fraction = "".join(rng.choice("0123456789") for _ in range(rng.randint(0, 6)))
    return sign + rng.choice(["0", "", ""]) + whole + ("." + fraction if fraction else "")


def damage(rng, text):
    at = rng.randrange(len(text) + 1)
    kind = rng.random()
    if kind < 0.4:
        return text[:at] + text[at + 1:]
    if kind < 0.7:
        return text[:at] + rng.choice("0123456789TZ:-+., x") + text[at:]
    return text[:at] + rng.choice("0123456789TZ:-+., x") + text[at + 1:]


FIXED = [
    "", " ", "T", "Z", "-", "+", ".", "e", "1e", ".e5", "-.", "+.5", "253402300799",
    "253402300800", "-62135596799", "99999999999999999999999999", "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2000-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2018-02-29T00:00:00Z", "2018-10-24T19:47:31.Z",
    "2018-10-24T19:47:31.297Z", "2018-10-24T19:47:31-00:00", "2018-10-24T19:47:31 +05:30",
    "nan", "inf", "0x10", "not a date", "2018-10-24T19:47:31Z extra"]


def excused(text, ours, theirs):
    """Known differences: we cut an epoch's decimals where botocore rounds a binary float; we do not
    check a weekday's letters after the third; dateutil takes a year below 100 for two digits, and
    two digits for the year that is nearest today."""
    try:
        float(text)
        return theirs != "error" and abs(int(ours.split()[0]) - int(theirs.split()[0])) <= 20
    except ValueError:
        pass
    if ours == theirs or re.search(r" 00\d\d(?= |$)", text):
        return True
    if theirs != "error" and ours.split()[2][4:] == theirs.split()[2][4:]:
        return re.search(r"-\d\d ", text) is not None
    bare = re.sub(r"^\s*(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?", "", text, flags=re.I)
    return bare != text and ours == expected(bare)


def http_dates(rng):
    """The three forms of RFC 9110 5.6.7, of moments that the two-digit years of one reach, some in a leap second."""
    for _ in range(3000):
        t = datetime.datetime(1990, 1, 1) + datetime.timedelta(seconds=rng.randrange(70 * 31556952))
        second = 60 if rng.random() < 0.03 else t.second
        seconds = calendar.timegm(t.timetuple()) + second - t.second
        clock = "%02d:%02d:%02d" % (t.hour, t.minute, second)
        day, month = DAYS[t.weekday()], MONTHS[t.month - 1]
        yield "%s, %02d %s %04d %s GMT" % (day, t.day, month, t.year, clock), seconds
        yield "%s, %02d-%s-%02d %s GMT" % (LONG_DAYS[t.weekday()], t.day, month, t.year % 100, clock), seconds
        yield "%s %s %2d %s %04d" % (day, month, t.day, clock, t.year), seconds


def http_differ(program, rng):
    dates = list(http_dates(rng))
    lines = "".join("date %s\n" % text.encode().hex() for text, _ in dates)
    answers = subprocess.run([program], input=lines, stdout=subprocess.PIPE, universal_newlines=True,
                             check=True).stdout.splitlines()
    differ = [(text, ours, seconds) for (text, seconds), ours in zip(dates, answers)
              if ours.split()[0] != "%d000000" % seconds]
    for text, ours, seconds in differ[:5]:
        print("%r: ours %s, written of %s" % (text, ours, seconds))
    print("%d dates of HTTP, %d differ" % (len(dates), len(differ)))
    return len(differ)


def main():
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    texts = list(FIXED)
    for make in (random_iso, random_iso, random_mail, random_epoch):
        for _ in range(3000):
            text = make(rng)
            if rng.random() < 0.1:
                text = rng.choice(["  ", "\n", "\t", ""]) + text + rng.choice([" ", "\r\n", ""])
            texts.append(text)
    sound = len(texts)
    texts += [damage(rng, rng.choice([random_iso, random_mail, random_epoch])(rng))
              for _ in range(4000)]
    lines = "".join("time %s\n" % (t.encode().hex() or "-") for t in texts)
    answers = subprocess.run([sys.argv[1]], input=lines, stdout=subprocess.PIPE,
                             universal_newlines=True, check=True).stdout.splitlines()
    assert len(answers) == len(texts)
    wrong = refused = 0
    for i, (text, ours) in enumerate(zip(texts, answers)):
        theirs = expected(text)
        if i >= sound and ours == "error":
            refused += theirs != "error" # what is damaged we may refuse where dateutil guesses
        elif ours != theirs and not (i >= sound and excused(text, ours, theirs)):
            wrong += 1
            print("%r: ours %s, botocore %s" % (text, ours, theirs))
    print("%d texts, %d differ; %d damaged ones refused that dateutil guesses at"
          % (len(texts), wrong, refused))
    wrong += http_differ(sys.argv[1], rng)
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
