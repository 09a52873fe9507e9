"""What a timeline shows of one run of the tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Call:
    """A request that was sent: when, and the HTTP status of its answer (None: no answer)."""

    begun: datetime
    ended: datetime
    status: int | None


@dataclass(frozen=True)
class Wait:
    """A time in which an operation sent nothing although something was to be sent.

    `reason` is one of "rate limit" (the plan of Amazon's limits), "refused" (after a 429) and
    "failed" (before a call is tried again).
    """

    begun: datetime
    ended: datetime
    reason: str


@dataclass(frozen=True)
class Operation:
    """The calls of an operation for an account, in order of time.

    `calls_left_out` counts calls that a log without events does not name one by one.
    """

    name: str
    account: str
    calls: tuple[Call, ...]
    waits: tuple[Wait, ...]
    calls_left_out: int = 0


@dataclass(frozen=True)
class ReadTo:
    """How far a stream had been read at a moment."""

    at: datetime
    read_to: datetime


@dataclass(frozen=True)
class Stream:
    """A stream: when it was under way, what it read, how it ended.

    `outcome` is one of "done", "failed", "stopped" and "unknown" (the log ends before).
    """

    name: str
    account: str
    begun: datetime | None
    ended: datetime | None
    records: int | None
    outcome: str
    readings: tuple[ReadTo, ...] = ()


@dataclass(frozen=True)
class Job:
    """A report or a query: when it was queued, ordered, processed, ready and read.

    A time that is not known is None. `outcome` is Amazon's last processing status, or "".
    """

    kind: str
    account: str
    stream: str
    queued: datetime | None
    submitted: datetime | None
    processing: datetime | None
    finished: datetime | None
    read: datetime | None
    outcome: str


@dataclass(frozen=True)
class Run:
    """A run of the tap.

    `exact` is False if the source is a log without events: then times are those of the log's
    sentences. `events_left_out` counts events above the limit of the file.
    """

    begun: datetime
    ended: datetime
    version: str
    exact: bool
    finished: bool
    operations: tuple[Operation, ...]
    streams: tuple[Stream, ...]
    jobs: tuple[Job, ...]
    events_left_out: int = 0
