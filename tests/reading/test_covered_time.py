from __future__ import annotations

import datetime as dt
import io
import random
from contextlib import redirect_stdout
from typing import Any, cast

import pytest

from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.covered_time import ALSO_READ, MAX_VOUCHED, CoveredTime, Vouched
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)
SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "start_date": "2026-11-01T00:00:00Z",
}
START = dt.datetime(2026, 11, 1, tzinfo=dt.timezone.utc)


def day(number: float) -> dt.datetime:
    """Return a day of November, which begins with day 1."""
    return START + dt.timedelta(days=number - 1)


def span(after: float, before: float) -> Window:
    return Window(day(after), day(before))


def stream_with(state: dict[str, Any] | None = None, **settings: Any) -> AmazonStream:
    value = {"bookmarks": {"orders": state}} if state else {}
    tap = TapAmazonSP(config=SETTINGS | settings, state=value, clock=FakeClock())
    return cast("AmazonStream", tap.streams["orders"])


def covered(stream: AmazonStream) -> CoveredTime:
    """Return what the state of a stream says."""
    bookmark = Bookmark(stream)
    return CoveredTime(bookmark, bookmark.starting_point())


def add(time: CoveredTime, *spans: Window, by_report: int | None = None) -> None:
    with redirect_stdout(io.StringIO()):
        for one in spans:
            time.add(one, by_report=by_report)


def again(stream: AmazonStream, **settings: Any) -> CoveredTime:
    """Return what the next run knows."""
    return covered(stream_with(dict(stream.stream_state), **settings))


def test_nothing_is_read_at_first() -> None:
    assert covered(stream_with()).unread(NOW) == [Window(START, NOW)]


def test_what_is_read_in_order_moves_the_bookmark_alone() -> None:
    stream = stream_with()
    add(covered(stream), span(1, 3), span(3, 5))

    assert stream.stream_state["replication_key_value"] == "2026-11-05T00:00:00Z"
    assert ALSO_READ not in stream.stream_state
    assert again(stream).unread(NOW) == [Window(day(5), NOW)]


def test_what_is_read_elsewhere_is_listed_beside_the_bookmark() -> None:
    stream = stream_with()
    add(covered(stream), span(10, 12), span(14, 20), span(1, 2))

    state = stream.stream_state
    assert state["replication_key_value"] == "2026-11-02T00:00:00Z"
    assert state[ALSO_READ] == {
        "beside": "2026-11-02T00:00:00Z",
        "spans": [
            {"after": "2026-11-10T00:00:00Z", "before": "2026-11-12T00:00:00Z"},
            {"after": "2026-11-14T00:00:00Z", "before": "2026-11-20T00:00:00Z"},
        ],
    }
    assert again(stream).unread(NOW) == [Window(day(20), NOW), span(12, 14), span(2, 10)]


def test_a_moment_is_read_before_the_bookmark_and_in_spans() -> None:
    stream = stream_with()
    time = covered(stream)
    add(time, span(10, 12), span(1, 2))
    with redirect_stdout(io.StringIO()):
        time.mark(day(15))

    moments = (-300, 1, 2, 2.5, 9, 10, 11, 12, 13, 15, 16)
    assert [moment for moment in moments if time.has(day(moment))] == [-300, 1, 2, 10, 11, 12]


def test_the_bookmark_jumps_over_what_is_read_when_it_gets_there() -> None:
    stream = stream_with()
    add(covered(stream), span(10, 12), span(14, 20))
    add(again(stream), span(1, 2))
    time = again(stream)
    add(time, span(1, 11))

    assert time.read_to == day(12)
    add(time, span(12, 15))
    assert time.read_to == day(20)
    assert time.unread(NOW) == [Window(day(20), NOW)]


def test_a_mark_lets_the_next_run_begin_with_what_is_new() -> None:
    stream = stream_with()
    with redirect_stdout(io.StringIO()):
        covered(stream).mark(day(15))

    time = again(stream)

    assert stream.stream_state["replication_key_value"] == "2026-11-01T00:00:00Z"
    assert time.unread(NOW) == [Window(day(15), NOW), span(1, 15)]
    assert time.unread(NOW, with_marks=False) == [Window(START, NOW)]
    add(time, Window(day(15), day(18)))
    assert time.unread(NOW) == [Window(day(18), NOW), span(1, 15)]


def test_the_lookback_is_for_the_newest_part_only() -> None:
    stream = stream_with()
    add(covered(stream), span(2, 3), span(5, 6), span(8, 10))

    assert again(stream, lookback="P1D").unread(NOW) == [
        Window(day(9), NOW),
        span(6, 8),
        span(3, 5),
        span(1, 2),
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: found.update(beside="2026-11-03T00:00:00Z"),
        lambda found: found.update(beside=None),
        lambda found: found.pop("beside"),
        lambda found: found.update(spans=5),
        lambda found: found.update(spans=[5]),
        lambda found: found.update(spans=[{"after": "2026-11-10T00:00:00Z"}]),
        lambda found: found["spans"][0].update(before="2026-11-22T00:00:00Z"),
        lambda found: found["spans"][0].update(before="2026-11-09T00:00:00Z"),
        lambda found: found["spans"][0].update(after="yesterday"),
    ],
)
def test_spans_that_cannot_be_believed_are_read_again(spoil: Any) -> None:
    stream = stream_with()
    add(covered(stream), span(10, 12), span(1, 2))
    state = dict(stream.stream_state)
    spoil(state[ALSO_READ])

    assert covered(stream_with(state)).unread(NOW) == [Window(day(2), NOW)]


