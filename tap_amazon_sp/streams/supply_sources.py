"""The places from which a seller ships, or lets buyers pick up.

Facts: Amazon's model `supplySources_2020-07-01`.
"""

from __future__ import annotations

from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.snapshots import SnapshotStream

ROLES = ("Inventory and Order Tracking", "Amazon Fulfillment")


class SupplySources(SnapshotStream):
    """Supply sources (stores and warehouses of the seller) with their addresses."""

    name = "supply_sources"
    operation_id = "supplySources_2020-07-01.getSupplySources"
    roles = ROLES
    primary_keys = ("supplySourceId",)


class SupplySourceDetails(CalledChildStream):
    """Supply sources with status, configuration and capabilities: a call per source."""

    name = "supply_source_details"
    operation_id = "supplySources_2020-07-01.getSupplySource"
    roles = ROLES
    parent_stream_type = SupplySources
    primary_keys = ("supplySourceId",)
    # It may have been archived since it was listed.
    missing_is_empty = True
    parameters_from_parent = {"supplySourceId": "supplySourceId"}
    # Model: "in ISO 8601 format", as in the samples.
    date_times = ("createdAt", "updatedAt")


STREAMS = (SupplySources, SupplySourceDetails)
