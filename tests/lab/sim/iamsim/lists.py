"""The lists of an account: users, groups, roles, managed policies, and the policies that grant a
service."""

import json
import random
import urllib.parse

from . import model, report
from .model import ApiError, escape

_LIST = {model.USERS: ("Users", "USER"), model.GROUPS: ("Groups", "GROUP"),
         model.ROLES: ("Roles", "ROLE"), model.POLICIES: ("Policies", "POLICY"),
         model.GRANTS: ("PoliciesGrantingServiceAccess", None)}
_FILTERS = ("Scope", "OnlyAttached", "PathPrefix", "PolicyUsageFilter", "Arn")


def scope(operation, params):
    """The list that a marker belongs to: the operation and what it was asked for."""
    wanted = {name: params[name] for name in _FILTERS if name in params}
    return f"{operation}/{json.dumps([wanted, model.list_param(params, 'ServiceNamespaces')])}"


def answer(service, request, operation, do):
    """The reply of service (whose report is an account.Account) to a request that was checked."""
    from .service import Page
    params, account = request.params, service.report
    rows = _grants(account, params) if operation == model.GRANTS \
        else _chosen(account, operation, params)
    name = scope(operation, params)
    start, count = service.start(name, params), int(params.get("MaxItems", service.page_size))
    more = start + count < len(rows)
    marker = service.codec.encode(name, start + count) if more else None
    items = service.rendered((name, start, count), do, lambda: [
        _member(service, row if operation == model.GRANTS else _as_listed(account, row))
        for row in rows[start:start + count]])
    page = Page(None, "COMPLETED", operation, items, more, marker)
    service._spoil(page, do, params)
    return _render(service, request.number, page)


def _chosen(account, operation, params):
    kind = _LIST[operation][1]
    wanted, prefix = account.items[kind], params.get("PathPrefix", "/")
    rows = [item for item in wanted if item.path.startswith(prefix)]
    if operation != model.POLICIES:
        return rows
    which, usage = params.get("Scope", "All"), params.get("PolicyUsageFilter")
    if which != "All":
        rows = [item for item in rows if item.aws_managed == (which == "AWS")]
    if usage == "PermissionsBoundary":
        rows = [item for item in rows if item.boundaries]
    elif usage:     # what is a boundary only is no permissions policy
        rows = [item for item in rows if item.attachments or not item.boundaries]
    if params.get("OnlyAttached") == "true":
        rows = [item for item in rows if item.attachments
                or usage == "PermissionsBoundary" and item.boundaries]
    return rows


def _grants(account, params):
    item = account.find(params["Arn"])
    if item.kind == "POLICY":
        raise ApiError(400, "InvalidInput", "The ARN of a user, group or role is expected: "
                       f"{item.arn}")
    namespaces = model.list_param(params, "ServiceNamespaces")
    for namespace in namespaces:
        if namespace not in account.universe:
            raise ApiError(400, "InvalidInput", f"Invalid service namespace: {namespace}")
    return [{"ServiceNamespace": namespace, "Policies": item.report.grants(namespace)
             if namespace in item.report.namespaces else []} for namespace in namespaces]


def _trust(account, item):
    """A role's trust policy as the lists have it, URL-encoded; of four one has many KB."""
    h = account.draw(f"trust/{item.arn}")
    statements = [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                   "Action": "sts:AssumeRole"}]
    if h % 4 == 0:
        statements += [{"Sid": f"Vendor{k}", "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{(h + k) % 10 ** 12:012d}:root"},
                        "Action": ["sts:AssumeRole", "sts:TagSession"],
                        "Condition": {"StringEquals": {"sts:ExternalId": f"<{h:x}&{k}>"}}}
                       for k in range(8 + h % 24)]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
    return urllib.parse.quote(text, safe="")


def _as_listed(account, item):
    """Every member that the lists have, in the order of the service model."""
    word = {"USER": "User", "GROUP": "Group", "ROLE": "Role", "POLICY": "Policy"}[item.kind]
    named = {f"{word}Name": item.name, f"{word}Id": item.ident, "Arn": item.arn}
    created = report.iso(item.created)
    if item.kind == "POLICY":
        later = item.created + account.draw(f"update/{item.arn}") % (account.date - item.created)
        return {**named, "Path": item.path, "DefaultVersionId": "v1",
                "AttachmentCount": item.attachments,
                "PermissionsBoundaryUsageCount": item.boundaries, "IsAttachable": "true",
                "CreateDate": created, "UpdateDate": report.iso(later)}
    row = {"Path": item.path, **named, "CreateDate": created}
    if item.password_used:
        row["PasswordLastUsed"] = report.iso(item.password_used)
    if item.kind == "ROLE":
        row["AssumeRolePolicyDocument"] = _trust(account, item)
        if account.draw(f"description/{item.arn}") % 3 == 0:
            row["Description"] = f"Made for <{item.name}> & kept"
        row["MaxSessionDuration"] = 3600
    if item.boundary:
        row["PermissionsBoundary"] = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy",
                                      "PermissionsBoundaryArn": item.boundary}
    return row


def _xml(layout, depth, name, value):
    if isinstance(value, dict):
        inner = "".join(_xml(layout, depth + 1, k, v) for k, v in value.items())
    elif isinstance(value, list):
        inner = "".join(_xml(layout, depth + 1, "member", v) for v in value)
        if not inner:
            return layout.line(depth, f"<{name}/>")
    else:
        return layout.line(depth, f"<{name}>{escape(str(value))}</{name}>")
    return layout.line(depth, f"<{name}>") + inner + layout.line(depth, f"</{name}>")


def _member(service, row):
    names = list(row)
    if service.order == "docs":
        names.sort()
    elif service.order == "shuffled":
        random.Random(str(row.get("Arn", names))).shuffle(names)
    return _xml(service.layout, 3, "member", {name: row[name] for name in names}).encode()


def _render(service, number, page):
    list_name = _LIST[page.operation][0]
    members = {list_name: None,
               "IsTruncated": f"<IsTruncated>{'true' if page.truncated else 'false'}</IsTruncated>"}
    if page.marker is not None:
        members["Marker"] = f"<Marker>{escape(page.marker)}</Marker>"
    order = list(members)
    if service.order == "docs":
        order[:2] = ["IsTruncated", list_name]
    elif service.order == "shuffled":
        random.Random(number).shuffle(order)
    return service.enclose(number, page, members, list_name, order)
