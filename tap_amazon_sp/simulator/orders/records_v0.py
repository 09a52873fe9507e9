"""Orders as Orders v0 writes them."""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.simulator.orders.details import (
    Item,
    OrderDetails,
    is_priced,
    money_v0,
    quantity_shipped,
)
from tap_amazon_sp.simulator.orders.history import (
    CANCELLED,
    DELIVERED,
    PARTIALLY_SHIPPED,
    PENDING,
    SHIPPED,
    UNSHIPPED,
    OrderState,
)
from tap_amazon_sp.simulator.world.timestamps import iso

STATUS = {
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
}
EASY_SHIP_STATUS = {
    PENDING: "PendingPickUp",
    UNSHIPPED: "PendingPickUp",
    PARTIALLY_SHIPPED: "PickedUp",
    SHIPPED: "OutForDelivery",
    DELIVERED: "Delivered",
    CANCELLED: "LabelCanceled",
}
_SERVICE_LEVEL = {
    "STANDARD": "Standard",
    "EXPEDITED": "Expedited",
    "NEXT_DAY": "NextDay",
    "SECOND_DAY": "SecondDay",
    "FREE_ECONOMY": "FreeEconomy",
}


def render_order(
    order: OrderState, details: OrderDetails, allowed: frozenset[str] | None
) -> dict[str, Any]:
    """Return an order.

    Args:
        order: The order.
        details: Its details.
        allowed: Data elements that the token gives access to; None without a restricted data
            token.
    """
    shipped = sum(
        quantity_shipped(order, position, item) for position, item in enumerate(details.items)
    )
    ordered = sum(item.quantity for item in details.items)
    service_level = _SERVICE_LEVEL[details.service_level]
    record: dict[str, Any] = {
        "AmazonOrderId": details.order_id,
        "PurchaseDate": iso(order.created),
        "LastUpdateDate": iso(order.updated),
        "OrderStatus": STATUS[order.status],
        "FulfillmentChannel": "AFN" if order.by_amazon else "MFN",
        "SalesChannel": order.marketplace.domain,
        "ShipServiceLevel": f"Std {order.marketplace.country} Dom_1",
        "NumberOfItemsShipped": shipped,
        "NumberOfItemsUnshipped": 0 if order.stage == CANCELLED else ordered - shipped,
        "PaymentMethod": "Other",
        "PaymentMethodDetails": ["Standard"],
        "MarketplaceId": order.marketplace.id,
        "ShipmentServiceLevelCategory": service_level,
        "OrderType": "StandardOrder",
        "EarliestShipDate": iso(details.ship_by[0]),
        "LatestShipDate": iso(details.ship_by[1]),
        "IsBusinessOrder": details.business,
        "IsPrime": details.prime,
        "IsPremiumOrder": False,
        "IsGlobalExpressEnabled": False,
        "IsReplacementOrder": False,
        "IsSoldByAB": False,
        "IsISPU": False,
        "IsAccessPointOrder": False,
        "HasRegulatedItems": order.regulated,
    }
    if order.easy_ship:
        record["EasyShipShipmentStatus"] = EASY_SHIP_STATUS[order.stage]
    if details.seller_order_id:
        record["SellerOrderId"] = details.seller_order_id
    if not order.by_amazon:
        record["EarliestDeliveryDate"] = iso(details.deliver_by[0])
        record["LatestDeliveryDate"] = iso(details.deliver_by[1])
    if is_priced(order):
        total = sum(item.total for item in details.items)
        record["OrderTotal"] = money_v0(total, order.marketplace.currency)
    if allowed is not None and "buyerInfo" in allowed:
        record["BuyerInfo"] = buyer_info(order, details)
    if allowed is not None and "shippingAddress" in allowed and is_priced(order):
        record["ShippingAddress"] = address(order, details)
    return record


