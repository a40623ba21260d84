#!/usr/bin/python3
"""Completion in bash, zsh and fish themselves, each on a terminal of its own: keys are typed, TAB among them, and the
line is read as the shell then has it. What a shell would make of it is asked of the shell, too, so that the right
number of backslashes is no matter of opinion."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest
import unittest.mock

import cli

HANG = 300  # seconds; only what hangs waits so long
REPORT = "\x14"  # control-T: the line goes to the file, and is emptied
CONFIG = """[default]
region = eu-west-1
[profile "my work"]
region = eu-west-1
[profile team:prod]
[profile "o'neil"]
[profile "$(touch touched) \\"x\\""]
[profile grün]
[profile folder]
[sso-session company]
sso_start_url = https://example.com
[services local]
iam =
  endpoint_url = http://localhost:1
"""
CREDENTIALS = """[default]
aws_access_key_id = AKIDEXAMPLE
[only-keys]
aws_access_key_id = AKIDEXAMPLE
[with=sign]
aws_access_key_id = AKIDEXAMPLE
"""
SETUP = {
    "bash": ("bash", "--noprofile", "--rcfile", "{setup}", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i", "-C", "source {setup}"),
}
SCRIPTS = {
    "bash": """
PS1='> '
set +o history
bind 'set bell-style none'
bind 'set completion-query-items 0'
bind 'set page-completions off'
bind 'set enable-bracketed-paste off'
report() { printf '%s\\0' "$READLINE_LINE" >>"$REPORT"; READLINE_LINE= READLINE_POINT=0; }
bind -x '"\\C-t": report'
source <(tinyiam --completion bash)
""",
    "zsh": """
PS1='> '
LISTMAX=1000
setopt no_beep
autoload -Uz compinit
compinit -D -u
report() { print -rN -- "$BUFFER" >>"$REPORT"; BUFFER= }
zle -N report
bindkey '^T' report
source <(tinyiam --completion zsh)
""",
    "fish": """
function fish_prompt; echo '> '; end
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
function report
    printf '%s\\0' (commandline | string collect) >>$REPORT
    commandline -r ''
end
bind \\ct report
tinyiam --completion fish | source
""",
}
# How a shell is asked for the words of a line.
WORDS = {"bash": "tinyiam() { printf '%s\\0' \"$@\"; }\n", "zsh": "tinyiam() { printf '%s\\0' \"$@\"; }\n",
         "fish": "function tinyiam; printf '%s\\0' $argv; end\n"}


class Shell:
    """A shell on a terminal of 200 columns, in a home folder."""

    def __init__(self, name, home, env):
        self.name, self.home = name, home
        self.report, setup = os.path.join(home, "report"), os.path.join(home, ".zshrc")
        self.env = {**env, "REPORT": self.report, "ZDOTDIR": home}
        with open(setup, "w", encoding="utf-8") as f:
            f.write(SCRIPTS[name])
        open(self.report, "w", encoding="utf-8").close()
        self.raw, self.shown, self.records = "", "", 0
        command = [word.format(setup=setup) for word in SETUP[name]]
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(home)
            os.execvpe(command[0], command, self.env)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
        self.type(f"source {setup}\n" if name == "zsh" else "")
        for _ in range(HANG):  # what is typed before there is an editor may be lost
            self.type("ready" + REPORT)
            if self.wait(1) is not None:
                break
        self.type("settled" + REPORT)
        line = "ready"
        while line is not None and "settled" not in line:
            line = self.wait(HANG)
        if line is None:
            raise AssertionError(f"{name} does not come up: {self.shown!r}")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, seconds):
        """The next line that was reported; None: there is none in that time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with open(self.report, "rb") as f:
                records = f.read().split(b"\0")[:-1]
            if len(records) > self.records:
                self.records += 1
                return records[self.records - 1].decode()
            self.read()
        return None

    def read(self):
        """What the terminal shows, without the codes that move the cursor."""
        if select.select([self.terminal], [], [], 0.02)[0]:
            self.raw += os.read(self.terminal, 65536).decode(errors="replace")
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|[\r\n]", " ", self.raw)
        self.shown = " ".join(text.split())

    def line(self, text, tabs=1):
        """What becomes of the line when TAB is pressed behind it. What was shown meanwhile is in self.shown."""
        self.raw = ""
        self.type(text + "\t" * tabs)
        self.type(REPORT)
        line = self.wait(HANG)
        if line is None:
            raise AssertionError(f"{self.name} hangs at {text!r}: {self.shown!r}")
        return line

    def words(self, line):
        """What this shell makes of a line, as arguments of the command."""
        # as the line stands at a prompt, where an open quote would wait for its end
        done = subprocess.run([self.name, *(("-f",) if self.name == "zsh" else ()), "-c", WORDS[self.name] + line],
                              cwd=self.home, env=self.env, capture_output=True, check=True)
        return done.stdout.decode().split("\0")[:-1]

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


