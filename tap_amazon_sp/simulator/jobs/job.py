"""A job: a feed, a report or a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.server.calls import Call
from tap_amazon_sp.simulator.world.timestamps import DAY, iso_with_offset

RETENTION = 90 * DAY

IN_QUEUE = "IN_QUEUE"
IN_PROGRESS = "IN_PROGRESS"
DONE = "DONE"
CANCELLED = "CANCELLED"
FATAL = "FATAL"

# What a fault can do to a job besides `FATAL` and `CANCELLED`.
FATAL_WITHOUT_DOCUMENT = "FATAL without document"
SLOW = "slow"
STUCK = "stuck"

_OUTCOMES = {
    "job_fatal": FATAL,
    "job_fatal_without_document": FATAL_WITHOUT_DOCUMENT,
    "job_cancelled": CANCELLED,
    "job_slow": SLOW,
    "job_stuck": STUCK,
}


def outcome_of_fault(call: Call) -> str | None:
    """Return what a fault does to the job that a call submits, or None."""
    return _OUTCOMES.get(call.fault or "")


@dataclass
class Job:
    """A feed, a report or a query; times are epoch seconds.

    Attributes:
        id: Amazon's id, unique for one account.
        type: Feed type, report type, or dataset of a query.
        marketplace_ids: The marketplaces that it is for; empty for a query.
        created: When it was submitted.
        waits: Seconds that it waits in the queue at least.
        works: Seconds that the work takes.
        started: When work on it begins.
        ended: When work on it ends.
        outcome: `DONE`, `CANCELLED` or `FATAL`.
        document_id: Id of the document that it results in.
        specification: The request that submitted it.
        kept: Seconds after which Amazon forgets it.
        shown: The status that answers and notifications have shown last.
    """

    id: str
    type: str
    marketplace_ids: list[str]
    created: float
    waits: float
    works: float
    started: float
    ended: float
    outcome: str = DONE
    document_id: str | None = None
    specification: dict[str, Any] = field(default_factory=dict)
    kept: float = RETENTION
    shown: str = IN_QUEUE

    def show(self, now: float) -> Job:
        """Note that somebody sees the status at a moment; return the job."""
        self.shown = self.status(now)
        return self

    def status(self, now: float) -> str:
        """Return the processing status at a moment."""
        if now >= self.ended:
            return self.outcome
        return IN_PROGRESS if now >= self.started else IN_QUEUE

    def is_over(self, now: float) -> bool:
        """Return whether its status is final."""
        return now >= self.ended

    def times(self, now: float) -> dict[str, str]:
        """Return when it was submitted, started and ended, as far as that has happened."""
        status = self.status(now)
        known = {"createdTime": iso_with_offset(self.created)}
        if status not in (IN_QUEUE, CANCELLED):
            known["processingStartTime"] = iso_with_offset(self.started)
        if self.is_over(now):
            known["processingEndTime"] = iso_with_offset(self.ended)
        return known


@dataclass(frozen=True)
class FinishedJob:
    """A job that has ended.

    Attributes:
        account: Name of the account that submitted it.
        record: The job as its API shows it.
        ended: When it ended, epoch seconds.
    """

    account: str
    record: Mapping[str, Any]
    ended: float
