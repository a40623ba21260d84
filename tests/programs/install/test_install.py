#!/usr/bin/python3
"""Three ways into another project: installed (find_package, pkg-config), add_subdirectory, FetchContent.
Each builds consumer/ and reads a list from the simulator over verified TLS.
BUILD: a configured and built tree of the host preset (environment variable; default build/host)."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lab", "sim"))
from client import ACCESS_KEY, FIXED_JOB, SECRET_KEY, Sim  # noqa: E402

BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build", "host")))
CONSUMER = os.path.join(HERE, "consumer")
ENTITIES = 230
ELSEWHERE = ("_lwip.h", "_sntp.h", "_zephyr.h")  # headers of ports that a host library does not hold


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\n{done.stdout[-3000:]}")
    return done.stdout


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def tree(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder)
                  for at, _, names in os.walk(folder) for name in names)


# What the headers of a host library must be in each language; C++ needs designated initialisers from C++20 on.
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")
CXX = [(compiler, f"-std=c++{year}") for compiler in ("g++", "clang++") for year in ("11", "14", "17", "20")]
# A compiler for the Makefile that compiles each source by itself, through ccache: what an option does not touch, it knows.
CC = """#!/bin/sh
set -e
objects=$(mktemp -d)
n=0 flags= link=
for word; do
    case $word in
    *.c) ;;
    -l* | -o | app) link="$link $word" ;;
    *) flags="$flags $word" ;;
    esac
done
for word; do
    case $word in
    *.c)
        n=$((n + 1))
        ccache cc $flags -c "$word" -o "$objects/$n.o"
        ;;
    esac
