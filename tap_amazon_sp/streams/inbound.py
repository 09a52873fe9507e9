"""Inbound plans and shipments: what a seller sends to Amazon's warehouses.

Facts: Amazon's models `fulfillmentInboundV0` and `fulfillmentInbound_2024-03-20`; issues 4745, 4739
and 3944 of amzn/selling-partner-api-models (getShipments ignores the marketplace; listInboundPlans
lists plans that other operations refuse).
"""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.amazon.errors import InvalidRequestError
from tap_amazon_sp.reading.newest_first import NewestFirst
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.reader import Parameters
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_plan import WINDOW_END
from tap_amazon_sp.reading.windows import Windows

ROLES = ("Amazon Fulfillment",)

_API = "fulfillmentInbound_2024-03-20"
_ITEM = ("msku", "fnsku", "labelOwner", "expiration", "manufacturingLotCode")
"""The properties that identify an item, as items have no id. A plan may contain a SKU with several
expiration dates, and several times with the same date."""


class _InboundStreamV0(AmazonStream):
    """A list of the old API with a filter by change, though its records have no change time."""

    roles = ROLES
    replication_key = WINDOW_END
    parameters = {"QueryType": "DATE_RANGE"}
    read = Windows("LastUpdatedAfter", requests_repeat=True)


class InboundShipmentsV0(_InboundStreamV0):
    """Shipments to Amazon by their confirmation ids (`FBA…`), with their current status.

    Amazon may return a shipment for any marketplace of the region, so a record does not name its
    marketplace.
    """

    name = "inbound_shipments_v0"
    operation_id = "fulfillmentInboundV0.getShipments"
    primary_keys = ("ShipmentId",)


class InboundShipmentItemsV0(_InboundStreamV0):
    """The SKUs in shipments to Amazon, with the quantities shipped and received."""

    name = "inbound_shipment_items_v0"
    operation_id = "fulfillmentInboundV0.getShipmentItems"
    primary_keys = ("ShipmentId", "SellerSKU", "FulfillmentNetworkSKU")
    optional_keys = ("FulfillmentNetworkSKU",)


class InboundPlans(AmazonStream):
    """Inbound plans, the latest change first, without their details.

    If a child stream is selected, every run reads the plans of the last 90 days again: the
    shipments of a plan may change when the plan itself no longer does.
    """

    name = "inbound_plans"
    operation_id = f"{_API}.listInboundPlans"
    roles = ROLES
    primary_keys = ("inboundPlanId",)
    replication_key = "lastUpdatedAt"
    parameters = {"sortBy": "LAST_UPDATED_TIME", "sortOrder": "DESC"}
    read = NewestFirst(children_change_for=dt.timedelta(days=90))


_PLAN = {"inboundPlanId": "inboundPlanId"}


class _PartOfPlan(AmazonStream):
    """Records that take one request per plan, or per part of a plan."""

    roles = ROLES
    missing_is_empty = True
    read = PerParent(InboundPlans, _PLAN, _PLAN)

    def left_out(self, error: InvalidRequestError, parameters: Parameters) -> str | None:  # noqa: ARG002
        """Leave out plans that Amazon lists, but whose details it refuses."""
        is_about_plan = "inbound plan" in (error.message or "").lower()
        return "a plan whose details Amazon refuses" if is_about_plan else None


class InboundPlanDetails(_PartOfPlan):
    """Inbound plans with the ids of their options and shipments: one request per plan.

    Amazon lists the plans of Amazon Warehousing and Distribution, but refuses to return their
    details. This stream and all streams of parts of plans leave them out.
    """

    name = "inbound_plan_details"
    operation_id = f"{_API}.getInboundPlan"
    primary_keys = ("inboundPlanId",)
    read = PerParent(InboundPlans, _PLAN)


class InboundPlanItems(_PartOfPlan):
    """The SKUs in inbound plans: one request per plan."""

    name = "inbound_plan_items"
    operation_id = f"{_API}.listInboundPlanItems"
    primary_keys = ("inboundPlanId", *_ITEM, "occurrence")
    numbered_by = _ITEM


class InboundPlanBoxes(_PartOfPlan):
    """The boxes in inbound plans and their contents: one request per plan."""

    name = "inbound_plan_boxes"
    operation_id = f"{_API}.listInboundPlanBoxes"
    primary_keys = ("inboundPlanId", "packageId")


class InboundPlanPallets(_PartOfPlan):
    """The pallets in inbound plans: one request per plan."""

    name = "inbound_plan_pallets"
    operation_id = f"{_API}.listInboundPlanPallets"
    primary_keys = ("inboundPlanId", "packageId")


