from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.settings.checks import read_settings
from tap_amazon_sp.settings.custom_streams import (
    mistakes_in_parents,
    read_custom_streams,
    snake_case,
)
from tap_amazon_sp.settings.stream_names import mistakes_in_names
from tap_amazon_sp.streams.from_settings import mistakes_in_streams

BUILT_IN = ("orders", "feeds")
SUPPLY_SOURCES = "supplySources_2020-07-01.getSupplySources"


def read(**entry: Any) -> Any:
    (stream,) = read_custom_streams([entry])
    return stream


def mistakes(*entries: dict[str, Any]) -> list[str]:
    found = read_settings({"custom_streams": list(entries)})
    streams = found.settings.custom_streams
    return [
        *found.discovery_mistakes,
        *mistakes_in_names(found.settings, BUILT_IN),
        *mistakes_in_parents(streams, BUILT_IN),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("getFeeds", "get_feeds"),
        ("GetShipmentDetails", "get_shipment_details"),
        ("getMyFeesEstimateForASIN", "get_my_fees_estimate_for_asin"),
        ("listMCFOrders", "list_mcf_orders"),
    ],
)
def test_a_stream_is_named_after_its_operation(name: str, expected: str) -> None:
    assert snake_case(name) == expected


@pytest.mark.parametrize(
    "entry",
    [
        # The tap knows marketplaces, the seller, times and page sizes itself.
        {"operation": "vendorDirectFulfillmentOrdersV1.getOrders"},
        {"operation": "ordersV0.getOrders"},
        {"operation": "replenishment-2022-11-07.listOffers", "body": {"filters": {}}},
        {"operation": "listingsRestrictions_2021-08-01.getListingsRestrictions"}
        | {"ids": {"param": "asin", "values": ["B1"]}},
        {"operation": "easyShip_2022-03-23.getScheduledPackage"}
        | {"parent": {"stream": "orders", "param": "amazonOrderId", "field": "orderId"}},
        {"operation": "replenishment-2022-11-07.listOffers", "params": {"filters.x": 1}},
    ],
)
def test_what_an_operation_requires_may_come_from_anywhere(entry: dict[str, Any]) -> None:
    assert mistakes(entry) == []


def test_an_operation_is_all_it_takes() -> None:
    stream = read(operation=SUPPLY_SOURCES)

    assert stream.name == "get_supply_sources"
    assert stream.operation.id == SUPPLY_SOURCES
    assert not stream.is_windowed


@pytest.mark.parametrize(
    ("operation", "parameter"),
    [
        ("orders_2026-01-01.searchOrders", "lastUpdatedAfter"),
        ("ordersV0.getOrders", "LastUpdatedAfter"),
        ("vendorOrders.getPurchaseOrders", "changedAfter"),
        ("finances_2024-06-19.listTransactions", "postedAfter"),
        ("listingsItems_2021-08-01.searchListingsItems", "lastUpdatedAfter"),
    ],
)
def test_changes_are_preferred_to_creations(operation: str, parameter: str) -> None:
    assert read(operation=operation).updated_after == parameter


def test_times_that_need_more_than_is_given_are_not_used() -> None:
    operation = "externalFulfillmentReturns_2024-09-11.listReturns"
    place = {"returnLocationId": "L", "status": "CREATED"}

    assert read(operation=operation).updated_after == "createdSince"
    assert read(operation=operation, params=place).updated_after == "lastUpdatedSince"


def test_times_that_the_user_gives_are_left_alone() -> None:
    stream = read(
        operation="finances_2024-06-19.listTransactions", params={"postedAfter": "2026-01-01"}
    )

    assert stream.updated_after is None
    assert not stream.is_windowed


def test_times_may_stand_anywhere_in_parameters_and_body() -> None:
    stream = read(
        operation="replenishment-2022-11-07.getSellingPartnerMetrics",
        body={
            "timeInterval": {"startDate": "{start}", "endDate": "{end}"},
            "timePeriodType": "PERFORMANCE",
            "programTypes": ["SUBSCRIBE_AND_SAVE"],
            "marketplaceId": "ATVPDKIKX0DER",
        },
    )

    assert stream.is_windowed


def test_own_dates_and_durations_are_read() -> None:
    stream = read(operation="ordersV0.getOrders", start_date="2026-01-01", window="P7D")

    assert stream.start_date == dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
    assert stream.window == dt.timedelta(days=7)


def test_ids_come_from_a_list_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "asins.txt").write_text("B01\n\n B02 \nB01\n", encoding="utf-8")
    (tmp_path / "asins.json").write_text('["B01", 2]', encoding="utf-8")
    operation = "catalogItems_2022-04-01.getCatalogItem"

    def ids(**setting: Any) -> Any:
        return read(operation=operation, ids={"param": "asin", **setting}).ids

    assert ids(values=["B03", "B03"]) == {"asin": ["B03"]}
    assert ids(file=str(tmp_path / "asins.txt")) == {"asin": ["B01", "B02"]}
    assert ids(file=str(tmp_path / "asins.json")) == {"asin": ["B01", "2"]}


