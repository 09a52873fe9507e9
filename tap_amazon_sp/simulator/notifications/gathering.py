"""Everything that happens to a seller and that Amazon notifies of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tap_amazon_sp.simulator.jobs.job import FinishedJob
from tap_amazon_sp.simulator.notifications.events import Event
from tap_amazon_sp.simulator.notifications.job_results import job_event
from tap_amazon_sp.simulator.notifications.made_up import MadeUpEvents
from tap_amazon_sp.simulator.notifications.order_changes import order_change_events
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.server.calls import Account

FinishedJobs = Mapping[str, Callable[[float], Sequence[FinishedJob]]]
"""By type of notification: returns the jobs that ended since the last call."""


@dataclass(frozen=True)
class EventSource:
    """Everything that happens to a seller and that Amazon notifies of.

    Attributes:
        accounts: The seller's own account, and others that see the same data.
        book: The orders of the seller.
        jobs: Returns what there is of reports, feeds and queries.
        pace: Seconds between two events of a type that is made up; 0 means that there are none.
        new_orders: Whether new orders are among the events.
    """

    accounts: Sequence[Account]
    book: OrderBook
    jobs: Callable[[], FinishedJobs]
    pace: float
    new_orders: bool = True

    def take(self, now: float, types: Callable[[str], set[str]]) -> list[Event]:
        """Return what happened since the last call, oldest first.

        Args:
            now: Epoch seconds.
            types: Returns the types that an account, by name, is subscribed to.
        """
        found = [*self._order_changes(), *self._finished_jobs(now)]
        for made_up, account in zip(self._made_up, self.accounts, strict=True):
            found += made_up.take(now, types(account.name))
        return sorted(found, key=lambda event: event.moment)

    def _order_changes(self) -> Iterator[Event]:
        # Orders have whole seconds.
        start = int(self.book.world.start)
        for order in self.book.history.take_changes():
            is_new = len(order.events) == 1
            if order.updated >= start and (self.new_orders or not is_new):
                yield from order_change_events(self.accounts[0], order, self.book.details(order))

    def _finished_jobs(self, now: float) -> Iterator[Event]:
        accounts = {account.name: account for account in self.accounts}
        for kind, take in self.jobs().items():
            for job in take(now):
                yield job_event(kind, accounts[job.account], job.record, job.ended)

    @cached_property
    def _made_up(self) -> list[MadeUpEvents]:
        world = self.book.world
        return [MadeUpEvents(world, account, pace=self.pace) for account in self.accounts]
