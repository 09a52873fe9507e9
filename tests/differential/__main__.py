"""`python -m tests.differential`, or `make differential`.

Each table is written in an eighth of the combinations of delimiter, quoting and line end, and it is
the turn of the next eighth with the next table: 10,000 tables are 90,000 documents. `--all` writes
each table in all of them.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial

from tests.differential.comparison import Fault, smallest
from tests.differential.plan import Result, compared

SHARE = 25
"""Tables that a process compares at a time."""


def main() -> int:
    """Compare, and print what was found.

    Returns:
        The exit code: 1 if something is different.
    """
    parser = argparse.ArgumentParser(
        description="Write random tables in every dialect of flat files, and read them back."
    )
    parser.add_argument("--tables", type=int, default=10_000)
    parser.add_argument("--all", action="store_true", help="every table in all combinations")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--faults", type=int, default=20, help="how many are shown, at most")
    options = parser.parse_args()

    # What the reader tells of documents is not what is compared.
    logging.disable()
    begun = time.monotonic()
    shares = [
        range(first, min(first + SHARE, options.tables))
        for first in range(0, options.tables, SHARE)
    ]
    result = Result()
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        compare = partial(compared, options.seed, in_all=options.all)
        for part in pool.imap_unordered(compare, shares):
            result.add(part)
    for fault in list(different(result.faults))[: options.faults]:
        show(smallest(fault))
    print(
        f"{result.tables:,} tables, {len(result.documents):,} dialects, "
        f"{result.documents.total():,} documents, {result.cells:,} cells, "
        f"{len(result.faults):,} differences "
        f"(seed {options.seed}, {time.monotonic() - begun:.0f} s)"
    )
    return 1 if result.faults else 0


def different(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Yield a fault of each way to quote, delimiter, shape, and with and without a preamble."""
    known = set()
    for fault in sorted(faults, key=lambda fault: len(fault.content)):
        dialect = fault.dialect
        kind = (
            *(dialect.header_style, dialect.style, dialect.delimiter),
            *(dialect.shape, dialect.has_preamble),
        )
        if kind not in known:
            known.add(kind)
            yield fault


def show(fault: Fault) -> None:
    """Print a fault. The data are made up, so that they may be shown."""
    print(f"{fault.dialect} (seed {fault.seed})")
    print(f"  {fault.content!r}")
    print(f"  {fault.difference}\n")


if __name__ == "__main__":
    sys.exit(main())
