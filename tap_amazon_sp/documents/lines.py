"""Divide the text of flat files and of JSON Lines into lines. Any usual line end is read.

A line feed ends a line, with any carriage returns before it. A carriage return alone is usually
part of a value, but may end lines: all of a file without line feeds, and those that would otherwise
have more fields than the header.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator

from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.limits import MAX_RECORD, RECORD_TOO_LONG

_HEADER_LINES = 20
_SEVERAL_RETURNS = re.compile("\r+\n")
_IN_QUOTES = re.compile('"[^"]*(?:"|$)')
"""A quoted text, or the beginning of one."""


def allow_long_fields() -> None:
    """Let the csv module read fields of any length that a record may have.

    It has one limit for the process; descriptions of products exceed its default.
    """
    if csv.field_size_limit() < MAX_RECORD:
        csv.field_size_limit(MAX_RECORD)


def lines_of(texts: Iterable[str]) -> Iterator[str]:
    """Return the lines of an unquoted text with their line feeds.

    Carriage returns alone become spaces.

    Raises:
        DocumentFormatError: A line is too long.
    """
    return itertools.chain.from_iterable(map(_lines, whole_lines(texts)))


def _lines(block: str) -> Iterable[str]:
    return io.StringIO(without_lone_returns(block), newline="\n")


def whole_lines(texts: Iterable[str]) -> Iterator[str]:
    """Yield a text in pieces that end with a line feed, except the last one.

    Raises:
        DocumentFormatError: A line is too long.
    """
    rest: list[str] = []
    length = 0
    for piece in texts:
        text = piece
        if not text.endswith("\n"):
            end = text.rfind("\n") + 1
            if not end:
                rest.append(text)
                length += len(text)
                if length > MAX_RECORD:
                    raise DocumentFormatError(RECORD_TOO_LONG)
                continue
            text, after = text[:end], text[end:]
        else:
            after = ""
        if rest:
            text = "".join([*rest, text])
        rest, length = [after] if after else [], len(after)
        yield _SEVERAL_RETURNS.sub("\r\n", text) if "\r\r" in text else text
    if rest:
        yield "".join(rest)


def begun(texts: Iterator[str], at_least: int) -> tuple[str, Iterator[str]]:
    """Return the beginning of a text and the rest, with LF where carriage returns end all lines.

    Args:
        texts: The text, in any pieces.
        at_least: Characters of the beginning; it is shorter only if the text is, and longer if its
            first line is.

    Raises:
        DocumentFormatError: The first line is too long.
    """
    pieces, length, has_end = [], 0, False
    for text in texts:
        pieces.append(text)
        length += len(text)
        has_end = has_end or "\n" in text or "\r" in text
        if length >= at_least and has_end:
            break
        if length > MAX_RECORD:
            raise DocumentFormatError(RECORD_TOO_LONG)
    beginning = "".join(pieces)
    if not _has_only_returns(beginning):
        return beginning, texts
    decoder = io.IncrementalNewlineDecoder(None, translate=True)
    first = decoder.decode(beginning)
    rest = itertools.chain(
        map(decoder.decode, texts), (decoder.decode("", final=True) for _ in range(1))
    )
    return first, rest


def _has_only_returns(beginning: str) -> bool:
    """Return whether carriage returns end lines; then line feeds are within quoted fields only."""
    if "\r" not in beginning:
        return False
    if "\n" not in beginning:
        return True
    if '"' not in beginning:
        return False
    outside = _IN_QUOTES.sub("", beginning)
    return "\n" not in outside and "\r" in outside


def without_lone_returns(text: str) -> str:
    """Return a text with a space for each carriage return that does not end a line."""
    if not has_lone_returns(text):
        return text
    return text.replace("\r\n", "\n").replace("\r", " ")


def has_lone_returns(text: str) -> bool:
    """Return whether a carriage return is somewhere else than before a line feed."""
    return "\r" in text and text.count("\r") != text.count("\r\n")


def with_ends(text: str, delimiter: str, width: int) -> str:
    """Return lines with no carriage return but before a line feed, without a loss of rows.

    A carriage return ends a row if what is before it and what is after it have as many fields as
    the header. Otherwise, it is part of a value.

    Args:
        text: Whole lines.
        delimiter: What separates fields.
        width: How many fields the header has.
    """
    if not has_lone_returns(text):
        return text
    return "\n".join(
        divided(line, delimiter, width) if "\r" in line else line
        for line in text.replace("\r\n", "\n").split("\n")
    )


def divided(line: str, delimiter: str, width: int) -> str:
    """Return a line with a line feed or a space for each carriage return; see `with_ends`."""
    if width <= 1:
        return line.replace("\r", " ")
    first, *others = line.split("\r")
    result, found, least = [first], first.count(delimiter), width - 1
    left = line.count(delimiter) - found
    for part in others:
        is_row = found >= least <= left
        count = part.count(delimiter)
        found, left = count if is_row else found + count, left - count
        result += ["\n" if is_row else " ", part]
    return "".join(result)


def with_divided_header(beginning: str, delimiter: str) -> str:
    """Return the beginning of a text with LF for carriage returns that end rows in its first line.

    They do if the first part of the line has as many fields as the others and as the other lines.
    """
    line, end, rest = beginning.partition("\n")
    line = line.rstrip("\r")
    if "\r" not in line:
        return beginning
    # Without an extra delimiter, which the rows may lack.
    first, *after = [part.rstrip(delimiter).count(delimiter) for part in line.split("\r")]
    longest = max(
        (
            other.count(delimiter)
            for other in rest.split("\n")[: _HEADER_LINES - 1]
            if "\r" not in other.rstrip("\r")
        ),
        default=0,
    )
    is_header = first > 0 and max(after, default=0) <= first and longest <= first + 1
    header = divided(line, delimiter, first + 1) if is_header else line.replace("\r", " ")
    return header + end + rest
