"""Read the rows after the header of a flat file. Quotes may enclose fields or be letters.

In a file whose quotes are letters, a few fields may be quoted all the same: those that contain a
line break, and rarely those with a tab.
"""

from __future__ import annotations

import csv
import io
import itertools
import logging
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.fields import fits, strict_reading
from tap_amazon_sp.documents.limits import MAX_COLUMNS, MAX_RECORD, TOO_MANY_FIELDS
from tap_amazon_sp.documents.lines import allow_long_fields, whole_lines, with_ends
from tap_amazon_sp.documents.names import EXTRA
from tap_amazon_sp.documents.quoted_rows import Blocks, QuotedRows
from tap_amazon_sp.documents.quoting import bare, encloses_fields, quoted_columns

logger = logging.getLogger(__name__)

_SAMPLE = 64 * 1024
"""Characters that show what quotes mean, from the first line with a quote on."""
_MAX_LINES_IN_VAIN = 10_000
"""How many lines may be looked at in vain for the end of quoted fields."""
_MAX_LINES_OF_ONE_COLUMN = 200
"""The most lines of a quoted field where each line is also a row by itself."""
_LINES_AFTER_LAST = 3
"""Lines that are looked at to see whether only empty ones follow."""
_MIN_COLUMNS = 3
"""The fewest columns of a file in which a line with one sentence may be a message."""
_PAGE = re.compile(r"\s*<(?:[?]xml\b|!doctype\b|html\b|head\b|body\b)", re.IGNORECASE)
_STORE_ERROR = re.compile(r"\s*<Error(?:Response)?\b")
"""How an error page begins; other elements may be in the descriptions of products."""
_SENTENCE = re.compile(r"\s*\S+\s+\S+\s+\S")


