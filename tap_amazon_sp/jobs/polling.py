"""Jobs: feeds, reports and Data Kiosk queries, which are created once and worked on by Amazon.

Facts: Amazon's models of Data Kiosk, Feeds and Reports, which have the same processing statuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.common.clock import Clock

UNFINISHED_STATUSES = frozenset({"IN_QUEUE", "IN_PROGRESS"})
"""Processing statuses that Amazon still changes."""

DONE = "DONE"
CANCELLED = "CANCELLED"
FATAL = "FATAL"

Job = Mapping[str, Any]
"""A feed, report or query as Amazon describes it, with `processingStatus`."""


@dataclass(frozen=True)
class PollingPace:
    """How long to wait before a job is looked at again: the longer it takes, the longer.

    A job that took `t` seconds is found to be over at most `t * share` seconds late, or `first`
    where that is more, and `longest` at most.

    Attributes:
        first: Shortest wait in seconds.
        longest: Longest wait in seconds.
        share: What part of the time it took so far a wait is.
    """

    first: float = 2.0
    longest: float = 60.0
    share: float = 0.04

    def wait(self, age: float) -> float:
        """Return the seconds to wait before a job is looked at again, which took so many so far."""
        return max(self.first, min(age * self.share, self.longest))


class JobUnfinishedError(Exception):
    """Amazon is still working on a job, longer than it is to be waited for.

    `job` is the job as it was seen last.
    """

    def __init__(self, job: Job, waited: float) -> None:
        """Remember the job and how long it was waited for, in seconds."""
        super().__init__(f"{job.get('processingStatus')} after {waited:.0f} seconds")
        self.job = job
        self.waited = waited


def finished(
    look: Callable[[], Job],
    clock: Clock,
    *,
    pace: PollingPace,
    timeout: float | None = None,
    tell: Callable[[str], object] = lambda _: None,
) -> Job:
    """Wait until Amazon is through with one job, and return it.

    Args:
        look: Asks for the job.
        clock: Where time comes from.
        pace: How often to look.
        timeout: Seconds to wait at most; None is for ever.
        tell: Hears how it is after each look.

    Raises:
        JobUnfinishedError: It takes longer.
        SellingPartnerError: What `look` raises.
        SyncInterrupted: The process was asked to stop while waiting.
    """
    began_at = clock.monotonic()
    while True:
        job = look()
        waited = clock.monotonic() - began_at
        status = job.get("processingStatus")
        tell(f"{status} after {waited:.0f} seconds")
        if status not in UNFINISHED_STATUSES:
            return job
        wait = pace.wait(waited)
        if timeout is not None:
            left = began_at + timeout - clock.monotonic()
            if left <= 0:
                raise JobUnfinishedError(job, waited)
            # The last look is when the time is up.
            wait = min(wait, left)
        clock.sleep(wait)
