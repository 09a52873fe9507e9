"""`make demo`: the simulator -> `meltano run tap-amazon-sp target-postgres` -> PostgreSQL, twice.

Everything runs on this machine, without an Amazon account or a database of your own. The second run
reads only what changed since the first, and dbt builds the models; a page shows what they say.
Nothing is left running afterwards; with `--keep` (`make demo KEEP=1`), PostgreSQL is, until
`--stop` (`make demo-stop`).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import psycopg
from psycopg import sql

from demo.environment import DBT_LOCK, ROOT, TABLES, demo_environment, meltano_environment
from demo.models import SCHEMA as MODELS
from demo.models import count_rows, read_build
from demo.postgres import (
    PostgresAddress,
    PostgresError,
    embedded_postgres,
    psql,
    stop_kept_postgres,
)
from demo.queries import FILE, print_query, print_rows, queries
from demo.report import write_report
from demo.seller import seller

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# The logs are kept; state and database are removed when the demo ends.
LOGS = ROOT / ".meltano" / "demo"
# The schema that target-postgres loads into, as meltano.yml sets it.
SCHEMA = "amazon_sp"
# Says how to stop the PostgreSQL server that `--keep` left running.
KEPT = LOGS / "kept.json"

# What dbt writes about a build.
DBT_FOLDER = LOGS / "dbt"
REPORT = ROOT / "demo" / "report.html"

# meltano.yml has more loaders.
_PLUGINS = ("tap-amazon-sp", "target-postgres")
_BIN = Path(sys.executable).parent
_STOP_TIMEOUT = 10.0
_LOG_TAIL = 25


class DemoError(Exception):
    """A step failed; the message names it and shows the end of its log."""


@dataclass(frozen=True)
class Table:
    """A loaded table.

    Attributes:
        name: Name of the table.
        rows: Number of all rows.
        taken: Number of rows that the latest run wrote.
        newest: Newest value of the replication key, if there is one.
    """

    name: str
    rows: int
    taken: int
    newest: dt.datetime | str | None


def main() -> int:
    """Run the demonstration, or stop what an earlier one kept; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--keep", action="store_true", help="leave PostgreSQL running")
    group.add_argument("--stop", action="store_true", help="stop the PostgreSQL left running")
    options = parser.parse_args()
    if options.stop:
        return stop()
    # SIGHUP comes when the terminal is closed.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    LOGS.mkdir(parents=True, exist_ok=True)
    try:
        demonstrate(keep=options.keep)
    except KeyboardInterrupt:
        print("\n\nStopped. Simulator and PostgreSQL are shut down.")
        return 128 + signal.SIGINT
    except (DemoError, PostgresError) as error:
        print(f"\n\nThe demo failed: {error}", file=sys.stderr)
        return 1
    return 0


def stop() -> int:
    """Stop the PostgreSQL server that an earlier demonstration left running."""
    try:
        found = stop_kept_postgres(KEPT)
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 1
    print("PostgreSQL is stopped, and its data removed." if found else "Nothing is running.")
    return 0


def demonstrate(*, keep: bool) -> None:
    """Set up, run Meltano twice, show the tables after each run, query them, and shut down.

    Args:
        keep: Whether PostgreSQL is left running; it replaces the one that an earlier run kept.
    """
    if keep:
        stop_kept_postgres(KEPT)
    print("\nSimulated Selling Partner API -> tap-amazon-sp -> target-postgres -> PostgreSQL\n")
    with ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory(prefix="tap-amazon-sp-demo-"))
        environment = meltano_environment(Path(folder))
        with _step("Install the Meltano plugins tap-amazon-sp, target-postgres and dbt"):
            install_plugins(environment)
        with _step("Start PostgreSQL"):
            database = running.enter_context(embedded_postgres(KEPT if keep else None))
        with _step("Start the simulator: a made-up seller whose orders keep changing"):
            simulator = running.enter_context(seller())
        environment |= database.target_environment() | demo_environment(simulator.url)
        environment |= {"DBT_TARGET_PATH": str(DBT_FOLDER), "DBT_LOG_PATH": str(LOGS)}
        replication_keys = read_replication_keys(environment)

        print("\nFirst run: everything")
        first = run_meltano(1, environment, database, replication_keys)
        print_tables(first)

        print("\nSecond run: changes since the first, lists that Amazon only returns as a whole,")
        print("and days of reports whose numbers may still change; then dbt builds the models")
        second = run_meltano(2, environment, database, replication_keys, "dbt:build")
        print_changes(first, second)

        with psycopg.connect(database.dsn) as connection:
            print_models(connection)
            print(f"\nWhat the models say ({FILE.relative_to(ROOT)})")
            for query in queries():
                print_query(connection, query)
            print()
            with _step("Draw the page"):
                runs = [("First run", _timeline(1)), ("Second run", _timeline(2))]
                write_report(connection, REPORT, schema=MODELS, runs=runs)
            # A later connection finds the tables without the name of their schema.
            name = sql.Identifier(connection.info.dbname)
            schemas = sql.SQL(", ").join(map(sql.Identifier, (MODELS, SCHEMA)))
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET search_path TO {}").format(name, schemas)
            )
        print(f"\nThe page with charts: {REPORT}")
        print(f"Logs: {LOGS.relative_to(ROOT)}/")
    if keep:
        print(f"\nPostgreSQL is still running. Connect to it:\n\n    {psql()} {database.url}\n")
        print(f"There, \\dt lists the models, and \\dt {SCHEMA}.* the tables of the tap.")
        print("To stop it and remove its data:\n\n    make demo-stop\n")
    else:
        print("PostgreSQL is shut down. To look into it afterwards: make demo KEEP=1\n")


