"""`meltano run` from this repository into PostgreSQL, against the simulator."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from demo.environment import DBT_LOCK, ROOT, meltano_environment, tap_environment
from demo.postgres import PostgresAddress
from demo.seller import seller
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.simulator.server.signatures import AwsKey
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.timeline.reading import read_run
from tests.pages import code_block, page
from tests.processes import MELTANO, Command
from tests.queues import KEYS, FauxqsQueue
from tests.small_world import known_ids, small_world
from tests.world_clock import WorldClock

STATE_ID = "dev:tap-amazon-sp-to-target-postgres"
# More digits than a float holds.
AMOUNT = "1234567890123456.78"

pytestmark = pytest.mark.timeout(300)


class Meltano:
    """Runs Meltano in a project, without the settings of the user who runs the tests."""

    def __init__(self, project: Path, folder: Path, variables: dict[str, str]) -> None:
        self.project = project
        self.environment = meltano_environment(folder) | variables

    def __call__(
        self, *arguments: str, stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        command = [MELTANO, "--env-file", os.devnull, *arguments]
        return Command(command, self.project, self.environment | variables).run(
            stdin=stdin, timeout=240
        )

    def run(self, **variables: str) -> str:
        """Run the pipeline, which must succeed; returns the log."""
        finished = self("run", "tap-amazon-sp", "target-postgres", **variables)
        assert finished.returncode == 0, finished.stderr
        return finished.stderr

    def state(self) -> dict[str, Any]:
        finished = self("state", "get", STATE_ID)
        state: dict[str, Any] = json.loads(finished.stdout)
        return state


class Database:
    """The PostgreSQL schema that a test loads into."""

    def __init__(self, address: PostgresAddress, schema: str) -> None:
        self.address = address
        self.schema = schema

    def rows(self, columns: str, table: str) -> list[tuple[Any, ...]]:
        query = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(columns),
            sql.Identifier(self.schema, table),
        )
        with closing(psycopg.connect(self.address.dsn)) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def system_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tap and target-postgres, installed once, outside the checkout."""
    folder = tmp_path_factory.mktemp("meltano")
    here = Meltano(ROOT, folder, {"MELTANO_SYS_DIR_ROOT": str(folder)})
    installed = here("install", "tap-amazon-sp", "target-postgres")
    assert installed.returncode == 0, installed.stderr
    return folder


@pytest.fixture
def database(tmp_path: Path, postgres: PostgresAddress) -> Database:
    return Database(postgres, re.sub(r"\W", "_", tmp_path.name))


@pytest.fixture
def meltano(tmp_path: Path, system_folder: Path, database: Database) -> Meltano:
    """Meltano in this repository, with an empty state and a database schema of the test's own."""
    variables = {
        "MELTANO_SYS_DIR_ROOT": str(system_folder),
        "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": database.schema,
    }
    return Meltano(ROOT, tmp_path, variables | database.address.target_environment())


@pytest.fixture
def dbt(tmp_path: Path, meltano: Meltano, database: Database) -> dict[str, str]:
    """Variables for dbt, which is installed; the models go into a schema of the test's own."""
    installed = meltano("install", "dbt", **DBT_LOCK)
    assert installed.returncode == 0, installed.stderr
    return {
        "DBT_SCHEMA": f"{database.schema}_models",
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }


