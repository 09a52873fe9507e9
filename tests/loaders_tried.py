"""Loaders with settings, and how to read back what they loaded."""

from __future__ import annotations

import csv
import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import boto3
import psycopg
from psycopg import sql

from demo.postgres import PostgresAddress
from tests.loader_environments import Environment

Rows = Sequence[Mapping[str, Any]]

KEYS = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated"}
REGION = "us-east-1"
SCHEMA = "loaded"
SNOWFLAKE_SECONDS = 120

IN_DUCKDB = """
import duckdb, json, sys
path, schema, *tables = sys.argv[1:]
with duckdb.connect(path, read_only=True) as warehouse:
    warehouse.execute("SET enable_progress_bar = false")
    def all_of(query):
        found = warehouse.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row)) for row in found.fetchall()]
    query = "select table_name from information_schema.tables"
    known = {row["table_name"] for row in all_of(query)}
    def what(name):
        return all_of(f'select {WHAT} from "{schema}"."{name}"')
    print(json.dumps({name: what(name) for name in tables if name in known}, default=str))
"""
IN_PARQUET = """
import io, json, sys, boto3, pyarrow.parquet
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1",
                  aws_access_key_id="simulated", aws_secret_access_key="simulated")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=sys.argv[2])
found = {}
for item in (item for page in pages for item in page.get("Contents", ())):
    body = s3.get_object(Bucket=sys.argv[2], Key=item["Key"])["Body"].read()
    rows = found.setdefault(item["Key"].split("/")[1], [])
    try:
        rows.extend(pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist())
    except pyarrow.ArrowInvalid:
        # The loader ended while it wrote the file.
        pass
print(json.dumps(found, default=str))
"""
FAKE_SNOWFLAKE = """
import sys, fakesnow
with fakesnow.patch(nop_regexes=[r"(?i)^\\s*remove "]):
    from target_snowflake.target import TargetSnowflake
    TargetSnowflake.cli(["--config", sys.argv[1], "--input", sys.argv[2]])
"""


class SecondLoad(Enum):
    """What a loader does to the rows of the load before."""

    MERGES = "merges by key"
    APPENDS = "appends"
    REPLACES = "replaces the file"


@dataclass(frozen=True)
class Tried:
    """A loader with its settings.

    Attributes:
        name: Loader and version.
        settings: The settings beyond the place and the password, as text.
        load: Loads messages; returns why it failed, or an empty text.
        rows: Returns the rows of a stream.
        counts: Returns the number of rows of those of the streams that were loaded.
        second: What a second load does.
    """

    name: str
    settings: str
    load: Callable[[Sequence[str]], str]
    rows: Callable[[str], Rows]
    counts: Callable[[Sequence[str]], Mapping[str, int]]
    second: SecondLoad = SecondLoad.MERGES

    @property
    def title(self) -> str:
        """Loader, version and settings."""
        return f"{self.name} {self.settings}".strip()


@dataclass(frozen=True)
class Places:
    """Where loaders are installed, and where they load to.

    Attributes:
        folder: For files.
        environments: For the environments of loaders.
        address: Of the PostgreSQL server.
        s3: The address of a server with the API of S3.
        run: Keeps what is loaded in one run from that of others.
    """

    folder: Path
    environments: Path
    address: PostgresAddress
    s3: str = ""
    run: str = ""

    def environment(self, name: str, *, wheels: bool = True) -> Environment:
        """Install a loader."""
        found = Environment(name, self.environments, from_wheels=wheels)
        found.make()
        return found

    def new_folder(self, name: str) -> Path:
        """Return a new folder for files."""
        found = self.folder / f"{name}-{self.run}"
        found.mkdir()
        return found


def postgres(places: Places, loader: str, **settings: Any) -> Tried:
    """Return a loader into PostgreSQL."""
    is_old = loader.startswith("pipelinewise")
    # It wants old versions of simplejson and inflection, which have no wheels for today's Python.
    environment = places.environment(loader, wheels=not is_old)
    schema = "_".join([loader, *settings, places.run]).replace("-", "_")[:60]
    config = {
        "host": "127.0.0.1",
        "port": places.address.port,
        "user": "postgres",
        "password": places.address.password,
        "dbname" if is_old else "database": "postgres",
        "default_target_schema": schema,
        **settings,
    }

    def rows(stream: str) -> Rows:
        query = sql.SQL("SELECT to_jsonb(found)::text FROM {} AS found")
        with closing(psycopg.connect(places.address.dsn)) as connection:
            found = connection.execute(query.format(sql.Identifier(schema, stream)))
            # Numbers stay as PostgreSQL writes them.
            return [json.loads(text, parse_float=str) for (text,) in found]

    def counts(streams: Sequence[str]) -> Mapping[str, int]:
        known = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
        with closing(psycopg.connect(places.address.dsn)) as connection:
            tables = {name for (name,) in connection.execute(known, [schema])}
            found = {}
            for name in tables.intersection(streams):
                query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
                (found[name],) = connection.execute(query).fetchone() or (0,)
        return found

    return Tried(
        f"{loader} {environment.version()}",
        said(settings),
        lambda lines: environment.run("target-postgres", config, lines),
        rows,
        counts,
    )


