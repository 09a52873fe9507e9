"""Find the header of a flat file, and what separates its fields.

The header is the first line, unless lines before it explain the file, as in the date range reports
of Seller Central: sentences, or names with a value, in any language, with or without quotes, and
with commas in them. After the header, most lines have as many fields as it.

Facts: files that sellers published, such as the date range report in
amzn/selling-partner-api-models#2036; Amazon does not document what is before a header.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.fields import flaw, loose_reading
from tap_amazon_sp.documents.limits import MAX_COLUMNS, MAX_RECORD, TOO_MANY_FIELDS
from tap_amazon_sp.documents.lines import with_divided_header

BEGINNING = 64 * 1024
"""Characters that are enough to find the header and to see what separates fields."""

_DELIMITERS = ("\t", ",", ";")
_MAX_EXPLANATION = 40
"""The most lines before a header."""
_SAMPLE_ROWS = 200
"""Rows after a header that show whether it is one."""
_MIN_COLUMNS = 3
"""The fewest columns of a header that follows an explanation, if that may be a header."""
_MAX_NAME = 120
"""The most characters of a column's name."""
_MOST = 1 / 2
_NEARLY_ALL = 4 / 5
_FEW = 1 / 3

_WORDS = re.compile(r"\S+\s+\S+\s+\S")
_LONG_WORD = re.compile(r"[^\W\d_a-zA-Z]{16}")
"""A sentence without spaces, as in Chinese or Japanese."""
_ENDS = (".", "!", ":", ";", "؟", "。", "！", "：")  # noqa: RUF001 - in any language
_FIGURE = re.compile(r"[^\w]*[0-9][\W\d]*")
"""A number, day or time, but no name of a column."""


@dataclass(frozen=True)
class Layout:
    """How a flat file begins.

    Attributes:
        header: The names in the header, without quotes, and without empty ones at its end.
        delimiter: What separates fields.
        body: The text after the header, as far as it was given.
        is_quoted: Whether all names in the header are in quotes.
    """

    header: tuple[str, ...]
    delimiter: str
    body: str
    is_quoted: bool = False


@dataclass(frozen=True)
class _Sample:
    """The first lines of a text, divided into fields.

    Attributes:
        rows: The fields of each line; several lines if a quoted field has them.
        ends: How many lines there are up to the end of each row.
    """

    rows: list[list[str]]
    ends: list[int]

    def width(self, place: int) -> int:
        """Return how many fields a row has, without empty ones at its end."""
        row = self.rows[place]
        return next((count for count in range(len(row), 0, -1) if row[count - 1].strip()), 0)

    def rows_after(self, place: int) -> list[list[str]]:
        """Return the next rows, without empty lines."""
        after = self.rows[place + 1 : place + 1 + _SAMPLE_ROWS]
        return [row for row in after if any(row)]

    def fitting(self, place: int) -> float | None:
        """Return the share of rows with as many fields as the header; None if there are no rows."""
        width, after = self.width(place), self.rows_after(place)
        if not after:
            return None
        return sum(len(row) >= width and not any(row[width:]) for row in after) / len(after)


@dataclass(frozen=True)
class _Guess:
    """A delimiter, and the header if that is the right one.

    Attributes:
        delimiter: The delimiter.
        text: The beginning of the file.
        sample: The first rows.
        header_at: The place of the header among them.
    """

    delimiter: str
    text: str
    sample: _Sample
    header_at: int

    @property
    def header(self) -> list[str]:
        """The fields of the header, without empty ones at its end."""
        return self.sample.rows[self.header_at][: self.sample.width(self.header_at)]

    @property
    def is_likely(self) -> bool:
        """Whether there are several columns, and rows that fit them."""
        fitting = self.sample.fitting(self.header_at)
        fits = fitting is None or fitting >= _MOST
        return fits and len(self.header) > 1 and not _is_enumeration(self.header)

    @property
    def score(self) -> float:
        """How much speaks for the delimiter."""
        if _is_enumeration(self.header):
            return 0
        fitting = self.sample.fitting(self.header_at)
        return (1 if fitting is None else fitting) * (len(self.header) - 1)

    def layout(self) -> Layout:
        """Return how the file begins if this is right.

        Raises:
            DocumentFormatError: The header has too many fields.
        """
        header = self.header
        if len(header) > MAX_COLUMNS:
            raise DocumentFormatError(TOO_MANY_FIELDS)
        begin = self.sample.ends[self.header_at - 1] if self.header_at else 0
        count = self.sample.ends[self.header_at] - begin
        *lines, body = self.text.split("\n", begin + count)[begin:]
        if len(lines) < count:
            # The header is all there is.
            lines, body = [*lines, body], ""
        line = "\n".join(lines).rstrip(f"\r {self.delimiter}")
        is_quoted = (
            len(line) > 1
            and line[0] == line[-1] == '"'
            and line.count(f'"{self.delimiter}"') == len(header) - 1
        )
        return Layout(tuple(header), self.delimiter, body, is_quoted)


def layout_of(beginning: str, usual: str = "\t", *, is_whole: bool = True) -> Layout:
    """Return how a flat file begins.

    Args:
        beginning: The beginning of its text.
        usual: What usually separates fields in files of its type.
        is_whole: Whether that is all of the text; if not, its last line may be incomplete.

    Raises:
        DocumentFormatError: The header has too many fields.
    """
    guesses = []
    for delimiter in dict.fromkeys((usual, *_DELIMITERS)):
        if delimiter == usual or delimiter in beginning:
            guesses += _guesses(beginning, delimiter, is_whole=is_whole)
    if not guesses:
        return Layout((), usual, "")
    best = guesses[0]
    if not best.is_likely:
        # The first of several that are as good.
        best = max(guesses, key=lambda guess: guess.score)
    return best.layout()


