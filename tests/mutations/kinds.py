"""A kind of damage, and the answer that it is done to."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tap_amazon_sp.simulator.server.calls import HttpAnswer
from tap_amazon_sp.simulator.server.models import Models, Operation

API = "api"
TOKEN = "token"
DOCUMENT = "document"


@dataclass(frozen=True)
class Given:
    """A good answer that is to be changed.

    Attributes:
        status: Its HTTP status.
        headers: Its headers.
        body: Its body.
        chance: What is random about the change.
        operation: The operation that was called; None for the token endpoint and documents.
        models: Amazon's models.
        keys: Names of properties that identify a record of the answer.
        job: Type of the report, or name of the query, that the answer is about.
        memory: What the changes of one request remember, from one try to the next.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    chance: random.Random
    operation: Operation | None = None
    models: Models | None = None
    keys: tuple[str, ...] = ()
    job: str = ""
    memory: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def json(self) -> Any:
        """The decoded body; None if it is not JSON. A change may change it in place."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def list_path(self) -> tuple[str, ...] | None:
        """Where the list of records is; None if the operation lists none."""
        results = self.operation.facts.get("results") if self.operation else None
        return None if results is None else tuple(filter(None, results.split(".")))

    @property
    def record_path(self) -> tuple[str, ...]:
        """Where the one record of an operation is that lists none."""
        record = self.operation.facts.get("record", "") if self.operation else ""
        return tuple(filter(None, record.split(".")))

    @property
    def token_path(self) -> tuple[str, ...] | None:
        """Where the token of the next page is; None if there are no tokens."""
        paging = (self.operation.facts.get("paging") if self.operation else None) or {}
        token = paging.get("next_token")
        return tuple(token.split(".")) if token else None

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records in the decoded body, which may be changed in place."""
        if self.list_path is not None:
            found = value_at(self.json, self.list_path)
        else:
            found = value_at(self.json, self.record_path)
        found = found if isinstance(found, list) else [found]
        return [record for record in found if isinstance(record, dict)]

    def requires(self, path: tuple[str, ...]) -> bool:
        """Return whether the model requires each property on a path."""
        if self.operation is None or self.models is None:
            return False
        schema = self.models.resolve(
            self.operation.api, self.operation.facts.get("success_schema") or {}
        )
        for name in path:
            if name not in schema.get("required", ()):
                return False
            schema = self.models.resolve(self.operation.api, schema["properties"][name])
        return True

    @property
    def requires_fields(self) -> bool:
        """Whether the model requires any field of a record."""
        if self.operation is None or self.models is None:
            return False
        api, path = self.operation.api, self.operation.facts.get("results")
        schema = self.models.at(
            api,
            self.operation.facts.get("success_schema") or {},
            self.operation.facts.get("record", "") if path is None else path,
        )
        if path is not None:
            schema = self.models.resolve(api, schema.get("items", {}))
        return bool(schema.get("required"))

    def with_body(
        self, body: bytes, content_type: str | None = None, *, status: int | None = None
    ) -> HttpAnswer:
        """Return the answer with another body."""
        headers = dict(self.headers)
        if content_type is not None:
            headers["Content-Type"] = content_type
        return HttpAnswer(self.status if status is None else status, headers, body)

    def with_json(self, content: Any, *, status: int | None = None) -> HttpAnswer:
        """Return the answer with other JSON in its body."""
        return self.with_body(json.dumps(content).encode(), status=status)

    def with_headers(self, **headers: str) -> HttpAnswer:
        """Return the answer with more headers; `_` stands for `-`."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return HttpAnswer(self.status, {**self.headers, **more}, self.body)


Change = Callable[[Given], HttpAnswer | None]
"""Returns the changed answer; None if there is nothing of this kind to change."""


@dataclass(frozen=True)
class Kind:
    """A kind of damage.

    Attributes:
        name: Its name.
        what: What is wrong, in words.
        change: What changes an answer.
        at: What it strikes: `API`, `TOKEN` or `DOCUMENT`.
        keeps_records: Whether the answer still has all its records, although some of their values
            are others: then what is written is counted, not compared.
        is_alone: Whether it concerns all streams, so that nothing else is struck in the same run.
        hides_children: Whether nobody can tell which other records belong to the changed ones.
        operations: Ids of the operations that it strikes; empty for all.
    """

    name: str
    what: str
    change: Change
    at: str = API
    keeps_records: bool = False
    is_alone: bool = False
    hides_children: bool = False
    operations: tuple[str, ...] = ()


class Kinds:
    """Kinds by name, in the order in which they are declared."""

    def __init__(self) -> None:
        self.by_name: dict[str, Kind] = {}

    def add(self, kind: Kind) -> None:
        """Declare a kind."""
        assert kind.name not in self.by_name, kind.name
        self.by_name[kind.name] = kind

    def kind(self, what: str, **more: Any) -> Callable[[Change], Change]:
        """Declare the kind that a function makes; its name is the function's."""

        def declare(change: Change) -> Change:
            self.add(Kind(change.__name__.strip("_"), what, change, **more))
            return change

        return declare


def value_at(content: Any, path: tuple[str, ...]) -> Any:
    """Return the value at a path of names; None if there is none."""
    for name in path:
        content = content.get(name) if isinstance(content, dict) else None
    return content


def put(content: Any, path: tuple[str, ...], value: Any) -> bool:
    """Put a value at a path of names; return False if there is no object to put it in."""
    *places, last = path
    holder = value_at(content, tuple(places))
    if not isinstance(holder, dict):
        return False
    holder[last] = value
    return True
