"""Amazon's schemas of notifications, without prose and in the form that the simulator reads.

The names of the types are those of `notificationType` on Amazon's page "Notification Type Values".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generated_files import BuildError, Json, read_json

TYPES: dict[str, str] = {
    "AnyOfferChangedNotification": "ANY_OFFER_CHANGED",
    "B2bAnyOfferChangedNotification": "B2B_ANY_OFFER_CHANGED",
    "BrandedItemContentChangeNotification": "BRANDED_ITEM_CONTENT_CHANGE",
    "DataKioskQueryProcessingFinishedNotification": "DATA_KIOSK_QUERY_PROCESSING_FINISHED",
    "DetailPageTrafficEventNotification": "DETAIL_PAGE_TRAFFIC_EVENT",
    "FBAInventoryAvailabilityChangeNotification": "FBA_INVENTORY_AVAILABILITY_CHANGES",
    "FBAOutboundShipmentStatusNotification": "FBA_OUTBOUND_SHIPMENT_STATUS",
    "FeePromotionNotification": "FEE_PROMOTION",
    "FeedProcessingFinishedNotification": "FEED_PROCESSING_FINISHED",
    "FulfillmentOrderStatusNotification": "FULFILLMENT_ORDER_STATUS",
    "ItemInventoryEventChangeNotification": "ITEM_INVENTORY_EVENT_CHANGE",
    "ItemProductTypeChangeNotification": "ITEM_PRODUCT_TYPE_CHANGE",
    "ItemSalesEventChangeNotification": "ITEM_SALES_EVENT_CHANGE",
    "ListingsItemIssuesChangeNotification": "LISTINGS_ITEM_ISSUES_CHANGE",
    "ListingsItemMfnQuantityChange": "LISTINGS_ITEM_MFN_QUANTITY_CHANGE",
    "ListingsItemStatusChangeNotification": "LISTINGS_ITEM_STATUS_CHANGE",
    "OrderChangeNotification": "ORDER_CHANGE",
    "PricingHealthNotification": "PRICING_HEALTH",
    "ProductTypeDefinitionsChangeNotification": "PRODUCT_TYPE_DEFINITIONS_CHANGE",
    "ReportProcessingFinishedNotification": "REPORT_PROCESSING_FINISHED",
    "TransactionUpdateNotification": "TRANSACTION_UPDATE",
}
"""Types by name of the file."""

LEFT_OUT = {
    # A second version of a type.
    "ListingsItemIssuesChangeNotification_2023-12-13",
    # It refers to definitions that it does not have.
    "ShipmentTrackingMilestoneChangedNotification",
}

_ENVELOPE_TYPE = ("NotificationType", "notificationType")


def notification_schemas(checkout: Path) -> Json:
    """Return the schemas by type of notification.

    Args:
        checkout: Checkout of Amazon's models.

    Raises:
        BuildError: A schema is not listed here, or a listed one is missing.
    """
    folder = checkout / "schemas" / "notifications"
    found = {path.stem: path for path in sorted(folder.glob("*.json"))}
    if wrong := ", ".join(sorted({*found} ^ {*TYPES, *LEFT_OUT})):
        message = f"{folder}: notification_schemas.py and the folder differ in {wrong}"
        raise BuildError(message)
    return {kind: simple_schema(read_json(found[name])) for name, kind in sorted(TYPES.items())}


def simple_schema(schema: Any) -> Any:
    """Return a schema in which lists have one schema, and types are single or with null."""
    if isinstance(schema, list):
        return [simple_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    simple: Json = {}
    for key, value in schema.items():
        if key in ("properties", "definitions"):
            simple[key] = {name: simple_schema(part) for name, part in value.items()}
        elif key != "additionalItems":
            # One schema misspells it.
            simple["$ref" if key == "#ref" else key] = simple_schema(value)
    for name in _ENVELOPE_TYPE:
        # LISTINGS_ITEM_STATUS_CHANGE has the enumeration of a type with another name.
        simple.get("properties", {}).get(name, {}).pop("enum", None)
    if isinstance(items := simple.get("items"), list):
        simple["items"] = _merged(items)
    if "anyOf" in simple:
        simple |= _merged(simple.pop("anyOf"))
    return simple


def _merged(alternatives: list[Json]) -> Json:
    """Return one schema for all alternatives: with all properties, and what all require."""
    first, *others = alternatives
    merged = dict(first)
    for other in others:
        merged["properties"] = merged["properties"] | other["properties"]
        merged["required"] = [name for name in merged["required"] if name in other["required"]]
    return merged