def allow_long_fields() -> None:
    """Let the csv module read fields of any length that a record may have.

    It has one limit for the process; descriptions of products exceed its default.
    """
    if csv.field_size_limit() < MAX_RECORD:
        csv.field_size_limit(MAX_RECORD)


def _guesses(beginning: str, delimiter: str, *, is_whole: bool) -> list[_Guess]:
    """Return the guess for a delimiter; none if there is no line."""
    text = with_divided_header(beginning, delimiter)
    inspected = text if is_whole else text[: text.rfind("\n") + 1]
    samples = [_by_line(inspected, delimiter)]
    if '"' in inspected and (joined := _by_quotes(inspected, delimiter)) is not None:
        samples.append(joined)
    guesses = [
        _Guess(delimiter, text, sample, place)
        for sample in samples
        if (place := _header_at(sample)) is not None
    ]
    # Lines as they are, unless quoted fields of several lines make more rows fit.
    return [max(guesses, key=lambda guess: guess.score)] if guesses else []


def _by_line(text: str, delimiter: str) -> _Sample:
    lines = text.split("\n", _MAX_EXPLANATION + _SAMPLE_ROWS)[: _MAX_EXPLANATION + _SAMPLE_ROWS]
    rows = [_fields(line.rstrip("\r"), delimiter) for line in lines]
    return _Sample(rows, list(range(1, len(rows) + 1)))


def _fields(line: str, delimiter: str) -> list[str]:
    parts = line.split(delimiter)
    if '"' not in line:
        return parts
    reading = loose_reading(parts, delimiter)
    for place in reading.doubtful:
        if not flaw(reading.fields[place]):
            reading.fields[place] = reading.fields[place].replace('""', '"')
    return reading.fields


def _by_quotes(text: str, delimiter: str) -> _Sample | None:
    """Return the rows if quoted fields may have several lines; None if that cannot be."""
    allow_long_fields()
    lines = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter)
    rows, ends = [], []
    try:
        for row in itertools.islice(lines, _MAX_EXPLANATION + _SAMPLE_ROWS):
            rows.append(row)
            ends.append(lines.line_num)
    except csv.Error:
        return None
    return _Sample(rows, ends)


# --- The header ----------------------------------------------------------------------------------


def _header_at(sample: _Sample) -> int | None:
    """Return the place of the header; None if all lines are empty."""
    filled = [place for place in range(len(sample.rows)) if sample.width(place)]
    if not filled:
        return None
    first, *others = filled[: _MAX_EXPLANATION + 1]
    before = [first]
    for place in others:
        if _follows_explanation(sample, before, place):
            return place
        before.append(place)
    return first


def _follows_explanation(sample: _Sample, before: Sequence[int], place: int) -> bool:
    """Return whether a line is the header, and all before it explain the file."""
    width = sample.width(place)
    if width <= 1 or not _has_names(sample.rows[place][:width]):
        return False
    explanation = [sample.rows[other][: sample.width(other)] for other in before]
    if not all(_may_explain(row, width) for row in explanation):
        return False
    fitting = sample.fitting(place)
    if fitting is not None and fitting < _MOST:
        return False
    is_clear = all(map(_explains, explanation))
    if width < _MIN_COLUMNS and not (is_clear and all(len(row) == 1 for row in explanation)):
        return False
    has_empty_line = place - before[0] > len(before)
    return is_clear or has_empty_line or _differs_from_rows(sample, place)


def _has_names(row: Sequence[str]) -> bool:
    """Return whether a line may have the names of columns."""
    named = sum(bool(cell.strip()) for cell in row)
    figures = sum(_FIGURE.fullmatch(cell.strip()) is not None for cell in row)
    begun = sum(cell[:1].isspace() for cell in row)
    return (
        named >= len(row) * _NEARLY_ALL
        and figures <= len(row) * _FEW
        and begun <= len(row) * _FEW
        and max(map(len, row)) <= _MAX_NAME
    )


def _may_explain(row: Sequence[str], width: int) -> bool:
    """Return whether a line may be before a header of so many columns, and not be one itself."""
    if len(row) == 1 or _is_enumeration(row):
        return True
    has_space = any(cell[:1].isspace() for cell in row)
    if len(row) >= width:
        return has_space and _explains(row)
    return has_space or _explains(row)


def _explains(row: Sequence[str]) -> bool:
    """Return whether a line is a sentence, or has a value; names of columns are shorter."""
    text = " ".join(row).strip()
    if text.endswith(_ENDS) or row[0].rstrip().endswith(_ENDS):
        return True
    if len(row) > 1:
        figures = any(_FIGURE.fullmatch(cell.strip()) for cell in row)
        return figures or any(cell[:1].isspace() for cell in row)
    return bool(_WORDS.search(text) or _LONG_WORD.search(text) or _FIGURE.search(text))


def _is_enumeration(row: Sequence[str]) -> bool:
    """Return whether a space follows each delimiter, as in a sentence."""
    return len(row) > 1 and all(cell[:1] == " " for cell in row[1:])


def _differs_from_rows(sample: _Sample, place: int) -> bool:
    """Return whether a column has figures, but not in this line."""
    after = sample.rows_after(place)
    for column, name in enumerate(sample.rows[place][: sample.width(place)]):
        cells = [row[column].strip() for row in after if len(row) > column]
        figures = sum(_FIGURE.fullmatch(cell) is not None for cell in cells)
        if figures and figures >= len(cells) * _MOST and not _FIGURE.fullmatch(name.strip()):
            return True
    return False
