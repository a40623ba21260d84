#!/usr/bin/python3
"""Parts of the command alone, under the sanitizers: test_host.c, and probe.c against Python's own
configparser, shlex and json."""

import concurrent.futures
import configparser
import json
import os
import random
import shlex
import subprocess
import tempfile
import unittest

import cli

HOST = os.path.join(cli.ROOT, "platform", "host")
FLAGS = ("-std=c11", "-g", "-O1", "-fsanitize=address,undefined",
         "-fno-sanitize-recover=all", "-Wall", "-Wextra", "-Werror")
INCLUDES = ("platform/host", "core/include", "port/include")


def compile_(folder):
    """test_host and probe, with every part of the command but main()."""
    library = os.path.join(os.path.dirname(cli.binary()), "libtinyiam.a")
    compiler = os.environ.get("CC", "cc")
    flags = [*FLAGS, *(f"-I{os.path.join(cli.ROOT, i)}" for i in INCLUDES)]
    sources = [os.path.join(HOST, n) for n in sorted(os.listdir(HOST)) if n.endswith(".c") and n != "main.c"]
    objects = [os.path.join(folder, os.path.basename(source)[:-2] + ".o") for source in sources]

    def run(*arguments):
        subprocess.run([compiler, *flags, *arguments], check=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda pair: run("-c", pair[0], "-o", pair[1]), zip(sources, objects)):
            pass
        for _ in pool.map(lambda name: run("-D_DEFAULT_SOURCE", os.path.join(cli.HERE, name + ".c"), *objects,
                                           library, "-lmbedtls", "-lmbedx509", "-lmbedcrypto", "-lcmocka",
                                           "-o", os.path.join(folder, name)), ("test_host", "probe")):
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
                              capture_output=True, check=False, timeout=30)

    def test_host(self):
        run = subprocess.run([os.path.join(self.folder.name, "test_host")], capture_output=True, text=True,
                             check=False, timeout=120)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_json(self):
        pick = random.Random(1)
        letters = [chr(c) for c in (*range(1, 128), 0x80, 0xE9, 0x100, 0x2028, 0x20AC, 0xFFFF, 0x1F600)]
        for _ in range(60):
            text = "".join(pick.choices(letters + ["plain words "], k=pick.randrange(40)))
            out = self.probe("json", stdin=text.encode())
            self.assertEqual(out.stdout.decode(), json.dumps(text, ensure_ascii=False), out.stderr)

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
            self.assertEqual(json.loads(line), self.python_ini(path), text)

    def test_ini(self):
        pick = random.Random(2)
        pieces = ["[default]", "[profile a]", "[DEFAULT]", "[x", "[]", "[ y ]", "[z] # more", "region = us-east-1",
                  "region: eu", "Key=value", "key =", "= value", "nothing", "  deeper = 1", "\tdeeper", "  # c",
                  "; c", "#c", "", " ", "a = b = c", "a : b = c", "é = ü", "k = \u00a0v\u3000", "s3 =", "  p = q",
                  "    r", "[profile \"a b\"]", "\x0b", "k\u2003= 1", "[é]", "x]y = [1]"]
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
