"""Arguments for any operation, made up from Amazon's model alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.server.models import Models, Operation

MOMENT = "2026-11-01T00:00:00Z"
LONG_AGO = "2020-01-01T00:00:00Z"
LATER = "2035-01-01T00:00:00Z"
_TEXTS = (
    "B0TEST1234",
    "wf12345678-1234-1234-1234-123456789012",
    "12345678-1234-1234-1234-123456789012",
    "ABCDEF123456",
    "US",
    "en_US",
    "2026-11-01",
    MOMENT,
    "UN1234",
    "AFTN123456",
    "1234",
    "1",
    "ABCDEFGHIJKLMNOPQRSTUV==",
    "arn:aws:sqs:us-east-1:123456789012:queue",
    "someone@mail.test",
    "https://documents.example/",
)
_MAX_DEPTH = 6


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call.

    Attributes:
        path: The path with its parameters.
        query: Query parameters; lists are joined by commas.
        headers: Header parameters.
        body: The body; None if the operation has none.
        values: All parameters by name, before they are written as text.
    """

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    values: dict[str, Any]


def arguments_for(  # noqa: PLR0913 - what arguments follow from
    models: Models,
    operation: Operation,
    *,
    marketplace: str,
    given: Mapping[str, Any] | None = None,
    body: Any = None,
    with_needed: bool = True,
) -> Arguments:
    """Return made-up arguments that an operation requires.

    Args:
        models: Amazon's models.
        operation: The operation.
        marketplace: Id of a marketplace.
        given: Values to use, by name; optional ones are sent too.
        body: Fields of the body to use.
        with_needed: Whether to add what the rules need that Amazon states in words.
    """
    given = dict(given or {})
    if with_needed:
        given = _with_needed(operation, given, marketplace)
    path = operation.path
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    values: dict[str, Any] = {}
    for parameter in operation.facts["parameters"]:
        name = parameter["name"]
        if name not in given and not parameter.get("required"):
            continue
        value = values[name] = given.get(name, _parameter(parameter, marketplace))
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", text)
        elif parameter["in"] == "query":
            query[name] = text
        else:
            headers[name] = text
    content = None
    if "body" in operation.facts:
        content = _Body(models, operation.api).value(operation.facts["body"]["schema"], "", 0)
        if isinstance(content, dict):
            # A made-up page token is refused.
            if operation.token_parameter and operation.facts["paging"]["token_in"] == "body":
                content.pop(operation.token_parameter, None)
            content |= body or {}
    return Arguments(path, query, headers, content, values)


def _with_needed(operation: Operation, given: dict[str, Any], marketplace: str) -> dict[str, Any]:
    """Return arguments with those that the rules need which Amazon states in words."""
    if operation.token_parameter in given:
        return given
    by_name = {parameter["name"]: parameter for parameter in operation.facts["parameters"]}
    required = {name for name, parameter in by_name.items() if parameter.get("required")}

    def value(name: str) -> Any:
        if name.endswith(("After", "Before")):
            return LONG_AGO if name.endswith("After") else LATER
        options = by_name[name].get("items", {}).get("enum")
        return options or _parameter(by_name[name], marketplace)

    known = {name: _parameter(by_name[name], marketplace) for name in required} | given
    for rule in operation.facts.get("rules", ()):
        names = rule.get("names", [])
        if "values" in rule and known.get(rule["name"]) not in rule["values"]:
            continue
        missing: list[str] = []
        if rule["rule"] in {"exactly_one", "at_least_one"} and not {*names} & {*known}:
            missing = names[:1]
        elif rule["rule"] == "requires" and ("values" in rule or rule["name"] in known):
            missing = [name for name in names if name not in known]
        given |= {name: value(name) for name in missing}
        known |= given
    return given


def _parameter(parameter: Mapping[str, Any], marketplace: str) -> Any:
    if parameter["type"] == "array":
        return [_parameter(parameter["items"] | {"name": parameter["name"]}, marketplace)]
    if parameter["name"].lower().startswith("marketplaceid"):
        return marketplace
    if parameter["type"] == "boolean" or parameter.get("format") == "boolean":
        return "true"
    lengths = {"minLength": "min_length", "maxLength": "max_length"}
    schema = dict(parameter)
    schema |= {name: parameter[ours] for name, ours in lengths.items() if ours in parameter}
    return _scalar(schema, parameter["type"])


def text_for(pattern: str | None, least: int = 0, most: int = 999) -> str:
    """Return a text with a pattern and length."""
    candidates = (*_TEXTS, "A" * max(least, min(most, 5)))
    return next(
        text
        for text in candidates
        if least <= len(text) <= most and (pattern is None or re.search(pattern, text))
    )


@dataclass(frozen=True)
class _Body:
    models: Models
    api: str

    def value(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        """Return a value with all properties that are not too deep."""
        schema = self.models.resolve(self.api, schema)
        if "allOf" in schema:
            whole: dict[str, Any] = {}
            for part in schema["allOf"]:
                whole |= self.value(part, name, depth)
            return whole
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if kind == "object":
            required = schema.get("required", ())
            return {
                inner: self.value(content, inner, depth + 1)
                for inner, content in schema.get("properties", {}).items()
                if inner in required or depth < _MAX_DEPTH
            }
        if kind == "array":
            if depth > _MAX_DEPTH and not schema.get("minItems"):
                return []
            count = max(1, schema.get("minItems", 1))
            return [self.value(schema["items"], name, depth + 1)] * count
        return _scalar(schema, kind)


def _scalar(schema: Mapping[str, Any], kind: str) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("multipleOf", 1))
    formats = {
        "date-time": MOMENT,
        "dateTime": MOMENT,
        "date": MOMENT[:10],
        "ip": "192.0.2.1",
        "byte": "QQ==",
    }
    least, most = schema.get("minLength", 0), schema.get("maxLength", 999)
    return formats.get(schema.get("format", "")) or text_for(schema.get("pattern"), least, most)
