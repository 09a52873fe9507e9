"""States as users have them: unwrapped, checked, and compared with the streams of the tap.

A state that is not understood is refused. Without it, a run would read everything again from the
start date, or, worse, nobody would notice that it did.

Sources: the Singer specification (STATE messages), Meltano's state backends (`completed` and
`partial`, each with a `singer_state`) and its command `meltano state get`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tap_amazon_sp.common.enumerations import first_of
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.json_input import mistake_in_shape

BOOKMARKS = "bookmarks"
PARTITIONS = "partitions"
CONTEXT = "context"

_WRAPPERS = ("value", "singer_state")
_COMPLETED, _PARTIAL = "completed", "partial"
_MELTANO = frozenset({"singer_state", _COMPLETED, _PARTIAL})
_MAX_WRAPPERS = 4
_MAX_NAMES = 10
"""The most names in a sentence."""


class _Bookmark(msgspec.Struct):
    """What the parts of a bookmark are, as far as a run needs them to be right.

    A window that was read in part is read from its beginning where its part cannot be read.
    """

    replication_key: str | None = None
    replication_key_value: str | int | float | None = None
    streams: list[str] | None = None
    pending: list[dict[str, Any]] | None = None
    read: dict[str, Any] | None = None
    unread: dict[str, Any] | None = None
    missing: dict[str, Any] | None = None
    progress_markers: dict[str, Any] | None = None


class _Partition(_Bookmark, kw_only=True):
    context: dict[str, Any]


class _BookmarkOfStream(_Bookmark, kw_only=True):
    partitions: list[_Partition] | None = None


_NOT_A_STATE = (
    "The state must be an object with `bookmarks`, such as the value of a STATE message: "
    '{"bookmarks": {"orders": {...}}}'
)


_WRITTEN = frozenset(
    {
        *_BookmarkOfStream.__struct_fields__,
        "also_read",
        "messages",
        "days_from",
        "history",
        "read_to",
        "seconds",
        "start_date",
        "unread_windows",
        "window",
        # The SDK writes these.
        "replication_key_signpost",
        "starting_replication_value",
    }
)
"""What a bookmark of this tap consists of."""


@dataclass(frozen=True)
class Position:
    """One bookmark in a state.

    Attributes:
        stream: The name of its stream.
        context: What the bookmark is of, such as an account; None is the only one of the stream.
    """

    stream: str
    context: Mapping[str, Any] | None

    def __str__(self) -> str:
        """Name the stream, and the account if there is one."""
        of = "" if self.context is None else f" of {', '.join(map(str, self.context.values()))}"
        return f"{self.stream}{of}"


def read_state(content: Any) -> dict[str, Any]:
    """Return the state that a user gives: an object with `bookmarks`, or an empty one.

    It may be wrapped: in a STATE message, or as Meltano stores it and prints it.

    Args:
        content: The JSON value that is given.

    Raises:
        SettingsError: It is not a state.
    """
    state = _unwrapped(content)
    if not state:
        return {}
    bookmarks = state.get(BOOKMARKS)
    if not isinstance(bookmarks, dict):
        raise SettingsError([_NOT_A_STATE])
    mistakes = [
        mistake
        for name, bookmark in bookmarks.items()
        if (mistake := _mistake_in_bookmark(name, bookmark)) is not None
    ]
    if mistakes:
        raise SettingsError([f"The state: {mistake}" for mistake in mistakes])
    return {BOOKMARKS: {name: _without_null(bookmark) for name, bookmark in bookmarks.items()}}


def without_bookmarks(
    content: Any, streams: Collection[str], account: str | None = None
) -> dict[str, Any]:
    """Return a state without the bookmarks of some streams, which are then read from the start.

    Args:
        content: The state that a user gives, as `read_state` takes it.
        streams: Names of the streams.
        account: The account whose bookmarks are left out; by default those of all accounts.

    Returns:
        The state; as `singer_state` if Meltano stores or prints the given one, as Meltano reads it.

    Raises:
        SettingsError: It is not a state, or has no such bookmark.
    """
    state = read_state(content)
    bookmarks = state.get(BOOKMARKS, {})
    for name in streams:
        parts = bookmarks.get(name, {}).get(PARTITIONS, [])
        kept = [part for part in parts if account not in part[CONTEXT].values()]
        if name not in bookmarks or (account is not None and len(kept) == len(parts)):
            of = "" if account is None else f" of account '{account}'"
            found = _listed(dict.fromkeys(map(str, positions_in(state)))) or "no stream"
            raise SettingsError([f"The state has no bookmark of '{name}'{of}, but of {found}"])
        if account is None:
            del bookmarks[name]
        else:
            bookmarks[name][PARTITIONS] = kept
    return for_meltano(state) if is_of_meltano(content) else state


def is_of_meltano(content: Mapping[str, Any]) -> bool:
    """Return whether Meltano stores or prints a state in this form."""
    return not _MELTANO.isdisjoint(content)


def for_meltano(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state in the form that `meltano state set` takes."""
    return {"singer_state": state}


