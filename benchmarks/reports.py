"""The time of one run with many reports, compared with when the slowest report is ready.

    python benchmarks/reports.py [--speed 10] [--orders 2000] [--longest 300]

The simulator takes 30 to 300 seconds for each of twelve reports, that is 3 to 30 at a speed of 10.
`report_poll_interval` is divided by the same number.

- The bound goes from the start of the tap's process to the moment when the last report is ready. It
  contains the tap's start, its calls up to the submission of that report, and Amazon's work on it.
  Beyond the bound, the run takes time to notice that the report is ready, to read the document, to
  write its rows, and to end.
- A tap that submits late has a later bound. Therefore the table shows `submitted at`, and there is
  a stricter figure, relative to the longest processing time alone: everything that the tap does
  counts in it. The tap does not become ten times as fast, so it is worse here than with Amazon.
- How soon the tap polls after a report is ready depends on chance; other values of `--longest`
  show other results.

All times in the table are seconds since the start of the process, by one clock.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.local_servers import requests_seen, simulator, truth
from benchmarks.tables import count, goal, seconds, table
from benchmarks.tap_process import FinishedRun, RunFailedError, run_tap

TIMES_BOUND = 1.05
POLL_INTERVAL = 5.0
DAYS = 14
MARKETPLACE_ID = "ATVPDKIKX0DER"
POLL = "reports_2021-06-30.getReport"
COLUMNS = ("report", "processing", "submitted at", "ready at", "seen at", "records")

_THROTTLED = 429


@dataclass(frozen=True)
class Wanted:
    """A report to read.

    Attributes:
        type: Report type.
        kind: Description for the table.
        processing: Seconds that Amazon takes for it.
        days: Number of whole days; 0 means the current state.
        options: Report options.
        streams: Streams of its rows.
    """

    type: str
    kind: str
    processing: float
    streams: tuple[str, ...]
    days: int = 0
    options: Mapping[str, str] = field(default_factory=dict)

    def request(self, end: dt.datetime) -> dict[str, Any]:
        """Return the entry of `reports`, in the form of createReport.

        Args:
            end: End of the last day.
        """
        body: dict[str, Any] = {"reportType": self.type, "marketplaceIds": [MARKETPLACE_ID]}
        if self.options:
            body["reportOptions"] = dict(self.options)
        if self.days:
            body["dataStartTime"] = (end - dt.timedelta(days=self.days)).isoformat()
            body["dataEndTime"] = (end - dt.timedelta(seconds=1)).isoformat()
        return body


WANTED = (
    Wanted(
        "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
        "tsv of days",
        120,
        ("report_flat_file_all_orders_data_by_order_date_general",),
        days=DAYS,
    ),
    Wanted(
        "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA",
        "tsv of days",
        30,
        ("report_fba_fulfillment_customer_returns",),
        days=DAYS,
    ),
    Wanted(
        "GET_LEDGER_DETAIL_VIEW_DATA",
        "tsv of days",
        210,
        ("report_ledger_detail_view",),
        days=DAYS,
    ),
    Wanted(
        "GET_CSV_MFN_PRIME_RETURNS_REPORT",
        "csv of days",
        60,
        ("report_csv_mfn_prime_returns",),
        days=DAYS,
    ),
    Wanted(
        "GET_MERCHANT_LISTINGS_ALL_DATA", "tsv, snapshot", 90, ("report_merchant_listings_all",)
    ),
    Wanted(
        "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA",
        "tsv, snapshot",
        45,
        ("report_fba_myi_unsuppressed_inventory",),
    ),
    Wanted("GET_AFN_INVENTORY_DATA", "tsv, snapshot", 150, ("report_afn_inventory",)),
    Wanted(
        "GET_SALES_AND_TRAFFIC_REPORT",
        "json with options",
        300,
        ("report_sales_and_traffic", "report_sales_and_traffic_by_asin"),
        days=DAYS,
        options={"dateGranularity": "DAY", "asinGranularity": "CHILD"},
    ),
    Wanted(
        "GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT",
        "json with options",
        270,
        ("report_brand_analytics_search_terms",),
        days=7,
        options={"reportPeriod": "WEEK"},
    ),
    Wanted(
        "GET_BRAND_ANALYTICS_REPEAT_PURCHASE_REPORT",
        "json with options",
        180,
        ("report_brand_analytics_repeat_purchase",),
        days=7,
        options={"reportPeriod": "WEEK"},
    ),
    Wanted(
        "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
        "xml of days",
        75,
        ("report_xml_all_orders_data_by_order_date_general",),
        days=DAYS,
    ),
    Wanted(
        "GET_XML_BROWSE_TREE_DATA",
        "xml with options",
        240,
        ("report_xml_browse_tree",),
        options={"RootNodesOnly": "true"},
    ),
)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--speed", type=float, default=10.0, help="times Amazon's pace and rates")
    parser.add_argument("--orders", type=int, default=2000, help="orders in the reports")
    parser.add_argument(
        "--longest", type=float, default=300.0, help="seconds that Amazon takes for the slowest"
    )
    options = parser.parse_args()

    slowest = max(wanted.processing for wanted in WANTED)
    processing = {
        wanted.type: options.longest if wanted.processing == slowest else wanted.processing
        for wanted in WANTED
    }
    world = simulator(
        orders=options.orders,
        speed=options.speed,
        changes_per_minute=0,
        report_processing_seconds={name: (time, time) for name, time in processing.items()},
    )
    with tempfile.TemporaryDirectory() as folder, world as settings:
        settings |= {
            "marketplace_ids": [MARKETPLACE_ID],
            "reports": [wanted.request(last_saturday_over()) for wanted in WANTED],
            "report_poll_interval": POLL_INTERVAL / options.speed,
        }
        streams = [stream for wanted in WANTED for stream in wanted.streams]
        finished = run_tap(Path(folder), settings, streams)
        jobs = truth(settings, "created_reports")
        entries = requests_seen(settings)
    check(finished, jobs)

    times = {name: time / options.speed for name, time in processing.items()}
    print(f"Amazon's rates and pace x {options.speed:g}:\n")
    print(table(COLUMNS, rows(finished, jobs, entries, times)))
    bound = max(job["readyAt"] for job in jobs) - finished.began_at
    longest = max(times.values())
    polls = [entry for entry in entries if entry["operation"] == POLL]
    throttled = sum(entry["status"] == _THROTTLED for entry in entries)
    print(f"\n- The whole run: {seconds(finished.wall)}; the slowest is ready at {seconds(bound)}")
    print(f"- All processing times, one after the other: {seconds(sum(times.values()))}")
    print(
        f"- Calls of createReport: {count(len(jobs))}; of getReport: {count(len(polls))}; "
        f"of all operations: {count(len(entries))}"
    )
    print(f"- {goal('Wall time / bound', finished.wall / bound, TIMES_BOUND)}")
    print(
        f"- Wall time / longest processing time ({seconds(longest)}): {finished.wall / longest:.2f}"
    )
    print(f"- {goal('Responses with 429', throttled, 0, digits=0)}")


def check(finished: FinishedRun, jobs: Sequence[Mapping[str, Any]]) -> None:
    """Check that each report was submitted once, and that all have rows.

    Raises:
        RunFailedError: A report was not submitted once, or has no rows.
    """
    submitted = sorted(job["reportType"] for job in jobs)
    if submitted != sorted(wanted.type for wanted in WANTED):
        message = f"the tap submitted {', '.join(submitted) or 'no report'}"
        raise RunFailedError(message)
    for wanted in WANTED:
        for stream in wanted.streams:
            if not finished.records[stream]:
                message = f"there are no records of {stream}:\n{finished.log}"
                raise RunFailedError(message)


def rows(
    finished: FinishedRun,
    jobs: Sequence[Mapping[str, Any]],
    entries: Sequence[Mapping[str, Any]],
    processing: Mapping[str, float],
) -> list[list[str]]:
    """Return a row for each report, the slowest last."""
    found = []
    by_type = {wanted.type: wanted for wanted in WANTED}
    for job in sorted(jobs, key=lambda one: one["readyAt"]):
        wanted = by_type[job["reportType"]]
        path_end = f"/reports/{job['reportId']}"
        # The first poll that found it ready.
        seen_at = min(
            entry["received_at"]
            for entry in entries
            if entry["operation"] == POLL
            and entry["path"].endswith(path_end)
            and entry["received_at"] >= job["readyAt"]
        )
        took = processing[wanted.type]
        times = (job["readyAt"] - took, job["readyAt"], seen_at)
        found.append(
            [
                f"{wanted.type} ({wanted.kind})",
                seconds(took),
                *(seconds(time - finished.began_at) for time in times),
                count(sum(finished.records[stream] for stream in wanted.streams)),
            ]
        )
    return found


def last_saturday_over() -> dt.datetime:
    """Return the end of Amazon's last week, which goes from Sunday to Saturday."""
    today = dt.datetime.now(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - dt.timedelta(days=(today.weekday() + 1) % 7)


if __name__ == "__main__":
    main()
