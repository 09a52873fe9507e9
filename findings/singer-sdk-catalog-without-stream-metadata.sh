#!/usr/bin/env bash
# singer-sdk writes empty records if a catalogue has metadata for properties, but none for the stream
#
# Versions:  singer-sdk 0.54.9
# Run:       a tap of twenty lines with its own discovered catalogue, edited: all metadata removed; then only the
#            entry of the stream (empty breadcrumb) removed, and every property "selected": true.
# Guess:     the stream is left out, or read whole, as it is without any metadata. A key with
#            "inclusion": "automatic" is in every record that is written.
# Seen:      without any metadata the record is whole. With the properties selected one by one it is written
#            as {}: no property, not even the key. The exit code is 0.
# Who is hurt: those whose tool or script writes metadata for columns only, since they want to choose columns: a
#            loader gets as many records as there are rows, and none has a value or a key.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 2>pip.log || { cat pip.log; exit 1; }

cat >tap.py <<'PY'
from singer_sdk import Stream, Tap
from singer_sdk import typing as th


class Orders(Stream):
    name = "orders"
    primary_keys = ("id",)
    schema = th.PropertiesList(th.Property("id", th.IntegerType), th.Property("total", th.IntegerType)).to_dict()

    def get_records(self, context):
        yield {"id": 1, "total": 20}


class TapProbe(Tap):
    name = "tap-probe"
    config_jsonschema = th.PropertiesList().to_dict()

    def discover_streams(self):
        return [Orders(self)]


TapProbe.cli()
PY
venv/bin/python tap.py --discover >discovered.json 2>log || { cat log; exit 1; }
cat >edit.py <<'PY'
import json
import sys

with open("discovered.json") as file:
    catalog = json.load(file)
entry = catalog["streams"][0]
properties = [item for item in entry["metadata"] if item["breadcrumb"]]
for item in properties:
    item["metadata"]["selected"] = True
if sys.argv[1] == "without":
    entry["metadata"] = []
elif sys.argv[1] == "properties":
    entry["metadata"] = properties
print(json.dumps(catalog))
PY
for metadata in whole without properties; do
    venv/bin/python edit.py "$metadata" >catalog.json
    venv/bin/python tap.py --catalog catalog.json >messages 2>log || { cat log; exit 1; }
    echo "$metadata: $(sed -nE 's/.*"record":(\{[^}]*\}).*/\1/p' messages)"
done >seen

cat >expected <<'TEXT'
whole: {"id":1,"total":20}
without: {"id":1,"total":20}
properties: {}
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
