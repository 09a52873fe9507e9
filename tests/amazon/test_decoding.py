from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.decoding import Answer, answer_of, records_of
from tap_amazon_sp.amazon.errors import ServiceError

SEARCH = catalogue.operation("orders_2026-01-01.searchOrders")
GET_ORDERS = catalogue.operation("ordersV0.getOrders")
GET_ORDER = catalogue.operation("orders_2026-01-01.getOrder")


def answer(content: bytes, operation: catalogue.Operation = SEARCH, **options: Any) -> Answer:
    return answer_of(operation, content, status=200, request_id="1-2", **options)


def raw_answer(content: bytes, operation: catalogue.Operation = SEARCH) -> Answer:
    return answer(content, operation, raw_records=True)


def test_the_content_is_kept_as_it_came() -> None:
    content = b' {"orders": [ {"a": 1.50} ]}\n'

    assert answer(content).content == raw_answer(content).content == content


def test_numbers_keep_every_digit() -> None:
    (order,) = answer(b'{"orders": [{"amount": 1234567890123456.78}]}').body["orders"]

    assert order == {"amount": Decimal("1234567890123456.78")}


def test_what_targets_cannot_store_is_removed_from_texts() -> None:
    content = rb'{"orders": [{"a\u0000": "x\u0000y", "b": "\ud83d", "c": "\ud83d\ude00"}]}'

    (order,) = answer(content).body["orders"]

    assert order == {"a": "xy", "b": "?", "c": "\U0001f600"}


def test_raw_records_are_what_amazon_wrote() -> None:
    content = '{"orders": [ {"a":1.50, "b":"ü" } ,{"a" : [{}]}], "pagination": {"nextToken": "2"}}'

    page = raw_answer(content.encode())
    records = page.raw_records

    assert page.has_raw_records
    assert records is not None
    assert [bytes(record).decode() for record in records] == [
        '{"a":1.50, "b":"ü" }',
        '{"a" : [{}]}',
    ]
    assert page.envelope["pagination"] == {"nextToken": "2"}


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
def test_raw_records_are_on_one_line(line_break: str) -> None:
    lines = ['{"orders": [', '  {"a": 1.50e-07,', '   "b":', '"\\u00fc\\n ü  x", "c": [ ] }', "]}"]
    page = raw_answer(line_break.join(lines).encode())

    records = page.raw_records or []

    assert [bytes(record).decode() for record in records] == [
        '{"a":1.50e-07,"b":"\\u00fc\\n ü  x","c":[]}'
    ]


@pytest.mark.parametrize("first", ["", "x"])
def test_characters_of_several_bytes_do_not_keep_records_from_being_raw(first: str) -> None:
    content = json.dumps(
        {"orders": [{"a": first + "ü\u20ac\U0001f600" * 50_000}]}, ensure_ascii=False
    )

    page = raw_answer(content.encode())

    assert page.has_raw_records
    assert page.body == json.loads(content)


def test_raw_records_are_found_inside_objects() -> None:
    content = b'{"payload": {"NextToken": "2", "Orders": [{"AmazonOrderId": "1"}], "n": 1.5}}'

    page = raw_answer(content, GET_ORDERS)
    records = page.raw_records

    assert records is not None
    assert [bytes(record) for record in records] == [b'{"AmazonOrderId": "1"}']
    assert page.envelope["payload"]["NextToken"] == "2"
    assert page.envelope["payload"]["n"] == Decimal("1.5")


def test_a_page_with_raw_records_can_still_be_decoded() -> None:
    content = b'{"orders": [{"a": 1.50}], "pagination": {}}'

    page = replace(raw_answer(content), next_token="2")

    assert (
        page.body == answer(content).body == {"orders": [{"a": Decimal("1.50")}], "pagination": {}}
    )
    assert records_of(SEARCH, page) == [{"a": Decimal("1.50")}]
    assert page.body is page.body


@pytest.mark.parametrize(
    "content",
    [b'{"pagination": {}}', b'{"orders": null}', b'{"orders": [], "errors": null}', b"{}"],
)
def test_a_missing_or_null_list_has_no_raw_records(content: bytes) -> None:
    assert raw_answer(content).raw_records == []


@pytest.mark.parametrize(
    "content",
    [
        rb'{"orders": [{"a": "x\u0000y"}]}',
        rb'{"orders": [{"a": "\ud83d"}]}',
        b'{"orders": [{"a": NaN}]}',
        b'{"orders": [{"a": "\xed\xa0\xbd"}]}',
        b'\xef\xbb\xbf{"orders": [{"a": 1}]}',
        b'[{"a": 1}]',
    ],
)
def test_what_has_to_be_changed_before_it_is_stored_is_decoded_at_once(content: bytes) -> None:
    page = raw_answer(content)

    assert not page.has_raw_records
    assert page.raw_records is None
    assert json.dumps(records_of(SEARCH, page)) == json.dumps(records_of(SEARCH, answer(content)))


@pytest.mark.parametrize(
    "broken",
    [
        b'{"orders": [{"a": 1}',
        b'{"orders": [{"a": 1}]}}',
        b'{"orders": [{"a": "x\ty"}]}',
        b'{"orders": [{"a": "\xff"}]}',
        b'{"orders": [{"a\xff": 1}]}',
        b'{"orders": [{"a": "%s\xc3"}]}' % (b"x" * 100_000),
        b'{"orders": [{"a": 1}]} \xc3',
        b'{"orders": [{"a": 01}]}',
        b'{"orders": [{"a": [1 2]}]}',
        b'{"orders": [{"a": "\\x"}]}',
    ],
)
def test_json_that_is_broken_inside_a_record_is_refused_before_it_is_split(broken: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        raw_answer(broken)


@pytest.mark.parametrize(
    "content", [b'{"orders": {}}', b'{"orders": "x"}', b'{"orders": [1]}', b'{"orders": [{}, []]}']
)
def test_records_that_are_not_a_list_of_objects_are_an_error(content: bytes) -> None:
    with pytest.raises(ServiceError, match=r"no list of objects at 'orders' \(request id 1-2\)"):
        records_of(SEARCH, answer(content))
    assert raw_answer(content).raw_records is None


def test_an_operation_that_lists_nothing_is_decoded_at_once() -> None:
    page = raw_answer(b'{"order": {"orderId": "1"}}', GET_ORDER)

    assert page.raw_records is None
    assert records_of(GET_ORDER, page) == [{"orderId": "1"}]
