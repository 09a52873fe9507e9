"""Load every stream of records and of flat files twice into each of three loaders; count the rows.

    make loaders                       # writes docs/loaders.md, in about ten minutes
    python -m tests.loaders > page.md

The records are those of a simulated seller. Each loader has an environment of its own with pinned
versions (`requirements/loaders/`); PostgreSQL comes from the wheel that the demonstration uses. The
second load has to replace the rows of the first. The exit code is 1 if a stream does not load,
except for what the page says of target-duckdb.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql

from benchmarks.tables import table
from demo.postgres import PostgresAddress, embedded_postgres
from tap_amazon_sp.amazon.report_types import REPORT_TYPES, report_type
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.settings.reports import read_report
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.streams.from_settings.reports import report_stream_classes
from tests.report_entries import ReportEntries
from tests.small_world import known_ids, small_world
from tests.tap_runs import catalog_of, tap_arguments

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements" / "loaders"
START = dt.timedelta(days=100)
MARKETPLACES = ["US", "BR"]
SCHEMA = "amazon_sp"
LOAD_SECONDS = 600
REPORTS = "reports"
"""The name of the run that reads reports; the others have versions of the Orders API."""

COUNT_IN_DUCKDB = """
import duckdb, json, sys
path, schema, *tables = sys.argv[1:]
with duckdb.connect(path, read_only=True) as warehouse:
    def count(name):
        return warehouse.execute(f'select count(*) from "{schema}"."{name}"').fetchone()[0]
    names = warehouse.execute("select table_name from information_schema.tables").fetchall()
    print(json.dumps({name: count(name) for (name,) in names if name in tables}))
"""
FIRST_ROW_FIX = "int('1')"
"""A stream map that adds a column of integers: target-duckdb then keeps the first record."""


class Loader(Protocol):
    """A loader with an empty database of its own."""

    @property
    def title(self) -> str:
        """The loader and its version."""

    def load(self, lines: Sequence[str]) -> str:
        """Load messages; return why it failed, or an empty text."""

    def rows(self, streams: Sequence[str]) -> Mapping[str, int]:
        """Return the number of rows of the streams that have a table."""


@dataclass
class Environment:
    """The virtual environment of a loader, made on first use."""

    name: str
    folder: Path
    from_wheels: bool = True

    @property
    def bin(self) -> Path:
        """The folder of its commands."""
        return self.folder / self.name / "bin"

    def make(self) -> None:
        """Install the pinned versions."""
        uv = str(Path(sys.executable).with_name("uv"))
        target = self.folder / self.name
        subprocess.run([uv, "venv", "--quiet", "--allow-existing", target], check=True)
        requirements = REQUIREMENTS / f"{self.name}.txt"
        command = [uv, "pip", "sync", "--quiet", "--require-hashes"]
        if self.from_wheels:
            command += ["--only-binary", ":all:"]
        environment = os.environ | {"VIRTUAL_ENV": str(target)}
        subprocess.run([*command, requirements], check=True, env=environment)

    def version(self) -> str:
        """Return the pinned version of the loader."""
        requirements = (REQUIREMENTS / f"{self.name}.in").read_text(encoding="utf-8")
        return requirements.partition("==")[2].split()[0]

    def run(self, command: str, config: Mapping[str, Any], lines: Sequence[str]) -> str:
        """Run the loader with messages; return the last line of its log if it fails."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(config, file)
            file.flush()
            finished = subprocess.run(
                [self.bin / command, "--config", file.name],
                check=False,
                input="".join(lines),
                capture_output=True,
                text=True,
                timeout=LOAD_SECONDS,
            )
        if not finished.returncode:
            return ""
        return (finished.stderr.strip() or "no log").splitlines()[-1][:200]


@dataclass
class PostgresLoader:
    """A loader into PostgreSQL."""

    environment: Environment
    address: PostgresAddress
    config: Mapping[str, Any]
    schema: str

    @property
    def title(self) -> str:
        """The loader and its version."""
        return f"{self.environment.name} {self.environment.version()}"

    def load(self, lines: Sequence[str]) -> str:
        """Load messages; return why it failed, or an empty text."""
        config = {
            "host": "127.0.0.1",
            "port": self.address.port,
            "user": "postgres",
            "password": self.address.password,
            "default_target_schema": self.schema,
            **self.config,
        }
        return self.environment.run("target-postgres", config, lines)

    def rows(self, streams: Sequence[str]) -> Mapping[str, int]:
        """Return the number of rows of the streams that have a table."""
        known = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
        with closing(psycopg.connect(self.address.dsn)) as connection:
            tables = {name for (name,) in connection.execute(known, [self.schema])}
            found = {}
            for name in tables.intersection(streams):
                query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(self.schema, name))
                (found[name],) = connection.execute(query).fetchone() or (0,)
        return found


