"""Faults that change the body of a good answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tap_amazon_sp.simulator.server.faults import Fault
from tap_amazon_sp.simulator.server.models import Models, Operation

_UNTOUCHED = re.compile(r"(Ids?|ID|Number|Token|Time|Date|Type|Code|amount|Amount)$")
_NEW_FIELD = "simulatorExtraField"
_NEW_VALUE = "SIMULATOR_UNKNOWN_VALUE"


def spoil(fault: Fault, models: Models, operation: Operation, body: Any) -> Any:
    """Return the body of a good answer with the changes that a fault asks for."""
    change = _CHANGES.get(fault.kind)
    if change is None:
        return body
    schema = operation.facts.get("success_schema", {})
    results = operation.facts.get("results")
    path = operation.facts.get("record", "") if results is None else results
    here = models.at(operation.api, schema, path)
    record_schema = here
    if results is not None:
        record_schema = models.resolve(operation.api, here.get("items", {}))
    for record in _records(body, path):
        change(fault, models, operation.api, record_schema, record)
    return body


def _records(body: Any, path: str) -> Iterator[dict[str, Any]]:
    for name in filter(None, path.split(".")):
        body = body.get(name, {}) if isinstance(body, dict) else {}
    for record in body if isinstance(body, list) else [body]:
        if isinstance(record, dict):
            yield record


Change = Callable[[Fault, Models, str, Mapping[str, Any], dict[str, Any]], None]


def _extra_field(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del models, api, schema
    record[fault.field or _NEW_FIELD] = "new"


def _null_required(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del models, api
    names = [name for name in schema.get("required", ()) if name in record]
    # Keys and times come last: they are only spoiled if a record has nothing else.
    names.sort(key=lambda name: _UNTOUCHED.search(name) is not None)
    if fault.field or names:
        record[fault.field or names[0]] = None


def _missing_array(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del models, api
    required = schema.get("required", ())
    arrays = [name for name, value in record.items() if isinstance(value, list)]
    arrays.sort(key=lambda name: name not in required)
    if fault.field or arrays:
        record.pop(fault.field or arrays[0], None)


def _unknown_enum(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    for name, part in schema.get("properties", {}).items():
        value = record.get(name)
        part_schema = models.resolve(api, part)
        if isinstance(value, dict):
            _unknown_enum(fault, models, api, part_schema, value)
        elif isinstance(value, str) and "enum" in part_schema:
            record[name] = _NEW_VALUE


def _number_as_string(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del fault, models, api, schema
    _replace(record, lambda _, value: str(value) if _is_number(value) else value)


def _nul(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del fault, models, api, schema
    _replace(record, _with_nul)


def _with_nul(name: str, value: Any) -> Any:
    if isinstance(value, str) and not _UNTOUCHED.search(name):
        return f"{value[:1]}\x00{value[1:]}"
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _replace(content: dict[str, Any], new_value: Callable[[str, Any], Any]) -> None:
    for name, value in content.items():
        if isinstance(value, dict):
            _replace(value, new_value)
        elif isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict):
                    _replace(entry, new_value)
        else:
            content[name] = new_value(name, value)


_CHANGES: Mapping[str, Change] = {
    "extra_field": _extra_field,
    "null_required": _null_required,
    "missing_array": _missing_array,
    "unknown_enum": _unknown_enum,
    "number_as_string": _number_as_string,
    "nul": _nul,
}
