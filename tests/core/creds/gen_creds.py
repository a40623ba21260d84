#!/usr/bin/env python3
"""Prints creds_vectors.h: documents of the four shapes in credentials_wire.json, whole and damaged, with what
Python's json and the shape's own rules say of each.

usage: gen_creds.py VECTORS_FOLDER > creds_vectors.h
"""
import json
import os
import re
import sys

VALUES = {"id": "ASIA0123456789ABCDEF", "secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
          "token": "FwoGZXIvYXdzEXAMPLETOKEN+/==", "expiration": "2018-10-24T20:47:31Z"}
SLOTS = ("id", "secret", "token", "expiration")
# Names as in the facts; main() holds the two together. Required apart from the process's last two.
SHAPES = {
    "IOT": ("credentials", {"id": "accessKeyId", "secret": "secretAccessKey", "token": "sessionToken",
                            "expiration": "expiration"}, {}),
    "CONTAINER": (None, {"id": "AccessKeyId", "secret": "SecretAccessKey", "token": "Token",
                         "expiration": "Expiration"}, {"RoleArn": "arn:aws:iam::1:role/r", "AccountId": "1"}),
    "IMDS": (None, {"id": "AccessKeyId", "secret": "SecretAccessKey", "token": "Token",
                    "expiration": "Expiration"},
             {"Code": "Success", "LastUpdated": "2018-10-24T19:00:00Z", "Type": "AWS-HMAC"}),
    "PROCESS": (None, {"id": "AccessKeyId", "secret": "SecretAccessKey", "token": "SessionToken",
                       "expiration": "Expiration"}, {"Version": 1}),
}
STRINGS = {"IMDS": ("Code", "Message")}
PAST = "2018-10-24T19:00:00Z"


class Wrong(Exception):
    pass


class Pairs(list):
    """An object, its members in order."""


def read(data):
    """The document as Python reads it; ValueError: not JSON."""
    def refuse(text):
        raise ValueError(text)

    def surrogates(value):
        if isinstance(value, Pairs):
            for name, inner in value:
                surrogates(name)
                surrogates(inner)
        elif isinstance(value, list):
            for inner in value:
                surrogates(inner)
        elif isinstance(value, str):
            value.encode("utf-8")

    value = json.loads(data.decode("utf-8"), object_pairs_hook=Pairs, parse_constant=refuse)
    surrogates(value)
    return value


def members(pairs, known):
    """{name: value}; Wrong: a known name there twice, or of another type."""
    out = {}
    for name, value in pairs:
        if name not in known:
            continue
        if name in out:
            raise Wrong("IAM_ERR_MEMBER", name)
        if name == "Version" and "Version" in known:
            if type(value) is not int or value != 1:
                raise Wrong("IAM_ERR_VALUE", name)
        elif value is not None and not isinstance(value, str):
            raise Wrong("IAM_ERR_VALUE", name)
        out[name] = value
    return out


def code_of(shape, got, required):
    """Of IMDS: another than Success goes before members that are missing, or there twice."""
    if shape == "IMDS" and got.get("Code") not in (None, "", "Success"):
        raise Wrong("IAM_ERR_SERVICE", "Code")
    for name in required:
        if name not in got:
            raise Wrong("IAM_ERR_MEMBER", name)


def printable(text):
    return all("!" <= c <= "~" for c in text)


