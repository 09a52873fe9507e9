"""What a seller sends to Amazon's warehouses: inbound plans and shipments.

Facts: Amazon's models `fulfillmentInboundV0` and `fulfillmentInbound_2024-03-20`; that getShipments
heeds no marketplace, and that plans are listed which other operations refuse, is in issues 4745,
4739 and 3944 of amzn/selling-partner-api-models.
"""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.amazon.errors import InvalidRequestError
from tap_amazon_sp.reading.newest_first import NewestFirst
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.reader import Parameters
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import WINDOW_END, Windows

ROLES = ("Amazon Fulfillment",)

_API = "fulfillmentInbound_2024-03-20"
_ITEM = ("msku", "fnsku", "labelOwner", "expiration", "manufacturingLotCode")
"""Items have no id; the same SKU may be sent with several dates of expiration, and several times
with one."""


class _InboundStreamV0(AmazonStream):
    """A list of the old API that can be read by change, though its records do not say when."""

    roles = ROLES
    replication_key = WINDOW_END
    parameters = {"QueryType": "DATE_RANGE"}
    read = Windows("LastUpdatedAfter", requests_repeat=True)


class InboundShipmentsV0(_InboundStreamV0):
    """Shipments to Amazon by their confirmation ids (`FBA…`), with their current status.

    Amazon may give a shipment for any marketplace of the region, so that a record does not say to
    which it belongs.
    """

    name = "inbound_shipments_v0"
    operation_id = "fulfillmentInboundV0.getShipments"
    primary_keys = ("ShipmentId",)


class InboundShipmentItemsV0(_InboundStreamV0):
    """The SKUs in shipments to Amazon: how many were shipped, how many received."""

    name = "inbound_shipment_items_v0"
    operation_id = "fulfillmentInboundV0.getShipmentItems"
    primary_keys = ("ShipmentId", "SellerSKU", "FulfillmentNetworkSKU")


