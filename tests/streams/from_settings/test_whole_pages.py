"""Custom streams with `emit: page`."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer, records_of
from tap_amazon_sp.amazon.model_types import record_schema
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.streams.from_settings.whole_pages import page_record, page_schema
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.legal_answers import largest_answer
from tests.readers import window_reader
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
ITEMS = [{"id": 1}]
READS = [
    found
    for found in catalogue.operations()
    if found.reads_only and (found.results is not None or found.record is not None)
]


def stream_of(monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any], *pages: Any) -> AmazonStream:
    config: dict[str, Any] = CREDENTIALS | {"custom_streams": [{"emit": "page"} | entry]}
    tap = TapAmazonSP(config=config, clock=FakeClock())
    amazon = StubbedAmazon(lambda *_: list(pages))
    monkeypatch.setattr(tap.connections[0].client, "answers", amazon.answers)
    stream = tap.streams[entry["name"]]
    assert isinstance(stream, AmazonStream)
    return stream


def pages_of(stream: AmazonStream, **parameters: Any) -> list[dict[str, Any]]:
    return [record for page in stream.reader.pages_of(parameters) for record in page.records]


@pytest.mark.parametrize(
    ("body", "path", "page"),
    [
        ({"items": ITEMS, "header": {"a": 1}}, ("items",), {"header": {"a": 1}}),
        (
            {"payload": {"items": ITEMS, "total": 1}},
            ("payload", "items"),
            {"payload": {"total": 1}},
        ),
        ({"payload": {"items": ITEMS}, "errors": [{}]}, ("payload", "items"), {"errors": [{}]}),
        ({"items": ITEMS, "nextToken": "t"}, ("items",), {"nextToken": "t"}),
        (ITEMS, (), {}),
        ({"id": 1}, (), {}),
        ({"results": ITEMS, "total": 1}, ("results",), {"total": 1}),
    ],
)
def test_a_page_has_its_records_in_results_and_all_else_in_its_place(
    body: Any, path: tuple[str, ...], page: dict[str, Any]
) -> None:
    assert page_record(body, path, ITEMS) == {"results": ITEMS, **page}


def test_an_answer_with_results_of_another_kind_stays_as_it_is() -> None:
    body = {"results": {"items": ITEMS, "total": 1}}

    assert page_record(body, ("results", "items"), ITEMS) == body


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"items": []}, ("items",)),
        ({"items": [], "pagination": {"nextToken": "t"}}, ("items",)),
        ({"items": None, "errors": [], "pagination": {}}, ("items",)),
        ({"pagination": None}, None),
        ({}, ("items",)),
        ([], ()),
    ],
)
def test_an_answer_with_nothing_but_a_token_is_no_record(
    body: Any, path: tuple[str, ...] | None
) -> None:
    assert page_record(body, path, [], ("pagination", "nextToken")) is None


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.id)
def test_a_page_holds_the_whole_answer_of_every_operation(operation: Operation) -> None:
    body = largest_answer(operation)
    path = operation.results if operation.results is not None else operation.record or ()
    records = records_of(operation, Answer(body, 200, None))

    page = page_record(body, path, records)

    assert page is not None
    put_back = {name: value for name, value in page.items() if name != "results"}
    here = put_back
    for name in path[:-1]:
        here = here.setdefault(name, {})
    if path:
        is_list = operation.results is not None
        here[path[-1]] = page["results"] if is_list else page["results"][0]
        assert put_back == body
    else:
        assert page == {"results": body if isinstance(body, list) else [body]}
    schema = page_schema(record_schema(operation), operation, path)
    assert page.keys() <= schema["properties"].keys()
    Draft7Validator(schema).validate(page)


def test_a_page_without_records_is_written_for_what_lies_beside_them() -> None:
    assert page_record({"items": [], "header": {"a": 0}}, ("items",), []) == {
        "results": [],
        "header": {"a": 0},
    }
    assert page_record({"header": {"a": 0}}, None, []) == {"results": [], "header": {"a": 0}}


def test_the_schema_of_unknown_pages_has_what_the_entry_says() -> None:
    items = {"type": "object", "properties": {"id": {"type": "integer"}}}

    properties = page_schema(items, None, ())["properties"]

    assert properties.keys() == {"page_number", "results"}
    assert properties["results"]["items"]["properties"] == items["properties"]


def test_pages_are_numbered_and_have_the_parameters_of_their_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parameters = {"marketplaceId": "ATVPDKIKX0DER", "invoiceIdentifier": "I-1"}
    entry = {
        "name": "invoices",
        "operation": "financesInvoices_2026-06-25.getInvoice",
        "parent": {"stream": "vendor_invoices", "fields": {name: name for name in parameters}},
        "primary_keys": [*parameters, "page_number"],
    }
    header = {"invoiceIdentifier": "I-1", "issueDate": "2026-11-01T00:00:00Z"}
    first = {"invoiceHeader": header, "invoiceItems": [{"lineItemId": "1"}], "nextToken": "t"}
    second = {"invoiceHeader": header, "invoiceItems": []}
    stream = stream_of(monkeypatch, entry, first, second)

    one, two = pages_of(stream, **parameters)

    assert one["invoiceHeader"] == two["invoiceHeader"] == header
    assert [one["results"], two["results"]] == [[{"lineItemId": "1"}], []]
    assert [[page[name] for name in stream.primary_keys] for page in (one, two)] == [
        ["ATVPDKIKX0DER", "I-1", 1],
        ["ATVPDKIKX0DER", "I-1", 2],
    ]
    assert one.keys() - {"nextToken"} <= stream.schema["properties"].keys()
    assert "invoiceItems" not in stream.schema["properties"]


def test_a_bookmark_waits_for_unfinished_records_inside_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = {"name": "pages", "operation": "finances_2024-06-19.listTransactions"}
    deferred = {"transactionStatus": "DEFERRED", "postedDate": "2026-11-18T00:00:00Z"}
    stream = stream_of(monkeypatch, entry, {"payload": {"transactions": [deferred]}})
    bookmarks: list[str] = []
    reader = window_reader(stream)
    monkeypatch.setattr(
        reader.bookmark, "write", lambda instant, **_: bookmarks.append(instant.isoformat())
    )

    pages = [page for pages in reader.pages() for page in pages]

    assert pages[0]["results"] == [deferred]
    assert stream.replication_key == "_window_end"
    assert bookmarks[-1] == "2026-11-18T00:00:00+00:00"


def test_a_window_of_pages_is_read_from_its_first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"name": "pages", "operation": "ordersV0.getOrders"}

    assert not window_reader(stream_of(monkeypatch, entry)).read.pages_stand_alone


def test_properties_of_a_page_may_be_those_of_a_parent() -> None:
    pages = {"name": "pages", "operation": "orders_2026-01-01.searchOrders", "emit": "page"}
    child = {
        "name": "details",
        "operation": "orders_2026-01-01.getOrder",
        "parent": {"stream": "pages", "field": "results.orderId", "param": "orderId"},
    }

    tap = TapAmazonSP(config=CREDENTIALS | {"custom_streams": [pages, child]}, clock=FakeClock())

    details = tap.streams["details"]
    assert isinstance(details, AmazonStream)
    requests = details.child_reader.requests_for(  # type: ignore[attr-defined]
        {"results": [{"orderId": "1"}, {"orderId": "2"}]}
    )
    assert [request["orderId"] for request in requests] == ["1", "2"]
