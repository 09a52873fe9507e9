"""The jobs in the state of a stream that are submitted but not yet read, or could not be read.

The next run reads the jobs that are submitted, so no job is submitted twice. Jobs that could not be
read are tried again in each run; what follows them is read once. The bookmark stays before them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.timestamps import format_timestamp, moment_of, parse_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.bookmarks import Bookmark

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

PENDING = "pending"
"""The key in a stream's state with the jobs that are submitted but not yet read."""

DAYS_FROM = "days_from"
"""The key with the moment from which the stream is read in windows of a day; older data are read in
longer windows."""

UNANSWERED_SINCE = "unanswered_since"
"""The key of a pending job without an id, with a time before the request for it."""

UNREAD_WINDOWS = "unread_windows"
"""The key with the jobs up to `READ_TO` that could not be read; all others are read."""

READ_TO = "read_to"
"""The key with the time up to which all but `UNREAD_WINDOWS` is read."""

MAX_UNREAD = 50
"""Jobs that a state lists as unread."""

TOOK = "seconds"
"""The key with the seconds that Amazon needed for the last job."""

JOB_KEYS = frozenset({PENDING, DAYS_FROM, UNREAD_WINDOWS, READ_TO, TOOK})
"""The keys that only streams whose jobs are submitted have in their state."""


@dataclass(frozen=True)
class JobKey:
    """Identifies a job of a stream: its window, and its subject among the jobs of the window."""

    subject: str
    window: Window | None


class JobState:
    """The jobs in the state of one stream of one account.

    `pending` has the ids of the jobs that an earlier run submitted and did not read, `unanswered`
    the times since when others may be at Amazon: an earlier run got no answer to its request.
    `unread` has the jobs that could not be read, though later ones were; the one that was tried
    longest ago is the first.
    """

    def __init__(self, stream: AmazonStream, bookmark: Bookmark) -> None:
        """Read nothing yet."""
        self._stream = stream
        self._bookmark = bookmark
        self.pending: Mapping[JobKey, str] = {}
        self.unanswered: Mapping[JobKey, dt.datetime] = {}
        self.unread: list[JobKey] = []
        self.days_from: dt.datetime | None = None
        self._read_to: dt.datetime | None = None

    def load(self) -> None:
        """Load what earlier runs wrote."""
        state = self._bookmark.written_state()
        # A run that reads everything again uses no older job.
        self.pending = pending_in(state) if self._bookmark.is_incremental else {}
        self.unanswered = unanswered_in(state) if self._bookmark.is_incremental else {}
        self.days_from = moment_of(state, DAYS_FROM)
        self._read_to, self.unread = None, []
        if self._bookmark.is_incremental:
            self._read_to, self.unread = self._read_in(state)

    def _read_in(self, state: Mapping[str, Any]) -> tuple[dt.datetime | None, list[JobKey]]:
        """Return up to when all but some jobs is read; nothing if that cannot be read."""
        read_to = moment_of(state, READ_TO)
        entries = state.get(UNREAD_WINDOWS)
        if read_to is None or read_to > self._stream.connection.clock.now():
            return None, []
        bookmark = self._bookmark.value()
        if bookmark is not None and read_to < bookmark:
            # A program that merges states has kept it from an older one.
            return None, []
        if not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
            return None, []
        keys = [key for one in entries if (key := _key(one)) is not None and key.window]
        return (read_to, keys) if keys and len(keys) == len(entries) else (None, [])

    @property
    def reached(self) -> dt.datetime | None:
        """The time up to which all but `unread` is read; None if nothing is."""
        moments = (self._bookmark.value(), self._read_to)
        return max((one for one in moments if one is not None), default=None)

    def has_room_for(self, keys: Sequence[JobKey]) -> bool:
        """Return whether the state may list further jobs as unread."""
        return len({*self.unread, *keys}) <= MAX_UNREAD

    @property
    def expected_seconds(self) -> float:
        """The expected seconds for the next job: those of the last job; 0 if there was none."""
        found = self._bookmark.written_state().get(TOOK)
        return float(found) if isinstance(found, (int, float)) else 0.0

    def remember(
        self, key: JobKey, job_id: str | None, *, unanswered_since: dt.datetime | None = None
    ) -> None:
        """Write a STATE with a submitted job; may be called from any thread.

        Args:
            key: The key of the job.
            job_id: Amazon's id of it; None if there is no answer yet.
            unanswered_since: A time before its request, if there is no answer yet.
        """
        if self._bookmark.is_incremental:
            with self._stream.run.writer.lock:
                state = self._stream.get_context_state(self._stream.partition)
                add_pending(state, key, job_id, unanswered_since=unanswered_since)
                self._write_days_from(state)
                self._stream.write_state()

    def forget(self, key: JobKey) -> None:
        """Write a STATE without a job that is no longer pending."""
        if self._bookmark.is_incremental:
            with self._stream.run.writer.lock:
                remove_pending(self._stream.get_context_state(self._stream.partition), [key])
                self._stream.write_state()

    def finish(
        self,
        window: Window | None,
        instant: dt.datetime,
        seconds: float | None,
        *,
        unread: Sequence[JobKey] = (),
    ) -> None:
        """Write a STATE with a finished window.

        The bookmark moves to the end of what is read without a gap.

        Args:
            window: The window; None for the current state of things.
            instant: The end of the window, or the new bookmark of the current state of things.
            seconds: The seconds that Amazon needed for the slowest job, if they are known.
            unread: The jobs of the window that could not be read.
        """
        if not self._bookmark.is_incremental:
            return
        others = [key for key in self.unread if not _is_within(key.window, window)]
        self.unread = left = others + list(unread)
        bookmark, reached = self._bookmark.value(), max(instant, self.reached or instant)
        self._read_to = reached if left else None

        def change(state: dict[str, Any]) -> None:
            remove_pending_up_to(state, window, kept=left)
            if seconds is not None:
                state[TOOK] = round(seconds)
            self._write_days_from(state)
            _write_unread(state, left, reached)

        # A window that is read again may begin before the bookmark.
        gap = min((key.window.after for key in left if key.window is not None), default=reached)
        if not left or (bookmark is not None and gap > bookmark):
            self._bookmark.write(gap, change=change, despite_shortfalls=True)
            return
        with self._bookmark.changed_state(despite_shortfalls=True) as state:
            if state is not None:
                change(state)

    def _write_days_from(self, state: dict[str, Any]) -> None:
        if self.days_from is not None:
            state[DAYS_FROM] = format_timestamp(self.days_from)


