"""Transactions, their lines, refunds, and the profit and loss statement against the books."""

from __future__ import annotations

import csv
import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

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
        SELECT transactions.transaction_id, total, sum(amount) AS lines
        FROM transactions
        LEFT JOIN int_transaction_lines lines ON lines.account = transactions.account
            AND lines.transaction_id = transactions.transaction_id
        GROUP BY transactions.transaction_id, total
        """
    )

    assert len(rows) == len(seller.truths["finances_2024-06-19.listTransactions"])
    assert [row for row in rows if row["total"] != row["lines"]] == []


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
    found = warehouse.rows("SELECT order_id, sku, units, principal, total FROM refunds")
    wanted: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in seller.books:
        if line["transactionType"] == "Refund":
            wanted[line["orderId"], line["sku"]] += Decimal(line["amount"])

    assert len(found) > 20
    assert {(row["order_id"], row["sku"]): row["total"] for row in found} == wanted
    assert all(row["units"] > 0 > row["principal"] for row in found)
