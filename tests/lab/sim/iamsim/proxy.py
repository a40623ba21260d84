"""An HTTP proxy that knows CONNECT and leads to servers of this simulator only: by their own
address, or by the name of the AWS endpoint that they play."""

import base64
import itertools
import re
import socket
import threading
import time

from .httpd import BadRequest, read_head
from .service import Reply
from .streams import Closed, PlainStream
from .writer import Cut, Writer, send_reply

_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\r\n"


class Proxy:
    """targets: "host:port" -> port on loopback. login: "user:password" to ask for, or None.
    Rules of a scenario with {"server": "proxy"} apply to its replies; a status of 300 or more, or
    another body, means that no tunnel is made."""

    def __init__(self, main, targets, login=None):
        self.main, self.targets, self.login = main, targets, login
        self._count, self._connections = itertools.count(1), itertools.count(1)
        self._listener = None

    def listen(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        threading.Thread(target=self._accept, daemon=True).start()
        return self._listener.getsockname()[1]

    # what httpd.Server asks of the servers beside it
    def close(self):
        self._listener.close()

    def reset(self):
        self._count = itertools.count(1)

    def settle(self, seconds):
        """A tunnel is in the log as soon as it is answered."""

    def _accept(self):
        while not self.main.stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        stream = PlainStream(sock)
        try:
            sock.settimeout(self.main.idle_seconds)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number = next(self._connections)
            do, _ = self.main.scenario.for_connection(number, "proxy")
            if "refuse" in do:
                stream.close(do["refuse"])
                return
            self._connect(stream, number)
        except Cut as cut:
            stream.close(cut.how)
        except (OSError, Closed, BadRequest):
            pass
        finally:
            sock.close()

    def _connect(self, stream, connection):
        buffer = bytearray()
        head = read_head(buffer, stream.recv)
        if head is None:
            return
        number, started = next(self._count), time.time()
        target, fields = parse(head)
        status, reason = self._judge(target, fields)
        do, names = self.main.scenario.for_request(
            {"server": "proxy", "request": number, "connection": connection,
             "operation": "connect"})
        status = do.get("status", status)
        body = do.get("body", _PAGE.format(f"{status} {reason}") if status >= 300 else "")
        reply = Reply(status, body.encode("utf-8", "surrogateescape"), f"proxy-{number}",
                      "text/html")
        if status == 407:
            reply.headers.append(("Proxy-Authenticate", 'Basic realm="sim"'))
        far = None
        if status < 300 and "raw" not in do and "raw_file" not in do:
            far = socket.create_connection(("127.0.0.1", self.targets[target]), 300)
        self._log(number, connection, target, fields, status, names, started)
        writer = Writer(stream, do, self.main.stop)
        if far is None:
            send_reply(writer, reply, do, time.time(), False)
            stream.close("close")
        else:
            self._establish(writer, do)
            with far:
                relay(stream.sock, far, bytes(buffer))

    def _establish(self, writer, do):
        fields = "".join(f"{k}: {v}\r\n" for k, v in do.get("headers", {}).items())
        for status in do.get("informational", []):
            writer.write("interim", f"HTTP/1.1 {status} Wait\r\n\r\n".encode())
        writer.write("head", f"{do.get('version', 'HTTP/1.1')} 200 "
                             f"{do.get('reason', 'Connection established')}\r\n{fields}\r\n"
                             .encode())

    def _judge(self, target, fields):
        if target is None:
            return 405, "Method Not Allowed"
        if self.login is not None:
            wanted = "Basic " + base64.b64encode(self.login.encode()).decode()
            if fields.get("proxy-authorization") != wanted:
                return 407, "Proxy Authentication Required"
        if target not in self.targets:
            return 403, "Forbidden"
        return 200, "Connection established"

    def _log(self, number, connection, target, fields, status, names, started):
        seen = {k: v if k != "proxy-authorization" else f"({len(v)} characters)"
                for k, v in fields.items()}
        self.main.log.add({"event": "request", "server": "proxy", "time": round(started, 6),
                           "request": number, "connection": connection, "method": "CONNECT",
                           "path": target, "operation": "connect", "headers": seen,
                           "status": status, "fault": names})


def parse(head):
    """(host:port in lower case or None, header fields)"""
    lines = head.decode("latin-1").split("\r\n")
    m = re.fullmatch(r"CONNECT (\S+:\d{1,5}) HTTP/1\.([01])", lines[0])
    fields = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest(f"malformed header line {line[:60]!r}")
        fields[name.lower()] = value.strip()
    if m and m.group(2) == "1" and fields.get("host", "").lower() != m.group(1).lower():
        raise BadRequest("Host is not the target")
    return m and m.group(1).lower(), fields


def relay(near, far, first):
    """Both ways until both have ended. An end in one direction is handed on as an end."""
    far.settimeout(None)
    near.settimeout(None)
    far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if first:
        far.sendall(first)

    def pump(source, sink):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            for sock in (source, sink):
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    back = threading.Thread(target=pump, args=(far, near), daemon=True)
    back.start()
    pump(near, far)
    back.join()
