from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.auth.restricted import requested_restricted_data_token
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    ServiceError,
    UnsendableRequestError,
)
from tap_amazon_sp.jobs.api import REPORTS
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.singer.writer import to_json
from tests.amazon.clients import (
    LAST_MONTH,
    LAST_MONTH_V0,
    LIST_OFFERS,
    SEARCH,
    Wire,
    make_client,
)
from tests.fake_clock import FakeClock


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


@pytest.mark.parametrize("status", [302, 404])
def test_a_status_that_is_not_amazons_is_no_refusal(
    client: SellingPartnerClient, simulator: Simulator, status: int
) -> None:
    simulator.inject(operation=SEARCH, kind="status", status=status, body="html", count=1)
    answer = client.send(catalogue.operation(SEARCH), LAST_MONTH)
    assert answer.body["orders"]

    simulator.inject(operation=SEARCH, kind="status", status=status, body="html", count=None)
    with pytest.raises(ServiceError, match=f"HTTP {status}"):
        client.send(catalogue.operation(SEARCH), LAST_MONTH)


def test_a_query_by_post_is_tried_again(client: SellingPartnerClient, simulator: Simulator) -> None:
    simulator.inject(operation=LIST_OFFERS, kind="status", status=503, count=2)
    offers = {
        "filters.marketplaceId": "ATVPDKIKX0DER",
        "filters.programTypes": ["SUBSCRIBE_AND_SAVE"],
        "pagination.limit": 7,
        "pagination.offset": 0,
    }

    assert client.send(catalogue.operation(LIST_OFFERS), offers).status == 200


BROKEN_PAGES = {
    b"": "it is not JSON",
    b"{}": "it has no `orders`",
    b'{"message": "hello"}': "it has no `orders`",
    b'{"orders": null}': "`orders` is null",
    b'"orders"': "it is not an object",
    b"<": "it is not JSON",
    b"[" * 5000: "it is nested more than 100 levels deep",
    b'{"orders": [{"a": 1e999999999}]}': "a number in it",
}


@pytest.mark.parametrize("raw_records", [False, True])
@pytest.mark.parametrize(
    ("content", "reason"), BROKEN_PAGES.items(), ids=lambda value: repr(value)[:30]
)
def test_a_200_that_is_not_a_page_is_tried_again_and_then_an_error(
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    reason: str,
    raw_records: bool,  # noqa: FBT001
) -> None:
    wire = Wire(monkeypatch, lambda _: content)

    with pytest.raises(ServiceError, match=f"not what Amazon documents: {reason}"):
        list(wire.client.answers(catalogue.operation(SEARCH), {}, raw_records=raw_records))

    assert len(wire.urls) == 7


def test_whatever_comes_can_be_sent_for(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(monkeypatch, lambda _: b'{"errors": [{"code": "InternalFailure"}]}')

    answer = wire.client.send(catalogue.operation(SEARCH))

    assert answer.body == {"errors": [{"code": "InternalFailure"}]}


@pytest.mark.parametrize(
    ("code", "error_class", "tries"),
    [
        ("InternalFailure", ServiceError, 7),
        ("InvalidInput", InvalidRequestError, 1),
        ("Unauthorized", AccessDeniedError, 1),
    ],
)
def test_a_200_that_has_only_errors_is_the_failure_that_its_code_says(
    monkeypatch: pytest.MonkeyPatch, code: str, error_class: type[Exception], tries: int
) -> None:
    errors = f'{{"errors": [{{"code": "{code}", "message": "Said by Amazon."}}]}}'
    wire = Wire(monkeypatch, lambda _: errors.encode())

    with pytest.raises(error_class, match=f"HTTP 200 {code}: Said by Amazon"):
        wire.orders()

    assert len(wire.urls) == tries


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
        # Half of a surrogate pair, which is not valid UTF-8.
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
def test_unusual_json_is_read(monkeypatch: pytest.MonkeyPatch, text: bytes, value: Any) -> None:
    (order,) = Wire(monkeypatch, lambda _: b'{"orders": [{"a": %b}]}' % text).orders()

    found = nan_as_text(order["a"])
    assert (type(found), found) == (type(value), value)
    # The record can be written.
    assert to_json(order)


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b" \r\n"])
def test_what_precedes_json_is_ignored(monkeypatch: pytest.MonkeyPatch, prefix: bytes) -> None:
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
def test_broken_json_is_requested_again(monkeypatch: pytest.MonkeyPatch, broken: bytes) -> None:
    clock = FakeClock()
    answers = iter([broken, broken, b'{"orders": [{"a": 1}]}'])
    wire = Wire(monkeypatch, lambda _: next(answers), clock)

    assert wire.orders() == [{"a": 1}]

    assert len(wire.urls) == 3
    assert dict(wire.client.metrics)[SEARCH].retries == 2
    assert clock.sleeps


WHOLE_REPORT = b"""{"reportId": "7", "reportType": "GET_A", "processingStatus": "IN_QUEUE",
    "createdTime": "2026-11-20T00:00:00Z"}"""


@pytest.mark.parametrize("broken", [b"{}", b'{"errors": [{"code": "InternalFailure"}]}', b"[]"])
def test_an_answer_that_its_check_refuses_is_requested_again(
    monkeypatch: pytest.MonkeyPatch, broken: bytes
) -> None:
    clock, answers = FakeClock(), iter([broken, broken, WHOLE_REPORT])
    wire = Wire(monkeypatch, lambda _: next(answers), clock)

    assert REPORTS.job(wire.client, "7")["processingStatus"] == "IN_QUEUE"
    assert len(wire.urls) == 3


def test_an_answer_that_its_check_refuses_each_time_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = Wire(monkeypatch, lambda _: b"{}", FakeClock())

    with pytest.raises(ServiceError, match=r"getReport: HTTP 200: .* no `processingStatus`"):
        REPORTS.job(wire.client, "7")
    assert len(wire.urls) == 7


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b'{"restrictedDataToken": null}', b'{"restrictedDataToken": ["a"]}', b"<"],
)
def test_an_answer_without_a_restricted_token_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    good = b'{"restrictedDataToken": "Atz.sprdt|a", "expiresIn": null}'
    answers = iter([body, good, *[body] * 7])
    wire = Wire(monkeypatch, lambda _: next(answers))

    assert requested_restricted_data_token(wire.client.send, "GET", "/a", ()) == (
        "Atz.sprdt|a",
        3600.0,
    )
    with pytest.raises(ServiceError, match="Token: HTTP 200: the answer is not"):
        requested_restricted_data_token(wire.client.send, "GET", "/a", ())

    assert len(wire.urls) == 9


def test_a_failure_names_what_the_request_was_about(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(monkeypatch, lambda _: b'{"payload": {"OrderItems": [')

    with pytest.raises(ServiceError, match=r"not JSON.*\(orderId 902-1\)"):
        list(wire.client.pages(catalogue.operation("ordersV0.getOrderItems"), {"orderId": "902-1"}))


def test_a_request_that_cannot_be_made_is_an_error_of_its_operation(
    client: SellingPartnerClient,
) -> None:
    operation = catalogue.operation("ordersV0.getOrderItems")

    with pytest.raises(UnsendableRequestError) as refused:
        client.send(operation, {"orderId": ""})

    assert str(refused.value).startswith("ordersV0.getOrderItems: needs a value for 'orderId'")
