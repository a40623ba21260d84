#!/usr/bin/python3
"""--checkpoint: a run that is killed at any moment and started again ends with each line once."""

import fcntl
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time

import cli
from cli import ENTITIES, OF_JOB, PAGE, SERVICES

FORMATS = ("json", "jsonl", "csv", "text", "table", "yaml-stream", "yaml")
PAGES = (*ENTITIES, "--all", "--max-items", "40")


class Runs(cli.CliTest):
    """Runs with a checkpoint that append to one file."""

    options = None

    def setUp(self):
        super().setUp()
        self.out = os.path.join(self.home, "out")
        self.place = os.path.join(self.home, "place")

    def start(self, *args, mode="ab", **kwargs):
        with open(self.out, mode) as out:
            return subprocess.Popen([self.binary, *args, "--checkpoint", self.place], env=self.env(),
                                    stdout=out, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, **kwargs)

    def finish(self, process):
        _, err = process.communicate(timeout=300)
        return cli.Run(subprocess.CompletedProcess([], process.returncode, self.read(), err))

    def read(self):
        with open(self.out, "rb") as f:
            return f.read()

    def left_over(self):
        """Of runs that were killed while they replaced the checkpoint."""
        return [name for name in os.listdir(self.home) if name.startswith("place.")]

    def restart(self):
        for path in (self.out, self.place):
            if os.path.exists(path):
                os.unlink(path)

    def expected(self, *args):
        run = self.run_(*args)
        self.assertCode(run, 0)
        return run.out

    def terminated(self, args):
        """Into a pipe, with SIGTERM, which ends a run between two items, until one has come to the end."""
        want, out, pick, longest, code = self.expected(*args), b"", random.Random(5), 0.1, None
        self.assertLess(len(want), 1 << 20)
        while code != 0:
            process = subprocess.Popen([self.binary, *args, "--checkpoint", self.place], env=self.env(),
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            # room for all of it: a writer that has to wait when it is to end leaves a part unkept
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 1 << 20)
            time.sleep(pick.uniform(0.02, longest))
            process.send_signal(signal.SIGTERM)
            out += process.communicate(timeout=300)[0]
            code, longest = process.returncode, longest * 1.05
            self.assertIn(code, (0, 143, -signal.SIGTERM))
        self.assertEqual(out, want)

    def kill_until_done(self, args, seed, longest=0.25):
        """Kills the run at random moments; how often it took."""
        pick, kills = random.Random(seed), 0
        while True:
            process = self.start(*args)
            number = pick.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT))
            try:
                process.wait(pick.uniform(0.01, longest))
            except subprocess.TimeoutExpired:
                process.send_signal(number)
                kills += 1
            run = self.finish(process)
            if run.code == 0:
                return kills
            self.assertIn(run.code, (-number, 128 + number), run)
            longest *= 1.02  # so that it ends on a slow machine, too


