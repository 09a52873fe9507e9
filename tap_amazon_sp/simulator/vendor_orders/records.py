"""Purchase orders as the Vendor Orders API shows them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.vendor_orders.purchase_orders import (
    ACKNOWLEDGED,
    CLOSED,
    NEW,
    PurchaseOrder,
)
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.timestamps import DAY, iso
from tap_amazon_sp.simulator.world.world import World

CONFIRMATION = {NEW: "UNCONFIRMED", ACKNOWLEDGED: "ACCEPTED", CLOSED: "ACCEPTED"}
RECEIPT = {NEW: "NOT_RECEIVED", ACKNOWLEDGED: "NOT_RECEIVED", CLOSED: "RECEIVED"}

_TYPES = ("RegularOrder", "NewProductIntroduction", "RushOrder", "ConsignedOrder")
_WAREHOUSES = ("PHX3", "SEA6", "LHR1", "FRA3", "NRT5")


def render_order(
    world: World, order: PurchaseOrder, *, with_details: bool = True
) -> dict[str, Any]:
    """Return a purchase order."""
    record: dict[str, Any] = {
        "purchaseOrderNumber": order.number,
        "purchaseOrderState": order.state,
    }
    if with_details:
        record["orderDetails"] = details(world, order)
    return record


def render_status(world: World, order: PurchaseOrder) -> dict[str, Any]:
    """Return the status of a purchase order."""
    known = details(world, order)
    return {
        "purchaseOrderNumber": order.number,
        "purchaseOrderStatus": order_status(order),
        "purchaseOrderDate": known["purchaseOrderDate"],
        "lastUpdatedDate": iso(order.updated),
        "sellingParty": known["sellingParty"],
        "shipToParty": known["shipToParty"],
        "itemStatus": [_item_status(order, item) for item in known["items"]],
    }


def order_status(order: PurchaseOrder) -> str:
    """Return `OPEN` or `CLOSED`."""
    return "OPEN" if order.is_open else "CLOSED"


def details(world: World, order: PurchaseOrder) -> dict[str, Any]:
    """Return the details of a purchase order."""
    rng = world.random("purchase order", order.index)
    ship_from = order.created + rng.randrange(3, 8) * DAY
    deliver_from = ship_from + 2 * DAY
    changed = {} if order.changed is None else {"purchaseOrderChangedDate": iso(order.changed)}
    return {
        "purchaseOrderDate": iso(order.created),
        **changed,
        "purchaseOrderStateChangedDate": iso(order.state_changed),
        "purchaseOrderType": rng.choice(_TYPES),
        "paymentMethod": "Invoice",
        "buyingParty": {"partyId": "AMZN1"},
        "sellingParty": {"partyId": order.vendor_code},
        "shipToParty": {"partyId": rng.choice(_WAREHOUSES)},
        "billToParty": {"partyId": "AMZN1"},
        "shipWindow": f"{iso(ship_from)}--{iso(ship_from + 5 * DAY)}",
        "deliveryWindow": f"{iso(deliver_from)}--{iso(deliver_from + 7 * DAY)}",
        "items": [
            _item(world, rng, order, position, product)
            for position, product in enumerate(rng.sample(world.products, rng.randrange(1, 6)))
        ],
    }


def _item(
    world: World, rng: random.Random, order: PurchaseOrder, position: int, product: Product
) -> dict[str, Any]:
    quantity = rng.randrange(1, 40) * 12 + order.changes
    if position == 0 and order.cancelled_item:
        quantity = 0
    marketplace = world.marketplaces[0]
    currency, price = marketplace.currency, product.price(marketplace)
    return {
        "itemSequenceNumber": str(position + 1),
        "amazonProductIdentifier": product.asin,
        "vendorProductIdentifier": product.sku,
        "orderedQuantity": {"amount": quantity, "unitOfMeasure": "Eaches", "unitSize": 1},
        "isBackOrderAllowed": rng.random() < 0.5,  # noqa: PLR2004
        "netCost": {"currencyCode": currency, "amount": amount(price // 2, currency)},
        "listPrice": {"currencyCode": currency, "amount": amount(price, currency)},
    }


def _item_status(order: PurchaseOrder, item: Mapping[str, Any]) -> dict[str, Any]:
    ordered = item["orderedQuantity"]
    nothing = {**ordered, "amount": 0}
    receipt: dict[str, Any] = {"receiveStatus": RECEIPT[order.state], "receivedQuantity": nothing}
    if not order.is_open:
        receipt |= {"receivedQuantity": ordered, "lastReceiveDate": iso(order.state_changed)}
    return {
        "itemSequenceNumber": item["itemSequenceNumber"],
        "buyerProductIdentifier": item["amazonProductIdentifier"],
        "vendorProductIdentifier": item["vendorProductIdentifier"],
        "netCost": item["netCost"],
        "listPrice": item["listPrice"],
        "orderedQuantity": {"orderedQuantity": ordered},
        "acknowledgementStatus": {
            "confirmationStatus": CONFIRMATION[order.state],
            "acceptedQuantity": nothing if order.state == NEW else ordered,
            "rejectedQuantity": nothing,
        },
        "receivingStatus": receipt,
    }
