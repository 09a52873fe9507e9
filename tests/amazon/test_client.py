from __future__ import annotations

import datetime as dt
import json
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import requests

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import BODY, Request, SellingPartnerClient, records_of
from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    PageTokenRejectedError,
    ServiceError,
    ThrottledError,
    TooManyResultsError,
)
from tap_amazon_sp.amazon.retry import RetryableError
from tap_amazon_sp.settings.accounts import Account
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.singer.writer import to_json
from tests.fake_clock import FakeClock

SEARCH = "orders_2026-01-01.searchOrders"
US = "ATVPDKIKX0DER"
LAST_MONTH_V0 = {"LastUpdatedAfter": dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=30)}
LAST_MONTH = {"lastUpdatedAfter": dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=30)}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(simulator: Simulator, clock: FakeClock) -> SellingPartnerClient:
    return make_client(simulator, clock)


def make_client(simulator: Simulator, clock: FakeClock, **settings: Any) -> SellingPartnerClient:
    account = Account.from_settings(simulator.settings_for_tap() | settings)
    return SellingPartnerClient(account, clock=clock, user_agent="test/1.0", request_timeout=10)


def url_of(operation_id: str, **parameters: Any) -> str:
    operation = catalogue.operation(operation_id)
    return Request.build("http://host", operation, parameters, None).url


def test_lists_are_sent_with_commas() -> None:
    url = url_of(SEARCH, marketplaceIds=["A", "B"], includedData=["TAX", "PAYMENT"])

    assert url == (
        "http://host/orders/2026-01-01/orders?marketplaceIds=A%2CB&includedData=TAX%2CPAYMENT"
    )


def test_lists_are_repeated_where_the_model_says_so() -> None:
    url = url_of(
        "fulfillmentInbound_2024-03-20.listPrepDetails", marketplaceId="A", mskus=["1", "2"]
    )

    assert url.endswith("?marketplaceId=A&mskus=1&mskus=2")


def test_merchant_skus_are_encoded_twice_where_amazon_wants_it() -> None:
    url = url_of(
        "fulfillmentInbound_2024-03-20.listPrepDetails",
        marketplaceId="A",
        mskus=["test%msku", "a b"],
    )

    assert url.endswith("&mskus=test%2525msku&mskus=a%20b")


def test_times_are_sent_in_utc_with_milliseconds_at_most() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    moment = dt.datetime(2026, 1, 1, 2, 0, 0, 123456, tzinfo=zone)

    assert url_of(SEARCH, lastUpdatedAfter=moment).endswith(
        "lastUpdatedAfter=2026-01-01T00%3A00%3A00.123000Z"
    )


def test_path_parameters_are_encoded_and_booleans_are_json() -> None:
    assert url_of("ordersV0.getOrderItems", orderId="a/b ü").endswith(
        "/orders/a%2Fb%20%C3%BC/orderItems"
    )
    assert url_of("vendorOrders.getPurchaseOrders", includeDetails=True).endswith(
        "includeDetails=true"
    )


def test_a_parameter_that_is_none_is_left_out() -> None:
    assert "?" not in url_of(SEARCH, includedData=None)


def test_a_parameter_that_the_operation_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match="searchOrders has no parameter 'LastUpdatedAfter'"):
        url_of(SEARCH, LastUpdatedAfter="2026-01-01")


def test_pages_are_read_to_the_end(client: SellingPartnerClient, simulator: Simulator) -> None:
    operation = catalogue.operation(SEARCH)
    after = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=100)

    pages = list(client.pages(operation, {"lastUpdatedAfter": after, "maxResultsPerPage": 20}))

    assert len(pages) >= 20
    ids = [record["orderId"] for page in pages for record in page]
    assert sorted(ids) == sorted(order["orderId"] for order in simulator.truth("orders"))
    # The token travels with all arguments.
    assert all(
        {"lastUpdatedAfter", "maxResultsPerPage"} <= set(request["query"])
        for request in simulator.requests
    )


