"""What a seller sends to Amazon's warehouses: inbound plans and shipments.

Facts: Amazon's models `fulfillmentInboundV0` and `fulfillmentInbound_2024-03-20`; that getShipments
heeds no marketplace, and that plans are listed which other operations refuse, is in issues 4745,
4739 and 3944 of amzn/selling-partner-api-models.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.amazon.errors import InvalidRequestError
from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.declared_schemas import property_schemas
from tap_amazon_sp.reading.snapshots import NewestFirstStream
from tap_amazon_sp.reading.stream import Parameters, SellingPartnerStream
from tap_amazon_sp.reading.windows import WINDOW_END, WindowedStream

ROLES = ("Amazon Fulfillment",)

_API = "fulfillmentInbound_2024-03-20"
_ITEM_KEYS = ("msku", "fnsku", "labelOwner", "expiration", "manufacturingLotCode")
"""Items have no id; the same SKU may be sent with several dates of expiration, and several times
with one: `occurrence` counts those."""


class _InboundStreamV0(WindowedStream):
    roles = ROLES
    replication_key = WINDOW_END
    updated_after = "LastUpdatedAfter"
    parameters = {"QueryType": "DATE_RANGE"}
    requests_repeat = True


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


class InboundPlans(NewestFirstStream):
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
    children_change_for = dt.timedelta(days=90)


class _PartOfPlan(CalledChildStream):
    """Something that is asked for by plan."""

    roles = ROLES
    missing_is_empty = True
    parent_stream_type: type[SellingPartnerStream] = InboundPlans
    parameters_from_parent = {"inboundPlanId": "inboundPlanId"}
    from_parent = {"inboundPlanId": "inboundPlanId"}

    def _call(self, parameters: Parameters, parent: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Make the call, which Amazon refuses for some plans because of what they are."""
        try:
            return super()._call(parameters, parent)
        except InvalidRequestError as error:
            if "inbound plan" not in (error.message or "").lower():
                raise
            self.logger.warning("Left out a plan that Amazon does not answer for: %s", error)
            return []


class _Items(_PartOfPlan):
    """Items of a plan, or of a part of it, told apart where Amazon gives equal ones."""

    added_properties = property_schemas(occurrence="integer")

    def _call(self, parameters: Parameters, parent: Mapping[str, Any]) -> list[dict[str, Any]]:
        records = super()._call(parameters, parent)
        occurrences: Counter[tuple[Any, ...]] = Counter()
        for record in records:
            item = tuple(record.get(name) for name in _ITEM_KEYS)
            record["occurrence"] = occurrences[item]
            occurrences[item] += 1
        return records


class InboundPlanDetails(_PartOfPlan):
    """Inbound plans with the ids of their options and shipments: a call per plan.

    Plans that Amazon lists but does not give (those of Amazon Warehousing and Distribution) are
    left out, here as in all streams of their parts.
    """

    name = "inbound_plan_details"
    operation_id = f"{_API}.getInboundPlan"
    primary_keys = ("inboundPlanId",)
    from_parent = {}


class InboundPlanItems(_Items):
    """The SKUs in inbound plans: a call per plan."""

    name = "inbound_plan_items"
    operation_id = f"{_API}.listInboundPlanItems"
    primary_keys = ("inboundPlanId", *_ITEM_KEYS, "occurrence")


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


class _PartOfPackingGroup(_PartOfPlan):
    parent_stream_type = InboundPackingOptions
    parameters_from_parent = {
        "inboundPlanId": "inboundPlanId",
        "packingGroupId": "packingGroups",
    }
    from_request = {"packingGroupId": "packingGroupId"}
    # Several options of a plan may share a group.
    distinct_calls = True


class InboundPackingGroupItems(_PartOfPackingGroup, _Items):
    """The SKUs in each packing group: a call per group of each packing option."""

    name = "inbound_packing_group_items"
    operation_id = f"{_API}.listPackingGroupItems"
    primary_keys = ("inboundPlanId", "packingGroupId", *_ITEM_KEYS, "occurrence")


