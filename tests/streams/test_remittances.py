from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest

from tap_amazon_sp.reading.keys import NO_VALUE
from tap_amazon_sp.streams.remittances import RemittanceItems, Remittances
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
US = "ATVPDKIKX0DER"


def tap(clock: FakeClock) -> TapAmazonSP:
    config: dict[str, Any] = CREDENTIALS | {
        "marketplace_ids": ["US"],
        "start_date": "2020-01-01T00:00:00Z",
    }
    return TapAmazonSP(config=config, clock=clock)


def test_the_payments_of_a_year_are_read_in_requests_of_at_most_90_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = FakeClock()
    made = tap(clock)
    stream = made.streams["remittances"]
    assert isinstance(stream, Remittances)
    amazon = StubbedAmazon(lambda *_: [{"remittances": []}])
    monkeypatch.setattr(made.connections[0].client, "answers", amazon.answers)

    assert not list(stream.get_records(None))

    times = [(asked["startDate"], asked["endDate"]) for _, asked in amazon.asked]
    assert times[0][0] >= clock.now() - dt.timedelta(days=365)
    assert times[0][0] < clock.now() - dt.timedelta(days=364)
    assert all(end - start <= dt.timedelta(days=90) for start, end in times)
    assert all(one[1] == two[0] for one, two in pairwise(times))


def test_equal_lines_are_two_records_and_each_has_its_payment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    header = {"uniquePaymentId": "P-1", "paymentDate": "2026-11-01T00:00:00Z"}
    line = {"invoiceNumber": "I-1", "invoiceType": "Standard"}
    pages = [
        {"remittanceHeader": header, "remittanceItems": [line], "nextTokenForLineItems": "t"},
        {"remittanceItems": [line, {"description": "Correction"}]},
    ]
    made = tap(FakeClock())
    stream = made.streams["remittance_items"]
    assert isinstance(stream, RemittanceItems)
    amazon = StubbedAmazon(lambda *_: pages)
    monkeypatch.setattr(made.connections[0].client, "answers", amazon.answers)

    parent = {"marketplaceId": US, "uniquePaymentId": "P-1"}
    records = list(stream.child_reader.records_of(parent))

    assert [tuple(record[key] for key in stream.primary_keys) for record in records] == [
        (US, "P-1", "I-1", "Standard", NO_VALUE, 0),
        (US, "P-1", "I-1", "Standard", NO_VALUE, 1),
        (US, "P-1", NO_VALUE, NO_VALUE, "Correction", 0),
    ]
    assert {record["remittanceHeader"]["uniquePaymentId"] for record in records} == {"P-1"}
