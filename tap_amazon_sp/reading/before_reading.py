"""What a run checks, and warns of, before its first request."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from itertools import chain

from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError

_NOTHING_SELECTED = (
    "No stream is selected, so there is nothing to read: select some in the catalog (`select` in "
    "Meltano)"
)
_NOTHING_SELECTED_OF_ACCOUNTS = (
    f"{_NOTHING_SELECTED}, and look at the `streams` of `accounts`, which may leave out all of them"
)


def check_settings(
    streams_of_accounts: Iterable[Sequence[AmazonStream]], *, has_several_accounts: bool
) -> None:
    """Check before the first request that streams are selected, and have their settings.

    Args:
        streams_of_accounts: All streams of each account.
        has_several_accounts: Whether accounts have names.

    Raises:
        SettingsError: A setting is missing, or no stream is selected.
    """
    all_streams = [*streams_of_accounts]
    if not any(root_streams(streams) for streams in all_streams):
        raise SettingsError(
            [_NOTHING_SELECTED_OF_ACCOUNTS if has_several_accounts else _NOTHING_SELECTED]
        )
    streams_by_setting: dict[str, list[str]] = {}
    for stream in chain.from_iterable(all_streams):
        if stream.is_needed:
            for setting in stream.missing_settings():
                streams_by_setting.setdefault(setting, []).append(stream.label)
    if streams_by_setting:
        raise SettingsError(
            [
                f"`{setting}` is needed by {', '.join(names)}: give it, or deselect them"
                for setting, names in streams_by_setting.items()
            ]
        )


def warn_of_entries_not_selected(streams: Iterable[AmazonStream], logger: logging.Logger) -> None:
    """Warn of each entry in the settings that has no selected stream."""
    streams_by_entry: dict[str, list[AmazonStream]] = {}
    for stream in streams:
        if stream.declared_in is not None:
            streams_by_entry.setdefault(stream.declared_in, []).append(stream)
    for entry, declared in streams_by_entry.items():
        if not any(stream.is_selected_in_catalog for stream in declared):
            logger.warning(
                "%s is not read, because no stream of it is selected: add %s to the catalog "
                "(`select` in Meltano)",
                entry,
                " or ".join(stream.name for stream in declared),
            )


def warn_of_start_dates(streams: Iterable[AmazonStream], logger: logging.Logger) -> None:
    """Warn of start dates that change nothing, and of those in the future."""
    earlier: dict[dt.datetime, list[str]] = {}
    future: dict[dt.datetime, list[str]] = {}
    later: dict[dt.datetime, list[str]] = {}
    for stream in root_streams(streams):
        bookmark = getattr(stream.reader, "bookmark", None)
        if not isinstance(bookmark, Bookmark) or not bookmark.is_incremental:
            continue
        if bookmark.start_date is None:
            continue
        if _begins_earlier(bookmark):
            later.setdefault(bookmark.start_date, []).append(stream.label)
        elif bookmark.start_date > stream.connection.clock.now():
            future.setdefault(bookmark.start_date, []).append(stream.label)
        elif (began := bookmark.later_beginning()) is not None:
            label = f"{stream.label} ({format_timestamp(began)})"
            earlier.setdefault(bookmark.start_date, []).append(label)
    for start_date, labels in future.items():
        logger.warning(
            "`start_date` %s is in the future: nothing is read of %s",
            format_timestamp(start_date),
            ", ".join(labels),
        )
    for start_date, labels in later.items():
        logger.warning(
            "`start_date` %s is later than the bookmarks of these streams: %s. They go on from "
            "their bookmarks, so that nothing is left out",
            format_timestamp(start_date),
            ", ".join(labels),
        )
    for start_date, labels in earlier.items():
        logger.warning(
            "`start_date` %s is earlier than the one with which these streams began: %s. They "
            "go on from their bookmarks. To read the past of a stream, remove its bookmark "
            "from the state: docs/state.md says how",
            format_timestamp(start_date),
            ", ".join(labels),
        )


def _begins_earlier(bookmark: Bookmark) -> bool:
    """Return whether a stream goes on at a bookmark before its start date."""
    try:
        return bookmark.is_before_start_date()
    except SettingsError:
        # The stream fails with this error when it is read.
        return False


def root_streams(streams: Iterable[AmazonStream]) -> list[AmazonStream]:
    """Return the streams to be read that are not children of others."""
    return [stream for stream in streams if stream.read.parent is None and stream.is_needed]