def test_a_path_that_the_catalogue_knows_is_that_operation() -> None:
    stream = read(
        name="x",
        path="/orders/v0/orders/{order}/orderItems",
        ids={"param": "order", "values": ["1"]},
    )

    assert stream.operation.id == "ordersV0.getOrderItems"
    assert stream.is_in_catalogue
    assert stream.operation.url_path(order="1") == "/orders/v0/orders/1/orderItems"


def test_the_form_of_integration_platforms_is_understood() -> None:
    stream = read(
        name="orders_with_items",
        path="/orders/v0/orders",
        results_key="Orders",
        updated_at_param="LastUpdatedAfter",
        record_config={"id_field": "AmazonOrderId", "last_modified_field": "LastUpdateDate"},
        extend_resources=[
            {
                "new_field_name": "OrderItems",
                "path": "/orders/v0/orders/{}/orderItems",
                "path_variable_name": "AmazonOrderId",
                "results_key": "OrderItems",
            }
        ],
    )

    assert stream.primary_keys == ("AmazonOrderId",)
    assert stream.replication_key == "LastUpdateDate"
    assert stream.updated_after == "LastUpdatedAfter"
    assert stream.resources[0].fields == {"": "AmazonOrderId"}


@pytest.mark.parametrize(
    ("entry", "mistake"),
    [
        ({}, "give either `operation` or `path`"),
        ({"operation": SUPPLY_SOURCES, "path": "/x"}, "give either `operation` or `path`"),
        (
            {"operation": "getOrderz"},
            "There is no operation 'getOrderz' in the catalogue: did you mean `",
        ),
        (
            {"operation": "getSupplySource"},
            ": did you mean `supplySources_2020-07-01.getSupplySource`? (`amazon-sp operations` ",
        ),
        ({"operation": "ordersV0.getOrder"}, "needs 'orderId' in its path"),
        (
            {"operation": "ordersV0.getOrders", "params": {"marketplaceIds": ["US"]}},
            "has no parameter 'marketplaceIds': did you mean 'MarketplaceIds'",
        ),
        ({"operation": "feeds_2021-06-30.createFeed"}, "changes something at Amazon"),
        (
            {"operation": "shippingV2.getTracking", "params": {"trackingId": "1"}},
            "shippingV2.getTracking needs `carrierId`: give it in `params`",
        ),
        (
            {"operation": "fbaInbound.getItemEligibilityPreview"},
            "needs `asin` and `program`: give them in `params`",
        ),
        ({"operation": "feeds_2021-06-30.getFeeds"}, "needs `feedTypes`"),
        ({"operation": "reports_2021-06-30.getReports"}, "needs `reportTypes`"),
        (
            {"operation": "catalogItems_2022-04-01.searchCatalogItems"},
            "needs `keywords` or `identifiers`",
        ),
        (
            {"operation": "listingsItems_2021-08-01.searchListingsItems"}
            | {"params": {"identifiers": ["S-1"]}},
            "`identifiers` needs `identifiersType`",
        ),
        (
            {"operation": "definitionsProductTypes_2020-09-01.searchDefinitionsProductTypes"}
            | {"params": {"keywords": ["bag"], "itemName": "bag"}},
            "`keywords` cannot be given together with `itemName`",
        ),
        ({"operation": "productPricing_2022-05-01.getCompetitiveSummary"}, "needs a `body`"),
        (
            {"operation": "productPricing_2022-05-01.getCompetitiveSummary", "body": {}},
            "needs `requests` in its `body`",
        ),
        (
            {
                "operation": "vendorDirectFulfillmentOrdersV1.getOrders",
                "parent": {"stream": "orders", "param": "shipFromPartyId", "field": "orderId"},
            },
            "needs `createdAfter` and `createdBefore`",
        ),
        ({"operation": "ordersV0.getOrders", "window": "1 week"}, "`window` cannot be '1 week'"),
        ({"operation": "ordersV0.getOrders", "start_date": "x"}, "`start_date` cannot be 'x'"),
        ({"operation": "ordersV0.getOrders", "body": {}}, "takes no `body`"),
        ({"operation": "ordersV0.getOrders", "name": "my orders"}, "`name` must be made of"),
        ({"path": "/x", "name": "x" * 256}, "`name` has 256 characters; it may have 255"),
        ({"operation": "ordersV0.getOrders", "name": "orders"}, "a stream 'orders' already"),
        ({"path": "orders", "name": "x"}, "`path` must begin with a slash"),
        ({"path": "/x", "name": "x", "ids": {"param": "y"}}, "`ids` needs `values` or `file`"),
        (
            {"path": "/x", "name": "x", "ids": {"param": "y", "file": "nowhere.txt"}},
            "nowhere.txt: No such file",
        ),
        (
            {
                "operation": "ordersV0.getOrder",
                "parent": {"stream": "ordres", "param": "orderId", "field": "orderId"},
            },
            "no stream 'ordres' to be its parent: did you mean 'orders'",
        ),
        (
            {"operation": "ordersV0.getOrder", "parent": {"stream": "orders"}},
            "`parent` needs `param` and `field`",
        ),
        (
            {
                "name": "x",
                "path": "/x",
                "extend_resources": [{"new_field_name": "y", "path": "/x/{}/{}"}],
            },
            "needs one `{}` and `path_variable_name`",
        ),
        ({"path": None, "name": "x"}, "give either `operation` or `path`"),
        (
            {"operation": "ordersV0.getOrder", "params": {"orderId": None}},
            "needs 'orderId' in its path",
        ),
        (
            {"operation": "ordersV0.getOrder", "ids": {"param": "orderId", "values": [""]}},
            "`ids` has no ids",
        ),
        ({"path": "/x", "name": "x", "schema": {"properties": ["u"]}}, "`schema` is not a JSON"),
        ({"path": "/x", "name": "x", "schema": {"properties": {"u": "string"}}}, "is not a JSON"),
        ({"path": "/x", "name": "x", "next_token_key": "t"}, "goes with `next_token_param`"),
        ({"path": "/x", "name": "x", "rate": -1}, "`rate`: must be from 0.0001 to 10,000, not -1"),
        (
            {"operation": "replenishment-2022-11-07.listOffers", "body": "5"},
            "`body` must be an object or a list",
        ),
        (
            {"operation": "ordersV0.getOrders", "window": "PT1S"},
            "`window` must be at least a minute",
        ),
        ({"path": "/x", "name": "x", "window": "P1D"}, "name `updated_after`, too"),
        ({"operation": "ordersV0.getOrders", "rate": 1}, "`rate` goes with `path`"),
    ],
)
def test_mistakes_are_named(entry: dict[str, Any], mistake: str) -> None:
    (found,) = mistakes(entry)

    assert found.startswith("`custom_streams`[")
    assert mistake in found


