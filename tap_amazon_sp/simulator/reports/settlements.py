"""Settlements: what Amazon pays for the orders of two weeks."""

from __future__ import annotations

from tap_amazon_sp.simulator.orders.details import Item
from tap_amazon_sp.simulator.orders.history import SHIPPED
from tap_amazon_sp.simulator.reports.order_files import Rows
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.timestamps import DAY, date_of, iso

_CYCLE = 14 * DAY
_SELLING_FEE = 0.15
"""Share of the price that Amazon takes as commission."""


def settlement_id(request: ReportRequest) -> str:
    """Return the id of the settlement of the time in which a report begins."""
    return str(10_000_000_000 + int(request.start) // _CYCLE)


def selling_fee(item: Item) -> int:
    """Return the commission for an item, as money that the seller pays."""
    return -round(item.price * _SELLING_FEE)


def settlement(orders: ReportOrders) -> Rows:
    """Return the settlement file of the first marketplace."""
    request = orders.request
    marketplace = request.marketplaces[0]
    own_id = settlement_id(request)
    lines: list[dict[str, str]] = []
    total = 0
    for order in orders.updated():
        if order.marketplace != marketplace or order.status != SHIPPED:
            continue
        details = orders.book.details(order)
        for item in details.items:
            fee = selling_fee(item)
            total += item.price + fee
            for kind, description, units in (
                ("ItemPrice", "Principal", item.price),
                ("ItemFees", "Commission", fee),
            ):
                lines.append(
                    {
                        "transaction-type": "Order",
                        "order-id": details.order_id,
                        "merchant-order-id": details.seller_order_id or "",
                        "amount-type": kind,
                        "amount-description": description,
                        "amount": amount(units, marketplace.currency),
                        "posted-date": date_of(order.updated),
                        "posted-date-time": iso(order.updated),
                        "order-item-code": item.id,
                        "sku": item.product.sku,
                        "quantity-purchased": str(item.quantity),
                    }
                )
    blank = dict.fromkeys(_SETTLEMENT_COLUMNS, "")
    head = blank | {
        "settlement-id": own_id,
        "settlement-start-date": iso(request.start),
        "settlement-end-date": iso(request.end),
        "deposit-date": iso(request.end + 2 * DAY),
        "total-amount": amount(total, marketplace.currency),
        "currency": marketplace.currency,
    }
    return [head, *(blank | {"settlement-id": own_id} | line for line in lines)]


_SETTLEMENT_COLUMNS = (
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "deposit-date",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "merchant-order-id",
    "amount-type",
    "amount-description",
    "amount",
    "posted-date",
    "posted-date-time",
    "order-item-code",
    "sku",
    "quantity-purchased",
)
