"""Stock, traffic and purchase orders that the simulator's seller has not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from singer_sdk.helpers._flattening import flatten_key

from demo.postgres import PostgresAddress
from tests.warehouses import Row, Warehouse

DE, FR, GB = "A1PA6795UKMFR9", "A13V1IB3VIYZZH", "A1F83G8C2ARO7P"
READ = "2026-10-01 06:00:00"
LOADED = "2026-10-01 06:05:00"


def stock(marketplace: str, units: int, **more: Any) -> dict[str, Any]:
    details = {
        "fulfillableQuantity": units,
        "reservedQuantity": {"totalReservedQuantity": 2},
        "unfulfillableQuantity": {"totalUnfulfillableQuantity": 3},
        "inboundWorkingQuantity": 4,
        "inboundShippedQuantity": 5,
        "researchingQuantity": {"totalResearchingQuantity": 7},
    }
    record = {
        "marketplaceId": marketplace,
        "sellerSku": "CUP",
        "fnSku": "X1",
        "condition": "NewItem",
        "inventoryDetails": details,
        "_sdc_extracted_at": READ,
    }
    return record | more


def item(number: str, marketplace: str, units: int, created: str) -> dict[str, Any]:
    return {
        "orderId": number,
        "orderItemId": "1",
        "marketplaceId": marketplace,
        "createdTime": created,
        "quantityOrdered": units,
        "product": {"sellerSku": "CUP"},
        "fulfillmentStatus": "SHIPPED",
    }


def order(number: str, marketplace: str, created: str) -> dict[str, Any]:
    return {
        "orderId": number,
        "createdTime": created,
        "lastUpdatedTime": created,
        "marketplaceId": marketplace,
        "fulfillment": {"fulfilledBy": "AMAZON", "fulfillmentStatus": "SHIPPED"},
    }


ORDERED = [
    ("1", DE, 5, "2026-09-10 00:00:00"),
    ("2", FR, 10, "2026-09-30 00:00:00"),
    ("3", GB, 1, "2026-09-30 00:00:00"),
    # More than 30 days before the stock was read, and after it.
    ("4", DE, 50, "2026-09-01 05:59:59"),
    ("5", DE, 50, "2026-10-01 06:00:01"),
]


def asins(start: str, end: str, created: str, **units: int) -> list[dict[str, Any]]:
    return [
        {
            "_marketplace_id": DE,
            "_data_start_time": start,
            "_data_end_time": end,
            "_report_created_time": created,
            "parent_asin": asin,
            "sales_by_asin": {
                "units_ordered": count,
                "ordered_product_sales": {"amount": 9.95, "currency_code": "EUR"},
            },
            "traffic_by_asin": {"sessions": 3 if count else 0},
        }
        for asin, count in units.items()
    ]


def cases(amount: int, size: int | None = 12) -> dict[str, Any]:
    return {"amount": amount, "unitOfMeasure": "Cases"} | ({"unitSize": size} if size else {})


def po_item(number: str, sequence: str, quantity: Row, **cost: str) -> dict[str, Any]:
    return {
        "purchaseOrderNumber": number,
        "itemSequenceNumber": sequence,
        "orderedQuantity": quantity,
        "netCost": {"amount": "1.25", "currencyCode": "EUR"} | cost,
    }


def po_status(number: str, status: str, *items: Row) -> dict[str, Any]:
    return {
        "purchaseOrderNumber": number,
        "purchaseOrderStatus": status,
        "itemStatus": list(items),
    }


TABLES: Mapping[str, list[dict[str, Any]]] = {
    "fba_inventory_summaries": [
        stock(DE, 30),
        # Relabelled units of the SKU.
        stock(DE, 6, fnSku="X2", condition="(none)"),
        stock(FR, 30),
        stock(GB, 20),
        stock(GB, 0, sellerSku="PLATE", inventoryDetails=None),
    ],
    "awd_inventory": [{"sku": "CUP", "totalOnhandQuantity": 400}],
    "orders": [order(number, place, at) for number, place, _, at in ORDERED],
    "order_items": [item(number, place, units, at) for number, place, units, at in ORDERED],
    "report_sales_and_traffic_by_asin": [
        *asins("2026-09-01 00:00:00", "2026-09-01 23:59:59", "2026-09-02 00:00:00", A=1, B=2),
        # The same day again: the item B is no more in it.
        *asins("2026-09-01 00:00:00", "2026-09-01 23:59:59", "2026-09-03 00:00:00", C=2),
        *asins("2026-08-01 00:00:00", "2026-08-31 23:59:59", "2026-09-03 00:00:00", D=0),
    ],
    "purchase_orders": [
        {"purchaseOrderNumber": "P1", "purchaseOrderState": "Acknowledged"},
        {
            "purchaseOrderNumber": "P2",
            "purchaseOrderState": "New",
            # As with flattening, in names that are too long.
            flatten_key("purchaseOrderType", ["orderDetails"], max_key_length=30): "RushOrder",
            flatten_key("partyId", ["orderDetails", "shipToParty"], max_key_length=20): "LHR1",
        },
    ],
    "purchase_order_items": [
        po_item("P1", "1", cases(10)),
        po_item("P1", "2", {"amount": 7, "unitOfMeasure": "Eaches"}, unitOfMeasure="KILOGRAMS"),
        po_item("P2", "1", cases(3, None)),
    ],
    "purchase_orders_status": [
        po_status(
            "P1",
            "OPEN",
            {
                "itemSequenceNumber": "1",
                # Amazon orders less than before.
                "orderedQuantity": {"orderedQuantity": cases(8)},
                "acknowledgementStatus": {
                    "acceptedQuantity": cases(6),
                    "rejectedQuantity": cases(2),
                },
                "receivingStatus": {"receivedQuantity": {"amount": 5, "unitOfMeasure": "Eaches"}},
            },
        ),
        # Amazon has dropped the order itself.
        po_status(
            "P0",
            "CLOSED",
            {
                "itemSequenceNumber": "1",
                "netCost": {"amount": "2.00", "currencyCode": "EUR"},
                "orderedQuantity": {"orderedQuantity": cases(1)},
            },
        ),
    ],
}

INSERT = "INSERT INTO {schema}.{name} VALUES ({values})"


def insert(schema: str, tables: Mapping[str, list[dict[str, Any]]]) -> Iterable[str]:
    """Return statements that make tables as target-duckdb does: objects and arrays are JSON."""
    yield f"CREATE SCHEMA {schema}"
    for name, records in tables.items():
        columns = dict.fromkeys(key for record in records for key in record) | {
            "_sdc_batched_at": 0
        }
        types = {
            column: "json"
            if any(isinstance(record.get(column), (dict, list)) for record in records)
            else "timestamp"
            if column.startswith("_sdc") or column.endswith(("Time", "_time"))
            else "bigint"
            if any(isinstance(record.get(column), int) for record in records)
            else "varchar"
            for column in columns
        }
        declared = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        yield f"CREATE TABLE {schema}.{name} ({declared})"
        for record in records:
            values = ", ".join(
                literal((record | {"_sdc_batched_at": LOADED}).get(column)) for column in columns
            )
            yield INSERT.format(schema=schema, name=name, values=values)


def literal(value: Any) -> str:
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return f"'{text}'"


@pytest.fixture(scope="module")
def built(
    postgres: PostgresAddress, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, list[Row]]:
    """The marts on a few rows."""
    warehouse = Warehouse("duckdb", tmp_path_factory.mktemp("cases"), postgres, raw="by_hand")
    warehouse.answers(list(insert("by_hand", TABLES)))
    marts = ("inventory", "traffic_and_conversion", "vendor_purchase_orders")
    # Without tests that compare them with marts that are not built.
    selected = [f"+{mart}" for mart in marts]
    warehouse.dbt("build", "--indirect-selection", "cautious", "--select", *selected)
    rows = warehouse.answers([f"FROM {mart}" for mart in marts])
    return dict(zip(marts, rows, strict=True))


def test_marketplaces_of_the_european_union_share_their_stock(
    built: Mapping[str, list[Row]],
) -> None:
    found = {
        (row["country"], row["sku"]): (
            row["stock_pool"],
            row["available"],
            row["units_sold_30_days"],
            row["days_of_cover"],
        )
        for row in built["inventory"]
    }

    assert found == {
        # 36 units last 72 days if 15 are sold in 30 days, in Germany and France together.
        ("DE", "CUP"): ("EU", 36, 5, Decimal(72)),
        ("FR", "CUP"): ("EU", 30, 10, Decimal(60)),
        ("GB", "CUP"): ("GB", 20, 1, Decimal(600)),
        ("GB", "PLATE"): ("GB", None, 0, None),
    }


def test_units_of_all_labels_of_a_sku_are_one_row(built: Mapping[str, list[Row]]) -> None:
    (row,) = [row for row in built["inventory"] if row["country"] == "DE"]

    assert set(row["fnsku"].split(", ")) == {"X1", "X2"}
    assert row["condition"] == "NewItem"
    assert (row["on_hand"], row["reserved"], row["unsellable"]) == (46, 4, 6)
    assert (row["inbound"], row["researching"], row["awd_on_hand"]) == (18, 14, 400)


def test_the_newest_report_of_a_time_counts(built: Mapping[str, list[Row]]) -> None:
    found = {
        row["asin"]: (row["day"], row["end_day"], row["conversion"])
        for row in built["traffic_and_conversion"]
    }

    assert found == {
        "C": ("2026-09-01", "2026-09-01", Decimal("0.666667")),
        # A sum of a month has no day, and an item that nobody looked at no conversion.
        "D": (None, "2026-08-31", None),
    }


def test_cases_are_counted_in_single_units(built: Mapping[str, list[Row]]) -> None:
    found = {
        (row["purchase_order_number"], row["item_sequence_number"]): tuple(
            row[name]
            for name in (
                "state",
                "ordered_quantity",
                "acknowledged",
                "rejected",
                "received",
                "outstanding",
                "ordered_value",
            )
        )
        for row in built["vendor_purchase_orders"]
    }

    assert found == {
        ("P1", "1"): ("Acknowledged", 96, 72, 24, 5, 67, Decimal(120)),
        # Nobody knows what 7 pieces cost that are paid by weight.
        ("P1", "2"): ("Acknowledged", 7, None, None, None, 7, None),
        ("P2", "1"): ("New", None, None, None, None, None, None),
        ("P0", "1"): ("Closed", 12, None, None, None, 0, Decimal(24)),
    }


def test_shortened_names_of_flattened_columns_are_found(built: Mapping[str, list[Row]]) -> None:
    assert not {"orderDetails__purchaseOrderType", "orderDetails__shipToParty__partyId"} & {
        column for order in TABLES["purchase_orders"] for column in order
    }

    (row,) = [row for row in built["vendor_purchase_orders"] if row["state"] == "New"]

    assert (row["order_type"], row["ship_to"]) == ("RushOrder", "LHR1")
