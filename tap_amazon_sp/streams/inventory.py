"""The stock of a seller at Amazon.

Facts: Amazon's model `fbaInventory` (changes are known for 18 months; page tokens are valid for 30
seconds; `startDateTime` does not select changes of inbound quantities).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from tap_amazon_sp.reading.changes import Changes
from tap_amazon_sp.reading.reader import Parameters
from tap_amazon_sp.reading.stream import AmazonStream


class FbaInventorySummaries(AmazonStream):
    """Stock of each SKU in each marketplace, with all quantities.

    Every run reads all SKUs; `start_date` has no effect. If the catalog sets the replication method
    `INCREMENTAL` and the replication key `lastUpdatedTime`, later runs read only SKUs that changed.
    Amazon does not count a change of the inbound quantities (working, shipped, receiving) as one.
    """

    name = "fba_inventory_summaries"
    operation_id = "fbaInventory.getInventorySummaries"
    roles = ("Amazon Fulfillment", "Product Listing", "Inventory and Order Tracking")
    primary_keys = ("marketplaceId", "sellerSku", "fnSku", "condition")
    optional_keys = ("fnSku", "condition")
    parameters = {"details": True, "granularityType": "Marketplace"}
    from_request = {"marketplaceId": "granularityId"}
    # 18 months, less a few days.
    read = Changes("startDateTime", known_for=dt.timedelta(days=540))

    def requests(self) -> Iterator[Parameters]:
        """Yield a request for each marketplace; Amazon wants its id in two parameters."""
        for parameters in super().requests():
            (marketplace_id,) = parameters["marketplaceIds"]
            yield parameters | {"granularityId": marketplace_id}