@dataclass
class DuckdbLoader:
    """target-duckdb with a file of its own."""

    environment: Environment
    path: Path

    @property
    def title(self) -> str:
        """The loader and its version."""
        return f"{self.environment.name} {self.environment.version()}"

    def load(self, lines: Sequence[str]) -> str:
        """Load messages; return why it failed, or an empty text."""
        config = {"path": str(self.path), "default_target_schema": SCHEMA}
        return self.environment.run("target-duckdb", config, lines)

    def rows(self, streams: Sequence[str]) -> Mapping[str, int]:
        """Return the number of rows of the streams that have a table."""
        if not self.path.exists():
            return {}
        python = str(self.environment.bin / "python")
        command = [python, "-c", COUNT_IN_DUCKDB, str(self.path), SCHEMA, *streams]
        finished = subprocess.run(command, check=True, capture_output=True, text=True)
        found: dict[str, int] = json.loads(finished.stdout)
        return found


@dataclass
class Messages:
    """What a run of the tap wrote."""

    records: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)
    all_text: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, output: str) -> Messages:
        """Read the output of the tap."""
        found = cls()
        key_names: dict[str, list[str]] = {}
        for line in output.splitlines(keepends=True):
            message = json.loads(line)
            if message["type"] == "SCHEMA":
                name = message["stream"]
                key_names[name] = message["key_properties"]
                found.records.setdefault(name, []).append(line)
                found.keys.setdefault(name, set())
                if _is_all_text(message["schema"]["properties"]):
                    found.all_text.add(name)
            elif message["type"] == "RECORD":
                name = message["stream"]
                found.records[name].append(line)
                key = tuple(str(message["record"][part]) for part in key_names[name])
                found.keys[name].add(key)
        return found


def _is_all_text(properties: Mapping[str, Any]) -> bool:
    """Return whether DuckDB reads all columns as text."""
    texts = ("string",)
    return all(
        set(found.get("type", ())) <= {*texts, "null"} and "format" not in found
        for found in properties.values()
    )


@dataclass(frozen=True)
class Result:
    """What became of a stream in a loader.

    Attributes:
        stream: The name, with the version of the Orders API if it is not the default.
        keys: How many different keys the records have.
        first: Rows after the first load.
        second: Rows after the second load.
        failure: The last line of the log of the loader, if it failed.
    """

    stream: str
    keys: int
    first: int | None
    second: int | None
    failure: str = ""

    @property
    def is_right(self) -> bool:
        """Whether there is a row for each key, after both loads."""
        return not self.failure and self.first == self.second == self.keys

    @property
    def verdict(self) -> str:
        """The result in a word or two."""
        if self.failure:
            return f"fails: {self.failure}"
        if self.is_right:
            return "loads"
        if self.second is not None and self.second > self.keys:
            return f"{self.second - self.keys} duplicates"
        return f"{self.keys - (self.second or 0)} missing"


def main() -> int:
    """Load all streams and print the page; return the exit code."""
    argparse.ArgumentParser(prog="python -m tests.loaders", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="loaders-") as name, embedded_postgres() as address:
        folder = Path(name)
        environments = Path(os.environ.get("LOADERS_FOLDER", folder / "environments"))
        places = Places(environments, address, folder)
        runs: dict[str, Messages] = {}
        for version in ORDERS_APIS:
            runs[version] = run_of(version, folder)
        runs[REPORTS] = run_of_reports(folder)
        results: dict[str, list[Result]] = {}
        for make in LOADERS:
            for name_of_run, messages in runs.items():
                loader = make(places, name_of_run)
                suffix = f" ({name_of_run})" if name_of_run in ORDERS_APIS[1:] else ""
                found = results_of(loader, messages, suffix)
                results.setdefault(loader.title, []).extend(found)
        fixed = fixed_in_duckdb(places, runs[ORDERS_APIS[0]])
    sys.stdout.write(page(results, fixed))
    wrong = [
        one
        for title, found in results.items()
        for one in found
        if not one.is_right and not title.startswith("target-duckdb")
    ]
    return bool(wrong or any(not one.is_right for one in fixed))


@dataclass(frozen=True)
class Places:
    """Where loaders are installed, and where they load to."""

    environments: Path
    address: PostgresAddress
    folder: Path


def _target_postgres(places: Places, version: str) -> Loader:
    environment = Environment("target-postgres", places.environments)
    environment.make()
    # As it comes: it checks each record against its schema.
    config = {"database": "postgres"}
    return PostgresLoader(environment, places.address, config, f"sdk_{version[:4]}")


def _pipelinewise(places: Places, version: str) -> Loader:
    # It wants old versions of simplejson and inflection, which have no wheels for today's Python.
    name = "pipelinewise-target-postgres"
    environment = Environment(name, places.environments, from_wheels=False)
    environment.make()
    config = {"dbname": "postgres"}
    return PostgresLoader(environment, places.address, config, f"pipe_{version[:4]}")


def _duckdb(places: Places, version: str) -> Loader:
    environment = Environment("target-duckdb", places.environments)
    environment.make()
    return DuckdbLoader(environment, places.folder / f"{version}.db")


LOADERS: tuple[Callable[[Places, str], Loader], ...] = (_target_postgres, _pipelinewise, _duckdb)


def run_of(version: str, folder: Path) -> Messages:
    """Read all streams of a version of the Orders API.

    Raises:
        SystemExit: The tap failed.
    """
    with world_of(version) as (settings, names):
        return read_streams(folder, settings, names)


