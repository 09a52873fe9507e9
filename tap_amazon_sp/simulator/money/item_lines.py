"""The lines of shipped and refunded items: what the buyer pays, and what Amazon keeps of it."""

from __future__ import annotations

from tap_amazon_sp.simulator.money.components import (
    COMMISSION,
    FULFILLMENT,
    GIFT_WRAP,
    PRINCIPAL,
    REBATE,
    REFUND_COMMISSION,
    SHIPPING,
    SHIPPING_TAX,
    TAX,
    WITHHELD_SHIPPING_TAX,
    WITHHELD_TAX,
    Line,
)
from tap_amazon_sp.simulator.money.fees import fulfillment_fee, referral_fee, refund_commission
from tap_amazon_sp.simulator.orders.details import Item
from tap_amazon_sp.simulator.orders.history import OrderState

_FACILITATED = frozenset({"US"})
"""Countries in which Amazon collects the tax and keeps it for the authorities."""


def shipment_lines(order: OrderState, item: Item) -> tuple[Line, ...]:
    """Return the lines of an item when it is shipped."""
    market = order.marketplace
    fulfillment = -fulfillment_fee(item.product, market) * item.quantity if order.by_amazon else 0
    return _present(
        Line(PRINCIPAL, item.price),
        Line(TAX, item.tax),
        Line(SHIPPING, item.shipping),
        Line(SHIPPING_TAX, item.shipping_tax),
        Line(GIFT_WRAP, item.gift_wrap),
        Line(REBATE, -item.discount),
        *_withheld(order, item.tax, item.shipping_tax),
        Line(COMMISSION, -_commission(item)),
        Line(FULFILLMENT, fulfillment),
    )


def refund_lines(order: OrderState, item: Item, quantity: int) -> tuple[Line, ...]:
    """Return the lines when units of an item are refunded.

    The buyer gets the price and its tax back, and the costs of shipping if no unit is left. Amazon
    returns its commission less a part of it, and keeps the fee of the shipment.
    """
    price, tax, discount = (
        _part(units, quantity, item.quantity) for units in (item.price, item.tax, item.discount)
    )
    is_whole = quantity == item.quantity
    shipping, shipping_tax = (item.shipping, item.shipping_tax) if is_whole else (0, 0)
    commission = referral_fee(price - discount + shipping)
    return _present(
        Line(PRINCIPAL, -price),
        Line(TAX, -tax),
        Line(SHIPPING, -shipping),
        Line(SHIPPING_TAX, -shipping_tax),
        Line(REBATE, discount),
        *_withheld(order, -tax, -shipping_tax),
        Line(COMMISSION, commission),
        Line(REFUND_COMMISSION, -refund_commission(commission, order.marketplace)),
    )


def _commission(item: Item) -> int:
    return referral_fee(item.price + item.shipping + item.gift_wrap - item.discount)


def _withheld(order: OrderState, tax: int, shipping_tax: int) -> tuple[Line, ...]:
    if order.marketplace.country not in _FACILITATED:
        return ()
    return Line(WITHHELD_TAX, -tax), Line(WITHHELD_SHIPPING_TAX, -shipping_tax)


def _part(units: int, quantity: int, ordered: int) -> int:
    return units if quantity == ordered else units * quantity // ordered


def _present(*lines: Line) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.units)
