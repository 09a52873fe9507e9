"""What a run gives, compared with what the simulator holds."""

from __future__ import annotations

import datetime as dt
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.simulator import Simulator
from tests.tap_runs import catalog_of, discover, run_tap, select

KEYS = {
    "orders": ("orderId",),
    "order_items": ("orderId", "orderItemId"),
    "feeds": ("feedId",),
    "purchase_orders": ("purchaseOrderNumber",),
    "reports": ("reportId",),
}


@pytest.fixture
def settings(simulator: Simulator) -> dict[str, Any]:
    return simulator.settings_for_tap()


@pytest.fixture
def catalog() -> dict[str, Any]:
    """The catalog with these streams selected."""
    return select(discover(), *KEYS)


def truth_ids(simulator: Simulator, domain: str, key: str) -> set[str]:
    return {record[key] for record in simulator.truth(domain)}


def test_five_streams_give_everything_once(
    simulator: Simulator, settings: dict[str, Any], catalog: dict[str, Any], tmp_path: Path
) -> None:
    run = run_tap(tmp_path, settings, catalog=catalog)

    assert run.exit_code == 0, run.log
    orders = simulator.truth("orders")
    assert {record["orderId"] for record in run.records("orders")} == {
        order["orderId"] for order in orders
    }
    assert {
        (record["orderId"], record["orderItemId"]) for record in run.records("order_items")
    } == {
        (order["orderId"], item["orderItemId"]) for order in orders for item in order["orderItems"]
    }
    assert {record["feedId"] for record in run.records("feeds")} == truth_ids(
        simulator, "feeds", "feedId"
    )
    assert {record["reportId"] for record in run.records("reports")} == truth_ids(
        simulator, "reports", "reportId"
    )
    assert {
        record["purchaseOrderNumber"] for record in run.records("purchase_orders")
    } == truth_ids(simulator, "purchase_orders", "purchaseOrderNumber")


def test_primary_keys_are_unique_and_never_null(
    settings: dict[str, Any], catalog: dict[str, Any], tmp_path: Path
) -> None:
    run = run_tap(tmp_path, settings, catalog=catalog)

    for stream, names in KEYS.items():
        keys = [tuple(record[name] for name in names) for record in run.records(stream)]
        assert keys, stream
        assert len(keys) == len(set(keys)), stream
        assert all(all(key) for key in keys), stream


def test_there_is_one_schema_per_stream_and_a_state_per_window(
    settings: dict[str, Any], catalog: dict[str, Any], tmp_path: Path
) -> None:
    run = run_tap(tmp_path, settings, catalog=catalog)

    schemas = [message["stream"] for message in run.of_type("SCHEMA")]
    assert sorted(schemas) == sorted(KEYS)
    assert len(run.of_type("STATE")) < len(run.of_type("RECORD")) / 20
    assert set(run.last_state["bookmarks"]) == {"orders", "feeds", "purchase_orders", "reports"}


def test_a_second_run_asks_only_for_what_is_new(
    simulator: Simulator, settings: dict[str, Any], catalog: dict[str, Any], tmp_path: Path
) -> None:
    first = run_tap(tmp_path, settings, catalog=catalog)
    simulator.clear_requests()

    second = run_tap(tmp_path, settings, catalog=catalog, state=first.last_state)

    assert second.exit_code == 0
    assert second.counts["orders"] == 0
    # Those that are not closed yet are found by their creation, with all that came later.
    open_since = min(
        order["orderDetails"]["purchaseOrderDate"]
        for order in simulator.truth("purchase_orders")
        if order["purchaseOrderState"] != "Closed"
    )
    assert second.counts["purchase_orders"] < first.counts["purchase_orders"]
    assert first.bookmark("purchase_orders") == open_since
    searches = [
        request for request in simulator.requests if request["operation"].endswith("searchOrders")
    ]
    asked_from = parse_timestamp(searches[0]["query"]["lastUpdatedAfter"])
    bookmark = first.bookmark("orders")
    assert bookmark is not None
    assert abs(asked_from - parse_timestamp(bookmark)) < dt.timedelta(milliseconds=1)


