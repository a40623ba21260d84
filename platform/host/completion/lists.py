#!/usr/bin/python3
"""Writes services.txt and regions.txt, what completion offers for --service-namespace and --region, from botocore:

    tests/deps/fetch build/deps botocore      Debian's package, of the version in tests/deps/versions
    platform/host/completion/lists.py         writes both beside this file
    platform/host/completion/lists.py --check fails where they are not what that botocore says

A service's namespace in IAM is what its requests are signed for, and where botocore's own documentation speaks of
permissions by another prefix that nobody signs for (cloudwatch:PutMetricData is signed for "monitoring"), that one.
What botocore does not know stands in OTHERWISE."""
import collections
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
BOTOCORE = HERE.parents[2] / "build/deps/botocore/usr/lib/python3/dist-packages/botocore"
ACTION = re.compile(r"(?<![\w:/.-])([a-z][a-z0-9-]+):([A-Z][A-Za-z]+)\b")
# Signed for this, permitted by that: AWS's Service Authorization Reference, "service prefix".
OTHERWISE = {"IoTSecuredTunneling": "iot", "awsssoportal": "sso", "cloudcontrolapi": "cloudformation",
             "iot-jobs-data": "iotjobsdata", "iotdata": "iot", "ioteventsdata": "iotevents",
             "mturk-requester": "mechanicalturk", "partnercentral-selling": "partnercentral"}


def models():
    """{name: (service model, its text)}, the newest version of each."""
    out = {}
    for folder in sorted((BOTOCORE / "data").iterdir()):
        versions = sorted(folder.glob("*/service-2.json"))
        if versions:
            text = versions[-1].read_text(encoding="utf-8")
            out[folder.name] = json.loads(text), text
    return out


def documented(all_models, signed):
    """{name: prefixes} by which the documentation of a service calls permissions for its own actions. A prefix that is
    signed for is believed of those only who sign for it, another one of the service that has it most."""
    counts = collections.defaultdict(collections.Counter)
    for name, (model, text) in all_models.items():
        for prefix, action in ACTION.findall(text):
            if action in model["operations"]:
                counts[prefix][name] += 1
    out = collections.defaultdict(set)
    for prefix, by in counts.items():
        most = by.most_common(1)[0][0]
        for name in by:
            if prefix == signed[name] or (prefix not in signed.values() and name == most):
                out[name].add(prefix)
    return out


def services():
    """[(namespace, the service's name)]"""
    all_models = models()
    meta = {name: model["metadata"] for name, (model, _) in all_models.items()}
    signed = {name: m.get("signingName", m["endpointPrefix"]) for name, m in meta.items()}
    told = documented(all_models, signed)
    titles = {}
    for name, m in meta.items():
        usual = OTHERWISE.get(signed[name], signed[name])
        for namespace in told[name] or {usual}:
            close = (name != namespace, m["endpointPrefix"] != namespace, len(m["serviceFullName"]), name)
            titles[namespace] = min(titles.get(namespace, (close, m["serviceFullName"])), (close, m["serviceFullName"]))
    return [(namespace, title) for namespace, (_, title) in titles.items()]


def regions():
    """[(region, where it is)], of every partition."""
    out = {}
    for partition in json.loads((BOTOCORE / "data/partitions.json").read_text(encoding="utf-8"))["partitions"]:
        for region, about in partition["regions"].items():
            if not region.endswith("-global"):
                out[region] = about.get("description", "")
    for partition in json.loads((BOTOCORE / "data/endpoints.json").read_text(encoding="utf-8"))["partitions"]:
        for region, about in partition["regions"].items():
            out[region] = about.get("description", out.get(region, ""))
    return list(out.items())


def page(rows, what):
    version = re.search(r"__version__ = '([\d.]+)'", (BOTOCORE / "__init__.py").read_text(encoding="utf-8"))[1]
    out = [f"# {what} Written by lists.py from botocore {version}.\n"]
    for word, text in sorted(rows):
        if not re.fullmatch(r"[a-z][a-z0-9-]*", word):
            raise SystemExit(f"lists.py: {word} is no name")
        out.append(f"{word}\t{' '.join(text.split())}\n")
    return "".join(out)


def main():
    if sys.argv[1:] == ["--help"]:
        print(__doc__)
        return
    if sys.argv[1:] not in ([], ["--check"]):
        print(f"{__doc__}\n\nlists.py: it takes --check or nothing", file=sys.stderr)
        raise SystemExit(2)
    if not BOTOCORE.is_dir():
        raise SystemExit("lists.py: first tests/deps/fetch build/deps botocore")
    pages = {"services.txt": page(services(), "Namespaces of AWS's services in IAM."),
             "regions.txt": page(regions(), "AWS's regions, of every partition.")}
    for name, text in pages.items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{path}: is not what botocore says; lists.py writes it")
        print(f"{name}: {text.count(chr(10)) - 1} lines")


if __name__ == "__main__":
    main()
