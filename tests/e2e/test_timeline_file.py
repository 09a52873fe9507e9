"""The file of a run's events, as the installed command writes it."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.processes import DEVNULL, Command
from tests.sellers import days_ago
from tests.tap_runs import catalog_of, run_tap, tap_arguments

SEARCH = "orders_2026-01-01.searchOrders"
REPORT = {"report_type": "GET_SALES_AND_TRAFFIC_REPORT", "start_date": days_ago(2)}
SECRETS = ("client_secret", "refresh_token")


@pytest.fixture
def seller() -> Iterator[Simulator]:
    settings = SimulatorSettings(orders=300, speed=100_000, changes_per_minute=0, port=0)
    with Simulator(settings) as simulator:
        yield simulator


def events_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_file_has_every_call_wait_stream_and_job(seller: Simulator, tmp_path: Path) -> None:
    seller.inject(operation=SEARCH, kind="throttle", count=2, skip=1)
    path = tmp_path / "events.jsonl"
    settings = seller.settings_for_tap() | {"start_date": "2026-09-01", "reports": [REPORT]}

    run = run_tap(tmp_path, settings, "--timeline", str(path))

    assert run.exit_code == 0, run.log
    events = events_in(path)
    calls = Counter(event["operation"] for event in events if event["event"] == "call")
    assert calls == Counter(request["operation"] for request in seller.requests)
    refused = [event for event in events if event.get("status") == 429]
    assert [event["operation"] for event in refused] == [SEARCH, SEARCH]
    reasons = {event["reason"] for event in events if event["event"] == "wait"}
    assert reasons <= {"rate limit", "refused"}
    ended = {
        event["stream"]: (event["records"], event["outcome"])
        for event in events
        if event["event"] == "stream_ended"
    }
    counts = run.counts
    assert ended["orders"] == (counts["orders"], "done")
    assert ended["order_items"] == (counts["order_items"], "done")
    stages = Counter(event["stage"] for event in events if event["event"] == "job")
    created = calls["reports_2021-06-30.createReport"]
    assert {stages[one] for one in ("queued", "submitted", "finished", "read")} == {created}
    assert (events[0]["event"], events[-1]["event"]) == ("run_begun", "run_ended")


def test_the_file_has_no_secret_id_or_address(seller: Simulator, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    settings = seller.settings_for_tap() | {"timeline_file": str(path)}

    run = run_tap(tmp_path, settings, catalog=catalog_of("orders", "order_items"))

    assert run.exit_code == 0, run.log
    text = path.read_text(encoding="utf-8")
    for forbidden in (
        *(settings[name] for name in SECRETS),
        seller.url,
        *(record["orderId"] for record in run.records("orders")),
    ):
        assert forbidden not in text


def test_the_events_of_a_run_that_is_stopped_say_so(seller: Simulator, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    seller.inject(operation=SEARCH, kind="slow", delay=3.0, count=1)
    settings = seller.settings_for_tap() | {"timeline_file": str(path)}
    arguments = tap_arguments(tmp_path, settings, catalog=catalog_of("orders"))

    with Command(arguments, tmp_path).start(stdout=DEVNULL) as process:
        while not path.exists() or not any(e["event"] == "stream_begun" for e in events_in(path)):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in (-signal.SIGTERM, 128 + signal.SIGTERM)

    (*_, stream, last) = events_in(path)
    assert (stream["stream"], stream["outcome"]) == ("orders", "stopped")
    assert last["event"] == "run_ended"


def test_a_file_that_cannot_be_written_is_a_mistake_before_the_first_request(
    seller: Simulator, tmp_path: Path
) -> None:
    path = tmp_path / "missing" / "events.jsonl"

    run = run_tap(tmp_path, seller.settings_for_tap(), "--timeline", str(path))

    assert run.exit_code == 1
    assert f"`timeline_file`: {path} cannot be written: No such file or directory" in run.log
    assert "Traceback" not in run.log
    assert not seller.requests


@pytest.mark.parametrize("place", ["/dev/stdout", "output.jsonl"])
def test_events_never_go_where_the_records_go(
    seller: Simulator, tmp_path: Path, place: str
) -> None:
    output = tmp_path / "output.jsonl"
    arguments = tap_arguments(tmp_path, seller.settings_for_tap())
    with output.open("w") as file, (tmp_path / "log").open("w") as log:
        process = Command([*arguments, "--timeline", place], tmp_path).start(
            stdout=file, stderr=log
        )
        with process:
            assert process.wait(timeout=30) == 1

    assert output.read_text(encoding="utf-8") == ""
    told = (tmp_path / "log").read_text(encoding="utf-8")
    assert f"`timeline_file`: {place} is where the records go: name another file" in told
    assert not seller.requests


def test_a_debug_log_has_the_same_events(seller: Simulator, tmp_path: Path) -> None:
    run = run_tap(
        tmp_path,
        seller.settings_for_tap(),
        catalog=catalog_of("marketplace_participations"),
        environment={"TAP_AMAZON_SP_LOGLEVEL": "DEBUG", "PATH": os.environ["PATH"]},
    )

    lines = [line.partition("EVENT ")[2] for line in run.log.splitlines() if "EVENT {" in line]
    events = [json.loads(line)["event"] for line in lines]
    assert events == ["run_begun", "stream_begun", "call", "stream_ended", "run_ended"]
