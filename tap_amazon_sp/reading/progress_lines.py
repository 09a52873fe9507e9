"""Lines of the log that say how far streams are."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.reading.progress import Left, Progress, left_of

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

SECONDS_BETWEEN_LINES = 60.0


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
