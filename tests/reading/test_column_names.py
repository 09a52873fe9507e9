from __future__ import annotations

from typing import Any

import pytest
from singer_sdk.helpers._flattening import flatten_schema

from tap_amazon_sp.reading.column_names import MAX_NAME
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.schemas import packaged_schema
from tap_amazon_sp.streams import all_built_in_streams
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.tap_runs import catalog_of

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
FLAT = {"flattening_enabled": True, "flattening_max_depth": 3}
DEPTHS = range(1, 8)


def tap_of(*streams: str, **settings: Any) -> TapAmazonSP:
    config = CREDENTIALS | settings
    return TapAmazonSP(config=config, catalog=catalog_of(*streams), clock=FakeClock())


@pytest.mark.parametrize("stream", all_built_in_streams(), ids=lambda stream: stream.__name__)
def test_names_fit_into_postgres_at_any_depth(stream: type[AmazonStream]) -> None:
    length = tap_of().config["flattening_max_key_length"]
    schema = packaged_schema(stream.schema_name or stream.name)

    for depth in DEPTHS:
        names = list(flatten_schema(schema, depth, max_key_length=length)["properties"])
        assert max(len(name.encode()) for name in names) <= MAX_NAME
        # target-duckdb and pipelinewise-target-postgres fold names to lower case.
        assert len({name.lower() for name in names}) == len(names)


def test_long_names_are_told_before_the_first_request(caplog: pytest.LogCaptureFixture) -> None:
    tap_of("order_items", "feeds", **FLAT, flattening_max_key_length=255)

    (line,) = [line for line in caplog.messages if "PostgreSQL" in line]
    assert line.startswith("'order_items' has 5 properties with names of more than 63 bytes")
    assert "set `flattening_max_key_length` to 64" in line


@pytest.mark.parametrize("settings", [FLAT, {}, FLAT | {"flattening_max_key_length": 64}])
def test_the_default_has_no_long_names(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    tap_of("order_items", "fba_inventory_summaries", **settings)

    assert "PostgreSQL" not in caplog.text


def test_names_that_become_equal_are_a_mistake() -> None:
    with pytest.raises(SettingsError, match="`flattening_max_key_length`: Duplicate"):
        tap_of("orders", **FLAT, flattening_max_key_length=5)
