"""What a seller has in stock at Amazon.

Facts: Amazon's model `fbaInventory` (changes are known for 18 months; page tokens live for 30
seconds; `startDateTime` does not notice changes of inbound quantities).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from tap_amazon_sp.reading.changes import Changes
from tap_amazon_sp.reading.reader import Parameters
from tap_amazon_sp.reading.stream import AmazonStream


class FbaInventorySummaries(AmazonStream):
    """Stock of each SKU in each marketplace, with all its quantities.

    Every run gives every SKU, whatever `start_date` says. With the replication method
    `INCREMENTAL` and the replication key `lastUpdatedTime` in the catalog, later runs give those
    that changed; Amazon does not take changes of the inbound quantities (working, shipped,
    receiving) for such.
    """

    name = "fba_inventory_summaries"
    operation_id = "fbaInventory.getInventorySummaries"
    roles = ("Amazon Fulfillment", "Product Listing", "Inventory and Order Tracking")
    primary_keys = ("marketplaceId", "sellerSku", "fnSku", "condition")
    parameters = {"details": True, "granularityType": "Marketplace"}
    from_request = {"marketplaceId": "granularityId"}
    # 18 months, less a few days.
    read = Changes("startDateTime", known_for=dt.timedelta(days=540))

    def requests(self) -> Iterator[Parameters]:
        """Yield a request for each marketplace, which has to be named twice."""
        for parameters in super().requests():
            (marketplace_id,) = parameters["marketplaceIds"]
            yield parameters | {"granularityId": marketplace_id}
