"""The fees of Amazon: one price list for transactions, reports and previews.

The amounts are made up, in the order of magnitude of Amazon's price lists. The names are Amazon's
(model `financesV0`, page "Selling on Amazon Fee Schedule").
"""

from __future__ import annotations

from tap_amazon_sp.simulator.world.marketplaces import Marketplace, minor_units
from tap_amazon_sp.simulator.world.products import Product

REFERRAL_PERCENT = 15
"""Commission on everything that the buyer pays for an item, without tax."""
_REFUND_COMMISSION_PERCENT = 20
_MAX_REFUND_COMMISSION = 5.0
_FULFILLMENT = (3.22, 3.86, 5.42, 6.92, 8.24)
"""US dollars for a unit, by size of the product."""
_SUBSCRIPTION = 39.99
_CUBIC_FEET = (0.03, 0.06, 0.15, 0.34, 0.72)
"""Volume of a unit, by size of the product."""
_STORAGE = 0.78
"""US dollars for a cubic foot and month."""


def size_of(product: Product) -> int:
    """Return the size of a product, from 0 (small) to 4."""
    return product.number % len(_FULFILLMENT)


def cubic_feet(product: Product) -> float:
    """Return the volume of a unit."""
    return _CUBIC_FEET[size_of(product)]


def referral_fee(amount: int) -> int:
    """Return the commission on an amount, in the same unit; a positive number."""
    return (amount * REFERRAL_PERCENT + 50) // 100


def refund_commission(commission: int, marketplace: Marketplace) -> int:
    """Return what Amazon keeps of a commission when an item is refunded; a positive number."""
    limit = minor_units(_MAX_REFUND_COMMISSION, marketplace)
    return min((commission * _REFUND_COMMISSION_PERCENT + 50) // 100, limit)


def fulfillment_fee(product: Product, marketplace: Marketplace) -> int:
    """Return what Amazon takes for shipping a unit of a product; a positive number."""
    return minor_units(_FULFILLMENT[size_of(product)], marketplace)


def storage_fee(product: Product, marketplace: Marketplace, units: float) -> int:
    """Return what Amazon takes for a month of storage; a positive number.

    Args:
        product: The product.
        marketplace: The marketplace that it is sold in.
        units: Average number of units in the warehouse.
    """
    return minor_units(cubic_feet(product) * units * _STORAGE, marketplace)


def storage_rate(marketplace: Marketplace) -> int:
    """Return what Amazon takes for a cubic foot and month; a positive number."""
    return minor_units(_STORAGE, marketplace)


def subscription_fee(marketplace: Marketplace) -> int:
    """Return the monthly fee of the selling plan; a positive number."""
    return minor_units(_SUBSCRIPTION, marketplace)
