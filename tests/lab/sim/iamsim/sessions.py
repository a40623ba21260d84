"""Temporary credentials: who was given which, and until when."""

import hashlib
import threading
import time

ACCOUNT = "123456789012"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Session:
    def __init__(self, key, secret, token, expires, arn, issuer):
        self.key, self.secret, self.token = key, secret, token
        self.expires, self.arn, self.issuer = expires, arn, issuer

    def expiration(self):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.expires))


def user_arn(key):
    """The identity behind a permanent key."""
    return f"arn:aws:iam::{ACCOUNT}:user/{key}"


def role_arn(name, session):
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"


class Sessions:
    """Issues sessions that every server of the simulator then knows. The same seed gives the same
    keys in the same order. token_size: characters of a session token."""

    def __init__(self, seed=1, token_size=700):
        self.seed, self.token_size = seed, token_size
        self._known, self._lock = {}, threading.Lock()

    def issue(self, arn, issuer, expires, token_size=None):
        with self._lock:
            number = len(self._known) + 1
            digest = hashlib.sha512(f"{self.seed}/session/{number}".encode()).digest()
            key = "ASIA" + "".join(_BASE32[b & 31] for b in digest[:16])
            secret = "".join("+/" [b & 1] if b < 8 else f"{b:02x}" for b in digest[16:64])[:40]
            size, token, block = token_size or self.token_size, "IQoJb3JpZ2luX2VjE", 0
            while len(token) < size:
                block += 1
                token += hashlib.sha256(f"{self.seed}/{number}/{block}".encode()).hexdigest() + "+/"
            session = Session(key, secret, token[:size - 2] + "==", expires, arn, issuer)
            self._known[key] = session
            return session

    def find(self, key):
        with self._lock:
            return self._known.get(key)

    def listed(self):
        with self._lock:
            return [{"key": s.key, "identity": s.arn, "issuer": s.issuer, "expires": s.expires,
                     "secret": s.secret, "token": s.token} for s in self._known.values()]
