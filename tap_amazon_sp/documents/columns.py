"""The columns of flat files: their names in rows, and the kinds of their values."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.report_headers import (
    english_headers,
    header_language,
    unknown_headers,
)
from tap_amazon_sp.amazon.report_types import Kind, ReportType
from tap_amazon_sp.documents.names import EXTRA, ColumnNames, column_names, snake_case
from tap_amazon_sp.documents.values import MISFITS, MISFITS_SCHEMA, TEXT, schema_of_kind

logger = logging.getLogger(__name__)

_MAX_LETTERS = 60
"""Letters of a header in a log."""


@dataclass(frozen=True)
class Column:
    """A column of a flat file: its name in rows, Amazon's name, and the kind of its values."""

    name: str
    original: str
    kind: Kind | None = None


def columns_of(
    headers: Sequence[str],
    style: ColumnNames,
    kinds: Mapping[str, Kind],
    *,
    english: Sequence[str] | None = None,
    known: Iterable[str] = (),
) -> tuple[Column, ...]:
    """Return the columns with these headers.

    Args:
        headers: All headers of a file, in Amazon's spelling.
        style: How to name columns.
        kinds: Kinds of columns by Amazon's English name.
        english: The English headers of the columns, if those of the file are not English.
        known: Amazon's English names of the columns that are known of the type. With the style
            `original`, columns are called so in any spelling and language.
    """
    english = headers if english is None else english
    spellings = {snake_case(name): name for name in reversed([*known, *kinds])}
    meant = [spellings.get(snake_case(meaning), meaning) for meaning in english]
    names = column_names(meant, style)
    by_name = {snake_case(name): kind for name, kind in kinds.items()}
    return tuple(
        Column(name, header, by_name.get(snake_case(meaning)))
        for name, header, meaning in zip(names, headers, english, strict=True)
    )


def has_known_columns(columns: Iterable[Column], report_type: ReportType) -> bool:
    """Return whether a file has columns of its type; also if none are known of the type."""
    known = {*map(snake_case, (*report_type.columns, *report_type.known_columns))}
    headers = english_headers(report_type.name, [column.original for column in columns])
    return not known or not known.isdisjoint(map(snake_case, headers))


@functools.lru_cache(maxsize=1024)
def tell_unknown_headers(type_name: str, headers: tuple[str, ...]) -> None:
    """Log which headers of a translated file have no English name, once for all such files."""
    unknown = unknown_headers(type_name, headers)
    if not unknown:
        return
    names = ""
    # If most are unknown, they may be the values of a row, because the header is missing.
    if 2 * len(unknown) <= len(headers):
        names = ": " + ", ".join(header[:_MAX_LETTERS] for header in unknown)
    logger.info(
        "%d of the %d headers of %s in the language `%s` have no English name here%s. They name "
        "their columns as they are, and the values are text. Please open an issue with the header "
        "line, so that the next version knows them",
        len(unknown),
        len(headers),
        type_name,
        header_language(type_name, headers),
        names,
    )


def row_properties(columns: Iterable[Column], *, is_flattened: bool = False) -> dict[str, Any]:
    """Return the JSON Schema properties of rows, including `EXTRA` and `MISFITS`.

    Both are there from the beginning, though few files have them: a property that comes later takes
    another SCHEMA message, after which loaders may lose rows.

    Args:
        columns: The columns.
        is_flattened: Whether rows are flattened. That loses properties of an object that the schema
            does not name, so `MISFITS` is text then.
    """
    properties = {column.name: schema_of_kind(column.kind) for column in columns}
    properties[EXTRA] = {"type": ["array", "null"], "items": dict(TEXT)}
    properties[MISFITS] = dict(TEXT if is_flattened else MISFITS_SCHEMA)
    return properties
