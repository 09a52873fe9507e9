from __future__ import annotations

from collections import Counter

import pytest

from tap_amazon_sp.simulator.orders.after_sales import refunds, shipments
from tap_amazon_sp.simulator.orders.details import OrderBook, is_priced
from tap_amazon_sp.simulator.orders.history import OrderHistory, first_id
from tap_amazon_sp.simulator.orders.sales_figures import (
    ORDERED,
    REFUNDED,
    SENT,
    SalesFigures,
    SalesWindow,
    sales_events,
)
from tap_amazon_sp.simulator.world.timestamps import DAY
from tap_amazon_sp.simulator.world.world import World

NOW = 1_795_262_400.0


@pytest.fixture(scope="module")
def book() -> OrderBook:
    world = World(1, "na", NOW)
    return OrderBook(world, OrderHistory(world, first_id=first_id(1, 1), count=1500))


def window(book: OrderBook, start: float = 0, end: float = NOW, **more: bool) -> SalesWindow:
    return SalesWindow(book.world.marketplaces, start, end, NOW, **more)


def counted(book: OrderBook, wanted: SalesWindow) -> Counter[tuple[str, str]]:
    units: Counter[tuple[str, str]] = Counter()
    for event in sales_events(book, wanted):
        units[event.kind, event.marketplace.id] += event.units
    return units


def test_everything_that_happened_is_counted_once(book: OrderBook) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for order in book.history:
        market, items = order.marketplace.id, book.details(order).items
        if is_priced(order):
            expected[ORDERED, market] += sum(item.quantity for item in items)
        for shipment in shipments(order):
            for position in shipment.positions:
                expected[SENT, market] += items[position].quantity
        for refund in refunds(book, order):
            if refund.refunded_at <= book.world.end_of_past:
                expected[REFUNDED, market] += refund.quantity

    assert counted(book, window(book)) == expected
    assert len(expected) == 12


def test_windows_add_up(book: OrderBook) -> None:
    parts: Counter[tuple[str, str]] = Counter()
    for day in range(70):
        start = NOW - (70 - day) * DAY
        parts += counted(book, window(book, start, start + DAY - 1))

    assert parts == counted(book, window(book))


def test_business_orders_are_a_part(book: OrderBook) -> None:
    everything, business = counted(book, window(book)), counted(book, window(book, business=True))

    assert all(0 < business[key] < everything[key] for key in business)
    units = sum(
        item.quantity
        for order in book.history
        if is_priced(order) and book.details(order).business
        for item in book.details(order).items
    )
    assert sum(count for (kind, _), count in business.items() if kind == ORDERED) == units


def test_money_is_units_at_the_price_of_the_marketplace(book: OrderBook) -> None:
    figures = SalesFigures()
    for event in sales_events(book, window(book)):
        if event.marketplace.currency == "USD":
            figures.add(event)

    ordered = sum(
        item.price
        for order in book.history
        if order.marketplace.currency == "USD" and is_priced(order)
        for item in book.details(order).items
    )
    assert figures.amounts()["orderedProductSales"] == ordered
    assert figures.amounts()["netProductSales"] == (
        ordered - figures.amounts()["refundedProductSales"]
    )
    sent = {order.index for order in book.history if shipments(order)}
    shipped = {index for index in sent if book.history[index].marketplace.currency == "USD"}
    assert figures.counts()["ordersShipped"] == len(shipped)


def test_nothing_sold_gives_zeros() -> None:
    figures = SalesFigures()

    assert {*figures.counts().values(), *figures.amounts().values(), *figures.rates().values()} == {
        0
    }
