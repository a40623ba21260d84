#!/usr/bin/python3
"""The static laws on small trees with one thing wrong each: a law that finds nothing there is no law."""

import importlib.machinery
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import headers
import kconfig
import layers
import manifests
import misra
import repo
import sources
import stubs
import symbols

GOOD = {
    "core/sources.cmake": "set(X base/a.c wire/b_read.c wire/c.c model/m.c flow/f.c) # base/none.c\n",
    "port/sources.cmake": "set(X p.c)\n",
    "platform/common/sources.cmake": "set(X rows.c)\n",
    "platform/common/rows.c": "#include \"rows.h\"\n",
    "platform/common/rows.h": "",
    "platform/host/sources.cmake": "set(X text/say.c net/net.c main.c)\n",
    "core/include/tinyiam/types.h": "/* types */\n",
    "core/include/tinyiam/config.h": "#define CONFIG_TINYIAM_A 1\n#define CONFIG_TINYIAM_N 7\n",
    "core/include/tinyiam/parts/a.h": "/* A. Layer: base. */\n#include \"../types.h\"\n",
    "core/include/tinyiam/parts/b.h": "/* B. Layer: wire. */\n#include \"a.h\"\n",
    "core/include/tinyiam/parts/c.h": "/* C. Layer: wire. */\n",
    "core/include/tinyiam/f.h": "/* F */\n#include \"parts/b.h\"\n",
    "core/base/a.c": "#include <string.h>\n#include <tinyiam/parts/a.h>\n",
    "core/wire/b_read.c": "#include <tinyiam/parts/b.h>\n",
    "core/wire/c.c": "#include <tinyiam/parts/c.h>\n#ifdef __SSE2__\n#include <emmintrin.h>\n#endif\n",
    "core/model/m.h": "",
    "core/model/m.c": "#include \"m.h\"\n#include <tinyiam/parts/c.h>\n",
    "core/flow/f.c": "#include \"model/m.h\"\n#include <tinyiam/f.h>\n",
    "port/include/tinyiam/tinyiam.h": "#include <tinyiam/f.h>\n",
    "port/p.c": "#include <errno.h>\n#include <tinyiam/tinyiam.h>\n#ifdef __linux__\n#endif\n",
    "platform/host/main.c": "#include <stdio.h>\n#include <tinyiam/tinyiam.h>\n#include \"net/net.h\"\n",
    "platform/host/main.h": "",
    "platform/host/text/say.h": "",
    "platform/host/text/say.c": "#include \"say.h\"\n",
    "platform/host/net/net.h": "#include \"text/say.h\"\n",
    "platform/host/net/net.c": "#include \"net.h\"\n",
    "platform/host/new/new.h": "",
    "Kconfig": "menuconfig TINYIAM\n    bool \"t\"\n    default y\n\nif TINYIAM\n\n"
               "    config TINYIAM_A\n        bool \"a\"\n        default y\n        help\n            A.\n\n"
               "    config TINYIAM_N\n        int \"n\"\n        default 7\n        help\n            N.\n\nendif\n",
}

NM = """
out.c.o:
00000000 T iam_out_put
         U memcpy
         U iam_sha256_update
00000000 r digits.0

sha256.c.o:
00000000 T iam_sha256_update
         U mbedtls_sha256_update
         U __aeabi_uldivmod
"""
SIZE = """out.c.o   (ex libx.a):
section   size   addr
.text       10      0
.data        0      0
.bss         0      0
.data.rel.ro.local   8   0
"""


