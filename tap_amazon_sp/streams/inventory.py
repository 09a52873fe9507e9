"""What a seller has in stock at Amazon.

Facts: Amazon's model `fbaInventory` (changes are known for 18 months; page tokens live for 30
seconds; `startDateTime` does not notice changes of inbound quantities).
"""

from __future__ import annotations

import datetime as dt
import pickle
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from tap_amazon_sp.reading.bookmarks import BookmarkedStream
from tap_amazon_sp.reading.stream import Page, Parameters
from tap_amazon_sp.reading.window_plan import SETTLING_TIME

CHANGES_KNOWN_FOR = dt.timedelta(days=540)
"""18 months, less a few days."""


class FbaInventorySummaries(BookmarkedStream):
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

    def requests(self) -> Iterator[Parameters]:
        """Ask for one marketplace at a time, which has to be named twice."""
        for parameters in super().requests():
            (marketplace_id,) = parameters["marketplaceIds"]
            yield parameters | {"granularityId": marketplace_id}

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Give the stock, marketplace by marketplace; bookmark when all is written."""
        now = self.tap.clock.now()
        since = self._changed_since(now)
        for parameters in self.requests():
            pages = self.restarted_pages_of(parameters | {"startDateTime": since})
            # All pages before the first is given: a target may stop us longer than a token lives.
            for page in pages if self.ABORT_AT_RECORD_COUNT is not None else _set_aside(pages):
                yield page.records
        self.write_bookmark(now - SETTLING_TIME)

    def _changed_since(self, now: dt.datetime) -> dt.datetime | None:
        """Return from when on changes are asked for; None for everything."""
        bookmark = self.bookmark()
        since = None if bookmark is None else bookmark - self.lookback
        return since if since and since > now - CHANGES_KNOWN_FOR else None


def _set_aside(pages: Iterable[Page]) -> Iterator[Page]:
    """Give pages when all of them are there; meanwhile they lie in a file, not in memory."""
    with tempfile.TemporaryFile() as file:
        count = 0
        for count, page in enumerate(pages, 1):  # noqa: B007 - counted
            pickle.dump(page, file)
        file.seek(0)
        for _ in range(count):
            yield pickle.load(file)  # noqa: S301 - what this function wrote


STREAMS = (FbaInventorySummaries,)
