#!/usr/bin/env bash
# python-amazon-sp-api: throttle_retry above load_all_pages, as its documentation shows it, never retries
#
# Versions:  python-amazon-sp-api 2.1.35
# Run:       three pages, read through both decorators in both orders. The second page is refused once for
#            quota, with the library's own exception. No request is sent: the function that would send it is
#            replaced.
# Guess:     either order retries the page. The library's documentation puts @throttle_retry() on top.
# Seen:      with throttle_retry on top the exception reaches the caller after the first page. load_all_pages
#            makes a generator, so the call that throttle_retry guards returns at once, before any request;
#            pages are requested later, in the caller's loop, where nothing guards them. The other order works.
# Who is hurt: users who copied the example. Everything works until a seller has so many pages that the quota runs
#            out in the middle of them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check python-amazon-sp-api==2.1.35 2>pip.log || { cat pip.log; exit 1; }

cat >probe.py <<'PY'
from sp_api.base import ApiResponse, SellingApiRequestThrottledException
from sp_api.util import load_all_pages, throttle_retry


def make_request():
    """Return a function that stands for one request; its second call is refused."""
    calls = []
    pages = iter(("first", "second", "third"))

    def request(**parameters):
        calls.append(parameters)
        if len(calls) == 2:
            raise SellingApiRequestThrottledException([{"code": "QuotaExceeded", "message": "slow down"}], headers={})
        page = next(pages)
        return ApiResponse(payload={"Orders": [page], "NextToken": None if page == "third" else page})

    return request


retry = throttle_retry(tries=5, delay=0.01)
all_pages = load_all_pages(throttle_by_seconds=0)
for name, load in (
    ("retry above pages", retry(all_pages(make_request()))),
    ("pages above retry", all_pages(retry(make_request()))),
):
    read = []
    try:
        for page in load():
            read += page.payload["Orders"]
        outcome = "read to the end"
    except SellingApiRequestThrottledException:
        outcome = "SellingApiRequestThrottledException"
    print(f"{name}: {read} {outcome}")
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
retry above pages: ['first'] SellingApiRequestThrottledException
pages above retry: ['first', 'second', 'third'] read to the end
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
