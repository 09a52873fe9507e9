"""How long the tap takes to start, without any request.

    python benchmarks/startup.py [--best-of 5]

For comparison: the start of Python itself, and of singer-sdk, which the tap is built on.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.tables import megabytes, seconds, table
from benchmarks.tap_process import TAP, run

COMMANDS = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "python -c 'import singer_sdk'": (sys.executable, "-c", "import singer_sdk"),
    "tap-amazon-sp --version": (TAP, "--version"),
    "tap-amazon-sp --help": (TAP, "--help"),
    "tap-amazon-sp --discover": (TAP, "--discover"),
}
COLUMNS = ("", "wall", "cpu", "peak memory")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--best-of", type=int, default=5, help="runs of each; the fastest counts")
    options = parser.parse_args()
    rows = []
    for name, command in COMMANDS.items():
        runs = [run(command) for _ in range(options.best_of)]
        best = min(runs, key=lambda finished: finished.wall)
        rows.append([name, seconds(best.wall), seconds(best.cpu), megabytes(best.peak_memory)])
    print(table(COLUMNS, rows))


if __name__ == "__main__":
    main()
