"""What happens to the items of an order after the sale: shipments, refunds and returns.

An item is shipped when its order reaches a stage, so shipments follow from the history. Some items
are refunded days later, and most of these come back. Seed and number of the order decide which.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import PARTIALLY_SHIPPED, SHIPPED, OrderState
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import share_from, weighted
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR

_REFUNDED = 0.06
_RETURNED = 0.8
_ALL_UNITS = 0.8
_MIN_REFUND_DELAY = 4 * DAY
MAX_REFUND_DELAY = 25 * DAY
"""Seconds from the last shipment of an order to its last refund, at most."""
DISPOSITIONS = (
    ("SELLABLE", "CUSTOMER_DAMAGED", "DEFECTIVE", "CARRIER_DAMAGED"),
    (70, 85, 95, 100),
)
"""What a returned item is like, and for each the sum of its weight and of all before it."""
REASONS = (
    ("UNWANTED_ITEM", "NOT_AS_DESCRIBED", "DEFECTIVE", "ORDERED_WRONG_ITEM", "NO_REASON_GIVEN"),
    (30, 55, 75, 90, 100),
)
"""Why a buyer returns an item, with such sums."""


class Shipment(NamedTuple):
    """A package of an order.

    Attributes:
        number: Position among the shipments of the order, from 0.
        shipped_at: When it was shipped, epoch seconds.
        positions: Positions of its items in the order.
    """

    number: int
    shipped_at: int
    positions: tuple[int, ...]


class Refund(NamedTuple):
    """An item, or some of its units, that the buyer gets the money back for.

    Attributes:
        position: Position of the item in the order.
        product: The product.
        quantity: Number of units.
        ordered: Number of units of the item.
        refunded_at: Epoch seconds; may lie in the future.
        returned_at: When the units came back; None if the buyer keeps them.
        disposition: What they are like, in the words of Amazon's reports of returns.
        reason: Why they were returned, in such words.
    """

    position: int
    product: Product
    quantity: int
    ordered: int
    refunded_at: int
    returned_at: int | None
    disposition: str
    reason: str


def shipments(order: OrderState) -> list[Shipment]:
    """Return the shipments of an order so far, oldest first."""
    found = []
    partly, wholly = order.reached(PARTIALLY_SHIPPED), order.reached(SHIPPED)
    first = 0
    if partly is not None:
        # Of a partially shipped order, the first item has been shipped.
        found.append(Shipment(0, partly, (0,)))
        first = 1
    if wholly is not None:
        found.append(Shipment(len(found), wholly, tuple(range(first, order.items))))
    return found


def refunds(book: OrderBook, order: OrderState) -> Iterator[Refund]:
    """Yield the refunds of an order that has been shipped completely, also those to come."""
    shipped_at = order.reached(SHIPPED)
    if shipped_at is None:
        return
    for position in range(order.items):
        # Few items are refunded, and everybody asks for those of all orders.
        if share_from(book.world.seed, "refunded", order.index, position) >= _REFUNDED:
            continue
        rng = book.world.random("after sale", order.index, position)
        product, ordered = book.bought(order, position)
        quantity = ordered if rng.random() < _ALL_UNITS else rng.randint(1, ordered)
        refunded_at = shipped_at + int(
            _MIN_REFUND_DELAY + rng.random() * (MAX_REFUND_DELAY - _MIN_REFUND_DELAY)
        )
        before = int((1 + 47 * rng.random()) * HOUR)
        yield Refund(
            position,
            product,
            quantity,
            ordered,
            refunded_at,
            refunded_at - before if rng.random() < _RETURNED else None,
            weighted(rng, *DISPOSITIONS),
            weighted(rng, *REASONS),
        )
