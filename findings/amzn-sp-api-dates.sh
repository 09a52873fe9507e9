#!/usr/bin/env bash
# Amazon's own SP-API client gives a date as text or as datetime, by what else is installed
#
# Versions:  amzn-sp-api 1.13.0, python-dateutil 2.9.0.post0
# Run:       the client's deserialize() on one inventory summary, in a fresh environment with nothing but the
#            client, then again after python-dateutil was installed beside it.
# Guess:     last_updated_time is a datetime, as the model's swagger_types says.
# Seen:      in a fresh environment it is a str. The client imports dateutil where it parses, does not require
#            it, and falls back to the text without a word. With python-dateutil there (pandas, boto3,
#            singer-python and many more bring it) the same code gives a datetime.
# Who is hurt: code that compares or subtracts the value. It works on the developer's machine and fails in a small
#            container. And code that compares texts starts to fail when somebody installs pandas.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check amzn-sp-api==1.13.0 2>pip.log || { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import json
from types import SimpleNamespace

from spapi import ApiClient, Configuration
from spapi.models.fba_inventory_v1.inventory_summary import InventorySummary

configuration = Configuration()
configuration.access_token_cache = None  # no request is sent
client = ApiClient(configuration)
client.api_models_module = "spapi.models.fba_inventory_v1"
answer = {"asin": "B000000000", "lastUpdatedTime": "2024-05-01T10:00:00+02:00"}
summary = client.deserialize(SimpleNamespace(data=json.dumps(answer)), "InventorySummary")
print("declared", InventorySummary.swagger_types["last_updated_time"], "got", type(summary.last_updated_time).__name__)
PY
{
    venv/bin/python probe.py
    venv/bin/pip install -q --disable-pip-version-check python-dateutil==2.9.0.post0 2>pip.log ||
        { cat pip.log >&2; exit 1; }
    venv/bin/python probe.py
} >seen

cat >expected <<'TEXT'
declared datetime got str
declared datetime got datetime
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
