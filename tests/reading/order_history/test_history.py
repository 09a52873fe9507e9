from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.order_history.limits import ReportTime
from tap_amazon_sp.reading.order_history.rows import OrderRowsError
from tap_amazon_sp.reading.order_reports import LATENCY
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.order_claims import wrong_claims
from tests.tap_runs import TapRun, catalog_of, run_tap
from tests.world_clock import WorldClock

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

CREATE = "reports_2021-06-30.createReport"
SEARCH = "orders_2026-01-01.searchOrders"
STREAMS = ("orders", "order_items")
DAY = dt.timedelta(days=1)


CLOCK = WorldClock()
LATER = 3700.0
"""Seconds after which no report is used again. A clock a whole day ahead would not be believed."""


@pytest.fixture(scope="module")
def own_simulator() -> Iterator[Simulator]:
    """A seller with 150 orders, which change when a test says so."""
    settings = SimulatorSettings(orders=150, speed=100_000, changes_per_minute=0, port=0, now=CLOCK)
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def seller(own_simulator: Simulator) -> Iterator[Simulator]:
    """The same, so much later that no report is used again."""
    CLOCK.put_forward(LATER)
    own_simulator.clear_requests()
    own_simulator.clear_faults()
    yield own_simulator
    own_simulator.clear_faults()


def start_of(simulator: Simulator, days: float = 50) -> str:
    """Return a start date before which some orders of the simulator last changed."""
    newest = max(order["lastUpdatedTime"] for order in simulator.truth("orders"))
    return format_timestamp(parse_timestamp(newest) - days * DAY)


def settings_of(simulator: Simulator, **settings: Any) -> dict[str, Any]:
    return (
        simulator.settings_for_tap()
        | {"orders_history": "report", "report_poll_interval": 0.05}
        | {"start_date": start_of(simulator)}
        | settings
    )


def run(
    folder: Path,
    simulator: Simulator,
    state: dict[str, Any] | None = None,
    without: tuple[str, ...] = (),
    **settings: Any,
) -> TapRun:
    chosen = settings_of(simulator, **settings)
    catalog = catalog_of(*STREAMS, without=without)
    found = run_tap(folder, chosen, state=state, catalog=catalog)
    assert found.exit_code == 0, found.log
    return found


def latest(*runs: TapRun) -> dict[str, dict[str, Any]]:
    """Return the last record of each order."""
    return {record["orderId"]: record for one in runs for record in one.records("orders")}


def wanted(simulator: Simulator) -> dict[str, dict[str, Any]]:
    start = start_of(simulator)
    return {
        order["orderId"]: order
        for order in simulator.truth("orders")
        if order["lastUpdatedTime"] >= start
    }


def check(simulator: Simulator, *runs: TapRun) -> None:
    """Check that all orders are there, and that each record says only what is true."""
    truth, found = wanted(simulator), latest(*runs)
    assert found.keys() == truth.keys()
    for order_id, record in found.items():
        assert not wrong_claims(record, truth[order_id])
        items = {item["orderItemId"] for item in truth[order_id]["orderItems"]}
        assert {item["orderItemId"] for item in record["orderItems"]} == items


def sources(run: TapRun) -> set[str | None]:
    return {record.get("_source") for record in run.records("orders")}


def calls(simulator: Simulator, operation: str) -> int:
    return int(simulator.metrics.get(operation, {}).get("calls", 0))


@pytest.mark.parametrize("kind", ["report", "report_xml"])
def test_the_past_comes_from_reports_and_is_true(
    tmp_path: Path, seller: Simulator, kind: str
) -> None:
    first = run(tmp_path, seller, orders_history=kind)
    check(seller, first)
    assert sources(first) == {"report"}
    assert calls(seller, CREATE) == 2
    assert calls(seller, SEARCH) == 1
    items = first.records("order_items")
    truth = wanted(seller)
    assert len(items) == sum(len(order["orderItems"]) for order in truth.values())
    for item in items[:300]:
        of_order = truth[item["orderId"]]
        assert item["lastUpdatedTime"] == of_order["lastUpdatedTime"]
        assert item["marketplaceId"] == of_order["salesChannel"]["marketplaceId"]
    assert "history" not in first.last_state["bookmarks"]["orders"]
    assert "Non-Amazon" in first.log

    seller.clear_requests()
    second = run(tmp_path, seller, first.last_state)
    assert not second.records("orders")
    assert not calls(seller, CREATE)


@pytest.mark.parametrize(
    "fault", ["job_fatal", "job_fatal_without_document", "job_cancelled", "status"]
)
def test_the_api_is_asked_for_what_a_report_does_not_tell(
    tmp_path: Path, seller: Simulator, fault: str
) -> None:
    more = {"status": 400, "code": "InvalidInput"} if fault == "status" else {}
    seller.inject(fault, operation=CREATE, skip=1, **more)
    first = run(tmp_path, seller)
    check(seller, first)
    assert sources(first) == {"report", None}
    assert first.log.count("are of no use") == 1
    assert "history" not in first.last_state["bookmarks"]["orders"]


