"""The arguments of an operation as people write them: `name=value`, checked against its model.

A name is that of a parameter, or the dotted path of a field in the body. If both exist, `body.`
before the name means the field. Values of a list are separated by commas, or the argument is
repeated. Lists and objects may be written as JSON. A date as a time means its first moment in UTC.
`@FILE` takes the content of a file; for a list, each line is one value.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tap_amazon_sp.amazon.catalogue import Operation, resolved
from tap_amazon_sp.amazon.request import BODY
from tap_amazon_sp.amazon.validation import (
    BOOLEANS,
    body_schema,
    mistakes_in_body,
    mistakes_in_parameters,
    parameter_schema,
)
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.common.json_values import UnusableJsonError, decode_written
from tap_amazon_sp.common.similar_names import close_to

STDIN = "-"
_INTEGER = re.compile(r"[+-]?\d{1,1000}")
_NUMBER = re.compile(r"[+-]?\d{1,1000}(\.\d{1,1000})?([eE][+-]?\d{1,3})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_JSON_TYPES = ("object", None)


@dataclass(frozen=True)
class Arguments:
    """Checked arguments of an operation, in the types of its model."""

    parameters: dict[str, Any]
    body: Any = None

    @property
    def of_client(self) -> dict[str, Any]:
        """Parameters and body in one dictionary, as the client takes them."""
        return self.parameters if self.body is None else {**self.parameters, BODY: self.body}


def read_arguments(
    operation: Operation, words: Sequence[str], body_file: str | None = None
) -> Arguments:
    """Read and check the arguments of an operation.

    Args:
        operation: From the catalogue.
        words: Each `name=value`.
        body_file: Name of a JSON file with the body; `-` for stdin.

    Raises:
        MistakesError: Names each missing, unknown or wrong argument, and what would be right.
    """
    given, mistakes = _by_name(words)
    body = None if body_file is None else read_json(body_file, "--body")
    if body_file is not None and operation.body is None:
        mistakes.append(f"{operation.id} takes no body: leave `--body` out")
        body = None
    parameters: dict[str, Any] = {}
    for name, texts in given.items():
        parameter = operation.parameter(name)
        if parameter is not None:
            schema = parameter_schema(parameter)
            parameters[name] = _value(schema, {}, texts, name, mistakes)
        elif operation.body is not None and (path := _path_in_body(operation, name)):
            body = _with_field(body, path, _field(operation, path, texts, mistakes))
        else:
            mistakes.append(f"{operation.id} takes no `{name}`{close_to(name, _names(operation))}")
    mistakes += mistakes_in_parameters(operation, parameters)
    mistakes += mistakes_in_body(operation, body)
    if mistakes:
        raise MistakesError(list(dict.fromkeys(mistakes)))
    return Arguments(parameters, body)


def read_json(file: str, option: str) -> Any:
    """Read a JSON file, or stdin if the file is `-`.

    Raises:
        MistakesError: The file cannot be read, or is not JSON.
    """
    text = read_file(file, option)
    try:
        return decode_written(text)
    except UnusableJsonError as error:
        # The content is not shown: it may be personal data.
        raise MistakesError([f"{option} {file} {str(error).removeprefix('it ')}"]) from None


def read_file(file: str, option: str) -> str:
    """Read a text file, or stdin if the file is `-`.

    Raises:
        MistakesError: The file cannot be read.
    """
    try:
        if file == STDIN:
            return sys.stdin.buffer.read().decode()
        return Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise MistakesError([f"{option} {file} is not UTF-8"]) from None
    except OSError as error:
        raise MistakesError([f"{option} {file}: {error.strerror or 'cannot be read'}"]) from None


def split_pair(word: str, option: str) -> tuple[str, str]:
    """Return the name and the value of `name=value`.

    Raises:
        MistakesError: The word is written in another way.
    """
    name, separator, value = word.partition("=")
    if not separator or not name:
        raise MistakesError([f"{option} '{word}': write it as name=value"])
    return name, value


def _by_name(words: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the texts given for each name, and mistakes in how they are written."""
    given: dict[str, list[str]] = {}
    mistakes = []
    for word in words:
        name, separator, text = word.partition("=")
        if not separator or not name:
            mistakes.append(f"'{word}' is not an argument: write it as name=value")
            continue
        if text.startswith("@"):
            text = read_file(text[1:], f"`{name}`:").strip("\r\n")
        given.setdefault(name, []).append(text)
    return given, mistakes


