"""Records of JSON documents: out of arrays of any length, or a line each, in constant memory."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import ijson  # type: ignore[import-untyped]
import msgspec

from tap_amazon_sp.documents.flat_files import DocumentFormatError, lines_of
from tap_amazon_sp.documents.names import ColumnNames, renamed

logger = logging.getLogger(__name__)

HEADER = "reportSpecification"
"""What Amazon's JSON reports say about themselves: the request, and when data were last updated."""

_LOOKED_AT = 1 << 18
_LOOKED_AT_MOST = 1 << 24
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_BROKEN = "the document is no JSON, or not whole"
"""All that is told: messages of parsers quote the document, which may hold personal data."""


class JsonRecords:
    """The records of a JSON document: the objects of one of its arrays, at any depth.

    An object at the path is one record. What is no object is a record with a `value`.

    Numbers keep every digit: those with a fraction are Decimals. What stands beside the array goes
    into no record: `header` has what the report says about itself, once it was read, which in
    Amazon's reports is before the first record.

    Attributes:
        header: The `reportSpecification`, with Amazon's names; None where there is none.
        record_path: Where the records are; empty for an array at the top.
    """

    def __init__(
        self,
        texts: Iterable[str],
        record_path: str | None = None,
        *,
        style: ColumnNames = "snake_case",
    ) -> None:
        """Look at the beginning.

        Args:
            texts: The document's text, in any pieces.
            record_path: Dotted names of the array, or of an object; None takes the first array of
                objects, or where there is none the document as one record.
            style: How the fields of records are called, at any depth.
        """
        self._source = iter(texts)
        self._style = style
        self._beginning: list[str] = []
        self._whole = self._is_broken = False
        self._arrays: list[str] = []
        self._names: list[str] = []
        self._unstorable = False
        self.header: dict[str, Any] | None = None
        self._look(record_path is None)
        if record_path is None and self._arrays:
            record_path, *others = self._arrays
            if others:
                logger.warning(
                    "Records are read from `%s`; `record_path` may name one of %s instead",
                    record_path,
                    ", ".join(f"`{other}`" for other in others),
                )
        self.record_path = record_path

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give the records.

        Raises:
            DocumentFormatError: It is no JSON, ends too early, or has nothing at the path.
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
                # Escapes of what targets cannot store.
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

    def _look(self, for_array: bool) -> None:  # noqa: FBT001 - the only one
        """Read the beginning: the names at the top, and where arrays of objects are."""
        events = ijson.sendable_list()
        parser = ijson.parse_coro(events)
        read = 0
        for text in self._source:
            self._beginning.append(text)
            read += len(text)
            try:
                parser.send(text.encode())
            except (ijson.JSONError, InvalidOperation):
                # It is told when the records are read, those before it among them.
                self._note(events)
                self._is_broken = True
                return
            self._note(events)
            del events[:]
            if read >= _LOOKED_AT and (self._arrays or not for_array or read >= _LOOKED_AT_MOST):
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
        """Give the document as one record: it has no array of objects."""
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
            # A report without data has its arrays, which are empty.
            if any(item != [] for name, item in value.items() if name != HEADER):
                yield self._finished(value)
        elif isinstance(value, list):
            yield from map(self._finished, value)

    def _finished(self, record: Any) -> dict[str, Any]:
        return _finished(record, self._style, unstorable=self._unstorable)


class _AtPath:
    """What is at a path of a document, as far as that was read.

    Whether it is an array, whose items are the records, or a value, which is one, shows when it
    comes: until then it is looked for, and both are read.

    Attributes:
        records: Those that are whole and were not taken yet.
        is_there: Whether there is anything, be it an empty array or a null.
        names: At the top, as far as it was looked for.
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
        """Take in the next piece of the document.

        Raises:
            ijson.JSONError: It is no JSON.
        """
        if self._kind is None:
            self._look_for_it(data)
        if self._kind in (None, "array"):
            self._items.send(data)
        if self._kind in (None, "value"):
            self._value.send(data)
            # A null is none.
            self.records[:] = [record for record in self.records if record is not None]

    def close(self) -> None:
        """Check that the document is whole.

        Raises:
            ijson.JSONError: It is not.
        """
        (self._value if self._kind == "value" else self._items).close()

    def _look_for_it(self, data: bytes) -> None:
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
    """The records of a JSON Lines document, as Data Kiosk gives them: an object a line."""

    def __init__(self, texts: Iterable[str], *, style: ColumnNames = "snake_case") -> None:
        """Read nothing yet."""
        self._texts = texts
        self._style = style

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give the records.

        Raises:
            DocumentFormatError: A line is no JSON.
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
        # It knows NaN and halves of surrogate pairs, which may occur.
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        # Of these the message is one of a few, without what stands there.
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