def test_another_bookmark_takes_the_spans_with_it() -> None:
    # A user sets the bookmark back, to read everything after it again.
    stream = stream_with()
    add(covered(stream), span(10, 12), span(1, 5))
    state = {**stream.stream_state, "replication_key_value": "2026-11-02T00:00:00Z"}

    assert covered(stream_with(state)).unread(NOW) == [Window(day(2), NOW)]


def test_a_full_read_lists_nothing() -> None:
    stream = stream_with()
    add(covered(stream), span(10, 12), span(1, 2))
    stream = stream_with(dict(stream.stream_state))
    stream.forced_replication_method = "FULL_TABLE"

    assert covered(stream).unread(NOW) == [Window(START, NOW)]


def test_what_reports_vouched_for_is_read_again_if_one_is_wrong() -> None:
    stream = stream_with()
    time = covered(stream)
    add(time, span(1, 3))
    add(time, span(9, 10), span(6, 9), by_report=40)
    add(time, span(12, 20))
    stream = stream_with(dict(stream.stream_state))
    time = covered(stream)

    with redirect_stdout(io.StringIO()):
        time.distrust_reports()

    assert time.unread(NOW) == again(stream).unread(NOW) == [Window(day(20), NOW), span(3, 12)]


def test_the_bookmark_goes_back_to_what_reports_vouched_for() -> None:
    stream = stream_with()
    time = covered(stream)
    add(time, span(5, 7), by_report=40)
    add(time, span(1, 5), span(7, 10))
    assert stream.stream_state["replication_key_value"] == "2026-11-10T00:00:00Z"

    with redirect_stdout(io.StringIO()):
        time.distrust_reports()

    assert stream.stream_state["replication_key_value"] == "2026-11-05T00:00:00Z"
    assert again(stream).unread(NOW) == [Window(day(10), NOW), span(5, 7)]


def test_what_is_verified_leaves_no_trace() -> None:
    stream = stream_with()
    time = covered(stream)
    add(time, span(5, 7), by_report=40)
    add(time, span(1, 5), span(7, 10))
    stream = stream_with(dict(stream.stream_state))
    time = covered(stream)

    assert not time.is_fresh
    assert time.by_report == [Vouched(span(5, 7), 40)]
    with redirect_stdout(io.StringIO()):
        time.verify(span(4, 6))
    assert time.by_report == again(stream).by_report == [Vouched(span(6, 7), 20)]
    with redirect_stdout(io.StringIO()):
        time.verify(span(6, 7))
        time.distrust_reports()

    assert ALSO_READ not in stream.stream_state
    assert again(stream).unread(NOW) == [Window(day(10), NOW)]


def test_times_that_touch_are_vouched_for_together() -> None:
    stream = stream_with()
    time = covered(stream)
    add(time, span(5, 7), span(9, 10), span(7, 9), by_report=10)
    add(time, span(2, 3), by_report=0)

    assert again(stream).by_report == [Vouched(span(2, 3), 1), Vouched(span(5, 10), 30)]


@pytest.mark.parametrize("seed", range(20))
def test_the_unread_time_is_what_no_span_covers(seed: int) -> None:
    luck = random.Random(seed)  # noqa: S311 - no secret
    stream = stream_with()
    time = covered(stream)
    hours = set(range(20 * 24))
    for _ in range(30):
        after = luck.randrange(20 * 24)
        before = min(20 * 24, after + luck.randrange(40))
        add(time, Window(START + dt.timedelta(hours=after), START + dt.timedelta(hours=before)))
        hours.difference_update(range(after, before))
        if luck.random() < 0.2:
            stream = stream_with(dict(stream.stream_state))
            time = covered(stream)
    found: set[int] = set()
    for gap in time.unread(day(21)):
        after, before = (
            (moment - START) // dt.timedelta(hours=1) for moment in (gap.after, gap.before)
        )
        assert found.isdisjoint(range(after, before))
        found.update(range(after, before))

    assert found == hours
    assert parse_timestamp(stream.stream_state["replication_key_value"]) == time.read_to


def test_many_times_that_reports_vouch_for_become_fewer() -> None:
    stream = stream_with()
    time = covered(stream)
    for number in range(MAX_VOUCHED + 5):
        add(time, span(1 + number / 10, 1.05 + number / 10), by_report=2)

    found = again(stream).by_report

    assert len(found) == MAX_VOUCHED
    assert found[0].window == Window(day(1), day(1.55))
    assert sum(one.orders for one in found) == 2 * (MAX_VOUCHED + 5)
