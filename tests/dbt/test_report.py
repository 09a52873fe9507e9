"""The page of the demonstration, from the marts of a seller."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.environment import ROOT
from demo.report.marts import STEPS
from tap_amazon_sp.common.events import Events
from tests.browser import browser_page
from tests.demo.pages import amount_in, state_of, tables_of
from tests.fake_clock import FakeClock
from tests.warehouses import Row, Warehouse

CURRENCIES = {"BRL", "CAD", "MXN", "USD"}
Tables = Mapping[str, Sequence[Mapping[str, str]]]


@pytest.fixture(scope="module")
def path(warehouses: Mapping[str, Warehouse], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report") / "report.html"
    warehouse = warehouses["postgres"]
    timeline = made.with_name("run-1.jsonl")
    write_timeline(timeline)
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "demo.report", made),
            *("--dsn", warehouse.address.dsn, "--schema", warehouse.models, "--timeline", timeline),
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
    return made


def write_timeline(file: Path) -> None:
    """Write the events of a short run."""
    clock = FakeClock(dt.datetime(2026, 10, 3, tzinfo=dt.timezone.utc))
    events = Events(clock)
    events.open(str(file))
    account = events.of_account(None)
    events.begin_run("1.2.3")
    account.begin_stream("orders")
    clock.advance(2)
    account.call("orders_2026-01-01.searchOrders", 2, 200)
    account.end_stream("orders", 300, "done")
    events.end_run()


@pytest.fixture(scope="module")
def tables(path: Path) -> Tables:
    return tables_of(path.read_text(encoding="utf-8"))


def total(rows: Sequence[Mapping[str, str]], column: str) -> Decimal:
    return sum((amount_in(row[column]) or Decimal(0) for row in rows), Decimal(0))


def summed(rows: Iterable[Row], *columns: str) -> dict[tuple[str, ...], Counter[str]]:
    """Add up all numbers of rows that have the same values in some columns."""
    found: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in rows:
        numbers = {name: value for name, value in row.items() if isinstance(value, (Decimal, int))}
        found[tuple(row[column] for column in columns)].update({"rows": 1, **numbers})
    return found


def test_orders_and_profits_are_those_of_the_marts(
    warehouses: Mapping[str, Warehouse], tables: Tables
) -> None:
    found = warehouses["postgres"]
    orders = summed(
        (
            row
            for row in found.rows("select * from orders where not is_cancelled")
            if row["revenue"] is not None
        ),
        "currency",
    )
    profits = found.rows("select * from profit_and_loss")
    posted = summed(profits, "currency")
    products = summed((row for row in profits if row["sku"]), "currency", "sku")

    assert {currency for (currency,) in posted} == CURRENCIES
    assert orders.keys() == posted.keys()
    for (currency,), sums in orders.items():
        shown = tables[f"Revenue by day and marketplace, {currency}"]
        assert total(shown, "revenue") == sums["revenue"]
        assert total(shown, "orders") == sums["rows"]
    for (currency,), sums in posted.items():
        steps = {
            row[""].replace(" ", "_"): amount_in(row["amount"])
            for row in tables[f"From revenue to net, {currency}"]
        }
        assert {name: sums[name] for name in steps} == steps
        assert all(sums[name] == 0 for name in STEPS if name not in steps)
        best = sorted(
            (-sold["revenue"], sku) for (name, sku), sold in products.items() if name == currency
        )[:10]
        shown = tables[f"Ten best products, {currency}"]
        assert [sku for _, sku in best] == [row["SKU"] for row in shown]
        for column in ("revenue", "net"):
            assert [products[currency, sku][column] for _, sku in best] == [
                amount_in(row[column]) for row in shown
            ]


def test_settlements_and_payouts_are_those_of_the_marts(
    warehouses: Mapping[str, Warehouse], tables: Tables
) -> None:
    found = warehouses["postgres"]
    settled = summed(found.rows("select * from settlements"), "currency")
    paid = summed(found.rows("select * from payouts where amount is not null"), "currency")

    assert {currency for (currency,) in settled} == {currency for (currency,) in paid} == CURRENCIES
    for (currency,), sums in settled.items():
        shown = tables[f"Settlements and payouts, {currency}"]
        assert len(shown) == sums["rows"]
        assert total(shown, "total") == sums["total"]
        assert total(shown, "paid out") == paid[currency,]["amount"]
        assert total(shown, "difference") == 0


def test_stock_is_that_of_the_mart(warehouses: Mapping[str, Warehouse], tables: Tables) -> None:
    found = warehouses["postgres"]
    sent_by = {"AMAZON": "", "MERCHANT": " · sent by merchant"}
    stock = {
        (
            f"{row['sku']} · {row['country']}{sent_by[row['fulfilled_by']]}",
            row["on_hand"],
            row["units_sold_30_days"],
        )
        for row in found.rows("select * from inventory where days_of_cover is not null")
    }

    shown = [
        (row["SKU"], amount_in(row["on hand"]), amount_in(row["sold in 30 days"]))
        for row in tables["What runs out first"]
    ]
    assert len(shown) == min(12, len(stock))
    assert stock.issuperset(shown)
    covers = [amount_in(row["days of cover"]) or 0 for row in tables["What runs out first"]]
    assert covers == sorted(covers)


def test_comparisons_are_those_of_the_mart(
    warehouses: Mapping[str, Warehouse], tables: Tables
) -> None:
    found = warehouses["postgres"]
    compared = summed(found.rows("select subject, status from reconciliation"), "subject", "status")

    assert {
        (row["compared"], row["status"]): amount_in(row["number"])
        for row in tables["Comparisons by subject and status"]
    } == {
        (subject.replace("_", " "), status): sums["rows"]
        for (subject, status), sums in compared.items()
    }
    assert sum(sums["rows"] for sums in compared.values()) > 300


def test_the_run_is_that_of_the_timeline(tables: Tables) -> None:
    (run,) = tables["The runs"]
    assert (run["run"], run["time"], run["records"], run["calls"]) == ("run-1", "2.0 s", "300", "1")
    assert tables["Records of each stream"] == [{"stream": "orders", "run-1": "300"}]


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
        # Revenue, products, fees, payouts, stock, reconciliation, the sync.
        assert (state["charts"], state["drawn"]) == (7, 7), currency
        assert min(state["marks"]) > 0, currency
        assert not state["wide"], currency
