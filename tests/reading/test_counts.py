from __future__ import annotations

import datetime as dt
from typing import Any, cast

import pytest

from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.counts import Counts, DailyCounts
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.timezone.utc)
MIDNIGHT = NOON.replace(hour=0)


class Seller:
    """The parts of a connection that counting needs."""

    participating_marketplaces = ("US", "CA")

    def __init__(self, amazon: StubbedAmazon) -> None:
        self.client = amazon
        self.clock = FakeClock()
        self.settings = self
        self.seller_id = "A1"


def counts_of(pages: Any) -> tuple[Counts, StubbedAmazon]:
    amazon = StubbedAmazon(lambda *_: [pages])
    return Counts(cast("Connection", Seller(amazon))), amazon


@pytest.mark.parametrize(
    ("after", "before", "count"),
    [
        (MIDNIGHT, MIDNIGHT + DAY, 24.0),
        (MIDNIGHT, NOON, 12.0),
        (MIDNIGHT - DAY, MIDNIGHT + 9 * DAY, 30.0),
        (MIDNIGHT + 2 * DAY, MIDNIGHT + 3 * DAY, 0.0),
    ],
)
def test_a_part_of_a_day_has_its_share(
    after: dt.datetime, before: dt.datetime, count: float
) -> None:
    days = (Window(MIDNIGHT, MIDNIGHT + DAY), 24), (Window(MIDNIGHT + DAY, MIDNIGHT + 2 * DAY), 6)

    assert DailyCounts(days).between(Window(after, before)) == count


def test_orders_are_asked_once_for_each_marketplace() -> None:
    entry = {"interval": "2026-11-20T00:00Z--2026-11-20T12:00Z", "orderCount": 7}
    counts, amazon = counts_of({"payload": [entry]})
    window = Window(MIDNIGHT, NOON.replace(microsecond=5000))

    found = [counts.orders(window), counts.orders(window)]

    assert [one.between(window) for one in found] == [14.0, 14.0]
    assert [parameters["marketplaceIds"] for _, parameters in amazon.asked] == [["US"], ["CA"]]
    assert {parameters["interval"] for _, parameters in amazon.asked} == {
        "2026-11-20T00:00:00Z--2026-11-20T12:00:00Z"
    }


def test_orders_of_more_than_two_years_ago_are_not_asked_for() -> None:
    counts, amazon = counts_of({"payload": []})

    counts.orders(Window(NOON - 3000 * DAY, NOON))
    counts.orders(Window(NOON - 3000 * DAY, NOON - 2000 * DAY))

    intervals = [parameters["interval"].partition("--")[0] for _, parameters in amazon.asked]
    assert intervals == ["2024-11-22T00:00:00Z"] * 2


def test_listings_are_asked_for_once() -> None:
    counts, amazon = counts_of({"numberOfResults": 1234})

    assert [counts.listings("US"), counts.listings("US")] == [1234, 1234]
    ((name, parameters),) = amazon.asked
    assert (name, parameters["sellerId"]) == ("searchListingsItems", "A1")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"payload": None},
        {"payload": [{"interval": "2026-11-20T00:00Z", "orderCount": 7}]},
        {"payload": [{"interval": "2026-11-20T00:00Z--2026-11-20T12:00Z"}]},
        {"payload": [{"interval": "2026-11-20T12:00Z--2026-11-20T00:00Z", "orderCount": 7}]},
        {"payload": [{"interval": None, "orderCount": 7}]},
    ],
)
def test_an_answer_that_does_not_count_orders_is_refused(answer: Any) -> None:
    counts, _ = counts_of(answer)

    with pytest.raises(ValueError, match="it does not count orders by interval"):
        counts.orders(Window(MIDNIGHT, NOON))


@pytest.mark.parametrize("answer", [None, [], {}, {"numberOfResults": "7"}])
def test_an_answer_without_a_number_of_listings_is_refused(answer: Any) -> None:
    counts, _ = counts_of(answer)

    with pytest.raises(ValueError, match="it has no `numberOfResults`"):
        counts.listings("US")
