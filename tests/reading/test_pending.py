from __future__ import annotations

import json
from typing import Any

import pytest

from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.pending import (
    PENDING,
    JobKey,
    add_pending,
    pending_in,
    remove_pending,
    remove_pending_up_to,
    unanswered_in,
)

DAY = Window(parse_timestamp("2026-11-20"), parse_timestamp("2026-11-21"))
PART = Window(parse_timestamp("2026-11-21"), parse_timestamp("2026-11-21T11:58:00.5Z"))
PART_KEY = JobKey("us", PART)
KEYS = (JobKey("us", DAY), PART_KEY, JobKey("ca", DAY), JobKey("us", None))


def state_of(*keys: JobKey) -> dict[str, Any]:
    state: dict[str, Any] = {"replication_key_value": "2026-11-20T00:00:00Z"}
    for number, key in enumerate(keys, 1):
        add_pending(state, key, str(number))
    return state


def test_pending_jobs_are_found_by_their_keys() -> None:
    # As if it were read from a file.
    state = json.loads(json.dumps(state_of(*KEYS)))

    assert pending_in(state) == dict(zip(KEYS, ["1", "2", "3", "4"], strict=True))
    assert state["replication_key_value"] == "2026-11-20T00:00:00Z"


def test_the_state_has_readable_entries() -> None:
    assert state_of(PART_KEY)[PENDING] == [
        {
            "id": "1",
            "subject": "us",
            "after": "2026-11-21T00:00:00Z",
            "before": "2026-11-21T11:58:00.500000Z",
        }
    ]


@pytest.mark.parametrize("key", KEYS)
def test_another_job_with_the_same_key_replaces_the_first(key: JobKey) -> None:
    state = state_of(*KEYS)

    add_pending(state, key, "9")

    assert pending_in(state) == pending_in(state_of(*KEYS)) | {key: "9"}
    assert len(state[PENDING]) == len(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_job_that_was_read_is_no_longer_pending(key: JobKey) -> None:
    state = state_of(*KEYS)

    remove_pending(state, [key])

    assert key not in pending_in(state)
    assert len(pending_in(state)) == len(KEYS) - 1


def test_jobs_up_to_a_window_are_no_longer_pending() -> None:
    later = JobKey("us", Window(PART.after, PART.before + (DAY.before - DAY.after)))
    state = state_of(*KEYS, later)
    # Submitted under other settings; and an entry that cannot be read.
    add_pending(state, JobKey("other", DAY), "8")
    state[PENDING].append({"id": "9"})

    remove_pending_up_to(state, PART)

    assert pending_in(state) == {later: "5"}
    assert len(state[PENDING]) == 1


def test_jobs_that_are_to_be_kept_stay_pending() -> None:
    state = state_of(*KEYS)

    remove_pending_up_to(state, PART, kept=[JobKey("ca", DAY)])

    assert [*pending_in(state)] == [JobKey("ca", DAY)]


def test_a_job_of_the_current_state_leaves_nothing_pending() -> None:
    state = state_of(*KEYS)

    remove_pending_up_to(state, None)

    assert PENDING not in state


def test_a_state_without_pending_jobs_has_no_such_key() -> None:
    state = state_of(*KEYS)

    remove_pending(state, KEYS)

    assert PENDING not in state
    remove_pending(state, KEYS)
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
def test_an_entry_that_cannot_be_read_is_left_out(entry: Any) -> None:
    state = state_of(PART_KEY)
    state[PENDING].append(entry)

    assert pending_in(state) == {PART_KEY: "1"}


@pytest.mark.parametrize("pending", [None, "1", 5, {}, {"id": "1"}, True])
def test_a_state_with_an_invalid_pending_list_has_nothing_pending(pending: Any) -> None:
    state = {PENDING: pending}

    assert pending_in(state) == {}
    add_pending(state, PART_KEY, "1")
    assert pending_in(state) == {PART_KEY: "1"}


def test_a_request_without_an_answer_has_a_time_and_then_an_id() -> None:
    state = state_of(PART_KEY)
    since = parse_timestamp("2026-11-21T11:59:00Z")

    add_pending(state, KEYS[0], None, unanswered_since=since)
    assert (len(pending_in(state)), unanswered_in(state)) == (1, {KEYS[0]: since})

    add_pending(state, KEYS[0], "7", unanswered_since=since)
    assert (pending_in(state)[KEYS[0]], unanswered_in(state)) == ("7", {})
