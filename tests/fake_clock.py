"""A clock that tests set."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager, nullcontext


class FakeClock:
    """Time stands still except during sleeps, which end at once and are recorded."""

    def __init__(self, now: dt.datetime | None = None) -> None:
        self._now = now or dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)
        self._monotonic = 1000.0
        self.sleeps: list[float] = []

    def now(self) -> dt.datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.advance(seconds)

    def raise_if_stopped(self) -> None:
        """Do nothing: a test receives no stop signal."""

    def finishing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def advance(self, seconds: float) -> None:
        self._monotonic += seconds
        self._now += dt.timedelta(seconds=seconds)