class Tree(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        for path, text in GOOD.items():
            self.write(path, text)

    def write(self, path, text, add=False):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a" if add else "w", encoding="utf-8") as f:
            f.write(text)

    def found(self, law, text):
        problems = law.problems(self.root)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(text, problems[0])


class Misra(unittest.TestCase):
    """The mandatory rules that cppcheck knows, each broken once; what the counts and the reasons are good for."""

    PLANTED = """#include <stddef.h>
int a(int on) { int v; if (on) { v = 1; } return v; }
int b(int i) { return (int)sizeof(i++); }
int d(int i) { if (i > 0) { return 1; } }
int e(int v[static 4]) { return v[0]; }
union f { int a; struct { short b, c; } d; };
void g(void) { char s[4]; free(s); }
"""

    def test_mandatory(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "planted.c"), "w", encoding="utf-8") as f:
                f.write(self.PLANTED)
            found = misra.look(folder, ["planted.c"])
        self.assertEqual([(line, rule) for _, line, rule in found if rule in misra.MANDATORY],
                         [(2, "9.1"), (3, "13.6"), (4, "17.4"), (5, "17.6"), (7, "22.2")], found)
        self.assertIn("planted.c:3: rule 13.6, mandatory", misra.problems(found, "", ""))

    def test_counts(self):
        found = [("a.c", 1, "15.6"), ("a.c", 2, "15.6"), ("a.c", 3, "15.5")]
        why = "15.6  Because.\n"
        self.assertEqual(misra.problems(found, "# c\n15.6 2\n", why), [])
        for counts, reasons, text in (("15.6 1\n", why, "2 findings, at most 1 (misra_counts): a.c:1 a.c:2"),
                                      ("15.6 3\n", why, "2 findings, misra_counts says 3"),
                                      ("", why, "2 findings, at most 0"), ("15.6 2\n", "", "no reason"),
                                      ("15.6 2\n", why + "16.3 x\n", "16.3: a reason in misra_deviations, but no finding")):
            problems = misra.problems(found, counts, reasons)
            self.assertEqual(len(problems), 1, problems)
            self.assertIn(text, problems[0])

    def test_update(self):
        found = [("a.c", 1, "15.6"), ("a.c", 2, "16.3"), ("a.c", 3, "16.3")]
        self.assertEqual(misra.update(found, "# c\n15.6 2\n16.3 1\n17.7 4\n"), "# c\n15.6     1\n16.3     1\n")


class Count(unittest.TestCase):
    """tests/count: how many cases a log tells of, and that none is no good news."""

    def test_logs(self):
        passed, failed, skipped = ("[  %s  ] %%d test(s).\n" % word for word in ("PASSED", "FAILED", "SKIPPED"))
        for code, log, counts in (
                (0, "fine\n", (1, 0, 0)), (3, "not fine\n", (0, 1, 0)),
                (0, "7: " + passed % 4 + passed % 5, (9, 0, 0)),
                (1, passed % 4 + failed % 2, (4, 2, 0)), (0, passed % 4 + skipped % 1, (4, 0, 1)),
                (0, "Ran 3 tests in 0.1s\n\nOK\n", (3, 0, 0)), (0, "Ran 3 tests in 0.1s\n\nOK (skipped=1)\n", (2, 0, 1)),
                (1, "Ran 3 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n", (1, 2, 0)),
                (0, "6 passed, 0 failed\n", (6, 0, 0)), (1, "6 passed, 0 failed\n", (6, 1, 0)),
                (0, passed % 3 + " 1/2 Test  #1: unit/x ....***Exception: SegFault\n", (3, 1, 0)),
                (0, passed % 0, (0, 1, 0)), (0, "Ran 0 tests in 0.0s\n\nOK\n", (0, 1, 0)), (0, "0 passed, 0 failed\n", (0, 1, 0)),
                (0, "Ran 3 tests in 0.1s\n\nOK\nRan 0 tests in 0.0s\n\nOK\n", (3, 1, 0))):
            with self.subTest(log), tempfile.NamedTemporaryFile("w") as f:
                f.write(log)
                f.flush()
                said = subprocess.run(["/usr/bin/python3", "-B", os.path.join(repo.ROOT, "tests/count"), str(code), f.name],
                                      capture_output=True, text=True, check=True).stdout.split()
                self.assertEqual((int(said[0]), int(said[1])), (counts[0], counts[1] + counts[2]), said)


