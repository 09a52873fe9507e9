"""What reading cost: calls, records, waits, retries and 429s per operation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class OperationMetrics:
    """Counts of one operation in this run; `waited` is seconds waited for its token bucket."""

    calls: int = 0
    records: int = 0
    waited: float = 0.0
    retries: int = 0
    throttled: int = 0

    def __str__(self) -> str:
        """Return the counts as one readable line."""
        return (
            f"{self.calls} calls, {self.records} records, "
            f"{self.waited:.1f} s waited for the rate limit, "
            f"{self.retries} retries, {self.throttled} answers of 429"
        )


class Metrics:
    """The counts of all operations of one account; may be used from many threads."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._lock = threading.Lock()
        self._operations: dict[str, OperationMetrics] = {}

    def __iter__(self) -> Iterator[tuple[str, OperationMetrics]]:
        """Give each operation's id and counts, in the order of first use."""
        with self._lock:
            return iter(list(self._operations.items()))

    def count_call(self, operation_id: str) -> None:
        """Count a request sent."""
        with self._lock:
            self._of(operation_id).calls += 1

    def count_records(self, operation_id: str, records: int) -> None:
        """Count the records of a page."""
        with self._lock:
            self._of(operation_id).records += records

    def count_wait(self, operation_id: str, seconds: float) -> None:
        """Count a wait for the token bucket."""
        with self._lock:
            self._of(operation_id).waited += seconds

    def count_retry(self, operation_id: str) -> None:
        """Count a request that failed and may be sent again."""
        with self._lock:
            self._of(operation_id).retries += 1

    def count_throttled(self, operation_id: str) -> None:
        """Count an answer of 429."""
        with self._lock:
            self._of(operation_id).throttled += 1

    def _of(self, operation_id: str) -> OperationMetrics:
        return self._operations.setdefault(operation_id, OperationMetrics())
