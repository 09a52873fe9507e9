"""Transactions, their lines, refunds, and the profit and loss statement against the books."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.dbt.transactions import breakdown, item, messages, related, transaction
from tests.warehouses import PROJECT, Row, Seller, Warehouse

LOGGER = logging.getLogger(__name__)

KEY = ("sku", "posted_day", "marketplace_id", "currency")
KINDS = {
    "Principal": "revenue",
    "ShippingCharge": "shipping",
    "GiftWrap": "gift_wrap",
    "PromotionMetaDataDefinitionValue": "discounts",
    "Tax": "tax",
    "ShippingTax": "tax",
    "MarketplaceFacilitatorTax-Principal": "tax_withheld",
    "MarketplaceFacilitatorTax-Shipping": "tax_withheld",
    "Commission": "commission",
    "RefundCommission": "commission",
    "FBAPerUnitFulfillmentFee": "fulfillment_fees",
    "FBAStorageFee": "storage_fees",
    "Subscription": "subscription_fees",
    "ProductAds": "advertising",
    "FBAInventoryReimbursement": "reimbursements",
    "ReserveDebit": "reserves",
    "ReserveCredit": "reserves",
}
"""Columns of the profit and loss statement by component of the books."""
REFUNDED = frozenset({"revenue", "shipping", "gift_wrap", "discounts", "tax", "tax_withheld"})
AMOUNTS = (*dict.fromkeys(KINDS.values()), "refunds", "other_fees", "other")
UNITS = ("units_sold", "units_refunded")

Statement = Mapping[tuple[str, ...], Mapping[str, Decimal]]
"""Amounts and units by column, for each key of the profit and loss statement."""


def local_day(line: Row) -> str:
    """Return the day of a line of the books in the time zone of its marketplace."""
    with (PROJECT / "seeds" / "marketplaces.csv").open(encoding="utf-8", newline="") as rows:
        zones = {row["marketplace_id"]: row["time_zone"] for row in csv.DictReader(rows)}
    moment = dt.datetime.fromisoformat(line["postedDate"].replace("Z", "+00:00"))
    return moment.astimezone(ZoneInfo(zones[line["marketplaceId"]])).date().isoformat()


def statement_of_books(books: Iterable[Row]) -> Statement:
    """Work out a profit and loss statement from the books of a seller.

    Transfers are not in it. A transaction does not say for which product a reimbursement is.
    """
    found: dict[tuple[str, ...], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in books:
        component, is_refund = line["component"], line["transactionType"] == "Refund"
        if component == "Transfer":
            continue
        sku = line["sku"] if line["orderId"] else None
        row = found[sku or "", local_day(line), line["marketplaceId"], line["currency"]]
        kind = KINDS[component]
        row["refunds" if is_refund and kind in REFUNDED else kind] += Decimal(line["amount"])
        if component == "Principal":
            row["units_refunded" if is_refund else "units_sold"] += Decimal(line["quantity"])
    return found


def statement_of_models(rows: Iterable[Row]) -> Statement:
    """Return the rows of `profit_and_loss` in the same form."""
    return {
        tuple(str(row[name]) for name in KEY): {
            name: Decimal(row[name]) for name in (*AMOUNTS, *UNITS)
        }
        for row in rows
    }


def differences(books: Statement, models: Statement) -> Sequence[str]:
    """Compare two statements, and return what differs.

    How much was compared is logged: `pytest --log-cli-level=INFO` shows it.
    """
    found, amounts = [], 0
    for key in sorted(books.keys() | models.keys()):
        ours, theirs = models.get(key, {}), books.get(key, {})
        for name in (*AMOUNTS, *UNITS):
            amounts += 1
            if (one := ours.get(name, Decimal(0))) != (other := theirs.get(name, Decimal(0))):
                found.append(f"{' '.join(key)} {name}: {one} instead of {other}")
    LOGGER.info(
        "profit_and_loss: %d rows, the books: %d; %d values compared, %d differences",
        len(models),
        len(books),
        amounts,
        len(found),
    )
    return found


def test_profit_and_loss_equals_the_books(warehouse: Warehouse, seller: Seller) -> None:
    books = statement_of_books(seller.books)
    models = statement_of_models(warehouse.rows("SELECT * FROM profit_and_loss"))

    assert differences(books, models) == []
    assert len(models) > 500
    assert len({key[3] for key in models}) >= 3
    for name in ("refunds", "storage_fees", "advertising", "units_refunded"):
        assert any(row[name] for row in models.values()), name
    assert any(not line["isReleased"] for line in seller.books)
    assert any(line["releasedDate"] != line["postedDate"] for line in seller.books)


def test_lines_add_up_to_their_transaction(warehouse: Warehouse, seller: Seller) -> None:
    rows = warehouse.rows(
        """
        SELECT
            transactions.transaction_id, total, sum(amount) AS lines,
            count(*) - count(DISTINCT line_id) AS doubles
        FROM transactions
        LEFT JOIN int_transaction_lines lines ON lines.account = transactions.account
            AND lines.transaction_id = transactions.transaction_id
        GROUP BY transactions.transaction_id, total
        """
    )

    assert len(rows) == len(seller.truths["finances_2024-06-19.listTransactions"])
    assert [row for row in rows if row["total"] != row["lines"] or row["doubles"]] == []


def test_reserves_are_those_of_the_books(warehouse: Warehouse, seller: Seller) -> None:
    """In the statement they cancel out, because one ends when the next begins."""
    found = warehouse.rows(
        "SELECT marketplace_id, amount FROM int_posted_lines WHERE charge_kind = 'reserves'"
    )
    wanted = [
        (line["marketplaceId"], Decimal(line["amount"]))
        for line in seller.books
        if KINDS.get(line["component"]) == "reserves"
    ]

    assert len(wanted) > 10
    assert sorted((row["marketplace_id"], row["amount"]) for row in found) == sorted(wanted)


def test_refunds_are_those_of_the_books(warehouse: Warehouse, seller: Seller) -> None:
    found = warehouse.rows(
        "SELECT order_id, order_item_id, sku, units, principal, total FROM refunds"
    )
    wanted: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    items = {}
    for line in seller.books:
        if line["transactionType"] == "Refund":
            wanted[line["orderId"], line["sku"]] += Decimal(line["amount"])
            items[line["orderId"], line["sku"]] = line["orderItemId"]

    assert len(found) > 20
    assert {(row["order_id"], row["sku"]): row["total"] for row in found} == wanted
    assert all(row["units"] > 0 > row["principal"] for row in found)
    named = [row for row in found if row["order_item_id"]]
    assert len(named) > len(found) / 2
    assert all(items[row["order_id"], row["sku"]] == row["order_item_id"] for row in named)


LATE = transaction(
    "deferred",
    "Shipment",
    90,
    transactionStatus="DEFERRED_RELEASED",
    postedDate="2026-08-02T12:00:00Z",
    items=[item("B", 90, breakdown("ProductCharges", 90, breakdown("OurPricePrincipal", 90)))],
)
FIRST = (
    # As the tests of airbyte's source-amazon-seller-partner show it: fees with the tax on them.
    transaction(
        "shipment",
        "Shipment",
        294.46,
        transactionStatus=None,
        items=[
            item(
                "A",
                294.46,
                breakdown("Tax", 89.8, breakdown("OurPriceTax", 80), breakdown("ShippingTax", 9.8)),
                breakdown("ProductCharges", 320, breakdown("OurPricePrincipal", 320)),
                breakdown("Shipping", 39.2, breakdown("ShippingPrincipal", 39.2)),
                breakdown(
                    "AmazonFees",
                    -154.54,
                    breakdown(
                        "FBAPerUnitFulfillmentFee",
                        -45.54,
                        breakdown("Base", -36.43),
                        breakdown("Tax", -9.11),
                    ),
                    breakdown("Commission", -60, breakdown("Base", -60)),
                    breakdown(
                        "ShippingChargeback", -49, breakdown("Base", -39.2), breakdown("Tax", -9.8)
                    ),
                ),
                quantity=2,
            )
        ],
        breakdowns=[
            breakdown("Sales", 449, breakdown("ProductCharges", 320)),
            breakdown("Expenses", -154.54, breakdown("AmazonFees", -154.54)),
        ],
    ),
    transaction("gaps", "Shipment", 80, items=[item("B", 80)]),
    # Its deferred transaction, which was an estimate, is loaded later.
    transaction(
        "release",
        "Shipment",
        95,
        postedDate="2026-08-20T12:00:00Z",
        items=[item("B", 95, breakdown("ProductCharges", 95, breakdown("OurPricePrincipal", 95)))],
        relatedIdentifiers=related(DEFERRED_TRANSACTION_ID="deferred"),
    ),
    transaction(
        "claim",
        "GuaranteeClaim",
        -25,
        items=[
            item("A", -25, breakdown("ProductCharges", -25, breakdown("OurPricePrincipal", -25)))
        ],
    ),
    # Amazon names the product of a reimbursement, and gives the amount for the whole only.
    transaction(
        "lost",
        "FBAInventoryReimbursement",
        15.34,
        items=[item("C", None)],
        breakdowns=[breakdown("Sales", 15.34, breakdown("FBAInventoryReimbursement", 15.34))],
    ),
    transaction(
        "storage",
        "ServiceFee",
        -5,
        description="FBA Storage Fee",
        breakdowns=[breakdown("Expenses", -5, breakdown("AmazonFees", -5))],
    ),
    transaction("nothing known", "SomethingNew", 12.5),
    transaction("nothing at all", "SomethingNew", None),
    transaction(
        "new fee",
        "ServiceFee",
        -3,
        description="Fee of 2027",
        breakdowns=[breakdown("AmazonFees", -3, breakdown("FeeOf2027", -2), breakdown("Base", -1))],
    ),
    transaction("shipment", "Transfer", -7, _account="other"),
    transaction("stays", "SomethingNew", 1, postedDate="2026-08-05T12:00:00Z"),
    transaction("moves", "SomethingNew", 2, postedDate="2026-08-05T12:00:00Z"),
    transaction("moves alone", "SomethingNew", 4, postedDate="2026-08-06T12:00:00Z"),
    transaction("fades", "SomethingNew", 8, postedDate="2026-08-07T12:00:00Z"),
)
SECOND = (
    LATE,
    transaction(
        "two currencies",
        "Refund",
        -9,
        items=[
            item(
                "E",
                -9,
                breakdown("ProductCharges", -10),
                breakdown("AmazonFees", 1, currency="CAD"),
            )
        ],
    ),
    # The days that these leave are summed up again, too.
    transaction("moves", "SomethingNew", 2, postedDate="2026-08-08T12:00:00Z"),
    transaction("moves alone", "SomethingNew", 4, postedDate="2026-08-08T12:00:00Z"),
    transaction("fades", "SomethingNew", 0, postedDate="2026-08-07T12:00:00Z"),
    # The items of a transaction have changed, and the breakdowns lack something at each level.
    transaction(
        "gaps",
        "Shipment",
        110,
        items=[
            item(
                "D",
                90,
                breakdown("AmazonFees", -10, breakdown("Commission", -7)),
                breakdown("ProductCharges", 80),
            ),
            item("D", None, breakdown("ProductCharges", 1)),
        ],
    ),
)


def test_shapes_that_the_simulator_does_not_send(
    warehouse: Warehouse, seller: Seller, tmp_path: Path
) -> None:
    """In PostgreSQL, the second half comes later; DuckDB has all at once."""
    schema = next(
        message
        for message in map(json.loads, seller.outputs[0].splitlines())
        if message["type"] == "SCHEMA" and message["stream"] == "financial_transactions"
    )
    ours = dataclasses.replace(warehouse, folder=tmp_path, raw="shapes", models="shapes_models")
    printed = ""
    for records in (FIRST, SECOND) if warehouse.kind == "postgres" else ((*FIRST, *SECOND),):
        ours.load(messages(schema, records))
        printed = ours.dbt(
            "build", "--select", "+profit_and_loss", "+refunds", "--indirect-selection", "cautious"
        )

    assert "ServiceFee / Fee of 2027 / AmazonFees / FeeOf2027 (1 amounts): it counts as" in printed
    lines = ours.rows(
        "SELECT transaction_id, line_id, charge, charge_part, charge_kind, is_known_charge, amount"
        " FROM int_transaction_lines WHERE account = 'one' ORDER BY transaction_id, line_id"
    )
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in lines:
        found[row["transaction_id"]].append(tuple(row.values())[2:])
    assert found["lost"] == [
        ("FBAInventoryReimbursement", None, "reimbursements", True, Decimal("15.34"))
    ]
    assert found["storage"] == [("AmazonFees", None, "storage_fees", True, Decimal(-5))]
    assert found["new fee"] == [
        ("FeeOf2027", None, "other_fees", False, Decimal(-2)),
        ("AmazonFees", "Base", "other_fees", True, Decimal(-1)),
    ]
    assert found["gaps"] == [
        ("", "unallocated", "other", False, Decimal(20)),
        ("", "unallocated", "other", False, Decimal(20)),
        ("AmazonFees", "unallocated", "other_fees", True, Decimal(-3)),
        ("Commission", None, "commission", True, Decimal(-7)),
        ("ProductCharges", None, "revenue", True, Decimal(80)),
    ]
    assert found["nothing known"] == [("", None, "other", False, Decimal("12.5"))]
    statement = {
        (row["account"], row["sku"], str(row["posted_day"])): {
            name: Decimal(row[name]) for name in (*AMOUNTS, *UNITS, "net") if row[name]
        }
        for row in ours.rows("SELECT * FROM profit_and_loss WHERE sku <> 'E'")
    }
    query = "SELECT currency, total FROM refunds WHERE sku = 'E' ORDER BY currency"
    assert [(row["currency"], Decimal(row["total"])) for row in ours.rows(query)] == [
        ("CAD", Decimal(1)),
        ("USD", Decimal(-10)),
    ]
    assert statement == {
        ("one", "", "2026-08-01"): amounts(
            storage_fees="-5", other_fees="-3", other="32.5", net="24.5"
        ),
        ("one", "", "2026-08-05"): amounts(other="1", net="1"),
        ("one", "", "2026-08-08"): amounts(other="6", net="6"),
        ("one", "A", "2026-08-01"): amounts(
            units_sold="2",
            units_refunded="1",
            revenue="320",
            shipping="39.2",
            tax="89.8",
            refunds="-25",
            commission="-60",
            fulfillment_fees="-94.54",
            net="269.46",
        ),
        ("one", "B", "2026-08-02"): amounts(units_sold="1", revenue="95", net="95"),
        ("one", "C", "2026-08-01"): amounts(reimbursements="15.34", net="15.34"),
        ("one", "D", "2026-08-01"): amounts(
            units_sold="1", revenue="80", commission="-7", other_fees="-3", other="20", net="90"
        ),
    }


def amounts(**columns: str) -> Mapping[str, Decimal]:
    """Return amounts and units by column."""
    return {name: Decimal(value) for name, value in columns.items()}
