"""The numbers of records that a tap sent, and of the rows that a loader made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

_FETCHED_AT_ONCE = 5_000


@dataclass(frozen=True)
class Numbers:
    """The numbers in the rows of a stream.

    Attributes:
        by_key: For each key the hash of all numbers in its row, also of those deeper inside, with
            their paths. Names of properties are in lower case, as some loaders fold them.
        rows: How many rows there are.
    """

    by_key: Mapping[int, int]
    rows: int

    def differing(self, others: Numbers) -> int:
        """Return how many rows of the others have a number that is not the same here."""
        return sum(self.by_key.get(key) != found for key, found in others.by_key.items())


def numbers_sent(path: Path) -> dict[str, Numbers]:
    """Return the numbers of all records in a file of messages; the newest of a key counts."""
    keys, records = keys_of(path), dict[str, dict[int, int]]()
    for message in _messages(path):
        if message["type"] == "RECORD":
            stream = message["stream"]
            key, found = _hashes(message["record"], keys[stream])
            records.setdefault(stream, {})[key] = found
    return {stream: Numbers(found, len(found)) for stream, found in records.items()}


def keys_of(path: Path) -> dict[str, list[str]]:
    """Return the properties of the key of each stream in a file of Singer messages."""
    return {
        message["stream"]: message["key_properties"]
        for message in _messages(path)
        if message["type"] == "SCHEMA"
    }


def numbers_loaded(dsn: str, schema: str, stream: str, key: Iterable[str]) -> Numbers:
    """Return the numbers in the rows of a table in PostgreSQL."""
    query = sql.SQL("SELECT to_jsonb(found)::text FROM {} AS found")
    by_key: dict[int, int] = {}
    rows = 0
    with (
        closing(psycopg.connect(dsn)) as connection,
        connection.cursor(name="rows") as cursor,
    ):
        cursor.itersize = _FETCHED_AT_ONCE
        cursor.execute(query.format(sql.Identifier(schema, stream)))
        for (text,) in cursor:
            found, numbers = _hashes(json.loads(text, parse_float=Decimal), key)
            by_key[found] = numbers
            rows += 1
    return Numbers(by_key, rows)


def _messages(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line, parse_float=Decimal)


def _hashes(record: Mapping[str, Any], key: Iterable[str]) -> tuple[int, int]:
    """Return a hash of the key of a record, and one of its numbers."""
    folded = {name.lower(): value for name, value in record.items() if not name.startswith("_sdc_")}
    # The columns of times have no zone.
    parts = tuple(str(folded[name.lower()]).removesuffix("Z") for name in key)
    return hash(parts), hash(tuple(_numbers(folded)))


def _numbers(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield each number with its path, in an order that does not depend on the sender."""
    if isinstance(value, dict):
        for name in sorted(value):
            yield from _numbers(value[name], (*path, name))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _numbers(item, (*path, position))
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield (*path, Decimal(value))
