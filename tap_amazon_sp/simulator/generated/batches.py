"""Operations that take several requests in one body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tap_amazon_sp.simulator.generated.bodies import prefixes, put
from tap_amazon_sp.simulator.generated.call_subjects import CallSubjects
from tap_amazon_sp.simulator.generated.collections import Collections
from tap_amazon_sp.simulator.generated.names import also_called, plain
from tap_amazon_sp.simulator.generated.schemas import flat, schema_at
from tap_amazon_sp.simulator.generated.subjects import Subject
from tap_amazon_sp.simulator.generated.wanted import MAX_BATCH_DEPTH, scalars
from tap_amazon_sp.simulator.server.calls import Answer, Call
from tap_amazon_sp.simulator.server.models import Models, Operation


class Batches:
    """Answers the operations that take several requests in one body."""

    def __init__(self, collections: Collections, subjects: CallSubjects) -> None:
        """Answer with made-up values.

        Args:
            collections: The entities of the lists.
            subjects: Finds the subjects of answers.
        """
        self._models = collections.models
        self._values = collections.values
        self._subjects = subjects

    def answer(self, call: Call) -> Answer:
        """Answer a call with several requests in its body."""
        operation = call.operation
        name = requests_in(self._models, operation)
        requests = call.body if not name else call.body.get(name) or []
        schema = operation.facts["success_schema"]
        path = operation.facts["results"]
        items = schema_at(self._models, operation.api, schema, path)["items"]
        entries = [
            self._values.make(operation.api, items, self._batch_subject(call, request, position))
            for position, request in enumerate(requests)
        ]
        if not path:
            return Answer(entries)
        body = self._values.make(
            operation.api,
            schema,
            self._subjects.of_arguments(call),
            needed=prefixes(path),
            without=frozenset({path}),
        )
        put(body, path, entries)
        return Answer(body)

    def _batch_subject(self, call: Call, request: Mapping[str, Any], position: int) -> Subject:
        asked = scalars(request)
        uri = request.get("uri")
        if isinstance(uri, str):
            match = self._models.match("GET", uri.partition("?")[0])
            if match is not None:
                for name, value in match.path_parameters.items():
                    asked |= dict.fromkeys(also_called(plain(name)), value)
        return replace(
            self._subjects.of_arguments(call, asked), known_depth=MAX_BATCH_DEPTH, index=position
        )


def requests_in(models: Models, operation: Operation) -> str | None:
    """Return the name of the list of requests in a body.

    It is empty if the body is the list, and None if there is no such list.
    """
    declared = operation.facts.get("body")
    if declared is None:
        return None
    schema = flat(models, operation.api, declared["schema"])
    if schema.get("type") == "array":
        return ""
    return "requests" if "requests" in schema.get("properties", {}) else None