def pending_in(state: Mapping[str, Any]) -> dict[JobKey, str]:
    """Return Amazon's ids of the pending jobs by their keys.

    Entries that cannot be read are left out: their jobs are submitted again.
    """
    return {
        key: str(entry["id"])
        for entry in _entries(state)
        if (key := _key(entry)) is not None and entry.get("id")
    }


def unanswered_in(state: Mapping[str, Any]) -> dict[JobKey, dt.datetime]:
    """Return the times since when jobs without an id may be at Amazon, by their keys."""
    return {
        key: since
        for entry in _entries(state)
        if (key := _key(entry)) is not None
        and not entry.get("id")
        and (since := moment_of(entry, UNANSWERED_SINCE)) is not None
    }


def add_pending(
    state: dict[str, Any],
    key: JobKey,
    job_id: str | None,
    *,
    unanswered_since: dt.datetime | None = None,
) -> None:
    """Add a pending job to a state; it replaces another job with the same key.

    Args:
        state: The state of a stream.
        key: The key of the job.
        job_id: Amazon's id of it; None if there is no answer yet.
        unanswered_since: A time before its request, if there is no answer yet.
    """
    entry = {"subject": key.subject}
    if job_id is not None:
        entry = {"id": job_id} | entry
    elif unanswered_since is not None:
        entry[UNANSWERED_SINCE] = format_timestamp(unanswered_since)
    remove_pending(state, [key])
    state[PENDING] = [*_entries(state), entry | _times(key)]


def remove_pending(state: dict[str, Any], keys: Iterable[JobKey]) -> None:
    """Remove the pending jobs with these keys from a state."""
    gone = set(keys)
    _keep(state, (entry for entry in _entries(state) if _key(entry) not in gone))


def remove_pending_up_to(
    state: dict[str, Any], window: Window | None, *, kept: Collection[JobKey] = ()
) -> None:
    """Remove the pending jobs of a window and of earlier windows from a state.

    This includes jobs that were submitted under other settings, and entries that cannot be read.

    Args:
        state: The state of a stream.
        window: The window; None for the current state of things.
        kept: Jobs that stay in the state.
    """
    _keep(
        state,
        (
            entry
            for entry in _entries(state)
            if window is not None
            and (key := _key(entry)) is not None
            and key.window is not None
            and (key.window.before > window.before or key in kept)
        ),
    )


def _write_unread(state: dict[str, Any], unread: Sequence[JobKey], read_to: dt.datetime) -> None:
    if not unread:
        state.pop(UNREAD_WINDOWS, None)
        state.pop(READ_TO, None)
        return
    state[UNREAD_WINDOWS] = [{"subject": key.subject} | _times(key) for key in unread]
    state[READ_TO] = format_timestamp(read_to)


def _times(key: JobKey) -> dict[str, str]:
    if key.window is None:
        return {}
    return {
        "after": format_timestamp(key.window.after),
        "before": format_timestamp(key.window.before),
    }


def _is_within(one: Window | None, other: Window | None) -> bool:
    return one is not None and other is not None and other.contains(one)


def _keep(state: dict[str, Any], entries: Iterable[Mapping[str, Any]]) -> None:
    if left := list(entries):
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


def _key(entry: Mapping[str, Any]) -> JobKey | None:
    try:
        window = None
        if "after" in entry:
            window = Window(parse_timestamp(entry["after"]), parse_timestamp(entry["before"]))
        return JobKey(str(entry["subject"]), window)
    except (KeyError, TypeError, ValueError):
        return None
