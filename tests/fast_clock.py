"""A clock for runs that take hours at Amazon's rates."""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.common.clock import SystemClock

BEGIN = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)


class FastClock(SystemClock):
    """Time passes faster for the tap, and for a simulator that is given `now`."""

    def __init__(self, faster: float) -> None:
        super().__init__()
        self._faster = faster
        self._began_at = super().monotonic()

    def now(self) -> dt.datetime:
        return BEGIN + dt.timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (super().monotonic() - self._began_at) * self._faster

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / self._faster)

    def for_another_run(self) -> FastClock:
        """Return a clock with the same time. A run leaves its clock interrupted."""
        other = FastClock(self._faster)
        other._began_at = self._began_at
        return other
