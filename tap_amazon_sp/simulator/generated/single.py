"""Operations that return one record, or confirm a change."""

from __future__ import annotations

from tap_amazon_sp.simulator.generated.bodies import prefixes, put
from tap_amazon_sp.simulator.generated.call_subjects import CallSubjects
from tap_amazon_sp.simulator.generated.collections import Collections
from tap_amazon_sp.simulator.generated.schemas import schema_at
from tap_amazon_sp.simulator.generated.wanted import (
    datasets,
    interval,
    trimmed,
    with_interval,
)
from tap_amazon_sp.simulator.server.calls import Answer, Call


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
        if not path and self._lists.parent_in(operation, inner) == "":
            return Answer(trimmed(call, body))
        record = self._values.make(operation.api, inner, subject)
        within = self._lists.parent_in(operation, inner)
        if within:
            part = self._values.make(operation.api, inner["properties"][within], subject)
            record[within] = part
        if path:
            put(body, path, record)
        else:
            body = record
        return Answer(body)
