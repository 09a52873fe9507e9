from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.amazon.order_datasets import DATASETS
from tap_amazon_sp.reading.order_history.records import OrderRecords
from tap_amazon_sp.reading.order_history.rows import OrderRowsError

US = "ATVPDKIKX0DER"
CANADA = "A2EUQ1WTGCTBG2"


def row(**values: Any) -> dict[str, Any]:
    return {
        "amazon_order_id": "111-0000000-0000001",
        "merchant_order_id": "",
        "purchase_date": "2026-01-01T10:00:00Z",
        "last_updated_date": "2026-01-02T10:00:00Z",
        "order_status": "Shipped",
        "fulfillment_channel": "Amazon",
        "sales_channel": "Amazon.com",
        "ship_service_level": "Standard",
        "product_name": "Lamp",
        "sku": "LAMP",
        "asin": "B000000001",
        "item_status": "Shipped",
        "quantity": 1,
        "currency": "USD",
        "item_price": Decimal("10.00"),
        "item_tax": None,
        "shipping_price": None,
        "shipping_tax": None,
        "gift_wrap_price": None,
        "gift_wrap_tax": None,
        "item_promotion_discount": None,
        "ship_promotion_discount": None,
        "ship_city": "Springfield",
        "ship_state": "IL",
        "ship_postal_code": "62701",
        "ship_country": "US",
        "promotion_ids": "",
        "is_business_order": "false",
        "price_designation": "",
        "order_item_id": "10000000000001",
    } | values


def record(*rows: dict[str, Any], datasets: Any = tuple(DATASETS)) -> dict[str, Any]:
    found = OrderRecords((), datasets).record(rows)
    assert found is not None
    return found


def money(proceeds: dict[str, Any]) -> dict[str, str]:
    assert {one["subtotal"]["currencyCode"] for one in proceeds["breakdowns"]} == {"USD"}
    return {one["type"]: one["subtotal"]["amount"] for one in proceeds["breakdowns"]}


def test_an_order_has_what_the_report_says_exactly() -> None:
    assert record(row(merchant_order_id="S-1", promotion_ids="Free Shipping 1, SPRING")) == {
        "_source": "report",
        "orderId": "111-0000000-0000001",
        "orderAliases": [{"aliasId": "S-1", "aliasType": "SELLER_ORDER_ID"}],
        "createdTime": "2026-01-01T10:00:00Z",
        "lastUpdatedTime": "2026-01-02T10:00:00Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": US},
        "fulfillment": {"fulfilledBy": "AMAZON"},
        "recipient": {
            "deliveryAddress": {
                "city": "Springfield",
                "stateOrRegion": "IL",
                "postalCode": "62701",
                "countryCode": "US",
            }
        },
        "proceeds": {
            "breakdowns": [{"type": "ITEM", "subtotal": {"amount": "10.00", "currencyCode": "USD"}}]
        },
        "orderItems": [
            {
                "_source": "report",
                "orderItemId": "10000000000001",
                "product": {"asin": "B000000001", "title": "Lamp", "sellerSku": "LAMP"},
                "proceeds": {
                    "breakdowns": [
                        {"type": "ITEM", "subtotal": {"amount": "10.00", "currencyCode": "USD"}}
                    ]
                },
                "promotion": {
                    "breakdowns": [{"promotionId": "Free Shipping 1"}, {"promotionId": "SPRING"}]
                },
                "_report": {"orderStatus": "Shipped", "itemStatus": "Shipped", "quantity": 1},
            }
        ],
        "_report": {
            "orderStatus": "Shipped",
            "shipServiceLevel": "Standard",
            "isBusinessOrder": False,
        },
    }


def test_only_wanted_datasets_are_there() -> None:
    found = record(row(promotion_ids="SPRING"), datasets=())
    assert {*found} == {
        *("_source", "orderId", "createdTime", "lastUpdatedTime", "salesChannel"),
        *("orderItems", "_report"),
    }
    assert {*found["orderItems"][0]} == {"_source", "orderItemId", "product", "_report"}


def test_an_id_that_is_not_the_sellers_own_is_no_alias() -> None:
    assert "orderAliases" not in record(row(merchant_order_id="111-0000000-0000001"))


def test_money_is_the_total_of_a_row_and_taxes_are_one_sum() -> None:
    found = record(
        row(
            quantity=3,
            item_price=Decimal("30.00"),
            item_tax=Decimal("2.40"),
            shipping_price=Decimal("5.00"),
            shipping_tax=Decimal("0.40"),
            gift_wrap_price=Decimal("3.99"),
            gift_wrap_tax=Decimal("0.32"),
        )
    )
    expected = {"ITEM": "30.00", "SHIPPING": "5.00", "GIFT_WRAP": "3.99", "TAX": "3.12"}
    assert money(found["proceeds"]) == expected
    assert money(found["orderItems"][0]["proceeds"]) == expected


def test_items_of_an_order_are_summed() -> None:
    found = record(
        row(shipping_price=Decimal("1.00")),
        row(order_item_id="2", sku="DESK", item_price=99, item_tax=Decimal("7.92")),
    )
    assert money(found["proceeds"]) == {"ITEM": "109.00", "SHIPPING": "1.00", "TAX": "7.92"}
    assert [item["orderItemId"] for item in found["orderItems"]] == ["10000000000001", "2"]


