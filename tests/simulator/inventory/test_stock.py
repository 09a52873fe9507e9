from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tap_amazon_sp.simulator.inventory.movements import SELLABLE
from tap_amazon_sp.simulator.inventory.shelves import Shelf
from tap_amazon_sp.simulator.inventory.stock import Stock
from tap_amazon_sp.simulator.money.losses import losses
from tap_amazon_sp.simulator.orders.after_sales import refunds, shipments
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import CANCELLED, SHIPPED, OrderHistory, first_id
from tap_amazon_sp.simulator.world.timestamps import DAY
from tap_amazon_sp.simulator.world.world import World

NOW = 1_795_262_400.0


def seller(*, orders: int = 3000, pace: float = 0.0, seed: int = 1) -> OrderBook:
    world = World(seed, "na", NOW, days=90, changes_per_minute=pace)
    return OrderBook(world, OrderHistory(world, first_id=first_id(seed, 1), count=orders))


def stock_of(book: OrderBook, *moments: float) -> Stock:
    stock = Stock(book)
    for moment in moments:
        book.history.advance(moment)
        stock.advance(moment)
    return stock


def all_shelves(stock: Stock) -> Iterator[Shelf]:
    for marketplace in stock.world.marketplaces:
        yield from stock.shelves(marketplace)


def described(stock: Stock) -> list[Any]:
    return [
        (shelf.units, shelf.reserved, shelf.inbound, shelf.movements)
        for shelf in all_shelves(stock)
    ]


@pytest.fixture(scope="module")
def book() -> OrderBook:
    return seller()


@pytest.fixture(scope="module")
def stock(book: OrderBook) -> Stock:
    return stock_of(book, NOW)


def test_units_are_the_sum_of_the_movements_and_never_negative(stock: Stock) -> None:
    for shelf in all_shelves(stock):
        units: Counter[str] = Counter()
        moments = [movement.moment for movement in shelf.movements]
        assert moments == sorted(moments)
        for movement in shelf.movements:
            units[movement.disposition] += movement.quantity
            assert units[movement.disposition] >= 0
        assert units == shelf.units
        assert shelf.fulfillable == units[SELLABLE] - shelf.reserved >= 0


def test_orders_that_amazon_fulfils_take_their_units_when_they_are_shipped(
    book: OrderBook, stock: Stock
) -> None:
    expected: Counter[Any] = Counter()
    reserved: Counter[Any] = Counter()
    for order in book.history:
        if not order.by_amazon:
            continue
        shipped = {
            position: shipment.shipped_at
            for shipment in shipments(order)
            for position in shipment.positions
        }
        for position, item in enumerate(book.details(order).items):
            market_id, sku = order.marketplace.id, item.product.sku
            if position in shipped:
                expected[market_id, sku, shipped[position]] -= item.quantity
            elif order.stage != CANCELLED:
                reserved[market_id, sku] += item.quantity

    shown: Counter[Any] = Counter()
    for shelf in all_shelves(stock):
        for movement in shelf.movements:
            if movement.event == "Shipments":
                market_id, sku = shelf.marketplace.id, shelf.product.sku
                shown[market_id, sku, movement.moment] += movement.quantity
    assert shown == expected
    assert reserved == {
        (shelf.marketplace.id, shelf.product.sku): shelf.reserved
        for shelf in all_shelves(stock)
        if shelf.reserved
    }
    assert reserved


def test_returned_units_come_back_as_what_they_are(book: OrderBook, stock: Stock) -> None:
    expected = Counter(
        {
            (order.index, refund.position): refund.quantity
            for order in book.history
            if order.by_amazon
            for refund in refunds(book, order)
            if refund.returned_at is not None and refund.returned_at <= book.world.end_of_past
        }
    )

    assert expected == Counter(
        {(one.order, one.refund.position): one.refund.quantity for one in stock.returns}
    )
    returned: Counter[str] = Counter()
    for shelf in all_shelves(stock):
        for movement in shelf.movements:
            if movement.event == "CustomerReturns":
                returned[movement.disposition] += movement.quantity
    wanted: Counter[str] = Counter()
    for one in stock.returns:
        wanted[one.refund.disposition] += one.refund.quantity
    assert returned == wanted
    assert {"SELLABLE", "CUSTOMER_DAMAGED", "DEFECTIVE", "CARRIER_DAMAGED"} == {*returned}


