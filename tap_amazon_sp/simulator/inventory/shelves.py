"""The stock of one product in one marketplace, and the inbound shipments that fill it up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tap_amazon_sp.simulator.inventory.movements import RECEIPTS, SELLABLE, Movement
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.products import Product

_FULFILLMENT_CENTERS = {
    "US": ("PHX7", "ONT8"),
    "CA": ("YYZ4", "YVR3"),
    "MX": ("MEX2",),
    "BR": ("GRU5",),
    "DE": ("LEJ1", "FRA3"),
    "GB": ("LTN1", "BHX4"),
    "FR": ("ORY1",),
    "IT": ("MXP5",),
    "JP": ("NRT5", "KIX2"),
    "AU": ("BWU2",),
    "SG": ("SIN2",),
}


@dataclass
class InboundShipment:
    """Units on their way to a warehouse; times are epoch seconds.

    Attributes:
        number: A number that no other inbound shipment of the seller has.
        units: Number of units.
        created_at: When the seller told Amazon about it.
        shipped_at: When the carrier picked it up.
        due_at: When its first units arrive.
        received: Number of units that have arrived.
    """

    number: int
    units: int
    created_at: int
    shipped_at: int
    due_at: int
    received: int = 0

    @property
    def outstanding(self) -> int:
        """Number of units that have not arrived."""
        return self.units - self.received

    def stage(self, now: float) -> str:
        """Return `working`, `shipped` or `receiving`."""
        if self.received or now >= self.due_at:
            return "receiving"
        return "shipped" if now >= self.shipped_at else "working"


@dataclass
class Shelf:
    """The stock of a product in the warehouses of a marketplace.

    Attributes:
        product: The product.
        marketplace: The marketplace.
        lot: Number of units of its next inbound shipment.
        units: Units in the warehouse by disposition; those of open orders are among the sellable.
        reserved: Units of orders that have been placed and not shipped.
        movements: What moved its units, oldest first.
        inbound: Inbound shipments with outstanding units, oldest first.
        changed_at: When a quantity last changed, inbound ones apart, epoch seconds.
        ordered_at: When its last inbound shipment was created.
    """

    product: Product
    marketplace: Marketplace
    lot: int
    units: Counter[str] = field(default_factory=Counter)
    reserved: int = 0
    movements: list[Movement] = field(default_factory=list)
    inbound: list[InboundShipment] = field(default_factory=list)
    changed_at: int = 0
    ordered_at: int = 0

    @property
    def fulfillment_center(self) -> str:
        """The warehouse that has all its units."""
        names = _FULFILLMENT_CENTERS[self.marketplace.country]
        return names[self.product.number % len(names)]

    @property
    def fulfillable(self) -> int:
        """Number of sellable units that no order has reserved."""
        return self.units[SELLABLE] - self.reserved

    @property
    def outstanding(self) -> int:
        """Number of units in inbound shipments."""
        return sum(shipment.outstanding for shipment in self.inbound)

    @property
    def unfulfillable(self) -> int:
        """Number of units that cannot be sold."""
        return sum(self.units.values()) - self.units[SELLABLE]

    def inbound_units(self, now: float) -> Counter[str]:
        """Return the units in inbound shipments by stage; see `InboundShipment.stage`."""
        units: Counter[str] = Counter()
        for shipment in self.inbound:
            units[shipment.stage(now)] += shipment.outstanding
        return units

    def move(self, movement: Movement) -> None:
        """Let units move."""
        self.units[movement.disposition] += movement.quantity
        self.movements.append(movement)
        self.changed_at = movement.moment

    def receive(self, moment: int, shipment: InboundShipment, units: int) -> None:
        """Let units of an inbound shipment arrive."""
        shipment.received += units
        self.move(Movement(moment, RECEIPTS, units, SELLABLE, shipment.number))
        if not shipment.outstanding:
            self.inbound.remove(shipment)
