"""The minimum work of a Python program: fetch each page, decode it, encode each record.

    python benchmarks/bare_loop.py config.json {json|msgspec} [--without-items]

It reads the same pages as the tap from the replay server, and writes RECORD messages for orders and
order items without checks, conversions and bookmarks. It prints the seconds that decoding and
encoding took, without fetching and writing, to standard error.
"""

from __future__ import annotations

import argparse
import http.client
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

PATH = "/orders/2026-01-01/orders"

Decode = Callable[[bytes], Any]
Encode = Callable[[Any], bytes]


def codec(name: str) -> tuple[Decode, Encode]:
    """Return the functions that decode and encode."""
    if name == "msgspec":
        # Imported here, so that its import does not count for the loop with json.
        msgspec = importlib.import_module("msgspec")
        return msgspec.json.decode, msgspec.json.Encoder().encode
    encoder = json.JSONEncoder(separators=(",", ":"), check_circular=False)
    return json.loads, lambda value: encoder.encode(value).encode()


def messages(page: dict[str, Any], *, with_items: bool) -> Iterator[dict[str, Any]]:
    """Yield the messages for the orders of a page and their items."""
    for order in page["orders"]:
        yield {"type": "RECORD", "stream": "orders", "record": order}
        if with_items:
            from_order = {
                "orderId": order["orderId"],
                "lastUpdatedTime": order["lastUpdatedTime"],
                "marketplaceId": order["salesChannel"]["marketplaceId"],
            }
            for item in order["orderItems"]:
                yield {"type": "RECORD", "stream": "order_items", "record": item | from_order}


def main() -> None:
    """Read all pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("codec", choices=("json", "msgspec"))
    parser.add_argument("--without-items", action="store_true")
    options = parser.parse_args()
    settings = json.loads(options.config.read_text(encoding="utf-8"))
    decode, encode = codec(options.codec)

    server = urlsplit(settings["endpoint"])
    connection = http.client.HTTPConnection(server.hostname or "", server.port)
    parameters = {
        "lastUpdatedAfter": settings["start_date"],
        "lastUpdatedBefore": settings["end_date"],
    }
    spent = 0.0
    while parameters:
        connection.request("GET", f"{PATH}?{urlencode(parameters)}")
        content = connection.getresponse().read()
        begin = time.perf_counter()
        page = decode(content)
        lines = [
            encode(message) for message in messages(page, with_items=not options.without_items)
        ]
        spent += time.perf_counter() - begin
        lines.append(b"")
        sys.stdout.buffer.write(b"\n".join(lines))
        token = page.get("pagination", {}).get("nextToken")
        parameters = {"paginationToken": token} if token else {}
    print(spent, file=sys.stderr)


if __name__ == "__main__":
    main()
