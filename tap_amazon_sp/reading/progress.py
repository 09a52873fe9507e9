"""How far a stream is, and the least time that Amazon's rate limits allow for the rest."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.timestamps import format_timestamp

if TYPE_CHECKING:
    from tap_amazon_sp.amazon.catalogue import Operation
    from tap_amazon_sp.reading.stream import AmazonStream

SECONDS_BETWEEN_LINES = 60.0
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
        read_to: Up to where that time is read.
        calls: Calls of each operation until then.
    """

    is_under_way: bool = False
    has_ended: bool = False
    records: int = 0
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    read_to: dt.datetime | None = None
    calls: Mapping[str, int] = field(default_factory=dict)

    def begin_span(self, start: dt.datetime, end: dt.datetime) -> None:
        """Note which time is to be read."""
        self.start, self.end, self.read_to, self.calls = start, end, None, {}

    def reach(self, moment: dt.datetime, calls: Mapping[str, int] | None = None) -> None:
        """Note that everything up to a moment is read, unless more was read before.

        Args:
            moment: The moment.
            calls: Calls of each operation until then; None leaves the time for the rest unknown.
        """
        if self.read_to is None or moment > self.read_to:
            self.calls = calls or {}
            self.read_to = moment

    @property
    def share(self) -> float | None:
        """The part of the time that is read, from 0 to 1; None if that is not known."""
        if self.start is None or self.end is None or self.end <= self.start:
            return None
        if self.read_to is None:
            return 0.0
        return min(1.0, max(0.0, (self.read_to - self.start) / (self.end - self.start)))

    @property
    def read_to_minute(self) -> str | None:
        """Up to which minute the time is read, such as `2026-02-06T00:00:00Z`."""
        if self.read_to is None:
            return None
        return format_timestamp(self.read_to.replace(second=0, microsecond=0))

    def seconds_left(self, calls: Mapping[str, int], rates: Mapping[str, float]) -> Left | None:
        """Return the time that the rest takes, if it takes as many calls as what is read.

        Args:
            calls: Calls of each operation so far.
            rates: Calls per second of each operation of the stream.

        Returns:
            The operation that takes longest, and its time; None if nothing is known.
        """
        share = self.share
        if not share:
            return None
        times = []
        for operation_id, rate in rates.items():
            counted = self.calls.get(operation_id, 0)
            since = calls.get(operation_id, 0) - counted
            needed = counted * (1.0 - share) / share - since
            times.append(Left(needed / rate, operation_id, rate))
        found = max(times, key=lambda left: left.seconds, default=None)
        return found if found is not None and found.seconds >= MIN_SECONDS_LEFT else None


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


class ProgressLines:
    """Logs once a minute how far each stream is that is under way."""

    def __init__(
        self, streams: Iterable[AmazonStream], clock: Clock, logger: logging.Logger
    ) -> None:
        """Log nothing in the first minute."""
        self._streams = tuple(streams)
        self._clock = clock
        self._logger = logger
        self._told_at = clock.monotonic()

    def tell_due(self) -> None:
        """Log the lines if a minute has passed since the last ones."""
        now = self._clock.monotonic()
        if now - self._told_at < SECONDS_BETWEEN_LINES:
            return
        self._told_at = now
        for stream in self._streams:
            progress = stream.progress
            if progress.is_under_way and (progress.records or progress.start is not None):
                left = left_of(stream)
                self._logger.info(
                    "%s: %s",
                    stream.label,
                    ", ".join(_parts(progress, left)),
                    extra={"progress": _values(stream, left)},
                )


def calls_of(stream: AmazonStream) -> dict[str, int]:
    """Return how often each operation of a stream and its children was called in this run."""
    wanted = _operations_of(stream)
    return {name: costs.calls for name, costs in stream.client.metrics if name in wanted}


def left_of(stream: AmazonStream) -> Left | None:
    """Return the least time for the rest of a stream; None if nothing is known."""
    return stream.progress.seconds_left(calls_of(stream), _rates_of(stream))


def duration(seconds: float) -> str:
    """Return a time in its two largest units, such as `3 d 4 h`, `8 h 50 min` or `12 min`."""
    minutes = max(1, round(seconds / 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _operations_of(stream: AmazonStream) -> dict[str, Operation]:
    return {
        member.operation.id: member.operation
        for member in stream.family
        if member is stream or member.selected or member.has_selected_descendents
    }


def _rates_of(stream: AmazonStream) -> dict[str, float]:
    return {
        name: stream.client.calls_per_second(operation)
        for name, operation in _operations_of(stream).items()
    }


def _parts(progress: Progress, left: Left | None) -> Iterator[str]:
    records = "record" if progress.records == 1 else "records"
    yield f"{progress.records:,} {records}"
    if (read_to := progress.read_to_minute) is not None:
        yield f"read to {read_to}"
    if (share := progress.share) is not None:
        yield f"about {share * 100:.0f} %"
    if left is not None:
        yield str(left)


def _values(stream: AmazonStream, left: Left | None) -> dict[str, Any]:
    """Return the values of a line for logs in JSON."""
    progress = stream.progress
    values: dict[str, Any] = {
        "stream": stream.name,
        "account": stream.connection.name,
        "records": progress.records,
        "read_to": None if progress.read_to is None else format_timestamp(progress.read_to),
        "share": None if progress.share is None else round(progress.share, 4),
        "seconds_left": None if left is None else round(left.seconds),
        "operation": None if left is None else left.operation_id,
    }
    return {name: value for name, value in values.items() if value is not None}
