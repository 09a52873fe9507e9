"""Reading window by window, with a STATE after each window."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from tap_amazon_sp.amazon.answer_checks import count_at
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import (
    PageTokenRejectedError,
    SellingPartnerError,
    TooManyResultsError,
)
from tap_amazon_sp.common.timestamps import (
    FIRST_RECORDS,
    UTC,
    format_timestamp,
    to_milliseconds,
)
from tap_amazon_sp.common.windows import DAY, Window, start_of_day, start_of_week
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.keys import number_key
from tap_amazon_sp.reading.plan import StreamPlan
from tap_amazon_sp.reading.planned_windows import plan_of_windows
from tap_amazon_sp.reading.progress import calls_of
from tap_amazon_sp.reading.read_ahead import one_ahead
from tap_amazon_sp.reading.reader import Page, Parameters, Reader, Records
from tap_amazon_sp.reading.window_plan import (
    PAGES_PER_RESUMABLE_WINDOW,
    PAGES_PER_SAVE,
    PAGES_PER_WINDOW,
    SETTLING_TIME,
    WINDOW_END,
    OpenWindow,
    SavePace,
    WindowPlan,
)
from tap_amazon_sp.reading.window_share import WindowShare, places_looked_at

if TYPE_CHECKING:
    from tap_amazon_sp.reading.counts import Counts
    from tap_amazon_sp.reading.stream import AmazonStream
    from tap_amazon_sp.reading.windows import Windows


MAX_UNFINISHED = dt.timedelta(days=180)
"""The bookmark waits for an unfinished record no longer than this."""


class WindowReader(Reader):
    """Reads a stream window by window."""

    def __init__(
        self,
        stream: AmazonStream,
        read: Windows,
        *,
        start_date: dt.datetime | None = None,
        lookback: dt.timedelta | None = None,
    ) -> None:
        """Read nothing yet; start date and lookback are those of the account by default."""
        super().__init__(stream)
        self.read = read
        self.bookmark = Bookmark(stream, start_date=start_date, lookback=lookback)
        self.bookmark.oldest_kept = self.oldest_kept
        self._oldest_unfinished: dt.datetime | None = None
        self._seen: set[tuple[Any, ...]] = set()
        self._share = WindowShare()

    how = "by time"

    pages_per_save: ClassVar[int] = PAGES_PER_SAVE
    """Pages after which the state records how much of a window is written."""

    def plan(self, counts: Counts | None = None) -> StreamPlan:
        """Return the time that would be read, with the calls of its windows.

        Raises:
            SettingsError, SellingPartnerError: As `Reader.plan`.
        """
        return plan_of_windows(self, counts)

    @property
    def properties_looked_at(self) -> frozenset[str] | None:
        """The properties that identify a record, or say whether and when it changed."""
        stream = self.stream
        if stream.own_replication_key == WINDOW_END:
            return None
        names = (stream.own_replication_key, self.read.unfinished_since, *self.read.unfinished)
        return frozenset([*stream.own_primary_keys, *filter(None, names)])

    def pages(self) -> Iterator[Records]:
        """Yield the pages of all windows after the bookmark; bookmark each finished window."""
        start, end = self.span()
        self.stream.progress.begin_span(start, end)
        self.forget_seen()
        yield from self.pages_between(start, end)

    def forget_seen(self) -> None:
        """Begin a run: no record is known yet."""
        self._oldest_unfinished = None
        self._seen = set()

    def pages_between(self, start: dt.datetime, end: dt.datetime) -> Iterator[Records]:
        """Yield the pages of the windows of a time; note each finished window."""
        plan, opened = self.windows_of(start, end)
        while (window := plan.current()) is not None:
            pages = further_pages = 0
            try:
                for is_further, page in self._window_pages(window, opened):
                    pages += 1
                    further_pages += is_further
                    self.note_unfinished(page.records)
                    short = self._missing_children
                    yield page.records
                    if self._missing_children > short:
                        self.hold(self._moment_of(page.records, window))
            except SellingPartnerError as error:
                token_is_old = opened is not None and not pages
                if not token_is_old and not self._shorten(plan, window, error):
                    raise
                self.logger.info("%s; reading the window again", error)
                opened = None
                if token_is_old:
                    plan.restart()
            else:
                opened = None
                failure = self.stream.shortfalls.failure()
                if failure is not None:
                    raise failure
                # The caller has written all records up to here.
                self.finish_window(window)
                self._share.finish()
                plan.finish(window, 1 + further_pages)

    def expected_pages(self, window: Window) -> float | None:  # noqa: ARG002 - for those who know
        """Return about how many pages a window has; None if nobody has counted."""
        return None

    def hold(self, moment: dt.datetime) -> None:
        """Let the next run read what follows a moment again: records of children are missing."""
        self.bookmark.hold(moment)

    def finish_window(self, window: Window) -> None:
        """Note that a window is read: all its records are written."""
        self._bookmark(window.before)
        self.stream.progress.reach(window.before, calls_of(self.stream))

    def windows_of(
        self, start: dt.datetime, end: dt.datetime
    ) -> tuple[WindowPlan, OpenWindow | None]:
        """Return the windows of a time, and the first of them if an earlier run read a part."""
        read = self.read
        # Without an end parameter, shorter windows would return the same records again and again.
        whole = end - start if self.is_open_ended() else None
        plan = WindowPlan(
            start,
            end,
            first=whole or self._first_length(),
            shortest=read.shortest,
            longest=whole or read.longest,
            whole_days=read.whole_days,
            pages=PAGES_PER_RESUMABLE_WINDOW if self._is_resumable else PAGES_PER_WINDOW,
        )
        opened = self._opened_window(start, end)
        if opened is not None:
            plan.begin_with(opened.window)
        return plan, opened

    @property
    def _missing_children(self) -> int:
        """How many requests of child streams have failed, while others succeeded."""
        return sum(member.shortfalls.count for member in self.stream.family[1:])

    def _moment_of(self, records: Records, window: Window) -> dt.datetime:
        """Return the moment from which the next run has to read to get these records again."""
        if not self.read.key_is_filtered:
            return window.after
        moments = [self.bookmark.moment_of(record) for record in records]
        earliest = min(filter(None, moments), default=window.after)
        is_in_window = None not in moments and window.after <= earliest < window.before
        return earliest if is_in_window else window.after

    def _first_length(self) -> dt.timedelta:
        """Return the length of the first window."""
        read = self.read
        if self.stream.is_connection_test:
            # One record is enough: one long request finds it sooner than many short ones.
            return read.longest
        # One window for the time that every run reads again and for the new time.
        return min(read.first + read.late_by + self.bookmark.lookback, read.longest)

    def _shorten(self, plan: WindowPlan, window: Window, error: SellingPartnerError) -> bool:
        """Shorten the windows after an error that calls for it.

        Returns:
            Whether the error calls for it, and the window can be shortened.
        """
        if isinstance(error, PageTokenRejectedError):
            # The token expired while pages were read: half a window takes half as long.
            return not self._restarts() and plan.shorten(window)
        return isinstance(error, TooManyResultsError) and plan.halve(window)

    def _window_pages(
        self, window: Window, opened: OpenWindow | None
    ) -> Iterator[tuple[bool, Page]]:
        """Yield each page of a window, and whether it is a further page of its request.

        Now and then, write a STATE with the pages that are written.
        """
        read = self.read
        requests = list(self.window_requests(window))
        names = self.name_of(requests)
        self._share.begin(window, len(requests), pages=self.expected_pages(window))
        number, page_token = self.beginning_of(opened, requests)
        pace = SavePace(self.clock, self.pages_per_save)
        for position, parameters in islice(enumerate(requests), number, None):
            self._share.begin_request(position)
            for further, page in enumerate(self._pages_ahead(parameters, page_token)):
                if self.stream.own_replication_key == WINDOW_END:
                    for record in page.records:
                        record[WINDOW_END] = format_timestamp(window.before)
                if read.also_updated_after or read.requests_repeat:
                    page.records = self._not_seen(page.records)
                self._share.add_page(self._some_moments(page.records))
                yield further > 0 or page_token is not None, page
                if (about := self._share.position) is None:
                    self.stream.progress.lose_position()
                else:
                    self.stream.progress.pass_by(about, calls_of(self.stream))
                if page.next_token and self._is_resumable and pace.is_worth_saving():
                    self.bookmark.write_open_window(
                        OpenWindow(window, names, position, page.next_token)
                    )
            page_token = None

    def beginning_of(
        self, opened: OpenWindow | None, requests: Sequence[Parameters]
    ) -> tuple[int, str | None]:
        """Return the number of the request and the page token with which a window begins."""
        if opened is None or not 0 <= opened.number < len(requests):
            return 0, None
        if opened.requests != self.name_of(requests):
            return 0, None
        return opened.number, opened.page_token

    def _some_moments(self, records: Records) -> list[dt.datetime | None]:
        """Return the times of some records, in their order."""
        return [self.bookmark.moment_of(records[place]) for place in places_looked_at(len(records))]

    def _pages_ahead(self, parameters: Parameters, page_token: str | None) -> Iterator[Page]:
        if self._restarts():
            pages = self.restarted_pages_of(parameters)
        else:
            pages = self.pages_of(parameters, page_token=page_token)
        return one_ahead(pages, self.executor) if self.reads_ahead else pages

    @property
    def _is_resumable(self) -> bool:
        """Whether reading may continue at a page of a window that another run began."""
        return (
            self.read.pages_stand_alone
            and self.stream.operation.paging is not None
            and not self.read.unfinished
            and not self.read.late_by
            and not self._restarts()
        )

    def name_of(self, requests: Sequence[Parameters]) -> str:
        """Return a name that identifies the requests of a window and the selected child streams.

        Other requests or other child streams have another name.
        """
        selected = sorted(stream.name for stream in self.stream.family if stream.selected)
        text = json.dumps([selected, requests], default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _opened_window(self, start: dt.datetime, end: dt.datetime) -> OpenWindow | None:
        """Return the window that an earlier run read in part; None if it cannot be continued."""
        opened = self.bookmark.open_window() if self._is_resumable else None
        if opened is None or self.stream.is_connection_test:
            return None
        window = opened.window
        return opened if window.after <= start < window.before <= end else None

    # --- Requests -------------------------------------------------------------------------------

    def window_requests(self, window: Window) -> Iterator[Parameters]:
        """Yield the parameters of each request that a window takes."""
        if not self.read.request_per_day:
            yield from self.requests_between(window)
            return
        if window.length > DAY and self._is_silent(window):
            return
        after = window.after
        while after < window.before:
            before = min(start_of_day(after) + DAY, window.before)
            yield from self.requests_between(Window(after, before))
            after = before

    def least_requests(self, window: Window) -> Iterator[Parameters]:
        """Yield the requests that a window takes even if nothing is in it."""
        is_asked_first = self.read.request_per_day and window.length > DAY
        yield from (self.requests_between if is_asked_first else self.window_requests)(window)

    def _is_silent(self, window: Window) -> bool:
        return not any(
            self.extract(answer)
            for parameters in self.requests_between(window)
            for answer in self.answers(parameters)
        )

    def requests_between(self, window: Window) -> Iterator[Parameters]:
        """Yield the parameters of the requests for all records of a window."""
        variants = list(self.read.variants(window)) if self.read.variants else [{}]
        for name in (self.read.updated_after, *self.read.also_updated_after):
            times = self.window_times(name, window)
            for fixed in self.requests():
                for variant in variants:
                    yield fixed | times | variant

    def window_times(self, name: str, window: Window) -> Parameters:
        """Return the time parameters of a window."""
        operation = self.stream.operation
        if self.read.times is not None:
            return self.read.times(operation, name, window)
        time_filter = operation.time_filter(name)
        if time_filter is None:
            message = f"{operation.id} has no time filter {name!r}"
            raise ValueError(message)
        after: dt.date = window.after - self.read.overlap
        before: dt.date = window.before
        if time_filter.format == "date":
            after, before = _day(after), _day(before)
        times: Parameters = {name: after}
        if time_filter.before:
            times[time_filter.before] = before
        return times

    def extract(self, answer: Answer) -> Records:
        """Return the records in an answer.

        Raises:
            TooManyResultsError: Amazon has more than it returns.
        """
        read = self.read
        total = None
        if read.results_total is not None:
            path = read.results_total.split(".")
            total = count_at(self.stream.operation, answer, path)
        if read.max_results is not None and total is not None and total > read.max_results:
            message = f"{total} results, but Amazon returns only {read.max_results}"
            raise TooManyResultsError(self.stream.operation.id, message=message)
        return super().extract(answer)

    def _not_seen(self, records: Records) -> Records:
        """Leave out records that another request of this run returned, unless they changed."""
        # The stream's own keys: a catalog may set others, or none.
        names = (*self.stream.own_primary_keys, self.stream.own_replication_key or "")
        fresh = []
        for record in records:
            version = number_key(record, names)
            if version not in self._seen:
                self._seen.add(version)
                fresh.append(record)
        return fresh

    def _restarts(self) -> bool:
        return self.read.restarts_requests or self.is_open_ended()

    def is_open_ended(self) -> bool:
        """Return whether Amazon has no parameter for the end of a window."""
        time_filter = self.stream.operation.time_filter(self.read.updated_after)
        return time_filter is not None and time_filter.before is None

    # --- Time -----------------------------------------------------------------------------------

    def span(self) -> tuple[dt.datetime, dt.datetime]:
        """Return the beginning and the end of the time to read."""
        now = self.clock.now()
        end = to_milliseconds(now - SETTLING_TIME)
        if self.stream.settings.end_date is not None:
            end = min(end, self.stream.settings.end_date)
        start = self.bookmark.starting_point()
        if self.stream.is_connection_test:
            start = max(start, end - self.read.longest)
        oldest = self.oldest_kept(now)
        if start < oldest:
            if self.bookmark.start_date is not None:
                self.logger.info(
                    "Amazon keeps no records of '%s' older than %s: reading starts there",
                    self.stream.name,
                    format_timestamp(oldest),
                )
            start = oldest
        if self.read.whole_weeks:
            return start_of_week(start), start_of_week(end)
        return start, end

    def oldest_kept(self, now: dt.datetime) -> dt.datetime:
        """Return the time before which Amazon has no records."""
        read = self.read
        of_region = read.kept_since.get(self.stream.account.region)
        if of_region is not None:
            return of_region
        return FIRST_RECORDS if read.retention is None else now - read.retention

    def note_unfinished(self, records: Records) -> None:
        """Let the bookmark wait for records that will still change."""
        for name, values in self.read.unfinished.items():
            for record in records:
                if record.get(name) not in values:
                    continue
                moment = self.bookmark.moment_of(record, self.read.unfinished_since)
                if moment is None or moment < self.clock.now() - MAX_UNFINISHED:
                    continue
                self._oldest_unfinished = min(self._oldest_unfinished or moment, moment)

    def _bookmark(self, instant: dt.datetime) -> None:
        # Amazon's answers may have set the clock back since the window was chosen.
        now = self.clock.now()
        latest = now - max(self.read.late_by, SETTLING_TIME)
        if self.bookmark.start_date is not None:
            # The next run does not read what is older than the user wants.
            latest = max(latest, min(self.bookmark.start_date, now - SETTLING_TIME))
        instant = min(instant, to_milliseconds(latest))
        if self._oldest_unfinished is not None:
            self.bookmark.write(min(instant, self._oldest_unfinished), may_go_back=True)
        else:
            self.bookmark.write(instant)


def _day(moment: dt.date) -> dt.date:
    """Return the day of a moment, in UTC."""
    return moment.astimezone(UTC).date() if isinstance(moment, dt.datetime) else moment
