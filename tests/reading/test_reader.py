from __future__ import annotations

import logging

import pytest

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


def test_what_amazon_warns_of_beside_the_records_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    warnings = [{"code": "OLD", "message": "Soon gone", "details": None}, {"x": 1}, "text", None]
    record = {"contentReferenceKey": "1", "contentMetadata": {"marketplaceId": "ATVPDKIKX0DER"}}
    page = {"warnings": warnings, "contentMetadataRecords": [record]}
    stream = TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams["aplus_content_documents"]
    assert isinstance(stream, AmazonStream)
    monkeypatch.setattr(stream.client, "answers", StubbedAmazon(lambda *_: [page, page]).answers)
    caplog.set_level(logging.WARNING)

    pages = list(stream.reader.pages_of({"marketplaceId": "ATVPDKIKX0DER"}))

    assert [len(found.records) for found in pages] == [1, 1]
    assert caplog.messages == ["Amazon warns about 'aplus_content_documents': OLD: Soon gone"]
