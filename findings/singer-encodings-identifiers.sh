#!/usr/bin/env bash
# singer-encodings and singer-python make numbers of identifiers in CSV, even where text is among the declared types
#
# Versions:  singer-encodings 0.6.1, singer-python 6.8.0
# Run:       the two libraries together, as taps for files on S3 and SFTP use them: a schema is inferred from
#            sampled rows, and later rows are transformed by it.
# Guess:     "0012" is no integer, since writing it back gives other text. And where the schema says ["null",
#            "integer", "string"], a value that is not plainly an integer stays text: what else is "string" for?
# Seen:      "0012" counts as an integer, "1E5" as a number. The transformer takes the first type that Python
#            can be made to accept: 0012 becomes 12 and 1E5 becomes 100000.0. Only what no number can be made
#            of, such as "B-7", is kept. Empty lines within a quoted cell are removed.
# Who is hurt: files with postal codes, barcodes, SKUs or account numbers: joins lose the rows that begin with
#            zero, and a column holds texts and numbers side by side.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-encodings==0.6.1 singer-python==6.8.0 2>pip.log ||
    { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import io

import singer
from singer_encodings import csv, json_schema


def rows(text):
    return list(csv.get_row_iterator(io.BytesIO(text.encode())))


sampled = rows('sku,code,note\n0012,1E5,"one\n\ntwo"\n0013,2E5,\n')
properties = json_schema.generate_schema(sampled, {})
for name, declared in properties.items():
    print(name, declared["type"])
schema = {"type": "object", "properties": properties}
for row in sampled[:1] + rows('sku,code,note\n0099,7,\nB-7,x,\n'):
    print(row, "->", list(singer.transform(row, schema).values()))
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
sku ['null', 'integer', 'string']
code ['null', 'number', 'string']
note ['null', 'string']
{'sku': '0012', 'code': '1E5', 'note': 'one\ntwo'} -> [12, 100000.0, 'one\ntwo']
{'sku': '0099', 'code': '7', 'note': ''} -> [99, 7.0, '']
{'sku': 'B-7', 'code': 'x', 'note': ''} -> ['B-7', 'x', '']
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
