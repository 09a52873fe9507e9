"""`python -m tests.kills`, or `make kills`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tap_amazon_sp.simulator import Simulator
from tests.kills.lives import Lives, table, world
from tests.processes import end_warm_parents


def main() -> int:
    """Stop and kill runs; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many runs to end")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other moments")
    options = parser.parse_args()
    began_at = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(world(2 * options.kills)) as simulator,
    ):
        try:
            tally = Lives(simulator, Path(folder), options.seed).run(options.kills)
        finally:
            end_warm_parents()
    for log in tally.logs:
        print(log, file=sys.stderr)
    for line in table(tally):
        print(line)
    print(f"{tally.ended} runs ended in {time.monotonic() - began_at:.0f} seconds")
    return 0 if tally.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