def test_timestamps_and_bookmarks_are_utc_with_z(settings: dict[str, Any], tmp_path: Path) -> None:
    run = run_tap(tmp_path, settings)

    assert all(record["lastUpdatedTime"].endswith("Z") for record in run.records("orders"))
    for bookmark in run.last_state["bookmarks"].values():
        assert bookmark["replication_key_value"].endswith("Z")


def test_v0_reads_all_marketplaces_of_the_account_where_none_is_named(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders", settings={"orders_api": "v0"})
    unnamed = {name: value for name, value in settings.items() if name != "marketplace_ids"}

    run = run_tap(tmp_path, unnamed | {"orders_api": "v0"}, catalog=catalog)

    assert run.exit_code == 0, run.log
    assert run.counts["orders"] == len(simulator.truth("orders"))


def test_orders_of_v0_with_their_items(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders", "order_items", settings={"orders_api": "v0"})

    run = run_tap(tmp_path, settings | {"orders_api": "v0"}, catalog=catalog)

    assert run.exit_code == 0, run.log
    orders = simulator.truth("orders")
    assert {record["AmazonOrderId"] for record in run.records("orders")} == {
        order["orderId"] for order in orders
    }
    # Items over several pages: the largest orders have more than fit on one.
    assert {
        (record["AmazonOrderId"], record["OrderItemId"]) for record in run.records("order_items")
    } == {
        (order["orderId"], item["orderItemId"]) for order in orders for item in order["orderItems"]
    }
    assert all(record["LastUpdateDate"] for record in run.records("order_items"))


def test_items_without_orders_can_be_selected(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = select(discover(), "order_items")

    run = run_tap(tmp_path, settings, catalog=catalog)

    assert run.exit_code == 0, run.log
    assert run.counts["orders"] == 0
    assert run.counts["order_items"] == sum(
        len(order["orderItems"]) for order in simulator.truth("orders")
    )


def test_deselected_streams_are_not_called(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = select(discover(), "feeds")

    run_tap(tmp_path, settings, catalog=catalog)

    operations = {request["operation"] for request in simulator.requests}
    assert operations == {"feeds_2021-06-30.getFeeds"}


def test_a_deselected_property_is_not_written(settings: dict[str, Any], tmp_path: Path) -> None:
    catalog = catalog_of("orders", without=("orders.orderItems",))

    run = run_tap(tmp_path, settings, catalog=catalog)

    (schema,) = run.of_type("SCHEMA")
    assert "orderItems" not in schema["schema"]["properties"]
    assert run.counts["orders"] > 0
    assert not any("orderItems" in record for record in run.records("orders"))


def test_what_is_deselected_in_items_is_not_in_the_orders_either(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders", "order_items")
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if entry["stream"] == "order_items" and metadata["breadcrumb"][-1:] == ["title"]:
                metadata["metadata"]["selected"] = False

    run = run_tap(tmp_path, settings, catalog=catalog)

    assert not any("title" in record["product"] for record in run.records("order_items"))
    items = [item for record in run.records("orders") for item in record["orderItems"]]
    assert items
    assert not any("title" in item["product"] for item in items)


def test_items_come_though_the_orders_leave_them_out(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders", "order_items", without=("orders.tax",))
    for entry in catalog["streams"]:
        if entry["stream"] == "orders":
            del entry["schema"]["properties"]["orderItems"]

    run = run_tap(tmp_path, settings, catalog=catalog)

    assert run.counts["order_items"] == sum(
        len(order["orderItems"]) for order in simulator.truth("orders")
    )


def test_several_marketplaces_go_into_one_call(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders")

    run = run_tap(tmp_path, settings | {"marketplace_ids": ["US", "CA"]}, catalog=catalog)

    assert run.exit_code == 0
    searches = [
        request["query"]["marketplaceIds"]
        for request in simulator.requests
        if request["operation"] == "orders_2026-01-01.searchOrders"
    ]
    assert set(searches) == {"ATVPDKIKX0DER,A2EUQ1WTGCTBG2"}
    marketplaces = {record["salesChannel"]["marketplaceId"] for record in run.records("orders")}
    assert marketplaces == {"ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"}


def test_start_and_end_date_bound_what_is_read(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    now = dt.datetime.now(dt.timezone.utc)
    start, end = now - dt.timedelta(days=30), now - dt.timedelta(days=20)
    catalog = catalog_of("orders")

    run = run_tap(
        tmp_path,
        settings | {"start_date": start.isoformat(), "end_date": end.isoformat()},
        catalog=catalog,
    )

    expected = {
        order["orderId"]
        for order in simulator.truth("orders")
        if start <= parse_timestamp(order["lastUpdatedTime"]) <= end
    }
    assert expected
    assert {record["orderId"] for record in run.records("orders")} == expected


def test_lookback_reads_again_before_the_bookmark(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders")
    first = run_tap(tmp_path, settings, catalog=catalog)

    again = run_tap(
        tmp_path, settings | {"lookback": "P10D"}, catalog=catalog, state=first.last_state
    )

    bookmark = parse_timestamp(str(first.bookmark("orders")))
    expected = {
        order["orderId"]
        for order in simulator.truth("orders")
        if parse_timestamp(order["lastUpdatedTime"]) >= bookmark - dt.timedelta(days=10)
    }
    assert expected
    assert {record["orderId"] for record in again.records("orders")} == expected
    assert parse_timestamp(str(again.bookmark("orders"))) >= bookmark


def test_a_bookmark_with_an_offset_is_an_instant(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders")
    bookmark = dt.datetime.now(dt.timezone(dt.timedelta(hours=-8))) - dt.timedelta(days=5)
    state = {"bookmarks": {"orders": {"replication_key_value": bookmark.isoformat()}}}

    run = run_tap(tmp_path, settings, catalog=catalog, state=state)

    expected = {
        order["orderId"]
        for order in simulator.truth("orders")
        if parse_timestamp(order["lastUpdatedTime"]) >= bookmark
    }
    assert expected
    assert {record["orderId"] for record in run.records("orders")} == expected


def test_personal_data_comes_only_where_asked_for(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders")

    without = run_tap(tmp_path, settings, catalog=catalog)
    with_personal_data = run_tap(tmp_path, settings | {"restricted_data": True}, catalog=catalog)

    assert not any(record.get("buyer") for record in without.records("orders"))
    assert any(record.get("buyer") for record in with_personal_data.records("orders"))
    assert not any("restrictedDataToken" in request["path"] for request in simulator.requests)


def test_included_data_can_be_chosen(settings: dict[str, Any], tmp_path: Path) -> None:
    catalog = catalog_of("orders")

    run = run_tap(tmp_path, settings | {"orders_included_data": ["PROCEEDS"]}, catalog=catalog)

    assert any(record.get("proceeds") for record in run.records("orders"))
    assert not any(record.get("packages") for record in run.records("orders"))


def test_v0_asks_for_a_restricted_token_on_every_page(
    simulator: Simulator, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders", settings={"orders_api": "v0"})

    run = run_tap(
        tmp_path, settings | {"orders_api": "v0", "restricted_data": True}, catalog=catalog
    )

    assert run.exit_code == 0, run.log
    pages = [
        request for request in simulator.requests if request["operation"] == "ordersV0.getOrders"
    ]
    assert any("NextToken" in request["query"] for request in pages)
    assert {request["token_kind"] for request in pages} == {"RDT"}
    shipped = [
        record
        for record in run.records("orders")
        if record["OrderStatus"] in ("Shipped", "Unshipped")
    ]
    assert shipped
    assert all(record.get("BuyerInfo") for record in shipped)


def test_data_elements_can_be_chosen_for_v0(settings: dict[str, Any], tmp_path: Path) -> None:
    catalog = catalog_of("orders", settings={"orders_api": "v0"})
    chosen = {"restricted_data": True, "restricted_data_elements": ["shippingAddress"]}

    run = run_tap(tmp_path, settings | chosen | {"orders_api": "v0"}, catalog=catalog)

    assert run.exit_code == 0, run.log
    assert any(record.get("ShippingAddress") for record in run.records("orders"))
    assert not any(record.get("BuyerInfo") for record in run.records("orders"))


def test_feed_summaries_come_where_asked_for(settings: dict[str, Any], tmp_path: Path) -> None:
    catalog = catalog_of("feeds")

    run = run_tap(tmp_path, settings | {"feed_summaries": True}, catalog=catalog)

    assert run.exit_code == 0, run.log
    done = [record for record in run.records("feeds") if record.get("resultFeedDocumentId")]
    assert done
    assert all(record["processingSummary"] for record in done)


def test_the_bookmark_of_feeds_waits_for_those_still_running(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("feeds")

    run = run_tap(tmp_path, settings, catalog=catalog)

    unfinished = [
        parse_timestamp(record["createdTime"])
        for record in run.records("feeds")
        if record["processingStatus"] in ("IN_QUEUE", "IN_PROGRESS")
    ]
    bookmark = parse_timestamp(str(run.bookmark("feeds")))
    if unfinished:
        assert bookmark == min(unfinished)
    else:
        assert dt.datetime.now(dt.timezone.utc) - bookmark < dt.timedelta(minutes=5)


def test_a_vendor_without_orders_still_gets_its_purchase_orders(
    simulator: Simulator, catalog: dict[str, Any], tmp_path: Path
) -> None:
    settings = simulator.settings_for_tap(refresh_token="Atzr|simulator-vendor")

    run = run_tap(tmp_path, settings, catalog=catalog)

    assert run.exit_code == 1
    assert run.counts["purchase_orders"] == len(simulator.truth("purchase_orders"))
    assert run.bookmark("purchase_orders")
    assert run.bookmark("orders") is None
    assert (
        "Stream 'orders' failed: orders_2026-01-01.searchOrders: HTTP 403 Unauthorized" in run.log
    )
    assert "deselect the stream" in run.log
    assert "Traceback" not in run.log


# --- Buyers' data ---------------------------------------------------------------------------------

PRIVACY_PAGE = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"


def selected_as(patterns: list[str], streams: tuple[str, ...]) -> dict[str, Any]:
    """Return a catalog with the selection that Meltano makes of patterns."""
    catalog = catalog_of(*streams)
    excluded = [pattern.removeprefix("!") for pattern in patterns if pattern.startswith("!")]
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            names = [name for name in metadata["breadcrumb"] if name != "properties"]
            if any(fnmatch(".".join([entry["stream"], *names]), pattern) for pattern in excluded):
                metadata["metadata"]["selected"] = False
    return catalog


def test_the_example_of_the_privacy_page_keeps_buyers_data_out(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    (example,) = re.findall(
        "```yaml\n(.*?)```", PRIVACY_PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    patterns = yaml.safe_load(example)["select"]
    streams = ("orders", "order_items")
    settings = settings | {"restricted_data": True}
    everything = run_tap(tmp_path, settings, catalog=catalog_of(*streams))
    assert any(order["buyer"]["buyerEmail"] for order in everything.records("orders"))

    run = run_tap(tmp_path, settings, catalog=selected_as(patterns, streams))

    assert run.exit_code == 0, run.log
    orders, items = run.records("orders"), run.records("order_items")
    assert len(orders) == everything.counts["orders"]
    assert not any(order.get("buyer") or order.get("recipient") for order in orders)
    inside = [item for order in orders for item in order["orderItems"]]
    assert not any(item["product"].get("customization") for item in [*items, *inside])
    assert all(item["product"]["asin"] for item in [*items, *inside])
    assert "'order_items' is left out of 'orders.orderItems' as well" in run.log
