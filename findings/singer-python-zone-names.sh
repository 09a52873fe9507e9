#!/usr/bin/env bash
# singer-python takes a time in PDT for UTC, unless the machine stands in that zone
#
# Versions:  singer-python 6.8.0, python-dateutil 2.9.0.post0
# Run:       singer.transform() on properties of format date-time, once with TZ=UTC and once with
#            TZ=America/Los_Angeles.
# Guess:     "2024-05-01 10:00:00 PDT" is 17:00 UTC, or is refused. It does not depend on the machine.
# Seen:      strptime_to_utc() drops a zone name that dateutil does not know and calls the rest UTC: PDT, CEST
#            and JST all give 10:00Z, with a warning for developers that a tap's log does not show as an error.
#            dateutil knows the names of the machine's own zone, though: the same tap gives 17:00Z for PDT on a
#            laptop in Seattle. A numeric offset is always read right.
# Who is hurt: taps that read times with zone names (exports for people, also some of Amazon's flat files). Rows
#            are seven or nine hours off in production and right where the tap was written; bookmarks made of
#            them skip or repeat those hours.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-python==6.8.0 python-dateutil==2.9.0.post0 2>pip.log ||
    { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import os

import singer

schema = {"type": "object", "properties": {"at": {"type": ["null", "string"], "format": "date-time"}}}
for zone in ("PDT", "CEST", "JST", "-0700"):
    text = f"2024-05-01 10:00:00 {zone}"
    print(os.environ["TZ"], text, "->", singer.transform({"at": text}, schema)["at"])
PY
for zone in UTC America/Los_Angeles; do
    TZ=$zone venv/bin/python -W ignore probe.py
done >seen

cat >expected <<'TEXT'
UTC 2024-05-01 10:00:00 PDT -> 2024-05-01T10:00:00.000000Z
UTC 2024-05-01 10:00:00 CEST -> 2024-05-01T10:00:00.000000Z
UTC 2024-05-01 10:00:00 JST -> 2024-05-01T10:00:00.000000Z
UTC 2024-05-01 10:00:00 -0700 -> 2024-05-01T17:00:00.000000Z
America/Los_Angeles 2024-05-01 10:00:00 PDT -> 2024-05-01T17:00:00.000000Z
America/Los_Angeles 2024-05-01 10:00:00 CEST -> 2024-05-01T10:00:00.000000Z
America/Los_Angeles 2024-05-01 10:00:00 JST -> 2024-05-01T10:00:00.000000Z
America/Los_Angeles 2024-05-01 10:00:00 -0700 -> 2024-05-01T17:00:00.000000Z
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
