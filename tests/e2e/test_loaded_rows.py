"""Numbers that were sent, compared with those that were loaded."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import psycopg

from benchmarks.loaded_rows import keys_of, numbers_loaded, numbers_sent
from demo.postgres import PostgresAddress

AMOUNT = "1234567890123456.78"


def test_other_numbers_and_rows_too_many_are_found(
    tmp_path: Path, postgres: PostgresAddress
) -> None:
    path = tmp_path / "messages"
    schema = {"type": "SCHEMA", "stream": "items", "key_properties": ["Id", "at"], "schema": {}}
    record = '{"type":"RECORD","stream":"items","record":{"Id":"%d","at":"2026-01-05T00:00:00Z",'
    content = '"price":%s,"inside":{"tax":[1.50]},"name":null}}\n'
    lines = [record % number + content % AMOUNT for number in range(4)]
    path.write_text(json.dumps(schema) + "\n" + "".join(lines), encoding="utf-8")
    rows = [
        (0, AMOUNT, '{"tax": [1.5]}'),
        (1, "1234567890123456.8", '{"tax": [1.5]}'),
        (2, AMOUNT, '{"tax": [1.6]}'),
        (3, AMOUNT, '{"tax": [1.50]}'),
        (3, AMOUNT, '{"tax": [1.50]}'),
    ]
    with closing(psycopg.connect(postgres.dsn)) as connection:
        connection.execute("CREATE SCHEMA loaded_rows")
        # Some loaders fold names, and all drop the zone of times.
        connection.execute(
            "CREATE TABLE loaded_rows.items"
            " (id text, at timestamp, price numeric, inside jsonb, _sdc_sequence bigint)"
        )
        for row in rows:
            connection.execute(
                "INSERT INTO loaded_rows.items VALUES (%s, '2026-01-05', %s, %s, 1)", row
            )
        connection.commit()

    sent = numbers_sent(path)["items"]
    loaded = numbers_loaded(postgres.dsn, "loaded_rows", "items", keys_of(path)["items"])

    assert sent.rows == 4
    assert loaded.rows == 5
    assert sent.differing(loaded) == 2
