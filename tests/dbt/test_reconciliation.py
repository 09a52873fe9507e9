"""The reconciliation equals the books of the simulated seller, and names what is withheld."""

from __future__ import annotations

import dataclasses
import logging
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.warehouses import Row, Seller, Warehouse

BUYER_PAYS = {
    "Principal",
    "Tax",
    "ShippingCharge",
    "ShippingTax",
    "GiftWrap",
    "PromotionMetaDataDefinitionValue",
}
"""Components of a shipment that are part of the total of an order."""

SEED = 18
WITHHELD_SHARE = 0.01
MIN_WITHHELD = 12


@dataclass(frozen=True)
class Books:
    """What is true of the seller's orders and settlements.

    Attributes:
        bought: What buyers paid, by order that was shipped.
        held_back: Orders with money that Amazon holds back.
        settled: The totals of settlements, with the open ones.
        transfers: What was transferred, by settlement; negative if it went to the seller.
    """

    bought: dict[str, Decimal]
    held_back: set[str]
    settled: dict[str, Decimal]
    transfers: dict[str, Decimal]


def books_of(seller: Seller) -> Books:
    """Add up the books of a seller."""
    books = Books(defaultdict(Decimal), set(), defaultdict(Decimal), defaultdict(Decimal))
    for line in seller.books:
        kind, amount = line["transactionType"], Decimal(line["amount"])
        if kind == "Shipment" and line["component"] in BUYER_PAYS:
            books.bought[line["orderId"]] += amount
        if not line["isReleased"]:
            books.held_back.add(line["orderId"])
        if line["settlementId"]:
            sums = books.transfers if kind == "Transfer" else books.settled
            sums[line["settlementId"]] += amount
    assert len(books.bought) > 200
    assert books.held_back
    assert len(books.transfers) > 20
    return books


def rows_about(warehouse: Warehouse, *subjects: str) -> list[Row]:
    """Return the rows of the reconciliation about some subjects."""
    rows = warehouse.rows("SELECT * FROM reconciliation")
    return [row for row in rows if row["subject"] in subjects]


def test_nothing_differs_and_nothing_is_missing(warehouse: Warehouse) -> None:
    rows = warehouse.rows("SELECT * FROM reconciliation")

    assert {row["status"] for row in rows} == {"agrees", "open"}
    assert {row["difference"] for row in rows} <= {Decimal(0), None}
    assert len({row["currency"] for row in rows}) >= 4
    assert len(rows) > 600
    compared = Counter(row["subject"] for row in rows)
    logging.getLogger(__name__).info(
        "%s: %d rows, 0 differ: %s", warehouse.kind, len(rows), compared
    )


def test_orders_are_those_of_the_books(warehouse: Warehouse, seller: Seller) -> None:
    books = books_of(seller)
    orders = {row["order_id"]: row for row in rows_about(warehouse, "order")}

    assert {order: orders[order]["expected"] for order in books.bought} == books.bought
    assert {order: orders[order]["found"] for order in books.bought} == books.bought
    unshipped = orders.keys() - books.bought.keys()
    assert {key for key, row in orders.items() if row["status"] == "open"} == {
        *books.held_back,
        *unshipped,
    }


def test_transactions_are_those_of_the_books(warehouse: Warehouse, seller: Seller) -> None:
    books = books_of(seller)
    rows = rows_about(warehouse, "transaction")

    assert {row["order_id"] for row in rows if row["status"] == "open"} == books.held_back
    assert {row["order_id"] for row in rows} - {None} == books.bought.keys()
    assert {
        row["settlement_id"]: row["found"]
        for row in rows
        if row["explanation"] == "It transfers the total of its settlement."
    } == books.transfers


def test_settlements_are_those_of_the_books(warehouse: Warehouse, seller: Seller) -> None:
    books = books_of(seller)
    closed = {key: total for key, total in books.settled.items() if key in books.transfers}

    for subject in ("settlement_lines", "settlement_group", "settlement_transactions"):
        rows = [row for row in rows_about(warehouse, subject) if row["status"] == "agrees"]
        assert {row["settlement_id"]: row["expected"] for row in rows} == closed
        assert {row["settlement_id"]: row["found"] for row in rows} == closed
    rows = rows_about(warehouse, "settlement_transactions")
    still_open = {key: total for key, total in books.settled.items() if key not in closed}
    assert {
        row["settlement_id"]: row["found"] for row in rows if row["status"] == "open"
    } == still_open


def test_payouts_are_those_of_the_books(warehouse: Warehouse, seller: Seller) -> None:
    rows = [row for row in rows_about(warehouse, "payout") if row["payout_id"]]

    paid = {key: -amount for key, amount in books_of(seller).transfers.items() if amount < 0}
    assert {row["settlement_id"]: row["found"] for row in rows} == paid
    assert {row["settlement_id"]: row["expected"] for row in rows} == paid


