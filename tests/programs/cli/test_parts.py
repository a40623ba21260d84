#!/usr/bin/python3
"""Parts of the command alone, under the sanitizers: test_host.c, and probe.c against Python's own
configparser, shlex and json."""

import base64
import concurrent.futures
import configparser
import ctypes
import json
import locale
import os
import random
import shlex
import subprocess
import sys
import tempfile
import time
import unicodedata
import unittest
import urllib.request

import botocore.configloader
import botocore.exceptions
import wcwidth

import chain_oracle
import cli

sys.path.insert(0, os.path.join(cli.ROOT, "tests", "lab", "sim"))
from iamsim import logins  # noqa: E402

PARTS = [os.path.join(cli.ROOT, "platform", name) for name in ("common", "host")]
FLAGS = ("-std=c11", "-g", "-O1", "-fsanitize=address,undefined",
         "-fno-sanitize-recover=all", "-Wall", "-Wextra", "-Werror")
INCLUDES = ("platform", "platform/host", "core/include", "port/include")


def compile_(folder, programs=("test_host", "probe"), sanitize=True):
    """Programs of this folder, with every part of the command but main()."""
    library = os.path.join(os.path.dirname(cli.binary()), "libtinyiam.a")
    compiler = os.environ.get("CC", "cc")
    flags = [*(f for f in FLAGS if sanitize or "sanitize" not in f), *(f"-I{os.path.join(cli.ROOT, i)}" for i in INCLUDES)]
    sources = [os.path.join(room, n) for part in PARTS for room, _, names in os.walk(part) for n in names
               if n.endswith(".c") and n != "main.c" and os.path.basename(room) != "examples"]
    for name, script in (("audit_page.c", "page.cmake"), ("completion.c", "bytes.cmake")):
        sources.append(os.path.join(folder, name))
        subprocess.run(["cmake", f"-DOUT={sources[-1]}", "-P", os.path.join(cli.ROOT, "cmake", script)], check=True)
    objects = [os.path.join(folder, os.path.relpath(source, cli.ROOT)[:-2].replace(os.sep, "-") + ".o") for source in sources]

    def run(*arguments):
        subprocess.run([compiler, *flags, *arguments], check=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda pair: run("-c", pair[0], "-o", pair[1]), zip(sources, objects)):
            pass
        for _ in pool.map(lambda name: run("-D_DEFAULT_SOURCE", os.path.join(cli.HERE, name + ".c"), *objects,
                                           library, "-lmbedtls", "-lmbedx509", "-lmbedcrypto", "-lcmocka",
                                           "-o", os.path.join(folder, name)), programs):
            pass


