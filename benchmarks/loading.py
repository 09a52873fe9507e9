"""Loading into PostgreSQL: processor time of tap, loader and server, with loaders and settings.

    python -m benchmarks.loading [--rows 20000] [--orders 2000] [--only NUMBER ...] [--times N]
    make loading                          # larger numbers, and writes docs/loading.md

The tap reads an All Orders report and orders with their items once, from servers on 127.0.0.1. What
it wrote is then loaded into a PostgreSQL server of this machine with each loader, twice. An amount
in every thousandth report row has 18 digits, more than a floating-point number holds.

- **processor time** is user and system time of the tap, the loader and the server together, of the
  first load. Meltano, which would pass the messages on, is left out.
- **other numbers** are rows with a number that is not the one that was sent, at any depth.
- **second load** says how many rows there are too many, or too few, after the same messages again.

Two kinds of messages are not what the tap sends. The benchmark makes them, to see if sending them
would help: BATCH messages with files of 10,000 records, which singer-sdk knows, and lists of
objects whose schema allows an object: target-postgres makes `jsonb` of them, not `jsonb[]`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.loaded_rows import Numbers, keys_of, numbers_loaded, numbers_sent
from benchmarks.postgres_server import Server
from benchmarks.recordings import (
    Recording,
    record_orders,
    record_report,
    with_batches,
    with_json_lists,
)
from benchmarks.tables import count, seconds, table
from benchmarks.tap_process import timed, write_json
from tests.loader_environments import Environment

PAGE = Path(__file__).parent.parent / "tests" / "loading_page.md"
GOAL = 1.8


@dataclass(frozen=True)
class Trial:
    """A loader with settings, and how the messages are changed before.

    Attributes:
        loader: The name of its environment.
        settings: Beyond host, user and schema.
        sent: What is sent if it is not what the tap wrote.
        change: Makes that of the tap's messages: from a path to a path.
    """

    loader: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    sent: str = ""
    change: Callable[[Path], Path] = lambda path: path

    def title(self, version: str) -> str:
        """Return the name of the row."""
        settings = (f"`{name}: {json.dumps(value)}`" for name, value in self.settings.items())
        return ", ".join([f"{self.loader} {version}", *settings, *filter(None, [self.sent])])


def with_both(path: Path) -> Path:
    """Return the messages with files of records and such schemas."""
    return with_batches(with_json_lists(path))


NO_METADATA = {"add_record_metadata": False, "activate_version": False}
LISTS, BATCHES = "lists as `jsonb`", "BATCH messages"
SDK, PIPELINEWISE = "target-postgres", "pipelinewise-target-postgres"
PLAIN = {"use_copy": False, "validate_records": False}
COPY = {"use_copy": True, "validate_records": False}
TRIALS = (
    Trial(SDK, PLAIN),
    Trial(SDK),
    Trial(SDK, PLAIN | NO_METADATA),
    Trial(SDK, PLAIN | NO_METADATA, LISTS, with_json_lists),
    Trial(SDK, PLAIN | NO_METADATA, f"{LISTS}, {BATCHES}", with_both),
    Trial(SDK, COPY),
    Trial(SDK, COPY | NO_METADATA),
    Trial(SDK, COPY | NO_METADATA, LISTS, with_json_lists),
    Trial(SDK, COPY | NO_METADATA, f"{LISTS}, {BATCHES}", with_both),
    Trial(PIPELINEWISE),
)
"""The first is what meltano.yml has, with which the others are compared."""
FEW = (0, 5, 8)
"""Today's settings, and COPY without and with all that may help."""


@dataclass(frozen=True)
class Bench:
    """Where loaders are installed, and where they load to."""

    folder: Path
    server: Server

    def environment(self, loader: str) -> Environment:
        """Return the environment of a loader."""
        folder = Path(os.environ.get("LOADERS_FOLDER", self.folder / "environments"))
        # Old libraries of PipelineWise's have no wheels for today's Python.
        return Environment(loader, folder, from_wheels=not loader.startswith("pipelinewise"))

    def load(self, trial: Trial, messages: Path, schema: str) -> tuple[float, float]:
        """Load messages; return the processor time of loader and server, and the wall time.

        Raises:
            RunFailedError: The loader failed.
        """
        address = self.server.address
        environment = self.environment(trial.loader)
        config = {
            "host": "127.0.0.1",
            "port": address.port,
            "user": "postgres",
            "password": address.password,
            "dbname" if trial.loader == PIPELINEWISE else "database": "postgres",
            "default_target_schema": schema,
            **trial.settings,
        }
        path = write_json(self.folder / "loader.json", config)
        command = [str(environment.bin / "target-postgres"), "--config", str(path)]
        before = self.server.cpu()
        cpu, wall = timed(command, messages, self.folder / "states")
        return cpu + self.server.cpu() - before, wall

    def wrong(self, schema: str, sent: Sent) -> tuple[int, int]:
        """Return how many rows have another number than was sent, and how many are too many."""
        differing = surplus = 0
        for stream, key in sent.keys.items():
            found = numbers_loaded(self.server.address.dsn, schema, stream, key)
            differing += sent.numbers[stream].differing(found)
            surplus += found.rows - sent.numbers[stream].rows
        return differing, surplus


