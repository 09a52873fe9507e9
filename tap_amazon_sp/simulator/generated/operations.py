"""The operations without a domain of their own: made-up data that fits Amazon's model.

A list shows the records of a timeline, and an operation for one record returns it as the list does.
Answers contain the values that the call asks for. Writing changes nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from tap_amazon_sp.simulator.generated.batches import Batches, requests_in
from tap_amazon_sp.simulator.generated.call_subjects import CallSubjects
from tap_amazon_sp.simulator.generated.collections import Collections
from tap_amazon_sp.simulator.generated.entities import TimelineSettings
from tap_amazon_sp.simulator.generated.listing import Listing
from tap_amazon_sp.simulator.generated.lists import Lists
from tap_amazon_sp.simulator.generated.single import Single
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import access_denied
from tap_amazon_sp.simulator.server.models import Models, Operation
from tap_amazon_sp.simulator.server.paging import Pager

_NO_CONTENT = 204


class GeneratedOperations:
    """The operations without a domain of their own."""

    def __init__(  # noqa: PLR0913 - the parts that it is composed of
        self,
        models: Models,
        pager: Pager,
        lists: Lists,
        *,
        timelines: TimelineSettings,
        seller_id: str,
        longest_page: int | None,
    ) -> None:
        """Make up nothing yet.

        Args:
            models: Amazon's models.
            pager: Cuts lists into pages.
            lists: What is known about the operations to serve.
            timelines: When the entities of lists are created and change.
            seller_id: Merchant token of the seller.
            longest_page: Maximum length of a page, even if a client asks for more.
        """
        self._models = models
        self._lists = lists
        self._collections = Collections(models, lists, timelines, seller_id=seller_id)
        subjects = CallSubjects(self._collections)
        self._listing = Listing(self._collections, subjects, pager, longest_page=longest_page)
        self._single = Single(self._collections, subjects)
        self._batches = Batches(self._collections, subjects)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            operation.id: functools.partial(self._serve, self._way(operation))
            for operation in self._lists.operations
        }

    def truth(
        self, operation_id: str, now: float, path_parameters: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Return all records of a list as they are now.

        Args:
            operation_id: The operation that lists them.
            now: Epoch seconds.
            path_parameters: The parameters that the list depends on, by name.

        Raises:
            KeyError: The operation lists nothing, or a parameter is missing.
        """
        self._collections.advance(now)
        facts = self._lists.get(operation_id)
        if facts is None:
            raise KeyError(operation_id)
        given = dict(path_parameters or {})
        collection = self._collections.get(facts, {name: given[name] for name in facts.scope})
        return [
            self._collections.record(collection, entity)
            for entity in self._collections.entities(collection)
        ]

    def _serve(self, way: Callable[[Call], Answer], call: Call) -> Answer:
        self._collections.advance(call.now)
        restricted = call.operation.restricted
        # An operation with data elements only leaves those out.
        if restricted is not None and not restricted and call.personal_data() is None:
            message = "This operation needs a restricted data token."
            raise access_denied(message)
        return way(call)

    def _way(self, operation: Operation) -> Callable[[Call], Answer]:
        facts = operation.facts
        if "success_schema" not in facts or facts["success_status"] == _NO_CONTENT:
            return _nothing
        if self._lists.get(operation.id) is not None:
            return self._listing.answer
        if "results" in facts and requests_in(self._models, operation) is not None:
            return self._batches.answer
        return self._single.answer


def _nothing(call: Call) -> Answer:
    del call
    return Answer(None)
