from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import InvalidRequestError
from tap_amazon_sp.reading.window_reader import WindowReader
from tap_amazon_sp.streams.inbound import InboundPlanDetails, InboundPlanItems, InboundShipmentsV0
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US", "CA"],
}


def plan_details(monkeypatch: pytest.MonkeyPatch, refusal: str) -> InboundPlanDetails:
    stream = TapAmazonSP(config=SETTINGS, clock=FakeClock()).streams["inbound_plan_details"]
    assert isinstance(stream, InboundPlanDetails)

    def refuse(operation: Operation, *_: Any, **__: Any) -> Iterator[Answer]:
        raise InvalidRequestError(operation.id, status=400, code="BadRequest", message=refusal)

    monkeypatch.setattr(stream.client, "answers", refuse)
    return stream


def test_a_plan_that_amazon_refuses_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = "ERROR: Operation GetInboundPlan is not supported for … inbound plans."
    stream = plan_details(monkeypatch, refusal)

    with caplog.at_level(logging.WARNING):
        assert list(stream.child_reader.records_of({"inboundPlanId": "wf1"})) == []

    assert refusal in caplog.text


def test_other_refusals_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = plan_details(monkeypatch, "pageSize is too large")

    with pytest.raises(InvalidRequestError):
        list(stream.child_reader.records_of({"inboundPlanId": "wf1"}))


def test_a_shipment_found_in_several_marketplaces_comes_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = SETTINGS | {"start_date": "2026-11-21T00:00:00Z"}
    stream = TapAmazonSP(config=settings, clock=FakeClock()).streams["inbound_shipments_v0"]
    assert isinstance(stream, InboundShipmentsV0)
    asked = []

    def answers(_: Operation, parameters: Mapping[str, Any], **__: Any) -> Iterator[Answer]:
        asked.append(parameters["MarketplaceId"])
        yield Answer({"payload": {"ShipmentData": [{"ShipmentId": "FBA1"}]}}, 200, None)

    monkeypatch.setattr(stream.client, "answers", answers)

    records = [record for page in stream.reader.pages() for record in page]

    assert asked == ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"]
    assert records == [{"ShipmentId": "FBA1", "_window_end": "2026-11-21T11:58:00Z"}]


def test_plans_are_listed_before_the_requests_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    tap = TapAmazonSP(config=SETTINGS, clock=FakeClock())
    stream = tap.streams["inbound_plans"]
    pages = []

    def answers(*_: Any, **__: Any) -> Iterator[Answer]:
        for day in (2, 1):
            pages.append(day)
            plan = {"inboundPlanId": f"wf{day}", "lastUpdatedAt": f"2026-11-0{day}T00:00:00Z"}
            yield Answer({"inboundPlans": [plan]}, 200, None)

    monkeypatch.setattr(tap.connections[0].client, "answers", answers)
    monkeypatch.setattr(stream, "selected_children", [tap.streams["inbound_plan_items"]])

    next(iter(stream.reader.pages()))  # type: ignore[attr-defined]

    assert pages == [2, 1]


def test_equal_items_of_a_plan_have_different_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    item = {"msku": "S1", "fnsku": "X1", "labelOwner": "SELLER", "quantity": 5}
    other = item | {"msku": "S2"}
    amazon = StubbedAmazon(
        lambda *_: [{"items": [dict(item), dict(other)]}, {"items": [dict(item)]}]
    )
    stream = TapAmazonSP(config=SETTINGS, clock=FakeClock()).streams["inbound_plan_items"]
    assert isinstance(stream, InboundPlanItems)
    monkeypatch.setattr(stream.client, "answers", amazon.answers)

    records = list(stream.child_reader.records_of({"inboundPlanId": "p"}))

    assert [(record["msku"], record["occurrence"]) for record in records] == [
        ("S1", 0),
        ("S2", 0),
        ("S1", 1),
    ]


def test_records_are_compared_even_if_their_key_is_odd() -> None:
    stream = TapAmazonSP(config=SETTINGS, clock=FakeClock()).streams["inbound_shipments_v0"]
    assert isinstance(stream, InboundShipmentsV0)
    assert isinstance(stream.reader, WindowReader)
    records = [{"ShipmentId": key} for key in (["a"], {"b": 1}, ["a"], "a")]

    assert stream.reader._not_seen(records) == [records[0], records[1], records[3]]
