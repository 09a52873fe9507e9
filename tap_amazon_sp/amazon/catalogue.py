"""Catalogue of the SP-API's operations: paths, parameters, paging, results, usage plans.

It is data: one JSON file per API version in `models/`, built by `scripts/build_models.py` out of
Amazon's own models. A file is read when one of its operations is first asked for.
"""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

_MODELS = Path(__file__).parent / "models"
_CLOSE_MATCHES = 3


class UnknownOperationError(LookupError):
    """There is no such operation or API; the message names those that are spelled alike."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation, other than its body."""

    name: str
    location: str
    """`query`, `path` or `header`."""
    type: str
    """`string`, `integer`, `number`, `boolean` or `array`."""
    required: bool = False
    format: str | None = None
    enum: tuple[str, ...] | None = None
    items_type: str | None = None
    """Type of an array's items."""
    items_enum: tuple[str, ...] | None = None
    items: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """JSON Schema of an array's items."""
    collection_format: str | None = None
    """Arrays: `csv` (one value with commas) or `multi` (the parameter is repeated)."""
    minimum: float | None = None
    maximum: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    default: Any = None
    greedy: bool = False
    """The value is a piece of the path with slashes of its own."""
    double_encoded: bool = False
    """Percent signs, plus signs and commas in a value are percent-encoded twice."""


@dataclass(frozen=True)
class Body:
    """The JSON body of a request."""

    required: bool
    schema: Mapping[str, Any] = field(hash=False)
    """JSON Schema, its `$ref`s into the definitions of the API."""


@dataclass(frozen=True)
class Paging:
    """How an operation gives its results in pages.

    Attributes:
        token_parameter: What asks for a further page. Dotted where it lies in the body.
        token_in: `query` or `body`.
        next_token: Path of the next page's token in the answer; None where pages are counted.
        rule: `same_arguments` (the token goes along with the arguments of the first call),
            `token_alone` (any other parameter makes the call fail), `query_type_next_token`
            (QueryType=NEXT_TOKEN goes with it), `page_number` or `offset` (no token: pages, or
            records, are counted).
        size_parameter: What sets the number of records in a page, if anything does. Dotted where
            it lies in the body.
        max_size: Its largest value.
        total: Path of the number of all records in the answer, where pages are counted.
        max_offset: The largest offset that is answered, where pages are counted.
        token_lifetime: Seconds after which a token is refused, where Amazon documents it.
    """

    token_parameter: str
    token_in: str
    next_token: tuple[str, ...] | None
    rule: str
    size_parameter: str | None = None
    max_size: int | None = None
    total: tuple[str, ...] | None = None
    max_offset: int | None = None
    token_lifetime: int | None = None


@dataclass(frozen=True)
class TimeFilter:
    """Two parameters that select records by one time; an operation may lack either of them."""

    after: str | None
    before: str | None
    format: str
    """`date-time` or `date`."""


