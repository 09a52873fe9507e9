"""Find the header of a flat file among its first lines.

The header is the first line, unless lines before it explain the file, as in the date range reports
of Seller Central: sentences, or names with a value, in any language, with or without quotes, and
with commas in them. After the header, most lines have as many fields as it.

Which words are names of columns is often known: see `known_headers`, which comes first. Here, a
line is an explanation only if it can hardly be a header; if it is one, a row would be lost.

Facts: files that sellers published, such as the date range report in
amzn/selling-partner-api-models#2036; Amazon does not document what is before a header.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tap_amazon_sp.documents.fields import goes_on, loose_reading, strict_reading, undouble

_MAX_LINES = 200
"""The most lines that are looked at."""
_MAX_EXPLANATION = 40
"""The most lines before a header."""
_MAX_LINES_OF_ROW = 10
_MAX_VALUES = 3
"""The most fields of a line that names a value, such as the days of a report."""
_MIN_COLUMNS = 3
"""The fewest columns of a header that follows an explanation, if that may be a header."""
_MAX_NAME = 120
"""The most characters of a column's name."""
_MOST = 1 / 2
_MANY = 1 / 3
_NEARLY_ALL = 4 / 5
_FEW = 1 / 3

_WORDS = re.compile(r"\S+\s+\S+\s+\S")
_LONG_TEXT = re.compile(r"(?:[^\W\d_a-zA-Z]\W*){16}")
"""A sentence without spaces, as in Chinese or Japanese."""
_VALUE = re.compile(r"\w\s*[:：]\s*\w")  # noqa: RUF001 - in any language
"""A name with a value."""
_ENDS = (".", "!", ":", ";", "؟", "。", "！", "：")  # noqa: RUF001 - in any language
_DAYS = re.compile(r"[0-9]{1,3}")
_COLONS = (":", "：")  # noqa: RUF001 - in any language
_NAME = re.compile(r"[^\W\d][^\s,;]*")
"""A name of a column without spaces."""
_NAME_WITH_SPACES = re.compile(r"[^\W\d][^\t]{,60}")
_FIGURE = re.compile(r"[-+−(]?\W?[0-9][\W\d]*")  # noqa: RUF001 - as Amazon writes it
"""A number, day or time, but no name of a column."""


@dataclass(frozen=True)
class Sample:
    """The first lines of a text, divided into fields.

    Attributes:
        rows: The fields of each line; several lines if a quoted field has them.
        ends: Where each row ends in the text.
        delimiter: What separates the fields.
    """

    rows: list[list[str]]
    ends: list[int]
    delimiter: str

    @classmethod
    def of(cls, text: str, delimiter: str) -> Sample:
        """Return the first lines of a text."""
        rows, ends = [], []
        place, lines = 0, text.split("\n", _MAX_LINES)[:_MAX_LINES]
        end = 0
        while place < len(lines):
            count = _count_of_lines(lines[place : place + _MAX_LINES_OF_ROW], delimiter)
            row = "\n".join(lines[place : place + count])
            end += len(row) + 1
            rows.append(_fields(row.rstrip("\r"), delimiter))
            ends.append(min(end, len(text)))
            place += count
        return cls(rows, ends, delimiter)

    def filled(self, place: int) -> list[str]:
        """Return the fields of a row, without empty ones at its end."""
        row = self.rows[place]
        width = next((count for count in range(len(row), 0, -1) if row[count - 1].strip()), 0)
        return row[:width]

    def begin(self, place: int) -> int:
        """Return where a row begins in the text."""
        return self.ends[place - 1] if place else 0

    def first_places(self) -> list[int]:
        """Return the places of the first rows that are not empty; the header is one of them."""
        filled = (place for place in range(len(self.rows)) if self.filled(place))
        return list(itertools.islice(filled, _MAX_EXPLANATION + 1))

    def rows_after(self, place: int) -> list[list[str]]:
        """Return the next rows, without empty lines."""
        return [row for row in self.rows[place + 1 :] if any(row)]


def _count_of_lines(lines: Sequence[str], delimiter: str) -> int:
    """Return how many lines a row takes, if quotes in quoted fields are doubled; else one."""
    if '"' not in lines[0] or not goes_on(lines[0].rstrip("\r").split(delimiter)):
        return 1
    for place, line in enumerate(lines[1:], 1):
        if not goes_on(line.rstrip("\r").split(delimiter), is_inside=True):
            parts = "\n".join(lines[: place + 1]).rstrip("\r").split(delimiter)
            strict = strict_reading(parts, delimiter)
            return place + 1 if strict is not None and not strict.cost else 1
    return 1


def _fields(line: str, delimiter: str) -> list[str]:
    parts = line.split(delimiter)
    if '"' not in line:
        return parts
    reading = strict_reading(parts, delimiter) or loose_reading(parts, delimiter)
    undouble(reading.fields, reading.doubtful)
    return reading.fields


