"""How many records of a stream are written, for the Singer metrics and the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from singer_sdk.metrics import Counter

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


class WrittenRecords:
    """Counts the records of a stream.

    `number` is how many were written, as far as whole pages of its parent stream are.
    """

    def __init__(self, stream: AmazonStream) -> None:
        """Count nothing yet."""
        self.number = 0
        self._stream = stream
        self._counter: Counter | None = None
        self._new = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Report the number as a Singer metric, now and then, and at the end of this context."""
        counter = self._stream.get_record_counter()
        counter.context = self._stream.partition
        with counter:
            self._counter = counter
            try:
                yield
            finally:
                self.report()

    def add(self, number: int) -> None:
        """Count records that were written."""
        self._new += number

    def report(self) -> None:
        """Add the records since the last time to the number and to the Singer metric."""
        if self._counter is not None and self._new:
            self._counter.increment(self._new)
            self.number += self._new
            self._new = 0
