"""Names of columns: out of Amazon's headers, such that every target can store them.

Singer targets built with singer-sdk drop every letter beyond ASCII from a column's name, so that a
Japanese header is left with no name at all. Headers in the language of a marketplace therefore get
the English name of the same column where it is known, and are transliterated otherwise: `Händler`
becomes `handler`, kana their sound, ideographs a reading. It need not be the right one: what counts
is that it is the same every time, and another for another header. `original` keeps Amazon's own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from anyascii import anyascii

from tap_amazon_sp.amazon.report_types import english_headers

ColumnNames = Literal["snake_case", "original"]

UNNAMED = "column"
"""What a column without a header is called, followed by its place from 1."""
EXTRA = "_extra_columns"
"""The column that takes fields beyond the header's last, as an array of text."""

# `parentAsin`, `SKUName`, `item2Name`; but `B2B` is one word.
_WORD_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")


@functools.lru_cache(maxsize=8192)
def snake_case(name: str) -> str:
    """Return a name in lower case ASCII with underscores; empty where nothing of it is left.

    `amazon-order-id` and `Amazon Order Id` become `amazon_order_id`, `parentAsin` `parent_asin`.
    """
    text = english_headers().get(name.strip(), name)
    if not text.isascii():
        text = anyascii(text)
    words = _NO_WORD.sub("_", _WORD_BORDER.sub("_", text).lower()).strip("_")
    # A column may not begin with a digit in many databases.
    return f"_{words}" if words[:1].isdigit() else words


def column_names(headers: Sequence[str], style: ColumnNames = "snake_case") -> list[str]:
    """Return a name for each column, no two of them the same.

    The first of several columns with one name keeps it, the next gets `_2` and so on, by place. A
    column without a header is called `column_<place>`.
    """
    names: list[str] = []
    taken: set[str] = {EXTRA}
    for place, header in enumerate(headers, 1):
        clean = header.strip()
        wanted = (snake_case(clean) if style == "snake_case" else clean) or f"{UNNAMED}_{place}"
        names.append(_free(wanted, taken))
        taken.add(names[-1])
    return names


def renamed(value: Any) -> Any:
    """Return a JSON value with all names in it in snake case, at any depth.

    A name that is taken by another before it in the same object gets `_2` and so on.
    """
    if value.__class__ is dict:
        result: dict[str, Any] = {}
        for name, item in value.items():
            key = snake_case(name) or name
            if key in result:
                key = _free(key, result)
            result[key] = renamed(item) if item.__class__ in (dict, list) else item
        return result
    if value.__class__ is list:
        return [renamed(item) for item in value]
    return value


def renamed_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON Schema whose properties are called as `renamed` calls those of a value."""
    result = dict(schema)
    if "properties" in schema:
        properties = schema["properties"]
        names = column_names(list(properties))
        result["properties"] = {
            name: renamed_schema(value)
            for name, value in zip(names, properties.values(), strict=True)
        }
    if "items" in schema:
        result["items"] = renamed_schema(schema["items"])
    return result


def _free(name: str, taken: Any) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