# Typed; the words of the line behind TAB; and does the last one stand for good, with a blank behind it?
ENTITIES = ("entities", "--arn", "x")
CASES = [
    ("en", ("entities",), True),
    ("--region eu-west-1 ent", ("--region", "eu-west-1", "entities"), True),
    ("--region=eu-west-1 --debug ent", ("--region=eu-west-1", "--debug", "entities"), True),
    ("iam list-ro", ("iam", "list-roles"), True),
    ("configure l", ("configure", "list"), True),
    ("--completion z", ("--completion", "zsh"), True),
    ("entities --arn x --ser", (*ENTITIES, "--service-namespace"), True),
    ("entities --arn x --ar", (*ENTITIES, "--ar"), False),  # it is there already
    ("audit --arn x --ar", ("audit", "--arn", "x", "--arn"), True),
    ("entities --arn x --shar", (*ENTITIES, "--shar"), False),  # of an audit
    ("entities --arn x --no-verif", (*ENTITIES, "--no-verif"), False),  # refused
    ("audit --shar", ("audit", "--shard"), True),
    ("--stat", ("--stat",), False),  # not of every command
    ("entities --service-namespace dynamod", ("entities", "--service-namespace", "dynamodb"), True),
    ("entities --service-namespace=cloudwat", ("entities", "--service-namespace=cloudwatch"), True),
    ("--service-namespace dynamod", ("--service-namespace", "dynamodb"), True),
    ("entities --region eu-nor", ("entities", "--region", "eu-north-1"), True),
    ("entities --region=us-gov-w", ("entities", "--region=us-gov-west-1"), True),
    ("audit --output h", ("audit", "--output", "html"), True),
    ("entities --output h", ("entities", "--output", "h"), False),
    ("audit --kinds user,ro", ("audit", "--kinds", "user,role"), True),
    ("audit --rows gr", ("audit", "--rows", "grants"), True),
    ("list-policies --scope Lo", ("list-policies", "--scope", "Local"), True),
    ("entities --arn arn:aws:iam::1:role/x --wait-t", ("entities", "--arn", "arn:aws:iam::1:role/x", "--wait-timeout"), True),
    ("entities --job-i", ("entities", "--job-i"), False),
    ("entities --deadline ", ("entities", "--deadline"), False),  # nothing to say, and no files
    ("entities --profile my", ("entities", "--profile", "my work"), True),
    ("entities --profile my\\ w", ("entities", "--profile", "my work"), True),
    ("entities --profile 'my", ("entities", "--profile", "my work"), True),
    ("entities --profile \"my w", ("entities", "--profile", "my work"), True),
    ("entities --profile team", ("entities", "--profile", "team:prod"), True),
    ("entities --profile team:p", ("entities", "--profile", "team:prod"), True),
    ("entities --profile=team:p", ("entities", "--profile=team:prod"), True),
    ("entities --profile o", ("entities", "--profile", "o"), False),  # o'neil or only-keys
    ("entities --profile on", ("entities", "--profile", "only-keys"), True),
    ("entities --profile with", ("entities", "--profile", "with=sign"), True),
    ("entities --profile grü", ("entities", "--profile", "grün"), True),
    ("entities --profile o\\'n", ("entities", "--profile", "o'neil"), True),
    ("entities --profile \\$", ("entities", "--profile", "$(touch touched) \"x\""), True),
    ("entities --profile fol", ("entities", "--profile", "folder"), True),  # no slash: it is no folder
    ("entities --profile comp", ("entities", "--profile", "comp"), False),
    ("audit --checkpoint fol", ("audit", "--checkpoint", "folder/"), False),
    ("audit --checkpoint folder/na", ("audit", "--checkpoint", "folder/name with blanks"), True),
    ("audit --checkpoint 'folder/na", ("audit", "--checkpoint", "folder/name with blanks"), True),
    ("audit --checkpoint folder/sub", ("audit", "--checkpoint", "folder/sub folder/"), False),
    ("audit --checkpoint=fol", ("audit", "--checkpoint=folder/"), False),
    ("audit --checkpoint=folder/na", ("audit", "--checkpoint=folder/name with blanks"), True),
    ("entities --ca-bundle ~/certi", ("entities", "--ca-bundle", "{home}/certificate.pem"), True),
    ("audit --arn @fol", ("audit", "--arn", "@folder/"), False),
    ("audit --arn @folder/na", ("audit", "--arn", "@folder/name with blanks"), True),
    ("audit --arn file://{home}/certi", ("audit", "--arn", "file://{home}/certificate.pem"), True),
    ("entities --iot-cert certi", ("entities", "--iot-cert", "certificate.pem"), True),
    ("audit --arn '@folder/na", ("audit", "--arn", "@folder/name with blanks"), True),
    ("audit --account >certi", None, True),
    ("audit --account > folder/na", None, True),
    ("certi", ("certi",), False),  # a command, not a file
]


