"""Runs for the tests of the timeline."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tap_amazon_sp.timeline.model import Call, Job, Operation, ReadTo, Run, Stream, Wait

NOON = dt.datetime(2026, 11, 28, 12, tzinfo=dt.timezone.utc)
SEARCH = "orders_2026-01-01.searchOrders"
REPORT = "GET_SALES_AND_TRAFFIC_REPORT"


def at(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


def call(begun: float, ended: float, status: int | None = 200) -> Call:
    return Call(at(begun), at(ended), status)


def wait(begun: float, ended: float, reason: str = "rate limit") -> Wait:
    return Wait(at(begun), at(ended), reason)


def job(  # noqa: PLR0913 - a time for each stage
    queued: float | None = None,
    submitted: float | None = None,
    processing: float | None = None,
    finished: float | None = None,
    read: float | None = None,
    *,
    outcome: str = "DONE",
) -> Job:
    """A report, with the second of each of its stages."""

    def moment(seconds: float | None) -> dt.datetime | None:
        return None if seconds is None else at(seconds)

    return Job(
        REPORT,
        "",
        "report",
        moment(queued),
        moment(submitted),
        moment(processing),
        moment(finished),
        moment(read),
        outcome,
    )


def run_of(seconds: float = 100.0, **changes: Any) -> Run:
    """A run with something of everything, unless changed."""
    values: dict[str, Any] = {
        "begun": NOON,
        "ended": at(seconds),
        "version": "1.2.3",
        "exact": True,
        "finished": True,
        "operations": (
            Operation(
                SEARCH,
                "",
                calls=(call(0, 1), call(21, 22, 429), call(40, 41), call(50, 52, None)),
                waits=(wait(1, 21), wait(22, 40, "refused"), wait(52, 60, "failed")),
            ),
        ),
        "streams": (
            Stream(
                "orders",
                "",
                at(0),
                at(60),
                200,
                "done",
                (ReadTo(at(1), NOON - dt.timedelta(days=9)), ReadTo(at(41), NOON)),
            ),
            Stream("feeds", "", at(0), at(1), 0, "failed"),
            Stream("late", "", at(60), None, None, "unknown"),
        ),
        "jobs": (
            job(0, 5, 20, 80, 90),
            job(0, 6, None, 70, outcome="FATAL"),
            job(1, 8),
        ),
    }
    return Run(**values | changes)
