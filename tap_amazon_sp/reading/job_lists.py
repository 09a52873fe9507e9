"""Feeds, reports and queries are jobs: created once, worked on by Amazon, then done for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import ClassVar

from tap_amazon_sp.jobs.polling import UNFINISHED_STATUSES
from tap_amazon_sp.reading.stream import Parameters, SellingPartnerStream, chunks
from tap_amazon_sp.reading.windows import WindowedStream


class JobStream(WindowedStream):
    """A list of jobs, found by creation; those still running are read again next time."""

    replication_key = "createdTime"
    updated_after = "createdSince"
    retention = dt.timedelta(days=90)
    # One window: each takes a call per ten types, whatever comes back.
    first_window = longest_window = retention
    unfinished = {"processingStatus": UNFINISHED_STATUSES}


class TypedStream(SellingPartnerStream):
    """A list that Amazon gives by type only, some types a call."""

    types_parameter: ClassVar[str]
    """The parameter that takes the types."""

    types_setting: ClassVar[str]
    """The setting that names the types to list."""

    all_types: ClassVar[Sequence[str]]
    """The types that are listed where the setting names none."""

    def requests(self) -> Iterator[Parameters]:
        """Go through the types, as many at a time as the operation takes."""
        types = self.config.get(self.types_setting) or self.all_types
        parameter = self.operation.parameter(self.types_parameter)
        most = parameter.max_items if parameter else None
        for fixed in super().requests():
            for some_types in chunks(types, most):
                yield fixed | {self.types_parameter: some_types}