def test_exactly_the_withheld_transactions_are_missing(
    warehouse: Warehouse, seller: Seller, tmp_path: Path
) -> None:
    transactions = warehouse.rows(
        "SELECT transactions.*, orders.last_updated_at AS changed_at"
        " FROM transactions LEFT JOIN orders USING (account, order_id) ORDER BY transaction_id"
    )
    withheld = choose(transactions, seller.now)
    copy = copy_without(warehouse, tmp_path, [row["transaction_id"] for row in withheld])

    copy.dbt("build", "--select", "+reconciliation", "--exclude-resource-type", "test")

    rows = copy.rows("SELECT * FROM reconciliation WHERE status NOT IN ('agrees', 'open')")
    missing = [row for row in rows if row["status"] == "missing"]
    unnamed = []
    for transaction in withheld:
        named = next((row for row in missing if is_about(row, transaction)), None)
        if named is None:
            unnamed.append(transaction)
        else:
            missing.remove(named)
    assert (unnamed, missing) == ([], [])

    # Their orders and settlements no longer add up; all others do. What began before the first
    # transaction is not compared.
    begun = {
        row["id"]
        for table, time in (("orders", "created_at"), ("settlements", "started_at"))
        for row in copy.rows(
            f"SELECT {table[:-1]}_id AS id FROM {table}, int_transaction_coverage"  # noqa: S608 - names above
            f" WHERE {time} >= covered_from"
        )
    }
    lacking = orders_that_lack(withheld) | settlements_that_lack(withheld)
    differing = [row for row in rows if row["status"] == "differs"]
    assert {row["order_id"] or row["settlement_id"] for row in differing} == lacking & begun
    assert {row["subject"] for row in differing} == {"order", "settlement_transactions"}


def orders_that_lack(withheld: Sequence[Row]) -> set[str]:
    """Return the orders that lack a shipment which no other transaction shows."""
    gone = {row["transaction_id"] for row in withheld}
    others = {
        row["transaction_id"]: row["release_transaction_id"] or row["deferred_transaction_id"]
        for row in withheld
    }
    return {
        row["order_id"]
        for row in withheld
        if row["transaction_type"] == "Shipment" and others[row["transaction_id"]] in {None, *gone}
    }


def settlements_that_lack(withheld: Sequence[Row]) -> set[str]:
    """Return the settlements to whose totals transactions are lacking."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in withheld:
        if row["transaction_type"] != "Transfer" and row["settlement_id"]:
            sums[row["settlement_id"]] += row["total"]
    return {settlement for settlement, total in sums.items() if total}


def choose(transactions: Sequence[Row], now: datetime) -> list[Row]:
    """Return 1 % of the transactions: one of each kind, the youngest that is released, and more.

    Amazon may take two days to show a shipment. Until the money of a deferred one is released, only
    its order shows it; so none of an order that has changed in the last two days is among them.

    Args:
        transactions: All transactions, each with `changed_at`, when its order last changed.
        now: When the tap read them.
    """
    rng = random.Random(SEED)  # noqa: S311 - no secret
    kinds: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in transactions:
        if row["status"] != "DEFERRED" or now - as_time(row["changed_at"]) > timedelta(days=2):
            is_release = row["deferred_transaction_id"] is not None
            kinds[row["transaction_type"], row["status"], is_release].append(row)
    chosen = {row["transaction_id"]: row for rows in kinds.values() for row in [rng.choice(rows)]}
    assert len(chosen) >= 9
    released = [row for row in transactions if row["status"] == "RELEASED"]
    youngest = max(released, key=lambda row: as_time(row["posted_at"]))
    chosen[youngest["transaction_id"]] = youngest
    wanted = max(MIN_WITHHELD, int(len(transactions) * WITHHELD_SHARE))
    while len(chosen) < wanted:
        more = rng.choice(released)
        chosen[more["transaction_id"]] = more
    return list(chosen.values())


def copy_without(warehouse: Warehouse, folder: Path, ids: Sequence[str]) -> Warehouse:
    """Return a database with the same tables of the loader, but for some transactions."""
    names = ", ".join(f"'{each}'" for each in ids)
    if warehouse.kind == "duckdb":
        copy = dataclasses.replace(warehouse, folder=folder, models="withheld_models")
        shutil.copy(warehouse.path, copy.path)
        copy.rows(
            f'DELETE FROM amazon_sp.financial_transactions WHERE "transactionId" IN ({names})'  # noqa: S608 - ids of the simulator
        )
        return copy
    tables = warehouse.rows(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'amazon_sp'"
    )
    copies = ["CREATE SCHEMA withheld"]
    for table in tables:
        query = f"SELECT * FROM amazon_sp.{table['name']}"  # noqa: S608 - tables of this test
        if table["name"] == "financial_transactions":
            query += f' WHERE "transactionId" NOT IN ({names})'
        copies.append(f"CREATE VIEW withheld.{table['name']} AS {query}")
    warehouse.rows("; ".join(copies))
    return dataclasses.replace(warehouse, folder=folder, raw="withheld", models="withheld_models")


def is_about(row: Row, transaction: Row) -> bool:
    """Return whether a row of the reconciliation names a transaction."""
    if row["transaction_id"]:
        return bool(row["transaction_id"] == transaction["transaction_id"])
    if row["expected"] is None:
        return (transaction["status"], row["order_id"]) == ("DEFERRED", transaction["order_id"])
    return (
        row["order_id"] == transaction["order_id"]
        and row["currency"] == transaction["currency"]
        and row["expected"] == transaction["total"]
        and as_time(row["posted_at"]) == as_time(transaction["posted_at"])
    )


def as_time(value: datetime | str) -> datetime:
    """Return a time; DuckDB gives text."""
    moment = datetime.fromisoformat(str(value))
    return moment.astimezone(timezone.utc)
