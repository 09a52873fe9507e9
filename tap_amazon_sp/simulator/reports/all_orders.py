"""The reports of all orders, as flat files and as XML.

What they show beside the orders of the Orders APIs, or in another way:

- Orders of the seller's own shop that Amazon ships (multi-channel fulfilment) have ids of their
  own and the sales channel `Non-Amazon`; Amazon does not know their prices.
- A row is an item of an order. The same SKU can be in an order twice with the same quantity, as
  items with different ids (amzn/selling-partner-api-docs#1831, selling-partner-api-models#442).
- Cancelled items have the quantity 0, and neither price nor currency. Orders without payment have
  no price.
- Money is the total of the row, not the price of a unit.

Source of the XML: Amazon's XSD (AllOrdersReport) and public readers of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from tap_amazon_sp.simulator.orders.details import (
    Item,
    OrderBook,
    OrderDetails,
    is_priced,
    quantity_shipped,
)
from tap_amazon_sp.simulator.orders.history import CANCELLED, DELIVERED, OrderState
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.reports.text_files import CHARSETS, FlatFile
from tap_amazon_sp.simulator.reports.xml_documents import SHAPES
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.timestamps import iso_with_offset

NON_AMAZON = "Non-Amazon"
"""Sales channel of orders of the seller's own shop."""

_STATUS = {
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "Shipping",
    "SHIPPED": "Shipped",
    "CANCELLED": "Cancelled",
}
# Of the orders that Amazon ships, some percent come from the seller's own shop as well.
_OUTSIDE_EVERY = 23
_OUTSIDE_AT = 7

_COMPONENTS = (
    ("Principal", "item-price"),
    ("Tax", "item-tax"),
    ("Shipping", "shipping-price"),
    ("ShippingTax", "shipping-tax"),
    ("GiftWrap", "gift-wrap-price"),
)
"""The parts of a price in XML, and the columns of a flat file that have them."""


@dataclass(frozen=True)
class _Order:
    """An order as the reports show it.

    Attributes:
        values: Values of its columns in a flat file.
        items: The same of each item.
    """

    values: Mapping[str, str]
    items: Sequence[Mapping[str, str]]


def all_orders_by_last_update(orders: ReportOrders) -> Iterator[Mapping[str, str]]:
    """Yield the rows of all orders by last update."""
    return _rows(orders, orders.updated())


def all_orders_by_order_date(orders: ReportOrders) -> Iterator[Mapping[str, str]]:
    """Yield the rows of all orders by order date."""
    return _rows(orders, orders.created())


def xml_orders_by_last_update(orders: ReportOrders, file: FlatFile) -> bytes:
    """Return the XML of all orders by last update."""
    return _xml(orders, orders.updated(), file)


def xml_orders_by_order_date(orders: ReportOrders, file: FlatFile) -> bytes:
    """Return the XML of all orders by order date."""
    return _xml(orders, orders.created(), file)


def _rows(orders: ReportOrders, found: Iterable[OrderState]) -> Iterator[Mapping[str, str]]:
    for shown in _shown_orders(orders, found):
        for item in shown.items:
            yield {**shown.values, **item}


def _shown_orders(orders: ReportOrders, found: Iterable[OrderState]) -> Iterator[_Order]:
    book, unknown = orders.book, orders.flaws.unknown
    for order in found:
        details = book.details(order)
        shown = _Order(_order_values(order, details), [*_items(order, details)])
        yield shown
        if order.by_amazon and order.index % _OUTSIDE_EVERY == _OUTSIDE_AT:
            yield _outside_order(book, order, details)
        if unknown and book.world.random("unknown", order.index).random() < unknown:
            yield _unknown_order(book, order, shown)


def _order_values(order: OrderState, details: OrderDetails) -> dict[str, str]:
    buyer = details.buyer
    return {
        "amazon-order-id": details.order_id,
        "merchant-order-id": details.seller_order_id or "",
        "purchase-date": iso_with_offset(order.created),
        "last-updated-date": iso_with_offset(order.updated),
        "order-status": _status(order),
        "fulfillment-channel": "Amazon" if order.by_amazon else "Merchant",
        "sales-channel": order.marketplace.domain,
        "order-channel": "",
        "ship-service-level": details.service_level.replace("_", "").title(),
        "ship-city": buyer.city,
        "ship-state": buyer.state,
        "ship-postal-code": buyer.postal_code,
        "ship-country": buyer.country,
        "is-business-order": str(details.business).lower(),
        "purchase-order-number": details.purchase_order_number or "",
        "price-designation": "Business Price" if details.business else "",
    }


def _status(order: OrderState) -> str:
    # Amazon knows the delivery of what the merchant ships from the tracking alone.
    if order.stage == DELIVERED and not order.by_amazon:
        return "Shipped - Delivered to Buyer"
    return _STATUS[order.status]


