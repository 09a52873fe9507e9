"""The orders that a report is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.reports.request import ReportRequest


@dataclass(frozen=True)
class ReportOrders:
    """The orders that a report is about.

    Attributes:
        request: The request for the report.
        book: All orders of the seller.
    """

    request: ReportRequest
    book: OrderBook

    def created(self) -> list[OrderState]:
        """Return the orders that were placed in the range of the report."""
        found = self.book.history.created_between(self.request.start, self.request.end)
        return self._in_marketplaces(found)

    def updated(self) -> list[OrderState]:
        """Return the orders whose last change lies in the range of the report."""
        found = self.book.history.updated_between(self.request.start, self.request.end)
        return self._in_marketplaces(found)

    def _in_marketplaces(self, orders: Iterable[OrderState]) -> list[OrderState]:
        return [order for order in orders if order.marketplace in self.request.marketplaces]
