"""What a stream ordered and has not read yet, as its state says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.reading.window_plan import Window

PENDING = "pending"
"""Where in its state a stream says it."""


@dataclass(frozen=True)
class Place:
    """What an order is for: what tells it from others of the same window, and the window."""

    subject: str
    window: Window | None


def pending_in(state: Mapping[str, Any]) -> dict[Place, str]:
    """Return Amazon's ids of what is pending, by what it is for.

    What cannot be read is left out: it is ordered anew.
    """
    return {
        place: str(entry["id"])
        for entry in _entries(state)
        if (place := _place(entry)) is not None and entry.get("id")
    }


def add_pending(state: dict[str, Any], place: Place, job_id: str) -> None:
    """Say in a state that something is pending."""
    entry = {"id": job_id, "subject": place.subject}
    if place.window is not None:
        entry["after"] = format_timestamp(place.window.after)
        entry["before"] = format_timestamp(place.window.before)
    remove_pending(state, [place])
    state[PENDING] = [*_entries(state), entry]


def remove_pending(state: dict[str, Any], places: Iterable[Place]) -> None:
    """Say in a state that these are pending no more."""
    gone = set(places)
    if left := [entry for entry in _entries(state) if _place(entry) not in gone]:
        state[PENDING] = left
    else:
        state.pop(PENDING, None)


def remove_pending_up_to(state: dict[str, Any], window: Window | None) -> None:
    """Say in a state that nothing of a window, nor of the time before it, is pending any more.

    What was ordered under other settings goes with it, and what cannot be read.
    """
    left = [
        entry
        for entry in _entries(state)
        if window is not None
        and (place := _place(entry)) is not None
        and place.window is not None
        and place.window.before > window.before
    ]
    if left:
        state[PENDING] = left
    else:
        state.pop(PENDING, None)


def _entries(state: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    found = state.get(PENDING)
    return (
        (entry for entry in found if isinstance(entry, Mapping))
        if isinstance(found, list)
        else iter(())
    )


def _place(entry: Mapping[str, Any]) -> Place | None:
    try:
        window = None
        if "after" in entry:
            window = Window(parse_timestamp(entry["after"]), parse_timestamp(entry["before"]))
        return Place(str(entry["subject"]), window)
    except (KeyError, TypeError, ValueError):
        return None
