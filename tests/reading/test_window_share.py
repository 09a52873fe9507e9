from __future__ import annotations

import datetime as dt

import pytest

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.window_share import WindowShare, places_looked_at

START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)


def day(number: float) -> dt.datetime:
    return START + dt.timedelta(days=number)


def begun(days: float = 100, requests: int = 1) -> WindowShare:
    share = WindowShare()
    share.begin(Window(START, day(days)), requests)
    return share


@pytest.mark.parametrize(
    ("count", "places"),
    [(0, []), (1, [0]), (2, [0, 1]), (5, [0, 1, 2, 3, 4]), (100, [0, 24, 48, 72, 96])],
)
def test_a_few_records_of_a_page_are_looked_at(count: int, places: list[int]) -> None:
    assert [*places_looked_at(count)] == places


def test_sorted_pages_tell_where_they_are() -> None:
    rising, falling = begun(), begun()

    rising.add_page([day(1), day(1), day(10)])
    falling.add_page([day(99), None, day(80)])

    assert rising.position == day(10)
    assert falling.position == day(20)
    rising.add_page([day(10), day(30)])
    assert rising.position == day(30)


def test_a_time_outside_the_window_is_at_its_end() -> None:
    share = begun()

    share.add_page([day(99), day(120)])

    assert share.position == day(100)


def test_each_request_is_a_part_of_the_window() -> None:
    share = begun(requests=4)
    share.begin_request(2)

    share.add_page([day(1), day(50)])

    assert share.position == day(62.5)


def test_unsorted_pages_of_the_first_window_tell_nothing() -> None:
    share = begun()

    share.add_page([day(7), day(3), day(9)])
    share.add_page([day(40), day(50)])

    assert share.position is None


def test_equal_times_tell_nothing() -> None:
    share = begun()

    share.add_page([day(7), day(7)])
    share.add_page([])

    assert share.position is None


def test_unsorted_pages_count_by_those_of_the_window_before() -> None:
    share = begun(days=10)
    for _ in range(5):
        share.add_page([day(7), day(3), day(9)])
    share.finish()
    share.begin(Window(day(10), day(30)), 1)

    share.add_page([day(17), day(13), day(19)])

    # 10 pages are expected.
    assert share.position == day(12)
    for _ in range(8):
        share.add_page([])
    assert share.position == day(28)
    for _ in range(9):
        share.add_page([])
        # Nobody knows how many more there are.
        assert share.position is None


def test_a_window_without_pages_says_nothing_of_the_next() -> None:
    share = begun()
    share.finish()
    share.begin(Window(day(10), day(30)), 1)

    share.add_page([day(17), day(13), day(19)])

    assert share.position is None
