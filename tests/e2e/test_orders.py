"""Orders from searchOrders, getOrder and reports: the same records from all of them."""

from __future__ import annotations

import datetime as dt
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.tap_runs import TapRun, bookmarks_in, catalog_of, run_tap

SEARCH = "orders_2026-01-01.searchOrders"
GET = "orders_2026-01-01.getOrder"
METRICS = "sales.getOrderMetrics"
CREATE = "reports_2021-06-30.createReport"
ORDERS = 2600
"""More than the bucket of searchOrders gives at once, by the documented rate."""
NOW = dt.datetime.now(dt.timezone.utc)
SPEED = 600
"""A page of searchOrders takes 0.3 s after the first 20."""
SLOWLY = 150
"""A page takes 1.2 s, so that getOrder surely gets its turn."""


@pytest.fixture
def seller(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A seller who stands still, with full buckets; a parameter is the speed."""
    speed = getattr(request, "param", SPEED)
    world = SimulatorSettings(orders=ORDERS, speed=speed, changes_per_minute=0, port=0)
    with Simulator(world) as simulator:
        yield simulator


slowly = pytest.mark.parametrize("seller", [SLOWLY], indirect=True)


def run(seller: Simulator, folder: Path, **settings: Any) -> TapRun:
    state = settings.pop("state", None)
    settings = seller.settings_for_tap() | {"report_poll_interval": 0.1} | settings
    catalog = catalog_of("orders", "order_items", settings=settings)
    return run_tap(folder, settings, catalog=catalog, state=state)


def calls(seller: Simulator) -> Counter[str]:
    return Counter(request["operation"] for request in seller.requests)


def newest(run: TapRun) -> dict[str, dict[str, Any]]:
    """Return the last record of each order."""
    return {record["orderId"]: record for record in run.records("orders")}


def newest_of(*runs: TapRun) -> dict[str, dict[str, Any]]:
    """Return the last record of each order in some runs."""
    found: dict[str, dict[str, Any]] = {}
    for one in runs:
        assert "Traceback" not in one.log
        found |= newest(one)
    return found


def check(seller: Simulator, *runs: TapRun, is_verified: bool = True) -> set[str]:
    """Check that the last records of some runs are the orders as they are; return their ids."""
    found = newest_of(*runs)
    assert runs[-1].exit_code == 0, runs[-1].log
    truth = {order["orderId"]: order for order in seller.truth("orders")}
    assert found.keys() <= truth.keys()
    assert not is_verified or found.keys() == truth.keys()
    for order_id, record in found.items():
        order = truth[order_id]
        assert record["lastUpdatedTime"] == order["lastUpdatedTime"]
        assert len(record["orderItems"]) == len(order["orderItems"])
    state = bookmarks_in(runs[-1].last_state)["orders", None]
    spans = state.get("also_read", {}).get("spans", ())
    assert [one for one in spans if one["after"] != one["before"]] == []
    return {*truth}


def test_both_operations_give_the_same_records_as_one(tmp_path: Path) -> None:
    with world_since(NOW) as seller:
        combined = run(seller, tmp_path)
        made = calls(seller)
        throttled = [request for request in seller.requests if request["status"] == 429]
        check(seller, combined)
    with world_since(NOW, speed=SPEED) as seller:
        searched = run(seller, tmp_path, orders_source="search")
        check(seller, searched)
        assert {*calls(seller)} == {SEARCH, METRICS}
        assert calls(seller)[SEARCH] == math.ceil(ORDERS / 100)

    assert made[GET] > 50
    assert made[SEARCH] < math.ceil(ORDERS / 100)
    assert 100 * made[SEARCH] + made[GET] < ORDERS + 200
    assert throttled == []
    assert "'orders': about 2,600 orders wait" in combined.log
    # All orders that are counted are there, so that nothing is left to verify.
    assert "also_read" not in bookmarks_in(combined.last_state)["orders", None]
    assert combined.counts["orders"] == searched.counts["orders"] == ORDERS
    assert newest(combined) == newest(searched)
    items = {record["orderItemId"]: record for record in combined.records("order_items")}
    assert items == {record["orderItemId"]: record for record in searched.records("order_items")}


USELESS: dict[str, Callable[[Simulator], object]] = {
    "cancelled": lambda seller: seller.inject("job_cancelled", operation=CREATE, count=None),
    "failed": lambda seller: seller.inject("job_fatal", operation=CREATE, count=None),
    "the newest failed": lambda seller: seller.inject("job_fatal", operation=CREATE, count=1),
    "late": lambda seller: seller.inject("job_stuck", operation=CREATE, count=None),
    "refused": lambda seller: seller.inject(
        "status", operation=CREATE, status=403, code="Unauthorized", count=None
    ),
    "cut short": lambda seller: seller.inject("truncated_gzip", operation="documents", count=None),
}


@pytest.mark.parametrize("spoil", USELESS.values(), ids=USELESS)
def test_a_report_that_says_nothing_never_means_no_orders(
    seller: Simulator, tmp_path: Path, spoil: Callable[[Simulator], object]
) -> None:
    spoil(seller)

    found = run(seller, tmp_path, report_timeout=2)

    check(seller, found)
    assert "is of no use (" in found.log
    assert "searchOrders reads them alone" in found.log


@slowly
def test_orders_that_single_calls_do_not_find_are_searched(
    seller: Simulator, tmp_path: Path
) -> None:
    seller.inject("status", operation=GET, status=404, code="NotFound", count=3, skip=30)

    found = run(seller, tmp_path)

    check(seller, found)
    assert "getOrder does not know" in found.log


def test_sales_that_nobody_may_count_are_read_in_short_windows(
    seller: Simulator, tmp_path: Path
) -> None:
    seller.inject("status", operation=METRICS, status=403, code="Unauthorized", count=None)

    found = run(seller, tmp_path)

    check(seller, found)
    assert found.log.count("nobody knows how many orders wait") == 1
    assert calls(seller)[GET] == 0


def test_without_calls_side_by_side_orders_are_searched_alone(
    seller: Simulator, tmp_path: Path
) -> None:
    found = run(seller, tmp_path, max_parallel_requests=1)

    check(seller, found)
    assert {*calls(seller)} == {SEARCH, METRICS}
    assert calls(seller)[SEARCH] == math.ceil(ORDERS / 100)


def test_a_failed_call_keeps_what_is_read_and_the_next_run_reads_the_rest(tmp_path: Path) -> None:
    with world_since(NOW) as seller:
        seller.inject("status", operation=GET, status=400, code="InvalidInput", skip=100)
        failed = run(seller, tmp_path)

    assert failed.exit_code == 1
    assert "Stream 'orders' failed" in failed.log
    assert bookmarks_in(failed.last_state)["orders", None]["also_read"]["spans"]
    with world_since(NOW) as seller:
        rest = run(seller, tmp_path, state=failed.last_state)
        check(seller, failed, rest)
        first, *_ = (request for request in seller.requests if request["operation"] == SEARCH)
        # None for the time before the first order.
        assert calls(seller)[CREATE] <= 3
    assert len(newest(rest)) < ORDERS
    # What is new comes first.
    assert first["query"]["lastUpdatedAfter"] > max(
        record["lastUpdatedTime"] for record in failed.records("orders")[:-100]
    )


def world_since(began_at: dt.datetime, *, speed: float = SLOWLY, **settings: Any) -> Simulator:
    """Return a seller with full buckets; those since the same moment have the same orders."""
    since = time.monotonic()
    world = SimulatorSettings(
        speed=speed,
        changes_per_minute=0,
        port=0,
        now=lambda: began_at + dt.timedelta(seconds=time.monotonic() - since),
        **{"orders": ORDERS, **settings},
    )
    return Simulator(world)


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_reports_lacking": 0.01},
        {"order_reports_unknown": 0.01},
        {"order_reports_latency": 3600.0},
        {"order_reports_item_ids": False},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_a_report_has_wrong_is_settled_by_the_api(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    with world_since(NOW, **wrong) as seller:
        check(seller, run(seller, tmp_path))


def test_a_day_that_a_report_lacks_is_noticed(tmp_path: Path) -> None:
    day = (NOW - dt.timedelta(days=5)).date().isoformat()
    with world_since(NOW, order_reports_lacking_days=(day,)) as seller:
        found = run(seller, tmp_path)

        check(seller, found)
    assert "is of no use (it lacks" in found.log


def test_what_only_a_report_has_told_is_verified_by_later_runs(tmp_path: Path) -> None:
    lacking = {"order_reports_lacking": 0.004}
    with world_since(NOW, **lacking) as seller:
        # No run can count what it has not read itself.
        seller.inject("status", operation=GET, status=400, code="InvalidInput", skip=60)
        runs = [run(seller, tmp_path)]
    state = runs[-1].last_state
    assert bookmarks_in(state)["orders", None]["also_read"]["by_report"]
    while True:
        with world_since(NOW, **lacking) as seller:
            runs.append(run(seller, tmp_path, state=state))
            truth = check(seller, *runs, is_verified=False)
        state = runs[-1].last_state
        mark = bookmarks_in(state)["orders", None]
        if not mark.get("also_read", {}).get("by_report"):
            break
        # A day has passed, as far as the state tells.
        text = mark["replication_key_value"]
        earlier = format_timestamp(parse_timestamp(text) - dt.timedelta(days=1))
        state = json.loads(json.dumps(state).replace(text, earlier))
        assert len(runs) < 12

    assert truth == {*newest_of(*runs)}


def test_an_increment_is_never_confirmed_by_counts(tmp_path: Path) -> None:
    # Nobody counts the orders that were placed before it.
    bookmark = format_timestamp(NOW - dt.timedelta(days=40))
    state = {"bookmarks": {"orders": {"replication_key_value": bookmark}}}
    with world_since(NOW, orders=4000) as seller:
        found = run(seller, tmp_path, state=state)
        made = calls(seller)

    assert found.exit_code == 0, found.log
    assert made[GET] > 20
    assert bookmarks_in(found.last_state)["orders", None]["also_read"]["by_report"]
