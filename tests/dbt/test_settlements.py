"""Settlements, their lines and payouts equal the books of the simulated seller to the cent."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from tests.warehouses import Seller, Warehouse


def test_settlements_and_their_lines_are_those_of_the_books(
    warehouse: Warehouse, seller: Seller
) -> None:
    books: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in seller.books:
        if line["settlementId"] and line["transactionType"] != "Transfer":
            books[line["settlementId"], line["currency"]] += Decimal(line["amount"])
    found = warehouse.rows("SELECT * FROM settlements")

    # The settlement of each marketplace that is open has no report yet.
    expected = {key: total for key, total in books.items() if key[0] not in open_ones(seller)}
    totals = {(row["settlement_id"], row["currency"]): row["total"] for row in found}
    assert totals == expected
    assert {row["difference"] for row in found} == {Decimal(0)}
    assert len(found) >= 20
    assert len({row["currency"] for row in found}) >= 3
    assert any(row["refunds"] for row in found)
    assert any(row["reserves"] for row in found)


def test_the_second_build_leaves_settlements_without_new_lines_alone(warehouse: Warehouse) -> None:
    """The loads are seconds apart, so the lookback alone would build all of them again."""
    found = warehouse.answers(
        [
            "SELECT count(DISTINCT built_at) AS builds FROM settlement_lines",
            "SELECT count(DISTINCT built_at) AS builds FROM settlements",
            "SELECT count(DISTINCT built_at) AS builds FROM int_settlement_postings",
        ]
    )

    assert found == [[{"builds": 2}]] * 3


def test_settlement_lines_are_those_of_the_books(warehouse: Warehouse, seller: Seller) -> None:
    rows = warehouse.rows(
        "SELECT settlement_id, order_id, order_item_id, sku, amount_type, currency, amount"
        " FROM settlement_lines"
    )

    found = Counter(tuple(row.values()) for row in rows)
    expected = Counter(
        (
            line["settlementId"],
            line["orderId"],
            line["orderItemId"],
            line["sku"],
            line["amountType"],
            line["currency"],
            Decimal(line["amount"]),
        )
        for line in seller.books
        if line["settlementId"] not in {None, *open_ones(seller)}
        and line["transactionType"] != "Transfer"
    )
    assert found == expected
    assert found.total() > 1000


def test_each_kind_of_line_is_known(warehouse: Warehouse) -> None:
    rows = warehouse.rows("SELECT DISTINCT charge_kind AS kind FROM settlement_lines")

    kinds = {row["kind"] for row in rows}
    assert kinds >= {"revenue", "tax", "commission", "storage_fees", "advertising", "reserves"}
    assert "other" not in kinds


def test_payouts_pay_their_settlements(warehouse: Warehouse, seller: Seller) -> None:
    paid = {
        (line["settlementId"], -Decimal(line["amount"]))
        for line in seller.books
        if line["transactionType"] == "Transfer" and Decimal(line["amount"]) < 0
    }
    rows = warehouse.rows("SELECT settlement_id, amount, settlement_total, difference FROM payouts")

    assert {(row["settlement_id"], row["amount"]) for row in rows} == paid
    assert all(row["amount"] == row["settlement_total"] for row in rows)
    assert {row["difference"] for row in rows} == {Decimal(0)}


def open_ones(seller: Seller) -> set[str]:
    """Return the settlements that no transfer has ended: the latest of each marketplace."""
    latest = {
        line["marketplaceId"]: line["settlementId"]
        for line in sorted(seller.books, key=lambda line: str(line["releasedDate"]))
        if line["isReleased"] and line["transactionType"] != "Transfer"
    }
    ended = {line["settlementId"] for line in seller.books if line["transactionType"] == "Transfer"}
    return set(latest.values()) - ended
