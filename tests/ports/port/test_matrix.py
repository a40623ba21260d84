#!/usr/bin/python3
"""Whom TLS believes: kinds of certificates and chains, the verdict of OpenSSL (openssl s_client, purpose sslserver,
against the same server) beside ours, for roots in `ca`, for an attach with a verify callback of its own, and for one
without. Where the two differ, the reason stands with the kind.

    test_matrix.py PROBE [unittest arguments]      PROBE: the program of tls_probe.c
"""

import ipaddress
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_servers as servers  # noqa: E402
from certificates import LOCAL, LONG_AGO, ROOT, SERVER, Maker, damaged, names  # noqa: E402
from test_servers import OK, V13, VERIFY, TlsServer, context, path, probe  # noqa: E402

HERE = "localhost"
AUTHORITY = [*ROOT[:2]]
NO_SAN = SERVER[:3]
DAYS = {"expired": {"end": "20240101000000Z"}, "future": {"start": "20480101000000Z"}}

# Where our verdict is another than OpenSSL's, or may be: whether we take it, and why.
RFC9525_CN = False, "RFC 9525: the common name never counts"
RFC9525_PART = False, "RFC 9525: a wildcard is a whole label"
DOT = True, "the dot of the root is taken off the name that is asked for"
UNDERSCORE = True, "a wildcard stands for a label of any letters"
ANY = True, "RFC 5280, 4.2.1.12: anyExtendedKeyUsage does not restrict"
P256 = False, "curves below P-256 are refused"
K1 = False, "mbedTLS 3.6 does not offer this curve"
WEAK = False, "signatures below SHA-256 are refused"
SIGNS = False, "RFC 8422: ECDHE_ECDSA needs digitalSignature"
ORDER = False, "mbedTLS goes along the chain as RFC 5246 orders it, and does not go back"
EXTRA = False, "nobody tells which of the certificates that were sent the path went through: each is held to it"
DEPTH = False, "CONFIG_TINYIAM_TLS_CHAIN_MAX"
ANCHOR = True, "RFC 5280, 6.1.1: what the user names is trusted, an intermediate too"
HINT = True, "RFC 5280, 4.2.1.1: the key identifier helps to build a path; it does not decide"
CRITICAL = False, "mbedTLS refuses critical name constraints in what a server sends"
POLICY = False, "mbedTLS refuses critical policies and policy constraints"
WILDCARD = False, "an exclusion holds for what a wildcard is asked to stand for"
DIRECTORY = False, "directory names are compared as bytes, which does not do for what is excluded"
UNUSED = True, "the common name is not used, so it is not constrained"
KEYS = False, "mbedTLS has no such keys or signatures"
UNKEPT_ADDRESS = False, "mbedTLS keeps no certificate that an address could be compared with"
UNKEPT_NAME = None, "mbedTLS keeps no certificate: its own verdict"
UNFOUND = False, "where roots are looked up, mbedTLS takes none that is no authority"
LEFT = True, "left to whoever attached the roots"


def der(tag, *contents):
    body = b"".join(contents)
    assert len(body) < 128
    return bytes([tag, len(body)]) + body


def raw(extension, value):
    return f"{extension} = DER:{value.hex(':')}"


class Kind:
    """A server's certificate with its chain, and the hosts that are asked for. differs: one of the above, or one for
    a host; behind: one for an attach with a callback of its own; ways: for any of WAYS."""

    def __init__(self, name, *hosts, roots="roots.pem", differs=None, behind=None, ways=None, words=""):
        self.name, self.hosts, self.roots, self.words = name, hosts or (HERE,), roots, words
        self.ways = {"callback": behind, **(ways or {})}
        self.differs = differs if isinstance(differs, dict) else dict.fromkeys(self.hosts, differs)