class Fragments(unittest.TestCase):
    """cmake/kconfig.py says in words what is wrong with a fragment, as whoever wrote it sees it."""

    def said(self, text, name="f.config"):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "f.config"), "w", encoding="utf-8") as f:
                f.write(text)
            done = subprocess.run(
                ["/usr/bin/python3", "-B", os.path.join(repo.ROOT, "cmake/kconfig.py"), os.path.join(repo.ROOT, "Kconfig"),
                 os.path.join(folder, name), os.path.join(folder, "h")], capture_output=True, text=True, check=False)
            self.assertEqual(bool(done.returncode), not os.path.exists(os.path.join(folder, "h")), done.stderr)
            return done.stderr

    def test_good(self):
        self.assertEqual(self.said("CONFIG_TINYIAM_TLS_ARENA=30000\n"), "")

    def test_slips(self):
        for text, word in (("CONFIG_TINYIAM_TLS_ARENNA=30000\n", "no option TINYIAM_TLS_ARENNA"),
                           ("CONFIG_TINYIAM_TLS_ARENA=6000\n",
                            "TINYIAM_TLS_ARENA cannot be 6000: it became 43008 (16384 to 262144 are taken)")):
            self.assertIn(word, self.said(text))

    def test_absent(self):
        said = self.said("", "other.config")
        self.assertIn("other.config: no such file", said)
        self.assertNotIn("Traceback", said)


class Sources(Tree):
    def test_good(self):
        self.assertEqual(sources.problems(self.root), [])

    def test_not_listed(self):
        self.write("port/new.c", "")
        self.found(sources, "does not name port/new.c")

    def test_listed_but_absent(self):
        os.remove(os.path.join(self.root, "core/flow/f.c"))
        self.found(sources, "core/flow/f.c, which does not exist")

    def test_no_list(self):
        os.remove(os.path.join(self.root, "platform/host/sources.cmake"))
        self.found(sources, "platform/host/sources.cmake: missing")

    def test_not_executable(self):
        self.write("tests/measure.py", "#!/usr/bin/python3\n")
        self.found(sources, "tests/measure.py: begins with #! and is not executable")
        os.chmod(os.path.join(self.root, "tests/measure.py"), 0o755)
        self.assertEqual(sources.problems(self.root), [])


class Layers(Tree):
    def bad(self, path, line, text):
        self.write(path, line + "\n", add=True)
        self.found(layers, text)

    def test_good(self):
        self.assertEqual(layers.problems(self.root), [])

    def test_upwards(self):
        self.bad("core/base/a.c", "#include <tinyiam/parts/b.h>", "against the layers")

    def test_upwards_by_relative_path(self):
        self.bad("core/wire/c.c", '#include "../model/m.h"', "against the layers")

    def test_core_includes_port(self):
        self.bad("core/flow/f.c", "# include <tinyiam/tinyiam.h>", "against the layers")

    def test_wire_includes_wire(self):
        self.bad("core/wire/c.c", "#include <tinyiam/parts/b.h>", "do not know each other")

    def test_wire_headers_too(self):
        self.bad("core/include/tinyiam/parts/c.h", '#include "b.h"', "do not know each other")

    def test_platform_includes_a_part(self):
        self.bad("platform/host/main.c", "#include <tinyiam/parts/a.h>", "public headers only")

    def test_platform_includes_an_inner_header(self):
        self.bad("platform/host/main.c", '#include "../../core/model/m.h"', "public headers only")

    def test_room_behind(self):
        self.bad("platform/host/text/say.c", '#include "net/net.h"', "against the rooms")

    def test_room_behind_by_relative_path(self):
        self.bad("platform/host/text/say.c", '#include "../net/net.h"', "against the rooms")

    def test_commands_stand_in_front(self):
        self.bad("platform/host/net/net.c", '#include "main.h"', "against the rooms")

    def test_no_such_room(self):
        self.bad("platform/host/main.c", '#include "new/new.h"', "against the rooms")

    def test_another_program(self):
        self.bad("platform/cortexm/main.c", '#include "../host/main.h"', "platform/host/main.h: programs share")

    def test_common_knows_a_program(self):
        self.bad("platform/common/rows.c", '#include "host/main.h"', "platform/host/main.h: programs share")

    def test_common_is_for_all(self):
        self.write("platform/host/text/say.c", '#include "common/rows.h"\n', add=True)
        self.assertEqual(layers.problems(self.root), [])

    def test_stdio_in_core(self):
        self.bad("core/base/a.c", "#include <stdio.h>", "may not include stdio.h")

    def test_compiler(self):
        for path in ("core/base/a.c", "port/p.c"):
            for text in ("int a(void) __attribute__((pure));", "#if defined(__GNUC__)\n#endif", "#pragma pack(1)",
                         "int b = __builtin_ctz(2);", "__asm__(\"nop\");"):
                self.write(path, GOOD[path] + text + "\n")
                self.found(layers, "belongs into compiler.h")
            self.write(path, GOOD[path])
        self.write(layers.COMPILER, "/* Words. Layer: base. */\n#define IAM_PURE __attribute__((pure))\n")
        self.assertEqual(layers.problems(self.root), [])

    def test_platform_in_core(self):
        self.bad("core/base/a.c", "#if defined(__ZEPHYR__)\n#endif", "asks for a platform: __ZEPHYR__")

    def test_header_without_layer(self):
        self.bad("core/include/tinyiam/parts/z.h", "/* nothing */", "no 'Layer: ...'")

    def test_header_with_the_wrong_layer(self):
        self.write("core/include/tinyiam/parts/c.h", "/* C. Layer: flow. */\n")
        self.assertTrue(any("says layer flow" in p for p in layers.problems(self.root)))

    def test_comments_do_not_count(self):
        self.write("core/base/a.c", "/*\n#include <stdio.h>\n*/\n// #include <stdio.h>\n", add=True)
        self.assertEqual(layers.problems(self.root), [])


