"""JSON that people write by hand: read strictly, with a sentence for each mistake.

Python's module takes what JSON does not have (NaN), and numbers that no float holds (1e400); no
message could carry them. If a name is twice in an object, it keeps the last value without a word.
No sentence shows a value, which may be secret.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec

from tap_amazon_sp.common.json_values import MAX_DEPTH
from tap_amazon_sp.settings.errors import SettingsError

_MAX_DIGITS = 18
"""Digits of an integer that every reader of 64 bits takes."""

_MAX_MISTAKES = 5
_BYTE_ORDER_MARK = "\ufeff"
_HALF_A_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")

_JSON_TYPES = {"str": "string", "bool": "boolean", "int": "integer", "float": "number"}
_PYTHON_TYPE = re.compile(rf"\b(?:{'|'.join(_JSON_TYPES)})\b")


@dataclass(frozen=True)
class _Unusable:
    """Stands for a number that cannot be used."""

    reason: str


def read_json_object(text: str, source: str) -> dict[str, Any]:
    """Return the JSON object that a text holds.

    Args:
        text: The content of a file, or of an environment variable.
        source: What holds it, for the sentence about a mistake.

    Raises:
        SettingsError: It is not JSON, not an object, or holds what no message can carry.
    """
    content = read_json(text, source)
    if not isinstance(content, dict):
        raise SettingsError([f"{source} must hold a JSON object"])
    return content


def read_json(text: str, source: str) -> Any:
    """Return the JSON value that a text holds.

    Args:
        text: The content of a file, or of an environment variable.
        source: What holds it, for the sentence about a mistake.

    Raises:
        SettingsError: It is not JSON, or holds what no message can carry.
    """
    if text.startswith(_BYTE_ORDER_MARK):
        raise SettingsError([f"{source} begins with a byte order mark: save it as UTF-8 without"])
    if not text.strip():
        raise SettingsError([f"{source} is empty"])
    parts = _Parts()
    try:
        content = parts.decode(text)
    except RecursionError:
        content = None
        parts.is_too_deep = True
    except json.JSONDecodeError as error:
        raise SettingsError([f"{source} is not JSON (line {error.lineno})"]) from None
    if parts.is_too_deep or _is_too_deep(content):
        message = f"{source} has more than {MAX_DEPTH} lists or objects inside each other"
        raise SettingsError([message])
    mistakes = [f"`{name}` is twice in one object" for name in dict.fromkeys(parts.repeated)]
    if parts.has_unusable_numbers or _HALF_A_CHARACTER.search(text):
        mistakes += _mistakes_in_values(content)
    if mistakes:
        raise SettingsError([f"{source}: {mistake}" for mistake in mistakes[:_MAX_MISTAKES]])
    return content


class _Parts:
    """What is found in JSON while it is decoded."""

    def __init__(self) -> None:
        self.repeated: list[str] = []
        self.has_unusable_numbers = False
        self.is_too_deep = False

    def decode(self, text: str) -> Any:
        return json.loads(
            text,
            object_pairs_hook=self._named,
            parse_int=self._integer,
            parse_float=self._fraction,
            parse_constant=lambda name: self._unusable(f"is {name}, which JSON does not have"),
        )

    def _named(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            self.repeated += [name for name, count in counts.items() if count > 1]
        return found

    def _integer(self, digits: str) -> int | _Unusable:
        length = len(digits.lstrip("-"))
        if length > _MAX_DIGITS:
            return self._unusable(f"is a number of {length} digits, which is too large")
        return int(digits)

    def _fraction(self, digits: str) -> float | Decimal | _Unusable:
        number = float(digits)
        if not isfinite(number):
            return self._unusable("is too large a number")
        # It may be sent to Amazon, so a number that is not the same as a float stays as it is.
        exact = Decimal(digits)
        return number if Decimal(repr(number)) == exact else exact

    def _unusable(self, reason: str) -> _Unusable:
        self.has_unusable_numbers = True
        return _Unusable(reason)


def written_place(path: Sequence[Any]) -> str:
    """Return the place of a value as sentences name it, such as `accounts`[0]['name']."""
    if not path:
        return "the value"
    first, *others = path
    return f"`{first}`" + "".join(f"[{name!r}]" for name in others)


def mistake_in_shape(value: Any, shape: Any, label: str) -> str | None:
    """Return a sentence about a value whose parts are not of the types of a shape, or None.

    Args:
        value: A JSON value.
        shape: Its type, for instance a `msgspec.Struct`; names that it does not have are allowed.
        label: The name of the value in the sentence.
    """
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        what = _PYTHON_TYPE.sub(lambda found: _JSON_TYPES[found[0]], what)
        place = place.rstrip("`").lstrip(".")
        return f"{label}{f', `{place}`' if place else ''}: {what[:1].lower()}{what[1:]}"
    return None


def _is_too_deep(content: Any) -> bool:
    level = [content] if isinstance(content, (dict, list)) else []
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _mistakes_in_values(value: Any, path: tuple[Any, ...] = ()) -> Iterator[str]:
    if isinstance(value, _Unusable):
        yield f"{written_place(path)} {value.reason}"
    elif isinstance(value, str):
        if _is_cut(value):
            yield f"{written_place(path)} has half of a character (`\\ud800` to `\\udfff`)"
    elif isinstance(value, dict):
        for name, inner in value.items():
            if _is_cut(name):
                yield f"{written_place(path)} has a name with half a character"
            else:
                yield from _mistakes_in_values(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _mistakes_in_values(inner, (*path, number))


def _is_cut(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
