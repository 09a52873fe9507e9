"""The dbt project as a whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.warehouses import DbtError, Warehouse


def test_both_databases_are_built_twice(warehouse: Warehouse) -> None:
    (row,) = warehouse.rows("SELECT count(*) AS orders FROM amazon_sp.orders")
    (built,) = warehouse.rows("SELECT count(*) AS orders FROM stg_amazon_sp__orders")

    assert row["orders"] == built["orders"] > 300


def test_models_are_empty_without_any_table(warehouse: Warehouse, tmp_path: Path) -> None:
    empty = dataclasses.replace(warehouse, folder=tmp_path, raw="not_loaded", models="empty_models")

    empty.dbt("build")

    found = empty.rows("SELECT count(*) AS orders FROM stg_amazon_sp__orders")
    assert found == [{"orders": 0}]


def test_a_file_of_duckdb_is_not_called_like_a_schema(warehouses: Mapping[str, Warehouse]) -> None:
    careless = dataclasses.replace(warehouses["duckdb"], models="warehouse")

    with pytest.raises(DbtError, match="both called `warehouse`"):
        careless.dbt("build")


def test_the_schema_of_the_loader_is_never_written_to(warehouse: Warehouse) -> None:
    careless = dataclasses.replace(warehouse, models=warehouse.raw)

    with pytest.raises(DbtError, match="would replace the tables of the loader"):
        careless.dbt("build")