def header_at(sample: Sample, fitting: Callable[[int], float]) -> int | None:
    """Return the place of the header among the first lines; None if all lines are empty.

    Args:
        sample: The first lines.
        fitting: Returns the share of the rows after a line that have as many fields as it.
    """
    places = sample.first_places()
    if not places:
        return None
    first, *others = places
    header = sample.filled(first)
    if sample.delimiter == "\t" and names_columns(header, "\t"):
        return first
    if len(header) > 1 and not _explains(header) and fitting(first) >= _MOST:
        return first
    before = [first]
    for place in others:
        if _follows_explanation(sample, before, place, fitting):
            return place
        before.append(place)
    return first


def _follows_explanation(
    sample: Sample, before: Sequence[int], place: int, fitting: Callable[[int], float]
) -> bool:
    """Return whether a line is the header, and all before it explain the file."""
    width = len(sample.filled(place))
    explanation = [sample.filled(other) for other in before]
    return (
        width > 1
        and _has_names(sample.filled(place))
        and all(may_explain(row, width, sample.delimiter) for row in explanation)
        and fitting(place) >= _MANY
        and _is_certain(sample, before, place)
    )


def _is_certain(sample: Sample, before: Sequence[int], place: int) -> bool:
    """Return whether lines that may explain the file do so, and what follows is not a row."""
    explanation = [sample.filled(other) for other in before]
    are_single = all(len(row) == 1 for row in explanation)
    is_clear = all(map(_explains, explanation))
    if len(sample.filled(place)) < _MIN_COLUMNS:
        return is_clear and are_single
    has_empty_line = place - before[0] > len(before)
    if are_single:
        is_explained = is_clear or has_empty_line or len(explanation) > 1
        return is_explained or _differs_from_rows(sample, place)
    if not sample.rows_after(place):
        return has_empty_line or all(len(row) == 1 or is_sentence(row) for row in explanation)
    # Else the first of them may be the header of longer rows.
    return _differs_from_rows(sample, place)


def _has_names(row: Sequence[str]) -> bool:
    """Return whether a line may have the names of columns."""
    named = sum(bool(cell.strip()) for cell in row)
    figures = sum(_FIGURE.fullmatch(cell.strip()) is not None for cell in row)
    begun = sum(cell[:1].isspace() for cell in row)
    return (
        named >= len(row) * _NEARLY_ALL
        and figures < len(row) * _MOST
        and begun <= len(row) * _FEW
        and max(map(len, row)) <= _MAX_NAME
    )


def may_explain(row: Sequence[str], width: int, delimiter: str) -> bool:
    """Return whether a line may be before a header of so many columns, and not be one itself."""
    line = delimiter.join(row)
    if any(_is_header_with(line, other) for other in "\t,;" if other != delimiter):
        return False
    if len(row) == 1:
        return True
    if delimiter == "\t":
        return len(row) < width and _explains(row)
    return is_sentence(row) or (len(row) < width and _explains(row))


def _is_header_with(line: str, delimiter: str) -> bool:
    """Return whether a line names columns if it is divided at another delimiter."""
    row = [part.strip('"') for part in line.split(delimiter)]
    # Two words with a comma may explain the file: `Account,Shop`.
    return (delimiter == "\t" or len(row) >= _MIN_COLUMNS) and names_columns(row, delimiter)


def names_columns(row: Sequence[str], delimiter: str) -> bool:
    """Return whether fields are short and may name columns; there are no tabs in a sentence."""
    name = _NAME_WITH_SPACES if delimiter == "\t" else _NAME
    names = [field.strip() for field in row]
    return len(row) > 1 and all(map(name.fullmatch, names)) and not _explains(names)


def _explains(row: Sequence[str]) -> bool:
    """Return whether a line is a sentence, or has a value; names of columns are shorter."""
    text = " ".join(row).strip()
    if len(row) > 1:
        has_value = len(row) <= _MAX_VALUES and any(map(_FIGURE.fullmatch, row[1:]))
        names_value = len(row) <= _MAX_VALUES and row[0].rstrip().endswith(_COLONS)
        is_list = row[-1].rstrip().endswith(_COLONS)
        return has_value or (names_value and not is_list) or is_sentence(row)
    if text.endswith(_ENDS):
        return True
    return any(pattern.search(text) for pattern in (_WORDS, _VALUE, _LONG_TEXT))


def is_sentence(row: Sequence[str]) -> bool:
    """Return whether a line is a sentence with commas; names of columns have fewer words."""
    return is_enumeration(row) and (
        any(map(_WORDS.search, row)) or row[-1].rstrip().endswith(_ENDS)
    )


def is_enumeration(row: Sequence[str]) -> bool:
    """Return whether a space follows each delimiter, as in a sentence."""
    return len(row) > 1 and all(cell[:1] == " " for cell in row[1:])


def is_value(field: str) -> bool:
    """Return whether a field is a number, day or time; a column may be named after some days."""
    text = field.strip()
    return _FIGURE.fullmatch(text) is not None and _DAYS.fullmatch(text) is None


def _differs_from_rows(sample: Sample, place: int) -> bool:
    """Return whether a column has figures, but not in this line."""
    after = sample.rows_after(place)
    for column, name in enumerate(sample.filled(place)):
        cells = [row[column].strip() for row in after if len(row) > column]
        figures = sum(_FIGURE.fullmatch(cell) is not None for cell in cells)
        if figures and figures >= len(cells) * _MOST and not _FIGURE.fullmatch(name.strip()):
            return True
    return False
