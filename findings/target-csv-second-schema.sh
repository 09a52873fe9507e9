#!/usr/bin/env bash
# target-csv empties its file at a second SCHEMA message, and puts values under the wrong heading
#
# Versions:  meltanolabs-target-csv 0.5.0 (singer-sdk 0.54.9)
# Run:       a stream whose SCHEMA is sent again with one more column, which is how a tap announces a column
#            that appeared during the sync. Batches of two rows, so that two of three earlier records are in the
#            file by then. Both schemas are valid, and so are all records.
# Guess:     one file with all four records and a heading with all columns; or a second file; or an error.
# Seen:      each SCHEMA that differs starts the file again: the two records already written are gone. The third
#            was still in memory; it is written by the order of its own schema below the heading of the new one,
#            so its price stands under "note". The target prints the state and ends with exit code 0.
# Who is hurt: taps that learn columns as they read (databases, files, reports) lose rows, while the bookmark says
#            that they were loaded. pandas and spreadsheets accept the short row: 1.5 is a note, the price is
#            null.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check meltanolabs-target-csv==0.5.0 singer-sdk==0.54.9 2>pip.log ||
    { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "listings", "key_properties": ["sku"], "schema": {"type": "object", "properties": {"sku": {"type": "string"}, "price": {"type": ["null", "number"]}}}}
{"type": "RECORD", "stream": "listings", "record": {"sku": "A-1", "price": 9.5}}
{"type": "RECORD", "stream": "listings", "record": {"sku": "A-2", "price": 9.5}}
{"type": "RECORD", "stream": "listings", "record": {"sku": "A-3", "price": 1.5}}
{"type": "SCHEMA", "stream": "listings", "key_properties": ["sku"], "schema": {"type": "object", "properties": {"sku": {"type": "string"}, "note": {"type": ["null", "string"]}, "price": {"type": ["null", "number"]}}}}
{"type": "RECORD", "stream": "listings", "record": {"sku": "A-4", "note": "new", "price": 2.5}}
{"type": "STATE", "value": {"bookmarks": {"listings": {"read": 4}}}}
JSON
mkdir out
printf '{"output_path": "out", "batch_size_rows": 2}' >config.json
{
    venv/bin/target-csv --config config.json <messages 2>log || { cat log >&2; exit 1; }
    tr -d '\r' <out/listings.csv
} >seen

cat >expected <<'TEXT'
{"bookmarks": {"listings": {"read": 4}}}
sku,note,price
A-3,1.5
A-4,new,2.5
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
