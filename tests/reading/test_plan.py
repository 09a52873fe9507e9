from __future__ import annotations

from typing import Any, cast

import pytest

from tap_amazon_sp.reading.plan import StreamPlan, least_seconds, pages_of
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US", "CA"],
    "start_date": "2026-10-21T12:00:00Z",
}


def plan_of(name: str, *, state: dict[str, Any] | None = None, **more: Any) -> StreamPlan:
    tap = TapAmazonSP(config={**SETTINGS, **more}, state=state, clock=FakeClock())
    return cast("AmazonStream", tap.streams[name]).reader.plan()


@pytest.mark.parametrize(("calls", "seconds"), [(0, 0.0), (20, 0.0), (21, 2.0), (30, 20.0)])
def test_a_full_bucket_lets_calls_pass_at_once(calls: int, seconds: float) -> None:
    assert least_seconds(calls, rate=0.5, burst=20) == seconds


def test_even_without_a_burst_the_first_call_passes() -> None:
    assert least_seconds(1, rate=0.5, burst=0) == 0.0


@pytest.mark.parametrize(("records", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2)])
def test_records_take_full_pages(records: int, pages: int) -> None:
    assert pages_of(records, 100) == pages


def test_a_stream_by_time_is_read_from_the_start_date_to_the_present() -> None:
    plan = plan_of("orders")

    assert (plan.how, plan.operation_id) == ("by time", "orders_2026-01-01.searchOrders")
    assert str(plan.start) == "2026-10-21 12:00:00+00:00"
    assert str(plan.end) == "2026-11-21 11:58:00+00:00"
    assert plan.calls >= 1


def test_nothing_is_read_after_the_end() -> None:
    state = {
        "bookmarks": {
            "orders": {
                "replication_key": "lastUpdatedTime",
                "replication_key_value": "2026-11-21T11:59:00Z",
            }
        }
    }

    assert plan_of("orders", state=state).calls == 0


def test_each_window_of_a_report_is_a_call() -> None:
    report = {"report_type": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"}

    plan = plan_of("report_flat_file_all_orders_data_by_order_date_general", reports=[report])

    assert plan.operation_id == "reports_2021-06-30.createReport"
    assert plan.calls == len(plan.jobs) > 1
    assert str(plan.start) <= "2026-10-21 12:00:00"


def test_child_streams_follow_their_parents() -> None:
    assert plan_of("order_items") == StreamPlan(
        "within the records of orders", "orders_2026-01-01.searchOrders", calls=0
    )
