"""Streams with a time filter, read window by window with a STATE after each."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

from tap_amazon_sp.amazon.client import Answer, at_path
from tap_amazon_sp.amazon.errors import (
    PageTokenRejectedError,
    SellingPartnerError,
    TooManyResultsError,
)
from tap_amazon_sp.common.timestamps import FIRST_RECORDS, UTC, format_timestamp, to_milliseconds
from tap_amazon_sp.reading.bookmarks import BookmarkedStream
from tap_amazon_sp.reading.read_ahead import one_ahead
from tap_amazon_sp.reading.stream import Page, Parameters
from tap_amazon_sp.reading.window_plan import (
    PAGES_PER_RESUMABLE_WINDOW,
    PAGES_PER_WINDOW,
    SETTLING_TIME,
    OpenWindow,
    Progress,
    Window,
    WindowPlan,
)

WINDOW_END = "_window_end"
"""Replication key of records that hold no time of their own: the end of the window they were
found in."""

LONGEST_WAIT = dt.timedelta(days=180)
"""The bookmark waits no longer for a record that does not come to its end."""


class WindowedStream(BookmarkedStream):
    """A stream with a time filter, read window by window with a STATE after each."""

    updated_after: ClassVar[str]
    """The parameter that selects records from a time on; its counterpart is in the catalogue."""

    also_updated_after: ClassVar[tuple[str, ...]] = ()
    """More such parameters: each is asked for every window, where one alone misses records."""

    requests_repeat: ClassVar[bool] = False
    """Whether the requests of one window may give the same records, of which one is enough."""

    retention: ClassVar[dt.timedelta | None] = None
    """How long Amazon keeps the records; nothing older is asked for."""

    overlap: ClassVar[dt.timedelta] = dt.timedelta(0)
    """How much earlier a window begins, where Amazon's filter leaves out its own bounds."""

    first_window: ClassVar[dt.timedelta] = dt.timedelta(days=1)
    shortest_window: ClassVar[dt.timedelta] = dt.timedelta(hours=1)
    longest_window: ClassVar[dt.timedelta] = dt.timedelta(days=180)

    whole_days: ClassVar[bool] = False
    """Whether windows begin and end at midnight in UTC, but for the last."""

    unfinished: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Values by property that say a record will still change, though its replication key will
    not: the bookmark waits for it, so that the next run reads it again."""

    unfinished_since: ClassVar[str | None] = None
    """The property with the time by which such a record is found again; the replication key
    where not given."""

    restarts_requests: ClassVar[bool] = False
    """Whether a request is made again from its beginning where Amazon forgot a page of it, though
    a shorter window could be read instead."""

    late_by: ClassVar[dt.timedelta] = dt.timedelta(0)
    """How late records may still come or change in a time that was read: the bookmark stays as
    far behind now."""

    pages_stand_alone: ClassVar[bool] = True
    """Whether the records of a page are made without those before it."""

    most_results: ClassVar[int | None] = None
    """The number of results Amazon pages through, where it is limited; longer windows are cut."""

    results_total: ClassVar[str | None] = None
    """Dotted path of the number of results that match, in each answer."""

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Give the pages of all windows from the bookmark on; bookmark each finished window."""
        start, end = self._span()
        # Where nothing ends what a filter selects, shorter windows would give it again and again.
        whole = end - start if self.is_open_ended() else None
        plan = WindowPlan(
            start,
            end,
            # What is read again in every run, in one window with what is new.
            first=whole
            or min(self.first_window + self.late_by + self.lookback, self.longest_window),
            shortest=self.shortest_window,
            longest=whole or self.longest_window,
            whole_days=self.whole_days,
            pages=PAGES_PER_RESUMABLE_WINDOW if self._is_resumable else PAGES_PER_WINDOW,
        )
        self._oldest_unfinished: dt.datetime | None = None
        self._seen: set[tuple[Any, ...]] = set()
        opened = self._opened_window(start, end)
        if opened is not None:
            plan.begin_with(opened.window)
        while (window := plan.current()) is not None:
            read = further_pages = 0
            try:
                for is_further, page in self._window_pages(window, opened):
                    read += 1
                    further_pages += is_further
                    for record in page.records:
                        self._note_unfinished(record)
                    yield page.records
            except SellingPartnerError as error:
                token_is_old = opened is not None and not read
                if not token_is_old and not self._shorten(plan, window, error):
                    raise
                self.logger.info("%s; reading the window again", error)
                opened = None
            else:
                opened = None
                # More is asked for only when all records up to here are written.
                self._bookmark(window.before)
                plan.finish(window, 1 + further_pages)

    def _shorten(self, plan: WindowPlan, window: Window, error: SellingPartnerError) -> bool:
        """Read less at once, where that is what an error calls for.

        Returns:
            Whether it is, and it can be done.
        """
        if isinstance(error, PageTokenRejectedError):
            # Reading took longer than the token lives: half the window takes half as long.
            return not self._restarts() and plan.shorten(window)
        return isinstance(error, TooManyResultsError) and plan.halve(window)

    def _window_pages(
        self, window: Window, opened: OpenWindow | None
    ) -> Iterator[tuple[bool, Page]]:
        """Give each page of a window, and whether it is not the first of its request.

        When asked for more, say in the state now and then what is written.
        """
        requests = list(self.window_requests(window))
        names = self._names_of(requests)
        number, page_token = 0, None
        if opened and opened.requests == names and 0 <= opened.number < len(requests):
            number, page_token = opened.number, opened.page_token
        progress = Progress(self.tap.clock)
        for position, parameters in islice(enumerate(requests), number, None):
            for further, page in enumerate(self._pages_ahead(parameters, page_token)):
                if self._own_replication_key == WINDOW_END:
                    for record in page.records:
                        record[WINDOW_END] = format_timestamp(window.before)
                if self.also_updated_after or self.requests_repeat:
                    page.records = self._not_seen(page.records)
                yield further > 0 or page_token is not None, page
                if page.next_token and self._is_resumable and progress.is_worth_saving():
                    self.write_open_window(OpenWindow(window, names, position, page.next_token))
            page_token = None

    def _pages_ahead(self, parameters: Parameters, page_token: str | None) -> Iterator[Page]:
        if self._restarts():
            pages = self.restarted_pages_of(parameters)
        else:
            pages = self.pages_of(parameters, page_token=page_token)
        return one_ahead(pages, self.executor) if self.reads_ahead else pages

    @property
    def _is_resumable(self) -> bool:
        """Whether reading may go on at a page of a window that another run began."""
        return (
            self.pages_stand_alone
            and self.operation.paging is not None
            and not self.unfinished
            and not self.late_by
            and not self._restarts()
        )

    def _names_of(self, requests: Sequence[Parameters]) -> str:
        """Return what tells the requests of a window from others.

        That other child streams are selected makes them others.
        """
        selected = sorted(stream.name for stream in self.family if stream.selected)
        text = json.dumps([selected, requests], default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _opened_window(self, start: dt.datetime, end: dt.datetime) -> OpenWindow | None:
        """Return the window that a run before this one left half read; None if it is of no use."""
        opened = self.open_window() if self._is_resumable else None
        if opened is None or self.ABORT_AT_RECORD_COUNT is not None:
            return None
        window = opened.window
        return opened if window.after <= start < window.before <= end else None

    def window_requests(self, window: Window) -> Iterator[Parameters]:
        """Give the parameters of each request that a window takes."""
        for name in (self.updated_after, *self.also_updated_after):
            times = self.window_times(name, window)
            for fixed in self.requests():
                yield fixed | times

    def window_times(self, name: str, window: Window) -> Parameters:
        """Give the parameters that select the records of a window."""
        time_filter = self.operation.time_filter(name)
        if time_filter is None:
            message = f"{self.operation.id} has no time filter {name!r}"
            raise ValueError(message)
        after: dt.date = window.after - self.overlap
        before: dt.date = window.before
        if time_filter.format == "date":
            after, before = _day(after), _day(before)
        times: Parameters = {name: after}
        if time_filter.before:
            times[time_filter.before] = before
        return times

    def records_in(self, answer: Answer) -> list[dict[str, Any]]:
        """Return the records in an answer.

        Raises:
            TooManyResultsError: Amazon has more than it is going to give.
        """
        total = at_path(answer.body, (self.results_total or "").split("."))
        if self.most_results is not None and isinstance(total, int) and total > self.most_results:
            message = f"{total} results, of which Amazon gives {self.most_results}"
            raise TooManyResultsError(self.operation.id, message=message)
        return super().records_in(answer)

    def _not_seen(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Leave out what another request of this run gave already, unless it changed since."""
        # Its own keys: a catalog may give others, or none.
        names = (*self._own_primary_keys, self._own_replication_key or "")
        fresh = []
        for record in records:
            version = tuple(record.get(name) for name in names)
            if version not in self._seen:
                self._seen.add(version)
                fresh.append(record)
        return fresh

    def _restarts(self) -> bool:
        return self.restarts_requests or self.is_open_ended()

    def is_open_ended(self) -> bool:
        """Tell whether nothing ends what a window selects."""
        time_filter = self.operation.time_filter(self.updated_after)
        return time_filter is not None and time_filter.before is None

    def _span(self) -> tuple[dt.datetime, dt.datetime]:
        """Return from when to when is read: bookmark or start date to what Amazon answers for."""
        now = self.tap.clock.now()
        end = to_milliseconds(now - SETTLING_TIME)
        if self.account.end_date is not None:
            end = min(end, self.account.end_date)
        start = self.starting_point()
        if self.ABORT_AT_RECORD_COUNT is not None:
            start = max(start, end - self.longest_window)
        oldest = self.oldest_kept(now)
        if start < oldest:
            if self.start_date is not None:
                self.logger.info(
                    "Amazon keeps no records of '%s' older than %s: reading from there on",
                    self.name,
                    format_timestamp(oldest),
                )
            start = oldest
        return start, end

    def oldest_kept(self, now: dt.datetime) -> dt.datetime:
        """Return the time before which Amazon has no records."""
        return FIRST_RECORDS if self.retention is None else now - self.retention

    def _note_unfinished(self, record: Mapping[str, Any]) -> None:
        for name, values in self.unfinished.items():
            if record.get(name) in values:
                moment = self.moment_of(record, self.unfinished_since)
                if moment is None or moment < self.tap.clock.now() - LONGEST_WAIT:
                    continue
                self._oldest_unfinished = min(self._oldest_unfinished or moment, moment)

    def _bookmark(self, instant: dt.datetime) -> None:
        if self.late_by:
            instant = min(instant, self.tap.clock.now() - self.late_by)
        if self._oldest_unfinished is not None:
            self.write_bookmark(min(instant, self._oldest_unfinished), may_go_back=True)
        else:
            self.write_bookmark(instant)


def _day(moment: dt.date) -> dt.date:
    """Return the day of a moment, in UTC."""
    return moment.astimezone(UTC).date() if isinstance(moment, dt.datetime) else moment
