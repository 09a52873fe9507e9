"""The file of a run's events, as the installed command writes it."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.timeline.model import Run, Stream
from tap_amazon_sp.timeline.reading import read_run
from tests.processes import AMAZON_SP, DEVNULL, Command
from tests.sellers import days_ago
from tests.tap_runs import catalog_of, run_tap, tap_arguments, write_json

SEARCH = "orders_2026-01-01.searchOrders"
REPORT = {"report_type": "GET_SALES_AND_TRAFFIC_REPORT", "start_date": days_ago(2)}
PARTICIPATIONS = "sellers.getMarketplaceParticipations"
CREATE = "reports_2021-06-30.createReport"
A_MOMENT = dt.timedelta(seconds=1)
SECRETS = ("client_secret", "refresh_token")


@pytest.fixture
def seller() -> Iterator[Simulator]:
    settings = SimulatorSettings(orders=300, speed=100_000, changes_per_minute=0, port=0)
    with Simulator(settings) as simulator:
        yield simulator


def events_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def json_log(folder: Path) -> Path:
    """Write a file that lets the SDK log lines of JSON; return its path."""
    return write_json(
        folder / "log.json",
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": "singer_sdk.logging.StructuredFormatter"}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"level": "INFO", "handlers": ["stderr"]},
        },
    )


def run_in(text: str) -> Run:
    return read_run(text.splitlines(keepends=True))


def stream_as_told(stream: Stream) -> tuple[Any, ...]:
    """Return what the sentences of a log tell of a stream."""
    read_to = (
        stream.readings[-1].read_to.replace(second=0, microsecond=0) if stream.readings else None
    )
    return stream.name, stream.account, stream.records, stream.outcome, read_to


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


def test_a_run_that_is_killed_has_a_picture(seller: Simulator, tmp_path: Path) -> None:
    path, target = tmp_path / "events.jsonl", tmp_path / "run.html"
    # It waits before its next try when it is killed: no request is under way.
    seller.inject(operation=SEARCH, kind="status", status=503, count=None)
    settings = seller.settings_for_tap() | {"timeline_file": str(path)}
    arguments = tap_arguments(tmp_path, settings, catalog=catalog_of("orders"))

    with Command(arguments, tmp_path).start(stdout=DEVNULL) as process:
        while not path.exists() or not any(e["event"] == "call" for e in events_in(path)):
            assert process.poll() is None
        process.kill()

    run = run_in(path.read_text(encoding="utf-8"))
    assert (run.exact, run.finished) == (True, False)
    assert [stream.outcome for stream in run.streams] == ["unknown"]
    Command([AMAZON_SP, "timeline", str(path), "--output", str(target)]).run(check=True)
    assert "The end of the run is missing" in target.read_text(encoding="utf-8")


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


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_ordinary_log_tells_what_the_file_tells_but_the_times_of_calls(
    seller: Simulator, tmp_path: Path, form: str
) -> None:
    """Fails if a sentence of the log is no longer as `timeline/sentences.py` reads it."""
    seller.inject(operation=SEARCH, kind="throttle", count=2, skip=1)
    seller.inject(operation=PARTICIPATIONS, kind="status", status=503, count=1)
    seller.inject(operation=CREATE, kind="job_fatal", count=1)
    path = tmp_path / "events.jsonl"
    settings = seller.settings_for_tap() | {"start_date": "2026-09-01", "reports": [REPORT]}
    environment = {"json": {"SINGER_SDK_LOG_CONFIG": str(json_log(tmp_path))}}.get(form)

    run = run_tap(tmp_path, settings, "--timeline", str(path), environment=environment)

    exact = run_in(path.read_text(encoding="utf-8"))
    told = run_in(run.log)
    assert (told.exact, exact.exact) == (False, True)
    assert (told.version, told.finished) == (exact.version, True)
    assert told.begun == pytest.approx(exact.begun, abs=A_MOMENT)
    assert told.ended == pytest.approx(exact.ended, abs=A_MOMENT)
    assert {stream_as_told(stream) for stream in told.streams} == {
        stream_as_told(stream) for stream in exact.streams
    }
    jobs = Counter((job.kind, job.outcome) for job in told.jobs)
    assert jobs == Counter((job.kind, job.outcome) for job in exact.jobs)
    assert {outcome for _, outcome in jobs} == {"DONE", "FATAL"}
    assert all(job.submitted and job.finished for job in told.jobs)
    assert {one.name: one.number_of_calls for one in told.operations} == {
        one.name: one.number_of_calls for one in exact.operations
    }
    unusual = {(one.name, call.status) for one in told.operations for call in one.calls}
    assert unusual == {(SEARCH, 429), (PARTICIPATIONS, 503)}
    assert [wait.reason for one in told.operations for wait in one.waits] == ["failed"]


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
