"""A picture of the page of `amazon-sp timeline`, for docs/timeline.md.

    make picture                                       # writes docs/timeline.png, in a minute
    python -m tests.timeline.picture FILE [--page FILE]

It shows a run of two made-up sellers at Amazon's rates, with refusals and a report that fails. Time
passes faster, for the tap and the simulator, so the run of hours takes less than a minute. The
picture is taken by a Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import tempfile
from pathlib import Path
from typing import Any

from tap_amazon_sp.run import StreamsFailedError
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.tap import TapAmazonSP
from tap_amazon_sp.timeline.page import page
from tap_amazon_sp.timeline.reading import read_run
from tests.browser import browser_page
from tests.fast_clock import FastClock
from tests.tap_runs import catalog_of

FASTER = 200
WIDTH = 1200
SEARCH = "orders_2026-01-01.searchOrders"
RESTRICTIONS = "listingsRestrictions_2021-08-01.getListingsRestrictions"
STREAMS = (
    "orders",
    "order_items",
    "financial_transactions",
    "listing_restrictions",
)
REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
BEGUN = "2026-10-01"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="where to write the picture, as PNG")
    parser.add_argument("--page", type=Path, help="where to write the page, too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = page(read_run(events_of_a_run(Path(folder)).splitlines()))
        path = arguments.page or Path(folder) / "run.html"
        path.write_text(made, encoding="utf-8")
        arguments.file.write_bytes(asyncio.run(picture_of(path.resolve().as_uri(), Path(folder))))


def events_of_a_run(folder: Path) -> str:
    """Read two sellers of a simulator at Amazon's rates; return the events."""
    clock = FastClock(FASTER)
    path = folder / "events.jsonl"
    world = SimulatorSettings(
        sellers=2,
        orders=9000,
        changes_per_minute=0,
        port=0,
        processing_seconds=(60, 900),
        reports_at_once=3,
        now=clock.now,
    )
    with Simulator(world) as simulator:
        _inject_faults(simulator)
        settings = _settings(simulator) | {"timeline_file": str(path)}
        tap = TapAmazonSP(
            config=settings,
            catalog=catalog_of(*STREAMS, "orders_report", settings=settings),
            clock=clock,
        )
        with (
            contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())),
            contextlib.suppress(StreamsFailedError),
        ):
            tap.sync_all()
    return path.read_text(encoding="utf-8")


def _settings(simulator: Simulator) -> dict[str, Any]:
    report = {"name": "orders_report", "report_type": REPORT, "start_date": BEGUN, "window": "P5D"}
    return simulator.settings_for_tap() | {
        "start_date": BEGUN,
        "marketplace_ids": ["US"],
        "reports": [report],
    }


def _inject_faults(simulator: Simulator) -> None:
    simulator.inject("throttle", operation=SEARCH, account="seller", count=3, skip=24)
    simulator.inject("throttle", operation=SEARCH, account="seller-2", count=2, skip=31)
    simulator.inject(
        "job_fatal_without_document",
        operation="reports_2021-06-30.createReport",
        account="seller-2",
        count=1,
        skip=4,
    )
    simulator.inject("status", operation=RESTRICTIONS, account="seller-2", count=None, skip=8)


async def picture_of(address: str, folder: Path) -> bytes:
    """Return a picture of a whole page as PNG."""
    async with browser_page(folder / "profile") as shown:
        await shown.show(width=WIDTH, height=800)
        await shown.open(address)
        height = await shown.evaluate("document.documentElement.scrollHeight")
        await shown.show(width=WIDTH, height=height)
        return await shown.picture()


if __name__ == "__main__":
    main()