@contextmanager
def recording_proxy() -> Iterator[tuple[dict[str, str], list[bytes]]]:
    """Variables that send every request to a proxy that refuses it, and what it was asked."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    requests.append(connection.recv(1000).split(b"\r\n")[0])

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        variables = {name: url for upper in names for name in (upper, upper.lower())}
        yield variables | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}, requests
        # A blocked accept does not notice that its socket is closed.
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def busy_seller() -> Iterator[Simulator]:
    """A seller whose orders change ten times a second."""
    with seller(orders=300, changes_per_minute=600) as simulator:
        yield simulator


@pytest.fixture
def everything() -> Iterator[Simulator]:
    with small_world(records=5) as simulator:
        yield simulator


def test_meltano_run_loads_every_table_and_asks_nobody_but_the_api_and_the_database(
    meltano: Meltano, database: Database, simulator: Simulator
) -> None:
    orders = simulator.truth("orders")
    project_file = (ROOT / "meltano.yml").read_text(encoding="utf-8")

    # A number with a fraction arrives as one.
    settings = tap_environment(simulator.url) | {"TAP_AMAZON_SP_REQUEST_TIMEOUT": "59.5"}

    with recording_proxy() as (proxy, requests):
        log = meltano.run(**settings, **proxy)

    assert requests == []
    # Meltano's own way of showing metrics leaves out which stream they are of.
    counted = re.findall(r'METRIC: .*"record_count","value":\d+,"tags":\{"stream":"(\w+)"', log)
    assert {"orders", "order_items", "feeds", "purchase_orders", "reports"} <= set(counted)
    assert "metric_name=record_count" in log
    assert sorted(database.rows('"orderId"', "orders")) == sorted(
        (order["orderId"],) for order in orders
    )
    assert sorted(database.rows('"orderId", "orderItemId"', "order_items")) == sorted(
        (order["orderId"], item["orderItemId"]) for order in orders for item in order["orderItems"]
    )
    for table in ("feeds", "purchase_orders", "reports"):
        assert database.rows("count(*)", table) == [(len(simulator.truth(table)),)]
    # Meltano writes what it misses into the project file; it must miss nothing.
    assert (ROOT / "meltano.yml").read_text(encoding="utf-8") == project_file


def test_all_streams_load_twice_without_duplicates(
    meltano: Meltano, database: Database, everything: Simulator
) -> None:
    settings = tap_environment(everything.url, ["*"]) | {
        "TAP_AMAZON_SP_MARKETPLACE_IDS": '["US", "BR"]',
        "TAP_AMAZON_SP_RESTRICTED_DATA": "true",
        "TAP_AMAZON_SP_START_DATE": "2026-09-01",
        "TAP_AMAZON_SP_STREAM_IDS": json.dumps(known_ids(everything, "2026-01-01")),
    }
    keys = {stream.name: stream.primary_keys for stream in built_in_streams()}

    meltano.run(**settings)
    first = {name: database.rows("count(*)", name)[0][0] for name in keys}
    meltano.run(**settings)

    for name, names in keys.items():
        columns = ", ".join(f'"{column}"' for column in names)
        assert first[name] > 0, name
        assert database.rows("count(*)", name) == database.rows(
            f"count(DISTINCT ({columns}))", name
        ), name
        assert database.rows("count(*)", name)[0][0] >= first[name], name


def test_dbt_builds_the_models_with_the_settings_of_the_loader(
    meltano: Meltano, database: Database, dbt: dict[str, str], simulator: Simulator
) -> None:
    streams = ["orders", "order_items", "financial_transactions"]
    settings = tap_environment(simulator.url, streams) | dbt

    with recording_proxy() as (proxy, requests):
        finished = meltano(
            "run", "tap-amazon-sp", "target-postgres", "dbt:build", **settings, **proxy
        )

    assert finished.returncode == 0, finished.stderr
    assert requests == []
    assert re.search(r"Done\. PASS=\d+ WARN=0 ERROR=0 SKIP=0 ", finished.stderr)
    assert "[WARNING]" not in finished.stderr
    models = Database(database.address, settings["DBT_SCHEMA"])
    assert set(models.rows("order_id", "orders")) == {
        (order["orderId"],) for order in simulator.truth("orders")
    }
    shown = code_block(page("README.md"), "sql", "profit_and_loss")
    with closing(psycopg.connect(database.address.dsn)) as connection:
        earned = connection.execute(shown.replace("amazon_sp_models", models.schema)).fetchall()
    assert max(net for *_, net in earned) > 0


def test_a_second_run_loads_only_what_changed(
    meltano: Meltano, database: Database, busy_seller: Simulator
) -> None:
    settings = tap_environment(busy_seller.url)

    first = meltano.run(**settings)
    before = database.rows('"orderId", _sdc_extracted_at', "orders")
    second = meltano.run(**settings, MELTANO_CLI_LOG_FORMAT="json")
    after = database.rows('"orderId", _sdc_extracted_at, "lastUpdatedTime"', "orders")

    first_run_ended = max(extracted_at for _, extracted_at in before)
    taken = [order_id for order_id, extracted_at, _ in after if extracted_at > first_run_ended]
    assert 0 < len(taken) < len(before) / 2
    # Both forms of Meltano's log tell what `amazon-sp timeline` shows.
    for log, records in ((first, len(before)), (second, len(taken))):
        told = read_run(log.splitlines())
        assert told.finished
        (orders,) = [stream for stream in told.streams if stream.name == "orders"]
        assert (orders.records, orders.outcome) == (records, "done")
    # Nothing is missing up to the bookmark; later than that, orders may have changed again.
    bookmark = parse_timestamp(
        meltano.state()["singer_state"]["bookmarks"]["orders"]["replication_key_value"]
    )
    loaded = {order_id: changed.replace(tzinfo=dt.timezone.utc) for order_id, _, changed in after}
    for order in busy_seller.truth("orders"):
        changed = parse_timestamp(order["lastUpdatedTime"])
        if changed < bookmark:
            assert loaded[order["orderId"]] == changed


def test_the_past_comes_from_reports_and_changes_from_a_queue(
    meltano: Meltano, database: Database, fauxqs_queue: FauxqsQueue
) -> None:
    clock = WorldClock()
    world = SimulatorSettings(
        orders=120,
        speed=100_000,
        changes_per_minute=0,
        port=0,
        notify=fauxqs_queue.url,
        notify_types=("ORDER_CHANGE",),
        aws_keys=(AwsKey(*KEYS.values()),),
        now=clock,
    )
    with Simulator(world) as changing:
        clock.put_forward(7200)
        streams = ("orders", "order_items", "order_changes")
        settings = tap_environment(changing.url, streams) | {
            "TAP_AMAZON_SP_ORDERS_HISTORY": "report",
            "TAP_AMAZON_SP_REPORT_POLL_INTERVAL": "1",
            **{
                f"TAP_AMAZON_SP_{name.upper()}": str(one)
                for name, one in fauxqs_queue.settings.items()
            },
        }
        log = meltano.run(**settings)
        assert "reading the orders that last changed before" in log
        past = {order["orderId"] for order in changing.truth("orders")}
        assert set(database.rows('"orderId", _source', "orders")) == {
            (order_id, "report") for order_id in past
        }

        changed = set(changing.change_orders(5))
        changing.send_notifications()
        meltano.run(**settings)

        # A record of the API replaces that of the report as a whole.
        found = dict(database.rows('"orderId", _source', "orders"))
        assert {order_id for order_id, source in found.items() if source is None} == changed
        assert found.keys() == past | changed
        truth = {order["orderId"]: order for order in changing.truth("orders")}
    assert database.rows("count(*)", "order_changes")[0][0] >= len(changed)
    items = {
        (order_id, item["orderItemId"]): item
        for order_id, order in truth.items()
        for item in order["orderItems"]
    }
    loaded = database.rows(
        '"orderId", "orderItemId", coalesce("quantityOrdered", (_report->>\'quantity\')::int),'
        " _source, _report->>'itemStatus' = 'Cancelled'",
        "order_items",
    )
    assert {row[:2] for row in loaded} == items.keys()
    for order_id, item_id, quantity, source, is_cancelled in loaded:
        ordered = items[order_id, item_id]["quantityOrdered"]
        assert quantity == (0 if source and is_cancelled else ordered)

    query = code_block(page("docs/orders.md"), "sql", "revenue")
    prices = [
        part["subtotal"]
        for item in items.values()
        for part in item.get("proceeds", {}).get("breakdowns", ())
        if part["type"] == "ITEM"
    ]
    with closing(psycopg.connect(database.address.dsn)) as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(database.schema)))
        revenue = connection.execute(query).fetchall()
    # Reports have no price of an item that was cancelled after it was paid.
    assert {currency for _, currency, _ in revenue} == {one["currencyCode"] for one in prices}
    assert 0 < sum(total for *_, total in revenue) <= sum(Decimal(one["amount"]) for one in prices)


def test_a_failed_run_is_a_failed_run_for_meltano_too(
    meltano: Meltano, simulator: Simulator
) -> None:
    settings = tap_environment(simulator.url) | {"TAP_AMAZON_SP_CLIENT_SECRET": "wrong-hush"}

    finished = meltano("run", "tap-amazon-sp", "target-postgres", **settings)

    # As docs/nightly.md says.
    assert finished.returncode == 1
    assert "client_secret" in finished.stderr
    assert "wrong-hush" not in finished.stderr + finished.stdout


def test_secrets_are_not_shown_by_meltano(meltano: Meltano) -> None:
    finished = meltano(
        "config", "list", "tap-amazon-sp", TAP_AMAZON_SP_REFRESH_TOKEN="Atzr|hush-hush"
    )

    assert "refresh_token" in finished.stdout
    assert "hush-hush" not in finished.stdout + finished.stderr


def test_numbers_are_loaded_exactly(meltano: Meltano, database: Database) -> None:
    number = {"type": ["number", "null"]}
    properties = {
        "id": {"type": "string"},
        "total": number,
        "lines": {"type": "array", "items": {"type": "object", "properties": {"price": number}}},
    }
    schema = {"type": "object", "properties": properties}
    messages = [
        {"type": "SCHEMA", "stream": "money", "schema": schema, "key_properties": ["id"]},
        {"type": "RECORD", "stream": "money", "record": {"id": "1", "total": 0, "lines": []}},
    ]
    record = f'{{"id": "2", "total": {AMOUNT}, "lines": [{{"price": {AMOUNT}}}]}}'
    lines = [json.dumps(message) for message in messages]
    lines.append(f'{{"type": "RECORD", "stream": "money", "record": {record}}}')

    finished = meltano("invoke", "target-postgres", stdin="\n".join(lines) + "\n")

    assert finished.returncode == 0, finished.stderr
    assert database.rows("id, total::text, lines[1]->>'price'", "money") == [
        ("1", "0", None),
        ("2", AMOUNT, AMOUNT),
    ]


@pytest.fixture
def another(tmp_path: Path) -> Meltano:
    """Meltano in an empty project."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "meltano.yml").write_text(
        "project_id: another\nsend_anonymous_usage_stats: false\n"
        "cli: {disable_version_check: true}\n"
    )
    return Meltano(project, tmp_path, {})


