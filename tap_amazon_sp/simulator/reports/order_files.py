"""The flat files about orders to ship and listings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tap_amazon_sp.simulator.orders.details import OrderDetails
from tap_amazon_sp.simulator.orders.history import UNSHIPPED, OrderState
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.timestamps import date_of, iso_with_offset

Rows = Iterable[Mapping[str, Any]]
"""Values by column."""

_LISTED = (1_600_000_000, 1_700_000_000)
_CHANNELS = {"na": "AMAZON_NA", "eu": "AMAZON_EU", "fe": "AMAZON_JP"}
"""What listings call Amazon's warehouses, by region."""


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
    """Return the file of all listings.

    Those that Amazon fulfils have no quantity (jlevers/selling-partner-api#253).
    """
    marketplace, world = orders.request.marketplaces[0], orders.book.world
    rows = []
    for product in world.products:
        rng = world.random("listing", marketplace.id, product.number)
        listing_id, quantity = f"{rng.randrange(16**11):011X}", rng.randrange(500)
        listed = date_of(rng.randrange(*_LISTED))
        by_amazon = rng.choice((False, True))
        rows.append(
            {
                "item-name": product.title,
                "item-description": "",
                "listing-id": listing_id,
                "seller-sku": product.sku,
                "price": amount(product.price(marketplace), marketplace.currency),
                "quantity": "" if by_amazon else quantity,
                "open-date": f"{listed} 08:00:00 PST",
                "item-is-marketplace": "y",
                "product-id-type": 1,
                "item-condition": 11,
                "asin1": product.asin,
                "product-id": product.asin,
                "pending-quantity": 0,
                "fulfillment-channel": _CHANNELS[world.region] if by_amazon else "DEFAULT",
                "status": rng.choice(("Active", "Active", "Active", "Inactive")),
            }
        )
    return rows
