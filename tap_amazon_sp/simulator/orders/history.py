"""The orders of a seller, and what happened to each of them and when.

The past is made up at the start: each order is paid, shipped and delivered (or cancelled) at its
own pace, up to ten minutes before the start. After that, changes happen in real time at an even
rate: a new order, or the next step of an open one. Seed and start determine the moment of each
change. A client that never reads the last two minutes finds changes right after the start.
"""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.randomness import seeded_random, weighted
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, MINUTE
from tap_amazon_sp.simulator.world.world import World

PENDING = "PENDING"
UNSHIPPED = "UNSHIPPED"
PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
SHIPPED = "SHIPPED"
DELIVERED = "DELIVERED"
CANCELLED = "CANCELLED"

_CLOSED = frozenset({DELIVERED, CANCELLED})
_NEXT_STAGE = {
    PENDING: UNSHIPPED,
    UNSHIPPED: SHIPPED,
    PARTIALLY_SHIPPED: SHIPPED,
    SHIPPED: DELIVERED,
}
_BIG_ORDER_EVERY = 97
_BIG_ORDER_AT = 13
# A few percent of all orders, and some of the first forty.
_EASY_SHIP_EVERY = 18
_EASY_SHIP_AT = 5
_REGULATED_EVERY = 25
_REGULATED_AT = 8
_SHARE_OF_NEW = 0.3
_MAX_ORDERS = 1 << 24
_MAX_ITEMS = 64
_ID_SPACE = 10**14
_ID_FACTOR = 61803398874989
_ID_INVERSE = pow(_ID_FACTOR, -1, _ID_SPACE)
_ID_PREFIXES = 900


@dataclass
class OrderState:
    """An order and what has happened to it.

    Attributes:
        index: Its number in the history.
        marketplace: Where it was placed.
        by_amazon: Whether Amazon fulfils it.
        items: Number of items.
        events: Moment (epoch seconds) and stage of each change, oldest first.
    """

    __slots__ = ("by_amazon", "events", "index", "items", "marketplace")

    index: int
    marketplace: Marketplace
    by_amazon: bool
    items: int
    events: list[tuple[int, str]]

    @property
    def easy_ship(self) -> bool:
        """Whether Amazon picks it up from the seller and delivers it (Easy Ship)."""
        return _is_easy_ship(self.index)

    @property
    def regulated(self) -> bool:
        """Whether it has regulated items."""
        return self.index % _REGULATED_EVERY == _REGULATED_AT

    @property
    def created(self) -> int:
        """When it was placed, epoch seconds."""
        return self.events[0][0]

    @property
    def updated(self) -> int:
        """When it last changed, epoch seconds."""
        return self.events[-1][0]

    @property
    def stage(self) -> str:
        """The stage that it has reached."""
        return self.events[-1][1]

    @property
    def status(self) -> str:
        """`FulfillmentStatus` of Orders 2026-01-01."""
        return SHIPPED if self.stage == DELIVERED else self.stage

    def as_of(self, position: int) -> OrderState:
        """Return the order as it was after one of its events, by position; -1 is the last."""
        events = self.events[: position + 1] if position >= 0 else [*self.events]
        return OrderState(self.index, self.marketplace, self.by_amazon, self.items, events)

    def reached(self, stage: str) -> int | None:
        """Return when it first reached a stage, epoch seconds; None if it has not."""
        return next((moment for moment, name in self.events if name == stage), None)


