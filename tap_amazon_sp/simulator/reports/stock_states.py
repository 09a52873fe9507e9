"""Rows of the reports that show the present stock, its fees and its storage.

The quantities are those of getInventorySummaries. Columns that say nothing about stock or fees are
made up.
"""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable, Mapping

from tap_amazon_sp.simulator.inventory.movements import SELLABLE, SHIPMENTS
from tap_amazon_sp.simulator.inventory.shelves import Shelf
from tap_amazon_sp.simulator.money.entries import STORAGE_DAY, STORAGE_HOUR
from tap_amazon_sp.simulator.money.fees import (
    cubic_feet,
    fulfillment_fee,
    referral_fee,
    size_of,
    storage_fee,
    storage_rate,
)
from tap_amazon_sp.simulator.reports.stock_rows import StockRow, StockView, price_of
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.periods import day_of
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR

_DIMENSIONS = (
    ("Small standard-size", 6.0, 4.32, 2.0, 0.5),
    ("Large standard-size", 6.0, 4.32, 4.0, 1.1),
    ("Large standard-size", 10.0, 6.48, 4.0, 2.6),
    ("Large standard-size", 12.0, 8.16, 6.0, 5.4),
    ("Large bulky", 18.0, 11.52, 6.0, 11.8),
)
"""Size tier, sides in inches, and weight in pounds, by size of the product."""

_AGES = (90, 180, 270, 365)
"""Days after which units are in the next age group."""


def _row(view: StockView, shelf: Shelf, values: Mapping[str, object]) -> StockRow:
    return StockRow(
        shelf.product, shelf.marketplace, view.request.now, shelf.product.number, values
    )


