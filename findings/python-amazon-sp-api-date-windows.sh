#!/usr/bin/env bash
# python-amazon-sp-api: two loops over load_date_bound share their end
#
# Versions:  python-amazon-sp-api 2.1.35
# Run:       one function decorated with load_date_bound(interval_days=30), called twice for different periods;
#            the second loop starts while the first is under way, as when two sellers are read in turn. The
#            function returns its window; no request is sent.
# Guess:     each call is a generator with a period of its own.
# Seen:      the decorator keeps the period in one dictionary for all calls. As soon as the second loop starts,
#            the first goes on to the end of the second: January and February become January to August.
# Who is hurt: those who read several accounts or report types with one decorated function, interleaved or in
#            threads. They request (and pay quota for) months that nobody asked for and load them twice. Where
#            the second period ends first, the first loop ends early and days are missing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check python-amazon-sp-api==2.1.35 2>pip.log || { cat pip.log; exit 1; }

cat >probe.py <<'PY'
from datetime import datetime

from sp_api.util import load_date_bound


@load_date_bound(interval_days=30)
def report(**window):
    return f"{window['dataStartTime']:%d %b} to {window['dataEndTime']:%d %b}"


def period(first_month, last_month):
    return {"dataStartTime": datetime(2024, first_month, 1), "dataEndTime": datetime(2024, last_month, 1)}


print("alone:", list(report(**period(1, 3))))

one, other = report(**period(1, 3)), report(**period(6, 9))
windows = [next(one)]
next(other)
print("beside a later period:", windows + list(one))

one, other = report(**period(1, 3)), report(**period(1, 2))
windows = [next(one)]
next(other)
print("beside a shorter period:", windows + list(one))
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
alone: ['01 Jan to 31 Jan', '31 Jan to 01 Mar']
beside a later period: ['01 Jan to 31 Jan', '31 Jan to 01 Mar', '01 Mar to 31 Mar', '31 Mar to 30 Apr', '30 Apr to 30 May', '30 May to 29 Jun', '29 Jun to 29 Jul', '29 Jul to 28 Aug', '28 Aug to 01 Sep']
beside a shorter period: ['01 Jan to 31 Jan', '31 Jan to 01 Feb']
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