class InboundPackingGroupBoxes(_PartOfPackingGroup):
    """The boxes in each packing group: a call per group of each packing option."""

    name = "inbound_packing_group_boxes"
    operation_id = f"{_API}.listPackingGroupBoxes"
    primary_keys = ("inboundPlanId", "packingGroupId", "packageId")


class InboundPlacementOptions(_PartOfPlan):
    """The ways to split an inbound plan into shipments, with their fees: a call per plan."""

    name = "inbound_placement_options"
    operation_id = f"{_API}.listPlacementOptions"
    primary_keys = ("inboundPlanId", "placementOptionId")


class InboundTransportationOptions(_PartOfPlan):
    """The ways to ship each shipment, with quotes: a call per placement option.

    There are some for the shipments of each placement option, chosen or not.
    """

    name = "inbound_transportation_options"
    operation_id = f"{_API}.listTransportationOptions"
    primary_keys = ("inboundPlanId", "placementOptionId", "shipmentId", "transportationOptionId")
    parent_stream_type = InboundPlacementOptions
    parameters_from_parent = {
        "inboundPlanId": "inboundPlanId",
        "placementOptionId": "placementOptionId",
    }
    from_parent = {"inboundPlanId": "inboundPlanId", "placementOptionId": "placementOptionId"}


class InboundShipments(_PartOfPlan):
    """Shipments of the chosen placement option of each plan: a call per shipment.

    `shipmentConfirmationId` is the `ShipmentId` of `inbound_shipments_v0`.
    """

    name = "inbound_shipments"
    operation_id = f"{_API}.getShipment"
    primary_keys = ("inboundPlanId", "shipmentId")
    parent_stream_type = InboundPlanDetails
    parameters_from_parent = {
        "inboundPlanId": "inboundPlanId",
        "shipmentId": "shipments.shipmentId",
    }


class _PartOfShipment(_PartOfPlan):
    parent_stream_type = InboundShipments
    parameters_from_parent = {"inboundPlanId": "inboundPlanId", "shipmentId": "shipmentId"}
    from_parent = {"inboundPlanId": "inboundPlanId", "shipmentId": "shipmentId"}


class InboundShipmentItems(_PartOfShipment, _Items):
    """The SKUs in shipments of inbound plans: a call per shipment."""

    name = "inbound_shipment_items"
    operation_id = f"{_API}.listShipmentItems"
    primary_keys = ("inboundPlanId", "shipmentId", *_ITEM_KEYS, "occurrence")


class InboundShipmentBoxes(_PartOfShipment):
    """The boxes in shipments of inbound plans and what is in them: a call per shipment."""

    name = "inbound_shipment_boxes"
    operation_id = f"{_API}.listShipmentBoxes"
    primary_keys = ("inboundPlanId", "shipmentId", "packageId")


class InboundShipmentPallets(_PartOfShipment):
    """The pallets in shipments of inbound plans: a call per shipment."""

    name = "inbound_shipment_pallets"
    operation_id = f"{_API}.listShipmentPallets"
    primary_keys = ("inboundPlanId", "shipmentId", "packageId")


class InboundDeliveryWindowOptions(_PartOfShipment):
    """The times in which shipments of inbound plans may be delivered: a call per shipment."""

    name = "inbound_delivery_window_options"
    operation_id = f"{_API}.listDeliveryWindowOptions"
    primary_keys = ("inboundPlanId", "shipmentId", "deliveryWindowOptionId")


STREAMS = (
    InboundShipmentsV0,
    InboundShipmentItemsV0,
    InboundPlans,
    InboundPlanDetails,
    InboundPlanItems,
    InboundPlanBoxes,
    InboundPlanPallets,
    InboundPackingOptions,
    InboundPackingGroupItems,
    InboundPackingGroupBoxes,
    InboundPlacementOptions,
    InboundTransportationOptions,
    InboundShipments,
    InboundShipmentItems,
    InboundShipmentBoxes,
    InboundShipmentPallets,
    InboundDeliveryWindowOptions,
)
