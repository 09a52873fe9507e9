"""Mistakes in the arguments of a call, found with Amazon's models before the call is made.

The models are Swagger 2.0, whose schemas are JSON Schema draft 4. They list the fields of an object
and do not forbid others. Here any other field is a mistake, because it is usually a misspelling.
A mistake says what is wrong and what would be right, but never the value, which may be personal
data.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from tap_amazon_sp.amazon.catalogue import Operation, load_api, resolved
from tap_amazon_sp.amazon.operation_parts import Parameter
from tap_amazon_sp.amazon.operation_rules import mistakes_in_rules
from tap_amazon_sp.common.similar_names import close_to
from tap_amazon_sp.common.timestamps import parse_timestamp

Schema = dict[str, Any]

BOOLEANS = {"true": True, "false": False}
"""The spelling of booleans in parameters."""

_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "min_items": "minItems",
    "max_items": "maxItems",
    "unique_items": "uniqueItems",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
    "format": "format",
}
"""Attributes of a parameter in the catalogue, and their names in JSON Schema."""


def parameter_schema(parameter: Parameter) -> Schema:
    """Return the JSON Schema of a parameter's value."""
    facts = {name: getattr(parameter, fact) for fact, name in _BOUNDS.items()}
    schema: Schema = {"type": parameter.type}
    schema |= {name: fact for name, fact in facts.items() if fact not in (None, False)}
    if parameter.is_list:
        schema["items"] = dict(parameter.items)
    if parameter.enum is not None:
        schema["enum"] = list(parameter.enum)
    return schema


def body_schema(operation: Operation) -> Schema:
    """Return the JSON Schema of an operation's body, with the definitions that it refers to.

    Raises:
        ValueError: The operation takes no body.
    """
    if operation.body is None:
        message = f"{operation.id} takes no body"
        raise ValueError(message)
    definitions = _closed_definitions(operation.api)
    return {**_closed(operation.body.schema, definitions), "definitions": definitions}