def _items(order: OrderState, details: OrderDetails) -> Iterator[dict[str, str]]:
    is_cancelled = order.stage == CANCELLED
    priced = is_priced(order) and not is_cancelled
    currency = order.marketplace.currency

    def money(units: int) -> str:
        return amount(units, currency) if priced and units else ""

    for position, item in enumerate(details.items):
        shipped = quantity_shipped(order, position, item)
        yield _item_values(
            item,
            status="Cancelled" if is_cancelled else ("Shipped" if shipped else "Unshipped"),
            quantity=0 if is_cancelled else item.quantity,
        ) | {
            "currency": currency if priced else "",
            "item-price": money(item.price),
            "item-tax": money(item.tax),
            "shipping-price": money(item.shipping),
            "shipping-tax": money(item.shipping_tax),
            "gift-wrap-price": money(item.gift_wrap),
            "item-promotion-discount": money(item.discount),
            "promotion-ids": item.promotion_id or "",
            "order-item-id": item.id,
        }


_MONEY = (
    "currency",
    "item-price",
    "item-tax",
    "shipping-price",
    "shipping-tax",
    "gift-wrap-price",
    "gift-wrap-tax",
    "item-promotion-discount",
    "ship-promotion-discount",
    "promotion-ids",
)


def _item_values(item: Item, *, status: str, quantity: int) -> dict[str, str]:
    """Return the values of an item without money."""
    return dict.fromkeys(_MONEY, "") | {
        "product-name": item.product.title,
        "sku": item.product.sku,
        "asin": item.product.asin,
        "item-status": status,
        "quantity": str(quantity),
    }


def _outside_order(book: OrderBook, order: OrderState, details: OrderDetails) -> _Order:
    """Return an order of the seller's own shop; it goes through the same stages as another one."""
    rng = book.world.random("outside order", order.index)
    item = details.items[0]
    (shown, *_) = _items(order, details)
    values = _order_values(order, details) | {
        "amazon-order-id": f"S01-{rng.randrange(10**7):07d}-{rng.randrange(10**7):07d}",
        "merchant-order-id": f"SHOP-{order.index:08d}",
        "sales-channel": NON_AMAZON,
        "is-business-order": "false",
        "purchase-order-number": "",
        "price-designation": "",
    }
    own = _item_values(item, status=shown["item-status"], quantity=int(shown["quantity"]))
    return _Order(values, [own | {"order-item-id": f"{rng.randrange(10**13, 10**14)}"}])


def _unknown_order(book: OrderBook, order: OrderState, shown: _Order) -> _Order:
    """Return an order like another one, with ids that no other API knows."""
    rng = book.world.random("unknown order", order.index)
    order_id = f"001-{rng.randrange(10**7):07d}-{rng.randrange(10**7):07d}"
    return _Order(
        {**shown.values, "amazon-order-id": order_id},
        [{**item, "order-item-id": f"{rng.randrange(10**13, 10**14)}"} for item in shown.items],
    )


def _xml(orders: ReportOrders, found: Iterable[OrderState], file: FlatFile) -> bytes:
    shape = SHAPES[orders.request.type.name]
    parts = itertools.chain(
        [shape.head(file.charset, orders.request.seller_id)],
        (
            f"<Message>{_element('Order', _xml_order(shown))}</Message>\n"
            for shown in _shown_orders(orders, found)
        ),
        [shape.tail()],
    )
    # Characters that the character set lacks are references in XML.
    return b"".join(part.encode(CHARSETS[file.charset], "xmlcharrefreplace") for part in parts)


def _xml_order(order: _Order) -> str:
    values = order.values
    address = _elements(
        values,
        City="ship-city",
        State="ship-state",
        PostalCode="ship-postal-code",
        Country="ship-country",
    )
    fulfilment = _elements(
        values, FulfillmentChannel="fulfillment-channel", ShipServiceLevel="ship-service-level"
    ) + _element("Address", address)
    return (
        _elements(
            values,
            AmazonOrderID="amazon-order-id",
            MerchantOrderID="merchant-order-id",
            PurchaseDate="purchase-date",
            LastUpdatedDate="last-updated-date",
            OrderStatus="order-status",
            SalesChannel="sales-channel",
        )
        + _element("FulfillmentData", fulfilment)
        + _elements(values, IsBusinessOrder="is-business-order")
        + "".join(_element("OrderItem", _xml_item(item)) for item in order.items)
    )


def _xml_item(item: Mapping[str, str]) -> str:
    written = _elements(
        item,
        AmazonOrderItemCode="order-item-id",
        ASIN="asin",
        SKU="sku",
        ItemStatus="item-status",
        ProductName="product-name",
        Quantity="quantity",
    )
    prices = "".join(
        _element("Component", _element("Type", kind) + _amount(item, column))
        for kind, column in _COMPONENTS
        if item[column]
    )
    if prices:
        written += _element("ItemPrice", prices)
    if item["promotion-ids"]:
        promotion = _elements(item, PromotionIDs="promotion-ids")
        if item["item-promotion-discount"]:
            promotion += _elements(item, ItemPromotionDiscount="item-promotion-discount")
        written += _element("Promotion", promotion)
    return written


def _amount(item: Mapping[str, str], column: str) -> str:
    return f'<Amount currency="{item["currency"]}">{item[column]}</Amount>'


def _elements(values: Mapping[str, Any], **columns: str) -> str:
    """Return an element for each column, by name of the element."""
    return "".join(_element(name, escape(values[column])) for name, column in columns.items())


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"
