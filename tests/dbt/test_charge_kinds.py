"""The seed that says what an amount is in the profit and loss statement."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import Any

import yaml

from tap_amazon_sp.simulator.money import components
from tap_amazon_sp.simulator.money.components import Component
from tests.warehouses import PROJECT

SEEDS = PROJECT / "seeds"


def kinds() -> list[dict[str, str]]:
    """Return the rows of the seed."""
    with (SEEDS / "charge_kinds.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def folded(text: str) -> str:
    """Return text as the macro `folded_text` compares it."""
    return re.sub("[^a-z0-9*]", "", text.lower())


def described(column: str) -> list[str]:
    """Return the values that the description of the seed accepts in a column."""
    found: Any = yaml.safe_load((SEEDS / "charge_kinds.yml").read_text(encoding="utf-8"))
    (tests,) = [each for each in found["seeds"][0]["columns"] if each["name"] == column]
    (accepted,) = [each for each in tests["data_tests"] if isinstance(each, dict)]
    values: list[str] = accepted["accepted_values"]["arguments"]["values"]
    return values


def test_no_name_is_twice() -> None:
    keys = Counter((row["source"], folded(row["type"]), folded(row["name"])) for row in kinds())

    assert [key for key, times in keys.items() if times > 1] == []


def test_kinds_and_their_order_are_written_once() -> None:
    macros = (PROJECT / "macros" / "charge_kinds.sql").read_text(encoding="utf-8")
    # The kinds of buyers, those of fees, and the others.
    listed, separator, _ = macros.partition("{% macro is_one_of")

    assert separator
    assert re.findall(r"'(\w+)'", listed) == described("charge_kind")
    assert {row["charge_kind"] for row in kinds()} <= set(described("charge_kind"))
    assert {row["source"] for row in kinds()} == set(described("source"))


def test_all_charges_of_the_books_are_known() -> None:
    known = {folded(row["name"]) for row in kinds() if row["source"] == "charge"}
    charges = [each for each in vars(components).values() if isinstance(each, Component)]

    assert len(charges) > 15
    for charge in charges:
        assert {folded(charge.v0), folded(charge.leaf)} <= known
