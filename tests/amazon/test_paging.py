from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.decoding import raw_records_of
from tap_amazon_sp.amazon.errors import (
    InvalidRequestError,
    PageTokenRejectedError,
    TooManyResultsError,
)
from tap_amazon_sp.simulator import Simulator
from tests.amazon.clients import LAST_MONTH, LIST_OFFERS, SEARCH, US, Wire


def test_pages_are_read_to_the_end(client: SellingPartnerClient, simulator: Simulator) -> None:
    operation = catalogue.operation(SEARCH)
    after = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=100)

    pages = list(client.pages(operation, {"lastUpdatedAfter": after, "maxResultsPerPage": 20}))

    assert len(pages) >= 20
    ids = [record["orderId"] for page in pages for record in page]
    assert sorted(ids) == sorted(order["orderId"] for order in simulator.truth("orders"))
    # The token is sent with all arguments.
    assert all(
        {"lastUpdatedAfter", "maxResultsPerPage"} <= set(request["query"])
        for request in simulator.requests
    )


def test_a_token_is_sent_without_arguments_if_the_rule_says_so(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation("feeds_2021-06-30.getFeeds")

    pages = list(client.pages(operation, {"feedTypes": ["JSON_LISTINGS_FEED"], "pageSize": 5}))

    assert len(pages) > 1
    assert [set(request["query"]) for request in simulator.requests] == [
        {"feedTypes", "pageSize"},
        *[{"nextToken"}] * (len(pages) - 1),
    ]


def test_an_empty_page_with_a_token_is_not_the_end(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    simulator.inject(operation=SEARCH, kind="empty_page", count=1)

    pages = list(client.pages(catalogue.operation(SEARCH), LAST_MONTH))

    assert pages[0] == []
    assert any(pages[1:])


def test_a_refused_page_token_raises_its_own_error(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    simulator.inject(
        operation=SEARCH,
        kind="status",
        status=400,
        code="InvalidInput",
        message="Next token is invalid or expired",
        only_with_token=True,
    )

    with pytest.raises(PageTokenRejectedError, match="Next token is invalid or expired"):
        list(client.pages(catalogue.operation(SEARCH), LAST_MONTH | {"maxResultsPerPage": 10}))


def test_counted_pages_are_read_until_all_results_are_read(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation(LIST_OFFERS)
    offers = {
        "filters.marketplaceId": "ATVPDKIKX0DER",
        "filters.programTypes": ["SUBSCRIBE_AND_SAVE"],
        "pagination.limit": 7,
    }

    pages = list(client.pages(operation, offers))

    assert len(pages) > 2
    skus = [record["sku"] for page in pages for record in page]
    assert sorted(skus) == sorted(
        offer["sku"]
        for offer in simulator.truth(LIST_OFFERS)
        if offer["marketplaceId"] == "ATVPDKIKX0DER"
    )


def test_more_results_than_amazon_pages_through_are_an_error(client: SellingPartnerClient) -> None:
    operation = catalogue.operation(LIST_OFFERS)
    assert operation.paging is not None
    short = replace(operation, paging=replace(operation.paging, max_offset=10, max_size=7))
    offers = {
        "filters.marketplaceId": "ATVPDKIKX0DER",
        "filters.programTypes": ["SUBSCRIBE_AND_SAVE"],
    }

    with pytest.raises(TooManyResultsError, match="Narrow the request"):
        list(client.pages(short, offers))


def test_the_one_record_of_an_operation_is_a_page(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    (order,) = simulator.truth("orders")[:1]

    pages = list(
        client.pages(
            catalogue.operation("orders_2026-01-01.getOrder"), {"orderId": order["orderId"]}
        )
    )

    assert [[record["orderId"] for record in page] for page in pages] == [[order["orderId"]]]


@pytest.mark.parametrize(
    ("operation_id", "parameters", "query"),
    [
        (SEARCH, {"includedData": ["TAX"]}, "includedData=TAX&paginationToken=a%2Fb%3D"),
        ("feeds_2021-06-30.getFeeds", {"pageSize": 5}, "nextToken=a%2Fb%3D"),
        (
            "fulfillmentInboundV0.getShipments",
            {"QueryType": "DATE_RANGE", "MarketplaceId": US},
            f"QueryType=NEXT_TOKEN&MarketplaceId={US}&NextToken=a%2Fb%3D",
        ),
    ],
)
def test_reading_may_begin_at_a_page(
    monkeypatch: pytest.MonkeyPatch, operation_id: str, parameters: dict[str, Any], query: str
) -> None:
    wire = Wire(monkeypatch, lambda _: b"{}")

    (answer,) = wire.client.answers(
        catalogue.operation(operation_id), parameters, page_token="a/b="
    )

    assert answer.next_token is None
    assert [url.partition("?")[2] for url in wire.urls] == [query]


def test_each_page_holds_the_token_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = iter(["2", "3", "", None])
    wire = Wire(
        monkeypatch,
        lambda _: json.dumps({"orders": [], "pagination": {"nextToken": next(tokens)}}).encode(),
    )
    operation = catalogue.operation(SEARCH)

    answers = list(wire.client.answers(operation, {}))
    alone = wire.client.send(operation)

    assert [answer.next_token for answer in answers] == ["2", "3", None]
    assert [url.partition("?")[2] for url in wire.urls] == [
        "",
        "paginationToken=2",
        "paginationToken=3",
        "",
    ]
    assert alone.next_token is None


def test_pages_with_raw_records_are_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = iter(
        [
            b'{"orders": [{"a": 1.50}], "pagination": {"nextToken": "2"}}',
            b'{"orders": [{"a": NaN}], "pagination": {"nextToken": "3"}}',
            b'{"orders": [{"a": \xff}], "pagination": {"nextToken": "broken"}}',
            b'{"orders": [{"a": 3}]}',
        ]
    )
    wire = Wire(monkeypatch, lambda _: next(pages))
    operation = catalogue.operation(SEARCH)

    answers = list(wire.client.answers(operation, {}, raw_records=True))

    assert [answer.next_token for answer in answers] == ["2", "3", None]
    first, second, third = (raw_records_of(operation, answer) for answer in answers)
    assert first is not None
    assert third is not None
    assert (bytes(first[0]), second, bytes(third[0])) == (b'{"a": 1.50}', None, b'{"a": 3}')
    assert dict(wire.client.metrics)[SEARCH].retries == 1


def test_counted_pages_with_raw_records_are_read_until_all_results_are_read(
    client: SellingPartnerClient,
) -> None:
    operation = catalogue.operation(LIST_OFFERS)
    offers = {
        "filters.marketplaceId": "ATVPDKIKX0DER",
        "filters.programTypes": ["SUBSCRIBE_AND_SAVE"],
        "pagination.limit": 7,
    }

    decoded = list(client.answers(operation, offers))
    raw = list(client.answers(operation, offers, raw_records=True))

    assert all(answer.has_raw_records for answer in raw)
    assert [answer.body for answer in raw] == [answer.body for answer in decoded]


def test_reading_from_a_later_page_reads_the_rest(
    client: SellingPartnerClient,
) -> None:
    operation = catalogue.operation(SEARCH)
    parameters = LAST_MONTH | {"maxResultsPerPage": 20}
    whole = list(client.answers(operation, parameters))
    assert len(whole) > 3

    rest = list(client.answers(operation, parameters, page_token=whole[1].next_token))

    assert [answer.body["orders"] for answer in rest] == [
        answer.body["orders"] for answer in whole[2:]
    ]


def test_a_refused_token_of_another_run_raises_the_error_of_page_tokens(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation(SEARCH)
    refusal = {"status": 400, "code": "InvalidInput", "message": "Next token is invalid or expired"}
    simulator.inject(operation=SEARCH, kind="status", count=2, **refusal)

    with pytest.raises(PageTokenRejectedError):
        next(client.answers(operation, LAST_MONTH, page_token="old"))
    # Without a token, the refusal is not about pages.
    with pytest.raises(InvalidRequestError) as caught:
        next(client.answers(operation, LAST_MONTH))
    assert not isinstance(caught.value, PageTokenRejectedError)
