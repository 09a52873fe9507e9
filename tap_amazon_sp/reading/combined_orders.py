"""Reading a backlog of orders with searchOrders and getOrder side by side.

A report by last update lists the ids, so both operations know what there is. searchOrders reads
pages from the oldest order on, getOrder single orders from the newest one back, each as fast as its
usage plan allows. What the report lacks is noticed on the pages of searchOrders; then all that was
read by the report's word is read again by searchOrders.
"""

from __future__ import annotations

import datetime as dt
import functools
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.jobs.poller import start_thread
from tap_amazon_sp.reading.order_backlog import OrderBacklog, Part, Section
from tap_amazon_sp.reading.order_list import NEEDED, UnlistableOrderError, list_orders
from tap_amazon_sp.reading.order_reports import (
    BY_LAST_UPDATE,
    OrderReport,
    OrderReports,
    UselessReportError,
)
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.reading.single_orders import SingleOrders

if TYPE_CHECKING:
    from tap_amazon_sp.reading.orders_reader import OrdersReader
    from tap_amazon_sp.reading.report_check import ReportCheck

NAP = 0.25
"""Seconds after which a thread without work looks again."""
NAP_SHARE = 0.125
"""The part of a wait for a token after which the bucket is looked at again."""

MAX_WAITING = 8
"""Answers that wait to be written."""

ONE_MILLISECOND = dt.timedelta(milliseconds=1)

MAX_TOKENS = 20
"""Pages that can be read at once, if the bucket of searchOrders is full."""


@dataclass(frozen=True, eq=False)
class Read:
    """What one of the operations has read.

    Attributes:
        records: The records.
        finished: The part that is read to its end by them; None while it is not.
        is_single: Whether the part was read with getOrder.
        unknown: How many of its orders getOrder does not know.
        is_report_wrong: Whether a report has turned out to lack orders.
    """

    records: Records = field(default_factory=list)
    finished: Part | None = None
    is_single: bool = False
    unknown: int = 0
    is_report_wrong: bool = False


