"""Rows of the reports that show what Amazon shipped for the seller: the items of the orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tap_amazon_sp.simulator.orders.after_sales import shipments
from tap_amazon_sp.simulator.orders.details import Item, OrderDetails
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.reports.stock_rows import MAX_ITEMS, StockRow, StockView
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.timestamps import iso_with_offset

_Shipped = tuple[OrderState, OrderDetails, int, int]
"""An order, its details, the position of an item, and when that was shipped."""


def fulfilled_shipments(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL and its variants."""
    for order, details, position, shipped_at in _shipped_items(view):
        item, buyer, market = details.items[position], details.buyer, order.marketplace
        center = view.stock.shelf(item.product, market).fulfillment_center
        yield _row(
            order,
            item,
            position,
            shipped_at,
            {
                "amazon-order-id": details.order_id,
                "merchant-order-id": details.seller_order_id or "",
                "amazon-order-item-id": item.id,
                "merchant-order-item-id": "",
                "purchase-date": iso_with_offset(order.created),
                "payments-date": iso_with_offset(order.created),
                "shipment-date": iso_with_offset(shipped_at),
                "reporting-date": iso_with_offset(shipped_at),
                "quantity-shipped": item.quantity,
                "item-price": amount(item.price, market.currency),
                "item-tax": amount(item.tax, market.currency),
                "shipping-price": amount(item.shipping, market.currency),
                "shipping-tax": amount(item.shipping_tax, market.currency),
                "gift-wrap-price": amount(item.gift_wrap, market.currency),
                "gift-wrap-tax": amount(0, market.currency),
                "item-promotion-discount": amount(-item.discount, market.currency),
                "ship-promotion-discount": amount(0, market.currency),
                "ship-service-level": details.service_level.title(),
                "ship-city": buyer.city,
                "ship-state": buyer.state,
                "ship-postal-code": buyer.postal_code,
                "ship-country": buyer.country,
                "fulfillment-center-id": center,
                "fulfillment-channel": "AFN",
                "sales-channel": market.domain,
            },
        )


def shipment_sales(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_SALES_DATA."""
    for order, details, position, shipped_at in _shipped_items(view):
        item, buyer, market = details.items[position], details.buyer, order.marketplace
        yield _row(
            order,
            item,
            position,
            shipped_at,
            {
                "shipment-date": iso_with_offset(shipped_at),
                "fulfillment-center-id": view.stock.shelf(item.product, market).fulfillment_center,
                "quantity": item.quantity,
                "amazon-order-id": details.order_id,
                "item-price-per-unit": amount(item.unit_price, market.currency),
                "shipping-price": amount(item.shipping, market.currency),
                "gift-wrap-price": amount(item.gift_wrap, market.currency),
                "ship-city": buyer.city,
                "ship-state": buyer.state,
                "ship-postal-code": buyer.postal_code,
            },
        )


def _shipped_items(view: StockView) -> Iterator[_Shipped]:
    for order in view.book.history:
        if not order.by_amazon or order.marketplace not in view.request.marketplaces:
            continue
        for shipment in shipments(order):
            if view.covers(shipment.shipped_at):
                details = view.book.details(order)
                for position in shipment.positions:
                    yield order, details, position, shipment.shipped_at


def _row(
    order: OrderState, item: Item, position: int, shipped_at: int, values: dict[str, object]
) -> StockRow:
    number = order.index * MAX_ITEMS + position
    return StockRow(item.product, order.marketplace, shipped_at, number, values)
