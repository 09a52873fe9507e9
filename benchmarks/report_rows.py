"""Rows per second of a large gzipped tab-separated report, compared with a bare loop.

    python benchmarks/report_rows.py [--rows 1000000] [--best-of 1]

The document is an All Orders report of about 115 bytes per row, at an address on 127.0.0.1. Each
reader is a process; its whole time and memory count. It downloads, gunzips, reads row by row and
writes a line of JSON for each row to a pipe.

- `typed` reads the document as the tap does: resumable download, any character set, renamed
  columns, converted numbers and instants. `text` converts nothing, as for an unknown report type.
- `bare loop` is gzip, csv.reader, a dict and json.dumps (or msgspec), without checks and
  conversions. It assumes that the document is UTF-8 and that the download does not break.
- `csv.reader only` splits the lines and drops them: the fastest way to read every field in Python.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import requests

from benchmarks.tables import count, goal, megabytes, seconds, table
from benchmarks.tap_process import FinishedRun, run
from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.amazon.retry import RetryPolicy
from tap_amazon_sp.common.clock import SystemClock
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.rows import read_rows

KNOWN = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
UNKNOWN = "GET_UNKNOWN_REPORT"
HEADER = (
    "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tsku\tasin\t"
    "quantity\tcurrency\titem-price\r\n"
)
BLOCK_ROWS = 10_000
TIMES_BARE_JSON = 1.5
MAX_MEMORY = 200.0
COLUMNS = ("", "wall", "cpu", "peak memory", "rows/s", "rows/cpu s")
READERS = {
    "typed": "tap-amazon-sp, converted",
    "text": "tap-amazon-sp, all text",
    "bare-json": "bare loop, json",
    "bare-msgspec": "bare loop, msgspec",
    "csv": "csv.reader only",
}


def main() -> None:
    """Measure, or run as one of the readers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="a multiple of 10,000")
    parser.add_argument("--best-of", type=int, default=1, help="runs of each; the fastest counts")
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        read(options.reader, options.url)
        return
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), options.rows) as url:
        runs = {reader: best(options.best_of, options.rows, reader, url) for reader in READERS}
    rows = [row(READERS[reader], finished, options.rows) for reader, finished in runs.items()]
    print(table(COLUMNS, rows))
    slower = runs["typed"].cpu / runs["bare-json"].cpu
    memory = runs["typed"].peak_memory / 1e6
    print()
    print(f"- {goal('Processor time / bare loop with json', slower, TIMES_BARE_JSON)}")
    print(f"- {goal('Peak memory in MB', memory, MAX_MEMORY, digits=0)}")


def best(times: int, rows: int, reader: str, url: str) -> FinishedRun:
    """Return the fastest of some runs.

    Raises:
        RunFailedError: A run failed.
        ValueError: A run did not write all rows.
    """
    command = [sys.executable, __file__, "--reader", reader, "--url", url]
    runs = [run(command) for _ in range(times)]
    for finished in runs:
        if int(finished.log) != rows:
            message = f"{reader} wrote {finished.log.strip()} of {rows} rows"
            raise ValueError(message)
    return min(runs, key=lambda finished: finished.wall)


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
def serving(folder: Path, rows: int) -> Iterator[str]:
    """Write the document and serve it; yield its address."""
    write_document(folder / "report.gz", rows)

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


def write_document(path: Path, rows: int) -> None:
    """Write the report, block by block."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(HEADER.encode())
        for first in range(0, rows, BLOCK_ROWS):
            file.write("".join(map(line, range(first, first + BLOCK_ROWS))).encode())


def line(number: int) -> str:
    """Return a line of the report."""
    day, minute, second = number % 28 + 1, number // 60 % 60, number % 60
    return (
        f"206-{number:07d}-1234567\t\t2026-01-{day:02d}T08:{minute:02d}:{second:02d}+00:00\t"
        f"2026-02-{day:02d}T09:00:{second:02d}+00:00\tShipped\tSKU-{number % 5000}\t"
        f"B0{number % 99999:08d}\t{number % 9}\tUSD\t{number % 300}.{number % 100:02d}\r\n"
    )


def read(reader: str, url: str) -> None:
    """Read the document, write a line of JSON for each row, and print the number of rows."""
    rows = (
        ours(url, KNOWN if reader == "typed" else UNKNOWN)
        if reader in ("typed", "text")
        else bare(url)
    )
    written = 0
    if reader == "csv":
        for _ in rows:
            written += 1
    else:
        encode = encoder(reader)
        output = sys.stdout.buffer
        for each in rows:
            output.write(encode(each))
            output.write(b"\n")
            written += 1
    print(written - (reader == "csv"), file=sys.stderr)


def encoder(reader: str) -> Callable[[Any], bytes]:
    """Return the function that encodes a row as JSON."""
    if reader != "bare-json":
        return msgspec.json.Encoder(decimal_format="number").encode
    return lambda value: json.dumps(value).encode()


def ours(url: str, name: str) -> Iterator[Any]:
    """Yield the rows as the tap reads them."""
    session = requests.Session()
    document = Document(
        lambda: url,
        lambda address, headers: session.get(address, headers=headers, stream=True, timeout=60),
        retry=RetryPolicy(SystemClock()),
        name="reports.getReportDocument",
    )
    with document:
        yield from read_rows(document, report_type(name), content_type="text/plain; charset=UTF-8")


def bare(url: str) -> Iterator[Any]:
    """Yield the rows of a document whose format is known."""
    with requests.get(url, stream=True, timeout=60) as response, gzip.open(response.raw) as file:
        reader = csv.reader(io.TextIOWrapper(file, "utf-8", newline=""), delimiter="\t")
        if "csv" in sys.argv:
            yield from reader
            return
        header = next(reader)
        for each in reader:
            yield dict(zip(header, each, strict=True))


if __name__ == "__main__":
    main()
