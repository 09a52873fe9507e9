"""Read values of columns that are known to be numbers, dates or instants.

Amazon writes all values of a flat file as text. A value is converted only if there is one way to
read it. Any other value stays text: it moves to `_misfits`, under the name of its column, and the
column itself is null in that row. So a column of numbers contains only numbers and keeps its type.
That matters because many SQL targets cannot change the type of a column.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.report_types import Kind
from tap_amazon_sp.documents.conventions import (
    DATE_ORDERS,
    NO_CONVENTIONS,
    Conventions,
    DecimalSign,
    with_date_orders,
    with_decimal_signs,
)
from tap_amazon_sp.documents.dates import date_reader, instant_reader, possible_orders
from tap_amazon_sp.documents.numbers import decimal_sign, number_reader
from tap_amazon_sp.documents.readings import Reader

MISFITS = "_misfits"
"""The property of a row with the values that do not fit their columns, by name of the column."""

TEXT: dict[str, Any] = {"type": ["string", "null"]}
MISFITS_SCHEMA: dict[str, Any] = {
    "type": ["object", "null"],
    "properties": {},
    "additionalProperties": TEXT,
}

_SCHEMAS: dict[Kind, dict[str, Any]] = {
    "number": {"type": ["number", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "date-time": {"type": ["string", "null"], "format": "date-time"},
}


def schema_of_kind(kind: Kind | None) -> dict[str, Any]:
    """Return the JSON Schema of a column of a kind; None means text."""
    return dict(TEXT if kind is None else _SCHEMAS[kind])


@functools.lru_cache(maxsize=16)
def reader(kind: Kind, conventions: Conventions = NO_CONVENTIONS) -> Reader:
    """Return what converts values of a kind to numbers, or to text as in JSON."""
    if kind == "number":
        return number_reader(conventions)
    return date_reader(conventions) if kind == "date" else instant_reader(conventions)


@dataclass(frozen=True)
class Written:
    """How the values of a column are written.

    Attributes:
        conventions: How values are read that can be read two ways.
        by_itself: Whether values of the column show it, and not only those of other columns, or
            the marketplace.
    """

    conventions: Conventions
    by_itself: bool = False


def column_conventions(
    usual: Conventions, columns: Sequence[tuple[Kind | None, Sequence[str]]]
) -> list[Written]:
    """Return how the values of each column of a file are written.

    Args:
        usual: The conventions of the file's marketplaces.
        columns: The kind of each column, and values of its first rows.
    """
    signs: list[frozenset[DecimalSign]] = [
        frozenset(filter(None, map(decimal_sign, values))) if kind == "number" else frozenset()
        for kind, values in columns
    ]
    orders = [
        DATE_ORDERS.intersection(*(possible_orders(value, usual) for value in values))
        if kind in ("date", "date-time")
        else DATE_ORDERS
        for kind, values in columns
    ]
    found = with_date_orders(with_decimal_signs(usual, signs), orders)
    return [
        Written(conventions, bool(shown) if kind == "number" else len(possible) <= 1)
        for (kind, _), conventions, shown, possible in zip(
            columns, found, signs, orders, strict=True
        )
    ]
