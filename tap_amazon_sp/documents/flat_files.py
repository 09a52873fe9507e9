"""Read the rows of flat files, tab- or comma-separated, one by one.

Amazon does not document the format; users of the files found it out. Most tab-separated files have
no quoting: `5" pipe` and `"Best" towel` are values as they are. Some, such as the inventory ledger,
quote every field, including the header. A few unquoted files quote a single field that contains a
line break. Lines may have an extra tab at the end. Some comma-separated files begin with sentences
that explain them. A carriage return alone is usually part of a value, but may end lines: all of a
file without line feeds, and those that would otherwise have more fields than the header.
"""

from __future__ import annotations

import csv
import functools
import io
import itertools
import logging
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from tap_amazon_sp.amazon.report_headers import english_headers
from tap_amazon_sp.amazon.report_types import Kind
from tap_amazon_sp.documents.columns import Column, columns_of
from tap_amazon_sp.documents.conventions import NO_CONVENTIONS, Conventions
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.limits import MAX_COLUMNS, MAX_RECORD, RECORD_TOO_LONG
from tap_amazon_sp.documents.names import EXTRA, ColumnNames
from tap_amazon_sp.documents.values import MISFITS, Read, column_conventions, reader

logger = logging.getLogger(__name__)

_DELIMITERS = ("\t", ",", ";")
_HEADER_LINES = 20
"""Lines at the beginning among which the header is looked for."""
_SAMPLE_ROWS = 200
"""Rows that show how the values of a column are written."""
_MIN_COLUMNS = 3
"""The fewest columns of a header that follows an explanation."""
_MAX_JOINED_LINES = 200
_BEGINNING = 16 * 1024
"""Characters in which the first line ends, if it ends as usual."""
_LINES_AFTER_LAST = 3
"""Lines that are looked at to see whether only empty ones follow."""
_PAGE = re.compile(r"\s*<(?:[?]xml\b|!doctype\b|html\b|head\b|body\b)", re.IGNORECASE)
_STORE_ERROR = re.compile(r"\s*<Error(?:Response)?\b")
"""How an error page begins; other elements may be in the descriptions of products."""
_SENTENCE = re.compile(r"\s*\S+\s+\S+\s+\S")


