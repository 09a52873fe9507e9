"""Feeds and reports are jobs: created once, worked on by Amazon, then done for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from tap_amazon_sp.streams.base import WindowedStream, chunks

UNFINISHED_STATUSES = frozenset({"IN_QUEUE", "IN_PROGRESS"})
"""Processing statuses that Amazon still changes (models of Feeds and Reports)."""


class JobStream(WindowedStream):
    """A list of jobs, found by their creation; those still running are read again next time."""

    replication_key = "createdTime"
    updated_after = "createdSince"
    retention = dt.timedelta(days=90)
    # One window: each takes a call per ten types, whatever comes back.
    first_window = longest_window = retention
    unfinished = {"processingStatus": UNFINISHED_STATUSES}  # noqa: RUF012 - never changed

    def parameters_by_type(self, name: str, types: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Give the parameters of the calls that go through all types.

        Args:
            name: The parameter that takes the types; the catalogue knows how many at once.
            types: The types.
        """
        parameter = self.operation.parameter(name)
        most = parameter.max_items if parameter else None
        for fixed in super().fixed_parameters():
            for some_types in chunks(types, most):
                yield fixed | {name: some_types}
