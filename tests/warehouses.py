"""Databases with a seller's rows, loaded by the loaders, and the models that dbt builds on them."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg.rows import dict_row

from demo.environment import ROOT
from demo.postgres import PostgresAddress
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.processes import BIN
from tests.tap_runs import catalog_of, run_tap

PROJECT = ROOT / "dbt"
DBT = ROOT / ".venv-dbt" / "bin"
TARGET_DUCKDB = ROOT / ".venv-target-duckdb" / "bin" / "target-duckdb"
SECONDS = 300.0

BEGIN = dt.datetime(2026, 9, 3, 10, tzinfo=dt.timezone.utc)
"""Time of the first run."""
BETWEEN = dt.timedelta(days=30)
"""Time from the first run to the second."""

SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
STREAMS = (
    "account_balances",
    "expected_payouts",
    "fba_inventory_summaries",
    "financial_event_groups",
    "financial_events",
    "financial_summaries",
    "financial_transactions",
    "listings_items",
    "marketplace_participations",
    "order_items",
    "orders",
    "payouts",
    "purchase_order_items",
    "purchase_orders",
    "purchase_orders_status",
    "report_sales_and_traffic",
    "report_sales_and_traffic_by_asin",
    "report_v2_settlement_report_data_flat_file_v2",
)
"""The streams that the models read."""

TRUTHS = (
    "books",
    "finances_2024-06-19.listTransactions",
    "inventory",
    "orders",
    "vendorOrders.getPurchaseOrdersStatus",
)

# Decimals go through JSON as text, so that no digit is lost. With `python -c`, DuckDB draws a bar
# for queries that take long, into the output (findings/duckdb-progress-bar.sh).
IN_DUCKDB = """
import duckdb, json, sys
from decimal import Decimal
path, *schemas = sys.argv[1:]
with duckdb.connect(path) as warehouse:
    warehouse.execute("SET enable_progress_bar = false")
    warehouse.execute("SET TimeZone = 'UTC'")
    found = warehouse.execute("SELECT schema_name FROM duckdb_schemas()").fetchall()
    known = [name for name in schemas if (name,) in found]
    warehouse.execute(f"SET search_path = '{','.join(known)}'")
    answers = []
    for query in json.load(sys.stdin):
        found = warehouse.execute(query)
        names = [column[0] for column in found.description or ()]
        answers.append([dict(zip(names, row)) for row in found.fetchall()] if names else [])
def plain(value):
    return {"decimal": str(value)} if isinstance(value, Decimal) else str(value)
