"""Every operation that no domain serves: made-up data that fits Amazon's model.

A list gives the records of a timeline; an operation for one thing gives it as the list does. What
was asked for is found in the answer. Writing changes nothing.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tap_amazon_sp.simulator.generated.entities import Entity, Timeline, TimelineSettings
from tap_amazon_sp.simulator.generated.lists import (
    ABOUT,
    ACCEPTS_ANY,
    EVENTS,
    ListFacts,
    Lists,
    TimeFilter,
    flat,
)
from tap_amazon_sp.simulator.generated.values import (
    Subject,
    ValueMaker,
    also_called,
    number_from,
    plain,
)
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.checks import time_of
from tap_amazon_sp.simulator.server.errors import (
    access_denied,
    invalid_input,
    invalid_parameter,
    not_found,
)
from tap_amazon_sp.simulator.server.models import Models, Operation
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES, Marketplace
from tap_amazon_sp.simulator.world.timestamps import DAY, date_of

_DEFAULT_PAGE = 20
_KEPT_COLLECTIONS = 2048
_BATCH_DEPTH = 5
_AROUND_A_LIST = 3
_LONGEST_UNPAGED = 1000
_TOTALS = ("numberofresult", "totalresultsize", "totalresult", "numofrecord", "totalcount")

_POOLS: Mapping[tuple[str, str], tuple[str, int]] = {
    ("fulfillmentInbound_2024-03-20", "shipmentid"): ("inboundplanid", 2),
    ("fulfillmentInbound_2024-03-20", "packinggroupid"): ("inboundplanid", 2),
}
"""Ids that no operation lists: the plain name of what has them, and how many it has."""

_SORT_PARAMETERS = ("sortBy", "sortField")
_INVENTORY = "fbaInventory.getInventorySummaries"
_INTERVAL = "timeInterval"
_FILTERS_IN_BODY = "replenishment-2022-11-07."


@dataclass
class Collection:
    """The records of a list.

    Attributes:
        facts: What is known of the list.
        scope: Values of the parameters without which there is none, by plain name.
        timeline: When its records came to be and changed.
        positions: Numbers of its records by key.
        distinct: Those of its things whose record is not taken, where records must differ.
        taken: What sets those records apart.
        looked_at: How many things were looked at for that.
    """

    facts: ListFacts
    scope: Mapping[str, Any]
    timeline: Timeline
    positions: dict[Any, int] = field(default_factory=dict)
    distinct: list[Entity] = field(default_factory=list)
    taken: set[tuple[Any, ...]] = field(default_factory=set)
    looked_at: int = 0


_Found = tuple[Collection, Entity, Mapping[str, Any]]
"""A record, and what it must show because it was asked for."""


class GeneratedOperations:
    """The operations without a domain of their own."""

    def __init__(  # noqa: PLR0913 - what the world is made of
        self,
        models: Models,
        pager: Pager,
        lists: Lists,
        *,
        region: str,
        seller_id: str,
        timelines: TimelineSettings,
        longest_page: int | None,
    ) -> None:
        """Read the models.

        Args:
            models: Amazon's models.
            pager: Cuts lists into pages.
            lists: What is known of the operations to serve.
            region: `na`, `eu` or `fe`.
            seller_id: Whose the records are.
            timelines: When records come to be and change.
            longest_page: No page is longer, whatever is asked for.
        """
        self._models = models
        self._pager = pager
        self._seller_id = seller_id
        self._markets = MARKETPLACES[region]
        self._timelines = timelines
        self._longest_page = longest_page
        self._lists = lists
        self._values = ValueMaker(
            models, seed=timelines.seed, region=region, foreign_id=self._foreign_id
        )
        self._collections: OrderedDict[tuple[Any, ...], Collection] = OrderedDict()
        self._now = timelines.start

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by operation id."""
        return {
            operation.id: functools.partial(self._serve, self._way(operation))
            for operation in self._lists.operations
        }

    def truth(
        self, operation_id: str, now: float, path_parameters: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """All records of a list as they are now.

        Args:
            operation_id: The operation that lists them.
            now: Epoch seconds.
            path_parameters: What the list is of, by name of the parameter.

        Raises:
            KeyError: It lists nothing, or a parameter is missing.
        """
        self._now = now
        facts = self._lists.get(operation_id)
        if facts is None:
            raise KeyError(operation_id)
        given = dict(path_parameters or {})
        collection = self._collection(facts, {name: given[name] for name in facts.scope})
        return [self._record(collection, entity) for entity in self._entities(collection)]

    def lists(self, operation_id: str) -> bool:
        """Whether an operation is one of those that list records."""
        return self._lists.get(operation_id) is not None

    def _serve(self, way: Callable[[Call], Answer], call: Call) -> Answer:
        self._now = call.now
        restricted = call.operation.restricted
        # With data elements, only those are left out.
        if restricted is not None and not restricted and call.personal_data() is None:
            message = "This operation needs a restricted data token."
            raise access_denied(message)
        return way(call)

    def _way(self, operation: Operation) -> Callable[[Call], Answer]:
        facts = operation.facts
        if "success_schema" not in facts or facts["success_status"] == 204:  # noqa: PLR2004
            return _nothing
        if self._lists.get(operation.id) is not None:
            return self._list
        if "results" in facts and _requests_in(self._models, operation) is not None:
            return self._batch
        return self._one

    # Collections

    def _collection(self, facts: ListFacts, scope: Mapping[str, Any]) -> Collection:
        plain_scope = {plain(name): value for name, value in scope.items()}
        operation_id = facts.operation.id
        key = (operation_id, *sorted(plain_scope.items()))
        found = self._collections.get(key)
        if found is None:
            names = (ABOUT.get(operation_id, operation_id), *key[1:])
            settings = self._timelines
            count = settings.count_below if facts.is_below else settings.count
            found = Collection(facts, plain_scope, Timeline(names, settings, count))
            self._collections[key] = found
            while len(self._collections) > _KEPT_COLLECTIONS:
                self._collections.popitem(last=False)
        else:
            self._collections.move_to_end(key)
        found.timeline.advance(self._now)
        return found

    def _entities(self, collection: Collection) -> list[Entity]:
        """The things in a list."""
        entities = collection.timeline.entities
        unique = collection.facts.unique
        if not unique:
            return entities
        for entity in entities[collection.looked_at :]:
            record = self._record(collection, entity)
            values = tuple(_value_at(record, path) for path in unique)
            if values not in collection.taken:
                collection.taken.add(values)
                collection.distinct.append(entity)
        collection.looked_at = len(entities)
        return collection.distinct

    def _subject(
        self, collection: Collection, entity: Entity, known: Mapping[str, Any] | None = None
    ) -> Subject:
        facts = collection.facts
        names = collection.timeline.names
        return Subject(
            key=(str(names[0]).partition(".")[0], *names, entity.index),
            index=entity.index,
            created=entity.created,
            updated=entity.updated,
            changes=entity.changes,
            marketplace=self._market((known or {}).get("marketplaceid"))
            or self._markets[entity.index % len(self._markets)],
            seller_id=self._seller_id,
            own_key=plain(facts.own_key),
            known={**collection.scope, **(known or {})},
            exact=facts.exact,
            options=facts.options,
        )

    def _record(
        self, collection: Collection, entity: Entity, known: Mapping[str, Any] | None = None
    ) -> Any:
        facts = collection.facts
        subject = self._subject(collection, entity, known)
        api = facts.operation.api
        if facts.is_events:
            names = sorted(facts.properties)
            name = names[entity.index % len(names)]
            items = flat(self._models, api, facts.properties[name])["items"]
            return {name: [self._values.make(api, items, subject)]}
        needed = frozenset(facts.filters.values()) | _data_sets(facts.operation)
        needed |= frozenset(prefix for path in facts.unique for prefix in _prefixes(path))
        return self._values.make(api, facts.item, subject, needed=needed)

    def _key(self, collection: Collection, entity: Entity) -> Any:
        facts = collection.facts
        subject = self._subject(collection, entity)
        return self._values.property_of(facts.operation.api, facts.item, facts.own_key, subject)

    def _called(self, collection: Collection, key: Any) -> Entity | None:
        entities = collection.timeline.entities
        for entity in entities[len(collection.positions) :]:
            collection.positions.setdefault(self._key(collection, entity), entity.index)
        position = collection.positions.get(key)
        return None if position is None else entities[position]

    def _foreign_id(self, subject: Subject, name: str, number: int) -> Any:
        api = subject.key[0]
        owner, size = _POOLS.get((str(api), name), ("", 0))
        if owner in subject.known:
            return _pooled(api, name, subject.known[owner], number % size)
        facts = self._lists.by_key(str(api), name)
        if facts is None or facts.operation.id in subject.key or not self._timelines.count:
            return None
        if any(plain(parameter) not in subject.known for parameter in facts.scope):
            return None
        scope = {parameter: subject.known[plain(parameter)] for parameter in facts.scope}
        collection = self._collection(facts, scope)
        entity = collection.timeline.entities[number % collection.timeline.count]
        return self._key(collection, entity)

    # Lists

    def _list(self, call: Call) -> Answer:
        operation = call.operation
        facts = self._lists.get(operation.id)
        paging = operation.facts.get("paging")
        if facts is None:
            raise KeyError(operation.id)
        self._check_parents(call)
        rule = paging["rule"] if paging else None
        alone = rule in ("token_alone", "query_type_next_token")
        if rule == "query_type_next_token":
            _check_query_type(call)
        if operation.id == _INVENTORY:
            _choose_skus(call)
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
            items = find()[: self._most_items(operation) or _LONGEST_UNPAGED]
        elif rule == "offset":
            offset = call.body["pagination"]["offset"]
            items = find()[offset : offset + self._size(call)]
        else:
            page = self._pager.page(call, self._size(call), find, alone=alone)
            items, token = page.items, page.next_token
        return Answer(self._page(call, facts, items, token, total))

    def _size(self, call: Call) -> int:
        paging = call.operation.facts["paging"]
        name = paging.get("size_parameter")
        size = call.parameters.get(name or "") or _DEFAULT_PAGE
        if paging["rule"] == "offset":
            size = call.body["pagination"]["limit"]
        most = (paging.get("max_size"), self._longest_page, self._most_items(call.operation))
        return max(1, min([int(size), *(bound for bound in most if bound)]))

    def _most_items(self, operation: Operation) -> int | None:
        if "results" not in operation.facts:
            return None
        schema = operation.facts["success_schema"]
        bound: int | None = self._at(operation.api, schema, operation.facts["results"]).get(
            "maxItems"
        )
        return bound

    def _at(self, api: str, schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        schema = flat(self._models, api, schema)
        for name in filter(None, path.split(".")):
            schema = flat(self._models, api, schema.get("properties", {}).get(name, {}))
        return schema

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
        path = EVENTS if facts.is_events else operation.facts["results"]
        records = [
            _trimmed(call, self._record(collection, entity, known))
            for collection, entity, known in items
        ]
        if _INTERVAL in facts.properties:
            records = _of_interval(call, records)
        asked = self._asked_values(call)
        subject = replace(
            self._lone_subject(call, asked), exact=facts.exact, known_depth=_AROUND_A_LIST
        )
        token_path = paging.get("next_token") or ""
        body = self._values.make(
            operation.api,
            operation.facts["success_schema"],
            subject,
            needed=_prefixes(path),
            without=frozenset({path, token_path} - {""}),
        )
        if facts.is_events:
            _put(body, path, _by_list(records))
        else:
            _put(body, path, records)
        if token is not None:
            _put(body, token_path, token)
        if paging.get("rule") == "offset":
            _put(body, "pagination", {"totalResults": total[0]})
        _count(body, lambda: total[0] if total else len(self._find(call, facts)))
        return body

    def _find(self, call: Call, facts: ListFacts) -> list[_Found]:
        scope = {name: call.parameters[name] for name in facts.scope}
        collection = self._collection(facts, scope)
        asked = self._asked_values(call)
        by_value = self._one_for_each(collection, asked)
        if by_value is not None:
            return by_value
        # What is looked for is there already: it must not hide what a record really holds.
        held_out = {"marketplaceid", plain(facts.own_key), *map(plain, facts.filters)}
        held_out |= {plain(path.rpartition(".")[2]) for path in facts.unique}
        shown = {name: value for name, value in asked.items() if name not in held_out}
        entities = [
            entity
            for entity in self._entities(collection)
            if self._matches(call, collection, entity)
        ]
        return [(collection, entity, shown) for entity in self._sorted(call, entities)]

    def _one_for_each(
        self, collection: Collection, asked: Mapping[str, Any]
    ) -> list[_Found] | None:
        """One record for each id that was asked for, or None where none was."""
        facts = collection.facts
        properties = {plain(name) for name in facts.properties}
        for name, values in asked.items():
            is_list = isinstance(values, list) and name.endswith(("id", "sku", "asin"))
            is_own = plain(facts.own_key) in also_called(name)
            # A list of SKUs can be asked for by ASIN.
            is_product = is_list and name == "asin" and plain(facts.own_key).endswith("sku")
            names = also_called(name) & properties or ({name} if is_product else set())
            if not names or not (is_list or is_own):
                continue
            if name == "marketplaceid" or name in collection.scope:
                continue
            found: list[_Found] = []
            for value in dict.fromkeys(values if isinstance(values, list) else [values]):
                entity = self._called(collection, value) if is_own else None
                if entity is None:
                    entity = self._of_product(collection, value)
                found.append((collection, entity, {**asked, **dict.fromkeys(names, value)}))
            return found
        return None

    def _of_product(self, collection: Collection, value: Any) -> Entity:
        """The thing in a list that is a product, or one that is not in the list."""
        product = self._values.by_name.get(str(value))
        entities = collection.timeline.entities
        if product is not None and product.number < len(entities):
            key = plain(collection.facts.own_key)
            if key == "asin" or key in also_called("sku"):
                return entities[product.number]
        return self._made_for(collection, value)

    def _made_for(self, collection: Collection, value: Any) -> Entity:
        """A thing that is in no list, for an id that is."""
        product = self._values.by_name.get(str(value))
        number = number_from(self._timelines.seed, *collection.timeline.names, value)
        created = self._timelines.end_of_past - number % ((self._timelines.days - 1) * DAY)
        index = product.number if product else len(self._values.products) + number % 10**9
        return Entity(index, created, created)

    def _matches(self, call: Call, collection: Collection, entity: Entity) -> bool:
        facts = collection.facts
        markets = _markets_asked(call)
        if (
            markets is not None
            and self._markets[entity.index % len(self._markets)].id not in markets
        ):
            return False
        if not all(_inside(call, pair, entity) for pair in facts.times):
            return False
        wanted = _values_asked(call, facts)
        if not wanted:
            return True
        subject = self._subject(collection, entity)
        api, item = facts.operation.api, facts.item
        record = self._record(collection, entity) if any("." in path for path in wanted) else {}
        for path, values in wanted.items():
            given = (
                _value_at(record, path)
                if record
                else self._values.property_of(api, item, path, subject)
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
                key=lambda entity: number_from(self._timelines.seed, "order", entity.index),
            )
        on_updated = "updat" in str(field_name or "").lower()
        return sorted(
            entities,
            key=lambda entity: (entity.updated if on_updated else entity.created, entity.index),
            reverse=str(order).upper().startswith("DESC"),
        )

    # One thing

    def _one(self, call: Call) -> Answer:
        operation = call.operation
        subject = self._check_parents(call) or self._lone_subject(call)
        schema = operation.facts["success_schema"]
        path = operation.facts.get("record") or operation.facts.get("results") or ""
        needed = _prefixes(path) | _data_sets(operation)
        body = self._values.make(operation.api, schema, subject, needed=needed)
        if operation.facts.get("record") is None:
            if _interval(call) is not None and isinstance(body.get(path), list):
                body[path] = _of_interval(call, body[path][:1])
            return Answer(body)
        inner = self._at(operation.api, schema, path)
        if not path and self._inner_path(operation, inner) == "":
            return Answer(_trimmed(call, body))
        record = self._values.make(operation.api, inner, subject)
        within = self._inner_path(operation, inner)
        if within:
            part = self._values.make(operation.api, inner["properties"][within], subject)
            record[within] = part
        if path:
            _put(body, path, record)
        else:
            body = record
        return Answer(body)

    def _inner_path(self, operation: Operation, schema: Mapping[str, Any]) -> str:
        """The property of a record that is what the list of them holds."""
        links = [self._lists.link(operation, name) for name in _path_names(operation)]
        link = next((found for found in reversed(links) if found is not None), None)
        facts = self._lists.get(link.source) if link else None
        if facts is None:
            return ""
        for name, inner in schema.get("properties", {}).items():
            if inner.get("$ref") is not None and inner.get("$ref") == facts.item.get("$ref"):
                return str(name)
        return ""

    def _check_parents(self, call: Call) -> Subject | None:
        """The thing that the path names last, if a list has it.

        Raises:
            ApiError: 404, a list should have what the path names.
        """
        operation = call.operation
        subject = None
        for name in _path_names(operation):
            link = self._lists.link(operation, name)
            if link is None:
                subject = None
                continue
            facts = self._lists.get(link.source)
            value = call.parameters[name]
            found = self._known_thing(call, facts, value) if facts else None
            if (
                found is None
                and operation.method == "GET"
                and not operation.id.startswith(ACCEPTS_ANY)
            ):
                message = f"{name} {value}"
                raise not_found(message)
            subject = None
            if found is not None:
                asked = self._asked_values(call)
                if not operation.id.startswith(ACCEPTS_ANY):
                    asked.pop("marketplaceid", None)
                subject = self._subject(*found, asked)
        return subject

    def _known_thing(
        self, call: Call, facts: ListFacts, value: Any
    ) -> tuple[Collection, Entity] | None:
        for scope in self._scopes(call, facts):
            collection = self._collection(facts, scope)
            entity = self._called(collection, value)
            if entity is not None:
                return collection, entity
        return None

    def _scopes(self, call: Call, facts: ListFacts) -> Iterable[Mapping[str, Any]]:
        missing = [name for name in facts.scope if name not in call.parameters]
        scope = {name: call.parameters[name] for name in facts.scope if name not in missing}
        if not missing:
            return [scope]
        parents = self._lists.by_key(facts.operation.api, plain(missing[0]))
        if len(missing) > 1 or parents is None:
            return []
        collection = self._collection(parents, {})
        return [
            {**scope, missing[0]: self._key(collection, entity)}
            for entity in collection.timeline.entities
        ]

    def _market(self, asked: Any) -> Marketplace | None:
        """The marketplace, or the first of those, that was asked for."""
        first = asked[0] if isinstance(asked, list) and asked else asked
        return next((market for market in self._markets if market.id == first), None)

    def _lone_subject(self, call: Call, asked: Mapping[str, Any] | None = None) -> Subject:
        """What an answer is about that is in no list: it follows from what was asked."""
        asked = self._asked_values(call) if asked is None else asked
        # It stays the same in another language and with other data sets.
        telling = (
            (name, str(value))
            for name, value in asked.items()
            if not name.startswith("includeddata") and not name.endswith("locale")
        )
        names = (call.operation.id, *sorted(telling))
        number = number_from(self._timelines.seed, *names)
        created = self._timelines.end_of_past - number % ((self._timelines.days - 1) * DAY)
        return Subject(
            key=(call.operation.api, *names),
            index=number % len(self._values.products),
            created=created,
            updated=min(self._timelines.end_of_past, created + number % DAY),
            marketplace=self._market(asked.get("marketplaceid")) or self._markets[0],
            seller_id=self._seller_id,
            known=asked,
            known_depth=3 if call.operation.method != "GET" else 2,
        )

    def _asked_values(self, call: Call) -> dict[str, Any]:
        """What was asked for, by plain name."""
        paging = call.operation.facts.get("paging") or {}
        held_out = {paging.get("token_parameter"), paging.get("size_parameter")}
        values: dict[str, Any] = {}
        if isinstance(call.body, dict) and call.operation.method != "GET":
            values |= _scalars(call.body)
        for entry in call.operation.facts["parameters"]:
            name = entry["name"]
            if name in held_out or name in call.times or name not in call.parameters:
                continue
            if entry["in"] == "query" and name not in call.given:
                continue
            for called in also_called(plain(name)):
                values[called] = call.parameters[name]
        markets = _markets_asked(call)
        if markets:
            values["marketplaceid"] = markets
        kind = values.get("identifierstype") or values.get("identifiertype")
        if isinstance(kind, str) and "identifier" in values:
            for called in also_called(plain(kind)):
                values[called] = values["identifier"]
        return values

    # Batches

    def _batch(self, call: Call) -> Answer:
        operation = call.operation
        name = _requests_in(self._models, operation)
        requests = call.body if not name else call.body.get(name) or []
        schema = operation.facts["success_schema"]
        path = operation.facts["results"]
        items = self._at(operation.api, schema, path)["items"]
        entries = [
            self._values.make(operation.api, items, self._batch_subject(call, request, position))
            for position, request in enumerate(requests)
        ]
        if not path:
            return Answer(entries)
        body = self._values.make(
            operation.api,
            schema,
            self._lone_subject(call),
            needed=_prefixes(path),
            without=frozenset({path}),
        )
        _put(body, path, entries)
        return Answer(body)

    def _batch_subject(self, call: Call, request: Mapping[str, Any], position: int) -> Subject:
        asked = _scalars(request)
        uri = request.get("uri")
        if isinstance(uri, str):
            match = self._models.match("GET", uri.partition("?")[0])
            if match is not None:
                for name, value in match.path_parameters.items():
                    asked |= dict.fromkeys(also_called(plain(name)), value)
        if isinstance(asked.get("idvalue"), str):
            kind = plain(str(asked.get("idtype", "asin")))
            asked |= dict.fromkeys(also_called(kind), asked["idvalue"])
        return replace(self._lone_subject(call, asked), known_depth=_BATCH_DEPTH, index=position)


def _trimmed(call: Call, record: Any) -> Any:
    """A record without the data sets that were not asked for."""
    wanted = call.parameters.get("includedData")
    if not isinstance(wanted, list) or not isinstance(record, dict):
        return record
    known = _data_sets(call.operation)
    return {name: value for name, value in record.items() if name not in known or name in wanted}


def _data_sets(operation: Operation) -> frozenset[str]:
    """Names of properties that come when they are asked for."""
    return frozenset(
        option
        for entry in operation.facts["parameters"]
        if entry["name"] == "includedData"
        for option in entry.get("items", {}).get("enum", ())
    )


def _nothing(call: Call) -> Answer:
    del call
    return Answer(None)


def _requests_in(models: Models, operation: Operation) -> str | None:
    """Name of the list of requests in a body; empty where the body is that list."""
    declared = operation.facts.get("body")
    if declared is None:
        return None
    schema = flat(models, operation.api, declared["schema"])
    if schema.get("type") == "array":
        return ""
    return "requests" if "requests" in schema.get("properties", {}) else None


def _check_query_type(call: Call) -> None:
    name = call.operation.token_parameter or ""
    if call.parameters.get("QueryType") != "NEXT_TOKEN":
        call.parameters.pop(name, None)
    elif name not in call.parameters:
        message = f"Missing required parameter '{name}'."
        raise invalid_input(message, details=name)


def _choose_skus(call: Call) -> None:
    """Leave out SKUs that do not count: a time goes before them, and a list before a single one."""
    if "startDateTime" in call.given:
        call.parameters.pop("sellerSkus", None)
    if {"startDateTime", "sellerSkus"} & call.given:
        call.parameters.pop("sellerSku", None)


def _body_filters(call: Call) -> Mapping[str, Any]:
    """What a body asks for, on top or among its filters."""
    if not call.operation.id.startswith(_FILTERS_IN_BODY) or not isinstance(call.body, dict):
        return {}
    filters = call.body.get("filters")
    return {**call.body, **filters} if isinstance(filters, dict) else call.body


def _markets_asked(call: Call) -> list[str] | None:
    """Ids of the marketplaces that were asked for; None is any."""
    # Inventory has both, and this one decides.
    found = call.parameters.get("granularityId")
    for name, value in (*call.parameters.items(), *_body_filters(call).items()):
        if found is None and plain(name) == "marketplaceid":
            found = value
    return [found] if isinstance(found, str) else found


def _values_asked(call: Call, facts: ListFacts) -> dict[str, Sequence[Any]]:
    """Values that records must have, by dotted path."""
    paths = {
        name: called
        for name, called in facts.filters.items()
        if name in call.given and called != facts.own_key
    }
    for path in facts.unique:
        name = path.rpartition(".")[2]
        if name in call.given:
            paths[name] = path
    wanted = {path: call.parameters[name] for name, path in paths.items()}
    properties = {plain(name): name for name in facts.properties}
    for name, value in _body_filters(call).items():
        called = properties.get(plain(name))
        if called not in (None, "marketplaceId") and isinstance(value, (str, list)):
            wanted[str(called)] = value
    return {path: value if isinstance(value, list) else [value] for path, value in wanted.items()}


def _interval(call: Call) -> Mapping[str, Any] | None:
    """The interval that was asked for: an answer has one record of it for each thing."""
    found = _body_filters(call).get(_INTERVAL)
    return found if isinstance(found, dict) else None


def _of_interval(call: Call, records: Iterable[Any]) -> list[Any]:
    """Records of the interval that was asked for."""
    interval = _interval(call)
    if interval is None:
        return list(records)
    return [{**record, _INTERVAL: interval} for record in records]


def _value_at(record: Any, path: str) -> Any:
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _inside(call: Call, pair: TimeFilter, entity: Entity) -> bool:
    moment = entity.updated if pair.on_updated else entity.created
    after, before = _bound(call, pair.after), _bound(call, pair.before)
    if after is None and before is None:
        return True
    if pair.is_date:
        day = date_of(moment)
        return (after is None or date_of(after) <= day) and (
            before is None or day <= date_of(before)
        )
    return (after is None or after <= moment) and (before is None or moment <= before)


def _bound(call: Call, name: str | None) -> float | None:
    if name is None or name not in call.parameters:
        return None
    if name in call.times:
        return call.times[name]
    value = call.parameters[name]
    if not isinstance(value, str):
        raise invalid_parameter(name, "it is not a time")
    return time_of(name, value, date_only=True)


def _path_names(operation: Operation) -> list[str]:
    return [entry["name"] for entry in operation.facts["parameters"] if entry["in"] == "path"]


def _pooled(api: object, name: str, owner: object, number: int) -> str:
    text = f"{number_from('pool', api, name, owner, number):032x}"
    return f"sh{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _scalars(body: Any, depth: int = 0) -> dict[str, Any]:
    """Texts and numbers of a body by plain name; what is closer to the top goes first."""
    values: dict[str, Any] = {}
    if depth > _BATCH_DEPTH or not isinstance(body, dict):
        return values
    for name, value in body.items():
        if isinstance(value, dict):
            values = {**_scalars(value, depth + 1), **values}
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            values |= dict.fromkeys(also_called(plain(name)), value)
    return values


def _prefixes(path: str) -> frozenset[str]:
    names = path.split(".")
    return frozenset(".".join(names[: count + 1]) for count in range(len(names)))


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *names, last = path.split(".")
    for name in names:
        body = body.setdefault(name, {})
    if isinstance(value, dict) and isinstance(body.get(last), dict):
        body[last].update(value)
    else:
        body[last] = value


def _by_list(records: Iterable[Mapping[str, list[Any]]]) -> dict[str, list[Any]]:
    lists: dict[str, list[Any]] = {}
    for record in records:
        for name, events in record.items():
            lists.setdefault(name, []).extend(events)
    return lists


def _count(body: Any, total: Callable[[], int]) -> None:
    """Say how many there are, where an answer says so."""
    if not isinstance(body, dict):
        return
    for name, value in body.items():
        if plain(name) in _TOTALS and isinstance(value, int):
            body[name] = total()
        elif isinstance(value, dict):
            _count(value, total)
