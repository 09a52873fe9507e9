"""Sales metrics cover an interval without gaps, and count the orders of the Orders API."""

from __future__ import annotations

import itertools
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import MARKETPLACES

METRICS = "/sales/v1/orderMetrics"
US = {"marketplaceIds": MARKETPLACES[0]}
TIME_ZONE = {"granularityTimeZone": "US/Pacific"}


def intervals(api: ApiCaller, **params: Any) -> list[str]:
    answer = api.get(METRICS, **US, **params)
    assert answer.status_code == 200, answer.text
    return [metrics["interval"] for metrics in answer.json()["payload"]]


def test_days_begin_where_the_time_zone_says(api: ApiCaller) -> None:
    found = intervals(
        api,
        interval="2026-10-31T00:00:00-07:00--2026-11-02T12:00:00-08:00",
        granularity="Day",
        **TIME_ZONE,
    )

    # The second day has 25 hours; the third is cut off.
    assert found == [
        "2026-10-31T00:00-07:00--2026-11-01T00:00-07:00",
        "2026-11-01T00:00-07:00--2026-11-02T00:00-08:00",
        "2026-11-02T00:00-08:00--2026-11-02T12:00-08:00",
    ]


@pytest.mark.parametrize(
    ("granularity", "count"), [("Hour", 744), ("Day", 31), ("Week", 5), ("Month", 1), ("Total", 1)]
)
def test_an_interval_is_cut_by_its_granularity(
    api: ApiCaller, granularity: str, count: int
) -> None:
    found = intervals(
        api,
        interval="2026-10-01T00:00:00Z--2026-11-01T00:00:00Z",
        granularity=granularity,
        granularityTimeZone="UTC",
    )

    assert len(found) == count
    assert found[0].startswith("2026-10-01T00:00Z--")
    assert found[-1].endswith("--2026-11-01T00:00Z")
    for one, following in itertools.pairwise(found):
        assert one.partition("--")[2] == following.partition("--")[0]


def test_the_same_part_has_the_same_sales(api: ApiCaller) -> None:
    day = {**US, "granularity": "Day", "granularityTimeZone": "UTC"}
    one = api.get(METRICS, **day, interval="2026-10-01T00:00:00Z--2026-10-03T00:00:00Z").json()
    other = api.get(METRICS, **day, interval="2026-10-02T00:00:00Z--2026-10-04T00:00:00Z").json()

    assert one["payload"][1] == other["payload"][0]
    assert one["payload"][0]["totalSales"]["currencyCode"] == "USD"


ALWAYS = "2026-01-01T00:00:00Z--2040-01-01T00:00:00Z"


def total(api: ApiCaller, **params: Any) -> dict[str, Any]:
    answer = api.get(METRICS, **{**US, "interval": ALWAYS, "granularity": "Total", **params})
    assert answer.status_code == 200, answer.text
    (metrics,) = answer.json()["payload"]
    return dict(metrics)


@pytest.fixture
def orders(api: ApiCaller) -> list[dict[str, Any]]:
    """The orders of the US as searchOrders returns them."""
    pages = api.search_pages(
        createdAfter="2026-01-01T00:00:00Z",
        marketplaceIds=MARKETPLACES[0],
        includedData="PROCEEDS",
    )
    return [order for page in pages for order in page]


def units(orders: list[dict[str, Any]], **product: str) -> int:
    return sum(
        item["quantityOrdered"]
        for order in orders
        for item in order["orderItems"]
        if product.items() <= item["product"].items()
    )


def test_orders_items_and_units_are_those_of_search_orders(
    api: ApiCaller, orders: list[dict[str, Any]]
) -> None:
    found = total(api)

    assert found["orderCount"] == len(orders) > 100
    assert found["orderItemCount"] == sum(len(order["orderItems"]) for order in orders)
    assert found["unitCount"] == units(orders)


def test_each_day_has_the_orders_that_were_placed_on_it(
    api: ApiCaller, orders: list[dict[str, Any]]
) -> None:
    answer = api.get(
        METRICS, **US, interval=ALWAYS, granularity="Day", granularityTimeZone="UTC"
    ).json()

    placed = Counter(order["createdTime"][:10] for order in orders)
    counted = {day["interval"][:10]: day["orderCount"] for day in answer["payload"]}
    assert {day: count for day, count in counted.items() if count} == placed


