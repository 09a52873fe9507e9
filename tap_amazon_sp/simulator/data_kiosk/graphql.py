"""GraphQL as Data Kiosk accepts it: one query, without variables and fragments.

`data/data_kiosk_schemas.json` has the types of Amazon's schemas by dataset, without descriptions.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.data import read_data

_TOKEN = re.compile(
    r'[\s,]+|#[^\n]*|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)'
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>[{}()\[\]:!$=@|]|\.\.\.)"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_SCALARS: Mapping[str, tuple[type, ...]] = {
    "String": (),
    "Date": (),
    "Int": (int,),
    "Long": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
}
TYPE_NAME = "__typename"


class GraphqlError(Exception):
    """A query is wrong; the message says what."""


class Enumerated(str):
    """A value of an enumeration."""

    __slots__ = ()


@dataclass(frozen=True)
class Selection:
    """A field in a query.

    Attributes:
        name: Name of the field.
        label: Its name in the result.
        arguments: Its arguments by name, as Python values.
        fields: The fields that are selected in it.
    """

    name: str
    label: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fields: Sequence[Selection] = ()


@functools.cache
def datasets() -> Mapping[str, Any]:
    """Return the types by name, by dataset; a type has `fields`, `values` or `inputs`."""
    return read_data("data_kiosk_schemas.json")


def field_type(facts: Any) -> str:
    """Return the GraphQL type of a field."""
    return str(facts if isinstance(facts, str) else facts["type"])


def plain_type(name: str) -> str:
    """Return the name of a type without list brackets and exclamation marks."""
    return name.strip("[]!")


# The past queries of all sellers have the same text.
@functools.lru_cache(maxsize=1024)
def parse(text: str) -> tuple[str, Selection]:
    """Parse a query; return the dataset and the field that it selects.

    Raises:
        GraphqlError: The text is not a query, or does not fit the schema.
    """
    reader = _Reader(_tokens(text))
    if reader.peek() == "query":
        reader.take()
        if reader.peek() not in ("{", "("):
            reader.take()
    if reader.peek() == "(":
        message = "variables are not supported"
        raise GraphqlError(message)
    roots = reader.selections()
    reader.end()
    if len(roots) != 1 or len(roots[0].fields) != 1:
        message = "a query must ask for one field of one data set"
        raise GraphqlError(message)
    types = datasets().get(roots[0].name)
    if types is None:
        message = f"Field '{roots[0].name}' in type 'Query' is undefined"
        raise GraphqlError(message)
    _check(types, "Query", roots)
    return roots[0].name, roots[0].fields[0]


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            message = f"Invalid syntax at '{text[position : position + 20]}'"
            raise GraphqlError(message)
        position = match.end()
        if match.lastgroup is not None:
            found.append((match.lastgroup, match[0]))
    return found


class _Reader:
    """Reads the tokens of a query one by one."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._position = 0

    def peek(self) -> str:
        """Return the next token without reading it; empty at the end."""
        return self._tokens[self._position][1] if self._position < len(self._tokens) else ""

    def take(self, wanted: str | None = None) -> tuple[str, str]:
        """Read a token; it must be the wanted one, if any."""
        if not self.peek() or (wanted is not None and self.peek() != wanted):
            message = (
                f"Invalid syntax: expected {wanted or 'more'}, found {self.peek() or 'the end'}"
            )
            raise GraphqlError(message)
        self._position += 1
        return self._tokens[self._position - 1]

    def name(self) -> str:
        """Read a name."""
        kind, text = self.take()
        if kind != "name":
            message = f"Invalid syntax: expected a name, found {text}"
            raise GraphqlError(message)
        return text

    def end(self) -> None:
        """Check that all tokens are read."""
        if self.peek():
            message = f"Invalid syntax: expected the end, found {self.peek()}"
            raise GraphqlError(message)

    def selections(self) -> list[Selection]:
        """Read fields in braces."""
        self.take("{")
        found = []
        while self.peek() != "}":
            label = name = self.name()
            if self.peek() == ":":
                self.take()
                name = self.name()
            arguments = self._named(")") if self.peek() == "(" else {}
            fields = self.selections() if self.peek() == "{" else ()
            found.append(Selection(name, label, arguments, fields))
        self.take("}")
        if not found:
            message = "Invalid syntax: nothing is asked for"
            raise GraphqlError(message)
        return found

    def _named(self, last: str) -> dict[str, Any]:
        """Read names and values up to a bracket."""
        self.take()
        found = {}
        while self.peek() != last:
            name = self.name()
            self.take(":")
            found[name] = self._value()
        self.take(last)
        return found

    def _value(self) -> Any:
        if self.peek() == "{":
            return self._named("}")
        if self.peek() == "[":
            self.take()
            values = []
            while self.peek() != "]":
                values.append(self._value())
            self.take("]")
            return values
        kind, text = self.take()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if {".", "e", "E"} & {*text} else int(text)
        if kind == "name":
            return _CONSTANTS[text] if text in _CONSTANTS else Enumerated(text)
        message = f"Invalid syntax: expected a value, found {text}"
        raise GraphqlError(message)


def _check(types: Mapping[str, Any], type_name: str, selections: Sequence[Selection]) -> None:
    """Check the selected fields against the schema."""
    known = types[type_name]["fields"]
    for selection in selections:
        if selection.name == TYPE_NAME:
            continue
        facts = known.get(selection.name)
        if facts is None:
            message = f"Field '{selection.name}' in type '{type_name}' is undefined"
            raise GraphqlError(message)
        arguments = {} if isinstance(facts, str) else facts.get("args", {})
        _check_inputs(types, arguments, selection.arguments, f"field '{selection.name}'")
        inner = plain_type(field_type(facts))
        if "fields" in types.get(inner, {}):
            if not selection.fields:
                message = f"Subselection required for type '{inner}' of field '{selection.name}'"
                raise GraphqlError(message)
            _check(types, inner, selection.fields)
        elif selection.fields:
            message = f"Subselection not allowed on leaf type '{inner}' of field '{selection.name}'"
            raise GraphqlError(message)


def _check_inputs(
    types: Mapping[str, Any], known: Mapping[str, str], given: Mapping[str, Any], where: str
) -> None:
    """Check arguments, or the fields of one argument, against the schema."""
    for name in given:
        if name not in known:
            message = f"Unknown argument '{name}' of {where}"
            raise GraphqlError(message)
    for name, declared in known.items():
        value = given.get(name)
        if value is None:
            if declared.endswith("!"):
                message = f"Missing argument '{name}' of {where}"
                raise GraphqlError(message)
            continue
        if not _fits(types, declared, value):
            message = f"Argument '{name}' of {where} is not of type {declared}"
            raise GraphqlError(message)


def _fits(types: Mapping[str, Any], declared: str, value: Any) -> bool:
    declared = declared.removesuffix("!")
    if declared.startswith("["):
        # GraphQL takes a single value for a list of one.
        values = value if isinstance(value, list) else [value]
        return all(_fits(types, declared[1:-1], one) for one in values)
    facts = types.get(declared, {})
    if "values" in facts:
        return isinstance(value, Enumerated) and value in facts["values"]
    if "inputs" in facts:
        if isinstance(value, dict):
            _check_inputs(types, facts["inputs"], value, f"type '{declared}'")
        return isinstance(value, dict)
    if isinstance(value, str):
        fits_form = declared != "Date" or _DATE.fullmatch(value) is not None
        return not isinstance(value, Enumerated) and declared in ("String", "Date") and fits_form
    # Not `isinstance`: in Python, a boolean is an integer.
    return type(value) in _SCALARS[declared]