def test_a_time_without_reports_of_use_comes_from_the_api(
    tmp_path: Path, seller: Simulator
) -> None:
    seller.inject("job_cancelled", operation=CREATE, count=None)
    first = run(tmp_path, seller)
    check(seller, first)
    assert sources(first) == {None}


def test_an_empty_report_does_not_mean_that_there_are_no_orders(
    tmp_path: Path, seller: Simulator
) -> None:
    first = run(tmp_path, seller, start_date=start_of(seller, 120))
    assert latest(first).keys() == {one["orderId"] for one in seller.truth("orders")}
    assert first.log.count("are of no use") == 1


def test_a_stopped_history_goes_on_where_it_was(tmp_path: Path, seller: Simulator) -> None:
    first = run(tmp_path, seller)
    states = [message["value"] for message in first.of_type("STATE")]
    state = next(
        state
        for state in states
        if (_own := state["bookmarks"].get("orders", {})).get("replication_key_value", "")
        > start_of(seller, 49)
    )
    assert "history" in state["bookmarks"]["orders"]
    written = first.messages[: first.messages.index({"type": "STATE", "value": state})]
    before = TapRun(0, written, "")
    assert sources(before) == {"report"}

    changed = next(iter(latest(before)))
    seller.change_orders(order_ids=[changed])
    CLOCK.put_forward(300)
    seller.clear_requests()
    second = run(tmp_path, seller, state)
    # Its other report exists already.
    assert not calls(seller, CREATE)
    assert changed in latest(second)
    assert latest(second)[changed].get("_source") is None
    check(seller, before, second)


def test_an_order_that_changes_while_its_report_is_made_is_left_to_the_api() -> None:
    start, until = (dt.datetime(2026, 1, day, tzinfo=dt.timezone.utc) for day in (1, 30))
    time = ReportTime(Window(start, start + 10 * DAY), until)
    assert time.has("2026-01-01T00:00:00Z")
    assert time.has("2026-01-11T00:00:00Z")
    assert not time.has("2026-01-30T00:00:00Z")
    assert not time.has("2026-02-01T10:00:00Z")
    for other in ("2025-12-31T23:59:59Z", "2026-01-11T00:00:01Z", "2026-01-29T23:59:59Z"):
        with pytest.raises(OrderRowsError):
            time.has(other)


def test_a_history_whose_child_records_are_missing_is_read_again(
    tmp_path: Path, seller: Simulator
) -> None:
    # The child stream fails, as it needs a restricted data token.
    streams = ("orders", "order_regulated_info")
    failed = run_tap(tmp_path, settings_of(seller), catalog=catalog_of(*streams))
    assert failed.exit_code == 1
    assert sources(failed) >= {"report"}
    assert "since" in failed.last_state["bookmarks"]["orders"]["history"]
    seller.clear_requests()
    second = run(tmp_path, seller, failed.last_state)
    # What is younger than the reports comes from the API.
    assert sources(second) >= {"report"}
    assert not calls(seller, CREATE)
    check(seller, second)


def test_no_record_of_a_report_follows_one_of_the_api(tmp_path: Path, seller: Simulator) -> None:
    found = [record.get("_source") for record in run(tmp_path, seller).records("orders")]
    assert found == sorted(found, key=lambda source: source is None)


def test_a_bookmark_is_not_read_again_from_reports(tmp_path: Path, seller: Simulator) -> None:
    first = run(tmp_path, seller, orders_history="none")
    assert sources(first) == {None}
    run(tmp_path, seller, first.last_state)
    assert not calls(seller, CREATE)


def test_deselected_properties_are_left_out_and_the_others_stay(
    tmp_path: Path, seller: Simulator
) -> None:
    whole = run(tmp_path, seller)
    CLOCK.put_forward(LATER)
    part = run(tmp_path, seller, without=("orders.proceeds", "orders.programs"))
    assert "new property" not in part.log
    expected = {
        order_id: {name: value for name, value in record.items() if name != "proceeds"}
        for order_id, record in latest(whole).items()
    }
    assert latest(part) == expected
    assert part.records("order_items") == whole.records("order_items")


def test_records_of_several_accounts_name_theirs(tmp_path: Path, seller: Simulator) -> None:
    settings = settings_of(seller)
    account = {"name": "one", "refresh_token": settings.pop("refresh_token")}
    settings.pop("seller_id", None)
    found = run_tap(
        tmp_path,
        settings | {"accounts": [account]},
        catalog=catalog_of(*STREAMS, settings={"accounts": [account]}),
    )
    assert found.exit_code == 0, found.log
    for stream in STREAMS:
        records = found.records(stream)
        assert records
        assert {record["_account"] for record in records} == {"one"}
        assert {record["_source"] for record in records} == {"report"}


def simulator_of(**settings: Any) -> Simulator:
    return Simulator(
        SimulatorSettings(orders=150, speed=100_000, changes_per_minute=0, port=0, **settings)
    )


