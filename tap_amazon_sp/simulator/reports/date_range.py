"""The date range reports of Seller Central: transactions, and amounts that are held back.

createReport refuses these types (amzn/selling-partner-api-models#2036, #5023): sellers make the
reports in Seller Central, and applications list and read them. Their transactions are those of the
settlements: what the buyer paid, less the fees, for each item of an order that was shipped. A
transfer to the seller's bank account ends the range.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tap_amazon_sp.simulator.orders.details import Item, OrderDetails
from tap_amazon_sp.simulator.orders.history import SHIPPED, OrderState
from tap_amazon_sp.simulator.reports.columns import DATE_RANGE_TEXTS
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.reports.settlements import selling_fee, settlement_id
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount
from tap_amazon_sp.simulator.world.timestamps import DAY, iso

_HELD = 7 * DAY
"""How long amounts are held back after a delivery."""

_SHIPPING_FEE = 0.1
"""Share of the price that Amazon takes for shipping."""

_AMOUNTS = (
    "product sales",
    "product sales tax",
    "shipping credits",
    "shipping credits tax",
    "gift wrap credits",
    "giftwrap credits tax",
    "promotional rebates",
    "promotional rebates tax",
    "marketplace withheld tax",
    "selling fees",
    "fba fees",
    "other transaction fees",
    "other",
)


def transactions(orders: ReportOrders) -> list[Mapping[str, str]]:
    """Return the rows of the transactions of the first marketplace."""
    request = orders.request
    market = request.marketplaces[0]
    rows: list[Mapping[str, str]] = []
    total = 0
    for order, details, item in _shipped_items(orders):
        units = _units(order, item)
        total += sum(units.values())
        rows.append(_row(orders, order, details, item) | _money(units, market))
    if rows:
        texts = dict.fromkeys(DATE_RANGE_TEXTS, "") | {
            "date/time": iso(request.end),
            "settlement id": settlement_id(request),
            "type": "Transfer",
            "description": "To account ending in: 123",
        }
        rows.append(texts | _money({"other": -total}, market))
    return rows


def holds(orders: ReportOrders) -> list[Mapping[str, str]]:
    """Return the rows of the amounts of the first marketplace that are held back at the end."""
    request = orders.request
    return [
        _row(orders, order, details, item) | _money(_units(order, item), request.marketplaces[0])
        for order, details, item in _shipped_items(orders)
        if order.updated + _HELD > request.end
    ]


def _shipped_items(orders: ReportOrders) -> Iterator[tuple[OrderState, OrderDetails, Item]]:
    for order in orders.updated():
        if order.marketplace == orders.request.marketplaces[0] and order.status == SHIPPED:
            details = orders.book.details(order)
            for item in details.items:
                yield order, details, item


def _units(order: OrderState, item: Item) -> dict[str, int]:
    """Return the amounts of an item in hundredths, or in units of a currency without cents."""
    withheld = item.all_tax if order.marketplace.country == "US" else 0
    return {
        "product sales": item.price,
        "product sales tax": item.tax,
        "shipping credits": item.shipping,
        "shipping credits tax": item.shipping_tax,
        "gift wrap credits": item.gift_wrap,
        "promotional rebates": -item.discount,
        "marketplace withheld tax": -withheld,
        "selling fees": selling_fee(item),
        "fba fees": -round(item.price * _SHIPPING_FEE) if order.by_amazon else 0,
    }


def _money(units: Mapping[str, int], market: Marketplace) -> dict[str, str]:
    """Return all amounts and their total; nothing is written as `0`."""
    every = {**dict.fromkeys(_AMOUNTS, 0), **units, "total": sum(units.values())}
    return {name: amount(each, market.currency) if each else "0" for name, each in every.items()}


def _row(
    orders: ReportOrders, order: OrderState, details: OrderDetails, item: Item
) -> dict[str, str]:
    """Return what a row has beside amounts."""
    buyer = details.buyer
    return {
        "date/time": iso(order.updated),
        "settlement id": settlement_id(orders.request),
        "type": "Order",
        "order id": details.order_id,
        "sku": item.product.sku,
        "description": item.product.title,
        "quantity": str(item.quantity),
        "marketplace": order.marketplace.domain.lower(),
        "account type": "Standard Orders",
        "fulfillment": "Amazon" if order.by_amazon else "Seller",
        "order city": buyer.city,
        "order state": buyer.state,
        "order postal": buyer.postal_code,
        "tax collection model": (
            "MarketplaceFacilitator" if order.marketplace.country == "US" else ""
        ),
    }
