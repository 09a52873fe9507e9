"""Rows of flat files: tab- and comma-separated, read one by one.

How Amazon writes them, which no page says and readers of them found out: tab-separated files know
no quoting, so that `5" pipe` and `"Best" towel` are values as they stand - except for some, such as
the inventory ledger, that quote every field, header included. A few of the first kind quote the one
field with a line break in it. Lines may have a tab too many at the end. Some comma-separated files
begin with sentences that explain them.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from tap_amazon_sp.amazon.report_types import Kind
from tap_amazon_sp.documents.names import EXTRA, ColumnNames, column_names, snake_case
from tap_amazon_sp.documents.values import (
    MISFITS,
    MISFITS_SCHEMA,
    TEXT,
    Read,
    reader,
    schema_of_kind,
)

_DELIMITERS = ("\t", ",", ";")
_LOOKED_AT = 20
_LOOKED_AT_ROWS = 200
_FEWEST_COLUMNS = 3
_MOST_JOINED_LINES = 200
_LONGEST_FIELD = 1 << 24


class DocumentFormatError(Exception):
    """A document cannot be read as what it is said to be."""


@dataclass(frozen=True)
class Column:
    """A column of a flat file: its name in rows, Amazon's, and what is known of its values."""

    name: str
    original: str
    kind: Kind | None = None


class FlatFile:
    """The rows of a flat file, as dictionaries by column name, all with the same names.

    Values are text as sent, empty text where nothing is; of columns known as numbers, dates or
    instants they are read, and None where nothing is. A value that is not of its column's kind
    stands as text under `MISFITS`, by column, instead. Columns that a short line lacks are None;
    what a line has beyond the header comes under `EXTRA`, if it is not empty.

    Attributes:
        columns: The columns, in order.
        preamble: The lines before the header.
    """

    def __init__(
        self,
        texts: Iterable[str],
        delimiter: str = "\t",
        *,
        style: ColumnNames = "snake_case",
        kinds: Mapping[str, Kind] | None = None,
        quoted: bool = False,
    ) -> None:
        """Read the header.

        Args:
            texts: The file's text, in any pieces.
            delimiter: Tab or comma, as the type has it; where the header has none of it but
                another, that is taken.
            style: How columns are called.
            kinds: What is known of columns, by Amazon's English name.
            quoted: Whether a tab-separated file quotes all fields; where it does not say so, the
                header tells.
        """
        source = iter(texts)
        beginning = next(source, "")
        self._quoting = _quoting(beginning, delimiter := _delimiter(beginning, delimiter), quoted)
        lines = lines_of(itertools.chain((beginning,), source), quoted=self._quotes)
        _allow_long_fields()
        self._lines: Iterator[list[Any]] = csv.reader(
            lines, delimiter=delimiter, quoting=self._quoting
        )
        # Those that were looked at, and are to be read again.
        self._given_back: deque[list[Any]] = deque()
        self.preamble: list[str] = []
        self.columns = self._read_header(style, kinds or {})

    @property
    def _quotes(self) -> bool:
        return self._quoting != csv.QUOTE_NONE

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema properties of the rows, `EXTRA` and `MISFITS` among them."""
        properties = {column.name: schema_of_kind(column.kind) for column in self.columns}
        properties[EXTRA] = {"type": ["array", "null"], "items": dict(TEXT)}
        properties[MISFITS] = dict(MISFITS_SCHEMA)
        return properties

    def read_as_text(self, names: Container[str]) -> None:
        """Take the values of these columns as they stand, whatever is known of them."""
        self.columns = tuple(
            replace(column, kind=None) if column.name in names else column
            for column in self.columns
        )

    def unreadable(self) -> set[str]:
        """Return the columns of which no value in the first rows is of the kind that is known.

        Their values are written otherwise than anybody knows, such as days as `11/20/2026`: they
        are better read as text than put aside, all of them.

        Raises:
            DocumentFormatError: As for the rows.
        """
        try:
            first = list(itertools.islice(self._rows(), _LOOKED_AT_ROWS))
        except csv.Error as error:
            raise _broken(error) from None
        self._give_back(first)
        found = set()
        for place, column in enumerate(self.columns):
            values = [row[place] for row in first if len(row) > place and row[place]]
            if column.kind is not None and values:
                read = reader(column.kind)
                if all(read(value) is None for value in values):
                    found.add(column.name)
        return found

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give the rows.

        Raises:
            DocumentFormatError: A field is longer than any can be, as when a quote is not closed.
        """
        try:
            # Where lines were given back, they come first.
            yield from self._records()
            while self._given_back:
                yield from self._records()
        except csv.Error as error:
            raise _broken(error) from None

    def _records(self) -> Iterator[dict[str, Any]]:
        """Give the records of all rows, or until some of them were given back."""
        names = [column.name for column in self.columns]
        width = len(names)
        typed = [
            (place, column.name, reader(column.kind))
            for place, column in enumerate(self.columns)
            if column.kind is not None
        ]
        # Where nothing is quoted, a quote may open a field that goes on in the next line.
        opening = "" if self._quotes else '"'
        for row in self._rows():
            is_whole = len(row) == width and (not opening or row[-1][:1] != opening)
            if is_whole:
                # As `_read_values`, which costs a tenth of all when it is called for each row.
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
            elif not (row := self._mended(row, width)):
                continue
            misfits = _read_values(row, typed)
            record = _ragged(names, row)
            if misfits:
                record[MISFITS] = misfits
            yield record
            if self._given_back:
                return

    def _rows(self) -> Iterator[list[Any]]:
        """Give the rows that are left; those that are given back meanwhile are not among them."""
        return itertools.chain(_taken(self._given_back), self._lines)

    def _give_back(self, rows: list[list[Any]]) -> None:
        self._given_back.extendleft(reversed(rows))

    def _read_header(self, style: ColumnNames, kinds: Mapping[str, Kind]) -> tuple[Column, ...]:
        rows = list(itertools.islice(self._rows(), 1))
        if rows and len(rows[0]) == 1:
            # One field: an explanation, or all there is.
            rows += itertools.islice(self._rows(), _LOOKED_AT)
            wide = (place for place, row in enumerate(rows) if len(row) >= _FEWEST_COLUMNS)
            header_at = next(wide, 0)
            self.preamble = [" ".join(row) for row in rows[:header_at]]
            rows = rows[header_at:]
        if not rows:
            return ()
        header = rows[0]
        while header and not header[-1].strip():
            # A tab too many.
            header = header[:-1]
        self._give_back(rows[1:])
        by_name = {snake_case(name): kind for name, kind in kinds.items()}
        originals = [name.strip() for name in header]
        return tuple(
            Column(name, original, by_name.get(snake_case(original)))
            for name, original in zip(column_names(originals, style), originals, strict=True)
        )

    def _mended(self, row: list[Any], width: int) -> list[Any]:
        """Return the row that a line begins which is not as wide as the header; empty for none."""
        if not row:
            return row
        if len(row) <= width and not self._quotes and _is_open(row[-1]):
            row = self._joined(row, width)
        return row + [None] * (width - len(row))

    def _joined(self, row: list[Any], width: int) -> list[Any]:
        """Join the lines of quoted fields; return the row as it is if they are no such thing."""
        whole, lines = [*row], []
        for line in itertools.islice(self._rows(), _MOST_JOINED_LINES):
            lines.append(line)
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
        # The quote is a letter, and the lines are rows, or begin some, on their own.
        self._give_back(lines)
        return row


