"""The marketplaces of rows in reports of a whole region, by the sales channel of each row.

Amazon's reports of all orders have the orders of all marketplaces in a region, even if a request
names some (amzn/selling-partner-api-docs#1404 and #2953, amzn/selling-partner-api-models#2209).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from tap_amazon_sp.amazon.marketplaces import marketplace_of_channel
from tap_amazon_sp.reading.keys import NO_VALUE
from tap_amazon_sp.reading.reader import Records

MARKETPLACE_ID = "_marketplace_id"
"""The property with the marketplace of a row."""

_MAX_REMEMBERED = 1000
"""Sales channels that are looked up once; Amazon has two dozen."""


class SalesChannels:
    """Finds the marketplace of each row of one document, and leaves out those of others."""

    def __init__(self, column: str, wanted: Collection[str]) -> None:
        """Read nothing yet.

        Args:
            column: The property with the sales channel.
            wanted: Ids of the marketplaces whose rows are read; empty for all.
        """
        self._column = column
        self._wanted = frozenset(wanted)
        self._found: dict[str, str | None] = {}
        self._left_out: Counter[str] = Counter()

    def placed(self, page: Records) -> Records:
        """Return the rows of wanted marketplaces, each with its marketplace.

        Rows of no marketplace, such as those of the seller's own shop, are among them: they have
        `NO_VALUE`.
        """
        placed = []
        found = self._found
        for record in page:
            channel = record.get(self._column)
            if channel.__class__ is not str:
                channel = ""
            if channel not in found:
                if len(found) >= _MAX_REMEMBERED:
                    found.clear()
                found[channel] = self._marketplace_id(channel)
            marketplace_id = found[channel]
            if marketplace_id is None:
                self._left_out[channel] += 1
            else:
                record[MARKETPLACE_ID] = marketplace_id
                placed.append(record)
        return placed

    def _marketplace_id(self, channel: str) -> str | None:
        """Return the marketplace of a sales channel; None if its rows are left out."""
        marketplace = marketplace_of_channel(channel)
        if marketplace is None:
            return NO_VALUE
        is_wanted = not self._wanted or marketplace.id in self._wanted
        return marketplace.id if is_wanted else None

    @property
    def left_out(self) -> str:
        """What was left out so far: sales channels and numbers of rows; empty if nothing was."""
        if not self._left_out:
            return ""
        numbers = ", ".join(f"{name}: {number:,}" for name, number in self._left_out.most_common())
        return f"{self._left_out.total():,} ({numbers})"
