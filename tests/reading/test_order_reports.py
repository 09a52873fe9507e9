from __future__ import annotations

import datetime as dt
import itertools

from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.reading.order_reports import BY_LAST_UPDATE, report_windows

START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
KIND = report_type(BY_LAST_UPDATE)


def test_a_time_is_cut_into_windows_as_long_as_amazon_allows() -> None:
    windows = report_windows(Window(START, START + 75 * DAY), KIND)

    assert [window.length / DAY for window in windows] == [30, 30, 15]
    assert windows[0].after == START
    assert windows[-1].before == START + 75 * DAY
    assert all(one.before == other.after for one, other in itertools.pairwise(windows))


def test_a_short_time_takes_one_report() -> None:
    time = Window(START, START + DAY)

    assert report_windows(time, KIND) == [time]
    assert report_windows(Window(START, START), KIND) == []


def test_windows_begin_with_a_whole_second() -> None:
    after = START.replace(microsecond=300_000)

    (window,) = report_windows(Window(after, START + DAY), KIND)

    assert window.after == START
