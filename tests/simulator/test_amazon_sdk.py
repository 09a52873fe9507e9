"""Amazon's own Python SDK (`amzn-sp-api`) works with the simulator."""

from __future__ import annotations

import datetime as dt
import gzip
import importlib
import json
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.simulator.api_caller import TIMEOUT
from tests.simulator.conftest import MARKETPLACES
from tests.simulator.operation_caller import OperationCaller

ALL = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def spapi() -> Iterator[Any]:
    """Import the SDK; it sets up the root logger, which is put back as it was.

    Each model that it reads makes a configuration, which adds two handlers to its loggers, and
    logging looks at all handlers before it adds one: reading 30,000 models took a minute. With a
    default configuration, the SDK copies that one instead.
    """
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module("spapi")
        configuration = importlib.import_module("spapi.configuration").Configuration
        configuration.set_default(configuration())
        yield module
        configuration.set_default(None)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def client(spapi: Any, simulator: Simulator) -> Any:
    return _client(spapi, simulator)


def _client(spapi: Any, simulator: Simulator, scope: str | None = None) -> Any:
    settings = simulator.settings_for_tap()
    config = spapi.SPAPIConfig(
        client_id=settings["client_id"],
        client_secret=settings["client_secret"],
        refresh_token=None if scope else settings["refresh_token"],
        region="NA",
        scope=scope,
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


def test_it_requests_and_downloads_a_report(spapi: Any, client: Any) -> None:
    api = spapi.ReportsApi(client)
    specification = importlib.import_module("spapi.models.reports_v2021_06_30")
    report_id = api.create_report(
        specification.CreateReportSpecification(
            report_type="GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
            marketplace_ids=MARKETPLACES,
            data_start_time=dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=30),
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


@dataclass(frozen=True)
class SdkMethod:
    """A method of the SDK.

    Attributes:
        module: Where its class is.
        api: Name of the class.
        name: Name of the method.
        parameters: Names of all its parameters.
    """

    module: str
    api: str
    name: str
    parameters: tuple[str, ...]


def _methods(spapi: Any) -> dict[tuple[str, str], SdkMethod]:
    """Return all methods of the SDK by HTTP method and path, read from its source."""
    found: dict[tuple[str, str], SdkMethod] = {}
    for file in sorted(Path(spapi.__file__).parent.glob("api/*/*_api.py")):
        source = file.read_text(encoding="utf-8")
        (api,) = re.findall(r"^class (\w+)\(object\)", source, re.MULTILINE)
        pattern = (
            r"def (\w+)_with_http_info\(.*?all_params = \[(.*?)\].*?call_api\(\s*'([^']+)', '(\w+)'"
        )
        for name, parameters, path, method in re.findall(pattern, source, re.DOTALL):
            module = f"spapi.api.{file.parent.name}.{file.stem}"
            names = tuple(re.findall(r"'(\w+)'", parameters))
            found[method, path] = SdkMethod(module, api, name, names)
    return found


@dataclass(frozen=True)
class _OneToken:
    """A source of tokens for the SDK that returns a restricted data token."""

    token: str

    def get_lwa_access_token(self) -> str:
        return self.token


NOT_IN_THE_SDK = [
    "catalogItemsV0.listCatalogCategories",
    "catalogItems_2020-12-01.searchCatalogItems",
    "shipping.getRates",
    "vendorDirectFulfillmentOrdersV1.getOrders",
    "vendorDirectFulfillmentShippingV1.getCustomerInvoices",
    "vendorDirectFulfillmentShippingV1.getPackingSlips",
    "vendorDirectFulfillmentShippingV1.getShippingLabels",
]
"""Lists of older versions; Amazon's SDK has only the newer ones."""


@pytest.fixture
def small() -> Iterator[Simulator]:
    """A world with few records, because the SDK reads slowly; no page is empty."""
    settings = SimulatorSettings(
        orders=20, records=24, speed=1e6, changes_per_minute=0, port=0, empty_pages=()
    )
    with Simulator(settings) as simulator:
        yield simulator


def test_it_reads_every_list_it_knows(
    spapi: Any, small: Simulator, tell: Callable[[str], None]
) -> None:
    clients = [_client(spapi, small), _client(spapi, small, "sellingpartnerapi::notifications")]
    caller, methods = OperationCaller(small), _methods(spapi)
    lists = [operation for operation in caller.models if "results" in operation.facts]
    known = [operation for operation in lists if (operation.method, operation.path) in methods]
    missing = {operation.id for operation in lists if operation not in known}
    problems: dict[str, str] = {}
    for operation in known:
        method = methods[operation.method, operation.path]
        arguments = caller.arguments(operation)
        values = {_bare(name): value for name, value in arguments.values.items()}
        named = {
            name: values.pop(_bare(name)) for name in method.parameters if _bare(name) in values
        }
        assert not values, operation.id
        if arguments.body is not None:
            (name,) = {*method.parameters[:1], "body"} & {*method.parameters} - {*named}
            named[name] = arguments.body
        made_for = clients[operation.grantless is not None]
        if operation.restricted == []:
            made_for = _client(spapi, small)
            token = caller.token_for(operation, arguments.path)
            made_for.configuration.access_token_cache = _OneToken(str(token))
        api = getattr(importlib.import_module(method.module), method.api)(made_for)
        try:
            answer = getattr(api, method.name)(**named)
            for part in filter(None, operation.facts["results"].split(".")):
                answer = getattr(answer, _attribute(answer, part))
            assert answer
        except Exception as error:  # noqa: BLE001
            problems[operation.id] = repr(error)[:400]
    tell(f"the SDK read {len(known) - len(problems)} of the {len(known)} lists it knows")
    assert problems == {}
    assert sorted(missing) == NOT_IN_THE_SDK


def _attribute(answer: Any, name: str) -> str:
    """Return the name of the attribute of a model that holds a property."""
    names: dict[str, str] = answer.attribute_map
    return next(ours for ours, theirs in names.items() if theirs == name)


def _bare(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
