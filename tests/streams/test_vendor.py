from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tap_amazon_sp.streams.vendor import PurchaseOrders
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "start_date": "2026-11-01",
}


@pytest.mark.parametrize(
    ("state", "bookmark"),
    [
        ("New", "2026-11-10T00:00:00Z"),
        ("Acknowledged", "2026-11-10T00:00:00Z"),
        ("Closed", "2026-11-21T11:58:00Z"),
    ],
)
def test_the_bookmark_waits_at_the_creation_of_an_order_that_is_not_closed(
    monkeypatch: pytest.MonkeyPatch, state: str, bookmark: str
) -> None:
    order = {
        "purchaseOrderNumber": "1",
        "purchaseOrderState": state,
        "orderDetails": {
            "purchaseOrderDate": "2026-11-10T00:00:00Z",
            "purchaseOrderStateChangedDate": "2026-11-12T00:00:00Z",
        },
    }

    def pages(_: str, parameters: Mapping[str, Any]) -> list[Any]:
        after = parameters.get("createdAfter")
        is_found = after and after.day <= 10 < parameters["createdBefore"].day
        return [{"payload": {"orders": [order] if is_found else []}}]

    stream = TapAmazonSP(config=SETTINGS, clock=FakeClock()).streams["purchase_orders"]
    assert isinstance(stream, PurchaseOrders)
    monkeypatch.setattr(stream.client, "answers", StubbedAmazon(pages).answers)

    found = [record for page in stream.reader.pages() for record in page]

    assert [record["purchaseOrderChangedDate"] for record in found] == ["2026-11-12T00:00:00Z"]
    assert stream.stream_state["replication_key_value"] == bookmark
