#!/usr/bin/python3
"""Writes what tests know of ListUsers, ListGroups, ListRoles, ListPolicies and ListPoliciesGrantingServiceAccess, from
botocore (Debian: python3-botocore).

    lists.py            facts/iam_list_shapes.json: their part of IAM's service model; request bodies with lists of
                        words, as botocore's serializer makes them
                        cases/lists/: made-up reply bodies, each with what botocore's parser gives
    lists.py --check    fails where the files are not what this botocore would write

The formats are those of facts/iam_sla_shapes.json and cases/public/."""
import hashlib
import json
import pathlib
import random
import sys
import urllib.parse

import botocore.parsers
import botocore.serialize
import botocore.session

HERE = pathlib.Path(__file__).resolve().parent
GRANTS = "ListPoliciesGrantingServiceAccess"
ACTIONS = ("ListUsers", "ListGroups", "ListRoles", "ListPolicies", GRANTS)
# What struct iam_resource keeps, beside IsTruncated and Marker; of grants everything.
KEPT = {"Path", "Arn", "CreateDate", "PasswordLastUsed", "AttachmentCount"} | {
    one + what for one in ("User", "Group", "Role", "Policy") for what in ("Name", "Id")}
WORD = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-"
ODD = ["&lt;&#38;&#x27;&gt;", "\u00e9\u20ac\U0001F600", " a  b ", "+=,.@-", "%2F", "<![CDATA[<Arn>]]>", "]]&gt;", ""]


def shape(name, member, required, keys=("min", "max")):
    row = {"name": name, "wire_name": name, "required": required, "botocore_shape": member.name,
           "kind": member.type_name}
    row.update({k: member.metadata[k] for k in keys if k in member.metadata})
    if getattr(member, "enum", None):
        row["enum"] = list(member.enum)
    if member.type_name == "structure":
        row["fields_in_model_order"] = [shape(k, v, False) for k, v in member.members.items()]
    if member.type_name == "list" and member.member.type_name == "structure":
        row["element_tag"] = "member"
        row["of"] = {"fields_in_model_order": [
            shape(k, v, False) for k, v in member.member.members.items()]}
    elif member.type_name == "list":
        row["element_tag"] = "member"
        row["of"] = shape("member", member.member, True, ("min", "max", "pattern"))
    return row


def shapes(model):
    operations = []
    for action in ACTIONS:
        o = model.operation_model(action)
        kept = {} if action == GRANTS else {"kept": sorted(KEPT | {"IsTruncated", "Marker"})}
        operations.append({
            "action": action, "response_element": action + "Response", "result_element": action + "Result", **kept,
            "request": [shape(k, v, k in o.input_shape.required_members, ("min", "max", "pattern"))
                        for k, v in o.input_shape.members.items()],
            "response": [shape(k, v, k in o.output_shape.required_members)
                         for k, v in o.output_shape.members.items()]})
    return {"service": {"id": "IAM", "api_version": model.metadata["apiVersion"]}, "operations": operations,
            "words_bodies": list(bodies(model))}


def bodies(model):
    """Requests with a list of words: their parameters, and the form that botocore would send."""
    operation = model.operation_model(GRANTS)
    serializer = botocore.serialize.create_serializer("query")
    for i in range(12):
        draw = random.Random("words %d" % i)
        words = ["".join(draw.choices(WORD, k=draw.choice([1, 3, 12, 64])))
                 for _ in range([1, 2, 9, 10, 11, 99, 100, 101, 199, 200, 3, 5][i])]
        arn = "arn:aws:iam::123456789012:user/" + draw.choice(["alice", "a b/&=+%", "\u00e9\u20ac"])
        params = {"Arn": arn, "ServiceNamespaces": words}
        if i % 2:
            params["Marker"] = draw.choice(["m-1", "a b&c=\u00e9", "AAA=="])
        form = serializer.serialize_to_request(params, operation)["body"]
        # values as botocore encodes them when it sends; ours come in the order of the model
        names = list(operation.input_shape.members)
        pairs = sorted(form.items(), key=lambda p: names.index(p[0].split(".")[0]) if p[0].split(".")[0] in names else -1)
        yield dict(params, body=urllib.parse.urlencode(pairs))


