"""What goes wrong at Amazon, and what the tap makes of it."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.tap_runs import TapRun, catalog_of, run_tap

SEARCH = "orders_2026-01-01.searchOrders"


@pytest.fixture
def truth(simulator: Simulator) -> set[str]:
    return {order["orderId"] for order in simulator.truth("orders")}


def settings_for_orders(simulator: Simulator) -> dict[str, Any]:
    """Settings whose first requests give orders: no windows before the first one."""
    start = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=60)
    return simulator.settings_for_tap() | {"start_date": start.isoformat()}


def run_orders(simulator: Simulator, folder: Path, **options: Any) -> TapRun:
    catalog = catalog_of("orders")
    return run_tap(folder, settings_for_orders(simulator), catalog=catalog, **options)


def ids(run: TapRun) -> set[str]:
    return {record["orderId"] for record in run.records("orders")}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 502, "body": "html"},
        {"kind": "status", "status": 503},
        {"kind": "reset"},
        {"kind": "truncated"},
        {"kind": "not_json"},
        {"kind": "throttle"},
        {"kind": "expired_token"},
        {"kind": "empty_page"},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
def test_what_passes_is_retried_and_nothing_is_lost(
    simulator: Simulator, truth: set[str], tmp_path: Path, fault: dict[str, Any]
) -> None:
    simulator.inject(operation=SEARCH, count=1, skip=2, **fault)

    run = run_orders(simulator, tmp_path)

    assert run.exit_code == 0, run.log
    assert ids(run) == truth


def test_a_400_in_the_middle_of_paging_fails_the_stream_and_keeps_the_state_before_it(
    simulator: Simulator, truth: set[str], tmp_path: Path
) -> None:
    simulator.inject(
        operation=SEARCH, count=1, skip=2, kind="status", status=400, code="InvalidInput"
    )

    failed = run_orders(simulator, tmp_path)

    assert failed.exit_code == 1
    assert f"Stream 'orders' failed: {SEARCH}: HTTP 400 InvalidInput" in failed.log
    assert "request id" in failed.log
    assert "Traceback" not in failed.log
    assert ids(failed) < truth
    resumed = run_orders(simulator, tmp_path, state=failed.last_state)
    assert resumed.exit_code == 0
    assert ids(failed) | ids(resumed) == truth


def test_a_failure_that_stays_is_told_with_operation_status_code_and_request_id(
    simulator: Simulator, tmp_path: Path
) -> None:
    simulator.inject(operation=SEARCH, count=100, kind="status", status=404, code="NotFound")

    run = run_orders(simulator, tmp_path)

    assert run.exit_code == 1
    assert f"{SEARCH}: HTTP 404 NotFound" in run.log


def test_a_page_token_that_amazon_rejects_restarts_the_window(
    simulator: Simulator, truth: set[str], tmp_path: Path
) -> None:
    simulator.inject(
        operation=SEARCH,
        count=1,
        kind="status",
        status=400,
        code="InvalidInput",
        message="Token is not valid, token duration is 25 minutes.",
        only_with_token=True,
    )

    run = run_orders(simulator, tmp_path)

    assert run.exit_code == 0, run.log
    assert "reading the window again" in run.log
    assert ids(run) == truth


def test_one_stream_fails_the_others_finish(simulator: Simulator, tmp_path: Path) -> None:
    simulator.inject(operation=SEARCH, count=100, kind="status", status=403, code="Unauthorized")

    run = run_tap(tmp_path, simulator.settings_for_tap())

    assert run.exit_code == 1
    assert run.log.count("Stream 'orders' failed") == 1
    assert "2 of 4 streams failed: order_items (read with orders), orders" in run.log
    assert run.counts["orders"] == 0
    assert run.counts["feeds"]
    assert run.counts["marketplace_participations"]
    assert run.bookmark("feeds")


def test_a_child_that_is_refused_keeps_neither_parent_nor_siblings_from_being_read(
    simulator: Simulator, tmp_path: Path
) -> None:
    simulator.inject(
        operation="messaging.getMessagingActionsForOrder",
        count=10_000,
        kind="status",
        status=403,
        code="Unauthorized",
    )
    catalog = catalog_of("orders", "order_items", "messaging_actions")

    run = run_tap(tmp_path, simulator.settings_for_tap(), catalog=catalog)

    assert run.exit_code == 1
    assert run.log.count("Stream 'messaging_actions' failed") == 1
    assert "1 of 3 streams failed: messaging_actions" in run.log
    assert run.counts["orders"] == len(simulator.truth("orders"))
    assert run.counts["order_items"] > run.counts["orders"]
    # The next run reads the orders again, for the child's sake.
    oldest = min(order["lastUpdatedTime"] for order in simulator.truth("orders"))
    bookmark = run.bookmark("orders")
    assert bookmark is None or bookmark < oldest


def test_a_stream_that_is_selected_later_is_told_to_lack_what_is_older(
    simulator: Simulator, tmp_path: Path
) -> None:
    settings = simulator.settings_for_tap()
    first = run_tap(tmp_path, settings, catalog=catalog_of("order_items"))

    again = run_tap(
        tmp_path,
        settings,
        catalog=catalog_of("order_items"),
        state=first.last_state,
    )
    with_orders = run_tap(
        tmp_path,
        settings,
        catalog=catalog_of("orders", "order_items"),
        state=first.last_state,
    )

    assert "selected since the state was written" not in again.log
    assert "orders: selected since the state was written" in with_orders.log
    assert "remove that bookmark" in with_orders.log


def test_a_new_field_is_kept_and_announced(
    simulator: Simulator, truth: set[str], tmp_path: Path
) -> None:
    simulator.inject(operation=SEARCH, count=3, kind="extra_field")

    run = run_orders(simulator, tmp_path)

    assert run.exit_code == 0, run.log
    first, second = run.of_type("SCHEMA")
    (new,) = set(second["schema"]["properties"]) - set(first["schema"]["properties"])
    position = run.messages.index(second)
    with_field = [
        index for index, message in enumerate(run.messages) if new in message.get("record", {})
    ]
    assert with_field
    assert min(with_field) > position
    assert ids(run) == truth


def test_a_new_field_is_left_out_where_properties_are_deselected(
    simulator: Simulator, tmp_path: Path
) -> None:
    simulator.inject(operation=SEARCH, count=3, kind="extra_field")
    catalog = catalog_of("orders", without=("orders.recipient",))

    run = run_tap(tmp_path, settings_for_orders(simulator), catalog=catalog)

    assert len(run.of_type("SCHEMA")) == 1
    properties = set(run.of_type("SCHEMA")[0]["schema"]["properties"])
    assert all(set(record) <= properties for record in run.records("orders"))
    assert "is left out because properties of 'orders' are deselected" in run.log


@pytest.mark.parametrize(
    "kind", ["unknown_enum", "null_required", "number_as_string", "missing_array"]
)
def test_what_the_model_does_not_say_breaks_nothing(
    simulator: Simulator, tmp_path: Path, kind: str
) -> None:
    simulator.inject(operation=SEARCH, count=3, kind=kind)

    run = run_orders(simulator, tmp_path)

    assert run.exit_code == 0, run.log
    assert run.counts["orders"] > 0


DIVERSE = (
    "aplus_content_documents",
    "catalog_items",
    "competitive_pricing",
    "data_kiosk_queries",
    "fba_inventory_summaries",
    "financial_transactions",
    "inbound_plan_details",
    "inbound_plans",
    "item_offers",
    "listings_items",
    "mcf_order_items",
    "mcf_orders",
    "order_metrics",
    "payouts",
    "purchase_orders",
    "vehicles",
)


def run_diverse(simulator: Simulator, folder: Path) -> TapRun:
    settings = simulator.settings_for_tap() | {
        "seller_id": "A1SIMULATEDSELLER",
        "marketplace_ids": ["US"],
        "asins": ["B0TEST0001", "B0TEST0002"],
        "start_date": "2026-09-01",
    }
    return run_tap(folder, settings, catalog=catalog_of(*DIVERSE))


WITHOUT_KEYS = {
    "null_required": {"catalog_items", "listings_items", "payouts"},
    "missing_array": {"vehicles"},
}
"""The streams whose records lack what identifies them, by the kind of fault."""


@pytest.fixture(scope="module")
def sound(shared_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> TapRun:
    """What is read while nothing is wrong."""
    return run_diverse(shared_simulator, tmp_path_factory.mktemp("sound"))


@pytest.mark.parametrize(
    "kind", ["extra_field", "unknown_enum", "null_required", "number_as_string", "missing_array"]
)
def test_what_the_model_does_not_say_breaks_no_stream(
    sound: TapRun, simulator: Simulator, tmp_path: Path, kind: str
) -> None:
    simulator.inject(count=10_000, kind=kind)

    run = run_diverse(simulator, tmp_path)

    lost = WITHOUT_KEYS.get(kind, set())
    assert run.exit_code == bool(lost), run.log
    assert lost == set(re.findall("Stream '(.*)' failed: .* records? without '", run.log))
    # Where the list of items is missing or null, there are fewer of them.
    is_about_lists = kind in ("missing_array", "null_required")
    without_items = {"mcf_order_items"} if is_about_lists else set()
    for stream in set(DIVERSE) - without_items - lost:
        assert run.counts[stream] == sound.counts[stream] > 0, stream


def test_nul_characters_are_stripped(simulator: Simulator, tmp_path: Path) -> None:
    simulator.inject(operation=SEARCH, count=3, kind="nul")

    run = run_orders(simulator, tmp_path)

    assert run.exit_code == 0
    assert "\x00" not in str(run.messages)


def test_a_revoked_authorization_is_told_in_one_sentence(
    simulator: Simulator, tmp_path: Path
) -> None:
    settings = simulator.settings_for_tap() | {"refresh_token": "Atzr|revoked-hush"}

    run = run_tap(tmp_path, settings)

    assert run.exit_code == 1
    assert run.log.count("invalid_grant") == 1
    assert "Authorize the application again and set `refresh_token`" in run.log
    assert "Traceback" not in run.log
    assert "hush" not in run.log


def test_a_wrong_secret_is_told_in_one_sentence(simulator: Simulator, tmp_path: Path) -> None:
    settings = simulator.settings_for_tap() | {"client_secret": "hush-hush"}

    run = run_tap(tmp_path, settings)

    assert run.exit_code == 1
    assert "expire after 180 days" in run.log
    assert "hush" not in run.log
