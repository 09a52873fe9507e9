"""Checks of parameters and bodies against Amazon's models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from tap_amazon_sp.simulator.server import json_bodies
from tap_amazon_sp.simulator.server.errors import invalid_input, invalid_parameter
from tap_amazon_sp.simulator.server.models import Match, Models, Operation
from tap_amazon_sp.simulator.server.schema_checks import TIME_FORMATS, SchemaCheck, time_of

_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}
_SCHEMA_NAMES = {
    "min_items": "minItems",
    "max_items": "maxItems",
    "unique_items": "uniqueItems",
    "min_length": "minLength",
    "max_length": "maxLength",
}
"""Facts about a parameter in the catalogue whose names in JSON Schema are others."""


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


def without_empty(operation: Operation, query: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return a query without the empty parameters that Amazon takes for missing ones.

    Clients of PHP send every parameter that is not set as an empty one, and getOrders serves them
    (jlevers/selling-partner-api#148, #172). An empty page token is refused (the same, #607).
    """
    kept = operation.token_parameter
    return {name: values for name, values in query.items() if any(values) or name == kept}


def repeated_lists(operation: Operation, query: Mapping[str, list[str]]) -> list[str]:
    """Return the lists that are repeated, so that Amazon takes only their first value.

    Their values belong into one parameter, with commas between them.
    """
    return [
        parameter["name"]
        for parameter in operation.facts["parameters"]
        if parameter.get("collection_format") == "csv" and len(query.get(parameter["name"], ())) > 1
    ]


def check_parameters(
    models: Models,
    match: Match,
    query: Mapping[str, list[str]],
    headers: Mapping[str, str],
    *,
    strict: bool = False,
) -> CheckedParameters:
    """Return the decoded query, path and header parameters.

    Parameters that the model does not name are ignored, as at Amazon.

    Args:
        models: Amazon's models.
        match: The operation and its path parameters.
        query: Values of the query by name.
        headers: Values of the headers by lower-case name.
        strict: Whether nothing passes that the model forbids; see `schema_checks`.

    Raises:
        ApiError: 400, names the first parameter that does not fit the model.
    """
    checked = CheckedParameters()
    check = SchemaCheck(models, match.operation.api, strict)
    times = _times_by_name(match.operation)
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
            checked.values[name] = _array(check, parameter, given)
        else:
            if len(given) > 1:
                raise invalid_parameter(name, "it is given more than once")
            value = _scalar(parameter, name, given[0])
            check.check_scalar(_schema(parameter), value, name)
            checked.values[name] = value
            if parameter.get("format") in TIME_FORMATS:
                checked.times[name] = time_of(name, given[0])
            elif name in times and strict:
                time_of(name, given[0], strict=True)
    return checked


def _times_by_name(operation: Operation) -> set[str]:
    """Return the parameters that filter by time; not all have a format in the model."""
    pairs = [pair for pair in operation.facts.get("time_filters", ()) if pair["format"] != "date"]
    return {name for pair in pairs for name in (pair["after"], pair["before"]) if name}


def _schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a parameter in the catalogue."""
    return {_SCHEMA_NAMES.get(name, name): fact for name, fact in parameter.items()}


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


def _array(check: SchemaCheck, parameter: Mapping[str, Any], given: list[str]) -> list[Any]:
    name = parameter["name"]
    if parameter["collection_format"] == "multi":
        values = given
    elif given == [""] and check.strict:
        raise invalid_parameter(name, "it is empty")
    elif len(given) > 1 and check.strict:
        raise invalid_parameter(name, "values of a list are separated by commas")
    else:
        # Of a list that is repeated, Amazon takes the first value without a word:
        # saleweaver/python-amazon-sp-api#164, #1902, jlevers/selling-partner-api#225, #866.
        values = given[0].split(",") if given[0] else []
    found = [_scalar(parameter["items"], name, value) for value in values]
    check.check_list(_schema(parameter), found, name)
    return found


def _scalar(schema: Mapping[str, Any], name: str, text: str) -> Any:
    kind = schema.get("type", "string")
    if text == "" and schema.get("required"):
        raise invalid_parameter(name, "it is empty")
    if kind == "boolean" or schema.get("format") == "boolean":
        if text.lower() not in _BOOLEANS:
            raise invalid_parameter(name, f"'{text}' is not true or false")
        return _BOOLEANS[text.lower()]
    if kind == "integer":
        return _integer(name, _fitting(_INTEGER, name, text, "an integer"))
    if kind == "number":
        return float(_fitting(_NUMBER, name, text, "a number"))
    return text


def _integer(name: str, digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        # Python reads no number of thousands of digits.
        raise invalid_parameter(name, "it is too large") from None


def _fitting(pattern: re.Pattern[str], name: str, text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise invalid_parameter(name, f"'{text}' is not {what}")
    return text


def check_body(models: Models, operation: Operation, body: bytes, *, strict: bool = False) -> Any:
    """Return the decoded and checked JSON body, without null; None if the operation has none.

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
        content = json_bodies.decode(body)
    except ValueError:
        message = "The request body is not JSON."
        raise invalid_input(message) from None
    return SchemaCheck(models, operation.api, strict).checked(declared["schema"], content, "body")
