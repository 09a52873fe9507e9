"""The marts of orders have what Amazon says about each order and item, to the cent."""

from __future__ import annotations

import json
import zoneinfo
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.common.timestamps import parse_timestamp
from tests.warehouses import Row, Seller, Warehouse

KINDS = {
    "revenue": "ITEM",
    "shipping": "SHIPPING",
    "gift_wrap": "GIFT_WRAP",
    "discount": "DISCOUNT",
    "tax": "TAX",
}
COUNTRIES = {
    "ATVPDKIKX0DER": ("US", "America/Los_Angeles"),
    "A2EUQ1WTGCTBG2": ("CA", "America/Los_Angeles"),
    "A1AM78C64UM0Y8": ("MX", "America/Los_Angeles"),
    "A2Q3Y263D00KWC": ("BR", "America/Sao_Paulo"),
}


@pytest.fixture(scope="module")
def orders(seller: Seller) -> dict[str, Row]:
    """Each order in its last version."""
    return {
        record["orderId"]: record
        for output in seller.outputs
        for message in map(json.loads, output.splitlines())
        if message["type"] == "RECORD" and message["stream"] == "orders"
        for record in [message["record"]]
    }


def money(amount: Mapping[str, str]) -> Decimal:
    return Decimal(amount["amount"])


def amounts_of(item: Row) -> dict[str, Decimal]:
    """Return the amounts of an item by column."""
    found = {one["type"]: money(one["subtotal"]) for one in item["proceeds"]["breakdowns"]}
    return {column: found.get(kind, Decimal(0)) for column, kind in KINDS.items()} | {
        "other": Decimal(0),
        "total": money(item["proceeds"]["proceedsTotal"]),
    }


def items_of(order: Row) -> dict[str, dict[str, Any]]:
    """Return what the mart should say about the items of an order."""
    country, zone = COUNTRIES[order["salesChannel"]["marketplaceId"]]
    created = parse_timestamp(order["createdTime"])
    status = order["fulfillment"]["fulfillmentStatus"]
    found = {}
    for item in order["orderItems"]:
        amounts: dict[str, Any]
        if "proceeds" in item:
            amounts = amounts_of(item) | {
                "currency": item["proceeds"]["proceedsTotal"]["currencyCode"]
            }
        else:
            amounts = dict.fromkeys([*KINDS, "other", "total", "currency"])
        units, shipped = item["quantityOrdered"], item["fulfillment"]["quantityFulfilled"]
        if status == "CANCELLED":
            amounts |= dict.fromkeys([*KINDS, "other", "total"], Decimal(0))
            units = shipped = 0
        promotions = item.get("promotion", {}).get("breakdowns", ())
        found[item["orderItemId"]] = amounts | {
            "account": "",
            "order_id": order["orderId"],
            "marketplace_id": order["salesChannel"]["marketplaceId"],
            "country": country,
            "created_day": str(created.astimezone(zoneinfo.ZoneInfo(zone)).date()),
            "status": status,
            "is_cancelled": str(status == "CANCELLED"),
            "fulfilled_by": order["fulfillment"]["fulfilledBy"],
            "sku": item["product"]["sellerSku"],
            "asin": item["product"]["asin"],
            "title": item["product"]["title"],
            "units": units,
            "units_shipped": shipped,
            "promotion_ids": ", ".join(one["promotionId"] for one in promotions) or None,
            "source": "api",
        }
    return found


def compared(rows: Iterable[Row], key: str, like: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return rows by their key, with the columns of another row."""
    plain = ("created_day", "is_cancelled")
    return {
        row[key]: {column: str(row[column]) if column in plain else row[column] for column in like}
        for row in rows
    }


def test_items_are_those_of_amazon(warehouse: Warehouse, orders: Mapping[str, Row]) -> None:
    expected = {key: row for order in orders.values() for key, row in items_of(order).items()}
    like = next(iter(expected.values()))

    rows = warehouse.rows("SELECT * FROM order_items")

    assert len(rows) == len(expected) > 500
    assert compared(rows, "order_item_id", like) == expected
    for seen in ("status", "country", "promotion_ids", "revenue"):
        assert len({row[seen] for row in rows}) > 2, seen


def test_orders_are_the_sums_of_their_items(
    warehouse: Warehouse, orders: Mapping[str, Row]
) -> None:
    expected = {}
    for order_id, order in orders.items():
        items = list(items_of(order).values())
        sums = {
            name: None
            if any(item[name] is None for item in items)
            else sum(item[name] for item in items)
            for name in (*KINDS, "units", "units_shipped", "total")
        }
        kept = {name: items[0][name] for name in ("country", "created_day", "status", "currency")}
        expected[order_id] = kept | sums

    rows = warehouse.rows("SELECT * FROM orders")

    assert len(rows) == len(expected) > 300
    assert compared(rows, "order_id", next(iter(expected.values()))) == expected
    totals = {row["order_id"]: row["total"] for row in rows if not row["is_cancelled"]}
    told = {
        order_id: money(order["proceeds"]["grandTotal"])
        for order_id, order in orders.items()
        if order.get("proceeds") and order["fulfillment"]["fulfillmentStatus"] != "CANCELLED"
    }
    assert {order_id: totals[order_id] for order_id in told} == told
