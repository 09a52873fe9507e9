"""What the tap writes, loaded by the installed target-postgres."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from demo.postgres import PostgresAddress
from tap_amazon_sp.reading.keys import NO_VALUE
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.settings.reports import read_report
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.streams.from_settings.reports import report_stream_classes
from tests.loader_messages import settings_for
from tests.pages import ROOT, page
from tests.processes import Command
from tests.small_world import small_world
from tests.tap_runs import TapRun, catalog_of, run_tap

TARGET = str(Path(sys.executable).with_name("target-postgres"))
WITH_OPTIONAL_KEYS = (
    "expected_payouts",
    "fba_inventory_summaries",
    "financial_events",
    "financial_summaries",
    "financial_transactions",
    "inbound_packing_group_items",
    "inbound_plan_items",
    "inbound_shipment_items",
    "vendor_transport_labels",
)
FLAT_FILES = (
    "GET_MERCHANT_LISTINGS_ALL_DATA",
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
    "GET_LEDGER_SUMMARY_VIEW_DATA",
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
)
WITHOUT_ROWS = {
    ("inbound_shipment_items_v0", "inbound_shipments_v0"),
    ("order_items", "catalog_items"),
    ("order_items", "listings_items"),
}
"""Joins that find nothing, because the simulator makes up one side by itself."""
LONG_NAMES = ("fba_inventory_summaries", "order_items")


@pytest.fixture(scope="module")
def world() -> Iterator[Simulator]:
    with small_world(records=4) as simulator:
        yield simulator


class Warehouse:
    """A schema of PostgreSQL that target-postgres loads into, with its own settings."""

    def __init__(self, address: PostgresAddress, schema: str) -> None:
        self._address = address
        self._schema = schema

    def load(self, run: TapRun, folder: Path) -> None:
        config = {
            "host": "127.0.0.1",
            "port": self._address.port,
            "user": "postgres",
            "password": self._address.password,
            "database": "postgres",
            "default_target_schema": self._schema,
        }
        path = folder / "target.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        messages = "".join(json.dumps(message) + "\n" for message in run.messages)
        finished = Command([TARGET, "--config", str(path)], folder).run(stdin=messages, timeout=120)
        assert finished.returncode == 0, finished.stderr

    def count(self, table: str) -> int:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(self._schema, table))
        with closing(psycopg.connect(self._address.dsn)) as connection:
            (found,) = connection.execute(query).fetchone() or (0,)
        return int(found)

    def columns(self, table: str) -> set[str]:
        query = (
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = %s AND table_name = %s"
        )
        with closing(psycopg.connect(self._address.dsn)) as connection:
            return {name for (name,) in connection.execute(query, (self._schema, table))}

    def joined(self, one: str, other: str, condition: str) -> int:
        """Return the number of rows of two tables that belong together."""
        tables = sql.SQL(" JOIN ").join(map(sql.Identifier, (one, other)))
        query = sql.SQL("SELECT count(*) FROM {} ON {}").format(tables, sql.SQL(condition))
        with closing(psycopg.connect(self._address.dsn)) as connection:
            connection.execute("SELECT set_config('search_path', %s, false)", (self._schema,))
            (found,) = connection.execute(query).fetchone() or (0,)
        return int(found)


@pytest.fixture
def warehouse(postgres: PostgresAddress, tmp_path: Path) -> Warehouse:
    return Warehouse(postgres, re.sub(r"\W", "_", tmp_path.name))


def read(world: Simulator, folder: Path, *streams: str, **more: Any) -> TapRun:
    settings = settings_for(world, ORDERS_APIS[0]) | more
    run = run_tap(folder, settings, catalog=catalog_of(*streams, settings=settings))
    assert run.exit_code == 0, run.log
    return run


def keys_in(run: TapRun) -> dict[str, set[tuple[str, ...]]]:
    """Return the keys of the records of each stream."""
    return {
        message["stream"]: {
            tuple(str(record[name]) for name in message["key_properties"])
            for record in run.records(message["stream"])
        }
        for message in run.of_type("SCHEMA")
    }


def test_streams_with_optional_keys_load_twice_without_duplicates(
    world: Simulator, warehouse: Warehouse, tmp_path: Path
) -> None:
    run = read(world, tmp_path, *WITH_OPTIONAL_KEYS)
    keys = keys_in(run)
    assert keys.keys() >= set(WITH_OPTIONAL_KEYS)
    assert any(NO_VALUE in key for found in keys.values() for key in found)

    for _ in range(2):
        warehouse.load(run, tmp_path)

    assert {name: warehouse.count(name) for name in WITH_OPTIONAL_KEYS} == {
        name: len(keys[name]) for name in WITH_OPTIONAL_KEYS
    }


def test_flattened_records_load(world: Simulator, warehouse: Warehouse, tmp_path: Path) -> None:
    flat = {"flattening_enabled": True, "flattening_max_depth": 3}
    run = read(world, tmp_path, *LONG_NAMES, **flat)

    warehouse.load(run, tmp_path)

    for name in LONG_NAMES:
        assert warehouse.count(name) == len(keys_in(run)[name]) > 0


@pytest.mark.parametrize("flat", [{}, {"flattening_enabled": True, "flattening_max_depth": 3}])
def test_reports_load_twice_with_all_their_columns(
    world: Simulator, warehouse: Warehouse, tmp_path: Path, flat: dict[str, Any]
) -> None:
    # The first has a header of more than 63 letters, the last is nested.
    entries = ("GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA", *FLAT_FILES, "GET_SALES_AND_TRAFFIC_REPORT")
    reports = [{"report_type": name, "marketplace_ids": ["US"]} for name in entries]
    streams = [made.name for made in report_stream_classes(map(read_report, reports))]
    run = read(world, tmp_path, *streams, reports=reports, report_poll_interval=0.05, **flat)
    keys = keys_in(run)
    assert keys.keys() == set(streams)

    for _ in range(2):
        warehouse.load(run, tmp_path)

    for name in streams:
        assert warehouse.count(name) == len(keys[name]) > 0
    schemas = {message["stream"]: message["schema"] for message in run.of_type("SCHEMA")}
    assert len(run.of_type("SCHEMA")) == len(streams)
    for name in streams:
        assert warehouse.columns(name) >= schemas[name]["properties"].keys()


def test_the_joins_of_the_data_dictionary_work(
    world: Simulator, warehouse: Warehouse, tmp_path: Path
) -> None:
    pages = (path.relative_to(ROOT) for path in (ROOT / "docs").glob("dictionary*.md"))
    joins = {
        join
        for name in pages
        for join in re.findall(
            r"^\| \[`(\w+)`\]\(.*?\) \| \[`(\w+)`\]\(.*?\) \| .*? \| `(.*)` \|$",
            page(str(name)),
            re.MULTILINE,
        )
    }
    report = {"report_type": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"}
    names = {name for one, other, _ in joins for name in (one, other)}
    warehouse.load(read(world, tmp_path, *sorted(names), reports=[report]), tmp_path)

    found = {(one, other): warehouse.joined(one, other, on) for one, other, on in joins}

    assert len(found) > 40
    assert {pair for pair, rows in found.items() if not rows} == WITHOUT_ROWS
