"""Amazon's own Python SDK (`amzn-sp-api`) gets along with the simulator."""

from __future__ import annotations

import datetime as dt
import gzip
import importlib
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tap_amazon_sp.simulator import Simulator
from tests.simulator.api_caller import TIMEOUT
from tests.simulator.conftest import MARKETPLACES

ALL = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def spapi() -> Iterator[Any]:
    """Import the SDK; it sets up the root logger, which is put back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module("spapi")
        yield module
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def client(spapi: Any, simulator: Simulator) -> Any:
    settings = simulator.settings_for_tap()
    config = spapi.SPAPIConfig(
        client_id=settings["client_id"],
        client_secret=settings["client_secret"],
        refresh_token=settings["refresh_token"],
        region="NA",
    )
    return spapi.SPAPIClient(
        config, oauth_endpoint=settings["token_url"], endpoint=settings["endpoint"]
    ).api_client


def test_it_lists_orders(spapi: Any, client: Any, simulator: Simulator) -> None:
    api = spapi.SearchOrdersApi(client)
    arguments = {
        "created_after": ALL,
        "max_results_per_page": 70,
        "marketplace_ids": MARKETPLACES,
        "included_data": ["PROCEEDS", "FULFILLMENT"],
    }
    found: list[Any] = []
    token: dict[str, str] = {}
    while True:
        answer = api.search_orders(**arguments, **token)
        found += answer.orders
        if answer.pagination is None or not answer.pagination.next_token:
            break
        token = {"pagination_token": answer.pagination.next_token}

    truth = {order["orderId"]: order for order in simulator.truth("orders")}
    assert {order.order_id for order in found} == set(truth)
    assert all(
        order.fulfillment.fulfillment_status
        == truth[order.order_id]["fulfillment"]["fulfillmentStatus"]
        for order in found
    )
    one = spapi.GetOrderApi(client).get_order(found[0].order_id)
    assert one.order.order_id == found[0].order_id


def test_it_lists_orders_of_v0_with_their_items(
    spapi: Any, client: Any, simulator: Simulator
) -> None:
    api = spapi.OrdersV0Api(client)
    found: list[Any] = []
    token: dict[str, str] = {}
    while True:
        payload = api.get_orders(MARKETPLACES, created_after=ALL, **token).payload
        found += payload.orders
        if not payload.next_token:
            break
        token = {"next_token": payload.next_token}

    truth = {order["orderId"]: order for order in simulator.truth("orders")}
    assert {order.amazon_order_id for order in found} == set(truth)
    order_id = max(truth, key=lambda name: len(truth[name]["orderItems"]))
    items: list[Any] = []
    token = {}
    while True:
        payload = api.get_order_items(order_id, **token).payload
        items += payload.order_items
        if not payload.next_token:
            break
        token = {"next_token": payload.next_token}
    assert [item.order_item_id for item in items] == [
        item["orderItemId"] for item in truth[order_id]["orderItems"]
    ]


def test_it_orders_and_downloads_a_report(spapi: Any, client: Any) -> None:
    api = spapi.ReportsApi(client)
    specification = importlib.import_module("spapi.models.reports_v2021_06_30")
    report_id = api.create_report(
        specification.CreateReportSpecification(
            report_type="GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
            marketplace_ids=MARKETPLACES,
            data_start_time=dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=60),
            data_end_time=dt.datetime.now(dt.timezone.utc),
        )
    ).report_id

    report = api.get_report(report_id)
    while report.processing_status not in ("DONE", "CANCELLED", "FATAL"):
        report = api.get_report(report_id)
    document = api.get_report_document(report.report_document_id)

    assert report.processing_status == "DONE"
    assert document.compression_algorithm == "GZIP"
    content = gzip.decompress(requests.get(document.url, timeout=TIMEOUT).content)
    assert content.startswith(b"amazon-order-id\t")
    listed = api.get_reports(report_types=[report.report_type], page_size=100).reports
    assert report_id in {entry.report_id for entry in listed}


def test_it_submits_a_feed_and_reads_the_result(spapi: Any, client: Any) -> None:
    api = spapi.FeedsApi(client)
    models = importlib.import_module("spapi.models.feeds_v2021_06_30")
    place = api.create_feed_document(
        models.CreateFeedDocumentSpecification(content_type="application/json")
    )
    messages = [{"messageId": 1, "sku": "A", "operationType": "DELETE"}]
    requests.put(
        place.url,
        data=json.dumps({"messages": messages}),
        headers={"Content-Type": "application/json"},
        timeout=TIMEOUT,
    ).raise_for_status()
    feed_id = api.create_feed(
        models.CreateFeedSpecification(
            feed_type="JSON_LISTINGS_FEED",
            marketplace_ids=MARKETPLACES[:1],
            input_feed_document_id=place.feed_document_id,
        )
    ).feed_id

    feed = api.get_feed(feed_id)
    while feed.processing_status not in ("DONE", "CANCELLED", "FATAL"):
        feed = api.get_feed(feed_id)
    document = api.get_feed_document(feed.result_feed_document_id)

    assert feed.processing_status == "DONE"
    content = requests.get(document.url, timeout=TIMEOUT).content
    report = json.loads(gzip.decompress(content))
    assert report["summary"]["messagesAccepted"] == 1


def test_it_reads_purchase_orders(spapi: Any, client: Any, simulator: Simulator) -> None:
    api = spapi.VendorOrdersApi(client)
    now = dt.datetime.now(dt.timezone.utc).replace(microsecond=0)
    window = {"created_after": now - dt.timedelta(days=7), "created_before": now, "limit": 10}
    found: list[Any] = []
    token: dict[str, str] = {}
    while True:
        payload = api.get_purchase_orders(**window, **token).payload
        found += payload.orders
        if payload.pagination is None or not payload.pagination.next_token:
            break
        token = {"next_token": payload.pagination.next_token}

    truth = {order["purchaseOrderNumber"] for order in simulator.truth("purchase_orders")}
    assert len(found) > 10
    assert {order.purchase_order_number for order in found} <= truth