def test_the_definition_adds_the_plugin_to_another_project(another: Meltano) -> None:
    meltano = another

    with recording_proxy() as (proxy, requests):
        definition = str(ROOT / "meltano" / "tap-amazon-sp.yml")
        added = meltano(
            *("add", "--plugin-type", "extractor", "tap-amazon-sp"),
            *("--from-ref", definition, "--no-install"),
            **proxy,
        )
        listed = meltano("config", "list", "tap-amazon-sp", **proxy)

    assert added.returncode == 0, added.stderr
    assert "TAP_AMAZON_SP_REFRESH_TOKEN" in listed.stdout
    assert requests == []
    assert "git+https://" in (meltano.project / "meltano.yml").read_text()


def test_another_project_runs_dbt_on_the_models_of_this_one(another: Meltano) -> None:
    lines = code_block(page("docs/models.md"), "console", "meltano/dbt.yml")
    *configure, run = lines.replace("PATH/TO/tap-amazon-sp", str(ROOT)).splitlines()
    loader = {
        "TARGET_DUCKDB_PATH": "made-up.duckdb",
        "TARGET_POSTGRES_HOST": "127.0.0.2",
        "TARGET_POSTGRES_PASSWORD": "hush-hush",
        "DBT_PORT": "1",
    }

    for line in configure:
        finished = another(*line.split()[1:], **DBT_LOCK)
        assert finished.returncode == 0, finished.stderr
    duckdb = another("invoke", "dbt:debug", **loader, DBT_TARGET="duckdb")
    postgres = another("invoke", "dbt:debug", **loader)

    assert run == "meltano run tap-amazon-sp target-postgres dbt:build"
    assert f"{ROOT}/dbt/dbt_project.yml" in duckdb.stdout
    assert duckdb.returncode == 0
    assert "path: made-up.duckdb" in duckdb.stdout
    assert (another.project / "made-up.duckdb").exists()
    # Nobody listens there.
    assert postgres.returncode == 1
    assert re.search(r"127\.0\.0\.2.*port 1\b", postgres.stdout)
    assert "hush-hush" not in postgres.stdout + postgres.stderr


