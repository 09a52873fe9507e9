"""Money in one currency, by rates that the user gives."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest

from tests.warehouses import DbtError, Row, Warehouse

# No rate of the real; none of the peso before August.
RATES = {
    "CAD": {"2026-06-01": "0.7312", "2026-08-15": "0.7254", "2026-09-20": "0.7391"},
    "MXN": {"2026-08-01": "0.0534871", "2026-09-10": "0.0541"},
}
AS_TABLE = "SELECT * FROM (VALUES {}) AS given (day, from_currency, to_currency, rate)"
VARIABLES = {"amazon_sp_exchange_rates": "given.rates", "amazon_sp_report_currency": "USD"}


def rate(row: Row, day: str) -> Decimal | None:
    if row["currency"] == "USD":
        return Decimal(1)
    known = [since for since in RATES.get(row["currency"], {}) if since <= str(row[day])]
    return Decimal(RATES[row["currency"]][max(known)]) if known else None


@pytest.fixture
def converted(warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    """A database with rates and the views that use them."""
    rows = ", ".join(
        f"(DATE '{day}', '{currency}', 'USD', {value}), (DATE '{day}', '{currency}', 'EUR', 9)"
        for currency, rates in RATES.items()
        for day, value in rates.items()
    )
    warehouse.rows("CREATE SCHEMA given")
    warehouse.rows(f"CREATE TABLE given.rates AS {AS_TABLE.format(rows)}")
    given = dataclasses.replace(warehouse, folder=tmp_path, variables=VARIABLES)
    if warehouse.kind == "duckdb":
        (tmp_path / warehouse.path.name).symlink_to(warehouse.path)
    given.dbt("build", "--select", "int_exchange_rates", "converted")
    return given


def test_amounts_are_converted_at_the_rate_of_the_day(converted: Warehouse) -> None:
    for mart, key, day, amounts in (
        ("orders", ["order_id"], "created_day", ("revenue", "total")),
        (
            "profit_and_loss",
            ["sku", "posted_day", "marketplace_id", "currency"],
            "posted_day",
            ("refunds", "net"),
        ),
        ("settlements", ["settlement_id"], "ended_day", ("commission", "total")),
        ("payouts", ["payout_id"], "created_day", ("amount",)),
    ):
        rows = {tuple(map(str, map(row.get, key))): row for row in converted.rows(f"TABLE {mart}")}
        found = converted.rows(f"TABLE {mart}_converted")

        assert len(found) == len(rows) > 5
        known = {row["currency"]: row["exchange_rate"] is not None for row in found}
        assert known["USD"]
        for row in found:
            original = rows[tuple(map(str, map(row.get, key)))]
            expected = rate(original, day)
            assert row["report_currency"] == "USD"
            assert row["exchange_rate"] == expected
            for name in amounts:
                amount = original[name]
                value = None if amount is None or expected is None else amount * expected
                assert row[f"{name}_converted"] == (value and round(value, 9)), (mart, name)


def test_rates_need_a_currency_to_convert_to(warehouse: Warehouse, tmp_path: Path) -> None:
    if warehouse.kind == "duckdb":
        pytest.skip("The same in both databases")
    given = dataclasses.replace(warehouse, folder=tmp_path)

    with pytest.raises(DbtError, match="`amazon_sp_report_currency` is not"):
        given.dbt("run", "--select", "int_exchange_rates", amazon_sp_exchange_rates="given.rates")
