"""Notifications of what the simulator does not keep: offers, listings, inventory and so on.

One comes of each type and account from time to time, made up from Amazon's schema.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from tap_amazon_sp.simulator.generated.subjects import Subject
from tap_amazon_sp.simulator.generated.values import ValueMaker
from tap_amazon_sp.simulator.notifications.events import Event, account_id
from tap_amazon_sp.simulator.notifications.job_results import JOB_TYPES
from tap_amazon_sp.simulator.notifications.order_changes import TYPE as ORDER_CHANGE
from tap_amazon_sp.simulator.notifications.schemas import SCHEMAS
from tap_amazon_sp.simulator.server.calls import Account
from tap_amazon_sp.simulator.world.world import World


def made_up_types() -> list[str]:
    """Return the types that are made up."""
    return [kind for kind in SCHEMAS.all if kind != ORDER_CHANGE and kind not in JOB_TYPES]


class MadeUpEvents:
    """Events of an account, at an even pace."""

    def __init__(self, world: World, account: Account, *, pace: float) -> None:
        """Begin when the simulator starts.

        Args:
            world: The world of the seller.
            account: The account.
            pace: Seconds between two events of a type; 0 means that there are none.
        """
        self._world = world
        self._account = account
        self._pace = pace
        self._until = world.start
        self._types = frozenset(made_up_types())
        self._values = ValueMaker(SCHEMAS, world)

    def take(self, now: float, types: Iterable[str]) -> Iterator[Event]:
        """Yield what happened since the last call.

        Args:
            now: Epoch seconds.
            types: The types that the account is subscribed to.
        """
        since, self._until = self._until, max(now, self._until)
        if not self._pace:
            return
        for kind in sorted(self._types.intersection(types)):
            # Types do not come all at the same time.
            first = self._world.random("pace", kind).uniform(0.5, 1) * self._pace
            numbers = [
                math.floor((moment - self._world.start - first) / self._pace) + 1
                for moment in (since, self._until)
            ]
            for number in range(max(0, numbers[0]), max(0, numbers[1])):
                yield self._event(kind, number, self._world.start + first + number * self._pace)

    def _event(self, kind: str, number: int, moment: float) -> Event:
        world = self._world
        rng = world.random("made-up notification", self._account.name, kind, number)
        subject = Subject(
            key=("notification", self._account.name, kind, number),
            index=rng.randrange(len(world.products)),
            created=int(moment),
            updated=int(moment),
            marketplace=rng.choice(world.marketplaces),
            seller_id=self._account.seller_id,
            known={"accountid": account_id(self._account)},
        )
        _, schema = SCHEMAS.payload(kind)
        payload = self._values.make(kind, schema, subject)
        return Event(self._account.name, kind, moment, str(number), payload, about=str(number))
