#!/usr/bin/env bash
# Loaders of the PipelineWise family merge two records whose composite keys differ only in where a comma stands
#
# Versions:  target-duckdb 0.8.0 with duckdb 1.1.3 (pipelinewise-target-postgres 2.1.2, whose code it shares,
#            does the same with these messages)
# Run:       three records with the key (sku, shelf), both text. In two of them one part holds a comma.
# Guess:     three different keys, three rows.
# Seen:      two rows. Within a batch the loader keeps records by their key parts joined with a comma:
#            ("mug,blue", "large") and ("mug", "blue,large") are both "mug,blue,large", so the later one
#            replaces the other before anything is written. Across batches both would be kept.
# Who is hurt: streams whose keys are free text of the seller or user: SKUs, titles, shelves, tags. Rows vanish,
#            and differently with each batch size, so a second load "repairs" some and loses others.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check target-duckdb==0.8.0 duckdb==1.1.3 2>pip.log ||
    { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "stock", "key_properties": ["sku", "shelf"], "schema": {"type": "object", "properties": {"sku": {"type": "string"}, "shelf": {"type": "string"}, "units": {"type": ["null", "integer"]}}}}
{"type": "RECORD", "stream": "stock", "record": {"sku": "mug,blue", "shelf": "large", "units": 1}}
{"type": "RECORD", "stream": "stock", "record": {"sku": "mug", "shelf": "blue,large", "units": 2}}
{"type": "RECORD", "stream": "stock", "record": {"sku": "cup", "shelf": "small", "units": 3}}
JSON
printf '{"path": "warehouse.db", "default_target_schema": "main"}' >config.json
venv/bin/target-duckdb --config config.json <messages >state 2>log || { cat log; exit 1; }
venv/bin/python - >seen <<'PY'
import duckdb

with duckdb.connect("warehouse.db") as warehouse:
    for row in warehouse.execute("select sku, shelf, units from main.stock order by units").fetchall():
        print(*row, sep=" | ")
PY

cat >expected <<'TEXT'
mug | blue,large | 2
cup | small | 3
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