def duckdb(places: Places) -> Tried:
    """Return target-duckdb."""
    environment = places.environment("target-duckdb")
    path = places.folder / f"warehouse-{places.run}.duckdb"
    config = {"path": str(path), "default_target_schema": SCHEMA}

    def read(what: str, *streams: str) -> Any:
        if not path.exists():
            return {}
        return read_in(environment, IN_DUCKDB.replace("{WHAT}", what), path, SCHEMA, *streams)

    def counts(streams: Sequence[str]) -> Mapping[str, int]:
        found = read("count(*) as rows", *streams)
        return {name: row["rows"] for name, (row,) in found.items()}

    return Tried(
        f"target-duckdb {environment.version()}",
        "",
        lambda lines: environment.run("target-duckdb", config, lines),
        lambda stream: read("*", stream)[stream],
        counts,
    )


def jsonl(places: Places) -> Tried:
    """Return target-jsonl."""
    environment = places.environment("target-jsonl", wheels=False)
    folder = places.new_folder("jsonl")
    settings = {"do_timestamp_file": False}
    config = {"destination_path": str(folder), **settings}

    def lines_of(stream: str) -> list[str]:
        file = folder / f"{stream}.jsonl"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    return Tried(
        f"target-jsonl {environment.version()}",
        said(settings),
        lambda lines: environment.run("target-jsonl", config, lines),
        lambda stream: [json.loads(line, parse_float=str) for line in lines_of(stream)],
        lambda streams: {name: len(lines_of(name)) for name in streams},
        SecondLoad.APPENDS,
    )


def csv_files(places: Places, second: SecondLoad, **settings: Any) -> Tried:
    """Return target-csv."""
    environment = places.environment("target-csv")
    folder = places.new_folder(f"csv{'_'.join(settings)}")
    config = {"output_path": str(folder), **settings}

    def rows(stream: str) -> Rows:
        found: list[dict[str, Any]] = []
        for path in folder.glob(f"{stream}*.csv"):
            if path.stem.removeprefix(stream)[:1] not in {"", "-"}:
                continue
            with path.open(encoding="utf-8", newline="") as file:
                found += csv.DictReader(file)
        return found

    return Tried(
        f"target-csv {environment.version()}",
        said(settings),
        lambda lines: environment.run("target-csv", config, lines),
        rows,
        lambda streams: {name: len(rows(name)) for name in streams},
        second,
    )


def parquet(places: Places, *, from_tap: bool) -> Tried:
    """Return target-s3 with Parquet."""
    environment = places.environment("target-s3", wheels=False)
    bucket = f"lake-{from_tap}-{places.run}".lower()
    client = boto3.client(
        "s3",
        endpoint_url=places.s3,
        region_name=REGION,
        aws_access_key_id=KEYS["aws_access_key_id"],
        aws_secret_access_key=KEYS["aws_secret_access_key"],
    )
    client.create_bucket(Bucket=bucket)
    aws = {
        **KEYS,
        "aws_region": REGION,
        "aws_bucket": bucket,
        "aws_endpoint_override": places.s3,
    }
    own = {"get_schema_from_tap": from_tap}
    config = {
        "format": {"format_type": "parquet", "format_parquet": own},
        "cloud_provider": {"cloud_provider_type": "aws", "aws": aws},
        "prefix": "loaded",
    }

    def read() -> Mapping[str, Rows]:
        found: Mapping[str, Rows] = read_in(environment, IN_PARQUET, places.s3, bucket)
        return found

    return Tried(
        f"plinxore-target-s3 {environment.version()}",
        said({"format_type": "parquet"} | own),
        lambda lines: environment.run("target-s3", config, lines),
        lambda stream: read().get(stream, ()),
        lambda streams: {name: len(rows) for name, rows in read().items() if name in streams},
        SecondLoad.APPENDS,
    )


def snowflake(places: Places) -> Tried:
    """Return target-snowflake, with fakesnow in the place of Snowflake."""
    environment = places.environment("target-snowflake", wheels=False)
    config = dict.fromkeys(("user", "password", "account", "warehouse"), "simulated")
    config |= {"database": "LOADED", "schema": "PUBLIC"}

    def load(lines: Sequence[str]) -> str:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
            (folder / "messages").write_text("".join(lines), encoding="utf-8")
            command: list[str | Path] = [environment.bin / "python", "-c", FAKE_SNOWFLAKE]
            finished = subprocess.run(
                [*command, folder / "config.json", folder / "messages"],
                check=False,
                capture_output=True,
                text=True,
                timeout=SNOWFLAKE_SECONDS,
            )
        if not finished.returncode:
            return ""
        # The line that names the cause stands above what SQLAlchemy adds.
        lines_of_log = finished.stderr.strip().splitlines() or ["no log"]
        causes = [line for line in lines_of_log if " does not start with " in line]
        return "PUT of a file: '@~/… does not start with @" if causes else lines_of_log[-1]

    name = f"target-snowflake {environment.version()}, fakesnow"
    # It forgets everything when the loader ends.
    return Tried(name, "", load, lambda _: [], lambda _: Counter())


def said(settings: Mapping[str, Any]) -> str:
    """Return settings as text for the page."""
    return ", ".join(f"`{name}: {json.dumps(value)}`" for name, value in settings.items())


def read_in(environment: Environment, program: str, *arguments: str | Path) -> Any:
    """Run a program that prints JSON in the environment of a loader."""
    command = [environment.bin / "python", "-c", program, *arguments]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(finished.stdout, parse_float=str)
