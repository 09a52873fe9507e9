"""The typed columns of a flat file, and what becomes of values that can be read two ways.

The first rows of a file or its marketplace decide such values. A later value may contradict what
they decided: then nobody knows how the others are written. From there on, values of that column
that can be read two ways do not fit, and the log tells how many were read before.
"""

from __future__ import annotations

import functools
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tap_amazon_sp.amazon.report_types import Kind
from tap_amazon_sp.documents.columns import Column
from tap_amazon_sp.documents.conventions import Convention, Shown
from tap_amazon_sp.documents.readings import Read
from tap_amazon_sp.documents.values import MISFITS, Written, reader

logger = logging.getLogger(__name__)

_READ_WITH = {
    ("comma", "decimal"): "a comma as the decimal sign",
    ("comma", "thousands"): "a comma as the sign of thousands",
    ("point", "decimal"): "a point as the decimal sign",
    ("point", "thousands"): "a point as the sign of thousands",
}
_ORDERS = {"dmy": "the day first", "mdy": "the month first", "ymd": "the year first"}
_SHOWN = {".": "a point as the decimal sign", ",": "a comma as the decimal sign"} | _ORDERS


@dataclass
class _TypedColumn:
    """A column that is not text.

    Attributes:
        place: Its position in rows.
        decided: How many of its values each convention decided.
        doubts: What may be wrong about these values.
    """

    place: int
    name: str
    kind: Kind
    written: Written
    decided: Counter[Convention] = field(default_factory=Counter)
    doubts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reader = reader(self.kind, self.written.conventions)

    @property
    def is_number(self) -> bool:
        return self.kind == "number"

    def contradict(self, shown: Shown, origin: str) -> None:
        """Give up the conventions that a value of a column contradicts."""
        before = self.written.conventions
        after = before.without_contradicted(shown)
        self.written = replace(self.written, conventions=after)
        self.reader = reader(self.kind, after)
        for convention in list(self.decided):
            meaning = getattr(before, convention)
            if getattr(after, convention) != meaning:
                count = self.decided.pop(convention)
                self.doubts.append(
                    f"`{self.name}` ({count} {'value was' if count == 1 else 'values were'} read "
                    f"with {_READ_WITH.get((convention, meaning)) or _ORDERS[meaning]}, but a "
                    f"later value of `{origin}` has {_SHOWN[shown]})"
                )


class TypedColumns:
    """Reads the values of the columns of a file that are not text.

    Attributes:
        readers: The position of each column, what reads most of its values, and what reads those
            for which the first one returns None. The list changes while rows are read.
    """

    def __init__(self, columns: Sequence[Column], written: Sequence[Written]) -> None:
        """Read nothing yet.

        Args:
            columns: All columns of the file.
            written: How the values of each are written.
        """
        self._columns = [
            _TypedColumn(place, column.name, column.kind, conventions)
            for place, (column, conventions) in enumerate(zip(columns, written, strict=True))
            if column.kind is not None
        ]
        self.readers: list[tuple[int, Read, Read]] = []
        self._choose_readers()

    def read(self, row: list[Any]) -> dict[str, str]:
        """Convert the values of a row in place; return those that do not fit their column."""
        misfits = {}
        for column, (place, read, read_other) in zip(self._columns, self.readers, strict=True):
            text = row[place]
            # Some may be converted already.
            if text.__class__ is str:
                value = None
                if text and (value := read(text)) is None and (value := read_other(text)) is None:
                    misfits[column.name] = text
                row[place] = value
        return misfits

    def tell_doubts(self, label: str) -> None:
        """Log which values may be wrong, as later ones contradict what decided them.

        Args:
            label: The name of the document, at the beginning of a sentence.
        """
        if doubts := [doubt for column in self._columns for doubt in column.doubts]:
            # Not the values: they may be those of a buyer.
            logger.warning(
                "%s has values that can be read two ways and may be wrong: %s. Further ones of "
                "these columns are in `%s`. To read the columns as text, as Amazon wrote them, "
                "make them strings in the catalog and read the report again",
                label,
                ", ".join(doubts),
                MISFITS,
            )
            for column in self._columns:
                column.doubts.clear()

    def _other(self, column: _TypedColumn, text: str) -> Any:
        """Return a value that a convention decides, or that contradicts one; None for misfits."""
        reading = column.reader.reading(text)
        if reading.contradiction is not None:
            self._contradict(column, reading.contradiction)
            reading = column.reader.reading(text)
        if reading.decided_by is not None:
            column.decided[reading.decided_by] += 1
        return reading.value

    def _contradict(self, origin: _TypedColumn, shown: Shown) -> None:
        for column in self._columns:
            # Other columns that say nothing of themselves are written like this one.
            if column is origin or (
                column.is_number == origin.is_number and not column.written.by_itself
            ):
                column.contradict(shown, origin.name)
        self._choose_readers()

    def _choose_readers(self) -> None:
        self.readers[:] = [
            (column.place, column.reader.certain, functools.partial(self._other, column))
            for column in self._columns
        ]
