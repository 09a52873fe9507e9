"""Reading orders again that notifications say have changed, with one call of getOrder for each.

A notification is a hint: what searchOrders or a report covers is read without it. So nothing here
moves a bookmark, and what fails here keeps nothing else from being read.
"""

from __future__ import annotations

import datetime as dt
import queue
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tap_amazon_sp.amazon.errors import InvalidRequestError, SellingPartnerError
from tap_amazon_sp.jobs.poller import start_thread
from tap_amazon_sp.reading.changed_orders import OrderToRead
from tap_amazon_sp.reading.read_ahead import side_by_side
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.reading.single_orders import SingleOrders

if TYPE_CHECKING:
    from tap_amazon_sp.reading.orders_reader import OrdersReader

UPDATED_AFTER = dt.timedelta(minutes=5)
"""How much later than the change that a notification names Amazon may note an order's update."""


_HEARTBEAT = 1.0


class StoppedError(Exception):
    """The stream has ended, so its changed orders are of no use."""


class OrdersReadAgain:
    """Reads the changed orders of one account in one run.

    Attributes:
        error: What kept the rest from being read; None if nothing did.
    """

    def __init__(self, reader: OrdersReader) -> None:
        """Read nothing yet; `reader` is that of the stream `orders`."""
        self.error: SellingPartnerError | None = None
        self._reader = reader
        self._changed = reader.connection.changed_orders
        self._singles = SingleOrders(reader)
        self._refused: list[str] = []
        self._found: queue.Queue[Records | threading.Event | BaseException | None] = queue.Queue()
        self._has_all = False
        self._is_stopped = threading.Event()

    def pages(self) -> Iterator[Records]:
        """Yield the orders that have changed since they were read, the oldest change first.

        If a call fails, `error` is set. The messages of orders that are not written come again.
        """
        yield from self.beside(iter(()))

    def beside(self, pages: Iterator[Records]) -> Iterator[Records]:
        """Yield pages, and after each one the changed orders that were read meanwhile.

        While searchOrders waits for a token, getOrder gives 90 orders. If a call of getOrder fails,
        `error` is set. The messages of orders that are not written come again.

        Args:
            pages: Pages of the same stream.
        """
        if not self._changed.is_expected:
            yield from pages
            return
        start_thread(self._fetch, f"{self._reader.stream.name} changed orders")
        try:
            for page in pages:
                yield self._reader.versions.without_older(page)
                yield from self._fetched(waits=False)
            yield from self._fetched(waits=True)
        finally:
            self._is_stopped.set()
        self._tell_refused()

    def _fetched(self, *, waits: bool) -> Iterator[Records]:
        """Yield what is read by now, or all that is left."""
        while not self._has_all:
            try:
                found = self._found.get(timeout=_HEARTBEAT if waits else 0.0)
            except queue.Empty:
                self._reader.clock.raise_if_stopped()
                if waits:
                    continue
                return
            if isinstance(found, threading.Event):
                # All orders before it are written.
                found.set()
            elif isinstance(found, SellingPartnerError):
                self._note(found)
            elif isinstance(found, BaseException):
                raise found
            elif found is None:
                self._has_all = True
            else:
                yield self._reader.versions.without_older(found)

    def _note(self, error: SellingPartnerError) -> None:
        self.error = error
        self._reader.logger.warning(
            "'%s': orders that notifications name cannot be read now, so these messages come "
            "again in the next run: %s",
            self._reader.stream.label,
            error,
        )

    def _tell_refused(self) -> None:
        label, logger = self._reader.stream.label, self._reader.logger
        if self._refused:
            logger.warning(
                "'%s': getOrder does not give %d orders that notifications name, such as %s: they "
                "are left to searchOrders",
                label,
                len(self._refused),
                self._refused[0],
            )

    def tell_silence(self, records: int) -> None:
        """Warn if orders have changed, and the queue has said nothing of it.

        Args:
            records: How many orders have changed since the last run.
        """
        if records and self._changed.is_silent:
            self._reader.logger.warning(
                "'%s': %d orders have changed since the last run, but no message about an order "
                "came to the queue. `amazon-sp notifications setup ORDER_CHANGE` looks for what is "
                "wrong; searchOrders reads all changes, only later",
                self._reader.stream.label,
                records,
            )

    # --- In a thread of its own -----------------------------------------------------------------

    def _fetch(self) -> None:
        """Read the changed orders. What follows an event waits until all before it is written."""
        try:
            self._fetch_all()
        except BaseException as error:  # noqa: BLE001 - raised by the thread of the stream
            self._found.put(error)
        self._found.put(None)

    def _fetch_all(self) -> None:
        reader = self._reader
        ahead = reader.connection.max_parallel_requests
        for changed in self._changed.taken(self._raise_if_stopped):
            reader.logger.info(
                "'%s': notifications say that %d orders have changed; getOrder reads those that "
                "are not read already",
                reader.stream.label,
                len(changed),
            )
            executor = reader.more_executor("changed orders")
            for records in side_by_side(self._order, changed, executor, ahead=ahead):
                self._found.put(records)
                self._raise_if_stopped()
            are_written = threading.Event()
            self._found.put(are_written)
            while not are_written.wait(_HEARTBEAT):
                self._raise_if_stopped()

    def _raise_if_stopped(self) -> None:
        """End the thread if nobody reads its orders any more.

        Raises:
            SyncInterrupted: The process was asked to stop.
            StoppedError: The stream has ended.
        """
        self._reader.clock.raise_if_stopped()
        if self._is_stopped.is_set():
            raise StoppedError

    def _order(self, changed: OrderToRead) -> Records:
        """Return an order; nothing if Amazon does not give it, which says nothing of others."""
        if self._is_read(changed):
            return []
        try:
            records = self._singles.order(changed.order_id)
        except InvalidRequestError:
            records = []
        if not records:
            self._refused.append(changed.order_id)
        return records

    def _is_read(self, changed: OrderToRead) -> bool:
        """Return whether the order was read as it was after its change."""
        if changed.changed_at is None:
            return False
        newest = self._reader.versions.newest(changed.order_id)
        if newest is not None:
            return newest >= changed.changed_at
        # If it was read, that is long ago.
        covered, time = self._reader.covered, changed.changed_at
        if not covered.has(time) or not covered.has(time + UPDATED_AFTER):
            return False
        # Where only a report has told which orders there are, it may have lacked this one.
        doubted = [one.window for one in covered.by_report]
        return not any(window.after <= time <= window.before for window in doubted)
