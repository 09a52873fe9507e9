from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tap_amazon_sp.api.catalogue import Operation
from tap_amazon_sp.api.client import Answer
from tap_amazon_sp.api.errors import PageTokenRejectedError
from tap_amazon_sp.streams.outbound import FulfillmentOrders
from tap_amazon_sp.tap import TapAmazonSP
from tap_amazon_sp.timestamps import FIRST_RECORDS
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


class OpenEndedList:
    """A list of one order that is filtered by a beginning only; it refuses some page tokens."""

    def __init__(self, refusals: int = 0) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self._refusals = refusals

    def answers(
        self, operation: Operation, parameters: Mapping[str, Any], **_: Any
    ) -> Iterator[Answer]:
        self.asked.append(parameters)
        order = {"sellerFulfillmentOrderId": "1", "statusUpdatedDate": "2026-11-01T00:00:00Z"}
        yield Answer({"payload": {"fulfillmentOrders": [order]}}, 200, None)
        if self._refusals:
            self._refusals -= 1
            raise PageTokenRejectedError(operation.id, message="token expired")


def orders(monkeypatch: pytest.MonkeyPatch, amazon: OpenEndedList) -> FulfillmentOrders:
    stream = TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams["fulfillment_orders"]
    assert isinstance(stream, FulfillmentOrders)
    monkeypatch.setattr(stream.client, "answers", amazon.answers)
    return stream


def test_a_filter_without_an_end_is_asked_once_for_all_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = OpenEndedList()
    stream = orders(monkeypatch, amazon)

    assert len(list(stream.pages())) == 1

    assert amazon.asked == [{"queryStartDate": FIRST_RECORDS}]
    # Sixty days behind now: returns come that late.
    assert stream.stream_state["replication_key_value"] == "2026-09-22T12:00:00Z"


def test_a_refused_token_does_not_shorten_what_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    amazon = OpenEndedList(refusals=2)

    list(orders(monkeypatch, amazon).pages())

    assert [asked["queryStartDate"] for asked in amazon.asked] == [FIRST_RECORDS] * 3


def test_tokens_refused_again_and_again_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    amazon = OpenEndedList(refusals=9)

    with pytest.raises(PageTokenRejectedError):
        list(orders(monkeypatch, amazon).pages())

    assert len(amazon.asked) == 4
