"""Money, and its breakdowns, as the Finances APIs write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tap_amazon_sp.simulator.money.components import Line
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount

ACCOUNT_TYPE = "Standard Orders"


def number(units: int, market: Marketplace) -> float | int:
    """Return an amount as a JSON number."""
    text = amount(units, market.currency)
    return float(text) if "." in text else int(text)


def money(units: int, market: Marketplace) -> dict[str, Any]:
    """Return `Currency` of Finances 2024-06-19 and of Transfers."""
    return {"currencyCode": market.currency, "currencyAmount": number(units, market)}


def money_v0(units: int, market: Marketplace) -> dict[str, Any]:
    """Return `Currency` of Finances v0."""
    return {"CurrencyCode": market.currency, "CurrencyAmount": number(units, market)}


def breakdowns_of_item(lines: Iterable[Line], market: Marketplace) -> list[dict[str, Any]]:
    """Return the breakdowns of an item: group, component and, for a fee, its base."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.component.group, []).append(line)
    return [
        _breakdown(name, found, market, [_leaf(line, market) for line in found])
        for name, found in groups.items()
    ]


def breakdowns_of_transaction(
    lines: Iterable[Line], market: Marketplace, *, is_refund: bool
) -> list[dict[str, Any]]:
    """Return the breakdowns of a transaction: sales and expenses, and the groups in each."""
    sides: dict[str, dict[str, list[Line]]] = {}
    for line in lines:
        side = f"Refunded {line.component.side}" if is_refund else line.component.side
        sides.setdefault(side, {}).setdefault(line.component.group, []).append(line)
    return [
        _breakdown(
            side,
            [line for found in groups.values() for line in found],
            market,
            [_breakdown(name, found, market, None) for name, found in groups.items()],
        )
        for side, groups in sides.items()
    ]


def _leaf(line: Line, market: Marketplace) -> dict[str, Any]:
    inside: list[dict[str, Any]] = []
    if line.component.group == "AmazonFees":
        inside = [_breakdown("Base", [line], market, None)]
    return _breakdown(line.component.leaf, [line], market, inside)


def _breakdown(
    name: str, lines: Iterable[Line], market: Marketplace, inside: list[dict[str, Any]] | None
) -> dict[str, Any]:
    total = sum(line.units for line in lines)
    found = {"breakdownType": name, "breakdownAmount": money(total, market)}
    return found if inside is None else {**found, "breakdowns": inside}
