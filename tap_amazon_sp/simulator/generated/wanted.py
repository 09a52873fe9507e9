"""What a call asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tap_amazon_sp.simulator.generated.entities import Entity
from tap_amazon_sp.simulator.generated.lists import ListFacts, TimeFilter
from tap_amazon_sp.simulator.generated.names import also_called, plain
from tap_amazon_sp.simulator.server.calls import Call
from tap_amazon_sp.simulator.server.errors import invalid_parameter
from tap_amazon_sp.simulator.server.models import Operation
from tap_amazon_sp.simulator.server.schema_checks import time_of
from tap_amazon_sp.simulator.world.timestamps import date_of

INTERVAL = "timeInterval"
MAX_BATCH_DEPTH = 5

_INSIDE = {"selection": "selection.selectionDetails"}
"""Datasets that are a part of a property, which is always there (model: promotions_2025-12-01)."""

_FILTERS_IN_BODY = "replenishment-2022-11-07."


def trimmed(call: Call, record: Any) -> Any:
    """Return a record without the datasets that the call does not ask for."""
    wanted = call.parameters.get("includedData", [])
    if not isinstance(wanted, list) or not isinstance(record, dict):
        return record
    asked = {_property_of(option) for option in wanted}
    return _without(record, datasets(call.operation) - asked)


def datasets(operation: Operation) -> frozenset[str]:
    """Return the properties that an operation only returns if a call asks for them, as paths."""
    return frozenset(
        _property_of(option)
        for entry in operation.facts["parameters"]
        if entry["name"] == "includedData"
        for option in entry.get("items", {}).get("enum", ())
    )


def _property_of(option: str) -> str:
    """Return the property that holds a dataset: `CUSTOMER_SEGMENTS` is in `customerSegments`."""
    if not option.isupper():
        return option
    first, *others = option.lower().split("_")
    name = first + "".join(word.capitalize() for word in others)
    return _INSIDE.get(name, name)


def _without(record: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    kept = dict(record)
    for path in paths:
        name, _, rest = path.partition(".")
        if rest and isinstance(kept.get(name), dict):
            kept[name] = _without(kept[name], [rest])
        elif not rest:
            kept.pop(name, None)
    return kept


def check_query_type(call: Call) -> None:
    """Remove a page token that does not count, because the query type is another one."""
    name = call.operation.token_parameter or ""
    if call.parameters.get("QueryType") != "NEXT_TOKEN":
        call.parameters.pop(name, None)


def _body_filters(call: Call) -> Mapping[str, Any]:
    """Return what a body asks for, at its top level or in its filters."""
    if not call.operation.id.startswith(_FILTERS_IN_BODY) or not isinstance(call.body, dict):
        return {}
    filters = call.body.get("filters")
    return {**call.body, **filters} if isinstance(filters, dict) else call.body


def markets_asked(call: Call) -> list[str] | None:
    """Return the ids of the marketplaces that a call asks for; None is any."""
    found = None
    for name, value in (*call.parameters.items(), *_body_filters(call).items()):
        if found is None and plain(name) == "marketplaceid":
            found = value
    return [found] if isinstance(found, str) else found


def wanted_values(call: Call, facts: ListFacts) -> dict[str, Sequence[Any]]:
    """Return the values that records must have, by dotted path."""
    paths = {
        name: called
        for name, called in facts.filters.items()
        if name in call.given and called != facts.own_key
    }
    for path in facts.unique:
        name = path.rpartition(".")[2]
        if name in call.given:
            paths[name] = path
    wanted = {path: call.parameters[name] for name, path in paths.items()}
    properties = {plain(name): name for name in facts.properties}
    for name, value in _body_filters(call).items():
        called = properties.get(plain(name))
        if called not in (None, "marketplaceId") and isinstance(value, (str, list)):
            wanted[str(called)] = value
    return {path: value if isinstance(value, list) else [value] for path, value in wanted.items()}


def interval(call: Call) -> Mapping[str, Any] | None:
    """Return the interval that a call asks for; its answer has one record for each entity."""
    found = _body_filters(call).get(INTERVAL)
    return found if isinstance(found, dict) else None


def with_interval(call: Call, records: Iterable[Any]) -> list[Any]:
    """Return records with the interval that a call asks for."""
    asked = interval(call)
    if asked is None:
        return list(records)
    return [{**record, INTERVAL: asked} for record in records]


def is_inside(call: Call, pair: TimeFilter, entity: Entity) -> bool:
    """Return whether an entity lies between the bounds of a time filter.

    Raises:
        ApiError: 400, a bound is not a time.
    """
    moment = entity.updated if pair.on_updated else entity.created
    after, before = _bound(call, pair.after), _bound(call, pair.before)
    if after is None and before is None:
        return True
    if pair.is_date:
        day = date_of(moment)
        return (after is None or date_of(after) <= day) and (
            before is None or day <= date_of(before)
        )
    return (after is None or after <= moment) and (before is None or moment <= before)


def _bound(call: Call, name: str | None) -> float | None:
    if name is None or name not in call.parameters:
        return None
    if name in call.times:
        return call.times[name]
    value = call.parameters[name]
    if not isinstance(value, str):
        raise invalid_parameter(name, "it is not a time")
    return time_of(name, value)


def path_names(operation: Operation) -> list[str]:
    """Return the names of the path parameters."""
    return [entry["name"] for entry in operation.facts["parameters"] if entry["in"] == "path"]


def scalars(body: Any, depth: int = 0) -> dict[str, Any]:
    """Return texts and numbers of a body by plain name; outer ones take precedence."""
    values: dict[str, Any] = {}
    if depth > MAX_BATCH_DEPTH or not isinstance(body, dict):
        return values
    for name, value in body.items():
        if isinstance(value, dict):
            values = {**scalars(value, depth + 1), **values}
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            values |= dict.fromkeys(also_called(plain(name)), value)
    return values


def asked_values(call: Call) -> dict[str, Any]:
    """Return the arguments of a call, by plain name."""
    paging = call.operation.facts.get("paging") or {}
    held_out = {paging.get("token_parameter"), paging.get("size_parameter")}
    values: dict[str, Any] = {}
    if isinstance(call.body, dict) and call.operation.method != "GET":
        values |= scalars(call.body)
    for entry in call.operation.facts["parameters"]:
        name = entry["name"]
        if name in held_out or name in call.times or name not in call.parameters:
            continue
        if entry["in"] == "query" and name not in call.given:
            continue
        for called in also_called(plain(name)):
            values[called] = call.parameters[name]
    markets = markets_asked(call)
    if markets:
        values["marketplaceid"] = markets
    kind = values.get("identifierstype") or values.get("identifiertype")
    if isinstance(kind, str) and "identifier" in values:
        for called in also_called(plain(kind)):
            values[called] = values["identifier"]
    return values
