"""ORDER_CHANGE: what happened to an order.

Sources: Amazon's schema `OrderChangeNotification.json`, its page "Subscribe to MFN notifications"
(important changes are those of the status, and cancellations that a buyer requests) and its
tutorial for the type (payloads are for orders). A message for an item, `OrderItemLevel`, has that
item alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tap_amazon_sp.simulator.notifications.events import Event
from tap_amazon_sp.simulator.orders.details import (
    Item,
    OrderDetails,
    is_priced,
    quantity_shipped,
)
from tap_amazon_sp.simulator.orders.history import (
    CANCELLED,
    PARTIALLY_SHIPPED,
    PENDING,
    OrderState,
)
from tap_amazon_sp.simulator.orders.records_v0 import EASY_SHIP_STATUS, STATUS
from tap_amazon_sp.simulator.server.calls import Account
from tap_amazon_sp.simulator.world.timestamps import iso

TYPE = "ORDER_CHANGE"
STATUS_CHANGE = "OrderStatusChange"
BUYER_REQUEST = "BuyerRequestedChange"

_REASON = {STATUS_CHANGE: "OrderStatusChange", BUYER_REQUEST: "BuyerRequestedCancel"}


def order_change_events(
    account: Account, order: OrderState, details: OrderDetails
) -> Iterator[Event]:
    """Yield what Amazon notifies of after the last change of an order.

    Args:
        account: The seller's account.
        order: The order as it was right after the change.
        details: Its details.
    """
    numbered = [*enumerate(details.items)]
    number, moment = len(order.events) - 1, order.updated
    if order.stage == CANCELLED and details.cancelled_by == "BUYER" and number:
        # The request comes before the cancellation, and for one item at a time.
        before = order.as_of(number - 1)
        for one in numbered:
            yield _event(account, before, details, (number, moment, BUYER_REQUEST), [one])
    yield _event(account, order, details, (number, moment, STATUS_CHANGE), numbered)


def _event(
    account: Account,
    order: OrderState,
    details: OrderDetails,
    what: tuple[int, int, str],
    items: Sequence[tuple[int, Item]],
) -> Event:
    number, moment, change = what
    is_item = change == BUYER_REQUEST
    content = {
        "NotificationLevel": "OrderItemLevel" if is_item else "OrderLevel",
        "SellerId": account.seller_id,
        "AmazonOrderId": details.order_id,
        "OrderChangeType": change,
        "OrderChangeTrigger": {
            "TimeOfOrderChange": iso(moment),
            "ChangeReason": _REASON[change],
        },
        "Summary": _summary(order, details, items, requested=is_item),
    }
    item = items[0][1].id if is_item else ""
    return Event(
        account=account.name,
        type=TYPE,
        moment=moment,
        key=f"{details.order_id}/{number}/{change}/{item}",
        payload={"OrderChangeNotification": content},
        about=details.order_id,
        filters={"orderChangeTypes": change},
    )


def _summary(
    order: OrderState,
    details: OrderDetails,
    items: Sequence[tuple[int, Item]],
    *,
    requested: bool,
) -> Mapping[str, Any]:
    shipped = sum(quantity_shipped(order, at, item) for at, item in enumerate(details.items))
    ordered = sum(item.quantity for item in details.items)
    summary: dict[str, Any] = {
        "MarketplaceId": order.marketplace.id,
        "OrderStatus": STATUS[order.status],
        "PurchaseDate": iso(order.created),
        "DestinationPostalCode": details.buyer.postal_code if is_priced(order) else None,
        "FulfillmentType": "AFN" if order.by_amazon else "MFN",
        "OrderType": "StandardOrder",
        "NumberOfItemsShipped": shipped,
        "NumberOfItemsUnshipped": 0 if order.stage == CANCELLED else ordered - shipped,
        "EarliestShipDate": iso(details.ship_by[0]),
        "LatestShipDate": iso(details.ship_by[1]),
    }
    if not order.by_amazon:
        summary["EarliestDeliveryDate"] = iso(details.deliver_by[0])
        if order.stage not in (PENDING, CANCELLED):
            summary["LatestDeliveryDate"] = iso(details.deliver_by[1])
    taken = {"Business": details.business, "Prime": details.prime}
    if programs := [name for name, takes_part in taken.items() if takes_part]:
        summary["OrderPrograms"] = programs
    if order.easy_ship:
        summary["ShippingPrograms"] = ["EasyShip"]
        summary["EasyShipShipmentStatus"] = EASY_SHIP_STATUS[order.stage]
    if order.marketplace.country == "BR":
        summary["ElectronicInvoiceStatus"] = "NotRequired" if order.by_amazon else "Accepted"
    summary["OrderItems"] = [
        _item(order, position, item, requested=requested) for position, item in items
    ]
    return summary


def _item(order: OrderState, position: int, item: Item, *, requested: bool) -> dict[str, Any]:
    shipped = quantity_shipped(order, position, item)
    content: dict[str, Any] = {
        "OrderItemId": item.id,
        "SellerSKU": item.product.sku,
        "SupplySourceId": None,
        "Quantity": item.quantity,
        "QuantityShipped": shipped,
    }
    if order.stage == PARTIALLY_SHIPPED:
        # It is only there if the items differ in it.
        content["OrderItemStatus"] = "Shipped" if shipped else "Unshipped"
    if requested:
        content["IsBuyerRequestedCancel"] = True
    return content
