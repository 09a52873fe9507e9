"""Find out whether quotes in a flat file enclose fields or are letters.

Most tab-separated files have no quoting: `5" pipe` and `"Best" towel` are values as they are. Some
quote every field, or those that need it. Users of the files found it out; Amazon documents nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tap_amazon_sp.documents.fields import flaw, strict_reading

_NUMBER = re.compile(r"[-+−(]?[0-9][0-9 .,:/()-]*%?")  # noqa: RUF001 - as Amazon writes it
"""A value that is not quoted where all texts are."""
_SOME = 2
"""The fewest quoted fields that show that a file quotes all fields, if the header does not."""


@dataclass
class _Counts:
    """Counts of the fields of a sample, by how they are written.

    Attributes:
        bare: Quoted, without need: no quote or delimiter is within.
        needed: Quoted, with doubled quotes or delimiters within.
        flawed: Quoted, with quotes within that are not doubled.
        letters: Not quoted, with quotes within or at one end.
        texts: Neither quoted nor a number.
        other_widths: Lines that have not as many fields as the header, if quotes are letters.
    """

    bare: int = 0
    needed: int = 0
    flawed: int = 0
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
    if quoted >= max(counts.texts, counts.letters, 1 if expected else _SOME):
        return True
    return counts.needed > 0 and not counts.letters + counts.bare + counts.flawed


def _counts(text: str, delimiter: str, width: int) -> _Counts:
    counts = _Counts()
    rows = [line.rstrip("\r").split(delimiter) for line in text.split("\n")]
    for number, parts in enumerate(rows):
        if parts == [""] or (len(parts) == 1 and width > 1):
            # A line of a quoted text, perhaps.
            continue
        counts.other_widths += not _fits(parts, width)
        if len(parts) > width:
            strict = strict_reading(parts, delimiter)
            if strict is not None and len(strict.fields) == width:
                counts.needed += 1
                continue
        following = next((row for row in rows[number + 1 : number + 3] if row != [""]), [])
        for place, part in enumerate(parts):
            if _opens(parts, place) and not _fits(following, width):
                # A quoted field that goes on in the next line.
                break
            if part:
                _count(counts, part, is_first=not place)
    return counts


def _fits(parts: Sequence[str], width: int) -> bool:
    return len(parts) >= width and not any(parts[width:])


def _opens(parts: Sequence[str], place: int) -> bool:
    """Return whether a part begins with a quote that is not closed up to the end of the line."""
    if parts[place][:1] != '"':
        return False
    quotes = itertools.accumulate(part.count('"') for part in parts[place:])
    return all(count % 2 for count in quotes)


def _count(counts: _Counts, part: str, *, is_first: bool) -> None:
    if '"' not in part:
        counts.texts += _NUMBER.fullmatch(part) is None
    elif len(part) > 1 and part[0] == part[-1] == '"':
        text = part[1:-1]
        if '"' not in text:
            counts.bare += 1
        elif flaw(text):
            counts.flawed += 1
        else:
            counts.needed += 1
    elif not (is_first and part[-1] == '"'):
        # Otherwise, a quoted field of several lines may end here.
        counts.letters += 1
