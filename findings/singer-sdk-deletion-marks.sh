#!/usr/bin/env bash
# Targets of the SDK drop a tap's _sdc_deleted_at: deleted rows look alive
#
# Versions:  singer-sdk 0.54.9, meltanolabs-target-csv 0.5.0
# Run:       a record as taps with log-based replication send it, with _sdc_deleted_at and _sdc_lsn declared in
#            the schema, with the target's default settings.
# Guess:     a column is a column: what the schema declares is loaded. The setting add_record_metadata is about
#            columns that the target adds, and its default is not to add any.
# Seen:      seven names that begin with _sdc_ are removed from schema and records when add_record_metadata is
#            off, _sdc_deleted_at among them; _sdc_lsn stays. When it is on, the mark is kept, and the tap's own
#            _sdc_sequence, _sdc_table_version and times are replaced by the target's.
# Who is hurt: pipelines from databases by log (tap-postgres, tap-mysql, tap-mongodb): a deletion arrives as a row
#            like any other, and models that filter on the mark find no column, or a stale one after a move to
#            an SDK target.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check meltanolabs-target-csv==0.5.0 singer-sdk==0.54.9 2>pip.log ||
    { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "_sdc_lsn": {"type": "integer"}, "_sdc_sequence": {"type": "integer"}, "_sdc_deleted_at": {"type": ["null", "string"], "format": "date-time"}}}}
{"type": "RECORD", "stream": "orders", "record": {"id": 1, "_sdc_lsn": 7, "_sdc_sequence": 7, "_sdc_deleted_at": null}}
{"type": "RECORD", "stream": "orders", "record": {"id": 2, "_sdc_lsn": 8, "_sdc_sequence": 8, "_sdc_deleted_at": "2024-05-01T10:00:00Z"}}
JSON
mkdir default added
printf '{"output_path": "default"}' >default.json
printf '{"output_path": "added", "add_record_metadata": true}' >added.json
for how in default added; do
    venv/bin/target-csv --config $how.json <messages >state 2>log || { cat log; exit 1; }
done
venv/bin/python - >seen <<'PY'
import csv

with open("default/orders.csv", newline="") as file:
    for row in csv.DictReader(file):
        print("default", row)
with open("added/orders.csv", newline="") as file:
    for row in csv.DictReader(file):
        print("added", row["id"], row["_sdc_lsn"], row["_sdc_deleted_at"], "own sequence", row["_sdc_sequence"] in "78")
PY

cat >expected <<'TEXT'
default {'id': '1', '_sdc_lsn': '7'}
default {'id': '2', '_sdc_lsn': '8'}
added 1 7  own sequence False
added 2 8 2024-05-01 10:00:00+00:00 own sequence False
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
