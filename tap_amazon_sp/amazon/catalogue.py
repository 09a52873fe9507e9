"""Catalogue of the SP-API's operations: paths, parameters, paging, results, usage plans.

It is data: one JSON file per API version in `models/`, which `scripts/build_models.py` builds from
Amazon's own models. A file is read when one of its operations is first looked up.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tap_amazon_sp.amazon.operation_parts import Body, Paging, Parameter, Step, TimeFilter
from tap_amazon_sp.amazon.operation_rules import Rule, parse_rule
from tap_amazon_sp.common.similar_names import close_to

_MODELS = Path(__file__).parent / "models"

UNKNOWN_API = "custom"
"""The name of the API of operations that the catalogue does not know."""


class UnknownOperationError(LookupError):
    """There is no such operation or API. The message names those with a similar spelling."""


@dataclass(frozen=True)
class Operation:
    """One operation of the SP-API.

    Attributes:
        id: `<api>.<name>`, such as `orders_2026-01-01.searchOrders`.
        api: The API version, named like the file of Amazon's model.
        name: Amazon's operationId.
        method: HTTP method, in capitals.
        path: The path, with the names of its parameters in braces.
        success_status: The HTTP status of success.
        success_schema: JSON Schema of the answer, whose `$ref`s name definitions of the API; None
            if the answer has no content.
        may_have_no_content: Whether Amazon may also answer 204 without content, because there is
            nothing.
        error_statuses: The HTTP statuses of the failures that the model describes.
        rate: Requests per second of the default usage plan; None if it is not documented.
        burst: Requests at once of the default usage plan.
        results: The path of the list of records in the answer, () if the answer is that list; None
            if it holds no list.
        record: The path of the one record in the answer, () if the answer is that record; None for
            lists and for answers without content.
        restricted: The data elements of the restricted data token that personal data needs, () if
            the operation has none; None if it needs no such token.
        grantless: The scope of the access token, if it needs no seller's authorization.
        deprecated: Whether Amazon is going to remove the operation.
        query: Whether it changes nothing at Amazon although it is not a GET.
        source: Where the operation is known from, if Amazon's models lack it, such as
            `amzn-sp-api 1.13.0`, Amazon's Python SDK.
    """

    id: str
    api: str
    name: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    success_status: int
    success_schema: Mapping[str, Any] | None = field(hash=False, repr=False)
    error_statuses: tuple[int, ...] = field(repr=False)
    rate: float | None
    burst: float | None
    paging: Paging | None
    results: tuple[str, ...] | None
    record: tuple[str, ...] | None
    time_filters: tuple[TimeFilter, ...]
    restricted: tuple[str, ...] | None
    grantless: str | None
    deprecated: bool
    query: bool = False
    may_have_no_content: bool = False
    source: str | None = None
    rules: tuple[Rule, ...] = ()

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of a name, if there is one. Names are case-sensitive."""
        return self._by_name.get(name)

    def time_filter(self, after: str) -> TimeFilter | None:
        """Return the time filter with this `after` parameter, if there is one."""
        return next((found for found in self.time_filters if found.after == after), None)

    def with_parameters(self, names: Iterable[str]) -> Operation:
        """Return the operation with additional query parameters of these names."""
        new = tuple(
            Parameter(name, "query", "string")
            for name in dict.fromkeys(names)
            if self.parameter(name) is None
        )
        return replace(self, parameters=(*self.parameters, *new)) if new else self

    def with_paging(self, paging: Paging | None) -> Operation:
        """Return the operation with this paging; unchanged if it is None."""
        if paging is None:
            return self
        return replace(self.with_parameters([paging.token_parameter]), paging=paging)

    def takes(self, name: str) -> bool:
        """Return whether there is a parameter of this name, or a field of the body (dotted)."""
        if self.parameter(name) is not None:
            return True
        return self.body is not None and name.partition(".")[0] in self._body_fields

    @property
    def largest_page(self) -> dict[str, int]:
        """The parameter that sets the size of a page, with its largest value; {} without one."""
        paging = self.paging
        if paging is None or paging.size_parameter is None or paging.max_size is None:
            return {}
        return {paging.size_parameter: paging.max_size}

    @property
    def reads_only(self) -> bool:
        """Whether calling it changes nothing at Amazon."""
        return self.method in ("GET", "HEAD") or self.query

    @property
    def path_parameters(self) -> tuple[Parameter, ...]:
        """The parameters in the path."""
        return tuple(parameter for parameter in self.parameters if parameter.location == "path")

    def url_path(self, **path_parameters: Any) -> str:
        """Return the path with the values of its parameters, percent-encoded.

        Raises:
            ValueError: A parameter is missing, empty or unknown.
        """
        path = self.path
        for parameter in self.path_parameters:
            value = str(path_parameters.pop(parameter.name, ""))
            if parameter.greedy:
                value = value.strip("/")
            if not value:
                message = f"{self.id} needs a value for {parameter.name!r}, which is in its path"
                raise ValueError(message)
            # A server would read these two as steps in the path.
            if {".", ".."} & set(value.split("/")):
                message = f"{self.id}: {parameter.name!r} cannot be {value!r}"
                raise ValueError(message)
            encoded = quote(value, safe="/" if parameter.greedy else "")
            path = path.replace(f"{{{parameter.name}}}", encoded)
        if path_parameters:
            message = f"{self.id} has no {', '.join(map(repr, path_parameters))} in its path"
            raise ValueError(message)
        return path

    @property
    def is_known(self) -> bool:
        """Whether the catalogue has the operation; of others, only the path is known."""
        return self.api != UNKNOWN_API

    @functools.cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps from an answer to its records, or to its one record."""
        path = (self.results if self.results is not None else self.record) or ()
        steps = []
        schema = self.success_schema or {}
        for name in path:
            properties, required = self._properties_of(schema)
            steps.append(Step(name, name in required, frozenset({*properties, name})))
            schema = properties.get(name, {})
        return tuple(steps)

    def requires(self, path: Iterable[str]) -> tuple[bool, ...]:
        """Return whether the model requires each name on a path into an answer, through lists.

        It requires none that it does not know.
        """
        schema = self.success_schema or {}
        found = []
        for name in path:
            properties, required = self._properties_of(self._item_of(schema))
            found.append(name in required)
            schema = properties.get(name, {})
        return tuple(found)

    @functools.cached_property
    def record_may_be_empty(self) -> bool:
        """Whether the model requires nothing of the one record inside an answer."""
        return bool(self.steps) and not self._properties_of(self._schema_at_end)[1]

    @functools.cached_property
    def record_properties(self) -> frozenset[str]:
        """The names of the properties that the one record inside an answer may have."""
        return frozenset(self._properties_of(self._schema_at_end)[0])

    @property
    def _schema_at_end(self) -> Mapping[str, Any]:
        """The schema of what the steps lead to."""
        schema: Mapping[str, Any] = self.success_schema or {}
        for step in self.steps:
            schema = self._properties_of(schema)[0].get(step.name, {})
        return schema

    @functools.cached_property
    def answer_properties(self) -> frozenset[str]:
        """The names of the properties that an answer may have at the top level."""
        return frozenset(self._properties_of(self.success_schema or {})[0])

    @functools.cached_property
    def required_in_answer(self) -> frozenset[str]:
        """The names of the properties that an answer must have at the top level."""
        return frozenset(self._properties_of(self.success_schema or {})[1])

    def _item_of(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the type of the items of a list, also of nested ones; any other type as it is."""
        while True:
            if "$ref" in schema:
                schema = resolved(schema, load_api(self.api).definitions)
            if schema.get("type") != "array":
                return schema
            schema = schema.get("items", {})

    def _properties_of(self, schema: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
        """Return the properties of an object, and the names of those that it must have."""
        if "$ref" in schema:
            schema = resolved(schema, load_api(self.api).definitions)
        properties, required = dict(schema.get("properties", {})), set(schema.get("required", ()))
        for part in schema.get("allOf", ()):
            more, also_required = self._properties_of(part)
            properties |= more
            required |= also_required
        return properties, required

    @functools.cached_property
    def _body_fields(self) -> set[str]:
        schema = self.body.schema if self.body is not None else {}
        if "$ref" in schema:
            schema = resolved(schema, load_api(self.api).definitions)
        return set(schema.get("properties", ()))

    @functools.cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}


