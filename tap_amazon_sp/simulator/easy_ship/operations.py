"""Easy Ship: the packages of orders that Amazon picks up from the seller.

Source: Amazon's model `easyShip_2022-03-23`. Here, every Easy Ship order has a scheduled package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.orders.details import OrderBook, OrderDetails, quantity_shipped
from tap_amazon_sp.simulator.orders.history import (
    CANCELLED,
    DELIVERED,
    PARTIALLY_SHIPPED,
    PENDING,
    SHIPPED,
    UNSHIPPED,
    OrderState,
)
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import not_found
from tap_amazon_sp.simulator.world.timestamps import HOUR, iso

API = "easyShip_2022-03-23"

_STATUS = {
    PENDING: "ReadyForPickup",
    UNSHIPPED: "ReadyForPickup",
    PARTIALLY_SHIPPED: "PickedUp",
    SHIPPED: "OutForDelivery",
    DELIVERED: "Delivered",
    CANCELLED: "LabelCanceled",
}


class EasyShip:
    """The operation of Easy Ship that reads the package of an order."""

    def __init__(self, book: OrderBook) -> None:
        """Serve the packages of a seller's orders."""
        self._book = book

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {f"{API}.getScheduledPackage": self.get_scheduled_package}

    def get_scheduled_package(self, call: Call) -> Answer:
        """Return the package of an Easy Ship order."""
        order_id = call.parameters["amazonOrderId"]
        order = self._book.history.by_id(order_id)
        if (
            order is None
            or not order.easy_ship
            or order.marketplace.id != call.parameters["marketplaceId"]
        ):
            message = f"A scheduled package of order {order_id}"
            raise not_found(message)
        return Answer(_package(order, self._book.details(order)))


def _package(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    serial = details.serial
    handover = details.ship_by[0]
    package: dict[str, Any] = {
        "scheduledPackageId": {
            "amazonOrderId": details.order_id,
            "packageId": _package_id(details),
        },
        "packageDimensions": {
            "length": 10 + serial % 40,
            "width": 8 + serial % 30,
            "height": 2 + serial % 20,
            "unit": "cm",
        },
        "packageWeight": {"value": 100 * len(details.items) + serial % 900, "unit": "g"},
        "packageItems": [{"orderItemId": item.id} for item in details.items],
        "packageTimeSlot": {
            "slotId": f"slot-{serial % 10**8:08d}",
            "startTime": iso(handover),
            "endTime": iso(handover + 3 * HOUR),
            "handoverMethod": "PICKUP",
        },
        "packageIdentifier": f"PKG-{order.index:06d}",
        "packageStatus": _STATUS[order.stage],
    }
    if any(quantity_shipped(order, position, item) for position, item in enumerate(details.items)):
        package["trackingDetails"] = {"trackingId": f"ES{serial:011d}"}
        package["invoice"] = {
            "invoiceNumber": f"INV-{order.index:06d}",
            "invoiceDate": iso(order.created),
        }
    return package


def _package_id(details: OrderDetails) -> str:
    return f"{details.serial:011d}-{len(details.items):02d}"
