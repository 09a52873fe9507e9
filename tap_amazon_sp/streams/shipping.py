"""Shipments of merchants: Easy Ship packages, tracking, bought shipping, invoicing in Brazil.

Facts: Amazon's models `easyShip_2022-03-23`, `tracking_2026-01-30` (Amazon does not say which role
is needed), `merchantFulfillmentV0` and `shipmentInvoicingV0`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.declared_schemas import property_schemas
from tap_amazon_sp.reading.items import KnownIdsStream
from tap_amazon_sp.reading.stream import Parameters, SellingPartnerStream
from tap_amazon_sp.streams.orders import Orders, OrdersV0

TRACKING_IDENTIFIERS = ("acsin", "aftn", "containerNumber", "houseBillOfLadingNumber")
"""What a shipment can be tracked by, besides Amazon's `id` of the tracking request."""


class EasyShipPackages(CalledChildStream):
    """The scheduled package of each Easy Ship order: a call per such order."""

    name = "easy_ship_packages"
    operation_id = "easyShip_2022-03-23.getScheduledPackage"
    roles = ("Direct-to-Consumer Delivery (Restricted)", "Inventory and Order Tracking")
    parent_stream_type: type[SellingPartnerStream] = Orders
    primary_keys = ("amazonOrderId", "packageId")
    parameters_from_parent = {
        "amazonOrderId": "orderId",
        "marketplaceId": "salesChannel.marketplaceId",
    }
    lifted = {
        "amazonOrderId": "scheduledPackageId.amazonOrderId",
        "packageId": "scheduledPackageId.packageId",
    }
    # An order whose package is not scheduled yet.
    missing_is_empty = True

    def requests_for(self, parent: Mapping[str, Any]) -> Iterator[Parameters]:
        """Give a request for an order of the program."""
        if self.is_easy_ship(parent):
            yield from super().requests_for(parent)

    def is_easy_ship(self, order: Mapping[str, Any]) -> bool:
        """Tell whether Amazon delivers the order for the merchant."""
        return "AMAZON_EASY_SHIP" in (order.get("programs") or ())


class EasyShipPackagesV0(EasyShipPackages):
    """The scheduled package of each Easy Ship order: a call per such order."""

    parent_stream_type = OrdersV0
    parameters_from_parent = {"amazonOrderId": "AmazonOrderId", "marketplaceId": "MarketplaceId"}

    def is_easy_ship(self, order: Mapping[str, Any]) -> bool:
        """Tell whether Amazon delivers the order for the merchant."""
        return bool(order.get("EasyShipShipmentStatus"))


class ShipmentTracking(KnownIdsStream):
    """Where shipments are, by the ids in `stream_ids`.

    An id is that of a tracking request, or it names what it is: `acsin:…`, `aftn:…`,
    `containerNumber:…` or `houseBillOfLadingNumber:…`.
    """

    name = "shipment_tracking"
    operation_id = "tracking_2026-01-30.getShipmentTracking"
    id_parameter = "id"
    primary_keys = ("identifierName", "identifierValue")
    added_properties = property_schemas(identifierName="string", identifierValue="string")
    missing_is_empty = True

    def requests(self) -> Iterator[Parameters]:
        """Give the parameters of the request for each id, under the name it brings along."""
        for parameters in super().requests():
            value = parameters.pop(self.id_parameter)
            name, _, rest = value.partition(":")
            is_named = name in TRACKING_IDENTIFIERS
            yield parameters | ({name: rest} if is_named else {self.id_parameter: value})

    def additions(
        self, record: Mapping[str, Any], parameters: Parameters, parent: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what the shipment was asked for by."""
        added = super().additions(record, parameters, parent)
        for name in (self.id_parameter, *TRACKING_IDENTIFIERS):
            if name in parameters:
                added |= {"identifierName": name, "identifierValue": parameters[name]}
        return added


class MerchantFulfillmentShipments(KnownIdsStream):
    """Shipping that merchants bought from Amazon, with its label, by the ids in `stream_ids`.

    Always needs `restricted_data`: it holds addresses.
    """

    name = "merchant_fulfillment_shipments"
    operation_id = "merchantFulfillmentV0.getShipment"
    roles = ("Direct-to-Consumer Delivery (Restricted)",)
    id_parameter = "shipmentId"
    primary_keys = ("ShipmentId",)
    missing_is_empty = True


class BrazilShipmentInvoicing(KnownIdsStream):
    """What an invoice for a shipment by Amazon in Brazil needs, by the ids in `stream_ids`.

    Always needs `restricted_data`: it holds the buyer's name, address and taxes.
    """

    name = "brazil_shipment_invoicing"
    operation_id = "shipmentInvoicingV0.getShipmentDetails"
    roles = ("Tax Invoicing (Restricted)",)
    id_parameter = "shipmentId"
    primary_keys = ("AmazonShipmentId",)
    missing_is_empty = True


STREAMS = (ShipmentTracking, MerchantFulfillmentShipments, BrazilShipmentInvoicing)


def order_streams(orders_api: str) -> Iterable[type[SellingPartnerStream]]:
    """Return the streams that belong to orders of the chosen version of the API."""
    return (EasyShipPackagesV0,) if orders_api == "v0" else (EasyShipPackages,)
