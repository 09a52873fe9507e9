"""Time as the tap sees it: injected everywhere, so that tests need no sleeping."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Protocol


class SyncInterrupted(Exception):  # noqa: N818 - a request to stop, not an error
    """The process was asked to stop (SIGTERM, SIGINT) while it was waiting or reading."""

    def __init__(self, signal_number: int) -> None:
        """Remember which signal asked for the stop."""
        super().__init__(f"Interrupted by signal {signal_number}")
        self.signal_number = signal_number


class Clock(Protocol):
    """What the tap needs to know about time."""

    def now(self) -> dt.datetime:
        """Return the time of day in UTC, timezone-aware."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds; raise `SyncInterrupted` when asked to stop meanwhile."""

    def raise_if_stopped(self) -> None:
        """Raise `SyncInterrupted` if asked to stop."""


class SystemClock:
    """The clock of this machine, whose waits end as soon as a stop is asked for."""

    def __init__(self) -> None:
        """Start without a stop being asked for."""
        # Its lock is reentrant: the signal handler runs in a thread that may be holding it.
        self._wake = threading.Condition()
        self._stop_signal: int | None = None

    def now(self) -> dt.datetime:
        """Return the time of day in UTC, timezone-aware."""
        return dt.datetime.now(dt.timezone.utc)

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds.

        Raises:
            SyncInterrupted: A stop was asked for, before or while waiting.
        """
        with self._wake:
            self._wake.wait_for(lambda: self._stop_signal is not None, max(seconds, 0.0))
        self.raise_if_stopped()

    def raise_if_stopped(self) -> None:
        """Go on unless a stop was asked for.

        Raises:
            SyncInterrupted: It was.
        """
        if self._stop_signal is not None:
            raise SyncInterrupted(self._stop_signal)

    def interrupt(self, signal_number: int) -> None:
        """Ask everyone who waits on this clock, now or later, to stop."""
        self._stop_signal = signal_number
        with self._wake:
            self._wake.notify_all()
