from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.documents.xml_records import XmlRecords
from tap_amazon_sp.reading.order_history.rows import (
    OrderGroups,
    OrderRowsError,
    groups_of,
    rows_of_message,
)

XML = """<?xml version="1.0"?><AmazonEnvelope><MessageType>AllOrdersReport</MessageType>
<Message><Order><AmazonOrderID>111-1</AmazonOrderID><MerchantOrderID>S-1</MerchantOrderID>
<PurchaseDate>2026-01-01T12:00:00+02:00</PurchaseDate>
<LastUpdatedDate>2026-01-02T10:00:00+00:00</LastUpdatedDate><OrderStatus>Shipped</OrderStatus>
<SalesChannel>Amazon.de</SalesChannel><FulfillmentData>
<FulfillmentChannel>Merchant</FulfillmentChannel><ShipServiceLevel>Standard</ShipServiceLevel>
<Address><City>Köln</City><State></State><PostalCode>50667</PostalCode><Country>DE</Country>
</Address></FulfillmentData><IsBusinessOrder>true</IsBusinessOrder>
<OrderItem><AmazonOrderItemCode>1</AmazonOrderItemCode><ASIN>B01</ASIN><SKU>LAMP</SKU>
<ItemStatus>Shipped</ItemStatus><ProductName>Lampe</ProductName><Quantity>2</Quantity>
<ItemPrice><Component><Type>Principal</Type><Amount currency="EUR">20.50</Amount></Component>
<Component><Type>Tax</Type><Amount currency="EUR">3.9</Amount></Component></ItemPrice>
<Promotion><PromotionIDs>A b</PromotionIDs><ItemPromotionDiscount>-1.00</ItemPromotionDiscount>
</Promotion></OrderItem>%s</Order></Message></AmazonEnvelope>"""
SECOND = """<OrderItem><AmazonOrderItemCode>2</AmazonOrderItemCode><ASIN>B02</ASIN><SKU>DESK</SKU>
<Quantity>x</Quantity><ItemPrice><Component><Type>Principal</Type>
<Amount currency="EUR">1.00</Amount></Component><Component><Type>Principal</Type>
<Amount currency="EUR">2.00</Amount></Component></ItemPrice></OrderItem>"""


def rows_of(*order_ids: str) -> list[dict[str, Any]]:
    return [{"amazon_order_id": one, "n": number} for number, one in enumerate(order_ids)]


def numbers(groups: Any) -> list[list[int]]:
    return [[row["n"] for row in group] for group in groups]


def messages(second: str) -> list[dict[str, Any]]:
    records = XmlRecords([XML % second], "AmazonEnvelope.Message.Order", lists=["OrderItem"])
    return [row for order in records for row in rows_of_message(order)]


def test_rows_of_an_order_are_together() -> None:
    groups = OrderGroups()
    assert numbers(groups.of(rows_of("a", "a", "b", "c", "c"))) == [[0, 1], [2], [3, 4]]
    assert not groups.scattered


def test_rows_that_are_spread_over_a_file_are_found_in_a_second_pass() -> None:
    rows = rows_of("a", "b", "a", "c", "b", "a")
    groups = OrderGroups()
    assert numbers(groups.of(rows)) == [[0], [1], [2], [3], [4], [5]]
    assert groups.scattered == {"a": 2, "b": 1}
    assert numbers(groups_of(rows, groups.scattered)) == [[0, 2, 5], [1, 4]]


@pytest.mark.parametrize("order_id", ["", None])
def test_a_row_without_order_id_is_an_error(order_id: str | None) -> None:
    rows = [*rows_of("a"), {"amazon_order_id": order_id}]
    with pytest.raises(OrderRowsError):
        list(OrderGroups().of(rows))


def test_xml_gives_the_rows_of_a_flat_file() -> None:
    (found,) = messages("")
    expected = {
        "amazon_order_id": "111-1",
        "merchant_order_id": "S-1",
        "purchase_date": "2026-01-01T10:00:00Z",
        "last_updated_date": "2026-01-02T10:00:00Z",
        "order_status": "Shipped",
        "sales_channel": "Amazon.de",
        "fulfillment_channel": "Merchant",
        "ship_service_level": "Standard",
        "ship_city": "Köln",
        "ship_state": "",
        "ship_postal_code": "50667",
        "ship_country": "DE",
        "is_business_order": "true",
        "order_item_id": "1",
        "asin": "B01",
        "sku": "LAMP",
        "item_status": "Shipped",
        "product_name": "Lampe",
        "quantity": 2,
        "currency": "EUR",
        "item_price": Decimal("20.50"),
        "item_tax": Decimal("3.9"),
        "shipping_price": None,
        "promotion_ids": "A b",
        "item_promotion_discount": Decimal("-1.00"),
        "ship_promotion_discount": None,
    }
    assert {name: found[name] for name in expected} == expected
    assert "_misfits" not in found


def test_values_of_xml_that_cannot_be_read_for_certain_are_misfits() -> None:
    _, second = messages(SECOND)
    assert second["quantity"] is None
    assert second["item_price"] is None
    assert second["_misfits"] == {"quantity": "x", "item_price": "1.00 + 2.00"}
    assert second["amazon_order_id"] == "111-1"


def test_an_order_in_xml_without_items_is_an_error() -> None:
    with pytest.raises(OrderRowsError):
        rows_of_message({"amazon_order_id": "111-1"})
