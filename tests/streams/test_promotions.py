from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.keys import NO_VALUE
from tap_amazon_sp.streams.promotions import PromotionItems, Promotions
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.readers import window_reader
from tests.stubbed_amazon import StubbedAmazon
from tests.tap_runs import catalog_of

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
US = "ATVPDKIKX0DER"
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)
LIST = {"selectionId": "S-1", "revisionId": 3, "type": "ITEMS"}


def tap(*without: str) -> TapAmazonSP:
    """Return a tap with both streams selected, without properties given as `stream.property`."""
    config: dict[str, Any] = CREDENTIALS | {
        "marketplace_ids": ["US", "CA"],
        "start_date": "2024-11-21T00:00:00Z",
    }
    catalog = catalog_of("promotions", "promotion_items", settings=config, without=without)
    return TapAmazonSP(config=config, catalog=catalog, clock=FakeClock())


def test_each_marketplace_is_asked_for_edits_that_are_not_published_too() -> None:
    stream = tap().streams["promotions"]
    assert isinstance(stream, Promotions)

    window = Window(NOW - dt.timedelta(days=30), NOW)
    us, ca = window_reader(stream).window_requests(window)

    assert us["marketplaceIds"] == [US]
    assert ca["marketplaceIds"] != [US]
    assert us["revision"] == "ANY"
    assert us["includedData"] == ["ISSUES", "CUSTOMER_SEGMENTS"]
    # Amazon leaves out what was modified at the given moment itself.
    assert us["updateDateAfter"] < window.after


def test_two_years_take_few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """At Amazon's default rate, each takes ten seconds."""
    made = tap()
    amazon = StubbedAmazon(lambda *_: [{"promotions": [], "totalResults": 0}])
    monkeypatch.setattr(made.connections[0].client, "answers", amazon.answers)

    assert not list(made.streams["promotions"].get_records(None))

    # Two in each marketplace.
    assert len(amazon.asked) <= 4


@pytest.mark.parametrize(
    ("without", "asked"),
    [
        (["promotions.issues"], ["CUSTOMER_SEGMENTS"]),
        (["promotions.issues", "promotions.customerSegments"], None),
        # Issues of items and of promotions are different datasets.
        (["promotion_items.issues"], ["ISSUES", "CUSTOMER_SEGMENTS"]),
    ],
)
def test_a_dataset_is_asked_for_only_if_its_property_is_selected(
    without: list[str], asked: list[str] | None
) -> None:
    stream = tap(*without).streams["promotions"]
    assert isinstance(stream, Promotions)

    requests = list(stream.reader.requests())

    assert [request["includedData"] for request in requests] == [asked, asked]


def items(
    selection: dict[str, Any], pages: list[Any], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[dict[str, Any]], list[tuple[str, dict[str, Any]]]]:
    """Return the items of a promotion with a selection, and the requests for them."""
    made = tap()
    stream = made.streams["promotion_items"]
    assert isinstance(stream, PromotionItems)
    amazon = StubbedAmazon(lambda *_: pages)
    monkeypatch.setattr(made.connections[0].client, "answers", amazon.answers)
    parent = {"marketplaceId": US, "promotionId": "P-1", "selection": selection}
    return list(stream.child_reader.records_of(parent)), amazon.asked


def page(*found: dict[str, Any], **details: Any) -> dict[str, Any]:
    return {"selection": LIST | {"selectionDetails": {"items": list(found)} | details}}


def test_the_revision_of_the_list_is_asked_for_and_issues_are_on_items_of_all_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    issue = {"code": "LOW", "message": "", "severity": "ERROR", "identifier": {"asin": "B2"}}
    pages = [page({"asin": "B1", "sku": "A"}, issues=[issue]), page({"asin": "B2"})]

    found, asked = items(LIST, pages, monkeypatch)

    ((_, parameters),) = asked
    assert (parameters["selectionId"], parameters["revisionId"]) == ("S-1", 3)
    assert parameters["includedData"] == ["ISSUES"]
    assert [(one["asin"], one["sku"], one["occurrence"]) for one in found] == [
        ("B1", "A", 0),
        ("B2", NO_VALUE, 0),
    ]
    assert [one["issues"] for one in found] == [[issue], [issue]]


def test_equal_items_are_two_records(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = items(LIST, [page({"asin": "B1"}), page({"asin": "B1"})], monkeypatch)

    assert [one["occurrence"] for one in found] == [0, 1]


def test_a_promotion_for_the_whole_catalog_takes_no_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert items({"type": "CATALOG"}, [], monkeypatch) == ([], [])
