from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.answer_checks import checked_page
from tap_amazon_sp.amazon.catalogue import UNKNOWN_API
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import (
    EndlessPagesError,
    InvalidRequestError,
    PageTokenRejectedError,
    ServiceError,
    TooManyResultsError,
)
from tap_amazon_sp.amazon.operation_parts import Paging
from tap_amazon_sp.amazon.paging import MAX_EMPTY_PAGES, page_answers
from tap_amazon_sp.amazon.paths import operation_at
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
    operation = catalogue.operation(operation_id)
    page: Any = []
    for name in reversed(operation.results or ()):
        page = {name: page}
    wire = Wire(monkeypatch, lambda _: json.dumps(page).encode())

    (answer,) = wire.client.answers(operation, parameters, page_token="a/b=")

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
    first, second, third = (answer.raw_records for answer in answers)
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


# --- Pages that lead nowhere ---------------------------------------------------------------------

TRANSACTIONS = "finances_2024-06-19.listTransactions"
EVENTS = "financesV0.listFinancialEvents"


def read(operation_id: str, pages: Iterable[Any]) -> Iterator[Answer]:
    """Yield the pages that Amazon gives; each call takes the next."""
    given = iter(pages)

    def send(operation: catalogue.Operation, _: Mapping[str, Any]) -> Answer:
        return checked_page(operation, Answer(next(given), 200, "1-2"))

    operation = (
        operation_at("GET", "/new/api")
        if operation_id == UNKNOWN_API
        else catalogue.operation(operation_id)
    )
    return page_answers(send, operation, {}, find_paging=lambda _: A_TOKEN)


A_TOKEN = Paging("nextToken", "query", ("nextToken",), "same_arguments")


def endless(page: Callable[[str], Any]) -> Iterator[Any]:
    return (page(f"token {number}") for number in itertools.count())


SAME_RECORDS: dict[str, Callable[[str], Any]] = {
    TRANSACTIONS: lambda token: {"payload": {"transactions": [{"a": 1}], "nextToken": token}},
    SEARCH: lambda token: {"orders": [{"a": 1}], "pagination": {"nextToken": token}, "x": token},
    EVENTS: lambda token: {
        "payload": {"FinancialEvents": {"ShipmentEventList": [{"a": 1}]}, "NextToken": token}
    },
    UNKNOWN_API: lambda token: {"items": [{"a": 1}], "nextToken": token, "x": token},
    LIST_OFFERS: lambda _: {"offers": [{"a": 1}]},
}


@pytest.mark.parametrize("operation_id", SAME_RECORDS)
def test_pages_that_repeat_are_an_error_whatever_their_tokens(operation_id: str) -> None:
    found: list[Answer] = []

    with pytest.raises(ServiceError, match="the same page again, so others may be missing"):
        found.extend(read(operation_id, endless(SAME_RECORDS[operation_id])))

    # Nothing identifies the records of the others.
    assert len(found) == (2 if operation_id in (EVENTS, UNKNOWN_API) else 1)


def test_pages_that_repeat_are_not_called_a_failure_that_passes() -> None:
    pages = endless(SAME_RECORDS[EVENTS])

    with pytest.raises(EndlessPagesError) as told:
        list(itertools.islice(read(EVENTS, pages), 5))

    assert "failed repeatedly" not in str(told.value)
    assert "report the request id" in str(told.value)


def test_an_error_whose_words_end_in_full_stops_has_one_of_them() -> None:
    error = ServiceError("x.y", message="It is kept for 30 days..")

    assert ": It is kept for 30 days. Amazon failed" in str(error)


def test_two_pages_may_have_the_same_fee() -> None:
    page = SAME_RECORDS[EVENTS]
    last = page("")

    assert len(list(read(EVENTS, [page("1"), last]))) == 2


def test_full_pages_of_events_are_never_equal() -> None:
    events = {"ServiceFeeEventList": [{"FeeReason": "x"}] * 100}
    pages = endless(lambda token: {"payload": {"FinancialEvents": events, "NextToken": token}})

    with pytest.raises(ServiceError, match="the same page again"):
        list(itertools.islice(read(EVENTS, pages), 2))


def test_pages_that_repeat_in_turn_are_an_error() -> None:
    pages = (
        {"orders": [{"a": number % 3}], "pagination": {"nextToken": str(number)}}
        for number in itertools.count()
    )

    with pytest.raises(ServiceError, match="the same page again"):
        list(read(SEARCH, pages))


EMPTY: dict[str, Callable[[str], Any]] = {
    TRANSACTIONS: lambda token: {"payload": {"transactions": [], "nextToken": token}},
    EVENTS: lambda token: {
        "payload": {"FinancialEvents": {"ShipmentEventList": []}, "NextToken": token}
    },
}


@pytest.mark.parametrize("operation_id", EMPTY)
def test_many_empty_pages_may_follow_one_another(operation_id: str) -> None:
    page = EMPTY[operation_id]
    found = [SAME_RECORDS[operation_id](""), *(page(str(number)) for number in range(900))]

    assert len(list(read(operation_id, [*reversed(found)]))) == 901


@pytest.mark.parametrize("operation_id", EMPTY)
def test_empty_pages_without_an_end_are_an_error(operation_id: str) -> None:
    with pytest.raises(ServiceError, match="1,000 empty pages in a row"):
        list(read(operation_id, endless(EMPTY[operation_id])))


def test_a_token_that_was_found_in_an_answer_and_is_not_text_is_an_error() -> None:
    with pytest.raises(ServiceError, match="`nextToken`, the token of the next page, is not text"):
        list(read(UNKNOWN_API, [{"items": [{}], "nextToken": 5}]))


def test_counted_pages_that_end_too_early_are_an_error() -> None:
    pages = [
        {"offers": [{"sku": "1"}], "pagination": {"totalResults": 3}},
        {"offers": [], "pagination": {"totalResults": 3}},
    ]

    with pytest.raises(ServiceError, match="1 of 3 records, and then an empty page"):
        list(read(LIST_OFFERS, pages))


def test_counted_pages_without_a_total_end_with_an_empty_page() -> None:
    pages = [{"offers": [{"sku": "1"}]}, {"offers": [{"sku": "2"}]}, {"offers": []}]

    assert len(list(read(LIST_OFFERS, pages))) == 3


def test_records_are_counted_where_they_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    count = MAX_EMPTY_PAGES + 1
    pages = iter(
        {"result": {"items": [{"id": number}]}, "nextToken": str(number)} for number in range(count)
    )
    wire = Wire(monkeypatch, lambda _: json.dumps(next(pages, {"result": {"items": []}})).encode())

    answers = wire.client.answers(
        operation_at("GET", "/new/api"),
        {},
        find_paging=lambda _: A_TOKEN,
        find_records=lambda body: body["result"]["items"],
    )

    assert len(list(answers)) == count + 1