def make(folder):
    """The certificates of certificates.py and those below; the kinds."""
    servers.certificates.make(folder)
    m = Maker.again(folder)
    for name, kind in (("leaf_p384", "secp384r1"), ("leaf_p521", "secp521r1"), ("leaf_k1", "secp256k1"),
                       ("leaf_ed", "-algorithm ed25519"), ("leaf_pss", "-algorithm RSA-PSS"),
                       ("leaf_e3", "-algorithm RSA -pkeyopt rsa_keygen_pubexp:3"), ("spare", "prime256v1")):
        m.key(name, kind)
    kinds = [*existing(), *names_of_servers(m), *validity(m), *keys_and_signatures(m), *usages(m), *chains(m),
             *extensions(m), *constraints(m)]
    assert len({kind.name for kind in kinds}) == len(kinds)
    return kinds


def existing():
    """Those of certificates.py."""
    return [
        Kind("good_rsa", HERE, "127.0.0.1", "::1", "LOCALHOST", "127.0.0.2", "::2", "good_rsa", "::ffff:127.0.0.1",
             "localhost.", differs={"localhost.": DOT}),
        Kind("good_ec", HERE, "localhos", "localhostt", "x.localhost"),
        Kind("no_usages"),
        Kind("wildcard", "a.wild.test", "A.WILD.TEST", "a.b.wild.test", "wild.test", "plain.test", "x.plain.test",
             "xn--bcher-kva.wild.test", "a_b.wild.test", differs={"a_b.wild.test": UNDERSCORE}),
        Kind("wildcards_beside", HERE, "127.0.0.1", "a.localhost"),
        *(Kind(name) for name in ("unknown_issuer", "self_signed", "no_chain", "expired", "future", "expired_inter",
                                  "ca_as_leaf", "ca_as_leaf_client", "client_usage", "key_usage", "sha1", "md5",
                                  "sha1_inter", "rsa1024", "rsa1024_inter", "no_ca_inter", "path_length",
                                  "critical_extension", "bad_signature")),
        Kind("p224", differs=P256),
        Kind("other_name", HERE, "other.test", "127.0.0.2"),
    ]


def leaf(m, name, extensions=None, issuer="inter_ec", chain=None, key="leaf_ec", **more):
    m.case(name, issuer, key, SERVER if extensions is None else extensions,
           (issuer,) if chain is None else chain, **more)


def names_of_servers(m):
    for name, entries in (("dot_at_end", ["DNS:localhost."]), ("upper_case", ["DNS:LocalHost"]),
                          ("wildcard_top", ["DNS:*.test"]), ("wildcard_alone", ["DNS:*"]),
                          ("wildcard_part", ["DNS:f*.wild.test", "DNS:xn--*.wild.test", "DNS:*z.wild.test"]),
                          ("wildcard_inside", ["DNS:a.*.wild.test"]), ("wildcard_twice", ["DNS:*.*.wild.test"]),
                          ("a_label", ["DNS:xn--bcher-kva.wild.test"]), ("address_as_name", ["DNS:127.0.0.1"]),
                          ("mapped", ["IP:::ffff:127.0.0.1"]), ("uri", ["URI:localhost", "DNS:other.test"]),
                          ("uri_address", ["URI:127.0.0.1", "DNS:127.0.0.1", "email:x@127.0.0.1"]),
                          ("email", ["email:localhost"]), ("many", [f"DNS:n{i}.test" for i in range(99)] +
                                                           ["DNS:localhost"]),
                          ("registered", ["RID:1.2.3.4", "DNS:localhost"])):
        leaf(m, name, names(*entries))
    leaf(m, "common_name", NO_SAN, subject="/CN=localhost")
    leaf(m, "common_name_address", NO_SAN, subject="/CN=127.0.0.1")
    leaf(m, "common_name_wildcard", NO_SAN, subject="/CN=*.wild.test")
    leaf(m, "common_name_beside_address", names("IP:127.0.0.1"), subject="/CN=localhost")
    leaf(m, "nul", [*NO_SAN, raw("subjectAltName", der(0x30, der(0x82, b"localhost\0.evil.test")))])
    leaf(m, "nul_at_end", [*NO_SAN, raw("subjectAltName", der(0x30, der(0x82, b"localhost\0")))])
    leaf(m, "address_of_5", [*NO_SAN, raw("subjectAltName", der(0x30, der(0x87, b"\x7f\0\0\1\0")))])
    leaf(m, "no_names", [*NO_SAN, raw("subjectAltName", der(0x30))], subject="/CN=localhost")
    return [
        Kind("dot_at_end"), Kind("upper_case"), Kind("many"), Kind("registered"),
        Kind("wildcard_top", "a.test"), Kind("wildcard_alone", HERE, "a.test"),
        Kind("wildcard_part", "foo.wild.test", "xn--bcher-kva.wild.test", "fuzz.wild.test", differs={
            "foo.wild.test": RFC9525_PART, "fuzz.wild.test": RFC9525_PART}),
        Kind("wildcard_inside", "a.b.wild.test"), Kind("wildcard_twice", "a.b.wild.test"),
        Kind("a_label", "xn--bcher-kva.wild.test", "XN--BCHER-KVA.wild.test", "bcher-kva.wild.test"),
        Kind("address_as_name", "127.0.0.1"), Kind("uri", HERE), Kind("uri_address", "127.0.0.1"), Kind("email"),
        Kind("mapped", "127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1"),
        Kind("common_name", differs=RFC9525_CN, words="another host name"),
        Kind("common_name_address", "127.0.0.1"),
        Kind("common_name_wildcard", "a.wild.test", differs=RFC9525_CN),
        Kind("common_name_beside_address", HERE, "127.0.0.1", differs={HERE: RFC9525_CN}),
        Kind("nul"), Kind("nul_at_end"), Kind("address_of_5", "127.0.0.1"), Kind("no_names", differs=RFC9525_CN),
    ]


