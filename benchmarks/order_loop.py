"""All orders with python-amazon-sp-api: page after page of one search, as fast as Amazon allows.

    python benchmarks/order_loop.py loop.json

It is the least that a program can do: no windows, no bookmark, and each page full. It knows the
usage plan, so it makes the calls of the burst at once, then one as soon as there is a token. It
writes RECORD messages.

The page token is that of one search. Amazon's lives for 24 hours, in which 50,384 orders can be
read, so this loop could not read more in one go; the simulator lets its token live longer.

`loop.json` has `endpoint`, `token_url`, `credentials` (of the library), `search` (parameters of
searchOrders), `rate` (calls a second) and `burst`.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit


def client(settings: dict[str, Any]) -> Any:
    """Return a client of the library for servers of this machine."""
    # The library is in an environment of its own, where types are not checked.
    orders = importlib.import_module("sp_api.api.orders.orders_2026_01_01")
    auth = importlib.import_module("sp_api.auth")
    # The library has no addresses but Amazon's: in `Marketplaces`, and in the class for tokens.
    token_url = urlsplit(settings["token_url"])
    of_server = {
        "scheme": f"{token_url.scheme}://",
        "host": token_url.netloc,
        "path": token_url.path,
    }
    marketplace = SimpleNamespace(
        endpoint=settings["endpoint"], marketplace_id="ATVPDKIKX0DER", region="us-east-1"
    )
    return orders.OrdersV20260101(
        marketplace,
        credentials=settings["credentials"],
        timeout=60,
        auth_token_client_class=type("LocalTokens", (auth.AccessTokenClient,), of_server),
    )


def main() -> None:
    """Read all pages."""
    settings = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    orders = client(settings)
    rate, burst = settings["rate"], settings["burst"]
    throttled = importlib.import_module("sp_api.base").SellingApiRequestThrottledException
    search = dict(settings["search"])
    tokens, since = float(burst), time.monotonic()
    while True:
        time.sleep(max(0.0, (1.0 - tokens) / rate - (time.monotonic() - since)))
        try:
            page = orders.search_orders(**search)
        except throttled:
            page = None
        # While Amazon's bucket was full, until the call came, it gained nothing: until now at most.
        now = time.monotonic()
        tokens, since = min(burst, tokens + (now - since) * rate), now
        if page is None:
            tokens = 0.0
            continue
        tokens -= 1.0
        for order in page.payload["orders"]:
            message = {"type": "RECORD", "stream": "orders", "record": order}
            sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")
        sys.stdout.flush()
        if not page.next_token:
            return
        search["paginationToken"] = page.next_token


if __name__ == "__main__":
    main()