def test_each_hour_has_the_orders_that_were_placed_in_it(
    api: ApiCaller, orders: list[dict[str, Any]]
) -> None:
    placed = Counter(order["createdTime"][:13] for order in orders)
    interval = f"{min(placed)}:00:00Z--{max(placed)}:59:59Z"

    answer = api.get(METRICS, **US, interval=interval, granularity="Hour").json()

    counted = {hour["interval"][:13]: hour["orderCount"] for hour in answer["payload"]}
    assert {hour: count for hour, count in counted.items() if count} == placed


def test_the_end_of_an_interval_is_exclusive(api: ApiCaller, orders: list[dict[str, Any]]) -> None:
    moments = sorted(order["createdTime"] for order in orders)

    found = total(api, interval=f"{moments[10]}--{moments[20]}")

    assert found["orderCount"] == sum(moments[10] <= one < moments[20] for one in moments)


def test_sales_are_the_prices_of_the_items(api: ApiCaller, orders: list[dict[str, Any]]) -> None:
    """Orders without prices yet are left out: their days are not those that are compared."""
    by_day: dict[str, list[dict[str, Any]]] = {}
    for order in orders:
        by_day.setdefault(order["createdTime"][:10], []).append(order)
    priced = {
        day: placed
        for day, placed in by_day.items()
        if all("proceeds" in order for order in placed)
    }
    answer = api.get(METRICS, **US, interval=ALWAYS, granularity="Day", granularityTimeZone="UTC")
    metrics = {day["interval"][:10]: day for day in answer.json()["payload"]}
    assert len(priced) > 10

    for day, placed in priced.items():
        sales = Decimal(metrics[day]["totalSales"]["amount"])
        assert sales == sum(
            Decimal(part["subtotal"]["amount"])
            for order in placed
            for part in order["proceeds"]["breakdowns"]
            if part["type"] == "ITEM"
        )
        average = Decimal(metrics[day]["averageUnitPrice"]["amount"])
        assert abs(average - sales / metrics[day]["unitCount"]) <= Decimal("0.005")


def test_filters_count_a_part(api: ApiCaller, orders: list[dict[str, Any]]) -> None:
    everything = total(api)
    of_amazon, of_merchant = (total(api, fulfillmentNetwork=name) for name in ("AFN", "MFN"))
    of_business, of_others = (total(api, buyerType=name) for name in ("B2B", "B2C"))

    for one, other in ((of_amazon, of_merchant), (of_business, of_others)):
        assert one["orderCount"] + other["orderCount"] == everything["orderCount"]
        assert one["unitCount"] + other["unitCount"] == everything["unitCount"]
    assert of_business["orderCount"] == sum(
        "AMAZON_BUSINESS" in order.get("programs", ()) for order in orders
    )
    asin = orders[0]["orderItems"][0]["product"]["asin"]
    assert total(api, asin=asin)["unitCount"] == units(orders, asin=asin) > 0
    sku = orders[0]["orderItems"][0]["product"]["sellerSku"]
    assert total(api, sku=sku)["unitCount"] == units(orders, sellerSku=sku) > 0
    assert total(api, sku="NONE")["orderCount"] == 0
    assert total(api, sku="NONE")["averageUnitPrice"]["amount"] == "0.00"
    assert total(api, amazonProgram="AmazonHaul")["orderCount"] == 0


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"granularity": "Day"}, "granularityTimeZone"),
        ({"granularity": "Day", "granularityTimeZone": "Nowhere/Land"}, "granularityTimeZone"),
        ({"granularity": "Hour", "interval": "2026-10-01T00:00:00Z"}, "interval"),
        (
            {
                "granularity": "Hour",
                "interval": "2026-10-02T00:00:00Z--2026-10-01T00:00:00Z",
            },
            "interval",
        ),
        ({"granularity": "Hour", "asin": "A", "sku": "B"}, "asin"),
        ({"granularity": "Hour", "marketplaceIds": "NOWHERE"}, "marketplaceIds"),
    ],
)
def test_wrong_parameters_are_refused(api: ApiCaller, params: dict[str, str], name: str) -> None:
    interval = {"interval": "2026-10-01T00:00:00Z--2026-10-02T00:00:00Z"}

    assert name in api.refused(METRICS, **{**US, **interval, **params})
