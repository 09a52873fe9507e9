"""Find out how a flat file begins: where its header is, and what separates its fields.

Facts: files that sellers published. Amazon does not document the formats.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from tap_amazon_sp.amazon.report_headers import headers_of_all_types, known_headers
from tap_amazon_sp.amazon.report_types import ReportType
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.fields import loose_reading
from tap_amazon_sp.documents.flat_rows import FlatRows
from tap_amazon_sp.documents.header_lines import (
    Sample,
    header_at,
    is_enumeration,
    names_columns,
)
from tap_amazon_sp.documents.known_headers import known_header_at
from tap_amazon_sp.documents.limits import MAX_COLUMNS, TOO_MANY_FIELDS
from tap_amazon_sp.documents.lines import begun, with_divided_header

BEGINNING = 64 * 1024
"""Characters that are enough to find the header and to see what separates fields."""

_DELIMITERS = ("\t", ",", ";")
_SAMPLE_ROWS = 200
"""Rows after a header that show whether it is one."""
_MOST = 1 / 2
_UNKNOWN = 3 / 4
"""The share of fitting rows that is assumed if there are none."""


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


class _Guess:
    """A delimiter, and the header if that is the right one.

    Attributes:
        delimiter: The delimiter.
        sample: The first lines.
    """

    def __init__(self, beginning: str, delimiter: str, *, is_whole: bool) -> None:
        self.delimiter = delimiter
        self._text = with_divided_header(beginning, delimiter)
        # The last line may be incomplete.
        self._end = len(self._text) if is_whole else self._text.rfind("\n") + 1
        self.sample = Sample.of(self._text[: self._end] or self._text, delimiter)
        self._fitting: dict[int, float] = {}
        self._known_at: int | None = None

    @functools.cached_property
    def header_at(self) -> int | None:
        """The place of the header among the first lines; None if there is no line."""
        if self._known_at is not None:
            return self._known_at
        return header_at(self.sample, self._fitting_after)

    def with_header_at(self, place: int) -> _Guess:
        """Return the same guess for a header whose place is known."""
        self._known_at = place
        return self

    @property
    def header(self) -> list[str]:
        """The fields of the header, without empty ones at its end."""
        return self.sample.filled(self._place)

    @property
    def body(self) -> str:
        """The text after the header."""
        return self._text[self.sample.ends[self._place] :]

    @property
    def is_quoted(self) -> bool:
        """Whether all names in the header are in quotes."""
        return self._is_quoted(self._place)

    @property
    def fitting(self) -> float:
        """The share of rows with as many fields as the header."""
        return self._fitting_after(self._place)

    @property
    def is_likely(self) -> bool:
        """Whether there are several columns, and rows that fit them."""
        return self.score > 0 and self.fitting >= _MOST and not self._is_open

    @property
    def is_at_begin(self) -> bool:
        """Whether nothing is before the header."""
        return self._is_first(self._place)

    @property
    def names_columns(self) -> bool:
        """Whether the first line names several columns, and most rows have several fields."""
        if not (self.is_at_begin and names_columns(self.header, self.delimiter)):
            return False
        rows = self.sample.rows_after(self._place)
        return sum(len(row) > 1 for row in rows) >= len(rows) * _MOST

    @property
    def score(self) -> float:
        """How much speaks for the delimiter."""
        is_list = self.delimiter != "\t" and is_enumeration(self.header)
        if len(self.header) == 1 or is_list:
            return 0
        return self.fitting * (len(self.header) - 1)

    @property
    def _place(self) -> int:
        return self.header_at or 0

    def _is_first(self, place: int) -> bool:
        return not any(map(any, self.sample.rows[:place]))

    def _line(self, place: int) -> str:
        begin = self.sample.ends[place - 1] if place else 0
        return self._text[begin : self.sample.ends[place]].strip(f"\r\n {self.delimiter}")

    def _is_quoted(self, place: int) -> bool:
        line, width = self._line(place), len(self.sample.filled(place))
        is_enclosed = len(line) > 1 and line[0] == line[-1] == '"'
        return is_enclosed and line.count(f'"{self.delimiter}"') == width - 1

    @property
    def _is_open(self) -> bool:
        """Whether the delimiter is within quotes in the header."""
        parts = self._line(self._place).split(self.delimiter)
        return loose_reading(parts, self.delimiter).is_open

    def _fitting_after(self, place: int) -> float:
        if place not in self._fitting:
            body = self._text[self.sample.ends[place] : self._end]
            width = len(self.sample.filled(place))
            rows = FlatRows([body], self.delimiter, width, is_quoted=self._is_quoted(place))
            share = rows.fitting(_SAMPLE_ROWS)
            if share is None:
                # What comes last may be a row.
                share = _UNKNOWN if self._is_first(place) else _UNKNOWN * _MOST
            self._fitting[place] = share
        return self._fitting[place]


def layout_of(
    beginning: str, usual: str = "\t", *, is_whole: bool = True, type_name: str = ""
) -> Layout:
    """Return how a flat file begins.

    Args:
        beginning: The beginning of its text.
        usual: What usually separates fields in files of its type.
        is_whole: Whether that is all of the text; if not, its last line may be incomplete.
        type_name: The report type, whose columns may be known.

    Raises:
        DocumentFormatError: The header has too many fields.
    """
    guesses = _guesses(beginning, usual, is_whole=is_whole)
    best = _with_known_header(guesses, type_name)
    if best is None:
        # The first of several that are as good.
        best = max(guesses, key=lambda guess: _rank(guess, usual))
    if best.header_at is None:
        return Layout((), usual, "")
    if len(best.header) > MAX_COLUMNS:
        raise DocumentFormatError(TOO_MANY_FIELDS)
    return Layout(tuple(best.header), best.delimiter, best.body, best.is_quoted)


def has_known_header(beginning: str, kind: ReportType, *, is_whole: bool) -> bool:
    """Return whether a text has a header with several known columns of a type of flat files."""
    if not kind.is_flat:
        return False
    text, _ = begun(iter([beginning]), BEGINNING)
    samples = [guess.sample for guess in _guesses(text, kind.delimiter, is_whole=is_whole)]
    found = known_header_at(samples, known_headers(kind.name), is_of_type=True)
    return found is not None and len(samples[found[0]].filled(found[1])) > 1


def _guesses(beginning: str, usual: str, *, is_whole: bool) -> list[_Guess]:
    return [
        _Guess(beginning, delimiter, is_whole=is_whole)
        for delimiter in dict.fromkeys((usual, *_DELIMITERS))
        if delimiter == usual or delimiter in beginning
    ]


def _with_known_header(guesses: Sequence[_Guess], type_name: str) -> _Guess | None:
    samples = [guess.sample for guess in guesses]
    found = known_header_at(samples, known_headers(type_name), is_of_type=True) or known_header_at(
        samples, headers_of_all_types(), is_of_type=False
    )
    return guesses[found[0]].with_header_at(found[1]) if found is not None else None


def _rank(guess: _Guess, usual: str) -> tuple[bool, bool, bool, float, int]:
    """Return what decides between delimiters."""
    if guess.header_at is None:
        return False, False, False, 0, 0
    # A line that may be a header is hardly an explanation.
    is_first = guess.is_likely and guess.is_at_begin
    return (
        is_first,
        is_first and guess.delimiter == usual,
        guess.names_columns,
        guess.score,
        -guess.header_at,
    )
