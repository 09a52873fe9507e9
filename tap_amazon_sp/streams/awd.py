"""Amazon Warehousing and Distribution: bulk storage that replenishes Amazon's other warehouses.

Facts: Amazon's model `awd_2024-05-09`.
"""

from __future__ import annotations

from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.snapshots import SnapshotStream
from tap_amazon_sp.reading.windows import WindowedStream

ROLES = ("Amazon Warehousing and Distribution",)

_API = "awd_2024-05-09"


class _AwdStream(WindowedStream):
    roles = ROLES
    replication_key = "updatedAt"
    updated_after = "updatedAfter"
    # What changes while pages are read then moves behind them, not into them.
    parameters = {"sortOrder": "ASCENDING"}


class AwdInboundShipments(_AwdStream):
    """Shipments to Amazon Warehousing and Distribution in brief."""

    name = "awd_inbound_shipments"
    operation_id = f"{_API}.listInboundShipments"
    primary_keys = ("shipmentId",)
    parameters = {"sortBy": "UPDATED_AT", "sortOrder": "ASCENDING"}


class AwdInboundShipmentDetails(CalledChildStream):
    """Shipments to Amazon Warehousing and Distribution with quantities: a call per shipment."""

    name = "awd_inbound_shipment_details"
    operation_id = f"{_API}.getInboundShipment"
    roles = ROLES
    parent_stream_type = AwdInboundShipments
    primary_keys = ("shipmentId",)
    parameters = {"skuQuantities": "SHOW"}
    parameters_from_parent = {"shipmentId": "shipmentId"}


class AwdInboundOrders(CalledChildStream):
    """The orders to which these shipments belong, with their packages: a call per order.

    Amazon does not list them: an order is found by its shipments, when one of them changed.
    """

    name = "awd_inbound_orders"
    operation_id = f"{_API}.getInbound"
    roles = ROLES
    parent_stream_type = AwdInboundShipments
    primary_keys = ("orderId",)
    distinct_calls = True
    parameters_from_parent = {"orderId": "orderId"}


class AwdInventory(SnapshotStream):
    """Stock of each SKU in Amazon Warehousing and Distribution, whole in every run."""

    name = "awd_inventory"
    operation_id = f"{_API}.listInventory"
    roles = ROLES
    primary_keys = ("sku",)
    parameters = {"details": "SHOW"}


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


STREAMS = (
    AwdInboundShipments,
    AwdInboundShipmentDetails,
    AwdInboundOrders,
    AwdInventory,
    AwdOutboundOrders,
    AwdReplenishmentOrders,
)
