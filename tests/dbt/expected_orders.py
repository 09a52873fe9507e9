"""What the marts should say about orders, worked out from what Orders 2026-01-01 says."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tap_amazon_sp.common.timestamps import parse_timestamp
from tests.warehouses import Row

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


def differences(
    rows: Iterable[Row], key: str, expected: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what differs, as (found, expected), by the key of the row and the column."""
    found = {row[key]: row for row in rows}
    differing: dict[str, Any] = {
        name: (name in found, name in expected) for name in found.keys() ^ expected.keys()
    }
    for name in found.keys() & expected.keys():
        row = {
            column: str(value) if column in ("created_day", "is_cancelled") else value
            for column, value in found[name].items()
        }
        for column, value in expected[name].items():
            if row[column] != value:
                differing[f"{name} {column}"] = (row[column], value)
    return differing
