"""Records per second without rate limits, compared with other readers of the same pages.

    python benchmarks/records.py [--orders 200000] [--peer-orders 20000] [--best-of 1]

Figures are of the whole process, from start to end. Its output goes through a pipe to a reader that
only counts. The pages come from `replay_server.py`, whose cost is small compared with reading them.
The other readers:

- `bare_loop.py` only fetches, decodes and encodes, with the standard library's json and with
  msgspec. `decode and encode only` excludes starting, fetching and writing.
- `plain_sdk_tap.py` is a tap as the guide of singer-sdk suggests, without the SDK's log lines about
  the items of each order. It is slow, so it reads fewer orders.
- Other Singer taps, if `--peer` names any: `--peer "name=command {config}"`. `{config}` stands for
  a settings file as `replay_server.py --write-config` writes it.

There are two tasks: orders with their items as a second stream, and orders alone with the items
inside.
"""

from __future__ import annotations

import argparse
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
CODECS = ("json", "msgspec")
QUIET = {"LOGLEVEL": "WARNING"}
TIMES_PLAIN_SDK = 6.0
TIMES_BARE_JSON = 2.0
CPU_TIMES_BARE_MSGSPEC_WITH_ITEMS = 1.5
CPU_TIMES_BARE_MSGSPEC = 1.2
COLUMNS = ("", "orders", "records", "wall", "cpu", "peak memory", "records/s", "records/cpu s")


@dataclass(frozen=True)
class Task:
    """What to read: `orders`, with or without `order_items`."""

    title: str
    streams: tuple[str, ...]

    @property
    def with_items(self) -> bool:
        """Whether items are a second stream."""
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
    parser.add_argument("--best-of", type=int, default=1, help="runs of each; the fastest counts")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    options = parser.parse_args()
    for task in TASKS:
        print(compare(task, options), end="\n\n", flush=True)
    if not options.peer:
        found = ", ".join(other_taps()) or "none"
        print(f"Other Singer taps on PATH: {found}; --peer runs one against the server.")


def compare(task: Task, options: argparse.Namespace) -> str:
    """Run all readers on a task; return a table and the goals.

    Raises:
        RunFailedError: A reader failed or did not read all orders.
    """
    rows = []
    loops: dict[str, FinishedRun] = {}
    with tempfile.TemporaryDirectory() as name, replay_server(options.orders) as settings:
        folder = Path(name)
        tap = best(options.best_of, options.orders, lambda: run_tap(folder, settings, task.streams))
        rows.append(row("tap-amazon-sp", tap))
        config = str(write_json(folder / "replay.json", settings))
        for codec in CODECS:
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
    # Processor time varies less if the machine has other work.
    cpu_plain = tap.records_a_cpu_second / plain.records_a_cpu_second
    cpu_slower = loops["json"].records_a_cpu_second / tap.records_a_cpu_second
    goals = (
        goal("Speed / plain singer-sdk tap", times_plain, TIMES_PLAIN_SDK, least=True),
        goal("Wall time / bare loop with json", slower, TIMES_BARE_JSON),
    )
    lines = [
        f"{goals[0]} ({cpu_plain:.2f} by processor time)",
        f"{goals[1]} ({cpu_slower:.2f} by processor time)",
    ]
    if "msgspec" in loops:
        name = "Processor time / bare loop with msgspec"
        lines.append(goal(name, tap.cpu / loops["msgspec"].cpu, task.times_bare_msgspec))
    return "\n".join(
        [f"{task.title}:", "", table(COLUMNS, rows), "", *(f"- {line}" for line in lines)]
    )


def best(times: int, orders: int, attempt: Callable[[], FinishedRun]) -> FinishedRun:
    """Return the fastest of some runs.

    Raises:
        RunFailedError: A run did not write all orders.
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
    """Return the row of decoding and encoding in a bare loop, whose time it prints itself."""
    spent = float(loop.log)
    rate = count(loop.all_records / spent)
    return ["- decode and encode only", "", "", seconds(spent), "", "", rate, ""]


def other_taps() -> list[str]:
    """Return the commands on PATH whose names begin with `tap-`, other than this one."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    names = {path.name for folder in folders for path in folder.glob("tap-*") if path.is_file()}
    return sorted(names - {Path(TAP).name})


if __name__ == "__main__":
    main()