def test_the_commands_beside_the_tap_run_through_meltano(
    meltano: Meltano, simulator: Simulator
) -> None:
    variables = tap_environment(simulator.url)

    found = meltano("invoke", "tap-amazon-sp:operations", "sellers", "--output", "jsonl")
    called = meltano(
        "invoke", "tap-amazon-sp:call", "sellers.getMarketplaceParticipations", **variables
    )

    assert '"sellers.getAccount"' in found.stdout, found.stderr
    assert called.returncode == 0, called.stderr
    marketplaces = {entry["marketplace"]["id"] for entry in json.loads(called.stdout)["payload"]}
    assert marketplaces == set(simulator.settings_for_tap()["marketplace_ids"])


def test_meltano_takes_the_state_of_another_connector(
    meltano: Meltano, simulator: Simulator, tmp_path: Path
) -> None:
    text = page("docs/migrating.md")
    convert, give = code_block(text, "console", "meltano invoke").splitlines()
    old = tmp_path / "airbyte.json"
    old.write_text(code_block(text, "json", "streamDescriptor"), encoding="utf-8")
    new = tmp_path / "state.json"
    variables = tap_environment(simulator.url) | {"TAP_AMAZON_SP_MARKETPLACE_IDS": '["US"]'}

    words = convert.replace("airbyte.json > state.json", str(old)).split()
    converted = meltano(*words[1:], **variables)
    assert converted.returncode == 0, converted.stderr
    new.write_text(converted.stdout, encoding="utf-8")
    given = meltano(*give.replace("state.json", str(new)).split()[1:])

    assert given.returncode == 0, given.stderr
    assert STATE_ID in give
    orders = meltano.state()["singer_state"]["bookmarks"]["orders"]
    assert orders["replication_key_value"] == "2026-11-19T11:00:00Z"


