"""Reading orders again that notifications say have changed, with one call of getOrder for each.

A notification is a hint: what searchOrders or a report covers is read without it. So nothing here
moves a bookmark, and what fails here keeps nothing else from being read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tap_amazon_sp.amazon.errors import InvalidRequestError, SellingPartnerError
from tap_amazon_sp.reading.changed_orders import OrderToRead
from tap_amazon_sp.reading.read_ahead import side_by_side
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.reading.single_orders import SingleOrders

if TYPE_CHECKING:
    from tap_amazon_sp.reading.orders_reader import OrdersReader

UPDATED_AFTER = dt.timedelta(minutes=5)
"""How much later than the change that a notification names Amazon may note an order's update."""


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

    def remembered(self, pages: Iterator[Records]) -> Iterator[Records]:
        """Yield pages, and remember their orders if notifications may say that they changed."""
        if not self._changed.is_expected:
            yield from pages
            return
        for page in pages:
            yield self._reader.versions.without_older(page)

    def pages(self) -> Iterator[Records]:
        """Yield the orders that have changed since they were read, the oldest change first.

        If a call fails, `error` is set. The messages of orders that are not written come again.
        """
        label, logger = self._reader.stream.label, self._reader.logger
        try:
            yield from self._pages()
        except SellingPartnerError as error:
            self.error = error
            logger.warning(
                "'%s': orders that notifications name cannot be read now, so these messages come "
                "again in the next run: %s",
                label,
                error,
            )
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

    def _pages(self) -> Iterator[Records]:
        reader = self._reader
        ahead = reader.connection.max_parallel_requests
        for changed in self._changed.taken(reader.clock.raise_if_stopped):
            wanted = [one.order_id for one in changed if not self._is_read(one)]
            reader.logger.info(
                "'%s': notifications say that %d orders have changed; getOrder reads %d of them, "
                "the others are read already",
                reader.stream.label,
                len(changed),
                len(wanted),
            )
            executor = reader.more_executor("changed orders")
            for records in side_by_side(self._order, wanted, executor, ahead=ahead):
                yield reader.versions.without_older(records)

    def _order(self, order_id: str) -> Records:
        """Return an order; nothing if Amazon does not give it, which says nothing of others."""
        try:
            records = self._singles.order(order_id)
        except InvalidRequestError:
            records = []
        if not records:
            self._refused.append(order_id)
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
