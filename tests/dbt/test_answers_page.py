"""The SQL of docs/answers.md gives what is true of the seller, on models and on raw tables."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.pages import code_blocks, page
from tests.warehouses import Row, Seller, Warehouse

PAGE = page("docs/answers.md")
SECTIONS = {
    section.partition("\n")[0]: section
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[2:]
}
US = "ATVPDKIKX0DER"
ZONES = {
    US: ("US", ZoneInfo("America/Los_Angeles")),
    "A2EUQ1WTGCTBG2": ("CA", ZoneInfo("America/Los_Angeles")),
    "A1AM78C64UM0Y8": ("MX", ZoneInfo("America/Los_Angeles")),
    "A2Q3Y263D00KWC": ("BR", ZoneInfo("America/Sao_Paulo")),
}

Known = Sequence[tuple[Any, ...]]


def blocks(section: str) -> dict[str, str]:
    """Return the blocks of SQL in a section, by the comment that they begin with."""
    return {
        block.partition("\n")[0].removeprefix("-- "): block for block in code_blocks(section, "sql")
    }


def raw_block(section: str, kind: str) -> str:
    """Return the query of a section on the raw tables, for a database."""
    found = blocks(section)
    database = {"postgres": "PostgreSQL", "duckdb": "DuckDB"}[kind]
    return found.get("raw tables") or found[f"raw tables, {database}"]


def local_time(text: str, marketplace_id: str) -> dt.datetime:
    """Return a time of the simulator in the time zone of a marketplace."""
    return dt.datetime.fromisoformat(text).astimezone(ZONES[marketplace_id][1])


def in_september(line: Row) -> bool:
    """Return whether a line of the books was posted in the month before that of the second run."""
    posted = local_time(line["postedDate"], line["marketplaceId"])
    return (posted.year, posted.month) == (2026, 9)


def american_lines(seller: Seller) -> Iterator[Row]:
    """Yield the lines of the books that the transactions of American products have."""
    for line in seller.books:
        # Amazon's transactions do not have the products of reimbursements.
        if line["marketplaceId"] == US and line["transactionType"] in ("Shipment", "Refund"):
            yield line


def units(lines: Sequence[Row], transaction_type: str) -> int:
    """Return the units of sales or refunds: each has one line with the price."""
    return sum(
        line["quantity"]
        for line in lines
        if line["component"] == "Principal" and line["transactionType"] == transaction_type
    )


def money(lines: Sequence[Row], *components: str) -> Decimal:
    """Return the sum of all lines, or of those of some components."""
    return sum(
        (
            Decimal(line["amount"])
            for line in lines
            if not components or line["component"] in components
        ),
        Decimal(0),
    )


def rounded(number: Decimal) -> Decimal:
    """Return a number with two decimals."""
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)


def by_sku(lines: Iterator[Row]) -> dict[str, list[Row]]:
    """Return lines by SKU."""
    found: dict[str, list[Row]] = defaultdict(list)
    for line in lines:
        found[line["sku"]].append(line)
    return found


def earned_last_month(seller: Seller) -> Known:
    """Return SKU, currency, units and net."""
    lines = by_sku(line for line in american_lines(seller) if in_september(line))
    rows = [(sku, "USD", units(of, "Shipment"), money(of)) for sku, of in lines.items()]
    return sorted(rows, key=lambda row: (-row[3], row[0]))


def kept_by_amazon(seller: Seller) -> Known:
    """Return currency and the sums of five kinds of fees."""
    lines = [line for line in seller.books if line["marketplaceId"] == US and in_september(line)]
    kinds = (
        ("Commission", "RefundCommission"),
        ("FBAPerUnitFulfillmentFee",),
        ("FBAStorageFee",),
        ("ProductAds",),
        ("Subscription",),
    )
    return [("USD", *(money(lines, *components) for components in kinds))]


def left_per_unit(seller: Seller) -> Known:
    """Return SKU, units, and fees and net of a unit."""
    fees = ("Commission", "RefundCommission", "FBAPerUnitFulfillmentFee")
    rows = [
        (sku, sold, rounded(money(of, *fees) / sold), rounded(money(of) / sold))
        for sku, of in by_sku(american_lines(seller)).items()
        if (sold := units(of, "Shipment"))
    ]
    return sorted(rows)


def refunded(seller: Seller) -> Known:
    """Return SKU, units sold and units refunded."""
    rows = [
        (sku, units(of, "Shipment"), back)
        for sku, of in by_sku(american_lines(seller)).items()
        if (back := units(of, "Refund"))
    ]
    return sorted(rows, key=lambda row: (-row[2] / row[1] if row[1] else -9e9, row[0]))


def settled(seller: Seller) -> dict[str, list[Row]]:
    """Return the lines of each settlement that has ended, without its transfer."""
    paid = {line["settlementId"] for line in seller.books if line["component"] == "Transfer"}
    found: dict[str, list[Row]] = {settlement: [] for settlement in paid}
    for line in seller.books:
        if line["settlementId"] in paid and line["component"] != "Transfer":
            found[line["settlementId"]].append(line)
    return found


def paid_out(seller: Seller) -> Known:
    """Return settlement, currency, amount of the payout and total of the settlement."""
    transfers = {
        line["settlementId"]: line for line in seller.books if line["component"] == "Transfer"
    }
    return [
        (
            settlement,
            transfers[settlement]["currency"],
            -money([transfers[settlement]]),
            money(lines),
        )
        for settlement, lines in sorted(settled(seller).items())
        # What the seller owes is not paid out.
        if money(lines) > 0
    ]


def held_back(seller: Seller) -> Known:
    """Return currency, number of transactions and their sum."""
    found: dict[str, list[Row]] = defaultdict(list)
    for line in seller.books:
        if not line["isReleased"]:
            found[line["currency"]].append(line)
    return [
        (currency, len({(line["postedDate"], line["orderId"]) for line in lines}), money(lines))
        for currency, lines in sorted(found.items())
    ]


def soon_out_of_stock(seller: Seller) -> Known:
    """Return SKU, units in stock and units ordered in 30 days."""
    available: dict[str, int] = defaultdict(int)
    for place in seller.truths["inventory"]:
        if place["marketplaceId"] == US:
            available[place["sellerSku"]] += place["units"].get("SELLABLE", 0) - place["reserved"]
    sold: dict[str, int] = defaultdict(int)
    for order in orders(seller):
        created = dt.datetime.fromisoformat(order["createdTime"])
        if (
            order["salesChannel"]["marketplaceId"] == US
            and order["fulfillment"]["fulfilledBy"] == "AMAZON"
            and seller.now - dt.timedelta(days=30) < created <= seller.now
        ):
            for item in order["orderItems"]:
                sold[item["product"]["sellerSku"]] += item["quantityOrdered"]
    return sorted(
        (sku, available[sku], number)
        for sku, number in sold.items()
        if sku in available and round(Decimal(30 * available[sku]) / number, 1) < 1000
    )


def sold_by_weekday(seller: Seller) -> Known:
    """Return country, currency, weekday, units and product prices."""
    found: dict[tuple[str, str, int], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for order in orders(seller):
        marketplace_id = order["salesChannel"]["marketplaceId"]
        weekday = local_time(order["createdTime"], marketplace_id).isoweekday()
        for item in order["orderItems"]:
            prices = [
                part["subtotal"]
                for part in (item.get("proceeds") or {}).get("breakdowns") or ()
                if part["type"] == "ITEM"
            ]
            for price in prices:
                sums = found[ZONES[marketplace_id][0], price["currencyCode"], weekday]
                sums[0] += item["quantityOrdered"]
                sums[1] += Decimal(price["amount"])
    return sorted((*group, *sums) for group, sums in found.items())


def orders(seller: Seller) -> Iterator[Row]:
    """Yield the orders that are not cancelled."""
    for order in seller.truths["orders"]:
        if order["fulfillment"]["fulfillmentStatus"] != "CANCELLED":
            yield order


def converting(seller: Seller) -> Known:
    """Return ASIN, sessions, units, and units for 100 sessions: in the newest report of a day."""
    reports: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for record in records(seller, "report_sales_and_traffic_by_asin"):
        if record["_marketplace_id"] == US:
            reports[record["_data_start_time"]][record["_report_created_time"]].append(record)
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for versions in reports.values():
        for record in versions[max(versions)]:
            found[record["child_asin"]][0] += record["traffic_by_asin"]["sessions"]
            found[record["child_asin"]][1] += record["sales_by_asin"]["units_ordered"]
    rows = [
        (asin, sessions, ordered, rounded(Decimal(100 * ordered) / sessions))
        for asin, (sessions, ordered) in found.items()
        if sessions
    ]
    return sorted(rows, key=lambda row: (-row[3], row[0]))


def records(seller: Seller, stream: str) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a stream in the order in which the tap wrote them."""
    for output in seller.outputs:
        for line in output.splitlines():
            message = json.loads(line)
            if message["type"] == "RECORD" and message["stream"] == stream:
                yield message["record"]