@dataclass(frozen=True)
class Api:
    """One version of one API.

    Attributes:
        name: The name of the file of Amazon's model, such as `feeds_2021-06-30`.
        title: Amazon's title.
        version: Amazon's version, such as `2021-06-30` or `v0`.
        operations: By name.
        definitions: JSON Schemas (Swagger 2.0) by name.
    """

    name: str
    title: str
    version: str
    operations: Mapping[str, Operation] = field(hash=False, repr=False)
    definitions: Mapping[str, Any] = field(hash=False, repr=False)


def api_names() -> list[str]:
    """Return the names of all API versions, sorted. Reads no file."""
    return list(_api_names())


@functools.cache
def load_api(name: str) -> Api:
    """Return an API version. Its file is read once.

    Raises:
        UnknownOperationError: There is no such API.
    """
    # The name may come from the settings: it must not lead out of the folder.
    if name not in _api_names():
        message = f"There is no API {name!r} in the catalogue{close_to(name, _api_names())}"
        raise UnknownOperationError(message)
    if name in _replaced:
        return parse_api(_replaced[name])
    return parse_api(json.loads((_MODELS / f"{name}.json").read_text(encoding="utf-8")))


def resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references into the definitions of an API."""
    while "$ref" in schema:
        schema = definitions[definition_name(schema)]
    return schema


def definition_name(reference: Mapping[str, Any]) -> str:
    """Return the name of the definition that a reference means."""
    return str(reference["$ref"]).rpartition("/")[2]


def operation(operation_id: str) -> Operation:
    """Return an operation by its id, such as `ordersV0.getOrders`.

    Raises:
        UnknownOperationError: There is no such operation.
    """
    api_name, _, name = operation_id.rpartition(".")
    if api_name in _api_names():
        by_name = load_api(api_name).operations
        if name in by_name:
            return by_name[name]
        hint = close_to(operation_id, [known.id for known in by_name.values()])
    else:
        hint = close_to(name, [known.id for known in operations()], part=_without_api)
    what = f"There is no operation {operation_id!r} in the catalogue{hint}"
    message = f"{what} (`amazon-sp operations` lists all)"
    raise UnknownOperationError(message)


def _without_api(operation_id: str) -> str:
    return operation_id.rpartition(".")[2]


def operations() -> Iterator[Operation]:
    """Yield the operations of all API versions, reading their files one by one."""
    for name in _api_names():
        yield from load_api(name).operations.values()


def parse_api(model: Mapping[str, Any]) -> Api:
    """Return the API version of a compact model."""
    name = model["api"]
    return Api(
        name=name,
        title=model["title"],
        version=model["version"],
        operations={
            key: _parse_operation(name, key, value) for key, value in model["operations"].items()
        },
        definitions=model["definitions"],
    )


def replace_models(models: Mapping[str, Mapping[str, Any]]) -> None:
    """Use these compact models, by name, instead of the package's.

    For the script that builds them.
    """
    _replaced.update(models)
    load_api.cache_clear()
    _api_names.cache_clear()


_replaced: dict[str, Mapping[str, Any]] = {}


@functools.cache
def _api_names() -> tuple[str, ...]:
    return tuple(sorted({path.stem for path in _MODELS.glob("*.json")} | _replaced.keys()))


def _parse_operation(api: str, name: str, data: Mapping[str, Any]) -> Operation:
    return Operation(
        id=f"{api}.{name}",
        api=api,
        name=name,
        method=data["method"],
        path=data["path"],
        parameters=tuple(_parse_parameter(parameter) for parameter in data["parameters"]),
        body=Body(**data["body"]) if "body" in data else None,
        success_status=data["success_status"],
        success_schema=data.get("success_schema"),
        error_statuses=tuple(data["error_statuses"]),
        rate=_number(data.get("rate")),
        burst=_number(data.get("burst")),
        paging=_parse_paging(data["paging"]) if "paging" in data else None,
        results=_path(data.get("results")),
        record=_path(data.get("record")),
        time_filters=tuple(TimeFilter(**pair) for pair in data.get("time_filters", ())),
        restricted=_tuple(data.get("restricted")),
        grantless=data.get("grantless"),
        deprecated=data.get("deprecated", False),
        query=data.get("query", False),
        may_have_no_content=data.get("may_have_no_content", False),
        source=data.get("source"),
        rules=tuple(parse_rule(rule) for rule in data.get("rules", ())),
    )


def _parse_parameter(data: Mapping[str, Any]) -> Parameter:
    values = dict(data)
    items = values.pop("items", {})
    default = values.pop("default", None)
    return Parameter(
        location=values.pop("in"),
        enum=_tuple(values.pop("enum", None)),
        items_type=items.get("type"),
        items_enum=_tuple(items.get("enum")),
        items=items,
        default=tuple(default) if isinstance(default, list) else default,
        **values,
    )


def _parse_paging(data: Mapping[str, Any]) -> Paging:
    values = dict(data)
    next_token, total = (_path(values.pop(name, None)) for name in ("next_token", "total"))
    return Paging(next_token=next_token, total=total, **values)


def _path(dotted: str | None) -> tuple[str, ...] | None:
    if dotted is None:
        return None
    return tuple(dotted.split(".")) if dotted else ()


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
