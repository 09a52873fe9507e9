"""What loaders do to values: each gets the same two records, and all built-in streams twice.

    make loader-values                       # writes docs/loader_values.md, in a few minutes
    python -m tests.loader_values > page.md

It says what a loader does to long decimals, times, nested values, names and empty text.
`tests/loaders.py` counts the rows of all streams in databases. Versions are pinned in
`requirements/loaders/`. The exit code is 1 if a loader other than target-snowflake fails.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psycopg
from moto.server import ThreadedMotoServer
from psycopg import sql

from benchmarks.tables import table
from demo.postgres import PostgresAddress, embedded_postgres
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tests.loaders import ROOT, Environment, Messages, run_of

AMOUNT = "1234567890123456.78"
"""More digits than a float holds."""
INSTANT = "2026-01-05T10:20:30.123Z"
COLUMNS = ("amount", "price", "lastUpdatedTime", "tags", "emptyText", "noText")
STREAM = "values"
SECOND = "second_schema"
"""A stream with a second SCHEMA between its records."""
KEYS = {"AWS_ACCESS_KEY_ID": "simulated", "AWS_SECRET_ACCESS_KEY": "simulated"}
BUCKET = "lake"
REGION = "us-east-1"

READ_DUCKDB = """
import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as warehouse:
    found = warehouse.execute(f'select * from "{sys.argv[2]}"."{sys.argv[3]}"')
    names = [column[0] for column in found.description]
    print(json.dumps([dict(zip(names, row)) for row in found.fetchall()], default=str))
"""
READ_PARQUET = """
import io, json, sys, boto3, pyarrow.parquet
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1",
                  aws_access_key_id="simulated", aws_secret_access_key="simulated")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=sys.argv[2])
found = {}
for item in (item for page in pages for item in page.get("Contents", ())):
    body = s3.get_object(Bucket=sys.argv[2], Key=item["Key"])["Body"].read()
    rows = pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()
    found.setdefault(item["Key"].split("/")[1], []).extend(rows)
wanted = sys.argv[3]
print(json.dumps(found.get(wanted, []) if wanted else {name: len(rows) for name, rows
                 in found.items()}, default=str))
"""
FAKE_SNOWFLAKE = """
import sys, fakesnow
with fakesnow.patch(nop_regexes=[r"(?i)^\\s*remove "]):
    from target_snowflake.target import TargetSnowflake
    TargetSnowflake.cli(["--config", sys.argv[1], "--input", sys.argv[2]])
