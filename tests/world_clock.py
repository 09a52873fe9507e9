"""The clock of a simulated world, which a test can slow down and put forward.

With it, no test has to be faster than a report is made: that is made when the test says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

SLOWER = 10_000


class WorldClock:
    """Returns the real time at first, as `now` of the simulator's settings."""

    def __init__(self) -> None:
        self._ahead = dt.timedelta(0)
        self._slow_since: dt.datetime | None = None

    def __call__(self) -> dt.datetime:
        now = dt.datetime.now(dt.timezone.utc)
        if (since := self._slow_since) is not None:
            now = since + (now - since) / SLOWER
        return now + self._ahead

    @contextmanager
    def slowed_down(self) -> Iterator[None]:
        """Let hardly any time pass; afterwards it is as late as if it had passed.

        The clock does not stand still, so that rate limits let requests through.
        """
        self._slow_since = dt.datetime.now(dt.timezone.utc)
        try:
            yield
        finally:
            self.go_on()

    def go_on(self) -> None:
        """End the slow time."""
        self._slow_since = None

    def put_forward(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._ahead += dt.timedelta(seconds=seconds)
