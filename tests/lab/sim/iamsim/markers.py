"""Markers: opaque to a client, strict here: only a text that this endpoint made is taken back."""

import hashlib
import hmac

_LATIN1 = "".join(chr(c) for c in range(0x20, 0x100))
_STYLES = {             # alphabet, bits a character, length of the text (0: as short as can be)
    "simple": ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, 0),
    "plain": (_LATIN1[:95], 6, 0),
    "latin1": (_LATIN1, 7, 0),
    "long": (_LATIN1, 7, 320),
}
STYLES = tuple(_STYLES)


class MarkerCodec:
    """A marker is the offset of the next page and a seal over it and the list it belongs to."""

    def __init__(self, style="plain", seed=1):
        self.alphabet, self.bits, self.length = _STYLES[style]
        self.blank_ends = style == "latin1"
        self._key = hashlib.sha256(f"marker key {seed}".encode()).digest()

    def _payload(self, scope, start):
        head = start.to_bytes(5, "big")
        seal = hmac.new(self._key, head + scope.encode(), hashlib.sha256).digest()
        if not self.length:
            return head + seal[:10]
        want = self.length * self.bits // 8
        return (head + seal + hashlib.shake_256(seal).digest(want))[:want]

    def encode(self, scope, start):
        """scope names the list: operation, job and namespace."""
        payload = self._payload(scope, start)
        count = -(-len(payload) * 8 // self.bits)
        value = int.from_bytes(payload, "big") << (count * self.bits - len(payload) * 8)
        size, mask = len(self.alphabet), (1 << self.bits) - 1
        digits = (value >> (count - 1 - p) * self.bits & mask for p in range(count))
        # shifted by position, or only the first 2^bits characters of the alphabet would appear
        text = "".join(self.alphabet[(digit + p * 37) % size] for p, digit in enumerate(digits))
        return f" {text} " if self.blank_ends else text

    def decode(self, scope, text):
        """The offset, or None for anything that encode() would not have made for this scope."""
        bare = text[1:-1] if self.blank_ends else text
        head_chars = -(-40 // self.bits)
        if len(bare) < head_chars:
            return None
        value, size = 0, len(self.alphabet)
        for p, char in enumerate(bare[:head_chars]):
            digit = self.alphabet.find(char)
            value = value << self.bits | (digit - p * 37) % size & (1 << self.bits) - 1
        start = value >> (head_chars * self.bits - 40)
        return start if self.encode(scope, start) == text else None
