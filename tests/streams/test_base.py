from __future__ import annotations

from decimal import Decimal

import pytest

from tap_amazon_sp.streams.base import _schema_of, chunks


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "boolean"),
        (5, "number"),
        (Decimal("5.5"), "number"),
        ("text", "string"),
        ([1], "array"),
        ({}, "object"),
    ],
)
def test_a_value_that_nobody_described_gets_its_type_or_null(value: object, kind: str) -> None:
    assert _schema_of(value)["type"] == [kind, "null"]


def test_an_object_that_nobody_described_is_described_in_depth_and_left_open() -> None:
    assert _schema_of({"a": {"b": 1}}) == {
        "type": ["object", "null"],
        "properties": {
            "a": {
                "type": ["object", "null"],
                "properties": {"b": {"type": ["number", "null"]}},
                "additionalProperties": True,
            }
        },
        "additionalProperties": True,
    }


def test_a_sequence_is_cut_into_chunks() -> None:
    assert list(chunks("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(chunks("abcde", None)) == [["a", "b", "c", "d", "e"]]
