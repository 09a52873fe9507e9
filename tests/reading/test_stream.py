from __future__ import annotations

from tap_amazon_sp.reading.stream import chunks, first_at, values_at


def test_a_sequence_is_cut_into_chunks() -> None:
    assert list(chunks("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(chunks("abcde", None)) == [["a", "b", "c", "d", "e"]]


def test_values_are_found_through_objects_and_lists() -> None:
    record = {"a": [{"b": 1}, {"b": None}, {"c": 2}, "text", {"b": [3, 4]}]}

    assert values_at(record, ["a", "b"]) == [1, 3, 4]
    assert values_at(record, ["x", "b"]) == []


def test_the_first_value_is_found_through_lists_and_lists_are_left_whole() -> None:
    record = {"a": [{"b": None}, {"b": 1}, {"b": 2}], "c": {"d": ["x", "y"]}}

    assert first_at(record, ["a", "b"]) == 1
    assert first_at(record, ["c", "d"]) == ["x", "y"]
    assert first_at(record, ["a", "x"]) is None
