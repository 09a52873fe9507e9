"""Lines of the log that say how far streams and jobs are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.counting import counted
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.reading.progress import (
    Left,
    Progress,
    jobs_read,
    left_of,
    percent,
)
from tap_amazon_sp.reading.queue_progress import QueueProgress, queues_of

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

T = TypeVar("T")

SECONDS_BETWEEN_LINES = 60.0

MAX_LINES = 20
"""The most lines about streams, and about jobs, each minute. More would hide everything else, and
there may be many accounts."""


class ProgressLines:
    """Logs once a minute how far each stream is that is under way, and where the jobs are."""

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
        under_way = [stream for stream in self._streams if stream.progress.is_under_way]
        self._tell_streams([(stream, left_of(stream)) for stream in under_way])
        self._tell_queues(queues_of(under_way))

    def _tell_streams(self, streams: Sequence[tuple[AmazonStream, Left | None]]) -> None:
        """Log a line for each stream; of very many, for those that take longest."""
        shown, hidden = _longest(streams, lambda one: one[1])
        for stream, left in shown:
            self._logger.info(
                "%s: %s",
                stream.label,
                ", ".join(_parts(stream.progress, left)),
                extra={"progress": _values(stream, left)},
            )
        if others := [stream for stream, _ in hidden]:
            self._logger.info(
                "%d more streams are under way, with %s",
                len(others),
                counted(sum(stream.progress.records for stream in others), "record"),
            )

    def _tell_queues(self, queues: Sequence[QueueProgress]) -> None:
        """Log a line for each queue of jobs; of very many, for those that take longest."""
        shown, hidden = _longest(queues, lambda queue: queue.left)
        for queue in shown:
            self._logger.info("%s", queue, extra={"progress": queue.values})
        if hidden:
            self._logger.info(
                "%d more accounts have reports or queries: %s of %s read",
                len({queue.account for queue in hidden}),
                f"{sum(queue.counts.read for queue in hidden):,}",
                f"{sum(queue.counts.total for queue in hidden):,}",
            )


def _longest(
    items: Sequence[T], left_of_item: Callable[[T], Left | None]
) -> tuple[list[T], list[T]]:
    """Divide items, in their order, into those that take longest and the others."""

    def seconds(place: int) -> float:
        left = left_of_item(items[place])
        return 0.0 if left is None else left.seconds

    places = sorted(range(len(items)), key=seconds, reverse=True)
    shown = frozenset(places[:MAX_LINES])
    return (
        [item for place, item in enumerate(items) if place in shown],
        [item for place, item in enumerate(items) if place not in shown],
    )


def _parts(progress: Progress, left: Left | None) -> Iterator[str]:
    yield counted(progress.records, "record")
    if (read_to := progress.read_to_minute) is not None:
        yield f"read to {read_to}"
    if (share := progress.share) is not None:
        yield f"about {percent(share)}"
    if (read := jobs_read(progress)) is not None:
        yield read
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
        "jobs_read": progress.jobs_read,
        "jobs": len(progress.jobs) or None,
        "seconds_left": None if left is None else round(left.seconds),
        "operation": None if left is None else left.operation_id,
    }
    return {name: value for name, value in values.items() if value is not None}
