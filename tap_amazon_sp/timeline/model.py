"""What a timeline shows of one run of the tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_TOO_MANY_REQUESTS = 429
_FIRST_FAILURE = 300


@dataclass(frozen=True)
class Call:
    """A request that was sent: when, and the HTTP status of its answer (None: no answer)."""

    begun: datetime
    ended: datetime
    status: int | None

    @property
    def is_refused(self) -> bool:
        """Whether Amazon refused it because there were too many (429)."""
        return self.status == _TOO_MANY_REQUESTS

    @property
    def has_failed(self) -> bool:
        """Whether it had no answer, or an error other than a refusal."""
        return not self.is_refused and (self.status is None or self.status >= _FIRST_FAILURE)


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

    @property
    def number_of_calls(self) -> int:
        """How many calls there were, those that are not known one by one included."""
        return len(self.calls) + self.calls_left_out

    @property
    def number_refused(self) -> int:
        """How many calls Amazon refused."""
        return sum(call.is_refused for call in self.calls)


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

    @property
    def is_without_document(self) -> bool:
        """Whether it has ended otherwise than `DONE`."""
        return self.outcome not in ("DONE", "")


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