ORDER = {"operation": "orders_2026-01-01.getOrder", "name": "x"}
OF_ORDERS = {"stream": "orders", "param": "orderId", "field": "orderId"}


@pytest.mark.parametrize(
    ("entry", "mistake"),
    [
        (
            ORDER | {"parent": OF_ORDERS | {"field": "orderID"}},
            "`parent`: there is no property 'orderID': did you mean 'orderId'?",
        ),
        (
            ORDER | {"parent": OF_ORDERS | {"field": "salesChannel.marketplace"}},
            "there is no property 'marketplace': did you mean 'marketplaceId'?",
        ),
        (
            ORDER | {"parent": OF_ORDERS, "primary_keys": ["orderID"]},
            "`primary_keys`: there is no property 'orderID'",
        ),
        (
            {"operation": "ordersV0.getOrders", "replication_key": "LastUpdated"},
            "`replication_key`: there is no property 'LastUpdated': did you mean 'LastUpdateDate'?",
        ),
        (
            {
                "name": "x",
                "path": "/orders/v0/orders",
                "extend_resources": [
                    {
                        "new_field_name": "items",
                        "path": "/orders/v0/orders/{}/orderItems",
                        "path_variable_name": "OrderId",
                    }
                ],
            },
            "`extend_resources`: there is no property 'OrderId'",
        ),
        (
            {
                "name": "x",
                "path": "/orders/v0/orders",
                "extend_resources": [
                    {
                        "new_field_name": "BuyerInfo",
                        "path": "/orders/v0/orders/{AmazonOrderId}/buyerInfo",
                    }
                ],
            },
            "the record has a property 'BuyerInfo' itself",
        ),
        (
            {"operation": "ordersV0.getOrders", "emit": "page", "primary_keys": ["AmazonOrderId"]},
            "`primary_keys`: there is no property 'AmazonOrderId', only page_number, results, ",
        ),
        (
            {
                "operation": "ordersV0.getOrders",
                "emit": "page",
                "replication_key": "LastUpdateDate",
            },
            "`replication_key`: there is no property 'LastUpdateDate', only page_number, results, ",
        ),
        ({"operation": 5}, "`custom_streams`[0]['operation'] must be of type string"),
    ],
)
def test_names_of_properties_that_do_not_exist_are_told(
    entry: dict[str, Any], mistake: str
) -> None:
    read_entry = read_settings({"custom_streams": [entry]})

    (found,) = read_entry.discovery_mistakes or mistakes_in_streams(read_entry.settings)
    assert mistake in found


def test_a_stream_cannot_be_its_own_ancestor() -> None:
    child = {"operation": "ordersV0.getOrder"}
    found = mistakes(
        {**child, "name": "a", "parent": {"stream": "b", "param": "orderId"}},
        {**child, "name": "b", "parent": {"stream": "a", "param": "orderId"}},
    )

    assert len(found) == 2
    assert all("its own ancestor" in sentence for sentence in found)


def test_two_streams_cannot_have_one_name() -> None:
    (found,) = mistakes({"operation": SUPPLY_SOURCES}, {"operation": SUPPLY_SOURCES})

    assert "there is a stream 'get_supply_sources' already" in found
