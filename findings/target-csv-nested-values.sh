#!/usr/bin/env bash
# target-csv writes nested values in Python's notation, not as JSON
#
# Versions:  meltanolabs-target-csv 0.5.0 (singer-sdk 0.54.9)
# Run:       one record with an object, an array of objects and a boolean.
# Guess:     a cell that holds an object holds JSON, as the message did.
# Seen:      the cell is str() of a Python dictionary: single quotes, None, True, and each number with a point
#            as Decimal('1.50'). No JSON parser reads it, and Python's own ast.literal_eval refuses the
#            Decimals.
# Who is hurt: those who load the CSV into a warehouse and parse the column there. Cells without numbers, nulls
#            and apostrophes look nearly like JSON, so replacing quotes seems to work until a name has an
#            apostrophe.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check meltanolabs-target-csv==0.5.0 singer-sdk==0.54.9 2>pip.log ||
    { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "total": {"type": ["null", "object"]}, "items": {"type": "array"}}}}
{"type": "RECORD", "stream": "orders", "record": {"id": 1, "total": {"amount": 1.50, "currency": null}, "items": [{"title": "Baker's mug", "gift": true}]}}
JSON
mkdir out
printf '{"output_path": "out"}' >config.json
venv/bin/target-csv --config config.json <messages >state 2>log || { cat log; exit 1; }
tr -d '\r' <out/orders.csv >seen

cat >expected <<'TEXT'
id,total,items
1,"{'amount': Decimal('1.50'), 'currency': None}","[{'title': ""Baker's mug"", 'gift': True}]"
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
