"""The places from which a seller ships, or where buyers pick up their orders.

Facts: Amazon's model `supplySources_2020-07-01`.
"""

from __future__ import annotations

from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream

ROLES = ("Inventory and Order Tracking", "Amazon Fulfillment")


class SupplySources(AmazonStream):
    """Supply sources (stores and warehouses of the seller), with their addresses."""

    name = "supply_sources"
    operation_id = "supplySources_2020-07-01.getSupplySources"
    roles = ROLES
    primary_keys = ("supplySourceId",)
    read = Snapshot()


class SupplySourceDetails(AmazonStream):
    """Supply sources with status, configuration and capabilities: one request per source."""

    name = "supply_source_details"
    operation_id = "supplySources_2020-07-01.getSupplySource"
    roles = ROLES
    primary_keys = ("supplySourceId",)
    # The source may have been archived since it was listed.
    missing_is_empty = True
    # Model: "in ISO 8601 format", as in the samples.
    date_times = ("createdAt", "updatedAt")
    read = PerParent(SupplySources, {"supplySourceId": "supplySourceId"})
