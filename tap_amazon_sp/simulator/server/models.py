"""Amazon's models: the operations and their schemas.

The tap has a loader of its own. The two share the files as data, and no code.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import unquote

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Operation:
    """One operation of the SP-API.

    Attributes:
        id: `<api>.<operationId>`, e.g. `orders_2026-01-01.searchOrders`.
        api: Stem of Amazon's model file.
        method: HTTP method.
        path: Path template, e.g. `/orders/v0/orders/{orderId}`.
        facts: Its entry in the model file: parameters, body, rate, paging and so on.
    """

    id: str
    api: str
    method: str
    path: str
    facts: Mapping[str, Any]

    @property
    def rate(self) -> float | None:
        """Documented requests per second."""
        return self.facts.get("rate")

    @property
    def burst(self) -> float | None:
        """Documented size of the token bucket."""
        return self.facts.get("burst")

    @property
    def grantless(self) -> str | None:
        """The LWA scope of a grantless operation."""
        return self.facts.get("grantless")

    @property
    def restricted(self) -> list[str] | None:
        """Data elements of a restricted operation; None if it is not restricted."""
        return self.facts.get("restricted")

    @property
    def token_parameter(self) -> str | None:
        """Name of the parameter that takes the page token."""
        paging = self.facts.get("paging")
        return paging["token_parameter"] if paging else None

    @property
    def token_is_in_body(self) -> bool:
        """Whether the page token is a field of the body."""
        paging = self.facts.get("paging", {})
        return bool(paging.get("token_in") == "body")

    @property
    def pattern(self) -> re.Pattern[str]:
        """Pattern that the path of a request must match."""
        parameters = self.facts["parameters"]
        return _pattern(
            self.path, frozenset(entry["name"] for entry in parameters if entry.get("greedy"))
        )


@functools.cache
def _pattern(path: str, greedy: frozenset[str]) -> re.Pattern[str]:
    """Return the pattern of a path; a greedy parameter takes slashes, too."""
    pieces = _PLACEHOLDER.split(path)
    pieces[::2] = [re.escape(piece) for piece in pieces[::2]]
    pieces[1::2] = [f"(?P<{name}>{'.+' if name in greedy else '[^/]+'})" for name in pieces[1::2]]
    return re.compile("".join(pieces))


@dataclass(frozen=True)
class Match:
    """A request's operation and the values in its path."""

    operation: Operation
    path_parameters: Mapping[str, str]


class Models:
    """All operations and definitions."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._definitions: dict[str, dict[str, Any]] = {}
        self._routes: dict[tuple[str, str], list[Operation]] = {}
        folder = resources.files("tap_amazon_sp.amazon").joinpath("models")
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".json"):
                self._add(json.loads(file.read_text(encoding="utf-8")))
        for route in self._routes.values():
            # A literal path (`/orders/statuses`) is tried before a template (`/orders/{orderId}`).
            route.sort(key=lambda operation: operation.path.count("{"))

    def _add(self, model: Mapping[str, Any]) -> None:
        api = model["api"]
        self._definitions[api] = model["definitions"]
        for name, facts in model["operations"].items():
            operation = Operation(f"{api}.{name}", api, facts["method"], facts["path"], facts)
            self._operations[operation.id] = operation
            self._routes.setdefault(_route(operation.method, operation.path), []).append(operation)

    def __iter__(self) -> Iterator[Operation]:
        """Yield all operations."""
        return iter(self._operations.values())

    def operation(self, operation_id: str) -> Operation:
        """Return the operation with an id.

        Raises:
            KeyError: There is no such operation.
        """
        return self._operations[operation_id]

    def ids_named(self, name: str) -> list[str]:
        """Return the ids of the operations with a name, without API and version."""
        return [one for one in self._operations if one.rpartition(".")[2] == name]

    def match(self, method: str, path: str) -> Match | None:
        """Return the operation that serves a request, or None.

        Args:
            method: HTTP method.
            path: The path as it was sent, percent-encoded, without query.
        """
        for operation in self._routes.get(_route(method, path), ()):
            found = operation.pattern.fullmatch(path)
            if found:
                values = {name: unquote(value) for name, value in found.groupdict().items()}
                return Match(operation, values)
        return None

    def resolve(self, api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a schema; references are followed."""
        while "$ref" in schema:
            schema = self._definitions[api][schema["$ref"].rpartition("/")[2]]
        return schema

    def at(self, api: str, schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        """Return the schema at a dotted path of properties; `""` is the schema itself."""
        schema = self.resolve(api, schema)
        for name in filter(None, path.split(".")):
            schema = self.resolve(api, schema.get("properties", {}).get(name, {}))
        return schema


@functools.cache
def load_models() -> Models:
    """Return the models; they are read once."""
    return Models()


def _route(method: str, path: str) -> tuple[str, str]:
    """Return method and first part of a path, which is never a placeholder."""
    return method, path.split("/", 2)[1] if path.startswith("/") else ""
