#!/usr/bin/env bash
# Of two stream maps that match a stream, the one written last replaces the other
#
# Versions:  singer-sdk 0.54.9, meltano-map-transform 0.12.3
# Run:       the mapper with a map for all streams ("*" removes email) and one for a single stream ("orders"
#            adds a note), in both orders, over one record of "orders".
# Guess:     both apply, as two rules on different properties would anywhere; or else the more specific name
#            wins, in either order.
# Seen:      only the map that stands last in the object is applied. With "orders" last, email is back in the
#            stream that has a map of its own; with "*" last, the note is missing. No message says so.
# Who is hurt: those who set one rule for personal data over everything and later add a column to one stream. And
#            those whose configuration passes through a tool that sorts keys: "*" sorts before letters, so the
#            general rule loses.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 meltano-map-transform==0.12.3 2>pip.log ||
    { cat pip.log; exit 1; }

cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "email": {"type": "string"}}}}
{"type": "RECORD", "stream": "orders", "record": {"id": 1, "email": "buyer@example.com"}}
JSON
cat >general-first.json <<'JSON'
{"stream_maps": {"*": {"email": "__NULL__"}, "orders": {"note": "'n'"}}}
JSON
cat >general-last.json <<'JSON'
{"stream_maps": {"orders": {"note": "'n'"}, "*": {"email": "__NULL__"}}}
JSON
for order in general-first general-last; do
    venv/bin/meltano-map-transform --config $order.json <messages >mapped 2>log || { cat log; exit 1; }
    grep '"RECORD"' mapped | sed -E "s/.*\"record\":(\{[^}]*\}).*/$order: \1/"
done >seen

cat >expected <<'TEXT'
general-first: {"id":1,"email":"buyer@example.com","note":"n"}
general-last: {"id":1}
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
