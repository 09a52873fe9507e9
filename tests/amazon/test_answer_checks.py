from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.answer_checks import BrokenAnswerError, broken_answer, checked_page
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer, answer_of, items_in, records_of
from tap_amazon_sp.amazon.errors import AccessDeniedError, SellingPartnerError, ServiceError
from tap_amazon_sp.amazon.paging import page_answers
from tap_amazon_sp.amazon.paths import operation_at

SEARCH = "orders_2026-01-01.searchOrders"
ORDERS_V0 = "ordersV0.getOrders"
ITEMS_V0 = "ordersV0.getOrderItems"
TRANSACTIONS = "finances_2024-06-19.listTransactions"
PURCHASE_ORDERS = "vendorOrders.getPurchaseOrders"
BALANCES = "finances_2024-06-19.listBalances"
EVENTS = "financesV0.listFinancialEvents"
ACTIONS = "messaging.getMessagingActionsForOrder"
METRICS = "sales.getOrderMetrics"
ATTRIBUTES = "messaging.GetAttributes"
FEES = "productFeesV0.getMyFeesEstimates"
OFFERS = "replenishment-2022-11-07.listOffers"
TRACKING = "shippingV2.getTracking"
ACCOUNT = "shipping.getAccount"
ORDER = "orders_2026-01-01.getOrder"
ADDRESS = "ordersV0.getOrderAddress"
SUPPLY_SOURCE = "supplySources_2020-07-01.getSupplySource"
INVOICE_STATUS = "deliveryShipmentInvoiceV2022-07-01.getInvoiceStatus"
UPDATE = "supplySources_2020-07-01.updateSupplySource"
UNKNOWN = "unknown"


def operation_of(name: str) -> Operation:
    return operation_at("GET", "/new/api") if name == UNKNOWN else catalogue.operation(name)


def page(name: str, body: Any, *, raw: bool = False, status: int = 200) -> Answer:
    operation = operation_of(name)
    content = json.dumps(body).encode()
    answer = answer_of(operation, content, status=status, request_id="1-2", raw_records=raw)
    try:
        return checked_page(operation, answer)
    except BrokenAnswerError as error:
        raise broken_answer(answer.envelope, error) from None


EMPTY_PAGES = [
    (SEARCH, {"orders": []}),
    (SEARCH, {"orders": [], "errors": []}),
    (SEARCH, {"orders": [], "pagination": None}),
    (ORDERS_V0, {"payload": {"Orders": []}, "errors": None}),
    (TRANSACTIONS, {"payload": {"transactions": None, "nextToken": "2"}}),
    (TRANSACTIONS, {"payload": {}}),
    (PURCHASE_ORDERS, {"payload": {}}),
    (PURCHASE_ORDERS, {"payload": {"pagination": {}}}),
    (BALANCES, {"balances": None}),
    (BALANCES, {"nextToken": "2"}),
    (EVENTS, {"payload": {}}),
    (EVENTS, {"payload": {"FinancialEvents": {}}}),
    (EVENTS, {"payload": {"FinancialEvents": None, "NextToken": "2"}}),
    (ACTIONS, {"_links": {"actions": []}}),
    (ATTRIBUTES, {"buyer": {}}),
    (FEES, []),
    (METRICS, {"payload": []}),
    (UNKNOWN, []),
    (UNKNOWN, {"items": []}),
    (UNKNOWN, {"payload": {}}),
]


@pytest.mark.parametrize(("name", "body"), EMPTY_PAGES)
def test_a_page_may_be_empty_where_the_model_allows_it(name: str, body: Any) -> None:
    answer = page(name, body)

    assert answer.errors is None
    assert not items_in(operation_of(name), answer)


def test_no_content_is_an_empty_page_where_the_model_documents_it() -> None:
    operation = catalogue.operation("customerFeedback_2024-06-01.getItemReviewTopics")
    assert records_of(operation, checked_page(operation, Answer({}, 204, None))) == []

    for name in (SEARCH, ORDER, UNKNOWN, BALANCES):
        with pytest.raises(BrokenAnswerError):
            checked_page(operation_of(name), Answer({}, 204, None))


