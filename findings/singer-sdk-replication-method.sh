#!/usr/bin/env bash
# singer-sdk ignores the replication method and key in a catalogue's metadata
#
# Versions:  singer-sdk 0.54.9
# Run:       a tap of twenty lines with a state and its own discovered catalogue. The stream's metadata (empty
#            breadcrumb) gets "replication-method": "FULL_TABLE", then "replication-key": "id".
# Guess:     a full sync, or one by id. Singer's description of catalogues names these two keys as what a user
#            writes there, and the discovered catalogue has "replication-key" in that very place.
# Seen:      nothing changes: the sync stays incremental by its own key and leaves out the first record. Only
#            the older replication_method at the top of the entry is read. Meltano writes both places, so there
#            it works.
# Who is hurt: those who edit a catalogue by hand or with a tool for Singer at large, to load a table again in
#            full: the run succeeds, the rows do not come, and the catalogue says that they should.
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
    replication_key = "changed"
    schema = th.PropertiesList(th.Property("id", th.IntegerType), th.Property("changed", th.DateTimeType)).to_dict()

    def get_records(self, context):
        start = self.get_starting_replication_key_value(context) or ""
        for number in (1, 2):
            record = {"id": number, "changed": f"2024-05-0{number}T00:00:00Z"}
            if record["changed"] >= str(start):
                yield record


class TapProbe(Tap):
    name = "tap-probe"
    config_jsonschema = th.PropertiesList().to_dict()

    def discover_streams(self):
        return [Orders(self)]


TapProbe.cli()
PY
venv/bin/python tap.py --discover >discovered.json 2>log || { cat log; exit 1; }
cat >state.json <<'JSON'
{"bookmarks": {"orders": {"replication_key": "changed", "replication_key_value": "2024-05-02T00:00:00Z"}}}
JSON
cat >edit.py <<'PY'
import json
import sys

where, key, value = sys.argv[1:]
with open("discovered.json") as file:
    catalog = json.load(file)
entry = catalog["streams"][0]
metadata = next(item["metadata"] for item in entry["metadata"] if item["breadcrumb"] == [])
(metadata if where == "metadata" else entry)[key] = value
print(json.dumps(catalog))
PY
while read -r where key value; do
    venv/bin/python edit.py "$where" "$key" "$value" >catalog.json
    venv/bin/python tap.py --catalog catalog.json --state state.json >messages 2>log || { cat log; exit 1; }
    echo "$where $key $value: ids $(sed -nE 's/.*"record":\{"id":([0-9]+).*/\1/p' messages | xargs)" \
        "by $(sed -nE 's/.*"bookmark_properties":\["([a-z]+)"\].*/\1/p' messages)"
done <<'EDITS' >seen
metadata replication-method FULL_TABLE
metadata replication-key id
entry replication_method FULL_TABLE
EDITS

cat >expected <<'TEXT'
metadata replication-method FULL_TABLE: ids 2 by changed
metadata replication-key id: ids 2 by changed
entry replication_method FULL_TABLE: ids 1 2 by changed
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
