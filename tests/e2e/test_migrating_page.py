"""docs/migrating.md: its commands, its states, its queries, and the names in its tables."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from demo.postgres import PostgresAddress
from tap_amazon_sp.amazon.report_types import REPORT_TYPES
from tap_amazon_sp.migration import airbyte, hotglue
from tap_amazon_sp.migration.old_settings import CONNECTORS
from tap_amazon_sp.settings.reports import read_report, report_streams
from tap_amazon_sp.settings.schema import SETTINGS
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.tap import TapAmazonSP
from tests.cli.conftest import environment_of
from tests.pages import code_block, code_blocks, page
from tests.processes import BIN
from tests.tap_runs import catalog_of, run_tap, write_json

PAGE = page("docs/migrating.md")
OLD, NEW = code_blocks(PAGE, "json")
LINES = code_block(PAGE, "text", "Not converted").splitlines()
OF_SETTINGS = code_block(PAGE, "console", "migrate-settings")
OF_STATE = code_block(PAGE, "console", "amazon-sp plan")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def names_in(column: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", column))


def rows_of(table: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the table that begins with these words."""
    body = PAGE.split(f"\n| {table}")[1].split("\n\n")[0]
    for line in body.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def run(block: str, folder: Path, settings: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run a block in a folder, with settings in the environment."""
    return subprocess.run(
        ["/bin/bash", "-e", "-o", "pipefail", "-c", block],
        cwd=folder,
        env=environment_of(settings) | {"PATH": os.pathsep.join((str(BIN), os.environ["PATH"]))},
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_the_commands_make_the_settings_and_the_state_that_is_shown(
    simulator: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "airbyte.json").write_text(OLD, encoding="utf-8")
    write_json(
        tmp_path / "airbyte_settings.json",
        {
            "region": "US",
            "lwa_app_id": simulator.settings_for_tap()["client_id"],
            "lwa_client_secret": "**********",
            "refresh_token": "**********",
            "replication_start_date": "2026-01-01T00:00:00Z",
        },
    )
    given = {"client_secret", "refresh_token", "endpoint", "token_url"}
    settings = {
        name: value for name, value in simulator.settings_for_tap().items() if name in given
    }

    checked = run(OF_SETTINGS, tmp_path, settings)
    finished = run(OF_STATE, tmp_path, settings)

    config = json.loads((tmp_path / "config.json").read_text())
    assert config["reports"] == ["GET_SALES_AND_TRAFFIC_REPORT"]
    assert config["marketplace_ids"] == ["US"]
    assert "report_sales_and_traffic" in checked.stdout
    assert json.loads((tmp_path / "state.json").read_text()) == json.loads(NEW)
    assert finished.stderr.splitlines()[: len(LINES)] == LINES
    orders = next(line for line in finished.stdout.splitlines() if line.startswith("orders "))
    assert "2026-11-19T11:00Z to " in orders


@pytest.fixture
def database(postgres: PostgresAddress, tmp_path: Path) -> Iterator[psycopg.Connection[Any]]:
    """A database of its own, as the queries name their schemas."""
    name = re.sub(r"\W", "_", tmp_path.name).lower()
    with psycopg.connect(postgres.dsn, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    with psycopg.connect(postgres.dsn, dbname=name, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA old_connector")
        connection.execute("CREATE SCHEMA amazon_sp")
        yield connection


def load(connection: psycopg.Connection[Any], table: str, records: list[dict[str, Any]]) -> None:
    """Load records as target-postgres does: times, text, and JSON for the rest."""
    columns = {name for record in records for name in record}
    kinds = {
        name: "timestamp" if re.search(r"(Time|Date)$", name) else "jsonb" for name in columns
    } | dict.fromkeys(("orderId", "AmazonOrderId", "OrderStatus", "FulfillmentChannel"), "text")
    described = ", ".join(f'"{name}" {kinds[name]}' for name in sorted(columns))
    connection.execute(f"CREATE TABLE {table} ({described})")
    for record in records:
        names = sorted(record)
        values = [
            record[name] if kinds[name] != "jsonb" else json.dumps(record[name]) for name in names
        ]
        into = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(*table.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(sql.Placeholder() * len(names)),
        )
        connection.execute(into, values)


def test_the_queries_compare_old_and_new_orders(
    simulator: Simulator, tmp_path: Path, database: psycopg.Connection[Any]
) -> None:
    settings = simulator.settings_for_tap() | {"marketplace_ids": ["US"]}
    runs = {}
    for api in ("v0", "2026-01-01"):
        of_api = settings | {"orders_api": api}
        run = run_tap(tmp_path, of_api, catalog=catalog_of("orders", settings=of_api))
        runs[api] = run.records("orders")
    missing, *old = runs["v0"]
    load(database, "old_connector.orders", old)
    load(database, "amazon_sp.orders", runs["2026-01-01"])
    by_day, by_order, view, union, _ = code_blocks(PAGE, "sql")

    def rows(query: str) -> list[tuple[Any, ...]]:
        return database.execute(query).fetchall()

    # The old connector lacks one order.
    ((day, old_count, new_count),) = rows(by_day)
    assert str(day) == missing["PurchaseDate"][:10]
    assert (old_count or 0) + 1 == new_count
    different = {order_id for order_id, *_ in rows(by_order)}
    assert missing["AmazonOrderId"] in different or "OrderTotal" not in missing
    assert len(different) <= 1
    database.execute(view)
    assert len(rows(union)) == len(runs["2026-01-01"])
    names = ("OrderStatus", "FulfillmentChannel", "MarketplaceId")
    query = """SELECT "AmazonOrderId", "OrderStatus", "FulfillmentChannel", "MarketplaceId"
        FROM amazon_sp.orders_with_old_names"""
    shown = {row[0]: row[1:] for row in rows(query)}
    assert {one["AmazonOrderId"]: tuple(one[name] for name in names) for one in old}.items() <= (
        shown.items()
    )


def test_the_start_for_fivetran_is_a_day(database: psycopg.Connection[Any]) -> None:
    *_, query = code_blocks(PAGE, "sql")
    database.execute("CREATE TABLE old_connector.orders (_fivetran_synced timestamptz)")
    database.execute("INSERT INTO old_connector.orders VALUES ('2026-11-20T12:00:00Z')")

    ((start_date,),) = database.execute(query).fetchall()

    assert str(start_date) == "2026-11-13"


@pytest.mark.parametrize("connector", ["Airbyte", "hotglue"])
def test_the_tables_name_each_setting_that_is_converted(connector: str) -> None:
    known = CONNECTORS[connector.lower()]
    shown = {
        name.partition(":")[0]
        for old, *_ in rows_of(f"{connector} | here")
        for name in names_in(old)
    }

    assert known.same.keys() | known.secrets.keys() | {*known.shape.__struct_fields__} <= shown
    assert shown <= known.known


@pytest.mark.parametrize(
    ("connector", "rules"), [("Airbyte", airbyte.RULES), ("hotglue", hotglue.RULES)]
)
def test_the_tables_name_each_stream_that_has_a_bookmark(connector: str, rules: Any) -> None:
    named = names_in(section(connector))
    general = {name for name, rule in rules.items() if rule.report_type == name}

    assert rules.keys() - general <= named
    # Reports with a rule of their own.
    assert {name for name in general if rules[name].reason is not None} <= named


def test_the_streams_here_exist() -> None:
    known = set(TapAmazonSP(config={"orders_api": "2026-01-01"}, validate_config=False).streams)
    known |= {stream.name for stream in report_streams(map(read_report, REPORT_TYPES))}
    settings = set(SETTINGS.to_dict()["properties"])

    for connector in ("Airbyte's stream", "hotglue's stream", "Fivetran's table"):
        for _, here, *_ in rows_of(f"{connector} | here"):
            found = {name for name in names_in(here) if re.fullmatch(r"[a-z][a-z0-9_]+", name)}
            words = {"name", "event", "buyer", "recipient", "payment", "promotion", "reports"}
            assert found - words <= known | settings, here
            assert found & (known | settings) or "entr" in here, here


def test_the_settings_here_exist() -> None:
    known = set(SETTINGS.to_dict()["properties"]) | {"options", "window", "reports"}

    for connector in ("Airbyte", "hotglue", "Fivetran", "singer-io"):
        for old, here, *_ in rows_of(f"{connector} | here"):
            named = names_in(old if here.startswith("the same") else here)
            found = {name.partition(":")[0] for name in named if not name.startswith(("[", '"'))}
            found -= {"na", "eu", "fe", "purchase_orders", "orders", "order_items", "order_metrics"}
            assert found <= known, here
