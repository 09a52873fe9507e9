"""What a stream has read when it ends, how long that took, and what it had to wait for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.counting import counted
from tap_amazon_sp.common.enumerations import listed
from tap_amazon_sp.common.events import Outcome
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.reading.progress import (
    MIN_SECONDS_LEFT,
    calls_of,
    duration,
    jobs_read,
    operations_of,
)

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


@dataclass(frozen=True)
class StreamEnd:
    """The end of a stream, with its children.

    Attributes:
        stream: The stream.
        outcome: How it ended.
        seconds: How long it took.
    """

    stream: AmazonStream
    outcome: Outcome
    seconds: float

    def __str__(self) -> str:
        """Return a line such as `orders: done after 12 min: 500 records, 9 calls of getOrders`."""
        took = (
            f"{self.seconds:.0f} s" if self.seconds < MIN_SECONDS_LEFT else duration(self.seconds)
        )
        return f"{self.stream.label}: {self.outcome} after {took}: {', '.join(self._parts())}"

    @property
    def values(self) -> dict[str, Any]:
        """The values of the line for logs in JSON."""
        progress, (bound, least) = self.stream.progress, self._bound
        values: dict[str, Any] = {
            "stream": self.stream.name,
            "account": self.stream.connection.name,
            "ended": self.outcome,
            "seconds": round(self.seconds, 1),
            "records": self.stream.written.number,
            "records_of_children": self._records_of_children or None,
            "read_to": None if progress.read_to is None else format_timestamp(progress.read_to),
            "jobs_read": progress.jobs_read,
            "jobs": len(progress.jobs) or None,
            "calls": self._calls or None,
            "least_seconds": round(least, 1) or None,
            "operation": bound if least else None,
        }
        return {name: value for name, value in values.items() if value is not None}

    def _parts(self) -> Iterator[str]:
        progress = self.stream.progress
        yield counted(self.stream.written.number, "record")
        for name, number in self._records_of_children.items():
            yield f"{number:,} of {name}"
        if (read_to := progress.read_to_minute) is not None:
            yield f"read to {read_to}"
        if (read := jobs_read(progress)) is not None:
            yield read
        if calls := [f"{number:,} of {_short(name)}" for name, number in self._calls.items()]:
            yield f"calls: {listed(calls)}"
        bound, least = self._bound
        if least >= MIN_SECONDS_LEFT:
            yield f"at least {duration(least)} by the rate limit of {_short(bound)}"

    @property
    def _records_of_children(self) -> dict[str, int]:
        return {
            member.name: member.written.number
            for member in self.stream.family[1:]
            if member.selected
        }

    @property
    def _calls(self) -> dict[str, int]:
        """The calls of each operation; none of jobs, whose calls are those of all streams."""
        return {} if self.stream.progress.queue is not None else calls_of(self.stream)

    @property
    def _bound(self) -> tuple[str, float]:
        """The operation whose rate limit takes longest for its calls, and the least time."""
        client = self.stream.client
        times = {
            name: client.shortest_time(operation)
            for name, operation in operations_of(self.stream).items()
            if name in self._calls
        }
        name = max(times, key=lambda name: times[name], default="")
        return name, times.get(name, 0.0)


def end_of(stream: AmazonStream, outcome: Outcome) -> StreamEnd | None:
    """Return the end of a stream, now; None if it has not begun."""
    began_at = stream.progress.began_at
    if began_at is None:
        return None
    return StreamEnd(stream, outcome, stream.connection.clock.monotonic() - began_at)


def _short(operation_id: str) -> str:
    return operation_id.rpartition(".")[2]