class CombinedOrders:
    """Reads one backlog of one account."""

    def __init__(self, reader: OrdersReader, backlog: OrderBacklog, check: ReportCheck) -> None:
        """Read nothing yet; `check` notes the orders that no report lists."""
        self._reader = reader
        self._backlog = backlog
        self._check = check
        self._stream = reader.stream
        self._clock = reader.clock
        self._client = reader.stream.client
        self._singles = SingleOrders(reader)
        self._read: queue.Queue[Read | BaseException | None] = queue.Queue(MAX_WAITING)
        self._is_stopped = threading.Event()
        self._pages_are_read = threading.Event()
        self._trusts_reports = True

    def pages(self) -> Iterator[Records]:
        """Yield what both operations read; the caller writes a page before it takes the next."""
        work: Sequence[Callable[[], None]] = (self._list, self._read_pages, self._read_singles)
        for one in work:
            start_thread(functools.partial(self._run, one), f"{self._stream.name} {one.__name__}")
        ended = 0
        try:
            while ended < len(work):
                read = self._next()
                if read is None:
                    ended += 1
                    continue
                if read.is_report_wrong:
                    self._trusts_reports = False
                    self._reader.covered.distrust_reports()
                if not read.is_single:
                    self._check.note(read.records)
                yield self._reader.versions.without_older(read.records)
                if read.finished is not None:
                    self._finish(read, read.finished)
        finally:
            self._is_stopped.set()

    def _next(self) -> Read | None:
        while True:
            try:
                found = self._read.get(timeout=1.0)
            except queue.Empty:
                self._clock.raise_if_stopped()
                continue
            if isinstance(found, BaseException):
                raise found
            return found

    def _finish(self, read: Read, part: Part) -> None:
        if read.unknown:
            # Not read: searchOrders has to say what there is.
            self._reader.tell_useless(
                part.window, f"getOrder does not know {read.unknown} of its orders"
            )
        elif self._trusts_reports or not read.is_single:
            self._reader.finish_part(
                part.window, by_report=len(part.ids) if read.is_single else None
            )
        self._reader.note_left(*self._backlog.orders_left)

    # --- Threads --------------------------------------------------------------------------------

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised by the thread of the stream
            self._put(error)
        else:
            self._put(None)

    def _put(self, found: Read | BaseException | None) -> None:
        while not self._is_stopped.is_set():
            try:
                self._read.put(found, timeout=1.0)
            except queue.Full:
                continue
            return

    def _nap(self, wait: float = NAP) -> None:
        self._clock.sleep(min(wait, max(NAP, wait * NAP_SHARE)))

    @property
    def _is_going_on(self) -> bool:
        return not self._is_stopped.is_set()

    # --- Reports --------------------------------------------------------------------------------

    def _list(self) -> None:
        """Take the lists out of the reports, in the order in which Amazon finishes them."""
        awaited = [one for one in self._backlog.sections if one.is_waiting]
        while awaited and self._is_going_on:
            ready = next((one for one in awaited if one.report and one.report.is_over), None)
            if ready is None:
                self._nap()
                continue
            awaited.remove(ready)
            self._list_section(ready)

    def _list_section(self, section: Section) -> None:
        report = section.report
        try:
            if report is None:
                return
            rows = report.rows(needed=NEEDED)
            listed = list_orders(rows, section.window, self._stream.account.marketplace_ids)
        except (UselessReportError, UnlistableOrderError) as error:
            self._give_up(section, str(error))
            return
        if listed:
            self._backlog.list_orders(section, listed)
        else:
            self._give_up(section, "it has no orders")

    def _give_up(self, section: Section, reason: str) -> None:
        self._backlog.give_up(section)
        self._reader.tell_useless(section.window, reason)

    # --- searchOrders ---------------------------------------------------------------------------

    def _read_pages(self) -> None:
        operation = self._stream.operation
        try:
            while self._is_going_on and not self._backlog.is_hopeless:
                if self._backlog.is_left_to_singles:
                    return
                wait = self._client.least_seconds(operation, 1)
                if wait:
                    self._nap(wait)
                    continue
                part = self._backlog.take_pages(self._tokens())
                if part is not None:
                    self._read_part(part)
                elif self._backlog.is_awaited:
                    self._nap()
                else:
                    return
        finally:
            self._pages_are_read.set()

    def _tokens(self) -> int:
        """Return how many pages can be read without a wait."""
        operation = self._stream.operation
        return next(
            (
                number
                for number in range(MAX_TOKENS, 1, -1)
                if not self._client.least_seconds(operation, number)
            ),
            1,
        )

    def _read_part(self, part: Part) -> None:
        """Read the pages of a part; leave the last few orders to getOrder if it knows them."""
        window = part.window
        # The first moment after it belongs to the next part.
        searched = Window(window.after, max(window.after, window.before - ONE_MILLISECOND))
        found: set[Any] = set()
        for parameters in self._reader.requests_between(searched):
            for page in self._reader.restarted_pages_of(parameters):
                found.update(record.get("orderId") for record in page.records)
                self._put(Read(page.records))
                left = self._left_of(part, found) if page.next_token else None
                if left is not None:
                    self._backlog.leave_over(Part(part.sections, window, left))
                    return
                if not self._is_going_on:
                    return
        self._look_for_unlisted(part, found)
        self._put(Read(finished=part))

    def _left_of(self, part: Part, found: set[Any]) -> list[str] | None:
        """Return the orders that are left, if so few are that getOrder reads them sooner."""
        if part.is_listed:
            return None
        ids = part.listed()
        if ids is None:
            return None
        left = [order_id for order_id in ids if order_id not in found]
        return left if len(left) < self._reader.singles_per_page else None

    def _look_for_unlisted(self, part: Part, found: set[Any]) -> None:
        """Give up all reports if one lacks an order that searchOrders has."""
        ids = part.listed()
        unlisted = 0 if ids is None else len(found.difference(ids))
        if not unlisted:
            return
        self._put(Read(is_report_wrong=True))
        for section in self._backlog.sections:
            if not section.is_useless:
                self._backlog.give_up(section)
        self._reader.tell_useless(
            part.window, f"it lacks {unlisted} of the orders that searchOrders has"
        )

    # --- getOrder -------------------------------------------------------------------------------

    def _read_singles(self) -> None:
        """Read the orders of one part after the other, several at a time."""
        executor = self._reader.more_executor("single orders")
        at_once = 2 * self._reader.connection.max_parallel_requests
        asked: deque[tuple[Part, bool, Future[Records]]] = deque()
        records: Records = []
        for one in self._wanted():
            if one is not None:
                part, place = one
                is_last = place + 1 >= len(part.ids)
                asked.append((part, is_last, executor.submit(self._single, part, place)))
            if len(asked) < at_once and one is not None:
                continue
            if not asked:
                if not self._pages_are_read.is_set():
                    self._nap()
                continue
            part, is_last, found = asked.popleft()
            records += found.result()
            if is_last:
                unknown = len(part.ids) - len(records)
                wanted = [record for record in records if self._is_wanted(record)]
                self._put(Read(wanted, part, is_single=True, unknown=unknown))
                records = []

    def _single(self, part: Part, place: int) -> Records:
        return self._singles.order(part.ids[place]) if place < len(part.ids) else []

    def _is_wanted(self, record: dict[str, Any]) -> bool:
        """Return whether an order is of a marketplace to read: reports are of the whole region."""
        marketplaces = self._stream.account.marketplace_ids
        found = at_path(record, ("salesChannel", "marketplaceId"))
        return not marketplaces or not isinstance(found, str) or found in marketplaces

    def _wanted(self) -> Iterator[tuple[Part, int] | None]:
        """Yield each order to read with getOrder, a part and a place in it; None for none now.

        After the last one, it yields None as often as there may be answers to wait for.
        """
        while self._is_going_on:
            part = self._backlog.take_singles()
            if part is not None:
                yield from ((part, place) for place in range(max(1, len(part.ids))))
            elif self._pages_are_read.is_set() and not self._backlog.is_awaited:
                break
            else:
                yield None
        for _ in range(2 * self._reader.connection.max_parallel_requests):
            yield None


def sections_of(gap: Window, reports: OrderReports, windows: Sequence[Window]) -> list[Section]:
    """Return the sections of a backlog, with a report each; the newest is submitted first."""
    found: list[Section] = []
    for turn, window in enumerate(reversed(windows)):
        report: OrderReport = reports.submit(BY_LAST_UPDATE, window, turn=turn)
        found.append(Section(window, report))
    found.reverse()
    if found:
        # No report is needed for the time before the first order.
        found[0].low = gap.after
    return found
