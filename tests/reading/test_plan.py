from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.reading.counts import Counts, DailyCounts
from tap_amazon_sp.reading.plan import StreamPlan, pages_of
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_plan import OpenWindow
from tap_amazon_sp.reading.window_reader import WindowReader
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US", "CA"],
    "start_date": "2026-10-21T12:00:00Z",
}


def plan_of(
    name: str,
    *,
    state: dict[str, Any] | None = None,
    records_of_parent: int | None = None,
    **more: Any,
) -> StreamPlan:
    tap = TapAmazonSP(config={**SETTINGS, **more}, state=state, clock=FakeClock())
    stream = cast("AmazonStream", tap.streams[name])
    if stream.read.parent is None:
        return stream.reader.plan()
    parent = cast("AmazonStream", tap.streams[stream.read.parent.name]).reader.plan()
    return stream.child_reader.plan_with_parent(replace(parent, records=records_of_parent))


@pytest.mark.parametrize(("records", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2)])
def test_records_take_full_pages(records: int, pages: int) -> None:
    assert pages_of(records, 100) == pages


def test_a_stream_by_time_is_read_from_the_start_date_to_the_present() -> None:
    plan = plan_of("orders")

    assert (plan.how, plan.operation.id) == ("by time", "orders_2026-01-01.searchOrders")
    assert str(plan.start) == "2026-10-21 12:00:00+00:00"
    assert str(plan.end) == "2026-11-21 11:58:00+00:00"
    assert (plan.calls, plan.certainty) == (1, "at least")
    assert plan.further == "1 for each further 100 records"


def test_nothing_is_read_after_the_end() -> None:
    state = {
        "bookmarks": {
            "orders": {
                "replication_key": "lastUpdatedTime",
                "replication_key_value": "2026-11-21T11:59:00Z",
            }
        }
    }

    plan = plan_of("orders", state=state)

    assert (plan.calls, plan.certainty) == (0, "exactly")


def test_each_window_of_a_report_is_a_call() -> None:
    report = {"report_type": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"}

    plan = plan_of("report_flat_file_all_orders_data_by_order_date_general", reports=[report])

    assert plan.operation.id == "reports_2021-06-30.createReport"
    assert plan.calls == len(plan.jobs) > 1
    # A report that Amazon has already may be used instead.
    assert plan.certainty == "at most"
    assert {job.kind for job in plan.jobs} == {report["report_type"]}
    assert str(plan.start) <= "2026-10-21 12:00:00"


def test_child_streams_follow_their_parents() -> None:
    plan = plan_of("order_items")

    assert plan.how == "within the records of orders"
    assert (plan.calls, plan.certainty, plan.further) == (0, "exactly", None)


def test_a_call_for_each_parent_record_is_counted_if_the_records_are() -> None:
    unknown = plan_of("order_items", orders_api="v0")
    known = plan_of("order_items", orders_api="v0", records_of_parent=250)

    assert (unknown.calls, unknown.further) == (
        0,
        "1 for each record of orders, 1 for each further page",
    )
    assert (known.calls, known.certainty) == (250, "about")


def test_items_of_the_settings_take_as_many_calls_as_they_fill() -> None:
    plan = plan_of("catalog_items", asins=[f"B{number:09d}" for number in range(45)])

    assert (plan.calls, plan.certainty) == (6, "at least")


def test_items_of_the_sellers_listings_are_not_looked_up() -> None:
    plan = plan_of("catalog_items", seller_id="A1")

    assert plan.calls == 0
    assert plan.further is not None
    assert plan.further.startswith("1 for each 20 ASINs of the seller's listings in a marketplace")


def test_unknown_marketplaces_may_take_a_call_each() -> None:
    plan = plan_of("fba_inventory_summaries", marketplace_ids=[])

    assert plan.calls == 1
    assert plan.further == "1 for each marketplace, 1 for each further page"


def test_an_operation_that_the_catalogue_does_not_know_may_have_pages() -> None:
    entry = {"name": "mine", "path": "/mine/v1/things", "primary_keys": ["id"]}

    plan = plan_of("mine", custom_streams=[entry])

    assert (plan.calls, plan.certainty) == (1, "at least")
    assert plan.further == "1 for each further page"


def test_resources_of_a_custom_stream_take_calls_for_each_record() -> None:
    resource = {
        "new_field_name": "items",
        "path": "/orders/v0/orders/{}/orderItems",
        "path_variable_name": "AmazonOrderId",
    }
    entry = {"name": "mine", "operation": "ordersV0.getOrders", "extend_resources": [resource]}
    tap = TapAmazonSP(config=SETTINGS | {"custom_streams": [entry]}, clock=FakeClock())

    stream = cast("AmazonStream", tap.streams["mine"])

    assert stream.calls_for_records == "1 of getOrderItems for each record"


class CountedOrders(Counts):
    """Ten orders on each day."""

    def orders(self, window: Window) -> DailyCounts:
        days = ((window.after + number * DAY) for number in range(40))
        return DailyCounts(tuple((Window(day, day + DAY), 10) for day in days))


def test_pages_of_counted_orders_cut_the_windows() -> None:
    tap = TapAmazonSP(config=SETTINGS, clock=FakeClock())
    stream = cast("AmazonStream", tap.streams["orders"])

    plan = stream.reader.plan(CountedOrders(stream.connection))

    # 31 days but two minutes: 310 orders.
    assert (plan.records, plan.calls, plan.certainty) == (310, 4, "about")


def test_a_window_that_a_run_has_left_open_comes_first() -> None:
    tap = TapAmazonSP(config=SETTINGS, clock=FakeClock())
    reader = cast("AmazonStream", tap.streams["orders"]).reader
    assert isinstance(reader, WindowReader)
    start, _ = reader.span()
    window = Window(start, start + 20 * DAY)
    names = reader.name_of([*reader.window_requests(window)])
    reader.bookmark.write_open_window(OpenWindow(window, names, 0, "token"))

    # 20 days, and the 11 days after them.
    assert reader.plan().calls == 2
