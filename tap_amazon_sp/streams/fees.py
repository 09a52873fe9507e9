"""Fees that Amazon would charge for selling the seller's items at their prices.

Facts: Amazon's model `productFeesV0` (fees are estimated for a price; a request takes 20 items).
"""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.amazon.request import BODY
from tap_amazon_sp.reading.batch import Batch
from tap_amazon_sp.reading.outcomes import by_name_of_status
from tap_amazon_sp.reading.own_items import Item
from tap_amazon_sp.reading.stream import AmazonStream


def _entry_for(item: Item) -> dict[str, Any]:
    """Return the request for the fees of one SKU."""
    price = {"CurrencyCode": item.currency, "Amount": item.price or 0}
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


class FeeEstimates(AmazonStream):
    """Estimated fees of the seller's listings at their current price: one record per SKU.

    Needs `seller_id`, because the price comes from the listing: `skus` only limits which listings
    are read. Listings without a price are left out. A request takes up to 20 listings of one
    marketplace.
    """

    name = "fee_estimates"
    operation_id = "productFeesV0.getMyFeesEstimates"
    roles = ("Pricing", "Product Listing")
    primary_keys = ("MarketplaceId", "IdType", "IdValue")
    lifted = {
        "MarketplaceId": "FeesEstimateIdentifier.MarketplaceId",
        "IdType": "FeesEstimateIdentifier.IdType",
        "IdValue": "FeesEstimateIdentifier.IdValue",
    }
    read = Batch(
        _entry_for,
        by_name_of_status("Status", "FeesEstimate", error=("Error", "Code", "Message")),
        size=20,
        by="sku",
        parameter=BODY,
        with_price=True,
    )
