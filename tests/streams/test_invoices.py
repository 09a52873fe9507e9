from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.streams.invoices import BRAZIL, TaxInvoices, VendorInvoiceItems, VendorInvoices
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.readers import window_reader
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)
DAY = dt.timedelta(days=1)


def tap(*marketplaces: str) -> TapAmazonSP:
    config: dict[str, Any] = CREDENTIALS | {"marketplace_ids": list(marketplaces)}
    return TapAmazonSP(config=config, clock=FakeClock())


def test_issue_dates_of_two_years_are_covered_by_ranges_of_90_days() -> None:
    stream = tap("US").streams["vendor_invoices"]
    assert isinstance(stream, VendorInvoices)

    requests = list(window_reader(stream).window_requests(Window(NOW - DAY, NOW)))

    assert requests[0]["fromIssueDate"] == NOW - 731 * DAY
    assert requests[-1]["toIssueDate"] == NOW
    assert all(
        request["toIssueDate"] - request["fromIssueDate"] <= 90 * DAY for request in requests
    )
    assert all(one["toIssueDate"] > two["fromIssueDate"] for one, two in pairwise(requests))
    assert len({request["invoicesModifiedAfter"] for request in requests}) == 1


def test_tax_invoices_are_requested_in_brazil_only() -> None:
    stream = tap("US", "BR").streams["tax_invoices"]
    assert isinstance(stream, TaxInvoices)

    assert [request["marketplaceId"] for request in stream.reader.requests()] == list(BRAZIL)


def test_without_brazil_there_are_no_tax_invoices() -> None:
    assert not list(tap("US").streams["tax_invoices"].reader.requests())  # type: ignore[attr-defined]


def test_the_header_of_an_invoice_is_on_each_of_its_items(monkeypatch: pytest.MonkeyPatch) -> None:
    header = {"invoiceIdentifier": "I-1", "issueDate": "2026-11-01T01:00:00+01:00"}
    pages = [
        {"invoiceHeader": header, "invoiceItems": [{"lineItemId": "1"}], "nextToken": "t"},
        {"invoiceItems": [{"lineItemId": "2"}]},
    ]
    made = tap("US")
    stream = made.streams["vendor_invoice_items"]
    assert isinstance(stream, VendorInvoiceItems)
    amazon = StubbedAmazon(lambda *_: pages)
    monkeypatch.setattr(made.connections[0].client, "answers", amazon.answers)

    parent = {"marketplaceId": "ATVPDKIKX0DER", "invoiceIdentifier": "I-1"}
    records = list(stream.child_reader.records_of(parent))

    assert [record["lineItemId"] for record in records] == ["1", "2"]
    assert {record["invoiceHeader"]["issueDate"] for record in records} == {"2026-11-01T00:00:00Z"}