def install_plugins(environment: dict[str, str]) -> None:
    """Run `meltano install`; change the environment to pip if uv cannot reach a package index."""
    try:
        _meltano(["install", *_PLUGINS], environment, "install")
    except DemoError:
        environment["MELTANO_VENV_BACKEND"] = "virtualenv"
        _meltano(["install", *_PLUGINS], environment, "install")
    _meltano(["install", "dbt"], environment | DBT_LOCK, "install-dbt")


def read_replication_keys(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Return the streams to load with their replication keys, as the tap's catalog has them."""
    discovery = subprocess.run(
        [_BIN / "tap-amazon-sp", "--config=ENV", "--discover"],
        env=dict(environment),
        check=False,
        capture_output=True,
        text=True,
    )
    if discovery.returncode != 0:
        message = f"tap-amazon-sp --discover failed:\n{discovery.stderr}"
        raise DemoError(message)
    catalog = json.loads(discovery.stdout)
    keys = {stream["tap_stream_id"]: stream.get("replication_key") for stream in catalog["streams"]}
    return {name: keys[name] for name in TABLES}


def run_meltano(
    number: int,
    environment: dict[str, str],
    database: PostgresAddress,
    replication_keys: Mapping[str, str | None],
    *more: str,
) -> list[Table]:
    """Run the pipeline once, and more blocks after it; return the tables that it loaded."""
    started = dt.datetime.now(dt.timezone.utc)
    blocks = ["run", *_PLUGINS, *more]
    with _step(f"meltano {' '.join(blocks)}"):
        timeline = {"TAP_AMAZON_SP_TIMELINE_FILE": str(_timeline(number))}
        _meltano(blocks, environment | timeline, f"run-{number}")
    with psycopg.connect(database.dsn) as connection:
        return [
            read_table(connection, name, key, started) for name, key in replication_keys.items()
        ]


def read_table(
    connection: psycopg.Connection[tuple[int, int, dt.datetime | str | None]],
    name: str,
    replication_key: str | None,
    started: dt.datetime,
) -> Table:
    """Count all rows and those read since `started`; find the newest replication value."""
    newest = sql.SQL("max({})").format(sql.Identifier(replication_key)) if replication_key else None
    query = sql.SQL(
        "SELECT count(*), count(*) FILTER (WHERE _sdc_extracted_at >= %s), {} FROM {}"
    ).format(newest or sql.NULL, sql.Identifier(SCHEMA, name))
    # target-postgres stores times in UTC, without a zone.
    row = connection.execute(query, [started.replace(tzinfo=None)]).fetchone()
    if row is None:
        message = f"PostgreSQL returned nothing about {SCHEMA}.{name}"
        raise DemoError(message)
    return Table(name, *row)


def print_tables(tables: Sequence[Table]) -> None:
    """Print the number of rows and the newest replication value of each table."""
    rows = [("table", "rows", "newest value of the replication key")]
    rows += [(table.name, f"{table.rows:,}", _newest(table)) for table in tables]
    _print_rows(rows)


def print_changes(before: Sequence[Table], after: Sequence[Table]) -> None:
    """Print what the second run changed in each table."""
    rows = [("table", "rows before", "rows now", "records read", "newest value")]
    rows += [
        (new.name, f"{old.rows:,}", f"{new.rows:,}", f"{new.taken:,}", _newest(new))
        for old, new in zip(before, after, strict=True)
    ]
    _print_rows(rows)


def print_models(connection: psycopg.Connection[Any]) -> None:
    """Print what dbt built, and how many rows each mart has."""
    build = read_build(DBT_FOLDER)
    print(f"\nThe models: {build.models} built, {build.tests} tests passed")
    rows = [(name, f"{count:,}") for name, count in count_rows(connection, build)]
    _print_rows([("mart", "rows", ""), *((*row, "") for row in rows)])


def _timeline(number: int) -> Path:
    return LOGS / f"run-{number}.jsonl"


def _newest(table: Table) -> str:
    newest = table.newest
    if isinstance(newest, dt.datetime):
        newest = f"{newest:%Y-%m-%d %H:%M:%S}Z"
    return newest or "-"


def _print_rows(rows: Sequence[Sequence[str]]) -> None:
    """Print columns: the first and the last, which are text, to the left, numbers to the right."""
    print()
    print_rows(rows, [False, *[True] * (len(rows[0]) - 2), False])


@contextmanager
def _step(name: str) -> Iterator[None]:
    """Print a step, then how long it took."""
    print(f"  {name} ...", end=" ", flush=True)
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:.1f} s")


def _meltano(arguments: Sequence[str], environment: dict[str, str], log_name: str) -> None:
    """Run Meltano without the project's `.env`, and wait for it.

    Raises:
        DemoError: The exit code is not 0.
    """
    command = [str(_BIN / "meltano"), "--env-file", os.devnull, *arguments]
    log = LOGS / f"{log_name}.log"
    with _background(command, environment, log) as process:
        if process.wait() != 0:
            _fail(f"`meltano {' '.join(arguments)}` ended with exit code {process.returncode}", log)


@contextmanager
def _background(
    command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command that writes to a log file; stop it and its children after the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C goes to the demo, which then stops its processes.
            start_new_session=True,
        )
    try:
        yield process
    finally:
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is not None:
                break
            os.killpg(process.pid, signal_number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_TIMEOUT)


def _fail(what: str, log: Path) -> NoReturn:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    tail = "\n".join(lines[-_LOG_TAIL:])
    message = f"{what}. The end of {log.relative_to(ROOT)}:\n\n{tail}"
    raise DemoError(message)


def _stop(signal_number: int, _frame: object) -> NoReturn:
    sys.exit(128 + signal_number)


if __name__ == "__main__":
    sys.exit(main())
