from __future__ import annotations

import logging
from typing import Any

import pytest

from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
US = "ATVPDKIKX0DER"


def stream(name: str, **settings: Any) -> AmazonStream:
    config = CREDENTIALS | {"marketplace_ids": ["US", "CA"]} | settings
    found = TapAmazonSP(config=config, clock=FakeClock()).streams[name]
    assert isinstance(found, AmazonStream)
    return found


def offers_entry(status: int, **body: Any) -> dict[str, Any]:
    asked = {"MarketplaceId": US, "ItemCondition": "New", "Asin": "B01"}
    return {"status": {"statusCode": status}, "body": body, "request": asked}


def test_a_batch_holds_twenty_items_of_one_marketplace() -> None:
    asins = [f"B{number:02}" for number in range(21)]

    bodies = [
        parameters["requests"]
        for parameters in stream("item_offers", asins=asins).reader.requests()
    ]

    assert [len(entries) for entries in bodies] == [20, 1, 20, 1]
    assert [{entry["MarketplaceId"] for entry in entries} for entries in bodies] == [
        {US},
        {US},
        {"A2EUQ1WTGCTBG2"},
        {"A2EUQ1WTGCTBG2"},
    ]


def test_a_sku_is_encoded_within_a_batch() -> None:
    (parameters, _) = stream("listing_offers", skus=["A/B 1"]).reader.requests()

    (entry,) = parameters["requests"]
    assert entry["uri"] == "/products/pricing/v0/listings/A%2FB%201/offers"
    assert entry["method"] == "GET"


def test_an_item_is_requested_in_each_condition_of_its_offers(
    simulator: Simulator,
) -> None:
    settings = simulator.settings_for_tap() | {"seller_id": "A1SIMULATEDSELLER"}
    tap = TapAmazonSP(config=settings, clock=FakeClock())
    listed = [
        (item.marketplace_id, item.asin, item.condition)
        for marketplace_id in settings["marketplace_ids"]
        for item in tap.connections[0].own_items.in_marketplace(marketplace_id)
    ]

    asked = [
        (entry["MarketplaceId"], entry["uri"].split("/")[5], entry["ItemCondition"])
        for parameters in tap.streams["item_offers"].reader.requests()  # type: ignore[attr-defined]
        for entry in parameters["requests"]
    ]

    assert len({condition for _, _, condition in listed}) > 1
    assert sorted(asked) == sorted(set(listed))


def test_failed_requests_in_a_batch_are_logged_and_counted_and_give_no_records(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failed = offers_entry(400, errors=[{"code": "InvalidInput", "message": "unknown ASIN"}])
    answer = Answer(
        {"responses": [failed, offers_entry(200, payload={"Offers": []}), failed]}, 200, None
    )

    read = stream("item_offers")
    with caplog.at_level(logging.INFO):
        records = read.reader.extract(answer)
        read.omissions.log()

    assert records == [
        {"marketplaceId": US, "ASIN": "B01", "ItemCondition": "New", "Offers": []},
    ]
    messages = [record.getMessage() for record in caplog.records]
    refused = (
        "Amazon refused an item of 'item_offers' (ASIN B01, condition New, marketplace "
        f"{US}): HTTP 400, InvalidInput: unknown ASIN"
    )
    assert messages == [
        refused,
        refused,
        "Left out of 'item_offers': items that Amazon refused: 2 (HTTP 400, InvalidInput: 2)",
    ]


def test_only_the_first_ten_refusals_are_logged_one_by_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failed = offers_entry(400, errors=[{"code": "InvalidInput", "message": "unknown ASIN"}])
    read = stream("item_offers")

    read.reader.extract(Answer({"responses": [failed] * 15}, 200, None))

    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 10
    assert messages[-1].endswith("; further items are only counted")


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("item_offers", offers_entry(200)),
        ("listing_offers", {"status": {"statusCode": 200}}),
        ("competitive_summary", {"status": {"statusCode": 200}, "body": {}}),
        ("featured_offer_expected_price", {"status": {"statusCode": 200}, "request": {"sku": "S"}}),
    ],
)
def test_a_success_without_content_is_missing(name: str, entry: dict[str, Any]) -> None:
    read = stream(name)

    assert read.reader.extract(Answer({"responses": [entry]}, 200, None)) == []
    assert "an item" in str(read.shortfalls.failure())


def test_items_that_amazon_leaves_out_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    amazon = StubbedAmazon(lambda *_: [{"responses": [offers_entry(200, payload={"Offers": []})]}])
    offers = stream("item_offers", asins=["B01", "B02", "B03"])
    monkeypatch.setattr(offers.client, "answers", amazon.answers)
    request = next(iter(offers.reader.requests()))

    (page,) = offers.reader.pages_of(request)

    assert len(page.records) == 1
    assert "Amazon failed for 2 items, or left them out" in str(offers.shortfalls.failure())


def test_a_broken_entry_in_a_batch_is_missing_and_the_others_are_read() -> None:
    good = offers_entry(200, payload={"Offers": []})
    broken = good | {"body": {"payload": "none"}}
    read = stream("item_offers")

    records = read.reader.extract(Answer({"responses": [broken, good]}, 200, None))

    assert [record["ASIN"] for record in records] == ["B01"]
    assert "`payload` of an item is not an object" in str(read.shortfalls.failure())


def test_the_keys_of_an_offer_come_from_its_payload() -> None:
    payload = {"marketplaceId": US, "ASIN": "B09", "ItemCondition": "Used"}
    answer = Answer({"responses": [offers_entry(200, payload=payload)]}, 200, None)

    assert stream("item_offers").reader.extract(answer) == [payload]


def test_an_expected_price_has_the_keys_of_its_request() -> None:
    entry = {
        "status": {"statusCode": 200},
        "request": {"marketplaceId": US, "sku": "S1"},
        "body": {"offerIdentifier": {"asin": "B01"}},
    }

    (record,) = stream("featured_offer_expected_price").reader.extract(
        Answer({"responses": [entry]}, 200, None)
    )

    assert record == {"marketplaceId": US, "sku": "S1", "offerIdentifier": {"asin": "B01"}}


def test_items_without_a_price_of_their_own_give_no_records() -> None:
    payload = [
        {"status": "Success", "ASIN": "B01", "Product": {"Offers": []}},
        {"status": "ClientError", "ASIN": "B02"},
        {"status": "Success", "ASIN": "B03"},
    ]

    records = stream("competitive_pricing").reader.extract(Answer({"payload": payload}, 200, None))

    assert [record["ASIN"] for record in records] == ["B01"]


def test_items_for_which_amazon_failed_are_requested_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good, failed = offers_entry(200, payload={"Offers": []}), offers_entry(503)
    tries: list[int] = []

    def pages(*_: Any) -> list[Any]:
        tries.append(1)
        return [{"responses": [good, failed if len(tries) < 3 else good]}]

    offers = stream("item_offers")
    monkeypatch.setattr(offers.client, "answers", StubbedAmazon(pages).answers)

    with caplog.at_level(logging.WARNING):
        (page,) = offers.reader.pages_of({})

    assert len(tries) == 3
    assert len(page.records) == 2
    assert caplog.records == []


def test_items_for_which_amazon_keeps_failing_are_counted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    amazon = StubbedAmazon(lambda *_: [{"responses": [offers_entry(429), offers_entry(500)]}])
    offers = stream("item_offers")
    monkeypatch.setattr(offers.client, "answers", amazon.answers)

    with caplog.at_level(logging.WARNING):
        assert [page.records for page in offers.reader.pages_of({})] == [[]]

    assert "2 items of 'item_offers' are missing" in caplog.text
