#!/usr/bin/env bash
# Loaders of the PipelineWise family print a stream's first bookmark before its records are written
#
# Versions:  target-duckdb 0.8.0 with duckdb 1.1.3 (pipelinewise-target-postgres 2.1.2, whose code it shares,
#            does the same with these messages)
# Run:       one record of "orders", a STATE that covers it, then a full batch of "listings". The loader's input
#            stays open; after its first line of output it is ended, as a container is when its machine goes
#            away.
# Guess:     a state that a target prints covers only what is written: that is what runners save it for.
# Seen:      the full batch writes "listings" alone, yet the line that follows holds the bookmark of "orders",
#            whose table is empty. The loader takes the first STATE whole as "what is written" and corrects it
#            stream by stream from then on.
# Who is hurt: runs of several streams that end early, most of all first runs and long ones. Meltano saves the
#            line, so the next run starts after orders that no table has. No message reports it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check target-duckdb==0.8.0 duckdb==1.1.3 2>pip.log ||
    { cat pip.log; exit 1; }

printf '{"path": "warehouse.db", "default_target_schema": "main", "batch_size_rows": 2}' >config.json
cat >probe.py <<'PY'
import json
import subprocess

import duckdb

SCHEMA = {"type": "object", "properties": {"id": {"type": "integer"}, "units": {"type": ["null", "integer"]}}}
with open("log", "w") as log:
    target = subprocess.Popen(
        ["venv/bin/target-duckdb", "--config", "config.json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
    )
    for message in (
        {"type": "SCHEMA", "stream": "orders", "key_properties": ["id"], "schema": SCHEMA},
        {"type": "SCHEMA", "stream": "listings", "key_properties": ["id"], "schema": SCHEMA},
        {"type": "RECORD", "stream": "orders", "record": {"id": 1, "units": 1}},
        {"type": "STATE", "value": {"bookmarks": {"orders": {"read_to": "2024-05-01"}}}},
        {"type": "RECORD", "stream": "listings", "record": {"id": 1, "units": 1}},
        {"type": "RECORD", "stream": "listings", "record": {"id": 2, "units": 1}},
    ):
        target.stdin.write(json.dumps(message) + "\n")
        target.stdin.flush()
    print("state:", target.stdout.readline().strip())
    target.kill()
    target.wait()
with duckdb.connect("warehouse.db") as warehouse:
    for table in ("orders", "listings"):
        print(f"{table}:", *warehouse.execute(f"select count(*) from main.{table}").fetchone(), "rows")
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
state: {"bookmarks": {"orders": {"read_to": "2024-05-01"}}}
orders: 0 rows
listings: 2 rows
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
