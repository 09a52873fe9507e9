"""States of Airbyte, as its interface shows them, as it stores them, and as connectors write them.

Facts: the Airbyte protocol (`AirbyteStateMessage`); the API client `airbyte_client`
(`ConnectionState`, with names in camel case); the states in the tests of the connector; in
`airbytehq/airbyte-python-cdk`, `abstract_stream_state_converter.py` and
`datetime_stream_state_converter.py` (slices; a time without a zone is UTC) and
`concurrent_partition_cursor.py` (streams that are read per record of another). Older versions of
the CDK wrote the local time of a marketplace with the `Z` of UTC, as a comment there says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.migration.airbyte import RULES
from tap_amazon_sp.migration.rules import OldBookmark, Rule
from tap_amazon_sp.settings.errors import SettingsError

_NOT_A_STATE = (
    "is not a state of Airbyte: that is the JSON under Connection state in the settings of a "
    'connection, such as [{"streamDescriptor": {"name": "Orders"}, "streamState": {...}}]'
)

_IS_SINGER = ". This is the state of a Singer tap, such as hotglue's"

_GRANULARITY = dt.timedelta(seconds=1)
"""Slices that are not further apart have no gap between them (`cursor_granularity`)."""

_DESCRIPTORS = ("streamDescriptor", "stream_descriptor")
_STATES = ("streamState", "stream_state")
_WRAPPERS = (
    "state",
    "stream",
    "global",
    "data",
    "streamState",
    "globalState",
    "streamStates",
    "stream_states",
)
"""What has states inside. Not `shared_state`, which this connector never writes."""
_WITH_STATES = (None, "STATE", "STREAM", "GLOBAL", "LEGACY")
"""Types of messages; others are records and logs between the states of a run."""
_MAX_NAMES = 5


def bookmarks_of(contents: Iterable[Any], source: str) -> list[OldBookmark]:
    """Return the bookmarks in a state.

    Args:
        contents: The JSON values of a file. Several are messages of the connector: of a stream, the
            last counts. In one value, all count.
        source: What holds them, for errors.

    Raises:
        SettingsError: It is not a state of Airbyte, or an empty one.
    """
    found: dict[str, list[Any]] = {}
    try:
        for content in contents:
            states: dict[str, list[Any]] = {}
            for name, state in _states_in(content):
                states.setdefault(name, []).append(state)
            found |= states
    except ValueError as error:
        raise SettingsError([f"{source} {_NOT_A_STATE}{error}"]) from None
    if not found:
        raise SettingsError([f"{source} has no state of a stream"])
    return [_bookmark(name, state) for name, states in found.items() for state in states]


def connection_of(contents: Iterable[Any]) -> str | None:
    """Return the id of the connection that a state is of; None if it does not say."""
    ids = (one.get("connectionId") for one in contents if isinstance(one, dict))
    return next((found for found in ids if isinstance(found, str)), None)


def _states_in(content: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and the state of each stream.

    Raises:
        ValueError: It is not a state; the text may say what it is.
    """
    if isinstance(content, list):
        for one in content:
            yield from _states_in(one)
    elif not isinstance(content, dict):
        raise ValueError  # noqa: TRY004 - a mistake in a file
    elif not content.keys().isdisjoint(_DESCRIPTORS):
        yield _name_in(content), _either(content, _STATES)
    elif content.get("type") in _WITH_STATES:
        yield from _states_inside(content)


def _states_inside(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    wrapped = [content[name] for name in _WRAPPERS if isinstance(content.get(name), (dict, list))]
    for one in filter(None, wrapped):
        yield from _states_in(one)
    if wrapped or not content:
        return
    # Old versions write states by names of streams.
    if "bookmarks" in content:
        raise ValueError(_IS_SINGER)
    if not all(isinstance(state, dict) for state in content.values()):
        raise ValueError
    yield from content.items()


def _name_in(content: Mapping[str, Any]) -> str:
    descriptor = _either(content, _DESCRIPTORS)
    name = descriptor.get("name") if isinstance(descriptor, dict) else None
    if not isinstance(name, str):
        raise ValueError  # noqa: TRY004 - a mistake in a file
    return name


def _either(content: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((content[name] for name in names if name in content), None)


def _bookmark(name: str, state: Any) -> OldBookmark:
    """Return where the connector itself would go on."""
    rule = RULES.get(name)
    if rule is None or rule.reason is not None:
        return OldBookmark(name)
    if not isinstance(state, dict) or not state:
        return OldBookmark(name, doubt="its state is empty: the old connector has read nothing")
    if isinstance(state.get("slices"), list):
        return _of_slices(name, state["slices"])
    if not state.keys().isdisjoint({"use_global_cursor", "states"}):
        return _of_parts(name, rule, state)
    if rule.cursor in state:
        return OldBookmark.at(name, state[rule.cursor])
    shown = ", ".join(f"`{key}`" for key in list(state)[:_MAX_NAMES])
    return OldBookmark(name, doubt=f"its state has no `{rule.cursor}`, but {shown}")


def _of_slices(name: str, slices: list[Any]) -> OldBookmark:
    """Return the bookmark of a stream whose state has the slices of time that were read.

    Only those before the first gap count, as for the connector, and none beyond its end.
    """
    try:
        read = sorted(slices, key=lambda one: parse_timestamp(one["start"]))
        end = parse_timestamp(read[0]["end"])
        latest = _latest_in(read[0])
        for one in read[1:]:
            if parse_timestamp(one["start"]) > end + _GRANULARITY:
                break
            end = max(end, parse_timestamp(one["end"]))
            latest = max(latest, _latest_in(one), key=parse_timestamp)
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
        return OldBookmark(name, doubt="its `slices` cannot be read")
    return OldBookmark(name, latest)


def _latest_in(one: Mapping[str, Any]) -> str:
    """Return up to when a slice of time was surely read."""
    latest: str = one.get("most_recent_cursor_value") or one["start"]
    end: str = one["end"]
    return min(latest, end, key=parse_timestamp)


def _of_parts(name: str, rule: Rule, state: Mapping[str, Any]) -> OldBookmark:
    """Return the bookmark of a stream that is read per record of another one.

    What has been read of the parent is kept only after all that belongs to it was read. Without it,
    the time of the whole stream counts, less the time that the last run took.
    """
    parents = state.get("parent_state")
    for parent, inner in parents.items() if isinstance(parents, dict) else ():
        if parent != name and (found := _bookmark(parent, inner)).text is not None:
            return replace(found, stream=name)
    whole = state.get("state")
    seconds = state.get("lookback_window") or 0
    is_number = isinstance(seconds, (int, float)) and 0 <= seconds < dt.timedelta.max.days
    if is_number and isinstance(whole, dict) and rule.cursor in whole:
        earlier = dt.timedelta(seconds=float(seconds))
        return replace(OldBookmark.at(name, whole[rule.cursor]), earlier=earlier)
    return OldBookmark(
        name, doubt="its state has times of single records only: no run has ended yet"
    )