class Kconfig(Tree):
    def change(self, path, old, new):
        text = repo.read(self.root, path)
        self.assertIn(old, text)
        self.write(path, text.replace(old, new, 1))

    def test_good(self):
        self.assertEqual(kconfig.problems(self.root), [])

    def test_other_default(self):
        self.change("Kconfig", "default 7", "default 8")
        self.found(kconfig, "8 in Kconfig, 7 in config.h")

    def test_other_bool(self):
        self.change("Kconfig", "\"a\"\n        default y", "\"a\"\n        default n")
        self.found(kconfig, "0 in Kconfig, 1 in config.h")

    def test_only_in_header(self):
        self.write("core/include/tinyiam/config.h", "#define CONFIG_TINYIAM_Z 1\n", add=True)
        self.found(kconfig, "in config.h, not in Kconfig")

    def test_only_in_kconfig(self):
        self.change("core/include/tinyiam/config.h", "#define CONFIG_TINYIAM_N 7\n", "")
        self.found(kconfig, "in Kconfig, not in config.h")

    def test_indent(self):
        self.change("Kconfig", "        int \"n\"", "      int \"n\"")
        self.found(kconfig, "indent by 4")

    def test_grammar(self):
        self.change("Kconfig", "bool \"a\"\n        default y", "def_bool y")
        self.assertTrue(any("common grammar" in p for p in kconfig.problems(self.root)))