def regulated_info(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    """Return the information about the regulated items of an order."""
    is_checked = order.stage != PENDING
    status: dict[str, Any] = {
        "Status": "Approved" if is_checked else "Pending",
        "RequiresMerchantAction": not is_checked,
        "ValidRejectionReasons": [
            {
                "RejectionReasonId": "reason-1",
                "RejectionReasonDescription": "The prescription cannot be read.",
            }
        ],
    }
    if is_checked:
        status["ReviewDate"] = iso(order.events[1][0])
        status["ExternalReviewerId"] = f"reviewer-{details.serial % 100}"
    return {
        "AmazonOrderId": details.order_id,
        "RegulatedInformation": {
            "Fields": [
                {
                    "FieldId": "pet_name",
                    "FieldLabel": "Name of the animal",
                    "FieldType": "Text",
                    "FieldValue": "Bello",
                }
            ]
        },
        "RequiresDosageLabel": details.serial % 2 == 0,
        "RegulatedOrderVerificationStatus": status,
    }


def buyer_info(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    """Return the buyer of an order."""
    info: dict[str, Any] = {"BuyerName": details.buyer.name}
    if not order.by_amazon:
        info["BuyerEmail"] = details.buyer.email
    if details.purchase_order_number:
        info["PurchaseOrderNumber"] = details.purchase_order_number
    return info


def address(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    """Return the address that an order is delivered to."""
    buyer = details.buyer
    address = {
        "Name": buyer.name,
        "AddressLine1": buyer.street,
        "City": buyer.city,
        "StateOrRegion": buyer.state,
        "PostalCode": buyer.postal_code,
        "CountryCode": buyer.country,
        "AddressType": "Commercial" if details.business else "Residential",
    }
    if not order.by_amazon:
        address["Phone"] = buyer.phone
    return address


def item_buyer_info(item: Item, currency: str) -> dict[str, Any]:
    """Return the gift message and gift wrap of an item; empty if it is not a gift."""
    if item.gift_message is None:
        return {}
    return {
        "GiftMessageText": item.gift_message,
        "GiftWrapLevel": "Classic",
        "GiftWrapPrice": money_v0(item.gift_wrap, currency),
    }


def render_item(
    order: OrderState,
    details: OrderDetails,
    position: int,
    item: Item,
    allowed: frozenset[str],
) -> dict[str, Any]:
    """Return an item of an order; see `render_order` for the arguments."""
    currency = order.marketplace.currency
    record: dict[str, Any] = {
        "ASIN": item.product.asin,
        "SellerSKU": item.product.sku,
        "OrderItemId": item.id,
        "Title": item.product.title,
        "QuantityOrdered": item.quantity,
        "QuantityShipped": quantity_shipped(order, position, item),
        "ProductInfo": {"NumberOfItems": "1"},
        "ConditionId": "New",
        "ConditionSubtypeId": "New",
        "IsGift": "true" if item.gift_message else "false",
        "IsTransparency": False,
        "SerialNumberRequired": False,
        "BuyerRequestedCancel": {
            "IsBuyerRequestedCancel": "true"
            if order.stage == CANCELLED and details.cancelled_by == "BUYER"
            else "false",
            "BuyerCancelReason": "",
        },
    }
    if is_priced(order):
        record |= {
            "ItemPrice": money_v0(item.price, currency),
            "ItemTax": money_v0(item.tax, currency),
            "PromotionDiscount": money_v0(item.discount, currency),
            "PromotionDiscountTax": money_v0(0, currency),
            "PromotionIds": [item.promotion_id] if item.promotion_id else [],
        }
        if item.shipping:
            record["ShippingPrice"] = money_v0(item.shipping, currency)
            record["ShippingTax"] = money_v0(item.shipping_tax, currency)
        if order.marketplace.country == "US":
            record["TaxCollection"] = {
                "Model": "MarketplaceFacilitator",
                "ResponsibleParty": "Amazon Services, Inc.",
            }
    if "buyerInfo" in allowed:
        record["BuyerInfo"] = item_buyer_info(item, currency)
    return record
