"""A certificate authority on the openssl command: root, intermediate and leaf, good and bad."""

import datetime
import fcntl
import hashlib
import os
import shutil
import subprocess

BAD_CERTS = ("expired", "not-yet", "wrong-name", "self-signed", "unknown-ca", "wildcard",
             "no-server-auth", "sha1", "rsa1024", "ca-as-leaf", "leaf-as-ca")
KINDS = ("ecdsa", "rsa")

# What the leaf is good for: the loopback, and the names that the proxy leads here.
IOT_NAME = "c1example.credentials.iot.us-east-1.amazonaws.com"
_NAMES = ("DNS:localhost,DNS:iam.amazonaws.com,DNS:sts.us-east-1.amazonaws.com,"
          "DNS:portal.sso.us-east-1.amazonaws.com,DNS:oidc.us-east-1.amazonaws.com,"
          "DNS:us-east-1.signin.aws.amazon.com,"
          f"DNS:sts.amazonaws.com,DNS:{IOT_NAME},IP:127.0.0.1,IP:::1")
# Wide on purpose: a test may run with the clock of 2018, a device with none at all.
_LONG = ("20100101000000Z", "20491231235959Z")
_CONFIG = """\
[ca]
default_ca = here
[here]
dir = {dir}
database = {dir}/index.txt
serial = {dir}/serial
new_certs_dir = {dir}
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
[any]
commonName = supplied
[req]
distinguished_name = dn
prompt = no
[dn]
commonName = tinyiam test
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
_LEAF = """\
[leaf]
basicConstraints = critical,CA:{is_ca}
keyUsage = critical,digitalSignature,keyEncipherment{usage}
extendedKeyUsage = {purpose}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""


class MissingTool(Exception):
    pass


class Identity:
    """What a server presents: chain and key files, and the bundle a client should trust."""

    def __init__(self, chain, key, bundle, weak=False):
        self.chain, self.key, self.bundle, self.weak = chain, key, bundle, weak


