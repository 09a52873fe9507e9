from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.state_input import (
    positions_in,
    read_state,
    unread_bookmarks,
    without_bookmarks,
)

ORDERS = {"replication_key": "lastUpdatedTime", "replication_key_value": "2026-11-01T00:00:00Z"}
STATE = {"bookmarks": {"orders": ORDERS}}
STREAMS = ("orders", "feeds")


def of_accounts(*names: str) -> dict[str, Any]:
    parts = [{"context": {"_account": name}, **ORDERS} for name in names]
    return {"bookmarks": {"orders": {"partitions": parts}}}


def refusal(content: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        read_state(content)
    return str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        STATE,
        {"type": "STATE", "value": STATE},
        {"value": STATE},
        {"singer_state": STATE},
        # As Meltano stores it.
        {"completed": {"singer_state": STATE}, "partial": {}},
        {"completed": {"singer_state": STATE}},
        {"completed": {}, "partial": {"singer_state": STATE}},
        {"completed": {"singer_state": STATE}, "partial": {"singer_state": {"bookmarks": {}}}},
        # Older taps add this.
        {**STATE, "currently_syncing": "orders"},
    ],
)
def test_a_state_is_understood_as_people_have_it(content: Any) -> None:
    assert read_state(content) == STATE


@pytest.mark.parametrize(
    "content",
    [{}, {"value": {}}, {"completed": {}, "partial": {}}, {"type": "STATE", "value": {}}],
)
def test_an_empty_state_is_none(content: Any) -> None:
    assert read_state(content) == {}


def test_what_is_partial_in_meltano_is_newer() -> None:
    newer: dict[str, Any] = {
        "orders": {"replication_key_value": "2026-11-02T00:00:00Z"},
        "feeds": {"a": 1},
    }
    content = {
        "completed": {"singer_state": STATE},
        "partial": {"singer_state": {"bookmarks": newer}},
    }

    assert read_state(content)["bookmarks"] == {
        "orders": ORDERS | newer["orders"],
        "feeds": {"a": 1},
    }


@pytest.mark.parametrize(
    "content",
    [
        None,
        5,
        [],
        "text",
        {"orders": ORDERS},
        {"bookmarks": []},
        {"bookmarks": None},
        {"value": None},
        {"singer_state": []},
        {"completed": [1]},
        {"type": "RECORD", "value": STATE},
        {"value": {"value": {"value": {"value": {"value": STATE}}}}},
    ],
)
def test_what_is_not_a_state_is_never_taken_for_an_empty_one(content: Any) -> None:
    assert "The state must be an object with `bookmarks`" in refusal(content)


@pytest.mark.parametrize(
    ("bookmark", "words"),
    [
        (5, "the bookmark of 'orders': expected `object`, got `integer`"),
        ({"partitions": {}}, "the bookmark of 'orders', `partitions`: expected `array | null`"),
        ({"partitions": [{}]}, "`partitions[0]`: object missing required field `context`"),
        ({"partitions": [{"context": 5}]}, "`partitions[0].context`: expected `object`"),
        ({"partitions": [5]}, "`partitions[0]`: expected `object`, got `integer`"),
        ({"progress_markers": 5}, "`progress_markers`: expected `object | null`, got `integer`"),
        ({"pending": {}}, "`pending`: expected `array | null`"),
        ({"pending": [5]}, "`pending[0]`: expected `object`"),
        ({"read": []}, "`read`: expected `object | null`"),
        ({"unread": []}, "`unread`: expected `object | null`"),
        ({"missing": "R1"}, "`missing`: expected `object | null`"),
        ({"streams": "orders"}, "`streams`: expected `array | null`"),
        ({"replication_key_value": {}}, "`replication_key_value`: expected"),
        (of_accounts("us", "us")["bookmarks"]["orders"], "has two `partitions` with the same"),
    ],
)
def test_a_bookmark_that_is_none_is_named(bookmark: Any, words: str) -> None:
    assert words in refusal({"bookmarks": {"orders": bookmark}})


def test_null_is_as_if_it_was_not_there() -> None:
    bookmark = {**ORDERS, "partitions": None, "window": None, "progress_markers": None}

    assert read_state({"bookmarks": {"orders": bookmark}}) == STATE


