"""Rows per second of a large gzipped tab-separated report, compared with a bare loop.

    python benchmarks/report_rows.py [--rows 1000000] [--best-of 1] [--before FOLDER]

The document is an All Orders report of about 115 bytes per row, at an address on 127.0.0.1. Each
reader is a process; its whole time and memory count. It downloads, gunzips, reads row by row and
writes a line of JSON for each row to a pipe.

- `typed` reads the document as the tap does: resumable download, any character set, renamed
  columns, converted numbers and instants. `text` converts nothing, as for an unknown report type.
- `bare loop` is gzip, csv.reader, a dict and json.dumps (or msgspec), without checks and
  conversions. It assumes that the document is UTF-8 and that the download does not break.
- `csv.reader only` splits the lines and drops them: the fastest way to read every field in Python.
- `every field quoted` and `stray quotes` are the same rows, converted, out of other files: all
  fields are in quotes, or some have an inch mark and no field is in quotes.

`--before` names a checkout of another build, such as an older one, with its environment in `.venv`.
Its own copy of this program reads the same files. Both builds take turns, and the fastest run of
each counts. The older one does not read stray quotes, which it may read wrongly.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.report_reader import read
from benchmarks.tables import count, goal, megabytes, seconds, table
from benchmarks.tap_process import FinishedRun, RunFailedError, run

HEADER = (
    *("amazon-order-id", "merchant-order-id", "purchase-date", "last-updated-date", "order-status"),
    *("sku", "asin", "quantity", "currency", "item-price"),
)
BLOCK_ROWS = 10_000
TIMES_BARE_JSON = 1.5
MAX_MEMORY = 100.0
LEAST_OF_BEFORE = 0.9
LEAST_OF_CLEAN = 0.5
COLUMNS = ("", "wall", "cpu", "peak memory", "rows/s", "rows/cpu s")
READERS = {
    "typed": "tap-amazon-sp, converted",
    "text": "tap-amazon-sp, all text",
    "bare-json": "bare loop, json",
    "bare-msgspec": "bare loop, msgspec",
    "csv": "csv.reader only",
}
BEFORE = "before, "
"""Begins the name of a run of the other build."""


@dataclass(frozen=True)
class Report:
    """A way to write the report: from the fields of a line to the line."""

    title: str
    written: Callable[[Sequence[str]], str]


def plain(fields: Sequence[str]) -> str:
    """Return a line as Amazon usually writes it."""
    return "\t".join(fields)


def quoted(fields: Sequence[str]) -> str:
    """Return a line with every field in quotes."""
    return '"' + '"\t"'.join(fields) + '"'


def stray(fields: Sequence[str]) -> str:
    """Return a line; that of every tenth SKU has an inch mark."""
    if not fields[5].endswith("7"):
        return plain(fields)
    return plain([*fields[:5], f'{fields[5]} 8x10" frame', *fields[6:]])


CLEAN = Report("", plain)
QUOTED = Report(", every field quoted", quoted)
STRAY = Report(", stray quotes", stray)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="a multiple of 10,000")
    parser.add_argument("--best-of", type=int, default=1, help="runs of each; the fastest counts")
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="another build")
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        read(options.reader, options.url)
        return
    builds = {"": [sys.executable, __file__]}
    if options.before:
        program = options.before / "benchmarks" / Path(__file__).name
        builds[BEFORE] = [str(options.before / ".venv" / "bin" / "python"), str(program)]
    measured: dict[str, FinishedRun] = {}
    for report, readers in ((CLEAN, [*READERS]), (QUOTED, ["typed"]), (STRAY, ["typed"])):
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(Path(folder), options.rows, report) as url,
        ):
            for reader in readers:
                ours = reader in ("typed", "text")
                runs = best_of_each(
                    {
                        name: [*program, "--reader", reader, "--url", url]
                        for name, program in builds.items()
                        if not name or (ours and report is not STRAY)
                    },
                    options.best_of,
                    options.rows,
                )
                measured |= {
                    f"{name}{READERS[reader]}{report.title}": found for name, found in runs.items()
                }
    print(table(COLUMNS, [row(name, found, options.rows) for name, found in measured.items()]))
    print()
    for sentence in sentences(measured):
        print(f"- {sentence}")


def sentences(measured: Mapping[str, FinishedRun]) -> Iterator[str]:
    """Yield what was measured, compared with the goals."""
    typed = READERS["typed"]
    ours, bare = measured[typed], measured[READERS["bare-json"]]
    yield goal("Processor time / bare loop with json", ours.cpu / bare.cpu, TIMES_BARE_JSON)
    most = max(run.peak_memory for name, run in measured.items() if name.startswith("tap-"))
    yield goal("Peak memory in MB", most / 1e6, MAX_MEMORY, digits=0)
    for report in (QUOTED, STRAY):
        share = ours.cpu / measured[typed + report.title].cpu
        name = f"Rows per second{report.title} / the same without quotes"
        yield goal(name, share, LEAST_OF_CLEAN, least=True)
    for name, before in measured.items():
        if name.startswith(BEFORE):
            ours = measured[name.removeprefix(BEFORE)]
            yield (
                goal(
                    f"Rows per second / {name}",
                    before.wall / ours.wall,
                    LEAST_OF_BEFORE,
                    least=True,
                )
                + f" ({before.cpu / ours.cpu:.2f} by processor time)"
            )


def best_of_each(
    commands: Mapping[str, Sequence[str]], times: int, rows: int
) -> dict[str, FinishedRun]:
    """Run commands by turns; return the fastest run of each.

    Raises:
        RunFailedError: A run failed, or did not write all rows.
    """
    runs: dict[str, list[FinishedRun]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            finished = run(command)
            if int(finished.log.split()[-1]) != rows:
                message = f"{' '.join(command)} wrote {finished.log.strip()} of {rows} rows"
                raise RunFailedError(message)
            runs[name].append(finished)
    return {name: min(found, key=lambda one: one.wall) for name, found in runs.items()}


def best(times: int, rows: int, reader: str, url: str) -> FinishedRun:
    """Return the fastest of some runs of a reader.

    Raises:
        RunFailedError: A run failed, or did not write all rows.
    """
    command = [sys.executable, __file__, "--reader", reader, "--url", url]
    return best_of_each({reader: command}, times, rows)[reader]


def row(name: str, finished: FinishedRun, rows: int) -> list[str]:
    """Return the row of a reader."""
    return [
        name,
        seconds(finished.wall),
        seconds(finished.cpu),
        megabytes(finished.peak_memory),
        count(rows / finished.wall),
        count(rows / finished.cpu),
    ]


@contextmanager
def serving(folder: Path, rows: int, report: Report) -> Iterator[str]:
    """Write the document and serve it; yield its address."""
    write_document(folder / "report.gz", rows, report)

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/report.gz"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_document(path: Path, rows: int, report: Report) -> None:
    """Write the report, block by block."""

    def line(fields: Sequence[str]) -> str:
        return report.written(fields) + "\r\n"

    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(line(HEADER).encode())
        for first in range(0, rows, BLOCK_ROWS):
            block = (line(fields_of(number)) for number in range(first, first + BLOCK_ROWS))
            file.write("".join(block).encode())


def fields_of(number: int) -> list[str]:
    """Return the fields of a row."""
    day, minute, second = number % 28 + 1, number // 60 % 60, number % 60
    return [
        f"206-{number:07d}-1234567",
        "",
        f"2026-01-{day:02d}T08:{minute:02d}:{second:02d}+00:00",
        f"2026-02-{day:02d}T09:00:{second:02d}+00:00",
        "Shipped",
        f"SKU-{number % 5000}",
        f"B0{number % 99999:08d}",
        f"{number % 9}",
        "USD",
        f"{number % 300}.{number % 100:02d}",
    ]


if __name__ == "__main__":
    main()
