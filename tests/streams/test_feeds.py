from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.streams.feeds import FeedProcessingReports
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock


@pytest.fixture
def reports(simulator: Simulator) -> FeedProcessingReports:
    tap = TapAmazonSP(config=simulator.settings_for_tap(), clock=FakeClock())
    stream = tap.streams["feed_processing_reports"]
    assert isinstance(stream, FeedProcessingReports)
    return stream


def finished_feed(simulator: Simulator) -> dict[str, Any]:
    return next(
        feed
        for feed in simulator.truth("feeds")
        if feed["processingStatus"] == "DONE" and feed.get("resultFeedDocumentId")
    )


def test_a_finished_feed_has_its_result_document_as_text(
    reports: FeedProcessingReports, simulator: Simulator
) -> None:
    feed = finished_feed(simulator)

    (record,) = reports.child_reader.records_of(feed)

    assert record["feedId"] == feed["feedId"]
    assert record["content"].strip()
    assert "url" not in record
    assert "url" not in reports.schema["properties"]


@pytest.mark.parametrize(
    "feed",
    [
        {"feedId": "1", "processingStatus": "IN_PROGRESS", "resultFeedDocumentId": "early"},
        {"feedId": "2", "processingStatus": "CANCELLED"},
    ],
)
def test_a_feed_without_a_result_takes_no_request(
    reports: FeedProcessingReports, simulator: Simulator, feed: dict[str, Any]
) -> None:
    assert list(reports.child_reader.records_of(feed)) == []
    assert simulator.requests == []


def test_a_result_that_amazon_no_longer_keeps_gives_no_record(
    reports: FeedProcessingReports, simulator: Simulator
) -> None:
    feed = finished_feed(simulator)
    simulator.inject(operation=reports.operation_id, kind="status", status=404, count=1)

    assert list(reports.child_reader.records_of(feed)) == []