def old(found: TapRun) -> list[dict[str, Any]]:
    """Return the records of orders that changed long enough ago for a report."""
    hours_ago = format_timestamp(dt.datetime.now(dt.timezone.utc) - dt.timedelta(hours=2))
    return [one for one in found.records("orders") if one["lastUpdatedTime"] < hours_ago]


def test_days_that_reports_lack_come_from_the_api(tmp_path: Path) -> None:
    with simulator_of() as simulator:
        days = sorted({order["createdTime"][:10] for order in simulator.truth("orders")})
    with simulator_of(order_reports_lacking_days=tuple(days[30:32])) as simulator:
        found = run(tmp_path, simulator)
        check(simulator, found)
    assert "the reports lack orders" in found.log
    from_api = {one["createdTime"][:10] for one in old(found) if "_source" not in one}
    assert from_api >= {*days[30:32]}
    # The others were not in vain.
    assert len(from_api) <= 2 + 3


def test_a_stop_before_the_last_of_those_days_loses_none(tmp_path: Path) -> None:
    with simulator_of(order_reports_lacking=0.2) as simulator:
        whole = run(tmp_path, simulator)
        states = [message["value"] for message in whole.of_type("STATE")]
        state = next(
            state for state in reversed(states) if "history" in state["bookmarks"]["orders"]
        )
        days = state["bookmarks"]["orders"]["history"]["days"]
        rest = run(tmp_path, simulator, state)
        assert {one["createdTime"][:10] for one in rest.records("orders")} >= {
            day[:10] for day in days
        }
        assert "history" not in rest.last_state["bookmarks"]["orders"]


@pytest.mark.parametrize("is_between_reports", [True, False])
def test_what_reports_lack_is_found_after_a_stop(tmp_path: Path, is_between_reports: bool) -> None:  # noqa: FBT001
    with simulator_of() as simulator:
        days = sorted({order["createdTime"][:10] for order in simulator.truth("orders")})
    with simulator_of(order_reports_lacking_days=tuple(days[20:22])) as simulator:
        first = run(tmp_path, simulator)
        start = start_of(simulator, 49)
        state = next(
            message["value"]
            for message in first.of_type("STATE")
            if (own := message["value"]["bookmarks"]["orders"])["replication_key_value"] > start
            and ("since" in own["history"]) == is_between_reports
        )
        before = first.messages[: first.messages.index({"type": "STATE", "value": state})]
        simulator.clear_requests()
        second = run(tmp_path, simulator, state)
        assert not calls(simulator, CREATE)
        check(simulator, TapRun(0, before, ""), second)
        assert {"history", "pending"}.isdisjoint(second.last_state["bookmarks"]["orders"])
    assert "the reports lack orders" in second.log


def test_orders_that_reports_lack_on_many_days_come_from_the_api(tmp_path: Path) -> None:
    with simulator_of(order_reports_lacking=0.2) as simulator:
        found = run(tmp_path, simulator)
        # Nobody counts orders that were placed before the start and changed after it.
        assert latest(found).keys() >= {
            order_id
            for order_id, one in wanted(simulator).items()
            if one["createdTime"] >= start_of(simulator)
        }
    assert "the reports lack orders" in found.log


def test_whole_reports_cost_no_page_of_the_api(tmp_path: Path) -> None:
    with simulator_of() as simulator:
        found = run(tmp_path, simulator)
        assert {one.get("_source") for one in old(found)} == {"report"}
    assert "getOrderMetrics" not in found.log.replace("sales.getOrderMetrics", "")


def test_items_without_ids_get_some_and_xml_has_them(tmp_path: Path) -> None:
    with simulator_of(order_reports_item_ids=False) as simulator:
        flat = run(tmp_path, simulator)
        xml = run(tmp_path, simulator, orders_history="report_xml")
        check(simulator, xml)
        truth = wanted(simulator)
    assert "have no id for" in flat.log
    items = [item for one in old(flat) for item in one["orderItems"]]
    assert all(":" in item["orderItemId"] for item in items)
    for one in old(flat):
        assert len(one["orderItems"]) == len(truth[one["orderId"]]["orderItems"])


@pytest.mark.parametrize(
    ("settings", "reports"),
    [
        ({"orders_history": "none"}, None),
        ({"orders_history": "report", "start_date": "2025-01-01"}, 24),
        ({"orders_history": "report_xml", "start_date": "2026-01-01"}, 12),
        ({"orders_history": "report", "end_date": "2026-01-01", "start_date": "2025-12-31"}, 1),
    ],
)
def test_the_plan_names_the_reports(settings: dict[str, Any], reports: int | None) -> None:
    clock = FakeClock(dt.datetime(2026, 12, 20, tzinfo=dt.timezone.utc))
    config = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"} | settings
    stream = TapAmazonSP(config=config, clock=clock).streams["orders"]
    plan = cast("AmazonStream", stream).reader.plan()
    named = f"{reports} of createReport, for the orders up to then"
    assert (named in (plan.further or "")) == (reports is not None)
    if reports is not None and "end_date" not in settings:
        assert plan.start == clock.now() - LATENCY
