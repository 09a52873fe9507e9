"""The books of a seller: everything that moved money, and how it was settled and paid out.

All accounts of it (Finances v0 and 2024-06-19, settlement and date range reports, payouts) are read
from here, so they agree to the cent.
"""

from __future__ import annotations

import bisect
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from tap_amazon_sp.simulator.money import postings as kinds
from tap_amazon_sp.simulator.money.entries import OrderEntries, StorageCharges, account_entries
from tap_amazon_sp.simulator.money.postings import Entry, Posting, group_id, settlement_id
from tap_amazon_sp.simulator.money.whole_postings import WholePostings
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR
from tap_amazon_sp.simulator.world.world import World

CYCLE = 14 * DAY
"""Seconds of a settlement."""
TRANSFER_TAKES = 2 * DAY
"""Seconds until the money of a settlement is in the seller's bank account."""
ACCOUNT_TAIL = "123"
"""The last digits of the seller's bank account."""
_RESERVE_PERCENT = 10
_MAX_ACCOUNTS = 16


@dataclass(frozen=True)
class Settlement:
    """What was released to a seller in two weeks in a marketplace.

    Attributes:
        number: Position in the history, from 0.
        market: The marketplace.
        id: Amazon's id of the settlement.
        group_id: Amazon's id of its group of events.
        start: When it begins, epoch seconds.
        end: When it ends; the end belongs to the next one.
        is_closed: Whether it has ended.
        entries: What was released in it, oldest first, with what was kept in reserve.
    """

    number: int
    market: Marketplace
    id: str
    group_id: str
    start: int
    end: int
    is_closed: bool
    entries: tuple[Entry, ...]

    @property
    def total(self) -> int:
        """What is paid out; a negative amount is charged to the seller."""
        return sum(entry.units for entry in self.entries)

    @property
    def reserve(self) -> int:
        """What of the one before was kept in reserve, and released in this one."""
        return sum(entry.units for entry in self.entries if entry.subject[0] == "credit")

    @property
    def deposited_at(self) -> int:
        """When the money is in the seller's bank account."""
        return self.end + TRANSFER_TAKES


@dataclass(frozen=True)
class Account:
    """The books at a moment.

    Attributes:
        until: The moment, epoch seconds.
        entries: Everything that was posted, oldest first, with transfers.
        settlements: All settlements by marketplace id, oldest first; the last one is open.
    """

    until: float
    entries: tuple[Entry, ...]
    settlements: Mapping[str, tuple[Settlement, ...]]

    def has_released(self, entry: Entry) -> bool:
        """Return whether the seller can dispose of the money of an entry."""
        return entry.released_at <= self.until

    def settlement_of(self, entry: Entry, market: Marketplace) -> Settlement | None:
        """Return the settlement in which an entry is released, or that a transfer pays.

        It is None if the entry is still deferred.
        """
        found = self.settlements[market.id]
        if entry.kind == kinds.TRANSFER:
            return found[int(entry.subject[1])]
        at = bisect.bisect_right(found, entry.released_at, key=lambda each: each.start) - 1
        return found[at] if self.has_released(entry) and at >= 0 else None


class Books:
    """The books of a seller, at any moment."""

    def __init__(self, book: OrderBook, storage: StorageCharges) -> None:
        """Keep the books of a seller; they are worked out when they are first needed.

        Args:
            book: The orders.
            storage: What storage costs.
        """
        self.orders = book.history
        self._book = book
        self._storage = storage
        self._orders = OrderEntries(book)
        self._accounts: OrderedDict[tuple[float, int], Account] = OrderedDict()
        self.world = book.world
        self._whole = WholePostings(book)

    def at(self, now: float) -> Account:
        """Return the books at a moment (epoch seconds), which may be any moment of the past."""
        key = self.orders.horizon(now), self.orders.changes
        found = self._accounts.get(key)
        if found is None:
            found = self._accounts[key] = self._account(key[0])
            while len(self._accounts) > _MAX_ACCOUNTS:
                self._accounts.popitem(last=False)
        return found

    def ends(self, now: float) -> list[int]:
        """Return when the settlements that have ended by a moment ended, oldest first."""
        until = self.orders.horizon(now)
        starts = settlement_starts(self.world, until)
        return [start + CYCLE for start in starts if start + CYCLE <= until]

    def posting(self, entry: Entry) -> Posting:
        """Return the whole of an entry."""
        return self._whole.of(entry)

    def _account(self, until: float) -> Account:
        orders = [entry for entry in self._orders.all() if entry.posted_at <= until]
        entries = orders + list(account_entries(self._book, orders, until, self._storage))
        settlements, transfers = {}, []
        for at, market in enumerate(self.world.marketplaces):
            own = sorted(
                (entry for entry in entries if entry.market == at and entry.released_at <= until),
                key=lambda entry: (entry.released_at, entry),
            )
            settlements[market.id] = self._settlements(at, market, own, until)
            transfers += [
                Entry(
                    each.end, each.end, kinds.TRANSFER, at, ("transfer", each.number), -each.total
                )
                for each in settlements[market.id]
                if each.is_closed and each.total
            ]
        reserves = [
            entry
            for found in settlements.values()
            for each in found
            for entry in each.entries
            if entry.kind == kinds.RESERVE
        ]
        return Account(until, tuple(sorted([*entries, *reserves, *transfers])), settlements)

    def _settlements(
        self, at: int, market: Marketplace, entries: list[Entry], until: float
    ) -> tuple[Settlement, ...]:
        moments = [entry.released_at for entry in entries]
        found: list[Settlement] = []
        held = 0
        for number, start in enumerate(settlement_starts(self.world, until)):
            end = start + CYCLE
            is_closed = end <= until
            own = entries[bisect.bisect_left(moments, start) : bisect.bisect_left(moments, end)]
            if held:
                own = [Entry(start, start, kinds.RESERVE, at, ("credit", number), held), *own]
            if is_closed:
                held = max(0, sum(entry.units for entry in own) * _RESERVE_PERCENT // 100)
                if held:
                    # It is kept in the last second.
                    last = end - 1
                    own.append(Entry(last, last, kinds.RESERVE, at, ("debit", number), -held))
            found.append(
                Settlement(
                    number,
                    market,
                    settlement_id(self.world.seed, market, number),
                    group_id(self.world.seed, market, number),
                    start,
                    end,
                    is_closed,
                    tuple(own),
                )
            )
        return tuple(found)


def settlement_starts(world: World, until: float) -> list[int]:
    """Return when the settlements up to a moment begin, oldest first; see `Settlement`."""
    # The latest of the past has ended an hour before the past ends.
    latest = world.end_of_past - HOUR
    cycles = -(-(world.length_of_past + DAY) // CYCLE)
    first = latest - cycles * CYCLE
    return list(range(first, int(until) + 1, CYCLE))
