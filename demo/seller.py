"""The simulated seller of the demonstration."""

from __future__ import annotations

from tap_amazon_sp.simulator import Simulator, SimulatorSettings


def seller(
    *, orders: int = 2000, changes_per_minute: float = 300, speed: float = 1000
) -> Simulator:
    """Return a simulator, not started yet, whose orders change often.

    Args:
        orders: Orders at the beginning, ten minutes ago.
        changes_per_minute: New and changed orders a minute, since then and from now on.
        speed: Amazon's request rates, times this: nobody wants to wait an hour.
    """
    settings = SimulatorSettings(
        port=0, orders=orders, speed=speed, changes_per_minute=changes_per_minute
    )
    return Simulator(settings)
