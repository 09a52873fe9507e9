"""The parameters of a made-up world: everything that a seller has follows from them."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from dataclasses import dataclass

from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES, Marketplace
from tap_amazon_sp.simulator.world.products import Product, make_products
from tap_amazon_sp.simulator.world.randomness import seeded_random
from tap_amazon_sp.simulator.world.timestamps import DAY, MINUTE

PAST_ENDS_BEFORE_START = 10 * MINUTE


@dataclass(frozen=True)
class World:
    """The world of one seller.

    Attributes:
        seed: Another seed makes another world.
        region: `na`, `eu` or `fe`.
        start: When the simulator started, epoch seconds.
        days: How many days back the past reaches.
        changes_per_minute: Changes of orders in a minute of real time; 0 freezes the world.
    """

    seed: int
    region: str
    start: float
    days: int = 60
    changes_per_minute: float = 0.0

    @property
    def end_of_past(self) -> int:
        """When the past ends and changes in real time begin, epoch seconds.

        It lies ten minutes before the start, so that a client that never reads the last two
        minutes can read a frozen world completely.
        """
        return int(self.start) - PAST_ENDS_BEFORE_START

    @property
    def length_of_past(self) -> int:
        """Seconds over which the past is spread: a day less than `days`."""
        return (self.days - 1) * DAY

    @property
    def marketplaces(self) -> tuple[Marketplace, ...]:
        """The marketplaces of the region."""
        return MARKETPLACES[self.region]

    @functools.cached_property
    def marketplaces_by_id(self) -> Mapping[str, Marketplace]:
        """The marketplaces of the region, by Amazon's id."""
        return {market.id: market for market in self.marketplaces}

    @property
    def products(self) -> tuple[Product, ...]:
        """The products that the seller sells."""
        return make_products(self.seed, self.region)

    @functools.cached_property
    def products_by_id(self) -> Mapping[str, Product]:
        """The products by ASIN and by SKU."""
        return {
            **{product.asin: product for product in self.products},
            **{product.sku: product for product in self.products},
        }

    def random(self, *names: object) -> random.Random:
        """Return a source of random numbers that depends on the seed and the names alone."""
        return seeded_random(self.seed, *names)
