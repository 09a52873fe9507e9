"""The bookmark of a stream: the time up to which it has been read, and its form in the state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from tap_amazon_sp.common.timestamps import EPOCH, format_timestamp, moment_of, parse_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.window_plan import OpenWindow, first_moment
from tap_amazon_sp.settings.errors import SettingsError

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

START_DATE = "start_date"
"""The key in a stream's state with the start date with which its bookmark began."""

OPEN_WINDOW = "window"
"""The key in a stream's state with the part of the next window that is already written."""


class Bookmark:
    """The bookmark of one stream of one account: everything up to it is written.

    `start_date` is the first moment to read; None if the user gives none. `lookback` is the time
    before the bookmark that is read again. `oldest_kept` takes the present and returns the time
    before which Amazon has nothing; None if that is unknown.
    """

    oldest_kept: Callable[[dt.datetime], dt.datetime] | None = None

    def __init__(
        self,
        stream: AmazonStream,
        *,
        start_date: dt.datetime | None = None,
        lookback: dt.timedelta | None = None,
    ) -> None:
        """Use the start date and the lookback of the account by default."""
        self._stream = stream
        self._clock = stream.connection.clock
        self._once = stream.connection.once
        self._warned_of: Sequence[str] = ()
        self._held_at: dt.datetime | None = None
        self.start_date = start_date or stream.settings.start_date
        self.lookback = stream.settings.lookback if lookback is None else lookback

    @property
    def is_incremental(self) -> bool:
        """Whether a run reads the stream from its bookmark."""
        return self._stream.replication_method == "INCREMENTAL"

    def now(self) -> dt.datetime:
        """Return the present, by Amazon's clock."""
        return self._clock.now()

    def starting_point(self) -> dt.datetime:
        """Return the first moment to read: the bookmark less the lookback, or the start date.

        A start date limits the lookback. It never skips what follows the bookmark.

        Raises:
            SettingsError: The state's bookmark is not a timestamp.
        """
        return first_moment(self.value(), self.start_date or EPOCH, self.lookback)

    def value(self) -> dt.datetime | None:
        """Return the time up to which earlier runs have read; None if there is no bookmark.

        A bookmark in the future tells nothing about what was read: it is as if there were none.

        Raises:
            SettingsError: The state's bookmark is not a timestamp.
        """
        state = self.written_state()
        bookmark = state.get("replication_key_value")
        if bookmark is None or not self.is_incremental:
            return None
        moment = self._believed(bookmark)
        if moment is not None:
            self._warn_of_streams_not_read(state, bookmark)
        elif self._once.is_first((Bookmark, self._stream.label)):
            self._stream.logger.warning(
                "The state's bookmark of stream '%s', %s, is in the future (now is %s), so nobody "
                "knows what was read: reading from the beginning, or from `start_date`",
                self._stream.label,
                bookmark,
                format_timestamp(self._clock.now().replace(microsecond=0)),
            )
        return moment

    def _believed(self, bookmark: Any) -> dt.datetime | None:
        """Return the time in a bookmark; None if it is in the future.

        Raises:
            SettingsError: It is not a timestamp.
        """
        try:
            moment = max(parse_timestamp(bookmark), EPOCH)
        except (TypeError, ValueError):
            message = (
                f"The state's bookmark of stream '{self._stream.name}' is not a timestamp: "
                "correct it, or remove it to read from `start_date`"
            )
            raise SettingsError([message]) from None
        return moment if moment <= self._clock.now() else None

    def later_beginning(self) -> dt.datetime | None:
        """Return the start date with which the bookmark began, if that of this run is earlier.

        The time between them is not read: reading goes on at the bookmark. None if Amazon keeps
        nothing of that time.
        """
        state = self.written_state()
        if self.start_date is None or not self.is_incremental:
            return None
        began = moment_of(state, START_DATE)
        earliest = self.start_date
        if self.oldest_kept is not None:
            earliest = max(earliest, self.oldest_kept(self._clock.now()))
        return began if began is not None and earliest < began else None

    def is_before_start_date(self) -> bool:
        """Return whether reading goes on at the bookmark although the start date is later.

        Raises:
            SettingsError: The state's bookmark is not a timestamp.
        """
        bookmark = self.value() if self.start_date is not None else None
        return bookmark is not None and bookmark < cast("dt.datetime", self.start_date)

    def written_state(self) -> Mapping[str, Any]:
        """Return the state of this stream and account; it may be empty."""
        # Not `stream_state`, which would put an empty bookmark into the next STATE.
        stream = self._stream
        state: dict[str, Any] = stream.tap_state.get("bookmarks", {}).get(stream.name, {})
        if stream.partition is None:
            return state
        partitions = state.get("partitions") or ()
        return next((part for part in partitions if part.get("context") == stream.partition), {})

    def _warn_of_streams_not_read(self, state: Mapping[str, Any], bookmark: str) -> None:
        """Warn of streams that are selected now, but were not when the bookmark was written."""
        stream = self._stream
        read = state.get("streams", [stream.name])
        missing = [
            member.name for member in stream.family if member.selected and member.name not in read
        ]
        if missing and self._warned_of != missing:
            self._warned_of = missing
            stream.logger.warning(
                "%s: selected since the state was written, so they begin at the bookmark of '%s', "
                "%s. To read what is older, remove that bookmark from the state",
                ", ".join(missing),
                stream.label,
                bookmark,
            )

    def open_window(self) -> OpenWindow | None:
        """Return the window that an earlier run read in part; None if there is none."""
        found = self.written_state().get(OPEN_WINDOW)
        if not self.is_incremental or not isinstance(found, Mapping):
            return None
        try:
            window = Window(parse_timestamp(found["after"]), parse_timestamp(found["before"]))
            return OpenWindow(
                window, str(found["requests"]), int(found["number"]), str(found["page_token"])
            )
        except (KeyError, TypeError, ValueError):
            # The window is then read from its beginning.
            return None

    def moment_of(self, record: Mapping[str, Any], name: str | None = None) -> dt.datetime | None:
        """Return the time in a record's replication key; None if it has none.

        Args:
            record: A record of the stream.
            name: A property to use instead of the replication key.
        """
        return moment_of(record, name or self._stream.own_replication_key or "")

    def hold(self, moment: dt.datetime) -> None:
        """Do not move past this moment in this run: records of child streams are missing there."""
        self._held_at = min(self._held_at or moment, moment)

    @property
    def _may_move(self) -> bool:
        """Whether all is read up to the moment where the bookmark is held, if it is held."""
        stream = self._stream
        if any(member.failed for member in stream.family) or stream.shortfalls.count:
            return False
        return self._held_at is not None or not any(
            member.shortfalls.count for member in stream.family
        )

    @contextmanager
    def changed_state(self, *, despite_shortfalls: bool = False) -> Iterator[dict[str, Any] | None]:
        """Yield the state for a change, then write a STATE with this change.

        Records that are still in memory are written first. Yield None and write nothing if the
        stream has no bookmark, or if records are missing: then the next run reads them again.

        Args:
            despite_shortfalls: The change itself says what is missing.
        """
        stream = self._stream
        stream.batch.flush()
        if not self.is_incremental or not (despite_shortfalls or self._may_move):
            yield None
            return
        with stream.run.writer.lock:
            yield stream.get_context_state(stream.partition)
            stream.write_state()

    def write_open_window(self, opened: OpenWindow) -> None:
        """Write a STATE with the part of a window that is written, unless records are missing."""
        if self._held_at is not None:
            return
        with self.changed_state() as state:
            if state is not None:
                state[OPEN_WINDOW] = {
                    "after": format_timestamp(opened.window.after),
                    "before": format_timestamp(opened.window.before),
                    "requests": opened.requests,
                    "number": opened.number,
                    "page_token": opened.page_token,
                }

    def write(
        self,
        instant: dt.datetime,
        *,
        may_go_back: bool = False,
        despite_shortfalls: bool = False,
        change: Callable[[dict[str, Any]], object] = lambda _: None,
    ) -> None:
        """Write a STATE with this bookmark: everything up to this moment is written.

        It is never in the future: the clock may have been wrong when the moment was chosen.

        Args:
            instant: The moment.
            may_go_back: Whether it may be earlier than the bookmark so far.
            despite_shortfalls: The bookmark and the change say themselves what is missing.
            change: Changes the stream's state in the same STATE.
        """
        instant = min(instant, self._clock.now())
        stream = self._stream
        with self.changed_state(despite_shortfalls=despite_shortfalls) as state:
            if state is None:
                return
            before = state.get("replication_key_value")
            last = None if before is None else self._believed(before)
            if last is None and self.start_date is not None:
                state[START_DATE] = format_timestamp(self.start_date)
            elif last is None:
                state.pop(START_DATE, None)
            if self._held_at is not None:
                instant = min(instant, self._held_at)
            elif last is not None and not may_go_back:
                instant = max(instant, last)
            read = sorted(member.name for member in stream.family if member.selected)
            if read != [stream.name]:
                state["streams"] = read
            else:
                state.pop("streams", None)
            state["replication_key"] = stream.replication_key
            state["replication_key_value"] = format_timestamp(instant)
            state.pop(OPEN_WINDOW, None)
            change(state)
