"""What a stream would read in a run, and how many calls that takes.

Nothing here makes a request.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.common.windows import Window

Certainty = Literal["exactly", "at least", "about", "at most"]
"""How certain a number of calls is. Calls that fail and are repeated are not counted."""

FOR_EACH_MARKETPLACE = "1 for each marketplace"


@dataclass(frozen=True)
class PlannedJob:
    """A report or query that would be submitted. Streams with equal jobs share them.

    Attributes:
        kind: The type of the report; `Data Kiosk query` for a query.
        subject: Identifies the request without its time.
        window: The time of its data; None for the current state.
        may_exist: Whether it is not submitted if Amazon has such a report already.
    """

    kind: str
    subject: str
    window: Window | None
    may_exist: bool = False


@dataclass(frozen=True)
class StreamPlan:
    """What a stream would read.

    Attributes:
        how: How it is read, in a few words.
        operation: The operation whose calls are counted.
        calls: The number of calls that the stream takes.
        certainty: How certain this number is.
        further: What takes further calls, such as `1 for each further 100 records`; None if
            nothing does.
        start: Beginning of the time to read; None if the stream is not read by time.
        end: End of that time.
        records: How many records there are, if Amazon was asked.
        jobs: The reports or queries that would be submitted; streams may share some.
    """

    how: str
    operation: Operation
    calls: int
    certainty: Certainty = "at least"
    further: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    records: int | None = None
    jobs: frozenset[PlannedJob] = frozenset()

    @property
    def is_of_later(self) -> bool:
        """Whether the time begins after its end, such as in the future: nothing is read."""
        return self.start is not None and self.end is not None and self.start > self.end


_CERTAINTIES: Sequence[Certainty] = ("exactly", "at least", "at most", "about")


def together(plans: Sequence[StreamPlan]) -> StreamPlan:
    """Return the plans for several times of one stream as one; the earliest is the first."""
    first, last = plans[0], plans[-1]
    records = [plan.records for plan in plans if plan.records is not None]
    return replace(
        first,
        calls=sum(plan.calls for plan in plans),
        certainty=max((plan.certainty for plan in plans), key=_CERTAINTIES.index),
        further=joined(*dict.fromkeys(plan.further for plan in plans)),
        end=last.end,
        records=sum(records) if records else None,
    )


def plan_of_requests(
    how: str, operation: Operation, requests: Sequence[Mapping[str, Any]] | None
) -> StreamPlan:
    """Return the plan of a stream that makes the same requests in every run.

    Args:
        how: How it is read.
        operation: What is called.
        requests: The parameters of each request; None if only a call would tell the marketplaces.
    """
    if requests is None:
        further = joined(FOR_EACH_MARKETPLACE, further_pages(operation, {}))
        return StreamPlan(how, operation, 1, further=further)
    further = further_pages(operation, requests[0]) if requests else None
    return StreamPlan(how, operation, len(requests), "at least" if further else "exactly", further)


def further_pages(operation: Operation, request: Mapping[str, Any]) -> str | None:
    """Return what takes the further pages of a request; None if an answer has all records."""
    if operation.paging is None and operation.is_known:
        return None
    size = page_size(operation, request)
    return "1 for each further page" if size is None else f"1 for each further {size:,} records"


def page_size(operation: Operation, request: Mapping[str, Any]) -> int | None:
    """Return how many records a page of a request has at most; None if that is not known."""
    for name, largest in operation.largest_page.items():
        size = request.get(name, largest)
        return size if isinstance(size, int) else largest
    return None


def pages_of(records: float, size: int) -> int:
    """Return the number of full pages for so many records; an answer without any is a page."""
    return max(1, math.ceil(round(records) / size))


def joined(*further: str | None) -> str | None:
    """Return several reasons for further calls as one; None if there are none."""
    return ", ".join(filter(None, further)) or None
