"""The calls of a stream that is read by time, before a run makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.counts import COUNTED, DailyCounts
from tap_amazon_sp.reading.plan import (
    FOR_EACH_MARKETPLACE,
    Certainty,
    StreamPlan,
    further_pages,
    joined,
    page_size,
    pages_of,
)

if TYPE_CHECKING:
    from tap_amazon_sp.reading.counts import Counts
    from tap_amazon_sp.reading.reader import Parameters
    from tap_amazon_sp.reading.window_reader import WindowReader


def plan_of_windows(
    reader: WindowReader, counts: Counts | None, *, time: Window | None = None
) -> StreamPlan:
    """Return the time that a stream would read, with the calls of its windows.

    Without counts, each request has one page. That is the least: more pages make windows shorter.

    Args:
        reader: The reader of the stream.
        counts: Asks Amazon how many records there are; None makes no request.
        time: The time to read; by default, what follows the bookmark.

    Raises:
        SettingsError, SellingPartnerError: As `Reader.plan`.
    """
    operation = reader.stream.operation
    start, end = reader.span() if time is None else (time.after, time.before)
    if start >= end:
        return StreamPlan(reader.how, operation, 0, "exactly", start=start, end=end)
    time = Window(start, end)
    if counts is not None and operation.id in COUNTED:
        counted = counts.orders(time)
        calls, _ = _calls(reader, time, counted)
        records = round(counted.between(time))
        return StreamPlan(reader.how, operation, calls, "about", None, start, end, records)
    calls, request = _calls(reader, time, None)
    further = further_pages(operation, request)
    if reader.read.request_per_day:
        further = joined("1 for each day of a window with records", further)
    if not reader.knows_marketplaces:
        further = joined(FOR_EACH_MARKETPLACE, further)
    certainty: Certainty = "at least" if further else "exactly"
    return StreamPlan(reader.how, operation, calls, certainty, further, start, end)


def _calls(
    reader: WindowReader, time: Window, counted: DailyCounts | None
) -> tuple[int, Parameters]:
    """Return the number of calls for a time, and one of its requests."""
    plan, opened = reader.windows_of(time.after, time.before)
    calls = 0
    request: Parameters = {}
    while (window := plan.current()) is not None:
        requests = [*reader.least_requests(window)] if reader.knows_marketplaces else [{}]
        request = requests[0] if requests else request
        number, _ = reader.beginning_of(opened, requests)
        further = 0
        if counted is not None and opened is None:
            size = page_size(reader.stream.operation, request) or 1
            further = max(0, pages_of(counted.between(window), size) - len(requests))
        calls += len(requests) - number + further
        plan.finish(window, 1 + further)
        opened = None
    return calls, request
