from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import PageTokenRejectedError
from tap_amazon_sp.reading.keys import NO_VALUE
from tap_amazon_sp.streams.inventory import FbaInventorySummaries
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US", "CA"],
}
US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"


class AmazonsStock:
    """Two pages of one SKU each; the token of the second may be refused."""

    def __init__(self, refusals: int = 0) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self.pages = 0
        self._refusals = refusals

    def answers(
        self, operation: Operation, parameters: Mapping[str, Any], **_: Any
    ) -> Iterator[Answer]:
        self.asked.append(parameters)
        for sku in ("A", "B"):
            if sku == "B" and self._refusals:
                self._refusals -= 1
                raise PageTokenRejectedError(operation.id, message="token expired")
            self.pages += 1
            yield Answer({"payload": {"inventorySummaries": [{"sellerSku": sku}]}}, 200, None)


def inventory(
    monkeypatch: pytest.MonkeyPatch,
    stock: AmazonsStock,
    *,
    bookmark: dt.datetime | None = None,
    incremental: bool = False,
    **settings: Any,
) -> FbaInventorySummaries:
    state = {}
    if bookmark is not None:
        by_stream = {"fba_inventory_summaries": {"replication_key_value": bookmark.isoformat()}}
        state = {"bookmarks": by_stream}
    tap = TapAmazonSP(config=SETTINGS | settings, state=state, clock=FakeClock())
    stream = tap.streams["fba_inventory_summaries"]
    assert isinstance(stream, FbaInventorySummaries)
    if incremental:
        stream.replication_key = "lastUpdatedTime"
    monkeypatch.setattr(stream.client, "answers", stock.answers)
    return stream


def read(stream: FbaInventorySummaries) -> list[dict[str, Any]]:
    return [record for page in stream.reader.pages() for record in page]


def test_each_marketplace_is_named_in_both_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = AmazonsStock()

    records = read(inventory(monkeypatch, stock))

    assert [(asked["marketplaceIds"], asked["granularityId"]) for asked in stock.asked] == [
        ([US], US),
        ([CA], CA),
    ]
    assert [(record["marketplaceId"], record["sellerSku"]) for record in records] == [
        (US, "A"),
        (US, "B"),
        (CA, "A"),
        (CA, "B"),
    ]
    assert {(record["fnSku"], record["condition"]) for record in records} == {(NO_VALUE, NO_VALUE)}


def test_the_first_run_reads_everything_for_any_start_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stock = AmazonsStock()

    read(inventory(monkeypatch, stock, start_date="2026-11-01"))

    assert {asked["startDateTime"] for asked in stock.asked} == {None}


def test_every_run_reads_everything_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = AmazonsStock()

    read(inventory(monkeypatch, stock, bookmark=FakeClock().now()))

    assert {asked["startDateTime"] for asked in stock.asked} == {None}


def test_later_runs_read_changes_if_the_catalog_is_incremental(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stock = AmazonsStock()
    bookmark = FakeClock().now() - dt.timedelta(days=3)

    read(inventory(monkeypatch, stock, bookmark=bookmark, lookback="P1D", incremental=True))

    assert {asked["startDateTime"] for asked in stock.asked} == {bookmark - dt.timedelta(days=1)}


def test_everything_is_read_if_amazon_does_not_know_the_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stock = AmazonsStock()

    long_ago = FakeClock().now() - dt.timedelta(days=600)

    read(inventory(monkeypatch, stock, bookmark=long_ago, incremental=True))

    assert {asked["startDateTime"] for asked in stock.asked} == {None}


def test_the_pages_of_a_marketplace_are_fetched_back_to_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stock = AmazonsStock()

    next(inventory(monkeypatch, stock).reader.pages())

    assert stock.pages == 2


def test_a_marketplace_is_read_again_after_a_refused_token(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = AmazonsStock(refusals=1)

    records = read(inventory(monkeypatch, stock))

    assert [record["sellerSku"] for record in records] == ["A", "A", "B", "A", "B"]
