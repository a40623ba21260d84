"""The server: listeners, one thread a connection, request reading, faults, the request log."""

import collections
import contextlib
import itertools
import json
import re
import socket
import ssl
import threading
import time
import traceback

from . import replies
from .faults import ALERTS, Scenario, as_list
from .model import ApiError
from .sigv4 import SignatureError
from .streams import Closed, PlainStream, TlsStream, has_hung_up, waits
from .writer import Cut, Writer, send_reply

HEAD_LIMIT, BODY_LIMIT = 1 << 16, 1 << 20
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class BadRequest(Exception):
    """A request that is not HTTP/1.1 as RFC 9112 has it."""


class Request:
    def __init__(self):
        self.number = 0
        self.method = self.path = self.query = self.operation = ""
        self.headers, self.params, self.body = {}, {}, b""
        self.access_key, self.bytes_in = None, 0
        self.identity = self.sni = self.peer = None

    def header(self, name, default=None):
        values = self.headers.get(name)
        return values[0] if values else default


class Contexts:
    """TLS contexts by certificate and version; one context is one session cache."""

    def __init__(self, authority, kind, bad, tls_min, tls_max, tickets=True, alpn=True):
        self.authority, self.kind, self.bad = authority, kind, bad
        self.low, self.high, self.tickets, self.alpn = tls_min, tls_max, tickets, alpn
        self._made, self._lock, self.names = {}, threading.Lock(), threading.local()
        self.default = self.get({})

    def get(self, do):
        bad, high = do.get("certificate", self.bad), do.get("tls_max", self.high)
        tickets = do.get("tickets", self.tickets)
        with self._lock:
            context = self._made.get((bad, high)) if tickets else None
            if context is None:
                context = self._make(bad, high, tickets)
                if tickets:
                    self._made[(bad, high)] = context
            return context

    def _make(self, bad, high, tickets):
        identity = self.authority.identity(self.kind, bad)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if identity.weak:
            context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.load_cert_chain(identity.chain, identity.key)
        context.minimum_version = _VERSIONS[min(self.low, high)]
        context.maximum_version = _VERSIONS[high]
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE  # the client's first is taken
        if self.alpn:
            context.set_alpn_protocols(["http/1.1"])
        if not tickets:
            context.options |= ssl.OP_NO_TICKET
            context.num_tickets = 0
        context.sni_callback = self._sni
        self.finish(context)
        return context

    def finish(self, _context):
        """For those who ask more of a client."""

    def _sni(self, _tls, name, _context):
        self.names.value = name


class Pauses:
    """Where faults wait: for their time, until a test says go on or the client has gone, or to the end of the server."""

    def __init__(self):
        self._turn, self._stopped, self._open = threading.Condition(), False, False
        self.requests = 0       # of them, those whose reply waits here

    def wait(self, seconds, sock=None):
        """Whether the server ends. sock: a reply to it waits."""
        until = time.monotonic() + seconds
        with self._turn:
            self.requests += sock is not None
            while not self._stopped and not self._open and (left := until - time.monotonic()) > 0:
                if not self._turn.wait(min(left, 0.2)) and sock is not None and has_hung_up(sock):
                    break
            self.requests -= sock is not None
            return self._stopped

    def _tell(self, stopped, is_open):
        with self._turn:
            self._stopped, self._open = self._stopped or stopped, is_open
            self._turn.notify_all()

    def set(self):
        self._tell(True, True)

    def is_set(self):
        return self._stopped

    def go_on(self):
        """Ends every wait, also of those who have yet to come to it, until hold()."""
        self._tell(False, True)

    def hold(self):
        self._tell(False, False)


class RequestLog:
    """One JSON line a request, to a file and to memory (for the control endpoint)."""

    def __init__(self, path=None):
        self._file = open(path, "a", encoding="utf-8") if path else None
        self._lock, self.lines = threading.Lock(), collections.deque(maxlen=100000)

    def add(self, entry):
        with self._lock:
            self.lines.append(entry)
            if self._file:
                self._file.write(json.dumps(entry) + "\n")
                self._file.flush()

    def clear(self):
        with self._lock:
            self.lines.clear()


def read_head(buffer, recv):
    """Fills the buffer up to the end of a head; returns the head, or None at a clean end."""
    while b"\r\n\r\n" not in buffer:
        if len(buffer) > HEAD_LIMIT:
            raise BadRequest(f"request head of over {HEAD_LIMIT} bytes")
        data = recv()
        if not data:
            if buffer:
                raise BadRequest("the request ends inside its head")
            return None
        buffer += data
    at = buffer.index(b"\r\n\r\n")
    head = bytes(buffer[:at])
    del buffer[:at + 4]
    return head


