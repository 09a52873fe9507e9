from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.streams.invoices import BRAZIL, TaxInvoices, VendorInvoices
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.readers import window_reader

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
