"""Orders as Orders 2026-01-01 writes them."""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.simulator.orders.details import (
    Item,
    OrderDetails,
    is_priced,
    money_2026,
    quantity_shipped,
)
from tap_amazon_sp.simulator.orders.history import (
    CANCELLED,
    DELIVERED,
    PARTIALLY_SHIPPED,
    SHIPPED,
    OrderState,
)
from tap_amazon_sp.simulator.world.timestamps import DAY, iso

ALL_DATA = frozenset(
    {
        "BUYER",
        "RECIPIENT",
        "PROCEEDS",
        "EXPENSE",
        "PROMOTION",
        "CANCELLATION",
        "FULFILLMENT",
        "PACKAGES",
        "TAX",
        "PAYMENT",
        "FULFILLMENT_ORDERS",
    }
)


def render_order(
    order: OrderState, details: OrderDetails, included: frozenset[str]
) -> dict[str, Any]:
    """Return an order with some datasets."""
    record: dict[str, Any] = {
        "orderId": details.order_id,
        "createdTime": iso(order.created),
        "lastUpdatedTime": iso(order.updated),
        "programs": _programs(order, details),
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": order.marketplace.id,
            "marketplaceName": order.marketplace.name,
        },
        "orderItems": [
            _render_item(order, details, position, item, included)
            for position, item in enumerate(details.items)
        ],
    }
    if details.seller_order_id:
        record["orderAliases"] = [
            {"aliasId": details.seller_order_id, "aliasType": "SELLER_ORDER_ID"}
        ]
    if details.exchanged:
        record["associatedOrders"] = [
            {"orderId": details.exchanged, "associationType": "EXCHANGE_ORIGINAL_ID"}
        ]
    for dataset, (name, render) in _DATASETS.items():
        if dataset in included:
            content = render(order, details)
            if content:
                record[name] = content
    return record


def _programs(order: OrderState, details: OrderDetails) -> list[str]:
    programs = {
        "AMAZON_BUSINESS": details.business,
        "AMAZON_EASY_SHIP": order.easy_ship,
        "PRIME": details.prime,
    }
    return [name for name, takes_part in programs.items() if takes_part]


