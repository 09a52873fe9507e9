from __future__ import annotations

import json
from typing import Any

import pytest

from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.reading.pending import (
    PENDING,
    Place,
    add_pending,
    pending_in,
    remove_pending,
    remove_pending_up_to,
)
from tap_amazon_sp.reading.window_plan import Window

DAY = Window(parse_timestamp("2026-11-20"), parse_timestamp("2026-11-21"))
PART = Window(parse_timestamp("2026-11-21"), parse_timestamp("2026-11-21T11:58:00.5Z"))
PART_PLACE = Place("us", PART)
PLACES = (Place("us", DAY), PART_PLACE, Place("ca", DAY), Place("us", None))


def state_of(*places: Place) -> dict[str, Any]:
    state: dict[str, Any] = {"replication_key_value": "2026-11-20T00:00:00Z"}
    for number, place in enumerate(places, 1):
        add_pending(state, place, str(number))
    return state


def test_what_is_pending_is_found_by_what_it_is_for() -> None:
    # As it would be read from a file.
    state = json.loads(json.dumps(state_of(*PLACES)))

    assert pending_in(state) == dict(zip(PLACES, ["1", "2", "3", "4"], strict=True))
    assert state["replication_key_value"] == "2026-11-20T00:00:00Z"


def test_the_state_says_it_in_plain_words() -> None:
    assert state_of(PART_PLACE)[PENDING] == [
        {
            "id": "1",
            "subject": "us",
            "after": "2026-11-21T00:00:00Z",
            "before": "2026-11-21T11:58:00.500000Z",
        }
    ]


@pytest.mark.parametrize("place", PLACES)
def test_another_order_for_the_same_takes_the_place_of_the_first(place: Place) -> None:
    state = state_of(*PLACES)

    add_pending(state, place, "9")

    assert pending_in(state) == pending_in(state_of(*PLACES)) | {place: "9"}
    assert len(state[PENDING]) == len(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_what_was_read_is_pending_no_more(place: Place) -> None:
    state = state_of(*PLACES)

    remove_pending(state, [place])

    assert place not in pending_in(state)
    assert len(pending_in(state)) == len(PLACES) - 1


def test_what_was_ordered_for_the_time_up_to_a_window_is_pending_no_more() -> None:
    later = Place("us", Window(PART.after, PART.before + (DAY.before - DAY.after)))
    state = state_of(*PLACES, later)
    # Under other settings; and what nobody can read.
    add_pending(state, Place("other", DAY), "8")
    state[PENDING].append({"id": "9"})

    remove_pending_up_to(state, PART)

    assert pending_in(state) == {later: "5"}
    assert len(state[PENDING]) == 1


def test_what_shows_how_things_are_leaves_nothing_pending() -> None:
    state = state_of(*PLACES)

    remove_pending_up_to(state, None)

    assert PENDING not in state


def test_a_state_without_anything_pending_does_not_speak_of_it() -> None:
    state = state_of(*PLACES)

    remove_pending(state, PLACES)

    assert PENDING not in state
    remove_pending(state, PLACES)
    assert pending_in(state) == {}


@pytest.mark.parametrize(
    "entry",
    [
        "50011",
        None,
        {},
        {"id": "1"},
        {"subject": "us"},
        {"id": "", "subject": "us"},
        {"id": "1", "subject": "us", "after": "2026-11-20T00:00:00Z"},
        {"id": "1", "subject": "us", "after": "soon", "before": "later"},
        {"id": "1", "subject": "us", "after": 5, "before": 6},
        {"id": "1", "subject": "us", "after": None, "before": None},
    ],
)
def test_what_cannot_be_read_is_left_out(entry: Any) -> None:
    state = state_of(PART_PLACE)
    state[PENDING].append(entry)

    assert pending_in(state) == {PART_PLACE: "1"}


@pytest.mark.parametrize("pending", [None, "1", 5, {}, {"id": "1"}, True])
def test_a_state_that_says_something_else_there_has_nothing_pending(pending: Any) -> None:
    state = {PENDING: pending}

    assert pending_in(state) == {}
    add_pending(state, PART_PLACE, "1")
    assert pending_in(state) == {PART_PLACE: "1"}
