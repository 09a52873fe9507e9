"""A report of ten million rows, 1 GB: memory, and speed compared with bare loops.

    python benchmarks/report_memory.py [--rows 10000000] [--few 100000] [--before FOLDER]

The simulator makes a tab-separated report of about 100 bytes per row while it sends it, gzipped.
The installed tap requests it, waits for it and writes its rows as RECORD messages to a pipe.
Figures are of the whole run, from the start of the process to the end. A report of `--few` rows is
read in the same way: it would show if memory grew with the report.

Then the bare loops of `report_rows.py` read the same document from the simulator. They know its
format beforehand, convert nothing, and write a line of JSON with the ten columns of a row. A record
of the tap has eight more properties, so it writes much more. The tap and the loops run on the same
machine, minutes apart. `--before` names a checkout of another build of the tap, with its
environment in `.venv`, which reads the same report, too.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import report_rows
from benchmarks.local_servers import simulator, truth
from benchmarks.tables import count, goal, megabytes, seconds, table
from benchmarks.tap_process import TAP, FinishedRun, RunFailedError, expect, run_tap, write_json

REPORT_TYPE = "GET_FBA_RECOMMENDED_REMOVAL_DATA"
STREAM = "report_fba_recommended_removal"
MARKETPLACE_ID = "ATVPDKIKX0DER"
LOOPS = ("bare-json", "bare-msgspec", "csv")
MAX_MEMORY = 100.0
LEAST_OF_BEFORE = 0.9
TIMES_FEW = 1.1
TIMES_BARE_JSON = 1.0
SPEED = 1000.0
"""Makes the wait for the report short: about a tenth of a second."""
COLUMNS = ("", "rows", "wall", "cpu", "peak memory", "written", "rows/s", "rows/cpu s")

AMAZON_SP = str(Path(sys.executable).with_name("amazon-sp"))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--few", type=int, default=100_000, help="rows of the small report")
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="another build")
    options = parser.parse_args()

    few, _, _ = measure(options.few)
    before = None
    if options.before:
        tap = str(options.before / ".venv" / "bin" / "tap-amazon-sp")
        before, _, _ = measure(options.rows, tap=tap)
    ours, loops, (plain, zipped) = measure(options.rows, *LOOPS)

    runs = {report_rows.READERS[name]: finished for name, finished in loops.items()}
    rows = [row("tap-amazon-sp", few, options.few), row("tap-amazon-sp", ours, options.rows)]
    if before is not None:
        rows.append(row("before, tap-amazon-sp", before, options.rows))
    rows += [row(name, finished, options.rows) for name, finished in runs.items()]
    print(f"{count(options.rows)} rows, {megabytes(plain)}, gzipped {megabytes(zipped)}:\n")
    print(table(COLUMNS, rows))
    bare = loops["bare-json"]
    print()
    print(f"- {goal('Peak memory in MB', ours.peak_memory / 1e6, MAX_MEMORY, digits=0)}")
    times_few = ours.peak_memory / few.peak_memory
    print(f"- {goal('Peak memory / that for few rows', times_few, TIMES_FEW)}")
    slower, by_cpu = ours.wall / bare.wall, ours.cpu / bare.cpu
    print(
        f"- {goal('Wall time / bare loop with json', slower, TIMES_BARE_JSON)} "
        f"({by_cpu:.2f} by processor time)"
    )
    if before is not None:
        faster, by_cpu = before.wall / ours.wall, before.cpu / ours.cpu
        print(
            f"- {goal('Rows per second / before', faster, LEAST_OF_BEFORE, least=True)} "
            f"({by_cpu:.2f} by processor time)"
        )


def measure(
    rows: int, *loops: str, tap: str = TAP
) -> tuple[FinishedRun, dict[str, FinishedRun], tuple[int, int]]:
    """Read a report with the tap, and its document with some bare loops.

    Returns:
        The run of the tap, the runs of the loops, and the size of the document in bytes, plain and
        gzipped.

    Raises:
        RunFailedError: A run failed or did not write all rows.
    """
    world = simulator(
        orders=10,
        speed=SPEED,
        changes_per_minute=0,
        report_rows={REPORT_TYPE: rows},
        # Expired addresses must not slow down the loops.
        document_lifetime=86_400,
    )
    with tempfile.TemporaryDirectory() as folder, world as settings:
        today = dt.datetime.now(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        settings |= {
            "marketplace_ids": [MARKETPLACE_ID],
            "report_poll_interval": 0.05,
            "reports": [
                {
                    "reportType": REPORT_TYPE,
                    "marketplaceIds": [MARKETPLACE_ID],
                    "dataStartTime": (today - dt.timedelta(days=20)).isoformat(),
                    "dataEndTime": (today - dt.timedelta(seconds=1)).isoformat(),
                }
            ],
        }
        ours = run_tap(Path(folder), settings, [STREAM], tap=tap)
        expect(ours, STREAM, rows)
        url = document_url(Path(folder), settings)
        size = document_size(url)
        return ours, {name: report_rows.best(1, rows, name, url) for name in loops}, size


def document_url(folder: Path, settings: Mapping[str, Any]) -> str:
    """Return a presigned address of the document that the tap read.

    Raises:
        RunFailedError: The tap did not request exactly one report, or there is no address.
    """
    jobs = truth(settings, "created_reports")
    if len(jobs) != 1:
        message = f"{len(jobs)} reports were requested instead of one"
        raise RunFailedError(message)
    config = write_json(folder / "config.json", settings)
    argument = f"reportDocumentId={jobs[0]['reportDocumentId']}"
    operation = "reports_2021-06-30.getReportDocument"
    finished = subprocess.run(
        [AMAZON_SP, "call", operation, argument, "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise RunFailedError(finished.stderr)
    url: str = json.loads(finished.stdout)["url"]
    return url


def document_size(url: str) -> tuple[int, int]:
    """Return the size in bytes of a gzipped document, plain (below 4 GB) and gzipped."""
    request = urllib.request.Request(url, headers={"Range": "bytes=-4"})  # noqa: S310 - http
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        zipped = int(answer.headers["Content-Range"].rpartition("/")[2])
        return int.from_bytes(answer.read(), "little"), zipped


def row(name: str, finished: FinishedRun, rows: int) -> list[str]:
    """Return the row of a run."""
    return [
        name,
        count(rows),
        seconds(finished.wall),
        seconds(finished.cpu),
        megabytes(finished.peak_memory),
        megabytes(finished.written),
        count(rows / finished.wall),
        count(rows / finished.cpu),
    ]


if __name__ == "__main__":
    main()
