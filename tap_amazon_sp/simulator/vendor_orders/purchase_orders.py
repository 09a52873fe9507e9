"""The purchase orders of a vendor, and what happens to them."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass

from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, MINUTE
from tap_amazon_sp.simulator.world.world import World

NEW, ACKNOWLEDGED, CLOSED = "New", "Acknowledged", "Closed"

_STATES = (NEW, ACKNOWLEDGED, CLOSED)
_NUMBER_LETTERS = string.ascii_uppercase + string.digits
_VENDOR_CODES = ("SIMVA", "SIMVB")
# Purchase orders change more slowly than orders of customers.
_PACE_OF_ORDERS = 0.1
_RECENT = 200


@dataclass
class PurchaseOrder:
    """A purchase order; times are epoch seconds.

    Attributes:
        index: Its number, from 0.
        number: Amazon's purchase order number.
        created: When it was placed.
        state: `New`, `Acknowledged` or `Closed`.
        state_changed: When it reached that state.
        changed: When Amazon last changed it; None if Amazon never did.
        changes: Number of those changes.
        cancelled_item: Whether a change cancelled its first item.
    """

    index: int
    number: str
    created: int
    state: str
    state_changed: int
    changed: int | None = None
    changes: int = 0
    cancelled_item: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is not closed yet."""
        return self.state != CLOSED

    @property
    def vendor_code(self) -> str:
        """Code of the vendor that it was placed with."""
        return _VENDOR_CODES[self.index % len(_VENDOR_CODES)]

    @property
    def updated(self) -> int:
        """When its state or content last changed."""
        return max(self.state_changed, self.changed or 0)

    def change(self, moment: int, *, cancels: bool) -> None:
        """Record a change by Amazon.

        Args:
            moment: When it happened, epoch seconds.
            cancels: Whether it cancels the first item.
        """
        self.changed = moment
        self.changes += 1
        self.cancelled_item = self.cancelled_item or cancels

    def move_on(self, moment: int) -> None:
        """Move to the next state."""
        self.state = _STATES[_STATES.index(self.state) + 1]
        self.state_changed = moment


class PurchaseOrders:
    """All purchase orders of a vendor."""

    def __init__(self, world: World, count: int) -> None:
        """Make up the past.

        Args:
            world: The world of the seller who is also the vendor.
            count: Number of purchase orders at the start.
        """
        self._world = world
        self._pace = world.changes_per_minute * _PACE_OF_ORDERS / MINUTE
        self._changes = 0
        self._orders: list[PurchaseOrder] = []
        self._by_number: dict[str, PurchaseOrder] = {}
        rng, end = world.random("purchase orders"), world.end_of_past
        for moment in sorted(
            end - int(rng.random() * (world.days - 1) * DAY) for _ in range(count)
        ):
            _live(rng, self._place(rng, moment), end)

    def __iter__(self) -> Iterator[PurchaseOrder]:
        """Yield all purchase orders."""
        return iter(self._orders)

    def by_number(self, number: str) -> PurchaseOrder | None:
        """Return a purchase order by Amazon's number, or None."""
        return self._by_number.get(number)

    def advance(self, now: float) -> None:
        """Let all changes happen that are due by a moment (epoch seconds)."""
        while self._pace:
            rng = self._world.random("purchase order change", self._changes)
            moment = self._world.end_of_past + (self._changes + rng.random()) / self._pace
            if moment > now:
                return
            self._changes += 1
            open_orders = [order for order in self._orders[-_RECENT:] if order.is_open]
            draw = rng.random()
            if not open_orders or draw < 0.3:  # noqa: PLR2004 - share of new ones
                self._place(rng, int(moment))
                continue
            order = rng.choice(open_orders)
            moment = max(moment, order.created + 1)
            if draw < 0.65:  # noqa: PLR2004 - share of changes
                order.change(int(moment), cancels=rng.random() < 0.2)  # noqa: PLR2004
            else:
                order.move_on(int(moment))

    def _place(self, rng: random.Random, moment: int) -> PurchaseOrder:
        number = ""
        while not number or number in self._by_number:
            number = "".join(rng.choices(_NUMBER_LETTERS, k=8))
        order = PurchaseOrder(len(self._orders), number, moment, NEW, moment)
        self._orders.append(order)
        self._by_number[number] = order
        return order


def _live(rng: random.Random, order: PurchaseOrder, end: int) -> None:
    """Let everything happen to an order that happens before the end of the past."""
    acknowledged = order.created + rng.randrange(2 * HOUR, 48 * HOUR)
    closed = acknowledged + rng.randrange(8 * DAY, 20 * DAY)
    changed = order.created + rng.randrange(6 * HOUR, 9 * DAY)
    for moment in (acknowledged, closed):
        if moment <= end:
            order.move_on(moment)
    if rng.random() < 0.35 and changed <= end:  # noqa: PLR2004 - share of changed ones
        order.change(changed, cancels=rng.random() < 0.2)  # noqa: PLR2004
