#!/usr/bin/env bash
# A stream map gives other values, or fails, when it moves from the tap to the mapper
#
# Versions:  singer-sdk 0.54.9, meltano-map-transform 0.12.3
# Run:       the same stream map over the same records, once as setting stream_maps of a tap of the SDK, once as
#            setting of the mapper, which is the SDK's code too and reads that tap's output.
# Guess:     the place does not matter. All plugins of the SDK share the setting and its code.
# Seen:      in the tap a price is a float; a reader of messages makes a Decimal of every number with a point.
#            str(price) is "1e-05" in the tap and "0.00001" after the pipe, so keys hashed from it differ. price
#            * 2.5 works in the tap; after the pipe the run ends with a TypeError, and only when the first price
#            with a point arrives: whole prices stay integers and pass.
# Who is hurt: those who move a map from tap to mapper or target (to share it between taps, or since their tap is
#            not of the SDK). Surrogate keys change, or the pipeline fails days later on one price.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 meltano-map-transform==0.12.3 2>pip.log ||
    { cat pip.log; exit 1; }

cat >tap.py <<'PY'
from singer_sdk import Stream, Tap
from singer_sdk import typing as th


class Prices(Stream):
    name = "prices"
    primary_keys = ("id",)
    schema = th.PropertiesList(th.Property("id", th.IntegerType), th.Property("price", th.NumberType)).to_dict()

    def get_records(self, context):
        yield {"id": 1, "price": 20}
        yield {"id": 2, "price": 0.00001}


class TapProbe(Tap):
    name = "tap-probe"
    config_jsonschema = th.PropertiesList().to_dict()

    def discover_streams(self):
        return [Prices(self)]


TapProbe.cli()
PY
printf '{"stream_maps": {"prices": {"text": "str(price)"}}}' >text.json
printf '{"stream_maps": {"prices": {"gross": "float(price * 2.5)"}}}' >gross.json
venv/bin/python tap.py >plain 2>log || { cat log; exit 1; }

show() {
    grep '"RECORD"' messages | sed -E "s/.*\"record\":(\{[^}]*\}).*/$1: \1/" || true
    grep -oE '^TypeError: unsupported operand' log || true
}
for map in text gross; do
    venv/bin/python tap.py --config $map.json >messages 2>log || true
    show tap
    venv/bin/meltano-map-transform --config $map.json <plain >messages 2>log || true
    show mapper
done >seen

cat >expected <<'TEXT'
tap: {"id":1,"price":20,"text":"20"}
tap: {"id":2,"price":1e-05,"text":"1e-05"}
mapper: {"id":1,"price":20,"text":"20"}
mapper: {"id":2,"price":0.00001,"text":"0.00001"}
tap: {"id":1,"price":20,"gross":50.0}
tap: {"id":2,"price":1e-05,"gross":2.5e-05}
mapper: {"id":1,"price":20,"gross":50.0}
TypeError: unsupported operand
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
