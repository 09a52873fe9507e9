"""The streams of notifications, one for each type that Amazon publishes a schema of.

There are such streams only with a queue in `notifications_queue_url`. Facts: Amazon's schemas of
notifications, and its page "Notification Type Values".
"""

from __future__ import annotations

from typing import ClassVar

from tap_amazon_sp.amazon.notifications import ORDER_CHANGE, payload_schemas
from tap_amazon_sp.reading.inbox import OTHER
from tap_amazon_sp.reading.notifications import ENVELOPE, MESSAGE_ID, TIMES, Notifications
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.singer.schemas import ANY_OBJECT, TEXT, TIME, Schema
from tap_amazon_sp.streams.from_settings.factory import make_stream_class

ORDER_CHANGES = "order_changes"
OTHER_NOTIFICATIONS = "other_notifications"

_KEY = ENVELOPE[0]


class NotificationStream(AmazonStream):
    """Notifications of one type from a queue."""

    # The queue itself does not belong to the API. A subscription makes Amazon send something there.
    operation_id = "notifications.getSubscriptions"
    selected_by_default = True
    primary_keys = (_KEY,)
    replication_key = "eventTime"
    read: ClassVar[Notifications]

    def own_schema(self) -> Schema:
        """Return the JSON Schema of a record, without the name of the account."""
        envelope = {name: TIME if name in TIMES else TEXT for name in ENVELOPE}
        envelope[_KEY] = {"type": ["string"]}
        payload = payload_schemas().get(self.read.type, ANY_OBJECT)
        return {
            "type": "object",
            "properties": {**envelope, MESSAGE_ID: TEXT, "sellerId": TEXT, "payload": payload},
        }

    @property
    def declared_in(self) -> str:
        """The setting with the queue."""
        return "`notifications_queue_url`"


def stream_name(notification_type: str) -> str:
    """Return the name of the stream of a type of notification."""
    if notification_type == ORDER_CHANGE:
        return ORDER_CHANGES
    return f"{notification_type.lower()}_notifications"


def notification_stream_classes() -> list[type[AmazonStream]]:
    """Return a class for each type of notification, and one for all types without a schema."""
    types = {stream_name(kind): kind for kind in payload_schemas()} | {OTHER_NOTIFICATIONS: OTHER}
    return [
        make_stream_class(
            NotificationStream,
            name,
            description=f"Notifications {kind}." if kind else "Notifications of all other types.",
            read=Notifications(kind),
        )
        for name, kind in sorted(types.items())
    ]
