"""The stock is what the simulator has, and lasts as long as the orders say."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tap_amazon_sp.common.timestamps import parse_timestamp
from tests.warehouses import Row, Seller, Warehouse

Key = tuple[str, str, str]
"""Marketplace, SKU, and who ships it."""

MONTH = dt.timedelta(days=30)


def stock_of(warehouse: Warehouse) -> dict[Key, Row]:
    rows = warehouse.rows("SELECT * FROM inventory")
    stock = {(row["marketplace_id"], row["sku"], row["fulfilled_by"]): row for row in rows}
    assert len(stock) == len(rows)
    return stock


def sold(seller: Seller) -> Counter[Key]:
    """Return the units ordered in the month before the stock was read, without cancelled orders."""
    until = max(parse_timestamp(read) for _, read in seller.records("fba_inventory_summaries"))
    orders = {record["orderId"]: record for record, _ in seller.records("orders")}
    units: Counter[Key] = Counter()
    for item, _ in seller.records("order_items"):
        order = orders[item["orderId"]]
        fulfillment = order["fulfillment"]
        created = parse_timestamp(order["createdTime"])
        if fulfillment["fulfillmentStatus"] != "CANCELLED" and until - MONTH < created <= until:
            marketplace = order["salesChannel"]["marketplaceId"]
            key = (marketplace, item["product"]["sellerSku"], fulfillment["fulfilledBy"])
            units[key] += item["quantityOrdered"]
    return units


def test_stock_at_amazon_is_what_the_simulator_has(warehouse: Warehouse, seller: Seller) -> None:
    expected = {}
    for shelf in seller.truths["inventory"]:
        units, inbound = shelf["units"], shelf["inbound"]
        sellable = units.get("SELLABLE", 0)
        expected[shelf["marketplaceId"], shelf["sellerSku"], "AMAZON"] = {
            "asin": shelf["asin"],
            "fnsku": shelf["fnSku"],
            "on_hand": sum(units.values()),
            "available": sellable - shelf["reserved"],
            "reserved": shelf["reserved"],
            "inbound": sum(inbound.values()),
            "inbound_working": inbound.get("working", 0),
            "inbound_shipped": inbound.get("shipped", 0),
            "inbound_receiving": inbound.get("receiving", 0),
            "unsellable": sum(units.values()) - sellable,
        }

    found = {
        key: {name: row[name] for name in next(iter(expected.values()))}
        for key, row in stock_of(warehouse).items()
        if key[2] == "AMAZON"
    }

    assert found == expected
    assert any(row["reserved"] for row in expected.values())
    assert any(row["unsellable"] for row in expected.values())


def test_stock_of_the_seller_is_what_the_listings_offer(
    warehouse: Warehouse, seller: Seller
) -> None:
    expected: dict[Key, Any] = {}
    for listing, _ in seller.records("listings_items"):
        offered = [
            channel["quantity"]
            for channel in listing.get("fulfillmentAvailability") or ()
            if "quantity" in channel and not channel["fulfillmentChannelCode"].startswith("AMAZON")
        ]
        if offered:
            key = (listing["marketplaceId"], listing["sku"], "MERCHANT")
            expected[key] = sum(offered), listing["summaries"][0]["itemName"]

    found = {
        key: (row["available"], row["title"])
        for key, row in stock_of(warehouse).items()
        if key[2] == "MERCHANT"
    }

    assert found == expected != {}


def test_cover_follows_from_the_orders_of_a_month(warehouse: Warehouse, seller: Seller) -> None:
    units = sold(seller)

    stock = stock_of(warehouse)

    assert any(units[key] for key in stock)
    for key, row in stock.items():
        expected = None
        if units[key]:
            days = Decimal(30 * row["available"]) / units[key]
            expected = days.quantize(Decimal("0.1"), ROUND_HALF_UP)
        found = row["units_sold_30_days"], row["days_of_cover"]
        assert found == (units[key], expected), key
