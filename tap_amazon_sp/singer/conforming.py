"""Values that are what their schema says, so that every loader takes them.

Loaders end at text in a column of numbers, at a day that does not exist, at a number that does not
fit into 64 bits. So a value that does not have the type in the schema is converted if there is one
way to read it. Any other value is a misfit: null takes its place, and the caller keeps it
elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tap_amazon_sp.common.timestamps import is_utc_time, read_date, read_date_time
from tap_amazon_sp.singer.writer import to_json

Test = Callable[[Any], bool]
Path = tuple[str | int, ...]

MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1
"""What SQL targets can store as an integer."""

_MAX_NUMBER = 10**308
_NUMBER_TEXT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Misfit:
    """A value that does not have the type in the schema.

    Attributes:
        path: Names and positions in lists that lead from the record to the value.
        kind: What the schema says: a JSON type, `date` or `date-time`.
        text: The value: text as it came, anything else as JSON.
    """

    path: Path
    kind: str
    text: str

    @property
    def names(self) -> tuple[str, ...]:
        """The path without positions in lists."""
        return tuple(name for name in self.path if isinstance(name, str))

    @property
    def label(self) -> str:
        """The path as text."""
        return ".".join(map(str, self.path))


class Conformer:
    """Makes records conform to a schema."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Take the JSON Schema of the records."""
        self._schema = schema
        self._conforms = conformity_test(schema)

    def conform(self, record: dict[str, Any]) -> Sequence[Misfit]:
        """Change a record in place so that it conforms to the schema; return its misfits.

        Properties that the schema does not know stay as they are.
        """
        if self._conforms(record):
            return ()
        misfits: list[Misfit] = []
        _conformed(self._schema, record, (), misfits)
        return misfits


def conformity_test(schema: Mapping[str, Any]) -> Test:
    """Return a function that returns whether a value is what a schema says; null always is."""
    kinds = _kinds(schema)
    if len(kinds) != 1:
        # Any value, or a choice that somebody wrote by hand.
        return _any_value
    (kind,) = kinds
    if kind == "object":
        return _object_test(schema.get("properties", {}))
    if kind == "array":
        conforms = conformity_test(schema.get("items", {}))
        return lambda value: (
            value is None or (value.__class__ is list and all(map(conforms, value)))
        )
    return _TESTS.get(kind, _any_value)


def _any_value(_: Any) -> bool:
    return True


def _object_test(properties: Mapping[str, Any]) -> Test:
    tests = {name: conformity_test(found) for name, found in properties.items()}
    texts = {name for name, found in properties.items() if _kinds(found) == ("string",)}

    def conforms(value: Any) -> bool:
        if value.__class__ is not dict:
            return value is None
        for name, item in value.items():
            if item is None or (name in texts and item.__class__ is str):
                continue
            test = tests.get(name)
            if test is not None and not test(item):
                return False
        return True

    return conforms


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return what a schema says a value is: a JSON type, `date` or `date-time`."""
    return next(iter(_kinds(schema)), "a value of its kind")


def _kinds(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the types of a schema without null; a text with a known format is `date` or so."""
    types = schema.get("type", ())
    kinds = tuple(kind for kind in ([types] if isinstance(types, str) else types) if kind != "null")
    if kinds == ("string",) and schema.get("format") in ("date", "date-time"):
        return (schema["format"],)
    return kinds


def is_integer(value: Any) -> bool:
    """Return whether a value is an integer that SQL targets can store, `5.0` included."""
    if value.__class__ is int:
        return MIN_INTEGER <= value <= MAX_INTEGER
    return (
        isinstance(value, (float, Decimal))
        and is_number(value)
        and value == int(value)
        and MIN_INTEGER <= value <= MAX_INTEGER
    )


def is_number(value: Any) -> bool:
    """Return whether a value is a number that SQL targets can store."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False
    return -_MAX_NUMBER < value < _MAX_NUMBER


def is_date(value: Any) -> bool:
    """Return whether a value is a day as RFC 3339 writes it."""
    return isinstance(value, str) and bool(_DAY.fullmatch(value)) and read_date(value) == value


def is_date_time(value: Any) -> bool:
    """Return whether a value is a time in UTC as this tap writes it."""
    return isinstance(value, str) and bool(is_utc_time(value) or read_date_time(value) == value)


_TESTS: Mapping[str, Test] = {
    "string": lambda value: value is None or value.__class__ is str,
    "integer": lambda value: value is None or is_integer(value),
    "number": lambda value: value is None or is_number(value),
    "boolean": lambda value: value is None or value.__class__ is bool,
    "date": lambda value: value is None or is_date(value),
    "date-time": lambda value: value is None or is_date_time(value),
}


def _text_of(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return None if isinstance(value, (dict, list)) else to_json(value).decode()


def _integer_of(value: Any) -> Any:
    number = _number_of(value)
    return number if is_integer(number) else None


def _number_of(value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip()
        value = Decimal(text) if _NUMBER_TEXT.fullmatch(text) else None
        if value is not None and "." not in text and "e" not in text.lower():
            value = int(value)
    return value if is_number(value) else None


def _boolean_of(value: Any) -> bool | None:
    if isinstance(value, str):
        return _BOOLEANS.get(value.strip().lower())
    return value if isinstance(value, bool) else None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _text_of,
    "integer": _integer_of,
    "number": _number_of,
    "boolean": _boolean_of,
    "date": read_date,
    "date-time": read_date_time,
}
"""Convert a value to a kind; None if there is no way to read it, or more than one."""


def _conformed(schema: Mapping[str, Any], value: Any, path: Path, misfits: list[Misfit]) -> Any:
    """Return a value as it conforms to a schema, and add what does not to the misfits."""
    kinds = _kinds(schema)
    if value is None or len(kinds) != 1:
        return value
    (kind,) = kinds
    if kind == "object" and isinstance(value, dict):
        for name, found in schema.get("properties", {}).items():
            if value.get(name) is not None:
                value[name] = _conformed(found, value[name], (*path, name), misfits)
        return value
    if kind == "array" and isinstance(value, list):
        items = schema.get("items", {})
        value[:] = [
            _conformed(items, item, (*path, number), misfits) for number, item in enumerate(value)
        ]
        return value
    read = _READERS.get(kind)
    if read is None and kind not in ("object", "array"):
        return value
    found = read(value) if read is not None else None
    # Amazon writes no value of a date or a number as empty text.
    if found is None and not (isinstance(value, str) and not value.strip()):
        misfits.append(Misfit(path, kind, value if isinstance(value, str) else _json(value)))
    return found


def _json(value: Any) -> str:
    return to_json(value).decode()
