#!/usr/bin/python3
"""The command as people get it: the Debian package and the tarball that cpack makes, and `cmake --install` with its
way back. In a Debian with nothing else: test_debian_root.py.
BUILD: a built tree with mbedTLS from its sources (environment variable; default build/mbedtls36)."""

import gzip
import os
import re
import subprocess
import tempfile
import unittest

from debian import BUILD, ROOT, Packages, run, version

FILES = {"bin/tinyiam", "share/man/man1/tinyiam.1", "share/bash-completion/completions/tinyiam",
         "share/zsh/site-functions/_tinyiam", "share/fish/vendor_completions.d/tinyiam.fish",
         "share/doc/tinyiam/copyright", "share/doc/tinyiam/LICENSE.mbedtls"}
DEBIAN = {name.replace("site-functions", "vendor-completions").replace("tinyiam.1", "tinyiam.1.gz")
          for name in FILES - {"share/doc/tinyiam/LICENSE.mbedtls"}} | {"share/doc/tinyiam/changelog.Debian.gz"}
# mbedTLS is linked in because Debian 12's own has no TLS 1.3; and no bug of Debian's asks for the package.
LINTIAN = {"E: tinyiam: embedded-library mbedtls [usr/bin/tinyiam]",
           "W: tinyiam: initial-upload-closes-no-bugs [usr/share/doc/tinyiam/changelog.Debian.gz:1]"}


def tree(folder):
    return {os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names}