class Parts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="tinyiam-parts-")
        compile_(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def probe(self, *args, stdin=b""):
        return subprocess.run([os.path.join(self.folder.name, "probe"), *args], input=stdin,
                              capture_output=True, check=False, timeout=300)

    def test_host(self):
        run = subprocess.run([os.path.join(self.folder.name, "test_host")], capture_output=True, text=True,
                             check=False, timeout=300)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_json(self):
        pick = random.Random(1)
        letters = [chr(c) for c in (*range(1, 128), 0x80, 0xE9, 0x100, 0x2028, 0x20AC, 0xFFFF, 0x1F600)]
        for _ in range(60):
            text = "".join(pick.choices(letters + ["plain words "], k=pick.randrange(40)))
            out = self.probe("json", stdin=text.encode())
            self.assertEqual(out.stdout.decode(), json.dumps(text, ensure_ascii=False), out.stderr)
            self.assertEqual(self.probe("ascii", stdin=text.encode()).stdout.decode(), json.dumps(text))
        for bad in (b"\xff", b"a\xc3", b"\xed\xa0\x80"):
            self.assertEqual(self.probe("ascii", stdin=bad).stdout, b"bad")

    def test_columns(self):
        """Of every character that Python's Unicode has, against two oracles: where python3-wcwidth and the C library
        agree that is it, where they do not it is one of the two."""
        libc = ctypes.CDLL(None)
        libc.setlocale.restype = ctypes.c_char_p
        self.addCleanup(libc.setlocale, locale.LC_CTYPE, libc.setlocale(locale.LC_CTYPE, None))
        self.assertTrue(libc.setlocale(locale.LC_CTYPE, b"C.UTF-8"))
        have = self.probe("columns").stdout.decode()
        self.assertEqual(len(have), 0x110000)
        wrong, seen, disagree = [], set(), 0
        for c, columns in enumerate(have):
            kind = unicodedata.category(chr(c))
            if columns == "x" or kind in ("Cn", "Co"):
                continue
            want = {wcwidth.wcwidth(chr(c)), libc.wcwidth(c)}
            disagree += len(want) > 1
            seen.add(columns)
            if int(columns) not in want:
                wrong.append((hex(c), columns, want))
        self.assertEqual(wrong, [])
        self.assertEqual(seen, {"0", "1", "2"})
        self.assertLess(disagree, 400)

    def test_cells(self):
        """Cut in the middle, by columns: what is left is a beginning and an end of it, no mark lost its letter, and the
        number is what the oracle counts."""
        pick = random.Random(3)
        letters = ["a", "b", "\u00e9", "\u4e16", "\U0001f469", "\U0001f3fd", "\u1100", "\u0301", "\u0308", "\u20dd"]
        for _ in range(120):
            text, limit = "".join(pick.choices(letters, k=pick.randrange(1, 30))), pick.randrange(1, 24)
            if unicodedata.category(text[0])[0] == "M":
                text = "a" + text
            cell, columns = self.probe("cell", str(limit), stdin=text.encode()).stdout.decode().split("\t")
            self.assertEqual(wcwidth.wcswidth(cell), int(columns))
            if wcwidth.wcswidth(text) <= limit:
                self.assertEqual(cell, text)
                continue
            self.assertLessEqual(int(columns), limit)
            self.assertGreaterEqual(int(columns), limit - 2)  # a wide letter on either side that found no room
            head, tail = cell.split("\u2026")
            self.assertTrue(text.startswith(head) and text.endswith(tail), (text, cell))
            for rest in (text[len(head):], tail):
                self.assertNotEqual(unicodedata.category(rest[0])[0] if rest else "", "M", (text, cell))

    def test_yaml(self):
        """Texts as the AWS CLI's own library writes them: what would be read as something else, what has to be quoted,
        what cannot be shown, and where lines are folded."""
        pick = random.Random(15)
        words = ("", "~", "null", "Null", "yes", "on", "n", "true", "True", "tRue", "<<", "=", "!", "&a", "*", "%a", "@", "`", "|", "> a",
                 "-", "- a", "-a", "---", "...", "---x", "?", "? a", "?a", ":", ":a", "a:", "a: b", "a:b", "#", "a #b", "a#b", "[", "{}", ",", "a,b",
                 "'", '"', "it's", "\\", "a\\b", " a", "a ", "\t", "a\tb", "\n", "a\n", "a\nb", "a\n\nb", "a \nb", "a\n b", "\r", "a\rb", "\x85",
                 "\u2028", "a\u2028b", "a\u2029 b", "\ufeff", "\ufffe", "\ud7ff", "\ue000", "\xa0", "\x7f", "\x9b", "\x07\x08\x0b\x0c\x1b", "\u202e",
                 "\u200b", "\U0001f600", "\u00e9", "\u4e2d", "1", "+1", "-_", "_1", "1_0", "010", "0o17", "0b1", "0b2", "0x1F", "0xg", "1.", "1.5",
                 ".5", "._", ".", "1e5", "1.e+5", ".5e5", ".5e+5", "1e", ".inf", "-.INF", ".nan", "+.nan", "1:30", "1:30.5", "2018-10-24", "2018-1-4",
                 "2018-10-24T19:47:31Z", "2018-10-24 19:47:31.466 +1", "2018-10-24\t1:02:03+01:00", "2018-10-24T19:47:31.466000+00:00", "2018-10-24x")
        texts = [*words, *(a + b for a in words for b in ("x", " ", ":")), *(b + a for a in words for b in ("x", " ", "-"))]
        kinds = (list("abcXYZ019 -:#'\"\\,[]{}&*!|>%@`~=<?._+/eE\t") + ["  ", "\n", "\n\n", " \n", "\n ", "\u2028", "\x85", "\u00e9", "\U0001f600", "word "],
                 ["a", "b", " ", "word", "word ", "  ", "\u00e9", "it's", '"', "\\", "\n", " \n", "\t", "\U0001f600"],
                 ["word", "x" * 37, " ", " ", "  ", "'", "\\", "\u4e2d"], list("0123456789_+-.eExob:TtZ "))
        for kind, most in zip(kinds, (8, 200, 60, 12)):
            texts += ["".join(pick.choices(kind, k=pick.randrange(1, most))) for _ in range(1500)]
        out = self.probe("yaml", stdin=b"".join(text.encode() + b"\0" for text in texts))
        self.assertEqual(out.stderr, b"")
        got = out.stdout.split(b"- Key: ")[1:]
        want = cli.yaml([{"Key": text} for text in texts]).split(b"- Key: ")[1:]
        self.assertEqual(len(want), len(texts))
        for one, theirs, text in zip(got, want, texts):
            self.assertEqual(one, theirs, repr(text))
        self.assertEqual(len(got), len(want))
        self.assertEqual(self.probe("yaml", stdin=b"a\xff \xed\xa0\x80\0").stdout, b'- Key: "a\\xFF \\xED\\xA0\\x80"\n')

    def test_proofs(self):
        """Each verifies, also where a number of its signature begins with zeros: one in 128 has such a one."""
        url, path = "https://eu-west-1.signin.aws.amazon.com/v1/token", os.path.join(self.folder.name, "key.pem")
        for options in (("ecparam", "-genkey", "-noout", "-name", "prime256v1"),
                        ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")):
            subprocess.run(["openssl", *options, "-out", path], check=True, capture_output=True)
            proofs = self.probe("dpop", path, url, "400").stdout.decode().split()
            self.assertEqual(len(set(proofs)), 400)
            raw = [logins._unbase64(p.split(".")[2]) for p in proofs]
            self.assertEqual({len(r) for r in raw}, {64})
            short = [p for p, r in zip(proofs, raw) if r[0] == 0 or r[32] == 0]
            self.assertEqual(len({logins.read_proof(p, url, time.time())[0] for p in proofs[:4] + short[:4]}), 1)
        for options in (("ecparam", "-genkey", "-noout", "-name", "secp384r1"), ("ecparam", "-genkey", "-noout", "-name", "secp256k1"),
                        ("genpkey", "-algorithm", "RSA")):
            subprocess.run(["openssl", *options, "-out", path], check=True, capture_output=True)
            self.assertEqual(self.probe("dpop", path, url, "1").stdout, b"")

    def python_ini(self, path):
        """What the AWS CLI reads: sections and values, or None where it calls the file broken."""
        parser = configparser.RawConfigParser()
        try:
            parser.read([path], encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            return None
        result = [[s, {k: parser.get(s, k) for k in parser.options(s)}] for s in parser.sections()]
        for _, values in result:
            for value in values.values():
                if value.startswith("\n") and any(line.strip() and "=" not in line
                                                  for line in value.split("\n")):
                    return None
        return result

    def same_as_botocore(self, got, path, text):
        """Its own loader agrees: on what is broken, and on every value that is no nested block."""
        try:
            want = botocore.configloader.raw_config_parse(path)
        except (botocore.exceptions.ConfigParseError, UnicodeDecodeError):
            want = None
        self.assertEqual(got is None, want is None, text)
        for section, values in got or ():
            section = want[section if section in want else section.replace("\x01", "\0")]
            found = {key.replace("\0", "\x01"): value for key, value in section.items()}
            self.assertEqual(sorted(values), sorted(found), text)
            for key, value in values.items():
                nested = isinstance(found[key], dict)
                self.assertEqual(nested, value.startswith("\n"), text)
                if not nested:
                    self.assertEqual(value, found[key].replace("\0", "\x01"), text)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as f:
            f.write(text)
        return path

    def same_inis(self, texts):
        paths = [self.write(f"config-{i}", text) for i, text in enumerate(texts)]
        out = self.probe("ini", *paths)
        self.assertEqual(out.returncode, 0, out.stderr)
        for text, path, line in zip(texts, paths, out.stdout.splitlines(), strict=True):
            # a NUL, which Python takes for a character like another, is one that a C string can hold
            want = json.loads(json.dumps(self.python_ini(path)).replace("\\u0000", "\\u0001"))
            self.assertEqual(json.loads(line), want, text)
            self.same_as_botocore(json.loads(line), path, text)

    def test_ini(self):
        pick = random.Random(2)
        pieces = ["[default]", "[profile a]", "[DEFAULT]", "[x", "[]", "[ y ]", "[z] # more", "region = us-east-1",
                  "region: eu", "Key=value", "key =", "= value", "nothing", "  deeper = 1", "\tdeeper", "  # c",
                  "; c", "#c", "", " ", "a = b = c", "a : b = c", "é = ü", "k = \u00a0v\u3000", "s3 =", "  p = q",
                  "    r", "[profile \"a b\"]", "\x0b", "k\u2003= 1", "[é]", "x]y = [1]", "# a\0b", "n\0 = v\0w", "[s\0]", "\0"]
        texts = [b"[a]\nx = \xff\n"]
        for i in range(2000):
            lines = pick.choices(pieces, k=pick.randrange(1, 9))
            if i % 3:
                lines.insert(0, pick.choice(["[default]", "[profile a]", "[b]"]))
                lines = [line for k, line in enumerate(lines) if line not in lines[:k] or not line.strip()]
            texts.append((pick.choice(["\n", "\r\n", "\r", "\n"]).join(lines) + pick.choice(["", "\n"])).encode())
        self.same_inis(texts)

    def test_profile_names(self):
        pick = random.Random(3)
        letters = ["a", "b", " ", "\t", '"', "'", "\\", "profile", "-", "é", "profile "]
        words, wanted = [], []
        for i in range(1000):
            section = "profile" + "".join(pick.choices(letters, k=pick.randrange(1, 8)))
            try:
                parts = shlex.split(section)
            except ValueError:
                parts = []
            words += [self.write(f"names-{i}", f"[{section}]\nx = 1\n".encode()),
                      parts[1] if len(parts) == 2 else "nobody"]
            wanted.append(section if len(parts) == 2 else "")
        out = self.probe("profile", *words)
        for section, line in zip(wanted, out.stdout.splitlines(), strict=True):
            self.assertEqual(json.loads(line), section, out.stderr)

    def test_words_as_a_line(self):
        """A command line as it can be typed is the one that Python's shlex makes."""
        pick = random.Random(6)
        letters = ["a", "Z", "9", "@%+=:,./_-", " ", "\t", "\n", '"', "'", "\\", "é", "$X", "#", ";", "~", "*", "\x01"]
        for n in range(60):
            words = ["".join(pick.choices(letters, k=pick.randrange(6))) for _ in range(pick.randrange(12))]
            self.assertEqual(self.probe("join", *words).stdout.decode(), shlex.join(words))

    def test_words(self):
        """credential_process is split as Python's shlex does it."""
        pick = random.Random(5)
        letters = ["a", "b", " ", "\t", "\n", '"', "'", "\\", "-", "é", "$X", "#", ";", "|"]
        texts = ["", " ", "''", '"" a', "a''b", "'a b' c"]
        texts += ["".join(pick.choices(letters, k=pick.randrange(1, 14))) for _ in range(4000)]
        out = self.probe("words", *texts)
        broken = 0
        for text, line in zip(texts, out.stdout.decode().split("\n")[:-1], strict=True):
            got = json.loads(line) if line[1:2] != "q" and line[1:2] != "e" else line[1:-1]
            try:
                self.assertEqual(json.loads(line), shlex.split(text), repr(text))
            except ValueError as error:
                broken += 1
                wanted = "quote" if "quotation" in str(error) else "escape"
                self.assertIn(json.loads(line), (["quote"], ["escape"]), (text, got, wanted))
        self.assertGreater(broken, 100)

    def test_chain(self):
        """Who signs, by the same files and variables: as botocore decides it."""
        seen = set()
        for seed in range(200):
            env, profile = chain_oracle.make(seed, self.folder.name)
            want = chain_oracle.answer(env, profile)
            run = subprocess.run([os.path.join(self.folder.name, "probe"), "chain", "--arn", cli.ARN,
                                  "--service-namespace", "s3", *(["--profile", profile] if profile else [])],
                                 env=env, capture_output=True, text=True, check=False, timeout=300)
            about = f"seed {seed}: wanted {want}, got {run.stdout}{run.stderr}"
            if want[0] == "error":
                words = want[1].replace("role_arnconfig", "role_arn config").replace("\n", "\\n")
                self.assertEqual(run.returncode, 255, about)
                self.assertTrue(run.stderr.startswith("tinyiam: [ERROR]: " + words.rstrip(".")), about)
                seen.add(words.split('"')[0][:40])
            else:
                self.assertEqual(run.returncode, 0, about)
                self.assertEqual(json.loads(run.stdout), want, about)
                seen.add((want[0], len(want)))
        self.assertGreater(len(seen), 20, seen)

    def test_no_proxy(self):
        """As urllib has it, whose rules are the AWS CLI's."""
        pick = random.Random(4)
        entries = ["*", "localhost", "a.b", ".a.b", "..a.b", "A.B", "b", ".b", "a.b:443", ":443", "443", "127.0.0.1",
                   "127.", ".1", "[::1]", "::1", "[::1]:8", "", " ", " a.b ", "x", "10.0.0.0/8", "a.b.", "c.a.b", "."]
        hosts = ["a.b", "c.a.b", "xa.b", "A.b", "a.b:443", "a.b:8", "c.a.b:443", "b", "127.0.0.1", "127.0.0.1:80",
                 "[::1]", "[::1]:8", "localhost:1", "a.b."]
        words, wanted = [], []
        for _ in range(3000):
            entry, host = ",".join(pick.choices(entries, k=pick.randrange(1, 4))), pick.choice(hosts)
            words += [entry, host]
            bypass = urllib.request.proxy_bypass_environment(host, {"no": entry} if entry else {})
            wanted.append("yes" if bypass else "no")
        self.assertIn("yes", wanted)
        out = self.probe("bypass", *words).stdout.decode().split()
        for i, (got, want) in enumerate(zip(out, wanted, strict=True)):
            self.assertEqual(got, want, words[2 * i:2 * i + 2])

    def test_proxy_of_the_environment(self):
        def found(host="h", **env):
            run = subprocess.run([os.path.join(self.folder.name, "probe"), "proxy", host], env=env,
                                 capture_output=True, check=False, timeout=300)
            self.assertNotIn(b"secret", run.stderr)
            return run.stdout.decode().strip()

        def basic(text):
            return "Basic " + base64.b64encode(text).decode()

        self.assertEqual(found(), "none")
        for value, want in (("http://p:3128", "http p 3128 -"), ("p:3128", "http p 3128 -"), ("p", "http p 80 -"),
                            ("//p", "http p 80 -"), ("https://p", "https p 443 -"), ("HTTP://P:1/x?y", "http p 1 -"),
                            ("http://[::1]:8", "http ::1 8 -"), ("http://u:p@h:1", "http h 1 " + basic(b"u:p")),
                            ("http://u:p@ss@h:1", "http h 1 " + basic(b"u:p@ss")), ("u:p@h:1", "http h 1 " + basic(b"u:p")),
                            ("http://u%40x:p%3A%25@h:1", "http h 1 " + basic(b"u@x:p:%")),
                            ("http://u@h:1", "http h 1 " + basic(b"u:")),
                            ("http://u:%zz%4@h:1", "http h 1 " + basic(b"u:%zz%4")),
                            ("ftp://u:secret@p", "error"), ("http://u:secret@p:x", "error"), ("http://u:secret@", "error"),
                            ("socks5://p", "error"), ("http://u:secret@a b", "error"),
                            ("http://u:" + "x" * 2000 + "@h", "error")):
            self.assertEqual(found(HTTPS_PROXY=value), want, value)
        self.assertEqual(found(HTTPS_PROXY="p", https_proxy="q"), "http q 80 -")
        self.assertEqual(found(HTTPS_PROXY="p", https_proxy=""), "none")
        self.assertEqual(found(HTTPS_PROXY="p", NO_PROXY="h"), "none")
        self.assertEqual(found(HTTPS_PROXY="p", NO_PROXY="h", no_proxy=""), "http p 80 -")
        self.assertEqual(found(HTTP_PROXY="p"), "none")

    def test_numbers(self):
        texts, wanted = ["1", " 7 ", "+3", "-2", "007", "\n5\t", "", " ", "1x", "x", "1.5", "--1", "1 2", "0x1"], []
        for text in texts:
            try:
                wanted.append(str(int(text)))
            except ValueError:
                wanted.append("no")
        self.assertEqual(self.probe("integer", *texts).stdout.decode().split(), wanted)
        for text, want in (("1", "1000"), ("0.5", "500"), ("1.0005", "1000"), (".25", "250"), ("2.", "2000"),
                           ("0", "0"), ("99999999999", "2147483647"), ("", "no"), (".", "no"), ("-1", "no"),
                           ("1s", "no"), ("1e3", "no"), ("abc", "no")):
            self.assertEqual(self.probe("seconds", text).stdout.decode().strip(), want, text)


if __name__ == "__main__":
    cli.main()