def mistakes_in_parameters(operation: Operation, parameters: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the parameters of a call, one sentence for each mistake.

    Args:
        operation: From the catalogue.
        parameters: Values by name, of the types in the model. The operation has all these names.
    """
    mistakes = []
    for parameter in operation.parameters:
        schema = parameter_schema(parameter)
        if parameter.name not in parameters:
            if parameter.required:
                mistakes.append(f"`{parameter.name}` is missing: {expected(schema)}")
            continue
        value = parameters[parameter.name]
        for error in _errors(schema, value):
            of_item = bool(error.absolute_path)
            place = f"each value of `{parameter.name}`" if of_item else f"`{parameter.name}`"
            mistakes.append(_wrong(place, error, {}))
        if parameter.location != "query" and not _is_one_line(value):
            mistakes.append(f"`{parameter.name}` must be one line of text, and not empty")
        if parameter.location == "header" and not str(value).isascii():
            mistakes.append(f"`{parameter.name}` must hold ASCII characters only: it is a header")
    token = operation.paging.token_parameter if operation.paging else None
    mistakes += mistakes_in_rules(operation.rules, parameters, token)
    return list(dict.fromkeys(mistakes))


def mistakes_in_body(operation: Operation, body: Any) -> list[str]:
    """Return what is wrong with the JSON body of a call, one sentence for each mistake.

    Args:
        operation: From the catalogue.
        body: The body; None if there is none.
    """
    if operation.body is None:
        return [] if body is None else [f"{operation.id} takes no body"]
    schema = body_schema(operation)
    definitions = schema["definitions"]
    if body is None:
        if not operation.body.required:
            return []
        whole = resolved(schema, definitions)
        if whole.get("required"):
            return mistakes_in_body(operation, {})
        return [f"{operation.id} needs a body: {expected(whole, definitions)}"]
    mistakes: list[str] = []
    for error in _errors(schema, body):
        mistakes += _body_mistakes(error, definitions)
    ambiguous = {f"`{parameter.name}`" for parameter in operation.parameters}
    return [
        f"in the body, {mistake}" if mistake.split()[0] in ambiguous else mistake
        for mistake in dict.fromkeys(mistakes)
    ]


def expected(schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None) -> str:
    """Return in a few words what a value must be: its type, allowed values and bounds."""
    schema = resolved(schema, definitions or {})
    kind = schema.get("type")
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if kind == "boolean" or schema.get("format") == "boolean":
        return "true or false"
    if kind in ("integer", "number"):
        whole = "an integer" if kind == "integer" else "a number"
        multiple = f", a multiple of {schema['multipleOf']:g}" if "multipleOf" in schema else ""
        return whole + _range(schema, "minimum", "maximum", " of") + multiple
    if kind == "array":
        return _expected_list(schema, definitions or {})
    if kind == "string":
        return _expected_text(schema)
    return "an object"


def _errors(schema: Mapping[str, Any], value: Any) -> list[ValidationError]:
    validator = Draft4Validator(schema, format_checker=_formats())
    errors = validator.iter_errors(_comparable(value))
    return sorted(errors, key=lambda error: str(list(error.absolute_path)))


def _comparable(value: Any) -> Any:
    """Return a value with floats for Decimals, as bounds are: 0.01 as a float is more than 0.01."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _comparable(inner) for name, inner in value.items()}
    return [_comparable(inner) for inner in value] if isinstance(value, list) else value


@functools.cache
def _formats() -> FormatChecker:
    """Return checks of the formats that Amazon enforces. Its models name other formats, too."""
    checker = FormatChecker(formats=())

    @checker.checks("date-time", raises=ValueError)
    def _is_time(value: object) -> bool:
        return not isinstance(value, str) or parse_timestamp(value) is not None

    @checker.checks("date", raises=ValueError)
    def _is_date(value: object) -> bool:
        return not isinstance(value, str) or dt.date.fromisoformat(value) is not None

    @checker.checks("boolean")
    def _is_boolean(value: object) -> bool:
        return not isinstance(value, str) or value in BOOLEANS

    return checker


def _is_one_line(value: Any) -> bool:
    text = str(value)
    return bool(text.strip()) and text.isprintable()


def _body_mistakes(error: ValidationError, definitions: Mapping[str, Any]) -> Iterator[str]:
    place = _place(error.absolute_path)
    if error.validator == "required":
        names = cast("list[str]", error.validator_value)
        properties = _properties(error)
        for name in names:
            if name not in cast("dict[str, Any]", error.instance):
                yield (
                    f"`{_inside(place, name)}` is missing: "
                    f"{expected(properties.get(name, {}), definitions)}"
                )
    elif error.validator == "additionalProperties":
        properties = _properties(error)
        for name in cast("dict[str, Any]", error.instance):
            if name not in properties:
                yield f"`{_inside(place, name)}` is not a field{close_to(name, properties)}"
    else:
        yield _wrong(f"`{place}`" if place else "the body", error, definitions)


def _wrong(place: str, error: ValidationError, definitions: Mapping[str, Any]) -> str:
    schema = cast("Mapping[str, Any]", error.schema)
    hint = ""
    if error.validator == "enum" and isinstance(error.instance, str):
        hint = close_to(error.instance, map(str, schema["enum"]))
    if error.validator == "uniqueItems":
        return f"{place} must not hold a value twice"
    return f"{place} must be {expected(schema, definitions)}{hint}"


def _properties(error: ValidationError) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = cast("Mapping[str, Any]", error.schema).get("properties", {})
    return properties


def _place(path: Iterable[str | int]) -> str:
    text = ""
    for part in path:
        text = f"{text}[{part}]" if isinstance(part, int) else _inside(text, part)
    return text


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _expected_list(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    items = resolved(schema.get("items", {}), definitions)
    kind = "objects" if items.get("type", "object") == "object" else "values"
    text = f"a list of{_range(schema, 'minItems', 'maxItems', '')} {kind}"
    return f"{text}, each {expected(items, definitions)}" if kind == "values" else text


def _expected_text(schema: Mapping[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "an ISO 8601 time such as 2026-01-31T00:00:00Z"
    if schema.get("format") == "date":
        return "a date such as 2026-01-31"
    length = _range(schema, "minLength", "maxLength", " of")
    form = f" of the form {schema['pattern']}" if "pattern" in schema else ""
    return f"text{length}{' characters' if length else ''}{form}"


def _range(schema: Mapping[str, Any], least: str, most: str, word: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if low and high is not None:
        return f"{word} {low:g}" if low == high else f"{word} {low:g} to {high:g}"
    if high is not None:
        return f"{word} at most {high:g}"
    return f"{word} {low:g} or more" if low is not None and low != 0 else ""


@functools.cache
def _closed_definitions(api: str) -> Schema:
    definitions = load_api(api).definitions
    return {name: _closed(definition, definitions) for name, definition in definitions.items()}


def _closed(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    """Return a schema whose objects allow only the fields that they name, if they name any."""
    if "$ref" in schema:
        return dict(schema)
    closed = dict(_flat(schema, definitions))
    if "properties" in closed:
        closed["properties"] = {
            name: _closed(value, definitions) for name, value in closed["properties"].items()
        }
        closed.setdefault("additionalProperties", False)
    if "items" in closed:
        closed["items"] = _closed(closed["items"], definitions)
    if isinstance(closed.get("additionalProperties"), Mapping):
        closed["additionalProperties"] = _closed(closed["additionalProperties"], definitions)
    return closed


def _flat(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Merge the parts of an `allOf` into one object."""
    schema = resolved(schema, definitions)
    if "allOf" not in schema:
        return schema
    own = {name: value for name, value in schema.items() if name != "allOf"}
    parts = [_flat(part, definitions) for part in (*schema["allOf"], own)]
    required = [name for part in parts for name in part.get("required", ())]
    whole: Schema = {}
    for part in parts:
        properties = whole.get("properties", {}) | part.get("properties", {})
        whole |= part
        if properties:
            whole["properties"] = properties
    return whole | {"required": required} if required else whole
