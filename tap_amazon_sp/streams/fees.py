"""What Amazon would take for selling the seller's items at their prices.

Facts: Amazon's model `productFeesV0` (fees are estimated for a price; a call takes 20 items).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.amazon.client import BODY
from tap_amazon_sp.reading.item_batches import SERVICE_ERRORS, BatchStream
from tap_amazon_sp.reading.own_items import Item
from tap_amazon_sp.reading.stream import Parameters, first_at


class FeeEstimates(BatchStream):
    """Estimated fees of the seller's listings at their present price: one record per SKU.

    Needs `seller_id`, as the price comes out of the listing: `skus` only says which listings.
    Those without a price are left out. 20 listings a call and marketplace.
    """

    name = "fee_estimates"
    operation_id = "productFeesV0.getMyFeesEstimates"
    roles = ("Pricing", "Product Listing")
    asked_by = "sku"
    items_per_request = 20
    primary_keys = ("MarketplaceId", "IdType", "IdValue")
    lifted = {
        "MarketplaceId": "FeesEstimateIdentifier.MarketplaceId",
        "IdType": "FeesEstimateIdentifier.IdType",
        "IdValue": "FeesEstimateIdentifier.IdValue",
    }

    def missing_settings(self) -> list[str]:
        """Return `seller_id` where it is not given, even if the SKUs are: they have no price."""
        return [] if self.config.get("seller_id") else ["seller_id"]

    def items_in(self, marketplace_id: str) -> Sequence[Item]:
        """Return the listings that have a price."""
        own = {item.sku: item for item in self.connection.own_items.in_marketplace(marketplace_id)}
        given = self.given_ids()
        wanted = [sku for sku in (own if given is None else dict.fromkeys(given)) if sku]
        priced = [own[sku] for sku in wanted if sku in own and own[sku].price is not None]
        if len(priced) < len(wanted):
            self.logger.info(
                "Without fees in %s: %d SKUs that have no price there, or are no listings",
                marketplace_id,
                len(wanted) - len(priced),
            )
        return priced

    def item_parameters(self, items: Sequence[Item]) -> Parameters:
        """Give the body that asks for these items."""
        return {BODY: [self.entry_for(item) for item in items]}

    def entry_for(self, item: Item) -> dict[str, Any]:
        """Ask for the fees of one SKU."""
        price = {"CurrencyCode": item.currency, "Amount": float(item.price or 0)}
        return {
            "IdType": "SellerSKU",
            "IdValue": item.sku,
            "FeesEstimateRequest": {
                "MarketplaceId": item.marketplace_id,
                "IsAmazonFulfilled": item.is_fulfilled_by_amazon,
                "PriceToEstimateFees": {"ListingPrice": price},
                "Identifier": f"{item.marketplace_id} {item.sku}",
            },
        }

    def refusal(self, entry: Mapping[str, Any]) -> str | None:
        """Return status and code of an estimate that failed."""
        status = str(entry.get("Status"))
        if not status.endswith("Error"):
            return None
        code = first_at(entry, ["Error", "Code"])
        return f"{status}, {code}" if code else status

    def failed_at_amazon(self, entry: Mapping[str, Any]) -> bool:
        """Tell whether asking for an item again may help."""
        return entry.get("Status") in SERVICE_ERRORS


STREAMS = (FeeEstimates,)
