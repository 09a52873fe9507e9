#!/usr/bin/env bash
# singer-python turns a null boolean into false
#
# Versions:  singer-python 6.8.0
# Run:       singer.transform() on a record whose properties are null, each typed ["null", TYPE].
# Guess:     null stays null: the type says that null is allowed, and it does so for numbers and dates.
# Seen:      a null boolean becomes false, and so does an empty string. A null integer, number, date or object
#            stays null. The library tries "null" last, and Python's bool(None) is a valid False. (An open pull
#            request of the library, number 196, says the same.)
# Who is hurt: everybody who loads from a tap that calls the transformer (most taps of singer-io do). "We do not
#            know whether the order is a gift" arrives as "it is not"; counts of false are too high, no row
#            fails, and the table cannot tell the two apart later.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-python==6.8.0 2>pip.log || { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import singer

TYPES = {
    "is_gift": {"type": ["null", "boolean"]},
    "is_prime": {"type": ["null", "boolean"]},
    "quantity": {"type": ["null", "integer"]},
    "price": {"type": ["null", "number"]},
    "shipped_at": {"type": ["null", "string"], "format": "date-time"},
    "buyer": {"type": ["null", "object"], "properties": {}},
}
record = dict.fromkeys(TYPES) | {"is_prime": ""}
transformed = singer.transform(record, {"type": "object", "properties": TYPES})
for name, value in record.items():
    print(f"{name}: {value!r} -> {transformed[name]!r}")
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
is_gift: None -> False
is_prime: '' -> False
quantity: None -> None
price: None -> None
shipped_at: None -> None
buyer: None -> None
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
