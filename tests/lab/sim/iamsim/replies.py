"""Answers that are not the service's: errors on command, foreign bodies, proxy pages."""

import json
import re

from .service import Reply

_PROXY_HTML = (b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>"
               b"502 Bad Gateway</h1></center>\r\n<hr><center>gateway</center>\r\n</body>\r\n"
               b"</html>\r\n")
_PORTAL_HTML = (b"<!DOCTYPE html><html><head><meta charset=utf-8><title>Guest network</title>"
                b"</head><body>Accept the terms<br>to go on</body></html>")


def replace(service, request, do):
    """The reply that stands in for the service's, or None."""
    number, status = request.number, do.get("status")
    request_id = service.request_id(number)
    kind = do.get("reply")
    if "body" in do or "body_file" in do:
        if "body_file" in do:
            with open(do["body_file"], "rb") as f:
                body = f.read()
        else:
            body = do["body"].encode("utf-8", "surrogateescape")
        return Reply(status or 200, body, request_id)
    if kind == "proxy-html":
        return Reply(status or 502, _PROXY_HTML, request_id, "text/html")
    if kind == "captive-portal":
        return Reply(status or 200, _PORTAL_HTML, request_id, "text/html; charset=utf-8")
    if kind == "json":
        text = {"Error": {"Code": do.get("code", "InternalFailure"),
                          "Message": do.get("message", "not XML")}, "RequestId": request_id}
        return Reply(status or 200, json.dumps(text).encode(), request_id, "application/json")
    if kind == "empty":
        return Reply(status or 200, b"", request_id)
    if kind == "error-as-200" or "code" in do or status is not None and status >= 300:
        status = 200 if kind == "error-as-200" else status or 400
        code = do.get("code", "InternalFailure" if status >= 500 else "Throttling")
        return service.error(number, status, code, do.get("message", "Rate exceeded"
                             if code == "Throttling" else f"{code} on command"), do.get("type"))
    return None


def adorn(reply, do):
    """What is changed whoever made the reply."""
    if "status" in do:
        reply.status = do["status"]
    if "content_type" in do:
        reply.content_type = do["content_type"]
    for pattern, text in do.get("edit", []):
        reply.body = re.sub(pattern.encode(), text.encode(), reply.body)
