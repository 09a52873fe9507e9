"""Custom streams whose schema follows from their records, over several accounts."""

from __future__ import annotations

import io
import json
import threading
from contextlib import redirect_stdout
from typing import Any

import jsonschema
import pytest

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CONFIG: dict[str, Any] = {
    "client_id": "id",
    "client_secret": "hush",
    "accounts": [{"name": name, "refresh_token": name} for name in ("one", "two")],
    "custom_streams": [{"name": "things", "path": "/unknown/v1/things"}],
}
WAIT = 30.0


def things_of_two_accounts() -> list[AmazonStream]:
    tap = TapAmazonSP(config=CONFIG, clock=FakeClock())
    tap.streams["things"].selected = True
    return [
        next(stream for stream in streams if stream.name == "things")
        for streams in tap.run.streams_by_account.values()
    ]


def test_a_page_is_written_before_another_account_changes_the_schema(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = things_of_two_accounts()
    monkeypatch.setattr(one.reader, "pages", lambda: iter([[{"size": 1}, {"size": 2}]]))
    monkeypatch.setattr(two.reader, "pages", lambda: iter([[{"size": "large"}]]))
    other = threading.Thread(target=two.sync)
    write_all = one.pipeline._write_fitted

    def write_slowly(records: list[dict[str, Any]]) -> None:
        # The other account would like to widen the schema of what is about to be written.
        if not other.ident:
            other.start()
        free = threading.Event()

        def ask() -> None:
            if one.messages.lock.acquire(blocking=False):
                one.messages.lock.release()
                free.set()

        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(WAIT)
        assert not free.is_set()
        write_all(records)

    monkeypatch.setattr(one.pipeline, "_write_fitted", write_slowly)
    output = io.StringIO()
    with redirect_stdout(output):
        one.sync()
        other.join(WAIT)

    schema: dict[str, Any] = {}
    sizes = []
    for message in map(json.loads, output.getvalue().splitlines()):
        if message["type"] == "SCHEMA":
            schema = message["schema"]
        if message["type"] == "RECORD":
            jsonschema.validate(message["record"], schema)
            sizes.append(message["record"]["size"])
    assert sizes == [1, 2, "large"]


def test_an_account_without_records_leaves_the_schema_to_those_with_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = things_of_two_accounts()
    monkeypatch.setattr(one.reader, "pages", lambda: iter([[]]))
    monkeypatch.setattr(two.reader, "pages", lambda: iter([[{"size": 1}]]))
    output = io.StringIO()

    with redirect_stdout(output):
        one.sync()
        two.sync()
        one.fitting.write_missing_schema()

    schemas = [
        message["schema"]["properties"]
        for message in map(json.loads, output.getvalue().splitlines())
        if message["type"] == "SCHEMA"
    ]
    assert [sorted(properties) for properties in schemas][-1] == ["_account", "size"]


def test_columns_of_known_records_come_in_the_order_of_built_in_streams() -> None:
    entries: list[dict[str, Any]] = [
        {
            "name": "own_orders",
            "operation": "orders_2026-01-01.searchOrders",
            "primary_keys": ["orderId"],
        },
        {
            "name": "things",
            "path": "/unknown/v1/things",
            "schema": {"type": "object", "properties": {"b": {}, "a": {}}},
            "primary_keys": ["a"],
        },
    ]
    tap = TapAmazonSP(config=CONFIG | {"custom_streams": entries}, clock=FakeClock())

    orders, things = (list(tap.streams[entry["name"]].schema["properties"]) for entry in entries)

    assert orders[:4] == ["_account", "orderId", "lastUpdatedTime", "createdTime"]
    assert orders[-1] == "fulfillmentOrders"
    assert things == ["_account", "b", "a"]
