from __future__ import annotations

import logging
from typing import Any

import pytest

from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.request import BODY
from tap_amazon_sp.reading.own_items import Item
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.streams.fees import FeeEstimates
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

SELLER = "A1SIMULATEDSELLER"


def fee_estimates(simulator: Simulator, **settings: Any) -> FeeEstimates:
    config = simulator.settings_for_tap() | {"seller_id": SELLER} | settings
    stream = TapAmazonSP(config=config, clock=FakeClock()).streams["fee_estimates"]
    assert isinstance(stream, FeeEstimates)
    return stream


def listings(stream: FeeEstimates) -> list[Item]:
    return [
        item
        for marketplace_id in stream.connection.participating_marketplaces
        for item in stream.connection.own_items.in_marketplace(marketplace_id)
    ]


def entries(stream: FeeEstimates) -> list[dict[str, Any]]:
    return [entry for parameters in stream.reader.requests() for entry in parameters[BODY]]


def test_the_fees_of_each_listing_are_requested_at_its_price(simulator: Simulator) -> None:
    stream = fee_estimates(simulator)
    prices = {
        (item.marketplace_id, item.sku): item.price for item in listings(stream) if item.price
    }

    asked = {}
    for entry in entries(stream):
        request = entry["FeesEstimateRequest"]
        amount = request["PriceToEstimateFees"]["ListingPrice"]["Amount"]
        asked[request["MarketplaceId"], entry["IdValue"]] = amount

    assert asked == prices
    identifiers = [entry["FeesEstimateRequest"]["Identifier"] for entry in entries(stream)]
    assert len(identifiers) == len(set(identifiers))


def test_skus_only_limit_the_listings(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    listed = next(item for item in listings(fee_estimates(simulator)) if item.price)
    stream = fee_estimates(simulator, skus=[listed.sku, "no listing"])

    with caplog.at_level(logging.INFO):
        (entry,) = entries(stream)

    assert entry["IdValue"] == listed.sku
    assert f"Without fees in {listed.marketplace_id}: 1 SKUs" in caplog.text


def test_skus_do_not_replace_the_seller_id(simulator: Simulator) -> None:
    assert fee_estimates(simulator, skus=["A"], seller_id=None).missing_settings() == ["seller_id"]
    assert fee_estimates(simulator).missing_settings() == []


def test_failed_estimates_give_no_records(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    fees = {"TotalFeesEstimate": {"CurrencyCode": "USD", "Amount": 1}}
    good = {
        "Status": "Success",
        "FeesEstimateIdentifier": {"IdValue": "A"},
        "FeesEstimate": fees,
    }
    empty = {"Status": "Success", "FeesEstimateIdentifier": {"IdValue": "C"}}
    bad = {"Status": "ClientError", "Error": {"Code": "InvalidParameterValue", "Message": "B"}}

    stream = fee_estimates(simulator)
    records = stream.reader.extract(Answer([good, bad, empty], 200, None))

    assert records == [good]
    assert "(without id): ClientError, InvalidParameterValue: B" in caplog.text
    assert "an item has no `FeesEstimate` (SKU C)" in str(stream.shortfalls.failure())
