from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tap_amazon_sp.simulator.server.checks import check_body
from tap_amazon_sp.simulator.server.errors import ApiError
from tap_amazon_sp.simulator.server.models import Models, Operation, load_models
from tap_amazon_sp.simulator.server.schema_checks import SchemaCheck
from tests.simulator.model_arguments import arguments_for

MARKETPLACE = "ATVPDKIKX0DER"

Path = tuple[str | int, ...]


def refusal(schema: Mapping[str, Any], value: Any, *, strict: bool = False) -> str | None:
    """Return the message about a value, or None if it passes."""
    try:
        SchemaCheck(load_models(), "sales", strict).checked(schema, value, "x")
    except ApiError as error:
        whole = f"{error.status} {error.code} {error.details}: {error.message}"
        return whole.removeprefix(
            "400 InvalidInput x: Invalid value for parameter 'x': "
        ).removesuffix(".")
    return None


@pytest.mark.parametrize(
    ("schema", "good", "bad", "sentence"),
    [
        ({"type": "string"}, "a", 1, "it is not of type string"),
        ({"type": "integer"}, 1, True, "it is not of type integer"),
        ({"type": "integer"}, 1, 1.5, "it is not of type integer"),
        ({"type": "number"}, 1.5, "1.5", "it is not of type number"),
        ({"type": "boolean"}, True, "true", "it is not of type boolean"),
        ({"type": "string", "enum": ["A", "B"]}, "B", "b", "'b' is not one of A, B"),
        ({"type": "string", "minLength": 2}, "ab", "a", "it is shorter than 2 characters"),
        ({"type": "string", "maxLength": 2}, "ab", "abc", "it is longer than 2 characters"),
        (
            {"type": "string", "pattern": "^[A-Z]{2}$"},
            "DE",
            "de",
            "'de' does not match the pattern ^[A-Z]{2}$",
        ),
        ({"type": "integer", "minimum": 1}, 1, 0, "0 is less than 1"),
        ({"type": "number", "maximum": 2.5}, 2.5, 2.51, "2.51 is more than 2.5"),
        ({"type": "number", "multipleOf": 5}, 10.0, 12.0, "12.0 is not a multiple of 5"),
        ({"type": "number", "multipleOf": 0.01}, 1e300, 0.001, "0.001 is not a multiple of 0.01"),
        ({"type": "number"}, 1e308, float("inf"), "it is too large"),
        (
            {"type": "integer", "format": "int32"},
            2**31 - 1,
            2**31,
            "2147483648 is not an integer of 32 bits",
        ),
        ({"type": "array", "minItems": 1}, [1], [], "it has 0 values, and needs 1 or more"),
        (
            {"type": "array", "maxItems": 1},
            [1],
            [1, 2],
            "it has 2 values, and at most 1 are allowed",
        ),
        ({"type": "array", "uniqueItems": True}, [1, 2], [1, 1], "a value is there twice"),
        (
            {"type": "string", "format": "date-time"},
            "2026-01-31T10:00:00.5+01:00",
            "2026-02-30T10:00:00Z",
            "'2026-02-30T10:00:00Z' is not an ISO 8601 date-time",
        ),
        (
            {"type": "string", "format": "date"},
            "2026-01-31",
            "2026-02-30",
            "'2026-02-30' is not a date such as 2026-01-31",
        ),
        (
            {"type": "string", "format": "byte"},
            "QQ==",
            "NonBase64EncodedValue",
            "it is not Base64",
        ),
        (
            {"type": "string", "format": "ip"},
            "2001:db8::1",
            "1.2.3",
            "'1.2.3' is not an IP address",
        ),
    ],
)
def test_a_value_that_breaks_a_rule_of_its_schema_is_refused(
    schema: dict[str, Any], good: Any, bad: Any, sentence: str
) -> None:
    for strict in (False, True):
        assert refusal(schema, good, strict=strict) is None
        assert refusal(schema, bad, strict=strict) == sentence


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "format": "date-time"}, "2026-01-31T10:00:00"),
        ({"type": "string", "format": "dateTime"}, "2026-01-31"),
        ({"type": "string", "format": "date"}, "2026-01-31T10:00:00Z"),
        ({"type": "integer"}, 5.0),
    ],
)
def test_what_amazon_takes_beyond_its_models_is_refused_if_strict(
    schema: dict[str, Any], value: Any
) -> None:
    assert refusal(schema, value) is None
    assert refusal(schema, value, strict=True) is not None


