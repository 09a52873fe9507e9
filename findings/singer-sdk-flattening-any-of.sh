#!/usr/bin/env bash
# Flattening in singer-sdk drops a nullable number written with anyOf, or makes it text: the order of words decides
#
# Versions:  singer-sdk 0.54.9, meltano-map-transform 0.12.3
# Run:       the mapper with flattening_enabled over a SCHEMA and one RECORD. Two properties say the same,
#            "integer or null, with a description"; only the order of the two keywords differs. A third has null
#            before string.
# Guess:     flattening takes nested objects apart and leaves scalars as they are. The order of keywords and of
#            alternatives means nothing in JSON Schema.
# Seen:      with anyOf first the column vanishes from the SCHEMA, for flattening looks at the first keyword and
#            knows a first alternative of string, array or object only. With description first it becomes
#            ["null", "string"] while the record keeps the number, and a validating target refuses it. Null
#            before string vanishes, too. The values are still in the RECORD, so nothing fails on the way:
#            targets ignore properties without schema. Properties with "type" are not touched.
# Who is hurt: users of taps whose schemas come from pydantic or OpenAPI, which write nullable fields with anyOf.
#            Switching flattening on loses columns without a message, and their order in the source decides
#            which.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 meltano-map-transform==0.12.3 2>pip.log ||
    { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "units": {"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "units ordered"}, "boxes": {"description": "boxes ordered", "anyOf": [{"type": "integer"}, {"type": "null"}]}, "note": {"anyOf": [{"type": "null"}, {"type": "string"}]}, "weight": {"type": ["null", "integer"], "description": "grams"}}}}
{"type": "RECORD", "stream": "orders", "record": {"id": 1, "units": 3, "boxes": 2, "note": "n", "weight": 5}}
JSON
printf '{"stream_maps": {}, "flattening_enabled": true, "flattening_max_depth": 1}' >config.json
venv/bin/meltano-map-transform --config config.json <messages >mapped 2>log || { cat log; exit 1; }
venv/bin/python - >seen <<'PY'
import json

with open("mapped") as lines:
    schema, record = (json.loads(line) for line in lines)
for name, declared in schema["schema"]["properties"].items():
    print("SCHEMA", name, declared["type"])
print("RECORD", record["record"])
PY

cat >expected <<'TEXT'
SCHEMA id integer
SCHEMA boxes ['null', 'string']
SCHEMA weight ['null', 'integer']
RECORD {'id': 1, 'units': 3, 'boxes': 2, 'note': 'n', 'weight': 5}
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
