"""The seller: marketplaces and account.

Facts: Amazon's model `sellers`.
"""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.reading.declared_schemas import TEXT
from tap_amazon_sp.reading.snapshots import SnapshotStream


class MarketplaceParticipations(SnapshotStream):
    """The marketplaces in which the seller can sell, and whether they do."""

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


class SellerAccount(SnapshotStream):
    """The seller's account in the region: business, selling plan, primary contact.

    One record. Amazon gives it no id, so its key is the region, in which a seller has one account.
    """

    name = "seller_account"
    operation_id = "sellers.getAccount"
    roles = ("Selling Partner Insights",)
    primary_keys = ("region",)
    added_properties = {"region": TEXT}

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the region."""
        record["region"] = self.account.region
        return record


STREAMS = (MarketplaceParticipations, SellerAccount)
