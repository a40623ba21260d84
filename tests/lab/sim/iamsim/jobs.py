"""Report jobs: IN_PROGRESS for some polls or seconds, then COMPLETED or FAILED."""

import hashlib
import threading

from .model import ApiError
from .report import EXAMPLE_DATE

FIXED_JOB = "examplef-1305-c245-eba4-71fe298bcda7"


class Job:
    def __init__(self, job_id, granularity, created_ms, owner=None, arn=None):
        self.id, self.granularity, self.created_ms = job_id, granularity, created_ms
        self.owner, self.arn = owner, arn
        self.private = False    # made by a session: IAM shows it to that session only
        self.polls_left, self.ready_ms, self.fails = 0, created_ms, None
        self.completed_ms = None
        self.report = None      # of an ARN of an account, as it was when this was generated


class Jobs:
    def __init__(self, seed=1, polls=0, seconds=0.0, fails=None, fixed=True, own_only=False):
        self.seed, self.polls, self.seconds = seed, polls, seconds
        self.fails, self.own_only = fails, own_only
        self._jobs, self._lock, self._count = {}, threading.Lock(), 0
        if fixed:
            job = Job(FIXED_JOB, "ACTION_LEVEL", EXAMPLE_DATE)
            job.completed_ms = EXAMPLE_DATE + 3775
            self._jobs[FIXED_JOB] = job

    def create(self, arn, granularity, owner, now_ms, private=False, report=None):
        with self._lock:
            self._count += 1
            h = hashlib.sha256(f"{self.seed}/job/{self._count}".encode()).hexdigest()
            job_id = f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:32]}"
            job = Job(job_id, granularity, now_ms, owner, arn)
            job.polls_left, job.ready_ms = self.polls, now_ms + int(self.seconds * 1000)
            job.fails, job.private, job.report = self.fails, private, report
            self._jobs[job_id] = job
            return job

    def arn_of(self, job_id):
        """Whose report a job makes, for rules of a scenario; None where it is not known."""
        with self._lock:
            job = self._jobs.get(job_id)
            return job.arn if job else None

    def poll(self, job_id, owner, now_ms):
        """(job, status) of a known job; each call counts as one look at it."""
        with self._lock:
            job = self._jobs.get(job_id)
            hidden = job and (self.own_only or job.private) and job.owner not in (None, owner)
            if job is None or hidden:
                raise ApiError(404, "NoSuchEntity", f"The job with id {job_id} cannot be found.")
            if job.completed_ms is None:
                if job.polls_left > 0:
                    job.polls_left -= 1
                    return job, "IN_PROGRESS"
                if now_ms < job.ready_ms:
                    return job, "IN_PROGRESS"
                job.completed_ms = max(job.created_ms, min(now_ms, job.ready_ms + 1))
            return job, "FAILED" if job.fails else "COMPLETED"
