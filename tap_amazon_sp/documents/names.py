"""Names of columns, made from Amazon's headers so that every target can store them.

Singer targets built with singer-sdk drop all characters beyond ASCII from the name of a column,
which leaves nothing of a Japanese header. Therefore a name in another script is transliterated:
`Händler` becomes `handler`, kana become their sound, ideographs one of their readings. The reading
may be wrong, but it is always the same, and differs between headers. The style `original` keeps
Amazon's names. Before that, flat files take the English header of the same column, if it is known
(`tap_amazon_sp.amazon.report_headers`).

PostgreSQL cuts names of more than 63 bytes, and target-postgres ends at the first one. So a longer
name is shortened: what is left of it ends with a hash of the whole, by which it is always the same
and differs from that of any other.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
from collections.abc import Container, Mapping, Sequence
from typing import Any, Literal

from anyascii import anyascii

ColumnNames = Literal["snake_case", "original"]

MAX_NAME = 63
"""Bytes of a name in PostgreSQL (`NAMEDATALEN` - 1)."""
_HASH = 8
"""Hexadecimal digits of the hash at the end of a shortened name."""

UNNAMED = "column"
"""Name of a column without a header; its position, counted from 1, follows."""
EXTRA = "_extra_columns"
"""The column with the fields after the last one of the header, as an array of text."""

_ADDED = frozenset(
    {
        EXTRA,
        "_account",
        "_currency",
        "_data_end_time",
        "_data_start_time",
        "_file",
        "_marketplace_id",
        "_marketplace_ids",
        "_misfits",
        "_query_created_time",
        "_query_id",
        "_report_created_time",
        "_report_id",
        "_report_type",
        "_row_number",
    }
)
"""The columns that the tap adds to rows."""

# `parentAsin`, `SKUName`, `item2Name`; but `B2B` is one word.
_WORD_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_STEM = MAX_NAME - _HASH - 1
_SHORTENED = re.compile(rf".{{{_STEM - 1},{_STEM}}}_[0-9a-f]{{{_HASH}}}")


@functools.lru_cache(maxsize=8192)
def snake_case(name: str) -> str:
    """Return a name in lower case ASCII with underscores; empty if nothing of it is left.

    `amazon-order-id` and `Amazon Order Id` become `amazon_order_id`, `parentAsin` `parent_asin`. A
    name has at most `MAX_NAME` letters.
    """
    text = name if name.isascii() else anyascii(name)
    words = _NO_WORD.sub("_", _WORD_BORDER.sub("_", text).lower()).strip("_")
    # In many databases, the name of a column must not begin with a digit.
    return _short(f"_{words}" if words[:1].isdigit() else words)


def is_shortened(name: str) -> bool:
    """Return whether a name is what is left of a longer one."""
    return _SHORTENED.fullmatch(name) is not None


def column_names(headers: Sequence[str], style: ColumnNames = "snake_case") -> list[str]:
    """Return a unique name for each column.

    The first of several columns with one name keeps it, the next gets `_2`, and so on. Names that
    differ in case only count as one: some databases do not tell them apart. The columns that the
    tap adds keep their names. A column without a header is called `column_<position>`.
    """
    names: list[str] = []
    taken: set[str] = {*_ADDED}
    numbers = _Numbers(taken)
    for place, header in enumerate(headers, 1):
        clean = header.strip()
        wanted = (snake_case(clean) if style == "snake_case" else clean) or f"{UNNAMED}_{place}"
        names.append(numbers.free(wanted))
        taken.add(names[-1].lower())
    return names


def renamed(value: Any) -> Any:
    """Return a JSON value with all its names in snake case, at any depth.

    If two names in an object become the same, the second gets `_2`, and so on.
    """
    if value.__class__ is dict:
        result: dict[str, Any] = {}
        numbers: _Numbers | None = None
        for name, item in value.items():
            key = snake_case(name) or name
            if key in result:
                numbers = numbers or _Numbers(result)
                key = numbers.free(key)
            result[key] = renamed(item) if item.__class__ in (dict, list) else item
        return result
    if value.__class__ is list:
        return [renamed(item) for item in value]
    return value


def renamed_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON Schema whose properties have the names that `renamed` gives to values."""
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


def _short(name: str) -> str:
    if len(name) <= MAX_NAME:
        return name
    digits = hashlib.sha256(name.encode()).hexdigest()[:_HASH]
    return f"{name[:_STEM].rstrip('_')}_{digits}"


class _Numbers:
    """Numbers names that are taken. Each search goes on where the last one ended."""

    def __init__(self, taken: Container[str]) -> None:
        """Number names; those that are taken are in lower case, and may only become more."""
        self._taken = taken
        self._next: dict[tuple[str, int], int] = {}

    def free(self, name: str) -> str:
        """Return the name, or with the lowest number from 2 on with which it is not taken."""
        if name.lower() not in self._taken:
            return name
        for digits in itertools.count(1):
            # Amazon's own names may be longer, and stay so.
            stem = name if len(name) > MAX_NAME else name[: MAX_NAME - digits - 1]
            key = (stem.lower(), digits)
            first = self._next.get(key, max(2, 10 ** (digits - 1)))
            for number in range(first, 10**digits):
                candidate = f"{stem}_{number}"
                if candidate.lower() not in self._taken:
                    self._next[key] = number + 1
                    return candidate
            self._next[key] = 10**digits
        raise AssertionError
