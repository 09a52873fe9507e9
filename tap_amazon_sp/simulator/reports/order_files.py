"""The flat files about orders, listings and settlements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.simulator.orders.details import (
    OrderBook,
    OrderDetails,
    is_priced,
    quantity_shipped,
)
from tap_amazon_sp.simulator.orders.history import CANCELLED, SHIPPED, UNSHIPPED, OrderState
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.timestamps import DAY, date_of, iso, iso_with_offset

_SETTLEMENT_CYCLE = 14 * DAY
Rows = Sequence[Mapping[str, Any]]
"""Values by column."""

_LISTED = (1_600_000_000, 1_700_000_000)


def all_orders_by_last_update(orders: ReportOrders) -> Rows:
    """Return the file of all orders by last update."""
    return _all_orders(orders.book, orders.updated())


def all_orders_by_order_date(orders: ReportOrders) -> Rows:
    """Return the file of all orders by order date."""
    return _all_orders(orders.book, orders.created())


_FLAT_STATUS = {
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "Shipping",
    "SHIPPED": "Shipped",
    "CANCELLED": "Cancelled",
}


def _all_orders(book: OrderBook, orders: Sequence[OrderState]) -> Rows:
    rows = []
    for order in orders:
        details = book.details(order)
        for position, item in enumerate(details.items):
            currency = order.marketplace.currency
            priced = is_priced(order)
            shipped = quantity_shipped(order, position, item)

            def money(units: int, *, priced: bool = priced, currency: str = currency) -> str:
                return amount(units, currency) if priced and units else ""

            rows.append(
                {
                    "amazon-order-id": details.order_id,
                    "merchant-order-id": details.seller_order_id or "",
                    "purchase-date": iso_with_offset(order.created),
                    "last-updated-date": iso_with_offset(order.updated),
                    "order-status": _FLAT_STATUS[order.status],
                    "fulfillment-channel": "Amazon" if order.by_amazon else "Merchant",
                    "sales-channel": order.marketplace.domain,
                    "order-channel": "",
                    "ship-service-level": details.service_level.replace("_", "").title(),
                    "product-name": item.product.title,
                    "sku": item.product.sku,
                    "asin": item.product.asin,
                    "item-status": "Cancelled"
                    if order.stage == CANCELLED
                    else ("Shipped" if shipped else "Unshipped"),
                    "quantity": 0 if order.stage == CANCELLED else item.quantity,
                    "currency": currency if priced else "",
                    "item-price": money(item.price),
                    "item-tax": money(item.tax),
                    "shipping-price": money(item.shipping),
                    "shipping-tax": money(item.shipping_tax),
                    "gift-wrap-price": money(item.gift_wrap),
                    "gift-wrap-tax": "",
                    "item-promotion-discount": money(item.discount),
                    "ship-promotion-discount": "",
                    "ship-city": details.buyer.city,
                    "ship-state": details.buyer.state,
                    "ship-postal-code": details.buyer.postal_code,
                    "ship-country": details.buyer.country,
                    "promotion-ids": item.promotion_id or "",
                    "is-business-order": str(details.business).lower(),
                    "purchase-order-number": details.purchase_order_number or "",
                    "price-designation": "Business Price" if details.business else "",
                }
            )
    return rows


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