class Headers(Tree):
    def test_good(self):
        self.assertEqual(headers.problems(self.root), [])

    def test_needs_another(self):
        self.write("core/include/tinyiam/f.h", "uint32_t x(void);\n")
        self.assertTrue(all("does not compile" in p for p in headers.problems(self.root)))
        self.assertTrue(headers.problems(self.root))

    def test_no_guard(self):
        self.write("core/include/tinyiam/f.h", "struct f { int x; };\n")
        self.assertTrue(headers.problems(self.root))

    def test_no_cxx(self):
        self.write("core/include/tinyiam/types.h", "extern int class;\n")
        self.assertTrue(any("c++17" in p for p in headers.problems(self.root)))

    def test_name_of_the_system(self):
        self.write("core/model/m.c", "enum { NAME_MAX = 64 };\n") # limits.h defines it
        self.found(headers, "behind headers of the system")

    def test_beyond_c11(self):
        self.write("core/model/m.c", "int iam_m(void);\nint iam_m(void)\n{\n    return ({ 1; });\n}\n")
        self.found(headers, "does not compile as plain C11")

    def test_not_for_cxx(self):
        self.write("core/include/tinyiam/f.h", "#ifndef F\n#define F\nvoid iam_f(int);\n#endif\n")
        self.found(headers, "without extern")

    def test_torn(self):
        for code in ("struct f {\n    struct iam_span\n        text; /* far too long */\n};",
                     "enum f {\n    IAM_ERR_F =\n        -1, /**< far too long */\n};",
                     "struct f {\n    int first,\n        second; /* far too long */\n};",
                     "struct f {\n    char text\n        [SIZE]; /**< far too long */\n};",
                     "struct f {\n    struct iam_stream\n        *below; /* far too long */\n};",
                     "#define IAM_F \\\n    1 /* far too long */",
                     "enum f {\n    A, /* goes on\n        in the next line */\n};"):
            for path in ("core/include/tinyiam/f.h", "core/model/m.h"):
                before = repo.read(self.root, path)
                self.write(path, code + "\n")
                self.assertEqual(len(headers.torn(self.root)), 1, code)
                self.write(path, before)
        self.write("core/include/tinyiam/f.h", "enum f { A,\n    B, /* beside */\n};\nstruct f {\n    int a;\n    int b; /* beside */\n"
                   "    /* above */\n    int c;\n};\n")
        self.assertEqual(headers.torn(self.root), [])

    def test_long(self):
        self.write("core/model/m.h", "\n" * 251)
        self.found(headers, "251 lines")


class Patient(unittest.TestCase):
    """The bound of a step: met by what hangs, not by a slow machine."""

    def setUp(self):
        path = os.path.join(repo.ROOT, "tests", "patient")
        spec = importlib.util.spec_from_loader("patient", importlib.machinery.SourceFileLoader("patient", path))
        self.patient = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.patient)

    def test_codes(self):
        for shell, code in (("exit 0", 0), ("exit 77", 77), ("kill -9 $$", 137)):
            self.assertEqual(self.patient.run(3600, ["sh", "-c", shell]), code)

    def test_hangs(self):
        """All that it started ends with it: what hears no SIGTERM, a daemon, what another bound of its own watches."""
        hangs = "trap '' TERM; sleep 3600 & echo $! >left.new; mv left.new left; wait; wait"
        patient = os.path.join(repo.ROOT, "tests", "patient")
        for start in ("{}", "setsid sh -c \"{}\" & wait; wait", "setsid sh -c \"{} &\"; sleep 3600",
                      f"'{patient}' 3600 sh -c \"{{}}\"; wait"):
            with tempfile.TemporaryDirectory() as folder:
                left = os.path.join(folder, "left")
                shell = f"cd '{folder}'; " + start.format(hangs if start == "{}" else hangs.replace("$", "\\$"))
                begun = lambda: float(os.path.exists(left)) # time stands still till then
                self.assertEqual(self.patient.run(0.2, ["sh", "-c", shell], begun, tick=0.1, grace=0.1), 124)
                pid = int(repo.read(folder, "left"))
            self.gone(pid)

    def gone(self, pid):
        """Waits till it has ended (and is perhaps a zombie of whoever adopts it): for ever, where it was left."""
        while True:
            try:
                if repo.read("/proc", f"{pid}/stat").rpartition(")")[2].split()[0] in "ZX":
                    return
            except OSError:
                return
            time.sleep(0.01)

    def test_killed(self):
        """What it has started ends with whoever started it, however that ends."""
        patient = os.path.join(repo.ROOT, "tests", "patient")
        with tempfile.TemporaryDirectory() as folder:
            shell = f"'{patient}' 3600 sh -c 'echo $$ >pid.new; mv pid.new pid; exec sleep 3600'; :"
            caller = subprocess.Popen(["sh", "-c", shell], cwd=folder)
            while not os.path.exists(os.path.join(folder, "pid")):
                self.assertIsNone(caller.poll())
                time.sleep(0.01)
            pid = int(repo.read(folder, "pid"))
            caller.kill()
            caller.wait()
        self.gone(pid)

    def test_killed_itself(self):
        """Either of its two processes, by the signal that nobody hears."""
        patient = os.path.join(repo.ROOT, "tests", "patient")
        for which in range(2):
            with tempfile.TemporaryDirectory() as folder:
                shell = "sh -c 'echo $$ >pid.new; mv pid.new pid; exec sleep 3600' & wait; wait"
                caller = subprocess.Popen([patient, "3600", "sh", "-c", shell], cwd=folder)
                while not os.path.exists(os.path.join(folder, "pid")):
                    self.assertIsNone(caller.poll())
                    time.sleep(0.01)
                pid = int(repo.read(folder, "pid"))
                other = int(repo.read("/proc", f"{caller.pid}/task/{caller.pid}/children").split()[0])
                os.kill((caller.pid, other)[which], signal.SIGKILL)
                self.assertIn(caller.wait(), (-signal.SIGKILL, 128 + signal.SIGKILL))
            self.gone(pid)

    def test_usual_signals(self):
        command = [os.path.join(repo.ROOT, "tests", "patient"), "3600", "sh", "-c"]
        for name in ("HUP", "INT", "QUIT"):
            shell = ["sh", "-c", f'trap "" {name}; exec "$@"', "sh", *command, f"kill -{name} $$; echo there"]
            done = subprocess.run(shell, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (128 + getattr(signal, "SIG" + name), ""))

    def test_slow_machine(self):
        self.assertEqual(self.patient.run(0.01, ["sleep", "0.5"], share=lambda: 1e-6, tick=0.1), 0)
        self.assertGreater(self.patient.share(), 0)
        self.assertLessEqual(self.patient.share(), 1)


