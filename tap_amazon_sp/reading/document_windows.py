"""Plans the windows of time whose documents a run requests.

This module makes no requests and keeps no state: a plan follows from the rules of the document type
and from the state and settings at the start of the run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.timestamps import UTC, format_timestamp
from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.jobs.requests import FRESH
from tap_amazon_sp.reading.window_plan import SETTLING_TIME, first_moment

DEFAULT_STRETCH = dt.timedelta(days=30)
"""The time that the first run reads if the user gives no start date."""

LONG_WINDOW = Period(dt.timedelta(days=30))

READ_BY_DAY = dt.timedelta(days=7)
"""The time before the first run that is read in windows of a day, if the length of windows is not
set."""

_NONE = dt.timedelta(0)
_ONE_SECOND = dt.timedelta(seconds=1)
_BEGINNING = dt.datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class WindowRules:
    """The rules for windows of a document type and of its entry in the settings.

    Attributes:
        window: The length of a window; None for days, and `long_window` for older data.
        long_window: The length of windows of older data, if `window` is None.
        only_whole: Whether a window is read only after it is over.
        starts_with_whole: Whether the first run reads at least the last whole window.
        one_request: The only window, if the entry is a single request.
        ends_before: How long ago a window must have ended.
        history: How long Amazon keeps the data; None if that is unknown.
        interval: The time in which Amazon makes no newer document of a window that is not over.
        late_by: How late data may still arrive.
    """

    window: Period | None = None
    long_window: Period = LONG_WINDOW
    only_whole: bool = False
    starts_with_whole: bool = False
    one_request: Window | None = None
    ends_before: dt.timedelta = _NONE
    history: dt.timedelta | None = None
    interval: dt.timedelta = _NONE
    late_by: dt.timedelta = _NONE

    def latest_end(self, now: dt.datetime) -> dt.datetime:
        """Return the latest end that a window may have."""
        return min((now - SETTLING_TIME).replace(microsecond=0), now - self.ends_before)

    def oldest_kept(self, now: dt.datetime) -> dt.datetime:
        """Return the time before which Amazon has no data."""
        if self.history is None:
            return _BEGINNING
        # One day less, because a job is submitted later than it is planned.
        return Period("DAY").start_around(now - self.history + DAY)

    def default_start(self, end: dt.datetime) -> dt.datetime:
        """Return the first moment to read if the user gives no start date."""
        start = Period("DAY").start_around(end - DEFAULT_STRETCH)
        if self.window is None or not self.starts_with_whole:
            return start
        last = self.window.start_around(end)
        return min(start, self.window.start_around(last - _ONE_SECOND))


@dataclass(frozen=True)
class RunStart:
    """State and settings of a stream when a run starts to read it.

    Attributes:
        now: The moment when the run starts.
        start_date: The first moment to read, if the user gives one.
        end_date: The last moment to read, if the user gives one.
        lookback: The time before the bookmark that is read again.
        bookmark: The time up to which earlier runs have read.
        days_from: The moment from which earlier runs read in windows of a day, if `window` of
            the rules is None.
        is_incremental: Whether the stream keeps a state.
        pending: Windows with jobs that an earlier run submitted and did not read.
    """

    now: dt.datetime
    start_date: dt.datetime | None = None
    end_date: dt.datetime | None = None
    lookback: dt.timedelta = _NONE
    bookmark: dt.datetime | None = None
    days_from: dt.datetime | None = None
    is_incremental: bool = True
    pending: Collection[Window] = ()


class DocumentPlan:
    """The windows that a run reads.

    Attributes:
        end: The end of the time to read.
        default_start: The first moment to read, if neither bookmark nor user gives one.
        days_from: The moment from which the stream is read in windows of a day, for the next run.
        oldest: The first moment that Amazon keeps.
        kept_from: The same, if earlier data are wanted.
        windows: The windows, the oldest first.
    """

    def __init__(self, rules: WindowRules, start: RunStart) -> None:
        """Plan the windows of a run."""
        self._rules = rules
        self._run = start
        self.oldest = rules.oldest_kept(start.now)
        self.end = rules.latest_end(start.now)
        if start.end_date is not None:
            self.end = min(self.end, start.end_date)
        self.default_start: dt.datetime | None = None
        self.days_from = start.days_from
        self.kept_from: dt.datetime | None = None
        self.windows = tuple(self._windows())

    @property
    def is_too_old(self) -> bool:
        """Whether Amazon keeps nothing of the time to read."""
        return self._run.bookmark is None and self.end <= self.oldest

    def why_empty(self) -> str:
        """Return why there is no window, in words that follow `nothing to read`."""
        run, rules = self._run, self._rules
        latest = rules.latest_end(run.now)
        if run.bookmark is not None:
            return f"yet: all is read up to {format_timestamp(run.bookmark)}"
        if run.start_date is not None and run.start_date >= latest:
            return f"yet: it starts on {format_timestamp(run.start_date)}"
        if self.is_too_old:
            return (
                f"up to {format_timestamp(self.end)}: Amazon keeps these data since "
                f"{format_timestamp(self.oldest)} only"
            )
        end_date = run.end_date
        is_later = end_date is not None and end_date > latest
        if rules.only_whole and rules.window is not None and rules.one_request is None:
            return self._why_no_period(rules.window, may_come=is_later or end_date is None)
        if end_date is not None and is_later:
            return f"yet: it ends on {format_timestamp(end_date)}"
        return "in the time that Amazon keeps"

    def _why_no_period(self, period: Period, *, may_come: bool) -> str:
        run = self._run
        since = "" if run.start_date is None else f" since {format_timestamp(run.start_date)}"
        length = period.length
        if not isinstance(length, str):
            length = f"window of {length}".removesuffix(", 0:00:00")
        if may_come:
            return f"yet: no {length}{since} is over"
        return f"at all: no {length}{since} ends by {format_timestamp(self.end)}"

    def _windows(self) -> Iterator[Window]:
        for window in self._kept(self._windows_between(self._first_moment(), self.end)):
            older = self._pending_parts_of(window)
            yield from older
            if window.before != self.end or not self._is_too_new(window, older):
                yield window

    def _pending_parts_of(self, window: Window) -> list[Window]:
        """Return the pending windows that begin with this window and end earlier."""
        parts = {
            pending
            for pending in self._run.pending
            if pending.after == window.after and pending.before < window.before
        }
        return sorted(parts, key=lambda one: one.before)

    def _is_too_new(self, window: Window, older: list[Window]) -> bool:
        """Return whether Amazon has no newer data yet than a run has read, or than are pending."""
        run = self._run
        if any(pending.before >= run.now - FRESH for pending in older):
            return True
        latest_read = max(window.after, run.now - self._rules.interval)
        return run.bookmark is not None and run.bookmark > latest_read

    def _first_moment(self) -> dt.datetime:
        run = self._run
        if run.bookmark is not None:
            start = first_moment(run.bookmark, run.start_date or self.oldest, run.lookback)
        elif run.start_date is not None:
            start = run.start_date
        else:
            start = self.default_start = self._rules.default_start(self.end)
        wanted = run.bookmark or run.start_date
        if wanted is not None and wanted < self.oldest < self.end:
            self.kept_from = self.oldest
        return max(start, self.oldest)

    def _windows_between(self, start: dt.datetime, end: dt.datetime) -> Iterator[Window]:
        """Yield the windows of a time.

        Every run cuts time into the same windows, so that a window read again replaces itself.
        """
        rules, run = self._rules, self._run
        if (only := rules.one_request) is not None:
            if end == only.before and (run.bookmark is None or run.bookmark < end):
                yield only
            return
        period = rules.window
        if period is None and not run.is_incremental:
            # No state says when windows of a day began.
            period = rules.long_window
        if period is not None:
            yield from period.windows(start, end, whole=rules.only_whole)
            return
        by_day = max(READ_BY_DAY, run.lookback)
        self.days_from = self.days_from or LONG_WINDOW.start_around(
            min(start, end) if end - start < READ_BY_DAY else end - by_day
        )
        yield from rules.long_window.windows(start, min(end, self.days_from))
        days = Period("DAY").windows(max(start, self.days_from), end, whole=rules.only_whole)
        yield from days

    def _kept(self, windows: Iterator[Window]) -> Iterator[Window]:
        """Yield the windows for which Amazon still keeps data.

        If Amazon keeps only part of a long window, the days of this part are read. If the length
        of windows is set, only whole windows are read.
        """
        for window in windows:
            if window.after >= self.oldest:
                yield window
            elif self.oldest < window.before:
                yield from self._kept_part_of(window)

    def _kept_part_of(self, window: Window) -> Iterator[Window]:
        if self._rules.one_request is not None:
            self.kept_from = self.oldest
            yield Window(self.oldest, window.before)
        elif self._rules.window is None:
            yield from Period("DAY").windows(self.oldest, window.before)
