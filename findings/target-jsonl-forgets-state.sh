#!/usr/bin/env bash
# target-jsonl forgets a STATE as soon as a record follows, and prints none if the input ends there
#
# Versions:  target-jsonl 0.1.4
# Run:       a record, a STATE and another record; then the input ends, as it does if the tap is killed. Beside
#            it the same input that ends with the STATE.
# Guess:     the loader prints the STATE, because everything before it is written: that is what a STATE is for.
# Seen:      it writes both records, prints nothing and ends with exit code 0. Only an input whose last message
#            is a STATE gives one.
# Who is hurt: those who take the loader for a first pipeline with a state file: a tap that is stopped after
#            hours leaves no state, so the next run reads everything again, and the records are there twice.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check target-jsonl==0.1.4 2>pip.log || { cat pip.log; exit 1; }
printf '{"destination_path": ".", "do_timestamp_file": false}' >config.json

schema='{"type": "SCHEMA", "stream": "orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}}}}'
first='{"type": "RECORD", "stream": "orders", "record": {"id": 1}}'
state='{"type": "STATE", "value": {"bookmarks": {"orders": {"id": 1}}}}'
second='{"type": "RECORD", "stream": "orders", "record": {"id": 2}}'

printf '%s\n' "$schema" "$first" "$state" | venv/bin/target-jsonl --config config.json >ends_with_state 2>log ||
    { cat log; exit 1; }
rm -f orders.jsonl
printf '%s\n' "$schema" "$first" "$state" "$second" | venv/bin/target-jsonl --config config.json >cut_off 2>log ||
    { cat log; exit 1; }

echo "ends with the STATE: $(cat ends_with_state)"
echo "a record after it:   $(cat cut_off)"
echo "records written:     $(wc -l <orders.jsonl)"
grep -q '"bookmarks"' ends_with_state
[ ! -s cut_off ]
[ "$(wc -l <orders.jsonl)" -eq 2 ]