class Prove(unittest.TestCase):
    """CBMC, for which a shell stands here, ends when prove is ended, however that is."""

    CODE = """import importlib.machinery as m, importlib.util as u, sys
spec = u.spec_from_loader("prove", m.SourceFileLoader("prove", sys.argv[1]))
prove = u.module_from_spec(spec)
spec.loader.exec_module(prove)
prove.call(["sh", "-c", "echo $$ >pid.new; mv pid.new pid; exec sleep 3600"], "log", sys.argv[2])"""

    def test_killed(self):
        for how in (signal.SIGTERM, signal.SIGKILL):
            with tempfile.TemporaryDirectory() as folder:
                child = subprocess.Popen([sys.executable, "-c", self.CODE, os.path.join(repo.ROOT, "tests/core/proof/prove"),
                                          folder], cwd=folder)
                while not os.path.exists(os.path.join(folder, "pid")):
                    self.assertIsNone(child.poll())
                    time.sleep(0.01)
                pid = int(repo.read(folder, "pid"))
                child.send_signal(how)
                child.wait()
                for _ in range(6000): # the kernel tells it in its own time
                    if not os.path.exists(f"/proc/{pid}/stat") or \
                            repo.read("/proc", f"{pid}/stat").rpartition(")")[2].split()[0] in "ZX":
                        break
                    time.sleep(0.01)
                else:
                    os.kill(pid, signal.SIGKILL)
                    self.fail(f"what prove had started went on after signal {how}")


class Arguments(unittest.TestCase):
    """A slip is an error that says what is taken, not a traceback, and not the answer to another question."""

    PROGRAMS = [".ci/run", "platform/cortexm/run", "platform/host/completion/lists.py", "platform/host/demo", "platform/pack",
                "tests/core/coverage", "tests/core/machines/run", "tests/core/mutants/mutate", "tests/core/proof/prove",
                "tests/count", "tests/deps/fetch", "tests/deps/mirror", "tests/lab/storm/run", "tests/patient",
                "tests/programs/cli/columns.py", "tests/readme", "tests/run", "tests/sdk/run", "tests/setup", "tests/size",
                "tests/vectors/lists.py"] + [f"tests/static/{name}.py" for name in (
                    "headers", "kconfig", "layers", "manifests", "misra", "sources", "stubs", "symbols", "tidy")] + [
                        f"tests/programs/cortexm/{name}.py" for name in ("budget", "profiles", "steps", "wakes")]

    def told(self, program, argument):
        path = os.path.join(repo.ROOT, program)
        return subprocess.run([*([sys.executable] if path.endswith(".py") else []), path, argument], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, check=False)

    def test_help(self):
        for program in self.PROGRAMS:
            with self.subTest(program):
                run = self.told(program, "--help")
                self.assertEqual((run.returncode, run.stderr), (0, ""))
                self.assertGreater(len(run.stdout), 60)

    def test_slips(self):
        for program in self.PROGRAMS:
            if program != "platform/cortexm/run": # which hands on to the firmware's command what it does not know
                with self.subTest(program):
                    run = self.told(program, "--no-such-option")
                    self.assertEqual(run.returncode, 2, run.stderr)
                    self.assertNotIn("Traceback", run.stderr)
                    self.assertGreater(len(run.stderr), 30)


