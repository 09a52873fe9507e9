"""Reading the orders that reports of the past turn out to lack, and what the state says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.timestamps import format_timestamp, moment_of
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.order_history.check import HistoryCheck
from tap_amazon_sp.reading.order_reports import BY_LAST_UPDATE, XML_BY_LAST_UPDATE
from tap_amazon_sp.reading.pending import pending_in, remove_pending
from tap_amazon_sp.reading.placed_orders import MAX_PAGES
from tap_amazon_sp.reading.reader import Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.window_reader import WindowReader

HISTORY = "history"
"""The key in the state of `orders` with a history that is not finished: `start`, `until` and
`since` while reports are read, the first two until they are checked, then `days` while orders are
read that they lack. The reports stay pending until they are checked."""

START = "start"
UNTIL = "until"
SINCE = "since"
DAYS = "days"

_KINDS = (BY_LAST_UPDATE, XML_BY_LAST_UPDATE)


class MissingOrders:
    """Finds and reads what the reports of one history lack.

    Attributes:
        check: Notes the orders.
        checked: Since when all orders are noted; None if they are not.
    """

    def __init__(self, reader: WindowReader) -> None:
        """Read nothing yet; `reader` is that of the orders."""
        self.check = HistoryCheck(reader)
        self.checked: dt.datetime | None = None
        self._bookmark = reader.bookmark
        self._logger = reader.logger
        self._label = reader.stream.label

    @property
    def marker(self) -> Mapping[str, Any]:
        """What the state says of a history that is not finished."""
        found = self._bookmark.written_state().get(HISTORY)
        return found if isinstance(found, Mapping) else {}

    @property
    def is_unchecked(self) -> bool:
        """Whether an earlier run has read all reports and has not checked them."""
        return START in self.marker and SINCE not in self.marker

    def check_since(self, start: dt.datetime | None) -> None:
        """Check the orders that were placed since then; None checks nothing."""
        self.checked = start
        if start is not None:
            self.check.begin(start)

    def noted(self, pages: Iterator[Records]) -> Iterator[Records]:
        """Return pages of the API; their orders are noted, if there is something to check."""
        return pages if self.checked is None else self.check.noted(pages)

    def pages(self, end: dt.datetime) -> Iterator[Records]:
        """Yield what the reports turn out to lack, after everything else is read up to the end."""
        days = self._days_left()
        if self.checked is not None:
            short = self.check.short_days(Window(self.checked, end))
            is_proven = False
            for page, missing in self.check.first_pages(short[:MAX_PAGES], end):
                yield page.records
                if is_proven := missing > 0:
                    break
            if is_proven:
                days = sorted({*days, *short})
                self._logger.warning(
                    "'%s': the reports lack orders that searchOrders has: it is asked for the "
                    "orders of %d days, because getOrderMetrics counts more there",
                    self._label,
                    len(days),
                )
            elif short:
                self._logger.info(
                    "'%s': getOrderMetrics counts more orders than there are on %d days, but "
                    "searchOrders has no others on %d of them",
                    self._label,
                    len(short),
                    min(len(short), MAX_PAGES),
                )
        while days:
            self._write_days(days)
            for page in self.check.pages_of(days.pop(0), end):
                yield page.records
        if self.marker:
            self._write_days(days)

    def _days_left(self) -> list[dt.datetime]:
        """Return the days that an earlier run has found to lack orders."""
        found = self.marker.get(DAYS)
        names = found if isinstance(found, list) else []
        moments = [moment_of({DAYS: name}, DAYS) for name in names]
        return [moment for moment in moments if moment is not None]

    def _write_days(self, days: Sequence[dt.datetime]) -> None:
        """Write a STATE with the days that are left: the records of the others are written."""
        with self._bookmark.changed_state() as state:
            if state is None:
                return
            remove_pending(state, [key for key in pending_in(state) if key.subject in _KINDS])
            state[HISTORY] = {DAYS: [format_timestamp(day) for day in days]}
            if not days:
                del state[HISTORY]