class FlatFile:
    """The rows of a flat file as dictionaries, all with the same column names.

    Values are text as sent, or empty text. In columns that are known to be numbers, dates or
    instants, values are converted, and empty ones are None. A value that does not fit the kind of
    its column is kept as text under `MISFITS`. Columns that a short line lacks are None; additional
    fields of a long line are kept under `EXTRA`, unless they are empty.

    Attributes:
        columns: The columns, in order.
    """

    def __init__(  # noqa: PLR0913 - all that is known about a file
        self,
        texts: Iterable[str],
        delimiter: str = "\t",
        *,
        style: ColumnNames = "snake_case",
        kinds: Mapping[str, Kind] | None = None,
        quoted: bool = False,
        type_name: str = "",
        conventions: Conventions = NO_CONVENTIONS,
    ) -> None:
        """Read the header.

        Args:
            texts: The file's text, in any pieces.
            delimiter: Tab or comma, as is usual for the type; if the header has only another one,
                that is used.
            style: How to name columns.
            kinds: Kinds of columns by Amazon's English name.
            quoted: Whether a tab-separated file of this type quotes all fields; if not, the header
                shows whether this one does.
            type_name: The report type, which decides what headers in other languages mean.
            conventions: How numbers and dates are written, unless the first rows show otherwise.
        """
        self._usual_conventions = conventions
        beginning, source = _with_usual_line_ends(iter(texts))
        self._quoting = _quoting(beginning, delimiter := _delimiter(beginning, delimiter), quoted)
        source = itertools.chain((beginning,), source)
        lines = lines_of(
            source,
            quoted=self._quotes,
            ended=lambda text: _ended(text, delimiter, _width(beginning, delimiter)),
        )
        _allow_long_fields()
        self._lines: Iterator[list[Any]] = csv.reader(
            lines, delimiter=delimiter, quoting=self._quoting
        )
        # Rows that were read ahead, and are still to be returned.
        self._pushed_back: deque[list[Any]] = deque()
        self._type_name = type_name
        self.columns = self._read_header(style, kinds or {})

    @property
    def _quotes(self) -> bool:
        return self._quoting != csv.QUOTE_NONE

    def read_as(self, kinds: Mapping[str, Kind | None]) -> None:
        """Read columns as values of other kinds, by their names in rows; None leaves text."""
        self.columns = tuple(
            replace(column, kind=kinds.get(column.name, column.kind)) for column in self.columns
        )

    @functools.cached_property
    def _conventions(self) -> list[Conventions]:
        """How the values of each column are written."""
        kinds = [column.kind for column in self.columns]
        values = self._sample() if any(kinds) else [[] for _ in kinds]
        return column_conventions(self._usual_conventions, list(zip(kinds, values, strict=True)))

    def _sample(self) -> list[list[str]]:
        """Return the values of each column in the first rows, without empty ones.

        Raises:
            DocumentFormatError: As for the rows.
        """
        try:
            first = self._first_rows(_SAMPLE_ROWS)
        except csv.Error as error:
            raise _broken(error) from None
        self._push_back(first)
        return [
            [row[place] for row in first if len(row) > place and row[place]]
            for place in range(len(self.columns))
        ]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the rows.

        Raises:
            DocumentFormatError: A field is too long, as after a quote that is not closed, or an
                error page follows the rows.
        """
        try:
            # Lines that were pushed back come first.
            yield from self._records()
            while self._pushed_back:
                yield from self._records()
        except csv.Error as error:
            raise _broken(error) from None

    def _records(self) -> Iterator[dict[str, Any]]:
        """Yield the records of all rows, or of those up to the first that is pushed back."""
        names = [column.name for column in self.columns]
        width = len(names)
        typed = [
            (place, column.name, reader(column.kind, conventions))
            for place, (column, conventions) in enumerate(
                zip(self.columns, self._conventions, strict=True)
            )
            if column.kind is not None
        ]
        # In an unquoted file, a quote may start a field that continues on the next line.
        opening = "" if self._quotes else '"'
        for row in self._rows():
            is_whole = len(row) == width and (not opening or row[-1][:1] != opening)
            if is_whole:
                # As `_read_values`; a call for each row would take a tenth of the time.
                for place, _, read in typed:
                    if not (text := row[place]):
                        row[place] = None
                    elif (value := read(text)) is not None:
                        row[place] = value
                    else:
                        break
                else:
                    yield dict(zip(names, row))  # noqa: B905 - as long as each other
                    continue
            elif not (row := self._repaired(row, width)):
                continue
            misfits = _read_values(row, typed)
            record = _ragged(names, row)
            if misfits:
                record[MISFITS] = misfits
            yield record
            if self._pushed_back:
                return

    def _rows(self) -> Iterator[list[Any]]:
        """Yield the remaining rows, without those that are pushed back meanwhile."""
        return itertools.chain(_taken(self._pushed_back), self._lines)

    def _first_rows(self, count: int) -> list[list[Any]]:
        """Return the next rows, at most so many, and fewer if they are very long."""
        found, length = [], 0
        for row in itertools.islice(self._rows(), count):
            found.append(row)
            length += sum(map(len, filter(None, row)))
            if length > MAX_RECORD:
                break
        return found

    def _push_back(self, rows: list[list[Any]]) -> None:
        self._pushed_back.extendleft(reversed(rows))

    def _read_header(self, style: ColumnNames, kinds: Mapping[str, Kind]) -> tuple[Column, ...]:
        rows = list(itertools.islice(self._rows(), 1))
        if rows and len(rows[0]) == 1:
            # One field: an explanation, or the only column.
            rows += self._first_rows(_HEADER_LINES)
            wide = (place for place, row in enumerate(rows) if len(row) >= _MIN_COLUMNS)
            header_at = next(wide, 0)
            rows = rows[header_at:]
        if not rows:
            return ()
        header = rows[0]
        _check_width(header)
        while header and not header[-1].strip():
            # An extra tab.
            header = header[:-1]
        self._push_back(rows[1:])
        originals = [name.strip() for name in header]
        english = english_headers(self._type_name, originals)
        if english != originals:
            self._usual_conventions = self._usual_conventions.in_local_language()
        return columns_of(originals, style, kinds, english=english)

    def _repaired(self, row: list[Any], width: int) -> list[Any]:
        """Return the row for a line that is not as wide as the header; empty for an empty line."""
        if not row:
            return row
        _check_width(row)
        if _PAGE.match(row[0]) or _STORE_ERROR.match(row[0]):
            message = "an error page follows the rows of the document"
            raise DocumentFormatError(message)
        if len(row) == 1 and width >= _MIN_COLUMNS and _SENTENCE.match(row[0]):
            self._warn_if_last()
        if len(row) <= width and not self._quotes and _is_open(row[-1]):
            row = self._joined(row, width)
        return row + [None] * (width - len(row))

    def _warn_if_last(self) -> None:
        """Log a warning if no row follows the present one, which has a single field.

        It may be a message about the rows that are missing, but also the last line of a field that
        has several: Amazon does not always quote those.
        """
        following = self._first_rows(_LINES_AFTER_LAST)
        self._push_back(following)
        if not any(following):
            # Not the text: it may be that of a buyer.
            logger.warning(
                "The last line of a document has one field instead of %d: it is kept as a row, but "
                "may be a message. Check that the report is complete",
                len(self.columns),
            )

    def _joined(self, row: list[Any], width: int) -> list[Any]:
        """Join the lines of quoted fields; return the row unchanged if its quote opens no field."""
        whole, lines, length = [*row], [], 0
        for line in itertools.islice(self._rows(), _MAX_JOINED_LINES):
            lines.append(line)
            length += sum(map(len, line))
            if length > MAX_RECORD:
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
            whole += others
            if others and len(whole) <= width and _is_open(whole[-1]):
                continue
            if len(whole) == width:
                return whole
            break
        # The quote is a plain character, and the following lines are rows of their own.
        self._push_back(lines)
        return row


def _check_width(row: list[Any]) -> None:
    if len(row) > MAX_COLUMNS:
        message = f"it has a line of more than {MAX_COLUMNS:,} fields"
        raise DocumentFormatError(message)


def _taken(rows: deque[list[Any]]) -> Iterator[list[Any]]:
    while rows:
        yield rows.popleft()


def _broken(error: csv.Error) -> DocumentFormatError:
    message = f"a line cannot be read ({error})"
    return DocumentFormatError(message)


def _read_values(row: list[Any], typed: list[tuple[int, str, Read]]) -> dict[str, str]:
    """Convert the values of a row in place; return those that do not fit their column."""
    misfits = {}
    for place, name, read in typed:
        text = row[place]
        # Some may be converted already.
        if text.__class__ is str:
            row[place] = read(text) if text else None
            if text and row[place] is None:
                misfits[name] = text
    return misfits


def _is_open(field: str) -> bool:
    """Return whether a field begins with a quote that it does not close."""
    return field[:1] == '"' and field.count('"') % 2 == 1


def _ragged(names: list[str], row: list[Any]) -> dict[str, Any]:
    result = dict(zip(names, row, strict=False))
    extra = row[len(names) :]
    if any(extra):
        result[EXTRA] = extra
    return result


def _without_lone_returns(text: str) -> str:
    """Return a text with a space for each carriage return that does not end a line."""
    if "\r" not in text or text.count("\r") == text.count("\r\n"):
        return text
    return text.replace("\r\n", "\n").replace("\r", " ")


def lines_of(
    texts: Iterable[str], *, quoted: bool, ended: Callable[[str], str] = _without_lone_returns
) -> Iterator[str]:
    """Yield whole lines with their line endings.

    Args:
        texts: The text, in any pieces.
        quoted: Whether fields may be quoted, with line breaks in them.
        ended: Takes lines of an unquoted text, and returns them with no carriage return but before
            a line feed.
    """
    # Without quotes, only LF and CRLF end a line; with quotes, the csv module finds the end.
    newline = "" if quoted else "\n"
    make: Callable[[str], Iterable[str]] = lambda text: io.StringIO(text, newline=newline)  # noqa: E731
    whole = _whole_lines(texts)
    return itertools.chain.from_iterable(map(make, whole if quoted else map(ended, whole)))


def _whole_lines(texts: Iterable[str]) -> Iterator[str]:
    """Yield a text in pieces that end with a line."""
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
        yield text
    if rest:
        yield "".join(rest)


def _with_usual_line_ends(texts: Iterator[str]) -> tuple[str, Iterator[str]]:
    """Return the beginning of a text and the rest, with LF where carriage returns end lines.

    They do if the first line has one and no line feed follows.
    """
    beginning = ""
    for text in texts:
        beginning += text
        if "\n" in beginning or len(beginning) > _BEGINNING:
            break
    if "\n" in beginning or "\r" not in beginning:
        return beginning, texts
    decoder = io.IncrementalNewlineDecoder(None, translate=True)
    whole = itertools.chain((beginning,), texts)
    translated = itertools.chain(map(decoder.decode, whole), (decoder.decode("", final=True),))
    return next(translated), translated


def _width(beginning: str, delimiter: str) -> int:
    """Return how many delimiters the header has; 0 if the first line is not the header."""
    line, *others = beginning.split("\n")[:_HEADER_LINES]
    # Without an extra tab, which the rows may lack.
    first, *after = [
        part.rstrip(delimiter).count(delimiter) for part in line.rstrip("\r").split("\r")
    ]
    longest = max(
        (other.count(delimiter) for other in others if "\r" not in other.rstrip("\r")), default=0
    )
    is_whole = max(after, default=0) <= first and longest <= first + 1
    return first if is_whole else line.count(delimiter)


def _ended(text: str, delimiter: str, width: int) -> str:
    """Return lines with no carriage return but before a line feed, without a loss of rows.

    A carriage return ends a row if what is before it and what is after it have as many fields as
    the header. Otherwise, it is part of a value.

    Args:
        text: Whole lines.
        delimiter: What separates fields.
        width: How many delimiters the header has.
    """
    if "\r" not in text or text.count("\r") == text.count("\r\n"):
        return text
    if not width:
        return _without_lone_returns(text)
    return "\n".join(
        _rows_in(line, delimiter, width) if "\r" in line else line
        for line in text.replace("\r\n", "\n").split("\n")
    )


def _rows_in(line: str, delimiter: str, width: int) -> str:
    """Return a line with a line feed or a space for each carriage return."""
    first, *others = line.split("\r")
    result, found = [first], first.count(delimiter)
    left = line.count(delimiter) - found
    for part in others:
        is_row = found >= width <= left
        count = part.count(delimiter)
        found, left = count if is_row else found + count, left - count
        result += ["\n" if is_row else " ", part]
    return "".join(result)


def _delimiter(beginning: str, usual: str) -> str:
    header = beginning.partition("\n")[0]
    if usual in header:
        return usual
    inspected = "".join(beginning.splitlines(keepends=True)[:_HEADER_LINES])
    counts = {delimiter: inspected.count(delimiter) for delimiter in (usual, *_DELIMITERS)}
    # The first of several with the same count, which is the usual one if there is none at all.
    return max(counts, key=counts.__getitem__)


def _quoting(beginning: str, delimiter: str, quoted: bool) -> Literal[0, 3]:  # noqa: FBT001 - the only one
    if quoted or delimiter != "\t":
        return csv.QUOTE_MINIMAL
    fields = [field.strip() for field in beginning.partition("\n")[0].split(delimiter)]
    named = [field for field in fields if field]
    every = all(len(field) > 1 and field[0] == field[-1] == '"' for field in named)
    return csv.QUOTE_MINIMAL if named and every else csv.QUOTE_NONE


def _allow_long_fields() -> None:
    # The csv module has one limit for the process; descriptions of products exceed its default.
    if csv.field_size_limit() < MAX_RECORD:
        csv.field_size_limit(MAX_RECORD)
