from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.common import events as module
from tap_amazon_sp.common.events import EVENT_PREFIX, AccountEvents, Events
from tap_amazon_sp.common.timestamps import parse_timestamp
from tests.fake_clock import FakeClock

NOON = parse_timestamp("2026-11-28T12:00:00Z")
SEARCH = "orders_2026-01-01.searchOrders"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def events(clock: FakeClock, path: Path) -> Iterator[Events]:
    found = Events(clock)
    found.open(str(path))
    yield found
    found.close()


@pytest.fixture
def shop(events: Events) -> AccountEvents:
    return events.of_account("shop")


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_a_stream_and_its_calls(
    events: Events, shop: AccountEvents, clock: FakeClock, path: Path
) -> None:
    events.begin_run("1.2.3")
    shop.begin_stream("orders")
    clock.advance(2.5)
    shop.call(SEARCH, 0.25, 200)
    shop.wait(SEARCH, 2.0, "rate limit")
    shop.read_to("orders", parse_timestamp("2026-11-01T00:00:00Z"))
    shop.end_stream("orders", 12, "done")
    events.end_run()

    later = "2026-11-28T12:00:02.500Z"
    of_shop = {"at": later, "account": "shop"}
    assert lines_of(path) == [
        {"at": "2026-11-28T12:00:00.000Z", "event": "run_begun", "version": "1.2.3"},
        {**of_shop, "at": "2026-11-28T12:00:00.000Z", "event": "stream_begun", "stream": "orders"},
        {
            **of_shop,
            "event": "call",
            "operation": SEARCH,
            "status": 200,
            "begun": "2026-11-28T12:00:02.250Z",
        },
        {
            **of_shop,
            "event": "wait",
            "operation": SEARCH,
            "reason": "rate limit",
            "begun": "2026-11-28T12:00:00.500Z",
        },
        {
            **of_shop,
            "event": "read_to",
            "stream": "orders",
            "read_to": "2026-11-01T00:00:00.000Z",
        },
        {**of_shop, "event": "stream_ended", "stream": "orders", "records": 12, "outcome": "done"},
        {"at": later, "event": "run_ended", "left_out": 0},
    ]


def test_the_only_account_has_no_name(events: Events, path: Path) -> None:
    events.of_account(None).begin_stream("orders")

    (line,) = lines_of(path)
    assert line["account"] == ""


def test_each_stage_of_a_job_is_noted_once(shop: AccountEvents, path: Path) -> None:
    first, second = shop.job("GET_A", "a"), shop.job("GET_B", "b")
    for job in (first, second):
        job.reach("queued")
    first.reach("submitted")
    first.reach("processing")
    first.reach("processing")
    first.reach("finished", "DONE")
    again = first.another()
    again.reach("queued")

    lines = lines_of(path)
    assert [(line["job"], line["stage"]) for line in lines] == [
        (1, "queued"),
        (2, "queued"),
        (1, "submitted"),
        (1, "processing"),
        (1, "finished"),
        (3, "queued"),
    ]
    assert lines[4]["status"] == "DONE"
    assert (lines[5]["kind"], lines[5]["stream"]) == ("GET_A", "a")


def test_a_wait_of_no_time_is_left_out(shop: AccountEvents, path: Path) -> None:
    shop.wait(SEARCH, 0.0, "rate limit")

    assert lines_of(path) == []


def test_the_time_in_a_context_is_a_wait(shop: AccountEvents, clock: FakeClock, path: Path) -> None:
    with shop.waiting(SEARCH, "refused"):
        clock.advance(3.0)

    (line,) = lines_of(path)
    assert (line["begun"], line["at"]) == ("2026-11-28T12:00:00.000Z", "2026-11-28T12:00:03.000Z")


def test_nothing_is_written_before_it_is_opened_or_after_the_end(
    clock: FakeClock, path: Path
) -> None:
    events = Events(clock)
    events.begin_run("1")
    events.open(str(path))
    events.end_run()
    events.end_run()
    events.of_account(None).begin_stream("orders")

    assert [line["event"] for line in lines_of(path)] == ["run_ended"]


def test_many_events_are_left_out_and_counted(
    events: Events, shop: AccountEvents, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_left", 2)
    for _ in range(5):
        shop.call(SEARCH, 0.1, 200)
    shop.end_stream("orders", 1, "done")
    events.end_run()

    lines = lines_of(path)
    assert [line["event"] for line in lines] == ["call", "call", "stream_ended", "run_ended"]
    assert lines[-1]["left_out"] == 3


def test_a_full_disk_ends_the_file_but_not_the_run(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    events = Events(clock)
    events.open("/dev/full")

    with caplog.at_level(logging.WARNING):
        events.begin_run("1")
        events.of_account(None).begin_stream("orders")
        events.end_run()

    (record,) = caplog.records
    assert record.getMessage().startswith("The timeline (`timeline_file`) ends here")


def test_a_debug_log_has_the_events(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    events = Events(clock)
    with caplog.at_level(logging.DEBUG, logger=module.logger.name):
        events.open(None)
        events.begin_run("1.2.3")

    (record,) = caplog.records
    prefix, _, line = record.getMessage().partition(EVENT_PREFIX)
    assert prefix == ""
    assert json.loads(line)["version"] == "1.2.3"


def test_a_log_without_debug_messages_has_none(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    events = Events(clock)
    with caplog.at_level(logging.INFO, logger=module.logger.name):
        events.open(None)
        events.begin_run("1.2.3")

    assert not events.is_on
    assert not caplog.records
