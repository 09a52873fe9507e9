"""Wall time, processor time and memory of a run with many accounts, compared with one account.

    python benchmarks/accounts.py [--accounts 1 10 100] [--speed 30]

Each account has its own rate limits at Amazon, so many accounts need not take longer than one until
the processor is busy: with the tap, and here also with the simulator on the same machine. The
streams are chosen so that an account mostly waits for its limits. The simulator has Amazon's
documented rates times `--speed`. `usage_plans.py` explains the shortest possible time; here it is
the longest of all accounts. As in `bound.py`, wall time goes from the first request to the last.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.local_servers import requests_seen, simulator
from benchmarks.tables import count, goal, megabytes, seconds, table
from benchmarks.tap_process import RunFailedError, run_tap
from benchmarks.usage_plans import bounds

STREAMS = ("orders", "order_items", "feeds", "feed_processing_reports", "reports")
TIMES_ONE = 1.25
COLUMNS = (
    "accounts",
    "calls",
    "429s",
    "records",
    "wall",
    "shortest possible",
    "whole process",
    "cpu",
    "cpu / wall",
    "peak memory",
)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--accounts", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--speed", type=float, default=30.0, help="times Amazon's rates")
    parser.add_argument("--orders", type=int, default=200, help="orders of each account")
    parser.add_argument("--streams", nargs="+", default=STREAMS)
    options = parser.parse_args()
    rows, walls = [], []
    for accounts in options.accounts:
        row, wall = measure(accounts, options)
        rows.append(row)
        walls.append(wall)
    print(f"Amazon's rates x {options.speed:g}, {options.orders} orders per account:\n")
    print(table(COLUMNS, rows))
    if len(walls) > 1:
        name = f"Wall time with {options.accounts[-1]} accounts / with {options.accounts[0]}"
        print(f"\n- {goal(name, walls[-1] / walls[0], TIMES_ONE)}")


def measure(accounts: int, options: argparse.Namespace) -> tuple[list[str], float]:
    """Read from a number of accounts; return the row of the table and the wall time.

    Raises:
        RunFailedError: The tap failed or did not read from all accounts.
    """
    world = simulator(
        sellers=accounts, orders=options.orders, speed=options.speed, changes_per_minute=0
    )
    with tempfile.TemporaryDirectory() as folder, world as settings:
        finished = run_tap(Path(folder), settings, options.streams)
        by_account: dict[str, list[dict[str, Any]]] = {}
        entries = requests_seen(settings)
    for entry in entries:
        by_account.setdefault(entry["account"], []).append(entry)
    if len(by_account) != accounts:
        message = f"the tap read from {len(by_account)} accounts instead of {accounts}"
        raise RunFailedError(message)
    found = [bound for own in by_account.values() for bound in bounds(own, options.speed)]
    times = [entry["received_at"] for entry in entries]
    wall = max(times) - min(times)
    row = [
        count(accounts),
        count(len(entries)),
        count(sum(bound.throttled for bound in found)),
        count(finished.all_records),
        seconds(wall),
        seconds(max(bound.ends for bound in found)),
        seconds(finished.wall),
        seconds(finished.cpu),
        f"{finished.cpu / finished.wall:.0%}",
        megabytes(finished.peak_memory),
    ]
    return row, wall


if __name__ == "__main__":
    main()
