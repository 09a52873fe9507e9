"""Operations that list records: filters, sorting, pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tap_amazon_sp.simulator.generated.bodies import count_results, prefixes, put, value_at
from tap_amazon_sp.simulator.generated.call_subjects import CallSubjects
from tap_amazon_sp.simulator.generated.case_filters import is_wanted
from tap_amazon_sp.simulator.generated.collections import Collection, Collections
from tap_amazon_sp.simulator.generated.entities import Entity
from tap_amazon_sp.simulator.generated.lists import ListFacts
from tap_amazon_sp.simulator.generated.names import also_called, plain
from tap_amazon_sp.simulator.generated.schemas import schema_at
from tap_amazon_sp.simulator.generated.subjects import Subject
from tap_amazon_sp.simulator.generated.wanted import (
    INTERVAL,
    asked_values,
    check_query_type,
    is_inside,
    markets_asked,
    trimmed,
    wanted_values,
    with_interval,
)
from tap_amazon_sp.simulator.server.calls import Answer, Call
from tap_amazon_sp.simulator.server.errors import invalid_input
from tap_amazon_sp.simulator.server.models import Operation
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.randomness import number_from

_DEFAULT_PAGE = 20
_AROUND_A_LIST = 3
_MAX_UNPAGED = 1000
_SORT_PARAMETERS = ("sortBy", "sortField")

_Found = tuple[Collection, Entity, Mapping[str, Any]]
"""An entity of a collection, and the values that its record must show."""


class Listing:
    """Answers the operations that list records."""

    def __init__(
        self,
        collections: Collections,
        subjects: CallSubjects,
        pager: Pager,
        *,
        longest_page: int | None,
    ) -> None:
        """Answer from collections.

        Args:
            collections: The entities of the lists.
            subjects: Finds the subjects of answers.
            pager: Cuts lists into pages.
            longest_page: Maximum length of a page, even if a client asks for more.
        """
        self._collections = collections
        self._models = collections.models
        self._lists = collections.lists
        self._world = collections.world
        self._subjects = subjects
        self._pager = pager
        self._longest_page = longest_page

    def answer(self, call: Call) -> Answer:
        """Answer a call of an operation that lists records."""
        operation = call.operation
        facts = self._lists.get(operation.id)
        paging = operation.facts.get("paging")
        if facts is None:
            raise KeyError(operation.id)
        if paging and "next_token" in paging and call.operation.token_is_in_body:
            call = _with_body_as_parameters(call)
        parent = self._subjects.of_path(call)
        rule = paging["rule"] if paging else None
        alone = rule in ("token_alone", "query_type_next_token")
        if rule == "query_type_next_token":
            check_query_type(call)
        if (
            rule == "token_alone"
            and operation.token_parameter in call.given
            and len(call.given) > 1
        ):
            message = f"Parameter '{operation.token_parameter}' must come alone."
            raise invalid_input(message)
        total: list[int] = []

        def find() -> list[_Found]:
            found = self._find(call, facts)
            total.append(len(found))
            return found

        items: Sequence[_Found]
        token = None
        if paging is None:
            items = find()[: self._max_items(operation) or _MAX_UNPAGED]
        elif rule == "offset":
            offset = call.body["pagination"]["offset"]
            items = find()[offset : offset + self._size(call)]
        else:
            page = self._pager.page(call, self._size(call), find, alone=alone)
            items, token = page.items, page.next_token
        body = self._page(call, facts, items, token, total)
        if parent is not None:
            self._put_parent(operation, parent, body)
        return Answer(body)

    def _size(self, call: Call) -> int:
        paging = call.operation.facts["paging"]
        name = paging.get("size_parameter")
        size = call.parameters.get(name or "") or _DEFAULT_PAGE
        if paging["rule"] == "offset":
            size = call.body["pagination"]["limit"]
        limits = (paging.get("max_size"), self._longest_page, self._max_items(call.operation))
        return max(1, min([int(size), *(limit for limit in limits if limit)]))

    def _max_items(self, operation: Operation) -> int | None:
        if "results" not in operation.facts:
            return None
        schema = operation.facts["success_schema"]
        bound: int | None = schema_at(
            self._models, operation.api, schema, operation.facts["results"]
        ).get("maxItems")
        return bound

    def _page(
        self,
        call: Call,
        facts: ListFacts,
        items: Iterable[_Found],
        token: str | None,
        total: list[int],
    ) -> Any:
        operation = call.operation
        paging = operation.facts.get("paging") or {}
        path = operation.facts["results"]
        records = [
            trimmed(call, self._collections.record(collection, entity, known))
            for collection, entity, known in items
        ]
        if INTERVAL in facts.properties:
            records = with_interval(call, records)
        asked = asked_values(call)
        subject = replace(
            self._subjects.of_arguments(call, asked), exact=facts.exact, known_depth=_AROUND_A_LIST
        )
        token_path = paging.get("next_token") or ""
        body = self._collections.values.make(
            operation.api,
            operation.facts["success_schema"],
            subject,
            needed=prefixes(path),
            without=frozenset({path, token_path} - {""}),
        )
        put(body, path, records)
        if token is not None:
            put(body, token_path, token)
        if paging.get("rule") == "offset":
            put(body, "pagination", {"totalResults": total[0]})
        count_results(body, lambda: total[0] if total else len(self._find(call, facts)))
        return body

    def _put_parent(self, operation: Operation, parent: Subject, body: dict[str, Any]) -> None:
        """Show the record to which a list belongs as its own list shows it."""
        schema = schema_at(self._models, operation.api, operation.facts["success_schema"], "")
        name = self._lists.parent_in(operation, schema)
        if name:
            inner = schema["properties"][name]
            body[name] = self._collections.values.make(operation.api, inner, parent)

    def _find(self, call: Call, facts: ListFacts) -> list[_Found]:
        scope = {name: call.parameters[name] for name in facts.scope}
        collection = self._collections.get(facts, scope)
        asked = asked_values(call)
        by_value = self._one_for_each(collection, asked)
        if by_value is not None:
            return by_value
        # Filtered properties have the wanted values already; other values must not be hidden.
        held_out = {"marketplaceid", plain(facts.own_key), *map(plain, facts.filters)}
        held_out |= {plain(path.rpartition(".")[2]) for path in facts.unique}
        shown = {name: value for name, value in asked.items() if name not in held_out}
        entities = [
            entity
            for entity in self._collections.entities(collection)
            if self._matches(call, collection, entity)
        ]
        return [(collection, entity, shown) for entity in self._sorted(call, entities)]

    def _one_for_each(
        self, collection: Collection, asked: Mapping[str, Any]
    ) -> list[_Found] | None:
        """Return one record for each id that a call asks for, or None if it asks for none."""
        facts = collection.facts
        properties = {plain(name) for name in facts.properties}
        for name, values in asked.items():
            is_list = isinstance(values, list) and name.endswith(("id", "sku", "asin"))
            is_own = plain(facts.own_key) in also_called(name)
            # Lists of SKUs can be filtered by ASIN.
            is_product = is_list and name == "asin" and plain(facts.own_key).endswith("sku")
            names = also_called(name) & properties or ({name} if is_product else set())
            if not names or not (is_list or is_own):
                continue
            if name == "marketplaceid" or name in collection.scope:
                continue
            found: list[_Found] = []
            for value in dict.fromkeys(values if isinstance(values, list) else [values]):
                entity = self._collections.find(collection, value) if is_own else None
                if entity is None:
                    entity = self._collections.of_product(collection, value)
                found.append((collection, entity, {**asked, **dict.fromkeys(names, value)}))
            return found
        return None

    def _matches(self, call: Call, collection: Collection, entity: Entity) -> bool:
        facts = collection.facts
        wanted_markets, markets = markets_asked(call), self._world.marketplaces
        if (
            wanted_markets is not None
            and markets[entity.index % len(markets)].id not in wanted_markets
        ):
            return False
        if not all(is_inside(call, pair, entity) for pair in facts.times):
            return False
        if (filters := call.parameters.get("caseFilters")) and not is_wanted(
            self._collections.record(collection, entity), filters
        ):
            return False
        wanted = wanted_values(call, facts)
        if not wanted:
            return True
        subject = self._collections.subject(collection, entity)
        api, item = facts.operation.api, facts.item
        record = (
            self._collections.record(collection, entity)
            if any("." in path for path in wanted)
            else {}
        )
        for path, values in wanted.items():
            given = (
                value_at(record, path)
                if record
                else self._collections.values.property_of(api, item, path, subject)
            )
            if given not in values:
                return False
        return True

    def _sorted(self, call: Call, entities: list[Entity]) -> list[Entity]:
        order = call.parameters.get("sortOrder")
        field_name = next(
            (call.parameters[name] for name in _SORT_PARAMETERS if name in call.parameters), None
        )
        if order is None and field_name is None:
            return sorted(
                entities,
                key=lambda entity: number_from(self._world.seed, "order", entity.index),
            )
        on_updated = "updat" in str(field_name or "").lower()
        return sorted(
            entities,
            key=lambda entity: (entity.updated if on_updated else entity.created, entity.index),
            reverse=str(order).upper().startswith("DESC"),
        )


def _with_body_as_parameters(call: Call) -> Call:
    """Return a call whose body asks for records like the query of any other list."""
    asked = {name: value for name, value in call.body.items() if value is not None}
    return replace(call, parameters=call.parameters | asked, given=call.given | asked.keys())