def parse_head(head, request):
    lines = head.split(b"\r\n")
    words = lines[0].split(b" ")
    if len(words) != 3 or not _TOKEN.fullmatch(words[0]):
        raise BadRequest("malformed request line")
    if words[2] != b"HTTP/1.1":
        raise BadRequest(f"version {words[2].decode('latin-1')!r}; HTTP/1.1 expected")
    request.method = words[0].decode()
    target = words[1].decode("latin-1")
    if not target.startswith("/"):
        raise BadRequest("the request target is not a path")
    request.path, _, request.query = target.partition("?")
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name):
            raise BadRequest(f"malformed header line {line[:60]!r}")
        if re.search(rb"[\x00-\x08\n-\x1f\x7f]", value):
            raise BadRequest(f"control character in header {name.decode()}")
        text = value.strip(b" \t").decode("utf-8", "surrogateescape")
        request.headers.setdefault(name.decode().lower(), []).append(text)
    if len(request.headers.get("host", ())) != 1:
        raise BadRequest("exactly one Host header is required")


def read_body(buffer, recv, request):
    encoding, lengths = request.headers.get("transfer-encoding"), \
        request.headers.get("content-length")
    if encoding and lengths:
        raise BadRequest("Content-Length together with Transfer-Encoding")
    if encoding:
        raise BadRequest("Transfer-Encoding: IAM asks for a Content-Length")
    if not lengths:
        if request.method == "POST":
            raise BadRequest("POST without Content-Length")
        return b""
    if len(lengths) > 1 or not re.fullmatch("[0-9]{1,9}", lengths[0]):
        raise BadRequest("Content-Length is not one number")
    size = int(lengths[0])
    if size > BODY_LIMIT:
        raise BadRequest(f"body of over {BODY_LIMIT} bytes")
    while len(buffer) < size:
        data = recv()
        if not data:
            raise BadRequest(f"the request ends after {len(buffer)} of {size} body bytes")
        buffer += data
    body = bytes(buffer[:size])
    del buffer[:size]
    return body


class Server:
    """name: what rules and the log call it. Servers beside the main one (add) share its scenario,
    its log and its counting from 1 again."""

    def __init__(self, service, contexts=None, scenario=None, log=None, idle_seconds=60.0,
                 name="iam"):
        self.service, self.contexts, self.name = service, contexts, name
        self.scenario, self.log = scenario or Scenario(), log or RequestLog()
        self.main, self.beside = self, []
        self.idle_seconds, self.stop = idle_seconds, Pauses()
        self._listeners, self._lock = [], threading.Lock()
        self._connections = itertools.count(1)
        self.requests, self._tries = 0, {}
        self._open, self._done = 0, threading.Condition(self._lock)
        self._accepting, self._live = 0, set()

    def add(self, service, contexts, name):
        """Another server, not yet listening."""
        other = type(self)(service, contexts, None, self.log, self.idle_seconds, name)
        other.main, other.stop = self, self.stop
        self.beside.append(other)
        return other

    def listen(self, port=0, ipv6=False):
        """Loopback only. Returns the port."""
        sock = socket.create_server(("127.0.0.1", port), backlog=256)
        self._listeners.append(sock)
        port = sock.getsockname()[1]
        if ipv6:
            self._listeners.append(
                socket.create_server(("::1", port), family=socket.AF_INET6, backlog=256))
        for listener in self._listeners:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return port

    def close(self):
        self.stop.set()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for other in self.beside:
            other.close()

    def reset(self):
        """Counters of requests and attempts start anew; connections keep their numbers."""
        for other in self.beside:
            other.reset()
        with self._lock:
            self.requests = 0
            self._tries.clear()
        self.log.clear()

    def _accept(self, listener):
        while not self.stop.is_set():
            waits(listener, 3600)
            with self._lock:
                self._accepting += 1        # before it is taken: see settle()
            try:
                sock, _ = listener.accept()
                connection = Connection(self, sock, next(self._connections))
                with self._lock:
                    self._live.add(connection)
                threading.Thread(target=self._connection, args=(connection,), daemon=True).start()
            except OSError:
                return
            finally:
                with self._lock:
                    self._accepting -= 1

    def _connection(self, connection):
        try:
            connection.run()
        except (OSError, Closed):
            pass
        except Exception:       # a defect here must be seen, and must not pass for a network fault
            self.log.add({"event": "defect", "connection": connection.number,
                          "error": traceback.format_exc()})
            traceback.print_exc()
        finally:
            with self._lock:
                self._live.discard(connection)
            connection.sock.close()

    def number_request(self):
        with self._lock:
            self.requests += 1
            self._open += 1
            return self.requests

    def request_done(self):
        with self._done:
            self._open -= 1
            self._done.notify_all()

    def _untouched(self):
        """Has a client asked or said something that no thread has come to yet? Who killed it knows of no such thing."""
        with self._lock:
            live = list(self._live)
        return any(waits(listener) for listener in self._listeners) or self._accepting \
            or any(waits(c.sock) or not c.idle for c in live)

    def settle(self, seconds=2.0, most=60.0):
        """Waits until every request that was sent is in the log: so many seconds for one that a fault holds up, or that
        is not whole, and for what goes on as long as only a machine in trouble takes."""
        until = time.monotonic() + most
        for other in self.beside:
            other.settle(seconds)
        with self._done:
            settled = self._done.wait_for(lambda: not self._open, seconds)
        while self._open > self.stop.requests and time.monotonic() < until:
            time.sleep(0.02)
        until = time.monotonic() + seconds
        while settled and self._untouched() and time.monotonic() < until:
            time.sleep(0.005)
        return settled

    def attempt(self, request):
        """From amz-sdk-request if there is one, else counted: the same request since it last
        got a whole answer."""
        m = re.search(r"attempt=(\d+)", request.header("amz-sdk-request", ""))
        if m:
            return int(m.group(1))
        key = self._same(request)
        with self._lock:
            self._tries[key] = self._tries.get(key, 0) + 1
            return self._tries[key]

    def answered(self, request):
        with self._lock:
            self._tries.pop(self._same(request), None)

    @staticmethod
    def _same(request):
        return f"{request.method} {request.path} {json.dumps(request.params, sort_keys=True)}"


