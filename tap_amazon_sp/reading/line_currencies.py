"""The currency of each line of a report that says it only in the first line of a group.

In the flat file of a settlement, only the first line has `currency`, beside the total. The amounts
of all other lines are in the same currency.
"""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.reading.reader import Records

CURRENCY = "_currency"
"""The property with the currency of a line. Amazon's own column stays as Amazon sent it."""


class LineCurrencies:
    """Adds the currency to each line of one document."""

    def __init__(self, column: str, group: str) -> None:
        """Read nothing yet.

        Args:
            column: The property with the currency, in the lines that have it.
            group: The property that is equal in all lines of the same currency.
        """
        self._column = column
        self._group = group
        self._of: Any = None
        self._currency: str | None = None

    def add_to(self, page: Records) -> None:
        """Add the currency to lines; null where no line of the group had one before."""
        column, group = self._column, self._group
        for record in page:
            if own := record.get(column):
                self._of, self._currency = record.get(group), own
                record[CURRENCY] = own
            else:
                is_same = self._currency is not None and record.get(group) == self._of
                record[CURRENCY] = self._currency if is_same else None
