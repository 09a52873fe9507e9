from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.common.json_paths import at_path, first_at, gaps_at, values_at, without


def test_names_are_followed_into_objects() -> None:
    record = {"a": {"b": [1]}, "c": None}

    assert at_path(record, ["a", "b"]) == [1]
    assert at_path(record, ["a", "x"]) is None
    assert at_path(record, ["c", "d"]) is None
    assert at_path(record, []) is record


def test_values_are_found_through_objects_and_lists() -> None:
    record = {"a": [{"b": 1}, {"b": None}, {"c": 2}, "text", {"b": [3, 4]}]}

    assert values_at(record, ["a", "b"]) == [1, 3, 4]
    assert values_at(record, ["x", "b"]) == []


def test_the_first_value_is_found_through_lists_and_lists_are_left_whole() -> None:
    record = {"a": [{"b": None}, {"b": 1}, {"b": 2}], "c": {"d": ["x", "y"]}}

    assert first_at(record, ["a", "b"]) == 1
    assert first_at(record, ["c", "d"]) == ["x", "y"]
    assert first_at(record, ["a", "x"]) is None


def test_a_value_is_left_out_with_the_objects_that_hold_nothing_else() -> None:
    answer = {"a": {"b": [1], "c": 2}, "d": None}

    assert without(answer, ["a", "b"]) == {"a": {"c": 2}, "d": None}
    assert without(answer, ["a"]) == {"d": None}
    assert without({"a": {"b": [1]}}, ["a", "b"]) == {}
    assert without(answer, ["a", "x"]) == answer
    assert without(answer, ["d", "x"]) == {"a": {"b": [1], "c": 2}, "d": None}
    assert answer == {"a": {"b": [1], "c": 2}, "d": None}


@pytest.mark.parametrize(
    ("record", "gaps"),
    [
        ({"a": [{"b": 1}]}, []),
        ({"a": []}, []),
        ({}, []),
        ({"a": None}, []),
        ({"a": [{"b": 1}, {"b": None}, {}]}, ["a.1.b", "a.2.b"]),
        ({"a": [None, {"b": [1, None]}]}, ["a.0", "a.1.b.1"]),
        ({"a": "text"}, ["a"]),
        (None, [""]),
    ],
)
def test_gaps_are_found_where_there_must_be_something(record: Any, gaps: list[str]) -> None:
    assert list(gaps_at(record, ["a", "b"], [False, True])) == gaps