def value(draw, member, name):
    if name in ("PolicyType", "EntityType"):
        return draw.choice(list(member.enum) + ["OTHER"])
    if member.type_name == "string":
        if name == "AssumeRolePolicyDocument":
            return "%7B" + "x%20" * draw.randrange(1, 60) + "%7D"
        if name == "Arn":
            return "arn:aws:iam::123456789012:thing/" + draw.choice(["team/", ""]) + "n%d" % draw.randrange(1000)
        return draw.choice(["a%d" % draw.randrange(1000), "/", "/team/", "AIDAEX2EXAMPLEB6IGCDC"] + ODD)
    if member.type_name == "timestamp":
        return "20%02d-%02d-%02dT%02d:%02d:%02dZ" % tuple(
            draw.randrange(a, b) for a, b in ((10, 27), (1, 13), (1, 29), (0, 24), (0, 60), (0, 60)))
    if member.type_name == "integer":
        return str(draw.choice([0, 1, 7, 150, 2 ** 31]))
    if member.type_name == "boolean":
        return draw.choice(["true", "false"])
    if member.type_name == "structure":
        return members(draw, member)
    return "".join("<member>%s</member>" % members(draw, member.member) for _ in range(draw.randrange(3)))


def members(draw, structure):
    """Most of them, as a rule in the model's order."""
    names = [k for k in structure.members if draw.random() < 0.85]
    if draw.random() < 0.3:
        draw.shuffle(names)
    names.sort(key=lambda k: k == "Policies")  # what follows a list inside an item is told late: test_table.c
    return "".join("<%s>%s</%s>%s" % (k, value(draw, structure.members[k], k), k, draw.choice(["", "\n "]))
                   for k in names)


def body(draw, action, output):
    name, items = [(k, v.member) for k, v in output.members.items() if v.type_name == "list"][0]
    listed = "<%s>%s</%s>" % (name, "".join(
        "\n<member>%s</member>" % members(draw, items) for _ in range(draw.choice([0, 1, 2, 3]))), name)
    more = draw.random() < 0.5
    parts = ["<IsTruncated>%s</IsTruncated>" % ("true" if more else "false"), listed]
    if more:
        parts.append("<Marker>%s</Marker>" % draw.choice(["m-1", "a&amp;b", "AAA=="]))
    if draw.random() < 0.3:
        draw.shuffle(parts)
    return ('<%sResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><%sResult>%s</%sResult>'
            "<ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ResponseMetadata>"
            "</%sResponse>\n" % (action, action, "".join(parts), action, action))


def cases(model):
    parser = botocore.parsers.create_parser("query")
    for action in ACTIONS:
        output = model.operation_model(action).output_shape
        for i in range(6):
            draw = random.Random("%s %d" % (action, i))
            text = body(draw, action, output).encode()
            headers = {"Content-Type": "text/xml", "x-amzn-RequestId": "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE",
                       "Date": "Wed, 24 Oct 2018 19:48:00 GMT"}
            parsed = parser.parse({"status_code": 200, "headers": headers, "body": text}, output)
            del parsed["ResponseMetadata"]
            name = "l%02d_%s" % (ACTIONS.index(action) * 6 + i + 1, action.lower())
            yield name, text, {
                "id": name, "operation": action, "why": "made up from seed '%s %d'" % (action, i),
                "http": {"status": 200, "headers": headers}, "body_file": name + ".xml", "body_bytes": len(text),
                "body_sha256": hashlib.sha256(text).hexdigest(), "parsed": parsed}


def as_json(data):
    return (json.dumps(data, indent=1, default=lambda t: t.isoformat()) + "\n").encode()


def main():
    if sys.argv[1:] == ["--help"]:
        print(__doc__)
        return 0
    if sys.argv[1:] not in ([], ["--check"]):
        print(f"{__doc__}\n\nlists.py: it takes --check or nothing", file=sys.stderr)
        return 2
    model = botocore.session.get_session().get_service_model("iam")
    files = {HERE / "facts/iam_list_shapes.json": as_json(shapes(model))}
    for name, text, case in cases(model):
        files[HERE / "cases/lists" / (name + ".xml")] = text
        files[HERE / "cases/lists" / (name + ".json")] = as_json(case)
    wrong = 0
    for path, data in files.items():
        if "--check" not in sys.argv:
            path.write_bytes(data)
        elif not path.exists() or path.read_bytes() != data:
            print("differs:", path.relative_to(HERE))
            wrong += 1
    if wrong:
        print("What to do: tests/vectors/lists.py writes them; git diff shows whether that is what was meant")
    print("%d files, %d differ" % (len(files), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
