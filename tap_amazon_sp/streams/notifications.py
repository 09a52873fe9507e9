"""Subscriptions to notifications, and their destinations.

Facts: Amazon's model `notifications` (a request lists the subscriptions of one type; destinations
belong to the application) and its page "Notification Type Values".
"""

from __future__ import annotations

from tap_amazon_sp.reading.per_item import PerId
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream

NOTIFICATION_TYPES = (
    # Without types that an application subscribes to for itself (APPLICATION_OAUTH_CLIENT_…).
    "ACCOUNT_STATUS_CHANGED",
    "ANY_OFFER_CHANGED",
    "B2B_ANY_OFFER_CHANGED",
    "BRANDED_ITEM_CONTENT_CHANGE",
    "DATA_KIOSK_QUERY_PROCESSING_FINISHED",
    "DETAIL_PAGE_TRAFFIC_EVENT",
    "FBA_INVENTORY_AVAILABILITY_CHANGES",
    "FBA_OUTBOUND_SHIPMENT_STATUS",
    "FEED_PROCESSING_FINISHED",
    "FEE_PROMOTION",
    "FULFILLMENT_ORDER_STATUS",
    "ITEM_INVENTORY_EVENT_CHANGE",
    "ITEM_PRODUCT_TYPE_CHANGE",
    "ITEM_SALES_EVENT_CHANGE",
    "LISTINGS_ITEM_ISSUES_CHANGE",
    "LISTINGS_ITEM_MFN_QUANTITY_CHANGE",
    "LISTINGS_ITEM_STATUS_CHANGE",
    "ORDER_CHANGE",
    "PRICING_HEALTH",
    "PRODUCT_TYPE_DEFINITIONS_CHANGE",
    "REPORT_PROCESSING_FINISHED",
    "SHIPMENT_TRACKING_MILESTONE_CHANGED",
    "TRANSACTION_UPDATE",
)


class Subscriptions(AmazonStream):
    """The account's subscriptions to notifications of all types that Amazon documents.

    One request per type; `stream_ids` may name the types to read instead.
    """

    name = "subscriptions"
    operation_id = "notifications.getSubscriptions"
    primary_keys = ("subscriptionId",)
    from_request = {"notificationType": "notificationTypes"}
    # Amazon answers 404 where there is no subscription of a type.
    missing_is_empty = True
    read = PerId("notificationTypes", default=NOTIFICATION_TYPES, one_per_request=True)


class Destinations(AmazonStream):
    """Queues and event buses of the application to which Amazon sends notifications."""

    name = "destinations"
    operation_id = "notifications.getDestinations"
    primary_keys = ("destinationId",)
    read = Snapshot()
