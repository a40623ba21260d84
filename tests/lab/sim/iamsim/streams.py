"""Byte streams over a socket, plain or TLS, that can also be ended in impolite ways."""

import contextlib
import fcntl
import socket
import select
import ssl
import struct
import termios
import time

DRAIN_SECONDS = 2.0


class Closed(Exception):
    """The peer has gone."""


def waits(sock, seconds=0):
    """Is there something to be read, or accepted, or an end?"""
    try:
        look = select.poll()
        look.register(sock, select.POLLIN)
        return bool(look.poll(seconds * 1000))
    except (OSError, ValueError):       # it was closed meanwhile
        return False


def has_hung_up(sock):
    """Will the peer say no more?"""
    look = select.poll()
    look.register(sock, select.POLLRDHUP)
    return bool(look.poll(0))


class PlainStream:
    secure = False

    def __init__(self, sock):
        self.sock = sock
        self.wire_out = 0

    def recv(self, size=65536):
        return self.sock.recv(size)

    def holds(self):
        """Does it hold something that has come, and was not read?"""
        return False

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Closed(str(error)) from None
        self.wire_out += len(data)

    def describe(self):
        return {"tls": None}

    def peer(self):
        """The common name of the client's certificate."""
        return None

    def _notify(self):
        pass

    def _await_delivery(self, seconds=300.0):
        """A reset throws away what is not yet acknowledged: let the promised bytes arrive first."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            held = fcntl.ioctl(self.sock, termios.TIOCOUTQ, struct.pack("i", 0))
            if struct.unpack("i", held) == (0,):
                return
            time.sleep(0.001)

    def close(self, how="close_notify"):
        """close_notify: TLS alert and FIN; close: FIN alone; reset: RST."""
        with contextlib.suppress(OSError):
            if how == "reset":
                self._await_delivery()
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                if how == "close_notify":
                    self._notify()
                self.sock.shutdown(socket.SHUT_WR)
                # unread input would turn the close into a reset and take the reply with it
                self.sock.settimeout(DRAIN_SECONDS)
                while self.sock.recv(65536):
                    pass
        self.sock.close()


class TlsStream(PlainStream):
    """TLS on memory BIOs: every byte to the wire passes through here."""

    secure = True

    def __init__(self, sock, context):
        super().__init__(sock)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)

    def _flush(self):
        data = self._out.read()
        if data:
            super().send(data)

    def _turn(self, action, *args):
        while True:
            try:
                result = action(*args)
                self._flush()
                return result
            except ssl.SSLWantReadError:
                self._flush()
                data = self.sock.recv(65536)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            except ssl.SSLError:
                with contextlib.suppress(Closed):
                    self._flush()
                raise

    def handshake(self):
        self._turn(self._tls.do_handshake)

    def holds(self):
        return self._in.pending > 0 or self._tls.pending() > 0

    def recv(self, size=65536):
        try:
            return self._turn(self._tls.read, size)
        except ssl.SSLEOFError:
            return b""
        except ssl.SSLZeroReturnError:
            return b""

    def send(self, data):
        view = memoryview(data)
        while view:
            try:
                view = view[self._tls.write(view):]
            except ssl.SSLWantReadError:
                data = self.sock.recv(65536)
                if not data:
                    raise Closed("peer closed") from None
                self._in.write(data)
            except ssl.SSLError as error:
                raise Closed(str(error)) from None
            if self._out.pending >= 1 << 17:
                self._flush()
        self._flush()

    def _notify(self):
        with contextlib.suppress(ssl.SSLError, Closed):
            try:
                self._tls.unwrap()
            except ssl.SSLWantReadError:
                pass
            self._flush()

    def peer(self):
        fields = (self._tls.getpeercert() or {}).get("subject", ())
        return next((v for pair in fields for k, v in pair if k == "commonName"), None)

    def describe(self):
        return {"tls": self._tls.version(), "cipher": self._tls.cipher()[0],
                "resumed": bool(self._tls.session_reused),
                "alpn": self._tls.selected_alpn_protocol()}
