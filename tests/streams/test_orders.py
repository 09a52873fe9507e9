from __future__ import annotations

import datetime as dt
from itertools import chain
from typing import Any

import pytest

from tap_amazon_sp.amazon.order_datasets import DATASETS, PERSONAL_DATASETS
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.reading.stream_schemas import stream_schema
from tap_amazon_sp.reading.window_plan import WindowPlan
from tap_amazon_sp.settings.schema import SETTINGS
from tap_amazon_sp.singer.schemas import packaged_schema
from tap_amazon_sp.streams.orders import (
    EasyShipPackages,
    MessagingActions,
    OrderRegulatedInfoV0,
    Orders,
    SolicitationActions,
)
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.readers import parent_reader, window_reader
from tests.stubbed_amazon import StubbedAmazon

ITEM_DATASETS = [
    name for name, paths in DATASETS.items() if any("orderItems" in path for path in paths)
]
CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}

SALES_CHANNEL = {"marketplaceId": "A21TJRUUN4KGV"}


def orders(clock: Clock, **settings: Any) -> Orders:
    stream = TapAmazonSP(config=CREDENTIALS | settings, clock=clock).streams["orders"]
    assert isinstance(stream, Orders)
    return stream


def windows_of(stream: Orders) -> int:
    start, end = window_reader(stream).span()
    plan = WindowPlan(
        start,
        end,
        first=stream.read.first,
        shortest=stream.read.shortest,
        longest=stream.read.longest,
    )
    count = 0
    while (window := plan.current()) is not None:
        plan.finish(window, pages=1)
        count += 1
    return count


@pytest.mark.parametrize(("region", "most"), [("na", 10), ("eu", 10), ("fe", 30)])
def test_a_time_without_orders_takes_few_requests(region: str, most: int) -> None:
    assert windows_of(orders(FakeClock(), region=region)) <= most


def test_a_connection_test_reads_the_latest_time_only() -> None:
    stream = orders(FakeClock(), region="fe")
    stream.ABORT_AT_RECORD_COUNT = 1

    start, end = window_reader(stream).span()

    assert end - start == stream.read.longest


def test_orders_in_the_far_east_are_read_since_2016() -> None:
    start, _ = window_reader(orders(FakeClock(), region="fe")).span()

    assert start == dt.datetime(2016, 1, 1, tzinfo=dt.timezone.utc)


def test_nothing_younger_than_two_minutes_is_read() -> None:
    clock = FakeClock()

    _, end = window_reader(orders(clock)).span()

    assert clock.now() - end == dt.timedelta(minutes=2)


def test_personal_data_is_not_requested_by_default() -> None:
    (parameters,) = orders(FakeClock()).reader.requests()

    assert parameters["includedData"] == [
        name for name in DATASETS if name not in PERSONAL_DATASETS
    ]


@pytest.mark.parametrize(
    ("selected", "asked"),
    [
        ({}, None),
        ({"orders": ["orderId", "payment"]}, ["PAYMENT"]),
        ({"orders": ["orderId", "orderItems"]}, ITEM_DATASETS),
        ({"order_items": ["orderId", "orderItemId", "proceeds"]}, ["PROCEEDS"]),
        ({"order_items": ["orderId"], "orders": ["orderId"]}, None),
        ({"order_items": ["tax"], "orders": ["fulfillment"]}, ["FULFILLMENT", "TAX"]),
        ({"order_items": ["fulfillmentStatus", "createdTime"]}, ["FULFILLMENT"]),
        ({"order_packages": ["packageStatus"]}, ["PACKAGES"]),
        ({"orders": ["buyer", "recipient"]}, ["BUYER", "RECIPIENT"]),
        ({"messaging_actions": ["name"]}, None),
    ],
)
def test_only_selected_datasets_are_requested(
    selected: dict[str, list[str]], asked: list[str] | None
) -> None:
    stream = orders(FakeClock(), restricted_data=True)
    catalog = stream._tap.catalog_dict
    for entry in catalog["streams"]:
        properties = selected.get(entry["tap_stream_id"], [])
        for metadata in entry["metadata"]:
            name = (metadata["breadcrumb"] or [""])[-1]
            metadata["metadata"] = {
                "inclusion": "available",
                "selected": bool(properties) if not metadata["breadcrumb"] else name in properties,
            }
    config = CREDENTIALS | {"restricted_data": True}
    tap = TapAmazonSP(config=config, catalog=catalog, clock=FakeClock())

    (parameters,) = tap.streams["orders"].reader.requests()  # type: ignore[attr-defined]

    assert parameters["includedData"] == asked


def test_every_dataset_has_properties_in_an_order() -> None:
    allowed = SETTINGS.to_dict()["properties"]["orders_included_data"]["items"]["enum"]
    assert allowed == list(DATASETS)
    order, item = packaged_schema("orders"), packaged_schema("order_items")
    for path in chain.from_iterable(DATASETS.values()):
        name, _, inner = path.partition(".")
        assert name in order["properties"]
        assert not inner or inner in item["properties"]


def test_a_request_may_have_no_datasets() -> None:
    (parameters,) = orders(FakeClock(), orders_included_data=[]).reader.requests()

    assert parameters["includedData"] is None


