"""Orders 2026-01-01: searchOrders and getOrder.

Source: Amazon's model `orders_2026-01-01` and its page "Access Orders PII" (personal data comes
with the datasets BUYER and RECIPIENT, without a restricted data token).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.orders.records_2026_01_01 import ALL_DATA, render_order
from tap_amazon_sp.simulator.orders.search import page_size, search_window
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.timestamps import iso

API = "orders_2026-01-01"


class Orders:
    """The operations of Orders 2026-01-01."""

    def __init__(self, book: OrderBook, pager: Pager) -> None:
        """Serve the orders of a seller."""
        self._book = book
        self._pager = pager

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {f"{API}.searchOrders": self.search_orders, f"{API}.getOrder": self.get_order}

    def truth(self) -> list[dict[str, Any]]:
        """Return all orders as they are now, with all datasets."""
        return [self._render(order, ALL_DATA) for order in self._book.history]

    def search_orders(self, call: Call) -> Answer:
        """List the orders that were created or updated in a window."""
        window = search_window(
            call,
            call.times,
            created=("createdAfter", "createdBefore"),
            updated=("lastUpdatedAfter", "lastUpdatedBefore"),
        )
        size = page_size(call, "maxResultsPerPage")
        # Nothing is known about the order of results.
        page = self._pager.page(
            call,
            size,
            lambda: window.search(self._book, _order_filter(call.parameters), shuffled=True),
        )
        included = frozenset(call.parameters.get("includedData", ()))
        end_name = "createdBefore" if window.by_creation else "lastUpdatedBefore"
        body: dict[str, Any] = {
            "orders": [self._render(order, included) for order in page.items],
            end_name: iso(window.before),
        }
        if page.next_token:
            body["pagination"] = {"nextToken": page.next_token}
        return Answer(body)

    def get_order(self, call: Call) -> Answer:
        """Return one order."""
        order = self._book.find(call.parameters["orderId"])
        included = frozenset(call.parameters.get("includedData", ()))
        return Answer({"order": self._render(order, included)})

    def _render(self, order: OrderState, included: frozenset[str]) -> dict[str, Any]:
        return render_order(order, self._book.details(order), included)


def _order_filter(wanted: Mapping[str, Any]) -> Callable[[OrderState], bool]:
    """Return a function that returns whether an order has the wanted values."""
    statuses = wanted.get("fulfillmentStatuses")
    marketplaces = wanted.get("marketplaceIds")
    fulfilled_by = wanted.get("fulfilledBy")

    # It looks at all orders of a window, so it is fast rather than short.
    def matches(order: OrderState) -> bool:
        return (
            (statuses is None or order.status in statuses)
            and (marketplaces is None or order.marketplace.id in marketplaces)
            and (
                fulfilled_by is None
                or ("AMAZON" if order.by_amazon else "MERCHANT") in fulfilled_by
            )
        )

    return matches
