"""Puts a reply on a stream, with every fault that lies below the answer itself."""

import email.utils
import http

from .faults import as_list
from .streams import Closed

ENDLESS_LIMIT = 256 << 20


class Cut(Exception):
    """The connection is to be ended now, in the given way."""

    def __init__(self, how):
        super().__init__(how)
        self.how = how


class Writer:
    """Counts head and body bytes and stops, stalls or slows where a fault says so."""

    def __init__(self, stream, do, stop):
        self.stream, self.stop = stream, stop
        self.sent, self._at = 0, {"interim": 0, "head": 0, "body": 0}
        self._dribble, self._size = do.get("dribble"), do.get("write_size")
        self._mangle = do.get("mangle")
        self.copy = bytearray() if "again" in do else None     # of all that was sent
        self._events = []
        for stall in as_list(do.get("stall", [])):
            part = stall.get("part", "head")
            self._events.append((part, stall.get("after", 0), "stall", stall["seconds"]))
        if "cut" in do:
            cut = do["cut"]
            self._events.append((cut.get("part", "body"), cut.get("after", 0), "cut",
                                 cut.get("how", "close_notify")))
        self._events.sort(key=lambda e: (e[1], e[2] == "cut"))

    def pause(self, seconds):
        if self.stop.wait(seconds, self.stream.sock):
            raise Cut("reset")

    def write(self, part, data):
        if part == "body" and self._mangle:
            k = self._mangle.get("after", 0) - self._at["body"]
            if 0 <= k < len(data):
                data = bytearray(data)
                data[k] ^= self._mangle.get("xor", 0x20)
        view = memoryview(data)
        while True:
            event = next((e for e in self._events
                          if e[0] == part and e[1] <= self._at[part] + len(view)), None)
            if event is None:
                self._emit(part, view)
                return
            take = max(0, event[1] - self._at[part])
            self._emit(part, view[:take])
            view = view[take:]
            self._events.remove(event)
            if event[2] == "cut":
                raise Cut(event[3])
            self.pause(event[3])

    def _emit(self, part, view):
        self._at[part] += len(view)
        self.sent += len(view)
        if not view:
            return
        if self.copy is not None:
            self.copy += view
        if self._dribble:
            step, delay = self._dribble.get("bytes", 1), self._dribble.get("ms", 1) / 1000
            for k in range(0, len(view), step):
                self.stream.send(view[k:k + step])
                self.pause(delay)
        elif self._size:
            for k in range(0, len(view), self._size):
                self.stream.send(view[k:k + self._size])
        else:
            self.stream.send(view)

    def forever(self, part, piece, limit):
        """Until the peer has had enough."""
        block = piece * max(1, 16384 // len(piece))
        while self.sent < limit:
            self.write(part, block)
            if self.stop.is_set():
                break
        raise Cut("reset")


def http_date(seconds):
    return email.utils.formatdate(seconds, usegmt=True)


def _reason(status):
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _lengths(body, do):
    """The Content-Length header values to send."""
    out = []
    for spec in as_list(do.get("content_length", len(body))):
        if isinstance(spec, str) and spec[:1] in "+-" and spec[1:].isdigit():
            spec = max(0, len(body) + int(spec))
        out.append(str(spec))
    return out


def build_head(reply, do, now, keep_alive):
    """(status line and headers without the blank line, framing)"""
    framing = do.get("framing", "chunked" if "chunks" in do else "length")
    if do.get("endless") in ("chunk-extension", "trailers", "list"):
        framing = "chunked"
    elif do.get("endless") == "body":
        framing = "close"
    headers = [("x-amzn-RequestId", reply.request_id), ("Content-Type", reply.content_type)]
    if framing == "length" or "content_length" in do:
        headers += [("Content-Length", value) for value in _lengths(reply.body, do)]
    if framing == "chunked":
        headers.append(("Transfer-Encoding", "chunked"))
    date = do.get("date", True)
    if date is True:
        date = http_date(now + do.get("date_offset", 0))
    if date:
        headers.append(("Date", date))
    if "age" in do:
        headers.append(("Age", str(do["age"])))
    if "retry_after" in do:
        headers.append(("x-amz-retry-after", str(do["retry_after"])))
    if do.get("connection"):
        headers.append(("Connection", do["connection"]))
    elif not keep_alive or framing == "close":
        headers.append(("Connection", "close"))
    headers += reply.headers
    for name, value in do.get("headers", {}).items():
        headers = [h for h in headers if h[0].lower() != name.lower()]
        if value is not None:
            headers += [(name, str(v)) for v in as_list(value)]
    status = reply.status
    lines = [f"{do.get('version', 'HTTP/1.1')} {status} {do.get('reason', _reason(status))}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if do.get("fold"):
        lines.append("X-Folded: first part\r\n second part")
    return "".join(line + "\r\n" for line in lines).encode("utf-8", "surrogateescape"), framing


def _informational(writer, do):
    spec = do.get("informational", [])
    if isinstance(spec, dict):
        spec = [spec.get("status", 100)] * spec.get("count", 1)
    for status in as_list(spec):
        extra = "Link: </style.css>; rel=preload\r\n" if status == 103 else ""
        writer.write("interim", f"HTTP/1.1 {status} {_reason(status)}\r\n{extra}\r\n".encode())


def _chunked(writer, body, chunks):
    sizes = list(chunks.get("sizes", [])) or [chunks.get("size", 8192)]
    extension = ";" + chunks["extension"] if chunks.get("extension") else ""
    form = "X" if chunks.get("uppercase") else "x"
    out, at, k = [], 0, 0
    while at < len(body):
        piece = body[at:at + max(1, sizes[min(k, len(sizes) - 1)])]
        out.append(f"{len(piece):{form}}{extension}\r\n".encode() + piece + b"\r\n")
        at, k = at + len(piece), k + 1
    writer.write("body", b"".join(out))
    trailers = "".join(f"{n}: {v}\r\n" for n, v in chunks.get("trailers", {}).items())
    return f"0{extension}\r\n{trailers}".encode()


def _chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


def send_reply(writer, reply, do, now, keep_alive, head_only=False):
    """Returns whether the connection can carry another request."""
    limit = do.get("endless_limit", ENDLESS_LIMIT)
    endless = do.get("endless")
    if "raw" in do or "raw_file" in do:
        raw = open(do["raw_file"], "rb").read() if "raw_file" in do else do["raw"].encode("latin-1")
        writer.write("head", raw)
        return False
    _informational(writer, do)
    if endless == "informational":
        writer.forever("interim", b"HTTP/1.1 102 Processing\r\n\r\n", limit)
    head, framing = build_head(reply, do, now, keep_alive)
    if endless == "headers":
        writer.write("head", head)
        writer.forever("head", b"X-Filler: 0123456789abcdef\r\n", limit)
    if endless == "header-line":
        writer.write("head", head + b"X-Long: ")
        writer.forever("head", b"0123456789abcdef", limit)
    writer.write("head", head + b"\r\n")
    if head_only or reply.status in (204, 304):
        return keep_alive
    if endless == "list" and reply.endless:
        before, repeated = reply.endless
        writer.write("body", _chunk(before))
        writer.forever("body", _chunk(repeated * max(1, 8192 // len(repeated))), limit)
    if endless == "body":
        writer.write("body", reply.body)
        writer.forever("body", b" \n", limit)
    if endless == "chunk-extension":
        writer.write("body", b"1;x=")
        writer.forever("body", b"y", limit)
    if framing == "chunked":
        end = _chunked(writer, reply.body, do.get("chunks", {}))
        if endless == "trailers":
            writer.write("body", end)
            writer.forever("body", b"X-Trailer: 0123456789abcdef\r\n", limit)
        writer.write("body", end + b"\r\n")
    else:
        writer.write("body", reply.body)
    return keep_alive and framing != "close" and do.get("connection", "").lower() != "close"


__all__ = ["Closed", "Cut", "Writer", "send_reply", "build_head", "http_date"]
