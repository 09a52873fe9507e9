"""The peak memory of the tap for growing numbers of records.

    python benchmarks/memory.py [--records 1000 100000 1000000]

The tap reads orders and their items as two streams from `replay_server.py`, without rate limits.
Memory is the largest resident set of the tap's process, as the operating system counts it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.local_servers import replay_server
from benchmarks.replay_server import PAGE_SIZE
from benchmarks.tables import count, goal, megabytes, seconds, table
from benchmarks.tap_process import expect, run_tap

STREAMS = ("orders", "order_items")
RECORDS_PER_ORDER = 2.8
"""Average number of records per order of the simulator: the order and its items."""
TIMES_FEWEST = 1.25
COLUMNS = ("records", "orders", "peak memory", "wall", "records/s")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--records", type=int, nargs="+", default=[1000, 100_000, 1_000_000], help="about how many"
    )
    options = parser.parse_args()
    rows, peaks = [], []
    for records in options.records:
        orders = -(-records // round(RECORDS_PER_ORDER * PAGE_SIZE)) * PAGE_SIZE
        with tempfile.TemporaryDirectory() as folder, replay_server(orders) as settings:
            finished = run_tap(Path(folder), settings, STREAMS)
        expect(finished, "orders", orders)
        peaks.append(finished.peak_memory)
        rows.append(
            [
                count(finished.all_records),
                count(orders),
                megabytes(finished.peak_memory),
                seconds(finished.wall),
                count(finished.records_a_second),
            ]
        )
    print(table(COLUMNS, rows))
    print(f"\n- {goal('Largest peak / smallest', max(peaks) / min(peaks), TIMES_FEWEST)}")


if __name__ == "__main__":
    main()
