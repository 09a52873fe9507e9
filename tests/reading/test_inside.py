from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
ITEM = {"orderItemId": "1"}


@pytest.mark.parametrize(
    ("items", "ids", "is_missing"),
    [
        (None, [], True),
        ([], [], False),
        ([ITEM, None], ["1"], True),
        ([ITEM | {"quantityOrdered": "many"}], ["1"], False),
        (["x", ITEM, 5], ["1"], True),
        ("x", [], True),
        ([[ITEM]], [], True),
    ],
)
def test_what_is_no_object_in_the_place_of_records_is_missing(
    monkeypatch: pytest.MonkeyPatch, items: Any, ids: list[str], *, is_missing: bool
) -> None:
    streams = TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams
    parent, child = streams["orders"], streams["order_items"]
    assert isinstance(parent, AmazonStream)
    assert isinstance(child, AmazonStream)
    order = {"orderId": "903-1", "lastUpdatedTime": "2026-11-01T00:00:00Z", "orderItems": items}
    amazon = StubbedAmazon(lambda *_: [{"orders": [order]}])
    monkeypatch.setattr(parent.client, "answers", amazon.answers)

    ((record,),) = (page.records for page in parent.reader.pages_of({}))
    found = [item["orderItemId"] for item in child.child_reader.records_of(record)]

    assert found == ids
    failure = child.shortfalls.failure()
    assert (failure is not None) == is_missing
    if failure is not None:
        assert "`orderItems` has no objects, in the record {'orderId': '903-1'}" in str(failure)