def judge(shape, data):
    """(result, what, {slot: text})."""
    inside, names, others = SHAPES[shape]
    blank = data.strip(b" \t\n\r")
    if not blank.startswith(b"{"):
        return "IAM_ERR_FOREIGN", "", {}
    try:
        pairs = read(data)
    except ValueError:
        return "IAM_ERR_JSON", None, {}
    if b"[" * 256 in data:  # deeper than it goes
        return "IAM_ERR_JSON", None, {}
    try:
        if inside:
            objects = [value for name, value in pairs if name == inside]
            if not objects:
                raise Wrong("IAM_ERR_MEMBER", inside)
            if not isinstance(objects[0], Pairs):
                raise Wrong("IAM_ERR_VALUE", inside)
            pairs = objects[0]
        known = list(names.values()) + list(STRINGS.get(shape, ())) + (["Version"] if shape == "PROCESS" else [])
        required = list(names.values())
        if shape == "PROCESS":
            required = required[:2] + ["Version"]
        try:
            got = members(pairs, known)
        except Wrong as wrong:
            if wrong.args[0] == "IAM_ERR_MEMBER":
                code_of(shape, dict(reversed(pairs)), ())
            raise
        if inside and len(objects) > 1:
            raise Wrong("IAM_ERR_MEMBER", inside)
        code_of(shape, got, required)
        values = {slot: got.get(name) or "" for slot, name in names.items()}
        for slot in SLOTS[:3]:
            if not printable(values[slot]) or (not values[slot] and (slot != "token" or shape == "IOT")):
                raise Wrong("IAM_ERR_VALUE", names[slot])
    except Wrong as wrong:
        return wrong.args[0], wrong.args[1], {}
    if values["expiration"] == PAST and shape != "IMDS":  # where old keys are served while IMDS is out of order
        return "IAM_ERR_VALUE", "Expiration: in the past", {}
    until = got.get(names["expiration"])
    if until is None and shape != "PROCESS":
        return "IAM_ERR_VALUE", names["expiration"], {}
    if until is not None:
        if values["expiration"] not in (VALUES["expiration"], PAST):
            return None, None, values  # as the date's own tests have it
    return "IAM_OK", "", values


def escaped(text):
    """Each character by its number, those beyond the first plane by two."""
    units = text.encode("utf-16-be")
    return "".join("\\u%02x%02X" % (units[i], units[i + 1]) for i in range(0, len(units), 2))


def base(shape):
    inside, names, others = SHAPES[shape]
    object_ = {**others, **{names[slot]: VALUES[slot] for slot in SLOTS}}
    return {inside: object_} if inside else object_


def text(value, **how):
    return json.dumps(value, ensure_ascii=False, **how)


def changed(shape):
    """Documents in which one member is not what it should be."""
    inside = SHAPES[shape][0]
    whole = base(shape)
    object_ = whole[inside] if inside else whole

    def wrap(body):
        return '{"%s":%s}' % (inside, body) if inside else body

    for how in ({}, {"indent": 2}, {"separators": (",", ":")}, {"indent": "\t"}):
        yield text(whole, **how)
    names = list(object_)
    yield wrap("{" + ",".join('"%s":"%s"' % (escaped(n), escaped(v)) if isinstance(v, str) else '"%s":1' % n
                              for n, v in object_.items()) + "}")
    yield wrap(text({n: object_[n] for n in reversed(names)}))
    for name in names:
        rest = {n: v for n, v in object_.items() if n != name}
        yield wrap(text(rest))
        yield wrap(text({**rest, name.upper(): object_[name]}))
        yield wrap(text({**rest, name + " ": object_[name]}))
        yield wrap(text({**rest, name[:-1]: object_[name]}))
        yield wrap(text(object_)[:-1] + ',"%s":"twice"}' % name)
        yield wrap(text(object_)[:-1] + ',"%s":"twice"}' % escaped(name))
        for value in (None, True, 1, 2, 1.0, 1.5, -1, [], {}, [object_[name]], {"a": object_[name]}, "", " ",
                      "a b", "a\nb", "a\r\nX: y", "a\0b", "\x7f", "é", "\U0001f600", "1", "/" * 40, "\\\"/" * 3,
                      PAST, "Failed", "AssumeRoleUnauthorizedAccess"):
            yield wrap(text({**object_, name: value}))
        for raw in (r'"\ud83d\ude00"', r'"\ud83d"', r'"\ude00"', r'"\ud83dA"', r'"\ud83d\u0041"', r'"\u12g4"',
                    r'"\u+123"', r'"\x41"', r'"\u123@"', r'"\u123`"',
                    r'"\u12:4"', r'"\u123G"', r'"\ud83d\n"', r'"\ud83d\uE000"', "1e", "false", '"\\', r'"\"', '"\t"', "01", "1e5", "1e+5", "1e-5", "1e+", "1.",
                    "-", "+1", "tru", "True", "nulll", "NaN", "'a'", "", ":", "1 2", '"a" "b"', "{", "[", "[1,]", '{"a":1,}', "[1 2]", "]"):
            yield wrap(text({**object_, name: "@@"}).replace('"@@"', raw))
    for extra in ('"X":"y"', '"X":1', '"X":null', '"X":{"a":[1,{"b":"c"}],"d":{}}', '"X":[]', '"X":"y","X":"z"',
                  '"":""', '"":"","":""', ",", '"X"', '"X":', ':"y"', '1:"y"', '{"a":1}:2', '"X":"y",',
                  ",".join('"m%d":%d' % (i, i) for i in range(3)), ",".join('"m%d":%d' % (i, i) for i in range(12)),
                  '"X":' + "[" * 30 + "]" * 30,
                  ",".join('"m%d":%d' % (i, i) for i in range(300)), '"X":' + "[" * 250 + "{}" + "]" * 250, '"X":' + "[" * 256 + "]" * 256,
                  '"X":' + '[{"a":' * 100 + "1" + "}]" * 100):
        yield wrap(text(object_)[:-1] + "," + extra + "}")
        if inside:
            yield text(whole)[:-1] + "," + extra + "}"
    if inside:
        for value in ("null", "[]", '"a"', "1", "[{}]", "{}", text(object_)[:-1], text(object_) + "}"):
            yield '{"%s":%s}' % (inside, value)
    yield from ("", " ", "{}", "[]", "null", "<html></html>", "{", "}", "{}{}", "[" + text(whole) + "]", "\ufeff" + text(whole),
                text(whole) + " ", text(whole) + "x", text(whole) + text(whole), " \n\t\r" + text(whole) + "\n",
                text(whole) + "\0", "\0" + text(whole), '"a"', "AccessDenied", text(whole) + ",",
                *(text(whole)[:-1] + ',"X":"' + end for end in ("\\", "\\u", "\\u12", "\\ud83d", "\\ud83d\\",
                                                             "\\ud83d\\u", "\\ud83d\\u12")))


