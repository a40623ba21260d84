"""Firmware and host command side by side: the same standard output to the byte, the same exit code.
TINYIAM: the host command (build/host/tinyiam)"""

import concurrent.futures
import os
import re
import subprocess

from case import BUILD, ROOT, Firmware, sim
from machine import HANGS  # noqa: E402

HOST = os.environ.get("TINYIAM", os.path.join(ROOT, "build", "host", "tinyiam"))
RUN = os.path.join(ROOT, "platform", "cortexm", "run")
JSONL = ("--output", "jsonl")
ARN = ("--arn", "arn:aws:iam::123456789012:policy/ExamplePolicy")


def execute(command, env):
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=HANGS, check=False)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def on_host(server, words, env):
    url = [] if any(w.startswith("--endpoint-url") for w in words) else ["--endpoint-url", server.url]
    return execute([HOST, *words, *url], {**server.environment(), **env})


def on_board(server, words, env):
    env = {**server.environment(HOME=os.environ.get("HOME", "/")), **env}
    return execute([RUN, "--build-dir", BUILD, "--no-build", "--endpoint-port", str(server.port), *words], env)


class Both(Firmware):
    """Each case has two simulators of its own that start alike, one for each side."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        execute([RUN, "--build-dir", BUILD, "--build-only"], os.environ)
        if not os.path.exists(HOST):
            raise RuntimeError(f"{HOST} is not there: cmake --preset host && cmake --build --preset host")

    def same(self, words, *options, env=None, scenario=None, code=0):
        words, env = list(words), env or {}
        with sim(*options, scenario=scenario) as one, sim(*options, scenario=scenario) as two, \
                concurrent.futures.ThreadPoolExecutor(2) as pool:
            here, there = pool.submit(on_host, one, words, env), pool.submit(on_board, two, words, env)
            here, there = here.result(), there.result()
        with self.subTest(words=words, options=options, env=env, scenario=scenario):
            # a day may end between the two: whole days ago then differ by one, and by nothing else
            days = [[int(n) for n in re.findall(rb'"DaysAgo":(\d+)', side[1])] for side in (there, here)]
            rest = [re.sub(rb'"DaysAgo":\d+', b'"DaysAgo":N', side[1]) for side in (there, here)]
            self.assertEqual((there[0], rest[0]), (here[0], rest[1]), (there[2], here[2]))
            self.assertLessEqual(max((abs(a - b) for a, b in zip(*days)), default=0), 1)
            self.assertEqual(there[0], code, there[2])
