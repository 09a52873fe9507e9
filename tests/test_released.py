"""Settings and catalog of the last release are still accepted, and mean the same.

`tests/released/` holds settings with every setting and every property of entries, and the catalog
that the tap discovered with them (without `accounts`). They are of commit 27917de: before a first
release, that is what people have. A release replaces them by its own.
"""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.tap import TapAmazonSP
from tests.odd_inputs import released_settings
from tests.small_world import small_world
from tests.tap_runs import TapRun, run_tap, select

CATALOG = Path(__file__).with_name("released") / "catalog.json.gz"

CHANGED_KEYS: Mapping[str, str] = {
    "order_pages": "a page has no `lastUpdatedTime`, which was always null; it has `_window_end`",
}
"""Why the key of a stream is another one now, by stream. It is a breaking change: tables have the
old key, so the changelog says what to do."""

CHANGED_PROPERTIES: Mapping[str, str] = {
    "report_fba_myi_unsuppressed_inventory._marketplace_id": (
        "Its entry names it as a key, and it is never null: a column keeps null or not"
    ),
}
"""Why a property is gone or has another type now, by `stream.property`: its column changes, too."""


@functools.cache
def _released_catalog() -> str:
    return gzip.decompress(CATALOG.read_bytes()).decode()


def released_catalog() -> dict[str, Any]:
    catalog: dict[str, Any] = json.loads(_released_catalog())
    return catalog


@functools.cache
def present() -> Mapping[str, dict[str, Any]]:
    """What a discovery finds now, by stream."""
    settings = {name: value for name, value in released_settings().items() if name != "accounts"}
    tap = TapAmazonSP(config=settings, validate_config=False)
    return {entry["tap_stream_id"]: entry for entry in tap.catalog_dict["streams"]}


def test_settings_are_those_of_all() -> None:
    """Every setting of that release is there, so that each is tried."""
    schema = TapAmazonSP.config_jsonschema
    TapAmazonSP.append_builtin_config(schema)
    of_entries = {
        name: {property_name for entry in entries for property_name in entry}
        for name, entries in released_settings().items()
        if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
    }

    assert released_settings().keys() <= schema["properties"].keys()
    for name, given in of_entries.items():
        assert given <= schema["properties"][name]["items"]["properties"].keys(), name


def test_settings_of_the_last_release_are_accepted() -> None:
    tap = TapAmazonSP(config=released_settings())

    assert [connection.name for connection in tap.connections] == ["shop-us", "Shop DE"]


def test_streams_are_still_there() -> None:
    names = {entry["tap_stream_id"] for entry in released_catalog()["streams"]}

    assert names <= present().keys()


def test_keys_are_the_same() -> None:
    changed = {
        entry["tap_stream_id"]
        for entry in released_catalog()["streams"]
        if _keys(entry) != _keys(present()[entry["tap_stream_id"]])
    }

    assert changed == CHANGED_KEYS.keys()


def _keys(entry: Mapping[str, Any]) -> tuple[list[str], str | None]:
    return [*entry.get("key_properties", ())], entry.get("replication_key")


def test_columns_are_the_same() -> None:
    changed = {
        f"{entry['tap_stream_id']}.{name}"
        for entry in released_catalog()["streams"]
        for name, schema in entry["schema"]["properties"].items()
        if _column(schema)
        != _column(present()[entry["tap_stream_id"]]["schema"]["properties"].get(name, {}))
    }

    assert changed == CHANGED_PROPERTIES.keys()


def _column(schema: Mapping[str, Any]) -> Any:
    """Return what decides about the type of a column."""
    return sorted(schema.get("type", [])), schema.get("format")


def test_a_catalog_of_the_last_release_is_accepted_with_all_streams() -> None:
    catalog = released_catalog()
    names = [entry["tap_stream_id"] for entry in catalog["streams"]]
    settings = {name: value for name, value in released_settings().items() if name != "accounts"}

    tap = TapAmazonSP(config=settings, catalog=select(catalog, *names))

    assert {name for name, stream in tap.streams.items() if stream.selected} == {*names}
    tap._check_catalog_and_state()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> TapRun:
    """A run with the settings and the catalog of the last release, but without signing."""
    # Its own simulator: other tests count the reports of the shared one.
    with small_world() as simulator:
        settings = {
            name: value
            for name, value in (released_settings() | simulator.settings_for_tap()).items()
            if name not in ("accounts", "end_date")
            and not name.startswith(("aws_", "role_", "sts_"))
        }
        return run_tap(
            tmp_path_factory.mktemp("run"),
            settings,
            catalog=select(released_catalog(), *_SELECTED),
        )


_SELECTED = (
    "orders",
    "order_items",
    "feeds",
    "marketplace_participations",
    "get_supply_sources",
    "deferred_transactions",
    "order_with_details",
    "report_merchant_listings_all",
    "sales_by_day",
    "daily_sales",
)


def test_a_run_reads_what_the_catalog_selects(run: TapRun) -> None:
    assert run.exit_code == 0, run.log
    assert {message["stream"] for message in run.of_type("SCHEMA")} == {
        *_SELECTED,
        "submitted_feeds",
    } - {"feeds"}
    assert run.counts["orders"] > 0
    assert run.counts["report_merchant_listings_all"] > 0


def test_a_run_has_no_doubt_about_the_catalog(run: TapRun) -> None:
    doubts = [line for line in run.log.splitlines() if "The catalog's stream" in line]

    assert len(doubts) == len(CHANGED_KEYS.keys() & {*_SELECTED})
