"""Shipments of merchants: tracking, bought shipping, and invoicing in Brazil.

Facts: Amazon's models `tracking_2026-01-30` (Amazon does not document the role; `proNumber` is from
Amazon's SDK, `amzn-sp-api` 1.13.0),
`merchantFulfillmentV0` and `shipmentInvoicingV0`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.reading.per_item import PerId
from tap_amazon_sp.reading.pipeline import Request
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.singer.schemas import property_schemas

TRACKING_ID = "id"
TRACKING_IDENTIFIERS = (
    "acsin",
    "aftn",
    "containerNumber",
    "houseBillOfLadingNumber",
    "proNumber",
)
"""Identifiers that find a shipment, besides Amazon's `id` of the tracking request."""


class ShipmentTracking(AmazonStream):
    """Tracking of shipments, by the ids in `stream_ids`.

    An id without a prefix is the id of a tracking request. Other ids have a prefix: `acsin:…`,
    `aftn:…`, `containerNumber:…`, `houseBillOfLadingNumber:…` or `proNumber:…`.
    """

    name = "shipment_tracking"
    operation_id = "tracking_2026-01-30.getShipmentTracking"
    primary_keys = ("identifierName", "identifierValue")
    added_properties = property_schemas(identifierName="string", identifierValue="string")
    missing_is_empty = True
    read = PerId(TRACKING_ID, prefixes=TRACKING_IDENTIFIERS)

    def add(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """Return the added properties, with the identifier in the request."""
        added = super().add(record, request)
        for name in (TRACKING_ID, *TRACKING_IDENTIFIERS):
            if name in request.parameters:
                added |= {"identifierName": name, "identifierValue": request.parameters[name]}
        return added


class MerchantFulfillmentShipments(AmazonStream):
    """Shipping that merchants bought from Amazon, with labels, by the ids in `stream_ids`.

    Always needs `restricted_data`, because records contain addresses.
    """

    name = "merchant_fulfillment_shipments"
    operation_id = "merchantFulfillmentV0.getShipment"
    roles = ("Direct-to-Consumer Delivery (Restricted)",)
    primary_keys = ("ShipmentId",)
    missing_is_empty = True
    read = PerId("shipmentId")


class BrazilShipmentInvoicing(AmazonStream):
    """Data for the invoices of shipments by Amazon in Brazil, by the ids in `stream_ids`.

    Always needs `restricted_data`, because records contain the buyer's name, address and taxes.
    """

    name = "brazil_shipment_invoicing"
    operation_id = "shipmentInvoicingV0.getShipmentDetails"
    roles = ("Tax Invoicing (Restricted)",)
    primary_keys = ("AmazonShipmentId",)
    missing_is_empty = True
    read = PerId("shipmentId")