def validity(m):
    for name, days in DAYS.items():
        m.keys[f"inter_{name}2"] = "inter_ec"
        m.sign(f"inter_{name}2", "root_ec", "inter_ec", AUTHORITY, **days)
        leaf(m, f"{name}_inter2", issuer=f"inter_{name}2")
        m.keys[f"root_{name}"] = "spare"
        m.sign(f"root_{name}", None, "spare", ROOT, **days)
        leaf(m, f"{name}_root", issuer=f"root_{name}", chain=())
    leaf(m, "for_ever", start=LONG_AGO, end="99991231235959Z")
    return [Kind("expired_inter2"), Kind("future_inter2"), Kind("for_ever"),
            Kind("expired_root", roots="root_expired.crt"), Kind("future_root", roots="root_future.crt")]


def keys_and_signatures(m):
    for curve in ("p384", "p521", "k1"):
        leaf(m, curve, key=f"leaf_{curve}")
    leaf(m, "ed25519", key="leaf_ed")
    leaf(m, "pss_key", key="leaf_pss")
    leaf(m, "exponent_3", key="leaf_e3")
    leaf(m, "sha384", md="sha384")
    leaf(m, "sha512", issuer="inter_rsa", md="sha512", key="leaf_rsa")
    leaf(m, "sha224", md="sha224")
    leaf(m, "pss", issuer="inter_rsa", options=("-sigopt", "rsa_padding_mode:pss"))
    m.keys["root_sha1"] = "spare"
    m.sign("root_sha1", None, "spare", ROOT, md="sha1")
    leaf(m, "sha1_root", issuer="root_sha1", chain=())
    leaf(m, "bad_inter")
    m.put("bad_inter.pem", m.get("bad_inter.crt") + damaged(m.get("inter_ec.crt")))
    return [Kind("p384"), Kind("p521"), Kind("sha384"), Kind("sha512"), Kind("pss"), Kind("exponent_3"),
            Kind("sha224", differs=WEAK), Kind("k1", differs=K1 if servers.TLS13 else None),
            Kind("ed25519", differs=KEYS), Kind("pss_key", differs=KEYS),
            Kind("sha1_root", roots="root_sha1.crt"), Kind("bad_inter")]


