"""Find out how a flat file begins: where its header is, and what separates its fields.

Facts: files that sellers published. Amazon does not document the formats.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.flat_rows import FlatRows
from tap_amazon_sp.documents.header_lines import Sample, header_at, is_enumeration
from tap_amazon_sp.documents.limits import MAX_COLUMNS, TOO_MANY_FIELDS
from tap_amazon_sp.documents.lines import with_divided_header

BEGINNING = 64 * 1024
"""Characters that are enough to find the header and to see what separates fields."""

_DELIMITERS = ("\t", ",", ";")
_SAMPLE_ROWS = 200
"""Rows after a header that show whether it is one."""
_MOST = 1 / 2
_UNKNOWN = 3 / 4
"""Takes the place of the share of fitting rows if there are no rows."""


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
class _Guess:
    """A delimiter, and the header if that is the right one.

    Attributes:
        delimiter: The delimiter.
        text: The beginning of the file.
        end: How many characters of it are whole lines.
        sample: The first lines.
        header_at: The place of the header among them.
    """

    delimiter: str
    text: str
    end: int
    sample: Sample
    header_at: int

    @property
    def header(self) -> list[str]:
        """The fields of the header, without empty ones at its end."""
        return self.sample.filled(self.header_at)

    @property
    def body_at(self) -> int:
        """Where the text after the header begins."""
        return self.sample.ends[self.header_at]

    @functools.cached_property
    def is_quoted(self) -> bool:
        """Whether all names in the header are in quotes."""
        begin = self.sample.ends[self.header_at - 1] if self.header_at else 0
        line = self.text[begin : self.body_at].strip(f"\r\n {self.delimiter}")
        is_enclosed = len(line) > 1 and line[0] == line[-1] == '"'
        return is_enclosed and line.count(f'"{self.delimiter}"') == len(self.header) - 1

    @functools.cached_property
    def fitting(self) -> float:
        """The share of rows with as many fields as the header."""
        body = self.text[self.body_at : self.end]
        rows = FlatRows([body], self.delimiter, len(self.header), is_quoted=self.is_quoted)
        share = rows.fitting(_SAMPLE_ROWS)
        if share is None:
            # What comes last may be a row.
            return _UNKNOWN if self.is_at_begin else _UNKNOWN * _MOST
        return share

    @property
    def is_likely(self) -> bool:
        """Whether there are several columns, and rows that fit them."""
        return self.score > 0 and self.fitting >= _MOST

    @property
    def is_at_begin(self) -> bool:
        """Whether nothing is before the header."""
        return not any(map(any, self.sample.rows[: self.header_at]))

    @property
    def score(self) -> float:
        """How much speaks for the delimiter."""
        if len(self.header) == 1 or is_enumeration(self.header):
            return 0
        return self.fitting * (len(self.header) - 1)


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
        if delimiter != usual and delimiter not in beginning:
            continue
        guess = _guess(beginning, delimiter, is_whole=is_whole)
        if guess is not None:
            guesses.append(guess)
    if not guesses:
        return Layout((), usual, "")
    # The first of several that are as good.
    best = max(guesses, key=lambda guess: _rank(guess, usual))
    if len(best.header) > MAX_COLUMNS:
        raise DocumentFormatError(TOO_MANY_FIELDS)
    body = best.text[best.body_at :]
    return Layout(tuple(best.header), best.delimiter, body, best.is_quoted)


def _rank(guess: _Guess, usual: str) -> tuple[bool, bool, float, int]:
    """Return what decides between delimiters."""
    return (
        # A line that may be a header is hardly an explanation.
        guess.is_likely and guess.is_at_begin,
        guess.is_likely and guess.delimiter == usual,
        guess.score,
        -guess.header_at,
    )


def _guess(beginning: str, delimiter: str, *, is_whole: bool) -> _Guess | None:
    """Return the guess for a delimiter; None if there is no line."""
    text = with_divided_header(beginning, delimiter)
    end = len(text) if is_whole else text.rfind("\n") + 1
    sample = Sample.of(text[:end] or text, delimiter)
    place = header_at(sample)
    return None if place is None else _Guess(delimiter, text, end, sample, place)