print(json.dumps(answers, default=plain))
"""

Row = Mapping[str, Any]


class DbtError(Exception):
    """dbt ended with another exit code than 0; the message is what it printed."""


@dataclass(frozen=True)
class Warehouse:
    """A database that a loader and dbt write to.

    Attributes:
        kind: `postgres` or `duckdb`, as in `dbt/profiles.yml`.
        folder: For the files of dbt, and for the database file of DuckDB.
        address: Of the PostgreSQL server.
        raw: The schema that the loader writes to.
        models: The schema of the models; that of the staging models has `_staging` behind it.
        variables: Of dbt.
        seconds: How long a loader or dbt may take.
    """

    kind: str
    folder: Path
    address: PostgresAddress
    raw: str = "amazon_sp"
    models: str = "amazon_sp_models"
    variables: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = SECONDS

    @property
    def path(self) -> Path:
        """The database file of DuckDB."""
        return self.folder / "warehouse.duckdb"

    def load(self, messages: str) -> None:
        """Load the output of the tap with target-postgres or target-duckdb."""
        with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
            file.write(messages)
            file.seek(0)
            self.load_file(file)

    def load_file(self, messages: IO[str]) -> None:
        """Load what the tap wrote to a file, as `load` does."""
        if self.kind == "postgres":
            command, config = BIN / "target-postgres", self._postgres_config()
        else:
            command, config = TARGET_DUCKDB, self._duckdb_config()
        file = self.folder / f"{self.kind}.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        loaded = subprocess.run(
            [command, "--config", file],
            stdin=messages,
            check=False,
            capture_output=True,
            text=True,
            timeout=self.seconds,
        )
        assert loaded.returncode == 0, loaded.stderr[-2000:]

    def dbt(self, *arguments: str, check: bool = True, **variables: Any) -> str:
        """Run a command of dbt, such as `build`; return what it prints.

        Raises:
            DbtError: It failed, and `check` is set.
        """
        given = {"amazon_sp_schema": self.raw, **self.variables, **variables}
        finished = subprocess.run(
            [DBT / "dbt", *arguments, "--vars", json.dumps(given)],
            cwd=PROJECT,
            env=os.environ | self.environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=self.seconds,
        )
        if check and finished.returncode:
            raise DbtError(finished.stdout[-6000:] + finished.stderr[-2000:])
        return finished.stdout

    def environment(self) -> dict[str, str]:
        """Return the variables that `dbt/profiles.yml` reads, and those of dbt itself."""
        return {
            "DBT_TARGET": self.kind,
            "DBT_SCHEMA": self.models,
            "DBT_POSTGRES_HOST": "127.0.0.1",
            "DBT_POSTGRES_PORT": str(self.address.port),
            "DBT_POSTGRES_PASSWORD": self.address.password,
            "DBT_POSTGRES_DATABASE": self.address.database,
            "DBT_DUCKDB_PATH": str(self.path),
            "DBT_TARGET_PATH": str(self.folder / f"target-{self.kind}-{self.models}"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_PROFILES_DIR": str(PROJECT),
            "DBT_USE_COLORS": "false",
            "DBT_VERSION_CHECK": "false",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def rows(self, query: str) -> list[Row]:
        """Return the rows of a query.

        A table without a schema is a model, or else a staging model, or else one of the loader.
        """
        (rows,) = self.answers([query])
        return rows

    def answers(self, queries: Sequence[str]) -> list[list[Row]]:
        """Return the rows of each query; for DuckDB that is faster than one query after another."""
        schemas = [self.models, f"{self.models}_staging", self.raw]
        if self.kind == "postgres":
            with closing(psycopg.connect(self.address.dsn, row_factory=dict_row)) as connection:
                connection.execute("SET TIME ZONE 'UTC'")
                connection.execute(f"SET search_path TO {', '.join(schemas)}")
                answers: list[list[Row]] = []
                for query in queries:
                    found = connection.execute(query.encode())
                    answers.append(list(found.fetchall()) if found.description else [])
                connection.commit()
                return answers
        finished = subprocess.run(
            [DBT / "python", "-c", IN_DUCKDB, self.path, *schemas],
            input=json.dumps(queries),
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert finished.returncode == 0, finished.stderr[-2000:]
        return list(json.loads(finished.stdout, object_hook=_exact))

    def _postgres_config(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.address.port,
            "user": "postgres",
            "password": self.address.password,
            "database": self.address.database,
            "default_target_schema": self.raw,
            "use_copy": False,
            "validate_records": False,
        }

    def _duckdb_config(self) -> dict[str, Any]:
        return {
            "path": str(self.path),
            "default_target_schema": self.raw,
            "add_metadata_columns": True,
        }


def _exact(found: dict[str, Any]) -> Any:
    return Decimal(found["decimal"]) if found.keys() == {"decimal"} else found


@dataclass(frozen=True)
class Seller:
    """What the tap wrote about a seller in two runs, and what is true after the second.

    Attributes:
        outputs: What each run printed.
        truths: The books and all else that the simulator knows, by name.
        now: The time of the second run.
    """

    outputs: Sequence[str]
    truths: Mapping[str, Sequence[Row]]
    now: dt.datetime

    @property
    def books(self) -> Sequence[Row]:
        """The lines of the seller's books."""
        return self.truths["books"]

    def records(self, stream: str) -> list[tuple[Row, str]]:
        """Return the newest record of each key, and when the tap read it. Numbers are exact."""
        newest: dict[tuple[str, ...], tuple[Row, str]] = {}
        keys: list[str] = []
        for line in "".join(self.outputs).splitlines():
            if f'"stream":"{stream}"' not in line:
                continue
            message = json.loads(line, parse_float=Decimal)
            if message["type"] == "SCHEMA":
                keys = message["key_properties"]
            elif message["type"] == "RECORD":
                record = message["record"]
                newest[tuple(record[key] for key in keys)] = record, message["time_extracted"]
        return list(newest.values())


def read_seller(
    folder: Path,
    *,
    region: str = "na",
    orders: int = 300,
    streams: Sequence[str] = STREAMS,
    **settings: Any,
) -> Seller:
    """Run the tap twice on a simulated seller.

    Between the runs, orders are placed, shipped and refunded, settlements closed and money paid.

    Args:
        folder: For the files of the tap.
        region: Of the seller: `na` has four currencies.
        orders: Number of orders in the 60 days before the first run.
        streams: What to read.
        settings: More settings of the tap.
    """
    ahead, since = dt.timedelta(0), time.monotonic()

    def now() -> dt.datetime:
        return BEGIN + ahead + dt.timedelta(seconds=time.monotonic() - since)

    world = SimulatorSettings(
        orders=orders,
        history_days=60,
        changes_per_minute=0.01,
        speed=1e6,
        port=0,
        region=region,
        now=now,
    )
    outputs = []
    state = None
    with Simulator(world) as simulator:
        given = simulator.settings_for_tap() | {
            "start_date": format_timestamp(BEGIN - dt.timedelta(days=75)),
            "reports": [
                SETTLEMENTS,
                {
                    "report_type": TRAFFIC,
                    "options": {"asinGranularity": "CHILD"},
                    "start_date": format_timestamp(BEGIN - dt.timedelta(days=14)),
                },
            ],
            # The simulator makes a report at once.
            "report_poll_interval": 0.1,
            **settings,
        }
        catalog = catalog_of(*streams, settings=given)
        for ahead in (dt.timedelta(0), BETWEEN):  # noqa: B007 - `now` reads it.
            run = run_tap(folder, given, catalog=catalog, state=state)
            assert run.exit_code == 0, run.log
            outputs.append(run.output)
            state = run.last_state
        truths = {name: simulator.truth(name) for name in TRUTHS}
    return Seller(outputs, truths, BEGIN + BETWEEN)