class OrderHistory:
    """All orders of a seller, to be found by id, creation and last change."""

    def __init__(self, world: World, *, first_id: int, count: int) -> None:
        """Make up the past.

        Args:
            world: The world of the seller.
            first_id: Number from which the ids are made; see `first_id`.
            count: Number of orders at the start.
        """
        self._world = world
        self._pace = world.changes_per_minute / MINUTE
        self._changes = 0
        self._first_id = first_id
        self._marketplaces = world.marketplaces
        self._shares = [*itertools.accumulate(market.share for market in self._marketplaces)]
        rng, end = world.random("past"), world.end_of_past
        moments = sorted(end - int(rng.random() * world.length_of_past) for _ in range(count))
        self._orders: list[OrderState] = []
        for moment in moments:
            order = self._new_order(rng, moment)
            order.events = [event for event in _life(rng, order) if event[0] <= end]
            self._orders.append(order)
        self._by_created = [_key(order.created, order.index) for order in self._orders]
        self._by_updated = sorted(_key(order.updated, order.index) for order in self._orders)
        self._open = [order.index for order in self._orders if order.stage not in _CLOSED]
        self._wanted_changes = 0
        self._recorded: list[tuple[int, int]] | None = None
        self._latest = end

    def __iter__(self) -> Iterator[OrderState]:
        """Yield all orders."""
        return iter(self._orders)

    def __getitem__(self, index: int) -> OrderState:
        """Return an order by its number."""
        return self._orders[index]

    def order_id(self, index: int) -> str:
        """Return Amazon's order id, in 3-7-7 format."""
        number = (index * _ID_FACTOR + self._first_id) % _ID_SPACE
        text = f"{number:014d}"
        return f"{100 + number % _ID_PREFIXES}-{text[:7]}-{text[7:]}"

    def item_id(self, index: int, position: int) -> str:
        """Return Amazon's order item id: 14 digits."""
        number = index * _MAX_ITEMS + position + 1
        return f"{(number * _ID_FACTOR + self._first_id) % _ID_SPACE:014d}"

    def by_id(self, order_id: str) -> OrderState | None:
        """Return an order by Amazon's id, or None."""
        text = order_id.replace("-", "")[3:]
        if not text.isdecimal():
            return None
        index = ((int(text) - self._first_id) * _ID_INVERSE) % _ID_SPACE
        if index >= len(self._orders) or self.order_id(index) != order_id:
            return None
        return self._orders[index]

    def created_between(self, after: float, before: float) -> list[OrderState]:
        """Return the orders placed between two moments (epoch seconds, inclusive), oldest first."""
        return self._between(self._by_created, after, before)

    def updated_between(self, after: float, before: float) -> list[OrderState]:
        """Return the orders last changed between two moments (inclusive), oldest change first."""
        return self._between(self._by_updated, after, before)

    def _between(self, keys: list[int], after: float, before: float) -> list[OrderState]:
        # Orders have whole seconds: at or after 12.3 is at or after 13.
        low = bisect.bisect_left(keys, _key(int(-(-after // 1)), 0))
        high = bisect.bisect_left(keys, _key(int(before // 1) + 1, 0))
        return [self._orders[key % _MAX_ORDERS] for key in keys[low:high]]

    @property
    def changes(self) -> int:
        """How many changes have happened since the end of the past."""
        return self._changes + self._wanted_changes

    def horizon(self, now: float) -> float:
        """Return until when things have happened by a moment (epoch seconds).

        A frozen world stands still: there, that is the end of the past, or the latest change that
        somebody asked for.
        """
        return now if self._pace else min(now, self._latest)

    def advance(self, now: float) -> None:
        """Let all changes happen that are due by a moment (epoch seconds)."""
        while self._pace:
            rng = self._world.random("change", self._changes)
            moment = self._world.end_of_past + (self._changes + rng.random()) / self._pace
            if moment > now:
                return
            self._changes += 1
            self._change(rng, int(moment))

    def change(self, moment: float, count: int) -> list[OrderState]:
        """Let a number of changes happen at a moment (epoch seconds): new orders and next steps.

        `advance` comes first, with the same moment. An order can change more than once.

        Returns:
            The orders, in the order of their changes.
        """
        changed = []
        for _ in range(count):
            rng = self._world.random("change on demand", self._wanted_changes)
            self._wanted_changes += 1
            changed.append(self._change(rng, int(moment)))
        return changed

    def change_one(self, moment: float, order: OrderState) -> None:
        """Let an order change at a moment: its next step, or a correction if it is closed."""
        rng = self._world.random("change on demand", self._wanted_changes)
        self._wanted_changes += 1
        if order.stage in _CLOSED:
            self._add_event(order, int(moment), order.stage)
        else:
            self._step(rng, int(moment), self._open.index(order.index))

    def record_changes(self) -> None:
        """Keep every change from now on until it is taken; see `take_changes`."""
        self._recorded = []

    def take_changes(self) -> list[OrderState]:
        """Return each order that changed since the last call, as it was right after the change."""
        recorded, self._recorded = self._recorded or [], []
        return [self._orders[index].as_of(position) for index, position in recorded]

    def _change(self, rng: random.Random, moment: int) -> OrderState:
        if self._open and rng.random() >= _SHARE_OF_NEW:
            return self._step(rng, moment, rng.randrange(len(self._open)))
        order = self._new_order(rng, moment)
        self._orders.append(order)
        self._by_created.append(_key(moment, order.index))
        bisect.insort(self._by_updated, _key(moment, order.index))
        self._open.append(order.index)
        self._record(order)
        return order

    def _step(self, rng: random.Random, moment: int, position: int) -> OrderState:
        """Let an open order, by its position among them, take its next step."""
        order = self._orders[self._open[position]]
        self._add_event(order, moment, _next_stage(rng, order))
        if order.stage in _CLOSED:
            self._open[position] = self._open[-1]
            self._open.pop()
        return order

    def _add_event(self, order: OrderState, moment: int, stage: str) -> None:
        key = _key(order.updated, order.index)
        del self._by_updated[bisect.bisect_left(self._by_updated, key)]
        order.events.append((max(moment, order.updated), stage))
        bisect.insort(self._by_updated, _key(order.updated, order.index))
        self._record(order)

    def _record(self, order: OrderState) -> None:
        self._latest = max(self._latest, order.updated)
        if self._recorded is not None:
            self._recorded.append((order.index, len(order.events) - 1))

    def _new_order(self, rng: random.Random, moment: int) -> OrderState:
        index = len(self._orders)
        marketplace = weighted(rng, self._marketplaces, self._shares)
        if index % _BIG_ORDER_EVERY == _BIG_ORDER_AT:
            items = rng.randrange(11, 26)
        else:
            items = weighted(rng, (1, 2, 3, 4, 5), (62, 82, 92, 97, 100))
        # Easy Ship orders are fulfilled by the merchant.
        by_amazon = rng.random() < 0.6 and not _is_easy_ship(index)  # noqa: PLR2004 - share of orders
        return OrderState(index, marketplace, by_amazon, items, [(moment, PENDING)])


def first_id(seed: int, number: int) -> int:
    """Return the number from which the ids of a seller's orders and items are made.

    No two sellers share an id.

    Args:
        seed: The seed of the world.
        number: Number of the seller, from 1.
    """
    first = seeded_random(seed, "order ids").randrange(_ID_SPACE)
    return (first + (number - 1) * _MAX_ORDERS * _MAX_ITEMS * _ID_FACTOR) % _ID_SPACE


def _is_easy_ship(index: int) -> bool:
    return index % _EASY_SHIP_EVERY == _EASY_SHIP_AT


def _key(moment: int, index: int) -> int:
    return moment * _MAX_ORDERS + index


def _next_stage(rng: random.Random, order: OrderState) -> str:
    draw = rng.random()
    if order.stage in (PENDING, UNSHIPPED) and draw < 0.04:  # noqa: PLR2004
        return CANCELLED
    if order.stage == UNSHIPPED and draw < 0.12 and order.items > 1 and not order.by_amazon:  # noqa: PLR2004
        return PARTIALLY_SHIPPED
    return _NEXT_STAGE[order.stage]


_PACE = {
    UNSHIPPED: (5 * MINUTE, 40 * MINUTE),
    PARTIALLY_SHIPPED: (4 * HOUR, 30 * HOUR),
    SHIPPED: (4 * HOUR, 60 * HOUR),
    DELIVERED: (DAY, 6 * DAY),
    CANCELLED: (10 * MINUTE, 20 * HOUR),
}


def _life(rng: random.Random, order: OrderState) -> list[tuple[int, str]]:
    """Return everything that happens to an order until it is closed."""
    while order.stage not in _CLOSED:
        stage = _next_stage(rng, order)
        low, high = _PACE[stage]
        order.events.append((order.updated + low + int(rng.random() * (high - low)), stage))
    events = order.events
    if rng.random() < 0.03:  # noqa: PLR2004 - a correction weeks later
        events.append((order.updated + int((8 + 20 * rng.random()) * DAY), order.stage))
    return events
