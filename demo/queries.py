"""The queries of queries.sql, and their results as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

FILE = Path(__file__).with_name("queries.sql")

_QUERY = re.compile(r"^-- (.+)\n((?:.+\n)+)", re.MULTILINE)
_NUMBERS = (int, Decimal)


@dataclass(frozen=True)
class Query:
    """A query with a title."""

    title: str
    text: str


def queries() -> Iterator[Query]:
    """Read the queries: each is a comment line with its title, then lines up to an empty one."""
    for title, text in _QUERY.findall(FILE.read_text(encoding="utf-8")):
        yield Query(title, text)


def print_query(connection: psycopg.Connection[Any], query: Query) -> None:
    """Print a query and the table of its results."""
    cursor = connection.execute(query.text.encode())
    names = [column.name for column in cursor.description or ()]
    rows = cursor.fetchall()
    print(f"\n  {query.title}\n")
    for line in query.text.splitlines():
        print(f"    {line}")
    print()
    columns = zip(*rows, strict=True)
    right = [all(isinstance(value, _NUMBERS) for value in column) for column in columns]
    print_rows([names, *(list(map(_shown, row)) for row in rows)], right)


def print_rows(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    """Print rows in columns.

    Args:
        rows: The cells of each row; the first is the header.
        right: Whether a column is aligned to the right, as numbers are.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    aligned = [*right, *[False] * (len(widths) - len(right))]
    for row in rows:
        cells = [
            cell.rjust(width) if numbers else cell.ljust(width)
            for cell, width, numbers in zip(row, widths, aligned, strict=True)
        ]
        print("   ", "   ".join(cells).rstrip())


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, _NUMBERS) else str(value)
