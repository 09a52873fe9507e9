"""What of the time a stream has read, if the newest part is read before the rest.

The bookmark says that everything up to it is written. Beside it, the state lists spans after the
bookmark that are written as well. A program that does not know them begins at the bookmark and
reads them again, so nothing is lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.common.timestamps import format_timestamp, moment_of, parse_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.bookmarks import Bookmark

ALSO_READ = "also_read"
"""The key in a stream's state with the spans after the bookmark that are written."""

BESIDE = "beside"
"""The key among them with the bookmark that they belong to. Beside another bookmark, which a user
or a program has set, they count for nothing."""

SPANS = "spans"
BY_REPORT = "by_report"
"""The keys with the spans, and with the times whose orders only a report has told."""

ORDERS = "orders"
"""The key with the number of these orders."""

MICROSECOND = dt.timedelta(microseconds=1)
NOTHING = dt.timedelta(0)

MAX_VOUCHED = 100
"""Times that only reports vouch for. If there are more, the oldest become one."""

MAX_SPANS = 500
"""Spans that a state lists. Further ones are read again."""


@dataclass(frozen=True)
class Vouched:
    """A time in which only a report says which orders there are, and their number."""

    window: Window
    orders: int


class CoveredTime:
    """The time that is read: everything up to a moment, and spans after it.

    `is_fresh` is whether the state had neither spans nor times that only reports vouch for, and
    `last_read` up to when the last run has read what was new.

    A span without length only marks a moment: what follows it is read before what precedes it.
    """

    def __init__(self, bookmark: Bookmark, start: dt.datetime) -> None:
        """Take the spans from the state.

        Args:
            bookmark: The bookmark of the stream.
            start: The first moment to read.
        """
        self._bookmark = bookmark
        self._read_to = start
        is_incremental = bookmark.is_incremental
        self._spans = _spans_in(bookmark, SPANS) if is_incremental else []
        self._by_report = _vouched_in(bookmark) if is_incremental else []
        self.is_fresh = not self._spans and not self._by_report
        self.last_read = self._spans[-1].before if self._spans else start
        if self._spans:
            # The lookback is for the newest part only.
            self._read_to = bookmark.value() or start
        self._spans = [span for span in self._spans if span.before > self._read_to]

    @property
    def read_to(self) -> dt.datetime:
        """The moment up to which everything is read."""
        return self._read_to

    def has(self, moment: dt.datetime) -> bool:
        """Return whether a moment is read."""
        return moment <= self._read_to or any(
            span.after <= moment <= span.before for span in self._spans if span.length
        )

    def unread(self, end: dt.datetime, *, with_marks: bool = True) -> list[Window]:
        """Return what is not read up to a moment, the newest time first.

        Args:
            end: The moment.
            with_marks: Whether a mark divides what is not read.
        """
        found = []
        after = self._read_to
        spans = [span for span in self._spans if with_marks or span.length]
        last = spans[-1] if spans else None
        for span in spans:
            if span.after > after:
                found.append(Window(after, min(span.after, end)))
            after = max(after, span.before)
            if span is last:
                after = max(self._read_to, after - self._bookmark.lookback)
        if after < end:
            found.append(Window(after, end))
        return [gap for gap in reversed(found) if gap.after < gap.before]

    def mark(self, moment: dt.datetime) -> None:
        """Let the next run read what follows a moment before what precedes it."""
        if moment > self._read_to:
            self.add(Window(moment, moment))

    @property
    def by_report(self) -> list[Vouched]:
        """The times in which only reports say which orders there are, oldest first."""
        return list(self._by_report)

    def add(self, span: Window, *, by_report: int | None = None) -> None:
        """Note that a span is read, and write a STATE: all its records are written.

        Args:
            span: The span.
            by_report: The number of its orders, if only a report says which there are.
        """
        self._spans, self._read_to = _merged([*self._spans, span], self._read_to)
        self._spans = self._spans[-MAX_SPANS:]
        if by_report is not None:
            self._by_report = _together([*self._by_report, Vouched(span, max(1, by_report))])
            while len(self._by_report) > MAX_VOUCHED:
                first, second, *others = self._by_report
                window = Window(first.window.after, second.window.before)
                self._by_report = [Vouched(window, first.orders + second.orders), *others]
        self._write()

    def distrust_reports(self) -> None:
        """Read again what only reports have vouched for, and write a STATE that says so."""
        doubted, self._by_report = [one.window for one in self._by_report], []
        if not doubted:
            return
        self._spans = _union([span for one in self._spans for span in _without(one, doubted)])
        first = doubted[0].after
        if first < self._read_to:
            read = _without(Window(first, self._read_to), doubted)
            self._spans = _union([*read, *self._spans])
            self._read_to = first
        self._write(may_go_back=True)

    def verify(self, window: Window) -> None:
        """Note that searchOrders has read a time, and write a STATE: no report matters there."""
        left = []
        for one in self._by_report:
            for part in _without(one.window, [window]):
                share = part.length / one.window.length if one.window.length else 1.0
                left.append(Vouched(part, max(1, round(one.orders * share))))
        if left != self._by_report:
            self._by_report = left
            self._write()

    def _write(self, *, may_go_back: bool = False) -> None:
        self._bookmark.write(self._read_to, may_go_back=may_go_back, change=self._write_spans)

    def _write_spans(self, state: dict[str, Any]) -> None:
        if not self._spans and not self._by_report:
            state.pop(ALSO_READ, None)
            return
        state[ALSO_READ] = {BESIDE: state["replication_key_value"], SPANS: _written(self._spans)}
        if self._by_report:
            windows = _written([one.window for one in self._by_report])
            state[ALSO_READ][BY_REPORT] = [
                window | {ORDERS: one.orders}
                for window, one in zip(windows, self._by_report, strict=True)
            ]


