"""JSON text that comes in pieces, read value by value in constant memory.

Each value is decoded as a whole by Python's json module; this module only finds where it begins.
Streaming parsers of JSON keep neither the size of a value nor its depth within limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from tap_amazon_sp.common.json_values import MAX_DEPTH, UnusableJsonError, decode, is_plain
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.limits import MAX_RECORD, RECORD_TOO_LONG

BROKEN = "the document is not JSON, or incomplete"
"""The whole message: those of parsers quote the document, which may contain personal data."""

_Found = tuple[Any, int, int]
"""A value, and where its text begins and ends."""

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r"[\"\[\]{}]")
_MAX_WORD = len("-Infinity")
_decode_at = json.JSONDecoder(parse_float=Decimal).raw_decode


class JsonText:
    """The text of a JSON document and a position in it."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Read nothing yet."""
        self._source = iter(texts)
        self._text = ""
        self._at = 0

    def next_letter(self) -> str:
        """Return the letter that the next value begins with; empty at the end of the document."""
        while True:
            self._at = _end_of_space(self._text, self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, letters: str) -> str:
        """Go past the next letter, which must be one of these, and return it.

        Raises:
            DocumentFormatError: It is another one.
        """
        letter = self.next_letter()
        if not letter or letter not in letters:
            raise DocumentFormatError(BROKEN)
        self._at += 1
        return letter

    def value(self) -> Any:
        """Return the next value.

        Raises:
            DocumentFormatError: It is not JSON, incomplete, too long, or cannot be stored.
        """
        self.next_letter()
        while True:
            found = self._decoded(self._at)
            # A number may go on in the next piece.
            if found is not None and found[1] < len(self._text):
                break
            if not self._more():
                if found is None:
                    raise DocumentFormatError(BROKEN)
                break
        value, end = found
        start, self._at = self._at, end
        return _storable([(value, start, end)], self._text)[0]

    def names(self) -> Iterator[str]:
        """Yield the names in the next object; the caller reads the value after each.

        Raises:
            DocumentFormatError: It is not an object.
        """
        self.take("{")
        if self.next_letter() == "}":
            self.take("}")
            return
        while True:
            if self.next_letter() != '"':
                raise DocumentFormatError(BROKEN)
            name = self.value()
            self.take(":")
            yield str(name)
            if self.take(",}") == "}":
                return

    def items(self) -> Iterator[None]:
        """Go to each item of the next array in turn; the caller reads it.

        Raises:
            DocumentFormatError: It is not an array.
        """
        self.take("[")
        if self.next_letter() == "]":
            self.take("]")
            return
        while True:
            yield
            if self.take(",]") == "]":
                return

    def values(self) -> Iterator[list[Any]]:
        """Yield the items of the next array, as many at once as one piece of text holds.

        Raises:
            DocumentFormatError: As `value`; those before were yielded.
        """
        self.take("[")
        if self.next_letter() == "]":
            self.take("]")
            return
        while True:
            batch: list[_Found] = []
            letter = ","
            try:
                while letter == "," and (item := self._next_item()) is not None:
                    found, letter = item
                    batch.append(found)
                failure = None
            except DocumentFormatError as error:
                failure = error
            if batch:
                yield _storable(batch, self._text)
            if failure is not None:
                raise failure
            if letter == "]":
                return
            if not self._more():
                raise DocumentFormatError(BROKEN)

    def skip(self) -> None:
        """Go past the next value, however long it is.

        Raises:
            DocumentFormatError: It is incomplete or nested too deep.
        """
        if self.next_letter() not in ("{", "["):
            self.value()
            return
        depth = 0
        while True:
            found = _TOKEN.search(self._text, self._at)
            if found is None:
                self._at = len(self._text)
                if not self._more():
                    raise DocumentFormatError(BROKEN)
            elif found[0] == '"':
                self._at = found.start()
                self.value()
            else:
                self._at = found.end()
                depth += 1 if found[0] in "{[" else -1
                if depth > MAX_DEPTH:
                    raise DocumentFormatError(_too_deep())
                if not depth:
                    return

    def _next_item(self) -> tuple[_Found, str] | None:
        """Return an item and the letter after it; None if it goes on in the next piece."""
        start = _end_of_space(self._text, self._at)
        found = self._decoded(start) if start < len(self._text) else None
        if found is None:
            return None
        value, end = found
        after = _end_of_space(self._text, end)
        if after == len(self._text):
            return None
        letter = self._text[after]
        if letter not in ",]":
            raise DocumentFormatError(BROKEN)
        self._at = after + 1
        return (value, start, end), letter

    def _decoded(self, start: int) -> tuple[Any, int] | None:
        """Return the value at a position and where it ends; None if it goes on in the next piece.

        Raises:
            DocumentFormatError: It is not JSON, or cannot be read.
        """
        try:
            return _decode_at(self._text, start)
        except json.JSONDecodeError as error:
            goes_on = error.msg.startswith("Unterminated string")
            if goes_on or error.pos >= len(self._text) - _MAX_WORD:
                return None
            raise DocumentFormatError(BROKEN) from None
        except RecursionError:
            raise DocumentFormatError(_too_deep()) from None
        except (ValueError, InvalidOperation):
            message = "the document has a number that is too long or too large"
            raise DocumentFormatError(message) from None

    def _more(self) -> bool:
        """Add the next piece of text; return False at the end of the document.

        Raises:
            DocumentFormatError: The value at the position is too long.
        """
        if len(self._text) - self._at > MAX_RECORD:
            raise DocumentFormatError(RECORD_TOO_LONG)
        piece = next(self._source, None)
        if piece is None:
            return False
        self._text = self._text[self._at :] + piece
        self._at = 0
        return True


def decoded(text: str) -> Any:
    """Return JSON decoded, with values that a target can store.

    Raises:
        DocumentFormatError: It is not JSON, or has a value that no target can store.
    """
    try:
        return decode(text)
    except UnusableJsonError as error:
        reason = str(error)
    # The JSON of a document: its parser's messages name positions, and do not quote it.
    message = BROKEN if reason.startswith("it is not JSON") else f"the document: {reason}"
    raise DocumentFormatError(message)


def _storable(found: list[_Found], text: str) -> list[Any]:
    """Return values as targets can store them; most need no change, which their text shows."""
    written = text[found[0][1] : found[-1][2]]
    if is_plain(written.encode("utf-8", "surrogatepass")):
        return [value for value, _, _ in found]
    return [decoded(text[start:end]) for _, start, end in found]


def _end_of_space(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    return start if found is None else found.end()


def _too_deep() -> str:
    return f"the document is nested more than {MAX_DEPTH} levels deep"
