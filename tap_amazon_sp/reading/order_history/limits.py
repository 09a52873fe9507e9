"""Which orders reports tell, and which ones are left to the API."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.order_history.rows import OrderRowsError


@dataclass(frozen=True)
class Limits:
    """What reports are to give.

    Attributes:
        start: The first last update.
        until: The last updates from then on are left to the API.
        since: When the reports were first requested: none is older.
    """

    start: dt.datetime
    until: dt.datetime
    since: dt.datetime


class ReportTime:
    """The time that a report covers, to be compared with times in UTC as text."""

    def __init__(self, window: Window, until: dt.datetime) -> None:
        """Take the window of a report, and the moment from which the API is read."""
        self._first, self._last = format_timestamp(window.after), format_timestamp(window.before)
        self._until = format_timestamp(until)

    def has(self, updated: str) -> bool:
        """Return whether an order is one of the report; the API has those that changed since.

        Raises:
            OrderRowsError: The order last changed before the window, or after it and before the
                report was requested.
        """
        if updated >= self._until:
            return False
        if self._first <= updated <= self._last:
            return True
        message = "it has orders of another time"
        raise OrderRowsError(message)
