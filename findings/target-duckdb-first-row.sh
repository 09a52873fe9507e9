#!/usr/bin/env bash
# target-duckdb loses the first record when all columns are text
#
# Versions:  target-duckdb 0.8.0, duckdb 1.1.3 (the same with duckdb 2.0.1)
# Run:       three records of a stream with two text columns, and the same three with one integer column more.
# Guess:     three rows in both tables, as the target's log says: "Loading 3 rows".
# Seen:      two rows where all columns are text; the first record is gone. The target passes a CSV file without
#            heading to DuckDB, which looks for one: where all values are text, the first row may be a heading.
#            One integer column saves it. The exit code is 0 and the state is printed. Empty text arrives as
#            NULL.
# Who is hurt: streams of identifiers, titles and codes (listings, categories, mappings). One row per batch is
#            missing, which no count of the target shows, and the bookmark has moved past it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check target-duckdb==0.8.0 duckdb==1.1.3 2>pip.log ||
    { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "titles", "key_properties": ["sku"], "schema": {"type": "object", "properties": {"sku": {"type": "string"}, "title": {"type": ["null", "string"]}}}}
{"type": "RECORD", "stream": "titles", "record": {"sku": "A-1", "title": "one"}}
{"type": "RECORD", "stream": "titles", "record": {"sku": "A-2", "title": "two"}}
{"type": "RECORD", "stream": "titles", "record": {"sku": "A-3", "title": ""}}
{"type": "SCHEMA", "stream": "stocks", "key_properties": ["sku"], "schema": {"type": "object", "properties": {"sku": {"type": "string"}, "title": {"type": ["null", "string"]}, "units": {"type": ["null", "integer"]}}}}
{"type": "RECORD", "stream": "stocks", "record": {"sku": "A-1", "title": "one", "units": 1}}
{"type": "RECORD", "stream": "stocks", "record": {"sku": "A-2", "title": "two", "units": 2}}
{"type": "RECORD", "stream": "stocks", "record": {"sku": "A-3", "title": "", "units": 3}}
{"type": "STATE", "value": {"bookmarks": {"titles": {"read": 3}, "stocks": {"read": 3}}}}
JSON
printf '{"path": "warehouse.db", "default_target_schema": "main"}' >config.json
{
    venv/bin/target-duckdb --config config.json <messages 2>log || { cat log >&2; exit 1; }
    venv/bin/python - <<'PY'
import duckdb

with duckdb.connect("warehouse.db") as warehouse:
    for table in ("titles", "stocks"):
        print(table, warehouse.execute(f"select sku, title from main.{table} order by sku").fetchall())
PY
} >seen

cat >expected <<'TEXT'
{"bookmarks": {"titles": {"read": 3}, "stocks": {"read": 3}}}
titles [('A-2', 'two'), ('A-3', None)]
stocks [('A-1', 'one'), ('A-2', 'two'), ('A-3', None)]
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
