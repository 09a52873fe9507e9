"""Read the rows of flat files, tab- or comma-separated, one by one.

Amazon does not document the format; users of the files found it out. What separates and quotes
fields, what ends lines, and where the header is, is found from the file: see `dialects`, `quoting`
and `lines`. Lines may have an extra tab at the end.
"""

from __future__ import annotations

import csv
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tap_amazon_sp.amazon.report_headers import english_headers, header_language
from tap_amazon_sp.amazon.report_types import Kind
from tap_amazon_sp.documents.columns import Column, columns_of, tell_unknown_headers
from tap_amazon_sp.documents.conventions import NO_CONVENTIONS, Conventions
from tap_amazon_sp.documents.dialects import BEGINNING, layout_of
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.flat_rows import FlatRows
from tap_amazon_sp.documents.lines import begun
from tap_amazon_sp.documents.names import EXTRA, ColumnNames
from tap_amazon_sp.documents.quoting import bare
from tap_amazon_sp.documents.typed_columns import TypedColumns
from tap_amazon_sp.documents.values import MISFITS, column_conventions

_SAMPLE_ROWS = 200
"""Rows that show how the values of a column are written."""


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
        known_columns: Sequence[str] = (),
        quoted: bool = False,
        type_name: str = "",
        conventions: Conventions = NO_CONVENTIONS,
        label: str = "A document",
    ) -> None:
        """Read the header.

        Args:
            texts: The file's text, in any pieces.
            delimiter: Tab or comma, as is usual for the type; the file shows if it has another one.
            style: How to name columns.
            kinds: Kinds of columns by Amazon's English name.
            known_columns: Amazon's English names of the columns that the type may have.
            quoted: Whether files of the type usually quote all fields; the file shows if it does.
            type_name: The report type, which decides what headers in other languages mean.
            conventions: How numbers and dates are written, unless the first rows show otherwise.
            label: The name of the document in messages, at the beginning of a sentence.
        """
        self._usual_conventions = conventions
        self._label = label
        beginning, rest = begun(iter(texts), BEGINNING)
        is_whole = len(beginning) < BEGINNING
        layout = layout_of(beginning, delimiter, is_whole=is_whole, type_name=type_name)
        self._type_name = type_name
        self.columns = self._named(layout.header, style, kinds or {}, known_columns)
        self._rows = FlatRows(
            itertools.chain((layout.body,), rest),
            layout.delimiter,
            len(self.columns),
            is_quoted=quoted or layout.is_quoted,
        )

    def read_as(self, kinds: Mapping[str, Kind | None]) -> None:
        """Read columns as values of other kinds, by their names in rows; None leaves text."""
        self.columns = tuple(
            replace(column, kind=kinds.get(column.name, column.kind)) for column in self.columns
        )

    @functools.cached_property
    def _typed(self) -> TypedColumns:
        """The columns that are not text, and how their values are written."""
        kinds = [column.kind for column in self.columns]
        values = self._sample()
        return TypedColumns(
            self.columns,
            column_conventions(self._usual_conventions, list(zip(kinds, values, strict=True))),
        )

    def _sample(self) -> list[list[str]]:
        """Return the values of each column in the first rows, without empty ones; none of text.

        Raises:
            DocumentFormatError: As for the rows.
        """
        try:
            first = self._rows.first(_SAMPLE_ROWS)
        except csv.Error as error:
            raise _broken(error) from None
        quoted = self._rows.find_quoted_columns(first)
        values: list[list[str]] = []
        for place, column in enumerate(self.columns):
            found = first if column.kind is not None else ()
            texts = (row[place] for row in found if len(row) > place)
            values.append([*filter(None, map(bare, texts) if place in quoted else texts)])
        return values

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the rows.

        Raises:
            DocumentFormatError: A field is too long, as after a quote that is not closed, or an
                error page follows the rows.
        """
        columns = self._typed
        try:
            # Rows that were pushed back come first.
            yield from self._records()
            while self._rows.has_pushed_back:
                yield from self._records()
        except csv.Error as error:
            raise _broken(error) from None
        finally:
            columns.tell_doubts(self._label)
        self._rows.tell_widths()

    def _records(self) -> Iterator[dict[str, Any]]:
        """Yield the records of all rows, or of those up to the first that is pushed back."""
        names = [column.name for column in self.columns]
        width = len(names)
        columns = self._typed
        typed = columns.readers
        is_plain = not self._rows.has_quoted_columns
        for row in self._rows:
            # A quote may begin a field that goes on in the next line.
            if len(row) == width and row[-1][:1] != '"' and is_plain:
                # As `TypedColumns.read`; a call for each row would take a tenth of the time.
                for place, read, read_other in typed:
                    if not (text := row[place]):
                        row[place] = None
                    elif (value := read(text)) is not None or (
                        value := read_other(text)
                    ) is not None:
                        row[place] = value
                    else:
                        break
                else:
                    yield dict(zip(names, row))  # noqa: B905 - as long as each other
                    continue
            elif not (row := self._rows.repaired(row)):
                continue
            misfits = columns.read(row)
            record = _ragged(names, row)
            if misfits:
                record[MISFITS] = misfits
            yield record
            if self._rows.has_pushed_back:
                return

    def _named(
        self,
        header: Sequence[str],
        style: ColumnNames,
        kinds: Mapping[str, Kind],
        known: Sequence[str],
    ) -> tuple[Column, ...]:
        originals = [name.strip() for name in header]
        english = english_headers(self._type_name, originals)
        language = header_language(self._type_name, originals)
        self._usual_conventions = self._usual_conventions.in_language(language)
        tell_unknown_headers(self._type_name, tuple(originals))
        return columns_of(originals, style, kinds, english=english, known=known)


def _broken(error: csv.Error) -> DocumentFormatError:
    message = f"a line cannot be read ({error})"
    return DocumentFormatError(message)


def _ragged(names: list[str], row: list[Any]) -> dict[str, Any]:
    result = dict(zip(names, row, strict=False))
    extra = row[len(names) :]
    if any(extra):
        result[EXTRA] = extra
    return result