class Connection:
    def __init__(self, server, sock, number):
        self.server, self.service, self.sock, self.number = server, server.service, sock, number
        self.stream, self.served, self.buffer = None, 0, bytearray()
        self.dropping, self.sni, self.late = None, None, b""
        self.idle = False       # between two requests, and all that has come was read

    def run(self):
        server = self.server
        do, names = server.main.scenario.for_connection(self.number, server.name)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(server.idle_seconds)
        self.stream = PlainStream(self.sock)
        for stall in as_list(do.get("stall", [])):
            if stall.get("part") == "handshake":
                self.sock.recv(1, socket.MSG_PEEK)      # the client has begun
            server.stop.wait(stall["seconds"])
        if "refuse" in do:
            self._note("refused", names)
            self.stream.close(do["refuse"])
            return
        if server.contexts and not self._handshake(do, names):
            return
        try:
            if "greeting" in do:
                self._note("greeting", names)
                self.stream.send(do["greeting"].encode("latin-1"))
            while self._one_request():
                pass
        except Closed:
            self.sock.close()
        except Cut as cut:
            self.stream.close(cut.how)

    def _note(self, event, names, error=None):
        entry = {"event": event, "server": self.server.name, "time": time.time(),
                 "connection": self.number}
        if names:
            entry["fault"] = names
        if error:
            entry["error"] = error
        self.server.log.add(entry)

    def _handshake(self, do, names):
        if "tls_alert" in do:
            self.sock.recv(65536)
            alert = do["tls_alert"]
            level = b"\x02" if alert not in (0, "close_notify") else b"\x01"
            self.sock.sendall(b"\x15\x03\x03\x00\x02" + level
                              + bytes([ALERTS.get(alert, alert)]))
            self._note("tls-alert", names)
            self.stream.close("close")
            return False
        names_of = self.server.contexts.names
        names_of.value = None
        self.stream = TlsStream(self.sock, self.server.contexts.get(do))
        try:
            self.stream.handshake()
        except (ssl.SSLError, OSError, Closed) as error:
            self._note("handshake-failed", names, str(error))
            return False
        self.sni = names_of.value
        return True

    def _recv(self):
        if not self.buffer and not self.stream.holds():
            self.idle = True
            came = waits(self.sock, self.server.idle_seconds)
            self.idle = False       # before a byte is taken: see settle()
            if not came:
                return b""
        try:
            data = self.stream.recv()
        except (TimeoutError, ConnectionError):
            data = b""
        except ssl.SSLError as error:
            self._note("tls-error", None, str(error))
            data = b""
        if data and self.dropping:
            raise Cut(self.dropping.get("how", "close_notify"))
        return data

    def _one_request(self):
        """Reads and answers a request; False: the connection has ended."""
        request = Request()
        try:
            return self._exchange(request)
        finally:
            if request.number:
                self.server.request_done()

    def _exchange(self, request):
        service = self.service
        try:
            head = read_head(self.buffer, self._recv)
            if head is None:
                self.stream.close()
                return False
            request.number = self.server.number_request()
            started = time.time()
            request.sni, request.peer = self.sni, self.stream.peer()
            parse_head(head, request)
            if request.header("expect", "").lower() == "100-continue":
                self.stream.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.body = read_body(self.buffer, self._recv, request)
        except BadRequest as error:
            if not request.number:
                request.number, started = self.server.number_request(), time.time()
            reply = service.error(request.number, 400, "BadRequest", f"{error}.")
            self._send(request, reply, {}, [], started, str(error), False)
            return False
        request.bytes_in = len(head) + 4 + len(request.body)
        reply, do, names, verdict, attempt = self._answer(request)
        return self._send(request, reply, do, names, started, verdict, attempt)

    def _answer(self, request):
        service, verdict, problem = self.service, "valid", None
        if not service.verify:
            verdict = "not checked"
        try:
            service.parse(request)
        except ApiError as error:
            problem = error
        attempt = self.server.attempt(request)
        do, names = self.server.main.scenario.for_request(self._facts(request, attempt))
        try:
            service.authenticate(request)
            if problem:
                raise problem
            reply = replies.replace(service, request, do) or service.answer(request, do)
        except SignatureError as error:
            verdict = error.code
            # the fault stands in for the service, whoever signed
            reply = replies.replace(service, request, do) \
                or service.error(request.number, error.status, error.code, error.message)
        except ApiError as error:
            reply = service.error(request.number, error.status, error.code, error.message)
        replies.adorn(reply, do)
        return reply, do, names, verdict, attempt

    def _facts(self, request, attempt):
        params, page = request.params, 1
        marker = params.get("Marker")
        if marker is not None:
            scope = self.server.main.service.scope(request.operation, params)
            start = self.service.codec.decode(scope, marker)
            size = params.get("MaxItems", "")
            size = int(size) if re.fullmatch("[1-9][0-9]{0,3}", size) else self.service.page_size
            page = None if start is None else start // size + 1
        return {"server": self.server.name,
                "request": request.number, "connection": self.number, "attempt": attempt,
                "operation": request.operation, "marker": marker, "page": page,
                "namespace": params.get("ServiceNamespace"), "job": params.get("JobId"),
                "arn": self.server.main.service.arn_of(params),
                "reused": self.served > 0}

    def _send(self, request, reply, do, names, started, verdict, attempt):
        server = self.server
        keep = request.header("connection", "").lower() != "close" and attempt is not False
        if server.name == "iam" and server.scenario.delay:
            server.stop.wait(server.scenario.delay, self.sock)
        writer = Writer(self.stream, do, server.stop)
        outcome, cut = "sent", None
        try:
            if self.late:
                self.stream.send(self.late)
                self.late = b""
            keep = send_reply(writer, reply, do, self.service.now(), keep,
                              request.method == "HEAD")
            if do.get("again") == "now":
                self.stream.send(bytes(writer.copy))
            elif "again" in do:
                self.late = bytes(writer.copy)
            if reply.status == 200 and not names:
                server.answered(request)
        except Cut as error:
            outcome, cut = error.how, error
        except Closed:
            outcome, keep = "peer closed", False
        self.served += 1
        server.log.add(self._entry(request, reply, names, started, verdict, attempt, outcome,
                                   writer.sent))
        if cut:
            raise cut
        if "drop" in do and keep:
            drop = do["drop"] if isinstance(do["drop"], dict) else {"when": do["drop"]}
            server.stop.wait(drop.get("seconds", 0), self.sock)
            if drop.get("when", "after-reply") == "after-reply":
                raise Cut(drop.get("how", "close_notify"))
            self.dropping = drop
        if not keep and outcome == "sent":
            self.stream.close()
        return keep

    def _entry(self, request, reply, names, started, verdict, attempt, outcome, sent):
        headers = {name: ", ".join(values) for name, values in request.headers.items()}
        for name in ("authorization", "x-amz-security-token", "x-aws-ec2-metadata-token",
                     "proxy-authorization"):
            value = headers.get(name, "")
            if "Signature=" in value:
                headers[name] = re.sub(r"Signature=\S+", "Signature=...", value)
            elif name in headers:
                headers[name] = f"({len(value)} characters)"
        return {"event": "request", "server": self.server.name, "time": round(started, 6),
                "seconds": round(time.time() - started, 6), "request": request.number,
                "connection": self.number, "reused": self.served > 1,
                **self.stream.describe(), "sni": self.sni,
                "method": request.method, "path": request.path, "operation": request.operation,
                "params": {k: v if k != "WebIdentityToken" else f"({len(v)} characters)"
                           for k, v in request.params.items() if k not in ("Action", "Version")},
                "headers": headers, "attempt": attempt,
                "amz-sdk-request": headers.get("amz-sdk-request"),
                "amz-sdk-invocation-id": headers.get("amz-sdk-invocation-id"),
                "signature": verdict, "access_key": request.access_key,
                "identity": request.identity, "status": reply.status,
                "code": reply.code, "request_id": reply.request_id, "fault": names,
                "outcome": outcome, "bytes_in": request.bytes_in, "bytes_out": sent}
