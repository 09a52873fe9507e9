"""Streams of documents that are ordered, window by window, and waited for.

What is ordered and not yet read stands in the state, so that the next run collects it and orders
nothing twice.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tap_amazon_sp.amazon.errors import (
    JobFailedError,
    NotFoundError,
    SellingPartnerError,
    UnreadableDocumentError,
)
from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.timestamps import UTC, format_timestamp, moment_of
from tap_amazon_sp.jobs.polling import CANCELLED, FATAL, Job, JobUnfinishedError
from tap_amazon_sp.jobs.requests import FRESH, JobRequest
from tap_amazon_sp.reading.documents import DocumentStream
from tap_amazon_sp.reading.pending import (
    Place,
    add_pending,
    pending_in,
    remove_pending,
    remove_pending_up_to,
)
from tap_amazon_sp.reading.window_plan import SETTLING_TIME, Window

if TYPE_CHECKING:
    from tap_amazon_sp.jobs.queue import Desk, Order

DAYS_FROM = "days_from"
"""Where in its state a stream says from when on it reads day by day: what is older is read in
longer windows."""
TOOK = "seconds"
"""Where it says how long Amazon took for the last one."""

FIRST_STRETCH = dt.timedelta(days=30)
"""How much is read at first where nobody says from when on."""
LONG_WINDOW = Period(dt.timedelta(days=30))
READ_BY_DAY = dt.timedelta(days=7)
"""How much of the time before the first run is read day by day, where windows are not given."""

LONGEST_PENDING = dt.timedelta(days=1)
"""What Amazon does not come to an end with for so long is ordered anew, and how things were so long
ago is not how they are."""

ORDERED_AHEAD = 10
"""Windows of a stream that are ordered before the first of them is read."""


@dataclass
class OrderedWindow:
    """A window, None where there is none, and the orders whose documents are of it."""

    window: Window | None
    orders: list[Order] = field(default_factory=list)


class OrderedStream(DocumentStream):
    """A stream of documents that are ordered, window by window, and waited for."""

    whole_windows: ClassVar[bool] = False
    """Whether a window is read only when it is over."""

    _plan_made: Future[None] | None = None

    @property
    def desk(self) -> Desk:
        """Where they are ordered."""
        raise NotImplementedError

    @property
    def has_times(self) -> bool:
        """Whether each is of a time; others show how things are."""
        raise NotImplementedError

    def requests_for(self, window: Window | None) -> Iterator[JobRequest]:
        """Give what is ordered for a window; None shows how things are."""
        raise NotImplementedError

    def check_access(self) -> None:
        """Call something that changes nothing, to see whether the stream can be read."""
        raise NotImplementedError

    def begin(self) -> None:
        """Announce what will be ordered, so that the longest goes first."""
        if self.ABORT_AT_RECORD_COUNT is None:
            self._plan_made = self.desk.announce(self._plan)

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Give the rows of all windows, as soon as Amazon has made them."""
        if self.ABORT_AT_RECORD_COUNT is not None:
            # A test of the connection orders nothing.
            self.check_access()
            return
        self.desk.wait_for(self._plan_made or self.desk.announce(self._plan))
        while self._ordered:
            ordered = self._ordered.popleft()
            self._order_ahead()
            jobs = []
            # Orders may be added: of further pages.
            for order in ordered.orders:
                job = yield from self._pages_of_order(order, ordered.window)
                if job is None:
                    return
                jobs.append(job)
                if (further := self.further_request(job, ordered.window)) is not None:
                    ordered.orders.append(self._order(further, ordered.window, turn=0))
            self._finish(ordered, jobs)

    def further_request(self, job: Job, window: Window | None) -> JobRequest | None:  # noqa: ARG002
        """Return what to ask for to have the rest of a job's rows; None where there is none."""
        return None

    # --- Planning ------------------------------------------------------------------------------

    def _plan(self) -> None:
        """Decide on the windows of this run, and order what the first of them take."""
        # Who reads all anew collects nothing.
        is_incremental = self.replication_method == "INCREMENTAL"
        self._pending = pending_in(self.written_state()) if is_incremental else {}
        self._ordered: deque[OrderedWindow] = deque()
        self._turns = 0
        self._days_from = self._days_from_in_state()
        windows = list(self._windows())
        if not windows:
            self.logger.info("'%s': nothing to read %s", self.label, self._why_nothing())
        self._windows_left: Iterator[Window | None] = iter(windows)
        self._order_ahead()

    def _why_nothing(self) -> str:
        """Say why there is no window to be read."""
        if not any(True for _ in self.requests_for(None)):
            return "in the region of this account"
        end = self.latest_end(self.desk.began_at)
        start, bookmark = self.start_date, self.bookmark()
        if bookmark is not None:
            return f"yet: all is read up to {format_timestamp(bookmark)}"
        if start is not None and start >= end:
            return f"yet: it starts on {format_timestamp(start)}"
        if self.whole_windows and self.window_length is not None:
            since = "" if start is None else f" since {format_timestamp(start)}"
            return f"yet: no {self.window_length.length}{since} is over"
        if self.end_date is not None and self.end_date > end:
            return f"yet: it ends on {format_timestamp(self.end_date)}"
        return "of what Amazon keeps"

    def _order_ahead(self) -> None:
        for window in itertools.islice(self._windows_left, ORDERED_AHEAD - len(self._ordered)):
            ordered = OrderedWindow(window)
            for request in self.requests_for(window):
                ordered.orders.append(self._order(request, window, self._turns))
            self._turns += 1
            self._ordered.append(ordered)

    def _order(self, request: JobRequest, window: Window | None, turn: int) -> Order:
        return self.desk.order(
            request,
            turn=turn,
            expected=self._expected,
            known_id=self._pending.get(Place(request.subject, window)),
            hear=functools.partial(self._remember, window),
        )

    @property
    def _expected(self) -> float:
        found = self.written_state().get(TOOK)
        return float(found) if isinstance(found, (int, float)) else 0.0

    def _windows(self) -> Iterator[Window | None]:
        """Give the windows to read in this run, those before which something is pending, too."""
        subjects = {request.subject for request in self.requests_for(None)}
        if not subjects:
            return
        if not self.has_times:
            yield None
            return
        # The same for all streams, as some share a report.
        now = self.desk.began_at
        end = self.latest_end(now)
        if self.end_date is not None:
            end = min(end, self.end_date)
        for window in self._kept(self.windows_between(self._start(end), end), now):
            older = sorted(
                {
                    place.window
                    for place in self._pending
                    if place.window is not None
                    and place.subject in subjects
                    and place.window.after == window.after
                    and place.window.before < window.before
                },
                key=lambda one: one.before,
            )
            yield from older
            bookmark = self.bookmark()
            is_pending = any(one.before >= now - FRESH for one in older)
            is_read = bookmark is not None and (
                bookmark > max(window.after, now - self.nothing_new_for)
            )
            if window.before == end and (is_pending or is_read):
                # Nothing new is to be had so soon.
                return
            yield window

    def latest_end(self, now: dt.datetime) -> dt.datetime:
        """Return up to when may be asked for."""
        return (now - SETTLING_TIME).replace(microsecond=0)

    def _kept(self, windows: Iterator[Window], now: dt.datetime) -> Iterator[Window]:
        """Give windows without what Amazon keeps no more.

        Of a long one that it keeps in part, the days; where windows are given, only whole ones.
        """
        oldest = self.oldest_kept(now)
        for window in windows:
            if window.after >= oldest:
                yield window
            elif oldest < window.before:
                yield from self.kept_part(window, oldest)

    def kept_part(self, window: Window, oldest: dt.datetime) -> Iterator[Window]:
        """Give what can be read of a window that Amazon keeps from a midnight on."""
        if self.window_length is None:
            yield from Period("DAY").windows(oldest, window.before)

    def _start(self, end: dt.datetime) -> dt.datetime:
        """Return from when on is read: bookmark less lookback, or start date."""
        bookmark = self.bookmark()
        oldest = self.oldest_kept(self.tap.clock.now())
        start = self.start_date
        if bookmark is not None:
            start = max(bookmark - self.lookback, start or oldest)
        elif start is None:
            start = self.default_start(end)
            self.logger.info(
                "'%s' has no `start_date`: reading from %s on",
                self.label,
                format_timestamp(start),
            )
        return max(start, oldest)

    def default_start(self, end: dt.datetime) -> dt.datetime:
        """Return from when on is read where nobody says so."""
        return Period("DAY").start_around(end - FIRST_STRETCH)

    def oldest_kept(self, now: dt.datetime) -> dt.datetime:  # noqa: ARG002 - for those that know
        """Return the time before which Amazon has no data."""
        return dt.datetime.min.replace(tzinfo=UTC)

    def windows_between(self, start: dt.datetime, end: dt.datetime) -> Iterator[Window]:
        """Give the windows of a time: always the same pieces, so that each replaces itself."""
        period = self.window_length
        if period is None and self.replication_method != "INCREMENTAL":
            # No state says from when on days were read.
            period = self.long_windows
        if period is not None:
            yield from period.windows(start, end, whole=self.whole_windows)
            return
        days_from = self._days_from or LONG_WINDOW.start_around(
            min(start, end) if end - start < READ_BY_DAY else end - max(READ_BY_DAY, self.lookback)
        )
        self._days_from = days_from
        yield from self.long_windows.windows(start, min(end, days_from))
        yield from Period("DAY").windows(max(start, days_from), end, whole=self.whole_windows)

    @property
    def window_length(self) -> Period | None:
        """What one document is of; None where that depends on how long ago it is."""
        return self.declared.window

    @property
    def nothing_new_for(self) -> dt.timedelta:
        """How long after it was read Amazon has nothing newer of a window that is not over."""
        return dt.timedelta(0)

    @property
    def long_windows(self) -> Period:
        """What one document is of that is long ago."""
        return LONG_WINDOW

    # --- Waiting -------------------------------------------------------------------------------

    def _pages_of_order(
        self, order: Order, window: Window | None
    ) -> Generator[list[dict[str, Any]], None, Job | None]:
        """Give the rows of an order; returns its job, None where it is not to be had yet."""
        job = self._job_of(order, window)
        if job is not None and order.was_there and self._is_outdated(job, window):
            job = self._newer_job(order, job, window)
        if job is None or job.get("processingStatus") == CANCELLED:
            return job
        try:
            yield from self.pages_of_job(job, window=window, request=order.request)
        except UnreadableDocumentError:
            if order.was_there:
                # It was tried before: another may be readable, this one never will be.
                self._forget(Place(order.request.subject, window))
            raise
        except NotFoundError as error:
            if not order.was_there:
                raise
            # Its document is kept for a shorter time than the job itself.
            self.logger.info("%s; asking for it anew", error)
            job = self._job_of(self.desk.order_again(order), window)
            if job is not None and job.get("processingStatus") != CANCELLED:
                yield from self.pages_of_job(job, window=window, request=order.request)
        return job

    def _is_outdated(self, job: Job, window: Window | None) -> bool:
        """Whether data came in after a job was made that no later run would read."""
        created = moment_of(job, "createdTime")
        now = self.tap.clock.now()
        if created is None:
            return False
        if window is None:
            return created < now - max(LONGEST_PENDING, self.nothing_new_for)
        return created < window.before + self.lookback <= now

    def _newer_job(self, order: Order, job: Job, window: Window | None) -> Job | None:
        """Return a job made anew; the old one where Amazon gives no other."""
        self.logger.info("%s %s is too old; asking for it anew", *self.names_of(job))
        try:
            newer = self._job_of(self.desk.order_again(order), window)
        except JobFailedError as error:
            if window is None:
                raise
            self.logger.warning(error.sentence("Taking the old one"))
            return job
        # Amazon cancels what it made just before.
        return job if newer is not None and newer.get("processingStatus") == CANCELLED else newer

    def _job_of(self, order: Order, window: Window | None) -> Job | None:
        """Return the job of an order when it is over, None where it is not to be had yet.

        Raises:
            JobFailedError: Amazon could not do it.
        """
        try:
            job: Job = self.desk.result(order)
        except JobUnfinishedError as error:
            self.logger.warning(
                "%s %s of '%s' is %s: the next run collects it (`report_timeout`)",
                *self.names_of(error.job),
                self.label,
                error,
            )
            created = moment_of(error.job, "createdTime")
            if created is not None and created < self.tap.clock.now() - LONGEST_PENDING:
                # It will never be.
                self._forget(Place(order.request.subject, window))
            return None
        status = job.get("processingStatus")
        if status == CANCELLED:
            self.logger.info(
                "%s %s is cancelled: Amazon has no data for %s",
                *self.names_of(job),
                order.request.label,
            )
        elif status == FATAL:
            self._forget(Place(order.request.subject, window))
            explanation = self._explanation(job)
            if self.is_not_there_yet(explanation, window):
                self.logger.warning(
                    "%s %s: %s The next run asks again", *self.names_of(job), explanation
                )
                return None
            message = (
                f"Amazon could not make {' '.join(self.names_of(job)).lower()} ({FATAL}), "
                f"{order.request.label}: {explanation.rstrip('.') or 'it does not say why'}"
            )
            raise JobFailedError(order.request.api.create, message=message)
        return job

    def is_not_there_yet(self, explanation: str, window: Window | None) -> bool:  # noqa: ARG002
        """Whether an explanation of Amazon's means that it has no data of that time yet."""
        return False

    def _explanation(self, job: Job) -> str:
        """Return what Amazon says about a job that failed; empty where it says nothing."""
        from tap_amazon_sp.documents.explanations import explanation_of  # noqa: PLC0415 - slow to load

        try:
            return explanation_of(self.open_document(job))
        except SellingPartnerError as error:
            self.logger.warning(error.sentence("So why it failed is not known"))
            return ""

    # --- State ---------------------------------------------------------------------------------

    def _days_from_in_state(self) -> dt.datetime | None:
        return moment_of(self.written_state(), DAYS_FROM)

    def _remember(self, window: Window | None, order: Order) -> None:
        """Write a STATE that says: this is ordered, and not yet read."""
        if self.replication_method == "INCREMENTAL":
            with self.tap.writer.lock:
                state = self.get_context_state(self.partition)
                add_pending(state, Place(order.request.subject, window), str(order.job_id))
                self._write_days_from(state)
                self._write_state_message()

    def _forget(self, place: Place) -> None:
        """Write a STATE that says: this is pending no more."""
        if self.replication_method == "INCREMENTAL":
            with self.tap.writer.lock:
                remove_pending(self.get_context_state(self.partition), [place])
                self._write_state_message()

    def _finish(self, ordered: OrderedWindow, jobs: list[Job]) -> None:
        """Write a STATE that says: all of this window is written."""
        instant = self.bookmark_after(ordered.window, jobs)
        if self.replication_method != "INCREMENTAL" or instant is None:
            return
        took = [seconds for job in jobs if (seconds := _seconds_of(job)) is not None]
        self._batch.flush()
        with self.tap.writer.lock:
            state = self.get_context_state(self.partition)
            remove_pending_up_to(state, ordered.window)
            if took:
                state[TOOK] = round(max(took))
            self._write_days_from(state)
            self.write_bookmark(instant)

    def _write_days_from(self, state: dict[str, Any]) -> None:
        if self._days_from is not None:
            state[DAYS_FROM] = format_timestamp(self._days_from)

    def bookmark_after(self, window: Window | None, jobs: list[Job]) -> dt.datetime | None:
        """Return the bookmark once a window is written; None leaves it as it is."""
        if window is not None:
            return window.before
        created = [moment for job in jobs if (moment := moment_of(job, "createdTime")) is not None]
        return max(created, default=None)


def _seconds_of(job: Job) -> float | None:
    created, ended = (moment_of(job, name) for name in ("createdTime", "processingEndTime"))
    return None if created is None or ended is None else (ended - created).total_seconds()
