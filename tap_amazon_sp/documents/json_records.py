"""Read records of JSON documents, from arrays of any length or lines, in constant memory."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import ijson  # type: ignore[import-untyped]
import msgspec

from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.flat_files import lines_of
from tap_amazon_sp.documents.names import ColumnNames, renamed

logger = logging.getLogger(__name__)

HEADER = "reportSpecification"
"""The part of a JSON report about itself: the request, and when its data was last updated."""

_INSPECTED = 1 << 18
"""Characters at the beginning in which arrays of objects are looked for."""
_MAX_INSPECTED = 1 << 24
"""The same if no array was found so far."""
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_BROKEN = "the document is not JSON, or incomplete"
"""The whole message: those of parsers quote the document, which may contain personal data."""


class JsonRecords:
    """The records of a JSON document: the objects of one of its arrays, at any depth.

    An object at the path is one record. Any other value becomes a record with the field `value`.

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
        style: ColumnNames = "snake_case",
    ) -> None:
        """Inspect the beginning of the document.

        Args:
            texts: The document's text, in any pieces.
            record_path: Dotted path to an array or an object; by default the first array of
                objects, or without one the document as one record.
            style: How to name the fields of records, at any depth.
        """
        self._source = iter(texts)
        self._style = style
        self._beginning: list[str] = []
        self._whole = self._is_broken = False
        self._arrays: list[str] = []
        self._names: list[str] = []
        self._unstorable = False
        self.header: dict[str, Any] | None = None
        self._inspect(record_path is None)
        if record_path is None and self._arrays:
            record_path, *others = self._arrays
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
            DocumentFormatError: The document is not JSON, is incomplete, or has nothing at the
                path.
        """
        if self.record_path is None:
            yield from self._document()
            return
        at_path = _AtPath(self.record_path)
        headers = ijson.sendable_list()
        header_parser = ijson.items_coro(headers, HEADER) if HEADER in self._names else None
        try:
            for text in itertools.chain(self._beginning, self._source):
                data = text.encode()
                if header_parser is not None:
                    header_parser.send(data)
                    if headers:
                        self.header = headers[0]
                        header_parser = None
                at_path.send(data)
                # Escapes of a character that targets cannot store.
                self._unstorable = self._unstorable or "\\u0000" in text
                yield from map(self._finished, at_path.records)
                del at_path.records[:]
            at_path.close()
        except (ijson.JSONError, UnicodeDecodeError, InvalidOperation):
            raise DocumentFormatError(_BROKEN) from None
        if not at_path.is_there:
            names = dict.fromkeys([*self._names, *at_path.names])
            found = ", ".join(f"`{name}`" for name in names) or "nothing"
            message = f"the document has nothing at `{self.record_path}`; it has {found}"
            raise DocumentFormatError(message)

    def _inspect(self, for_array: bool) -> None:  # noqa: FBT001 - the only one
        """Read the beginning to find the names at the top level and the arrays of objects."""
        events = ijson.sendable_list()
        parser = ijson.parse_coro(events)
        read = 0
        for text in self._source:
            self._beginning.append(text)
            read += len(text)
            try:
                parser.send(text.encode())
            except (ijson.JSONError, InvalidOperation):
                # Reported while the records are read, after those before the error.
                self._note(events)
                self._is_broken = True
                return
            self._note(events)
            del events[:]
            if read >= _INSPECTED and (self._arrays or not for_array or read >= _MAX_INSPECTED):
                return
        self._whole = True

    def _note(self, events: Iterable[tuple[str, str, Any]]) -> None:
        for prefix, event, value in events:
            if event == "map_key":
                if prefix == "":
                    self._names.append(value)
                elif "item" not in prefix.split(".") and f"{prefix}.{value}" not in self._names:
                    self._names.append(f"{prefix}.{value}")
            elif event == "start_map" and prefix.split(".")[-1:] == ["item"]:
                path = prefix.removesuffix("item").removesuffix(".")
                if "item" not in path.split(".") and path not in self._arrays:
                    self._arrays.append(path)

    def _document(self) -> Iterator[dict[str, Any]]:
        """Yield a document without an array of objects as one record."""
        if self._is_broken:
            raise DocumentFormatError(_BROKEN)
        if not self._whole:
            message = "the document has no array of objects in its first megabytes"
            raise DocumentFormatError(message)
        text = "".join(self._beginning)
        if not text.strip():
            return
        value = _decode(text)
        self._unstorable = "\\u0000" in text
        if isinstance(value, dict):
            self.header = value.get(HEADER)
            # A report without data has empty arrays.
            if any(item != [] for name, item in value.items() if name != HEADER):
                yield self._finished(value)
        elif isinstance(value, list):
            yield from map(self._finished, value)

    def _finished(self, record: Any) -> dict[str, Any]:
        return _finished(record, self._style, unstorable=self._unstorable)


class _AtPath:
    """The records at a path of a document, as far as the document was read.

    At the path there may be an array, whose items are the records, or a value, which is one record.
    Until that is known, both are read.

    Attributes:
        records: Complete records that were not taken yet.
        is_there: Whether there is anything at the path, even an empty array or null.
        names: Names at the top level, up to the path.
    """

    def __init__(self, path: str) -> None:
        self.records: list[Any] = ijson.sendable_list()
        self.is_there = False
        self.names: list[str] = []
        self._path = path
        self._items = ijson.items_coro(self.records, f"{path}.item" if path else "item")
        self._value = ijson.items_coro(self.records, path)
        self._events: list[tuple[str, str, Any]] = ijson.sendable_list()
        self._parser = ijson.parse_coro(self._events)
        self._kind: str | None = None

    def send(self, data: bytes) -> None:
        """Read the next piece of the document.

        Raises:
            ijson.JSONError: It is not JSON.
        """
        if self._kind is None:
            self._find(data)
        if self._kind in (None, "array"):
            self._items.send(data)
        if self._kind in (None, "value"):
            self._value.send(data)
            # Null is not a record.
            self.records[:] = [record for record in self.records if record is not None]

    def close(self) -> None:
        """Check that the document is complete.

        Raises:
            ijson.JSONError: It is incomplete.
        """
        (self._value if self._kind == "value" else self._items).close()

    def _find(self, data: bytes) -> None:
        self._parser.send(data)
        path = self._path
        for prefix, event, value in self._events:
            if prefix == path and event != "map_key":
                self.is_there = True
                if event != "null":
                    self._kind = "array" if event == "start_array" else "value"
                    break
            elif prefix == "" and event == "map_key":
                self.names.append(value)
        del self._events[:]


class JsonLines:
    """The records of a JSON Lines document, the format of Data Kiosk: one object per line."""

    def __init__(self, texts: Iterable[str], *, style: ColumnNames = "snake_case") -> None:
        """Read nothing yet."""
        self._texts = texts
        self._style = style

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the records.

        Raises:
            DocumentFormatError: A line is not JSON.
        """
        for number, line in enumerate(lines_of(self._texts, quoted=False), 1):
            if line.isspace():
                continue
            try:
                value = _decode(line)
            except DocumentFormatError as error:
                message = f"line {number}: {error}"
                raise DocumentFormatError(message) from None
            yield _finished(value, self._style, unstorable="\\u0000" in line)


def _finished(value: Any, style: ColumnNames, *, unstorable: bool) -> dict[str, Any]:
    record: dict[str, Any] = value if isinstance(value, dict) else {"value": value}
    if unstorable:
        record = _without_nul(record)
    return cast("dict[str, Any]", renamed(record)) if style == "snake_case" else record


def _decode(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, InvalidOperation, RecursionError):
        pass
    try:
        # The standard library accepts NaN and lone surrogates, which may occur.
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        # The message of this error is one of a few, and does not quote the document.
        message = f"{_BROKEN} ({error})"
        raise DocumentFormatError(message) from None
    except (ValueError, InvalidOperation, RecursionError):
        raise DocumentFormatError(_BROKEN) from None


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(item) for name, item in value.items()}
    return value