class InboundPlans(AmazonStream):
    """Inbound plans in brief, those that changed last first.

    Where streams of their parts are selected, plans of the last 90 days are read again in every
    run: their shipments go on to change when the plan does not any more.
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
    """What takes a call per plan, or per part of a plan."""

    roles = ROLES
    missing_is_empty = True
    read = PerParent(InboundPlans, _PLAN, _PLAN)

    def left_out(self, error: InvalidRequestError, parameters: Parameters) -> str | None:  # noqa: ARG002
        """Leave out plans that Amazon lists and refuses, because of what they are."""
        is_about_plan = "inbound plan" in (error.message or "").lower()
        return "a plan that Amazon does not answer for" if is_about_plan else None


class InboundPlanDetails(_PartOfPlan):
    """Inbound plans with the ids of their options and shipments: a call per plan.

    Plans that Amazon lists but does not give (those of Amazon Warehousing and Distribution) are
    left out, here as in all streams of their parts.
    """

    name = "inbound_plan_details"
    operation_id = f"{_API}.getInboundPlan"
    primary_keys = ("inboundPlanId",)
    read = PerParent(InboundPlans, _PLAN)


class InboundPlanItems(_PartOfPlan):
    """The SKUs in inbound plans: a call per plan."""

    name = "inbound_plan_items"
    operation_id = f"{_API}.listInboundPlanItems"
    primary_keys = ("inboundPlanId", *_ITEM, "occurrence")
    numbered_by = _ITEM


class InboundPlanBoxes(_PartOfPlan):
    """The boxes in inbound plans and what is in them: a call per plan."""

    name = "inbound_plan_boxes"
    operation_id = f"{_API}.listInboundPlanBoxes"
    primary_keys = ("inboundPlanId", "packageId")


class InboundPlanPallets(_PartOfPlan):
    """The pallets in inbound plans: a call per plan."""

    name = "inbound_plan_pallets"
    operation_id = f"{_API}.listInboundPlanPallets"
    primary_keys = ("inboundPlanId", "packageId")


class InboundPackingOptions(_PartOfPlan):
    """The ways to pack an inbound plan, with their fees: a call per plan."""

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
    """The SKUs in each packing group: a call per group of each packing option."""

    name = "inbound_packing_group_items"
    operation_id = f"{_API}.listPackingGroupItems"
    primary_keys = ("inboundPlanId", "packingGroupId", *_ITEM, "occurrence")
    numbered_by = _ITEM
    from_request = {"packingGroupId": "packingGroupId"}
    read = PER_PACKING_GROUP


class InboundPackingGroupBoxes(_PartOfPlan):
    """The boxes in each packing group: a call per group of each packing option."""

    name = "inbound_packing_group_boxes"
    operation_id = f"{_API}.listPackingGroupBoxes"
    primary_keys = ("inboundPlanId", "packingGroupId", "packageId")
    from_request = {"packingGroupId": "packingGroupId"}
    read = PER_PACKING_GROUP


class InboundPlacementOptions(_PartOfPlan):
    """The ways to split an inbound plan into shipments, with their fees: a call per plan."""

    name = "inbound_placement_options"
    operation_id = f"{_API}.listPlacementOptions"
    primary_keys = ("inboundPlanId", "placementOptionId")


_PLACEMENT = {**_PLAN, "placementOptionId": "placementOptionId"}


class InboundTransportationOptions(_PartOfPlan):
    """The ways to ship each shipment, with quotes: a call per placement option.

    There are some for the shipments of each placement option, chosen or not.
    """

    name = "inbound_transportation_options"
    operation_id = f"{_API}.listTransportationOptions"
    primary_keys = ("inboundPlanId", "placementOptionId", "shipmentId", "transportationOptionId")
    read = PerParent(InboundPlacementOptions, _PLACEMENT, _PLACEMENT)


class InboundShipments(_PartOfPlan):
    """Shipments of the chosen placement option of each plan: a call per shipment.

    `shipmentConfirmationId` is the `ShipmentId` of `inbound_shipments_v0`.
    """

    name = "inbound_shipments"
    operation_id = f"{_API}.getShipment"
    primary_keys = ("inboundPlanId", "shipmentId")
    read = PerParent(InboundPlanDetails, {**_PLAN, "shipmentId": "shipments.shipmentId"}, _PLAN)


_SHIPMENT = {**_PLAN, "shipmentId": "shipmentId"}
PER_SHIPMENT = PerParent(InboundShipments, _SHIPMENT, _SHIPMENT)


class InboundShipmentItems(_PartOfPlan):
    """The SKUs in shipments of inbound plans: a call per shipment."""

    name = "inbound_shipment_items"
    operation_id = f"{_API}.listShipmentItems"
    primary_keys = ("inboundPlanId", "shipmentId", *_ITEM, "occurrence")
    numbered_by = _ITEM
    read = PER_SHIPMENT


class InboundShipmentBoxes(_PartOfPlan):
    """The boxes in shipments of inbound plans and what is in them: a call per shipment."""

    name = "inbound_shipment_boxes"
    operation_id = f"{_API}.listShipmentBoxes"
    primary_keys = ("inboundPlanId", "shipmentId", "packageId")
    read = PER_SHIPMENT


class InboundShipmentPallets(_PartOfPlan):
    """The pallets in shipments of inbound plans: a call per shipment."""

    name = "inbound_shipment_pallets"
    operation_id = f"{_API}.listShipmentPallets"
    primary_keys = ("inboundPlanId", "shipmentId", "packageId")
    read = PER_SHIPMENT


class InboundDeliveryWindowOptions(_PartOfPlan):
    """The times in which shipments of inbound plans may be delivered: a call per shipment."""

    name = "inbound_delivery_window_options"
    operation_id = f"{_API}.listDeliveryWindowOptions"
    primary_keys = ("inboundPlanId", "shipmentId", "deliveryWindowOptionId")
    read = PER_SHIPMENT
