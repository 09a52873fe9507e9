"""The orders that a report is about."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tap_amazon_sp.simulator.money.books import Books
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.world.timestamps import date_of

TOO_LONG_EMPTY = "empty"
TOO_LONG_SENTENCE = "sentence"

_MAX_EVENTS = 1 << 16


@dataclass(frozen=True)
class OrderReportFlaws:
    """What can be wrong with the reports of all orders.

    Attributes:
        lacking: Share of orders that they lack.
        lacking_days: UTC dates; they also lack all orders that were placed then.
        unknown: Share of orders after which they have one that the Orders APIs do not know.
        latency: Seconds: they show orders as they were that long before the report was requested.
        present: Whether rows show the orders as they are at the download. Which orders they are
            about is still decided at the request, so that some have changed after the range.
        item_ids: Whether flat files have the ids of items, as they do since 2026-05-28.
        too_long: What a report of more than 30 days is: `sentence`, a document that only says so
            (selling-partner-api-models#2591), or `empty`, a report without rows (#385).
    """

    lacking: float = 0.0
    lacking_days: frozenset[str] = frozenset()
    unknown: float = 0.0
    latency: float = 0.0
    present: bool = False
    item_ids: bool = True
    too_long: str = TOO_LONG_SENTENCE


@dataclass(frozen=True)
class ReportBook:
    """The orders and the books of a seller, and what is wrong with the reports of all orders."""

    orders: OrderBook
    books: Books
    flaws: OrderReportFlaws = OrderReportFlaws()


@dataclass(frozen=True)
class ReportOrders:
    """The orders that a report is about, as they are when it first asks for them.

    Attributes:
        request: The request for the report.
        book: All orders of the seller.
        books: What moved money on the seller's account.
        flaws: What is wrong with it.
    """

    request: ReportRequest
    book: OrderBook
    books: Books
    flaws: OrderReportFlaws = OrderReportFlaws()

    def created(self) -> Iterator[OrderState]:
        """Yield the orders that were placed in the range of the report, oldest first."""
        return self._states(self._created.shown)

    def updated(self) -> Iterator[OrderState]:
        """Yield the orders whose last change lies in the range of the report, oldest first."""
        return self._states(self._updated.shown)

    def any_created(self) -> bool:
        """Return whether there are orders that were placed in the range, even if it lacks them."""
        return self._created.any

    def any_updated(self) -> bool:
        """Return whether there are orders whose last change lies in the range; see above."""
        return self._updated.any

    @functools.cached_property
    def _created(self) -> _Found:
        return self._found(self.book.history.created_between, lambda order: order.created)

    @functools.cached_property
    def _updated(self) -> _Found:
        return self._found(self.book.history.updated_between, lambda order: order.updated)

    def _found(
        self,
        between: Callable[[float, float], list[OrderState]],
        moment: Callable[[OrderState], int],
    ) -> _Found:
        request, latency = self.request, self.flaws.latency
        found = between(request.start, request.now if latency else request.end)
        if latency:
            until = request.now - latency
            before = (_before(order, until) for order in found)
            found = sorted(
                (
                    order
                    for order in before
                    if order is not None and request.start <= moment(order) <= request.end
                ),
                key=lambda order: (moment(order), order.index),
            )
        found = [order for order in found if order.marketplace in request.marketplaces]
        shown = array(
            "q",
            (
                order.index * _MAX_EVENTS + len(order.events)
                for order in found
                if not self._lacks(order)
            ),
        )
        return _Found(bool(found), shown)

    def _lacks(self, order: OrderState) -> bool:
        days, share = self.flaws.lacking_days, self.flaws.lacking
        if days and date_of(order.created) in days:
            return True
        return share > 0 and self.book.world.random("lacking", order.index).random() < share

    def _states(self, found: array[int]) -> Iterator[OrderState]:
        for number in found:
            order = self.book.history[number // _MAX_EVENTS]
            # A copy: other threads let orders change meanwhile.
            yield order.as_of(-1 if self.flaws.present else number % _MAX_EVENTS - 1)


@dataclass(frozen=True)
class _Found:
    """The orders in the range of a report.

    Attributes:
        any: Whether there are some, with those that it lacks.
        shown: Number and number of events of each order that it shows, in one number.
    """

    any: bool
    shown: array[int]


def _before(order: OrderState, moment: float) -> OrderState | None:
    """Return an order as it was at a moment; None before it was placed."""
    events = sum(event[0] <= moment for event in order.events)
    if events == len(order.events):
        return order
    return order.as_of(events - 1) if events else None
