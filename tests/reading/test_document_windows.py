"""Plans of windows: the windows that a run reads, by the rules of a type and the state."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.reading.document_windows import (
    DEFAULT_STRETCH,
    LONG_WINDOW,
    DocumentPlan,
    RunStart,
    WindowRules,
)

NOW = parse_timestamp("2026-11-21T12:00:00.25Z")
END = parse_timestamp("2026-11-21T11:58:00Z")
MONTHS = WindowRules(window=Period("MONTH"), only_whole=True, starts_with_whole=True)


def run(start: str | None = None, **about: object) -> RunStart:
    start_date = None if start is None else parse_timestamp(start)
    return replace(RunStart(now=NOW, start_date=start_date), **about)  # type: ignore[arg-type]


def written(plan: DocumentPlan) -> list[tuple[str, str]]:
    return [(format_timestamp(one.after), format_timestamp(one.before)) for one in plan.windows]


def test_the_last_window_ends_two_minutes_ago() -> None:
    plan = DocumentPlan(WindowRules(), run("2026-11-20T06:00:00Z"))

    assert written(plan) == [
        ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
        ("2026-11-21T00:00:00Z", "2026-11-21T11:58:00Z"),
    ]
    assert plan.end == END


def test_a_window_ends_as_long_ago_as_amazon_requires() -> None:
    plan = DocumentPlan(WindowRules(ends_before=dt.timedelta(hours=3)), run("2026-11-21"))

    assert plan.windows[-1].before == NOW - dt.timedelta(hours=3)


def test_only_whole_windows_are_read_where_the_type_counts_in_periods() -> None:
    assert written(DocumentPlan(MONTHS, run("2026-09-10"))) == [
        ("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"),
        ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
    ]


def test_without_a_start_date_a_month_is_read_or_the_last_whole_period() -> None:
    days, quarters = WindowRules(window=Period("DAY")), replace(MONTHS, window=Period("QUARTER"))

    assert DocumentPlan(days, run()).default_start == parse_timestamp("2026-10-22")
    assert written(DocumentPlan(quarters, run())) == [
        ("2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z")
    ]
    assert DocumentPlan(days, run("2026-11-01")).default_start is None
    assert dt.timedelta(days=30) == DEFAULT_STRETCH


def test_old_data_is_read_in_long_windows_and_days_begin_at_the_same_moment_again() -> None:
    first = DocumentPlan(WindowRules(), run("2026-07-01"))
    later = RunStart(
        now=NOW + 60 * DAY, bookmark=first.end, days_from=first.days_from, lookback=DAY
    )
    second = DocumentPlan(WindowRules(), later)

    assert {one.length for one in first.windows[:-1]} == {LONG_WINDOW.longest, DAY}
    assert second.days_from == first.days_from
    assert {one.length for one in second.windows[:-1]} == {DAY}
    assert format_timestamp(second.windows[0].after) == "2026-11-20T00:00:00Z"


def test_a_run_without_a_state_reads_long_windows_only() -> None:
    plan = DocumentPlan(WindowRules(), run("2026-07-01", is_incremental=False))

    assert {one.length for one in plan.windows[:-1]} == {LONG_WINDOW.longest}
    assert plan.days_from is None


@pytest.mark.parametrize(
    ("window", "first"),
    [
        # The days of the part of a long window that Amazon still keeps.
        (None, "2026-10-13T00:00:00Z"),
        # If the length is set, only whole windows are read.
        (Period("MONTH"), "2026-11-01T00:00:00Z"),
    ],
)
def test_nothing_is_read_that_amazon_no_longer_keeps(window: Period | None, first: str) -> None:
    rules = WindowRules(window=window, history=40 * DAY)

    plan = DocumentPlan(rules, run("2026-01-01"))

    assert written(plan)[0][0] == first


def test_a_pending_part_of_a_window_is_read_before_the_whole() -> None:
    part = Window(parse_timestamp("2026-11-21"), parse_timestamp("2026-11-21T03:00:00Z"))
    other = Window(parse_timestamp("2026-11-20"), parse_timestamp("2026-11-20T03:00:00Z"))

    plan = DocumentPlan(WindowRules(), run("2026-11-21", pending=[part, other]))

    assert plan.windows == (part, Window(part.after, END))


def test_nothing_newer_is_read_while_amazon_makes_nothing_newer() -> None:
    rules = WindowRules(interval=dt.timedelta(hours=2))
    recent, old = (END - dt.timedelta(hours=hours) for hours in (1, 3))

    assert DocumentPlan(rules, run(bookmark=recent)).windows == ()
    assert len(DocumentPlan(rules, run(bookmark=old)).windows) == 1


def test_a_single_request_is_one_window_once_it_is_over() -> None:
    only = Window(parse_timestamp("2026-11-01T05:00:00Z"), parse_timestamp("2026-11-20"))
    rules = WindowRules(one_request=only)
    dates: dict[str, Any] = {"start_date": only.after, "end_date": only.before}

    assert DocumentPlan(rules, run(**dates)).windows == (only,)
    assert DocumentPlan(rules, run(**dates, bookmark=only.before)).windows == ()
    assert DocumentPlan(rules, run(**dates, now=only.before)).windows == ()


def test_a_single_request_is_cut_where_amazon_no_longer_keeps_its_beginning() -> None:
    only = Window(parse_timestamp("2026-01-01"), parse_timestamp("2026-11-20"))
    rules = WindowRules(one_request=only, history=40 * DAY)

    plan = DocumentPlan(rules, run(start_date=only.after, end_date=only.before))

    assert written(plan) == [("2026-10-13T00:00:00Z", "2026-11-20T00:00:00Z")]
    assert plan.kept_from == plan.windows[0].after


@pytest.mark.parametrize(
    ("rules", "start", "reason"),
    [
        (WindowRules(), run(bookmark=END), "yet: all is read up to 2026-11-21T11:58:00Z"),
        (WindowRules(), run("2026-12-01"), "yet: it starts on 2026-12-01T00:00:00Z"),
        (
            WindowRules(window=Period(45 * DAY), only_whole=True),
            run("2026-11-20"),
            "yet: no window of 45 days since 2026-11-20T00:00:00Z is over",
        ),
        (MONTHS, run("2026-11-05"), "yet: no MONTH since 2026-11-05T00:00:00Z is over"),
        (
            WindowRules(one_request=Window(NOW - DAY, NOW + DAY)),
            run("2026-11-01", end_date=NOW + DAY),
            "yet: it ends on 2026-11-22T12:00:00.250000Z",
        ),
        (
            WindowRules(history=10 * DAY),
            run("2026-01-01", end_date=NOW - 20 * DAY),
            (
                "up to 2026-11-01T12:00:00.250000Z: Amazon keeps these data since "
                "2026-11-12T00:00:00Z only"
            ),
        ),
        (
            WindowRules(
                window=Period("DAY"),
                only_whole=True,
                one_request=Window(parse_timestamp("2021-06-11"), parse_timestamp("2021-06-12")),
                history=730 * DAY,
            ),
            run("2021-06-11", end_date=parse_timestamp("2021-06-12")),
            "up to 2021-06-12T00:00:00Z: Amazon keeps these data since 2024-11-22T00:00:00Z only",
        ),
        (
            MONTHS,
            run("2026-09-05", end_date=parse_timestamp("2026-09-20")),
            "at all: no MONTH since 2026-09-05T00:00:00Z ends by 2026-09-20T00:00:00Z",
        ),
        (
            WindowRules(window=Period(45 * DAY), only_whole=True),
            run("2026-11-01", end_date=parse_timestamp("2026-11-20")),
            (
                "at all: no window of 45 days since 2026-11-01T00:00:00Z ends by "
                "2026-11-20T00:00:00Z"
            ),
        ),
    ],
)
def test_a_plan_without_windows_says_why(rules: WindowRules, start: RunStart, reason: str) -> None:
    plan = DocumentPlan(rules, start)

    assert plan.windows == ()
    assert plan.why_empty() == reason


@pytest.mark.parametrize(
    ("start", "kept_from"),
    [
        (run("2020-01-01"), "2026-11-12"),
        # After a long pause.
        (run("2020-01-01", bookmark=parse_timestamp("2026-10-01")), "2026-11-12"),
        (run("2020-01-01", bookmark=parse_timestamp("2026-11-20")), None),
        (run("2026-11-15"), None),
        # Nobody asked for what is older.
        (run(), None),
    ],
)
def test_a_plan_says_what_amazon_no_longer_keeps(start: RunStart, kept_from: str | None) -> None:
    plan = DocumentPlan(WindowRules(history=10 * DAY), start)

    assert plan.windows
    assert plan.kept_from == (None if kept_from is None else parse_timestamp(kept_from))
    assert plan.oldest == parse_timestamp("2026-11-12")
    assert not plan.is_too_old
