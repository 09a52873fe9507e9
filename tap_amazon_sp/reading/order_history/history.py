"""Reading orders of the past from reports by last update, before the API is asked for the rest.

All reports are requested at once, 30 days each. A report that is of no use leaves a gap, which the
API fills afterwards, as if there were no reports.

Why no record of a report follows a richer one of the API for the same order: all reports of a
history are read, or given up, before the first call to the API. The API then begins before the
first of them was requested, so it has every order that changed since.

Why no order is missing: a report lists the orders by their last update, and each is requested
after `until`, up to where reports are read. So an order that last changed before `until` is in
the report of that time, and one that changed later comes from the API. Reports by order date would
lack the orders that were placed before the start date and changed after it.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.errors import SellingPartnerError
from tap_amazon_sp.amazon.report_types import ReportType, report_type
from tap_amazon_sp.common.timestamps import format_timestamp, moment_of
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.jobs.submission import Submission
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.covered_time import CoveredTime
from tap_amazon_sp.reading.document_windows import WindowRules
from tap_amazon_sp.reading.order_history.limits import Limits, ReportTime
from tap_amazon_sp.reading.order_history.missing import (
    HISTORY,
    SINCE,
    START,
    UNTIL,
    MissingOrders,
)
from tap_amazon_sp.reading.order_history.records import NEEDED, OrderRecords
from tap_amazon_sp.reading.order_history.rows import (
    OrderGroups,
    OrderRowsError,
    Row,
    groups_of,
    rows_of_message,
)
from tap_amazon_sp.reading.order_history.unchanged import decoded, unchanged
from tap_amazon_sp.reading.order_reports import (
    BY_LAST_UPDATE,
    LATENCY,
    XML_BY_LAST_UPDATE,
    OrderReport,
    OrderReports,
    UselessReportError,
    report_windows,
)
from tap_amazon_sp.reading.pending import JobKey, add_pending, pending_in, remove_pending
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.settings.definitions import OrdersHistory
from tap_amazon_sp.settings.errors import SettingsError

if TYPE_CHECKING:
    from tap_amazon_sp.reading.window_reader import WindowReader

MAX_PAGE_SIZE = 500

SCATTERED_AT_ONCE = 20_000
"""Orders whose rows are spread over a document and that are held in memory together."""

_REPORTS: Mapping[OrdersHistory, str] = {
    "report": BY_LAST_UPDATE,
    "report_xml": XML_BY_LAST_UPDATE,
}


class OrderHistory:
    """Reads the orders of the past of one account from reports, if its settings say so.

    `missing` finds what the reports lack, after the API has given the rest.
    """

    def __init__(self, reader: WindowReader, covered: CoveredTime) -> None:
        """Read nothing yet.

        Args:
            reader: The reader of the orders.
            covered: The time that is read; it learns what the reports cover.
        """
        self._reader = reader
        self._covered = covered
        self._stream = stream = reader.stream
        self._bookmark: Bookmark = reader.bookmark
        self._clock = reader.clock
        self._logger = reader.logger
        self._label = stream.label
        self._kind: ReportType | None = None
        if (name := _REPORTS.get(stream.settings.orders_history)) is not None:
            self._kind = report_type(name)
        self._made_ids = 0
        self._left_out: Counter[str] = Counter()
        self._left_to_api: tuple[Window, str] | None = None
        self.missing = MissingOrders(reader)

    def pages(self) -> Iterator[Records]:
        """Yield the orders that reports have; the caller writes a page before it takes the next."""
        kind, limits = self._kind, self._limits()
        if kind is None or limits is None:
            if kind is not None and self.missing.is_unchecked:
                self._note_again(kind, ())
            return
        gaps = reversed(self._covered.unread(limits.until))
        kept = [part for gap in gaps for part in self._kept(kind, gap)]
        windows = [window for part in kept for window in report_windows(part, kind)]
        is_resumed = UNTIL in self.missing.marker
        if not windows and not is_resumed:
            return
        self._begin(limits)
        self._logger.info(
            "'%s': reading the orders that last changed before %s from %d reports",
            self._label,
            format_timestamp(limits.until),
            len(windows),
        )
        self.missing.check_since(limits.start)
        submitted = self._submitted(kind, windows, limits)
        if is_resumed:
            self._note_again(kind, windows)
        for report in submitted:
            yield from self._pages_of_window(report, limits)
        self._end()

    def _note_again(self, kind: ReportType, windows: Collection[Window]) -> None:
        """Note the orders of the reports that an earlier run has read, but not those of windows."""
        self.missing.check_since(moment_of(self.missing.marker, START) or self._clock.now())
        reports = OrderReports(self._reader.connection, self._stream.name)
        known = pending_in(self._bookmark.written_state())
        try:
            for key, job_id in known.items():
                if key.subject != kind.name or key.window is None or key.window in windows:
                    continue
                report = reports.submit(kind.name, key.window, known_id=job_id)
                records = OrderRecords(self._stream.account.marketplace_ids, ())
                groups = OrderGroups()
                for rows in groups.of(self._rows(report)):
                    record = records.record(rows)
                    if record is not None and record["orderId"] not in groups.scattered:
                        self.missing.check.note([record])
                self.missing.check.note_window(key.window)
        except (UselessReportError, OrderRowsError, SellingPartnerError, SettingsError) as error:
            self.missing.check_since(None)
            self._logger.info(
                "'%s': nobody knows whether the reports have all orders, because a report that "
                "was read before cannot be read again: %s",
                self._label,
                error,
            )

    def plan(self) -> tuple[int, dt.datetime] | None:
        """Return how many reports a run would read, and where the API begins; None without any."""
        kind, limits = self._kind, self._limits()
        if kind is None or limits is None:
            return None
        gaps = [
            part for gap in self._covered.unread(limits.until) for part in self._kept(kind, gap)
        ]
        number = sum(len(report_windows(gap, kind)) for gap in gaps)
        return (number, limits.until) if number else None

    def _limits(self) -> Limits | None:
        """Return what reports are to give; None if there is nothing."""
        if self._kind is None or self._stream.is_connection_test:
            return None
        if not self._bookmark.is_incremental:
            self._logger.info(
                "'%s' is not read incrementally, so `orders_history` has no effect", self._label
            )
            return None
        marker = self.missing.marker
        start, until, since = (moment_of(marker, name) for name in (START, UNTIL, SINCE))
        if start and until and since and start < until <= since <= self._clock.now():
            return Limits(start, until, since)
        if self._bookmark.value() is not None:
            return None
        now = self._clock.now()
        until = (now - LATENCY).replace(microsecond=0)
        if (end_date := self._stream.settings.end_date) is not None:
            until = min(until, end_date.replace(microsecond=0))
        return Limits(self._covered.read_to, until, now)

    def _kept(self, kind: ReportType, gap: Window) -> list[Window]:
        """Return the part of a gap for which Amazon makes reports; say what is left to the API."""
        oldest = WindowRules(history=kind.dates.history).oldest_kept(self._clock.now())
        after = max(gap.after, oldest)
        if after > gap.after:
            self._logger.info(
                "'%s': the orders up to %s come from the API: Amazon makes no reports of so long "
                "ago",
                self._label,
                format_timestamp(min(after, gap.before)),
            )
        return [Window(after, gap.before)] if after < gap.before else []

    def _submitted(
        self, kind: ReportType, windows: Iterable[Window], limits: Limits
    ) -> list[OrderReport]:
        """Submit all reports at once; nobody waits for the answers yet."""
        reports = OrderReports(self._reader.connection, self._stream.name)
        known = pending_in(self._bookmark.written_state())
        try:
            return [
                reports.submit(
                    kind.name,
                    window,
                    turn=turn,
                    created_since=limits.since,
                    known_id=known.get(_key(kind, window)),
                    on_id=functools.partial(self._remember, _key(kind, window)),
                )
                for turn, window in enumerate(windows)
            ]
        except (SellingPartnerError, SettingsError) as error:
            self._logger.warning(
                "'%s': no reports can be requested, so the API is asked: %s", self._label, error
            )
            return []

    @functools.cached_property
    def _datasets(self) -> tuple[str, ...]:
        """The datasets of an order that the API is asked for."""
        parameters = next(iter(self._reader.requests()), {})
        return tuple(parameters.get("includedData") or ())

    # --- Reading --------------------------------------------------------------------------------

    def _pages_of_window(self, report: OrderReport, limits: Limits) -> Iterator[Records]:
        """Yield the orders of a report, then note that its window is read; or say why it is not."""
        window = report.window
        records = OrderRecords(self._stream.account.marketplace_ids, self._datasets)
        found = 0
        try:
            for page in self._pages_of_report(report, records, limits):
                found += len(page)
                yield page
        except (UselessReportError, OrderRowsError) as error:
            self._leave(window, str(error))
            self._forget(report)
            return
        if not found and not records.left_out:
            self._leave(window, "it has no orders")
            self._forget(report)
            return
        self._tell_left()
        self._left_out += records.left_out
        self._made_ids += records.made_ids
        self.missing.check.note_window(window)
        self._covered.add(window)
        self._stream.progress.reach(self._covered.read_to, {})

    def _pages_of_report(
        self, report: OrderReport, records: OrderRecords, limits: Limits
    ) -> Iterator[Records]:
        """Yield the orders of a report; those whose rows are spread over it come a second time.

        Raises:
            UselessReportError, OrderRowsError: The report does not say which orders there are.
        """
        created = moment_of(report.wait(), "createdTime")
        if created is None or created < limits.since - LATENCY / 2:
            message = "it was made too long ago"
            raise UselessReportError(message)
        groups = OrderGroups()
        for page in self._pages(groups.of(self._rows(report)), records, report.window, limits):
            self.missing.check.note(page)
            yield page
        scattered = sorted(groups.scattered)
        for start in range(0, len(scattered), SCATTERED_AT_ONCE):
            some = frozenset(scattered[start : start + SCATTERED_AT_ONCE])
            whole = groups_of(self._rows(report), some)
            for page in self._pages(whole, records, report.window, limits):
                self.missing.check.take_back(page, groups.scattered)
                yield page

    def _rows(self, report: OrderReport) -> Iterator[Row]:
        reader = self._reader
        executor = reader.more_executor("reports") if reader.reads_ahead else None
        rows = report.rows(needed=NEEDED, executor=executor)
        if report.kind.is_flat:
            return rows
        return itertools.chain.from_iterable(map(rows_of_message, rows))

    def _pages(
        self,
        groups: Iterable[list[Row]],
        records: OrderRecords,
        window: Window,
        limits: Limits,
    ) -> Iterator[Records]:
        is_told_by = ReportTime(window, limits.until).has
        pipeline = self._stream.pipeline
        request = pipeline.request({}, {})
        as_json = unchanged if pipeline.inspector is not None else decoded
        page: Records = []
        for rows in groups:
            record = records.record(rows)
            if record is None:
                continue
            if is_told_by(record["lastUpdatedTime"]):
                page.append(as_json(record))
            if len(page) >= MAX_PAGE_SIZE:
                yield pipeline.complete(page, request)
                page = []
        if page:
            yield pipeline.complete(page, request)

    # --- State ----------------------------------------------------------------------------------

    def _begin(self, limits: Limits) -> None:
        """Write a STATE that says that a history is under way, before anything is read."""
        self._bookmark.write(self._covered.read_to, change=functools.partial(_note, limits))

    def _end(self) -> None:
        """Write a STATE that says that all reports are read, and say what is not in it."""
        self._tell_left()
        with self._bookmark.changed_state() as state:
            if state is not None and HISTORY in state:
                state[HISTORY].pop(SINCE, None)
        if self._left_out:
            numbers = ", ".join(f"{name}: {n:,}" for name, n in self._left_out.most_common())
            self._logger.info(
                "'%s': left out are orders of the reports that the API would not give: those of "
                "marketplaces that `marketplace_ids` does not name, and those of your own shop "
                "(%s)",
                self._label,
                numbers,
            )
        if self._made_ids:
            self._logger.warning(
                "'%s': the reports have no id for %d items: the ids in `orderItemId` that have a "
                "colon are made of the SKU. `orders_history: report_xml` has Amazon's ids",
                self._label,
                self._made_ids,
            )

    def _remember(self, key: JobKey, submission: Submission) -> None:
        """Write a STATE with a report that is requested; called from any thread."""
        with self._stream.run.writer.lock:
            state = self._stream.get_context_state(self._stream.partition)
            add_pending(state, key, submission.job_id, unanswered_since=submission.unanswered_since)
            self._stream.write_state()

    def _forget(self, report: OrderReport) -> None:
        """Write a STATE without a report that is of no use."""
        with self._stream.run.writer.lock:
            state = self._stream.get_context_state(self._stream.partition)
            remove_pending(state, [_key(report.kind, report.window)])
            self._stream.write_state()

    # --- What is of no use ----------------------------------------------------------------------

    def _leave(self, window: Window, reason: str) -> None:
        """Leave a window to the API; say so once for windows that follow each other."""
        last = self._left_to_api
        if last is not None and last[0].before == window.after and last[1] == reason:
            self._left_to_api = Window(last[0].after, window.before), reason
            return
        self._tell_left()
        self._left_to_api = window, reason

    def _tell_left(self) -> None:
        if self._left_to_api is None:
            return
        window, reason = self._left_to_api
        self._left_to_api = None
        self._logger.warning(
            "'%s': reports of the orders from %s to %s are of no use (%s): the API is asked for "
            "them",
            self._label,
            format_timestamp(window.after),
            format_timestamp(window.before),
            reason.rstrip("."),
        )


def _note(limits: Limits, state: dict[str, Any]) -> None:
    state[HISTORY] = {
        START: format_timestamp(limits.start),
        UNTIL: format_timestamp(limits.until),
        SINCE: format_timestamp(limits.since),
    }


def _key(kind: ReportType, window: Window) -> JobKey:
    return JobKey(kind.name, window)
