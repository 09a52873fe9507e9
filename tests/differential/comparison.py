"""Read what was written with the tap, compare it cell by cell, and find the smallest fault."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tap_amazon_sp.amazon.marketplaces import MARKETPLACES
from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.rows import read_rows
from tests.differential.dialects import Dialect
from tests.differential.tables import Table
from tests.differential.writer import Written, write

TYPE = report_type("GET_UNKNOWN_REPORT")
"""Nothing is known of this type: every value is text, and every name is kept."""
JAPAN = next(market.id for market in MARKETPLACES if market.country_code == "JP")
DECLARED = {"cp1252": "text/plain; charset=Cp1252", "cp932": "text/plain; charset=Shift_JIS"}
PIECES = (1, 7, 64, 1000, 65_536)
"""Sizes of the pieces in which bytes arrive."""
EXTRA = "_extra_columns"


@dataclass(frozen=True)
class Fault:
    """A table that is not read as it was written."""

    table: Table
    dialect: Dialect
    seed: str
    content: bytes
    difference: str


def compare(table: Table, dialect: Dialect, seed: str) -> Fault | None:
    """Write and read a table; return what is different.

    Args:
        table: What to write.
        dialect: How to write it.
        seed: Decides what the dialect leaves open, and in which pieces the bytes arrive.
    """
    random = Random(seed)
    written = write(table, dialect, random)
    difference = _difference(written, dialect, random)
    if difference is None:
        return None
    return Fault(table, dialect, seed, written.content, difference)


def smallest(fault: Fault) -> Fault:
    """Return a fault of the same dialect in a table as small as possible."""
    while True:
        for table in _smaller(fault.table):
            if found := compare(table, fault.dialect, fault.seed):
                fault = found
                break
        else:
            return fault


def _difference(written: Written, dialect: Dialect, random: Random) -> str | None:
    usual_type = dataclasses.replace(TYPE, format=random.choice((None, "tsv", "csv")))
    is_declared = random.random() < 0.5
    size = random.choice(PIECES)
    pieces = (
        written.content[start : start + size] for start in range(0, len(written.content), size)
    )
    try:
        rows = read_rows(
            pieces,
            usual_type,
            content_type=DECLARED.get(dialect.charset, "") if is_declared else "",
            marketplace_ids=[JAPAN] if dialect.charset == "cp932" else [],
            style="original",
        )
        read: list[dict[str, Any]] = [*rows]
        columns = [column.name for column in getattr(rows, "columns", ())]
    except DocumentFormatError as error:
        return f"refused: {error}"
    if columns != written.header:
        return f"header: {columns!r} instead of {written.header!r}"
    for number, (row, cells) in enumerate(zip(read, written.rows, strict=False), 1):
        if (difference := _of_row(row, cells, columns)) is not None:
            return f"row {number}: {difference}"
    if len(read) != len(written.rows):
        return f"{len(read)} rows instead of {len(written.rows)}"
    return None


def _of_row(row: dict[str, Any], cells: Sequence[str], columns: Sequence[str]) -> str | None:
    expected: list[str | None] = [*cells[: len(columns)]]
    expected += [None] * (len(columns) - len(expected))
    read = [row.get(name) for name in columns]
    if read != expected:
        return f"{read!r} instead of {expected!r}"
    extra, expected_extra = row.get(EXTRA) or [], [*cells[len(columns) :]]
    if extra != expected_extra:
        return f"extra {extra!r} instead of {expected_extra!r}"
    others = set(row) - set(columns) - {EXTRA}
    return f"more properties: {sorted(others)}" if others else None


def _smaller(table: Table) -> Iterator[Table]:
    """Yield tables with a part less, the largest parts first."""
    header, rows = table.header, table.rows
    half = len(rows) // 2
    if half:
        yield Table(header, rows[:half])
        yield Table(header, rows[half:])
    for place in range(len(rows)):
        yield Table(header, rows[:place] + rows[place + 1 :])
    if len(header) > 2:
        for place in range(len(header)):
            yield Table(
                header[:place] + header[place + 1 :],
                tuple(row[:place] + row[place + 1 :] for row in rows),
            )
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            for shorter in _shorter(cell):
                changed = (*row[:place], shorter, *row[place + 1 :])
                yield Table(header, (*rows[:line], changed, *rows[line + 1 :]))
    yield from _plainer(table)


def _plainer(table: Table) -> Iterator[Table]:
    """Yield tables with a plain name in place of another."""
    header, rows = table.header, table.rows
    plain = tuple(f"c{place}" for place in range(len(header)))
    for place, (name, short) in enumerate(zip(header, plain, strict=True)):
        if name != short:
            yield Table((*header[:place], short, *header[place + 1 :]), rows)


def _shorter(cell: str) -> Iterator[str]:
    """Yield parts of a cell without a carriage return alone, which tables do not have."""
    if cell in ("", "a"):
        return
    half = len(cell) // 2
    parts = ["a", cell[:half], cell[half:]]
    if len(cell) <= 40:
        parts += [cell[:place] + cell[place + 1 :] for place in range(len(cell))]
    for part in parts:
        if part != cell and "\r" not in part.replace("\r\n", ""):
            yield part
