from __future__ import annotations

import datetime as dt
import itertools

import pytest

from tap_amazon_sp.common.periods import CALENDAR, Period
from tap_amazon_sp.common.timestamps import UTC, format_timestamp, parse_timestamp
from tap_amazon_sp.common.windows import DAY, Window

HOUR = dt.timedelta(hours=1)
PERIODS = [
    *map(Period, CALENDAR),
    *(
        Period(dt.timedelta(**length))
        for length in ({"minutes": 1}, {"hours": 6}, {"days": 1}, {"days": 7}, {"days": 30})
    ),
]
MOMENTS = [
    dt.datetime(2023, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    dt.datetime(2024, 1, 1, tzinfo=UTC),
    # The last day of a February that is longer.
    dt.datetime(2024, 2, 29, 12, tzinfo=UTC),
    dt.datetime(2024, 12, 31, 7, 30, tzinfo=UTC),
    dt.datetime(2025, 3, 30, 1, 30, tzinfo=UTC),
    # A Saturday, and the Sunday after it.
    dt.datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC),
    dt.datetime(2026, 11, 22, tzinfo=UTC),
    dt.datetime(1969, 12, 31, 12, tzinfo=UTC),
]


def moment(text: str) -> dt.datetime:
    return parse_timestamp(text)


def written(window: Window) -> tuple[str, str]:
    return format_timestamp(window.after), format_timestamp(window.before)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DAY", Period("DAY")),
        ("week", Period("WEEK")),
        (" Month ", Period("MONTH")),
        ("QUARTER", Period("QUARTER")),
        ("YEAR", Period("YEAR")),
        ("PT6H", Period(6 * HOUR)),
        ("P7D", Period(7 * DAY)),
        ("P2W", Period(14 * DAY)),
        ("PT1M", Period(HOUR / 60)),
        # The same length as a day.
        ("P1D", Period("DAY")),
        ("PT24H", Period("DAY")),
    ],
)
def test_a_period_is_read(text: str, expected: Period) -> None:
    assert Period.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "FORTNIGHT", "P1M", "P1Y", "7 days", "P", "PT", "PT0S", "PT59S", "P0D", "P11W1Y"]
)
def test_what_is_not_a_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"too short|ISO 8601"):
        Period.parse(text)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_every_moment_lies_in_one_period(period: Period, moment: dt.datetime) -> None:
    start = period.start_around(moment)
    end = period.end_after(start)

    assert start <= moment < end
    assert period.start_around(start) == start
    assert period.start_around(end) == end
    assert period.start_around(end - dt.timedelta(microseconds=1)) == start
    assert end - start <= period.longest


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("DAY", "2026-11-21T00:00:00Z"),
        # A Sunday.
        ("WEEK", "2026-11-15T00:00:00Z"),
        ("MONTH", "2026-11-01T00:00:00Z"),
        ("QUARTER", "2026-10-01T00:00:00Z"),
        ("YEAR", "2026-01-01T00:00:00Z"),
    ],
)
def test_periods_of_the_calendar_begin_when_amazons_do(name: str, start: str) -> None:
    assert Period(name).start_around(moment("2026-11-21T23:59:59Z")) == moment(start)


@pytest.mark.parametrize(
    ("name", "days"), [("DAY", 1), ("WEEK", 7), ("MONTH", 31), ("QUARTER", 92), ("YEAR", 366)]
)
def test_the_longest_period_of_the_calendar_is_known(name: str, days: int) -> None:
    period = Period(name)
    starts = [period.start_around(moment("2020-01-01") + number * DAY) for number in range(1500)]

    assert max(period.end_after(start) - start for start in starts) == days * DAY == period.longest


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("start", MOMENTS[:-1])
@pytest.mark.parametrize("length", [HOUR / 30, 5 * HOUR, 3 * DAY, 45 * DAY, 400 * DAY])
def test_windows_follow_one_another_on_a_fixed_grid(
    period: Period, start: dt.datetime, length: dt.timedelta
) -> None:
    end = start + length
    # There are many windows of a minute.
    windows = list(itertools.islice(period.windows(start, end), 5000))
    whole = list(itertools.islice(period.windows(start, end, whole=True), 5000))

    assert windows[0].after == period.start_around(start)
    assert all(one.before == other.after for one, other in itertools.pairwise(windows))
    assert all(period.start_around(window.after) == window.after for window in windows)
    assert all(window.after < window.before <= end for window in windows)
    if len(windows) < 5000:
        assert windows[-1].before == end
        assert whole == [one for one in windows if period.end_after(one.after) == one.before]


def test_a_time_that_is_read_again_is_read_in_the_same_pieces() -> None:
    period = Period(6 * HOUR)
    first = list(period.windows(moment("2026-11-20T01:00:00Z"), moment("2026-11-21T03:00:00Z")))

    again = list(period.windows(moment("2026-11-20T14:00:00Z"), moment("2026-11-21T04:00:00Z")))

    assert [written(window) for window in first[-2:]] == [
        ("2026-11-20T18:00:00Z", "2026-11-21T00:00:00Z"),
        ("2026-11-21T00:00:00Z", "2026-11-21T03:00:00Z"),
    ]
    assert [window.after for window in again] == [window.after for window in first[-3:]]


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("too_late", [dt.timedelta(0), HOUR / 60, 3 * DAY])
def test_an_empty_time_has_no_windows(period: Period, too_late: dt.timedelta) -> None:
    # Not even the window around its start: everything up to its end is read.
    end = moment("2026-11-21T12:00:30Z")

    assert list(period.windows(end + too_late, end)) == []


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ("DAY", ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]),
        ("WEEK", ["WEEK"]),
        ("MONTH", ["MONTH", "QUARTER", "YEAR"]),
        ("QUARTER", ["QUARTER", "YEAR"]),
        ("YEAR", ["YEAR"]),
    ],
)
def test_periods_know_the_periods_they_consist_of(inner: str, outer: list[str]) -> None:
    assert [name for name in CALENDAR if Period(name).is_made_of(inner)] == outer


def test_periods_of_one_length_consist_of_whole_days_at_most() -> None:
    assert Period(7 * DAY).is_made_of("DAY")
    # It begins on a Thursday, as 1970 did.
    assert not Period(7 * DAY).is_made_of("WEEK")
    assert not Period(36 * HOUR).is_made_of("DAY")