class FlatRows:
    """The rows of a flat file as lists of text, as many fields in each as its line has.

    Iterating is as fast as the csv module: how to read is decided for a block of lines at a time.
    Rows of another width, and rows whose last field begins with a quote, must be `repaired`, and
    all rows if some columns are quoted.
    """

    def __init__(
        self, texts: Iterable[str], delimiter: str, width: int, *, is_quoted: bool = False
    ) -> None:
        """Read nothing yet.

        Args:
            texts: The text after the header, in any pieces.
            delimiter: What separates fields.
            width: How many fields the header has.
            is_quoted: Whether fields are quoted in the header, or usually in files of the type.
        """
        allow_long_fields()
        self._delimiter = delimiter
        self._width = width
        self._is_quoted = is_quoted
        # Whether quotes enclose fields; None as long as there was none.
        self._encloses: bool | None = None
        blocks = Blocks(whole_lines(texts))
        self._blocks = blocks
        self._quoted_rows = QuotedRows(blocks, delimiter, width)
        self._lines: Iterator[list[Any]] = itertools.chain.from_iterable(map(self._rows_of, blocks))
        self._pushed_back: deque[list[Any]] = deque()
        self._quoted_columns: tuple[int, ...] = ()
        self._lines_in_vain = _MAX_LINES_IN_VAIN
        self._longer = 0
        self._shorter = 0

    def __iter__(self) -> Iterator[list[Any]]:
        """Return the remaining rows, without those that are pushed back meanwhile.

        Raises:
            csv.Error: A field is too long.
            DocumentFormatError: A line is too long.
        """
        return itertools.chain(_taken(self._pushed_back), self._lines)

    @property
    def has_pushed_back(self) -> bool:
        """Whether rows were pushed back, which only a new iterator returns."""
        return bool(self._pushed_back)

    @property
    def has_quoted_columns(self) -> bool:
        """Whether quotes enclose the fields of some columns, and are letters in the others."""
        return bool(self._quoted_columns)

    def find_quoted_columns(self, rows: Iterable[Sequence[str]]) -> tuple[int, ...]:
        """Return the places of columns that are always quoted in a file whose quotes are letters.

        Their quotes are taken off from then on.

        Args:
            rows: The first rows, as they are read.
        """
        if self._encloses is False:
            self._quoted_columns = quoted_columns(rows, self._width)
        return self._quoted_columns

    def first(self, count: int) -> list[list[Any]]:
        """Return the next rows, at most so many, and fewer if they are very long.

        A new iterator returns them again.
        """
        found, length = [], 0
        for row in itertools.islice(self, count):
            found.append(row)
            length += sum(map(len, row))
            if length > MAX_RECORD:
                break
        self._push_back(found)
        return found

    def fitting(self, count: int) -> float | None:
        """Return the share of the next rows with as many fields as the header; None without rows.

        This is for a sample: the rows are gone.
        """
        rows = [self._without_quotes(row) for row in itertools.islice(self, count) if any(row)]
        return sum(fits(row, self._width) for row in rows) / len(rows) if rows else None

    def repaired(self, row: list[Any]) -> list[Any]:
        """Return a row that is at least as wide as the header, with None for what it lacks.

        Args:
            row: A row of any width.

        Returns:
            An empty row for an empty line.

        Raises:
            DocumentFormatError: It has too many fields, or an error page follows the rows.
        """
        width = self._width
        if not row:
            return row
        if len(row) > MAX_COLUMNS:
            raise DocumentFormatError(TOO_MANY_FIELDS)
        if _PAGE.match(row[0]) or _STORE_ERROR.match(row[0]):
            message = "an error page follows the rows of the document"
            raise DocumentFormatError(message)
        if len(row) == 1 and width >= _MIN_COLUMNS and _SENTENCE.match(row[0]):
            self._warn_if_last()
        row = self._without_quotes(row)
        if len(row) < width:
            self._shorter += 1
            return row + [None] * (width - len(row))
        self._longer += any(row[width:])
        return row

    def tell_widths(self) -> None:
        """Log how many rows were shorter or longer than the header."""
        if self._longer or self._shorter:
            # Not the values: they may be those of a buyer.
            logger.warning(
                "Not all rows of a document have as many fields as its header (%d): %d have "
                "more (the additional ones are in `%s`), %d have fewer (the last columns are null)",
                self._width,
                self._longer,
                EXTRA,
                self._shorter,
            )

    def _rows_of(self, block: str) -> Iterable[list[Any]]:
        if '"' in block:
            if self._encloses is None:
                block = self._sample(block)
                self._encloses = encloses_fields(
                    block, self._delimiter, self._width, expected=self._is_quoted
                )
            if self._encloses:
                return self._quoted_rows.rows_of(block)
        # Only line feeds end a line, with or without a carriage return.
        lines = io.StringIO(with_ends(block, self._delimiter, self._width), newline="\n")
        return csv.reader(lines, delimiter=self._delimiter, quoting=csv.QUOTE_NONE)

    def _sample(self, block: str) -> str:
        blocks, length = [block], len(block)
        while length < _SAMPLE and (following := next(self._blocks, None)) is not None:
            blocks.append(following)
            length += len(following)
        return "".join(blocks)

    def _push_back(self, rows: list[list[Any]]) -> None:
        self._pushed_back.extendleft(reversed(rows))

    def _warn_if_last(self) -> None:
        """Log a warning if no row follows the present one, which has a single field.

        It may be a message about the rows that are missing, but also the last line of a field that
        has several: Amazon does not always quote those.
        """
        if not any(self.first(_LINES_AFTER_LAST)):
            # Not the text: it may be that of a buyer.
            logger.warning(
                "The last line of a document has one field instead of %d: it is kept as a row, but "
                "may be a message. Check that the report is complete",
                self._width,
            )

    # --- Quoted fields where quotes are letters ---------------------------------------------------

    def _without_quotes(self, row: list[Any]) -> list[Any]:
        if self._encloses:
            return row
        if len(row) > self._width:
            if any(row[self._width :]) and any(field[:1] == '"' for field in row):
                if (fields := self._of_quoted_columns(row)) is not None:
                    return fields
                reading = strict_reading(row, self._delimiter)
                if reading is not None and self._width <= len(reading.fields) < len(row):
                    return [field.replace('""', '"') for field in reading.fields]
            return self._bared(row)
        return self._joined(row) if _is_open(row[-1]) else self._bared(row)

    def _of_quoted_columns(self, row: list[Any]) -> list[Any] | None:
        """Return the fields of a row with delimiters within quoted columns; None if it has none."""
        fields: list[Any] = []
        parts = iter(row)
        for part in parts:
            field = part
            if len(fields) in self._quoted_columns:
                while _is_open(field) and (following := next(parts, None)) is not None:
                    field += self._delimiter + following
                field = bare(field)
            fields.append(field)
        return fields if fits(fields, self._width) else None

    def _bared(self, row: list[Any], joined: Collection[int] = ()) -> list[Any]:
        """Take the quotes off the fields of quoted columns, besides those that were joined."""
        for place in self._quoted_columns:
            if place < len(row) and place not in joined:
                row[place] = bare(row[place])
        return row

    def _joined(self, row: list[Any]) -> list[Any]:
        """Join the lines of quoted fields; return the row unchanged if its quote opens no field."""
        width = self._width
        whole, lines, joined, length = [*row], [], [], 0
        for line in itertools.islice(self, self._most_lines):
            lines.append(line)
            length += sum(map(len, line))
            if length > MAX_RECORD or (width > 1 and fits(line, width) and not _ends_field(line)):
                break
            first, *others = line or [""]
            whole[-1] += "\n" + first
            if _is_open(whole[-1]):
                if others:
                    break
                continue
            closed = whole[-1].rstrip()
            if not closed.endswith('"'):
                break
            whole[-1] = closed[1:-1].replace('""', '"')
            joined.append(len(whole) - 1)
            whole += others
            if others and len(whole) <= width and _is_open(whole[-1]):
                continue
            if fits(whole, width):
                return self._bared(whole, joined)
            break
        # The quote is a plain character, and the following lines are rows of their own.
        self._push_back(lines)
        self._lines_in_vain = max(0, self._lines_in_vain - len(lines))
        return self._bared(row)

    @property
    def _most_lines(self) -> int:
        """The most lines in which the end of a quoted field is looked for."""
        if self._width == 1:
            return min(_MAX_LINES_OF_ONE_COLUMN, self._lines_in_vain)
        return self._lines_in_vain


def _taken(rows: deque[list[Any]]) -> Iterator[list[Any]]:
    while rows:
        yield rows.popleft()


def _is_open(field: str) -> bool:
    """Return whether a field begins with a quote that it does not close."""
    return field[:1] == '"' and field.count('"') % 2 == 1


def _ends_field(line: Sequence[str]) -> bool:
    """Return whether a line may begin with the end of a quoted field."""
    return bool(line) and line[0].rstrip().endswith('"') and line[0].count('"') % 2 == 1