@pytest.mark.parametrize("sign", ["-", ""])
def test_discounts_are_told_as_they_are_written_and_are_no_proceeds(sign: str) -> None:
    found = record(row(item_promotion_discount=Decimal(f"{sign}2.99"), ship_promotion_discount=1))
    assert [*money(found["proceeds"])] == ["ITEM"]
    report = found["orderItems"][0]["_report"]
    assert report["itemPromotionDiscount"] == f"{sign}2.99"
    assert report["shipPromotionDiscount"] == "1"


def test_a_cancelled_item_has_no_proceeds_and_no_ordered_quantity() -> None:
    found = record(
        row(order_status="Cancelled", item_status="Cancelled", quantity=0, currency="")
        | {"item_price": None}
    )
    assert "proceeds" not in found
    item = found["orderItems"][0]
    assert "proceeds" not in item
    assert "quantityOrdered" not in item
    assert item["_report"] == {
        "orderStatus": "Cancelled",
        "itemStatus": "Cancelled",
        "quantity": 0,
    }
    assert found["_report"]["orderStatus"] == "Cancelled"


def test_an_order_of_which_an_item_is_cancelled_has_no_proceeds_of_its_own() -> None:
    cancelled = row(order_item_id="2", quantity=0, currency="", item_price=None)
    found = record(row(), cancelled)
    assert "proceeds" not in found
    assert [("proceeds" in item) for item in found["orderItems"]] == [True, False]


def test_a_pending_order_has_neither_price_nor_address() -> None:
    found = record(row(order_status="Pending", currency="", item_price=None))
    assert "proceeds" not in found
    assert "recipient" not in found


def test_a_cancelled_order_has_no_address() -> None:
    """The API has none of an order that was cancelled before it was paid."""
    assert "recipient" in record(row())
    assert "recipient" not in record(row(order_status="Cancelled", quantity=0))


@pytest.mark.parametrize("column", ["item_price", "shipping_price", "shipping_tax"])
def test_money_that_cannot_be_read_is_left_out_and_told(column: str) -> None:
    prices = {"shipping_price": Decimal("1.00"), "item_tax": Decimal("0.80")}
    unread = row(order_item_id="2", **prices) | {column: None, "_misfits": {column: "1.234"}}
    found = record(row(**prices), unread)
    item = found["orderItems"][1]
    assert item["_report"]["misfits"] == {column: "1.234"}
    expected = {
        "item_price": None,
        "shipping_price": {"ITEM", "TAX"},
        "shipping_tax": {"ITEM", "SHIPPING"},
    }[column]
    for proceeds in (item.get("proceeds"), found.get("proceeds")):
        assert (proceeds and {*money(proceeds)}) == expected


def test_rows_with_one_item_id_are_one_item() -> None:
    found = record(
        row(quantity=1, item_tax=Decimal("0.80")), row(quantity=2, item_price=Decimal("20.00"))
    )
    (item,) = found["orderItems"]
    assert money(item["proceeds"]) == {"ITEM": "30.00", "TAX": "0.80"}
    assert item["_report"]["quantity"] == 3
    assert money(found["proceeds"]) == {"ITEM": "30.00", "TAX": "0.80"}


def test_equal_rows_without_item_ids_are_items_of_their_own() -> None:
    records = OrderRecords((), ())
    rows = [row(order_item_id=""), row(order_item_id="", sku="DESK"), row(order_item_id=None)]
    found = records.record(rows)
    assert found is not None
    assert [item["orderItemId"] for item in found["orderItems"]] == ["LAMP:1", "DESK:1", "LAMP:2"]
    assert records.made_ids == 3


def test_a_file_without_the_column_of_item_ids_is_read() -> None:
    old = row()
    del old["order_item_id"]
    assert record(old)["orderItems"][0]["orderItemId"] == "LAMP:1"


def test_an_order_counts_as_updated_when_its_last_row_was() -> None:
    found = record(row(), row(order_item_id="2", last_updated_date="2026-01-03T10:00:00Z"))
    assert found["lastUpdatedTime"] == "2026-01-03T10:00:00Z"


def test_orders_of_other_marketplaces_and_of_the_own_shop_are_left_out() -> None:
    records = OrderRecords((US,), ())
    channels = ["Amazon.com", "Amazon.ca", "Non-Amazon", "Non-Amazon US", "Amazon.ca"]
    found = [records.record([row(sales_channel=channel)]) for channel in channels]
    assert [one is not None for one in found] == [True, False, False, False, False]
    assert records.left_out == {"Amazon.ca": 2, "Non-Amazon": 1, "Non-Amazon US": 1}


def test_several_marketplaces_are_in_one_file() -> None:
    records = OrderRecords((), ())
    found = [records.record([row(sales_channel=one)]) for one in ("Amazon.com", "Amazon.ca")]
    assert [one and one["salesChannel"]["marketplaceId"] for one in found] == [US, CANADA]


def test_an_unknown_marketplace_is_read_if_all_are() -> None:
    found = record(row(sales_channel="Amazon.new"))
    assert found["salesChannel"] == {"channelName": "AMAZON"}
    assert OrderRecords((US,), ()).record([row(sales_channel="Amazon.new")]) is None


@pytest.mark.parametrize("column", ["purchase_date", "last_updated_date", "sales_channel"])
def test_a_row_that_lacks_what_an_order_is_known_by_is_an_error(column: str) -> None:
    with pytest.raises(OrderRowsError):
        record(row(**{column: None}))
