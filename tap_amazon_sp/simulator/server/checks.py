"""Checks of parameters and bodies against Amazon's models."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from tap_amazon_sp.simulator.server.errors import ApiError, invalid_input, invalid_parameter
from tap_amazon_sp.simulator.server.models import Match, Models, Operation
from tap_amazon_sp.simulator.world.timestamps import parse_iso

_INTEGER = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_BOOLEANS = {"true": True, "false": False}


@dataclass
class CheckedParameters:
    """Parameters that passed the checks.

    Attributes:
        values: Decoded values by name.
        times: Date-time values by name, epoch seconds.
    """

    values: dict[str, Any] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)


def parse_query(raw_query: str) -> dict[str, list[str]]:
    """Return the values of a query string by name; empty values are kept."""
    values: dict[str, list[str]] = {}
    for pair in filter(None, raw_query.split("&")):
        name, _, value = pair.partition("=")
        values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return values


def check_parameters(
    match: Match, query: Mapping[str, list[str]], headers: Mapping[str, str]
) -> CheckedParameters:
    """Return the decoded query, path and header parameters.

    Parameters that the model does not name are ignored, as at Amazon.

    Raises:
        ApiError: 400, names the first parameter that does not fit the model.
    """
    checked = CheckedParameters()
    for parameter in match.operation.facts["parameters"]:
        name = parameter["name"]
        given = _given(parameter, match, query, headers)
        if given is None:
            if parameter.get("required"):
                message = f"Missing required parameter '{name}'."
                raise invalid_input(message, details=name)
            if "default" in parameter:
                checked.values[name] = parameter["default"]
        elif parameter["type"] == "array":
            checked.values[name] = _array(parameter, given)
        else:
            if len(given) > 1:
                raise invalid_parameter(name, "it is given more than once")
            checked.values[name] = _scalar(parameter, name, given[0])
            if parameter.get("format") == "date-time":
                checked.times[name] = time_of(name, given[0])
    return checked


def time_of(name: str, text: str, *, date_only: bool = False) -> float:
    """Return a date-time parameter as epoch seconds.

    Raises:
        ApiError: 400, names the parameter.
    """
    try:
        return parse_iso(text, date_only=date_only)
    except ValueError:
        raise invalid_parameter(name, f"'{text}' is not an ISO 8601 date-time") from None


def _given(
    parameter: Mapping[str, Any],
    match: Match,
    query: Mapping[str, list[str]],
    headers: Mapping[str, str],
) -> list[str] | None:
    name = parameter["name"]
    if parameter["in"] == "path":
        return [match.path_parameters[name]]
    if parameter["in"] == "header":
        value = headers.get(name.lower())
        return None if value is None else [value]
    return query.get(name)


def _array(parameter: Mapping[str, Any], given: list[str]) -> list[Any]:
    name = parameter["name"]
    if parameter["collection_format"] == "multi":
        values = given
    elif len(given) > 1:
        raise invalid_parameter(name, "values of a list are separated by commas")
    else:
        values = given[0].split(",") if given[0] else []
    if len(values) < parameter.get("min_items", 0):
        raise invalid_parameter(name, f"at least {parameter['min_items']} values are needed")
    if len(values) > parameter.get("max_items", len(values)):
        raise invalid_parameter(name, f"at most {parameter['max_items']} values are allowed")
    return [_scalar(parameter["items"], name, value) for value in values]


def _scalar(schema: Mapping[str, Any], name: str, text: str) -> Any:
    kind = schema.get("type", "string")
    if text == "" and schema.get("required"):
        raise invalid_parameter(name, "it is empty")
    if kind == "boolean" or schema.get("format") == "boolean":
        if text.lower() not in _BOOLEANS:
            raise invalid_parameter(name, f"'{text}' is not true or false")
        return _BOOLEANS[text.lower()]
    value: Any = text
    if kind == "integer":
        value = int(_fitting(_INTEGER, name, text, "an integer"))
    elif kind == "number":
        value = float(_fitting(_NUMBER, name, text, "a number"))
    _check_bounds(schema, name, value)
    return value


def _fitting(pattern: re.Pattern[str], name: str, text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise invalid_parameter(name, f"'{text}' is not {what}")
    return text


def _check_bounds(schema: Mapping[str, Any], name: str, value: Any) -> None:
    if "enum" in schema and value not in schema["enum"]:
        raise invalid_parameter(name, f"'{value}' is not one of {', '.join(schema['enum'])}")
    if isinstance(value, str):
        if len(value) > schema.get("max_length", len(value)):
            raise invalid_parameter(name, f"it is longer than {schema['max_length']} characters")
        if len(value) < schema.get("min_length", 0):
            raise invalid_parameter(name, f"it is shorter than {schema['min_length']} characters")
        return
    if value < schema.get("minimum", value):
        raise invalid_parameter(name, f"{value} is less than {schema['minimum']}")
    if value > schema.get("maximum", value):
        raise invalid_parameter(name, f"{value} is more than {schema['maximum']}")


def check_body(models: Models, operation: Operation, body: bytes) -> Any:
    """Return the decoded and checked JSON body; None if the operation has none.

    Raises:
        ApiError: 400, names the first field that does not fit the model.
    """
    declared = operation.facts.get("body")
    if declared is None:
        return None
    if not body:
        if declared.get("required"):
            message = "The request has no body."
            raise invalid_input(message)
        return None
    try:
        content = json.loads(body)
    except ValueError:
        message = "The request body is not JSON."
        raise invalid_input(message) from None
    _BodyCheck(models, operation.api).check(declared["schema"], content, "body")
    return content


_BODY_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


@dataclass(frozen=True)
class _BodyCheck:
    models: Models
    api: str

    def check(self, schema: Mapping[str, Any], value: Any, where: str) -> None:
        schema = self.models.resolve(self.api, schema)
        for part in schema.get("allOf", ()):
            self.check(part, value, where)
        kind = schema.get("type")
        if kind is not None and (
            not isinstance(value, _BODY_TYPES[kind])
            or (isinstance(value, bool) and kind != "boolean")
        ):
            raise invalid_parameter(where, f"it is not of type {kind}")
        if isinstance(value, dict):
            self._object(schema, value, where)
        elif isinstance(value, list):
            self._list(schema, value, where)
        elif isinstance(value, str):
            self._string(schema, value, where)

    def _object(self, schema: Mapping[str, Any], value: dict[str, Any], where: str) -> None:
        for name in schema.get("required", ()):
            if value.get(name) is None:
                message = f"Missing required parameter '{_inside(where, name)}'."
                raise invalid_input(message, details=name)
        properties = schema.get("properties", {})
        rest = schema.get("additionalProperties")
        for name, content in value.items():
            if name in properties:
                self.check(properties[name], content, _inside(where, name))
            elif isinstance(rest, dict):
                self.check(rest, content, _inside(where, name))

    def _list(self, schema: Mapping[str, Any], value: list[Any], where: str) -> None:
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            raise invalid_parameter(where, f"it holds {len(value)} values")
        for index, content in enumerate(value):
            self.check(schema.get("items", {}), content, f"{where}[{index}]")

    def _string(self, schema: Mapping[str, Any], value: str, where: str) -> None:
        if "enum" in schema and value not in schema["enum"]:
            raise invalid_parameter(where, f"'{value}' is not one of {', '.join(schema['enum'])}")
        if schema.get("format") == "date-time":
            time_of(where, value)


def _inside(where: str, name: str) -> str:
    return name if where == "body" else f"{where}.{name}"


def exclusive(names: Mapping[str, Any], first: str, second: str) -> ApiError | None:
    """Return an error 400 if both parameters are given, else None."""
    if names.get(first) is None or names.get(second) is None:
        return None
    return invalid_input(f"Parameters '{first}' and '{second}' cannot be used together.")
