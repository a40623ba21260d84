#!/usr/bin/python3
"""Every entity as a JSON line, by boto3: list_boto3.py JOB NAMESPACE"""
import json
import os
import sys

import boto3

client, job, namespace = boto3.client("iam", endpoint_url=os.environ["AWS_ENDPOINT_URL"]), sys.argv[1], sys.argv[2]
more, marker = True, {}
while more:
    page = client.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace=namespace, **marker)
    for entity in page["EntityDetailsList"]:
        print(json.dumps(entity, default=str))
    more = page["IsTruncated"]
    marker = {"Marker": page.get("Marker", "")}
