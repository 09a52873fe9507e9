"""Jobs: feeds, reports and Data Kiosk queries, which are created once and which Amazon works on.

Facts: Amazon's models of Data Kiosk, Feeds and Reports, which have the same processing statuses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.common.clock import Clock

IN_PROGRESS = "IN_PROGRESS"

UNFINISHED_STATUSES = frozenset({"IN_QUEUE", IN_PROGRESS})
"""Processing statuses that Amazon still changes."""

DONE = "DONE"
CANCELLED = "CANCELLED"
FATAL = "FATAL"

FINISHED_STATUSES = frozenset({DONE, CANCELLED, FATAL})
"""Processing statuses with which a job ends. There are no others."""

Job = Mapping[str, Any]
"""A feed, report or query as Amazon describes it, with `processingStatus`."""


def is_finished(job: Job) -> bool:
    """Return whether Amazon no longer works on a job, however it ended."""
    return has_status(job, FINISHED_STATUSES)


def has_status(
    job: Job, statuses: Collection[str] = FINISHED_STATUSES | UNFINISHED_STATUSES
) -> bool:
    """Return whether a job has one of these statuses, by default one that Amazon documents."""
    status = job.get("processingStatus")
    return isinstance(status, str) and status in statuses


@dataclass(frozen=True)
class PollingPace:
    """How long to wait between two polls of a job: the longer it takes, the longer.

    The end of a job that took `t` seconds is noticed at most `t * share` seconds late, or `first`
    seconds if that is more, and never later than `longest`.

    Attributes:
        first: The shortest wait in seconds.
        longest: The longest wait in seconds.
        share: A wait as a share of the time that the job took so far.
    """

    first: float = 2.0
    longest: float = 60.0
    share: float = 0.04

    def wait(self, age: float) -> float:
        """Return the seconds until the next poll of a job that took `age` seconds so far."""
        return max(self.first, min(age * self.share, self.longest))


class JobUnfinishedError(Exception):
    """Amazon still works on a job when the time to wait for it is up.

    `job` is the answer to the last poll.
    """

    def __init__(self, job: Job, waited: float) -> None:
        """Keep the job, and the seconds that it was waited for."""
        super().__init__(f"{job.get('processingStatus')} after {waited:.0f} seconds")
        self.job = job
        self.waited = waited


def wait_until_finished(
    poll: Callable[[], Job],
    clock: Clock,
    *,
    pace: PollingPace,
    timeout: float | None = None,
    on_status: Callable[[str], object] = lambda _: None,
) -> Job:
    """Poll a job until Amazon has finished it, and return it.

    Args:
        poll: Returns the job as it is now.
        clock: The source of time.
        pace: How often to poll.
        timeout: The longest time to wait in seconds; None waits without end.
        on_status: Called after each poll with the status of the job and the seconds so far.

    Raises:
        JobUnfinishedError: The job takes longer.
        SellingPartnerError: What `poll` raises.
        SyncInterrupted: The process was asked to stop while waiting.
    """
    began_at = clock.monotonic()
    while True:
        job = poll()
        waited = clock.monotonic() - began_at
        on_status(f"{job.get('processingStatus')} after {waited:.0f} seconds")
        if is_finished(job):
            return job
        wait = pace.wait(waited)
        if timeout is not None:
            left = began_at + timeout - clock.monotonic()
            if left <= 0:
                raise JobUnfinishedError(job, waited)
            # The last poll is at the moment when the time is up.
            wait = min(wait, left)
        clock.sleep(wait)
