from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.singer.inference import (
    fit,
    fit_test,
    nullable,
    schema_of,
    widened,
    without_broken_formats,
)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "boolean"),
        (5, "integer"),
        (Decimal("5.5"), "number"),
        ("text", "string"),
        ([1], "array"),
        ({}, "object"),
    ],
)
def test_an_undescribed_value_gets_its_type_or_null(value: object, kind: str) -> None:
    assert schema_of(value)["type"] == [kind, "null"]


def test_objects_and_lists_are_described_at_every_depth_and_stay_open() -> None:
    assert schema_of({"a": [{"b": 1}, {"c": None}]}) == {
        "type": ["object", "null"],
        "properties": {
            "a": {
                "type": ["array", "null"],
                "items": {
                    "type": ["object", "null"],
                    "properties": {"b": {"type": ["integer", "null"]}, "c": {}},
                    "additionalProperties": True,
                },
            }
        },
        "additionalProperties": True,
    }


@pytest.mark.parametrize("value", [{"a": 1, "b": "x"}, {"a": None}, {}, None, {"b": 3}])
def test_a_schema_that_fits_stays_the_same_object(value: Any) -> None:
    schema = schema_of({"a": 2, "b": "y"})

    assert widened(schema, value) is schema


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (1, Decimal("1.5"), "number"),
        (Decimal("1.5"), 1, "number"),
        (1, "x", "string"),
        (True, 1, "string"),
        ({"a": 1}, [1], "string"),
        (None, 1, "integer"),
    ],
)
def test_a_schema_is_widened_for_another_value(first: Any, second: Any, kind: str) -> None:
    assert widened(schema_of(first), second)["type"] == [kind, "null"]


def test_new_properties_are_added_at_any_depth() -> None:
    schema = widened(schema_of({"a": [{"b": 1}]}), {"a": [{"c": "x"}], "d": 1})

    items = schema["properties"]["a"]["items"]["properties"]
    assert items.keys() == {"b", "c"}
    assert schema["properties"]["d"] == {"type": ["integer", "null"]}


def test_values_become_text_where_the_schema_did() -> None:
    values = [{"v": 1}, {"v": "x"}, {"v": {"a": 1}}, {"v": [1]}, {"v": None}]
    schema: dict[str, Any] = {}
    for value in values:
        schema = widened(schema, value)

    assert [fit(schema, value)["v"] for value in values] == ["1", "x", '{"a":1}', "[1]", None]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": ["string", "null"]}, 1),
        ({"type": ["string", "null"]}, "a"),
        ({"type": ["string", "null"]}, None),
        ({"type": ["integer", "null"]}, True),
        ({"type": ["number", "null"]}, 1),
        ({"type": ["number", "null"]}, Decimal("1.5")),
        ({"type": ["integer", "null"]}, 1.5),
        ({}, 1),
        ({}, None),
        ({"type": ["array", "null"], "items": {"type": ["integer", "null"]}}, [1, None, 2]),
        ({"type": ["array", "null"], "items": {"type": ["integer", "null"]}}, [1, "a"]),
        ({"type": ["array", "null"], "items": {}}, []),
        ({"type": ["array", "null"], "items": {}}, [1]),
        ({"type": ["object", "null"], "properties": {"a": {"type": ["string"]}}}, {"a": "b"}),
        ({"type": ["object", "null"], "properties": {"a": {"type": ["string"]}}}, {"a": {}}),
        ({"type": ["object", "null"], "properties": {"a": {"type": ["string"]}}}, {"b": 1}),
        ({"type": ["object", "null"], "properties": {}}, {"b": None}),
        ({"type": ["object", "null"], "properties": {}}, []),
    ],
)
def test_a_value_that_fits_needs_no_wider_schema_and_no_change(schema: Any, value: Any) -> None:
    is_as_it_is = widened(schema, value) is schema and fit(schema, copy.deepcopy(value)) == value

    assert fit_test(schema)(value) is is_as_it_is


def test_a_property_with_values_that_are_not_dates_becomes_text() -> None:
    date = {"type": ["string", "null"], "format": "date"}
    time = {"type": ["string", "null"], "format": "date-time"}
    schema = {"type": "object", "properties": {"day": date, "time": time}}
    fitting: list[dict[str, Any]] = [
        {"day": "2026-01-31", "time": "2026-01-31T00:00:00Z"},
        {"day": None},
    ]

    assert without_broken_formats(schema, fitting) is schema
    broken = without_broken_formats(schema, [*fitting, {"day": "31/01/26", "time": "soon"}])
    assert broken["properties"] == {
        "day": {"type": ["string", "null"]},
        "time": {"type": ["string", "null"]},
    }


def test_null_is_allowed_at_every_depth() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "array", "items": {"type": "integer"}},
            "b": {"type": ["null", "string"]},
            "c": {},
        },
    }

    assert nullable(schema) == {
        "type": ["object", "null"],
        "properties": {
            "a": {"type": ["array", "null"], "items": {"type": ["integer", "null"]}},
            "b": {"type": ["null", "string"]},
            "c": {},
        },
    }