def test_null_is_as_if_the_field_were_left_out() -> None:
    schema = {
        "type": "object",
        "required": ["x"],
        "properties": {"x": {"type": "string"}, "y": {"type": "object"}},
    }
    check = SchemaCheck(load_models(), "sales")

    assert check.checked(schema, {"x": "a", "y": None}, "body") == {"x": "a"}
    with pytest.raises(ApiError, match="Missing required parameter 'x'"):
        check.checked(schema, {"x": None}, "body")
    with pytest.raises(ApiError, match="'y': it is null"):
        SchemaCheck(load_models(), "sales", strict=True).checked(
            schema, {"x": "a", "y": None}, "body"
        )


def test_every_rule_of_every_body_is_checked(tell: Callable[[str], None]) -> None:
    models = load_models()
    operations = [operation for operation in models if "body" in operation.facts]
    problems = []
    kinds: dict[str, int] = {}
    for operation in operations:
        body = arguments_for(models, operation, marketplace=MARKETPLACE).body
        assert _message(models, operation, body) is None, operation.id
        assert _message(models, operation, body, strict=True) is None, operation.id
        schema = operation.facts["body"]["schema"]
        for kind, path, value, forgiven in _broken(models, operation.api, schema, body, ()):
            kinds[kind] = kinds.get(kind, 0) + 1
            spoilt = _with(body, path, value)
            message = _message(models, operation, spoilt, strict=True)
            place = ".".join(name for name in path if isinstance(name, str))
            if message is None or place.rpartition(".")[2] not in message:
                problems.append(f"{operation.id}: {kind} of {place}: {message}")
            if (_message(models, operation, spoilt) is None) != forgiven:
                problems.append(f"{operation.id}: {kind} of {place} is forgiven: {not forgiven}")

    tell(f"{sum(kinds.values())} broken rules in {len(operations)} bodies: {kinds}")
    assert not problems, "\n".join(problems)
    assert len(operations) >= 148
    assert kinds.keys() >= {"required", "type", "enum", "maxLength", "minimum", "pattern", "null"}


def _message(
    models: Models, operation: Operation, body: Any, *, strict: bool = False
) -> str | None:
    try:
        check_body(models, operation, json.dumps(body).encode(), strict=strict)
    except ApiError as error:
        return error.message
    return None


def _broken(
    models: Models, api: str, schema: Mapping[str, Any], value: Any, path: Path
) -> Iterator[tuple[str, Path, Any, bool]]:
    """Yield what breaks one rule at a place of a body: rule, path, value, whether it passes."""
    schema = models.resolve(api, schema)
    for part in schema.get("allOf", ()):
        yield from _broken(models, api, part, value, path)
    yield from (
        (kind, path, bad, kind in {"zone", "time"}) for kind, bad in _bad_values(schema, value)
    )
    if isinstance(value, dict):
        required = schema.get("required", ())
        for name, inner in schema.get("properties", {}).items():
            if name in required:
                yield "required", (*path, name), None, False
            elif name in value:
                yield "null", (*path, name), None, True
            if name in value:
                yield from _broken(models, api, inner, value[name], (*path, name))
    elif isinstance(value, list) and value:
        yield from _broken(models, api, schema["items"], value[0], (*path, 0))


def _bad_values(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str, Any]]:
    # Amazon's model of Messaging limits the length of lists, which means nothing.
    of_lists = {"minLength", "maxLength"} if isinstance(value, list) else set()
    for rule, bad in _BREAKING.items():
        if rule in schema.keys() - of_lists and not (
            rule in _NOTHING_TO_BREAK and not schema[rule]
        ):
            yield rule, bad(schema[rule], value)
    if schema.get("format") == "date-time":
        yield "format", "yesterday"
        yield "zone", value.removesuffix("Z")
        yield "time", value[:10]


_BREAKING: dict[str, Callable[[Any, Any], Any]] = {
    "type": lambda kind, _value: 7 if kind in {"string", "boolean"} else "7",
    "enum": lambda _allowed, _value: "no such value",
    "minLength": lambda least, value: value[: least - 1],
    "maxLength": lambda most, value: value + "A" * most,
    "pattern": lambda _pattern, _value: "\n!",
    "minItems": lambda least, value: value[: least - 1],
    "maxItems": lambda most, value: (value or [None]) * (most + 1),
    "uniqueItems": lambda _unique, value: value * 2,
    "minimum": lambda least, _value: least - 1,
    "maximum": lambda most, _value: most + 1,
}
"""For each rule: a value that breaks it, made from the rule and a good value."""

_NOTHING_TO_BREAK = {"minLength", "minItems", "uniqueItems"}
"""Rules that forbid nothing with the value 0 or false."""


def _with(body: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    whole = copy.deepcopy(body)
    inner = whole
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return whole
