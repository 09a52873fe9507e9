#!/usr/bin/env bash
# target-csv offers the setting that appends to its file, and replaces the file all the same
#
# Versions:  meltanolabs-target-csv 0.5.0 (singer-sdk 0.54.9)
# Run:       two runs with one record each and `overwrite_behavior: append_records`.
# Guess:     the file has both records afterwards, as the loader's list of settings says.
# Seen:      it has the record of the second run alone, without a warning and with exit code 0: nothing reads
#            the setting.
# Who is hurt: those who run incremental syncs into CSV files: the bookmark goes on, and each run deletes what
#            the earlier ones loaded.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check meltanolabs-target-csv==0.5.0 singer-sdk==0.54.9 2>pip.log ||
    { cat pip.log; exit 1; }

run() {
    printf '%s\n' \
        '{"type": "SCHEMA", "stream": "orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}}}}' \
        "{\"type\": \"RECORD\", \"stream\": \"orders\", \"record\": {\"id\": $1}}" |
        venv/bin/target-csv --config config.json >state 2>log || { cat log; exit 1; }
}
mkdir out
printf '{"output_path": "out", "overwrite_behavior": "append_records"}' >config.json
run 1
run 2
tr -d '\r' <out/orders.csv >seen

cat >expected <<'TEXT'
id
2
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
