"""A million orders of the past from one report: orders per second of processor time, and memory.

    python benchmarks/order_history.py [--orders 1000000] [--few 10000]

The simulator makes a report of all orders with one row for each while it sends it, gzipped. The tap
with `orders_history: report` requests it, waits for it, and writes a record of `orders` and one of
`order_items` for each. Figures are of the whole run, from the start of the process to the end. A
report of `--few` orders would show if memory grew with the report.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from pathlib import Path

from benchmarks.local_servers import simulator
from benchmarks.order_truth import ITEMS, ORDERS
from benchmarks.tables import count, goal, megabytes, seconds, table
from benchmarks.tap_process import FinishedRun, expect, run_tap
from tap_amazon_sp.amazon.order_datasets import DATASETS

REPORT_TYPE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
DAYS = 20
"""Less than the 30 days of one report."""
SPEED = 1000.0
"""Makes the wait for the report short: about a tenth of a second."""
LEAST_ORDERS_A_CPU_SECOND = 30_000
MAX_MEMORY = 200.0
COLUMNS = ("orders", "wall", "cpu", "peak memory", "written", "orders/s", "orders/cpu s")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000, help="orders in the small report")
    options = parser.parse_args()

    runs = {orders: measure(orders) for orders in (options.few, options.orders)}
    print(table(COLUMNS, [row(orders, finished) for orders, finished in runs.items()]))
    print()
    finished = runs[options.orders]
    a_second = options.orders / finished.cpu
    what = "Orders per second of processor time"
    print(f"- {goal(what, a_second, LEAST_ORDERS_A_CPU_SECOND, least=True, digits=0)}")
    print(f"- {goal('Peak memory in MB', finished.peak_memory / 1e6, MAX_MEMORY, digits=0)}")


def measure(orders: int) -> FinishedRun:
    """Read a report of so many orders.

    Raises:
        RunFailedError: The tap failed or did not write all.
    """
    world = simulator(
        orders=0, speed=SPEED, changes_per_minute=0, report_rows={REPORT_TYPE: orders}
    )
    first = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=DAYS)
    with tempfile.TemporaryDirectory() as folder, world as settings:
        settings |= {
            "orders_history": "report",
            "orders_included_data": list(DATASETS),
            "report_poll_interval": 0.05,
            "restricted_data": True,
            "start_date": first.isoformat(),
        }
        finished = run_tap(Path(folder), settings, (ORDERS, ITEMS))
    for stream in (ORDERS, ITEMS):
        expect(finished, stream, orders)
    return finished


def row(orders: int, finished: FinishedRun) -> list[str]:
    """Return the row of a run."""
    return [
        count(orders),
        seconds(finished.wall),
        seconds(finished.cpu),
        megabytes(finished.peak_memory),
        megabytes(finished.written),
        count(orders / finished.wall),
        count(orders / finished.cpu),
    ]


if __name__ == "__main__":
    main()
