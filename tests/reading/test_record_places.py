from __future__ import annotations

import json
from typing import Any

import pytest

from tap_amazon_sp.amazon.answer_checks import BrokenAnswerError
from tap_amazon_sp.amazon.operation_parts import Paging
from tap_amazon_sp.amazon.paths import operation_at
from tap_amazon_sp.reading.record_places import RecordPlace
from tap_amazon_sp.settings.errors import SettingsError
from tests.amazon.clients import Wire

TOKEN = Paging("nextToken", "query", ("nextToken",), "same_arguments")


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
        ("things", {"things": []}),
        ("things", {"things": None}),
        ("things", {"payload": {}}),
        ("things", {"payload": {"things": None}}),
        ("a.b", {"a": {"b": None}}),
        ("a.b", {"a": {}}),
        (None, []),
        (None, {"payload": {}}),
        (None, {"payload": []}),
        (None, {"things": []}),
    ],
)
def test_an_empty_answer_has_no_records(results_key: str | None, body: Any) -> None:
    assert place(results_key).records_in(body) == []


def test_further_pages_are_read_like_the_first() -> None:
    things = place()

    pages = [
        {"things": [{"id": 1}]},
        {"things": [], "errors": [{"code": "x"}], "more": []},
        {"things": None},
        {"things": [{"id": 2}], "warnings": [{"z": 1}]},
    ]

    assert [things.records_in(page) for page in pages] == [[{"id": 1}], [], [], [{"id": 2}]]


NO_PAGE = [
    {"message": "busy"},
    {"requestId": "1-2"},
    {"things": {}},
    {"things": "x"},
    {"payload": {}},
    {"payload": None},
    {"nextToken": None},
    {"warnings": [{"code": "x"}]},
    {"items": [{"id": 2}]},
    [],
    None,
]


@pytest.mark.parametrize("results_key", [None, "things"])
@pytest.mark.parametrize("body", [*NO_PAGE])
def test_an_answer_without_the_place_is_broken_once_another_had_it(
    results_key: str | None, body: Any
) -> None:
    things = place(results_key)
    things.records_in({"things": [{"id": 1}]})

    with pytest.raises(BrokenAnswerError):
        things.records_in(body)


def test_other_records_than_objects_are_broken_once_there_were_objects() -> None:
    things = place()
    things.records_in({"things": [{"id": 1}]})

    with pytest.raises(BrokenAnswerError, match="no longer a list of objects at `things`"):
        things.records_in({"things": [None]})


@pytest.mark.parametrize("results_key", [None, "things"])
@pytest.mark.parametrize("body", [{"message": "busy"}, {"nextToken": None}, {"payload": None}, {}])
def test_the_first_answer_may_be_broken(results_key: str | None, body: Any) -> None:
    with pytest.raises(BrokenAnswerError):
        place(results_key).records_in(body)


def test_an_empty_payload_is_an_empty_page_where_payload_holds_the_list() -> None:
    things = place()

    pages = [{"payload": {"things": [{"id": 1}]}}, {"payload": {}}]

    assert [things.records_in(page) for page in pages] == [[{"id": 1}], []]
    with pytest.raises(BrokenAnswerError, match=r"nothing at `payload\.things`, where the records"):
        things.records_in({"payload": None})


@pytest.mark.parametrize("results_key", [None, "things"])
def test_the_place_may_be_missing_if_the_user_says_so(results_key: str | None) -> None:
    things = RecordPlace("things", results_key, results_optional=True)

    pages: list[Any] = [{"things": [{"id": 1}]}, {"nextToken": None}, {"total": 0}]

    assert [things.records_in(page) for page in pages] == [[{"id": 1}], [], []]
    odd_answers: list[Any] = [{"message": "busy"}, []]
    for odd in odd_answers:
        with pytest.raises(BrokenAnswerError):
            things.records_in(odd)


@pytest.mark.parametrize("results_optional", [True, False])
def test_a_second_list_that_is_full_on_a_later_page_is_told(*, results_optional: bool) -> None:
    things = RecordPlace("things", None, results_optional=results_optional)
    things.records_in({"orders": [{"id": 1}], "refunds": []})

    with pytest.raises(SettingsError, match="several lists, orders, refunds: name one"):
        things.records_in({"orders": [], "refunds": [{"id": 2}]})


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


def test_an_answer_without_the_place_of_the_records_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = RecordPlace("things", None)
    pages = iter(
        [
            {"things": [{"id": 1}], "nextToken": "2"},
            {"message": "busy"},
            {"things": None, "nextToken": "3"},
            {"payload": {}},
            {"things": [{"id": 2}]},
        ]
    )
    wire = Wire(monkeypatch, lambda _: json.dumps(next(pages)).encode())

    answers = wire.client.answers(
        operation_at("GET", "/new/api"),
        {},
        find_paging=lambda _: TOKEN,
        find_records=place.records_in,
    )

    assert [place.records_in(answer.body) for answer in answers] == [[{"id": 1}], [], [{"id": 2}]]
