#!/usr/bin/env python3
"""The reply bodies of tests/vectors/cases as a C table, each with the transcript that play.c should write.

Argument 1: the vectors folder. `public` and `lists` are what botocore's parser gives; `rejects_public` must end in an
error that is not the service's; `quirks` follow each case's own advice, spelt out here."""
import datetime
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1]) / "cases"


def escape(text):
    return "".join(chr(b) if 0x21 <= b <= 0x7E and chr(b) not in "%|=" else "%%%02X" % b
                   for b in text.encode("utf-8"))


def time(text):
    t = datetime.datetime.fromisoformat(text)
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    us = (t - epoch) // datetime.timedelta(microseconds=1)
    return "%d/%d" % (us, t.utcoffset().total_seconds() // 60)


def line(kind, pairs):
    return kind + "".join("|%s=%s" % (k, v) for k, v in pairs if v is not None) + "\n"


def text(d, key):
    return escape(d[key]) if key in d else None


def when(d, key):
    return time(d[key]) if key in d else None


def item(members, *names):
    """A line of these members, by the kind of value that botocore's parser has made of them."""
    pairs = []
    for name in names:
        value = members.get(name)
        if isinstance(value, (dict, list)):
            value = 1
        elif isinstance(value, str):
            value = when(members, name) if "Date" in name or name.startswith("Last") and DATE.match(value) or \
                name == "PasswordLastUsed" else escape(value)
        pairs.append((name, value))
    return line("item", pairs)


DATE = re.compile(r"\d{4}-\d\d-\d\dT")


def entity(e):
    return item(dict(e, **e.get("EntityInfo", {})), "EntityInfo", "Arn", "Id", "Name", "Path", "Type",
                "LastAuthenticated")


def service(s):
    return item(s, "ServiceName", "LastAuthenticated", "ServiceNamespace", "LastAuthenticatedEntity",
                "LastAuthenticatedRegion", "TotalAuthenticatedEntities", "TrackedActionsLastAccessed") + \
        "".join(item(a, "ActionName", "LastAccessedEntity", "LastAccessedTime", "LastAccessedRegion")
                for a in s.get("TrackedActionsLastAccessed", []))


def resource(one, last):
    return lambda r: item(r, "Path", one + "Name", one + "Id", "Arn", "CreateDate", *last)


def grant_service(s):
    return item(s, "ServiceNamespace", "Policies") + \
        "".join(item(p, "PolicyName", "PolicyType", "PolicyArn", "EntityType", "EntityName")
                for p in s.get("Policies", []))


# Each list and what makes a line of its members.
LISTS = {"EntityDetailsList": entity, "ServicesLastAccessed": service,
         "Users": resource("User", ["PasswordLastUsed"]), "Groups": resource("Group", []),
         "Roles": resource("Role", []), "Policies": resource("Policy", ["AttachmentCount"]),
         "PoliciesGrantingServiceAccess": grant_service}


def report(p):
    error = p.get("Error", {})
    return line("report", [(k, text(p, k)) for k in ("JobStatus", "JobType")] +
                [(k, when(p, k)) for k in ("JobCreationDate", "JobCompletionDate")] +
                [("List", "1" if any(name in p for name in LISTS) else None),
                 ("IsTruncated", None if "IsTruncated" not in p else int(p["IsTruncated"])),
                 ("Marker", text(p, "Marker")), ("Error", "1" if "Error" in p else None),
                 ("Code", text(error, "Code")), ("Message", text(error, "Message")),
                 ("JobId", text(p, "JobId"))])


def items(p):
    return "".join(lines(member) for name, lines in LISTS.items() for member in p.get(name, []))


def good(p):
    return items(p) + report(p) + "ok\n"


def service_error(case, code, message):
    return line("service error", [("status", case["http"]["status"]), ("code", escape(code)),
                                  ("message", escape(message) if message else None)])


def quirk(case):
    p, name = case["parsed"], case["id"][:3]
    status = str(case["http"]["status"])
    reason = REASONS.get(case["http"]["status"], "")
    if name == "q01":
        body = (ROOT / "quirks" / case["body_file"]).read_text()
        arns = re.findall(r"<Arn>(.*?)</Arn>", body)
        names = re.findall(r"<Name>(.*?)</Name>", body)
        p = dict(p, EntityDetailsList=[
            {"EntityInfo": {"Arn": a, "Name": n, "Type": "USER", "Id": "AIDAEX2EXAMPLEB6IGCDC", "Path": "/"},
             "LastAuthenticated": "2018-10-24T19:10:00+00:00"} for a, n in zip(arns, names)])
        return good(p)
    if name in ("q02", "q19"):  # q19: 1, which is true by XML Schema, while botocore reads false
        return good(dict(p, IsTruncated=True))
    if name in ("q14", "q15", "q16"):
        return good(p)
    return {
        "q03": service_error(case, status, reason),
        "q04": service_error(case, "InvalidInput", "see "),
        "q05": service_error(case, status, reason),
        "q06": service_error(case, status, reason),
        "q07": "refused\n", "q08": "refused\n",
        "q09": "refused\n",  # an encoding that is declared is honoured or refused; botocore overrides it
        "q10": service_error(case, status, "hm"),
        "q11": service_error(case, status, None),
        "q12": service_error(case, "RequestExpired", "m"),
        "q13": service_error(case, "A", "m"),
        "q17": "refused\n",
        "q18": "refused\n",  # IsTruncated TRUE: botocore reads false, and a list would end early
    }[name]


REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error",
           502: "Bad Gateway", 503: "Service Unavailable"}


def expected(case, folder):
    if folder == "rejects_public":
        return "refused\n"
    if folder == "quirks":
        return quirk(case)
    p = case["parsed"]
    if case["http"]["status"] >= 300:
        return service_error(case, p["Error"]["Code"], p["Error"].get("Message"))
    return good(p)


def c_bytes(data):
    return "".join('\n    "%s"' % "".join("\\%03o" % b for b in data[i:i + 24]) for i in range(0, len(data), 24)) \
        or '""'


print("/* Made by tests/core/laws/gen_cases.py. */")
print("static const struct reply_case reply_cases[] = {")
for folder in ("public", "lists", "rejects_public", "quirks"):
    paths = sorted((ROOT / folder).glob("*.json"))
    assert paths, folder
    for path in paths:
        case = json.loads(path.read_text())
        body = (ROOT / folder / case["body_file"]).read_bytes()
        status = case["http"]["status"]
        head = "HTTP/1.1 %d %s\r\n" % (status, REASONS[status])
        head += "".join("%s: %s\r\n" % h for h in case["http"]["headers"].items())
        head += "Content-Length: %d\r\n\r\n" % len(body)
        reply = head.encode() + body
        print('{"%s", "%s", %d,%s, %d,%s},' % (case["id"], case["operation"], len(head),
                                              c_bytes(reply), len(reply),
                                              c_bytes(expected(case, folder).encode())))
print("};")
