"""Find out whether quotes in a flat file enclose fields or are letters.

Most tab-separated files have no quoting: `5" pipe` and `"Best" towel` are values as they are. Some
quote every field, or those that need it. Users of the files found it out; Amazon documents nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tap_amazon_sp.documents.fields import (
    OTHER_WIDTH,
    exact_reading,
    fits,
    flaw,
    goes_on,
    has_closed_fields,
    is_quoted,
    strict_reading,
)

_NUMBER = re.compile(r"[-+−(]?[0-9][0-9 .,:/()-]*%?")  # noqa: RUF001 - as Amazon writes it
"""A value that is not quoted where all texts are."""
_MAX_LINES = 5_000
"""The most lines of a quoted field."""
_LINES_IN_VAIN = 50_000
"""How many lines of a sample may be looked at in vain for the end of a quoted field."""
_FEW_LINES = 3
_SOME = 2
"""The fewest quoted fields that show that a file quotes all fields, if the header does not."""


@dataclass
class _Counts:
    """Counts of the fields of a sample, by how they are written.

    Attributes:
        bare: Quoted, without need: no quote or delimiter is within.
        needed: Quoted, with doubled quotes or delimiters within.
        flawed: Quoted, with quotes within that are not doubled.
        opened: Perhaps quoted, with an end in another line.
        begun: Beginning with a quote, and with letters after the next one.
        letters: Not quoted, with quotes within or at one end.
        texts: Neither quoted nor a number.
        other_widths: Lines that have not as many fields as the header, if quotes are letters.
    """

    bare: int = 0
    needed: int = 0
    flawed: int = 0
    opened: int = 0
    begun: int = 0
    letters: int = 0
    texts: int = 0
    other_widths: int = 0


def encloses_fields(text: str, delimiter: str, width: int, *, expected: bool) -> bool:
    """Return whether quotes enclose fields in whole lines that follow a header.

    Args:
        text: The lines; some have quotes.
        delimiter: What separates fields.
        width: How many fields the header has.
        expected: Whether quotes enclose the fields of the header, or usually those of the type.
    """
    counts = _counts(text, delimiter, width)
    quoted = counts.bare + counts.needed + counts.flawed
    if delimiter != "\t":
        is_plain = counts.letters and not counts.needed and not counts.other_widths
        return not is_plain or quoted >= counts.texts
    several = quoted + counts.opened
    least = max(counts.texts, counts.letters + 1, 1 if expected else _SOME)
    if quoted and several >= least:
        return True
    return counts.needed > 0 and not counts.bare + counts.flawed + counts.begun


def quoted_columns(rows: Iterable[Sequence[str]], width: int) -> tuple[int, ...]:
    """Return the places of columns in which quotes enclose the fields, though not in others.

    All texts of such a column are quoted; numbers may be bare.

    Args:
        rows: Some rows of the file, divided at each delimiter. Those of another width do not count.
        width: How many fields the header has.
    """
    quoted, bare_texts = [0] * width, [0] * width
    for row in rows:
        if not fits(row, width):
            continue
        for place, field in enumerate(row[:width]):
            if is_quoted(field):
                quoted[place] += 1
            elif field and not (place == width - 1 and field[0] == '"'):
                # Otherwise it may go on in the next line.
                bare_texts[place] += _NUMBER.fullmatch(field) is None
    return tuple(
        place for place in range(width) if quoted[place] >= _SOME and not bare_texts[place]
    )


def bare(field: str) -> str:
    """Return a field without the quotes that enclose it, if there are any."""
    if not is_quoted(field):
        return field
    text = field[1:-1]
    return text if flaw(text) else text.replace('""', '"')


def _counts(text: str, delimiter: str, width: int) -> _Counts:
    counts = _Counts()
    lines = text.split("\n")
    number, in_vain = 0, 0
    while number < len(lines):
        some = lines[number : number + _FEW_LINES]
        if '"' in some[0] and in_vain < _LINES_IN_VAIN:
            count, seen = _lines_of_row(lines, number, delimiter, width)
            if count:
                counts.needed += 1
                number += count
                continue
            in_vain += seen
        number += 1
        parts = some[0].rstrip("\r").split(delimiter)
        if len(parts) == 1 and width > 1 and not is_quoted(parts[0]):
            # A line of a quoted text, perhaps.
            continue
        if not fits(parts, width):
            counts.other_widths += 1
            exact = exact_reading(parts, width, delimiter) if '"' in some[0] else None
            if exact is not None and (
                (not exact.is_open and exact.cost <= OTHER_WIDTH)
                or has_closed_fields(exact, width, delimiter)
            ):
                # Delimiters in quotes, beside quotes that are not doubled.
                counts.flawed += exact.quoted
                continue
        is_open = parts[-1][:1] == '"' and not any(
            _is_row(line, delimiter, width) for line in some[1:3] if line
        )
        if is_open and not is_quoted(parts[-1]):
            # A field that goes on in the next line, perhaps.
            parts.pop()
            counts.opened += 1
        for place, part in enumerate(parts):
            if part:
                _count(counts, part, is_first=not place)
    return counts


def _lines_of_row(lines: Sequence[str], begin: int, delimiter: str, width: int) -> tuple[int, int]:
    """Return how many lines a row takes that has delimiters or line feeds in quoted fields.

    It is 0 if there is no such row. With letters for quotes, the first line would not be a row.

    Args:
        lines: All lines.
        begin: The place of the first line of the row.
        delimiter: What separates fields.
        width: How many fields the header has.

    Returns:
        Lines of the row, and lines that were looked at.
    """
    parts = lines[begin].rstrip("\r").split(delimiter)
    is_open = goes_on(parts)
    if not is_open:
        if len(parts) <= width:
            return 0, 1
        # Rather quoted delimiters than additional fields that are empty.
        strict = strict_reading(parts, delimiter)
        has_delimiters = strict is not None and len(strict.fields) < len(parts)
        return int(strict is not None and has_delimiters and fits(strict.fields, width)), 1
    end = min(len(lines), begin + _MAX_LINES)
    for place in range(begin + 1, end):
        line, count = lines[place], place + 1 - begin
        if place == begin + 1 and fits(parts, width) and _is_row(line, delimiter, width):
            return 0, count
        if not goes_on(line.rstrip("\r").split(delimiter), is_inside=True):
            whole = "\n".join(lines[begin : place + 1]).rstrip("\r").split(delimiter)
            strict = strict_reading(whole, delimiter)
            return count if strict is not None and fits(strict.fields, width) else 0, count
    return 0, end - begin


def _is_row(line: str, delimiter: str, width: int) -> bool:
    """Return whether a line is a row by itself, and does not begin with the end of a field."""
    parts = line.rstrip("\r").split(delimiter)
    is_end = parts[0].endswith('"') and parts[0].count('"') % 2
    return fits(parts, width) and not is_end


def _count(counts: _Counts, part: str, *, is_first: bool) -> None:
    if '"' not in part:
        counts.texts += _NUMBER.fullmatch(part) is None
    elif is_quoted(part):
        text = part[1:-1]
        if '"' not in text and "\r" not in text:
            counts.bare += 1
        elif flaw(text):
            counts.flawed += 1
        else:
            counts.needed += 1
    elif not (is_first and part[-1] == '"'):
        # Otherwise, a quoted field of several lines may end here.
        counts.letters += 1
        counts.begun += part[0] == '"' and part.count('"') % 2 == 0
