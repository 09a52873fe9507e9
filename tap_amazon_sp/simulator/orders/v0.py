"""Orders v0: the same orders as Orders 2026-01-01, in the old form.

Facts: Amazon's model `ordersV0`; its page "Tokens API Use Case Guide" (personal data comes with a
restricted data token only, and what is known of regulated items is all personal).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.orders.details import (
    Item,
    OrderBook,
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
from tap_amazon_sp.simulator.orders.v2026_01_01 import (
    check_page_size,
    search_window,
    shuffled,
    window_orders,
)
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.checks import exclusive, time_of
from tap_amazon_sp.simulator.server.errors import access_denied, not_found
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.timestamps import iso

API = "ordersV0"

_MAX_PAGE = 100
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
_NOT_WITH_SELLER_ORDER_ID = (
    "FulfillmentChannels",
    "OrderStatuses",
    "PaymentMethods",
    "LastUpdatedAfter",
    "LastUpdatedBefore",
    "BuyerEmail",
)
_STATUS = {
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
}
_EASY_SHIP_STATUS = {
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


class OrdersV0:
    """The reading operations of Orders v0."""

    def __init__(self, book: OrderBook, pager: Pager, *, seed: int, items_per_page: int) -> None:
        """Serve a seller's orders."""
        self._book = book
        self._pager = pager
        self._seed = seed
        self._items_per_page = items_per_page

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by operation id."""
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
        """Give orders created or updated in a window."""
        # The model declares no format for these times; they are ISO 8601 all the same.
        times = {
            name: time_of(name, call.parameters[name], date_only=True)
            for name in _TIMES
            if name in call.parameters
        }
        if "SellerOrderId" in call.parameters:
            for name in _NOT_WITH_SELLER_ORDER_ID:
                problem = exclusive(call.parameters, "SellerOrderId", name)
                if problem:
                    raise problem
        if "AmazonOrderIds" in call.parameters and not times:
            times = {"CreatedAfter": 0.0}
        by, after, before = search_window(
            call,
            times,
            created=("CreatedAfter", "CreatedBefore"),
            updated=("LastUpdatedAfter", "LastUpdatedBefore"),
        )
        size = call.parameters.get("MaxResultsPerPage", _MAX_PAGE)
        check_page_size("MaxResultsPerPage", size)
        found = self._pager.page(call, size, lambda: self._find(call, by, after, before, times))
        allowed = call.personal_data()
        payload: dict[str, Any] = {
            "Orders": [
                render_order(order, self._book.details(order), allowed) for order in found.items
            ],
            "CreatedBefore" if by == "created" else "LastUpdatedBefore": iso(before),
        }
        if found.next_token:
            payload["NextToken"] = found.next_token
        return Answer({"payload": payload})

    def _find(
        self, call: Call, by: str, after: float, before: float, times: Mapping[str, float]
    ) -> list[OrderState]:
        return shuffled(
            self._seed,
            [
                order
                for order in window_orders(self._book, by, after, before)
                if self._matches(call.parameters, order, times)
            ],
        )

    def _matches(
        self, wanted: Mapping[str, Any], order: OrderState, times: Mapping[str, float]
    ) -> bool:
        values = {
            "MarketplaceIds": order.marketplace.id,
            "OrderStatuses": _STATUS[order.status],
            "FulfillmentChannels": "AFN" if order.by_amazon else "MFN",
            "PaymentMethods": "Other",
            "EasyShipShipmentStatuses": _EASY_SHIP_STATUS[order.stage] if order.easy_ship else None,
        }
        if not all(name not in wanted or value in wanted[name] for name, value in values.items()):
            return False
        # No electronic invoices, no stores.
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
        order_id = call.parameters["orderId"]
        order = self._book.history.by_id(order_id)
        if order is None:
            message = f"Order {order_id}"
            raise not_found(message)
        return order, self._book.details(order)

    def get_order(self, call: Call) -> Answer:
        """Give one order."""
        order, details = self._order(call)
        return Answer({"payload": render_order(order, details, call.personal_data())})

    def get_order_buyer_info(self, call: Call) -> Answer:
        """Give the buyer of an order; nothing of it without a restricted data token."""
        order, details = self._order(call)
        payload: dict[str, Any] = {"AmazonOrderId": details.order_id}
        if call.personal_data() is not None:
            payload |= _buyer_info(order, details)
        return Answer({"payload": payload})

    def get_order_address(self, call: Call) -> Answer:
        """Give the address of an order; nothing of it without a restricted data token."""
        order, details = self._order(call)
        payload: dict[str, Any] = {"AmazonOrderId": details.order_id}
        if call.personal_data() is not None and is_priced(order):
            payload["ShippingAddress"] = _address(order, details)
        return Answer({"payload": payload})

    def get_order_items(self, call: Call) -> Answer:
        """Give the items of an order."""
        order, details = self._order(call)
        allowed = call.personal_data() or frozenset()
        return self._items_page(
            call,
            details,
            [
                _render_item(order, details, position, item, allowed)
                for position, item in enumerate(details.items)
            ],
        )

    def get_order_items_buyer_info(self, call: Call) -> Answer:
        """Give what the buyer said about the items of an order."""
        order, details = self._order(call)
        with_data = call.personal_data() is not None
        currency = order.marketplace.currency
        return self._items_page(
            call,
            details,
            [
                {"OrderItemId": item.id, **(_item_buyer_info(item, currency) if with_data else {})}
                for item in details.items
            ],
        )

    def get_order_regulated_info(self, call: Call) -> Answer:
        """Give what is known of the regulated items of an order."""
        if call.personal_data() is None:
            message = "This operation needs a restricted data token."
            raise access_denied(message)
        order, details = self._order(call)
        if not order.regulated:
            message = f"Regulated information of order {details.order_id}"
            raise not_found(message)
        return Answer({"payload": _regulated_info(order, details)})

    def _items_page(self, call: Call, details: OrderDetails, items: list[dict[str, Any]]) -> Answer:
        page = self._pager.page(call, self._items_per_page, lambda: range(len(items)))
        payload: dict[str, Any] = {
            "AmazonOrderId": details.order_id,
            "OrderItems": [items[position] for position in page.items],
        }
        if page.next_token:
            payload["NextToken"] = page.next_token
        return Answer({"payload": payload})


def render_order(
    order: OrderState, details: OrderDetails, allowed: frozenset[str] | None
) -> dict[str, Any]:
    """An order as Orders v0 writes it.

    Args:
        order: What changes about it.
        details: What does not.
        allowed: Data elements the access token gives access to; None without a fitting one.
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
        "OrderStatus": _STATUS[order.status],
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
        record["EasyShipShipmentStatus"] = _EASY_SHIP_STATUS[order.stage]
    if details.seller_order_id:
        record["SellerOrderId"] = details.seller_order_id
    if not order.by_amazon:
        record["EarliestDeliveryDate"] = iso(details.deliver_by[0])
        record["LatestDeliveryDate"] = iso(details.deliver_by[1])
    if is_priced(order):
        total = sum(item.total for item in details.items)
        record["OrderTotal"] = money_v0(total, order.marketplace.currency)
    if allowed is not None and "buyerInfo" in allowed:
        record["BuyerInfo"] = _buyer_info(order, details)
    if allowed is not None and "shippingAddress" in allowed and is_priced(order):
        record["ShippingAddress"] = _address(order, details)
    return record


def _regulated_info(order: OrderState, details: OrderDetails) -> dict[str, Any]:
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


def _buyer_info(order: OrderState, details: OrderDetails) -> dict[str, Any]:
    info: dict[str, Any] = {"BuyerName": details.buyer.name}
    if not order.by_amazon:
        info["BuyerEmail"] = details.buyer.email
    if details.purchase_order_number:
        info["PurchaseOrderNumber"] = details.purchase_order_number
    return info


def _address(order: OrderState, details: OrderDetails) -> dict[str, Any]:
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


def _item_buyer_info(item: Item, currency: str) -> dict[str, Any]:
    if item.gift_message is None:
        return {}
    return {
        "GiftMessageText": item.gift_message,
        "GiftWrapLevel": "Classic",
        "GiftWrapPrice": money_v0(item.gift_wrap, currency),
    }


def _render_item(
    order: OrderState,
    details: OrderDetails,
    position: int,
    item: Item,
    allowed: frozenset[str],
) -> dict[str, Any]:
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
        record["BuyerInfo"] = _item_buyer_info(item, currency)
    return record
