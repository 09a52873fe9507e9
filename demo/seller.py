"""A simulated seller with a past: orders that were changing before anyone looked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from tap_amazon_sp.simulator import Simulator, SimulatorSettings

_LIVED = dt.timedelta(minutes=4)


class _Clock:
    """The simulator's clock: behind while the seller is made up, right from then on.

    The tap never reads the last two minutes, as Amazon asks. The changes of a seller made up just
    now are all younger than that: without a life so far, a second run would find nothing.
    """

    def __init__(self) -> None:
        self.behind = _LIVED

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.timezone.utc) - self.behind


@contextmanager
def seller(
    *, orders: int = 2000, changes_per_minute: float = 300, speed: float = 1000
) -> Iterator[Simulator]:
    """Run the simulator with such a seller.

    Args:
        orders: Orders at the beginning, minutes ago.
        changes_per_minute: New and changed orders a minute, since then and from now on.
        speed: Amazon's request rates, times this: nobody wants to wait an hour.
    """
    clock = _Clock()
    settings = SimulatorSettings(
        port=0, orders=orders, speed=speed, changes_per_minute=changes_per_minute, now=clock
    )
    simulator = Simulator(settings)
    clock.behind = dt.timedelta()
    with simulator:
        yield simulator