def damaged(shape):
    """Every byte lost, and bytes replaced by what means something."""
    whole = text(base(shape), separators=(",", ":")).encode()
    for i in range(len(whole)):
        yield whole[:i]
        yield whole[:i] + whole[i + 1:]
        for k, c in enumerate(b'"\\{}]:, \0\x80x1'):
            if shape == "IOT" or (i + k) % 6 == 0:
                yield whole[:i] + bytes([c]) + whole[i + 1:]
            if (i + k) % 12 == 0:
                yield whole[:i] + bytes([c]) + whole[i:]


def literal(data):
    out = "".join(chr(c) if 32 <= c < 127 and c not in b'"\\?' else "\\%03o" % c for c in data)
    return '"%s"' % out


def main():
    with open(os.path.join(sys.argv[1], "facts", "credentials_wire.json"), encoding="utf-8") as f:
        facts = json.load(f)
    told = {"IOT": facts["iot_credential_provider"]["json"]["credentials"], "CONTAINER": facts["container"]["json"],
            "IMDS": facts["imds_v2"]["json"], "PROCESS": facts["credential_process"]["json"]}
    for shape, (_, names, others) in SHAPES.items():
        assert set(names.values()) <= set(told[shape]), (shape, names)
        assert set(told[shape]) <= set(names.values()) | set(others) | {"AccountId"}, (shape, told[shape])
    print("/* Generated by gen_creds.py. result 1: not told here. what NULL: any. */")
    print("enum { SHAPE_IOT, SHAPE_CONTAINER, SHAPE_IMDS, SHAPE_PROCESS };")
    print("static const struct {\n    unsigned char shape;\n    int result;\n    const char *document;\n    unsigned n;")
    print("    const char *what, *id, *secret, *token;\n} creds_vectors[] = {")
    for shape in SHAPES:
        documents = [d.encode("utf-8", "surrogatepass") for d in changed(shape)] + list(damaged(shape))
        for data in dict.fromkeys(documents):
            result, what, values = judge(shape, data)
            what = "NULL" if what is None else literal(what.encode())
            texts = ", ".join(literal(values.get(slot, "").encode("utf-8", "surrogatepass")) for slot in SLOTS[:3])
            print(f"    {{SHAPE_{shape}, {result or 1}, {literal(data)}, {len(data)}, {what}, {texts}}},")
    print("};")


if __name__ == "__main__":
    main()