def usages(m):
    def authority(name, extensions):
        m.keys[f"inter_{name}"] = "inter_ec"
        m.sign(f"inter_{name}", "root_ec", "inter_ec", extensions)
        leaf(m, name, issuer=f"inter_{name}")

    authority("inter_client", [*AUTHORITY, "extendedKeyUsage = clientAuth"])
    authority("inter_server", [*AUTHORITY, "extendedKeyUsage = clientAuth, serverAuth"])
    authority("inter_any", [*AUTHORITY, "extendedKeyUsage = anyExtendedKeyUsage"])
    authority("inter_signs_no_certificates", [AUTHORITY[0], "keyUsage = critical, digitalSignature, cRLSign"])
    authority("inter_plain", ["subjectKeyIdentifier = hash"])
    authority("inter_key_usage_only", ["keyUsage = critical, keyCertSign"])
    m.keys["root_client"] = "spare"
    m.sign("root_client", None, "spare", [*ROOT, "extendedKeyUsage = clientAuth"])
    leaf(m, "client_root", issuer="root_client", chain=())
    leaf(m, "any_usage", [*SERVER[:2], "extendedKeyUsage = anyExtendedKeyUsage", LOCAL])
    leaf(m, "agrees", [SERVER[0], "keyUsage = critical, keyAgreement", LOCAL])
    leaf(m, "code_usage", [*SERVER[:2], "extendedKeyUsage = codeSigning", LOCAL])
    leaf(m, "ca_as_server", [ROOT[0], "keyUsage = critical, keyCertSign, digitalSignature", *SERVER[2:]])
    return [Kind("inter_client", words="not meant for a server"), Kind("inter_server"), Kind("inter_any", differs=ANY),
            Kind("inter_signs_no_certificates"), Kind("inter_plain"), Kind("inter_key_usage_only"),
            Kind("client_root", roots="root_client.crt", behind=LEFT),
            Kind("any_usage", differs=ANY), Kind("agrees", differs=SIGNS), Kind("code_usage"), Kind("ca_as_server")]


def chains(m):
    m.keys["inter_free"] = "inter_rsa"
    m.sign("inter_free", "root_rsa", "inter_rsa", AUTHORITY)
    m.keys["inter_second"] = "spare"
    m.sign("inter_second", "inter_free", "spare", AUTHORITY)
    for name, chain in (("two_intermediates", ("inter_second", "inter_free")), ("order", ("inter_free", "inter_second")),
                        ("root_sent", ("inter_second", "inter_free", "root_rsa")),
                        ("extra", ("root_other", "inter_second", "client", "inter_free"))):
        leaf(m, name, issuer="inter_second", chain=chain)
    leaf(m, "twice")
    m.put("twice.pem", m.get("twice.crt") * 2 + m.get("inter_ec.crt") * 2)
    for name, issuer in (("inter_cross", "root_other"), ("root_cross", "root_rsa")):
        m.keys[name] = "inter_ec" if name == "inter_cross" else "root_ec"
        m.sign(name, issuer, m.keys[name], AUTHORITY, subject="/CN=inter_ec" if name == "inter_cross" else "/CN=root_ec")
    leaf(m, "cross", chain=("inter_ec", "root_cross"))
    leaf(m, "cross_other_first", chain=("inter_cross", "inter_ec"))
    leaf(m, "cross_other_last", chain=("inter_ec", "inter_cross"))
    issuer, sent = "root_ec", []
    for i in range(5):
        m.keys[f"deep{i}"] = "inter_ec"
        m.sign(f"deep{i}", issuer, "inter_ec", AUTHORITY)
        issuer, sent = f"deep{i}", [f"deep{i}", *sent]
    leaf(m, "deep", issuer=issuer, chain=sent)
    leaf(m, "deep_4", issuer="deep3", chain=sent[1:])
    m.case("self_signed_trusted", None, "leaf_ec", SERVER)
    leaf(m, "trusted_leaf", chain=())
    leaf(m, "trusted_inter")
    for name, issuer in (("root_v1", None), ("inter_v1", "root_ec")):
        m.openssl("req", "-new", "-key", "spare.key", "-subj", f"/CN={name}", "-out", "request")
        m.openssl("x509", "-req", "-in", "request", "-days", "3000", "-out", f"{name}.crt", *(
            ("-signkey", "spare.key") if issuer is None else
            ("-CA", "root_ec.crt", "-CAkey", "root_ec.key", "-set_serial", "77")))
        m.keys[name] = "spare"
        leaf(m, "below_" + name, issuer=name, chain=() if issuer is None else (name,))
    return [Kind("two_intermediates"), Kind("order", differs=ORDER), Kind("root_sent"), Kind("extra", behind=EXTRA), Kind("twice"),
            Kind("cross", roots="root_rsa.crt"), Kind("cross_other_first"), Kind("cross_other_last"),
            Kind("deep", differs=DEPTH, behind=LEFT, ways={"roots": LEFT} if servers.FIND else None), Kind("deep_4"),
            Kind("self_signed_trusted", roots="self_signed_trusted.crt", ways={"ca": UNFOUND} if servers.FIND else None),
            Kind("trusted_leaf", roots="trusted_leaf.crt"),
            Kind("trusted_inter", roots="inter_ec.crt", differs=ANCHOR),
            Kind("below_root_v1", roots="root_v1.crt"), Kind("below_inter_v1")]