def _taken(rows: deque[list[Any]]) -> Iterator[list[Any]]:
    while rows:
        yield rows.popleft()


def _broken(error: csv.Error) -> DocumentFormatError:
    message = f"a line cannot be read ({error})"
    return DocumentFormatError(message)


def _read_values(row: list[Any], typed: list[tuple[int, str, Read]]) -> dict[str, str]:
    """Read the values of a row that are known to be something; returns those that are not."""
    misfits = {}
    for place, name, read in typed:
        text = row[place]
        # Some may be read already.
        if text.__class__ is str:
            row[place] = read(text) if text else None
            if text and row[place] is None:
                misfits[name] = text
    return misfits


def _is_open(field: str) -> bool:
    """Tell whether a field begins with a quote that it does not close."""
    return field[:1] == '"' and field.count('"') % 2 == 1


def _ragged(names: list[str], row: list[Any]) -> dict[str, Any]:
    result = dict(zip(names, row, strict=False))
    extra = row[len(names) :]
    if any(extra):
        result[EXTRA] = extra
    return result


def lines_of(texts: Iterable[str], *, quoted: bool) -> Iterator[str]:
    """Give whole lines, with what ends them."""
    # Without quotes only LF and CRLF end a line; with them, the csv module sorts out the rest.
    newline = "" if quoted else "\n"
    make: Callable[[str], Iterable[str]] = lambda text: io.StringIO(text, newline=newline)  # noqa: E731
    return itertools.chain.from_iterable(map(make, _whole_lines(texts, quoted=quoted)))


def _whole_lines(texts: Iterable[str], *, quoted: bool = True) -> Iterator[str]:
    """Give a text in pieces that end where a line does."""
    rest: list[str] = []
    for piece in texts:
        text = piece
        if not text.endswith("\n"):
            end = text.rfind("\n") + 1
            if not end:
                rest.append(text)
                continue
            text, after = text[:end], text[end:]
        else:
            after = ""
        if rest:
            text = "".join([*rest, text])
        rest = [after] if after else []
        yield text if quoted else _without_lone_returns(text)
    if rest:
        yield "".join(rest) if quoted else _without_lone_returns("".join(rest))


def _without_lone_returns(text: str) -> str:
    """Return a text in which a carriage return within a line, which ends none, is a space."""
    if "\r" not in text or text.count("\r") == text.count("\r\n"):
        return text
    return text.replace("\r\n", "\n").replace("\r", " ")


def _delimiter(beginning: str, usual: str) -> str:
    header = beginning.partition("\n")[0]
    if usual in header:
        return usual
    looked_at = "".join(beginning.splitlines(keepends=True)[:_LOOKED_AT])
    counts = {delimiter: looked_at.count(delimiter) for delimiter in (usual, *_DELIMITERS)}
    # The first of the largest: a tie, as of none at all, leaves what is usual.
    return max(counts, key=counts.__getitem__)


def _quoting(beginning: str, delimiter: str, quoted: bool) -> Literal[0, 3]:  # noqa: FBT001 - the only one
    if quoted or delimiter != "\t":
        return csv.QUOTE_MINIMAL
    fields = [field.strip() for field in beginning.partition("\n")[0].split(delimiter)]
    named = [field for field in fields if field]
    every = all(len(field) > 1 and field[0] == field[-1] == '"' for field in named)
    return csv.QUOTE_MINIMAL if named and every else csv.QUOTE_NONE


def _allow_long_fields() -> None:
    # The csv module has one limit for all; descriptions of products are longer than its usual.
    if csv.field_size_limit() < _LONGEST_FIELD:
        csv.field_size_limit(_LONGEST_FIELD)
