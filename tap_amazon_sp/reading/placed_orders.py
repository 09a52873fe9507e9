"""Orders by the time of their purchase, to find out whether reports lack some."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tap_amazon_sp.reading.reader import Parameters

if TYPE_CHECKING:
    from tap_amazon_sp.reading.window_reader import WindowReader

MAX_PAGES = 10
"""Pages of searchOrders that may be read to find out whether an order is missing."""

_ONE_MILLISECOND = dt.timedelta(milliseconds=1)


def placed_between(reader: WindowReader, after: dt.datetime, before: dt.datetime) -> Parameters:
    """Return the request of searchOrders for the orders placed from one moment to before another.

    Args:
        reader: The reader of the orders.
        after: The first moment.
        before: The moment after the last one. Amazon wants an end that is two minutes ago.
    """
    return next(iter(reader.requests())) | {
        "createdAfter": after,
        "createdBefore": before - _ONE_MILLISECOND,
    }
