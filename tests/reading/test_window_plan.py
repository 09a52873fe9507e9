from __future__ import annotations

import datetime as dt
from itertools import pairwise

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.window_plan import MAX_UNSAVED, PAGES_PER_SAVE, SavePace, WindowPlan
from tests.fake_clock import FakeClock

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)


def plan(days: float, *, first: dt.timedelta = DAY, longest: dt.timedelta = 30 * DAY) -> WindowPlan:
    return WindowPlan(START, START + days * DAY, first=first, shortest=HOUR, longest=longest)


def read(window_plan: WindowPlan, pages: int) -> list[Window]:
    windows = []
    while (window := window_plan.current()) is not None:
        windows.append(window)
        window_plan.finish(window, pages)
    return windows


def test_windows_cover_the_time_without_gap_or_overlap() -> None:
    windows = read(plan(100), pages=3)

    assert windows[0].after == START
    assert windows[-1].before == START + 100 * DAY
    assert all(one.before == two.after for one, two in pairwise(windows))


def test_a_quiet_time_takes_few_windows() -> None:
    windows = read(plan(730), pages=1)

    assert len(windows) < 30
    assert max(window.length for window in windows) == 30 * DAY


def test_a_busy_time_is_cut_into_short_windows() -> None:
    windows = read(plan(10), pages=50)

    assert windows[1].length < windows[0].length
    assert min(window.length for window in windows[:-1]) == HOUR


def test_windows_settle_at_the_target_number_of_pages() -> None:
    windows = read(plan(20), pages=5)

    assert {window.length for window in windows} == {DAY}


def test_no_window_is_longer_than_amazon_allows() -> None:
    windows = read(plan(100, first=7 * DAY, longest=7 * DAY), pages=1)

    assert max(window.length for window in windows) == 7 * DAY


def test_the_last_window_covers_the_rest() -> None:
    (window,) = read(plan(1 / 1440), pages=1)

    assert window.length == dt.timedelta(minutes=1)


def test_there_is_nothing_to_read_before_the_start() -> None:
    assert plan(-1).current() is None


def test_a_window_that_cannot_be_read_is_halved_and_later_ones_stay_short() -> None:
    window_plan = plan(10, first=4 * DAY)
    window = window_plan.current()
    assert window is not None

    assert window_plan.shorten(window)

    again = window_plan.current()
    assert again is not None
    assert (again.after, again.length) == (window.after, 2 * DAY)
    window_plan.finish(again, pages=1)
    following = window_plan.current()
    assert following is not None
    assert (following.after, following.length) == (again.before, 2 * DAY)


def test_a_window_of_a_minute_is_not_shortened_further() -> None:
    window_plan = plan(1 / 1440)
    window = window_plan.current()
    assert window is not None

    assert not window_plan.shorten(window)
    assert window_plan.current() == window


def test_a_window_with_too_many_records_is_halved_alone() -> None:
    window_plan = plan(100, first=8 * DAY)
    window = window_plan.current()
    assert window is not None

    assert window_plan.halve(window)

    half = window_plan.current()
    assert half is not None
    assert half.length == 4 * DAY
    window_plan.finish(half, 1)
    longer = window_plan.current()
    assert longer is not None
    assert longer.length == 16 * DAY


def test_whole_days_begin_and_end_at_midnight_except_the_last() -> None:
    noon = START + DAY / 2
    window_plan = WindowPlan(
        noon, noon + 9 * DAY, first=DAY, shortest=DAY, longest=3 * DAY, whole_days=True
    )

    windows = read(window_plan, pages=2)

    assert windows[0].after == START
    assert all(one.before == two.after for one, two in pairwise(windows))
    assert all(window.before.hour == 0 for window in windows[:-1])
    assert windows[-1].before == noon + 9 * DAY


def test_windows_shorter_than_a_day_do_not_cross_midnight() -> None:
    window_plan = WindowPlan(
        START, START + 2 * DAY, first=DAY, shortest=HOUR, longest=DAY, whole_days=True
    )
    window = window_plan.current()
    assert window is not None
    window_plan.shorten(window)

    windows = read(window_plan, pages=7)

    assert all(window.length <= DAY / 2 for window in windows)
    assert START + DAY in {window.before for window in windows}


def test_a_window_that_was_begun_before_is_read_first_and_the_rest_follows() -> None:
    window_plan = plan(10)
    begun = Window(START - HOUR, START + 2 * DAY)

    window_plan.begin_with(begun)
    windows = read(window_plan, pages=5)

    assert windows[0] == begun
    # As long as the one before, which had the pages aimed for.
    assert windows[1] == Window(begun.before, begun.before + begun.length)
    assert windows[-1].before == START + 10 * DAY
    assert all(one.before == two.after for one, two in pairwise(windows))


def test_a_window_that_was_begun_before_can_be_shortened_like_others() -> None:
    for shorten in (WindowPlan.shorten, WindowPlan.halve):
        window_plan = plan(10)
        begun = Window(START - HOUR, START + 2 * DAY)
        window_plan.begin_with(begun)

        assert shorten(window_plan, begun)

        assert window_plan.current() == Window(begun.after, begun.after + begun.length / 2)


def test_progress_is_worth_saving_after_some_pages_or_some_time() -> None:
    clock = FakeClock()
    pace = SavePace(clock)

    by_pages = [pace.is_worth_saving() for _ in range(2 * PAGES_PER_SAVE)]
    assert by_pages == ([False] * (PAGES_PER_SAVE - 1) + [True]) * 2

    clock.advance(MAX_UNSAVED)
    assert pace.is_worth_saving()
    assert not pace.is_worth_saving()
    clock.advance(MAX_UNSAVED - 1)
    assert not pace.is_worth_saving()
    clock.advance(1)
    assert pace.is_worth_saving()
