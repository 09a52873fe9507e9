"""How far streams are, in the log of a run whose time passes faster."""

from __future__ import annotations

import io
import json
import logging
import re
from contextlib import redirect_stdout
from typing import Any

import pytest
from singer_sdk.logging import StructuredFormatter

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.tap import TapAmazonSP
from tap_amazon_sp.timeline.sentences import Sentences
from tests.fast_clock import FastClock
from tests.tap_runs import catalog_of

FASTER = 1000
PLACES = ("read", "failed", "ready", "in_progress", "in_queue", "to_request")
LINE = re.compile(
    r"orders: [\d,]+ records, about \d+ %, "
    r"at least (\d+ h )?\d+ min more \(searchOrders, one call in 179 s\)"
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FastClock:
    monkeypatch.setattr("tap_amazon_sp.run.SECONDS_BETWEEN_LARGE_STATES", 30.0 / FASTER)
    # A minute is over in 60 milliseconds.
    return FastClock(FASTER)


def log_of(
    clock: FastClock,
    simulator: Simulator,
    caplog: pytest.LogCaptureFixture,
    *streams: str,
    **settings: Any,
) -> list[logging.LogRecord]:
    """Run the tap and return the lines with values about progress."""
    tap = TapAmazonSP(
        config=simulator.settings_for_tap() | settings,
        catalog=catalog_of(*streams, settings=settings),
        clock=clock,
    )
    with caplog.at_level(logging.INFO), redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        tap.sync_all()
    return [record for record in caplog.records if "progress" in vars(record)]


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return the values of a line in a log in JSON."""
    fields: dict[str, Any] = json.loads(StructuredFormatter().format(record))["extra"]["progress"]
    return fields


def test_a_run_that_waits_for_a_rate_limit_says_how_far_it_is(
    clock: FastClock, caplog: pytest.LogCaptureFixture
) -> None:
    seller = SimulatorSettings(orders=3000, speed=1, changes_per_minute=0, port=0, now=clock.now)
    with Simulator(seller) as simulator:
        lines = log_of(
            clock, simulator, caplog, "orders", start_date="2026-09-20", orders_source="search"
        )

    *minutes, end = lines
    estimates = [fields_of(line) for line in minutes if LINE.fullmatch(line.getMessage())]
    total = len(simulator.truth("orders"))
    fields = next(fields for fields in estimates if 0 < fields["records"] < total)
    assert fields["stream"] == "orders"
    assert 0 < fields["share"] < 1
    assert fields["seconds_left"] > 0
    assert fields["operation"] == "orders_2026-01-01.searchOrders"
    # The share grows within the window, which is the only one.
    assert not any("read_to" in fields_of(line) for line in minutes)
    assert len({fields_of(line)["share"] for line in minutes}) > 5
    assert fields_of(end)["ended"] == "done"
    assert fields_of(end)["records"] == total
    # A picture of the run can be made from the lines.
    told = [*Sentences().events(clock.now(), end.getMessage())]
    assert [(event["event"], event["stream"]) for event in told] == [
        ("read_to", "orders"),
        ("stream_ended", "orders"),
    ]
    # What everybody knows from these lines is said once.
    waits = [line for line in caplog.messages if "waiting" in line and "rate limit" in line]
    assert len(waits) <= 1


def test_a_run_of_many_reports_says_where_they_are(
    clock: FastClock, caplog: pytest.LogCaptureFixture
) -> None:
    seller = SimulatorSettings(
        orders=20, speed=1, changes_per_minute=0, port=0, now=clock.now, processing_seconds=300
    )
    report = {"report_type": "GET_SALES_AND_TRAFFIC_REPORT", "start_date": "2026-10-20"}
    with Simulator(seller) as simulator:
        lines = log_of(
            clock,
            simulator,
            caplog,
            "report_sales_and_traffic",
            reports=[report],
            marketplace_ids=["US"],
        )

    *minutes, end = lines
    queues = [fields_of(line) for line in minutes if "queue" in fields_of(line)]
    total = queues[0]["jobs"]
    assert all(fields["jobs"] == total for fields in queues)
    assert all(sum(fields[f"jobs_{place}"] for place in PLACES) == total for fields in queues), (
        queues
    )
    read = [fields["jobs_read"] for fields in queues]
    assert read == sorted(read)
    assert any(fields["jobs_in_progress"] for fields in queues)
    assert any(fields.get("seconds_left", 0) > 0 for fields in queues)
    assert fields_of(end)["ended"] == "done"
    assert (fields_of(end)["jobs_read"], fields_of(end)["jobs"]) == (total, total)