def test_orders_of_v0_without_regulated_items_take_no_request() -> None:
    config = CREDENTIALS | {"orders_api": "v0", "marketplace_ids": ["US"]}
    stream = TapAmazonSP(config=config, clock=FakeClock()).streams["order_regulated_info"]
    assert isinstance(stream, OrderRegulatedInfoV0)

    assert not list(
        parent_reader(stream).requests_for({"AmazonOrderId": "1", "HasRegulatedItems": False})
    )
    assert list(
        parent_reader(stream).requests_for({"AmazonOrderId": "1", "HasRegulatedItems": True})
    ) == [{"orderId": "1"}]


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ({"name": "a", "_links": {"self": {"name": "b"}}}, "a"),
        ({"name": "", "_links": {"self": {"name": "b"}}}, "b"),
        ({"name": ""}, ""),
    ],
)
def test_an_action_without_a_name_gets_the_name_of_its_link(
    action: dict[str, Any], name: str
) -> None:
    stream = TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams["messaging_actions"]
    assert isinstance(stream, MessagingActions)

    assert stream.transform(action)["name"] == name


def test_children_of_orders_have_one_schema_in_both_versions() -> None:
    config = CREDENTIALS | {"marketplace_ids": ["US"]}
    by_version = [
        TapAmazonSP(config=config | {"orders_api": version}, clock=FakeClock()).streams
        for version in ("2026-01-01", "v0")
    ]

    for name in ("messaging_actions", "order_attributes", "order_regulated_info"):
        new, old = (stream_schema(type(streams[name])) for streams in by_version)  # type: ignore[arg-type]
        assert new == old


def test_packages_are_requested_if_their_stream_is_selected() -> None:
    stream = orders(FakeClock(), orders_included_data=["TAX"])
    (packages,) = [child for child in stream.child_streams if child.name == "order_packages"]
    packages.selected = True

    (parameters,) = stream.reader.requests()

    assert parameters["includedData"] == ["TAX", "PACKAGES"]


def easy_ship_packages(**settings: Any) -> EasyShipPackages:
    config = CREDENTIALS | {"region": "eu", "marketplace_ids": ["IN"]} | settings
    stream = TapAmazonSP(config=config, clock=FakeClock()).streams["easy_ship_packages"]
    assert isinstance(stream, EasyShipPackages)
    return stream


def test_an_easy_ship_order_takes_a_request() -> None:
    order = {"orderId": "1", "salesChannel": SALES_CHANNEL, "programs": ["AMAZON_EASY_SHIP"]}

    (request,) = parent_reader(easy_ship_packages()).requests_for(order)

    assert request == {"amazonOrderId": "1", "marketplaceId": "A21TJRUUN4KGV"}


def test_an_easy_ship_order_of_v0_takes_a_request() -> None:
    order = {
        "AmazonOrderId": "1",
        "MarketplaceId": "A21TJRUUN4KGV",
        "EasyShipShipmentStatus": "PendingSchedule",
    }

    (request,) = parent_reader(easy_ship_packages(orders_api="v0")).requests_for(order)

    assert request == {"amazonOrderId": "1", "marketplaceId": "A21TJRUUN4KGV"}


@pytest.mark.parametrize("programs", [None, [], ["PRIME"]])
def test_orders_without_easy_ship_take_no_request(programs: list[str] | None) -> None:
    order = {"orderId": "1", "salesChannel": SALES_CHANNEL, "programs": programs}

    assert not list(parent_reader(easy_ship_packages()).requests_for(order))


SOLICITATION = "/solicitations/v1/orders/1/solicitations/productReviewAndSellerFeedback"
REVIEW = "productReviewAndSellerFeedback"


@pytest.mark.parametrize(
    ("links", "embedded"),
    [
        # Amazon's model does not require the actions beside the links.
        ([{"href": f"{SOLICITATION}?marketplaceIds=X", "name": REVIEW}], None),
        ([{"href": f"{SOLICITATION}?marketplaceIds=X"}], None),
        ([{"href": SOLICITATION, "name": REVIEW}], []),
        ([{"href": SOLICITATION, "name": REVIEW}], [{"payload": {"name": REVIEW}}]),
        ([{"href": SOLICITATION}], [{"_links": {"schema": {"href": "/s", "name": REVIEW}}}]),
        ([{"href": SOLICITATION}], [{"_links": {"self": {"href": SOLICITATION}}}]),
        (None, [{"_links": {"schema": {"href": f"{SOLICITATION}/schema"}}}]),
    ],
)
def test_actions_are_known_by_their_names_wherever_these_stand(
    monkeypatch: pytest.MonkeyPatch, links: Any, embedded: Any
) -> None:
    answer = {"_links": {"self": {"href": "/x"}, "actions": links}}
    if embedded is not None:
        answer["_embedded"] = {"actions": embedded}
    stream = TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams["solicitation_actions"]
    assert isinstance(stream, SolicitationActions)
    monkeypatch.setattr(stream.client, "answers", StubbedAmazon(lambda *_: [answer]).answers)
    order = {"orderId": "1", "salesChannel": SALES_CHANNEL}

    records = list(stream.child_reader.records_of(order))

    assert [(record["amazonOrderId"], record["name"]) for record in records] == [("1", REVIEW)]