def positions_in(state: Mapping[str, Any]) -> Iterator[Position]:
    """Yield the bookmarks in a state that are not empty."""
    for name, bookmark in state.get(BOOKMARKS, {}).items():
        if bookmark.keys() - {PARTITIONS}:
            yield Position(name, None)
        for part in bookmark.get(PARTITIONS, ()):
            if part.keys() - {CONTEXT}:
                yield Position(name, part[CONTEXT])


def unread_bookmarks(
    state: Mapping[str, Any],
    streams: Collection[str],
    contexts: Collection[Mapping[str, Any] | None],
) -> list[str]:
    """Return a sentence for the bookmarks of a state that a run does not read.

    Args:
        state: The state.
        streams: Names of the streams of the tap, selected or not.
        contexts: What the bookmarks of a run are of: its accounts, or None.

    Raises:
        SettingsError: The run would read none of them, or not understand one of its own, and so
            start from the beginning.
    """
    found = [*positions_in(state)]
    for name in streams:
        for part in _parts_of(state.get(BOOKMARKS, {}).get(name, {})):
            if part and _WRITTEN.isdisjoint(part):
                message = (
                    f"The state: the bookmark of '{name}' has only {_listed(part)}, which this tap "
                    "does not write. Give the time as `replication_key_value`, or remove it"
                )
                raise SettingsError([message])
    unknown = list(dict.fromkeys(one.stream for one in found if one.stream not in streams))
    others = [one for one in found if one.stream in streams and one.context not in contexts]
    sentences = []
    if unknown:
        sentences.append(
            f"The state has bookmarks of {_listed(unknown)}, which this tap does not have with "
            "these settings. They stay in the state and are not used"
        )
    if others:
        sentences.append(
            f"The state has bookmarks of {_listed(map(str, others))}, which are not those of "
            f"{_named_contexts(contexts)}. They stay in the state and are not used"
        )
    if found and len(others) + sum(one.stream in unknown for one in found) == len(found):
        raise SettingsError(
            [
                f"{sentence.partition('. ')[0]}. As there are no others, everything would be read "
                "again from the start: give the right state, or none to start again"
                for sentence in sentences
            ]
        )
    return sentences


def _parts_of(bookmark: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a bookmark, and the parts of it that are of accounts, without their contexts."""
    yield bookmark
    for part in bookmark.get(PARTITIONS, ()):
        yield {name: value for name, value in part.items() if name != CONTEXT}


def _unwrapped(content: Any) -> dict[str, Any]:
    for _ in range(_MAX_WRAPPERS):
        if not isinstance(content, dict):
            break
        if BOOKMARKS in content or not content:
            return content
        if content.get("type", "STATE") != "STATE":
            raise SettingsError([_NOT_A_STATE])
        if content.keys() & {_COMPLETED, _PARTIAL}:
            content = _merged(
                _unwrapped(content.get(_COMPLETED) or {}), _unwrapped(content.get(_PARTIAL) or {})
            )
            continue
        inner = [content[name] for name in _WRAPPERS if name in content]
        if not inner:
            raise SettingsError([_NOT_A_STATE])
        content = inner[0]
    raise SettingsError([_NOT_A_STATE])


def _merged(completed: Any, partial: Any) -> Any:
    """Return the state of two, as Meltano merges them: what is partial is newer."""
    if not isinstance(completed, dict) or not isinstance(partial, dict):
        return partial
    return {
        **completed,
        **{name: _merged(completed.get(name), value) for name, value in partial.items()},
    }


def _mistake_in_bookmark(name: str, bookmark: Any) -> str | None:
    label = f"the bookmark of '{name}'"
    if mistake := mistake_in_shape(bookmark, _BookmarkOfStream, label):
        return mistake
    contexts = [part[CONTEXT] for part in bookmark.get(PARTITIONS) or ()]
    if any(context in contexts[:number] for number, context in enumerate(contexts)):
        return f"{label} has two `partitions` with the same `context`: remove one of them"
    return None


def _without_null(bookmark: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bookmark without what is null: the SDK expects a value of what is there."""
    found = {name: value for name, value in bookmark.items() if value is not None}
    if PARTITIONS in found:
        found[PARTITIONS] = [_without_null(part) for part in found[PARTITIONS]]
    return found


def _named_contexts(contexts: Collection[Mapping[str, Any] | None]) -> str:
    names = [", ".join(map(str, context.values())) for context in contexts if context]
    return (
        f"the accounts in the settings ({_listed(names)})"
        if names
        else ("settings without `accounts`")
    )


def _listed(names: Any) -> str:
    """Return names for a sentence; of many, the first."""
    return first_of([*names], _MAX_NAMES)
