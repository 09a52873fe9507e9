"""`amazon-sp describe`: what an operation takes and returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from tap_amazon_sp.amazon.catalogue import Operation, load_api, resolved
from tap_amazon_sp.amazon.validation import body_schema, expected, parameter_schema
from tap_amazon_sp.cli.data_output import JSON, TEXT, output_option, write, write_json
from tap_amazon_sp.cli.operation_names import operation_argument
from tap_amazon_sp.cli.operation_summary import needs, summary

_INDENT = "  "


@click.command(name="describe")
@operation_argument
@output_option(TEXT, (TEXT, JSON))
def command(operation: Operation, output: str) -> None:
    """Describe OPERATION: its parameters, its body and its response."""
    if output == JSON:
        write_json(_description(operation))
    else:
        write("".join(f"{line}\n" for line in _lines(operation)).encode())


def _description(operation: Operation) -> dict[str, Any]:
    definitions = load_api(operation.api).definitions
    paging = operation.paging
    return {
        **summary(operation),
        "page_token": paging.token_parameter if paging is not None else None,
        "parameters": [
            {
                "name": parameter.name,
                "in": parameter.location,
                "required": parameter.required,
                "default": parameter.default,
                "schema": parameter_schema(parameter),
            }
            for parameter in operation.parameters
        ],
        "body": None
        if operation.body is None
        else {
            "required": operation.body.required,
            "schema": _whole(body_schema(operation), body_schema(operation)["definitions"]),
        },
        "response": {
            "status": operation.success_status,
            "schema": None
            if operation.success_schema is None
            else _whole(operation.success_schema, definitions),
        },
    }


def _whole(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with the definitions that it refers to."""
    used: dict[str, Any] = {}
    unseen = [{name: value for name, value in schema.items() if name != "definitions"}]
    own = unseen[0]
    while unseen:
        for name in _references(unseen.pop()):
            if name not in used:
                used[name] = definitions[name]
                unseen.append(used[name])
    return {**own, "definitions": used} if used else own


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _parameter_lines(operation: Operation) -> Iterator[str]:
    if not operation.parameters:
        return
    yield ""
    yield "Parameters (* is required):"
    for parameter in operation.parameters:
        mark = "*" if parameter.required else ""
        facts = [expected(parameter_schema(parameter)), f"in {parameter.location}"]
        if parameter.default is not None:
            facts.append(f"default {_shown(parameter.default)}")
        yield f"{_INDENT}{parameter.name}{mark}: {', '.join(facts)}"


def _lines(operation: Operation) -> Iterator[str]:
    definitions = load_api(operation.api).definitions
    yield operation.id
    yield f"{operation.method} {operation.path}"
    yield ""
    yield "Only reads." if operation.reads_only else "Changes something at Amazon."
    if operation.deprecated:
        yield "Deprecated: Amazon will remove it."
    if operation.source is not None:
        yield f"Known from {operation.source}, Amazon's Python SDK: Amazon's models lack it."
    if operation.rate is not None:
        yield f"Usage plan: {operation.rate:g} calls a second, burst {operation.burst or 1:g}."
    if found := needs(operation):
        yield f"Needs: {'; '.join(found)}."
    if operation.paging is not None:
        yield f"Returns pages: `--all-pages` follows {operation.paging.token_parameter}."
    yield from _parameter_lines(operation)
    if operation.body is not None:
        schema = body_schema(operation)
        yield ""
        yield f"Body ({'' if operation.body.required else 'optional; '}* is required):"
        yield from _outline(schema, schema["definitions"])
    yield ""
    yield f"Response: HTTP {operation.success_status}"
    if operation.success_schema is not None:
        yield from _outline(operation.success_schema, definitions)
    yield ""
    yield f"Example: {_example(operation)}"


def _shown(default: Any) -> str:
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)


def _outline(
    schema: Mapping[str, Any],
    definitions: Mapping[str, Any],
    inside: tuple[str, ...] = (),
    depth: int = 1,
) -> Iterator[str]:
    """Yield a line per field, inner fields indented; show what contains itself only once."""
    reference = str(schema.get("$ref", ""))
    schema = resolved(schema, definitions)
    for part in schema.get("allOf", ()):
        yield from _outline(part, definitions, (*inside, reference), depth)
    if schema.get("type") == "array":
        items = schema.get("items", {})
        if depth == 1:
            yield f"{_INDENT}{expected(schema, definitions)}"
        yield from _outline(items, definitions, (*inside, reference), max(depth, 2))
        return
    required = schema.get("required", ())
    for name, value in schema.get("properties", {}).items():
        mark = "*" if name in required else ""
        yield f"{_INDENT * depth}{name}{mark}: {expected(value, definitions)}"
        if str(value.get("$ref")) not in (*inside, reference):
            yield from _inner_outline(value, definitions, (*inside, reference), depth + 1)


def _inner_outline(
    schema: Mapping[str, Any],
    definitions: Mapping[str, Any],
    inside: tuple[str, ...],
    depth: int,
) -> Iterator[str]:
    whole = resolved(schema, definitions)
    items = whole.get("items", {})
    if whole.get("type") == "array" and str(items.get("$ref")) in inside:
        return
    yield from _outline(schema, definitions, inside, depth)


def _example(operation: Operation) -> str:
    words = [f"{name}=..." for name in _required(operation)]
    body = ["--body body.json"] if operation.body is not None and operation.body.required else []
    return " ".join(["amazon-sp call", operation.id, *words, *body])


def _required(operation: Operation) -> list[str]:
    return [parameter.name for parameter in operation.parameters if parameter.required]
