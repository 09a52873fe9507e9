"""The entities of all lists, and their records."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.generated.bodies import prefixes, value_at
from tap_amazon_sp.simulator.generated.entities import Entity, Timeline, TimelineSettings
from tap_amazon_sp.simulator.generated.lists import ABOUT, ListFacts, Lists
from tap_amazon_sp.simulator.generated.names import also_called, plain
from tap_amazon_sp.simulator.generated.subjects import Subject
from tap_amazon_sp.simulator.generated.values import ValueMaker
from tap_amazon_sp.simulator.generated.wanted import datasets
from tap_amazon_sp.simulator.server.calls import Call
from tap_amazon_sp.simulator.server.models import Models
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.randomness import number_from

_MAX_COLLECTIONS = 2048

_POOLS: Mapping[tuple[str, str], tuple[str, int]] = {
    ("fulfillmentInbound_2024-03-20", "shipmentid"): ("inboundplanid", 2),
    ("fulfillmentInbound_2024-03-20", "packinggroupid"): ("inboundplanid", 2),
}
"""Ids that no operation lists: plain name of the id that has them, and how many it has."""


@dataclass
class Collection:
    """The entities of a list.

    Attributes:
        facts: What is known about the list.
        scope: Values of the parameters that the list depends on, by plain name.
        timeline: When its entities were created and changed.
        positions: Numbers of its entities by key.
        distinct: If records must be unique: the entities without those whose record exists already.
        taken: The unique values of those records.
        looked_at: Number of entities that were checked for that.
    """

    facts: ListFacts
    scope: Mapping[str, Any]
    timeline: Timeline
    positions: dict[Any, int] = field(default_factory=dict)
    distinct: list[Entity] = field(default_factory=list)
    taken: set[tuple[Any, ...]] = field(default_factory=set)
    looked_at: int = 0


class Collections:
    """The entities of all lists of a seller, and their records."""

    def __init__(
        self, models: Models, lists: Lists, timelines: TimelineSettings, *, seller_id: str
    ) -> None:
        """Make up nothing yet.

        Args:
            models: Amazon's models.
            lists: What is known about the lists.
            timelines: When entities are created and change.
            seller_id: Merchant token of the seller.
        """
        self.models = models
        self.lists = lists
        self.world = timelines.world
        self.seller_id = seller_id
        self._timelines = timelines
        self._markets = timelines.world.marketplaces
        self.values = ValueMaker(models, timelines.world, self._foreign_id)
        self._collections: OrderedDict[tuple[Any, ...], Collection] = OrderedDict()
        self._now = timelines.world.start

    def advance(self, now: float) -> None:
        """Set the current time (epoch seconds)."""
        self._now = now

    def get(self, facts: ListFacts, scope: Mapping[str, Any]) -> Collection:
        """Return the collection of a list, advanced to the current time.

        Args:
            facts: What is known about the list.
            scope: Values of the parameters that the list depends on, by name.
        """
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
            while len(self._collections) > _MAX_COLLECTIONS:
                self._collections.popitem(last=False)
        else:
            self._collections.move_to_end(key)
        found.timeline.advance(self._now)
        return found

    def entities(self, collection: Collection) -> list[Entity]:
        """Return the entities of a collection."""
        entities = collection.timeline.entities
        unique = collection.facts.unique
        if not unique:
            return entities
        for entity in entities[collection.looked_at :]:
            record = self.record(collection, entity)
            values = tuple(value_at(record, path) for path in unique)
            if values not in collection.taken:
                collection.taken.add(values)
                collection.distinct.append(entity)
        collection.looked_at = len(entities)
        return collection.distinct

    def subject(
        self, collection: Collection, entity: Entity, known: Mapping[str, Any] | None = None
    ) -> Subject:
        """Return the subject of the record of an entity.

        Args:
            collection: The collection of the entity.
            entity: The entity.
            known: Values that the record must show, by plain name.
        """
        facts = collection.facts
        names = collection.timeline.names
        return Subject(
            key=(str(names[0]).partition(".")[0], *names, entity.index),
            index=entity.index,
            created=entity.created,
            updated=entity.updated,
            changes=entity.changes,
            marketplace=self.market((known or {}).get("marketplaceid"))
            or self._markets[entity.index % len(self._markets)],
            seller_id=self.seller_id,
            own_key=plain(facts.own_key),
            known={**collection.scope, **(known or {})},
            exact=facts.exact,
            options=facts.options,
        )

    def record(
        self, collection: Collection, entity: Entity, known: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the record of an entity; see `subject`."""
        facts = collection.facts
        subject = self.subject(collection, entity, known)
        api = facts.operation.api
        needed = frozenset(facts.filters.values()) | datasets(facts.operation)
        needed |= frozenset(prefix for path in facts.unique for prefix in prefixes(path))
        return self.values.make(api, facts.item, subject, needed=needed)

    def key(self, collection: Collection, entity: Entity) -> Any:
        """Return the key of the record of an entity."""
        facts = collection.facts
        subject = self.subject(collection, entity)
        return self.values.property_of(facts.operation.api, facts.item, facts.own_key, subject)

    def find(self, collection: Collection, key: Any) -> Entity | None:
        """Return the entity with a key, or None."""
        entities = collection.timeline.entities
        for entity in entities[len(collection.positions) :]:
            collection.positions.setdefault(self.key(collection, entity), entity.index)
        position = collection.positions.get(key)
        return None if position is None else entities[position]

    def _foreign_id(self, subject: Subject, name: str, number: int) -> Any:
        api = subject.key[0]
        owner, size = _POOLS.get((str(api), name), ("", 0))
        if owner in subject.known:
            return _pooled(api, name, subject.known[owner], number % size)
        facts = self.lists.by_key(str(api), name)
        if facts is None or facts.operation.id in subject.key or not self._timelines.count:
            return None
        if any(plain(parameter) not in subject.known for parameter in facts.scope):
            return None
        scope = {parameter: subject.known[plain(parameter)] for parameter in facts.scope}
        collection = self.get(facts, scope)
        entity = collection.timeline.entities[number % collection.timeline.count]
        return self.key(collection, entity)

    def of_product(self, collection: Collection, value: Any) -> Entity:
        """Return the entity for a product, or for an id that is not in the collection."""
        product = self.world.products_by_id.get(str(value))
        entities = collection.timeline.entities
        if product is not None and product.number < len(entities):
            key = plain(collection.facts.own_key)
            if key == "asin" or key in also_called("sku"):
                return entities[product.number]
        return self._unlisted(collection, value)

    def _unlisted(self, collection: Collection, value: Any) -> Entity:
        """Return an entity for an id that is not in the collection."""
        product = self.world.products_by_id.get(str(value))
        number = number_from(self.world.seed, *collection.timeline.names, value)
        created = self.world.end_of_past - number % (self.world.length_of_past)
        index = product.number if product else len(self.world.products) + number % 10**9
        return Entity(index, created, created)

    def find_in_scopes(
        self, call: Call, facts: ListFacts, value: Any
    ) -> tuple[Collection, Entity] | None:
        """Return collection and entity with a key, in the scopes that a call leaves open."""
        for scope in self._scopes(call, facts):
            collection = self.get(facts, scope)
            entity = self.find(collection, value)
            if entity is not None:
                return collection, entity
        return None

    def _scopes(self, call: Call, facts: ListFacts) -> Iterable[Mapping[str, Any]]:
        missing = [name for name in facts.scope if name not in call.parameters]
        scope = {name: call.parameters[name] for name in facts.scope if name not in missing}
        if not missing:
            return [scope]
        parents = self.lists.by_key(facts.operation.api, plain(missing[0]))
        if len(missing) > 1 or parents is None:
            return []
        collection = self.get(parents, {})
        return [
            {**scope, missing[0]: self.key(collection, entity)}
            for entity in collection.timeline.entities
        ]

    def market(self, asked: Any) -> Marketplace | None:
        """Return the marketplace that a call asks for, or the first of several; None if unknown."""
        first = asked[0] if isinstance(asked, list) and asked else asked
        return next((market for market in self._markets if market.id == first), None)


def _pooled(api: object, name: str, owner: object, number: int) -> str:
    text = f"{number_from('pool', api, name, owner, number):032x}"
    return f"sh{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
