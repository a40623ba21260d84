#!/usr/bin/env python3
"""Prints shapes_vectors.h: IAM's service model and request bodies, for test_model.c.

Argument 1: the folder of the vectors. A response member is given as the path of its element; request bodies
come from the signature vectors and, a Marker of each legal character, from Python's own URL encoder."""
import json
import os
import sys
import urllib.parse

FACTS = os.path.join(sys.argv[1], "facts")


def c_string(text):
    if text is None:
        return "NULL"
    return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else "\\%03o" % b
                         for b in text.encode()) + '"'


def load(name):
    with open(os.path.join(FACTS, name), encoding="utf-8") as f:
        return json.load(f)


def members(fields, path, names):
    """(path, kind, words, kept) of every element below path, as the reply spells it. names: those that are kept
    of a result and of its list's members; None: everything."""
    for f in fields:
        here = path + "/" + f["wire_name"]
        kind = "enum" if "enum" in f else f["kind"]
        kept = names is None or f["name"] in names or (f["kind"] == "list" and path.count("/") == 2)
        yield here, kind, f.get("enum", []), kept
        if f["kind"] == "structure":
            yield from members(f["fields_in_model_order"], here, names if kept else ())
        elif f["kind"] == "list" and "fields_in_model_order" in f["of"]:
            yield here + "/" + f["element_tag"], "element", [], kept
            yield from members(f["of"]["fields_in_model_order"], here + "/" + f["element_tag"], names if kept else ())


def table(declaration, rows):
    print("static const %s = {" % declaration)
    for row in rows:
        print("    {%s}," % ", ".join(row))
    print("};")


def main():
    model = load("iam_sla_shapes.json")
    reports = model["operations"]
    operations = reports + load("iam_list_shapes.json")["operations"]
    print("/* Made by tests/core/unit/gen_shapes.py. */\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"")
    print("struct shape_operation { const char *action, *response, *result, *version; };")
    table("struct shape_operation shape_operations[]", [
        (c_string(o["action"]), c_string(o["response_element"]), c_string(o["result_element"]),
         c_string(model["service"]["api_version"])) for o in operations])
    print("struct shape_param {")
    print("    const char *action, *name, *kind, *pattern, *values[4];")
    print("    int required;")
    print("    unsigned min, max;")
    print("    const char *of;  /* of a list: the pattern of its members, */")
    print("    unsigned of_min, of_max;")
    print("};")
    table("struct shape_param shape_params[]", [
        (c_string(o["action"]), c_string(p["wire_name"]), c_string(p["kind"]), c_string(p.get("pattern")),
         "{%s}" % ", ".join([c_string(v) for v in p.get("enum", [])] + ["NULL"]),
         str(int(p["required"])), str(p.get("min", 0)), str(p.get("max", 0)),
         c_string(p.get("of", {}).get("pattern")), str(p.get("of", {}).get("min", 0)), str(p.get("of", {}).get("max", 0)))
        for o in operations for p in o["request"]])
    print("struct shape_member { const char *action, *path, *kind, *values[4]; int kept; };")
    table("struct shape_member shape_members[]", [
        (c_string(o["action"]), c_string(path), c_string(kind),
         "{%s}" % ", ".join([c_string(v) for v in values] + ["NULL"]), str(int(kept)))
        for o in operations
        for path, kind, values, kept in members(
            o["response"], "/" + o["response_element"] + "/" + o["result_element"], o.get("kept"))])

    print("struct shape_words { const char *arn, *marker, *words[201]; unsigned count; const char *body; };")
    table("struct shape_words shape_words[]", [
        (c_string(w["Arn"]), c_string(w.get("Marker")), "{%s}" % ", ".join(map(c_string, w["ServiceNamespaces"])),
         str(len(w["ServiceNamespaces"])), c_string(w["body"])) for w in load("iam_list_shapes.json")["words_bodies"]])
    rows = [(v["params_in_order"], v["body"]) for v in load("sigv4_iam_vectors.json")["vectors"]
            if v["service"] == "iam"]
    base = [("Action", reports[2]["action"]), ("Version", "2010-05-08"),
            ("JobId", "examplef-1305-c245-eba4-71fe298bcda7"), ("ServiceNamespace", "iam")]
    legal = [chr(c) for c in range(0x20, 0x100)]
    for marker in legal + ["".join(legal), "".join(reversed(legal)), "\u00ff" * 320, " " * 320]:
        pairs = base + [("Marker", marker)]
        rows.append((pairs, urllib.parse.urlencode(pairs)))
    print("struct shape_body {")
    print("    const char *action, *job_id, *ns, *marker, *arn, *granularity;")
    print("    unsigned max_items;")
    print("    const char *body;")
    print("};")
    table("struct shape_body shape_bodies[]", [
        tuple(c_string(dict(pairs).get(k)) for k in ("Action", "JobId", "ServiceNamespace", "Marker", "Arn",
                                                     "Granularity")) +
        (str(dict(pairs).get("MaxItems", 0)), c_string(body)) for pairs, body in rows])


if __name__ == "__main__":
    main()