class Copy(unittest.TestCase):
    """The laws about the SDKs on a copy of the repository with one thing changed."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = os.path.join(folder.name, "tinyiam")
        skip = shutil.ignore_patterns("build", "__pycache__", "vectors", ".git")
        for name in ("core", "port", "platform", "zephyr", "tests/static"):
            shutil.copytree(os.path.join(repo.ROOT, name), os.path.join(self.root, name), ignore=skip)
        for name in ("Kconfig", "CMakeLists.txt", "LICENSE", "CHANGELOG.md", "idf_component.yml", "library.json"):
            shutil.copy(os.path.join(repo.ROOT, name), self.root)

    def finds(self, law, path, old, new, message):
        text = repo.read(self.root, path)
        self.assertIn(old, text, f"{path} has changed: the test must too")
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as f:
            f.write(text.replace(old, new))
        self.assertIn(message, "\n".join(law.problems(self.root)))


class Manifests(Copy):
    def test_good(self):
        self.assertEqual(manifests.problems(self.root), [])

    def test_key(self):
        self.finds(manifests, "idf_component.yml", "description:", "descripton:", "unknown key descripton")

    def test_version(self):
        self.finds(manifests, "idf_component.yml", 'version: "', 'version: "9', "tinyiam.h says otherwise")

    def test_what_is_needed_does_not_ship(self):
        self.finds(manifests, "idf_component.yml", "    - port/text.c\n", "", "port/text.c is needed, and does not ship")

    def test_header_does_not_ship(self):
        self.finds(manifests, "library.json", '"port/sockets_api.h",', "", "port/sockets_api.h is needed, and does not ship")

    def test_more_ships(self):
        self.finds(manifests, "idf_component.yml", "    - port/text.c\n", '    - port/text.c\n    - "tests/**/*.py"\n',
                   "tests/static/manifests.py ships, and nobody needs it")

    def test_build_folder_ships(self):
        """Taking in is the last word: even what the component manager leaves out by itself."""
        built = os.path.join(self.root, "platform/esp_idf/examples/last_accessed/build/generated.c")
        os.makedirs(os.path.dirname(built))
        with open(built, "w", encoding="utf-8"):
            pass
        self.assertEqual(manifests.problems(self.root), [])
        self.finds(manifests, "idf_component.yml", "examples/*/main/*", "examples/**/*", "build/generated.c ships, and nobody")

    def test_pattern_without_a_file(self):
        self.finds(manifests, "idf_component.yml", "port/text.c", "port/texts.c", "port/texts.c, which no file is")

    def test_source_filter(self):
        self.finds(manifests, "library.json", '"+<port/text.c>",', "", "srcFilter leaves out port/text.c")

    def test_source_filter_of_others(self):
        self.finds(manifests, "library.json", '"-<core/base/sha256_psa.c>",', "", "srcFilter builds core/base/sha256_psa.c")

    def test_example_not_declared(self):
        self.finds(manifests, "idf_component.yml", "  - path: platform/esp_idf/examples/services_cpp\n", "",
                   "services_cpp is not declared")

    def test_versions_differ(self):
        self.finds(manifests, "library.json", '"version": "', '"version": "9', "version is not that of idf_component.yml")

    def test_west_revision(self):
        self.finds(manifests, "platform/zephyr/west.yml", "revision: v", "revision: main-v", "is not one state")

    def test_override_path(self):
        self.finds(manifests, "platform/esp_idf/examples/last_accessed/main/idf_component.yml", '"../../../../.."',
                   '"../../../.."', "override_path leads to")

    def test_module_path(self):
        self.finds(manifests, "zephyr/module.yml", "cmake: platform/zephyr", "cmake: platform", "has no CMakeLists.txt")

    def test_module_key(self):
        self.finds(manifests, "zephyr/module.yml", "kconfig:", "kconfg:", "unknown key kconfg")

    def test_overlay(self):
        self.finds(manifests, "platform/zephyr/samples/last_accessed/sample.yaml", "overlay-direct", "overlay-indirect",
                   "overlay-indirect.conf does not exist")

    def test_roots_of_a_sample(self):
        self.finds(manifests, "platform/zephyr/samples/last_accessed/sample.yaml", "test-root.pem", "no-root.pem",
                   "no-root.pem does not exist")

    def test_board_of_zephyr_3(self):
        self.finds(manifests, "platform/zephyr/tests/unit/testcase.yaml", "- native_sim/native/64", "- native_posix_64",
                   "no board of Zephyr 4")

    def test_source_left_out(self):
        self.finds(manifests, "platform/esp_idf/CMakeLists.txt", "${TINYIAM_PORT_TLS_SOURCES}", "",
                   "port/tls_mbedtls.c is missing")

    def test_target_before_registering(self):
        self.finds(manifests, "platform/esp_idf/CMakeLists.txt", "# The linux target",
                   "idf_component_get_property(a mbedtls COMPONENT_DIR)\n# The linux target",
                   "is not there when requirements are asked for")

    def test_requirement_by_configuration(self):
        self.finds(manifests, "platform/esp_idf/CMakeLists.txt", "REQUIRES mbedtls", "REQUIRES mbedtsl", "no component mbedtsl")

    def test_zephyr_source_left_out(self):
        self.finds(manifests, "platform/zephyr/CMakeLists.txt", "tinyiam_port(${TINYIAM_PORT_ZEPHYR_TLS_SOURCES})", "",
                   "port/tls_zephyr.c is missing")

    def test_on_by_default(self):
        self.finds(manifests, "platform/zephyr/Kconfig", "    default n\n", "    default y\n", "on by default")

    def test_kconfig_does_not_parse(self):
        self.finds(manifests, "platform/zephyr/Kconfig", "        endchoice\n", "", "Kconfig")

    def test_option_that_is_not_there(self):
        self.finds(manifests, "platform/zephyr/samples/last_accessed/overlay-direct.conf", "TINYIAM_TLS_MBEDTLS",
                   "TINYIAM_TLS_MBEDTSL", "there is no such option")


class Stubs(Copy):
    def test_typo_in_a_port(self):
        self.finds(stubs, "port/tls_zephyr.c", "sk_getaddrinfo(", "sk_getadrinfo(", "sk_getadrinfo")

    def test_typo_in_an_example(self):
        self.finds(stubs, "platform/esp_idf/examples/last_accessed/main/board_chip.c", "esp_deep_sleep(", "esp_deepsleep(",
                   "esp_deepsleep")

    def test_no_guard(self):
        self.finds(stubs, "port/system_zephyr.c", "#error", "// #error", "compiles without")


class Symbols(unittest.TestCase):
    def found(self, nm, size, text):
        problems = symbols.problems(nm, size)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(text, problems[0])

    def test_good(self):
        self.assertEqual(symbols.problems(NM, SIZE), [])

    def test_libc(self):
        self.found(NM + "         U malloc\n", SIZE, "needs malloc")

    def test_weak(self):
        self.found(NM + "         w printf\n", SIZE, "needs printf")

    def test_floating_point(self):
        self.found(NM + "         U __aeabi_dadd\n", SIZE, "needs __aeabi_dadd")

    def test_static_variable(self):
        self.found(NM + "00000000 b count.1\n", SIZE, "can change")

    def test_common(self):
        self.found(NM + "00000004 C shared\n", SIZE, "can change")

    def test_section(self):
        self.found(NM, SIZE + ".data.table   4   0\n", ".data.table")
        self.found(NM, SIZE + ".bss.buffer   4   0\n", ".bss.buffer")

    def test_nothing_seen(self):
        self.found("", "", "no objects")


if __name__ == "__main__":
    unittest.main()
