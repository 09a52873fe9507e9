from __future__ import annotations

import functools
from typing import Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_amazon_sp.amazon.errors import RecordWithoutKeyError
from tap_amazon_sp.reading.keys import NO_VALUE, RecordKeys, is_text_key, number_key
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.settings.errors import SettingsError
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
                assert keys.complete(record) is None
                assert record == whole_key(stream) | {part: NO_VALUE}
            elif part not in optional:
                assert keys.complete(record) == part


@pytest.mark.parametrize("name", ["expected_payouts", "vendor_transport_labels"])
def test_not_all_parts_of_a_key_may_be_missing(name: str) -> None:
    stream = stream_of(ORDERS_APIS[0], name)
    first, *others = stream.own_primary_keys

    assert RecordKeys(stream).complete({}) == " or ".join(stream.own_primary_keys)

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
    keys = RecordKeys(stream_of("2026-01-01", "orders"))

    assert keys.complete({"orderId": value}) == "orderId"


@pytest.mark.parametrize(
    ("page", "written", "message"),
    [
        (["1", "2"], ["1", "2"], None),
        (["1", None, "2"], ["1", "2"], "a record without 'orderId', which identifies it"),
        ([None], [], "a record without 'orderId', which identifies it"),
        (["", "1", None], ["1"], "2 records without 'orderId', which identifies them"),
    ],
)
def test_records_without_their_key_are_left_out_and_told(
    page: list[str | None], written: list[str], message: str | None
) -> None:
    tap = TapAmazonSP(config=CREDENTIALS, catalog={"streams": []}, clock=FakeClock())
    stream = tap.streams["orders"]
    assert isinstance(stream, AmazonStream)
    request = stream.pipeline.request({}, {})

    records = stream.pipeline.complete([{"orderId": number} for number in page], request)

    assert [record["orderId"] for record in records] == written
    assert stream.shortfalls.count == (message is not None)
    failure = stream.shortfalls.failure()
    if message is not None:
        assert isinstance(failure, RecordWithoutKeyError)
        assert f"Amazon sent {message}. The next run" in str(failure)


@pytest.mark.parametrize("keys", [["orderId"], None])
def test_one_record_without_its_key_is_not_the_fault_of_an_entry(keys: list[str] | None) -> None:
    stream = custom_stream({"operation": "orders_2026-01-01.searchOrders"}, keys)
    records: list[dict[str, Any]] = [{"orderId": "1"}, {"orderId": None}]

    found = stream.pipeline.complete(records, stream.pipeline.request({}, {}))

    assert [record["orderId"] for record in found] == ["1"]
    assert stream.shortfalls.count == 1


@pytest.mark.parametrize(
    ("entry", "key", "record"),
    [
        ({"operation": "ordersV0.getOrders"}, "SellerOrderId", {"AmazonOrderId": "1"}),
        ({"path": "/unknown/v1/things", "emit": "page"}, "id", {"results": [{"id": 1}]}),
    ],
)
def test_a_key_of_the_settings_that_no_record_has_is_the_fault_of_the_entry(
    entry: dict[str, Any], key: str, record: dict[str, Any]
) -> None:
    stream = custom_stream(entry, [key])
    request = stream.pipeline.request({}, {})

    with pytest.raises(SettingsError, match=rf"`custom_streams`\['own'\]: a record has no '{key}'"):
        stream.pipeline.complete([record], request)


def test_a_key_of_pages_must_be_in_the_page() -> None:
    entry = {"operation": "ordersV0.getOrders", "emit": "page"}

    with pytest.raises(ConfigValidationError) as told:
        custom_stream(entry, ["AmazonOrderId"])

    (mistake,) = told.value.errors
    assert "`custom_streams`['own']: `primary_keys`: there is no property 'Amaz" in mistake


def custom_stream(entry: dict[str, Any], keys: list[str] | None) -> AmazonStream:
    own = {"name": "own"} | entry | ({} if keys is None else {"primary_keys": keys})
    tap = TapAmazonSP(
        config=CREDENTIALS | {"custom_streams": [own]}, catalog={"streams": []}, clock=FakeClock()
    )
    stream = tap.streams["own"]
    assert isinstance(stream, AmazonStream)
    return stream


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
