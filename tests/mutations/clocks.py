"""The time of the simulated world, and the clock of a tap that is in a hurry."""

from __future__ import annotations

import datetime as dt
import time

from tap_amazon_sp.common.clock import SystemClock

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)
SLOWER = 1000
"""How much slower the time of the world goes: the windows of all runs are nearly the same."""
FASTER = 500
"""How much faster a tap waits: the longest wait before a retry takes a fraction of a second."""

_began_at = time.monotonic()


def world_time() -> dt.datetime:
    """Return the time of the world, which begins when this module is imported."""
    return NOON + dt.timedelta(seconds=(time.monotonic() - _began_at) / SLOWER)


class HurriedClock(SystemClock):
    """The clock of a tap: it tells the world's time, and all waits are short."""

    def now(self) -> dt.datetime:
        """Return the world's time."""
        return world_time()

    def monotonic(self) -> float:
        """Return seconds that are as short as the waits are."""
        return time.monotonic() * FASTER

    def sleep(self, seconds: float) -> None:
        """Wait for a small part of the seconds."""
        super().sleep(seconds / FASTER)