class Checkpoint(Runs):
    options = ("--entities", "1500", "--services", "60")

    def test_killed(self):
        for seed, output in enumerate(FORMATS):
            args = (*ENTITIES, "--all", "--output", output, "--max-items", "150")
            want, kills, again = self.expected(*args), 0, 0
            while again < 2 or kills < 2:
                self.restart()
                # from the second time on with large pages that take long: most signals come within one
                self.sim.scenario([{"do": {"dribble": {"bytes": 4000, "ms": 4}}}] if again else None)
                kills += self.kill_until_done(args, 10 * seed + again)
                self.assertEqual(self.read(), want, output)
                self.assertEqual(self.left_over(), [])
                again += 1

    def test_killed_services(self):
        args = (SERVICES, *OF_JOB, "--all", "--max-items", "3")
        want = self.expected(*args)
        for seed in range(3):
            self.restart()
            self.kill_until_done(args, seed, longest=0.1)
            self.assertEqual(self.read(), want)

    def test_done_is_done(self):
        args = (*PAGES, "--output", "csv")
        want = self.expected(*args)
        self.sim.clear()
        for times in range(3):
            run = self.finish(self.start(*args))
            self.assertCode(run, 0)
            self.assertEqual(run.out, want)
            self.assertEqual(b"nothing to do" in run.err, times > 0)
        self.assertEqual(len(self.sim.requests()), 38)

    def test_no_list_is_not_done(self):
        """A report that is FAILED, at once or in the middle of its list, or goes back to IN_PROGRESS there:
        the checkpoint does not say that all of it has been written, and a later run that finds it whole goes
        on to the end."""
        for output in FORMATS:
            args = (*PAGES, "--output", output)
            want = self.expected(*args)
            for when, status, code in (({}, "FAILED", 254), ({"page": ">=3"}, "FAILED", 255),
                                       ({"page": ">=3"}, "IN_PROGRESS", 255)):
                with self.subTest(output=output, when=when, status=status):
                    self.restart()
                    self.rules({"job_status": status, "job_error": {"code": "X", "message": "y"}}, **when)
                    for _ in range(2):
                        run = self.finish(self.start(*args, "--max-attempts", "1"))
                        self.assertCode(run, code)
                        self.assertNotIn(b"nothing to do", run.err)
                        if when:  # what is there is the beginning of the list, and nothing behind it
                            self.assertTrue((run.out or output == "yaml") and want.startswith(run.out), run)
                    self.sim.scenario(None)
                    self.assertEqual(self.finish(self.start(*args)).out, want)

    def test_what_was_there_before_stays(self):
        with open(self.out, "wb") as f:
            f.write(b"before\n")
        args = (*PAGES, "--output", "jsonl")
        self.kill_until_done(args, 7)
        self.assertEqual(self.read(), b"before\n" + self.expected(*args))

    def test_error_then_on(self):
        args = PAGES
        want = self.expected(*args)
        self.sim.clear()
        self.rules({"status": 403, "code": "ExpiredToken"}, request=20)
        self.assertCode(self.finish(self.start(*args)), 254)
        self.assertEqual(len(self.sim.requests()), 20)
        self.sim.scenario(None)
        run = self.finish(self.start(*args))
        self.assertCode(run, 0)
        self.assertEqual(run.out, want)
        self.assertLess(len(self.sim.requests()), 42)

    def test_torn_output_is_cut_back(self):
        args = (*PAGES, "--output", "csv")
        want = self.expected(*args)
        self.sim.clear()
        self.rules({"status": 403, "code": "ExpiredToken"}, request=10)
        self.finish(self.start(*args))
        self.sim.scenario(None)
        with open(self.out, "ab") as f:
            f.write(b"arn:aws:iam::torn li")
        self.assertEqual(self.finish(self.start(*args)).out, want)

    def test_file_opened_anew(self):
        """With > instead of >> what was written is gone: refused, and nothing is lost any more."""
        args = (*PAGES, "--output", "csv")
        self.rules({"status": 403, "code": "ExpiredToken"}, request=10)
        self.finish(self.start(*args))
        run = self.finish(self.start(*args, mode="wb"))
        self.assertError(run, 255, "The output file is shorter than the checkpoint ")

    def broken_off(self, *args):
        """A run that has written some pages and failed; the next one may go on."""
        self.rules({"status": 403, "code": "ExpiredToken"}, request=10)
        self.assertCode(self.finish(self.start(*args)), 254)
        self.sim.scenario(None)

    def test_file_of_somebody_else(self):
        """Longer than the place in it, but another one: nothing of it is cut off."""
        args = (*PAGES, "--output", "csv")
        for pages in (True, False):
            self.restart()
            if pages:
                self.broken_off(*args)
            else:  # killed before the first line
                self.rules({"status": 403, "code": "ExpiredToken"})
                self.assertCode(self.finish(self.start(*args)), 254)
                self.sim.scenario(None)
            theirs = self.out + "-theirs"
            with open(theirs, "wb") as f:
                f.write(b"precious\n" * 50000)
            self.out, mine = theirs, self.out
            run = self.finish(self.start(*args))
            self.assertCode(run, 255)
            self.assertIn(b"The output file is not the one that the checkpoint ", run.err)
            self.assertEqual(run.out, b"precious\n" * 50000)
            self.out = mine
            self.assertEqual(self.finish(self.start(*args)).out, self.expected(*args))

    def test_copy_of_the_file(self):
        args = (*PAGES, "--output", "csv")
        self.broken_off(*args)
        with open(self.out, "ab") as f:
            f.write(b"arn:aws:iam::torn li")
        shutil.copy(self.out, self.out + "-copy")
        self.out += "-copy"
        self.assertEqual(self.finish(self.start(*args)).out, self.expected(*args))

    def test_changed_file(self):
        args = (*PAGES, "--output", "csv")
        self.broken_off(*args)
        with open(self.out, "r+b") as f:
            f.seek(-5, os.SEEK_END)
            f.write(b"#")
        before = self.read()
        run = self.finish(self.start(*args))
        self.assertCode(run, 255)
        self.assertIn(b"or was changed since", run.err)
        self.assertEqual(run.out, before)

    def test_what_follows_the_end_stays(self):
        args = (*PAGES, "--output", "csv")
        want = self.finish(self.start(*args)).out
        with open(self.out, "ab") as f:
            f.write(b"a note\n")
        self.assertEqual(self.finish(self.start(*args)).out, want + b"a note\n")

    def test_two_at_once(self):
        args = (*PAGES, "--output", "csv")
        want = self.expected(*args)
        self.sim.scenario([{"when": {"page": 5, "attempt": 1}, "do": {"stall": {"part": "body", "seconds": 3000}}}])
        first = self.start(*args)
        while os.path.getsize(self.out) == 0:
            self.assertIsNone(first.poll())
            time.sleep(0.01)
        for place in (self.place, self.place + "-2"):
            self.place, mine = place, self.place
            second = self.finish(self.start(*args))
            self.assertCode(second, 255)
            self.assertIn(b"Another run is writing to the output file", second.err)
            self.place = mine
        self.sim.go_on()
        self.assertEqual(self.finish(first).out, want)

    def test_two_at_once_into_pipes(self):
        """No file is there to be locked. Each would be resumed at the other's place: who finds it ends."""
        args = (*ENTITIES, "--all", "--max-items", "40", "--output", "jsonl")
        want = self.expected(*args)
        self.assertGreater(len(want), 200000)  # more than a pipe holds: the first one waits for its reader

        def start():
            return subprocess.Popen([self.binary, *args, "--checkpoint", self.place], env=self.env(),
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        first = start()
        line = first.stdout.readline()
        second = start()
        second_out, second_err = second.communicate(timeout=300)
        first_out, first_err = first.communicate(timeout=300)
        self.assertEqual(sorted((first.returncode, second.returncode)), [0, 255], (first_err, second_err))
        self.assertIn(b"Another run keeps its place in the checkpoint", first_err + second_err)
        if first.returncode == 0:
            self.assertTrue(line + first_out == want)
        else:
            self.assertTrue(want.endswith(second_out))

    def test_another_request(self):
        self.finish(self.start(*PAGES, "--output", "csv"))
        before = self.read()
        for args in ((*PAGES, "--output", "jsonl"), (*ENTITIES, "--all", "--max-items", "3",
                                                                 "--output", "csv"),
                     (PAGE, *OF_JOB, "--service-namespace", "s3", "--all", "--output", "csv")):
            run = self.finish(self.start(*args))
            self.assertCode(run, 255)
            self.assertIn(b"belongs to another request", run.err)
            self.assertEqual(run.out, before)

    def test_damaged(self):
        args = (*PAGES, "--output", "csv")
        self.rules({"status": 403, "code": "ExpiredToken"}, request=10)
        self.finish(self.start(*args))
        with open(self.place, "rb") as f:
            good = f.read()
        for at in (*range(0, len(good), 23), len(good) - 1):
            bad = bytearray(good)
            bad[at] ^= 1
            with open(self.place, "wb") as f:
                f.write(bad)
            run = self.finish(self.start(*args))
            self.assertCode(run, 255)
            self.assertIn(b"is damaged", run.err)
        for bad in (b"", good[:-1], good + b"x", b"x" * len(good)):
            with open(self.place, "wb") as f:
                f.write(bad)
            run = self.finish(self.start(*args))
            self.assertIn(b"is damaged", run.err)

    def test_folder_that_cannot_be_written(self):
        self.place = "/proc/self/place"
        run = self.finish(self.start(*ENTITIES, "--all"))
        self.assertError(run, 255, "The checkpoint /proc/self/place could not be written: ")
        self.assertEqual(self.sim.requests(), [])
        self.place = os.path.join(self.home, "none", "place")
        run = self.finish(self.start(*ENTITIES, "--all"))
        self.assertError(run, 255, "The checkpoint ")

    def test_full_disk(self):
        args = (*PAGES, "--output", "csv")
        want = self.expected(*args)

        def limit(size):
            def set_it():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            return set_it

        for size in (600, 5000, 70001, 100000):
            process = self.start(*args, preexec_fn=limit(size))
            run = self.finish(process)
            self.assertCode(run, 255)
            self.assertIn(b"File too large", run.err)
        self.assertEqual(self.finish(self.start(*args)).out, want)

    def test_pipe(self):
        """Into a pipe nothing is taken back: the checkpoint follows what was written. It has room: who ends the run while it
        waits for a reader gets what is in the pipe once more."""
        args = (*ENTITIES, "--all", "--output", "jsonl", "--max-items", "500")
        self.sim.scenario([{"do": {"dribble": {"bytes": 4000, "ms": 8}}}])
        self.terminated(args)

    def test_killed_with_a_pipe(self):
        """SIGKILL between a write and its checkpoint: nothing is missing and no line is torn, though what the
        checkpoint does not know of yet comes once more."""
        args = (*ENTITIES, "--all", "--output", "jsonl", "--max-items", "500")
        want, out, pick = self.expected(*args).splitlines(), [], random.Random(9)
        self.sim.scenario([{"do": {"dribble": {"bytes": 4000, "ms": 4}}}])
        code, turn = None, 0
        while code != 0:
            turn += 1
            process = subprocess.Popen([self.binary, *args, "--checkpoint", self.place], env=self.env(),
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            # a reader that is slow, so that the kill often comes in the middle of a write
            end, got = time.monotonic() + pick.uniform(0.05, 0.3 * 1.1 ** turn), b""
            while piece := os.read(process.stdout.fileno(), 2000):
                got += piece
                if time.monotonic() > end:
                    process.kill()
                else:
                    time.sleep(0.01)
            process.stdout.close()
            code = process.wait(300)
            self.assertIn(code, (0, -signal.SIGKILL))
            self.assertTrue(got == b"" or got.endswith(b"}\n"), got[-100:])
            out += got.splitlines()
        self.assertEqual(list(dict.fromkeys(out)), want)
        self.assertGreater(turn, 3)

    def test_names_that_are_taken(self):
        """Nothing that lies in the folder is opened, followed or written to."""
        args = (*ENTITIES, "--all", "--output", "csv")
        want = self.expected(*args)
        precious = os.path.join(self.home, "precious")
        for name in ("place.tinyiam-tmp", "place.tmp", "place.tinyiam-abcdef"):
            for make in (os.mkfifo, lambda path: os.symlink(precious, path), lambda path: os.link(precious, path)):
                self.restart()
                with open(precious, "wb") as f:
                    f.write(b"precious")
                path = os.path.join(self.home, name)
                make(path)
                run = self.finish(self.start(*args))
                self.assertCode(run, 0)
                self.assertEqual(run.out, want)
                with open(precious, "rb") as f:
                    self.assertEqual(f.read(), b"precious")
                if os.path.lexists(path):       # a link to a file of ours by such a name is one that was left over
                    os.unlink(path)

    def test_what_is_no_file(self):
        args = (*ENTITIES, "--all", "--output", "csv")
        with open(os.path.join(self.home, "real"), "wb") as f:
            f.write(b"text")
        for make, why in ((os.mkfifo, b"no regular file"), (os.mkdir, b"a folder"),
                          (lambda path: os.symlink("/dev/null", path), b"no regular file"),
                          (lambda path: os.symlink("nothing", path), b"a link to a file that is not there"),
                          (lambda path: os.symlink("place", path), b"a link to a file that is not there"),
                          (lambda path: os.symlink("real", path), b"is damaged")):
            make(self.place)
            run = self.finish(self.start(*args))
            self.assertError(run, 255, f"The checkpoint {self.place} ")
            self.assertIn(why, run.err)
            (os.rmdir if os.path.isdir(self.place) else os.unlink)(self.place)
        self.assertFalse(os.path.exists(os.path.join(self.home, "nothing")))
        self.place = "/dev/null"
        self.assertIn(b"no regular file", self.finish(self.start(*args)).err)
        self.assertEqual(self.sim.requests(), [])

    def test_link_mode_and_owner_stay(self):
        args = (*ENTITIES, "--all", "--output", "csv")
        want = self.expected(*args)
        self.sim.clear()
        self.rules({"status": 403, "code": "ExpiredToken"}, request=10)
        self.finish(self.start(*args))
        self.sim.scenario(None)
        self.assertEqual(os.stat(self.place).st_mode & 0o777, 0o600)
        folder = os.path.join(self.home, "elsewhere")
        os.mkdir(folder)
        target = os.path.join(folder, "kept")
        os.rename(self.place, target)
        os.symlink(os.path.join("elsewhere", "kept"), self.place)
        os.chmod(target, 0o640)
        if os.geteuid() == 0:
            os.chown(target, 12, 34)
        run = self.finish(self.start(*args))
        self.assertCode(run, 0)
        self.assertEqual(run.out, want)
        self.assertTrue(os.path.islink(self.place))
        after = os.stat(target)
        self.assertEqual(after.st_mode & 0o777, 0o640)
        if os.geteuid() == 0:
            self.assertEqual((after.st_uid, after.st_gid), (12, 34))
        self.assertEqual(os.listdir(folder), ["kept"])

    def test_left_over(self):
        """Of runs that are no more it goes; what another run holds, and what is none of ours, stays."""
        names = [self.place + end for end in (".tinyiam-abcdef", ".tinyiam-012345", ".tinyiam-abcdefg", ".tinyiam-abc", ".tinyiam-held00")]
        for name in names:
            with open(name, "wb") as f:
                f.write(b"half")
        with open(names[4], "r+b") as held:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.assertCode(self.finish(self.start(*ENTITIES, "--all", "--output", "csv")), 0)
        self.assertEqual([os.path.exists(name) for name in names], [False, False, True, True, True])

    def test_goes_with_all_only(self):
        run = self.run_(*ENTITIES, "--checkpoint", self.place)
        self.assertError(run, 252, "An error occurred (ParamValidation): argument --checkpoint: ")


class Lists(Runs):
    """The lists of the account: no JobId holds their place, so the request is given again."""

    options = ("--account", "users=60,groups=40,roles=60,policies=50", "--page-size", "1000", "--marker-style", "latin1")

    def slow(self):
        """Pages take long, so that most signals come within one."""
        self.sim.scenario([{"do": {"dribble": {"bytes": 600, "ms": 2}}}])

    def killed(self, args, seed, longest=0.12):
        self.sim.scenario(None)
        want = self.expected(*args)
        self.restart()
        self.slow()
        kills = self.kill_until_done(args, seed, longest)
        self.assertEqual(self.read(), want, args)
        self.assertEqual(self.left_over(), [])
        run = self.finish(self.start(*args))
        self.assertCode(run, 0)
        self.assertEqual(run.out, want)
        self.assertIn(b"nothing to do", run.err)
        return kills

    def test_killed(self):
        kills = 0
        lists = ("list-users", "list-groups", "list-roles", "list-policies")
        for seed, output in enumerate((*FORMATS, "text", "json", "csv")):
            args = (lists[seed % 4], "--output", output, "--page-size", str(7 + seed))
            if seed % 4 == 3:
                args += ("--scope", "Local", "--path-prefix", "/")
            kills += self.killed(args, seed)
        self.assertGreater(kills, 7)

    def test_killed_in_a_part(self):
        """--starting-token and --max-items: the part is the same, and so is the NextToken behind it."""
        token = json.loads(self.run_("list-users", "--max-items", "11", "--page-size", "4").out)["NextToken"]
        for seed, (output, size, most) in enumerate((("json", "4", "30"), ("jsonl", "5", "20"), ("text", "4", "13"),
                                                     ("json", "9", "9"), ("json", "4", "1000"))):
            part = ("list-users", "--starting-token", token, "--page-size", size, "--max-items", most)
            self.killed((*part, "--output", output), 100 + seed)
            if output == "json":
                first = json.loads(self.run_("list-users").out)["Users"][11:11 + int(most)]
                self.assertEqual(json.loads(self.read())["Users"], first)

    def test_once_a_page(self):
        """Each page that has been written is kept, whatever ends the run: it is not asked for again."""
        args = ("list-roles", "--page-size", "6", "--output", "jsonl")
        want = self.expected(*args)
        for page in range(2, 11):
            self.restart()
            self.rules({"status": 403, "code": "ExpiredToken"}, page=page)
            run = self.finish(self.start(*args))
            self.assertCode(run, 254)
            self.assertEqual(run.out, b"".join(want.splitlines(True)[:6 * (page - 1)]))
            self.sim.scenario(None)
            self.sim.clear()
            self.assertEqual(self.finish(self.start(*args)).out, want)
            self.assertLessEqual(len(self.sim.requests()), 10 - (page - 2))

    def test_into_a_pipe(self):
        self.slow()
        self.terminated(("list-users", "--page-size", "5", "--output", "jsonl"))

    def broken_off(self, *args):
        """A run that has written two pages and failed."""
        self.restart()
        self.rules({"status": 403, "code": "ExpiredToken"}, page=3)
        self.assertCode(self.finish(self.start(*args)), 254)
        self.sim.scenario(None)

    def test_another_request(self):
        args = ("list-policies", "--scope", "Local", "--page-size", "6", "--output", "jsonl")
        self.broken_off(*args)
        before = self.read()
        for other in (("list-policies", "--scope", "All", *args[3:]), ("list-users", *args[3:]), (*args[:4], "7", *args[5:]),
                      (*args, "--max-items", "20"), (*args, "--path-prefix", "/x/"), (*args, "--only-attached"),
                      (*args, "--starting-token", "x"), (*args[:6], "csv"),
                      (*args, "--policy-usage-filter", "PermissionsPolicy"), (*ENTITIES, "--all", "--output", "jsonl")):
            run = self.finish(self.start(*other))
            self.assertCode(run, 255)
            self.assertIn(b"belongs to another request", run.err)
            self.assertEqual(run.out, before)
        self.assertEqual(self.finish(self.start(*args)).out, self.expected(*args))

    def test_another_account(self):
        """The list has changed within the page at hand: said, and nothing is printed that may be twice or missing."""
        args = ("list-groups", "--page-size", "1000", "--output", "jsonl")
        want = self.expected(*args)
        self.sim.scenario([{"when": {"attempt": "<=3"}, "do": {"cut": {"part": "body", "after": 6000}}}])
        self.assertNotEqual(self.finish(self.start(*args)).code, 0)
        before = self.read()
        self.assertTrue(before and want.startswith(before))
        self.sim.scenario([{"do": {"remove": 0}}])
        run = self.finish(self.start(*args))
        self.assertEqual(run.out, before)
        self.assertCode(run, 255)
        self.assertError(cli.Run(subprocess.CompletedProcess([], 255, b"", run.err)), 255, "The list is not complete: ")
        self.assertIn(b"Begin again for a consistent list: remove " + self.place.encode(), run.err)
        self.sim.scenario(None)
        self.assertEqual(self.finish(self.start(*args)).out, want)

    def test_not_with_one_page(self):
        for args in (("--no-paginate",), ("--marker", "x")):
            run = self.run_("list-users", *args, "--checkpoint", self.place)
            self.assertError(run, 252, "An error occurred (ParamValidation): argument --checkpoint: does not go with one page")
            self.assertFalse(os.path.exists(self.place))


if __name__ == "__main__":
    cli.main()
