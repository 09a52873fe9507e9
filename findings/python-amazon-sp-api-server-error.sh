#!/usr/bin/env bash
# python-amazon-sp-api takes an error page of a gateway for the last page
#
# Versions:  python-amazon-sp-api 2.1.35
# Run:       get_orders through load_all_pages against a server on 127.0.0.1. The first page has a NextToken;
#            the request for the second is answered with 503 and an HTML page, as load balancers do. Then single
#            calls answered with 429 and 502 and a JSON body that has "message" instead of "errors".
# Guess:     a status of 4xx or 5xx raises one of the library's exceptions, with any body.
# Seen:      the status is never looked at. Only a JSON body with "errors" raises; anything else is a response
#            with an empty payload (or the error as payload), errors None and no next token. The loop over pages
#            ends as if all had been read, and the retry decorators have nothing to catch.
# Who is hurt: those who move a bookmark when the loop ends: a short outage at the gateway in the middle of paging
#            loses the orders of all pages after it, without a line in the log.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check python-amazon-sp-api==2.1.35 2>pip.log || { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sp_api.api import Orders
from sp_api.util import load_all_pages

ANSWERS = iter([
    (200, '{"payload": {"Orders": [{"AmazonOrderId": "1"}], "NextToken": "more"}}'),
    (503, "<html><body>Service Unavailable</body></html>"),
    (429, '{"message": "Too Many Requests"}'),
    (502, '{"message": "Bad Gateway"}'),
])


class Gateway(BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = next(ANSWERS)
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *ignored):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=server.serve_forever, daemon=True).start()
orders = Orders(
    credentials={"refresh_token": "none", "lwa_app_id": "none", "lwa_client_secret": "none"},
    restricted_data_token="none",  # given, so that no access token is requested
)
orders.endpoint = f"http://127.0.0.1:{server.server_port}"


@load_all_pages(throttle_by_seconds=0)
def all_orders(**parameters):
    return orders.get_orders(**parameters)


for number, page in enumerate(all_orders(CreatedAfter="2024-05-01"), start=1):
    print(f"page {number}: {page.payload} errors {page.errors} next {page.next_token}")
print("loop ended")
for _ in range(2):
    response = orders.get_orders(CreatedAfter="2024-05-01")
    print(f"single call: {response.payload} errors {response.errors}")
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
page 1: {'Orders': [{'AmazonOrderId': '1'}], 'NextToken': 'more'} errors None next more
page 2: {} errors None next None
loop ended
single call: {'message': 'Too Many Requests'} errors None
single call: {'message': 'Bad Gateway'} errors None
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