@dataclass(frozen=True)
class Operation:
    """One operation of the SP-API.

    Attributes:
        id: `<api>.<name>`, such as `orders_2026-01-01.searchOrders`.
        api: The API version it belongs to, as Amazon names the file of its model.
        name: Amazon's operationId.
        method: HTTP method, in capitals.
        path: With the names of its parameters in braces.
        success_status: HTTP status of success.
        success_schema: JSON Schema of the answer, its `$ref`s into the definitions of the API;
            None where the answer has no content.
        error_statuses: HTTP statuses of the failures that the model describes.
        rate: Requests per second of the default usage plan; None where nobody documents it.
        burst: Requests at once of the default usage plan.
        results: Path of the list of records in the answer, () where the answer is that list; None
            where it holds no list.
        record: Path of the one record in the answer, () where the answer is that record; None for
            lists and for answers without content.
        restricted: Not None where a restricted data token is needed for personal data: the data
            elements to ask for, () where there are none to be named.
        grantless: Scope of the access token, where it is one without a seller's authorization.
        deprecated: Amazon is going to remove it.
        query: It is no GET, and yet changes nothing at Amazon.
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

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name, if there is one; names are case-sensitive."""
        return self._by_name.get(name)

    def time_filter(self, after: str) -> TimeFilter | None:
        """Return the time filter that begins with this parameter, if there is one."""
        return next((found for found in self.time_filters if found.after == after), None)

    def with_parameters(self, names: Iterable[str]) -> Operation:
        """Return the operation with query parameters of these names, too."""
        new = tuple(
            Parameter(name, "query", "string")
            for name in dict.fromkeys(names)
            if self.parameter(name) is None
        )
        return replace(self, parameters=(*self.parameters, *new)) if new else self

    def with_paging(self, paging: Paging | None) -> Operation:
        """Return the operation with another way to give its pages, if there is one."""
        if paging is None:
            return self
        return replace(self.with_parameters([paging.token_parameter]), paging=paging)

    def takes(self, name: str) -> bool:
        """Tell whether there is a parameter of that name, or a field in the body (dotted)."""
        if self.parameter(name) is not None:
            return True
        return self.body is not None and name.partition(".")[0] in self._body_fields

    @property
    def reads_only(self) -> bool:
        """Whether calling it changes nothing at Amazon."""
        return self.method in ("GET", "HEAD") or self.query

    @property
    def path_parameters(self) -> tuple[Parameter, ...]:
        """The parameters that the path holds."""
        return tuple(parameter for parameter in self.parameters if parameter.location == "path")

    def url_path(self, **path_parameters: Any) -> str:
        """Return the path with its parameters put in, percent-encoded.

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
            # A server would take these two for steps in the path.
            if {".", ".."} & set(value.split("/")):
                message = f"{self.id}: {parameter.name!r} cannot be {value!r}"
                raise ValueError(message)
            encoded = quote(value, safe="/" if parameter.greedy else "")
            path = path.replace(f"{{{parameter.name}}}", encoded)
        if path_parameters:
            message = f"{self.id} has no {', '.join(map(repr, path_parameters))} in its path"
            raise ValueError(message)
        return path

    @functools.cached_property
    def _body_fields(self) -> set[str]:
        schema = self.body.schema if self.body is not None else {}
        if "$ref" in schema:
            definitions = load_api(self.api).definitions
            while "$ref" in schema:
                schema = definitions[str(schema["$ref"]).rpartition("/")[2]]
        return set(schema.get("properties", ()))

    @functools.cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}


@dataclass(frozen=True)
class Api:
    """One version of one API.

    Attributes:
        name: As Amazon names the file of its model, such as `feeds_2021-06-30`.
        title: Amazon's title.
        version: Amazon's version, such as `2021-06-30` or `v0`.
        operations: By name.
        definitions: JSON Schemas (swagger 2.0) by name.
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
    """Return an API version; its file is read once.

    Raises:
        UnknownOperationError: There is no such API.
    """
    # The name may come from a configuration: it must not lead out of the folder.
    if name not in _api_names():
        message = f"There is no API {name!r} in the catalogue{_close_to(name, _api_names())}"
        raise UnknownOperationError(message)
    if name in _replaced:
        return parse_api(_replaced[name])
    return parse_api(json.loads((_MODELS / f"{name}.json").read_text(encoding="utf-8")))


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
        candidates = [known.id for known in by_name.values()]
    else:
        candidates = [known.id for known in operations()]
    message = f"There is no operation {operation_id!r} in the catalogue"
    raise UnknownOperationError(message + _close_to(operation_id, candidates))


def operations() -> Iterator[Operation]:
    """Iterate over the operations of all API versions, reading their files one by one."""
    for name in _api_names():
        yield from load_api(name).operations.values()


def parse_api(model: Mapping[str, Any]) -> Api:
    """Return an API version out of its compact model."""
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
    """Take these compact models, by name, for those in the package; for whoever builds them."""
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


def _close_to(name: str, candidates: Sequence[str]) -> str:
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    close = difflib.get_close_matches(name.lower(), by_lower, n=_CLOSE_MATCHES)
    return f"; did you mean {' or '.join(by_lower[match] for match in close)}?" if close else ""
