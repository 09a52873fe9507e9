"""Which windows of time the documents of a stream are requested for in a run.

Nothing here calls Amazon or keeps a state: a plan follows from the rules of the document's type and
from what the run finds when it starts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.timestamps import UTC, format_timestamp
from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.jobs.requests import FRESH
from tap_amazon_sp.reading.window_plan import SETTLING_TIME

DEFAULT_STRETCH = dt.timedelta(days=30)
"""How much the first run reads where the user gives no start date."""

LONG_WINDOW = Period(dt.timedelta(days=30))

READ_BY_DAY = dt.timedelta(days=7)
"""How much of the time before the first run is read in windows of a day, where the length of
windows is not given."""

_NONE = dt.timedelta(0)
_ONE_SECOND = dt.timedelta(seconds=1)
_BEGINNING = dt.datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class WindowRules:
    """What the type of a document, and its entry in the settings, say about windows.

    Attributes:
        window: The time that one document covers; None where that depends on how long ago it is.
        long_window: The time that one document covers that is long ago, where `window` is None.
        only_whole: Whether a window is read only when it is over.
        starts_with_whole: Whether the first run reads at least the last whole window.
        one_request: The only window, where the entry is a single request.
        ends_before: How long ago a window must have ended.
        history: How long Amazon keeps the data; None where that is unknown.
        interval: How long Amazon makes no newer document of a window that is not over.
        late_by: How late data still come in.
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
        # A day within it, as the job is submitted later than it is planned.
        return Period("DAY").start_around(now - self.history + DAY)

    def default_start(self, end: dt.datetime) -> dt.datetime:
        """Return the first moment to read where the user gives no start date."""
        start = Period("DAY").start_around(end - DEFAULT_STRETCH)
        if self.window is None or not self.starts_with_whole:
            return start
        last = self.window.start_around(end)
        return min(start, self.window.start_around(last - _ONE_SECOND))


@dataclass(frozen=True)
class RunStart:
    """What a run finds when it starts to read a stream.

    Attributes:
        now: The moment when the run starts.
        start_date: The first moment to read, if the user gives one.
        end_date: The last moment to read, if the user gives one.
        lookback: How much of the time before the bookmark is read again.
        bookmark: The time up to which earlier runs have read.
        days_from: The moment from which earlier runs read in windows of a day, where `window` of
            the rules is None.
        is_incremental: Whether the stream keeps a state.
        pending: Windows for which an earlier run submitted jobs and did not read them.
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
        default_start: The first moment to read, where neither bookmark nor user gives one.
        days_from: The moment from which the stream is read in windows of a day, for the next run.
        kept_from: The beginning of what Amazon keeps, where it cut the only window short.
        windows: The windows in the order of time.
    """

    def __init__(self, rules: WindowRules, start: RunStart) -> None:
        """Plan the windows of a run."""
        self._rules = rules
        self._run = start
        self._oldest = rules.oldest_kept(start.now)
        self.end = rules.latest_end(start.now)
        if start.end_date is not None:
            self.end = min(self.end, start.end_date)
        self.default_start: dt.datetime | None = None
        self.days_from = start.days_from
        self.kept_from: dt.datetime | None = None
        self.windows = tuple(self._windows())

    def why_empty(self) -> str:
        """Return the reason for which there is no window, to follow `nothing to read`."""
        run, rules = self._run, self._rules
        latest = rules.latest_end(run.now)
        if run.bookmark is not None:
            return f"yet: all is read up to {format_timestamp(run.bookmark)}"
        if run.start_date is not None and run.start_date >= latest:
            return f"yet: it starts on {format_timestamp(run.start_date)}"
        if rules.only_whole and rules.window is not None:
            since = "" if run.start_date is None else f" since {format_timestamp(run.start_date)}"
            return f"yet: no {rules.window.length}{since} is over"
        if run.end_date is not None and run.end_date > latest:
            return f"yet: it ends on {format_timestamp(run.end_date)}"
        return "of what Amazon keeps"

    def _windows(self) -> Iterator[Window]:
        for window in self._kept(self._windows_between(self._first_moment(), self.end)):
            older = self._pending_parts_of(window)
            yield from older
            if window.before != self.end or not self._is_too_new(window, older):
                yield window

    def _pending_parts_of(self, window: Window) -> list[Window]:
        """Return the pending windows with the same beginning that end earlier."""
        parts = {
            pending
            for pending in self._run.pending
            if pending.after == window.after and pending.before < window.before
        }
        return sorted(parts, key=lambda one: one.before)

    def _is_too_new(self, window: Window, older: list[Window]) -> bool:
        """Return whether Amazon has nothing newer yet than what was read, or is pending."""
        run = self._run
        if any(pending.before >= run.now - FRESH for pending in older):
            return True
        latest_read = max(window.after, run.now - self._rules.interval)
        return run.bookmark is not None and run.bookmark > latest_read

    def _first_moment(self) -> dt.datetime:
        run = self._run
        if run.bookmark is not None:
            start = max(run.bookmark - run.lookback, run.start_date or self._oldest)
        elif run.start_date is not None:
            start = run.start_date
        else:
            start = self.default_start = self._rules.default_start(self.end)
        return max(start, self._oldest)

    def _windows_between(self, start: dt.datetime, end: dt.datetime) -> Iterator[Window]:
        """Yield the windows of a time: always the same pieces, so that each replaces itself."""
        rules, run = self._rules, self._run
        if (only := rules.one_request) is not None:
            if end == only.before and (run.bookmark is None or run.bookmark < end):
                yield only
            return
        period = rules.window
        if period is None and not run.is_incremental:
            # No state says from which moment on days were read.
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
        """Yield windows without the time of which Amazon keeps no data.

        Of a long window that it keeps in part, the days are read. Where the length of windows is
        given, only whole ones are.
        """
        for window in windows:
            if window.after >= self._oldest:
                yield window
            elif self._oldest < window.before:
                yield from self._kept_part_of(window)

    def _kept_part_of(self, window: Window) -> Iterator[Window]:
        if self._rules.one_request is not None:
            self.kept_from = self._oldest
            yield Window(self._oldest, window.before)
        elif self._rules.window is None:
            yield from Period("DAY").windows(self._oldest, window.before)
