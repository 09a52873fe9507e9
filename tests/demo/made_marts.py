"""Rows as the marts have them, of a made-up seller with two currencies."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from demo.report.marts import QUERIES, STEPS, Rows

HOSTILE = "Mug </script><script>alert(1)</script> & <b>\"bold\"</b> <!-- 'cup'"
"""A title that would end a script, or begin one."""

NOTHING: Mapping[str, Rows] = {name: [] for name in QUERIES}
"""No mart has a row."""

FIRST = dt.date(2026, 9, 1)
MARKETPLACES = (("US", "USD"), ("DE", "EUR"), ("FR", "EUR"))
SHARES = {
    "revenue": "1",
    "shipping": "0.06",
    "discounts": "-0.03",
    "tax": "0.07",
    "tax_withheld": "-0.07",
    "refunds": "-0.05",
    "commission": "-0.15",
    "fulfillment_fees": "-0.18",
    "storage_fees": "-0.01",
    "advertising": "-0.04",
    "reimbursements": "0.004",
}


def made_marts() -> dict[str, Rows]:
    """Return rows for each query."""
    chance = random.Random(18)  # noqa: S311 - the same rows each time
    days = [_day(chance, place, *where) for place in range(60) for where in MARKETPLACES]
    totals = [_total(currency, days) for currency in ("EUR", "USD")]
    return {
        "days": days,
        "unpriced": [{"orders": 3}],
        "totals": totals,
        "products_of_orders": [],
        "products": [_product(total, place) for total in totals for place in range(1, 11)],
        "settlements": [_settlement(total, place) for total in totals for place in range(4)],
        "stock": [_stock(place) for place in range(12)],
        "stock_counts": [{"listings": 40, "sold": 30, "short": 6}],
        "reconciled": [
            {"subject": "order", "status": "agrees", "compared": 400},
            {"subject": "order", "status": "open", "compared": 30},
            {"subject": "payout", "status": "agrees", "compared": 6},
            {"subject": "settlement_lines", "status": "agrees", "compared": 7},
            {"subject": "settlement_lines", "status": "differs", "compared": 1},
        ],
        "findings": [_finding("settlement", "differs", "4711")]
        + [_finding("order", "open", f"902-{place}") for place in range(30)],
    }


def _day(chance: random.Random, place: int, marketplace: str, currency: str) -> dict[str, Any]:
    return {
        "day": FIRST + dt.timedelta(days=place),
        "marketplace": marketplace,
        "currency": currency,
        "orders": 5 + place % 3 + (marketplace == "US"),
        "units": 9,
        "revenue": Decimal(chance.randrange(10000, 90000)) / 100,
    }


def _total(currency: str, days: Rows) -> dict[str, Any]:
    revenue = sum(row["revenue"] for row in days if row["currency"] == currency)
    steps = {
        name: (revenue * Decimal(SHARES.get(name, "0"))).quantize(Decimal("0.01")) for name in STEPS
    }
    return {
        "currency": currency,
        "first_day": FIRST,
        "last_day": FIRST + dt.timedelta(days=59),
        "units_sold": 900,
        "units_refunded": 20,
        **steps,
        "net": sum(steps.values()),
    }


def _product(total: Mapping[str, Any], place: int) -> dict[str, Any]:
    revenue = (total["revenue"] / (5 + place)).quantize(Decimal("0.01"))
    return {
        "account": "",
        "sku": f"SKU-{place:02}",
        "currency": total["currency"],
        "title": HOSTILE if place == 2 else f"Product {place}",
        "units": 100 - place,
        "revenue": revenue,
        "refunds": Decimal("-1.50"),
        # One that cost more than it brought.
        "net": Decimal("-20.00") if place == 7 else (revenue / 2).quantize(Decimal("0.01")),
        "place": place,
    }


def _settlement(total: Mapping[str, Any], place: int) -> dict[str, Any]:
    begun = dt.datetime(2026, 9, 1, 8, tzinfo=dt.timezone.utc) + dt.timedelta(days=14 * place)
    amount = (total["net"] / 4).quantize(Decimal("0.01"))
    is_open = place == 3
    return {
        "account": "",
        "settlement_id": f"2000{place}",
        "currency": total["currency"],
        "started_at": begun,
        "ended_at": begun + dt.timedelta(days=14),
        "paid_at": None if is_open else begun + dt.timedelta(days=16),
        "total": amount,
        "paid": None if is_open else amount,
        "under_way": amount if place == 2 else None,
        "status": None if is_open else "in transit" if place == 2 else "paid",
    }


def _stock(place: int) -> dict[str, Any]:
    return {
        "account": "",
        "sku": f"SKU-{place:02}",
        "place": "US" if place % 2 else "EU",
        "fulfilled_by": "AMAZON" if place % 3 else "MERCHANT",
        "title": HOSTILE if place == 2 else f"Product {place}",
        "on_hand": 10 * place,
        "available": 9 * place,
        "inbound": 5,
        "units_sold_30_days": 60,
        "days_of_cover": Decimal("4.5") * place,
    }


def _finding(subject: str, status: str, name: str) -> dict[str, Any]:
    return {
        "subject": subject,
        "status": status,
        "reference": name,
        "currency": "USD",
        "expected": Decimal("10.50"),
        "found": Decimal("10.00"),
        "difference": Decimal("-0.50"),
        "explanation": f"<i>Amazon</i> has not settled {name} yet.",
    }
