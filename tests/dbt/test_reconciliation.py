"""The reconciliation equals the books of the simulated seller, and names what is withheld."""

from __future__ import annotations

import dataclasses
import logging
import random
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
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


def test_everything_agrees_with_the_books(warehouse: Warehouse, seller: Seller) -> None:
    rows = warehouse.rows("SELECT * FROM reconciliation")
    by_subject: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_subject[row["subject"]].append(row)
    bought: dict[str, Decimal] = defaultdict(Decimal)
    settled: dict[str, Decimal] = defaultdict(Decimal)
    postings = set()
    held_back = set()
    transfers: dict[str, Decimal] = {}
    for line in seller.books:
        amount = Decimal(line["amount"])
        if line["transactionType"] == "Shipment":
            if line["component"] in BUYER_PAYS:
                bought[line["orderId"]] += amount
            if not line["isReleased"]:
                held_back.add(line["orderId"])
        if line["transactionType"] == "Transfer":
            transfers[line["settlementId"]] = amount
        elif line["settlementId"]:
            settled[line["settlementId"]] += amount
        if line["transactionType"] == "Shipment":
            postings.add((line["orderId"], line["postedDate"]))

    assert {row["status"] for row in rows} == {"agrees", "open"}
    assert {row["difference"] for row in rows} <= {Decimal(0), None}
    orders = {row["order_id"]: row for row in by_subject["order"]}
    for order, total in bought.items():
        row = orders[order]
        assert (row["expected"], row["found"]) == (total, total)
        assert (row["status"] == "open") == (order in held_back)
    assert all(orders[order]["status"] == "open" for order in orders.keys() - bought.keys())

    transactions = by_subject["transaction"]
    assert {row["order_id"] for row in transactions if row["status"] == "open"} == held_back
    assert {row["order_id"] for row in transactions} - {None} == bought.keys()
    found = {
        row["settlement_id"]: row["found"]
        for row in transactions
        if row["explanation"] == "It transfers the total of its settlement."
    }
    assert found == transfers

    for subject in ("settlement_lines", "settlement_group", "settlement_transactions"):
        closed = {row["settlement_id"]: row for row in by_subject[subject]}
        for settlement, row in closed.items():
            if settlement in transfers:
                total = settled[settlement]
                assert (row["status"], row["expected"], row["found"]) == ("agrees", total, total)
        assert transfers.keys() <= closed.keys()
    open_ones = {
        row["settlement_id"]: row["found"]
        for row in by_subject["settlement_transactions"]
        if row["status"] == "open"
    }
    assert open_ones == {key: settled[key] for key in settled.keys() - transfers.keys()}

    paid = {row["settlement_id"]: row["found"] for row in by_subject["payout"] if row["payout_id"]}
    assert paid == {key: -amount for key, amount in transfers.items() if amount < 0}

    compared = {name: len(found) for name, found in sorted(by_subject.items())}
    logging.getLogger(__name__).info("%s: compared %s, 0 differ", warehouse.kind, compared)
    assert len(rows) > 600
    assert len({row["currency"] for row in rows}) >= 4
    assert held_back
    assert len(postings) > 200


def test_exactly_the_withheld_transactions_are_missing(
    warehouse: Warehouse, seller: Seller, tmp_path: Path
) -> None:
    transactions = warehouse.rows("SELECT * FROM transactions ORDER BY transaction_id")
    withheld = choose(transactions, seller.now)
    copy = copy_without(warehouse, tmp_path, [row["transaction_id"] for row in withheld])

    copy.dbt("build", "--select", "+reconciliation")

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

    # Their orders and settlements no longer add up; all others do.
    differing = {
        (row["subject"], row["order_id"] or row["settlement_id"])
        for row in rows
        if row["status"] == "differs"
    }
    assert differing == {
        *(
            ("order", row["order_id"])
            for row in withheld
            if row["transaction_type"] == "Shipment" and not counts_without(row, withheld)
        ),
        *(
            ("settlement_transactions", row["settlement_id"])
            for row in withheld
            if row["settlement_id"]
            and row["transaction_type"] != "Transfer"
            # Open settlements are not compared yet.
            and row["settlement_id"] in closed_settlements(warehouse)
        ),
    } - {
        ("settlement_transactions", settlement)
        for settlement in closed_settlements(warehouse)
        if not sum(
            row["total"]
            for row in withheld
            if row["settlement_id"] == settlement and row["transaction_type"] != "Transfer"
        )
    }


def choose(transactions: Sequence[Row], now: datetime) -> list[Row]:
    """Return 1 % of the transactions: one of each kind, the youngest that is released, and more.

    Amazon may take two days to show a shipment; a deferred one is in no other account until its
    money is released. So none of the last two days is among them.
    """
    rng = random.Random(SEED)
    kinds: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in transactions:
        age = now - as_time(row["posted_at"])
        if row["status"] != "DEFERRED" or age > timedelta(days=2):
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
            f'DELETE FROM amazon_sp.financial_transactions WHERE "transactionId" IN ({names})'
        )
        return copy
    tables = warehouse.rows(
        f"SELECT table_name AS name FROM information_schema.tables"
        f" WHERE table_schema = '{warehouse.raw}'"
    )
    copies = [
        f"CREATE VIEW withheld.{table['name']} AS SELECT * FROM {warehouse.raw}.{table['name']}"
        + (
            f' WHERE "transactionId" NOT IN ({names})'
            if table["name"] == "financial_transactions"
            else ""
        )
        for table in tables
    ]
    warehouse.rows("; ".join(["CREATE SCHEMA withheld", *copies]))
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


def counts_without(transaction: Row, withheld: Sequence[Row]) -> bool:
    """Return whether another transaction, which is not withheld, has the money, too."""
    other = transaction["release_transaction_id"] or transaction["deferred_transaction_id"]
    gone: Mapping[str, Row] = {row["transaction_id"]: row for row in withheld}
    return other is not None and other not in gone


def closed_settlements(warehouse: Warehouse) -> set[str]:
    """Return the settlements that have a report."""
    return {row["id"] for row in warehouse.rows("SELECT settlement_id AS id FROM settlements")}


def as_time(value: datetime | str) -> datetime:
    """Return a time; DuckDB gives text."""
    moment = datetime.fromisoformat(str(value))
    return moment.astimezone(timezone.utc)
