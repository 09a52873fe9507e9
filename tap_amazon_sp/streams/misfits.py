"""Values that are not of the kind that Amazon documents for their property.

They are put aside, as those of flat files are, so that a property keeps its type: SQL targets can
add columns, but many cannot change the type of one.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from tap_amazon_sp.output import to_json
from tap_amazon_sp.timestamps import parse_timestamp

Test = Callable[[Any], bool]
"""Tells whether a value, which is not null, is of a kind."""


def put_aside_misfits(columns: Mapping[str, Test], records: Iterable[dict[str, Any]]) -> None:
    """Put values that are not of their column's kind under `_misfits`, as text, by its name."""
    from tap_amazon_sp.reports.values import MISFITS  # noqa: PLC0415 - slow to load

    for record in records:
        for name, is_of_kind in columns.items():
            value = record.get(name)
            if value is not None and not is_of_kind(value):
                text = value if isinstance(value, str) else to_json(value).decode()
                record[name] = None
                record.setdefault(MISFITS, {})[name] = text


def kind_test(schema: Mapping[str, Any]) -> Test | None:
    """Return what tells whether a value is of the kind of a schema; None where anything may be.

    Text takes anything, as it can hold it; what holds other values is looked at elsewhere.
    """
    types = schema.get("type") or ()
    names = {types} if isinstance(types, str) else set(types)
    if "string" in names:
        return _TEXT_TESTS.get(schema.get("format", ""))
    return next((_TESTS[name] for name in sorted(names & _TESTS.keys(), reverse=True)), None)


def is_text(schema: Mapping[str, Any]) -> bool:
    """Whether a property is text and nothing more."""
    return "string" in schema.get("type", ()) and "format" not in schema


def _is_number(value: Any) -> bool:
    return value.__class__ in (int, float, Decimal)


def _is_integer(value: Any) -> bool:
    return value.__class__ is int


def _is_boolean(value: Any) -> bool:
    return value.__class__ is bool


def _is_read_by(read: Callable[[str], object]) -> Test:
    @functools.lru_cache(maxsize=4096)
    def is_read(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return lambda value: isinstance(value, str) and is_read(value)


_TESTS: Mapping[str, Test] = {
    "boolean": _is_boolean,
    "integer": _is_integer,
    "number": _is_number,
}
_TEXT_TESTS: Mapping[str, Test] = {
    "date": _is_read_by(dt.date.fromisoformat),
    "date-time": _is_read_by(parse_timestamp),
}
