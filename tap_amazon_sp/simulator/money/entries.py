"""The entries of a seller's books that do not depend on settlements."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from tap_amazon_sp.simulator.money.components import total_of
from tap_amazon_sp.simulator.money.fees import subscription_fee
from tap_amazon_sp.simulator.money.item_lines import refund_lines, shipment_lines
from tap_amazon_sp.simulator.money.losses import losses
from tap_amazon_sp.simulator.money.postings import (
    ADVERTISING,
    REFUND,
    REIMBURSEMENT,
    SERVICE_FEE,
    SHIPMENT,
    Entry,
)
from tap_amazon_sp.simulator.orders.after_sales import refunds, shipments
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.randomness import share_from
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, UTC

STORAGE_FEE, SUBSCRIPTION_FEE, LOSS = "storage", "subscription", "loss"

_DEFERRED = 0.1
_MIN_DEFERRAL, _MAX_DEFERRAL = 7 * DAY, 21 * DAY
_WEEK = 7 * DAY
# A Monday at midnight (UTC).
_FIRST_WEEK = 4 * DAY
_ADVERTISING_PERCENT = 6
STORAGE_DAY, STORAGE_HOUR = 10, 8
"""Day and hour (UTC) at which the storage of the month before is charged."""
# The first units are in the warehouse before the first order can come.
_STOCKED_BEFORE = 3 * DAY

StorageCharges = Callable[[Marketplace, int, int], int]
"""Returns what storage costs in a marketplace, for a year and month; a positive number."""


class OrderEntries:
    """The shipments and refunds of all orders, in their short form.

    They are worked out once for each order, and again when it has changed.
    """

    def __init__(self, book: OrderBook) -> None:
        """Work out nothing yet."""
        self._book = book
        self._markets = {market.id: at for at, market in enumerate(book.world.marketplaces)}
        self._known: list[tuple[int, tuple[Entry, ...]]] = []

    def all(self) -> Iterator[Entry]:
        """Yield all entries of orders, also refunds to come."""
        for order in self._book.history:
            if order.index == len(self._known):
                self._known.append((0, ()))
            events, entries = self._known[order.index]
            if events != len(order.events):
                events = len(order.events)
                entries = tuple(self._of(order))
                self._known[order.index] = events, entries
            yield from entries

    def _of(self, order: OrderState) -> Iterator[Entry]:
        sent = shipments(order)
        if not sent:
            return
        items, market = self._book.items(order), self._markets[order.marketplace.id]
        for shipment in sent:
            shipped = [items[position] for position in shipment.positions]
            yield Entry(
                shipment.shipped_at,
                shipment.shipped_at + self._deferral(order, shipment.number),
                SHIPMENT,
                market,
                (order.index, shipment.number),
                sum(total_of(shipment_lines(order, item)) for item in shipped),
                sum(item.price for item in shipped),
            )
        for refund in refunds(self._book, order):
            lines = refund_lines(order, items[refund.position], refund.quantity)
            yield Entry(
                refund.refunded_at,
                refund.refunded_at,
                REFUND,
                market,
                (order.index, refund.position),
                total_of(lines),
            )

    def _deferral(self, order: OrderState, number: int) -> int:
        """Return for how long the money of a shipment is held back, in seconds."""
        world = self._book.world
        if share_from(world.seed, "deferred", order.index, number) >= _DEFERRED:
            return 0
        rng = world.random("deferral", order.index, number)
        return rng.randint(_MIN_DEFERRAL, _MAX_DEFERRAL)


def account_entries(
    book: OrderBook, shipped: Iterable[Entry], until: float, storage: StorageCharges
) -> Iterator[Entry]:
    """Yield the entries up to a moment that belong to no order.

    Args:
        book: The orders.
        shipped: The entries of orders up to that moment.
        until: Epoch seconds.
        storage: What storage costs.
    """
    world = book.world
    markets = {market.id: at for at, market in enumerate(world.marketplaces)}
    for loss in losses(world, until):
        if loss.reimbursed_at <= until:
            moment, at = loss.reimbursed_at, markets[loss.marketplace.id]
            yield Entry(moment, moment, REIMBURSEMENT, at, (LOSS, loss.number), loss.total)
    first = world.end_of_past - world.length_of_past
    for year, month in _months(first - _STOCKED_BEFORE, until):
        begins = _moment(year, month)
        if begins >= first:
            fee = -subscription_fee(world.marketplaces[0])
            yield Entry(begins, begins, SERVICE_FEE, 0, (SUBSCRIPTION_FEE, year * 12 + month), fee)
        due = _moment(*_next(year, month), STORAGE_DAY, STORAGE_HOUR)
        if due > until:
            continue
        for at, market in enumerate(world.marketplaces):
            if fee := -storage(market, year, month):
                subject = (STORAGE_FEE, year * 12 + month)
                yield Entry(due, due, SERVICE_FEE, at, subject, fee)
    yield from _advertising(shipped, until)


def _advertising(shipped: Iterable[Entry], until: float) -> Iterator[Entry]:
    """Yield what advertising costs, week by week: a share of the sales."""
    sales: Counter[tuple[int, int]] = Counter()
    for entry in shipped:
        if entry.sales:
            sales[(entry.posted_at - _FIRST_WEEK) // _WEEK, entry.market] += entry.sales
    for (week, market), sold in sorted(sales.items()):
        due = _FIRST_WEEK + (week + 1) * _WEEK + 6 * HOUR
        if due <= until and (cost := sold * _ADVERTISING_PERCENT // 100):
            yield Entry(due, due, ADVERTISING, market, ("week", week), -cost)


def _months(first: float, last: float) -> Iterator[tuple[int, int]]:
    """Yield year and month of each month that has a part of a time."""
    begins = dt.datetime.fromtimestamp(first, UTC)
    year, month = begins.year, begins.month
    while _moment(year, month) <= last:
        yield year, month
        year, month = _next(year, month)


def _next(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004 - months of a year


def _moment(year: int, month: int, day: int = 1, hour: int = 0) -> int:
    return int(dt.datetime(year, month, day, hour, tzinfo=UTC).timestamp())
