"""Records a second without any rate limit, beside others who read the very same pages.

    python benchmarks/records.py [--orders 200000] [--peer-orders 20000] [--best-of 1]

The whole process counts, from its start to its end, and its output goes through a pipe to a reader
that only counts. The pages come from `replay_server.py`, which costs little beside reading them.
The others:

- `bare_loop.py`, which does nothing but fetch, decode and encode, with the standard library's json
  and, where it is installed, with msgspec. `decode and encode only` leaves out what its process
  spends on starting, fetching and writing;
- `plain_sdk_tap.py`, a tap by singer-sdk's guide, which is spared the SDK's lines in the log about
  each order's items. It is slow and reads fewer orders;
- other Singer taps, where `--peer` names any: `--peer "name=command {config}"`, in which `{config}`
  stands for a file of settings as `replay_server.py --write-config` writes it.

Two tasks: orders with their items as a stream of their own, and orders alone (items inside them).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.local_servers import replay_server
from benchmarks.tables import count, goal, megabytes, seconds, table
from benchmarks.tap_process import TAP, FinishedRun, expect, run, run_tap, write_json

HERE = Path(__file__).parent
QUIET = {"LOGLEVEL": "WARNING"}
TIMES_PLAIN_SDK = 6.0
TIMES_BARE_JSON = 2.0
CPU_TIMES_BARE_MSGSPEC_WITH_ITEMS = 1.5
CPU_TIMES_BARE_MSGSPEC = 1.2
COLUMNS = ("", "orders", "records", "wall", "cpu", "peak memory", "records/s", "records/cpu s")


@dataclass(frozen=True)
class Task:
    """What is read: `orders`, with or without `order_items`."""

    title: str
    streams: tuple[str, ...]

    @property
    def with_items(self) -> bool:
        """Whether items are a stream of their own."""
        return "order_items" in self.streams

    @property
    def times_bare_msgspec(self) -> float:
        """How much processor time the tap may take, compared with the bare loop with msgspec."""
        return CPU_TIMES_BARE_MSGSPEC_WITH_ITEMS if self.with_items else CPU_TIMES_BARE_MSGSPEC


TASKS = (
    Task("Orders and their items as two streams", ("orders", "order_items")),
    Task("Orders alone, their items inside them", ("orders",)),
)


def main() -> None:
    """Measure both tasks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=200_000, help="a multiple of 100")
    parser.add_argument("--peer-orders", type=int, default=20_000, help="for the slow peers")
    parser.add_argument("--best-of", type=int, default=1, help="runs of each, the quickest counts")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    options = parser.parse_args()
    for task in TASKS:
        print(compare(task, options), end="\n\n", flush=True)
    if not options.peer:
        found = ", ".join(other_taps()) or "none"
        print(f"Other Singer taps on PATH: {found}; --peer would point one to the server.")


def compare(task: Task, options: argparse.Namespace) -> str:
    """Let all readers do a task; returns a table and the goals.

    Raises:
        RunFailedError: One failed, or did not read all orders.
    """
    rows = []
    loops: dict[str, FinishedRun] = {}
    with tempfile.TemporaryDirectory() as name, replay_server(options.orders) as settings:
        folder = Path(name)
        tap = best(options.best_of, options.orders, lambda: run_tap(folder, settings, task.streams))
        rows.append(row("tap-amazon-sp", tap))
        config = str(write_json(folder / "replay.json", settings))
        for codec in codecs():
            command = [sys.executable, str(HERE / "bare_loop.py"), config, codec]
            if not task.with_items:
                command.append("--without-items")
            loop = best(options.best_of, options.orders, partial(run, command))
            loops[codec] = loop
            rows += [row(f"bare loop, {codec}", loop), decoding_row(loop)]

    with tempfile.TemporaryDirectory() as name, replay_server(options.peer_orders) as settings:
        plain_settings = settings | {"without_items": not task.with_items}
        config = str(write_json(Path(name) / "config.json", plain_settings))
        command = [sys.executable, str(HERE / "plain_sdk_tap.py"), "--config", config]
        plain = best(options.best_of, options.peer_orders, partial(run, command, environment=QUIET))
        rows.append(row("plain singer-sdk tap", plain))
        for peer in options.peer:
            title, _, peer_command = peer.partition("=")
            parts = [part.replace("{config}", config) for part in shlex.split(peer_command)]
            rows.append(row(title, run(parts)))

    times_plain = tap.records_a_second / plain.records_a_second
    slower = loops["json"].records_a_second / tap.records_a_second
    # Processor time says the same more steadily, where the machine has other things to do.
    cpu_plain = tap.records_a_cpu_second / plain.records_a_cpu_second
    cpu_slower = loops["json"].records_a_cpu_second / tap.records_a_cpu_second
    goals = (
        goal("Times as fast as the plain singer-sdk tap", times_plain, TIMES_PLAIN_SDK, least=True),
        goal("Times the duration of the bare loop with json", slower, TIMES_BARE_JSON),
    )
    lines = [
        f"{goals[0]} ({cpu_plain:.2f} by processor time)",
        f"{goals[1]} ({cpu_slower:.2f} by processor time)",
    ]
    if "msgspec" in loops:
        name = "Times the processor time of the bare loop with msgspec"
        lines.append(goal(name, tap.cpu / loops["msgspec"].cpu, task.times_bare_msgspec))
    return "\n".join(
        [f"{task.title}:", "", table(COLUMNS, rows), "", *(f"- {line}" for line in lines)]
    )


def best(times: int, orders: int, attempt: Callable[[], FinishedRun]) -> FinishedRun:
    """Return the quickest of some runs.

    Raises:
        RunFailedError: One of them did not give all orders.
    """
    runs = [attempt() for _ in range(times)]
    for finished in runs:
        expect(finished, "orders", orders)
    return min(runs, key=lambda finished: finished.wall)


def row(name: str, finished: FinishedRun) -> list[str]:
    """Return the row of a reader."""
    return [
        name,
        count(finished.records["orders"]),
        count(finished.all_records),
        seconds(finished.wall),
        seconds(finished.cpu),
        megabytes(finished.peak_memory),
        count(finished.records_a_second),
        count(finished.records_a_cpu_second),
    ]


def decoding_row(loop: FinishedRun) -> list[str]:
    """Return the row of what a bare loop spent on decoding and encoding, which it told itself."""
    spent = float(loop.log)
    rate = count(loop.all_records / spent)
    return ["- decode and encode only", "", "", seconds(spent), "", "", rate, ""]


def codecs() -> list[str]:
    """Return the ways to decode and encode JSON that are installed."""
    return ["json"] + ["msgspec"] * (importlib.util.find_spec("msgspec") is not None)


def other_taps() -> list[str]:
    """Return the commands on PATH that call themselves a tap, other than this one."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    names = {path.name for folder in folders for path in folder.glob("tap-*") if path.is_file()}
    return sorted(names - {Path(TAP).name})


if __name__ == "__main__":
    main()
