#!/usr/bin/env bash
# singer-sdk puts deselected properties into BATCH files
#
# Versions:  singer-sdk 0.54.9
# Run:       a tap of twenty lines with a catalog in which the property "email" has "selected": false; once with
#            RECORD messages, once with the setting batch_config, which every SDK tap accepts.
# Guess:     selection is about what leaves the tap. How records travel does not matter.
# Seen:      with RECORD messages the property is gone. With batch_config the SCHEMA message announces no
#            "email", and the files hold it all the same: batches are written from the records as the API gave
#            them, before selection, stream maps and conformance.
# Who is hurt: those who deselect personal data and later switch batches on for speed. The files (often in a
#            bucket that many may read) hold what was never to leave the source, and the schema denies it.
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
    schema = th.PropertiesList(th.Property("id", th.IntegerType), th.Property("email", th.StringType)).to_dict()

    def get_records(self, context):
        yield {"id": 1, "email": "buyer@example.com"}


class TapProbe(Tap):
    name = "tap-probe"
    config_jsonschema = th.PropertiesList().to_dict()

    def discover_streams(self):
        return [Orders(self)]


TapProbe.cli()
PY
cat >show.py <<'PY'
import gzip
import json
import sys
from pathlib import Path

how = sys.argv[1]
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "SCHEMA":
        print(how, "SCHEMA", sorted(message["schema"]["properties"]))
    elif message["type"] == "RECORD":
        print(how, "RECORD", message["record"])
    elif message["type"] == "BATCH":
        for address in message["manifest"]:
            print(how, "BATCH", gzip.decompress(Path(address.removeprefix("file://")).read_bytes()).decode().strip())
PY

venv/bin/python tap.py --discover >catalog.json 2>log || { cat log; exit 1; }
venv/bin/python - <<'PY'
import json
from pathlib import Path

catalog = json.loads(Path("catalog.json").read_text())
for entry in catalog["streams"][0]["metadata"]:
    entry["metadata"]["selected"] = entry["breadcrumb"] != ["properties", "email"]
Path("catalog.json").write_text(json.dumps(catalog))
PY
mkdir batches
printf '{}' >records.json
printf '{"batch_config": {"encoding": {"format": "jsonl", "compression": "gzip"}, "storage": {"root": "file://%s/batches"}}}' \
    "$work" >batches.json

for how in records batches; do
    venv/bin/python tap.py --config "$how.json" --catalog catalog.json 2>log >messages || { cat log; exit 1; }
    venv/bin/python show.py "$how" <messages
done >seen

cat >expected <<'TEXT'
records SCHEMA ['id']
records RECORD {'id': 1}
batches SCHEMA ['id']
batches BATCH {"id":1,"email":"buyer@example.com"}
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
