"""The calls that the tap makes for orders with their items, compared with the fewest possible.

    python benchmarks/calls.py [--orders 10000]

With Orders 2026-01-01, the minimum is one call per 100 orders, the largest page: the items come
inside. With Orders v0, there is one more call per order for its items; here the simulator returns
all items of an order on one page. The tap reads time in windows so that a run can be resumed after
each one, which takes the additional calls. Rate limits are too high to matter.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.local_servers import requests_seen, simulator
from benchmarks.tables import count, seconds, table
from benchmarks.tap_process import expect, run_tap

PAGE_SIZE = 100
DAYS = 60
NO_LIMIT = 1_000_000
STREAMS = ("orders", "order_items")
COLUMNS = ("", "orders", "items", "calls", "fewest", "calls / fewest", "wall")


def main() -> None:
    """Measure both versions of the API, from the first order on and without a start date."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=10_000)
    options = parser.parse_args()
    first_order = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=DAYS + 1)
    rows = [
        measure(options.orders, orders_api, start_date)
        for orders_api, start_date in (
            ("2026-01-01", first_order.isoformat()),
            ("2026-01-01", None),
            ("v0", first_order.isoformat()),
        )
    ]
    print(table(COLUMNS, rows))


def measure(orders: int, orders_api: str, start_date: str | None) -> list[str]:
    """Read all orders and items; return the row of the table.

    Raises:
        RunFailedError: The tap failed or did not read all orders.
    """
    world = simulator(
        orders=orders,
        history_days=DAYS,
        speed=NO_LIMIT,
        changes_per_minute=0,
        order_items_page_size=PAGE_SIZE,
    )
    with tempfile.TemporaryDirectory() as folder, world as settings:
        settings |= {"orders_api": orders_api, "start_date": start_date}
        finished = run_tap(Path(folder), settings, STREAMS)
        calls = Counter(entry["operation"] for entry in requests_seen(settings))
    expect(finished, "orders", orders)
    fewest = -(-orders // PAGE_SIZE) + (orders if orders_api == "v0" else 0)
    since = f"since the {DAYS} days of orders" if start_date else "no start_date"
    return [
        f"Orders {orders_api}, {since}",
        count(finished.records["orders"]),
        count(finished.records["order_items"]),
        count(calls.total()),
        count(fewest),
        f"{calls.total() / fewest:.3f}",
        seconds(finished.wall),
    ]


if __name__ == "__main__":
    main()
