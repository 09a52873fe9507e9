"""What was ordered, shipped and refunded: figures of sales as Amazon's analytics count them.

Source: Amazon's JSON Schema of the sales and traffic report and its GraphQL schemas of Data Kiosk.
An order counts when Amazon shows its price; a shipment and a refund count on their own days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tap_amazon_sp.simulator.orders.after_sales import MAX_REFUND_DELAY, refunds, shipments
from tap_amazon_sp.simulator.orders.details import OrderBook, is_priced
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.products import Product

ORDERED, SENT, REFUNDED = "ordered", "sent", "refunded"


class SalesEvent(NamedTuple):
    """An item that was ordered, shipped or refunded.

    Attributes:
        moment: Epoch seconds.
        kind: `ordered`, `sent` or `refunded`.
        order: Number of the order.
        marketplace: Where it was placed.
        product: The product.
        units: Number of units.
    """

    moment: int
    kind: str
    order: int
    marketplace: Marketplace
    product: Product
    units: int

    @property
    def money(self) -> int:
        """Price of the units before tax and discounts, in hundredths or units without cents."""
        return self.units * self.product.price(self.marketplace)


@dataclass(frozen=True)
class SalesWindow:
    """What sales are looked at.

    Attributes:
        marketplaces: Where the orders were placed.
        start: First moment, epoch seconds.
        end: Last moment.
        now: What happens later has not happened yet.
        business: Whether only orders of Amazon Business count.
    """

    marketplaces: Collection[Marketplace]
    start: float
    end: float
    now: float
    business: bool = False

    def covers(self, moment: float) -> bool:
        """Return whether a moment lies in the window."""
        return self.start <= moment <= min(self.end, self.now)


def sales_events(book: OrderBook, window: SalesWindow) -> Iterator[SalesEvent]:
    """Yield what was ordered, shipped and refunded in a window, in the order of the orders."""
    for order in book.history:
        if order.created > window.end or order.marketplace not in window.marketplaces:
            continue
        if window.business and not book.details(order).business:
            continue
        if window.covers(order.created) and is_priced(order):
            for position in range(order.items):
                yield _of_item(book, order.created, ORDERED, order, position)
        yield from _after_sale(book, window, order)


def _after_sale(book: OrderBook, window: SalesWindow, order: OrderState) -> Iterator[SalesEvent]:
    sent = shipments(order)
    for shipment in sent:
        if window.covers(shipment.shipped_at):
            for position in shipment.positions:
                yield _of_item(book, shipment.shipped_at, SENT, order, position)
    if not sent or sent[-1].shipped_at + MAX_REFUND_DELAY < window.start:
        return
    horizon = book.history.horizon(window.now)
    for refund in refunds(book, order):
        if window.covers(refund.refunded_at) and refund.refunded_at <= horizon:
            yield SalesEvent(
                refund.refunded_at,
                REFUNDED,
                order.index,
                order.marketplace,
                refund.product,
                refund.quantity,
            )


def _of_item(
    book: OrderBook, moment: int, kind: str, order: OrderState, position: int
) -> SalesEvent:
    product, units = book.bought(order, position)
    return SalesEvent(moment, kind, order.index, order.marketplace, product, units)


@dataclass
class SalesFigures:
    """The figures of a time, a product or both; money as in `SalesEvent.money`."""

    items: int = 0
    units: Counter[str] = field(default_factory=Counter)
    money: Counter[str] = field(default_factory=Counter)
    sent_orders: set[int] = field(default_factory=set)

    def add(self, event: SalesEvent) -> None:
        """Count an event."""
        self.units[event.kind] += event.units
        self.money[event.kind] += event.money
        if event.kind == ORDERED:
            self.items += 1
        elif event.kind == SENT:
            self.sent_orders.add(event.order)

    def counts(self) -> dict[str, int]:
        """Return numbers by the name of Amazon's field."""
        units = self.units
        return {
            "unitsOrdered": units[ORDERED],
            "totalOrderItems": self.items,
            "unitsRefunded": units[REFUNDED],
            "unitsShipped": units[SENT],
            "ordersShipped": len(self.sent_orders),
            "netUnitsSold": units[ORDERED] - units[REFUNDED],
            "claimsGranted": 0,
        }

    def amounts(self) -> dict[str, int]:
        """Return money by the name of Amazon's field."""
        money = self.money
        return {
            "orderedProductSales": money[ORDERED],
            "shippedProductSales": money[SENT],
            "refundedProductSales": money[REFUNDED],
            "netProductSales": money[ORDERED] - money[REFUNDED],
            "averageSalesPerOrderItem": _per(money[ORDERED], self.items),
            "averageSellingPrice": _per(money[ORDERED], self.units[ORDERED]),
            "claimsAmount": 0,
        }

    def rates(self) -> dict[str, float]:
        """Return shares and averages by the name of Amazon's field; the refund rate in percent.

        Refunds of earlier orders can be more than what was ordered; the rate is 100 then.
        """
        ordered = self.units[ORDERED]
        return {
            "averageUnitsPerOrderItem": round(ordered / self.items, 2) if self.items else 0,
            "refundRate": min(100.0, round(100 * self.units[REFUNDED] / ordered, 2))
            if ordered
            else 0,
        }


def _per(money: int, count: int) -> int:
    return money // count if count else 0
