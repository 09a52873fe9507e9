from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.amazon.metrics import OperationMetrics
from tap_amazon_sp.timeline.model import Call, Job, Operation, ReadTo, Run, Stream, Wait
from tap_amazon_sp.timeline.reading import NoTimelineError, read_run
from tests.timeline.runs import NOON, REPORT, SEARCH, at

SPAN = "from 2026-11-25T00:00:00Z to 2026-11-25T23:59:59Z, ATVPDKIKX0DER"
OTHER = "GET_MERCHANT_LISTINGS_ALL_DATA"
COSTS = "1,234 calls, 300 records, 0.0 s waited for the rate limit, 0 retries, 1 answers of 429"
END = (
    "5,000 records, 9,236 of order_items, 7 of order_notes, read to 2026-11-28T10:05:00Z, "
    "4 of 4 reports, calls: 54 of searchOrders and 7 of getNotes"
)


def log_of(*sentences: tuple[float, str]) -> list[str]:
    return [f"{at(second).isoformat()} [info     ] tap {text}\n" for second, text in sentences]


def job_as_told(
    kind: str, submitted: dt.datetime, finished: dt.datetime | None = None, outcome: str = ""
) -> Job:
    return Job(kind, "", "", None, submitted, None, finished, None, outcome)


BEGIN = (
    (0, "tap-amazon-sp v1.2.3, Meltano SDK v0.54.9"),
    (1, "Reading 7 of 119 streams of 2 accounts"),
    (1, "Beginning sync of 'orders of shop: new' in incremental mode"),
)


def run_of(*sentences: tuple[float, str]) -> Run:
    return read_run(log_of(*BEGIN, *sentences))


def test_a_stream_with_a_child() -> None:
    run = run_of(
        (61, "orders of shop: new: 1,649 records, read to 2026-11-27T00:00:00Z, about 26 %"),
        (99, f"orders of shop: new: done after 1 min: {END}"),
        (100, f"{SEARCH}: {COSTS}"),
    )

    times = at(1), at(99)
    readings = ReadTo(at(61), at(-36 * 3600)), ReadTo(at(99), at(-6900))
    assert (run.begun, run.ended, run.version) == (at(1), at(100), "1.2.3")
    assert (run.exact, run.finished) == (False, True)
    assert run.streams == (
        Stream("orders", "shop: new", *times, 5000, "done", readings),
        Stream("order_items", "shop: new", *times, 9236, "done"),
        Stream("order_notes", "shop: new", *times, 7, "done"),
    )


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        (
            [
                "Stream 'orders of shop: new' failed: HTTP 403",
                "orders of shop: new: failed after 2 s: 1 record",
            ],
            (1, "failed"),
        ),
        (["Stream 'orders of shop: new' failed: HTTP 403"], (None, "failed")),
        (["Stopped by signal 15. Give the last STATE to the next run"], (None, "stopped")),
        (
            [
                "orders of shop: new: stopped after 2 s: 4 records",
                "Stopped by signal 15. Give the last STATE to the next run",
            ],
            (4, "stopped"),
        ),
        ([], (None, "unknown")),
    ],
)
def test_streams_that_are_not_done(sentences: list[str], expected: tuple[Any, str]) -> None:
    run = run_of(*((3, sentence) for sentence in sentences))

    (stream,) = run.streams
    assert (stream.records, stream.outcome) == expected
    assert run.finished == (stream.outcome == "stopped")


def test_calls_that_are_told_and_those_that_are_only_counted() -> None:
    run = run_of(
        (2, f"{SEARCH}: waiting 179 seconds for the rate limit of 0.0056 calls a second"),
        (181, f"{SEARCH}: HTTP 429, waiting for a new token"),
        (
            190,
            f"{SEARCH}: HTTP 503 No: It is. (id 1). Trying again in 1.5 seconds (try 2 of 7)",
        ),
        (192, f"account 'b', {SEARCH}: no answer. Trying again in 0.5 seconds (try 3 of 7)"),
        (200, f"{SEARCH}: {COSTS}"),
    )

    own = Operation(
        SEARCH,
        "",
        calls=(Call(at(181), at(181), 429), Call(at(190), at(190), 503)),
        waits=(Wait(at(2), at(181), "rate limit"), Wait(at(190), at(191.5), "failed")),
        calls_left_out=1231,
    )
    of_b = Call(at(192), at(192), None)
    other = Operation(SEARCH, "b", (of_b,), (Wait(at(192), at(192.5), "failed"),))
    assert run.operations == (own, other)


@pytest.mark.parametrize("number", [1, 2, 1234])
def test_the_costs_of_an_operation_end_the_run_and_count_its_calls(number: int) -> None:
    run = run_of((5, f"{SEARCH}: {OperationMetrics(calls=number)}"))

    assert run.operations == (Operation(SEARCH, "", (), (), calls_left_out=number),)
    assert run.finished


def test_reports_and_queries() -> None:
    run = run_of(
        (2, f"Report 500 requested: {REPORT} {SPAN}"),
        (3, "Query 600 requested: Data Kiosk query from 2026-11-25T00:00:00Z (a further page)"),
        (4, f"Report 501 exists already: {OTHER}, ATVPDKIKX0DER"),
        (9, f"Report 500: FATAL after 7 seconds: {REPORT} {SPAN}"),
        # Its beginning is not in the log.
        (9, f"Report 400: DONE after 9 seconds: {REPORT} {SPAN}"),
    )

    assert run.jobs == (
        job_as_told(REPORT, at(2), at(9), "FATAL"),
        job_as_told("Data Kiosk query", at(3)),
        job_as_told(OTHER, at(4)),
        job_as_told(REPORT, NOON, at(9), "DONE"),
    )


def test_each_run_begins_with_its_sentence() -> None:
    lines = [
        *log_of(*BEGIN, (5, f"{SEARCH}: {COSTS}")),
        *log_of((10, "tap-amazon-sp v1.3.0, Meltano SDK v0.54.9"), (11, "Reading 1 of 9 streams")),
    ]

    first, last = read_run(lines, number=1), read_run(lines)
    assert (first.version, first.finished, len(first.streams)) == ("1.2.3", True, 1)
    assert (last.version, last.finished, last.begun) == ("1.3.0", False, at(11))


@pytest.mark.parametrize(
    "sentence",
    [
        "orders: 5 records, read to never.Z",
        f"{SEARCH}: x. Trying again in 1.2.3 seconds (try 2 of 7)",
        "Report 1: DONE after 99999999999999999999 seconds: A, B",
        "Report 1: DONE after -1 seconds: A, B",
    ],
)
def test_what_only_looks_like_a_sentence_of_the_tap_is_ignored(sentence: str) -> None:
    run = run_of((2, sentence))

    assert not run.jobs
    assert [(stream.name, stream.readings) for stream in run.streams] == [("orders", ())]


def test_a_log_without_times_is_refused() -> None:
    with pytest.raises(NoTimelineError, match="no lines of the tap's log with their times"):
        read_run(["Reading 7 of 119 streams\n", f"{SEARCH}: {COSTS}\n"])
