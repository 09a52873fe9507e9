"""Find out whether quotes in a flat file enclose fields or are letters.

Most tab-separated files have no quoting: `5" pipe` and `"Best" towel` are values as they are. Some
quote every field, or those that need it. Users of the files found it out; Amazon documents nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
_MAX_LINES = 50
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


def _counts(text: str, delimiter: str, width: int) -> _Counts:
    counts = _Counts()
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        some = lines[number : number + _MAX_LINES]
        if '"' in some[0] and (count := _lines_of_row(some, delimiter, width)):
            counts.needed += 1
            number += count
            continue
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


def _lines_of_row(lines: Sequence[str], delimiter: str, width: int) -> int:
    """Return how many lines a row takes that has delimiters or line feeds in quoted fields.

    It is 0 if there is no such row. With letters for quotes, the first line would not be a row.
    """
    parts = lines[0].rstrip("\r").split(delimiter)
    is_open = goes_on(parts)
    if not is_open:
        if len(parts) <= width:
            return 0
        # Rather quoted delimiters than additional fields that are empty.
        strict = strict_reading(parts, delimiter)
        has_delimiters = strict is not None and len(strict.fields) < len(parts)
        return int(strict is not None and has_delimiters and fits(strict.fields, width))
    for place, line in enumerate(lines[1:], 1):
        if place == 1 and fits(parts, width) and _is_row(line, delimiter, width):
            return 0
        if not goes_on(line.rstrip("\r").split(delimiter), is_inside=True):
            whole = "\n".join(lines[: place + 1]).rstrip("\r").split(delimiter)
            strict = strict_reading(whole, delimiter)
            return place + 1 if strict is not None and fits(strict.fields, width) else 0
    return 0


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
