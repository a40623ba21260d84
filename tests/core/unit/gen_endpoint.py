#!/usr/bin/env python3
"""Prints endpoint_vectors.h. Argument 1: the folder of the vectors."""
import json
import os
import sys

FLAGS = {"default": 0, "fips": 1, "dualstack": 2, "fips_dualstack": 3}
rows = set()


def row(region, flags, endpoint):
    """An endpoint of None: refused."""
    host, signing = (endpoint["hostname"], endpoint["signing_region"]) if endpoint else (None, None)
    rows.add((region or "", flags, host or "", signing or ""))


def main():
    with open(os.path.join(sys.argv[1], "facts", "endpoints_iam.json"), encoding="utf-8") as f:
        facts = json.load(f)
    for partition in facts["partitions"]:
        for name, flags in FLAGS.items():
            for region in partition["regions"] + [partition["implicit_global_region"]]:
                row(region, flags, partition["endpoints"][name])
    for entry in facts["by_region"]:
        for name, flags in FLAGS.items():
            row(entry["region"], flags, entry[name])
    for entry in facts["pseudo_regions_botocore"]:
        row(entry["region"], entry["fips"] + 2 * entry["dualstack"],
            None if "error" in entry else entry)
    for region, endpoint in facts["unknown_region_ruleset"].items():
        row(region, 0, endpoint)
    for entry in facts["ruleset_vs_botocore_client_differences"]:
        row(entry["region"], entry["fips"] + 2 * entry["dualstack"], entry["ruleset"])
    print("/* Generated from endpoints_iam.json. An empty host: refused. */")
    print("static const struct {")
    print("    const char *region;")
    print("    unsigned flags;")
    print("    const char *host, *signing_region;")
    print("} endpoint_vectors[] = {")
    for region, flags, host, signing in sorted(rows):
        print('    {"%s", %u, "%s", "%s"},' % (region, flags, host, signing))
    print("};")


if __name__ == "__main__":
    main()