def not_received(seller: Seller) -> Known:
    """Return purchase order, item, and the quantities ordered and received."""
    rows = []
    for order in seller.truths["vendorOrders.getPurchaseOrdersStatus"]:
        for item in order["itemStatus"]:
            ordered, received = (
                quantity["amount"] * quantity["unitSize"]
                for quantity in (
                    item["orderedQuantity"]["orderedQuantity"],
                    item["receivingStatus"]["receivedQuantity"],
                )
            )
            if ordered > received:
                rows.append(
                    (order["purchaseOrderNumber"], item["itemSequenceNumber"], ordered, received)
                )
    return sorted(rows)


ANSWERS: Mapping[str, tuple[Callable[[Seller], Known], Sequence[str]]] = {
    "1. What did I earn per product last month?": (
        earned_last_month,
        ("sku", "currency", "units_sold", "net"),
    ),
    "2. What did Amazon keep, by kind?": (
        kept_by_amazon,
        (
            "currency",
            "commission",
            "fulfillment_fees",
            "storage_fees",
            "advertising",
            "subscription_fees",
        ),
    ),
    "3. What does a unit of each product leave after fees?": (
        left_per_unit,
        ("sku", "units_sold", "fees_per_unit", "left_per_unit"),
    ),
    "4. Which products come back?": (refunded, ("sku", "units_sold", "units_refunded")),
    "5. What was paid out, and does it match the settlement?": (
        paid_out,
        ("settlement_id", "currency", "amount", "settlement_total"),
    ),
    "6. What does Amazon hold back?": (held_back, ("currency", "transactions", "held_back")),
    "7. What runs out of stock in the next two weeks?": (
        soon_out_of_stock,
        ("sku", "available", "units_sold_30_days"),
    ),
    "8. On which weekdays does each marketplace sell best?": (
        sold_by_weekday,
        ("country", "currency", "weekday", "units", "revenue"),
    ),
    "9. Which products convert?": (
        converting,
        ("asin", "sessions", "units_ordered", "units_per_100_sessions"),
    ),
    "And for vendors: what was ordered and has not arrived?": (
        not_received,
        ("purchase_order_number", "item_sequence_number", "ordered_quantity", "received"),
    ),
}
"""For each question, what is true, and the columns that say so."""