class Authority:
    """Makes and keeps certificates in a folder; a second start on the same folder is instant."""

    def __init__(self, folder):
        if not shutil.which("openssl"):
            raise MissingTool("the command 'openssl' makes the test certificates and was not "
                              "found: install the package openssl (apt-get install openssl)")
        # What another version of this file made has other names in it, perhaps.
        with open(__file__, "rb") as source:
            version = hashlib.sha256(source.read()).hexdigest()[:8]
        self.folder = os.path.join(os.path.abspath(folder), version)
        os.makedirs(self.folder, exist_ok=True)

    def identity(self, kind="ecdsa", bad=None):
        with open(os.path.join(self.folder, "lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return self._identity(kind, bad)

    def device(self, kind="ecdsa", name="device-1", bad=None):
        """(certificate, key, the root that signed it) of a device; bad: other-ca or expired."""
        with open(os.path.join(self.folder, "lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            signer = self._chain(kind, "device-other-" if bad == "other-ca" else "device-")
            base = f"device-{kind}-{name}-{bad or 'good'}"
            certificate, key = self._path(base + ".pem"), self._path(base + ".key")
            if not os.path.exists(certificate):
                dates = ("20160101000000Z", "20170101000000Z") if bad == "expired" else _LONG
                extra = _LEAF.format(is_ca="FALSE", usage="", purpose="clientAuth",
                                     names=f"DNS:{name}")
                self._key(kind, key)
                self._sign(base, name, key, "leaf", extra, (signer["root"], signer["root_key"]),
                           dates)
            return certificate, key, self._chain(kind, "device-")["root"]

    def _identity(self, kind, bad):
        signer = self._chain(kind, "other-" if bad == "unknown-ca" else "")
        bundle = self._chain(kind, "")["root"]
        name = f"{kind}-{bad or 'leaf'}"
        chain, key = self._path(name + "-chain.pem"), self._path(name + ".key")
        if not os.path.exists(chain):
            self._leaf(kind, bad, name, signer, key, chain)
        return Identity(chain, key, bundle, weak=bad in ("sha1", "rsa1024"))

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _run(self, *args):
        run = subprocess.run(["openssl", *args], stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, cwd=self.folder, check=False)
        if run.returncode:
            raise RuntimeError(f"openssl {' '.join(args[:2])} failed:\n{run.stderr}")

    def _key(self, kind, path, bits=2048):
        options = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ecdsa" \
            else ["-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}"]
        self._run("genpkey", *options, "-out", path)

    def _config(self, extra=""):
        path = self._path("openssl.cnf")
        if not os.path.exists(self._path("serial")):
            with open(self._path("serial"), "w") as f:
                f.write(os.urandom(8).hex() + "\n")
            open(self._path("index.txt"), "w").close()
        with open(path, "w") as f:
            f.write(_CONFIG.format(dir=self.folder) + extra)
        return path

    def _sign(self, name, subject, key, section, extra, issuer, dates, digest="sha256"):
        """issuer: (certificate, key), or None for a self-signed certificate."""
        config, request, out = self._config(extra), self._path(name + ".csr"), \
            self._path(name + ".pem")
        self._run("req", "-new", "-config", config, "-key", key, "-subj", f"/CN={subject}",
                  "-out", request)
        who = ["-cert", issuer[0], "-keyfile", issuer[1]] if issuer \
            else ["-selfsign", "-keyfile", key]
        self._run("ca", "-batch", "-notext", "-config", config, *who, "-in", request, "-out", out,
                  "-extensions", section, "-startdate", dates[0], "-enddate", dates[1],
                  "-md", digest)
        return out

    def _chain(self, kind, prefix):
        """A root and an intermediate of its own for each kind of key."""
        base = f"{prefix}{kind}"
        files = {"root": self._path(base + "-root.pem"), "root_key": self._path(base + "-root.key"),
                 "inter": self._path(base + "-intermediate.pem"),
                 "inter_key": self._path(base + "-intermediate.key")}
        if not os.path.exists(files["inter"]):
            self._key(kind, files["root_key"])
            self._key(kind, files["inter_key"])
            self._sign(base + "-root", f"tinyiam test root {base}", files["root_key"], "root", "",
                       None, _LONG)
            self._sign(base + "-intermediate", f"tinyiam test intermediate {base}",
                       files["inter_key"], "intermediate", "",
                       (files["root"], files["root_key"]), _LONG)
        return files

    def _leaf(self, kind, bad, name, signer, key, chain):
        names = {"wrong-name": "DNS:wrong.example",
                 "wildcard": "DNS:*.amazonaws.com,DNS:*"}.get(bad, _NAMES)
        year = datetime.date.today().year
        dates = {"expired": ("20160101000000Z", "20170101000000Z"),
                 "not-yet": (f"{max(year + 2, 2048)}0101000000Z", "20491231235959Z")
                 }.get(bad, _LONG)
        extra = _LEAF.format(is_ca="TRUE" if bad == "ca-as-leaf" else "FALSE",
                             usage=",keyCertSign" if bad == "ca-as-leaf" else "",
                             purpose="clientAuth" if bad == "no-server-auth" else "serverAuth",
                             names=names)
        self._key("rsa" if bad == "rsa1024" else kind, key, 1024 if bad == "rsa1024" else 2048)
        issuer, between = (signer["inter"], signer["inter_key"]), [signer["inter"]]
        if bad == "self-signed":
            issuer, between = None, []
        if bad == "leaf-as-ca":
            good = self._identity(kind, None)
            first = self._path(f"{kind}-leaf.pem")
            issuer, between = (first, good.key), [first, signer["inter"]]
        leaf = self._sign(name, "localhost", key, "leaf", extra, issuer, dates,
                          "sha1" if bad == "sha1" else "sha256")
        text = "".join(open(path).read() for path in [leaf, *between])
        with open(chain + ".new", "w") as f:
            f.write(text)
        os.replace(chain + ".new", chain)