def test_losses_leave_the_stock_and_are_paid_for(book: OrderBook, stock: Stock) -> None:
    end = book.world.end_of_past
    happened = [*losses(book.world, end)]
    reasons: Counter[str] = Counter()
    for shelf in all_shelves(stock):
        for movement in shelf.movements:
            reasons[movement.reason] += movement.quantity

    lost = sum(one.quantity for one in happened if one.reason == "Lost_Warehouse")
    damaged = sum(one.quantity for one in happened if one.reason == "Damaged_Warehouse")
    paid = [one for one in happened if one.reimbursed_at <= end]
    assert stock.reimbursements == sorted(paid, key=lambda one: (one.reimbursed_at, one.number))
    assert -reasons["E"] == reasons["P"] == damaged > 0
    assert -reasons["O"] == sum(one.quantity for one in paid if one.reason == "Damaged_Warehouse")
    misplaced = -reasons["M"] - lost
    assert misplaced >= reasons["F"] > 0


def test_the_stock_is_the_same_however_often_somebody_looks() -> None:
    once = stock_of(seller(orders=500, pace=120.0), NOW + 14_400)
    often = stock_of(
        seller(orders=500, pace=120.0),
        NOW,
        *(NOW + 1311.7 * at for at in range(1, 11)),
        NOW + 14_400,
    )

    assert described(once) == described(often)
    assert described(once) != described(stock_of(seller(orders=500, pace=120.0, seed=2), NOW))


def test_a_rush_of_orders_empties_no_shelf() -> None:
    book = seller(orders=50)
    stock = stock_of(book, NOW)
    before = sum(shelf.reserved for shelf in all_shelves(stock))
    lots = [shelf.lot for shelf in all_shelves(stock)]

    book.history.change(NOW + 5, 12_000)
    stock.advance(NOW + 5)

    assert sum(shelf.reserved for shelf in all_shelves(stock)) > before
    assert all(shelf.fulfillable >= 0 for shelf in all_shelves(stock))
    assert any(2 * lot == one.lot for lot, one in zip(lots, all_shelves(stock), strict=True))


def test_inbound_shipments_pass_through_their_stages() -> None:
    stock = stock_of(seller(orders=20_000, pace=0.01), NOW)
    stages = Counter(
        shipment.stage(NOW)
        for shelf in all_shelves(stock)
        for shipment in shelf.inbound
        if shipment.outstanding
    )

    assert {"working", "shipped", "receiving"} == {*stages}
    for shelf in all_shelves(stock):
        received = sum(one.quantity for one in shelf.movements if one.event == "Receipts")
        open_ones = {shipment.number: shipment for shipment in shelf.inbound}
        for movement in shelf.movements:
            if movement.event == "Receipts" and movement.source in open_ones:
                assert movement.moment >= open_ones[movement.source].created_at
        assert received > 0


def test_a_cancelled_order_gives_its_units_up() -> None:
    book = seller(orders=2000, pace=5.0)
    stock = stock_of(book, NOW)
    reserved = {
        order.index
        for order in book.history
        if order.by_amazon and order.stage not in (SHIPPED, CANCELLED, "DELIVERED")
    }
    book.history.advance(NOW + DAY)
    stock.advance(NOW + DAY)

    assert any(book.history[index].stage == CANCELLED for index in reserved)
    still: Counter[str] = Counter()
    for order in book.history:
        if order.by_amazon and order.stage in ("PENDING", "UNSHIPPED"):
            for position in range(order.items):
                still[order.marketplace.id] += book.bought(order, position)[1]
    for marketplace in stock.world.marketplaces:
        assert still[marketplace.id] == sum(one.reserved for one in stock.shelves(marketplace))
