"""Write a table in a dialect, as bytes."""

from __future__ import annotations

import codecs
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.differential.dialects import (
    REPLACEMENT,
    Dialect,
    Shape,
    Style,
    encodable,
    fitted_header,
    fitted_row,
)
from tests.differential.tables import Table

MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
PREAMBLES = (
    ("All kinds of transactions, of all marketplaces", "Amounts are in USD, unless we say so"),
    (
        "Alle Vorgänge, auch Erstattungen",
        "Beträge in EUR, wenn nichts anderes dasteht",
        "Begriffe:",
    ),
    ("Toutes les opérations; montants en EUR", "Définitions :", "Ventes : prix, port, emballage"),
    ("すべての取引", "金額は円", "定義："),
    ("Report made on Nov 8, 2026 10:23:05 PM PST", "Account: 12345", "Sales tax: what buyers paid"),
)


@dataclass(frozen=True)
class Written:
    """A document, and what is to be read from it.

    Attributes:
        content: The bytes.
        header: The names of the columns.
        rows: The cells, which may be more or fewer than names.
    """

    content: bytes
    header: list[str]
    rows: list[list[str]]


def write(table: Table, dialect: Dialect, random: Random) -> Written:
    """Write a table, with those changes that the dialect needs (see `dialects.py`)."""
    header = fitted_header(table.header, dialect)
    rows = [
        fitted_row(cells, len(header), dialect, is_first=not number)
        for number, cells in enumerate(_shaped(table.rows, dialect, random))
    ]
    if dialect.charset in ("cp1252", "cp932"):
        rows = [
            row
            if _is_told_apart(_line(row, dialect.style, dialect), dialect.charset)
            else [_ascii(cell) for cell in row]
            for row in rows
        ]
        if not _is_told_apart(_line(header, dialect.header_style, dialect), dialect.charset):
            header = [_ascii(name) for name in header]
    lines = [
        *(_preamble(dialect, random) if dialect.has_preamble and len(header) > 2 else ()),
        _line(header, dialect.header_style, dialect, is_header=True),
        *(_line(row, dialect.style, dialect) for row in rows),
    ]
    text = dialect.line_end.join(lines) + random.choice(("", dialect.line_end))
    content = MARKS.get(dialect.charset, b"") + text.encode(dialect.charset)
    return Written(content, header, rows)


def _shaped(rows: Sequence[Sequence[str]], dialect: Dialect, random: Random) -> list[Sequence[str]]:
    """Return the rows; if the shape says so, up to a third with more or fewer cells."""
    if dialect.shape is not Shape.RAGGED:
        return [*rows]
    shaped: list[Sequence[str]] = []
    left = len(rows) // 3
    for number, full in enumerate(rows):
        row = full
        # The first row is like the header: together they show where a table begins.
        if number and left and random.random() < 0.5:
            left -= 1
            if random.random() < 0.5:
                row = full[: random.randint(1, len(full) - 1)]
            else:
                row = (*full, *random.choices(full, k=random.randint(0, 3)), "more")
        shaped.append(row)
    return shaped


def _line(cells: Sequence[str], style: Style, dialect: Dialect, *, is_header: bool = False) -> str:
    fields = [_field(cell, style, dialect) for cell in cells]
    if dialect.shape is Shape.TRAILING or (dialect.shape is Shape.TRAILING_ROWS and not is_header):
        fields.append("")
    return dialect.delimiter.join(fields)


def _field(cell: str, style: Style, dialect: Dialect) -> str:
    special = (dialect.delimiter, "\n", "\r")
    broken = cell.replace("\n", "\r") if dialect.line_end == "\r" else cell
    doubled = '"' + broken.replace('"', '""') + '"'
    has_special = any(letter in cell for letter in special)
    if style is Style.DOUBLED:
        return doubled
    if style is Style.UNDOUBLED:
        return f'"{broken}"'
    if style is Style.NEEDED and (has_special or '"' in cell):
        return doubled
    if style is Style.SPARING and (has_special or cell.startswith('"')):
        return doubled
    return cell


def _preamble(dialect: Dialect, random: Random) -> list[str]:
    """Return lines of one field each, and usually an empty line."""
    sentences = [encodable(sentence, dialect.charset) for sentence in random.choice(PREAMBLES)]
    if dialect.header_style is Style.NONE:
        sentences = [sentence.replace(dialect.delimiter, REPLACEMENT) for sentence in sentences]
    alone = dataclasses.replace(dialect, shape=Shape.EXACT)
    lines = [_line([sentence], dialect.header_style, alone) for sentence in sentences]
    if random.random() < 0.7:
        lines.append("")
    return lines


def _is_told_apart(text: str, charset: str) -> bool:
    """Can nobody take a line, or a part of it, for UTF-8?"""
    for line in (text, *text.splitlines()):
        encoded = line.encode(charset)
        if encoded.isascii():
            continue
        try:
            encoded.decode("utf-8")
        except UnicodeDecodeError:
            continue
        return False
    return True


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("?", REPLACEMENT)