"""

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Tried:
    """A loader with its settings, and how to read what it wrote.

    Attributes:
        title: Loader and version.
        settings: The settings beyond the place and the password, as text.
        load: Loads messages; returns why it failed, or an empty text.
        rows: Returns the rows of a stream.
        counts: Returns the number of rows of streams; None if `tests/loaders.py` counts them.
    """

    title: str
    settings: str
    load: Callable[[Sequence[str]], str]
    rows: Callable[[str], Rows]
    counts: Callable[[Sequence[str]], Mapping[str, int]] | None = None


@dataclass(frozen=True)
class Places:
    """Where loaders are installed, and where they load to."""

    folder: Path
    address: PostgresAddress
    s3: str

    def environment(self, name: str, *, wheels: bool = True) -> Environment:
        """Install a loader."""
        found = Environment(name, self.folder / "environments", from_wheels=wheels)
        found.make()
        return found


def messages() -> list[str]:
    """Return the messages of two streams."""
    number = {"type": ["number", "null"]}
    text = {"type": ["string", "null"]}
    properties = {
        "id": {"type": "string"},
        "amount": number,
        "price": {"type": ["object", "null"], "properties": {"Amount": number}},
        "lastUpdatedTime": text | {"format": "date-time"},
        "tags": {"type": ["array", "null"], "items": text},
        "emptyText": text,
        "noText": text,
        "quantity": {"type": ["integer", "null"]},
    }
    record = (
        f'{{"id": "1", "amount": {AMOUNT}, "price": {{"Amount": {AMOUNT}}}, '
        f'"lastUpdatedTime": "{INSTANT}", "tags": ["a", "b"], "emptyText": "", "noText": null, '
        '"quantity": 1}'
    )
    lines = [schema(STREAM, properties), f'{{"type": "RECORD", "stream": "{STREAM}", "record": ']
    lines[1] += f"{record}}}\n"
    for number_of in ("1", "2"):
        some = {"id": {"type": "string"}, "quantity": {"type": ["integer", "null"]}}
        lines.append(schema(SECOND, some | ({"more": text} if number_of == "2" else {})))
        lines.append(
            json.dumps({"type": "RECORD", "stream": SECOND, "record": {"id": number_of}}) + "\n"
        )
    return lines


def schema(stream: str, properties: Mapping[str, Any]) -> str:
    """Return a SCHEMA message."""
    content = {"type": "object", "properties": properties}
    message = {"type": "SCHEMA", "stream": stream, "schema": content, "key_properties": ["id"]}
    return json.dumps(message) + "\n"


def postgres(places: Places, name: str, database: str, **more: Any) -> Tried:
    """Return a loader into PostgreSQL."""
    environment = places.environment(name, wheels=not name.startswith("pipelinewise"))
    target = f"{name}_{'_'.join(more)}".replace("-", "_")
    config = {
        "host": "127.0.0.1",
        "port": places.address.port,
        "user": "postgres",
        "password": places.address.password,
        database: "postgres",
        "default_target_schema": target,
        **more,
    }

    def rows(stream: str) -> Rows:
        query = sql.SQL("SELECT to_jsonb(found)::text FROM {} AS found")
        with closing(psycopg.connect(places.address.dsn)) as connection:
            found = connection.execute(query.format(sql.Identifier(target, stream)))
            # Numbers stay as PostgreSQL writes them.
            return [json.loads(text, parse_float=str) for (text,) in found]

    return Tried(
        f"{name} {environment.version()}",
        said(more),
        lambda lines: environment.run("target-postgres", config, lines),
        rows,
    )


def duckdb(places: Places) -> Tried:
    """Return target-duckdb."""
    environment = places.environment("target-duckdb")
    path = places.folder / "values.duckdb"
    config = {"path": str(path), "default_target_schema": "loaded"}

    def rows(stream: str) -> Rows:
        found: Rows = read_in(environment, READ_DUCKDB, path, "loaded", stream)
        return found

    return Tried(
        f"target-duckdb {environment.version()}",
        "",
        lambda lines: environment.run("target-duckdb", config, lines),
        rows,
    )


def jsonl(places: Places) -> Tried:
    """Return target-jsonl."""
    environment = places.environment("target-jsonl", wheels=False)
    folder = places.folder / "jsonl"
    folder.mkdir()
    config = {"destination_path": str(folder), "do_timestamp_file": False}

    def lines_of(stream: str) -> list[str]:
        file = folder / f"{stream}.jsonl"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    return Tried(
        f"target-jsonl {environment.version()}",
        said({"do_timestamp_file": False}),
        lambda lines: environment.run("target-jsonl", config, lines),
        lambda stream: [json.loads(line, parse_float=str) for line in lines_of(stream)],
        lambda streams: {name: len(lines_of(name)) for name in streams},
    )


def csv_files(places: Places, **more: Any) -> Tried:
    """Return target-csv."""
    environment = places.environment("target-csv")
    folder = places.folder / f"csv{'_'.join(more)}"
    folder.mkdir()
    config = {"output_path": str(folder), **more}

    def rows(stream: str) -> Rows:
        with (folder / f"{stream}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return Tried(
        f"target-csv {environment.version()}",
        said(more),
        lambda lines: environment.run("target-csv", config, lines),
        rows,
        lambda streams: {name: len(rows(name)) for name in streams},
    )


def parquet(places: Places, *, from_tap: bool) -> Tried:
    """Return target-s3 with Parquet."""
    environment = places.environment("target-s3", wheels=False)
    bucket = f"{BUCKET}-{from_tap}".lower()
    client = boto3.client(
        "s3",
        endpoint_url=places.s3,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket=bucket)
    aws = {
        **{name.lower(): value for name, value in KEYS.items()},
        "aws_region": REGION,
        "aws_bucket": bucket,
        "aws_endpoint_override": places.s3,
    }
    more = {"get_schema_from_tap": from_tap}
    config = {
        "format": {"format_type": "parquet", "format_parquet": more},
        "cloud_provider": {"cloud_provider_type": "aws", "aws": aws},
        "prefix": "loaded",
    }

    def read(stream: str) -> Any:
        return read_in(environment, READ_PARQUET, places.s3, bucket, stream)

    return Tried(
        f"plinxore-target-s3 {environment.version()}",
        said({"format_type": "parquet"} | more),
        lambda lines: environment.run("target-s3", config, lines),
        read,
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
                timeout=120,
            )
        if not finished.returncode:
            return ""
        # The line that names the cause stands above what SQLAlchemy adds.
        lines_of_log = finished.stderr.strip().splitlines() or ["no log"]
        causes = [line for line in lines_of_log if " does not start with " in line]
        return "PUT of a file: '@~/… does not start with @" if causes else lines_of_log[-1]

    return Tried(f"target-snowflake {environment.version()}, fakesnow", "", load, lambda _: [])


def said(settings: Mapping[str, Any]) -> str:
    """Return settings as text for the page."""
    return ", ".join(f"`{name}: {json.dumps(value)}`" for name, value in settings.items())


def read_in(environment: Environment, program: str, *arguments: str | Path) -> Any:
    """Run a program that prints JSON in the environment of a loader."""
    command = [environment.bin / "python", "-c", program, *arguments]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(finished.stdout, parse_float=str)


def values_row(tried: Tried) -> tuple[list[str], bool]:
    """Load the two streams; return a row of the table, and whether the loader works."""
    sys.stderr.write(f"{tried.title} {tried.settings}\n")
    failure = tried.load(messages())
    name = f"{tried.title} {tried.settings}".strip()
    if failure:
        return [name, f"fails: {failure}", *[""] * len(COLUMNS)], False
    (row,) = tried.rows(STREAM)
    lower = {key.lower(): (key, value) for key, value in row.items()}
    cells = []
    for column in COLUMNS:
        if column.lower() not in lower:
            cells.append("left out")
            continue
        key, value = lower[column.lower()]
        shown = "null" if value is None else json.dumps(value) if value != "" else "empty"
        cells.append(f"`{shown}`" + (f" as `{key}`" if key != column else ""))
    return [name, *cells, f"{len(tried.rows(SECOND))} of 2"], True


def streams_row(tried: Tried, read: Messages) -> list[str]:
    """Load all streams twice; return a row of the table."""
    names = sorted(read.records)
    lines = [line for name in names for line in read.records[name]]
    wanted = {
        name: sum(line.startswith('{"type":"RECORD"') for line in read.records[name])
        for name in names
    }
    counted = []
    for _ in (1, 2):
        if failure := tried.load(lines):
            return [f"{tried.title} {tried.settings}", f"fails: {failure}", ""]
        counted.append(tried.counts(names) if tried.counts else {})
    first, second = counted
    whole = sum(first.get(name, 0) == wanted[name] for name in names)
    both = sum(second.get(name, 0) == 2 * wanted[name] for name in names)
    once = sum(second.get(name, 0) == wanted[name] for name in names)
    after = f"{both} have both loads" if both >= once else f"{once} have only the second load"
    return [f"{tried.title} {tried.settings}", f"{whole} of {len(names)} whole", after]


def main() -> int:
    """Try all loaders and print the page; return the exit code."""
    argparse.ArgumentParser(prog="python -m tests.loader_values", description=__doc__).parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        with tempfile.TemporaryDirectory(prefix="loaders-") as name, embedded_postgres() as address:
            host, port = server.get_host_and_port()
            return try_all(Places(Path(name), address, f"http://{host}:{port}"))
    finally:
        server.stop()


def try_all(places: Places) -> int:
    """Print the page; return the exit code."""
    tried = [
        postgres(places, "target-postgres", "database", use_copy=False, validate_records=False),
        postgres(places, "target-postgres", "database", use_copy=True),
        postgres(places, "pipelinewise-target-postgres", "dbname"),
        duckdb(places),
        jsonl(places),
        csv_files(places),
        csv_files(places, overwrite_behavior="append_records"),
        parquet(places, from_tap=True),
        parquet(places, from_tap=False),
        snowflake(places),
    ]
    rows, works = zip(*map(values_row, tried), strict=True)
    read = run_of(ORDERS_APIS[0], places.folder)
    loads = [streams_row(one, read) for one in tried if one.counts]
    page = (ROOT / "tests" / "loader_values_page.md").read_text(encoding="utf-8")
    sys.stdout.write(
        page.format(
            amount=AMOUNT,
            instant=INSTANT,
            values=table(["loader", *COLUMNS, "second SCHEMA"], [*rows]),
            loads=table(["loader", "first load", "second load"], loads),
        )
    )
    known = ("target-snowflake", "plinxore-target-s3")
    return int(
        any(
            not good
            for one, good in zip(tried, works, strict=True)
            if not one.title.startswith(known)
        )
    )


if __name__ == "__main__":
    sys.exit(main())