def _merged(spans: Iterable[Window], read_to: dt.datetime) -> tuple[list[Window], dt.datetime]:
    """Return spans without those that others contain or continue, and up to when all is read."""
    merged: list[Window] = []
    for span in sorted(spans, key=lambda one: (one.after, one.before)):
        if span.after <= read_to:
            read_to = max(read_to, span.before)
        elif merged and span.after <= merged[-1].before:
            last = merged[-1]
            merged[-1] = Window(last.after, max(last.before, span.before))
        else:
            merged.append(span)
    return merged, read_to


def _union(spans: Iterable[Window]) -> list[Window]:
    """Return spans in their order, without overlaps."""
    ordered = sorted(spans, key=lambda one: (one.after, one.before))
    return _merged(ordered, ordered[0].after - MICROSECOND)[0] if ordered else []


def _without(span: Window, others: Iterable[Window]) -> list[Window]:
    """Return the parts of a span that lie outside others, which are in order."""
    left = []
    after = span.after
    for other in others:
        if other.before <= after or other.after >= span.before:
            continue
        if other.after > after:
            left.append(Window(after, other.after))
        after = max(after, other.before)
    if after < span.before or span.length == NOTHING:
        left.append(Window(after, span.before))
    return [one for one in left if one.after <= one.before]


def _together(vouched: Iterable[Vouched]) -> list[Vouched]:
    """Return times in their order, and those that touch as one."""
    found: list[Vouched] = []
    for one in sorted(vouched, key=lambda each: each.window.after):
        last = found[-1] if found else None
        if last is None or one.window.after > last.window.before:
            found.append(one)
        else:
            before = max(last.window.before, one.window.before)
            window = Window(last.window.after, before)
            found[-1] = Vouched(window, last.orders + one.orders)
    return found


def _written(spans: Iterable[Window]) -> list[dict[str, Any]]:
    return [
        {"after": format_timestamp(span.after), "before": format_timestamp(span.before)}
        for span in spans
    ]


def _vouched_in(bookmark: Bookmark) -> list[Vouched]:
    """Return the times in the state in which only reports say which orders there are."""
    windows = _spans_in(bookmark, BY_REPORT)
    entries = _entries_in(bookmark, BY_REPORT)
    numbers = [one.get(ORDERS) for one in entries if isinstance(one, Mapping)]
    if len(numbers) != len(windows):
        numbers = [None] * len(windows)
    return [
        Vouched(window, number if isinstance(number, int) and number > 0 else 1)
        for window, number in zip(windows, numbers, strict=True)
    ]


def _entries_in(bookmark: Bookmark, name: str) -> Sequence[Any]:
    """Return the entries of the state beside this bookmark; none beside another one."""
    state = bookmark.written_state()
    found = state.get(ALSO_READ)
    if not isinstance(found, Mapping) or bookmark.value() is None:
        return ()
    beside, own = moment_of(found, BESIDE), moment_of(state, "replication_key_value")
    if beside is None or beside != own:
        return ()
    entries = found.get(name)
    return entries if isinstance(entries, list) else ()


def _spans_in(bookmark: Bookmark, name: str) -> list[Window]:
    """Return spans in the state; none if they cannot be believed."""
    try:
        spans = [
            Window(parse_timestamp(one["after"]), parse_timestamp(one["before"]))
            for one in _entries_in(bookmark, name)
        ]
    except (KeyError, TypeError, ValueError):
        return []
    now = bookmark.now()
    if any(span.before < span.after or span.before > now for span in spans):
        return []
    return _union(spans)
