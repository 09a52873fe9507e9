"""Units that Amazon loses or damages in its warehouses, and pays for weeks later."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import weighted
from tap_amazon_sp.simulator.world.timestamps import DAY
from tap_amazon_sp.simulator.world.world import World

_WEEK = 7 * DAY
_MAX_PER_WEEK = 6
_PAID_PERCENT = 60
LOST, DAMAGED = "Lost_Warehouse", "Damaged_Warehouse"


class Loss(NamedTuple):
    """Units that were lost or damaged.

    Attributes:
        number: A number that no other loss of the seller has.
        product: The product.
        marketplace: The marketplace whose currency Amazon pays in.
        quantity: Number of units.
        reason: In the words of Amazon's report of reimbursements.
        lost_at: Epoch seconds.
        reimbursed_at: When Amazon pays; may lie in the future.
        per_unit: What it pays for a unit, in hundredths or units of a currency without cents.
    """

    number: int
    product: Product
    marketplace: Marketplace
    quantity: int
    reason: str
    lost_at: int
    reimbursed_at: int
    per_unit: int

    @property
    def total(self) -> int:
        """What Amazon pays for all units."""
        return self.per_unit * self.quantity


def loss_of(world: World, number: int) -> Loss:
    """Return a loss by its number.

    Raises:
        LookupError: There is no such loss.
    """
    week = number // (_MAX_PER_WEEK + 1)
    found = losses(world, (week + 1) * _WEEK - 1, first_week=week)
    return next(loss for loss in found if loss.number == number)


def losses(world: World, until: float, *, first_week: int | None = None) -> Iterator[Loss]:
    """Yield the losses up to a moment, week by week.

    Args:
        world: The world of the seller.
        until: Epoch seconds.
        first_week: The first week, counted from the epoch; None is the first one of the past.
    """
    first = world.end_of_past - world.length_of_past
    shares = [*itertools.accumulate(market.share for market in world.marketplaces)]
    start = first // _WEEK if first_week is None else first_week
    for week in range(start, int(until) // _WEEK + 1):
        rng = world.random("losses", week)
        for number in range(rng.randrange(_MAX_PER_WEEK + 1)):
            product, market = rng.choice(world.products), weighted(rng, world.marketplaces, shares)
            lost_at = week * _WEEK + int(rng.random() * _WEEK)
            loss = Loss(
                number=week * (_MAX_PER_WEEK + 1) + number,
                product=product,
                marketplace=market,
                quantity=rng.choice((1, 1, 1, 2, 3)),
                reason=rng.choice((LOST, DAMAGED)),
                lost_at=lost_at,
                reimbursed_at=lost_at + int((5 + 20 * rng.random()) * DAY),
                per_unit=max(1, product.price(market) * _PAID_PERCENT // 100),
            )
            if first <= lost_at <= until:
                yield loss
