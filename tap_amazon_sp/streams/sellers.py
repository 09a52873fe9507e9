"""The marketplaces and the account of the seller.

Facts: Amazon's model `sellers`.
"""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.singer.schemas import TEXT


class MarketplaceParticipations(AmazonStream):
    """The marketplaces in which the seller can sell, and whether the seller participates."""

    name = "marketplace_participations"
    operation_id = "sellers.getMarketplaceParticipations"
    selected_by_default = True
    roles = (
        "Selling Partner Insights",
        "Inventory and Order Tracking",
        "Pricing",
        "Product Listing",
        "Finance and Accounting",
        "Amazon Fulfillment",
        "Buyer Communication",
        "Direct-to-Consumer Delivery (Restricted)",
    )
    primary_keys = ("marketplaceId",)
    lifted = {"marketplaceId": "marketplace.id"}
    read = Snapshot()


class SellerAccount(AmazonStream):
    """The seller's account in the region: business, selling plan and primary contact.

    One record. It has no id, so its key is the region: a seller has one account in each region.
    """

    name = "seller_account"
    operation_id = "sellers.getAccount"
    roles = ("Selling Partner Insights",)
    primary_keys = ("region",)
    added_properties = {"region": TEXT}
    read = Snapshot()

    def transform(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the region."""
        record["region"] = self.account.region
        return record
