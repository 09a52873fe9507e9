from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.migration.airbyte_states import bookmarks_of, connection_of
from tap_amazon_sp.migration.rules import OldBookmark
from tap_amazon_sp.settings.errors import SettingsError
from tests.migration.old_states import OLD, shown

ORDERS = {"LastUpdateDate": OLD}
MESSAGE = {
    "type": "STREAM",
    "stream": {"stream_descriptor": {"name": "Orders"}, "stream_state": ORDERS},
}


def bookmark(state: Any, name: str = "Orders") -> OldBookmark:
    (found,) = bookmarks_of([shown(**{name: state})], "old.json")
    return found


@pytest.mark.parametrize(
    "content",
    [
        shown(Orders=ORDERS),
        shown(Orders=ORDERS)[0],
        {"stateType": "stream", "connectionId": "x", "streamState": shown(Orders=ORDERS)},
        {
            "stateType": "global",
            "globalState": {"sharedState": {}, "streamStates": shown(Orders=ORDERS)},
        },
        [MESSAGE],
        {"type": "STATE", "state": MESSAGE},
        {
            "type": "GLOBAL",
            "global": {"shared_state": {}, "stream_states": [MESSAGE["stream"]]},
        },
        {"type": "STATE", "state": {"type": "LEGACY", "data": {"Orders": ORDERS}}},
        {"stateType": "legacy", "state": {"Orders": ORDERS}},
        {"Orders": ORDERS},
    ],
)
def test_a_state_is_understood_as_people_have_it(content: Any) -> None:
    assert bookmarks_of([content], "old.json") == [OldBookmark("Orders", OLD)]


def test_of_the_messages_of_a_run_the_last_state_counts() -> None:
    newer = {"type": "STATE", "state": shown(Orders={"LastUpdateDate": "2026-11-21T00:00:00Z"})[0]}
    record = {"type": "RECORD", "record": {"stream": "Orders", "data": {"AmazonOrderId": "1"}}}

    found = bookmarks_of([{"type": "STATE", "state": MESSAGE}, record, newer], "old.json")

    assert found == [OldBookmark("Orders", "2026-11-21T00:00:00Z")]


@pytest.mark.parametrize(
    "content",
    [
        1,
        "Orders",
        None,
        {"bookmarks": {"orders": {}}},
        {"Orders": OLD},
        [{"streamDescriptor": {}, "streamState": ORDERS}],
        [{"streamDescriptor": "Orders", "streamState": ORDERS}],
    ],
)
def test_what_is_not_a_state_is_refused(content: Any) -> None:
    with pytest.raises(SettingsError, match=r"^old.json is not a state of Airbyte: that is"):
        bookmarks_of([content], "old.json")


def test_a_state_of_a_singer_tap_is_named() -> None:
    with pytest.raises(SettingsError, match=r"state of a Singer tap, such as hotglue's$"):
        bookmarks_of([{"bookmarks": {"orders": {}}}], "old.json")


@pytest.mark.parametrize("content", [[], {}, {"stateType": "stream", "streamState": []}])
def test_a_state_without_streams_is_refused(content: Any) -> None:
    with pytest.raises(SettingsError, match=r"^old.json has no state of a stream$"):
        bookmarks_of([content], "old.json")


def test_slices_count_up_to_the_first_gap() -> None:
    read = {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}
    next_one = {
        "start": "2026-02-01T00:00:01Z",
        "end": "2026-03-01T00:00:00Z",
        "most_recent_cursor_value": "2026-02-27T00:00:00Z",
    }
    after_a_gap = {"start": "2026-04-01T00:00:00Z", "end": OLD, "most_recent_cursor_value": OLD}

    def last(*slices: Any) -> str | None:
        return bookmark({"state_type": "date-range", "slices": [*slices]}).text

    assert last(after_a_gap, next_one, read) == "2026-02-27T00:00:00Z"
    assert last(read, after_a_gap) == "2026-01-01T00:00:00Z"


def test_the_answer_of_the_api_names_its_connection() -> None:
    answer = {"connectionId": "x", "stateType": "stream", "streamState": shown(Orders=ORDERS)}

    assert connection_of([answer]) == "x"
    assert connection_of([shown(Orders=ORDERS)]) is None
    assert connection_of([{"connectionId": 5}, 5]) is None


def test_a_slice_never_counts_beyond_its_end() -> None:
    late = {
        "start": "2026-01-01T00:00:00Z",
        "end": "2026-02-01T00:00:00Z",
        "most_recent_cursor_value": OLD,
    }
    next_one = late | {"start": "2026-02-01T00:00:00Z", "end": "2026-03-01T00:00:00Z"}
    after_a_gap = {"start": "2026-06-01T00:00:00Z", "end": "2026-07-01T00:00:00Z"}

    assert bookmark({"slices": [late, after_a_gap]}).text == "2026-02-01T00:00:00Z"
    assert bookmark({"slices": [next_one, late, after_a_gap]}).text == "2026-03-01T00:00:00Z"


def test_all_entries_of_a_stream_in_one_state_count() -> None:
    newer = {"LastUpdateDate": "2026-11-21T00:00:00Z"}
    twice = [*shown(Orders=ORDERS), *shown(Orders=newer)]
    twice[1]["streamDescriptor"]["namespace"] = "other"
    both = [OldBookmark("Orders", OLD), OldBookmark("Orders", "2026-11-21T00:00:00Z")]

    assert bookmarks_of([twice], "old.json") == both
    # A later message of a run replaces what earlier ones say.
    assert bookmarks_of([twice, shown(Orders=newer)], "old.json") == both[1:]


def test_items_are_read_as_far_as_their_orders_were_finished() -> None:
    parts = {
        "use_global_cursor": False,
        "states": [{"partition": {"AmazonOrderId": "1"}, "cursor": ORDERS}],
        "parent_state": {"Orders": {"LastUpdateDate": "2026-11-19T00:00:00Z"}},
        "state": ORDERS,
    }

    found = bookmark(parts, "OrderItems")

    assert (found.stream, found.text) == ("OrderItems", "2026-11-19T00:00:00Z")


def test_without_a_parent_the_time_of_the_whole_stream_counts_less_the_last_run() -> None:
    found = bookmark(
        {"use_global_cursor": True, "state": ORDERS, "lookback_window": 90}, "OrderItems"
    )

    assert found.text == OLD
    assert found.earlier.total_seconds() == 90


@pytest.mark.parametrize(
    ("state", "doubt"),
    [
        ({}, "its state is empty"),
        (None, "its state is empty"),
        ({"createdTime": OLD}, "no `LastUpdateDate`, but `createdTime`"),
        ({"slices": []}, "its `slices` cannot be read"),
        ({"slices": [{"start": OLD}]}, "its `slices` cannot be read"),
        ({"slices": [{"start": OLD, "end": OLD, "most_recent_cursor_value": 5}]}, "cannot be read"),
        ({"states": []}, "times of single records only"),
        ({"use_global_cursor": True, "state": ORDERS, "lookback_window": "x"}, "single records"),
        ({"LastUpdateDate": 5}, "not a time"),
    ],
)
def test_a_stream_without_a_certain_time_says_why(state: Any, doubt: str) -> None:
    found = bookmark(state)

    assert found.text is None
    assert doubt in found.doubt
