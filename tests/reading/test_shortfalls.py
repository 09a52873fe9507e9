"""Requests that fail while others succeed, and errors beside records."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from tap_amazon_sp.amazon.errors import AccessDeniedError, ServiceError, UnreadableDocumentError
from tap_amazon_sp.reading.shortfalls import Shortfalls
from tests.offline_runs import Run
from tests.stubbed_amazon import Pages

BROKEN = {"902-3": ServiceError("ordersV0.getOrderItems", status=200, message="not JSON")}


def order(number: int, day: int) -> dict[str, Any]:
    return {"AmazonOrderId": f"902-{number}", "LastUpdateDate": f"2026-11-0{day}T01:00:00Z"}


ORDERS = [order(number, day) for number, day in enumerate([1, 1, 2, 4, 4, 6, 8], 1)]


def orders_between(parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    after, before = (
        parameters[name].isoformat() for name in ("LastUpdatedAfter", "LastUpdatedBefore")
    )
    return [found for found in ORDERS if after <= found["LastUpdateDate"] < before]


def amazon(failures: Mapping[str, Exception]) -> Pages:
    def pages(name: str, parameters: Mapping[str, Any]) -> list[Any]:
        if name == "getOrders":
            return [{"payload": {"Orders": orders_between(parameters)}}]
        order_id = parameters["orderId"]
        if order_id in failures:
            return [failures[order_id]]
        return [{"payload": {"AmazonOrderId": order_id, "OrderItems": [{"OrderItemId": "1"}]}}]

    return pages


@pytest.mark.parametrize("threads", [1, 4])
def test_one_order_that_fails_does_not_keep_the_others_from_being_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, threads: int
) -> None:
    run = Run(monkeypatch, amazon(BROKEN), "orders", "order_items", max_parallel_requests=threads)

    assert run.ids("orders") == [found["AmazonOrderId"] for found in ORDERS]
    assert run.ids("order_items") == [
        found["AmazonOrderId"] for found in ORDERS if found["AmazonOrderId"] != "902-3"
    ]
    assert "1 of 2 streams failed: order_items" in run.failure
    assert "Stream 'order_items' failed: ordersV0.getOrderItems" in caplog.text
    # The bookmark waits for the order, and everything before it was read.
    assert run.bookmark == "2026-11-02T01:00:00Z"


def test_the_next_run_begins_at_the_order_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Run(monkeypatch, amazon(BROKEN), "orders", "order_items")
    second = Run(monkeypatch, amazon(BROKEN), "orders", "order_items", state=first.state)
    third = Run(monkeypatch, amazon({}), "orders", "order_items", state=second.state)

    assert second.bookmark == first.bookmark
    assert second.ids("orders") == [f"902-{number}" for number in range(3, 8)]
    assert third.ids("order_items") == second.ids("orders")
    assert (third.failure, third.bookmark) == ("", "2026-11-10T00:00:00Z")


def test_requests_that_fail_one_after_the_other_end_the_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failure = ServiceError("ordersV0.getOrderItems", status=500)
    failures = {found["AmazonOrderId"]: failure for found in ORDERS}

    run = Run(monkeypatch, amazon(failures), "orders", "order_items")

    assert sum(name == "getOrderItems" for name, _ in run.amazon.asked) == 5
    assert run.ids("orders") == [found["AmazonOrderId"] for found in ORDERS]
    assert "1 of 2 streams failed: order_items" in run.failure


def test_a_missing_role_ends_the_stream_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = AccessDeniedError("ordersV0.getOrderItems", status=403)
    failures = {found["AmazonOrderId"]: denied for found in ORDERS}

    run = Run(monkeypatch, amazon(failures), "orders", "order_items")

    assert sum(name == "getOrderItems" for name, _ in run.amazon.asked) == 1
    assert "order_items" in run.failure


def test_a_filter_by_another_time_holds_the_bookmark_at_the_beginning_of_its_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Created on the first day, changed later; the filter is about the creation.
    orders = [
        {
            "AmazonOrderId": f"902-{number}",
            "PurchaseDate": f"2026-11-01T0{number}:00:00Z",
            "LastUpdateDate": f"2026-11-0{number}T23:00:00Z",
        }
        for number in range(1, 5)
    ]
    failing: set[str] = {"902-1", "902-3"}

    def pages(name: str, parameters: Mapping[str, Any]) -> list[Any]:
        if name == "getOrders":
            after, before = (
                parameters[one].isoformat() for one in ("CreatedAfter", "CreatedBefore")
            )
            found = [one for one in orders if after <= one["PurchaseDate"] < before]
            return [{"payload": {"Orders": found}}]
        if parameters["orderId"] in failing:
            return [ServiceError("ordersV0.getOrderItems", status=200)]
        return [{"payload": {"OrderItems": [{"OrderItemId": parameters["orderId"]}]}}]

    entries = [
        {
            "name": "created",
            "operation": "ordersV0.getOrders",
            "updated_after": "CreatedAfter",
            "replication_key": "LastUpdateDate",
            "primary_keys": ["AmazonOrderId"],
        },
        {
            "name": "items",
            "operation": "ordersV0.getOrderItems",
            "parent": {"stream": "created", "param": "orderId", "field": "AmazonOrderId"},
            "primary_keys": ["OrderItemId"],
        },
    ]
    first = Run(monkeypatch, pages, "created", "items", custom_streams=entries)
    failing.clear()
    second = Run(monkeypatch, pages, "created", "items", custom_streams=entries, state=first.state)

    assert "items" in first.failure
    assert second.failure == ""
    found = {record["OrderItemId"] for name, record in second.records if name == "items"}
    assert found == {order["AmazonOrderId"] for order in orders}


def partial(pages: Pages, name: str, *days: int) -> Pages:
    """Return pages with errors beside those of an operation and of these days or orders."""

    def changed(asked: str, parameters: Mapping[str, Any]) -> list[Any]:
        found = pages(asked, parameters)
        if asked == name:
            for page in found:
                text = json.dumps(page)
                if any(f"2026-11-0{day}T" in text or f"902-{day}" in text for day in days):
                    page["errors"] = [{"code": "InternalFailure", "message": "Half."}]
        return found

    return changed


def test_errors_beside_records_end_the_stream_after_their_window(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run(monkeypatch, partial(amazon({}), "getOrders", 4), "orders")

    assert {"902-4", "902-5"} <= set(run.ids("orders"))
    assert "1 of 1 streams failed: orders" in run.failure
    assert caplog.text.count("but not all: InternalFailure: Half.") == 1
    assert (run.bookmark or "") < "2026-11-04T01:00:00Z"
    assert "window" not in run.state["bookmarks"]["orders"]


def test_errors_beside_records_of_children_hold_the_bookmark(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run(monkeypatch, partial(amazon({}), "getOrderItems", 3), "orders", "order_items")

    assert run.ids("order_items") == [found["AmazonOrderId"] for found in ORDERS]
    assert "1 of 2 streams failed: order_items" in run.failure
    assert caplog.text.count("but not all: InternalFailure: Half. (orderId 902-3)") == 1
    assert run.bookmark == "2026-11-02T01:00:00Z"


def test_items_that_fail_do_not_keep_others_from_being_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pages(name: str, parameters: Mapping[str, Any]) -> list[Any]:
        if parameters["asin"] == "B03":
            return [ServiceError(f"customerFeedback_2024-06-01.{name}", status=200)]
        return [{"asin": parameters["asin"], "browseNodeId": "1", "displayName": "x"}]

    asins = [f"B0{number}" for number in range(1, 7)]
    for threads in (1, 4):
        run = Run(
            monkeypatch,
            pages,
            "item_browse_nodes",
            asins=asins,
            max_parallel_requests=threads,
        )

        found = [record["asin"] for _, record in run.records]
        assert found == [asin for asin in asins if asin != "B03"]
        assert "item_browse_nodes" in run.failure


def test_the_same_reason_for_several_documents_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shortfalls = Shortfalls(logging.getLogger("x"), "lines")
    for number in range(3):
        error = UnreadableDocumentError("x", message=f"Report {number}: it has nothing at `a`")
        error.document, error.reason = f"Report {number}", "it has nothing at `a`"
        assert shortfalls.spares(error)

    first, *others = [record.getMessage() for record in caplog.records]
    assert "Report 0: it has nothing at `a`" in first
    assert others == [
        f"Stream 'lines' is read without this, for the same reason: Report {number}"
        for number in (1, 2)
    ]
