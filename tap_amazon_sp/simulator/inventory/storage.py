"""What Amazon takes for a month of storage, by product."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tap_amazon_sp.simulator.inventory.shelves import Shelf
from tap_amazon_sp.simulator.inventory.stock import Stock
from tap_amazon_sp.simulator.money.fees import storage_fee
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.timestamps import DAY, UTC


@dataclass(frozen=True)
class StorageCharge:
    """The storage of a product for a month.

    Attributes:
        shelf: The stock.
        units: Average of the units that lay in the warehouse at the end of each day.
        fee: What Amazon takes, in hundredths or in units of a currency without cents.
    """

    shelf: Shelf
    units: float
    fee: int


class Storage:
    """The charges for closed months; each month is computed once."""

    def __init__(self, stock: Stock) -> None:
        """Charge for a stock."""
        self._stock = stock
        self._months: dict[tuple[str, int, int], Sequence[StorageCharge]] = {}

    def charges(self, marketplace: Marketplace, year: int, month: int) -> Sequence[StorageCharge]:
        """Return the charges of a month that has ended, for products that were in stock."""
        key = (marketplace.id, year, month)
        found = self._months.get(key)
        if found is None:
            found = self._months[key] = [
                StorageCharge(shelf, units, storage_fee(shelf.product, marketplace, units))
                for shelf in self._stock.shelves(marketplace)
                if (units := average_units(shelf, year, month))
            ]
        return found

    def total(self, marketplace: Marketplace, year: int, month: int) -> int:
        """Return the sum of the charges of a month that has ended."""
        return sum(charge.fee for charge in self.charges(marketplace, year, month))


def average_units(shelf: Shelf, year: int, month: int) -> float:
    """Return the average of the units that lay in the warehouse at the end of each day (UTC)."""
    days = calendar.monthrange(year, month)[1]
    start = int(dt.datetime(year, month, 1, tzinfo=UTC).timestamp())
    total = 0
    for movement in shelf.movements:
        day = max(0, (movement.moment - start) // DAY)
        if day >= days:
            break
        total += movement.quantity * (days - day)
    return total / days
