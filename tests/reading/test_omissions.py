"""What is left out is counted and logged."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.reading.omissions import Omissions
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.readers import parent_reader
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
US, CANADA, MEXICO = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2", "A1AM78C64UM0Y8"


def stream_of(name: str, **settings: Any) -> AmazonStream:
    stream = TapAmazonSP(config=CREDENTIALS | settings, clock=FakeClock()).streams[name]
    assert isinstance(stream, AmazonStream)
    return stream


def logged(stream: AmazonStream, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.INFO):
        stream.omissions.log()
    return caplog.messages


def test_each_kind_has_a_line_with_its_largest_groups(caplog: pytest.LogCaptureFixture) -> None:
    omissions = Omissions(logging.getLogger("x"), "orders of shop")
    omissions.count("orders of the past", "CA")
    for _ in range(1200):
        omissions.count("orders of the past", "MX")
    omissions.count("things", number=0)
    omissions.count("records", number=3)
    omissions.name("places", ["a", "b"])
    omissions.name("places", ["a"])

    with caplog.at_level(logging.INFO):
        omissions.log()
        omissions.log()

    assert caplog.messages == [
        "Left out of 'orders of shop': orders of the past: 1,201 (MX: 1,200, CA)",
        "Left out of 'orders of shop': records: 3",
        "Left out of 'orders of shop': places: 2 (a, b)",
    ]


def test_transactions_of_other_marketplaces_are_counted_by_marketplace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream = stream_of("financial_transactions", marketplace_ids=["US"])
    transactions = [
        {"transactionId": str(number), "marketplaceDetails": {"marketplaceId": marketplace}}
        for number, marketplace in enumerate([US, CANADA, MEXICO, MEXICO, "NEW"])
    ]

    for _ in range(2):
        stream.reader.extract(Answer({"payload": {"transactions": transactions}}, 200, None))

    (line,) = logged(stream, caplog)
    assert line.startswith("Left out of 'financial_transactions': transactions of marketplaces")
    assert line.endswith(f": 8 ({MEXICO} (MX): 4, {CANADA} (CA): 2, NEW: 2)")


def test_a_stream_of_other_marketplaces_names_them(caplog: pytest.LogCaptureFixture) -> None:
    stream = stream_of("tax_invoices", marketplace_ids=["US"])

    assert not list(stream.reader.requests())

    (line,) = logged(stream, caplog)
    assert line.startswith("Left out of 'tax_invoices': the only marketplaces with such records")
    assert "(BR)" in line


def test_parents_without_the_value_for_a_request_are_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream = stream_of("messaging_actions")
    reader = parent_reader(stream)

    orders: list[dict[str, Any]] = [
        {"orderId": "1", "salesChannel": {}},
        {"orderId": "2", "salesChannel": {"marketplaceId": None}},
    ]
    reader.prefetch(orders)
    assert not [record for order in orders for record in reader.records_of(order)]

    (line,) = logged(stream, caplog)
    assert line.startswith("Left out of 'messaging_actions': requests for records of 'orders'")
    assert line.endswith("that have no `salesChannel.marketplaceId`: 2")


def test_listings_without_an_asin_are_counted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    listings = [
        {"sku": "1", "summaries": [{"marketplaceId": US, "asin": "B1"}]},
        {"sku": "2", "summaries": []},
    ]
    stream = stream_of("catalog_items", marketplace_ids=["US"], seller_id="A1")
    amazon = StubbedAmazon(lambda *_: [{"items": listings}])
    monkeypatch.setattr(stream.client, "answers", amazon.answers)

    (request,) = stream.reader.requests()

    assert request["identifiers"] == ["B1"]
    (line,) = logged(stream, caplog)
    assert line.startswith("Left out of 'catalog_items': listings without ASIN")
    assert line.endswith(f": 1 ({US} (US))")
