#!/usr/bin/python3
"""What ESP-IDF's registry and PlatformIO are given (platform/pack): it builds from these files alone, exactly the sources
that the SDK would take, and the README's example links with it. That no file is superfluous is a law of
tests/static/manifests.py."""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests", "static"))
import manifests  # noqa: E402

PACK = os.path.join(ROOT, "platform", "pack")
ADDRESSES = {"url": "https://example.com/tinyiam", "repository": "https://example.com/tinyiam.git",
             "documentation": "https://example.com/docs", "issues": "https://example.com/issues"}


def run(*command, code=0, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != code:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def files(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)


class Registries(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def pack(self, kind, *names):
        out = os.path.join(self.folder, kind, "tinyiam")
        said = run(PACK, kind, "--out", out, *(f"--{name}={ADDRESSES[name]}" for name in names))
        return out, said

    def listed(self, kind):
        said = run(PACK, kind, "--list").splitlines()
        total, count = re.fullmatch(r" *([\d,]+)  in (\d+) files", said[-1]).groups()
        sizes = {line.split()[1]: int(line.split()[0].replace(",", "")) for line in said[:-1]}
        self.assertEqual((sum(sizes.values()), len(sizes)), (int(total.replace(",", "")), int(count)))
        return sizes

    def builds(self, package, sources, flags, public):
        """The sources with these flags, and the README's example with them; warnings are errors."""
        objects = []

        def compile_(source):
            name = os.path.join(self.folder, source.replace("/", "_") + ".o")
            run("gcc", "-Wall", "-Wextra", "-Werror", *flags, "-c", source, "-o", name, cwd=package)
            return name
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            objects = list(pool.map(compile_, sources))
        with open(os.path.join(package, "README.md"), encoding="utf-8") as f:
            example = re.search(r"```c\n(.*?)```", f.read(), re.S)[1]
        program = os.path.join(self.folder, "example.c")
        with open(program, "w", encoding="utf-8") as f:
            f.write(example + "static struct iam_credentials none;\n"
                    "int main(void) { return report(NULL, &none, IAM_SPAN(\"x\"), NULL) < 0 ? 7 : 0; }\n")
        run("gcc", "-Wall", "-Wextra", "-Werror", *public, program, *objects, "-lmbedtls", "-lmbedx509", "-lmbedcrypto", "-o",
            os.path.join(self.folder, "example"), cwd=package)
        run(os.path.join(self.folder, "example"), code=7)  # keys and roots are missing: said, not crashed

    def test_platformio(self):
        out, said = self.pack("platformio", "url", "repository")
        self.assertEqual(files(out), sorted(self.listed("platformio")))
        self.assertNotIn("without", said)
        with open(os.path.join(out, "library.json"), encoding="utf-8") as f:
            manifest = json.load(f)
        self.assertEqual((manifest["homepage"], manifest["repository"]),
                         (ADDRESSES["url"], {"type": "git", "url": ADDRESSES["repository"]}))
        self.assertNotIn("export", manifest)
        build = manifest["build"]
        sources = [p for p in manifests.pack.filtered(out, build["srcFilter"]) if p.endswith(".c")]
        include = [*build["flags"], "-I" + build["includeDir"], "-I" + build["srcDir"]]
        self.builds(out, sources, include, include)

    def test_esp_idf(self):
        out, said = self.pack("esp-idf", *ADDRESSES)
        self.assertEqual(files(out), sorted(self.listed("esp-idf")))
        self.assertNotIn("without", said)
        with open(os.path.join(out, "idf_component.yml"), encoding="utf-8") as f:
            manifest = yaml.safe_load(f)
        self.assertEqual({name: manifest.get(name) for name in ADDRESSES}, ADDRESSES)
        self.assertNotIn("files", manifest)
        for example in manifest["examples"]:
            self.assertTrue(os.path.exists(os.path.join(out, example["path"], "README.md")))
        said, problems = manifests.idf_record(ROOT, out, "linux", self.folder)
        self.assertEqual(problems, [])
        sources = [os.path.relpath(p, out) for p in manifests.sources_of(said, "SRCS", "SOURCES_OF___idf_tinyiam")]
        self.assertGreater(len(sources), 50)
        private = [f"-I{d}" for d in said["INCLUDE_DIRS"] + said["PRIV_INCLUDE_DIRS"]]
        self.builds(out, sources, ["-D_GNU_SOURCE", *private], [f"-I{d}" for d in said["INCLUDE_DIRS"]])

    def test_own_readme(self):
        for kind in ("esp-idf", "platformio"):
            with open(os.path.join(self.pack(kind)[0], "README.md"), encoding="utf-8") as f, \
                    open(os.path.join(ROOT, "README.md"), encoding="utf-8") as root:
                self.assertNotEqual(f.read(), root.read())

    def test_no_address_is_made_up(self):
        for kind, name in (("esp-idf", "idf_component.yml"), ("platformio", "library.json")):
            out, said = self.pack(kind)
            self.assertIn("without ", said)
            with open(os.path.join(out, name), encoding="utf-8") as f:
                self.assertNotIn("http", f.read())

    def test_refused(self):
        for arguments in (("esp-idf", "--url", "example"), ("esp-idf", "--issues", "git@example.com:x"), ("esp-idf", "--repository", "x"),
                          ("platformio", "--issues", "https://example.com"), ("npm",)):
            run(PACK, *arguments, "--out", os.path.join(self.folder, "out"), code=2)
        with open(os.path.join(self.folder, "precious"), "w", encoding="utf-8") as f:
            f.write("x")
        run(PACK, "esp-idf", "--out", self.folder, code=2)
        self.assertTrue(os.path.exists(os.path.join(self.folder, "precious")))


if __name__ == "__main__":
    unittest.main()