BROKEN = [
    (SEARCH, {}, "it has no `orders`"),
    (SEARCH, {"pagination": {}}, "it has no `orders`"),
    (SEARCH, {"orders": None}, "`orders` is null"),
    (SEARCH, {"orders": {}}, "it has no list of objects at 'orders'"),
    (SEARCH, {"orders": [1]}, "it has no list of objects at 'orders'"),
    (SEARCH, {"orders": [{}, None]}, "it has no list of objects at 'orders'"),
    (SEARCH, [], "it is an empty list, not an object"),
    (SEARCH, ["a"], "it is a list of other things than objects"),
    (SEARCH, "orders", "it is not an object"),
    (SEARCH, None, "it is not an object"),
    (ORDERS_V0, {}, "it has no `payload`"),
    (ORDERS_V0, {"payload": None}, "`payload` is null"),
    (ORDERS_V0, {"payload": {}}, "it has no `payload.Orders`"),
    (ORDERS_V0, {"payload": []}, "`payload` is not an object"),
    (ITEMS_V0, {"payload": {"AmazonOrderId": "1"}}, "it has no `payload.OrderItems`"),
    (TRANSACTIONS, {}, "it has no `payload`"),
    (TRANSACTIONS, {"payload": None}, "`payload` is null"),
    (TRANSACTIONS, {"payload": {"somethingElse": 1}}, "it has no `payload.transactions`"),
    (BALANCES, {}, "it has no `balances`"),
    (BALANCES, {"message": "hello"}, "it has no `balances`"),
    (ACTIONS, {}, "it has no `_embedded`"),
    (ACTIONS, {"_links": {"self": {}}}, "it has no `_links.actions`"),
    (ACTIONS, {"_links": None}, "it has no `_links.actions`"),
    (ACTIONS, {"_links": []}, "`_links` is not an object"),
    (ACTIONS, {"_links": {"actions": None}}, "it has no `_links.actions`"),
    (ACTIONS, {"_links": {"actions": "none"}}, "it has no list of objects at '_links.actions'"),
    (
        ACTIONS,
        {"_links": {"actions": [{"href": "/a"}, 1]}, "_embedded": {"actions": []}},
        "it has no list of objects at '_links.actions'",
    ),
    (ACTIONS, {"_embedded": {}}, "it has no `_embedded.actions`"),
    (FEES, {}, "it has no list of objects"),
    (EVENTS, {}, "it has no `payload`"),
    (TRACKING, {"trackingId": "1"}, "it has no `payload`"),
    (ACCOUNT, {"accountId": "1"}, "it has no `payload`"),
    (ADDRESS, {"payload": {}}, "`payload` is empty"),
    (ADDRESS, {"payload": "x"}, "`payload` is not an object"),
    (ORDER, {"order": None}, "`order` is null"),
    (ATTRIBUTES, {}, "it has no `buyer`"),
    (ATTRIBUTES, {"buyer": None}, "`buyer` is null"),
    (ORDER, {"orderId": "1"}, "it has no `order`"),
    (ORDER, [], "it is an empty list"),
    (METRICS, {"payload": None}, "`payload` is null"),
    (METRICS, {"errors": []}, "it has no `payload`"),
    (SUPPLY_SOURCE, {}, "it is empty"),
    (UPDATE, {}, "it has no `errors`"),
    (UNKNOWN, {}, "it is empty"),
    (UNKNOWN, {"payload": None, "nextToken": "2"}, "`payload` is null"),
    (UNKNOWN, 5, "it is not an object"),
]


@pytest.mark.parametrize("status", [201, 202, 203, 205, 206, 226])
@pytest.mark.parametrize(
    ("name", "body"), [(SEARCH, {"orders": []}), (METRICS, {"payload": [{}]}), (UNKNOWN, [{}])]
)
def test_a_page_has_a_status_that_amazon_documents(name: str, body: Any, status: int) -> None:
    with pytest.raises(BrokenAnswerError, match=f"Amazon documents: its status is {status}"):
        page(name, body, status=status)


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(("name", "body", "reason"), BROKEN)
def test_what_has_no_records_is_broken(name: str, body: Any, reason: str, *, raw: bool) -> None:
    with pytest.raises(BrokenAnswerError, match=f"Amazon documents: {reason}"):
        page(name, body, raw=raw)