def run_of_reports(folder: Path) -> Messages:
    """Read a report of each type of flat files that a seller can request or list.

    Raises:
        SystemExit: The tap failed, or wrote more than one SCHEMA of a stream.
    """
    entries = flat_files(folder)
    with small_world() as world:
        settings = settings_for(world, ORDERS_APIS[0]) | {
            "reports": entries,
            "marketplace_ids": MARKETPLACES[:1],
            "start_date": (dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)).isoformat(),
            "report_poll_interval": 0.05,
        }
        messages = read_streams(folder, settings, stream_names(entries))
    for name, lines in messages.records.items():
        if sum(line.startswith('{"type":"SCHEMA"') for line in lines) > 1:
            sys.exit(f"{name} has several SCHEMAs: loaders may lose rows after the second")
    return messages


def flat_files(folder: Path) -> list[dict[str, Any]]:
    """Return an entry of `reports` for each type of flat files."""
    entries = ReportEntries(dt.datetime.now(dt.timezone.utc).replace(microsecond=0), folder)
    return [
        entries.entry(kind, "seller")
        for kind in map(report_type, REPORT_TYPES)
        if kind.is_flat and "seller" in kind.parties and kind.mode != "scheduled"
    ]


def stream_names(entries: Sequence[dict[str, Any]]) -> list[str]:
    """Return the names of the streams of entries of `reports`."""
    return [made.name for made in report_stream_classes(map(read_report, entries))]


@contextmanager
def world_of(version: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Run a seller; yield the settings to read it, and the names of the streams that it has."""
    found = set(built_in_streams(version))
    if version != ORDERS_APIS[0]:
        found -= set(built_in_streams())
    with small_world() as world:
        yield settings_for(world, version), sorted(stream.name for stream in found)


def settings_for(world: Simulator, version: str) -> dict[str, Any]:
    """Return the settings that read everything of a simulated seller."""
    return world.settings_for_tap() | {
        "orders_api": version,
        "marketplace_ids": MARKETPLACES,
        "seller_id": "A1SIMULATEDSELLER",
        "restricted_data": True,
        "start_date": (dt.datetime.now(dt.timezone.utc) - START).isoformat(),
        "stream_ids": known_ids(world, version),
    }


def read_streams(folder: Path, settings: dict[str, Any], names: Sequence[str]) -> Messages:
    """Run the tap.

    Raises:
        SystemExit: It failed.
    """
    catalog = catalog_of(*names, settings=settings)
    command = tap_arguments(folder, settings, catalog=catalog)
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode:
        sys.exit(finished.stderr)
    return Messages.of(finished.stdout)


def results_of(loader: Loader, messages: Messages, suffix: str = "") -> list[Result]:
    """Load all streams twice; one by one if they do not load together."""
    names = sorted(messages.records)
    everything = [line for name in names for line in messages.records[name]]
    failures = dict.fromkeys(names, "")
    counts = []
    for number in (1, 2):
        sys.stderr.write(f"{loader.title}: load {number}\n")
        if loader.load(everything):
            for name in names:
                failures[name] = loader.load(messages.records[name]) or failures[name]
        counts.append(loader.rows(names))
    first, second = counts
    return [
        Result(
            name + suffix,
            len(messages.keys[name]),
            first.get(name, 0),
            second.get(name, 0),
            failures[name],
        )
        for name in names
    ]


def fixed_in_duckdb(places: Places, messages: Messages) -> list[Result]:
    """Load the streams of text alone into DuckDB, with a column of integers added."""
    names = sorted(messages.all_text)
    with world_of(ORDERS_APIS[0]) as (settings, _):
        maps = {name: {"one": FIRST_ROW_FIX} for name in names}
        fixed = read_streams(places.folder, settings | {"stream_maps": maps}, names)
    return results_of(_duckdb(places, "fixed"), fixed)


def page(results: Mapping[str, Sequence[Result]], fixed: Sequence[Result]) -> str:
    """Return the page of the documentation."""
    titles = list(results)
    by_stream: dict[str, list[Result]] = {}
    for found in results.values():
        for one in found:
            by_stream.setdefault(one.stream, []).append(one)
    rows = [
        [f"`{name}`", str(found[0].keys), *(_cell(one) for one in found)]
        for name, found in by_stream.items()
    ]
    loads = [f"{title}: {sum(one.is_right for one in results[title])}" for title in titles]
    names = ", ".join(f"`{one.stream}`" for one in fixed)
    right = sum(one.is_right for one in fixed)
    return PAGE.format(
        number=len(by_stream),
        loads="; ".join(loads),
        names=names,
        first=fixed[0].stream,
        fix=FIRST_ROW_FIX,
        right=right,
        of=len(fixed),
        table=table(["stream", "keys", *titles], rows),
    )


def _cell(result: Result) -> str:
    if result.failure:
        return result.verdict
    return f"{result.first}, {result.second}: {result.verdict}"


PAGE = (ROOT / "tests" / "loaders_page.md").read_text(encoding="utf-8")

if __name__ == "__main__":
    sys.exit(main())
