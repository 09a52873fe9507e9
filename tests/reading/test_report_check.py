from __future__ import annotations

import datetime as dt
import logging
from array import array
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tap_amazon_sp.common.timestamps import moment_of
from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.reading.counts import DailyCounts
from tap_amazon_sp.reading.order_list import OrderList
from tap_amazon_sp.reading.orders_reader import OrdersReader
from tap_amazon_sp.reading.placed_orders import MAX_PAGES
from tap_amazon_sp.reading.reader import Page, Parameters
from tap_amazon_sp.reading.report_check import ReportCheck
from tests.fake_clock import FakeClock

FIRST = dt.datetime(2026, 11, 1, tzinfo=dt.timezone.utc)
END = FIRST + 20 * DAY


class Reader:
    """Answers with the orders of each day, ten of them."""

    logger = logging.getLogger(__name__)
    clock = FakeClock()

    class stream:  # noqa: N801 - as the attribute of a reader
        label = "orders"

    class bookmark:  # noqa: N801
        @staticmethod
        def moment_of(record: dict[str, Any]) -> dt.datetime | None:
            return moment_of(record, "lastUpdatedTime")

    def __init__(self) -> None:
        self.asked: list[Parameters] = []
        self.told: list[tuple[Window, str]] = []

    def requests(self) -> Iterator[Parameters]:
        yield {"maxResultsPerPage": 100}

    def pages_of(self, parameters: Parameters) -> Iterator[Page]:
        self.asked.append(parameters)
        yield Page([record(parameters["createdAfter"], number) for number in range(10)])

    def tell_useless(self, window: Window, reason: str) -> None:
        self.told.append((window, reason))


def record(day: dt.datetime, number: int) -> dict[str, Any]:
    created = f"{day:%Y-%m-%d}T10:00:00Z"
    return {
        "orderId": f"{day:%m-%d}-{number}",
        "createdTime": created,
        "lastUpdatedTime": created,
    }


def check_of(reader: Reader, *, counted: int = 10) -> ReportCheck:
    days = [FIRST + number * DAY for number in range(20)]
    counts = DailyCounts(tuple((Window(day, day + DAY), counted) for day in days))
    return ReportCheck(cast("OrdersReader", reader), counts)


def listed(days: range, per_day: int = 10) -> OrderList:
    found = [(FIRST + day * DAY, number) for day in days for number in range(per_day)]
    return OrderList(
        Window(FIRST, END),
        array("q", (int(day.timestamp()) for day, _ in found)),
        [record(day, number)["orderId"] for day, number in found],
        array("q", (int(day.timestamp()) + 36_000 for day, _ in found)),
    )


def test_reports_that_have_what_is_counted_take_no_call() -> None:
    reader = Reader()
    check = check_of(reader)
    check.lists = [listed(range(20)), listed(range(5, 7))]

    assert list(check.pages(END + DAY)) == []
    assert reader.asked == []
    assert check.is_right


def test_orders_that_were_searched_count() -> None:
    reader = Reader()
    check = check_of(reader)
    check.lists = [listed(range(18))]
    page = [record(FIRST + day * DAY, number) for day in (17, 18, 19) for number in range(10)]

    assert list(check.noted([page])) == [page]
    assert list(check.pages(END + DAY)) == []
    assert reader.asked == []


def test_a_day_that_lacks_an_order_is_found_by_one_page() -> None:
    reader = Reader()
    check = check_of(reader)
    check.lists = [listed(range(12)), listed(range(13, 20)), listed(range(12, 13), per_day=9)]

    (page,) = check.pages(END + DAY)

    day = FIRST + 12 * DAY
    assert [asked["createdAfter"] for asked in reader.asked] == [day]
    assert reader.asked[0]["createdBefore"] < day + DAY
    assert len(page) == 10
    assert check.is_wrong
    reason = "it lacks 1 orders of a page of searchOrders"
    assert reader.told == [(Window(day, day + DAY), reason)]


def test_what_only_counts_differently_ends_after_some_pages(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    reader = Reader()
    check = check_of(reader, counted=11)
    check.lists = [listed(range(20))]

    assert len(list(check.pages(END + DAY))) == MAX_PAGES

    assert not check.is_wrong
    assert "counts 20 more orders than there are, in 20 times" in caplog.text


def test_a_part_of_a_day_counts_by_the_moment_of_the_purchase() -> None:
    reader = Reader()
    half = FIRST + DAY / 2
    counts = DailyCounts(((Window(FIRST, half), 10), (Window(half, FIRST + DAY), 1)))
    check = ReportCheck(cast("OrdersReader", reader), counts)
    check.lists = [listed(range(1))]

    list(check.pages(END))

    assert [asked["createdAfter"] for asked in reader.asked] == [half]
    assert not check.is_right


def test_what_has_changed_since_is_not_missing() -> None:
    reader = Reader()
    check = check_of(reader)
    check.lists = [listed(range(19))]

    list(check.pages(FIRST + 19 * DAY))

    assert not check.is_wrong


def test_orders_that_are_changing_now_are_not_looked_for() -> None:
    reader = Reader()
    check = check_of(reader)
    check.lists = [listed(range(20), per_day=9)]
    now = reader.clock.now()
    # An order changes in each second, and two minutes are not read yet.
    check.note(
        [
            {**record(FIRST, number), "lastUpdatedTime": f"{now - dt.timedelta(seconds=number)}"}
            for number in range(120, 600)
        ]
    )
    check._others.clear()

    assert list(check.pages(now - dt.timedelta(minutes=2))) == []

    assert reader.asked == []
    assert not check.is_right
    assert not check.is_wrong