WHAT_DOES_NOT_ADD_UP = "10. What does not add up?"
OF_ONE_ROW = {"2. What did Amazon keep, by kind?"}
ORDERED_BY_A_RATIO = {
    "3. What does a unit of each product leave after fees?",
    "7. What runs out of stock in the next two weeks?",
}


def test_the_page_has_ten_questions_and_one_for_vendors() -> None:
    questions = [name for name in SECTIONS if re.match(r"\d+\. ", name)]

    assert [int(name.partition(".")[0]) for name in questions] == list(range(1, 11))
    assert SECTIONS.keys() - {"Before you begin"} == ANSWERS.keys() | {WHAT_DOES_NOT_ADD_UP}


@pytest.fixture(scope="session")
def queries() -> Mapping[str, Mapping[str, str]]:
    """The queries for each kind of database, by question and table."""
    found: dict[str, dict[str, str]] = {"postgres": {}, "duckdb": {}}
    for kind, of_kind in found.items():
        for name in ANSWERS:
            of_kind[f"{name} models"] = blocks(SECTIONS[name])["models"]
            of_kind[f"{name} raw"] = raw_block(SECTIONS[name], kind)
        for label, query in blocks(SECTIONS[WHAT_DOES_NOT_ADD_UP]).items():
            of_kind[f"{WHAT_DOES_NOT_ADD_UP} {label}"] = query
    return found


