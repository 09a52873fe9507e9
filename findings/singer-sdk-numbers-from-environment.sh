#!/usr/bin/env bash
# A setting of type number cannot be given to an SDK tap by the environment
#
# Versions:  singer-sdk 0.54.9
# Run:       a tap of ten lines that prints its settings, with --config=ENV and one variable at a time, for the
#            types integer, boolean, number and array of integers.
# Guess:     each declared type is read from text, as --about announces a variable for each setting.
# Seen:      integers, booleans and arrays are. A number stays text, so 30 as well as 1.5 is refused by the
#            tap's own schema, since text is not a number. The same value in a config file works.
# Who is hurt: authors who declare time-outs and rates as numbers (the type that allows halves), and users who run
#            the tap in a container by environment alone: they cannot set these at all. Meltano writes a file
#            and is safe.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 2>pip.log || { cat pip.log; exit 1; }

cat >tap.py <<'PY'
from singer_sdk import Tap
from singer_sdk import typing as th


class TapProbe(Tap):
    name = "tap-probe"
    config_jsonschema = th.PropertiesList(
        th.Property("retries", th.IntegerType),
        th.Property("verify", th.BooleanType),
        th.Property("shops", th.ArrayType(th.IntegerType)),
        th.Property("timeout", th.NumberType),
    ).to_dict()

    def discover_streams(self):
        print(dict(self.config))
        return []


TapProbe.cli()
PY
for setting in RETRIES=30 VERIFY=no SHOPS='[1, 2]' TIMEOUT=30 TIMEOUT=1.5; do
    given=$(env "TAP_PROBE_$setting" venv/bin/python tap.py --config=ENV --test=schema 2>log | head -n 1) || true
    echo "$setting: ${given:-$(grep -oE 'ConfigValidationError' log | head -n 1)}"
done >seen

cat >expected <<'TEXT'
RETRIES=30: {'retries': 30}
VERIFY=no: {'verify': False}
SHOPS=[1, 2]: {'shops': [1, 2]}
TIMEOUT=30: ConfigValidationError
TIMEOUT=1.5: ConfigValidationError
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
