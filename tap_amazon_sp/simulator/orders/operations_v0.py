"""Orders v0: the same orders as Orders 2026-01-01, in the old form.

Source: Amazon's model `ordersV0` and its page "Tokens API Use Case Guide" (personal data needs a
restricted data token, and all information about regulated items is personal).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.orders.details import OrderBook, OrderDetails, is_priced
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.orders.records_v0 import (
    EASY_SHIP_STATUS,
    STATUS,
    address,
    buyer_info,
    item_buyer_info,
    regulated_info,
    render_item,
    render_order,
)
from tap_amazon_sp.simulator.orders.search import page_size, search_window
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import access_denied, not_found
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.server.schema_checks import time_of
from tap_amazon_sp.simulator.world.timestamps import iso

API = "ordersV0"

_TIMES = (
    "CreatedAfter",
    "CreatedBefore",
    "LastUpdatedAfter",
    "LastUpdatedBefore",
    "EarliestDeliveryDateBefore",
    "EarliestDeliveryDateAfter",
    "LatestDeliveryDateBefore",
    "LatestDeliveryDateAfter",
)


class OrdersV0:
    """The reading operations of Orders v0."""

    def __init__(
        self, book: OrderBook, pager: Pager, *, items_per_page: int, shuffled: bool
    ) -> None:
        """Serve the orders of a seller.

        Args:
            book: The orders.
            pager: Cuts them into pages.
            items_per_page: Maximum number of items on a page.
            shuffled: Whether orders come in any order, and not the oldest first, as at Amazon
                (selling-partner-api-docs#3751).
        """
        self._book = book
        self._shuffled = shuffled
        self._pager = pager
        self._items_per_page = items_per_page

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.getOrders": self.get_orders,
            f"{API}.getOrder": self.get_order,
            f"{API}.getOrderBuyerInfo": self.get_order_buyer_info,
            f"{API}.getOrderAddress": self.get_order_address,
            f"{API}.getOrderItems": self.get_order_items,
            f"{API}.getOrderItemsBuyerInfo": self.get_order_items_buyer_info,
            f"{API}.getOrderRegulatedInfo": self.get_order_regulated_info,
        }

    def get_orders(self, call: Call) -> Answer:
        """List the orders that were created or updated in a window."""
        # The model declares no format for these times, but they are ISO 8601.
        times = {
            name: time_of(name, call.parameters[name]) for name in _TIMES if name in call.parameters
        }
        if "AmazonOrderIds" in call.parameters and not times:
            times = {"CreatedAfter": 0.0}
        window = search_window(
            call,
            times,
            created=("CreatedAfter", "CreatedBefore"),
            updated=("LastUpdatedAfter", "LastUpdatedBefore"),
        )
        size = page_size(call, "MaxResultsPerPage")
        found = self._pager.page(
            call,
            size,
            lambda: window.search(
                self._book,
                lambda order: self._matches(call.parameters, order, times),
                shuffled=self._shuffled,
            ),
        )
        allowed = call.personal_data()
        payload: dict[str, Any] = {
            "Orders": [
                render_order(order, self._book.details(order), allowed) for order in found.items
            ],
            "CreatedBefore" if window.by_creation else "LastUpdatedBefore": iso(window.before),
        }
        if found.next_token:
            payload["NextToken"] = found.next_token
        return Answer({"payload": payload})

    def _matches(
        self, wanted: Mapping[str, Any], order: OrderState, times: Mapping[str, float]
    ) -> bool:
        values = {
            "MarketplaceIds": order.marketplace.id,
            "OrderStatuses": STATUS[order.status],
            "FulfillmentChannels": "AFN" if order.by_amazon else "MFN",
            "PaymentMethods": "Other",
            "EasyShipShipmentStatuses": EASY_SHIP_STATUS[order.stage] if order.easy_ship else None,
        }
        if not all(name not in wanted or value in wanted[name] for name, value in values.items()):
            return False
        # No order was placed in a store or for pickup in one.
        if {"StoreChainStoreId", "ActualFulfillmentSupplySourceId"} & {*wanted} or wanted.get(
            "IsISPU"
        ):
            return False
        if not {
            "AmazonOrderIds",
            "BuyerEmail",
            "SellerOrderId",
            *_TIMES[4:],
        } & {*wanted}:
            return True
        details = self._book.details(order)
        earliest, latest = details.deliver_by
        return (
            ("AmazonOrderIds" not in wanted or details.order_id in wanted["AmazonOrderIds"])
            and ("BuyerEmail" not in wanted or details.buyer.email == wanted["BuyerEmail"])
            and (
                "SellerOrderId" not in wanted
                or wanted["SellerOrderId"] in (details.seller_order_id, details.order_id)
            )
            and earliest <= times.get("EarliestDeliveryDateBefore", earliest)
            and earliest >= times.get("EarliestDeliveryDateAfter", earliest)
            and latest <= times.get("LatestDeliveryDateBefore", latest)
            and latest >= times.get("LatestDeliveryDateAfter", latest)
        )

    def _order(self, call: Call) -> tuple[OrderState, OrderDetails]:
        order = self._book.find(call.parameters["orderId"])
        return order, self._book.details(order)

    def get_order(self, call: Call) -> Answer:
        """Return one order."""
        order, details = self._order(call)
        return Answer({"payload": render_order(order, details, call.personal_data())})

    def get_order_buyer_info(self, call: Call) -> Answer:
        """Return the buyer of an order; without a restricted data token, only the order id."""
        order, details = self._order(call)
        payload: dict[str, Any] = {"AmazonOrderId": details.order_id}
        if call.personal_data() is not None:
            payload |= buyer_info(order, details)
        return Answer({"payload": payload})

    def get_order_address(self, call: Call) -> Answer:
        """Return the address of an order; without a restricted data token, only the order id."""
        order, details = self._order(call)
        payload: dict[str, Any] = {"AmazonOrderId": details.order_id}
        if call.personal_data() is not None and is_priced(order):
            payload["ShippingAddress"] = address(order, details)
        return Answer({"payload": payload})

    def get_order_items(self, call: Call) -> Answer:
        """Return the items of an order."""
        order, details = self._order(call)
        allowed = call.personal_data() or frozenset()
        return self._items_page(
            call,
            details,
            [
                render_item(order, details, position, item, allowed)
                for position, item in enumerate(details.items)
            ],
        )

    def get_order_items_buyer_info(self, call: Call) -> Answer:
        """Return the gift messages of the items of an order."""
        order, details = self._order(call)
        with_data = call.personal_data() is not None
        currency = order.marketplace.currency
        return self._items_page(
            call,
            details,
            [
                {"OrderItemId": item.id, **(item_buyer_info(item, currency) if with_data else {})}
                for item in details.items
            ],
        )

    def get_order_regulated_info(self, call: Call) -> Answer:
        """Return the information about the regulated items of an order."""
        if call.personal_data() is None:
            message = "This operation needs a restricted data token."
            raise access_denied(message)
        order, details = self._order(call)
        if not order.regulated:
            message = f"Regulated information of order {details.order_id}"
            raise not_found(message)
        return Answer({"payload": regulated_info(order, details)})

    def _items_page(self, call: Call, details: OrderDetails, items: list[dict[str, Any]]) -> Answer:
        page = self._pager.page(call, self._items_per_page, lambda: range(len(items)))
        payload: dict[str, Any] = {
            "AmazonOrderId": details.order_id,
            "OrderItems": [items[position] for position in page.items],
        }
        if page.next_token:
            payload["NextToken"] = page.next_token
        return Answer({"payload": payload})
