"""What Amazon wants in a subscription to each type of notification.

Facts: Amazon's pages "Notification Type Values" (versions of payloads), "Set up notifications using
the Amazon EventBridge workflow" and its counterpart for SQS (which type goes where), its model
`notifications` (event filters), and issues of its repositories: ORDER_CHANGE needs an event filter
(jlevers/selling-partner-api#885), which must not name marketplaces
(amzn/selling-partner-api-models#4135).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.amazon.notifications import ORDER_CHANGE

ANY_OFFER_CHANGED = "ANY_OFFER_CHANGED"

EVENT_BUS_ONLY = frozenset(
    {
        "BRANDED_ITEM_CONTENT_CHANGE",
        "ITEM_PRODUCT_TYPE_CHANGE",
        "LISTINGS_ITEM_ISSUES_CHANGE",
        "LISTINGS_ITEM_MFN_QUANTITY_CHANGE",
        "LISTINGS_ITEM_STATUS_CHANGE",
        "PRODUCT_TYPE_DEFINITIONS_CHANGE",
    }
)
"""Types that Amazon sends to an event bus of EventBridge; it sends the others to a queue of SQS."""

_DEFAULT_VERSION = "1.0"
_VERSIONS: Mapping[str, str] = {
    "ACCOUNT_STATUS_CHANGED": "2021-01-01",
    "DATA_KIOSK_QUERY_PROCESSING_FINISHED": "2023-11-15",
    "LISTINGS_ITEM_ISSUES_CHANGE": "2023-12-13",
}


def documented_version(notification_type: str) -> str:
    """Return the version of the payload to subscribe to."""
    return _VERSIONS.get(notification_type, _DEFAULT_VERSION)


def processing_directive(
    notification_type: str, marketplaces: Sequence[str] = ()
) -> dict[str, Any] | None:
    """Return the directive of a subscription; None if the type needs none.

    Args:
        notification_type: The type.
        marketplaces: Ids of the marketplaces to be notified of; by default all.

    Raises:
        ValueError: The type cannot be limited to marketplaces.
    """
    if marketplaces and notification_type != ANY_OFFER_CHANGED:
        message = f"Amazon limits only {ANY_OFFER_CHANGED} to marketplaces, not {notification_type}"
        raise ValueError(message)
    if notification_type == ORDER_CHANGE:
        return {"eventFilter": {"eventFilterType": ORDER_CHANGE}}
    if marketplaces:
        wanted = {"eventFilterType": ANY_OFFER_CHANGED, "marketplaceIds": [*marketplaces]}
        return {"eventFilter": wanted}
    return None
