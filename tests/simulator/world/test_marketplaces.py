from __future__ import annotations

from decimal import Decimal

import pytest

from tap_amazon_sp.simulator.world.marketplaces import amount, units_of


@pytest.mark.parametrize(
    ("units", "currency", "text"),
    [(1234, "USD", "12.34"), (5, "EUR", "0.05"), (-250, "MXN", "-2.50"), (1990, "JPY", "1990")],
)
def test_money_is_written_and_read(units: int, currency: str, text: str) -> None:
    assert amount(units, currency) == text
    assert units_of(text, currency) == units


@pytest.mark.parametrize(
    ("value", "currency", "units"),
    [(19.99, "USD", 1999), (Decimal("0.005"), "USD", 1), (10, "USD", 1000), (99.5, "JPY", 100)],
)
def test_parts_of_a_cent_are_rounded(value: object, currency: str, units: int) -> None:
    assert units_of(value, currency) == units
