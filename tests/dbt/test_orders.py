"""The marts of orders have what Amazon says about each order and item, to the cent."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.dbt.expected_orders import KINDS, differences, items_of, money
from tests.warehouses import Row, Seller, Warehouse


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


def test_items_are_those_of_amazon(warehouse: Warehouse, orders: Mapping[str, Row]) -> None:
    expected = {key: row for order in orders.values() for key, row in items_of(order).items()}

    rows = warehouse.rows("SELECT * FROM order_items")

    assert len(rows) == len(expected) > 500
    assert not differences(rows, "order_item_id", expected)
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
    assert not differences(rows, "order_id", expected)
    totals = {row["order_id"]: row["total"] for row in rows if not row["is_cancelled"]}
    told = {
        order_id: money(order["proceeds"]["grandTotal"])
        for order_id, order in orders.items()
        if order.get("proceeds") and order["fulfillment"]["fulfillmentStatus"] != "CANCELLED"
    }
    assert {order_id: totals[order_id] for order_id in told} == told
