#!/usr/bin/env bash
# singer-sdk writes the text "false" as true
#
# Versions:  singer-sdk 0.54.9
# Run:       a tap of twenty lines whose stream declares booleans and whose records hold what CSV files and many
#            APIs give: "true", "false", "0" and "".
# Guess:     the text stays as it is and the target's validation complains, or "false" becomes false.
# Seen:      every text becomes true. The conformance that runs on each record by default compares the value of
#            a boolean property with the number 0, and no text equals 0. Nothing is logged, and the target has
#            nothing to complain about, since true is a boolean. Only the numbers 0 and 1 come out right.
# Who is hurt: authors of taps for files and older APIs who trust the declared type, and their users: a flag that
#            is false in the source is true in every row of the warehouse. (Conformance exists to bring values
#            of sources to their declared type; here it makes a wrong value look valid.)
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
    primary_keys = ("is_gift",)
    schema = th.PropertiesList(th.Property("is_gift", th.BooleanType)).to_dict()

    def get_records(self, context):
        for value in ("true", "false", "0", "", 0, 1, None):
            yield {"is_gift": value}


class TapProbe(Tap):
    name = "tap-probe"
    config_jsonschema = th.PropertiesList().to_dict()

    def discover_streams(self):
        return [Orders(self)]


TapProbe.cli()
PY
venv/bin/python tap.py >messages 2>log || { cat log; exit 1; }
grep '"RECORD"' messages | sed -E 's/.*"record":(\{[^}]*\}).*/\1/' >seen

cat >expected <<'TEXT'
{"is_gift":true}
{"is_gift":true}
{"is_gift":true}
{"is_gift":true}
{"is_gift":false}
{"is_gift":true}
{"is_gift":null}
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
