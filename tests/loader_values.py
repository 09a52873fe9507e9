"""What loaders do to values: each gets the same two records.

    make loader-values                       # writes docs/loader_values.md, in a few minutes
    python -m tests.loader_values > page.md

It says what a loader does to long decimals, times, nested values, names and empty text.
`tests/loaders.py` counts the rows of all streams in databases. Versions are pinned in
`requirements/loaders/`. The exit code is 1 if a loader other than target-snowflake fails.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.tables import table
from tests.loaders import places_to_load
from tests.loaders_tried import (
    Places,
    SecondLoad,
    Tried,
    csv_files,
    duckdb,
    jsonl,
    parquet,
    postgres,
    snowflake,
)

PAGE = Path(__file__).parent / "loader_values_page.md"
AMOUNT = "1234567890123456.78"
"""More digits than a float holds."""
INSTANT = "2026-01-05T10:20:30.123Z"
COLUMNS = ("amount", "price", "lastUpdatedTime", "tags", "emptyText", "noText")
STREAM = "values"
SECOND = "second_schema"
"""A stream with a second SCHEMA between its records."""


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


def values_row(tried: Tried) -> tuple[list[str], bool]:
    """Load the two streams; return a row of the table, and whether the loader works."""
    sys.stderr.write(f"{tried.title}\n")
    failure = tried.load(messages())
    if failure:
        return [tried.title, f"fails: {failure}", *[""] * len(COLUMNS)], False
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
    return [tried.title, *cells, f"{len(tried.rows(SECOND))} of 2"], True


def main() -> int:
    """Try all loaders and print the page; return the exit code."""
    argparse.ArgumentParser(prog="python -m tests.loader_values", description=__doc__).parse_args()
    with places_to_load() as places:
        return try_all(places)


def try_all(places: Places) -> int:
    """Print the page; return the exit code."""
    tried = [
        postgres(places, "target-postgres", use_copy=False, validate_records=False),
        postgres(places, "target-postgres", use_copy=True),
        postgres(places, "pipelinewise-target-postgres"),
        duckdb(places),
        jsonl(places),
        csv_files(places, SecondLoad.REPLACES),
        parquet(places, from_tap=True),
        parquet(places, from_tap=False),
        snowflake(places),
    ]
    rows, works = zip(*map(values_row, tried), strict=True)
    page = PAGE.read_text(encoding="utf-8")
    sys.stdout.write(
        page.format(
            amount=AMOUNT,
            instant=INSTANT,
            values=table(["loader", *COLUMNS, "second SCHEMA"], [*rows]),
        )
    )
    known = ("target-snowflake", "plinxore-target-s3")
    return int(
        any(
            not good
            for one, good in zip(tried, works, strict=True)
            if not one.name.startswith(known)
        )
    )


if __name__ == "__main__":
    sys.exit(main())
