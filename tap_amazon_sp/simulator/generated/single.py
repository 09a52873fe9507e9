"""Operations that return one record, or confirm a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.generated.bodies import prefixes, put
from tap_amazon_sp.simulator.generated.call_subjects import CallSubjects
from tap_amazon_sp.simulator.generated.collections import Collections
from tap_amazon_sp.simulator.generated.schemas import schema_at
from tap_amazon_sp.simulator.generated.wanted import (
    datasets,
    interval,
    path_names,
    trimmed,
    with_interval,
)
from tap_amazon_sp.simulator.server.calls import Answer, Call
from tap_amazon_sp.simulator.server.models import Operation


class Single:
    """Answers the operations that return one record."""

    def __init__(self, collections: Collections, subjects: CallSubjects) -> None:
        """Answer with made-up values.

        Args:
            collections: The entities of the lists.
            subjects: Finds the subjects of answers.
        """
        self._models = collections.models
        self._lists = collections.lists
        self._values = collections.values
        self._subjects = subjects

    def answer(self, call: Call) -> Answer:
        """Answer a call of an operation that does not list records."""
        operation = call.operation
        subject = self._subjects.of_path(call) or self._subjects.of_arguments(call)
        schema = operation.facts["success_schema"]
        path = operation.facts.get("record") or operation.facts.get("results") or ""
        needed = prefixes(path) | datasets(operation)
        body = self._values.make(operation.api, schema, subject, needed=needed)
        if operation.facts.get("record") is None:
            if interval(call) is not None and isinstance(body.get(path), list):
                body[path] = with_interval(call, body[path][:1])
            return Answer(body)
        inner = schema_at(self._models, operation.api, schema, path)
        if not path and self._inner_path(operation, inner) == "":
            return Answer(trimmed(call, body))
        record = self._values.make(operation.api, inner, subject)
        within = self._inner_path(operation, inner)
        if within:
            part = self._values.make(operation.api, inner["properties"][within], subject)
            record[within] = part
        if path:
            put(body, path, record)
        else:
            body = record
        return Answer(body)

    def _inner_path(self, operation: Operation, schema: Mapping[str, Any]) -> str:
        """Return the name of the property that has the same schema as the records of a list."""
        links = [self._lists.link(operation, name) for name in path_names(operation)]
        link = next((found for found in reversed(links) if found is not None), None)
        facts = self._lists.get(link.source) if link else None
        if facts is None:
            return ""
        for name, inner in schema.get("properties", {}).items():
            if inner.get("$ref") is not None and inner.get("$ref") == facts.item.get("$ref"):
                return str(name)
        return ""
