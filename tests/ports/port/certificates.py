#!/usr/bin/python3
"""Makes the certificates that the TLS tests need, good and bad, with the openssl command.

    certificates.py FOLDER

Each case becomes NAME.pem (the server's certificate and the chain it sends) and NAME.key; roots.pem holds
what clients trust. Names: localhost (SAN, and 127.0.0.1, ::1) unless the case is about names.
"""

import os
import subprocess
import sys

CONFIG = """
[ca]
default_ca = one
[one]
database = index
serial = serial
new_certs_dir = issued
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
[any]
organizationName = optional
commonName = supplied
"""
LOCAL = "subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1"
SERVER = ["basicConstraints = critical, CA:FALSE", "keyUsage = critical, digitalSignature, keyEncipherment",
          "extendedKeyUsage = serverAuth", LOCAL]
ROOT = ["basicConstraints = critical, CA:TRUE", "keyUsage = critical, keyCertSign, cRLSign",
        "subjectKeyIdentifier = hash"]
LONG_AGO, LONG_FROM_NOW = "20200101000000Z", "20491231000000Z"


class Maker:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(os.path.join(folder, "issued"), exist_ok=True)
        self.put("config", CONFIG)
        self.put("index", "")
        self.put("serial", "1000\n")

    @classmethod
    def again(cls, folder):
        """To add to a folder that has been made."""
        maker = cls.__new__(cls)
        maker.folder = folder
        return maker

    def put(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as f:
            f.write(text)

    def get(self, name):
        with open(os.path.join(self.folder, name), encoding="ascii") as f:
            return f.read()

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {' '.join(words)}: {done.stdout.decode(errors='replace')}")

    def key(self, name, kind):
        """A key of a kind: rsaBITS, an algorithm and options of genpkey, or a curve."""
        if kind.startswith("rsa"):
            self.openssl("genrsa", "-traditional", "-out", f"{name}.key", kind[3:])
        elif kind.startswith("-"):
            self.openssl("genpkey", *kind.split(), "-out", f"{name}.key")
        else:
            self.openssl("ecparam", "-name", kind, "-genkey", "-noout", "-out", f"{name}.key")

    def sign(self, name, issuer, key, extensions, subject=None, md="sha256", start=LONG_AGO,
             end=LONG_FROM_NOW, options=()):
        """name.crt for key.key, signed by issuer.crt; issuer None: by itself. options: of openssl ca."""
        subject = subject or f"/CN={name}"
        self.put("extensions", "\n".join(extensions) + "\n")
        self.openssl("req", "-new", "-key", f"{key}.key", "-subj", subject, "-out", "request", "-sha256")
        words = ["ca", "-batch", "-notext", "-config", "config", "-in", "request", "-out", f"{name}.crt",
                 "-extfile", "extensions", "-md", md, "-startdate", start, "-enddate", end, *options]
        words += ["-selfsign", "-keyfile", f"{key}.key"] if issuer is None else [
            "-cert", f"{issuer}.crt", "-keyfile", f"{self.keys.get(issuer, issuer)}.key"]
        self.openssl(*words)

    keys = {}  # issuer -> the key it signs with, where that is not its name

    def case(self, name, issuer, key, extensions, chain=(), **more):
        """A server's certificate with what it sends along."""
        self.sign(name, issuer, key, extensions, **more)
        self.put(f"{name}.pem", "".join(self.get(f"{n}.crt") for n in (name, *chain)))
        if name != key:
            self.put(f"{name}.key", self.get(f"{key}.key"))


def damaged(pem):
    """The same with one bit of the signature's end turned over."""
    import base64
    lines = pem.strip().split("\n")
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    der[-5] ^= 1
    body = base64.encodebytes(bytes(der)).decode().replace("\n", "")
    return "\n".join([lines[0], *(body[i:i + 64] for i in range(0, len(body), 64)), lines[-1]]) + "\n"


def parts(der):
    """[(tag, content)] of what lies side by side."""
    out, at = [], 0
    while at < len(der):
        tag, n, at = der[at], der[at + 1], at + 2
        if n >= 0x80:
            at, n = at + (n & 0x7F), int.from_bytes(der[at:at + (n & 0x7F)], "big")
        out.append((tag, der[at:at + n]))
        at += n
    return out


def whole(tag, content):
    n = len(content)
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([n]) if n < 0x80 else bytes([0x80 | len(size)]) + size) + content


