"""Streams that remember up to when they were read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.common.timestamps import EPOCH, format_timestamp, moment_of, parse_timestamp
from tap_amazon_sp.reading.stream import SellingPartnerStream
from tap_amazon_sp.reading.window_plan import OpenWindow, Window
from tap_amazon_sp.settings.schema import SettingsError

OPEN_WINDOW = "window"
"""Where in its state a stream says how much of the window after its bookmark is written."""


class BookmarkedStream(SellingPartnerStream):
    """A stream with one bookmark: everything up to it is written."""

    _warned_of: Sequence[str] = ()

    @property
    def start_date(self) -> dt.datetime | None:
        """From when on is read at first; None where the user does not say."""
        return self.account.start_date

    @property
    def lookback(self) -> dt.timedelta:
        """How much of the time before the bookmark is read again."""
        return self.account.lookback

    def starting_point(self) -> dt.datetime:
        """Return from when on is read: bookmark less lookback, or start date.

        Raises:
            SettingsError: The state's bookmark is no timestamp.
        """
        start_date = self.start_date or EPOCH
        bookmark = self.bookmark()
        return start_date if bookmark is None else max(bookmark - self.lookback, start_date)

    def bookmark(self) -> dt.datetime | None:
        """Return up to when runs before this one have read; None where all is to be read.

        Raises:
            SettingsError: The state's bookmark is no timestamp.
        """
        state = self.written_state()
        bookmark = state.get("replication_key_value")
        if bookmark is None or self.replication_method != "INCREMENTAL":
            return None
        self._tell_what_was_not_read(state, bookmark)
        try:
            return parse_timestamp(bookmark)
        except (TypeError, ValueError):
            message = (
                f"The state's bookmark of stream '{self.name}' is no timestamp: "
                "correct it, or remove it to read from `start_date` on"
            )
            raise SettingsError([message]) from None

    def written_state(self) -> Mapping[str, Any]:
        """Return what the state says of this stream and account; empty where it says nothing."""
        # Not `stream_state`, which would put an empty bookmark into the next STATE.
        state: dict[str, Any] = self.tap_state.get("bookmarks", {}).get(self.name, {})
        if self.partition is None:
            return state
        partitions = state.get("partitions") or ()
        return next((part for part in partitions if part.get("context") == self.partition), {})

    def _tell_what_was_not_read(self, state: Mapping[str, Any], bookmark: str) -> None:
        """Warn of streams that are selected now and were not when the bookmark was written."""
        read = state.get("streams", [self.name])
        missing = [
            stream.name for stream in self.family if stream.selected and stream.name not in read
        ]
        if missing and self._warned_of != missing:
            self._warned_of = missing
            self.logger.warning(
                "%s: selected since the state was written, so they begin at the bookmark of '%s', "
                "%s. To have what is older, remove that bookmark from the state",
                ", ".join(missing),
                self.label,
                bookmark,
            )

    def open_window(self) -> OpenWindow | None:
        """Return the window that a run before this one left half read, if there is one."""
        found = self.written_state().get(OPEN_WINDOW)
        if self.replication_method != "INCREMENTAL" or not isinstance(found, Mapping):
            return None
        try:
            window = Window(parse_timestamp(found["after"]), parse_timestamp(found["before"]))
            return OpenWindow(
                window, str(found["requests"]), int(found["number"]), str(found["page_token"])
            )
        except (KeyError, TypeError, ValueError):
            # The window is read from its beginning then.
            return None

    def write_open_window(self, opened: OpenWindow) -> None:
        """Write what is in memory, and a STATE that says: this much of the window is written."""
        self._batch.flush()
        if self.replication_method != "INCREMENTAL" or self._lacks_children:
            return
        with self.tap.writer.lock:
            self.get_context_state(self.partition)[OPEN_WINDOW] = {
                "after": format_timestamp(opened.window.after),
                "before": format_timestamp(opened.window.before),
                "requests": opened.requests,
                "number": opened.number,
                "page_token": opened.page_token,
            }
            self._write_state_message()

    @property
    def _lacks_children(self) -> bool:
        """Whether the next run is to read again what a child stream lacks."""
        return any(stream.failed for stream in self.family)

    def moment_of(self, record: Mapping[str, Any], name: str | None = None) -> dt.datetime | None:
        """Return the time in a record's replication key; None where there is none to be read.

        Args:
            record: A record of this stream.
            name: Another property than the replication key.
        """
        return moment_of(record, name or self._own_replication_key or "")

    def write_bookmark(self, instant: dt.datetime, *, may_go_back: bool = False) -> None:
        """Write what is in memory, and a STATE that says: everything up to this instant is."""
        self._batch.flush()
        if self.replication_method != "INCREMENTAL" or self._lacks_children:
            return
        with self.tap.writer.lock:
            state = self.get_context_state(self.partition)
            before = state.get("replication_key_value")
            if before is not None and not may_go_back:
                instant = max(instant, parse_timestamp(before))
            if (read := [stream.name for stream in self.family if stream.selected]) != [self.name]:
                state["streams"] = sorted(read)
            else:
                state.pop("streams", None)
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = format_timestamp(instant)
            state.pop(OPEN_WINDOW, None)
            self._write_state_message()