ODD_PAGING = [
    (SEARCH, {"pagination": {"nextToken": {"a": 1}}}, "`pagination.nextToken`.* is not text"),
    (SEARCH, {"pagination": {"nextToken": 5}}, "`pagination.nextToken`.* is not text"),
    (SEARCH, {"pagination": {"nextToken": True}}, "`pagination.nextToken`.* is not text"),
    (SEARCH, {"pagination": {"nextToken": False}}, "`pagination.nextToken`.* is not text"),
    (SEARCH, {"pagination": {"nextToken": []}}, "`pagination.nextToken`.* is not text"),
    (SEARCH, {"pagination": "2"}, "`pagination` is not an object"),
    (SEARCH, {"pagination": []}, "`pagination` is not an object"),
    (OFFERS, {"pagination": {"totalResults": "3"}}, "`pagination.totalResults` is not a number"),
    (OFFERS, {"pagination": {"totalResults": -1}}, "`pagination.totalResults` is not a number"),
    (OFFERS, {"pagination": {"totalResults": 1.5}}, "`pagination.totalResults` is not a number"),
    (OFFERS, {"pagination": {"totalResults": True}}, "`pagination.totalResults` is not a number"),
    (OFFERS, {"pagination": {"totalResults": 0}}, "1 records, but says that there are 0 in all"),
    (OFFERS, {"pagination": 3}, "`pagination` is not an object"),
]


@pytest.mark.parametrize(("name", "paging", "reason"), ODD_PAGING)
def test_what_leads_to_no_next_page_is_broken(
    name: str, paging: Mapping[str, Any], reason: str
) -> None:
    (step,) = operation_of(name).steps

    with pytest.raises(BrokenAnswerError, match=reason):
        page(name, {step.name: [{"a": 1}], **paging})


FAILED = {"code": "InternalFailure", "message": "Try later."}
ONLY_ERRORS = [
    (SEARCH, {}),
    (SEARCH, {"orders": []}),
    (SEARCH, {"orders": None}),
    (SEARCH, {"orders": "x"}),
    (ORDERS_V0, {}),
    (ORDERS_V0, {"payload": {"Orders": []}}),
    (TRANSACTIONS, {"payload": {}}),
    (EVENTS, {}),
    (EVENTS, {"payload": {"FinancialEvents": {}}}),
    (ADDRESS, {"payload": None}),
    (ADDRESS, {"payload": {}}),
    (SUPPLY_SOURCE, {}),
    (INVOICE_STATUS, {}),
    (FEES, {}),
    (UNKNOWN, {}),
]


@pytest.mark.parametrize(("name", "body"), ONLY_ERRORS)
def test_errors_in_the_place_of_records_are_the_failure(name: str, body: Any) -> None:
    with pytest.raises(BrokenAnswerError, match=r"^Try later\.$") as caught:
        page(name, body | {"errors": [FAILED]})

    assert (caught.value.code, caught.value.error_class) == ("InternalFailure", ServiceError)


def test_errors_that_another_try_would_bring_again_are_final() -> None:
    with pytest.raises(BrokenAnswerError) as caught:
        page(SEARCH, {"errors": [{"code": "Unauthorized"}]})

    assert caught.value.error_class is AccessDeniedError


@pytest.mark.parametrize(
    "errors", ["boom", {"code": 5}, [None], [[]], [5], [{"code": {}, "message": ["x"]}], 7, [{}]]
)
def test_errors_in_a_form_that_amazon_does_not_document_count(errors: Any) -> None:
    with pytest.raises(BrokenAnswerError, match="it has only `errors`") as caught:
        page(SEARCH, {"orders": [], "errors": errors})

    assert caught.value.code is None
    assert page(SEARCH, {"orders": [{}], "errors": errors}).errors == "no code"


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(
    ("name", "body"),
    [
        (SEARCH, {"orders": [{"orderId": "1"}]}),
        (ORDERS_V0, {"payload": {"Orders": [{"AmazonOrderId": "1"}]}}),
        (EVENTS, {"payload": {"FinancialEvents": {"ShipmentEventList": [{}]}}}),
        (ADDRESS, {"payload": {"AmazonOrderId": "1"}}),
        (SUPPLY_SOURCE, {"supplySourceId": "1"}),
        (UNKNOWN, {"items": [{}]}),
    ],
)
def test_errors_beside_records_are_told(name: str, body: Any, *, raw: bool) -> None:
    assert page(name, body, raw=raw).errors is None
    assert page(name, body | {"errors": [FAILED]}, raw=raw).errors == "InternalFailure: Try later."


