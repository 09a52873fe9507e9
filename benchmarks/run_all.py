"""Run all benchmarks and write their tables as Markdown, in about an hour.

    make benchmarks                            # writes docs/performance.md
    python benchmarks/run_all.py > figures.md
    python benchmarks/run_all.py --quick       # small numbers: does everything still run?
    python benchmarks/run_all.py --only Calls  # one or several sections

Progress goes to standard error. The exit code is 1 if a benchmark failed; missing a goal is not a
failure.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """A benchmark with the title of its section, and arguments to run it within seconds."""

    title: str
    program: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()


SECTIONS = (
    Section(
        "Many streams under Amazon's limits",
        "bound.py",
        quick=("--speed", "500", "--orders", "300", "--records", "50"),
    ),
    Section(
        "The same with Orders v0",
        "bound.py",
        ("--orders-api", "v0"),
        quick=("--speed", "500", "--orders", "300", "--records", "50"),
    ),
    Section(
        "Orders from each source",
        "orders.py",
        quick=("--orders", "300", "--seconds", "1"),
    ),
    Section("A million orders from a report", "order_history.py", quick=("--orders", "20000")),
    Section("Orders that change", "order_lag.py", quick=("--days", "0.1", "--changes", "5000")),
    Section("Calls", "calls.py", quick=("--orders", "500")),
    Section("Records per second", "records.py", quick=("--orders", "5000", "--peer-orders", "500")),
    Section(
        "Many accounts",
        "accounts.py",
        quick=("--accounts", "1", "5", "--speed", "500", "--orders", "50"),
    ),
    Section("Memory", "memory.py", quick=("--records", "1000", "20000")),
    Section("Many reports", "reports.py", quick=("--speed", "100", "--orders", "200")),
    Section("A report of 1 GB", "report_memory.py", quick=("--rows", "50000", "--few", "5000")),
    Section("Report rows", "report_rows.py", quick=("--rows", "20000")),
    Section("Start", "startup.py", quick=("--best-of", "1")),
    Section("The simulator", "simulator.py", quick=("--orders", "2000", "10000", "--best-of", "1")),
)

INTRODUCTION = """\
# Performance

Written by `make benchmarks`. The programs are in [benchmarks/](../benchmarks/README.md), which
explains how they measure: everything runs on one machine with {cores} cores and Python {python},
against servers on 127.0.0.1. Compare ratios within a table, not seconds between tables.

Amazon's limits are token buckets, so there is a shortest time for a number of calls: that of the
slowest operation, or of a chain of operations that wait for each other. The first tables compare
the tap with it. An operation without a burst is called up to a twentieth of its period (or a tenth
of a second) later than possible, so that no call arrives too early."""


def main() -> int:
    """Run all benchmarks; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small numbers; measures nothing")
    parser.add_argument("--only", nargs="+", metavar="TITLE", help="only these sections")
    options = parser.parse_args()
    print(INTRODUCTION.format(python=platform.python_version(), cores=os.cpu_count()))
    failed = False
    for section in SECTIONS:
        if options.only and section.title not in options.only:
            continue
        arguments = [*section.arguments, *(section.quick if options.quick else ())]
        command = [sys.executable, str(HERE / section.program), *arguments]
        print(f"{section.title} ...", file=sys.stderr, flush=True)
        finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        failed = failed or finished.returncode != 0
        shown = " ".join(["python", f"benchmarks/{section.program}", *arguments])
        print(f"\n## {section.title}\n\n{_summary(section.program)}\n\n`{shown}`\n")
        print(finished.stdout.strip() or "It failed.", flush=True)
    return int(failed)


def _summary(program: str) -> str:
    """Return the first sentence of a program's docstring."""
    docstring = ast.get_docstring(ast.parse((HERE / program).read_text(encoding="utf-8")))
    return (docstring or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