class Shells(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="tinyiam-completion.")
        cls.addClassCleanup(shutil.rmtree, cls.home)
        os.makedirs(os.path.join(cls.home, "folder", "sub folder"))
        os.mkdir(os.path.join(cls.home, "bin"))
        os.symlink(cli.binary(), os.path.join(cls.home, "bin", "tinyiam"))
        os.mkdir(os.path.join(cls.home, ".aws"))
        for name, text in (("folder/name with blanks", ""), ("certificate.pem", ""), (".aws/credentials", CREDENTIALS),
                           ("elsewhere", CONFIG), ("broken", "[profile x\n")):
            with open(os.path.join(cls.home, name), "w", encoding="utf-8") as f:
                f.write(text)
        cls.env = {"PATH": os.path.join(cls.home, "bin") + ":/usr/bin:/bin", "HOME": cls.home, "TERM": "xterm",
                   "LC_ALL": "C.UTF-8", "LINES": "60", "COLUMNS": "200",
                   "AWS_CONFIG_FILE": os.path.join(cls.home, "elsewhere")}

    def start(self, name, **env):
        shell = Shell(name, self.home, {**self.env, **env})
        self.addCleanup(shell.end)
        return shell

    def check(self, name):
        shell = self.start(name)
        for typed, words, whole in CASES:
            typed = "tinyiam " + typed.format(home=self.home)
            with self.subTest(shell=name, typed=typed):
                line = shell.line(typed)
                if not whole and not line.endswith("/"):
                    self.assertEqual(line, typed, "nothing is to be added")
                self.assertEqual(line.endswith(" ") and not line.endswith("\\ "), whole or typed.endswith(" "), line)
                if words is None:  # of what is not the command's
                    self.assertGreater(len(line), len(typed))
                elif line.count("'") % 2 == 0 or "\\'" in line:
                    self.assertEqual(shell.words(line), [word.format(home=self.home) for word in words], line)
        self.assertEqual(shell.line("tinyiam entities --output js"), "tinyiam entities --output json")  # or jsonl
        for before in ("true; ", "true | ", "AWS_PROFILE=x "):
            self.assertEqual(shell.line(before + "tinyiam ent"), before + "tinyiam entities ")
        self.assertFalse(os.path.exists(os.path.join(self.home, "touched")), "a profile's name was run")
        return shell

    def shows(self, shell, typed, *texts, tabs=1):
        """What is listed where there is more than one way on."""
        shell.line(typed, tabs)
        end = time.monotonic() + HANG
        while not all(text in shell.shown for text in texts) and time.monotonic() < end:
            shell.read()
        for text in texts:
            self.assertIn(text, shell.shown)

    def test_bash(self):
        shell = self.check("bash")
        self.shows(shell, "tinyiam ", "entities", "list-users", tabs=2)
        self.shows(shell, "tinyiam entities --region eu-c", "eu-central-1", "eu-central-2", tabs=3)
        self.assertEqual(shell.line("~/bin/tinyiam ent"), "~/bin/tinyiam entities ")

    def test_zsh(self):
        shell = self.check("zsh")
        self.shows(shell, "tinyiam ", "starts the making of a report, and prints its JobId", "the account's roles",
                   "which entities used a service, and when: one page")
        self.shows(shell, "tinyiam entities --service-namespace re", "repostspace -- AWS re:Post Private")
        self.shows(shell, "tinyiam entities --", "also AWS_REGION, AWS_DEFAULT_REGION, the profile's region")
        self.assertEqual(shell.line("~/bin/tinyiam ent"), "~/bin/tinyiam entities ")

    def test_zsh_as_a_function_of_fpath(self):
        """As it is installed: the file is the function."""
        folder = os.path.join(self.home, "functions")
        os.mkdir(folder)
        shutil.copy(os.path.join(cli.ROOT, "platform/host/completion/tinyiam.zsh"), os.path.join(folder, "_tinyiam"))
        script = SCRIPTS["zsh"].replace("autoload", "fpath=(~/functions $fpath)\nautoload").replace(
            "source <(tinyiam --completion zsh)\n", "")
        with unittest.mock.patch.dict(SCRIPTS, zsh=script):
            shell = self.start("zsh")
        for _ in range(2):  # the first call defines it
            self.assertEqual(shell.line("tinyiam --region x ent"), "tinyiam --region x entities ")

    def test_fish(self):
        shell = self.check("fish")
        self.shows(shell, "tinyiam list-", "the account's roles", "list-users")
        self.shows(shell, "tinyiam entities --service-namespace re", "AWS re:Post Private")
        self.assertEqual(shell.line("~/bin/tinyiam ent"), "~/bin/tinyiam entities ")

    def test_broken_files_are_no_noise(self):
        for name in SCRIPTS:
            with self.subTest(shell=name):
                shell = self.start(name, AWS_CONFIG_FILE=os.path.join(self.home, "broken"))
                self.assertEqual(shell.line("tinyiam entities --profile on"), "tinyiam entities --profile on")
                self.assertNotIn("ERROR", shell.shown)