def extensions(m):
    odd = "1.2.3.4.5 = {}ASN1:NULL"
    m.keys["inter_odd"] = "inter_ec"
    m.sign("inter_odd", "root_ec", "inter_ec", [*AUTHORITY, odd.format("critical, ")])
    leaf(m, "critical_inter", issuer="inter_odd")
    leaf(m, "odd_extension", [*SERVER, odd.format("")])
    leaf(m, "critical_policy", [*SERVER, "certificatePolicies = critical, 1.2.3.4"])
    m.keys["inter_policy"] = "inter_ec"
    m.sign("inter_policy", "root_ec", "inter_ec", [*AUTHORITY, "policyConstraints = critical, inhibitPolicyMapping:0"])
    leaf(m, "policy_constraints", issuer="inter_policy")
    leaf(m, "key_identifier", [*SERVER, raw("authorityKeyIdentifier", der(0x30, der(0x80, bytes(20))))])
    return [Kind("critical_inter", words="critical extension"), Kind("odd_extension"),
            Kind("critical_policy", differs=POLICY), Kind("policy_constraints", differs=POLICY),
            Kind("key_identifier", differs=HINT)]


# Name constraints, for a certificate that holds localhost, 127.0.0.1, ::1 and *.wild.test.
CONSTRAINTS = {
    "permitted": "permitted;DNS:localhost, permitted;DNS:wild.test, permitted;IP:127.0.0.0/255.0.0.0, permitted;IP:"
                 "0:0:0:0:0:0:0:0/FFFF:FFFF:FFFF:FFFF:0:0:0:0",
    "permitted_names": "permitted;DNS:LOCALHOST, permitted;DNS:wild.test",
    "permitted_dot": "permitted;DNS:localhost, permitted;DNS:.test",
    "permitted_inner": "permitted;DNS:localhost, permitted;DNS:.wild.test",
    "permitted_other": "permitted;DNS:other.test",
    "permitted_part": "permitted;DNS:ocalhost, permitted;DNS:wild.test",
    "permitted_below_wildcard": "permitted;DNS:localhost, permitted;DNS:a.wild.test",
    "permitted_address": "permitted;IP:127.0.0.0/255.0.0.0, permitted;IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:"
                         "FFFF:FFFF",
    "permitted_address_other": "permitted;IP:10.0.0.0/255.0.0.0",
    "permitted_address_4": "permitted;IP:127.0.0.0/255.0.0.0",
    "permitted_directory": "permitted;dirName:near",
    "permitted_directory_other": "permitted;dirName:far",
    "permitted_email": "permitted;email:other.test",
    "excluded": "excluded;DNS:localhost",
    "excluded_other": "excluded;DNS:other.test, excluded;DNS:host, excluded;DNS:.localhost",
    "excluded_below_wildcard": "excluded;DNS:a.wild.test",
    "excluded_address": "excluded;IP:127.0.0.0/255.0.0.0",
    "excluded_address_6": "excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0",
    "excluded_address_other": "excluded;IP:10.0.0.0/255.0.0.0",
    "excluded_directory": "excluded;dirName:near",
    "excluded_directory_other": "excluded;dirName:far",
    "both": "permitted;DNS:wild.test, permitted;DNS:localhost, permitted;IP:0.0.0.0/0.0.0.0, permitted;IP:"
            "0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0, excluded;DNS:b.wild.test",
}
STRICTER = {"excluded_below_wildcard": {"a.wild.test": WILDCARD}, "excluded_directory_other": DIRECTORY,
            "both": {"b.wild.test": WILDCARD}}
