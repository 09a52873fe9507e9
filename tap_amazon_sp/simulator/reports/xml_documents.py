"""The structure of XML reports: elements around the records, and elements in a record.

Sources: Amazon's XSDs of orders, pending orders and returns (OrderReport, AmazonEnvelope), and
sellers' files for the browse tree. The elements of the others are guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Union
from xml.sax.saxutils import escape

Element = Union[str, "tuple[str, tuple[Element, ...]]"]
"""A name, or a name and the elements in it."""

_ADDRESS: tuple[Element, ...] = (
    "Name",
    "AddressFieldOne",
    "City",
    "StateOrRegion",
    "PostalCode",
    "CountryCode",
)
_PRICES: Element = ("ItemPrice", (("Component", ("Type", "Amount")),))
_ALL_ORDERS: tuple[Element, ...] = (
    "AmazonOrderID",
    "MerchantOrderID",
    "PurchaseDate",
    "LastUpdatedDate",
    "OrderStatus",
    "SalesChannel",
    (
        "FulfillmentData",
        (
            "FulfillmentChannel",
            "ShipServiceLevel",
            ("Address", ("City", "State", "PostalCode", "Country")),
        ),
    ),
    "IsBusinessOrder",
    (
        "OrderItem",
        (
            "AmazonOrderItemCode",
            "ASIN",
            "SKU",
            "ItemStatus",
            "ProductName",
            "Quantity",
            _PRICES,
            ("Promotion", ("PromotionIDs", "ItemPromotionDiscount")),
        ),
    ),
)
_ORDER: tuple[Element, ...] = (
    "AmazonOrderID",
    "OrderDate",
    "OrderPostedDate",
    ("BillingData", ("BuyerEmailAddress", "BuyerName", "BuyerPhoneNumber")),
    ("FulfillmentData", ("FulfillmentMethod", "FulfillmentServiceLevel", ("Address", _ADDRESS))),
    "IsBusinessOrder",
    ("Item", ("AmazonOrderItemCode", "SKU", "Title", "Quantity", _PRICES)),
)
_RETURN: tuple[Element, ...] = (
    "order_id",
    "order_date",
    "amazon_rma_id",
    "return_request_date",
    "return_request_status",
    (
        "item_details",
        (
            "item_name",
            "asin",
            "merchant_sku",
            "return_reason_code",
            "return_quantity",
            "resolution",
            "refund_amount",
        ),
    ),
    ("label_details", ("label_type", "label_cost", "currency_code", "return_carrier")),
)
_ATTRIBUTES: tuple[Element, ...] = (
    "merchant_sku",
    "asin",
    "item_name",
    "prepaid_label_eligibility",
    "returnless_refund_eligibility",
)
_NODE: tuple[Element, ...] = (
    "browseNodeId",
    ("browseNodeAttributes", ("attribute",)),
    "browseNodeName",
    "browseNodeStoreContextName",
    "browsePathById",
    "browsePathByName",
    "hasChildren",
    ("childNodes", ("id",)),
    "productTypeDefinitions",
    ("refinementsInformation", ("count",)),
)
_METRIC: tuple[Element, ...] = ("marketplaceId", "orderCount", "orderDefectRate", "status")
_INVOICE: tuple[Element, ...] = (
    "AmazonOrderID",
    "ShippingID",
    "TransactionID",
    "TransactionType",
    "PurchaseDate",
    ("Item", ("SKU", "ASIN", "Title", "Quantity", "ItemVatInclAmount", "ItemVatRate")),
)


@dataclass(frozen=True)
class Shape:
    """The structure of an XML report.

    Attributes:
        around: Names of the elements around all records, outermost first.
        record: Names of the elements around each record, outermost first.
        elements: The elements in a record.
        message_type: Text of `MessageType` in an envelope.
    """

    around: tuple[str, ...]
    record: tuple[str, ...]
    elements: tuple[Element, ...]
    message_type: str | None = None

    def head(self, encoding: str, seller_id: str) -> str:
        """Return the text before the records."""
        opened = "".join(f"<{name}>" for name in self.around)
        text = f'<?xml version="1.0" encoding="{encoding}"?>\n{opened}'
        if self.message_type is not None:
            text += (
                "<Header><DocumentVersion>1.01</DocumentVersion><MerchantIdentifier>"
                f"{seller_id}</MerchantIdentifier></Header>"
                f"<MessageType>{self.message_type}</MessageType>"
            )
        return text + "\n"

    def tail(self) -> str:
        """Return the text after the records."""
        return "".join(f"</{name}>" for name in reversed(self.around)) + "\n"

    def write(self, value: Callable[[str], str]) -> str:
        """Return a record; `value` returns the text of an element by its name."""
        inner = _written(self.elements, value)
        for name in reversed(self.record):
            inner = f"<{name}>{inner}</{name}>"
        return inner + "\n"


def _written(elements: Sequence[Element], value: Callable[[str], str]) -> str:
    text = ""
    for element in elements:
        if isinstance(element, str):
            text += f"<{element}>{escape(value(element))}</{element}>"
        else:
            name, inside = element
            text += f"<{name}>{_written(inside, value)}</{name}>"
    return text


def _envelope(message_type: str, record: str, elements: tuple[Element, ...]) -> Shape:
    return Shape(("AmazonEnvelope",), ("Message", record), elements, message_type)


_RETURNS = Shape(("return_details_list",), ("return_details",), _RETURN)

SHAPES: dict[str, Shape] = {
    "GET_ORDER_REPORT_DATA_INVOICING": _envelope("OrderReport", "OrderReport", _ORDER),
    "GET_ORDER_REPORT_DATA_SHIPPING": _envelope("OrderReport", "OrderReport", _ORDER),
    "GET_ORDER_REPORT_DATA_TAX": _envelope("OrderReport", "OrderReport", _ORDER),
    "GET_PENDING_ORDERS_DATA": _envelope("PendingOrdersReport", "PendingOrderReport", _ORDER),
    "GET_V1_SELLER_PERFORMANCE_REPORT": Shape(
        ("sellerPerformanceReport",), ("performanceMetric",), _METRIC
    ),
    "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": _envelope(
        "AllOrdersReport", "Order", _ALL_ORDERS
    ),
    "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": _envelope(
        "AllOrdersReport", "Order", _ALL_ORDERS
    ),
    "GET_XML_BROWSE_TREE_DATA": Shape(("Result",), ("Node",), _NODE),
    "GET_XML_MFN_PRIME_RETURNS_REPORT": _RETURNS,
    "GET_XML_MFN_SKU_RETURN_ATTRIBUTES_REPORT": Shape(
        ("return_attributes_list",), ("return_attributes",), _ATTRIBUTES
    ),
    "GET_XML_RETURNS_DATA_BY_RETURN_DATE": _RETURNS,
    "GET_XML_VAT_INVOICE_DATA_REPORT": Shape(("VatInvoiceData",), ("Shipment",), _INVOICE),
}
"""Structures by report type."""

PLAIN = Shape(("Report",), ("Record",), ("id", "date", "sku", "quantity", "amount"))
"""The structure of all other types."""
