"""Single orders by getOrder, in the form of the stream `orders`.

Facts: Amazon's model `orders_2026-01-01`: getOrder takes the same `includedData` as searchOrders,
returns the same order, and has a usage plan of its own.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.answer_checks import not_documented
from tap_amazon_sp.amazon.decoding import records_of
from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.reading.reader import Parameters, Reader, Records
from tap_amazon_sp.reading.requests import INCLUDED_DATA_PARAMETER

if TYPE_CHECKING:
    from tap_amazon_sp.reading.bookmarks import Bookmark

GET_ORDER = "orders_2026-01-01.getOrder"

MAX_REMEMBERED = 50_000
"""Orders whose version is remembered: those of a day of a large seller. Fewer are under way at the
same time; the rest is for notifications, which say when an order changed."""


class Versions:
    """Leaves out a record that is older than one of the same order that was read before it.

    Two operations that run side by side may overtake each other. What is remembered is bounded, as
    only answers that are under way at the same time can.
    """

    def __init__(self, bookmark: Bookmark, key: str) -> None:
        """Know no order yet; `key` is the property with the id of an order."""
        self._bookmark = bookmark
        self._key = key
        self._newest: OrderedDict[Any, dt.datetime] = OrderedDict()

    def newest(self, order_id: str) -> dt.datetime | None:
        """Return the newest version of an order that was read; None if it is not remembered."""
        return self._newest.get(order_id)

    def without_older(self, records: Records) -> Records:
        """Return the records that are not older than those before them, and remember them."""
        kept = []
        newest = self._newest
        for record in records:
            moment = self._bookmark.moment_of(record)
            order_id = record.get(self._key)
            if moment is not None:
                known = newest.get(order_id)
                if known is not None and moment < known:
                    continue
                newest[order_id] = moment
                newest.move_to_end(order_id)
            kept.append(record)
        while len(newest) > MAX_REMEMBERED:
            newest.popitem(last=False)
        return kept


class SingleOrders:
    """Reads single orders of one account; may be used from many threads."""

    def __init__(self, reader: Reader) -> None:
        """Read nothing yet; `reader` is that of the stream `orders`."""
        self._reader = reader
        self._stream = reader.stream
        self.operation = catalogue.operation(GET_ORDER)

    def order(self, order_id: str) -> Records:
        """Return the order with an id, as a record of the stream; nothing if Amazon knows none.

        Raises:
            SellingPartnerError: Amazon refused the call, or does not answer with this order.
            SyncInterrupted: The process was asked to stop while waiting.
        """
        parameters: Parameters = {
            "orderId": order_id,
            INCLUDED_DATA_PARAMETER: self._included_data,
        }
        stream = self._stream
        request = stream.pipeline.request(parameters, {})
        found: Records = []
        try:
            for answer in stream.client.answers(self.operation, parameters):
                stream.pipeline.begin_page(request, answer)
                self._reader.note_errors(self.operation, answer, parameters)
                found += records_of(self.operation, answer)
        except NotFoundError:
            return []
        stream.client.metrics.count_records(self.operation.id, len(found))
        if [record.get("orderId") for record in found] != [order_id]:
            broken = not_documented(f"it is not the order {order_id}")
            raise broken.error_class(self.operation.id, message=str(broken))
        return stream.pipeline.complete(found, request)

    @functools.cached_property
    def _included_data(self) -> Any:
        return next((one.get(INCLUDED_DATA_PARAMETER) for one in self._reader.requests()), None)