HOSTS = (HERE, "127.0.0.1", "a.wild.test", "b.wild.test")
SECTIONS = ["[near]", "O = near", "[far]", "O = far"]


def constraints(m):
    """Each in a root and in an intermediate, critical and not."""
    found = []
    server = names("DNS:localhost", "IP:127.0.0.1", "IP:::1", "DNS:*.wild.test")
    for name, text in CONSTRAINTS.items():
        for critical in (False, True):
            line = "nameConstraints = " + "critical, " * critical + text
            for issuer in (None, "root_ec"):
                case = "_".join(["nc", name, "critical" * critical, "inter" if issuer else "root"]).replace("__", "_")
                authority = "by_" + case
                m.keys[authority] = "spare"
                m.sign(authority, issuer, "spare", [*AUTHORITY, line, *SECTIONS], subject=f"/O=near/CN={case}")
                m.case(case, authority, "leaf_ec", server, (authority,) if issuer else (), subject="/O=near/CN=server")
                found.append(Kind(
                    case, *HOSTS, roots="roots.pem" if issuer else authority + ".crt",
                    differs=CRITICAL if critical and issuer else STRICTER.get(name), behind=None if issuer else LEFT,
                    words="critical extension" if critical and issuer else ""))
    minimum = der(0x30, der(0xA0, der(0x30, der(0x82, b"localhost"), der(0x80, b"\1"))))
    odd = {"minimum": raw("nameConstraints", minimum), "damaged": raw("nameConstraints", b"\x30\x02\xa0\x05"),
           "other_lists": raw("nameConstraints", der(0x30, der(0xA0, der(0x31, b"\x82\x01x"))))}
    for name, line in odd.items():
        m.keys[f"by_{name}"] = "spare"
        m.sign(f"by_{name}", "root_ec", "spare", [*AUTHORITY, line])
        leaf(m, f"nc_{name}", issuer=f"by_{name}")
        found.append(Kind(f"nc_{name}"))
    # one above the other: a name has to be permitted by both
    m.keys["nc_low"] = "inter_ec"
    m.keys["nc_high"] = "spare"
    m.sign("nc_high", None, "spare", [*AUTHORITY, "nameConstraints = critical, permitted;DNS:test"])
    m.sign("nc_low", "nc_high", "inter_ec", [*AUTHORITY, "nameConstraints = permitted;DNS:wild.test, permitted;DNS:x"])
    leaf(m, "nc_two", names("DNS:a.wild.test"), issuer="nc_low")
    leaf(m, "nc_two_far", names("DNS:a.test"), issuer="nc_low")
    leaf(m, "nc_two_high", names("DNS:a.x"), issuer="nc_low")
    leaf(m, "nc_common_name", names("IP:127.0.0.1"), issuer="nc_high", chain=(), subject="/CN=forbidden.example")
    return found + [Kind("nc_two", "a.wild.test", roots="nc_high.crt"), Kind("nc_two_far", "a.test", roots="nc_high.crt"),
                    Kind("nc_two_high", "a.x", roots="nc_high.crt", behind=LEFT),
                    Kind("nc_common_name", "127.0.0.1", roots="nc_high.crt", differs=UNUSED)]