class InboundPackingOptions(_PartOfPlan):
    """The packing options of inbound plans, with their fees: one request per plan."""

    name = "inbound_packing_options"
    operation_id = f"{_API}.listPackingOptions"
    primary_keys = ("inboundPlanId", "packingOptionId")


PER_PACKING_GROUP = PerParent(
    InboundPackingOptions,
    {"inboundPlanId": "inboundPlanId", "packingGroupId": "packingGroups"},
    _PLAN,
    # Several options of a plan may share a group.
    distinct=True,
)


class InboundPackingGroupItems(_PartOfPlan):
    """The SKUs in each packing group of the packing options: one request per group."""

    name = "inbound_packing_group_items"
    operation_id = f"{_API}.listPackingGroupItems"
    primary_keys = ("inboundPlanId", "packingGroupId", *_ITEM, "occurrence")
    numbered_by = _ITEM
    from_request = {"packingGroupId": "packingGroupId"}
    read = PER_PACKING_GROUP


class InboundPackingGroupBoxes(_PartOfPlan):
    """The boxes in each packing group of the packing options: one request per group."""

    name = "inbound_packing_group_boxes"
    operation_id = f"{_API}.listPackingGroupBoxes"
    primary_keys = ("inboundPlanId", "packingGroupId", "packageId")
    from_request = {"packingGroupId": "packingGroupId"}
    read = PER_PACKING_GROUP


class InboundPlacementOptions(_PartOfPlan):
    """The ways to split an inbound plan into shipments, with fees: one request per plan."""

    name = "inbound_placement_options"
    operation_id = f"{_API}.listPlacementOptions"
    primary_keys = ("inboundPlanId", "placementOptionId")


_PLACEMENT = {**_PLAN, "placementOptionId": "placementOptionId"}


class InboundTransportationOptions(_PartOfPlan):
    """The ways to ship each shipment, with quotes: one request per placement option.

    This includes the shipments of placement options that the seller did not choose.
    """

    name = "inbound_transportation_options"
    operation_id = f"{_API}.listTransportationOptions"
    primary_keys = ("inboundPlanId", "placementOptionId", "shipmentId", "transportationOptionId")
    read = PerParent(InboundPlacementOptions, _PLACEMENT, _PLACEMENT)


class InboundShipments(_PartOfPlan):
    """Shipments of the chosen placement option of each plan: one request per shipment.

    `shipmentConfirmationId` is the `ShipmentId` of `inbound_shipments_v0`.
    """

    name = "inbound_shipments"
    operation_id = f"{_API}.getShipment"
    primary_keys = ("inboundPlanId", "shipmentId")
    read = PerParent(InboundPlanDetails, {**_PLAN, "shipmentId": "shipments.shipmentId"}, _PLAN)


_SHIPMENT = {**_PLAN, "shipmentId": "shipmentId"}
PER_SHIPMENT = PerParent(InboundShipments, _SHIPMENT, _SHIPMENT)


class InboundShipmentItems(_PartOfPlan):
    """The SKUs in shipments of inbound plans: one request per shipment."""

    name = "inbound_shipment_items"
    operation_id = f"{_API}.listShipmentItems"
    primary_keys = ("inboundPlanId", "shipmentId", *_ITEM, "occurrence")
    numbered_by = _ITEM
    read = PER_SHIPMENT


class InboundShipmentBoxes(_PartOfPlan):
    """The boxes in shipments of inbound plans and their contents: one request per shipment."""

    name = "inbound_shipment_boxes"
    operation_id = f"{_API}.listShipmentBoxes"
    primary_keys = ("inboundPlanId", "shipmentId", "packageId")
    read = PER_SHIPMENT


class InboundShipmentPallets(_PartOfPlan):
    """The pallets in shipments of inbound plans: one request per shipment."""

    name = "inbound_shipment_pallets"
    operation_id = f"{_API}.listShipmentPallets"
    primary_keys = ("inboundPlanId", "shipmentId", "packageId")
    read = PER_SHIPMENT


class InboundDeliveryWindowOptions(_PartOfPlan):
    """Possible delivery windows for shipments of inbound plans: one request per shipment."""

    name = "inbound_delivery_window_options"
    operation_id = f"{_API}.listDeliveryWindowOptions"
    primary_keys = ("inboundPlanId", "shipmentId", "deliveryWindowOptionId")
    read = PER_SHIPMENT
