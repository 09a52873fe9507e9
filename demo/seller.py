"""The simulated seller of the demonstration."""

from __future__ import annotations

from tap_amazon_sp.simulator import Simulator, SimulatorSettings


def seller(*, orders: int = 2000, changes_per_minute: float = 20, speed: float = 1000) -> Simulator:
    """Return a simulator whose orders change often; it is not started yet.

    Args:
        orders: Number of orders at the beginning, which is ten minutes ago.
        changes_per_minute: New and changed orders per minute since the beginning.
        speed: Factor for Amazon's request rates, so that the demo takes less than an hour.
    """
    settings = SimulatorSettings(
        port=0, orders=orders, speed=speed, changes_per_minute=changes_per_minute
    )
    return Simulator(settings)
