"""The models of dbt/ on 100,000 orders: an incremental build beside a full one.

    python benchmarks/models.py [--orders 100000] [--changes 1000] [--only postgres duckdb]

A simulated seller has the orders of 90 days, with their items, transactions, settlements and
payouts. The tap reads them, target-postgres (or target-duckdb) loads them, and `dbt build` makes
all models with all their tests: the full build. A day passes, in which orders are placed, shipped
and refunded. The tap reads and the target loads what is new, and `dbt build` runs again: the
incremental build. What the first load wrote is dated back by a day, and as long before that as
Amazon's limits make a load take: here, all of it is minutes.

- **rows written** are rows that PostgreSQL inserted, updated or deleted in the schemas of the
  models, by its own statistics.
- **processor time** is that of all processes of the PostgreSQL server. DuckDB runs inside dbt, so
  its time is that of the process of dbt, less that of a `dbt build` that selects nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.postgres_server import Server
from benchmarks.tables import count, goal, seconds, table
from benchmarks.tap_process import run, write_json
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.processes import TAP
from tests.tap_runs import catalog_of
from tests.warehouses import SETTLEMENTS, Warehouse

GOAL = 0.1
DAYS = 90
BEGIN = dt.datetime(2026, 9, 3, 10, tzinfo=dt.timezone.utc)
STREAMS = (
    "expected_payouts",
    "fba_inventory_summaries",
    "financial_event_groups",
    "financial_transactions",
    "order_items",
    "orders",
    "payouts",
    "report_v2_settlement_report_data_flat_file_v2",
)
# `_sdc_extracted_at` is the time of the simulator.
DATES = ("_sdc_batched_at", "_sdc_received_at")
HOUR = 3600.0

WRITTEN = """
SELECT relid, n_tup_ins + n_tup_upd + n_tup_del AS rows
FROM pg_stat_user_tables WHERE schemaname LIKE 'amazon_sp_models%'
"""
OF_LOADER = """
SELECT table_name AS name, column_name AS date FROM information_schema.columns
WHERE table_schema = 'amazon_sp'
"""
DATE_BACK = "UPDATE amazon_sp.{name} SET {changes}"
# A first load of 100,000 orders takes more than a day with Amazon's limits.
STRETCHED = "{date} = {date} - interval '1 day' - 200 * (current_timestamp::timestamp - {date})"


@dataclass(frozen=True)
class Build:
    """A `dbt build`.

    Attributes:
        cpu: Seconds of processor time of the database.
        wall: Seconds from start to end.
        written: Rows written; 0 if the database does not say so.
    """

    cpu: float
    wall: float
    written: int


def main() -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=1000, help="new and changed orders in a day")
    parser.add_argument("--only", nargs="+", choices=("postgres", "duckdb"))
    options = parser.parse_args()
    kinds = options.only or ("postgres", "duckdb")
    with tempfile.TemporaryDirectory(prefix="models-") as name, Server.running() as server:
        folder = Path(name)
        outputs = read(folder, options.orders, options.changes)
        for title, output in zip(("First", "Second"), outputs, strict=True):
            records = ", ".join(f"{count(n)} {name}" for name, n in sorted(output.records.items()))
            print(f"{title} run: {records}\n")
        for kind in kinds:
            (folder / kind).mkdir()
            warehouse = Warehouse(kind, folder / kind, server.address, seconds=HOUR)
            first, second = builds(warehouse, server, [output.path for output in outputs])
            print(f"**{kind}**\n")
            print(shown(first, second) + "\n")
            print(goal("incremental / full, processor time", second.cpu / first.cpu, GOAL))
            if first.written:
                ratio = second.written / first.written
                print(goal("incremental / full, rows written", ratio, GOAL))
    return 0


@dataclass(frozen=True)
class Output:
    """What the tap wrote: a file, and the number of records."""

    path: Path
    records: Mapping[str, int]


def read(folder: Path, orders: int, changes: int) -> Sequence[Output]:
    """Run the tap twice, a day apart."""
    ahead, since = dt.timedelta(0), time.monotonic()
    world = SimulatorSettings(
        orders=orders,
        history_days=DAYS,
        changes_per_minute=changes / 1440,
        speed=1e6,
        port=0,
        now=lambda: BEGIN + ahead + dt.timedelta(seconds=time.monotonic() - since),
    )
    found = []
    with Simulator(world) as simulator:
        settings = simulator.settings_for_tap() | {
            "start_date": format_timestamp(BEGIN - dt.timedelta(days=DAYS + 15)),
            "orders_source": "search",
            "report_poll_interval": 0.1,
            "reports": [SETTLEMENTS],
        }
        config = write_json(folder / "config.json", settings)
        catalog = write_json(folder / "catalog.json", catalog_of(*STREAMS, settings=settings))
        command = [TAP, "--config", str(config), "--catalog", str(catalog)]
        for name in ("first", "second"):
            path = folder / f"{name}.jsonl"
            finished = run(command, output=path)
            print(f"{name} run: {finished.wall:.0f} s", file=sys.stderr, flush=True)
            found.append(Output(path, finished.records))
            command += ["--state", str(last_state(path))]
            ahead = dt.timedelta(days=1)
    return found


def last_state(output: Path) -> Path:
    """Write the last state that the tap wrote into a file; return its path."""
    state = None
    with output.open(encoding="utf-8") as lines:
        for line in lines:
            if '"STATE"' in line[:20]:
                state = json.loads(line)["value"]
    return write_json(output.with_suffix(".state.json"), state)


def builds(warehouse: Warehouse, server: Server, outputs: Sequence[Path]) -> tuple[Build, Build]:
    """Load and build twice."""
    first, second = outputs
    with loading(warehouse), first.open(encoding="utf-8") as messages:
        warehouse.load_file(messages)
    date_back(warehouse)
    full = build(warehouse, server)
    with loading(warehouse), second.open(encoding="utf-8") as messages:
        warehouse.load_file(messages)
    return full, build(warehouse, server)


@contextmanager
def loading(warehouse: Warehouse) -> Iterator[None]:
    """Print how long loading takes."""
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    print(f"{warehouse.kind}: loaded in {took:.0f} s", file=sys.stderr, flush=True)


def date_back(warehouse: Warehouse) -> None:
    """Let the loader have written all rows a day earlier."""
    tables: dict[str, list[str]] = {}
    for row in warehouse.rows(OF_LOADER):
        tables.setdefault(row["name"], [])
        if row["date"] in DATES:
            tables[row["name"]].append(row["date"])
    for name, dates in tables.items():
        changes = ", ".join(STRETCHED.format(date=date) for date in dates)
        warehouse.rows(DATE_BACK.format(name=name, changes=changes))
    if warehouse.kind == "postgres":
        warehouse.rows("ANALYZE")


def build(warehouse: Warehouse, server: Server) -> Build:
    """Run `dbt build`."""
    before, written = cpu(warehouse, server), rows_written(warehouse)
    started = time.monotonic()
    warehouse.dbt("build")
    wall = time.monotonic() - started
    took = cpu(warehouse, server) - before
    if warehouse.kind == "duckdb":
        before = cpu(warehouse, server)
        warehouse.dbt("build", "--select", "no_model")
        took -= cpu(warehouse, server) - before
    after = rows_written(warehouse)
    return Build(took, wall, sum(rows - written.get(table, 0) for table, rows in after.items()))


def cpu(warehouse: Warehouse, server: Server) -> float:
    """Return the processor time so far of the server, or of finished processes of dbt."""
    if warehouse.kind == "postgres":
        return server.cpu()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def rows_written(warehouse: Warehouse) -> Mapping[int, int]:
    """Return how many rows each table of the models has been written, where that is known.

    Statistics of a table that a build replaces are gone with it, so they are by object id.
    """
    if warehouse.kind != "postgres":
        return {}
    return {row["relid"]: row["rows"] for row in warehouse.rows(WRITTEN)}


def shown(full: Build, incremental: Build) -> str:
    """Return a table of both builds."""
    builds = (("full", full), ("incremental", incremental))
    rows = [
        [name, count(each.written) if each.written else "-", seconds(each.cpu), seconds(each.wall)]
        for name, each in builds
    ]
    return table(["build", "rows written", "processor time", "wall"], rows)


if __name__ == "__main__":
    sys.exit(main())
