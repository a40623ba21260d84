#!/usr/bin/python3
"""Who used what, for many ARNs, by boto3 in a pool of threads: audit_boto3.py FILE-OF-ARNS THREADS [RETRY-MODE]"""
import concurrent.futures
import json
import os
import sys
import threading
import time

import boto3
import botocore.config

arns, threads = open(sys.argv[1], encoding="utf-8").read().split(), int(sys.argv[2])
client = boto3.client("iam", endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=botocore.config.Config(
    max_pool_connections=threads, retries={"mode": sys.argv[3] if len(sys.argv) > 3 else "standard"}))
out = threading.Lock()


def pages(call, name, **what):
    more, marker = True, {}
    while more:
        page = call(**what, **marker, MaxItems=1000)
        yield page
        more = page["IsTruncated"]
        marker = {"Marker": page.get("Marker", "")}


def audit(arn):
    job = client.generate_service_last_accessed_details(Arn=arn)["JobId"]
    rows = []
    while True:
        first = client.get_service_last_accessed_details(JobId=job, MaxItems=1000)
        if first["JobStatus"] != "IN_PROGRESS":
            break
        time.sleep(0.5)
    for service in first["ServicesLastAccessed"]:
        if service.get("TotalAuthenticatedEntities", 0) > 0:
            for page in pages(client.get_service_last_accessed_details_with_entities, "EntityDetailsList", JobId=job,
                              ServiceNamespace=service["ServiceNamespace"]):
                rows += [{"ReportArn": arn, "ServiceNamespace": service["ServiceNamespace"], **e["EntityInfo"],
                          "LastAuthenticated": e.get("LastAuthenticated")} for e in page["EntityDetailsList"]]
    with out:
        for row in rows:
            print(json.dumps(row, default=str))


failed = 0
with concurrent.futures.ThreadPoolExecutor(threads) as pool:
    for future in [pool.submit(audit, arn) for arn in arns]:
        try:
            future.result()
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(error, file=sys.stderr)
print(f"{failed} failed", file=sys.stderr)
