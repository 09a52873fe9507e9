"""`dbt source freshness` says which streams the loader has not written for long."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

from demo.postgres import PostgresAddress
from tests.warehouses import Warehouse

OLD = (
    "CREATE SCHEMA old",
    """
    CREATE TABLE old.orders AS SELECT
        '1' AS "orderId",
        CAST(CAST(now() AS timestamp) - INTERVAL '3 days' AS text) AS "_sdc_batched_at"
    """,
    """
    CREATE TABLE old.order_items AS SELECT
        '1' AS "orderId", TIMESTAMP '2020-01-01 00:00:00' AS "_sdc_extracted_at"
    """,
    """CREATE TABLE old.payouts AS SELECT '1' AS "payoutId" """,
    """CREATE TABLE old.listings_items (sku text, "_sdc_batched_at" timestamp)""",
    """
    CREATE TABLE old.purchase_orders AS SELECT
        '1' AS "purchaseOrderNumber", TIMESTAMP '2020-01-01 00:00:00' AS "_sdc_batched_at"
    """,
)
"""Orders of three days ago, with a time as text; items of 2020; payouts without a time; an empty
table of listings; purchase orders of 2020."""


def freshness(
    warehouse: Warehouse, folder: Path, **variables: object
) -> tuple[str, dict[str, str]]:
    """Return what dbt prints, and the status of each source."""
    file = folder / "sources.json"
    printed = warehouse.dbt("source", "freshness", "--output", str(file), check=False, **variables)
    results = json.loads(file.read_text(encoding="utf-8"))["results"]
    statuses = {result["unique_id"].rpartition(".")[2]: result["status"] for result in results}
    return printed, statuses


def test_streams_that_are_synced_are_fresh(
    warehouses: Mapping[str, Warehouse], tmp_path: Path
) -> None:
    warehouse = dataclasses.replace(warehouses["postgres"], folder=tmp_path)

    printed, found = freshness(warehouse, tmp_path)

    assert set(found.values()) == {"pass"}
    assert {"orders", "payouts", "purchase_orders_status"} <= found.keys()
    (warning,) = [line for line in printed.splitlines() if "is not checked" in line]
    assert "awd_inventory is not checked, because there is no table" in warning


def test_streams_that_are_not_loaded_any_more(postgres: PostgresAddress, tmp_path: Path) -> None:
    warehouse = Warehouse("duckdb", tmp_path, postgres, raw="old")
    warehouse.answers(OLD)

    printed, found = freshness(
        warehouse,
        tmp_path,
        amazon_sp_streams=["financial_transactions"],
        amazon_sp_vendors=False,
    )

    assert found["orders"] == "warn"
    assert found["order_items"] == "error"
    assert found["listings_items"] == found["awd_inventory"] == "pass"
    assert "listings_items is not checked, because the table old.listings_items is empty" in printed
    # Streams with errors are not among the results, but printed.
    assert found.keys() & {"payouts", "financial_transactions", "purchase_orders"} == set()
    assert "does not say when it wrote the rows of payouts" in printed
    assert "says that financial_transactions is synced, but there is no table" in printed
    assert "purchase_orders" not in printed
