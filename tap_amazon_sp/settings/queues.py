"""The queue of notifications that settings describe."""

from __future__ import annotations

from tap_amazon_sp.amazon.queue_address import QueueAddress, queue_address
from tap_amazon_sp.settings.definitions import Settings


def queue_of(settings: Settings) -> QueueAddress | None:
    """Return the address of the queue that notifications arrive in; None if there is none."""
    if settings.notifications_queue_url is None:
        return None
    return queue_address(
        settings.notifications_queue_url, endpoint_url=settings.notifications_endpoint_url
    )
