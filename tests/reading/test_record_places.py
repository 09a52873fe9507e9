from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.reading.record_places import RecordPlace
from tap_amazon_sp.settings.errors import SettingsError


def place(results_key: str | None = None) -> RecordPlace:
    return RecordPlace("things", results_key)


@pytest.mark.parametrize(
    ("results_key", "body"),
    [
        ("things", {"things": [{"id": 1}]}),
        ("things", {"payload": {"things": [{"id": 1}]}}),
        ("payload.things", {"payload": {"things": [{"id": 1}]}}),
        ("thing", {"thing": {"id": 1}}),
        (None, {"things": [{"id": 1}], "errors": [], "nextToken": "t"}),
        (None, {"payload": [{"id": 1}]}),
        (None, {"things": [{"id": 1}], "others": []}),
        (None, [{"id": 1}]),
        (None, {"id": 1}),
    ],
)
def test_records_are_found(results_key: str | None, body: Any) -> None:
    assert place(results_key).records_in(body) == [{"id": 1}]


@pytest.mark.parametrize(
    ("results_key", "body"),
    [
        ("things", {}),
        ("things", None),
        ("things", {"things": None}),
        ("things", {"payload": {}}),
        ("things", {"payload": None}),
        ("things", {"nextToken": None}),
        ("a.b", {"a": {"b": None}}),
        ("a.b", {"a": {}}),
        (None, None),
        (None, {"nextToken": None}),
        (None, {"things": []}),
    ],
)
def test_an_empty_answer_has_no_records(results_key: str | None, body: Any) -> None:
    assert place(results_key).records_in(body) == []


def test_further_pages_are_read_like_the_first() -> None:
    things = place()

    pages = [
        {"things": [{"id": 1}]},
        {"things": [], "errors": [{"code": "x"}], "more": [{"y": 1}]},
        {"nextToken": None},
        {"things": [{"id": 2}], "warnings": [{"z": 1}]},
    ]

    assert [things.records_in(page) for page in pages] == [[{"id": 1}], [], [], [{"id": 2}]]


@pytest.mark.parametrize(
    ("results_key", "body", "mistake"),
    [
        ("things", {"payload": {"widgets": []}}, "only payload, payload.widgets"),
        ("count", {"count": 5}, "nothing at `results_key: count`"),
        ("things", [{"id": 1}], "only a list"),
        (None, {"a": [{"x": 1}], "b": [{"y": 1}]}, "several lists, a, b: name one"),
        (None, "text", "neither an object nor a list"),
    ],
)
def test_ambiguous_answers_are_errors(results_key: str | None, body: Any, mistake: str) -> None:
    with pytest.raises(SettingsError, match=f"things: .*{mistake}"):
        place(results_key).records_in(body)
