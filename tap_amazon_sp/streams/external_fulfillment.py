"""Shipments and returns of Amazon orders that a seller's own locations fulfill.

Facts: Amazon's models `externalFulfillmentShipments_2024-09-11` (a request needs a status) and
`externalFulfillmentReturns_2024-09-11` (without a location, only creation can be filtered).
"""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.reading.requests import Each
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows

SECOND = dt.timedelta(seconds=1)
YEAR = dt.timedelta(days=365)
ROLES = ("Inventory and Order Tracking", "Amazon Fulfillment")


class ExternalFulfillmentShipments(AmazonStream):
    """Shipments that the seller's own locations fulfill: one request per status and page."""

    name = "external_fulfillment_shipments"
    operation_id = "externalFulfillmentShipments_2024-09-11.getShipments"
    roles = ROLES
    primary_keys = ("id",)
    replication_key = "lastUpdatedDateTime"
    # Model: "in ISO 8601 date-time format", as in the samples.
    date_times = ("creationDateTime", "lastUpdatedDateTime", "earliestPackDateTime")
    # All statuses in Amazon's model.
    each = (Each("status"),)
    read = Windows(
        "lastUpdatedAfter",
        requests_repeat=True,
        # Both "after" and "before" exclude the given moment.
        overlap=SECOND,
        # A window takes one request per status, and the rate limit is not documented.
        first=YEAR,
        longest=10 * YEAR,
    )


class ExternalFulfillmentReturns(AmazonStream):
    """Items that buyers send back to the seller's own locations.

    Amazon filters them by creation only, so every run reads those of the last 60 days again.
    """

    name = "external_fulfillment_returns"
    operation_id = "externalFulfillmentReturns_2024-09-11.listReturns"
    roles = ROLES
    primary_keys = ("id",)
    replication_key = "creationDateTime"
    # Model: "in ISO 8601 date-time format", as in the samples.
    date_times = ("creationDateTime", "lastUpdatedDateTime")
    read = Windows("createdSince", overlap=SECOND, late_by=dt.timedelta(days=60))