def test_a_state_of_this_run_leaves_nothing_to_say() -> None:
    assert unread_bookmarks({}, STREAMS, [None]) == []
    assert unread_bookmarks(STATE, STREAMS, [None]) == []
    assert unread_bookmarks({"bookmarks": {"gone": {}}}, STREAMS, [None]) == []
    accounts = [{"_account": "us"}, {"_account": "de"}]
    assert unread_bookmarks(of_accounts("us", "de"), STREAMS, accounts) == []


def test_bookmarks_of_other_streams_are_told() -> None:
    state = {"bookmarks": {"orders": ORDERS, "gone": ORDERS, "away": ORDERS}}

    (sentence,) = unread_bookmarks(state, STREAMS, [None])

    assert "The state has bookmarks of gone, away, which this tap does not have" in sentence


def test_bookmarks_of_accounts_that_are_gone_are_told() -> None:
    (sentence,) = unread_bookmarks(of_accounts("us", "gone"), STREAMS, [{"_account": "us"}])

    assert "bookmarks of orders of gone, which are not those of the accounts" in sentence


@pytest.mark.parametrize(
    ("state", "contexts", "words"),
    [
        ({"bookmarks": {"gone": ORDERS}}, [None], "bookmarks of gone, which this tap does not"),
        (STATE, [{"_account": "us"}], "bookmarks of orders, which are not those of the accounts"),
        (of_accounts("us"), [{"_account": "US"}], "bookmarks of orders of us, which are not"),
        (of_accounts("us"), [None], "which are not those of settings without `accounts`"),
    ],
)
def test_a_state_that_would_start_everything_again_is_refused(
    state: dict[str, Any], contexts: list[Any], words: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        unread_bookmarks(state, STREAMS, contexts)

    assert words in str(refused.value)
    assert "everything would be read again from the start" in str(refused.value)


def test_of_many_names_some_are_told() -> None:
    state = {"bookmarks": {f"gone_{number}": ORDERS for number in range(500)} | {"orders": ORDERS}}

    (sentence,) = unread_bookmarks(state, STREAMS, [None])

    assert "gone_9 and 490 more" in sentence


def test_positions_are_those_with_content() -> None:
    state = of_accounts("us")
    state["bookmarks"] |= {"feeds": ORDERS, "empty": {}, "no_parts": {"partitions": []}}
    state["bookmarks"]["orders"]["partitions"].append({"context": {"_account": "de"}})

    assert [*map(str, positions_in(state))] == ["orders of us", "feeds"]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (STATE, {"bookmarks": {}}),
        ({"type": "STATE", "value": STATE}, {"bookmarks": {}}),
        ({"singer_state": STATE}, {"singer_state": {"bookmarks": {}}}),
        ({"completed": {"singer_state": STATE}}, {"singer_state": {"bookmarks": {}}}),
        (of_accounts("us", "de"), {"bookmarks": {}}),
    ],
)
def test_a_stream_is_reset_in_a_state_of_any_shape(content: Any, kept: Any) -> None:
    assert without_bookmarks(content, ["orders"]) == kept


def test_a_stream_is_reset_for_one_account() -> None:
    assert without_bookmarks(of_accounts("us", "de"), ["orders"], "us") == of_accounts("de")


@pytest.mark.parametrize(
    ("streams", "account", "sentence"),
    [
        (["feeds"], None, "no bookmark of 'feeds', but of orders of us, orders of de"),
        (["orders"], "fr", "no bookmark of 'orders' of account 'fr', but of orders of us, orders"),
    ],
)
def test_a_bookmark_that_is_not_there_is_not_reset(
    streams: list[str], account: str | None, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        without_bookmarks(of_accounts("us", "de"), streams, account)


@pytest.mark.parametrize(
    "bookmark",
    [
        {"createdTime": "2026-11-01T00:00:00Z"},
        {"cursor": "2026-11-01T00:00:00Z"},
        {"partitions": [{"context": {"_account": "us"}, "replication_value": "2026-11-01"}]},
    ],
)
def test_a_bookmark_in_another_form_is_refused(bookmark: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="the bookmark of 'feeds' has only "):
        unread_bookmarks({"bookmarks": {"feeds": bookmark}}, STREAMS, [None, {"_account": "us"}])
