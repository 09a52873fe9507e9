from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.amazon.errors import TooManyResultsError
from tap_amazon_sp.reading.per_item import ItemRequests, Items, PerId, PerItem
from tap_amazon_sp.reading.snapshot import SnapshotReader
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

SETTINGS: dict[str, Any] = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US", "CA"],
    "seller_id": "A1",
}
US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"


def items_stream(
    name: str,
    monkeypatch: pytest.MonkeyPatch | None = None,
    amazon: StubbedAmazon | None = None,
    **settings: Any,
) -> AmazonStream:
    stream = TapAmazonSP(config=SETTINGS | settings, clock=FakeClock()).streams[name]
    assert isinstance(stream, AmazonStream)
    assert isinstance(stream.read, PerItem)
    if monkeypatch is not None and amazon is not None:
        monkeypatch.setattr(stream.client, "answers", amazon.answers)
    return stream


def items_of(stream: AmazonStream) -> Items:
    assert isinstance(stream.reader, SnapshotReader)
    assert isinstance(stream.reader.source, ItemRequests)
    return stream.reader.source.items


def listing(sku: str, asin: str, marketplace_id: str) -> dict[str, Any]:
    return {
        "sku": sku,
        "summaries": [{"marketplaceId": marketplace_id, "asin": asin}],
        "offers": [
            {
                "marketplaceId": marketplace_id,
                "offerType": "B2C",
                "price": {"currencyCode": "USD", "amount": "9.99"},
            }
        ],
    }


def test_a_request_takes_as_many_ids_as_the_operation_allows() -> None:
    stream = items_stream("catalog_items", asins=[f"B{number}" for number in range(25)])

    requests = list(stream.reader.requests())

    assert [len(request["identifiers"]) for request in requests] == [20, 5, 20, 5]
    assert [request["marketplaceIds"] for request in requests] == [[US], [US], [CA], [CA]]


def test_a_streams_own_ids_override_those_of_all_streams(tmp_path: Path) -> None:
    (tmp_path / "asins.txt").write_text("B7\nB8\n", encoding="utf-8")
    ids = {"catalog_items": {"file": str(tmp_path / "asins.txt")}}

    requests = list(items_stream("catalog_items", asins=["B1"], stream_ids=ids).reader.requests())

    assert requests[0]["identifiers"] == ["B7", "B8"]


def test_without_ids_each_of_the_sellers_listings_is_requested_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pages(_: str, parameters: Mapping[str, Any]) -> list[Any]:
        (marketplace_id,) = parameters["marketplaceIds"]
        found = [listing("S1", "B1", marketplace_id), listing("S2", "B1", marketplace_id)]
        return [{"numberOfResults": 2, "items": found}]

    amazon = StubbedAmazon(pages)
    stream = items_stream("catalog_items", monkeypatch, amazon)

    assert [request["identifiers"] for request in stream.reader.requests()] == [["B1"], ["B1"]]
    # Another stream of the run does not search again.
    other = stream._tap.streams["prices"]
    assert isinstance(other, AmazonStream)
    assert [request["Skus"] for request in other.reader.requests()] == [["S1", "S2"], ["S1", "S2"]]
    assert [name for name, _ in amazon.asked] == ["searchListingsItems"] * 2


def test_a_search_with_too_many_results_is_split(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half = dt.timedelta(days=365 * 14)

    def pages(_: str, parameters: Mapping[str, Any]) -> list[Any]:
        after, before = parameters["createdAfter"], parameters["createdBefore"]
        if before - after > half:
            return [{"numberOfResults": 1001, "items": [listing("cut", "cut", US)]}]
        sku = f"from {after.year}"
        return [{"numberOfResults": 1, "items": [listing(sku, "B1", US)]}]

    stream = items_stream("prices", monkeypatch, StubbedAmazon(pages), marketplace_ids=["US"])

    assert {item.sku for item in items_of(stream).in_marketplace(US)} == {"from 2000", "from 2013"}


def test_a_search_that_cannot_be_split_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = StubbedAmazon(lambda *_: [{"numberOfResults": 1001, "items": []}])

    with pytest.raises(TooManyResultsError, match="1001 listings of one second"):
        items_of(items_stream("prices", monkeypatch, amazon)).in_marketplace(US)


def test_missing_settings_are_named() -> None:
    without_seller = items_stream("catalog_items", seller_id=None)
    assert without_seller.missing_settings() == ["seller_id"]
    assert items_stream("catalog_items", seller_id=None, asins=["B1"]).missing_settings() == []

    tracking = TapAmazonSP(config=SETTINGS, clock=FakeClock()).streams["shipment_tracking"]
    assert isinstance(tracking, AmazonStream)
    assert isinstance(tracking.read, PerId)
    assert tracking.missing_settings() == ["stream_ids: shipment_tracking"]
