"""Reading orders by time: what is new first, with every page full, and with two operations at once.

A page of searchOrders has up to 100 orders and takes three minutes of its usage plan, so each one
counts. getOrderMetrics, which has a usage plan of its own, says about how many orders wait.

Facts: Amazon's models `orders_2026-01-01` and `sales` (getOrderMetrics counts orders by purchase
date), and their usage plans.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.errors import SellingPartnerError
from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.common.timestamps import EPOCH, format_timestamp, to_milliseconds
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.combined_orders import CombinedOrders, sections_of
from tap_amazon_sp.reading.counts import Counts, DailyCounts
from tap_amazon_sp.reading.covered_time import CoveredTime
from tap_amazon_sp.reading.order_backlog import ORDERS_PER_PAGE, RESERVED, OrderBacklog
from tap_amazon_sp.reading.order_history.history import OrderHistory
from tap_amazon_sp.reading.order_reports import (
    BY_LAST_UPDATE,
    LATENCY,
    OrderReports,
    report_windows,
)
from tap_amazon_sp.reading.orders_read_again import OrdersReadAgain
from tap_amazon_sp.reading.plan import StreamPlan, together
from tap_amazon_sp.reading.planned_orders import plan_of_both
from tap_amazon_sp.reading.planned_windows import plan_of_windows
from tap_amazon_sp.reading.progress import calls_of
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.reading.report_check import CREATED, ReportCheck
from tap_amazon_sp.reading.single_orders import GET_ORDER, Versions
from tap_amazon_sp.reading.window_plan import (
    SETTLING_TIME,
    CountedWindowPlan,
    OpenWindow,
    WindowPlan,
)
from tap_amazon_sp.reading.window_reader import WindowReader
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.settings.errors import SettingsError

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

COUNTED_FROM = dt.timedelta(minutes=30)
"""A shorter time is read without a count: it has few orders."""

LONG_WAIT = 300.0
"""Reports and getOrder are worth it if searchOrders alone would take more seconds."""

CHANGES_PER_ORDER = 3
"""How many orders may have changed in a time for each that was placed in it: an order is paid,
shipped and delivered on different days."""

MAX_VERIFIED_PAGES = 10
"""Pages of searchOrders with which a run verifies what only reports have told: half of a burst."""

MAX_ROUNDS = 5
"""How often a run goes on with what has changed while it read a backlog."""

_NOTHING = Window(EPOCH, EPOCH)


@dataclass(frozen=True)
class OrderWindows(Windows):
    """Orders by their last update, the newest time first."""

    def reader(self, stream: AmazonStream) -> OrdersReader:
        """Return the reader of the stream."""
        return OrdersReader(stream, self)


class OrdersReader(WindowReader):
    """Reads the orders of one account.

    `covered` is the time that is read, and `versions` keeps an older version of an order from
    following a newer one.
    """

    pages_per_save = 1
    """A page takes three minutes of the usage plan, a STATE takes nothing."""

    covered: CoveredTime
    versions: Versions

    def __init__(self, stream: AmazonStream, read: OrderWindows) -> None:
        """Read nothing yet."""
        super().__init__(stream, read)
        self._counted: DailyCounts | None = None
        self._held: dt.datetime | None = None
        self._is_first = True
        self._is_planned = False

    @property
    def properties_looked_at(self) -> frozenset[str] | None:
        """The id, the last update and the creation of an order."""
        found = super().properties_looked_at
        return None if found is None else found | {CREATED}

    def plan(self, counts: Counts | None = None) -> StreamPlan:
        """Return the time that would be read, with the calls of searchOrders.

        Raises:
            SettingsError, SellingPartnerError: As `Reader.plan`.
        """
        start, end = self.span()
        self._is_first = self.bookmark.value() is None
        self._is_planned = True
        covered = CoveredTime(self.bookmark, start)
        past = OrderHistory(self, covered).plan()
        gaps = covered.unread(end) if past is None else [Window(past[1], end)]
        if not gaps:
            return plan_of_windows(self, counts)
        plan = together([self._plan_of(gap, counts) for gap in reversed(gaps)])
        if past is None:
            return plan
        reports = f"{past[0]} of createReport, for the orders up to then"
        further = ", ".join(filter(None, (reports, plan.further)))
        return replace(plan, further=further)

    def _plan_of(self, gap: Window, counts: Counts | None) -> StreamPlan:
        self._counted = None if counts is None else counts.orders(gap)
        plan = plan_of_windows(self, counts, time=gap)
        if self._counted is None or not self._may_combine or not self._is_long(gap):
            return plan
        return plan_of_both(plan, self.stream.client)

    def pages(self) -> Iterator[Records]:
        """Yield the pages of what is not read yet, the newest time first."""
        start, end = self.span()
        self.stream.progress.begin_span(start, end)
        self.forget_seen()
        self.versions = Versions(self.bookmark, self.stream.own_primary_keys[-1])
        self.covered = CoveredTime(self.bookmark, start)
        self._held = None
        if self.stream.is_connection_test:
            yield from self.pages_between(start, end)
            return
        history = OrderHistory(self, self.covered)
        yield from history.pages()
        # Reports may have taken long.
        end = max(end, self._latest_end())
        self._is_first, self._is_planned = self.bookmark.value() is None, False
        gaps = self.covered.unread(end)
        noted = history.missing.noted
        again = OrdersReadAgain(self)
        newest: Iterator[Records] = iter(())
        if gaps:
            newest = self._pages_of_gap(gaps[0], is_newest=True)
        if not gaps or gaps[0].length < COUNTED_FROM:
            # Soon after the last run, searchOrders may have to wait for minutes.
            yield from again.pages()
            yield from noted(newest)
        else:
            before = self.stream.progress.records
            yield from noted(again.beside(newest))
            if not self._is_first:
                again.tell_silence(self.stream.progress.records - before)
        for gap in gaps[1:]:
            yield from noted(self._pages_of_gap(gap, is_newest=False))
        yield from history.missing.pages(end)
        yield from self._verified_pages(self.covered.last_read)
        if again.error is not None:
            raise again.error

    # --- Changed orders -------------------------------------------------------------------------

    def begin(self) -> None:
        """Offer to read the orders that notifications say have changed."""
        super().begin()
        # One after the other, nobody could wait for the notifications.
        self.connection.changed_orders.are_read = self.reads_ahead and self.stream.is_needed

    def end(self) -> None:
        """Read no more changed orders, however the sync ended."""
        self.connection.changed_orders.stop()
        super().end()

    # --- Gaps -----------------------------------------------------------------------------------

    def _pages_of_gap(self, gap: Window, *, is_newest: bool) -> Iterator[Records]:
        """Yield the orders of a time; go on with what changed meanwhile, if it is the newest."""
        check: ReportCheck | None = None
        rest = gap
        for _ in range(MAX_ROUNDS):
            time = self._time_to_combine(rest, is_newest=is_newest)
            if time is None or self._counted is None:
                break
            began_at = self.clock.monotonic()
            check = check or ReportCheck(self, self._counted)
            yield from self._combined_pages(rest, time, check)
            newest, *others = self._left_of(rest, is_newest=is_newest) or [_NOTHING]
            for one in others:
                yield from check.noted(self.pages_between(one.after, one.before))
            rest = newest
            if self.clock.monotonic() - began_at < COUNTED_FROM.total_seconds():
                # Few orders can have changed meanwhile.
                break
        pages = self.pages_between(rest.after, rest.before)
        yield from pages if check is None else self._checked(pages, check, gap)

    def _checked(
        self, pages: Iterator[Records], check: ReportCheck, gap: Window
    ) -> Iterator[Records]:
        """Yield the last pages of a time; then read again what the reports had wrong."""
        yield from check.noted(pages)
        if not self.covered.is_fresh or self.covered.unread(gap.before, with_marks=False):
            return
        yield from check.pages(self.covered.read_to)
        if check.is_wrong:
            self.covered.distrust_reports()
            for one in self._left_of(gap, is_newest=False):
                yield from self.pages_between(one.after, one.before)
        elif check.is_right and self._is_first and self.bookmark.start_date is None:
            # Nobody counts the orders that were placed before a time and changed in it.
            self.covered.verify(Window(gap.after, self.covered.read_to))

    def _verified_pages(self, last_read: dt.datetime) -> Iterator[Records]:
        """Yield pages of times in which only reports say which orders there are.

        Tokens of searchOrders that the bucket has gained since the last run, and that this one
        does not need, are enough. So it may take many runs until all of them are verified.
        """
        if self._is_first:
            return
        client, operation = self.stream.client, self.stream.operation
        gained = (self.clock.now() - last_read).total_seconds() * client.calls_per_second(operation)
        pages = min(MAX_VERIFIED_PAGES, int(gained / 2))
        for vouched in self.covered.by_report:
            window = vouched.window
            share = min(1.0, pages * ORDERS_PER_PAGE / vouched.orders)
            part = Window(window.after, window.after + share * window.length)
            expected = math.ceil(share * vouched.orders / ORDERS_PER_PAGE)
            if pages < 1 or client.least_seconds(operation, expected):
                return
            pages -= expected
            for parameters in self.requests_between(part):
                for page in self.pages_of(parameters):
                    yield page.records
            if (failure := self.stream.shortfalls.failure()) is not None:
                raise failure
            self.covered.verify(part)

    def _time_to_combine(self, gap: Window, *, is_newest: bool) -> Window | None:
        """Return the part of a time that both operations read; None to search alone."""
        self._counted = self._count(gap)
        if self._counted is None or not self._is_long(gap):
            return None
        if is_newest:
            # If this run is stopped, the next one begins with what is new by then.
            self.covered.mark(gap.before)
        time = self._time_of_reports(gap, self._counted)
        return time if self._may_combine and time.after < time.before else None

    def _left_of(self, gap: Window, *, is_newest: bool) -> list[Window]:
        """Return what is not read yet of a time, and what follows it if it is the newest."""
        end = max(gap.before, self._latest_end()) if is_newest else gap.before
        return [
            Window(max(one.after, gap.after), one.before)
            for one in self.covered.unread(end, with_marks=False)
            if one.before > gap.after
        ]

    def _latest_end(self) -> dt.datetime:
        """Return the latest moment up to which orders can be read now."""
        end = to_milliseconds(self.clock.now() - SETTLING_TIME)
        given = self.stream.settings.end_date
        return end if given is None else min(end, given)

    # --- Both operations ------------------------------------------------------------------------

    @property
    def _may_combine(self) -> bool:
        is_wanted = self.stream.settings.orders_source == "combined"
        return is_wanted and self.reads_ahead and not self._takes_calls

    def _time_of_reports(self, gap: Window, counted: DailyCounts) -> Window:
        """Return the part of a time that reports can list: from the first order on, not the end."""
        before = min(gap.before, self.clock.now() - LATENCY).replace(microsecond=0)
        first = gap.after
        if gap.after <= self.oldest_kept(self.clock.now()):
            # Elsewhere, orders of the time before may change without any being placed.
            first = counted.first_moment(gap) or gap.after
        return Window(max(gap.after, min(first, before)), before)

    def _combined_pages(self, gap: Window, time: Window, check: ReportCheck) -> Iterator[Records]:
        """Yield the orders of a time, except for the newest ones."""
        self.logger.info(
            "'%s': about %s orders wait, more than searchOrders gives in %.0f minutes: reports "
            "list them, and searchOrders and getOrder read them side by side (`orders_source`)",
            self.stream.label,
            f"{round(self._expected(gap), -2):,.0f}",
            LONG_WAIT / 60,
        )
        reports = OrderReports(self.connection, self.stream.name)
        windows = report_windows(time, report_type(BY_LAST_UPDATE))
        self.connection.report_jobs.begin()
        try:
            sections = sections_of(gap, reports, windows)
        except (SellingPartnerError, SettingsError) as error:
            self.tell_useless(time, str(error))
            return
        later = self._expected(Window(time.before, max(gap.before, time.before)))
        backlog = OrderBacklog(
            sections,
            reserved=max(0, RESERVED - round(later)),
            singles_per_page=self.singles_per_page,
            orders_between=lambda after, until: self._expected(Window(after, until)),
        )
        yield from CombinedOrders(self, backlog, check).pages()
        check.note_lists(backlog)
        self.stream.progress.forget_items()

    @property
    def singles_per_page(self) -> float:
        """How many orders getOrder reads in the time that a page of searchOrders takes."""
        client = self.stream.client
        return client.calls_per_second(catalogue.operation(GET_ORDER)) / client.calls_per_second(
            self.stream.operation
        )

    def finish_part(self, window: Window, *, by_report: int | None) -> None:
        """Note that a part of a backlog is read: all its records are written.

        Raises:
            SellingPartnerError: Some of its records are missing.
        """
        failure = self.stream.shortfalls.failure()
        if failure is not None:
            raise failure
        self._note_read(window, by_report=by_report)

    def note_left(self, orders: int | None, total: int) -> None:
        """Note how many orders of a backlog nobody has taken yet; None if it is not known."""
        if orders is None or not total:
            return
        pages = orders / (ORDERS_PER_PAGE + self.singles_per_page)
        calls = {self.stream.operation.id: pages}
        self.stream.progress.pass_items(1.0 - orders / total, {}, left=calls)

    def tell_useless(self, window: Window, reason: str) -> None:
        """Log that a report does not tell which orders there are, and why."""
        self.logger.info(
            "'%s': the report of all orders from %s to %s is of no use (%s): searchOrders reads "
            "them alone",
            self.stream.label,
            format_timestamp(window.after),
            format_timestamp(window.before),
            reason.rstrip("."),
        )

    # --- Windows --------------------------------------------------------------------------------

    def windows_of(
        self, start: dt.datetime, end: dt.datetime
    ) -> tuple[WindowPlan, OpenWindow | None]:
        """Return the windows of a time, as few as can be, and the first if a part of it is read."""
        counted = self._counted
        is_counted = counted is not None or self._is_planned or end - start < COUNTED_FROM
        if not is_counted or not self._is_resumable or self._takes_calls:
            return super().windows_of(start, end)
        plan = CountedWindowPlan(
            start,
            end,
            pages_between=lambda after, before: (
                self._expected(Window(after, before)) / ORDERS_PER_PAGE
            ),
        )
        opened = self._opened_window(start, end)
        if opened is not None:
            plan.begin_with(opened.window)
        return plan, opened

    def expected_pages(self, window: Window) -> float | None:
        """Return about how many pages a window has; None if nobody has counted."""
        return None if self._counted is None else self._expected(window) / ORDERS_PER_PAGE

    @property
    def _takes_calls(self) -> bool:
        return any(child.child_reader.takes_calls for child in self.stream.selected_children)

    def hold(self, moment: dt.datetime) -> None:
        """Let the next run read what follows a moment again: records of children are missing."""
        super().hold(moment)
        self._held = min(self._held or moment, moment)

    def finish_window(self, window: Window) -> None:
        """Note that a window is read, up to where records of children are missing."""
        before = min(window.before, to_milliseconds(self.clock.now() - SETTLING_TIME))
        if self._held is not None:
            before, self._held = min(before, self._held), None
        if before > window.after:
            self._note_read(Window(window.after, before), by_report=None)

    def _note_read(self, window: Window, *, by_report: int | None) -> None:
        self.covered.add(window, by_report=by_report)
        self.stream.progress.reach(self.covered.read_to, calls_of(self.stream))

    # --- Counting -------------------------------------------------------------------------------

    def _count(self, gap: Window) -> DailyCounts | None:
        """Return the orders by the day of their purchase; None if nobody knows."""
        if gap.length < COUNTED_FROM:
            return None
        try:
            return Counts(self.connection).orders(gap)
        except (SellingPartnerError, SettingsError) as error:
            if self.connection.once.is_first((OrdersReader, self.stream.label)):
                self.logger.info(
                    "'%s': nobody knows how many orders wait, so they are read with searchOrders "
                    "alone, in short windows: %s",
                    self.stream.label,
                    error,
                )
            return None

    def _expected(self, window: Window) -> float:
        """Return about how many orders were last updated in a window."""
        if self._counted is None:
            return 0.0
        factor = 1 if self._is_first else CHANGES_PER_ORDER
        return factor * self._counted.between(window)

    def _is_long(self, gap: Window) -> bool:
        """Return whether searchOrders alone would take long for a time."""
        pages = self._expected(gap) / ORDERS_PER_PAGE
        return self.stream.client.least_seconds(self.stream.operation, pages) > LONG_WAIT
