"""How many jobs of an account wait, are at Amazon, are ready, and were read."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from tap_amazon_sp.jobs.polling import IN_PROGRESS


class CountedJob(Protocol):
    """What a count needs to know of a job that is submitted, or is to be."""

    @property
    def key(self) -> Hashable:
        """Identifies the job among all of a run."""

    @property
    def job_id(self) -> str | None:
        """Amazon's id; None before it is submitted."""

    @property
    def status(self) -> str:
        """Amazon's last processing status; empty before the first."""

    @property
    def is_over(self) -> bool:
        """Whether Amazon works on it no longer, or nobody waits for it."""

    @property
    def since(self) -> float:
        """When it came under way in this run, in monotonic seconds."""


@dataclass(frozen=True)
class JobCounts:
    """Where the jobs of an account are.

    Attributes:
        to_submit: Jobs that are not submitted yet.
        in_queue: Jobs that Amazon has, and has not begun.
        in_progress: Jobs that Amazon works on.
        ready: Jobs that Amazon has finished, and that are not read yet.
        read: Jobs that are read.
        failed: Jobs that could not be read.
        longest: The seconds since the oldest job that Amazon has not finished came under way.
    """

    to_submit: int = 0
    in_queue: int = 0
    in_progress: int = 0
    ready: int = 0
    read: int = 0
    failed: int = 0
    longest: float = 0.0

    @property
    def at_amazon(self) -> int:
        """Jobs that Amazon has not finished."""
        return self.in_queue + self.in_progress

    @property
    def left(self) -> int:
        """Jobs that are not read yet."""
        return self.to_submit + self.at_amazon + self.ready

    @property
    def total(self) -> int:
        """All jobs."""
        return self.left + self.read + self.failed


class JobOutcomes:
    """Which jobs were read, and which could not be, by their keys."""

    def __init__(self) -> None:
        """Know none."""
        self._read: set[Hashable] = set()
        self._failed: set[Hashable] = set()

    def note(self, key: Hashable, outcome: Literal["read", "failed"]) -> None:
        """Note how reading a job ended, for one of the streams that need it."""
        (self._read if outcome == "read" else self._failed).add(key)

    def count(
        self, jobs: Iterable[CountedJob], expected: Collection[Hashable], now: float
    ) -> JobCounts:
        """Count jobs.

        Args:
            jobs: The jobs that are submitted, or wait for it.
            expected: Keys of jobs that will be submitted, and perhaps of some that are.
            now: The time, in monotonic seconds.
        """
        numbers = dict.fromkeys(
            ("to_submit", "in_queue", "in_progress", "ready", "read", "failed"), 0
        )
        longest, known = 0.0, set[Hashable]()
        for job in jobs:
            known.add(job.key)
            place = self._place_of(job)
            numbers[place] += 1
            if place in {"in_queue", "in_progress"}:
                longest = max(longest, now - job.since)
        numbers["to_submit"] += len(frozenset(expected) - known)
        return JobCounts(**numbers, longest=longest)

    def number_read(self, keys: Collection[Hashable]) -> int:
        """Return how many of some jobs were read."""
        return len(self._read.intersection(keys))

    def _place_of(self, job: CountedJob) -> str:
        if job.key in self._read:
            return "read"
        if job.key in self._failed:
            return "failed"
        if job.is_over:
            return "ready"
        if job.job_id is None:
            return "to_submit"
        return "in_progress" if job.status == IN_PROGRESS else "in_queue"
