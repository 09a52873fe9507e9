"""The costs of reading: calls, records, waits, retries and 429s of each operation."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from singer_sdk.metrics import Metric, Point, Status, Tag

from tap_amazon_sp.common.counting import counted


@dataclass
class OperationMetrics:
    """Counts of one operation in this run. `waited` is the seconds of waiting for its tokens."""

    calls: int = 0
    records: int = 0
    waited: float = 0.0
    retries: int = 0
    throttled: int = 0

    def __add__(self, other: OperationMetrics) -> OperationMetrics:
        """Return the sums of all counts."""
        return OperationMetrics(
            *(
                getattr(self, count.name) + getattr(other, count.name)
                for count in dataclasses.fields(self)
            )
        )

    def points(self, operation_id: str) -> Iterator[Point[float]]:
        """Yield the counts that are not zero as Singer metrics.

        Records are left out: the SDK counts them by stream.
        """
        endpoint: dict[str, Any] = {Tag.ENDPOINT: operation_id}
        counts: list[tuple[float, str, Metric, dict[str, Any]]] = [
            (self.calls, "counter", Metric.HTTP_REQUEST_COUNT, {}),
            (self.retries, "counter", Metric.HTTP_REQUEST_COUNT, {Tag.STATUS: Status.FAILED}),
            (self.throttled, "counter", Metric.HTTP_REQUEST_COUNT, {Tag.HTTP_STATUS_CODE: 429}),
            (self.waited, "timer", Metric.JOB_DURATION, {Tag.JOB_TYPE: "wait for rate limit"}),
        ]
        for value, kind, metric, tags in counts:
            if value:
                yield Point(kind, metric, value, {**endpoint, **tags})

    def __str__(self) -> str:
        """Return the counts as one readable line."""
        return (
            f"{counted(self.calls, 'call')}, {counted(self.records, 'record')}, "
            f"{self.waited:.1f} s waited for the rate limit, "
            f"{counted(self.retries, 'retry', 'retries')}, "
            f"{counted(self.throttled, 'answer')} of 429"
        )


class Metrics:
    """The counts of all operations of one account. It may be used from many threads."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._lock = threading.Lock()
        self._operations: dict[str, OperationMetrics] = {}

    def __iter__(self) -> Iterator[tuple[str, OperationMetrics]]:
        """Yield each operation's id and counts, in the order of first use."""
        with self._lock:
            return iter(list(self._operations.items()))

    def count_call(self, operation_id: str) -> None:
        """Count a request that is sent."""
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


def total(accounts: Iterable[Metrics]) -> Iterator[tuple[str, OperationMetrics]]:
    """Yield each operation's id and the sums of its counts over all accounts."""
    sums: dict[str, OperationMetrics] = {}
    for metrics in accounts:
        for operation_id, counts in metrics:
            sums[operation_id] = sums.get(operation_id, OperationMetrics()) + counts
    yield from sums.items()
