"""Read records of JSON documents, from arrays of any length or lines, in constant memory."""

from __future__ import annotations

import itertools
import json
import logging
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, cast

from tap_amazon_sp.common.json_values import MAX_DEPTH
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.explanations import ERROR_NAMES, explanation_of_value, shortened
from tap_amazon_sp.documents.json_text import BROKEN, JsonText, decoded
from tap_amazon_sp.documents.limits import MAX_RECORD
from tap_amazon_sp.documents.lines import lines_of
from tap_amazon_sp.documents.names import ColumnNames, renamed

logger = logging.getLogger(__name__)

HEADER = "reportSpecification"
"""The part of a JSON report about itself: the request, and when its data was last updated."""

_INSPECTED = 1 << 18
"""Characters at the beginning in which arrays of objects are looked for. Twice as many are looked
at as long as no array is found, up to `MAX_RECORD`."""
_TOKEN = re.compile(r"[\"\[\]{}]")
_COLON = re.compile(r"[ \t\r\n]*:")
_string_at = json.JSONDecoder(strict=False).raw_decode


class JsonRecords:
    """The records of a JSON document: the objects of one of its arrays, at any depth.

    An object at the path is one record. Any other value becomes a record with the field `value`,
    but only where somebody asked for values by a path. The arrays that Amazon documents for a type,
    and those that are found here, have objects only. Anything else in them breaks the document, and
    so does an error beside the records.

    Numbers keep all their digits: those with a fraction are Decimals. Values outside the array do
    not go into records. `header` has what the report says about itself, once that was read; in
    Amazon's reports it comes before the first record.

    Attributes:
        header: The `reportSpecification`, with Amazon's names; None if there is none.
        record_path: Path to the records; empty for an array at the top level.
    """

    def __init__(
        self,
        texts: Iterable[str],
        record_path: str | None = None,
        *,
        known_arrays: Collection[str] = (),
        style: ColumnNames = "snake_case",
    ) -> None:
        """Inspect the beginning of the document.

        Args:
            texts: The document's text, in any pieces.
            record_path: Dotted path to an array or an object; by default the first array of
                objects, or without one the document as one record. `item` stands for each item of
                an array on the way.
            known_arrays: Paths of the arrays that the report type has.
            style: How to name the fields of records, at any depth.
        """
        self._source = iter(texts)
        self._style = style
        self._known = known_arrays
        self._has_objects = record_path is None or record_path in known_arrays
        self._beginning, self._is_whole = self._read_beginning(_INSPECTED)
        self.header: dict[str, Any] | None = None
        if record_path is None:
            record_path, *others = self._arrays() or (None,)
            if others:
                logger.warning(
                    "Records are read from `%s`; for others use `record_path`: %s",
                    record_path,
                    ", ".join(f"`{other}`" for other in others),
                )
        self.record_path = record_path

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the records.

        Raises:
            DocumentFormatError: The document is not JSON, is incomplete, has nothing at the path,
                has an error or another value than its type has, or has a record that is too long or
                cannot be stored.
        """
        if self.record_path is None:
            yield from self._document()
            return
        names = list(_Outline(self._beginning).names)
        text = JsonText(itertools.chain((self._beginning,), self._source))
        self._beginning = ""
        walk = _Walk(text, names, is_known=self.record_path in self._known)
        for records in walk.at(tuple(filter(None, self.record_path.split(".")))):
            self.header = walk.header
            for record in records:
                if self._has_objects and not isinstance(record, dict):
                    place = f" at `{self.record_path}`" if self.record_path else ""
                    message = f"the document has an item{place} that is not an object"
                    raise DocumentFormatError(message)
                yield self._finished(record)
        self.header = walk.header
        if text.next_letter():
            raise DocumentFormatError(BROKEN)
        if not walk.is_there:
            found = ", ".join(f"`{name}`" for name in dict.fromkeys(names)) or "nothing"
            message = f"the document has nothing at `{self.record_path}`; it has {found}"
            raise DocumentFormatError(message)

    def _read_beginning(self, length: int, begun: str = "") -> tuple[str, bool]:
        """Return the beginning of the text, and whether that is all of it."""
        texts, so_far = [begun], len(begun)
        for text in self._source:
            texts.append(text)
            so_far += len(text)
            if so_far >= length:
                return "".join(texts), False
        return "".join(texts), True

    def _arrays(self) -> list[str]:
        """Return the paths of the arrays of objects in the beginning, which may become longer."""
        while True:
            found = list(_Outline(self._beginning).arrays)
            if self._known:
                found = [path for path in found if path in self._known]
            if found or self._is_whole or len(self._beginning) > MAX_RECORD:
                return found
            length = 2 * len(self._beginning)
            self._beginning, self._is_whole = self._read_beginning(length, self._beginning)

    def _document(self) -> Iterator[dict[str, Any]]:
        """Yield a document without an array of objects as one record."""
        if not self._is_whole:
            message = "the document has no array of objects in its first megabytes"
            raise DocumentFormatError(message)
        if not self._beginning.strip():
            return
        value = decoded(self._beginning)
        if self._known:
            _check_that_it_is_empty(value, self._known)
            self.header = value.get(HEADER)
        elif isinstance(value, dict):
            self.header = value.get(HEADER)
            if not value:
                message = "the document is an empty object"
                raise DocumentFormatError(message)
            # A report without data has empty arrays.
            if any(item != [] for name, item in value.items() if name != HEADER):
                yield self._finished(value)
        elif isinstance(value, list):
            yield from map(self._finished, value)

    def _finished(self, record: Any) -> dict[str, Any]:
        return _finished(record, self._style)


class _Outline:
    """The names and the arrays of objects in the beginning of a document.

    The beginning may end anywhere. It need not be JSON either: that is found out later.

    Attributes:
        names: Dotted names outside of arrays.
        arrays: Dotted paths of arrays of objects outside of other arrays.
    """

    def __init__(self, text: str) -> None:
        self.names: dict[str, None] = {}
        self.arrays: dict[str, None] = {}
        # The name of each open object or array; and whether each is an array.
        self._path: list[str] = []
        self._open: list[bool] = []
        self._name = ""
        at = 0
        while (found := _TOKEN.search(text, at)) is not None:
            at = found.end()
            if found[0] == '"':
                try:
                    name, at = _string_at(text, found.start())
                except ValueError:
                    return
                if (colon := _COLON.match(text, at)) is not None:
                    at = colon.end()
                    self._note_name(name)
            elif found[0] in "{[":
                self._begin(is_array=found[0] == "[")
                if len(self._open) > MAX_DEPTH:
                    return
            elif self._open:
                self._open.pop()
                self._path.pop()

    def _note_name(self, name: str) -> None:
        self._name = name
        if not any(self._open):
            self.names[self._dotted(name)] = None

    def _begin(self, *, is_array: bool) -> None:
        if not is_array and self._open and self._open[-1] and sum(self._open) == 1:
            self.arrays[".".join(filter(None, self._path))] = None
        self._open.append(is_array)
        self._path.append(self._name)
        self._name = ""

    def _dotted(self, name: str) -> str:
        return ".".join(filter(None, (*self._path, name)))


class _Walk:
    """The way through a document to the records at a path.

    Attributes:
        header: The part of the document about itself, once it was read.
        is_there: Whether there is anything at the path, even an empty array or null.
    """

    def __init__(self, text: JsonText, names: list[str], *, is_known: bool) -> None:
        """Read nothing yet.

        Args:
            text: The document.
            names: Those at the top level are added to it.
            is_known: Whether the records are in an array that the report type has.
        """
        self.header: dict[str, Any] | None = None
        self.is_there = False
        self._text = text
        self._names = names
        self._is_known = is_known

    def at(self, path: tuple[str, ...], *, is_top: bool = True) -> Iterator[list[Any]]:
        """Yield the records at a path within the next value, and go past that value.

        Raises:
            DocumentFormatError: The value is not JSON, or incomplete.
        """
        text = self._text
        letter = text.next_letter()
        if not path:
            self.is_there = True
            if letter == "[":
                yield from text.values()
            elif self._is_known:
                message = f"the document has no array at `{self._names[-1]}`"
                raise DocumentFormatError(message)
            elif (value := text.value()) is not None:
                yield [value]
        elif letter == "{":
            yield from self._in_object(path, is_top=is_top)
        elif letter == "[" and path[0] == "item":
            for _ in text.items():
                yield from self.at(path[1:], is_top=False)
        else:
            text.skip()

    def _in_object(self, path: tuple[str, ...], *, is_top: bool) -> Iterator[list[Any]]:
        text = self._text
        for name in text.names():
            if is_top:
                self._names.append(name)
            rest = _after(path, name)
            if rest is not None:
                yield from self.at(rest, is_top=False)
            elif is_top and name == HEADER:
                header = text.value()
                self.header = header if isinstance(header, dict) else None
            elif is_top and self._is_known and name in ERROR_NAMES:
                _check_error(name, text.value())
            else:
                text.skip()


def _check_error(name: str, value: Any) -> None:
    """Check what a report has under a name of errors; null or an empty list is none.

    Raises:
        DocumentFormatError: It is an error.
    """
    if value:
        said = shortened(explanation_of_value(value))
        message = f"the document has `{name}` beside its records: {said or 'no explanation'}"
        raise DocumentFormatError(message)


def _check_that_it_is_empty(value: Any, arrays: Collection[str]) -> None:
    """Check that a report without records has one of the arrays of its type.

    Raises:
        DocumentFormatError: It has none, or an error.
    """
    has_array = isinstance(value, dict) and any(value.get(path) == [] for path in arrays)
    if not has_array:
        message = f"the document has no array of objects at `{'` or `'.join(arrays)}`"
        raise DocumentFormatError(message)
    for name in ERROR_NAMES & value.keys():
        _check_error(name, value[name])


def _after(path: tuple[str, ...], name: str) -> tuple[str, ...] | None:
    """Return the rest of a path after a name, which may have dots; None if it leads elsewhere."""
    own = tuple(filter(None, name.split(".")))
    return path[len(own) :] if own and path[: len(own)] == own else None


class JsonLines:
    """The records of a JSON Lines document, the format of Data Kiosk: one object per line."""

    def __init__(self, texts: Iterable[str], *, style: ColumnNames = "snake_case") -> None:
        """Read nothing yet."""
        self._texts = texts
        self._style = style

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the records.

        Raises:
            DocumentFormatError: A line is not a JSON object, is an error, is too long, or cannot be
                stored.
        """
        for number, line in enumerate(lines_of(self._texts), 1):
            if line.isspace():
                continue
            try:
                value = decoded(line)
            except DocumentFormatError as error:
                message = f"line {number}: {error}"
                raise DocumentFormatError(message) from None
            if not isinstance(value, dict) or not value:
                message = f"line {number} is not an object with values"
                raise DocumentFormatError(message)
            if value.keys() == {"errors"}:
                # Of GraphQL; a row has what the query selects.
                message = f"line {number} is an error: {shortened(explanation_of_value(value))}"
                raise DocumentFormatError(message)
            yield _finished(value, self._style)


def _finished(value: Any, style: ColumnNames) -> dict[str, Any]:
    record: dict[str, Any] = value if isinstance(value, dict) else {"value": value}
    return cast("dict[str, Any]", renamed(record)) if style == "snake_case" else record