def _buyer(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    buyer = {"buyerName": details.buyer.name}
    if not order.by_amazon:
        buyer["buyerEmail"] = details.buyer.email
    if details.buyer.company:
        buyer["buyerCompanyName"] = details.buyer.company
    if details.purchase_order_number:
        buyer["buyerPurchaseOrderNumber"] = details.purchase_order_number
    return buyer


def _recipient(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    if not is_priced(order):
        return {}
    buyer = details.buyer
    address = {
        "name": buyer.name,
        "addressLine1": buyer.street,
        "city": buyer.city,
        "stateOrRegion": buyer.state,
        "postalCode": buyer.postal_code,
        "countryCode": buyer.country,
        "addressType": "COMMERCIAL" if details.business else "RESIDENTIAL",
    }
    if not order.by_amazon:
        address["phone"] = buyer.phone
    if buyer.company:
        address["companyName"] = buyer.company
    return {"deliveryAddress": address}


def _proceeds(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    if not is_priced(order):
        return {}
    currency = order.marketplace.currency
    items = details.items
    sums = {
        "ITEM": sum(item.price for item in items),
        "SHIPPING": sum(item.shipping for item in items),
        "GIFT_WRAP": sum(item.gift_wrap for item in items),
        "TAX": sum(item.all_tax for item in items),
        "DISCOUNT": -sum(item.discount for item in items),
    }
    return {
        "grandTotal": money_2026(sum(sums.values()), currency),
        "breakdowns": [
            {"type": name, "subtotal": money_2026(units, currency)}
            for name, units in sums.items()
            if units
        ],
    }


def _payment(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    if not is_priced(order):
        return {}
    currency = order.marketplace.currency
    execution: dict[str, Any] = {
        "paymentMethod": "CreditCard",
        "paymentAmount": money_2026(sum(item.total for item in details.items), currency),
    }
    if order.marketplace.country == "BR":
        execution |= {
            "acquirerId": f"{details.serial % 10**14:014d}",
            "cardBrand": "Visa",
            "authorizationCode": f"{details.serial % 10**6:06d}",
        }
    return {"paymentExecutions": [execution]}


def _tax(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    tax: dict[str, Any] = {}
    if details.business:
        tax["taxRegistrations"] = [
            {
                "entityType": "BUYER",
                "legalName": details.buyer.company,
                "taxRegistrationType": "VAT",
                "taxRegistrationNumber": f"{order.marketplace.country}{details.serial % 10**9}",
            }
        ]
    if order.marketplace.country == "BR":
        tax["taxInvoicing"] = {"invoiceStatus": "ACCEPTED"}
    return tax


def _fulfillment(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    fulfillment: dict[str, Any] = {
        "fulfillmentStatus": order.status,
        "fulfilledBy": "AMAZON" if order.by_amazon else "MERCHANT",
        "fulfillmentServiceLevel": details.service_level,
        "shipByWindow": _window(details.ship_by),
        "deliverByWindow": _window(details.deliver_by),
    }
    if not order.by_amazon:
        at = details.serial % len(_SOURCES_OF_TIMES)
        fulfillment["promiseCalculationInputs"] = {
            "transitTime": {
                "details": {"carrier": "UPS", "shippingService": "UPS Ground"},
                "dataSource": _SOURCES_OF_TIMES[at],
            }
        }
    return fulfillment


def _window(ends: tuple[int, int]) -> dict[str, str]:
    return {"earliestDateTime": iso(ends[0]), "latestDateTime": iso(ends[1])}


def _packages(order: OrderState, details: OrderDetails) -> list[dict[str, Any]]:
    shipped_at = order.reached(PARTIALLY_SHIPPED) or order.reached(SHIPPED)
    if order.by_amazon or shipped_at is None:
        return []
    delivered = order.stage == DELIVERED
    return [
        {
            "packageReferenceId": "1",
            "createdTime": iso(shipped_at),
            "packageStatus": {
                "status": "DELIVERED" if delivered else "SHIPPED",
                "detailedStatus": "DELIVERED" if delivered else "PICKED_UP",
            },
            "carrier": "UPS",
            "shipTime": iso(shipped_at),
            "shippingService": "UPS Ground",
            "trackingNumber": f"1Z{details.serial:011d}",
            "shipFromAddress": {
                "name": "Simulated Seller",
                "addressLine1": "1 Warehouse Way",
                "city": details.buyer.city,
                "countryCode": order.marketplace.country,
            },
            "packageItems": [
                {"orderItemId": item.id, "quantity": shipped}
                for position, item in enumerate(details.items)
                if (shipped := quantity_shipped(order, position, item))
            ],
        }
    ]


def _fulfillment_orders(order: OrderState, details: OrderDetails) -> list[dict[str, str]]:
    return [{"fulfillmentOrderId": f"FO-{details.serial:011d}"}] if order.easy_ship else []


_WARRANTY_EVERY = 19
_WARRANTY_AT = 3
_SOURCES_OF_TIMES = ("AMAZON_AUTOMATED", "SELLER_SET", "THIRD_PARTY_INTEGRATOR")

_DATASETS = {
    "BUYER": ("buyer", _buyer),
    "RECIPIENT": ("recipient", _recipient),
    "PROCEEDS": ("proceeds", _proceeds),
    "PAYMENT": ("payment", _payment),
    "TAX": ("tax", _tax),
    "FULFILLMENT": ("fulfillment", _fulfillment),
    "PACKAGES": ("packages", _packages),
    "FULFILLMENT_ORDERS": ("fulfillmentOrders", _fulfillment_orders),
}


def _warranty(order: OrderState, details: OrderDetails, position: int) -> dict[str, Any]:
    """Return what says that the second item is a warranty of the first, as in a few orders."""
    if position or len(details.items) < 2 or order.index % _WARRANTY_EVERY != _WARRANTY_AT:  # noqa: PLR2004 - two items
        return {}
    plan = details.items[1]
    associated: dict[str, Any] = {
        "orderId": details.order_id,
        "orderItemId": plan.id,
        "associationType": "WARRANTY",
        "asin": plan.product.asin,
    }
    if is_priced(order):
        associated["purchasePrice"] = money_2026(plan.price, order.marketplace.currency)
    return {"associatedOrderItems": [associated]}


def _render_item(
    order: OrderState,
    details: OrderDetails,
    position: int,
    item: Item,
    included: frozenset[str],
) -> dict[str, Any]:
    currency = order.marketplace.currency
    priced = is_priced(order)
    product: dict[str, Any] = {
        "asin": item.product.asin,
        "title": item.product.title,
        "sellerSku": item.product.sku,
        "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
    }
    if priced:
        product["price"] = {"unitPrice": money_2026(item.unit_price, currency)}
        if details.business:
            product["price"]["priceDesignation"] = "BUSINESS_PRICE"
    record: dict[str, Any] = {
        "orderItemId": item.id,
        "quantityOrdered": item.quantity,
        "product": product,
    }
    if "PROCEEDS" in included and priced:
        record["proceeds"] = _item_proceeds(item, currency)
    record |= _warranty(order, details, position)
    if "EXPENSE" in included and order.marketplace.country == "JP":
        points = item.unit_price // 100
        record["expense"] = {
            "pointsCost": {
                "pointsGranted": {
                    "pointsNumber": points,
                    "pointsMonetaryValue": money_2026(points, currency),
                }
            }
        }
    if "PROMOTION" in included and item.promotion_id:
        record["promotion"] = {"breakdowns": [{"promotionId": item.promotion_id}]}
    if "CANCELLATION" in included and order.stage == CANCELLED:
        record["cancellation"] = _cancellation(details)
    if "FULFILLMENT" in included:
        record["fulfillment"] = _item_fulfillment(order, position, item)
    if "TAX" in included and order.marketplace.country == "US":
        record["tax"] = {
            "taxCollections": [
                {"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Amazon Services, Inc."}
            ]
        }
    return record


def _item_proceeds(item: Item, currency: str) -> dict[str, Any]:
    breakdowns: list[dict[str, Any]] = [
        {"type": "ITEM", "subtotal": money_2026(item.price, currency)}
    ]
    if item.shipping:
        breakdowns.append({"type": "SHIPPING", "subtotal": money_2026(item.shipping, currency)})
    if item.gift_wrap:
        breakdowns.append({"type": "GIFT_WRAP", "subtotal": money_2026(item.gift_wrap, currency)})
    if item.discount:
        value = money_2026(-item.discount, currency)
        breakdowns.append(
            {
                "type": "DISCOUNT",
                "subtotal": value,
                "detailedBreakdowns": [{"subtype": "ITEM", "value": value}],
            }
        )
    if item.all_tax:
        breakdowns.append(
            {
                "type": "TAX",
                "subtotal": money_2026(item.all_tax, currency),
                "detailedBreakdowns": [
                    {"subtype": "ITEM", "value": money_2026(item.tax, currency)},
                    {"subtype": "SHIPPING", "value": money_2026(item.shipping_tax, currency)},
                ],
            }
        )
    return {"proceedsTotal": money_2026(item.total, currency), "breakdowns": breakdowns}


def _cancellation(details: OrderDetails) -> dict[str, Any]:
    cancellation: dict[str, Any] = {
        "cancellationExecution": {
            "cancelledBy": details.cancelled_by,
            "cancelReason": "NO_INVENTORY"
            if details.cancelled_by == "MERCHANT"
            else "CUSTOMER_CANCEL",
        }
    }
    if details.cancelled_by == "BUYER":
        cancellation["cancellationRequest"] = {
            "requester": "BUYER",
            "cancelReason": "Ordered by mistake",
        }
    return cancellation


def _item_fulfillment(order: OrderState, position: int, item: Item) -> dict[str, Any]:
    shipped = quantity_shipped(order, position, item)
    cancelled = order.stage == CANCELLED
    fulfillment: dict[str, Any] = {
        "quantityFulfilled": shipped,
        "quantityUnfulfilled": 0 if cancelled else item.quantity - shipped,
    }
    if item.gift_message:
        fulfillment["packing"] = {
            "giftOption": {"giftMessage": item.gift_message, "giftWrapLevel": "Classic"}
        }
    if position == 0 and item.quantity > 1 and not order.by_amazon:
        fulfillment["shipping"] = {
            "scheduledDeliveryWindow": _window((order.created + 2 * DAY, order.created + 3 * DAY))
        }
    return fulfillment
