"""What the answer to a call is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.generated.collections import Collections
from tap_amazon_sp.simulator.generated.lists import ACCEPTS_ANY
from tap_amazon_sp.simulator.generated.subjects import Subject
from tap_amazon_sp.simulator.generated.wanted import asked_values, path_names
from tap_amazon_sp.simulator.server.calls import Call
from tap_amazon_sp.simulator.server.errors import not_found
from tap_amazon_sp.simulator.world.randomness import number_from
from tap_amazon_sp.simulator.world.timestamps import DAY


class CallSubjects:
    """Finds the subjects of answers."""

    def __init__(self, collections: Collections) -> None:
        """Find subjects in the lists of a seller."""
        self._collections = collections
        self._lists = collections.lists
        self._world = collections.world
        self._seller_id = collections.seller_id

    def of_path(self, call: Call) -> Subject | None:
        """Return the subject that the path of a call names last, if a list has it.

        Raises:
            ApiError: 404, a list should have it and does not.
        """
        operation = call.operation
        subject = None
        for name in path_names(operation):
            link = self._lists.link(operation, name)
            if link is None:
                subject = None
                continue
            facts = self._lists.get(link.source)
            value = call.parameters[name]
            found = self._collections.find_in_scopes(call, facts, value) if facts else None
            if (
                found is None
                and operation.method == "GET"
                and not operation.id.startswith(ACCEPTS_ANY)
            ):
                message = f"{name} {value}"
                raise not_found(message)
            subject = None
            if found is not None:
                asked = asked_values(call)
                if not operation.id.startswith(ACCEPTS_ANY):
                    asked.pop("marketplaceid", None)
                subject = self._collections.subject(*found, asked)
        return subject

    def of_arguments(self, call: Call, asked: Mapping[str, Any] | None = None) -> Subject:
        """Return the subject of an answer that no list has: it follows from the arguments.

        Args:
            call: The call.
            asked: The arguments by plain name; None takes those of the call.
        """
        asked = asked_values(call) if asked is None else asked
        # It stays the same in another language and with other datasets.
        telling = (
            (name, str(value))
            for name, value in asked.items()
            if not name.startswith("includeddata") and not name.endswith("locale")
        )
        names = (call.operation.id, *sorted(telling))
        number = number_from(self._world.seed, *names)
        created = self._world.end_of_past - number % (self._world.length_of_past)
        return Subject(
            key=(call.operation.api, *names),
            index=number % len(self._world.products),
            created=created,
            updated=min(self._world.end_of_past, created + number % DAY),
            marketplace=self._collections.market(asked.get("marketplaceid"))
            or self._world.marketplaces[0],
            seller_id=self._seller_id,
            known=asked,
            known_depth=3 if call.operation.method != "GET" else 2,
        )
