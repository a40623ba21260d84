#!/usr/bin/env python3
"""Compares iam_pace with botocore's objects for retry mode "adaptive", in virtual time: rates within 1 %.

Argument 1: the host program (tests/core/unit/oracle.c). Argument 2: a seed. Needs botocore.
"""
import random
import subprocess
import sys

from botocore.retries import adaptive, bucket, throttling


class Clock:
    """botocore's clock, that stands until it is told to go."""

    def __init__(self, ms):
        self.ms = ms

    def current_time(self):
        return self.ms / 1000

    def sleep(self, amount):
        self.ms += amount * 1000


class Detector:
    throttled = False

    def is_throttling_error(self, **_):
        return self.throttled


class Theirs:
    def __init__(self, now):
        self.clock, self.detector = Clock(now), Detector()
        self.bucket = bucket.TokenBucket(max_rate=1, clock=self.clock)
        self.rates = adaptive.RateClocker(self.clock)
        self.limiter = adaptive.ClientRateLimiter(
            throttling.CubicCalculator(starting_max_rate=0, start_time=now / 1000), self.rates, self.bucket,
            self.detector, self.clock)

    def wait(self, now):
        """Seconds until a token is there; takes it if it is."""
        self.clock.ms = now
        if not self.limiter._enabled:
            return 0
        try:
            self.bucket.acquire(block=False)
            return 0
        except Exception:  # CapacityNotAvailableError
            return self.bucket._sleep_amount(1)

    def tell(self, now, throttled):
        self.clock.ms, self.detector.throttled = now, throttled
        self.limiter.on_receiving_response()
        return self.bucket.max_rate, self.rates.measured_rate


class Ours:
    def __init__(self, program, law):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.say(f"pace {law} 0")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def wait(self, now):
        return int(self.say(f"ask {now}")[0]) / 1000

    def tell(self, now, throttled):
        rate, measured = self.say(f"tell {now} {int(throttled)}")
        return int(rate) / 1e6, int(measured) / 1e6


def near(a, b):
    return abs(a - b) <= 0.01 * max(a, b) + 0.002


def main(program, seed):
    rng, compared = random.Random(seed), 0
    ours = Ours(program, 0)
    for case in range(200):
        now = rng.randrange(0, 10 ** rng.randrange(1, 10))
        ours.say("pace 0 0")
        theirs = Theirs(now)
        share, pause = rng.choice((0, 0.02, 0.2, 0.9)), rng.choice((3, 40, 300, 2000))
        for step in range(rng.randrange(1, 120)):
            a, b = ours.wait(now), theirs.wait(now)
            if (a == 0) != (b == 0):
                # at a token's very edge one may have it and the other nearly: the other has it soon
                assert max(a, b) <= 0.05, (seed, case, step, a, b)
                now += int(max(a, b) * 1000) + 2
                assert (ours if a else theirs).wait(now) == 0, (seed, case, step)
                continue
            # rates that differ by a hundredth, for a while
            assert abs(a - b) <= 0.03 * b + 0.012, (seed, case, step, a, b)
            if a:
                now += int(a * 1000) + 2
                continue
            now += rng.randrange(1, pause)
            throttled = rng.random() < share
            a, b = ours.tell(now, throttled), theirs.tell(now, throttled)
            # beyond 3,700 a second the curve is cut off
            assert near(min(a[0], 3000), min(b[0], 3000)) and near(a[1], b[1]), (seed, case, step, a, b)
            compared += 1
    ours.process.stdin.close()
    ours.process.wait()
    print(f"oracle_pace: seed {seed}, {compared} rates within 1 % of botocore's")
    assert compared > 3000


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
