"""Orders of Amazon's marketplaces that a seller's own locations fulfill, and what comes back.

Facts: Amazon's models `externalFulfillmentShipments_2024-09-11` (a call wants a status) and
`externalFulfillmentReturns_2024-09-11` (only creation can be filtered without naming a location).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from tap_amazon_sp.reading.stream import Parameters
from tap_amazon_sp.reading.windows import WindowedStream

SECOND = dt.timedelta(seconds=1)
ROLES = ("Inventory and Order Tracking", "Amazon Fulfillment")


class ExternalFulfillmentShipments(WindowedStream):
    """Shipments that the seller's own locations fulfill: a call per status and page."""

    name = "external_fulfillment_shipments"
    operation_id = "externalFulfillmentShipments_2024-09-11.getShipments"
    roles = ROLES
    primary_keys = ("id",)
    replication_key = "lastUpdatedDateTime"
    updated_after = "lastUpdatedAfter"
    # Both "after" and "before" leave out the very moment.
    overlap = SECOND
    requests_repeat = True
    # Each takes a call per status, at a rate that nobody documents.
    first_window = dt.timedelta(days=365)
    longest_window = 10 * first_window
    # Model: "in ISO 8601 date-time format", as in the samples.
    date_times = ("creationDateTime", "lastUpdatedDateTime", "earliestPackDateTime")

    def requests(self) -> Iterator[Parameters]:
        """Go through all statuses that Amazon's model knows."""
        status = self.operation.parameter("status")
        for parameters in super().requests():
            for value in (status and status.enum) or ():
                yield parameters | {"status": value}


class ExternalFulfillmentReturns(WindowedStream):
    """Items that buyers send back to the seller's own locations.

    They are found by creation, so those of the last 60 days are read again in every run.
    """

    name = "external_fulfillment_returns"
    operation_id = "externalFulfillmentReturns_2024-09-11.listReturns"
    roles = ROLES
    primary_keys = ("id",)
    replication_key = "creationDateTime"
    updated_after = "createdSince"
    # Model: "in ISO 8601 date-time format", as in the samples.
    date_times = ("creationDateTime", "lastUpdatedDateTime")
    overlap = SECOND
    late_by = dt.timedelta(days=60)


STREAMS = (ExternalFulfillmentShipments, ExternalFulfillmentReturns)
