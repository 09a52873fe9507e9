"""Answers: their decoded JSON, and the records in it."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import msgspec

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.errors import ServiceError
from tap_amazon_sp.amazon.hal import is_hal_list, linked_resources
from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.common.json_values import decode, is_plain

_JSON = msgspec.json.Decoder(float_hook=Decimal)
_RAW_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_CHECKED_AT_ONCE = 16 * 1024
_OPENING_BRACE = ord("{")


@dataclass(frozen=True)
class Answer:
    """A successful answer.

    Attributes:
        envelope: The decoded body. If there are `raw_records`, their list in it is still JSON (a
            `msgspec.Raw`).
        status: HTTP status.
        request_id: Amazon's `x-amzn-RequestId`.
        next_token: Amazon's token for the next page, if this is a page and there is a next one.
        content: The body as Amazon sent it.
        raw_records: The JSON of each record as Amazon wrote it, each an object; None if the records
            are decoded.
        errors: What Amazon says failed although there are records, in words; None if nothing did.
    """

    envelope: Any
    status: int
    request_id: str | None
    next_token: str | None = None
    content: bytes = b""
    raw_records: Sequence[msgspec.Raw] | None = None
    errors: str | None = None

    @property
    def has_raw_records(self) -> bool:
        """Whether the records are not decoded yet."""
        return self.raw_records is not None

    @cached_property
    def body(self) -> Any:
        """The whole body, decoded. Numbers with a fraction are Decimals."""
        return decode(self.content) if self.has_raw_records else self.envelope


def answer_of(
    operation: Operation,
    content: bytes,
    *,
    status: int,
    request_id: str | None,
    raw_records: bool = False,
) -> Answer:
    """Return the answer that has this content.

    Args:
        operation: The operation that was called.
        content: The body of the HTTP response.
        status: The HTTP status.
        request_id: Amazon's `x-amzn-RequestId`.
        raw_records: Whether to leave the list of records undecoded if possible. The content is
            checked all the same: what is left is well-formed JSON in UTF-8 on one line, and holds
            no characters that targets cannot store.

    Raises:
        UnusableJsonError: The content is not JSON, or has what no target can store.
    """
    records = None
    path = operation.results or ()
    is_split = raw_records and path and not is_hal_list(path)
    envelope = _envelope(content, path) if is_split else None
    if envelope is not None:
        records = _split(at_path(envelope, path))
    if records is None:
        envelope = decode(content)
    return Answer(envelope, status, request_id, content=content, raw_records=records)


def records_of(operation: Operation, answer: Answer) -> list[dict[str, Any]]:
    """Return the records in an answer; a missing or null list is an empty page.

    Raises:
        ServiceError: There is something else in the place that Amazon's model has for the records.
    """
    body = answer.body
    path = (operation.results if operation.results is not None else operation.record) or ()
    # Some answers are a bare list although the model describes an object.
    found = body if isinstance(body, list) else at_path(body, path)
    if is_hal_list(path) and isinstance(body, dict) and isinstance(found or [], list):
        found = [*(found or []), *linked_resources(body, path, found or [])]
    if found is None and isinstance(body, dict):
        return []
    if isinstance(found, dict) and operation.results is None:
        return [found] if found else []
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise _no_records(operation, answer, path)
    return found


def items_in(operation: Operation, answer: Answer) -> list[Any]:
    """Return what an answer lists, decoded or not: it shows whether pages repeat.

    That is the records of a list. Of an operation whose one record has the lists, such as those of
    financial events, or which the catalogue does not know, it is what is in all lists.
    """
    if answer.raw_records is not None:
        return list(answer.raw_records)
    body = answer.body
    if operation.results is not None and not isinstance(body, list):
        found = [at_path(body, operation.results)]
    elif isinstance(body, dict):
        record = at_path(body, operation.record or ())
        inside = record.values() if isinstance(record, dict) else ()
        payload = at_path(body, ("payload",)) if not operation.is_known else None
        found = [*inside, *(payload.values() if isinstance(payload, dict) else [payload])]
    else:
        found = [body]
    return [item for items in found if isinstance(items, list) for item in items]


def _split(records: msgspec.Raw | None) -> list[msgspec.Raw] | None:
    """Return the JSON of each record of a list, none of a list that is missing or null.

    Returns:
        None if it is not a list of objects.
    """
    if records is None:
        return []
    try:
        found = _RAW_LIST.decode(records)
    except msgspec.MsgspecError:
        return None
    is_list_of_objects = all(memoryview(record)[0] == _OPENING_BRACE for record in found)
    return found if is_list_of_objects else None


def _envelope(content: bytes, path: Sequence[str]) -> Any:
    """Return JSON decoded except for what lies at a path; None if all of it must be decoded."""
    if not is_plain(content):
        return None
    try:
        if not content.isascii():
            _check_utf8(content)  # msgspec does not check what it leaves undecoded
        if b"\n" in content or b"\r" in content:
            content = msgspec.json.format(content, indent=-1)
        return _decoded_around(content, path)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _check_utf8(content: bytes) -> None:
    """Check content part by part: the text of all of it takes up to four times its memory.

    Raises:
        UnicodeDecodeError: It is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content), _CHECKED_AT_ONCE):
        end = start + _CHECKED_AT_ONCE
        decoder.decode(content[start:end], final=end >= len(content))


def _decoded_around(raw: bytes | msgspec.Raw, path: Sequence[str]) -> Any:
    if not path:
        return None if bytes(memoryview(raw)[:5]) == b"null" else raw
    first, *rest = path
    return {
        name: _decoded_around(value, rest) if name == first else _JSON.decode(value)
        for name, value in _RAW_OBJECT.decode(raw).items()
    }


def _no_records(operation: Operation, answer: Answer, path: Sequence[str]) -> ServiceError:
    return ServiceError(
        operation.id,
        status=answer.status,
        message=f"the answer has no list of objects at {'.'.join(path)!r}",
        request_id=answer.request_id,
    )
