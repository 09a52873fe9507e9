"""Databases for the tests of the models: the rows of one seller, loaded and built once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from demo.postgres import PostgresAddress
from tests.warehouses import Seller, Warehouse, read_seller

KINDS = ("postgres", "duckdb")
SECONDS = 500.0
"""How long a test may take with the loads and builds that the first of them waits for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that need the databases take longer."""
    for item in items:
        if "warehouses" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(scope="session")
def seller(tmp_path_factory: pytest.TempPathFactory) -> Seller:
    """Two runs on a seller with four currencies, a month apart."""
    return read_seller(tmp_path_factory.mktemp("seller"))


@pytest.fixture(scope="session")
def warehouses(
    seller: Seller, postgres: PostgresAddress, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Warehouse]:
    """Both databases after two loads with a `dbt build` after each; do not change them."""
    # Other tests load into the same schema of the first database.
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE seller")
    address = dataclasses.replace(postgres, database="seller")
    made = {kind: Warehouse(kind, tmp_path_factory.mktemp(kind), address) for kind in KINDS}

    def fill(warehouse: Warehouse) -> None:
        for output in seller.outputs:
            warehouse.load(output)
            warehouse.dbt("build")

    with ThreadPoolExecutor() as pool:
        list(pool.map(fill, made.values()))
    return made


@pytest.fixture(params=KINDS)
def warehouse(request: pytest.FixtureRequest, warehouses: Mapping[str, Warehouse]) -> Warehouse:
    """Each of the databases."""
    return warehouses[request.param]