# ---- the verdicts ----

WAYS = {"ca": 0, "callback": 1, "roots": 2}  # of tls_probe.c: attach=


def is_address(host):
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def openssl(port, kind, host):
    """Whether OpenSSL takes it, and what it says."""
    words = ["-verify_ip", host] if is_address(host) else ["-verify_hostname", host, "-servername", host]
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-verify_return_error", "-CAfile",
                           path(kind.roots), "-no-CApath", "-no-CAstore", "-cipher", "DEFAULT@SECLEVEL=2", *words],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
    if kind.name in UNOFFERED:  # the handshake ends before the certificate is judged
        done = subprocess.run(["openssl", "verify", "-purpose", "sslserver", "-auth_level", "2", "-CAfile",
                               path(kind.roots), "-untrusted", path(kind.name + ".pem"), *words[:2],
                               path(kind.name + ".crt")], capture_output=True, text=True, timeout=300, check=False)
    said = re.findall(r"(?:verify error:num=|error )\d+(?: at \d+ depth lookup)?: ?(.*)", done.stdout + done.stderr)
    good = done.returncode == 0 and ("Verify return code: 0 (ok)" in done.stdout or done.stdout.endswith(": OK\n"))
    if not good and not said:
        raise AssertionError(f"{kind.name}, {host}: no verdict: {done.stdout}{done.stderr}")
    return good, "ok" if good else said[0]


class Matrix(unittest.TestCase):
    def test_matrix(self):
        """Every kind, host, way of the roots and version of TLS: OpenSSL's verdict, or the one that a reason gives."""
        for kind in KINDS:
            versions = (servers.V12, V13) if servers.TLS13 else (servers.V12,)
            contexts = [context(kind.name, version, version) for version in versions]
            with self.subTest(kind.name), TlsServer(context(kind.name)) as both:
                for host in kind.hosts:
                    verdict, said = openssl(both.port, kind, host)
                    self.compare(kind, host, verdict, said, contexts)

    def compare(self, kind, host, verdict, said, contexts):
        differs = kind.differs.get(host)
        if differs and len(kind.hosts) < 4:
            self.assertNotEqual(differs[0], verdict, f"{kind.name}, {host}: no difference, OpenSSL: {said}")
        rows = {}
        for ctx in contexts:
            with TlsServer(ctx) as server:
                for way, number in WAYS.items():
                    reason = kind.ways.get(way) or differs
                    if way == "callback" and not servers.KEEP:
                        reason = UNKEPT_ADDRESS if is_address(host) else UNKEPT_NAME
                    wanted = reason[0] if reason else verdict
                    got = probe(server.port, name=host, ca=path(kind.roots), attach=number)
                    where = f"{kind.name}, {host}, {way}, {ctx.maximum_version.name}; OpenSSL: {said}; ours: {got}"
                    with self.subTest(where):
                        self.assertIn(got["open"] == OK, (wanted,) if wanted is not None else (False, True), where)
                        if wanted is False and differs is not KEYS and kind.name not in UNOFFERED:
                            self.assertEqual(got["open"], VERIFY, where)
                            self.assertIn(kind.words, got["why"])
                    row = [way, "taken" if got["open"] == OK else got["why"] or f"error {got['open']}",
                           reason[1] if reason and reason[0] != verdict else ""]
                    rows.setdefault(tuple(row[1:]), []).append(way)
        for (ours, reason), ways in rows.items():
            print(f"{kind.name} | {host} | {said} | {ours} | {', '.join(dict.fromkeys(ways))} | {reason}", flush=True)


UNOFFERED = {"p224", "k1", "key_usage", "agrees"}  # a handshake may end before the certificate is judged


def main():
    global KINDS
    servers.begin(sys.argv.pop(1), lambda folder: globals().__setitem__("KINDS", make(folder)))


if __name__ == "__main__":
    main()
