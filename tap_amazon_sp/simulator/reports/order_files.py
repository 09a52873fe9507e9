"""The flat files about orders to ship, listings and settlements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.simulator.orders.details import OrderDetails
from tap_amazon_sp.simulator.orders.history import SHIPPED, UNSHIPPED, OrderState
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.timestamps import DAY, date_of, iso, iso_with_offset

_SETTLEMENT_CYCLE = 14 * DAY
Rows = Sequence[Mapping[str, Any]]
"""Values by column."""

_LISTED = (1_600_000_000, 1_700_000_000)


def unshipped_orders(orders: ReportOrders) -> Rows:
    """Return the file of the orders that the seller still has to ship."""
    history = orders.book.history
    rows = []
    for order in history:
        if order.by_amazon or order.stage != UNSHIPPED:
            continue
        if order.marketplace not in orders.request.marketplaces:
            continue
        details = orders.book.details(order)
        rows += [_shipping_row(order, details, position) for position in range(order.items)]
    return rows


def _shipping_row(order: OrderState, details: OrderDetails, position: int) -> dict[str, Any]:
    item, buyer = details.items[position], details.buyer
    return {
        "order-id": details.order_id,
        "order-item-id": item.id,
        "purchase-date": iso_with_offset(order.created),
        "buyer-email": buyer.email,
        "buyer-name": buyer.name,
        "sku": item.product.sku,
        "product-name": item.product.title,
        "quantity-purchased": item.quantity,
        "quantity-to-ship": item.quantity,
        "ship-service-level": details.service_level.title(),
        "recipient-name": buyer.name,
        "ship-address-1": buyer.street,
        "ship-city": buyer.city,
        "ship-state": buyer.state,
        "ship-postal-code": buyer.postal_code,
        "ship-country": buyer.country,
    }


def all_listings(orders: ReportOrders) -> Rows:
    """Return the file of all listings."""
    marketplace, world = orders.request.marketplaces[0], orders.book.world
    rows = []
    for product in world.products:
        rng = world.random("listing", marketplace.id, product.number)
        rows.append(
            {
                "item-name": product.title,
                "item-description": "",
                "listing-id": f"{rng.randrange(16**11):011X}",
                "seller-sku": product.sku,
                "price": amount(product.price(marketplace), marketplace.currency),
                "quantity": rng.randrange(500),
                "open-date": f"{date_of(rng.randrange(*_LISTED))} 08:00:00 PST",
                "item-is-marketplace": "y",
                "product-id-type": 1,
                "item-condition": 11,
                "asin1": product.asin,
                "product-id": product.asin,
                "pending-quantity": 0,
                "fulfillment-channel": rng.choice(("DEFAULT", "AMAZON_NA")),
                "status": rng.choice(("Active", "Active", "Active", "Inactive")),
            }
        )
    return rows


def settlement(orders: ReportOrders) -> Rows:
    """Return the settlement file of the first marketplace."""
    request = orders.request
    marketplace = request.marketplaces[0]
    settlement_id = str(10_000_000_000 + int(request.start) // _SETTLEMENT_CYCLE)
    lines: list[dict[str, str]] = []
    total = 0
    for order in orders.updated():
        if order.marketplace != marketplace or order.status != SHIPPED:
            continue
        details = orders.book.details(order)
        for item in details.items:
            fee = -round(item.price * 0.15)
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
        "settlement-id": settlement_id,
        "settlement-start-date": iso(request.start),
        "settlement-end-date": iso(request.end),
        "deposit-date": iso(request.end + 2 * DAY),
        "total-amount": amount(total, marketplace.currency),
        "currency": marketplace.currency,
    }
    return [head, *(blank | {"settlement-id": settlement_id} | line for line in lines)]


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
