"""The time that several streams take under Amazon's limits, compared with the shortest possible.

    python benchmarks/bound.py [--orders-api v0] [--speed 10] [--orders N] [--streams ...]

The simulator, in another process, has Amazon's documented rates times `--speed` and Amazon's
bursts. The shortest time follows from the calls that the simulator received; `usage_plans.py`
explains it. Wall time goes from the first request to the last: it contains neither the start of the
process nor the output of the last response. The wall time of the whole process is shown as well.
Fewer calls would make the shortest time shorter; `calls.py` measures that.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from pathlib import Path

from benchmarks.local_servers import requests_seen, simulator
from benchmarks.tables import count, goal, seconds, table
from benchmarks.tap_process import RunFailedError, run_tap
from benchmarks.usage_plans import bounds

TIMES_BOUND = 1.05
SELLER_ID = "A1SIMULATEDSELLER"
ORDERS = {"2026-01-01": 2100, "v0": 370}
"""Orders that keep the Orders API busy for about a minute at a speed of 10."""
DAYS = 30
STREAMS = (
    "orders",
    "order_items",
    "feeds",
    "reports",
    "data_kiosk_queries",
    "financial_transactions",
    "financial_summaries",
    "financial_event_groups",
    "order_metrics",
    "payouts",
    "fulfillment_orders",
    "fulfillment_order_details",
    "inbound_plans",
    "inbound_plan_details",
    "item_offers",
    "fba_inventory_summaries",
    "purchase_orders",
)
COLUMNS = ("operation", "calls", "rate/s", "burst", "alone", "can end at", "429s")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders-api", choices=tuple(ORDERS), default="2026-01-01")
    parser.add_argument("--speed", type=float, default=10.0, help="times Amazon's rates")
    parser.add_argument("--orders", type=int, help=f"orders of {DAYS} days")
    parser.add_argument("--records", type=int, default=600, help="records in every other list")
    parser.add_argument("--streams", nargs="+", default=STREAMS)
    options = parser.parse_args()

    world = simulator(
        orders=options.orders or ORDERS[options.orders_api],
        records=options.records,
        history_days=DAYS,
        speed=options.speed,
        changes_per_minute=0,
    )
    with tempfile.TemporaryDirectory() as folder, world as settings:
        first = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=DAYS + 1)
        settings |= {
            "orders_api": options.orders_api,
            "seller_id": SELLER_ID,
            "start_date": first.isoformat(),
        }
        finished = run_tap(Path(folder), settings, options.streams)
        entries = requests_seen(settings)
    if not entries:
        message = "the tap sent no request"
        raise RunFailedError(message)

    found = sorted(bounds(entries, options.speed), key=lambda bound: -bound.ends)
    rows = [
        [
            bound.operation,
            count(bound.calls),
            f"{bound.rate:g}",
            f"{bound.burst:g}",
            seconds(bound.alone),
            seconds(bound.ends),
            count(bound.throttled),
        ]
        for bound in found
    ]
    times = [entry["received_at"] for entry in entries]
    wall = max(times) - min(times)
    shortest = max(bound.ends for bound in found)
    print(f"Orders {options.orders_api} and others, Amazon's rates x {options.speed:g}:\n")
    print(table(COLUMNS, rows))
    print(f"\n- First request to last: {seconds(wall)}; shortest possible: {seconds(shortest)}")
    print(f"- One operation after the other: {seconds(sum(bound.alone for bound in found))}")
    print(f"- The whole process: {seconds(finished.wall)}; processor time {seconds(finished.cpu)}")
    print(f"- Records: {count(finished.all_records)} of {len(finished.records)} streams")
    if shortest:
        print(f"- {goal('Wall time / shortest possible', wall / shortest, TIMES_BOUND)}")
    throttled = sum(bound.throttled for bound in found)
    print(f"- {goal('Responses with 429', throttled, 0, digits=0)}")


if __name__ == "__main__":
    main()