def _names(operation: Operation) -> list[str]:
    names = [parameter.name for parameter in operation.parameters]
    if operation.body is not None:
        schema = body_schema(operation)
        names += resolved(schema, schema["definitions"]).get("properties", ())
    return names


def _path_in_body(operation: Operation, name: str) -> list[str]:
    """Return the path of a field in the body; empty if the body has no such field."""
    path = name.split(".")
    schema = body_schema(operation)
    whole = resolved(schema, schema["definitions"])
    if path[0] == BODY and BODY not in whole.get("properties", ()):
        path = path[1:]
    is_field = bool(path) and all(path) and _inner(whole, path[0]) is not None
    return path if is_field else []


def _field(operation: Operation, path: list[str], texts: list[str], mistakes: list[str]) -> Any:
    schema: Mapping[str, Any] = body_schema(operation)
    definitions = schema["definitions"]
    for name in path:
        # Unknown inner fields are found when the whole body is checked.
        schema = _inner(resolved(schema, definitions), name) or {}
    return _value(resolved(schema, definitions), definitions, texts, ".".join(path), mistakes)


def _inner(schema: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return the schema of a field; None if an object has no such field."""
    if name in schema.get("properties", ()):
        inner: Mapping[str, Any] = schema["properties"][name]
        return inner
    others = schema.get("additionalProperties", schema.get("type", "object") == "object")
    if isinstance(others, Mapping):
        return others
    return {} if others else None


def _value(
    schema: Mapping[str, Any],
    definitions: Mapping[str, Any],
    texts: list[str],
    name: str,
    mistakes: list[str],
) -> Any:
    if schema.get("type") == "array":
        return _list(resolved(schema.get("items", {}), definitions), texts)
    if len(texts) > 1:
        mistakes.append(f"`{name}` is given {len(texts)} times, but is not a list")
    return _scalar(schema, texts[0])


def _list(items: Mapping[str, Any], texts: list[str]) -> list[Any]:
    values: list[Any] = []
    for text in texts:
        found = _json(text) if text[:1] in ("[", "{") else None
        if isinstance(found, list):
            values += found
        elif found is not None:
            values.append(found)
        else:
            pieces = text.splitlines() if "\n" in text else text.split(",") if text else []
            values += [_scalar(items, piece.strip()) for piece in pieces]
    return values


def _scalar(schema: Mapping[str, Any], text: str) -> Any:
    """Return the value that a text means, or the text if it is not a value of that type."""
    kind = schema.get("type")
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind in ("integer", "number") and _NUMBER.fullmatch(text):
        return Decimal(text)
    if schema.get("format") == "date-time" and _DATE.fullmatch(text):
        return f"{text}T00:00:00Z"
    if kind == "boolean":
        return BOOLEANS.get(text.lower(), text)
    if kind in _JSON_TYPES and "enum" not in schema:
        found = _json(text)
        return text if found is None else found
    return text


def _json(text: str) -> Any:
    try:
        return decode_written(text)
    except UnusableJsonError:
        return None


def _with_field(body: Any, path: list[str], value: Any) -> Any:
    """Return a body with a value at a path."""
    name, *rest = path
    whole = dict(body) if isinstance(body, Mapping) else {}
    whole[name] = _with_field(whole.get(name), rest, value) if rest else value
    return whole
