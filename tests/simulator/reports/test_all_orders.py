"""The reports of all orders, as flat files and as XML."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ORDERS, REPORTS, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator
from tests.simulator.reports.test_operations import (
    BY_LAST_UPDATE,
    BY_ORDER_DATE,
    download,
    made,
    rows,
)

XML_BY_ORDER_DATE = "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
ALL = {"dataStartTime": "2026-10-22T12:00:00Z", "dataEndTime": "2026-11-21T11:59:00Z"}
DAYS = 30


@pytest.fixture(scope="module")
def seller(start_shared: StartSimulator) -> ApiCaller:
    """A seller with 600 orders in 30 days."""
    return start_shared(orders=600, history_days=DAYS)


def file_of(
    api: ApiCaller, clock: FakeClock, kind: str, marketplaces: list[str] = MARKETPLACES
) -> bytes:
    job = made(api, clock, kind, **ALL, marketplaceIds=marketplaces)
    return download(api, job["reportDocumentId"])[0]


def flat(api: ApiCaller, clock: FakeClock, kind: str = BY_ORDER_DATE) -> list[dict[str, str]]:
    return rows(file_of(api, clock, kind))


def test_the_id_of_an_item_is_the_last_column(seller: ApiCaller, shared_clock: FakeClock) -> None:
    found = flat(seller, shared_clock)

    ids = {
        (order["orderId"], item["orderItemId"])
        for order in seller.simulator.truth("orders")
        for item in order["orderItems"]
    }
    of_amazon = {
        (row["amazon-order-id"], row["order-item-id"])
        for row in found
        if row["sales-channel"] != "Non-Amazon"
    }
    assert [*found[0]][-1] == "order-item-id"
    assert of_amazon == ids
    assert len({row["order-item-id"] for row in found}) == len(found)


def test_older_reports_lack_the_id_of_items(start: StartSimulator, clock: FakeClock) -> None:
    clock.advance(-dt.timedelta(days=180).total_seconds())
    api = start(orders=50)
    listed = api.get(f"{REPORTS}/reports", reportTypes=BY_LAST_UPDATE).json()["reports"]

    headers = {
        report["createdTime"][:10]: "order-item-id"
        in download(api, report["reportDocumentId"])[0].decode().splitlines()[0]
        for report in listed
        if "reportDocumentId" in report
    }

    assert clock.now().date() == dt.date(2026, 5, 25)
    assert {*headers.values()} == {False}
    clock.advance(dt.timedelta(days=4).total_seconds())
    api.log_in()
    window = {"dataStartTime": "2026-05-01T00:00:00Z", "dataEndTime": "2026-05-26T00:00:00Z"}
    job = made(api, clock, BY_LAST_UPDATE, **window)
    assert "order-item-id" in rows(download(api, job["reportDocumentId"])[0])[0]


def test_an_order_can_have_the_same_sku_and_quantity_twice(
    seller: ApiCaller, shared_clock: FakeClock
) -> None:
    found = flat(seller, shared_clock)

    times = Counter((row["amazon-order-id"], row["sku"], row["quantity"]) for row in found)

    assert max(times.values()) > 1


def test_orders_of_the_sellers_own_shop_have_no_marketplace_and_no_price(
    seller: ApiCaller, shared_clock: FakeClock
) -> None:
    found = flat(seller, shared_clock)

    outside = [row for row in found if row["sales-channel"] == "Non-Amazon"]
    known = {order["orderId"] for order in seller.simulator.truth("orders")}
    assert len(outside) > 3
    assert {row["fulfillment-channel"] for row in outside} == {"Amazon"}
    assert {row["currency"] + row["item-price"] + row["item-tax"] for row in outside} == {""}
    assert {row["amazon-order-id"] for row in outside}.isdisjoint(known)
    assert all(row["amazon-order-id"].startswith("S01-") for row in outside)


@pytest.mark.parametrize("kind", [BY_ORDER_DATE, BY_LAST_UPDATE])
def test_the_orders_are_those_of_the_whole_region(
    seller: ApiCaller, shared_clock: FakeClock, kind: str
) -> None:
    of_one, of_all = (
        rows(file_of(seller, shared_clock, kind, marketplaces))
        for marketplaces in (MARKETPLACES[1:2], MARKETPLACES)
    )

    assert of_one == of_all
    assert {row["sales-channel"] for row in of_one} == {
        "Amazon.com",
        "Amazon.ca",
        "Amazon.com.mx",
        "Amazon.com.br",
        "Non-Amazon",
    }


def test_a_report_shows_the_orders_as_they_were_when_it_was_requested(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(orders=100, history_days=DAYS)
    window = ALL | {"marketplaceIds": MARKETPLACES}
    before = rows(file_of(api, clock, BY_LAST_UPDATE))
    job = made(api, clock, BY_LAST_UPDATE, **window)

    known = {row["amazon-order-id"] for row in before if row["sales-channel"] != "Non-Amazon"}
    api.simulator.change_orders(order_ids=sorted(known)[:20])

    assert rows(download(api, job["reportDocumentId"])[0]) == before
    # Those that changed are in a later report.
    later = rows(file_of(api, clock, BY_LAST_UPDATE))
    assert known - {row["amazon-order-id"] for row in later} == {*sorted(known)[:20]}


def test_rows_can_show_orders_that_have_changed_after_the_range(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(orders=100, history_days=DAYS, order_reports_present=True)
    job = made(api, clock, BY_LAST_UPDATE, **ALL, marketplaceIds=MARKETPLACES)
    ids = [order["orderId"] for order in api.simulator.truth("orders")][:10]

    api.simulator.change_orders(order_ids=ids)

    shown = {
        row["amazon-order-id"]: row["last-updated-date"]
        for row in rows(download(api, job["reportDocumentId"])[0])
    }
    assert {order_id for order_id in shown if shown[order_id] > ALL["dataEndTime"]} == {*ids}


def test_a_latency_hides_what_happened_last(start: StartSimulator, clock: FakeClock) -> None:
    api = start(orders=100, history_days=DAYS, order_reports_latency=1800)
    before = rows(file_of(api, clock, BY_LAST_UPDATE))
    api.simulator.change_orders(30)
    now = clock.now()
    until = {"dataEndTime": now.isoformat()}

    def shown() -> list[dict[str, str]]:
        job = made(api, clock, BY_LAST_UPDATE, **(ALL | until), marketplaceIds=MARKETPLACES)
        return rows(download(api, job["reportDocumentId"])[0])

    assert shown() == before
    clock.advance(1801)
    api.log_in()
    assert shown() != before


def test_orders_can_be_lacking_and_unknown(start: StartSimulator, clock: FakeClock) -> None:
    whole, flawed = (
        start(orders=600, history_days=DAYS, **settings)
        for settings in ({}, {"order_reports_lacking": 0.1, "order_reports_unknown": 0.1})
    )

    def shown(api: ApiCaller, kind: str) -> set[str]:
        return {row["amazon-order-id"] for row in flat(api, clock, kind)}

    all_ids, some_ids = shown(whole, BY_ORDER_DATE), shown(flawed, BY_ORDER_DATE)
    unknown = some_ids - all_ids
    assert len(all_ids - some_ids) == pytest.approx(60, abs=30)
    assert len(unknown) == pytest.approx(54, abs=25)
    for order_id in unknown:
        assert flawed.get(f"{ORDERS}/{order_id}").status_code == 404
    # It is always the same orders.
    assert shown(flawed, BY_LAST_UPDATE) - unknown <= some_ids
    content = file_of(flawed, clock, XML_BY_ORDER_DATE)
    xml_ids = {element.text for element in ET.fromstring(content).iter("AmazonOrderID")}  # noqa: S314 - ours
    assert xml_ids == some_ids


def test_the_orders_of_a_day_can_be_lacking(start: StartSimulator, clock: FakeClock) -> None:
    day = "2026-11-10"
    api = start(orders=300, history_days=DAYS, order_reports_lacking_days=(day,))

    placed = {order["createdTime"][:10] for order in api.simulator.truth("orders")}
    shown = {row["purchase-date"][:10] for row in flat(api, clock, BY_LAST_UPDATE)}

    assert placed - shown == {day}


def test_a_report_can_be_empty_although_there_are_orders(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(orders=50, history_days=DAYS, order_reports_lacking=1.0)

    assert flat(api, clock, BY_LAST_UPDATE) == []


def test_the_ids_of_items_can_be_left_out(start: StartSimulator, clock: FakeClock) -> None:
    api = start(orders=50, history_days=DAYS, order_reports_item_ids=False)

    found = flat(api, clock)

    assert "order-item-id" not in found[0]
    content = file_of(api, clock, XML_BY_ORDER_DATE)
    assert all(item.text for item in ET.fromstring(content).iter("AmazonOrderItemCode"))  # noqa: S314 - ours


@pytest.mark.parametrize("kind", [BY_ORDER_DATE, BY_LAST_UPDATE, XML_BY_ORDER_DATE])
def test_a_report_of_more_than_thirty_days_has_no_orders(
    start: StartSimulator, clock: FakeClock, kind: str
) -> None:
    long = {"dataStartTime": "2026-10-01T00:00:00Z", "marketplaceIds": MARKETPLACES}
    sentence, empty = (
        download(api, made(api, clock, kind, **(ALL | long))["reportDocumentId"])[0].decode()
        for api in (start(orders=50, order_reports_too_long=what) for what in ("sentence", "empty"))
    )

    assert sentence == "The date range of this report must not be longer than 30 days.\n"
    if kind == XML_BY_ORDER_DATE:
        assert ET.fromstring(empty).findall("Message") == []  # noqa: S314 - ours
    else:
        assert rows(empty.encode()) == []
        assert empty.startswith("amazon-order-id\t")


def test_delivered_orders_of_the_merchant_have_a_status_of_their_own(
    seller: ApiCaller, shared_clock: FakeClock
) -> None:
    shown = {
        (row["fulfillment-channel"], row["order-status"]) for row in flat(seller, shared_clock)
    }

    assert ("Merchant", "Shipped - Delivered to Buyer") in shown
    assert ("Amazon", "Shipped - Delivered to Buyer") not in shown


def test_cancelled_rows_have_neither_quantity_nor_price(
    seller: ApiCaller, shared_clock: FakeClock
) -> None:
    found = flat(seller, shared_clock, BY_LAST_UPDATE)

    cancelled = [row for row in found if row["order-status"] == "Cancelled"]
    assert len(cancelled) > 10
    assert {(row["quantity"], row["currency"], row["item-price"]) for row in cancelled} == {
        ("0", "", "")
    }
    assert {row["item-status"] for row in cancelled} == {"Cancelled"}


def test_pending_rows_have_no_price(seller: ApiCaller, shared_clock: FakeClock) -> None:
    found = flat(seller, shared_clock)

    pending = [row for row in found if row["order-status"] == "Pending"]
    assert pending
    assert {row["currency"] + row["item-price"] for row in pending} == {""}
    assert all(int(row["quantity"]) > 0 for row in pending)


def test_xml_has_the_same_orders_as_the_flat_file(
    seller: ApiCaller, shared_clock: FakeClock
) -> None:
    found = flat(seller, shared_clock)

    content = file_of(seller, shared_clock, XML_BY_ORDER_DATE)

    orders = ET.fromstring(content).findall("Message/Order")  # noqa: S314 - ours
    assert [_row(order, item) for order in orders for item in order.findall("OrderItem")] == [
        {
            name: row[name]
            for name in (
                "amazon-order-id",
                "merchant-order-id",
                "last-updated-date",
                "order-status",
                "sales-channel",
                "ship-city",
                "order-item-id",
                "sku",
                "quantity",
                "item-price",
                "currency",
                "promotion-ids",
                "item-promotion-discount",
            )
        }
        for row in found
    ]
    assert any(row["promotion-ids"] for row in found)


def _row(order: Any, item: Any) -> dict[str, str]:
    principal = item.find("ItemPrice/Component[Type='Principal']/Amount")
    return {
        "amazon-order-id": order.findtext("AmazonOrderID"),
        "merchant-order-id": order.findtext("MerchantOrderID"),
        "last-updated-date": order.findtext("LastUpdatedDate"),
        "order-status": order.findtext("OrderStatus"),
        "sales-channel": order.findtext("SalesChannel"),
        "ship-city": order.findtext("FulfillmentData/Address/City"),
        "order-item-id": item.findtext("AmazonOrderItemCode"),
        "sku": item.findtext("SKU"),
        "quantity": item.findtext("Quantity"),
        "item-price": "" if principal is None else principal.text,
        "currency": "" if principal is None else principal.get("currency"),
        "promotion-ids": item.findtext("Promotion/PromotionIDs") or "",
        "item-promotion-discount": item.findtext("Promotion/ItemPromotionDiscount") or "",
    }


def test_xml_keeps_letters_that_its_character_set_lacks(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(region="eu", history_days=DAYS, report_charsets={XML_BY_ORDER_DATE: "ISO-8859-1"})

    content = file_of(api, clock, XML_BY_ORDER_DATE, api.settings["marketplace_ids"])

    assert content.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    titles = {element.text for element in ET.fromstring(content).iter("ProductName")}  # noqa: S314 - ours
    known = {
        item["product"]["title"]
        for order in api.simulator.truth("orders")
        for item in order["orderItems"]
    }
    assert titles == known
