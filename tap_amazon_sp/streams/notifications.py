"""What notifications Amazon sends, and where to.

Facts: Amazon's model `notifications` (subscriptions are listed by one type a call; destinations
belong to the application) and its page "Notification Type Values".
"""

from __future__ import annotations

from collections.abc import Iterator

from tap_amazon_sp.reading.snapshots import SnapshotStream
from tap_amazon_sp.reading.stream import Parameters
from tap_amazon_sp.settings.ids import ids_from_setting

NOTIFICATION_TYPES = (
    # Without those that an application subscribes to for itself (APPLICATION_OAUTH_CLIENT_…).
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


class Subscriptions(SnapshotStream):
    """The account's subscriptions to notifications, of all types that Amazon documents.

    A call per type; `stream_ids` may name the types to list instead.
    """

    name = "subscriptions"
    operation_id = "notifications.getSubscriptions"
    primary_keys = ("subscriptionId",)
    from_request = {"notificationType": "notificationTypes"}
    # Of a single subscription Amazon says so where there is none.
    missing_is_empty = True

    def requests(self) -> Iterator[Parameters]:
        """Ask for each type."""
        given = (self.config.get("stream_ids") or {}).get(self.name)
        types = NOTIFICATION_TYPES if given is None else ids_from_setting(given)
        for parameters in super().requests():
            for notification_type in types:
                yield parameters | {"notificationTypes": [notification_type]}


class Destinations(SnapshotStream):
    """Queues and event buses of the application that notifications are sent to."""

    name = "destinations"
    operation_id = "notifications.getDestinations"
    primary_keys = ("destinationId",)


STREAMS = (Subscriptions, Destinations)
