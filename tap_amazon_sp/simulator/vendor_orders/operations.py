"""Vendor Orders: the purchase orders of a vendor and their status.

Source: Amazon's model `vendorOrders`: a window covers at most seven days; an order that Amazon
never changed has no changed date, so only its creation finds it; a new state does not count as a
change. Both update the status of an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import not_found
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.vendor_orders.purchase_orders import PurchaseOrder, PurchaseOrders
from tap_amazon_sp.simulator.vendor_orders.records import (
    CONFIRMATION,
    RECEIPT,
    details,
    order_status,
    render_order,
    render_status,
)
from tap_amazon_sp.simulator.world.timestamps import DAY
from tap_amazon_sp.simulator.world.world import World

API = "vendorOrders"

_MAX_PAGE = 100
_MAX_WINDOW = 7 * DAY


class VendorOrders:
    """The operations of Vendor Orders that read purchase orders."""

    def __init__(self, world: World, orders: PurchaseOrders, pager: Pager) -> None:
        """Serve purchase orders.

        Args:
            world: The world of the seller who is also the vendor.
            orders: The purchase orders.
            pager: Cuts lists into pages.
        """
        self._world = world
        self._orders = orders
        self._pager = pager

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.getPurchaseOrders": self.get_purchase_orders,
            f"{API}.getPurchaseOrder": self.get_purchase_order,
            f"{API}.getPurchaseOrdersStatus": self.get_purchase_orders_status,
        }

    def truth(self) -> list[dict[str, Any]]:
        """Return all purchase orders as they are now."""
        return [render_order(self._world, order) for order in self._orders]

    def truth_of_statuses(self) -> list[dict[str, Any]]:
        """Return the status of all purchase orders as it is now."""
        return [render_status(self._world, order) for order in self._orders]

    def get_purchase_orders(self, call: Call) -> Answer:
        """List the purchase orders that were created or changed in a window."""
        size = call.parameters.get("limit", _MAX_PAGE)
        page = self._pager.page(call, size, lambda: self._find(call))
        with_details = call.parameters.get("includeDetails", True)
        payload: dict[str, Any] = {
            "orders": [
                render_order(self._world, order, with_details=with_details) for order in page.items
            ]
        }
        if page.next_token:
            payload["pagination"] = {"nextToken": page.next_token}
        return Answer({"payload": payload})

    def get_purchase_order(self, call: Call) -> Answer:
        """Return one purchase order."""
        number = call.parameters["purchaseOrderNumber"]
        order = self._orders.by_number(number)
        if order is None:
            message = f"Purchase order {number}"
            raise not_found(message)
        return Answer({"payload": render_order(self._world, order)})

    def get_purchase_orders_status(self, call: Call) -> Answer:
        """List the status of the purchase orders that were created or updated in a window."""
        size = call.parameters.get("limit", _MAX_PAGE)
        page = self._pager.page(
            call,
            size,
            lambda: self._sorted(
                call, [order for order in self._orders if self._status_matches(call, order)]
            ),
        )
        payload: dict[str, Any] = {
            "ordersStatus": [render_status(self._world, order) for order in page.items]
        }
        if page.next_token:
            payload["pagination"] = {"nextToken": page.next_token}
        return Answer({"payload": payload})

    def _find(self, call: Call) -> list[PurchaseOrder]:
        return self._sorted(call, [order for order in self._orders if self._matches(call, order)])

    def _sorted(self, call: Call, found: list[PurchaseOrder]) -> list[PurchaseOrder]:
        if "sortOrder" in call.parameters:
            found.sort(key=lambda order: order.created)
            if call.parameters["sortOrder"] == "DESC":
                found.reverse()
        else:
            self._world.random("disorder", len(found)).shuffle(found)
        return found

    def _matches(self, call: Call, order: PurchaseOrder) -> bool:
        wanted, times = call.parameters, call.times
        if not {"createdAfter", "createdBefore", "changedAfter", "changedBefore"} & {*times}:
            # Without a window, Amazon takes the last seven days.
            times = {"createdAfter": call.now - _MAX_WINDOW}
        return (
            _inside(order.created, times, "createdAfter", "createdBefore")
            and _inside(order.changed, times, "changedAfter", "changedBefore")
            and (wanted.get("isPOChanged") is not True or order.changed is not None)
            and wanted.get("purchaseOrderState", order.state) == order.state
            and ("poItemState" not in wanted or order.cancelled_item)
            and wanted.get("orderingVendorCode", order.vendor_code) == order.vendor_code
        )

    def _status_matches(self, call: Call, order: PurchaseOrder) -> bool:
        wanted, times = call.parameters, call.times
        windows = {"createdAfter", "createdBefore", "updatedAfter", "updatedBefore"}
        if "purchaseOrderNumber" not in wanted and not windows & {*times}:
            times = {"updatedAfter": call.now - _MAX_WINDOW}
        if not (
            _inside(order.created, times, "createdAfter", "createdBefore")
            and _inside(order.updated, times, "updatedAfter", "updatedBefore")
            and wanted.get("purchaseOrderNumber", order.number) == order.number
            and wanted.get("orderingVendorCode", order.vendor_code) == order.vendor_code
        ):
            return False
        expected = {
            "purchaseOrderStatus": order_status(order),
            "itemConfirmationStatus": CONFIRMATION[order.state],
            "itemReceiveStatus": RECEIPT[order.state],
        }
        if "shipToPartyId" in wanted:
            expected["shipToPartyId"] = details(self._world, order)["shipToParty"]["partyId"]
        return all(wanted.get(name, value) == value for name, value in expected.items())


def _inside(moment: int | None, times: Mapping[str, float], after: str, before: str) -> bool:
    if after not in times and before not in times:
        return True
    return moment is not None and (
        times.get(after, float("-inf")) < moment < times.get(before, float("inf"))
    )
