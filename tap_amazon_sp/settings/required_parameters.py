"""What an operation needs and an entry of `custom_streams` does not give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tap_amazon_sp.amazon.catalogue import Operation, load_api, resolved
from tap_amazon_sp.amazon.marketplaces import marketplace_parameter_of
from tap_amazon_sp.amazon.operation_rules import (
    AT_LEAST_ONE,
    EXACTLY_ONE,
    EXCLUDES,
    REQUIRES,
    mistakes_in_rules,
)
from tap_amazon_sp.common.enumerations import listed, quoted

GIVEN = "given"
"""Stands for a value that is not known yet."""

SELLER_ID = "sellerId"
"""The parameter that takes the setting `seller_id`."""


def mistake_in_required(
    operation: Operation, given: Iterable[str], times: Iterable[str], body: Any
) -> str | None:
    """Return a sentence about what a stream lacks; None if it lacks nothing.

    Args:
        operation: What the stream calls.
        given: The parameters that the entry gives in some way; fields of the body are dotted.
        times: The parameters that the tap fills with the window that is read.
        body: The body that the entry gives; None if it gives none.
    """
    names = {*given, *times, SELLER_ID, *operation.largest_page}
    marketplaces = marketplace_parameter_of(operation, names)
    if marketplaces is not None:
        names.add(marketplaces.name)
    missing = [
        parameter.name
        for parameter in operation.parameters
        if parameter.location != "path" and parameter.required and parameter.name not in names
    ]
    # Of what Amazon requires in words, a stream may lack what its first request needs.
    alternatives = [
        rule.names
        for rule in operation.rules
        if rule.rule in (EXACTLY_ONE, AT_LEAST_ONE)
        and not rule.values
        and names.isdisjoint(rule.names)
    ]
    missing += [found[0] for found in alternatives if len(found) == 1]
    for found in alternatives:
        if len(found) > 1:
            return (
                f"{operation.id} needs {listed(quoted(found), 'or')}: give it in `params`, the "
                "values in `ids`, or the stream that has them in `parent`"
            )
    if missing:
        where = "it" if len(missing) == 1 else "them"
        return (
            f"{operation.id} needs {listed(quoted(missing))}: give {where} in `params`, the values "
            "in `ids`, or the stream that has them in `parent`"
        )
    related = [rule for rule in operation.rules if rule.rule in (REQUIRES, EXCLUDES)]
    contradictions = mistakes_in_rules(related, dict.fromkeys(names, GIVEN), None)
    for sentence in contradictions:
        return f"{operation.id}: {sentence}"
    return _mistake_in_body(operation, names, body)


def _mistake_in_body(operation: Operation, names: Iterable[str], body: Any) -> str | None:
    if operation.body is None or isinstance(body, (list, tuple)):
        return None
    fields = {name.partition(".")[0] for name in names if operation.parameter(name) is None}
    fields = fields.intersection(_fields(operation)) | set(body or ())
    if body is None and not fields and operation.body.required:
        return f"{operation.id} needs a `body`: `amazon-sp describe {operation.id}` shows it"
    if not fields and body is None:
        return None
    schema = resolved(operation.body.schema, load_api(operation.api).definitions)
    missing = [name for name in schema.get("required", ()) if name not in fields]
    return f"{operation.id} needs {listed(quoted(missing))} in its `body`" if missing else None


def _fields(operation: Operation) -> Mapping[str, Any]:
    if operation.body is None:
        return {}
    schema = resolved(operation.body.schema, load_api(operation.api).definitions)
    properties: Mapping[str, Any] = schema.get("properties", {})
    return properties
