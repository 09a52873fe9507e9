"""Purchase orders of vendors, item by item: ordered, acknowledged, received."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.warehouses import Row, Seller, Warehouse


def eaches(quantity: Row) -> int:
    amount: int = quantity["amount"]
    return amount * (quantity["unitSize"] if quantity["unitOfMeasure"] == "Cases" else 1)


def test_items_of_purchase_orders(warehouse: Warehouse, seller: Seller) -> None:
    orders = {
        record["purchaseOrderNumber"]: record for record, _ in seller.records("purchase_orders")
    }
    expected: dict[tuple[str, str], Any] = {}
    for record, _ in seller.records("purchase_orders_status"):
        state = orders[record["purchaseOrderNumber"]]["purchaseOrderState"]
        for item in record["itemStatus"]:
            ordered = eaches(item["orderedQuantity"]["orderedQuantity"])
            rejected = eaches(item["acknowledgementStatus"]["rejectedQuantity"])
            received = eaches(item["receivingStatus"]["receivedQuantity"])
            is_done = state == "Closed" or item["receivingStatus"]["receiveStatus"] == "RECEIVED"
            cost = Decimal(item["netCost"]["amount"])
            expected[record["purchaseOrderNumber"], item["itemSequenceNumber"]] = (
                state,
                item["buyerProductIdentifier"],
                item["vendorProductIdentifier"],
                ordered,
                eaches(item["acknowledgementStatus"]["acceptedQuantity"]),
                rejected,
                received,
                0 if is_done else max(ordered - rejected - received, 0),
                item["netCost"]["currencyCode"],
                cost,
                cost * ordered,
                cost * received,
            )

    found = warehouse.rows("SELECT * FROM vendor_purchase_orders")

    columns = [
        "state",
        "asin",
        "vendor_sku",
        "ordered_quantity",
        "acknowledged",
        "rejected",
        "received",
        "outstanding",
        "currency",
        "net_cost",
        "ordered_value",
        "received_value",
    ]
    assert {
        (row["purchase_order_number"], row["item_sequence_number"]): tuple(
            row[column] for column in columns
        )
        for row in found
    } == expected
    assert len(found) == len(expected) == len(seller.records("purchase_order_items"))
    assert {row["state"] for row in found} == {"New", "Acknowledged", "Closed"}
    assert any(row["outstanding"] for row in found)