@dataclass(frozen=True)
class Sent:
    """The keys and numbers of a recording, by stream."""

    keys: Mapping[str, Sequence[str]]
    numbers: Mapping[str, Numbers]


@dataclass(frozen=True)
class Figures:
    """What a trial took, and whether it is exact.

    Attributes:
        title: The name of the row.
        cpus: Processor time of tap, loader and server for each recording, in seconds.
        wall: Seconds of the loader for all of them.
        differing: Rows with another number than was sent.
        surplus: Rows too many after the second load; negative if rows are missing.
    """

    title: str
    cpus: Sequence[float]
    wall: float
    differing: int
    surplus: int

    @property
    def is_exact(self) -> bool:
        """Whether each row is there once, with the numbers that were sent."""
        return not (self.differing or self.surplus)

    def times_as_fast(self, today: Figures) -> float:
        """Return the processor time of another trial divided by that of this one."""
        return sum(today.cpus) / sum(self.cpus)

    def cells(self, today: Figures) -> list[str]:
        """Return the row of the table."""
        return [
            self.title,
            *map(seconds, self.cpus),
            seconds(self.wall),
            count(self.differing) if self.differing else "none",
            f"{self.surplus:+,}" if self.surplus else "the same rows",
            f"{self.times_as_fast(today):.2f}",
        ]


COLUMNS = (
    *("loader", "report, processor time", "orders, processor time", "both, wall"),
    *("other numbers", "second load", "times as fast"),
)


def main() -> int:
    """Measure; return the exit code, which is 1 if today's settings change a number or a row."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.loading", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--rows", type=int, default=20_000, help="rows of the report")
    parser.add_argument("--orders", type=int, default=2_000, help="a multiple of 100")
    parser.add_argument("--only", nargs="+", type=int, metavar="NUMBER", help="of the trials")
    parser.add_argument("--times", type=int, metavar="N", help="a few again, with N times as many")
    options = parser.parse_args()
    chosen = [TRIALS[number] for number in options.only] if options.only else [*TRIALS]
    small = measure(chosen, options.rows, options.orders)
    large = []
    if options.times:
        few = [TRIALS[number] for number in FEW]
        large = measure(few, options.rows * options.times, options.orders * options.times)
    text = PAGE.read_text(encoding="utf-8").format(
        rows=count(options.rows),
        orders=count(options.orders),
        sentence=sentence(small),
        table=table(COLUMNS, [one.cells(small[0]) for one in small]),
        more=larger(options.times, large) if large else "",
    )
    sys.stdout.write(text)
    return int(not small[0].is_exact)


def larger(times: int, figures: Sequence[Figures]) -> str:
    """Return the part of the page with more records."""
    cells = [one.cells(figures[0]) for one in figures]
    start = f"The same with {times} times as many records, where the start of the loader is little:"
    return f"{start}\n\n{table(COLUMNS, cells)}\n\n"


def sentence(figures: Sequence[Figures]) -> str:
    """Return how much faster the best trials are than today's settings."""
    today = figures[0]
    fastest = max(figures, key=lambda one: one.times_as_fast(today))
    exact = max((one for one in figures if one.is_exact), key=lambda one: one.times_as_fast(today))
    reached = "reaches" if exact.times_as_fast(today) >= GOAL else "does not reach"
    return (
        f"The goal is {GOAL:g} times as fast as {today.title}, with the same rows and numbers. "
        f"The fastest that is exact, {exact.title}, is {exact.times_as_fast(today):.2f} times as "
        f"fast and {reached} it. The fastest of all, {fastest.title}, is "
        f"{fastest.times_as_fast(today):.2f} times as fast and changes "
        f"{count(fastest.differing)} rows."
    )


def measure(trials: Sequence[Trial], rows: int, orders: int) -> list[Figures]:
    """Load the same records with each loader.

    Raises:
        RunFailedError: The tap or a loader failed.
    """
    with tempfile.TemporaryDirectory(prefix="loading-") as name, Server.running() as server:
        bench = Bench(Path(name), server)
        recordings = [record_report(bench.folder, rows), record_orders(bench.folder, orders)]
        sent = [Sent(keys_of(one.path), numbers_sent(one.path)) for one in recordings]
        found = []
        for number, trial in enumerate(trials):
            found.append(measured(bench, trial, recordings, sent, f"trial_{number}"))
            sys.stderr.write(f"{' | '.join(found[-1].cells(found[0]))}\n")
            sys.stderr.flush()
        return found


def measured(
    bench: Bench, trial: Trial, recordings: Sequence[Recording], sent: Sequence[Sent], schema: str
) -> Figures:
    """Load all recordings twice.

    Raises:
        RunFailedError: The loader failed.
    """
    environment = bench.environment(trial.loader)
    environment.make()
    cpus, wall, differing, surplus = [], 0.0, 0, 0
    for recording, what in zip(recordings, sent, strict=True):
        messages = trial.change(recording.path)
        cpu, seconds_taken = bench.load(trial, messages, schema)
        cpus.append(recording.cpu + cpu)
        wall += seconds_taken
        bench.load(trial, messages, schema)
        others, too_many = bench.wrong(schema, what)
        differing += others
        surplus += too_many
    bench.server.drop(schema)
    return Figures(trial.title(environment.version()), cpus, wall, differing, surplus)


if __name__ == "__main__":
    sys.exit(main())