done
cc $flags "$objects"/*.o $link
rm -r "$objects"
"""
FUNCTION = re.compile(r"^(?!static|typedef)[a-zA-Z_][\w ]*[ *](iam_\w+)\(", re.M)


class Ways(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.sim = cls.enterClassContext(Sim("--entities", f"s3={ENTITIES}"))
        listing = run("/usr/bin/python3", os.path.join(ROOT, "tests/lab/sim/sim.py"), "--entities", f"s3={ENTITIES}",
                      "--print-entities", "s3")
        cls.expected = [json.loads(line)["EntityInfo"]["Arn"] for line in listing.splitlines()]
        first = os.path.join(cls.folder.name, "first")
        run("cmake", "--install", BUILD, "--prefix", first)
        cls.prefix = os.path.join(cls.folder.name, "moved", "elsewhere")
        os.makedirs(os.path.dirname(cls.prefix))
        os.rename(first, cls.prefix)  # what is installed may be moved
        cls.files = tree(cls.prefix)

    @staticmethod
    def environment():
        return {**os.environ, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}

    def one(self, end):
        found = [name for name in self.files if name.endswith(end)]
        self.assertEqual(len(found), 1, f"{end} in {self.files}")
        return os.path.join(self.prefix, found[0])

    def works(self, program):
        out = run(program, str(self.sim.port), self.sim.ca, FIXED_JOB, "s3", env=self.environment())
        self.assertEqual(len(self.expected), ENTITIES)
        self.assertEqual(self.expected, out.splitlines())

    def cmake(self, name, *options):
        build = os.path.join(self.folder.name, name)
        run("cmake", "-S", CONSUMER, "-B", build, *options)
        run("cmake", "--build", build, "-j", "2", "--target", "consumer")
        return os.path.join(build, "consumer")

    def test_files(self):
        headers = {name for part in ("core", "port")
                   for name in tree(os.path.join(ROOT, part, "include", "tinyiam"))
                   if not name.endswith(ELSEWHERE)}
        installed = {name[len("include/tinyiam/"):] for name in self.files if name.startswith("include/")}
        self.assertEqual(installed, headers)
        for end in ("libtinyiam.a", "libtinyiam_client.a", "tinyiam.pc", "tinyiamConfig.cmake", "tinyiamConfigVersion.cmake",
                    "tinyiamTargets.cmake", "bin/tinyiam", "share/man/man1/tinyiam.1",
                    "share/bash-completion/completions/tinyiam", "share/zsh/site-functions/_tinyiam",
                    "share/fish/vendor_completions.d/tinyiam.fish"):
            self.one(end)
        places = [read(os.path.join(self.prefix, name)) for name in self.files
                  if name.endswith((".cmake", ".pc", ".h"))]
        self.assertFalse([text for text in places if ROOT in text or BUILD in text],
                         "an installed file names the source or the build folder")

    def test_command(self):
        run(self.one("bin/tinyiam"), "--version")
        completion = self.one("bash-completion/completions/tinyiam")
        words = run("bash", "-c", f"source '{completion}'; COMP_LINE='tinyiam en' COMP_POINT=10; "
                                  f"_tinyiam '{self.one('bin/tinyiam')}' en tinyiam; echo ${{COMPREPLY[@]}}").split()
        self.assertEqual(words, ["entities"])

    def test_find_package(self):
        self.works(self.cmake("find", "-DWAY=find_package", f"-DCMAKE_PREFIX_PATH={self.prefix}"))

    def test_own_port(self):
        """The template and its rules are installed, and tinyiam::client runs on what is made of them."""
        build = os.path.join(self.folder.name, "own")
        support = os.path.join(ROOT, "tests/ports/port/support")
        run("cmake", "-S", CONSUMER, "-B", build, "-DWAY=find_package", f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DYOURS={support}")
        run("cmake", "--build", build, "-j", "2", "--target", "own_port")
        self.assertEqual(run(os.path.join(build, "own_port")).split("\n")[:2], ["all rules kept", "IAM_ERR_RESOLVE"])
        shared = {name for name in self.files if name.startswith("share/tinyiam/")}
        self.assertLessEqual({f"share/tinyiam/{part}/README.md" for part in ("template", "port_conformance")}, shared)

    def test_find_package_of_another_version(self):
        source = os.path.join(self.folder.name, "future")
        shutil.copytree(CONSUMER, source)
        lists = os.path.join(source, "CMakeLists.txt")
        text = read(lists)
        with open(lists, "w", encoding="utf-8") as f:
            f.write(text.replace("tinyiam 0.2 ", "tinyiam 99.0 "))
        with self.assertRaisesRegex(AssertionError, "compatible"):
            run("cmake", "-S", source, "-B", source + "-build", "-DWAY=find_package",
                f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def test_pkg_config(self):
        program = os.path.join(self.folder.name, "by-pkg-config")
        path = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(self.one("tinyiam.pc"))}
        flags = run("pkg-config", "--cflags", "--libs", "tinyiam", env=path).split()
        version = run("pkg-config", "--modversion", "tinyiam", env=path).strip()
        self.assertIn(f'"{version}"', read(os.path.join(ROOT, "port/include/tinyiam/tinyiam.h")))
        run("cc", "-std=c11", os.path.join(CONSUMER, "main.c"), *flags, "-o", program)
        self.works(program)

    def cxx(self, compiler, standard, name, source, *more):
        """Compiles, strictly, and links a C++ program against what is installed."""
        program = os.path.join(self.folder.name, f"{name}-{compiler}-{standard[5:]}")
        path = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(self.one("tinyiam.pc"))}
        flags = run("pkg-config", "--cflags", "--libs", "tinyiam", env=path).split()
        run(compiler, standard, *STRICT, *more, source, *flags, "-o", program)
        return program

    def test_cxx(self):
        for compiler, standard in CXX:
            with self.subTest(compiler=compiler, standard=standard):
                self.works(self.cxx(compiler, standard, "consumer", os.path.join(CONSUMER, "main.cpp")))

    def test_cxx_links_every_function(self):
        headers = sorted(name[len("include/"):] for name in self.files if name.startswith("include/"))
        all_of_them = "".join(f"#include <{h}>\n" for h in headers)
        names = set(FUNCTION.findall(run("cc", "-E", "-P", "-xc", f"-I{self.prefix}/include", "-", input=all_of_them)))
        self.assertGreater(len(names), 80)
        self.assertTrue({"iam_run_any", "iam_region_is_valid", "iam_xml_next", "iam_tls_init"} <= names)
        source = os.path.join(self.folder.name, "every.cpp")
        with open(source, "w", encoding="utf-8") as f:
            f.write(all_of_them)
            f.write("typedef void (*function)();\nfunction volatile all[] = {\n")
            f.writelines(f"    reinterpret_cast<function>(&{name}),\n" for name in sorted(names))
            f.write("};\nint main()\n{\n    for (function one : all)\n        if (one == nullptr)\n"
                    "            return 1;\n    return iam_region_is_valid(IAM_SPAN(\"eu-west-1\")) ? 0 : 1;\n}\n")
        for compiler, standard in CXX:
            with self.subTest(compiler=compiler, standard=standard):
                run(self.cxx(compiler, standard, "every", source))

    def test_cxx_compiles_the_example(self):
        """README's example: C, and C++20 as it stands."""
        code = re.search(r"<!-- example: begin -->\n```c\n(.*?)```", read(os.path.join(ROOT, "README.md")), re.S).group(1)
        source = os.path.join(self.folder.name, "example.cpp")
        with open(source, "w", encoding="utf-8") as f:
            f.write(code + "int main()\n{\n    return report(nullptr, nullptr, nullptr, IAM_SPAN(\"job\"), nullptr, nullptr)"
                    " < 0 ? 0 : 1;\n}\n")
        for compiler, standard in CXX[3::4]:
            with self.subTest(compiler=compiler, standard=standard):
                # g++ misses the members that are not named, gcc does not
                run(self.cxx(compiler, standard, "example", source, "-Wno-missing-field-initializers"))

    def test_other_options_do_not_link(self):
        program = os.path.join(self.folder.name, "other-options")
        path = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(self.one("tinyiam.pc"))}
        flags = run("pkg-config", "--cflags", "--libs", "tinyiam", env=path).split()
        for option in ("REASON_MAX=80", "REQUEST_ID_MAX=128"):
            with self.assertRaisesRegex(AssertionError, "undefined reference to .iam_client_init_"):
                run("cc", "-std=c11", f"-DCONFIG_TINYIAM_{option}", os.path.join(CONSUMER, "main.c"), *flags, "-o", program)
        source = "#include <tinyiam/tinyiam.h>\nint main(void)\n{\n    return iam_creds_init(0, 0, 0);\n}\n"
        with self.assertRaisesRegex(AssertionError, "undefined reference to .iam_creds_init_"):
            run("cc", "-std=c11", "-DCONFIG_TINYIAM_CREDS_STS=0", "-xc", "-", *flags, "-o", program, input=source)

    def make(self, name, *flags, variables=()):
        """The Makefile of port/README.md."""
        folder = os.path.join(self.folder.name, name)
        os.mkdir(folder)
        shutil.copy(os.path.join(CONSUMER, "main.c"), folder)
        text = re.search(r"```make\n(.*?)```", read(os.path.join(ROOT, "port/README.md")), re.S).group(1)
        with open(os.path.join(folder, "Makefile"), "w", encoding="utf-8") as f:
            f.write(text)
        os.symlink(ROOT, os.path.join(folder, "tinyiam"))  # make knows no names with a blank
        run("make", "-C", folder, "TINYIAM=tinyiam", f"CFLAGS=-std=c11 -O0 {' '.join(flags)}", *variables)
        return os.path.join(folder, "app")

    def test_make(self):
        self.works(self.make("make"))
        text = read(os.path.join(ROOT, "port/README.md"))
        listed = set(re.search(r"^PORT = (.*?)\n\n", text, re.S | re.M).group(1).replace("\\", "").split())
        lists = dict(re.findall(r"set\((\w+)\s+([^)]*)\)", read(os.path.join(ROOT, "port/sources.cmake"))))
        names = re.findall(r"\{(\w+)\}", lists["TINYIAM_PORT_SOURCES"])
        self.assertEqual(listed, {source for name in names for source in lists[name].split()})

    def test_make_without_credentials(self):
        """core/ without the lists that TINYIAM_CORE_CREDS... are."""
        lists = dict(re.findall(r"set\((\w+)\s+([^)]*)\)", read(os.path.join(ROOT, "core/sources.cmake"))))
        core = " ".join(os.path.join("tinyiam/core", source)
                        for name in ("TINYIAM_CORE_SOURCES", "TINYIAM_CORE_SHA256_MBEDTLS") for source in lists[name].split())
        self.works(self.make("without", "-DCONFIG_TINYIAM_CREDS=0", variables=(f"CORE={core}",)))

    def test_make_with_an_option_off(self):
        compiler = os.path.join(self.folder.name, "cc-by-parts")
        with open(compiler, "w", encoding="ascii") as f:
            f.write(CC)
        os.chmod(compiler, 0o755)
        options = [name for header in ("core/include/tinyiam/config.h", "port/include/tinyiam/port_config.h")
                   for name in re.findall(r"define (CONFIG_TINYIAM_\w+) 1\n", read(os.path.join(ROOT, header)))]
        self.assertGreater(len(options), 8)
        for option in options:
            with self.subTest(option=option):
                self.works(self.make(option, "-Wall", "-Wextra", "-Werror", f"-D{option}=0",
                                     variables=(f"CC={compiler}",) if shutil.which("ccache") else ()))

    def test_add_subdirectory(self):
        self.works(self.cmake("subdirectory", "-DWAY=add_subdirectory", f"-DTINYIAM_DIR={ROOT}"))

    def test_fetch_content(self):
        self.works(self.cmake("fetch", "-DWAY=fetch", f"-DFETCHCONTENT_SOURCE_DIR_TINYIAM={ROOT}"))

    def test_configuration_goes_with_the_headers(self):
        build, prefix = (os.path.join(self.folder.name, name) for name in ("minimal", "minimal-installed"))
        run("cmake", "-S", ROOT, "-B", build, "-DTINYIAM_CONFIG=configs/minimal.config", "-DTINYIAM_TESTS=OFF",
            "-DTINYIAM_COMMAND=OFF")
        run("cmake", "--build", build, "-j", "2", "--target", "tinyiam")
        run("cmake", "--install", build, "--prefix", prefix)
        self.works(self.cmake("find-minimal", "-DWAY=find_package", f"-DCMAKE_PREFIX_PATH={prefix}"))
        pc = [name for name in tree(prefix) if name.endswith("tinyiam.pc")][0]
        flags = run("pkg-config", "--cflags", os.path.join(prefix, pc)).split()
        macros = run("cc", "-dM", "-E", "-xc", *flags, "-include", "tinyiam/tinyiam.h", "/dev/null")
        self.assertIn("#define CONFIG_TINYIAM 1", macros)
        self.assertNotIn("CONFIG_TINYIAM_ENDPOINTS", macros)


if __name__ == "__main__":
    unittest.main(verbosity=2)