class Contents(Packages):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root, cls.unpacked = (os.path.join(cls.folder, name) for name in ("root", "unpacked"))
        run("dpkg-deb", "-x", cls.deb, cls.root)
        os.mkdir(cls.unpacked)
        run("tar", "-xzf", cls.tarball, "-C", cls.unpacked)
        (top,) = os.listdir(cls.unpacked)
        cls.unpacked = os.path.join(cls.unpacked, top)

    def test_names(self):
        machine = run("dpkg", "--print-architecture").strip()
        self.assertEqual(os.path.basename(self.deb), f"tinyiam_{version()}-1_{machine}.deb")
        self.assertEqual(os.path.basename(self.tarball), os.path.basename(self.unpacked) + ".tar.gz")
        self.assertTrue(os.path.basename(self.unpacked).startswith(f"tinyiam-{version()}-Linux-"))

    def test_files(self):
        self.assertEqual(tree(self.unpacked), FILES)
        self.assertEqual(tree(self.root), {"usr/" + name for name in DEBIAN})
        for line in run("dpkg-deb", "-c", self.deb).splitlines():
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "root/root", line)
            self.assertIn(mode, ("drwxr-xr-x", "-rwxr-xr-x") if mode[0] == "d" or "/bin/" in line else ("-rw-r--r--",), line)

    def test_control(self):
        field = dict(line.split(": ", 1) for line in run("dpkg-deb", "-f", self.deb).splitlines() if line.strip() and line[0] != " ")
        self.assertRegex(field["Depends"], r"^libc6 \(>= 2\.\d+\)$")
        self.assertEqual(field["Recommends"], "ca-certificates")
        self.assertRegex(field["Maintainer"], r"^\S.* <\S+@\S+>$")
        control = os.path.join(self.folder, "control")
        run("dpkg-deb", "-e", self.deb, control)
        run("md5sum", "--quiet", "-c", os.path.join(control, "md5sums"), cwd=self.root)

    def test_lintian(self):
        done = subprocess.run(["lintian", "--allow-root", self.deb], capture_output=True, text=True, check=False)
        self.assertLessEqual(set(done.stdout.splitlines()), LINTIAN, done.stderr)

    def test_program(self):
        """Of libraries the C library alone; hardened, without debugging symbols, and it names no folder of the build."""
        for program in (os.path.join(self.root, "usr/bin/tinyiam"), os.path.join(self.unpacked, "bin/tinyiam")):
            needed = re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", program))
            self.assertEqual([name for name in needed if not name.startswith("ld-linux")], ["libc.so.6"])
            self.assertNotIn("not found", run("ldd", program))
            self.assertIn("Type:                              DYN", run("readelf", "-h", program))
            self.assertIn("BIND_NOW", run("readelf", "-d", program))
            symbols = run("readelf", "-W", "--dyn-syms", program)
            self.assertIn("__stack_chk_fail", symbols)
            self.assertIn("_chk@", symbols)
            self.assertNotIn(".debug_info", run("readelf", "-W", "-S", program))
            with open(program, "rb") as f:
                self.assertNotIn(ROOT.encode(), f.read())
            self.works(program)

    def test_documents(self):
        page = os.path.join(self.root, "usr/share/man/man1/tinyiam.1.gz")
        done = subprocess.run(["man", "--warnings", "-l", page], capture_output=True, text=True, check=True,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": self.folder})
        self.assertEqual(done.stderr, "")
        self.assertIn("who used which AWS service", done.stdout)
        with gzip.open(os.path.join(self.root, "usr/share/doc/tinyiam/changelog.Debian.gz"), "rt") as f:
            self.assertTrue(f.read().startswith(f"tinyiam ({version()}-1) "))
        with open(os.path.join(self.root, "usr/share/doc/tinyiam/copyright"), encoding="utf-8") as f:
            text = f.read()
        with open(os.path.join(ROOT, "LICENSE"), encoding="utf-8") as f:
            licence = f.read().split("\n\n", 2)[2].split()
        self.assertIn(" ".join(licence), " ".join(text.replace("\n .\n", "\n").split()))
        self.assertRegex(text, r"mbedTLS 3\.6\.\d+ ")

    def test_completions(self):
        path = os.path.join(self.root, "usr/bin") + ":/usr/bin:/bin"
        script = os.path.join(self.root, "usr/share/bash-completion/completions/tinyiam")
        self.assertEqual(run("bash", "-c", f"source '{script}'; COMP_LINE='tinyiam en' COMP_POINT=10; _tinyiam tinyiam en x; "
                             "echo \"${COMPREPLY[@]}\"", env={"PATH": path}), "entities\n")


class Installed(unittest.TestCase):
    """cmake --install, and the target uninstall."""

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="tinyiam-install."))

    def uninstall(self, build, good=True, **env):
        done = subprocess.run(["cmake", "--build", build, "--target", "uninstall"], env={**os.environ, **env},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode == 0, good, done.stdout)
        return done.stdout

    def test_command_alone(self):
        """From where mbedTLS is built along: the command, into a folder for packagers."""
        run("cmake", "--install", BUILD, "--prefix", "/usr", env={**os.environ, "DESTDIR": self.folder})
        self.assertEqual(tree(self.folder), {"usr/" + name for name in FILES})
        self.uninstall(BUILD, DESTDIR=self.folder)
        self.assertEqual(tree(self.folder), set())
        self.assertRegex(self.uninstall(BUILD, good=False), r"nothing\s+is\s+installed")

    def test_after_the_demo(self):
        """What the demonstration builds is enough; the library comes with it, and everything goes again."""
        build, prefix = os.path.join(self.folder, "build"), os.path.join(self.folder, "prefix")
        run("cmake", "-S", ROOT, "-B", build, "-DTINYIAM_TESTS=OFF", "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O0")
        run("cmake", "--build", build, "--target", "tinyiam_command", "-j", "2")
        run("cmake", "--install", build, "--prefix", prefix)
        self.assertLessEqual({name for name in FILES if "doc" not in name}, tree(prefix))
        self.assertIn("include/tinyiam/tinyiam.h", tree(prefix))
        self.assertIn("mbedTLS", run(os.path.join(prefix, "bin/tinyiam"), "--version"))
        for mine in ("include/tinyiam/mine.h", "share/man/man1/other.1"):
            with open(os.path.join(prefix, mine), "w", encoding="utf-8") as f:
                f.write("mine\n")
        self.uninstall(build)
        self.assertEqual(tree(prefix), {"include/tinyiam/mine.h", "share/man/man1/other.1"})
        self.assertFalse(os.path.exists(os.path.join(prefix, "include/tinyiam/parts")))
        self.assertTrue(os.path.isdir(os.path.join(prefix, "share/zsh/site-functions")))  # others' as well


if __name__ == "__main__":
    unittest.main(verbosity=2)