def available_units(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_AFN_INVENTORY_DATA: sellable units, and others if there are any."""
    for shelf in view.shelves():
        for code, units in (("SELLABLE", shelf.fulfillable), ("UNSELLABLE", shelf.unfulfillable)):
            if units or code == SELLABLE:
                yield _row(
                    view,
                    shelf,
                    {
                        "condition-type": "NewItem",
                        "Warehouse-Condition-code": code,
                        "Quantity Available": units,
                    },
                )


def units_by_country(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_AFN_INVENTORY_DATA_BY_COUNTRY."""
    for shelf in view.shelves():
        yield _row(
            view,
            shelf,
            {
                "condition-type": "NewItem",
                "country": shelf.marketplace.country,
                "quantity-for-local-fulfillment": shelf.fulfillable,
            },
        )


def managed_inventory(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA and its variant with all SKUs."""
    for shelf in view.shelves():
        inbound = shelf.inbound_units(view.request.now)
        warehouse = sum(shelf.units.values())
        yield _row(
            view,
            shelf,
            {
                "condition": "New",
                "your-price": price_of(shelf),
                "afn-listing-exists": "Yes",
                "afn-warehouse-quantity": warehouse,
                "afn-fulfillable-quantity": shelf.fulfillable,
                "afn-unsellable-quantity": shelf.unfulfillable,
                "afn-reserved-quantity": shelf.reserved,
                "afn-total-quantity": warehouse + shelf.outstanding,
                "per-unit-volume": cubic_feet(shelf.product),
                "afn-inbound-working-quantity": inbound["working"],
                "afn-inbound-shipped-quantity": inbound["shipped"],
                "afn-inbound-receiving-quantity": inbound["receiving"],
                "afn-researching-quantity": 0,
                "afn-reserved-future-supply": 0,
                "afn-future-supply-buyable": 0,
            },
        )


def reserved_units(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_RESERVED_INVENTORY_DATA."""
    for shelf in view.shelves():
        yield _row(
            view,
            shelf,
            {
                "reserved_qty": shelf.reserved,
                "reserved_customerorders": shelf.reserved,
                "reserved_fc-transfers": 0,
                "reserved_fc-processing": 0,
            },
        )


def planning(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_FBA_INVENTORY_PLANNING_DATA."""
    for shelf in view.shelves():
        inbound = shelf.inbound_units(view.request.now)
        price = price_of(shelf)
        shipped = {days: _shipped(shelf, view.request.now, days) for days in (7, 30, 60, 90)}
        unit_price, currency = shelf.product.price(shelf.marketplace), shelf.marketplace.currency
        units = sum(shelf.units.values())
        yield _row(
            view,
            shelf,
            {
                "condition": "New",
                "available": shelf.fulfillable,
                "pending-removal-quantity": 0,
                **_ages(shelf, view.request.now),
                **{f"units-shipped-t{days}": count for days, count in shipped.items()},
                **{
                    f"sales-shipped-last-{days}-days": amount(count * unit_price, currency)
                    for days, count in shipped.items()
                },
                "your-price": price,
                "sales-price": price,
                "item-volume": cubic_feet(shelf.product),
                "volume-unit-measurement": "cubic feet",
                "storage-volume": f"{units * cubic_feet(shelf.product):.2f}",
                "estimated-storage-cost-next-month": amount(
                    storage_fee(shelf.product, shelf.marketplace, units), currency
                ),
                "inbound-quantity": shelf.outstanding,
                "inbound-working": inbound["working"],
                "inbound-shipped": inbound["shipped"],
                "inbound-received": inbound["receiving"],
                "reserved-quantity": shelf.reserved,
                "unfulfillable-quantity": shelf.unfulfillable,
            },
        )


def restock(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_RESTOCK_INVENTORY_RECOMMENDATIONS_REPORT."""
    for shelf in view.shelves():
        inbound = shelf.inbound_units(view.request.now)
        yield _row(
            view,
            shelf,
            {
                "Price": price_of(shelf),
                "Units Sold Last 30 Days": _shipped(shelf, view.request.now, 30),
                "Total Units": sum(shelf.units.values()) + shelf.outstanding,
                "Inbound": shelf.outstanding,
                "Available": shelf.fulfillable,
                "FC transfer": 0,
                "FC Processing": 0,
                "Customer Order": shelf.reserved,
                "Unfulfillable": shelf.unfulfillable,
                "Working": inbound["working"],
                "Shipped": inbound["shipped"],
                "Receiving": inbound["receiving"],
                "Fulfilled by": "Amazon",
            },
        )


def _shipped(shelf: Shelf, now: float, days: int) -> int:
    return -sum(
        movement.quantity
        for movement in shelf.movements
        if movement.event == SHIPMENTS and movement.moment > now - days * DAY
    )


def _ages(shelf: Shelf, now: float) -> dict[str, int]:
    """Return the sellable units by age, as if the oldest were always sold first."""
    left = shelf.fulfillable
    ages = [0] * (len(_AGES) + 1)
    for movement in reversed(shelf.movements):
        if movement.quantity > 0 and movement.disposition == SELLABLE:
            units = min(left, movement.quantity)
            left -= units
            ages[bisect.bisect_left(_AGES, (now - movement.moment) / DAY)] += units
    names = (
        "inv-age-0-to-90-days",
        "inv-age-91-to-180-days",
        "inv-age-181-to-270-days",
        "inv-age-271-to-365-days",
        "inv-age-365-plus-days",
    )
    return dict(zip(names, ages, strict=True))


def _measures(product: Product, separator: str) -> dict[str, object]:
    """Return size and weight of a product.

    Args:
        product: The product.
        separator: What stands between the words of the names of columns.
    """
    tier, longest, median, shortest, weight = _DIMENSIONS[size_of(product)]
    values = {
        "longest side": f"{longest:.2f}",
        "median side": f"{median:.2f}",
        "shortest side": f"{shortest:.2f}",
        "product size tier": tier,
        "weight": f"{weight:.2f}",
        "weight units": "pounds",
        "measurement units": "inches",
        "length and girth": f"{longest + 2 * (median + shortest):.2f}",
        "unit of dimension": "inches",
        "item package weight": f"{weight:.2f}",
        "unit of weight": "pounds",
    }
    return {name.replace(" ", separator): value for name, value in values.items()}


def fee_previews(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA."""
    for shelf in view.shelves():
        market = shelf.marketplace
        price = shelf.product.price(market)
        fees = {
            "estimated-referral-fee-per-unit": referral_fee(price),
            "estimated-variable-closing-fee": 0,
            "estimated-order-handling-fee-per-order": 0,
            "estimated-pick-pack-fee-per-unit": fulfillment_fee(shelf.product, market),
            "estimated-weight-handling-fee-per-unit": 0,
        }
        written = {name: amount(units, market.currency) for name, units in fees.items()}
        yield _row(
            view,
            shelf,
            {
                **_measures(shelf.product, "-"),
                "fulfilled-by": "Amazon",
                "your-price": amount(price, market.currency),
                "sales-price": amount(price, market.currency),
                "estimated-fee-total": amount(sum(fees.values()), market.currency),
                **written,
                "expected-fulfillment-fee-per-unit": written["estimated-pick-pack-fee-per-unit"],
            },
        )


def storage_charges(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_FBA_STORAGE_FEE_CHARGES_DATA for the last month that was charged."""
    first = last_charged_month(view.book.history.horizon(view.request.now))
    for marketplace in view.request.marketplaces:
        for charge in view.storage.charges(marketplace, first.year, first.month):
            product = charge.shelf.product
            volume = cubic_feet(product)
            yield _row(
                view,
                charge.shelf,
                {
                    **_measures(product, "_"),
                    "fulfillment_center": charge.shelf.fulfillment_center,
                    "item_volume": volume,
                    "volume_units": "cubic feet",
                    "average_quantity_on_hand": f"{charge.units:.2f}",
                    "average_quantity_pending_removal": 0,
                    "estimated_total_item_volume": f"{charge.units * volume:.2f}",
                    "month_of_charge": f"{first:%Y-%m}",
                    "storage_rate": amount(storage_rate(marketplace), marketplace.currency),
                    "estimated_monthly_storage_fee": amount(charge.fee, marketplace.currency),
                },
            )


def last_charged_month(moment: float) -> dt.date:
    """Return the first day of the last month whose storage was charged by a moment."""
    day = day_of(moment - STORAGE_HOUR * HOUR)
    months = day.year * 12 + day.month - 1 - (1 if day.day >= STORAGE_DAY else 2)
    return dt.date(months // 12, months % 12 + 1, 1)
