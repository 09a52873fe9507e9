from __future__ import annotations

import logging

import pytest

from tap_amazon_sp.amazon.metrics import Metrics
from tap_amazon_sp.amazon.throttle import Throttle
from tap_amazon_sp.reading.costs import log_costs
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

LOGGER = logging.getLogger("costs")


def test_an_operation_that_was_never_called_has_no_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    credentials = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
    tap = TapAmazonSP(config=credentials)
    (connection,) = tap.connections
    metrics = Metrics()
    # What a request leaves that ends before it is sent, for want of an access token.
    metrics.count_wait("feeds_2021-06-30.getFeeds", 0.0)
    metrics.count_call("ordersV0.getOrders")
    monkeypatch.setattr(connection.client, "metrics", metrics)

    log_costs(tap.connections, Throttle(FakeClock()), 1.0, LOGGER)

    lines = [record.getMessage() for record in caplog.records if record.name == LOGGER.name]
    assert [line.partition(":")[0] for line in lines] == ["ordersV0.getOrders"]
