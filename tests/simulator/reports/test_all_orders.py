"""The reports of all orders, as flat files and as XML."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import REPORTS, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator
from tests.simulator.reports.test_operations import (
    BY_LAST_UPDATE,
    BY_ORDER_DATE,
    download,
    made,
    rows,
)

XML_BY_ORDER_DATE = "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
ALL = {"dataStartTime": "2026-09-15T00:00:00Z", "dataEndTime": "2026-11-21T11:59:00Z"}


@pytest.fixture(scope="module")
def seller(start_shared: StartSimulator) -> ApiCaller:
    """A seller with 600 orders."""
    return start_shared(orders=600)


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
    api = start(region="eu", report_charsets={XML_BY_ORDER_DATE: "ISO-8859-1"})

    content = file_of(api, clock, XML_BY_ORDER_DATE, api.settings["marketplace_ids"])

    assert content.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    titles = {element.text for element in ET.fromstring(content).iter("ProductName")}  # noqa: S314 - ours
    known = {
        item["product"]["title"]
        for order in api.simulator.truth("orders")
        for item in order["orderItems"]
    }
    assert titles == known
