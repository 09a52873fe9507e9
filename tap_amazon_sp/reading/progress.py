"""How far a stream is, and the least time that Amazon's rate limits allow for the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.jobs.queue import JobQueue

if TYPE_CHECKING:
    from tap_amazon_sp.amazon.catalogue import Operation
    from tap_amazon_sp.amazon.client import SellingPartnerClient
    from tap_amazon_sp.reading.stream import AmazonStream

MIN_SECONDS_LEFT = 60.0
"""A shorter time is left out: it is over before the next line."""
SECONDS_OF_A_SLOW_CALL = 10.0
"""From this time for a call on, the line says how long each takes."""


@dataclass
class Progress:
    """What a stream has read in this run. One thread changes it, another may read it meanwhile.

    Attributes:
        is_under_way: Whether the stream has begun, and not ended.
        has_ended: Whether the stream has ended, also if it failed.
        records: Records that were read so far.
        start: Beginning of the time to read; None if the stream is not read by time.
        end: End of that time.
        read_to: Up to where that time is read, and the bookmark is written.
        position: About where in that time the pages are that are read by now.
        passed: The part of the items that are read by now, if the stream is read by item.
        calls: Calls of each operation until there.
        left: Calls of each operation that the rest takes, if more is known of it than the share.
        on_reach: Called with each moment up to which that time is read.
        queue: The queue of the stream's jobs; None if it has none.
        jobs: Keys of the jobs that the time to read takes.
        began_at: When the stream began, in monotonic seconds; None before that.
    """

    is_under_way: bool = False
    has_ended: bool = False
    records: int = 0
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    read_to: dt.datetime | None = None
    position: dt.datetime | None = None
    passed: float | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, float] = field(default_factory=dict)
    on_reach: Callable[[dt.datetime], object] = lambda _: None
    queue: JobQueue | None = None
    jobs: frozenset[Hashable] = frozenset()
    began_at: float | None = None

    def begin_span(self, start: dt.datetime, end: dt.datetime) -> None:
        """Note which time is to be read."""
        self.start, self.end, self.read_to, self.position, self.calls = start, end, None, None, {}

    def plan_jobs(self, queue: JobQueue, jobs: frozenset[Hashable]) -> None:
        """Note which jobs the time to read takes, by their keys in a queue."""
        self.jobs, self.queue = jobs, queue

    @property
    def jobs_read(self) -> int | None:
        """How many of the jobs were read; None if there are none."""
        if self.queue is None or not self.jobs:
            return None
        return self.queue.outcomes.number_read(self.jobs)

    def reach(self, moment: dt.datetime, calls: Mapping[str, int] | None = None) -> None:
        """Note that everything up to a moment is read, unless more was read before.

        Args:
            moment: The moment.
            calls: Calls of each operation until then; None leaves the time for the rest unknown.
        """
        if self.read_to is None or moment > self.read_to:
            self.calls = calls or {}
            self.read_to = self.position = moment
            self.on_reach(moment)

    def pass_by(self, moment: dt.datetime, calls: Mapping[str, int]) -> None:
        """Note about where reading is in a window that is not read to its end yet.

        Args:
            moment: The moment.
            calls: Calls of each operation until then.
        """
        self.calls = calls
        self.position = moment if self.read_to is None else max(moment, self.read_to)

    def lose_position(self) -> None:
        """Note that nobody knows where in a window reading is.

        Only what is read for certain counts, and the time for the rest is unknown.
        """
        self.position, self.calls = self.read_to, {}

    def pass_items(
        self, share: float, calls: Mapping[str, int], *, left: Mapping[str, float] | None = None
    ) -> None:
        """Note which part of the items is read by now.

        Args:
            share: The part, from 0 to 1.
            calls: Calls of each operation until then.
            left: Calls of each operation that the rest takes, if that is known.
        """
        self.passed, self.calls, self.left = share, calls, left or {}

    def forget_items(self) -> None:
        """Note that the rest is read by time again, and not by item."""
        self.passed, self.calls, self.left = None, {}, {}

    @property
    def share(self) -> float | None:
        """The part of the time, or of the items, that is read; None if that is not known."""
        if self.passed is not None:
            return self.passed
        if self.start is None or self.end is None or self.end <= self.start:
            return None
        if self.position is None:
            return 0.0
        return min(1.0, max(0.0, (self.position - self.start) / (self.end - self.start)))

    @property
    def read_to_minute(self) -> str | None:
        """Up to which minute the time is read, such as `2026-02-06T00:00:00Z`."""
        if self.read_to is None:
            return None
        return format_timestamp(self.read_to.replace(second=0, microsecond=0))

    def calls_left(self, calls: Mapping[str, int]) -> dict[str, float]:
        """Return the calls that the rest takes, if it takes as many as what is read.

        Args:
            calls: Calls of each operation so far.

        Returns:
            The calls of each operation; empty if nothing is known.
        """
        if self.left:
            return dict(self.left)
        share = self.share
        if not share:
            return {}
        return {
            operation_id: counted * (1.0 - share) / share - (calls.get(operation_id, 0) - counted)
            for operation_id, counted in self.calls.items()
        }


@dataclass(frozen=True)
class Left:
    """The least time for the rest: its seconds, and the operation and rate that bound it."""

    seconds: float
    operation_id: str
    rate: float

    @property
    def bound(self) -> str:
        """What bounds the time, such as `searchOrders, one call in 180 s`."""
        name = self.operation_id.rpartition(".")[2]
        per_call = 1.0 / self.rate
        pace = f", one call in {per_call:.0f} s" if per_call >= SECONDS_OF_A_SLOW_CALL else ""
        return f"{name}{pace}"

    def __str__(self) -> str:
        """Return a part of a sentence, such as `at least 8 h 50 min more (searchOrders)`."""
        return f"at least {duration(self.seconds)} more ({self.bound})"


def jobs_read(progress: Progress) -> str | None:
    """Return how many jobs were read, such as `12 of 61 reports`; None if there are none."""
    read = progress.jobs_read
    if progress.queue is None or read is None:
        return None
    return f"{read:,} of {len(progress.jobs):,} {progress.queue.api.plural.lower()}"


def percent(share: float) -> str:
    """Return a share in whole percent, such as `99 %`: only all is 100."""
    # What is 29 % may be 28.999999999999996 % as a floating-point number.
    return f"{int(share * 100 + 1e-9)} %"


def duration(seconds: float) -> str:
    """Return a time in its two largest units, such as `3 d 4 h`, `8 h 50 min` or `12 min`."""
    minutes = max(1, round(seconds / 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def calls_of(stream: AmazonStream) -> dict[str, int]:
    """Return how often each operation of a stream and its children was called in this run."""
    wanted = operations_of(stream)
    return {name: costs.calls for name, costs in stream.client.metrics if name in wanted}


def left_of(stream: AmazonStream) -> Left | None:
    """Return the least time for the rest of a stream; None if nothing is known."""
    calls = stream.progress.calls_left(calls_of(stream))
    if not calls:
        return None
    times = [
        time_of(stream.client, operation, calls.get(name, 0.0))
        for name, operation in operations_of(stream).items()
    ]
    longest = max(times, key=lambda left: left.seconds)
    return longest if longest.seconds >= MIN_SECONDS_LEFT else None


def time_of(client: SellingPartnerClient, operation: Operation, calls: float) -> Left:
    """Return the least time that further calls of an operation take by its rate limit."""
    return Left(
        client.least_seconds(operation, calls), operation.id, client.calls_per_second(operation)
    )


def operations_of(stream: AmazonStream) -> dict[str, Operation]:
    """Return the operations of a stream and of its selected children, by id."""
    found: dict[str, Operation] = {}
    for member in stream.family:
        if member is stream or member.is_needed:
            found[member.operation.id] = member.operation
            found |= {name: catalogue.operation(name) for name in member.further_operations}
    return found