@pytest.mark.lengthy
def test_the_loaders_that_need_no_server_load_too(
    meltano: Meltano, simulator: Simulator, tmp_path: Path, system_folder: Path
) -> None:
    settings = tap_environment(simulator.url, ["feeds"]) | {
        "TARGET_DUCKDB_PATH": str(tmp_path / "warehouse.duckdb"),
        "TARGET_JSONL_DESTINATION_PATH": str(tmp_path / "files"),
        # The lock has newer versions of what these loaders need.
        "UV_CONSTRAINT": "",
        "UV_BUILD_CONSTRAINT": "",
    }
    feeds = {feed["feedId"] for feed in simulator.truth("feeds")}

    for loader in ("target-duckdb", "target-jsonl"):
        finished = meltano("run", "tap-amazon-sp", loader, **settings)
        assert finished.returncode == 0, finished.stderr

    read = "import duckdb, json, sys; print(json.dumps(duckdb.connect(sys.argv[1]).execute("
    read += "'select feedid from amazon_sp.feeds').fetchall()))"
    python = system_folder / "loaders" / "target-duckdb" / "venv" / "bin" / "python"
    rows = subprocess.run(
        [python, "-c", read, settings["TARGET_DUCKDB_PATH"]],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = (tmp_path / "files" / "feeds.jsonl").read_text(encoding="utf-8").splitlines()
    assert {feed for (feed,) in json.loads(rows.stdout)} == feeds
    assert {json.loads(line)["feedId"] for line in lines} == feeds