def test_a_token_that_must_travel_alone_does(
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


def test_the_rate_that_amazon_sends_is_followed(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation(SEARCH)
    client.send(operation, LAST_MONTH)

    bucket = client._throttle.bucket(
        client.account.quota(operation), operation.id, operation.rate, operation.burst
    )

    assert bucket.rate == pytest.approx(0.0056 * simulator.settings.speed)


def test_a_429_is_waited_out(
    client: SellingPartnerClient, simulator: Simulator, clock: FakeClock
) -> None:
    operation = catalogue.operation("ordersV0.getOrder")
    simulator.inject(operation=operation.id, kind="throttle", count=2)
    order_id = simulator.truth("orders")[0]["orderId"]

    client.send(operation, {"orderId": order_id})

    (counted,) = [metrics for name, metrics in client.metrics if name == operation.id]
    assert counted.throttled == 2
    # Nobody sends a rate before the first success: a whole token at the documented rate, twice.
    assert sum(clock.sleeps) == pytest.approx(2 / 0.5, rel=0.3)


def test_a_long_wait_for_the_rate_limit_is_told(
    slow_simulator: Simulator, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(slow_simulator, clock)
    operation = catalogue.operation("reports_2021-06-30.getReport")
    bucket = client._throttle.bucket(client.account.quota(operation), operation.id, 0.05, 1)
    bucket.drain()
    caplog.set_level("INFO")

    with pytest.raises(NotFoundError):
        client.send(operation, {"reportId": "1"})

    assert "reports_2021-06-30.getReport: waiting 20 seconds for the rate limit" in caplog.text


def test_endless_429_is_given_up_with_advice(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    simulator.inject(operation=SEARCH, kind="throttle", count=None)

    with pytest.raises(ThrottledError, match=r"HTTP 429 QuotaExceeded.*Another program"):
        client.send(catalogue.operation(SEARCH), LAST_MONTH)

    assert len(simulator.requests) == 10


def test_an_endless_500_is_given_up_with_the_request_id(
    client: SellingPartnerClient, simulator: Simulator, clock: FakeClock
) -> None:
    simulator.inject(operation=SEARCH, kind="status", status=500, count=None)

    with pytest.raises(ServiceError) as caught:
        client.send(catalogue.operation(SEARCH), LAST_MONTH)

    assert caught.value.status == 500
    assert caught.value.request_id == simulator.requests[-1]["request_id"]
    assert len(simulator.requests) == 7
    assert sum(clock.sleeps) < 130


def test_a_call_that_creates_something_is_not_repeated(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation("reports_2021-06-30.createReport")
    simulator.inject(operation=operation.id, kind="status", status=503, count=None)

    with pytest.raises(ServiceError):
        client.send(
            operation,
            body={"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": ["X"]},
        )

    assert len(simulator.requests) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, InvalidRequestError), (403, AccessDeniedError), (404, NotFoundError)],
)
def test_a_refusal_is_not_repeated(
    client: SellingPartnerClient, simulator: Simulator, status: int, error: type[Exception]
) -> None:
    simulator.inject(operation=SEARCH, kind="status", status=status, code="Some", count=None)

    with pytest.raises(error):
        client.send(catalogue.operation(SEARCH), LAST_MONTH)

    assert len(simulator.requests) == 1


def test_an_expired_access_token_is_replaced_once(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation(SEARCH)
    simulator.inject(operation=SEARCH, kind="expired_token", count=1)
    assert client.send(operation, LAST_MONTH).status == 200

    simulator.inject(operation=SEARCH, kind="expired_token", count=2)
    with pytest.raises(AccessDeniedError):
        client.send(operation, LAST_MONTH)


def test_a_refused_page_token_has_an_error_of_its_own(
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


def test_restricted_tokens_are_asked_for_once_and_for_restricted_operations_only(
    simulator: Simulator, clock: FakeClock
) -> None:
    client = make_client(simulator, clock, restricted_data=True)
    items = catalogue.operation("ordersV0.getOrderItems")
    for order in simulator.truth("orders")[:3]:
        client.send(items, {"orderId": order["orderId"]})
    client.send(catalogue.operation(SEARCH), LAST_MONTH)

    asked = [(request["operation"], request["token_kind"]) for request in simulator.requests]
    assert asked == [
        ("tokens_2021-03-01.createRestrictedDataToken", "LWA"),
        *[("ordersV0.getOrderItems", "RDT")] * 3,
        (SEARCH, "LWA"),
    ]


def test_grantless_operations_get_a_grantless_token(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation("notifications.getDestinations")

    client.send(operation)

    assert {request["token_kind"] for request in simulator.requests} == {"grantless"}


LIST_OFFERS = "replenishment-2022-11-07.listOffers"
OFFERS = {"filters.marketplaceId": "A", "filters.programTypes": ("SUBSCRIBE_AND_SAVE",)}


def test_names_that_are_no_parameters_are_fields_of_the_body() -> None:
    request = Request.build(
        "http://host",
        catalogue.operation(LIST_OFFERS),
        OFFERS | {"pagination.limit": Decimal("1.5"), BODY: {"filters": {"x": 1}}, "sort": None},
        None,
    )

    assert json.loads(request.body or b"") == {
        "filters": {"x": 1, "marketplaceId": "A", "programTypes": ["SUBSCRIBE_AND_SAVE"]},
        "pagination": {"limit": 1.5},
    }


def test_counted_pages_are_read_until_all_are_there(
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


def test_a_query_by_post_is_tried_again(client: SellingPartnerClient, simulator: Simulator) -> None:
    simulator.inject(operation=LIST_OFFERS, kind="status", status=503, count=2)
    offers = {
        "filters.marketplaceId": "ATVPDKIKX0DER",
        "filters.programTypes": ["SUBSCRIBE_AND_SAVE"],
        "pagination.limit": 7,
        "pagination.offset": 0,
    }

    assert client.send(catalogue.operation(LIST_OFFERS), offers).status == 200


def test_more_than_amazon_counts_is_an_error_and_no_silence(client: SellingPartnerClient) -> None:
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


def test_an_answer_without_content_is_an_empty_page(client: SellingPartnerClient) -> None:
    operation = catalogue.operation("customerFeedback_2024-06-01.getItemReviewTopics")
    response = requests.Response()
    response.status_code = 204
    response._content = b""
    request = Request.build("http://host", operation, {"asin": "B01"}, None)

    assert records_of(operation, client._read(request, response)) == []


def test_numbers_keep_every_digit(client: SellingPartnerClient) -> None:
    request = Request.build("http://host", catalogue.operation(SEARCH), {}, None)
    response = requests.Response()
    response.status_code = 200
    response._content = b'{"orders": [{"amount": 1234567890123456.78}]}'

    (order,) = client._read(request, response).body["orders"]

    assert order == {"amount": Decimal("1234567890123456.78")}


@pytest.mark.parametrize(
    "content",
    [b"", b'{"errors": [{"code": "InternalFailure"}]}', b'{"message": "hello"}', b'"orders"', b"<"],
)
def test_a_200_that_is_no_page_is_tried_again_and_never_taken_for_an_empty_one(
    client: SellingPartnerClient, content: bytes
) -> None:
    request = Request.build("http://host", catalogue.operation(SEARCH), {}, None)
    response = requests.Response()
    response.status_code = 200
    response._content = content

    with pytest.raises(RetryableError, match=r"not what Amazon documents"):
        client._read(request, response)


@pytest.mark.parametrize("content", [b"{}", b'{"orders": []}', b'{"pagination": {}}', b"[]"])
def test_a_page_may_be_empty(client: SellingPartnerClient, content: bytes) -> None:
    operation = catalogue.operation(SEARCH)
    response = requests.Response()
    response.status_code = 200
    response._content = content

    answer = client._read(Request.build("http://host", operation, {}, None), response)

    assert records_of(operation, answer) == []


def test_what_targets_cannot_store_is_taken_out_of_texts(client: SellingPartnerClient) -> None:
    request = Request.build("http://host", catalogue.operation(SEARCH), {}, None)
    response = requests.Response()
    response.status_code = 200
    response._content = (
        rb'{"orders": [{"a\u0000": "x\u0000y", "b": "\ud83d", "c": "\ud83d\ude00"}]}'
    )

    (order,) = client._read(request, response).body["orders"]

    assert order == {"a": "xy", "b": "?", "c": "\U0001f600"}


def test_a_restricted_token_that_is_refused_names_the_setting(
    simulator: Simulator, clock: FakeClock
) -> None:
    client = make_client(simulator, clock, restricted_data=True)
    simulator.inject(
        operation="tokens_2021-03-01.createRestrictedDataToken",
        kind="status",
        status=400,
        code="InvalidInput",
        message="Application does not have access to one or more requested data elements",
    )

    with pytest.raises(AccessDeniedError, match=r"set `restricted_data_elements`"):
        client.send(
            catalogue.operation("ordersV0.getOrders"),
            LAST_MONTH_V0 | {"MarketplaceIds": ["ATVPDKIKX0DER"]},
        )


def test_spaces_are_sent_in_the_form_that_signatures_want() -> None:
    assert url_of(SEARCH, paginationToken="a b+c").endswith("paginationToken=a%20b%2Bc")


def test_an_address_that_nobody_serves_is_told_without_the_query(
    clock: FakeClock, simulator: Simulator
) -> None:
    client = make_client(simulator, clock, endpoint="http://127.0.0.1:9")

    with pytest.raises(ServiceError, match=r"no whole answer from http://127.0.0.1:9") as caught:
        client.send(catalogue.operation(SEARCH), {"paginationToken": "hush"})

    assert "hush" not in str(caught.value)
    assert len(clock.sleeps) == 6


class Wire:
    """A session that answers what a function says; no access tokens are needed for it."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        answer: Callable[[str], bytes],
        clock: FakeClock | None = None,
        **settings: Any,
    ) -> None:
        self.urls: list[str] = []
        self._answer = answer
        self.client = SellingPartnerClient(
            Account.from_settings({"client_id": "id", "refresh_token": "hush"}),
            clock=clock or FakeClock(),
            user_agent="test/1.0",
            session=self,  # type: ignore[arg-type]
            **settings,
        )
        monkeypatch.setattr(self.client, "_access_token", lambda _: "token")

    def request(self, _: str, url: str, **__: Any) -> requests.Response:
        self.urls.append(url)
        response = requests.Response()
        response.status_code = 200
        response._content = self._answer(url)
        return response

    def orders(self) -> list[dict[str, Any]]:
        operation = catalogue.operation(SEARCH)
        return records_of(operation, self.client.send(operation))


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


def test_each_page_tells_the_token_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_pages_behind_the_one_that_reading_began_with_are_read_to_the_end(
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


def test_a_token_of_another_run_that_amazon_refuses_is_told_as_such(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation(SEARCH)
    refusal = {"status": 400, "code": "InvalidInput", "message": "Next token is invalid or expired"}
    simulator.inject(operation=SEARCH, kind="status", count=2, **refusal)

    with pytest.raises(PageTokenRejectedError):
        next(client.answers(operation, LAST_MONTH, page_token="old"))
    # Where none was sent, it is no matter of pages.
    with pytest.raises(InvalidRequestError) as caught:
        next(client.answers(operation, LAST_MONTH))
    assert not isinstance(caught.value, PageTokenRejectedError)


WAIT = 30.0


def test_no_more_requests_are_under_way_at_once_than_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    under_way: list[str] = []
    most = []
    arrived, entered, may_leave = (threading.Semaphore(0) for _ in range(3))

    def answer(url: str) -> bytes:
        under_way.append(url)
        most.append(len(under_way))
        entered.release()
        assert may_leave.acquire(timeout=WAIT)
        under_way.remove(url)
        return b"{}"

    wire = Wire(monkeypatch, answer, max_parallel_requests=2)
    # Counted just before it is sent.
    monkeypatch.setattr(wire.client.metrics, "count_call", lambda _: arrived.release())
    operation = catalogue.operation(SEARCH)
    with ThreadPoolExecutor(6) as executor:
        calls = [executor.submit(wire.client.send, operation) for _ in range(6)]
        for _ in calls:
            assert arrived.acquire(timeout=WAIT)
        for _ in calls:
            assert entered.acquire(timeout=WAIT)
            may_leave.release()
        for call in calls:
            call.result(WAIT)

    assert max(most) == 2
    assert len(wire.urls) == 6


def test_a_request_that_fails_makes_room_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([requests.ConnectionError, requests.Timeout, None])

    def answer(_: str) -> bytes:
        if error := next(answers):
            raise error
        return b'{"orders": [{}]}'

    assert Wire(monkeypatch, answer, max_parallel_requests=1).orders() == [{}]


class StandingClock(FakeClock):
    """Sleeps until it is woken."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep, self.wake = threading.Event(), threading.Event()

    def sleep(self, seconds: float) -> None:
        self.asleep.set()
        assert self.wake.wait(WAIT)
        super().sleep(seconds)


def test_who_waits_for_the_rate_limit_takes_nobodys_place(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StandingClock()
    client = Wire(monkeypatch, lambda _: b"{}", clock, max_parallel_requests=1).client
    waiting, other = (
        catalogue.operation(f"reports_2021-06-30.{name}") for name in ("getReport", "getReports")
    )
    plan = client._throttle.bucket(
        client.account.quota(waiting), waiting.id, waiting.rate, waiting.burst
    )
    plan.drain()

    with ThreadPoolExecutor(2) as executor:
        waits = executor.submit(client.send, waiting, {"reportId": "1"})
        assert clock.asleep.wait(WAIT)

        assert executor.submit(client.send, other).result(WAIT).status == 200

        assert not waits.done()
        clock.wake.set()
        assert waits.result(WAIT).status == 200


def nan_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, float) and math.isnan(value) else value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"NaN", "nan"),
        (b"Infinity", math.inf),
        (b"-Infinity", -math.inf),
        (b'"\\ud83d"', "?"),
        (b'"a\\udc00b"', "a?b"),
        # Half of a pair as no UTF-8 can hold it.
        (b'"a\xed\xa0\xbdb"', "a?b"),
        (b"1E400", Decimal("1E+400")),
        (b"-1.50e-7", Decimal("-1.50E-7")),
        (b"18446744073709551616", 2**64),
        (b"-9223372036854775809", -(2**63) - 1),
        (b"1" * 4000, int("1" * 4000)),
        (b"5", 5),
        (b"5.0", Decimal("5.0")),
        ('"ü\u2028\x7f"'.encode(), "ü\u2028\x7f"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_json_that_is_out_of_the_ordinary_is_read_all_the_same(
    monkeypatch: pytest.MonkeyPatch, text: bytes, value: Any
) -> None:
    (order,) = Wire(monkeypatch, lambda _: b'{"orders": [{"a": %b}]}' % text).orders()

    found = nan_as_text(order["a"])
    assert (type(found), found) == (type(value), value)
    # What is read can be written.
    assert to_json(order)


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b" \r\n"])
def test_what_may_stand_before_json_is_no_matter(
    monkeypatch: pytest.MonkeyPatch, prefix: bytes
) -> None:
    assert Wire(monkeypatch, lambda _: prefix + b'{"orders": [{"a": 1}]}').orders() == [{"a": 1}]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b'{"orders": [{"a": 1}',
        b'{"orders": [{"a": 1}]}}',
        b'{"orders": [{"a": "x\ty"}]}',
        b'{"orders": [{"a": "\xff"}]}',
        b'{"orders": [{"a": 01}]}',
        b"<html></html>",
    ],
)
def test_broken_json_is_asked_for_again(monkeypatch: pytest.MonkeyPatch, broken: bytes) -> None:
    clock = FakeClock()
    answers = iter([broken, broken, b'{"orders": [{"a": 1}]}'])
    wire = Wire(monkeypatch, lambda _: next(answers), clock)

    assert wire.orders() == [{"a": 1}]

    assert len(wire.urls) == 3
    assert dict(wire.client.metrics)[SEARCH].retries == 2
    assert clock.sleeps
