"""What the values of a record follow from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.generated.names import plain
from tap_amazon_sp.simulator.generated.subjects import SHALLOW, Place, Subject
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import number_from
from tap_amazon_sp.simulator.world.world import World

ForeignId = Callable[[Subject, str, int], Any]
"""Returns the id of another record by subject, plain name and number; None if there is none."""

_MAX_FOREIGN = 1000


@dataclass(frozen=True)
class ValueSource:
    """What the values of a record follow from: the world, the subject, and other records.

    Attributes:
        world: The world of the seller.
        subject: The subject of the record.
        foreign_id: Returns ids of other records.
    """

    world: World
    subject: Subject
    foreign_id: ForeignId

    def number(self, place: Place, *extra: object) -> int:
        """Return a large number, always the same for a place and some names."""
        path = ".".join(place.path).lower()
        return number_from(self.world.seed, *self.subject.key, path, *extra)

    def foreign(self, place: Place) -> Any:
        """Return the id of another record at a place, or None."""
        if place.depth == 1 and plain(place.name) == self.subject.own_key:
            return None
        # All positions of a list start at one number, so that they name different records.
        around = place.above(tuple(part for part in place.path if not part.isdigit()))
        number = self.number(around, "foreign") % _MAX_FOREIGN
        return self.foreign_id(self.subject, plain(place.name), number + place.position)

    def product(self, place: Place) -> Product:
        """Return the product that a place is about."""
        products, known = self.world.products, self.subject.known
        if place.depth <= self.subject.known_depth + 1:
            for name in ("asin", "sku", "sellersku", "msku"):
                value = known.get(name)
                by_id = self.world.products_by_id
                product = None if isinstance(value, list) else by_id.get(value or "")
                if product is not None:
                    return products[(product.number + place.position) % len(products)]
        number = self.subject.index
        if place.depth > SHALLOW + 1:
            number = self.number(place.above(place.path[:-1]), "product") % len(products)
        number += place.position
        if number < len(products):
            return products[number]
        letters = f"{number_from(self.world.seed, 'product', number):032X}"
        return Product(
            "B0" + letters[:8], f"SKU-{number:04d}-{letters[8:10]}", "Spare part", 1999, number
        )
