from __future__ import annotations

import functools
from typing import Any

import pytest

from tap_amazon_sp.amazon.errors import RecordWithoutKeyError
from tap_amazon_sp.reading.keys import NO_VALUE, RecordKeys, is_text_key, number_key
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
STREAMS = [(version, one.name) for version in ORDERS_APIS for one in built_in_streams(version)]
TIME = "2026-11-20T00:00:00Z"
EMPTY = (None, "", " ", "\t\u00a0")


@functools.cache
def tap_of(version: str) -> TapAmazonSP:
    config = CREDENTIALS | {"orders_api": version}
    return TapAmazonSP(config=config, catalog={"streams": []}, clock=FakeClock())


def stream_of(version: str, name: str) -> AmazonStream:
    stream = tap_of(version).streams[name]
    assert isinstance(stream, AmazonStream)
    return stream


def whole_key(stream: AmazonStream) -> dict[str, Any]:
    properties = stream.schema["properties"]
    return {
        name: 1 if "integer" in properties[name]["type"] else TIME
        for name in stream.own_primary_keys
    }


@pytest.mark.parametrize(("version", "name"), STREAMS)
def test_each_part_of_a_key_has_a_value_or_the_record_is_told(version: str, name: str) -> None:
    stream = stream_of(version, name)
    keys = RecordKeys(stream)
    optional = {*stream.optional_keys, *stream.numbered_by}

    for part in stream.own_primary_keys:
        for empty in EMPTY:
            record = whole_key(stream) | {part: empty}
            if part in optional and len(optional) < len(stream.own_primary_keys):
                keys.complete(record)
                assert record == whole_key(stream) | {part: NO_VALUE}
            elif part not in optional:
                with pytest.raises(RecordWithoutKeyError, match=f"without '{part}'"):
                    keys.complete(record)


@pytest.mark.parametrize("name", ["expected_payouts", "vendor_transport_labels"])
def test_not_all_parts_of_a_key_may_be_missing(name: str) -> None:
    stream = stream_of(ORDERS_APIS[0], name)
    first, *others = stream.own_primary_keys

    with pytest.raises(RecordWithoutKeyError):
        RecordKeys(stream).complete({})

    record = {first: "1"}
    RecordKeys(stream).complete(record)
    assert record == {first: "1", **dict.fromkeys(others, NO_VALUE)}


@pytest.mark.parametrize(("value", "written"), [(5, "5"), (1.5, "1.5"), (" a ", " a ")])
def test_a_number_in_a_key_of_text_becomes_text(value: Any, written: str) -> None:
    record = {"orderId": value}

    RecordKeys(stream_of("2026-01-01", "orders")).complete(record)

    assert record == {"orderId": written}


@pytest.mark.parametrize("value", [[], ["1"], {}, {"id": "1"}, True])
def test_a_key_is_no_object(value: Any) -> None:
    with pytest.raises(RecordWithoutKeyError):
        RecordKeys(stream_of("2026-01-01", "orders")).complete({"orderId": value})


def test_keys_that_may_be_missing_are_text() -> None:
    for version, name in STREAMS:
        stream = stream_of(version, name)
        for part in {*stream.optional_keys, *stream.numbered_by}:
            assert is_text_key(stream.schema["properties"][part])


@pytest.mark.parametrize("value", [["A"], {"id": "A"}, [], {}])
def test_records_are_numbered_even_if_a_value_cannot_be_looked_up(value: Any) -> None:
    names = ("sku", "count")
    key = number_key({"sku": value, "count": 1}, names)

    assert {key: 1} == {number_key({"count": 1, "sku": value}, names): 1}
    assert key != number_key({"sku": "A", "count": 1}, names)