@pytest.fixture(scope="session")
def answers(
    seller: Seller, warehouses: Mapping[str, Warehouse], queries: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Mapping[str, Sequence[Row]]]:
    """The rows of all queries, for each kind of database."""
    found = {}
    for kind, warehouse in warehouses.items():
        # The seller has stock for longer than the page asks for.
        texts = [
            query.replace("current_date", f"date '{seller.now:%Y-%m-%d}'").replace("< 14", "< 1000")
            for query in queries[kind].values()
        ]
        found[kind] = dict(zip(queries[kind], warehouse.answers(texts), strict=True))
    return found


def plain(rows: Sequence[Row], columns: Sequence[str] | None = None) -> list[tuple[Any, ...]]:
    """Return the values of some columns, all numbers in one type."""
    return [
        tuple(
            Decimal(str(row[column])) if isinstance(row[column], (int, float)) else row[column]
            for column in columns or row
        )
        for row in rows
    ]


@pytest.mark.parametrize("kind", ["postgres", "duckdb"])
@pytest.mark.parametrize("tables", ["models", "raw"])
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_true(
    answers: Mapping[str, Mapping[str, Sequence[Row]]],
    seller: Seller,
    kind: str,
    tables: str,
    name: str,
) -> None:
    known, columns = ANSWERS[name]
    expected = [tuple(row) for row in known(seller)]

    found = plain(answers[kind][f"{name} {tables}"], columns)

    if name in ORDERED_BY_A_RATIO:
        found.sort()
    assert len(expected) > 1 or name in OF_ONE_ROW
    assert found == expected


@pytest.mark.parametrize("kind", ["postgres", "duckdb"])
@pytest.mark.parametrize("name", ANSWERS)
def test_models_and_raw_tables_give_the_same_columns(
    answers: Mapping[str, Mapping[str, Sequence[Row]]], kind: str, name: str
) -> None:
    models, raw = (answers[kind][f"{name} {tables}"] for tables in ("models", "raw"))

    assert list(models[0]) == list(raw[0])
    assert plain(models) == plain(raw)


@pytest.mark.parametrize("kind", ["postgres", "duckdb"])
def test_the_comparison_names_what_does_not_add_up(
    answers: Mapping[str, Mapping[str, Sequence[Row]]], seller: Seller, kind: str
) -> None:
    settlements = answers[kind][f"{WHAT_DOES_NOT_ADD_UP} raw tables, settlements"]

    expected = [
        (settlement, money(lines), money(lines))
        for settlement, lines in sorted(settled(seller).items())
    ]
    assert plain(settlements) == expected
    counted = {
        (row["subject"], row["status"]): row["compared"]
        for row in answers[kind][f"{WHAT_DOES_NOT_ADD_UP} models"]
    }
    assert {status for _, status in counted} == {"agrees", "open"}
    assert counted["payout", "agrees"] == len(paid_out(seller))
    assert counted["settlement_lines", "agrees"] == len(expected)
    assert answers[kind][f"{WHAT_DOES_NOT_ADD_UP} models, details"] == []
