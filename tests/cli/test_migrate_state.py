"""`amazon-sp migrate-state`, and the tap with the state that it prints."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP
from tests.migration.old_states import shown
from tests.tap_runs import catalog_of, run_tap, write_json
from tests.world_clock import WorldClock

NAMES = ("orders", "order_items")
US = "ATVPDKIKX0DER"
HOUR = dt.timedelta(hours=1)


def settings_of(simulator: Simulator, **others: Any) -> dict[str, Any]:
    return simulator.settings_for_tap() | {"marketplace_ids": ["US"]} | others


def migrated(
    amazon_sp: AmazonSP, connector: str, *files: Path, options: tuple[str, ...] = ()
) -> Any:
    finished = amazon_sp.run("migrate-state", "--from", connector, *options, *map(str, files))
    assert finished.exit_code == 0, finished.stderr
    return finished.json


def hotglue_state(text: str) -> dict[str, Any]:
    part = {
        "context": {"marketplace_id": "US"},
        "replication_key": "LastUpdateDate",
        "replication_key_value": text,
    }
    items = {"context": {"AmazonOrderId": "1", "marketplace_id": "US"}}
    return {"bookmarks": {"orders": {"partitions": [part]}, "orderitems": {"partitions": [items]}}}


def airbyte_state(text: str) -> list[dict[str, Any]]:
    items = {"use_global_cursor": True, "state": {"LastUpdateDate": text}, "lookback_window": 5}
    return shown(Orders={"LastUpdateDate": text}, OrderItems=items)


@pytest.mark.parametrize(
    ("connector", "state_at", "orders_api"),
    [("airbyte", airbyte_state, "2026-01-01"), ("hotglue", hotglue_state, "v0")],
)
def test_the_tap_goes_on_where_the_old_connector_stopped(
    simulator: Simulator, tmp_path: Path, connector: str, state_at: Any, orders_api: str
) -> None:
    settings = settings_of(simulator, orders_api=orders_api)
    catalog = catalog_of(*NAMES, settings=settings)
    everything = run_tap(tmp_path, settings, catalog=catalog)
    key, changed = (
        ("orderId", "lastUpdatedTime")
        if orders_api == "2026-01-01"
        else ("AmazonOrderId", "LastUpdateDate")
    )
    orders = {one[key]: parse_timestamp(one[changed]) for one in everything.records("orders")}
    # An old connector that has read half of the orders.
    middle = sorted(orders.values())[len(orders) // 2].replace(microsecond=0)
    old = write_json(tmp_path / "old.json", state_at(format_timestamp(middle)))
    amazon_sp = AmazonSP(tmp_path / "config.json")

    state = migrated(amazon_sp, connector, old, options=("--overlap", "PT1H"))
    rest = run_tap(tmp_path, settings, state=state, catalog=catalog)

    assert rest.exit_code == 0, rest.log
    assert "not used" not in rest.log
    assert "selected since" not in rest.log
    again = {one[key] for one in rest.records("orders")}
    assert again >= {order for order, moment in orders.items() if moment >= middle}
    # The overlap is read again, and nothing before it.
    assert again == {order for order, moment in orders.items() if moment >= middle - HOUR}
    assert {one[key] for one in rest.records("order_items")} == again


def test_what_changed_after_the_old_connector_stopped_is_read(tmp_path: Path) -> None:
    clock = WorldClock()
    world = SimulatorSettings(
        orders=100, speed=1e6, changes_per_minute=20, port=0, now=clock, seed=5
    )
    with Simulator(world) as simulator:
        old_settings = settings_of(simulator, orders_api="v0")
        catalog = catalog_of("orders", settings=old_settings)
        # The old connector reads the same operation, and keeps the time of the latest record.
        old = run_tap(tmp_path, old_settings, catalog=catalog).records("orders")
        latest = max(one["LastUpdateDate"] for one in old)
        file = write_json(tmp_path / "old.json", hotglue_state(latest))
        clock.put_forward(900)
        settings = settings_of(simulator)
        write_json(tmp_path / "config.json", settings)

        state = migrated(
            AmazonSP(tmp_path / "config.json"), "hotglue", file, options=("--overlap", "PT10M")
        )
        new = run_tap(
            tmp_path, settings, state=state, catalog=catalog_of("orders", settings=settings)
        ).records("orders")
        # What changes in the last two minutes is for the next run.
        clock.put_forward(180)
        now = format_timestamp(clock() - dt.timedelta(minutes=6))
        truth = [
            one
            for one in simulator.truth("orders")
            if one["salesChannel"]["marketplaceId"] == US and one["lastUpdatedTime"] < now
        ]

    versions = {(one["AmazonOrderId"], one["LastUpdateDate"]) for one in old}
    versions |= {(one["orderId"], one["lastUpdatedTime"]) for one in new}
    assert {(one["orderId"], one["lastUpdatedTime"]) for one in truth} <= versions
    assert {one["orderId"] for one in new} - {one["AmazonOrderId"] for one in old}
    assert len(new) < len(truth)


def test_windows_of_reports_go_on_with_the_day_that_was_not_over(
    simulator: Simulator, tmp_path: Path
) -> None:
    today = dt.datetime.now(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    day = today - dt.timedelta(days=6)
    entry = {"report_type": "GET_SALES_AND_TRAFFIC_REPORT", "lookback": "PT0S"}
    settings = settings_of(
        simulator,
        reports=[entry],
        start_date=format_timestamp(today - dt.timedelta(days=60)),
        report_poll_interval=0.1,
    )
    name = "GET_SALES_AND_TRAFFIC_REPORT_BY_DATE"
    state = shown(**{name: {"queryEndDate": f"{day:%Y-%m-%d}T23:59:59Z"}})
    old = write_json(tmp_path / "old.json", state)
    amazon_sp = configured(simulator, tmp_path, **settings)

    new = migrated(amazon_sp, "airbyte", old)
    catalog = catalog_of("report_sales_and_traffic", settings=settings)
    run = run_tap(tmp_path, settings, state=new, catalog=catalog)

    assert run.exit_code == 0, run.log
    days = {one["_data_start_time"] for one in run.records("report_sales_and_traffic")}
    # The day of the bookmark, which was read in part, and the overlap of a day before it.
    assert min(days) == format_timestamp(day - dt.timedelta(days=1))


def test_bookmarks_are_added_to_the_state_of_other_accounts(
    simulator: Simulator, tmp_path: Path
) -> None:
    one = simulator.settings_for_tap()["refresh_token"]
    accounts = [{"name": name, "refresh_token": one} for name in ("left", "right")]
    amazon_sp = configured(simulator, tmp_path, accounts=accounts, marketplace_ids=["US"])
    old = write_json(tmp_path / "old.json", airbyte_state("2026-11-20T12:00:00Z"))
    before = {"bookmarks": {"feeds": {"partitions": [{"context": {"_account": "left"}}]}}}
    state = write_json(tmp_path / "left.json", before)

    new = migrated(amazon_sp, "airbyte", old, options=("--account", "right", "--state", str(state)))

    assert new["bookmarks"]["feeds"] == before["bookmarks"]["feeds"]
    (part,) = new["bookmarks"]["orders"]["partitions"]
    assert part["context"] == {"_account": "right"}
    assert part["replication_key_value"] == "2026-11-19T11:59:55Z"
    assert part["streams"] == ["order_items", "orders"]


def test_for_meltano_the_state_is_wrapped_as_it_is_there(
    amazon_sp: AmazonSP, tmp_path: Path
) -> None:
    old = str(write_json(tmp_path / "old.json", hotglue_state("2026-11-20T12:00:00Z")))
    of_meltano = {"singer_state": {"bookmarks": {"feeds": {"replication_key_value": "x"}}}}
    before = str(write_json(tmp_path / "before.json", of_meltano))
    words = ("migrate-state", "--from", "hotglue", "--config", str(tmp_path / "one.json"), old)
    write_json(tmp_path / "one.json", {"marketplace_ids": ["US"]})

    (wrapped,) = amazon_sp.run_here(*words, "--meltano").json.values()
    (added,) = amazon_sp.run_here(*words, "--state", before).json.values()

    assert [*wrapped["bookmarks"]] == ["orders"]
    assert [*added["bookmarks"]] == ["feeds", "orders"]


def test_stderr_says_what_became_of_each_bookmark(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    states = [
        shown(
            Orders={"LastUpdateDate": f"2026-11-2{n}T12:00:00Z"},
            VendorOrders={"changedBefore": "2026-11-20T12:00:00Z"},
            GET_SELLER_FEEDBACK_DATA={"date": "2026-11-20"},
        )
        for n in range(4)
    ]
    files = [str(write_json(tmp_path / f"{n}.json", one)) for n, one in enumerate(states)]

    finished = amazon_sp.run_here("migrate-state", "--from", "airbyte", *files)

    assert [*finished.json["bookmarks"]] == ["orders"]
    converted, feedback, vendor = finished.stderr.splitlines()
    assert converted.startswith("orders: read from 2026-11-19T12:00:00Z on (2026-11-20T12:00:00Z,")
    assert vendor.startswith("Not converted: VendorOrders (purchase_orders): its records change")
    assert feedback.endswith("`reports` has no GET_SELLER_FEEDBACK_DATA: add it, and convert again")


def test_a_secret_in_a_state_is_not_printed(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    secret = "Atzr|hush"
    states = {secret: {"x": 1}, "OrderItems": {secret: 1}, "Orders": {"LastUpdateDate": secret}}
    old = str(write_json(tmp_path / "old.json", shown(**states)))

    finished = amazon_sp.run_here("migrate-state", "--from", "airbyte", old)

    assert "hush" not in finished.stderr
    assert "Not converted: Atzr|…: no stream" in finished.stderr


def test_one_state_does_not_count_for_two_marketplaces(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    old = str(write_json(tmp_path / "us.json", airbyte_state("2026-11-20T12:00:00Z")))

    finished = amazon_sp.run_here("migrate-state", "--from", "airbyte", old, old)

    assert finished.exit_code == 2
    assert finished.stdout == ""
    assert "are states of one connection, or equal" in finished.errors[0]


@pytest.mark.parametrize(
    ("connector", "text", "mistake"),
    [
        ("airbyte", "{", "old.json is not JSON (line 1)"),
        ("hotglue", "{", "old.json is not JSON (line 1)"),
        ("airbyte", "", "old.json is empty"),
        ("airbyte", '{"bookmarks": {}}', "old.json is not a state of Airbyte"),
        ("hotglue", '{"Orders": {"LastUpdateDate": "2026-11-20"}}', "The state must be an object"),
        (
            "airbyte",
            json.dumps(shown(Orders={"LastUpdateDate": "2099-01-01T00:00:00Z"})),
            "no bookmark can be converted: start without a state",
        ),
    ],
)
def test_a_state_that_cannot_be_converted_is_a_mistake(
    amazon_sp: AmazonSP, tmp_path: Path, connector: str, text: str, mistake: str
) -> None:
    old = tmp_path / "old.json"
    old.write_text(text)

    finished = amazon_sp.run_here("migrate-state", "--from", connector, str(old))

    assert finished.exit_code == 2
    assert finished.stdout == ""
    assert mistake in finished.stderr


def test_an_overlap_that_is_not_a_duration_is_a_mistake(
    amazon_sp: AmazonSP, tmp_path: Path
) -> None:
    old = write_json(tmp_path / "old.json", airbyte_state("2026-11-20T12:00:00Z"))

    finished = amazon_sp.run_here(
        "migrate-state", "--from", "airbyte", "--overlap", "1 day", str(old)
    )

    assert finished.exit_code == 2
    assert finished.errors == [
        "`--overlap`: '1 day' is not an ISO 8601 duration such as PT30M, PT6H or P2D"
    ]