def number(bits):
    """An odd INTEGER of so many bits, half of them ones."""
    value = int.from_bytes(bytes([0xA5]) * ((bits + 7) // 8), "big") >> -bits % 8
    value |= 1 << bits - 1 | 1
    return whole(2, value.to_bytes(bits // 8 + 1, "big"))


def made_up(pem, modulus=None, exponent=None):
    """The same certificate with another RSA key of that many bits, which nobody has: no signature fits."""
    import base64
    lines = pem.strip().split("\n")
    (_, outer), = parts(base64.b64decode("".join(lines[1:-1])))
    (tag, body), *rest = parts(outer)
    fields = parts(body)
    algorithm, (_, bits) = parts(fields[6][1])  # version, serial, signature, issuer, validity, subject, key
    (_, key), = parts(bits[1:])
    n, e = (whole(*number_) for number_ in parts(key))
    key = whole(0x30, (number(modulus) if modulus else n) + (number(exponent) if exponent else e))
    fields[6] = (fields[6][0], whole(*algorithm) + whole(3, b"\0" + key))
    body = whole(tag, b"".join(whole(*field) for field in fields))
    der = whole(0x30, body + b"".join(whole(*part) for part in rest))
    return lines[0] + "\n" + base64.encodebytes(der).decode() + lines[-1] + "\n"


def names(*entries):
    return SERVER[:-1] + ["subjectAltName = " + ", ".join(entries)]


def make(folder):
    m = Maker(folder)
    for name, kind in (("root_rsa", "rsa2048"), ("root_ec", "prime256v1"), ("root_other", "prime256v1"),
                       ("inter_rsa", "rsa2048"), ("inter_ec", "secp384r1"), ("inter_weak", "rsa1024"),
                       ("leaf_rsa", "rsa2048"), ("leaf_ec", "prime256v1"), ("leaf_weak", "rsa1024"),
                       ("leaf_p224", "secp224r1"), ("client", "prime256v1")):
        m.key(name, kind)
    for root in ("root_rsa", "root_ec", "root_other"):
        m.sign(root, None, root, ROOT)
    authority = ["basicConstraints = critical, CA:TRUE, pathlen:0", *ROOT[1:]]
    m.sign("inter_rsa", "root_rsa", "inter_rsa", authority)
    m.sign("inter_ec", "root_ec", "inter_ec", authority)
    m.sign("inter_weak", "root_rsa", "inter_weak", authority)
    m.keys["inter_sha1"] = m.keys["inter_expired"] = m.keys["inter_no_ca"] = "inter_rsa"
    m.sign("inter_sha1", "root_rsa", "inter_rsa", authority, md="sha1")
    m.sign("inter_expired", "root_rsa", "inter_rsa", authority, end="20210101000000Z")
    m.sign("inter_no_ca", "root_rsa", "inter_rsa", ["basicConstraints = critical, CA:FALSE"])
    m.keys["inter_sub"] = "inter_ec"
    m.sign("inter_sub", "inter_rsa", "inter_ec", ROOT)

    rsa, ec = ("inter_rsa",), ("inter_ec",)
    m.case("good_rsa", "inter_rsa", "leaf_rsa", SERVER, rsa)
    m.case("good_ec", "inter_ec", "leaf_ec", SERVER, ec)
    m.case("no_usages", "root_ec", "leaf_ec", [LOCAL])
    m.case("wildcard", "inter_ec", "leaf_ec", names("DNS:*.wild.test", "DNS:plain.test"), ec)
    m.case("wildcards_beside", "inter_ec", "leaf_ec",
           names("DNS:*.localhost", "DNS:*", "DNS:*host", "DNS:l*t", "DNS:*.0.0.1"), ec)
    m.case("unknown_issuer", "root_other", "leaf_ec", SERVER, ("root_other",))
    m.case("self_signed", None, "leaf_ec", SERVER)
    m.case("no_chain", "inter_rsa", "leaf_rsa", SERVER)
    m.case("expired", "inter_rsa", "leaf_rsa", SERVER, rsa, end="20240101000000Z")
    m.case("future", "inter_rsa", "leaf_rsa", SERVER, rsa, start="20480101000000Z")
    m.case("other_name", "inter_ec", "leaf_ec", names("DNS:other.test", "IP:127.0.0.2"), ec,
           subject="/CN=localhost")
    m.case("ca_as_leaf", "root_rsa", "leaf_rsa", ROOT + [LOCAL])
    m.case("ca_as_leaf_client", "root_rsa", "leaf_rsa",
           [ROOT[0], "keyUsage = critical, keyCertSign, digitalSignature", "extendedKeyUsage = clientAuth", LOCAL])
    m.case("client_usage", "inter_ec", "leaf_ec", SERVER[:2] + ["extendedKeyUsage = clientAuth", LOCAL], ec)
    m.case("key_usage", "inter_rsa", "leaf_rsa", [SERVER[0], "keyUsage = critical, dataEncipherment", LOCAL],
           rsa)
    m.case("sha1", "inter_rsa", "leaf_rsa", SERVER, rsa, md="sha1")
    m.case("md5", "inter_rsa", "leaf_rsa", SERVER, rsa, md="md5")
    m.case("sha1_inter", "inter_sha1", "leaf_rsa", SERVER, ("inter_sha1",))
    m.case("rsa1024", "inter_rsa", "leaf_weak", SERVER, rsa)
    m.case("rsa1024_inter", "inter_weak", "leaf_rsa", SERVER, ("inter_weak",))
    m.case("p224", "inter_ec", "leaf_p224", SERVER, ec)
    m.case("expired_inter", "inter_expired", "leaf_rsa", SERVER, ("inter_expired",))
    m.case("no_ca_inter", "inter_no_ca", "leaf_rsa", SERVER, ("inter_no_ca",))
    m.case("path_length", "inter_sub", "leaf_ec", SERVER, ("inter_sub", "inter_rsa"))
    m.case("critical_extension", "root_ec", "leaf_ec", SERVER + ["1.2.3.4.5 = critical, ASN1:NULL"])
    m.case("bad_signature", "inter_ec", "leaf_ec", SERVER, ec)
    m.put("bad_signature.pem", damaged(m.get("bad_signature.crt")) + m.get("inter_ec.crt"))
    for name, sizes in (("exponent_inter", {"exponent": 2047}), ("exponent_33_inter", {"exponent": 33}),
                        ("exponent_32_inter", {"exponent": 32}), ("modulus_inter", {"modulus": 4104})):
        m.case(name, "inter_rsa", "leaf_rsa", SERVER)
        m.put(name + ".pem", m.get(name + ".crt") + made_up(m.get("inter_rsa.crt"), **sizes))
    m.case("exponent_leaf", "inter_rsa", "leaf_rsa", SERVER)
    m.put("exponent_leaf.pem", made_up(m.get("exponent_leaf.crt"), exponent=2047) + m.get("inter_rsa.crt"))
    m.case("exponent_unused", "inter_ec", "leaf_ec", SERVER, ec)
    m.put("exponent_unused.pem", m.get("exponent_unused.pem") + made_up(m.get("inter_rsa.crt"), exponent=2047))
    m.case("five_sent", "root_ec", "leaf_ec", SERVER, ("root_other",) * 4)
    m.case("six_sent", "root_ec", "leaf_ec", SERVER, ("root_other",) * 5)
    m.case("client", "root_ec", "client", [SERVER[0], "keyUsage = critical, digitalSignature",
                                           "extendedKeyUsage = clientAuth"])
    m.put("roots.pem", m.get("root_rsa.crt") + m.get("root_ec.crt"))


if __name__ == "__main__":
    make(sys.argv[1])
