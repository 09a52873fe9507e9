from __future__ import annotations

import copy
from typing import Any

import pytest

from tap_amazon_sp.settings.catalog_input import read_catalog
from tap_amazon_sp.settings.errors import SettingsError

ROOT = {"breadcrumb": [], "metadata": {"selected": True}}
ORDERS: dict[str, Any] = {
    "tap_stream_id": "orders",
    "stream": "orders",
    "key_properties": ["orderId"],
    "schema": {"type": "object", "properties": {"orderId": {"type": ["string", "null"]}}},
    "metadata": [ROOT, {"breadcrumb": ["properties", "orderId"], "metadata": {}}],
}


def catalog_of(**more: Any) -> dict[str, Any]:
    entry = {**copy.deepcopy(ORDERS), **more}
    return {"streams": [{name: value for name, value in entry.items() if value != "missing"}]}


def read(**more: Any) -> dict[str, Any]:
    (entry,) = read_catalog(catalog_of(**more))["streams"]
    return dict(entry)


def root_of(entry: dict[str, Any]) -> dict[str, Any]:
    (found,) = [item["metadata"] for item in entry["metadata"] if not item["breadcrumb"]]
    return dict(found)


def test_a_right_catalog_stays_as_it_is() -> None:
    assert read() == ORDERS | {"replication_method": None}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "The catalog: object missing required field `streams`: `--discover` prints"),
        ({"streams": {}}, "The catalog, `streams`: expected `array`, got `object`"),
        ({"streams": [5]}, "The catalog, `streams[0]`: expected `object`, got `integer`"),
        ({"streams": [{}]}, "stream '1': object missing required field `tap_stream_id`"),
        ([], "The catalog: expected `object`, got `array`"),
        (catalog_of(tap_stream_id={}), "`tap_stream_id`: expected `string`, got `object`"),
        (catalog_of(tap_stream_id="", stream=None), "stream '' has an empty `tap_stream_id`"),
        (catalog_of(stream="orders2"), "stream 'orders' has another name as `stream`"),
        (catalog_of(schema="missing"), "stream 'orders': object missing required field `schema`"),
        (catalog_of(schema={}), "the schema of stream 'orders' has no `properties`"),
        (catalog_of(schema={"properties": []}), "the schema of stream 'orders' has no `prop"),
        (
            catalog_of(schema={"properties": {"a": 5}}),
            "stream 'orders': `schema`['properties']['a'] must be a JSON Schema",
        ),
        (
            catalog_of(schema={"properties": {"a": {"items": {"type": "text"}}}}),
            "`type` of `schema`['properties']['a']['items'] must be one of array",
        ),
        (catalog_of(schema={"properties": {}, "required": 5}), "`required` of `schema` must be"),
        (
            catalog_of(schema={"properties": {"a": {"format": 5}}}),
            "`format` of `schema`['properties']['a'] must be a text",
        ),
        (catalog_of(metadata={}), "stream 'orders', `metadata`: expected `array | null`"),
        (catalog_of(metadata=[{"breadcrumb": []}]), "`metadata[0]`: object missing required fiel"),
        (catalog_of(metadata=[{"metadata": {}}]), "required field `breadcrumb`"),
        (
            catalog_of(metadata=[{"breadcrumb": "properties.a", "metadata": {}}]),
            "`metadata[0].breadcrumb`: expected `array`, got `string`",
        ),
        (
            catalog_of(metadata=[{"breadcrumb": [], "metadata": {"selected": "false"}}]),
            "`metadata[0].metadata.selected`: expected `boolean | null`, got `string`",
        ),
        (
            catalog_of(metadata=[{"breadcrumb": [], "metadata": {"inclusion": "always"}}]),
            "`metadata[0].metadata.inclusion`: invalid enum value 'always'",
        ),
        (catalog_of(metadata=[ROOT, ROOT]), "has the breadcrumb [] more than once"),
        # Of such a catalog, the SDK would write records without any property.
        (
            catalog_of(metadata=[{"breadcrumb": ["properties", "orderId"], "metadata": {}}]),
            "stream 'orders' has no `metadata` with the breadcrumb []",
        ),
        (
            catalog_of(metadata=[{"breadcrumb": ["properties", "a"], "metadata": {}}]),
            "stream 'orders' has no `metadata` with the breadcrumb []",
        ),
        *(
            (
                catalog_of(metadata=[ROOT, {"breadcrumb": crumbs, "metadata": {}}]),
                f"the breadcrumb {crumbs} must be made of `properties` and a name",
            )
            for crumbs in (["orderId"], ["properties"], ["items"], ["schema", "orderId"])
        ),
        (catalog_of(key_properties="orderId"), "`key_properties`: expected `array | null`"),
        (catalog_of(key_properties=[5]), "`key_properties[0]`: expected `string`, got `integer`"),
        (
            catalog_of(replication_method="LOG_BASED"),
            "the replication method must be FULL_TABLE or INCREMENTAL, not 'LOG_BASED'",
        ),
        ({"streams": [ORDERS, ORDERS]}, "stream 'orders' is in it more than once"),
    ],
)
def test_a_catalog_that_is_none_is_refused(content: Any, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_catalog(content)

    assert words in refused.value.errors[0]


def test_a_breadcrumb_may_name_the_items_of_a_list() -> None:
    crumbs = ["properties", "a", "items", "properties", "b"]

    assert read(metadata=[ROOT, {"breadcrumb": crumbs, "metadata": {"selected": False}}])


def test_the_name_of_a_stream_may_be_its_id() -> None:
    assert read(tap_stream_id="missing")["tap_stream_id"] == "orders"


@pytest.mark.parametrize(
    ("entry", "metadata", "expected"),
    [
        ({"selected": False}, [], False),
        ({"selected": True}, [{"breadcrumb": [], "metadata": {"inclusion": "available"}}], True),
        ({"schema": {**ORDERS["schema"], "selected": False}}, None, False),
        # What the metadata says counts.
        ({"selected": False}, [ROOT], True),
    ],
)
def test_a_selection_in_the_older_form_counts(
    entry: dict[str, Any], metadata: Any, expected: object
) -> None:
    assert root_of(read(**entry, metadata=metadata))["selected"] is expected


@pytest.mark.parametrize(
    ("entry", "metadata", "expected"),
    [
        ("INCREMENTAL", {}, "INCREMENTAL"),
        ("incremental", {}, "INCREMENTAL"),
        (None, {}, None),
        # As Meltano's `metadata` and the specification write it.
        ("INCREMENTAL", {"replication-method": "FULL_TABLE"}, "FULL_TABLE"),
        ("INCREMENTAL", {"forced-replication-method": "FULL_TABLE"}, "FULL_TABLE"),
    ],
)
def test_a_replication_method_written_by_hand_counts(
    entry: str | None, metadata: dict[str, Any], expected: str | None
) -> None:
    found = read(replication_method=entry, metadata=[{"breadcrumb": [], "metadata": metadata}])

    assert found["replication_method"] == expected


def test_the_catalog_that_was_given_is_not_changed() -> None:
    given = catalog_of(selected=False, metadata=[], tap_stream_id="missing")
    before = copy.deepcopy(given)

    read_catalog(given)

    assert given == before