def test_errors_that_are_data_are_not_told() -> None:
    assert page(INVOICE_STATUS, {"invoiceStatus": "Errored", "errors": [FAILED]}).errors is None
    assert page(UPDATE, {"errors": [FAILED]}).errors is None


def test_a_bare_list_of_records_counts_although_the_model_has_an_object() -> None:
    assert records_of(operation_of(SEARCH), page(SEARCH, [{"a": 1}])) == [{"a": 1}]
    assert records_of(operation_of(ORDER), page(ORDER, [{"a": 1}])) == [{"a": 1}]


# --- Every operation, odd answers ---------------------------------------------------------------

OPERATIONS = list(catalogue.operations())
ODD: tuple[Any, ...] = (None, {}, [], "", "x", 0, 5, -1.5, True, [None], [5], [[{}]], {"a": {}})


def plain_answer(operation: Operation) -> dict[str, Any]:
    """Return an answer with two records, or with one if the operation lists none."""
    name = min(operation.record_properties, default="id") if operation.steps else "id"
    answer: Any = [{"id": "1"}, {"id": "2"}] if operation.results is not None else {name: "1"}
    for step in reversed(operation.steps):
        answer = {step.name: answer}
    return answer if isinstance(answer, dict) else {"payload": answer}


def changed(answer: Any, path: Sequence[str], value: Any) -> Any:
    """Return an answer with another value at a path, or without one if it is `missing`."""
    if not path:
        return copy.deepcopy(value)
    name, *rest = path
    inner = answer if isinstance(answer, dict) else {}
    return {**inner, name: changed(inner.get(name), rest, value)}


def odd_answers(operation: Operation, chance: random.Random) -> Iterator[Any]:
    paging = operation.paging
    paths = {
        tuple(step.name for step in operation.steps),
        (paging and paging.next_token) or (),
        (paging and paging.total) or (),
        ("errors",),
    }
    places = sorted({path[:depth] for path in paths for depth in range(len(path) + 1)})
    for place in places:
        for value in ODD:
            yield changed(plain_answer(operation), place, value)
    for _ in range(10):
        answer: Any = plain_answer(operation)
        for place in chance.sample(places, min(3, len(places))):
            answer = changed(answer, place, chance.choice(ODD))
        yield answer


def test_no_odd_answer_of_any_operation_is_a_bug_or_silently_empty() -> None:
    chance = random.Random(13)  # noqa: S311 - no secret
    pages = broken = 0
    for operation in OPERATIONS:
        for body in odd_answers(operation, chance):
            try:
                answer = checked_page(operation, Answer(body, 200, None))
            except BrokenAnswerError:
                broken += 1
                continue
            pages += 1
            records = records_of(operation, answer)
            assert all(isinstance(record, dict) for record in records)
            if not records and not operation.results == operation.record is None:
                # The model allows it, and there is an envelope.
                assert not (isinstance(body, dict) and body.get("errors"))
                assert body or operation.results == ()

    assert broken > 5000
    assert pages > 5000


def test_paging_ends_whatever_comes() -> None:
    chance = random.Random(31)  # noqa: S311 - no secret
    ends = {"error": 0, "end": 0}
    for operation in OPERATIONS:
        if operation.paging is None:
            continue
        bodies = [*odd_answers(operation, chance), plain_answer(operation)]

        def send(page: Operation, _: Mapping[str, Any], bodies: list[Any] = bodies) -> Answer:
            answer = Answer(copy.deepcopy(chance.choice(bodies)), 200, None)
            with suppress(BrokenAnswerError):
                return checked_page(page, answer)
            raise ServiceError(page.id, status=200)

        for _ in range(20):
            try:
                for answer in page_answers(send, operation, {}):
                    records_of(operation, answer)
                ends["end"] += 1
            except SellingPartnerError:
                ends["error"] += 1

    assert min(ends.values()) > 100


def test_a_record_without_any_property_of_the_model_is_none() -> None:
    operation = catalogue.operation("messaging.GetAttributes")

    with pytest.raises(BrokenAnswerError, match="`buyer` has no property that the model knows"):
        checked_page(operation, Answer({"buyer": {"buyer": {"locale": "en-US"}}}, 200, None))
