"""Values that are not of the kind that Amazon documents for their property.

They are put aside, as those of flat files are, so that a property keeps its type: SQL targets can
add columns, but many cannot change the type of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tap_amazon_sp.documents.values import MISFITS
from tap_amazon_sp.singer.inference import Test
from tap_amazon_sp.singer.writer import to_json


def put_aside_misfits(columns: Mapping[str, Test], records: Iterable[dict[str, Any]]) -> None:
    """Move values that are not of their column's kind to `_misfits`, as text, by column."""
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
    """Leave out the misfits of columns that are not selected.

    Args:
        records: The rows.
        is_selected: Returns whether a column is selected.
        as_text: Whether the object of misfits becomes text.
    """
    for record in records:
        if MISFITS in record:
            selected = {
                name: value for name, value in record.pop(MISFITS).items() if is_selected(name)
            }
            if selected:
                record[MISFITS] = to_json(selected).decode() if as_text else selected
