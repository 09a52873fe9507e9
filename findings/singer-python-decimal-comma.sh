#!/usr/bin/env bash
# singer-python reads 19,99 as 1999
#
# Versions:  singer-python 6.8.0
# Run:       singer.transform() on numbers that come as text, as they do in flat files.
# Guess:     text that is not a number for Python ("19,99") is refused with SchemaMismatch, as "abc" is.
# Seen:      the transformer removes every comma before it parses. "19,99" becomes 1999.0, a hundred times too
#            much; "1.234,50" becomes 1.2345, a thousand times too little; the integer "2,5" becomes 25. Only
#            the notation 1,234.50 comes out right. Nothing is logged.
# Who is hurt: taps that read files written for Germany, France, Italy, Spain or Brazil. Prices and fees are wrong
#            by a factor that differs from row to row, so a look at one total does not show it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-python==6.8.0 2>pip.log || { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import singer
from singer.transform import SchemaMismatch

for text, kind in [
    ("1,234.50", "number"),
    ("19,99", "number"),
    ("1.234,50", "number"),
    ("2,5", "integer"),
    ("abc", "number"),
]:
    schema = {"type": "object", "properties": {"value": {"type": [kind]}}}
    try:
        outcome = repr(singer.transform({"value": text}, schema)["value"])
    except SchemaMismatch:
        outcome = "SchemaMismatch"
    print(f"{kind} {text!r} -> {outcome}")
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
number '1,234.50' -> 1234.5
number '19,99' -> 1999.0
number '1.234,50' -> 1.2345
integer '2,5' -> 25
number 'abc' -> SchemaMismatch
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
