"""What the tests share: a signer, a client that sees every byte, one folder of certificates."""

import atexit
import hashlib
import hmac
import json
import os
import re
import shutil
import socket
import ssl
import struct
import tempfile
import time
import unittest
import urllib.parse

from client import ACCESS_KEY, FIXED_JOB, FOLDER, SECRET_KEY, Sim
from iamsim import sigv4

VECTORS = os.path.join(FOLDER, "../../vectors")
STATE = tempfile.mkdtemp(prefix="iamsim-ca-")
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
ENTITIES = "GetServiceLastAccessedDetailsWithEntities"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def documented():
    """The rules of README.md by name."""
    return {rule["name"]: rule for block in _blocks() if isinstance(block, list) for rule in block}


def documented_scenarios():
    """The scenarios of README.md that are more than a list of rules, by description."""
    return {block["description"]: block for block in _blocks() if isinstance(block, dict)}


def _blocks():
    with open(os.path.join(FOLDER, "README.md"), encoding="utf-8") as f:
        return [json.loads(text) for text in re.findall(r"(?s)```json\n(.*?)```", f.read())]


def vector(name):
    with open(os.path.join(VECTORS, "facts", name), encoding="utf-8") as f:
        return json.load(f)


def sign(headers, body, key=ACCESS_KEY, secret=SECRET_KEY, when=None, region="us-east-1",
         path="/", query=""):
    """Adds X-Amz-Date and Authorization to a dict of headers; every header is signed."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when))
    headers = {**headers, "X-Amz-Date": stamp}
    lower = {name.lower(): [value] for name, value in headers.items()}
    text = sigv4.canonical_request("POST", path, query, lower, sorted(lower),
                                   hashlib.sha256(body).hexdigest())
    scope = f"{stamp[:8]}/{region}/iam/aws4_request"
    mac = hmac.new(sigv4.signing_key(secret, stamp[:8], region, "iam"),
                   sigv4.string_to_sign(stamp, scope, text).encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={key}/{scope}, "
                                f"SignedHeaders={';'.join(sorted(lower))}, Signature={mac}")
    return headers


def request_bytes(sim, params=None, **signing):
    """A signed request for the first page of entities, or for the parameters given."""
    params = {"Action": ENTITIES, "Version": "2010-05-08", "JobId": FIXED_JOB,
              "ServiceNamespace": "iam", **(params or {})}
    body = urllib.parse.urlencode({k: v for k, v in params.items() if v is not None}).encode()
    headers = {"Host": f"localhost:{sim.port}", "Content-Type": FORM,
               "Content-Length": str(len(body)), **signing.pop("headers", {})}
    headers = sign(headers, body, **signing)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode() + body


class Reply:
    """Everything that came back, and how it ended: 'whole', 'eof', 'ragged' or 'reset'."""

    def __init__(self):
        self.raw, self.end, self.seconds, self.pieces = b"", None, 0.0, 0

    @property
    def heads(self):
        """Heads of the response and of the 1xx responses before it."""
        out, rest = [], self.raw
        while True:
            head, _, rest = rest.partition(b"\r\n\r\n")
            out.append(head.decode("utf-8"))
            if not re.match(rb"HTTP/1.1 1\d\d", head):
                return out

    @property
    def head(self):
        return self.heads[-1]

    @property
    def status(self):
        return int(self.head.split()[1])

    def headers(self, name):
        return re.findall(rf"(?im)^{name}: *([^\r\n]*)", self.head)

    @property
    def framed(self):
        rest = self.raw
        for _ in self.heads:
            rest = rest.partition(b"\r\n\r\n")[2]
        return rest

    @property
    def body(self):
        return dechunk(self.framed)[0] if self.headers("transfer-encoding") else self.framed

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def code(self):
        m = re.search("<Code>(.*?)</Code>", self.text)
        return m and m.group(1)

    def members(self, tag="Name"):
        return re.findall(f"<{tag}>(.*?)</{tag}>", self.text)


def dechunk(data):
    """(body, sizes, extensions, what follows the last chunk) or an error when not whole."""
    body, sizes, extensions = b"", [], []
    while True:
        line, _, data = data.partition(b"\r\n")
        size, _, extension = line.partition(b";")
        sizes.append(int(size, 16))
        extensions.append(extension)
        if not sizes[-1]:
            return body, sizes, extensions, data
        body += data[:sizes[-1]]
        if data[sizes[-1]:sizes[-1] + 2] != b"\r\n":
            raise ValueError("chunk not ended")
        data = data[sizes[-1] + 2:]


def whole(data):
    """Whether a complete response is there, going by its own framing."""
    while True:
        head, found, rest = data.partition(b"\r\n\r\n")
        if not found:
            return False
        if not re.match(rb"HTTP/1.1 1\d\d", head):
            break
        data = rest
    if re.search(rb"(?i)\r\ntransfer-encoding:", head):
        return bool(re.search(rb"(^|\r\n)0[^\r\n]*\r\n([^\r\n]+\r\n)*\r\n$", rest))
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    return bool(length) and len(rest) >= int(length.group(1))


class Link:
    """A connection to a simulator. TLS on memory BIOs, so that every kind of end can be told."""

    def __init__(self, sim, session=None, context=None, timeout=300, name="localhost"):
        self.sim, self.tls, self.sent = sim, None, time.monotonic()
        self.sock = socket.create_connection(("127.0.0.1", sim.port), timeout=timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sim.ca:
            context = context or ssl.create_default_context(cafile=sim.ca)
            self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = context.wrap_bio(self._in, self._out, server_hostname=name, session=session)
            try:
                self._turn(self.tls.do_handshake)
            except BaseException:
                self.close()
                raise

    def _turn(self, action, *args):
        while True:
            try:
                return action(*args)
            except ssl.SSLWantReadError:
                self._flush()
                data = self.sock.recv(65536)
                if not data:
                    raise EOFError from None
                self._in.write(data)
            finally:
                self._flush()

    def _flush(self):
        data = self._out.read()
        if data:
            self.sock.sendall(data)

    def send(self, data):
        self.sent = time.monotonic()
        if self.tls:
            self._turn(self.tls.write, data)
        else:
            self.sock.sendall(data)

    def recv(self):
        """b"" is an orderly end; EOFError one without close_notify."""
        return self._turn(self.tls.read, 65536) if self.tls else self.sock.recv(65536)

    def read(self, to_end=False, limit=1 << 24):
        """A response: to the end of its framing, or of the connection."""
        reply, held = Reply(), bytearray()
        try:
            while len(held) < limit:
                data = self.recv()
                if not data:
                    reply.end = "eof"
                    break
                held += data
                reply.pieces += 1
                if not to_end and whole(bytes(held)):
                    reply.end = "whole"
                    break
        except EOFError:
            reply.end = "ragged"
        except ConnectionError:
            reply.end = "reset"
        reply.raw, reply.seconds = bytes(held), time.monotonic() - self.sent
        return reply

    def ask(self, params=None, to_end=False, **signing):
        self.send(request_bytes(self.sim, params, **signing))
        return self.read(to_end)

    def close(self):
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask(sim, params=None, to_end=False, **signing):
    """One request on a connection of its own."""
    with Link(sim) as link:
        return link.ask(params, to_end, **signing)


class SimCase(unittest.TestCase):
    """A test class with a simulator of its own, started with OPTIONS."""

    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim(*cls.OPTIONS, state_dir=STATE, folder=FOLDER)

    def expect_event(self, event):
        """The log's next word. A client can be gone before the server has noticed: give it time."""
        deadline = time.monotonic() + 120
        while True:
            events = self.sim.events()
            if events and events[-1]["event"] == event:
                return
            if time.monotonic() > deadline:
                self.fail("no event %r, but %r" % (event, events[-1:]))
            time.sleep(0.05)

    @classmethod
    def tearDownClass(cls):
        defects = [e for e in cls.sim.events() if e["event"] == "defect"]
        errors = cls.sim.stderr()
        status = cls.sim.stop()
        if defects or errors or status:
            raise AssertionError(f"the simulator failed: {status} {errors} {defects}")

    def setUp(self):
        self.sim.scenario(None)
        self.sim.clear()