class Answers(cli.CliTest):
    """The command's answer alone: it comes from the tables, so that whatever is added there is completed."""
    options = None

    def ask(self, *words, config=None):
        run = self.run_("--complete", "fish", "tinyiam", *words, AWS_CONFIG_FILE=config)
        self.assertCode(run, 0)
        return dict(line.split("\t", 1) for line in run.out.decode().splitlines())

    def test_every_option(self):
        commands = set(self.ask(""))
        self.assertEqual(commands, set(re.findall(r"^  ([a-z-]+)", self.run_("--help").out.decode().split("\nOptions")[0],
                                                  re.M)))
        for command in commands:
            words = (command, "list") if command == "configure" else (command,)
            told = dict(re.findall(r"^  (--[a-z-]+)(.*)", self.run_(*words, "--help").out.decode(), re.M))
            self.assertGreater(len(told), 15)
            answers = self.ask(*words, "-")
            self.assertEqual(set(answers), set(told))
            for name, text in told.items():
                value = re.match(r" [A-Z]", text)
                values = self.run_("--complete", "fish", "tinyiam", *words, name, "").out.decode() if value else ""
                self.assertEqual(values == "\tfiles\t\n\n", text.startswith(" FILE "), name)
                choices = re.match(r" \S+ +(\w+) \(default\)", text)
                if choices:
                    self.assertIn(choices[1], values)

    def test_every_kind_of_line(self):
        for words in ((), ("bash",), ("bash", "x"), ("zsh",), ("zsh", "tinyiam"), ("bash", "", "")):
            self.assertCode(self.run_("--complete", *words), 252)
        for line in ("tinyiam 'x", 'tinyiam "\\', "tinyiam \\", "tinyiam \t ", "tinyiam --=", "tinyiam --output==",
                     "tinyiam " + "x " * 5000, "tinyiam \xff'\"'"):
            self.assertCode(self.run_("--complete", "bash", line, ""), 0)

    def test_names_that_a_terminal_would_act_on(self):
        config = os.path.join(self.home, "config")
        with open(config, "w", encoding="utf-8") as f:
            for bad in ("\x1b[2J", "\x9b2J", "\u202e", "\u200b", "\U000e0041"):
                f.write(f"[profile x{bad}y]\n")
            f.write("[profile xz]\n[profile x\u65e5]\n")
        run = self.run_("--complete", "bash", "tinyiam entities --profile x", "x", AWS_CONFIG_FILE=config)
        self.assertEqual(run.out.decode(), "xz\nx\u65e5\n")
        self.assertEqual(set(self.ask("--profile", "", config=config)), {"xz", "x\u65e5"})
        moved = os.path.join(self.home, "a\nb\x1b[2J\x9b")
        os.rename(config, moved)
        answer = self.ask("--profile", "", config=moved)
        self.assertEqual(set(answer), {"xz", "x\u65e5"})
        self.assertTrue(answer["xz"].endswith("a\\nb\\x1b[2J\\xc2\\x9b"), answer)

    def test_a_word_of_the_history(self):
        """In double quotes bash would put an earlier line for it, whatever stands in front of the !."""
        config = os.path.join(self.home, "config")
        with open(config, "w", encoding="utf-8") as f:
            f.write("[profile x!!y$z]\n")
        for typed, want in (('"x', '"x"\\!""\\!"y\\$z'), ("'x", "'x!!y$z"), ("x", "x\\!\\!y\\$z")):
            run = self.run_("--complete", "bash", f"tinyiam entities --profile {typed}", typed.strip("\"'"), AWS_CONFIG_FILE=config)
            done = typed[:-1] + run.out.decode().rstrip("\n")
            self.assertEqual(done, want)
            done += typed[0] if typed[0] in "\"'" else ""
            shell = subprocess.run(["bash", "--norc", "-c", f"set -H -o history; printf %s {done}"], capture_output=True, check=True)
            self.assertEqual(shell.stdout, b"x!!y$z")


if __name__ == "__main__":
    cli.main()
