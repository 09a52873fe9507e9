"""The page of the demonstration, from the marts of a seller."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.report import write_report
from demo.report.marts import STEPS
from tests.browser import browser_page
from tests.demo.pages import amount_in, state_of, tables_of
from tests.warehouses import Warehouse

CURRENCIES = {"BRL", "CAD", "MXN", "USD"}
Tables = Mapping[str, Sequence[Mapping[str, str]]]


@pytest.fixture(scope="module")
def path(warehouses: Mapping[str, Warehouse], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report") / "report.html"
    warehouse = warehouses["postgres"]
    with psycopg.connect(warehouse.address.dsn) as connection:
        write_report(connection, made, schema=warehouse.models)
    return made


@pytest.fixture(scope="module")
def tables(path: Path) -> Tables:
    return tables_of(path.read_text(encoding="utf-8"))


def total(rows: Sequence[Mapping[str, str]], column: str) -> Decimal:
    return sum((amount_in(row[column]) or Decimal(0) for row in rows), Decimal(0))


def test_the_tables_of_each_currency_have_the_figures_of_the_marts(
    warehouses: Mapping[str, Warehouse], tables: Tables
) -> None:
    found = warehouses["postgres"]
    ordered = "select currency, count(*) as orders, sum(revenue) as revenue from orders where not is_cancelled and revenue is not null group by currency"
    sums = ", ".join(f"sum({name}) as {name}" for name in (*STEPS, "net"))
    posted = {
        row["currency"]: row
        for row in found.rows(f"select currency, {sums} from profit_and_loss group by currency")
    }
    settled = found.rows(
        "select currency, count(*) as number, sum(total) as total from settlements group by currency"
    )
    paid = found.rows("select currency, sum(amount) as amount from payouts group by currency")
    best = found.rows(
        "select currency, sku, sum(revenue) as revenue, sum(net) as net from profit_and_loss group by currency, sku"
    )

    assert {row["currency"] for row in found.rows(ordered)} == set(posted) == CURRENCIES
    for row in found.rows(ordered):
        shown = tables[f"Revenue by day and marketplace, {row['currency']}"]
        assert total(shown, "revenue") == row["revenue"]
        assert total(shown, "orders") == row["orders"]
    for currency, row in posted.items():
        shown = tables[f"From revenue to net, {currency}"]
        steps = {one[""].replace(" ", "_"): amount_in(one["amount"]) for one in shown}
        assert {name: row[name] for name in steps} == steps
        assert sum(row[name] for name in steps if name != "net") == row["net"] == steps["net"]
        assert len(steps) > 8
        products = tables[f"Ten best products, {currency}"]
        ranked = sorted(
            (one for one in best if one["currency"] == currency and one["sku"]),
            key=lambda one: (-one["revenue"], one["sku"]),
        )[:10]
        assert [one["SKU"] for one in products] == [one["sku"] for one in ranked]
        for column in ("revenue", "net"):
            assert [amount_in(one[column]) for one in products] == [one[column] for one in ranked]
        assert all(one["title"] for one in products)
    for row in settled:
        shown = tables[f"Settlements and payouts, {row['currency']}"]
        assert (len(shown), total(shown, "total")) == (row["number"], row["total"])
    for row in paid:
        shown = tables[f"Settlements and payouts, {row['currency']}"]
        assert total(shown, "paid out") == row["amount"]
        assert total(shown, "difference") == 0


def test_stock_and_reconciliation_are_those_of_the_marts(
    warehouses: Mapping[str, Warehouse], tables: Tables
) -> None:
    found = warehouses["postgres"]
    stock = found.rows(
        "select sku, country, on_hand, units_sold_30_days from inventory where days_of_cover is not null order by days_of_cover"
    )
    compared = found.rows(
        "select subject, status, count(*) as number from reconciliation group by 1, 2"
    )

    shown = tables["What runs out first"]
    assert 5 < len(shown) <= len(stock)
    known = {(f"{row['sku']} · {row['country']}", str(row["on_hand"])) for row in stock}
    assert {(row["SKU"], row["on hand"].replace(",", "")) for row in shown} <= known
    covers = [amount_in(row["days of cover"]) for row in shown]
    assert covers == sorted(covers, key=lambda cover: cover or Decimal(0))
    counted = {
        (row["compared"], row["status"]): amount_in(row["number"])
        for row in tables["Comparisons by subject and status"]
    }
    assert counted == {(row["subject"], row["status"]): row["number"] for row in compared}
    assert sum(number or 0 for number in counted.values()) > 300


def test_a_browser_draws_the_charts_of_every_currency_in_the_dark(
    path: Path, tmp_path: Path
) -> None:
    async def look() -> tuple[dict[str, Any], list[str], list[str]]:
        found = {}
        async with browser_page(tmp_path / "profile") as shown:
            await shown.show(width=390, height=800, dark=True)
            await shown.open(path.as_uri())
            for currency in sorted(CURRENCIES):
                await shown.evaluate(f"document.querySelector('input[value={currency}]').click()")
                found[currency] = await state_of(shown)
            return found, shown.console, shown.requested

    found, console, requested = asyncio.run(look())

    assert console == []
    assert requested == [path.as_uri()]
    for currency, state in found.items():
        assert set(state["shown"]) == {currency}
        # Revenue, products, fees, payouts, stock, reconciliation.
        assert (state["charts"], state["drawn"]) == (6, 6), currency
        assert min(state["marks"]) > 0, currency
        assert not state["wide"], currency
