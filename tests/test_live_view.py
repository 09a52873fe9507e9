"""The table on a terminal, in this process and by the installed command on a pseudo terminal."""

from __future__ import annotations

import datetime as dt
import io
import os
import pty
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console, ConsoleDimensions

from tap_amazon_sp.live_view import cells, table
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.processes import Command, Process
from tests.tap_runs import catalog_of, tap_arguments

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
SALES = "GET_SALES_AND_TRAFFIC_REPORT"
ORDERS = "orders_2026-01-01.searchOrders"
START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
RECORDS = "records.jsonl"
TITLE = "streams have ended"
SHOW_CURSOR = "\x1b[?25h"


@pytest.fixture
def streams() -> list[AmazonStream]:
    """Orders, a quarter read; feeds that have begun; and a stream that has ended."""
    tap = TapAmazonSP(config=CREDENTIALS, clock=FakeClock())
    names = ("orders", "feeds", "marketplace_participations")
    orders, feeds, ended = (cast("AmazonStream", tap.streams[name]) for name in names)
    orders.progress.is_under_way = feeds.progress.is_under_way = True
    ended.progress.has_ended = True
    orders.progress.begin_span(START, START + dt.timedelta(days=100))
    orders.progress.records = 1634
    for _ in range(10):
        orders.client.metrics.count_call(ORDERS)
    orders.progress.reach(START + dt.timedelta(days=25), {ORDERS: 10})
    return [orders, feeds, ended]


def test_a_row_has_what_is_known(streams: list[AmazonStream]) -> None:
    assert cells(streams[0]) == (
        "orders",
        "1,634",
        "2026-01-26T00:00:00Z",
        "25 %",
        "30 min more",
        "searchOrders, one call in 179 s",
    )
    assert cells(streams[1]) == ("feeds", "0", "", "", "", "")


def test_the_table_has_a_row_for_each_stream_under_way(streams: list[AmazonStream]) -> None:
    written = io.StringIO()

    Console(file=written, width=120).print(table(streams, ConsoleDimensions(120, 40)))

    assert "1 of 3 streams have ended" in written.getvalue()
    assert "orders" in written.getvalue()
    assert "feeds" in written.getvalue()
    assert "marketplace_participations" not in written.getvalue()


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (120, ["stream", "records", "read to", "about", "at least", "bound by"]),
        (80, ["stream", "records", "read to", "about", "at least"]),
        (50, ["stream", "records", "about", "at least"]),
        (30, ["stream", "about"]),
        (10, ["stream"]),
    ],
)
def test_a_narrow_terminal_has_fewer_columns(
    streams: list[AmazonStream], width: int, columns: list[str]
) -> None:
    made = table(streams, ConsoleDimensions(width, 40))
    written = io.StringIO()
    Console(file=written, width=width).print(made)

    assert [column.header for column in made.columns] == columns
    assert all(len(line) <= width for line in written.getvalue().splitlines())


def test_a_low_terminal_has_fewer_rows() -> None:
    tap = TapAmazonSP(config=CREDENTIALS, clock=FakeClock())
    streams = [cast("AmazonStream", stream) for stream in tap.streams.values()]
    for stream in streams:
        stream.progress.is_under_way = True
    written = io.StringIO()

    Console(file=written, width=100).print(table(streams, ConsoleDimensions(100, 24)))

    lines = written.getvalue().splitlines()
    assert len(lines) < 24
    assert f"and {len(streams) - 16} more" in lines[-2]


def test_the_jobs_have_a_line_below_the_table() -> None:
    tap = TapAmazonSP(config=CREDENTIALS | {"reports": [SALES]}, clock=FakeClock())
    stream = cast("AmazonStream", tap.streams["report_sales_and_traffic"])
    stream.progress.is_under_way = True
    stream.progress.plan_jobs(stream.connection.report_jobs, frozenset(range(40)))
    written = io.StringIO()

    Console(file=written, width=120).print(table([stream], ConsoleDimensions(120, 40)))

    assert (
        "Reports: 0 of 40 read, 40 to be requested, at least 25 min more (createReport, one call "
        "in 60 s)"
    ) in " ".join(written.getvalue().split())


def started_on_terminal(folder: Path, settings: dict[str, Any]) -> tuple[Process, int]:
    """Start the command with its log on a terminal; return it, and our end of the terminal."""
    arguments = tap_arguments(folder, settings, catalog=catalog_of("feeds", "orders"))
    variables = {name: value for name, value in os.environ.items() if name != "CI"}
    ours, theirs = pty.openpty()
    with (folder / RECORDS).open("wb") as file:
        process = Command(arguments, folder, variables | {"TERM": "xterm"}).start(
            stdout=file, stderr=theirs
        )
    os.close(theirs)
    return process, ours


def log_on_terminal(folder: Path, settings: dict[str, Any]) -> str:
    """Run the command with its log on a terminal, and return what that receives."""
    process, ours = started_on_terminal(folder, settings)
    received = b""
    with process, os.fdopen(ours, "rb", buffering=0) as terminal:
        while chunk := read(terminal.fileno()):
            received += chunk
        assert process.wait() == 0, received
    assert (folder / RECORDS).read_text(encoding="utf-8").startswith('{"type":"SCHEMA"')
    return received.decode()


def read(terminal: int) -> bytes:
    """Read what is there; nothing after every process has closed the terminal."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_the_command_shows_the_table_below_its_log(tmp_path: Path, simulator: Simulator) -> None:
    shown = log_on_terminal(tmp_path, simulator.settings_for_tap())

    assert TITLE in shown
    assert "Reading 2 of" in shown
    # The table is gone at the end, and the cursor is back.
    assert TITLE not in shown[shown.rindex(SHOW_CURSOR) :]
    assert "getFeeds: " in shown[shown.rindex(SHOW_CURSOR) :]


def test_the_setting_turns_the_table_off(tmp_path: Path, simulator: Simulator) -> None:
    shown = log_on_terminal(tmp_path, simulator.settings_for_tap() | {"live_view": False})

    assert TITLE not in shown
    assert "Reading 2 of" in shown


def test_a_run_goes_on_without_its_terminal(tmp_path: Path, simulator: Simulator) -> None:
    simulator.inject(kind="slow", operation="orders_2026-01-01.searchOrders", delay=1.0, count=1)
    process, ours = started_on_terminal(tmp_path, simulator.settings_for_tap())
    shown = b""
    while TITLE.encode() not in shown:
        shown += os.read(ours, 65536)

    os.close(ours)

    with process:
        assert process.wait() == 0
    read_all = (tmp_path / RECORDS).read_text(encoding="utf-8")
    assert read_all.count('"stream":"orders"') > len(simulator.truth("orders"))
