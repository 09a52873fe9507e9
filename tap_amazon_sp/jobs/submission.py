"""A report or query that is to be submitted, or was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from tap_amazon_sp.common.events import JobEvents
from tap_amazon_sp.jobs.polling import Job
from tap_amazon_sp.jobs.requests import JobRequest


@dataclass(eq=False)
class Submission:
    """A job that is to be submitted, or was.

    Attributes:
        request: The request.
        rank: Jobs are submitted in the order of their ranks.
        events: Where its stages are noted.
        job_id: Amazon's id of the job, once it has one.
        is_reused: Whether the job was not created in this run.
        unanswered_since: A time before the first creation whose answer is missing: since then,
            the job may be at Amazon.
        finished: The job, once Amazon has finished it.
        listeners: Called when the job has an id, or may be at Amazon.
        since: When the job came under way in this run, in monotonic seconds.
        status: Amazon's last processing status.
        poll_at: When to poll next.
        missed_polls: Polls in a row that Amazon left unanswered.
    """

    request: JobRequest
    rank: tuple[float, ...]
    events: JobEvents
    job_id: str | None = None
    is_reused: bool = False
    unanswered_since: dt.datetime | None = None
    finished: Future[Job] = field(default_factory=Future)
    listeners: list[Callable[[Submission], object]] = field(default_factory=list)
    since: float = 0.0
    status: str = ""
    poll_at: float = 0.0
    missed_polls: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """Identifies the request among all of a run."""
        return self.request.key

    @property
    def is_over(self) -> bool:
        """Whether Amazon has finished the job, or it failed."""
        return self.finished.done()

    def finish(self, job: Job) -> None:
        """Pass a finished job to all that wait for it."""
        self.events.reach("finished", str(job.get("processingStatus")))
        if not self.finished.done():
            self.finished.set_result(job)

    def fail(self, error: BaseException) -> None:
        """Raise an error in all that wait for the job."""
        if not self.finished.done():
            self.finished.set_exception(error)
