"""Amazon Warehousing and Distribution: bulk storage that replenishes Amazon's other warehouses.

Facts: Amazon's model `awd_2024-05-09`.
"""

from __future__ import annotations

from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows

ROLES = ("Amazon Warehousing and Distribution",)

_API = "awd_2024-05-09"


class _AwdStream(AmazonStream):
    """A list that can be filtered by the time of the last change."""

    roles = ROLES
    replication_key = "updatedAt"
    # A record that changes while pages are read then moves to a later page, not to an earlier one.
    parameters = {"sortOrder": "ASCENDING"}
    read = Windows("updatedAfter")


class AwdInboundShipments(_AwdStream):
    """Shipments to Amazon Warehousing and Distribution, without their items."""

    name = "awd_inbound_shipments"
    operation_id = f"{_API}.listInboundShipments"
    primary_keys = ("shipmentId",)
    parameters = {"sortBy": "UPDATED_AT", "sortOrder": "ASCENDING"}


class AwdInboundShipmentDetails(AmazonStream):
    """Shipments to Amazon Warehousing and Distribution, with quantities per SKU.

    One request per shipment.
    """

    name = "awd_inbound_shipment_details"
    operation_id = f"{_API}.getInboundShipment"
    roles = ROLES
    primary_keys = ("shipmentId",)
    parameters = {"skuQuantities": "SHOW"}
    read = PerParent(AwdInboundShipments, {"shipmentId": "shipmentId"})


class AwdInboundOrders(AmazonStream):
    """Inbound orders of Amazon Warehousing and Distribution, with their packages.

    One request per order. Amazon does not list these orders: the tap finds an order when one of its
    shipments in `awd_inbound_shipments` changes.
    """

    name = "awd_inbound_orders"
    operation_id = f"{_API}.getInbound"
    roles = ROLES
    primary_keys = ("orderId",)
    read = PerParent(AwdInboundShipments, {"orderId": "orderId"}, distinct=True)


class AwdInventory(AmazonStream):
    """Stock of each SKU in Amazon Warehousing and Distribution; every run reads all of it."""

    name = "awd_inventory"
    operation_id = f"{_API}.listInventory"
    roles = ROLES
    primary_keys = ("sku",)
    parameters = {"details": "SHOW"}
    read = Snapshot()


class AwdOutboundOrders(_AwdStream):
    """Orders that send stock out of Amazon Warehousing and Distribution, with their shipments."""

    name = "awd_outbound_orders"
    operation_id = f"{_API}.listOutbounds"
    primary_keys = ("orderId",)


class AwdReplenishmentOrders(_AwdStream):
    """Orders that move stock to Amazon's fulfillment centers, with their shipments."""

    name = "awd_replenishment_orders"
    operation_id = f"{_API}.listReplenishmentOrders"
    primary_keys = ("orderId",)
