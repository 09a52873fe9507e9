#!/usr/bin/env bash
# singer-python's catalogue forgets oneOf, enum, required and other keywords of a schema
#
# Versions:  singer-python 6.8.0
# Run:       a schema through singer.Schema.from_dict() and to_dict(), which is what Catalog.load() and
#            write_catalog() do with every schema.
# Guess:     the schema that comes out says what went in. JSON Schema knows these keywords since its draft 4.
# Seen:      only a fixed list of keywords survives: type, format, properties, items, anyOf, minimum, maxLength
#            and a few more. required, enum, pattern and default are gone. A property declared with oneOf, allOf
#            or $ref becomes {}, a property without a type.
# Who is hurt: taps that write a schema's SCHEMA message from the catalogue they were given: validation in the
#            target is weaker than in the tap's own schema files, and loaders that need a type drop the column
#            or make it text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-python==6.8.0 2>pip.log || { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import json

from singer import Schema

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$", "maxLength": 9},
        "status": {"type": ["null", "string"], "enum": ["open", "closed", None], "default": "open"},
        "units": {"oneOf": [{"type": "integer"}, {"type": "null"}]},
        "total": {"type": "number", "multipleOf": 0.01},
        "buyer": {"$ref": "#/definitions/buyer"},
        "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
}
kept = Schema.from_dict(SCHEMA).to_dict()
print("required:", kept.get("required"))
for name, declared in kept["properties"].items():
    print(f"{name}:", json.dumps(declared, sort_keys=True))
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
required: None
id: {"maxLength": 9, "type": "string"}
status: {"type": ["null", "string"]}
units: {}
total: {"multipleOf": 0.01, "type": "number"}
buyer: {}
name: {"anyOf": [{"type": "string"}, {"type": "null"}]}
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
