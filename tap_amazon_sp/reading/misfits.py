"""Values that are not of the kind that Amazon documents for their property.

They are put aside, as those of flat files are, so that a property keeps its type: SQL targets can
add columns, but many cannot change the type of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tap_amazon_sp.singer.inference import Test
from tap_amazon_sp.singer.writer import to_json


def put_aside_misfits(columns: Mapping[str, Test], records: Iterable[dict[str, Any]]) -> None:
    """Put values that are not of their column's kind under `_misfits`, as text, by its name."""
    from tap_amazon_sp.documents.values import MISFITS  # noqa: PLC0415 - slow to load

    for record in records:
        for name, is_of_kind in columns.items():
            value = record.get(name)
            if value is not None and not is_of_kind(value):
                text = value if isinstance(value, str) else to_json(value).decode()
                record[name] = None
                record.setdefault(MISFITS, {})[name] = text


def is_text(schema: Mapping[str, Any]) -> bool:
    """Whether a property is text and nothing more."""
    return "string" in schema.get("type", ()) and "format" not in schema
