"""`python -m tests.kills`, or `make kills`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tap_amazon_sp.simulator import Simulator
from tests.kills.lives import Lives, table, world
from tests.kills.order_lives import live
from tests.processes import end_warm_parents
from tests.queues import fauxqs_server


def main() -> int:
    """Stop and kill runs of all kinds, then of orders; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many runs to end")
    parser.add_argument(
        "--order-kills", type=int, default=50, help="how many runs of orders and a queue to kill"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, other moments")
    options = parser.parse_args()
    began_at = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with Simulator(world(2 * options.kills)) as simulator:
                tally = Lives(simulator, folder, options.seed).run(options.kills)
            for log in tally.logs:
                print(log, file=sys.stderr)
            for line in table(tally):
                print(line)
            with fauxqs_server() as server:
                of_orders = live(options.order_kills, folder, server, seed=options.seed, tell=_tell)
            for line in of_orders.lines():
                print(line)
        finally:
            end_warm_parents()
    ended = tally.ended + of_orders.killed
    print(f"{ended} runs ended in {time.monotonic() - began_at:.0f} seconds")
    return 0 if tally.is_good and not of_orders.wrong else 1


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
