"""Clocks, bookmarks and start dates that do not fit: nothing is lost, and the log says why."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.reading.window_plan import SETTLING_TIME
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.processes import AMAZON_SP, Command
from tests.tap_runs import TapRun, catalog_of, run_tap, write_json
from tests.world_clock import WorldClock

UTC = dt.timezone.utc
CATALOG = catalog_of("orders", "awd_inbound_shipments")


@pytest.fixture
def clock() -> WorldClock:
    return WorldClock()


@pytest.fixture
def amazon(clock: WorldClock) -> Iterator[Simulator]:
    """A seller whose orders change all the time."""
    settings = SimulatorSettings(
        orders=30, records=5, speed=1e6, changes_per_minute=20, port=0, now=clock
    )
    with Simulator(settings) as simulator:
        yield simulator


def run(amazon: Simulator, folder: Path, **more: Any) -> TapRun:
    state = more.pop("state", None)
    settings = amazon.settings_for_tap() | {"orders_included_data": []} | more
    return run_tap(folder, settings, catalog=CATALOG, state=state)


def versions(run: TapRun) -> set[tuple[str, str]]:
    return {(order["orderId"], order["lastUpdatedTime"]) for order in run.records("orders")}


@pytest.mark.parametrize(
    ("machine_ahead_by", "told"),
    [(240, "is 240 seconds ahead of Amazon's"), (-3600, "seconds behind Amazon's")],
)
def test_windows_end_by_amazons_clock(
    amazon: Simulator,
    clock: WorldClock,
    tmp_path: Path,
    machine_ahead_by: float,
    told: str,
) -> None:
    clock.put_forward(-machine_ahead_by)

    first = run(amazon, tmp_path)

    ended = clock()
    assert first.exit_code == 0, first.log
    bookmark = parse_timestamp(first.bookmark("orders") or "")
    assert bookmark <= ended - SETTLING_TIME
    # And not much earlier: the run takes some of it.
    assert bookmark > ended - SETTLING_TIME - dt.timedelta(minutes=2)
    assert first.log.count("The clock of this machine") == 1
    assert told in first.log.replace("241", "240").replace("239", "240")

    clock.put_forward(600)
    second = run(amazon, tmp_path, state=first.last_state)

    changed = {
        (order["orderId"], order["lastUpdatedTime"])
        for order in amazon.truth("orders")
        if parse_timestamp(order["lastUpdatedTime"]) < clock() - SETTLING_TIME * 2
    }
    assert changed <= versions(first) | versions(second)
    assert changed & versions(second)


def test_signatures_have_amazons_time(amazon: Simulator, clock: WorldClock, tmp_path: Path) -> None:
    """Amazon refuses those that are five minutes off."""
    clock.put_forward(-3600)
    amazon.register_aws_key("AKIA", "hush")

    found = run(amazon, tmp_path, aws_access_key_id="AKIA", aws_secret_access_key="hush")

    assert found.exit_code == 0, found.log
    assert versions(found)
    assert all(request["signed"] for request in amazon.requests)


def test_a_bookmark_in_the_future_is_told_and_all_is_read(
    amazon: Simulator, tmp_path: Path
) -> None:
    first = run(amazon, tmp_path)
    future = format_timestamp(dt.datetime.now(UTC) + dt.timedelta(days=30))
    state = first.last_state
    state["bookmarks"]["orders"]["replication_key_value"] = future

    again = run(amazon, tmp_path, state=state)

    assert again.exit_code == 0, again.log
    assert again.log.count("is in the future") == 1
    assert f"'orders', {future}" in again.log
    assert {order for order, _ in versions(again)} == {order for order, _ in versions(first)}
    assert parse_timestamp(again.bookmark("orders") or "") <= dt.datetime.now(UTC)


def test_an_earlier_start_date_is_told_once(amazon: Simulator, tmp_path: Path) -> None:
    start = (dt.datetime.now(UTC) - dt.timedelta(days=3)).replace(microsecond=0)
    first = run(amazon, tmp_path, start_date=format_timestamp(start))
    earlier = format_timestamp(start - dt.timedelta(days=30))

    second = run(amazon, tmp_path, start_date=earlier, state=first.last_state)
    reset = without_orders(first.last_state, tmp_path)
    third = run(amazon, tmp_path, start_date=earlier, state=reset)

    (told,) = (line for line in second.log.splitlines() if "is earlier than" in line)
    assert earlier in told
    assert f"orders ({format_timestamp(start)})" in told
    assert "docs/state.md" in told
    assert len(versions(third)) > len(versions(first))
    assert "orders (" not in third.log


def without_orders(state: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Remove a bookmark as docs/state.md says."""
    page = (Path(__file__).parents[2] / "docs" / "state.md").read_text(encoding="utf-8")
    found = re.search(r"```console\namazon-sp (state reset .*) > new.json\n```", page)
    assert found
    write_json(folder / "state.json", state)
    finished = Command([AMAZON_SP, *found[1].split()], folder=folder).run()
    assert finished.returncode == 0, finished.stderr
    changed: dict[str, Any] = json.loads(finished.stdout)
    return changed


def test_a_start_date_in_the_future_is_told(amazon: Simulator, tmp_path: Path) -> None:
    future = format_timestamp(dt.datetime.now(UTC).replace(microsecond=0) + dt.timedelta(days=30))

    found = run(amazon, tmp_path, start_date=future)

    assert found.exit_code == 0, found.log
    assert f"`start_date` {future} is in the future: nothing is read of " in found.log
    assert not versions(found)


def test_a_start_date_after_the_bookmark_skips_nothing(amazon: Simulator, tmp_path: Path) -> None:
    now = dt.datetime.now(UTC).replace(microsecond=0)
    first = run(amazon, tmp_path, end_date=format_timestamp(now - dt.timedelta(days=30)))
    later = format_timestamp(now + dt.timedelta(days=30))

    second = run(amazon, tmp_path, state=first.last_state)
    same = run(amazon, tmp_path, state=first.last_state, start_date=later)

    assert versions(second)
    assert versions(same) >= versions(second)
    assert f"`start_date` {later} is later than the bookmarks of these streams: " in same.log
