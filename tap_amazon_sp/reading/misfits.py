"""Values that do not have the type that Amazon documents for their property.

These values are moved to `_misfits`, like those of flat files, so that a property keeps its type:
SQL targets can add columns, but many cannot change the type of a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tap_amazon_sp.documents.values import MISFITS
from tap_amazon_sp.singer.inference import Test
from tap_amazon_sp.singer.writer import to_json


def put_aside_misfits(columns: Mapping[str, Test], records: Iterable[dict[str, Any]]) -> None:
    """Move values that do not have the type of their column to `_misfits`, as text by column."""
    for record in records:
        for name, is_of_kind in columns.items():
            value = record.get(name)
            if value is not None and not is_of_kind(value):
                text = value if isinstance(value, str) else to_json(value).decode()
                record[name] = None
                record.setdefault(MISFITS, {})[name] = text


def select_misfits(
    records: Iterable[dict[str, Any]], is_selected: Callable[[str], bool], *, as_text: bool
) -> None:
    """Remove the misfits of columns that are not selected.

    Args:
        records: The rows.
        is_selected: Returns whether a column is selected.
        as_text: Whether `_misfits` is written as text.
    """
    for record in records:
        if MISFITS in record:
            selected = {
                name: value for name, value in record.pop(MISFITS).items() if is_selected(name)
            }
            if selected:
                record[MISFITS] = to_json(selected).decode() if as_text else selected
