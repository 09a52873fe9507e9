"""The clock of the tap. It is injected everywhere, so that tests need not sleep."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class SyncInterrupted(Exception):  # noqa: N818 - a request to stop, not an error
    """The process was asked to stop (SIGTERM, SIGINT) while it was waiting or reading."""

    def __init__(self, signal_number: int) -> None:
        """Remember the signal that requested the stop."""
        super().__init__(f"Interrupted by signal {signal_number}")
        self.signal_number = signal_number


class Clock(Protocol):
    """A clock, as the tap uses it."""

    def now(self) -> dt.datetime:
        """Return the current time in UTC, timezone-aware."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait; raise `SyncInterrupted` if a stop is requested meanwhile."""

    def raise_if_stopped(self) -> None:
        """Raise `SyncInterrupted` if a stop was requested."""

    def finishing(self) -> AbstractContextManager[None]:
        """Return a context whose end a stop waits for; see `SystemClock.finishing`."""


class SystemClock:
    """The clock of this machine. Its waits end as soon as a stop is requested."""

    def __init__(self) -> None:
        """Start without a request to stop."""
        # The lock is reentrant: a signal handler runs in a thread that may hold it.
        self._wake = threading.Condition()
        self._stop_signal: int | None = None
        self._unfinished = 0

    def now(self) -> dt.datetime:
        """Return the current time in UTC, timezone-aware."""
        return dt.datetime.now(dt.timezone.utc)

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            SyncInterrupted: A stop was requested, before or during the wait.
        """
        with self._wake:
            self._wake.wait_for(lambda: self._stop_signal is not None, max(seconds, 0.0))
        self.raise_if_stopped()

    def raise_if_stopped(self) -> None:
        """Do nothing unless a stop was requested.

        Raises:
            SyncInterrupted: A stop was requested.
        """
        if self._stop_signal is not None:
            raise SyncInterrupted(self._stop_signal)

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Let a stop wait for the end of this context: something must not be left half done.

        Inside, a wait on this clock still ends as soon as a stop is requested.

        Raises:
            SyncInterrupted: A stop was requested before.
        """
        with self._wake:
            self.raise_if_stopped()
            self._unfinished += 1
        try:
            yield
        finally:
            with self._wake:
                self._unfinished -= 1
                self._wake.notify_all()

    def interrupt(self, signal_number: int) -> None:
        """Stop every wait on this clock, now and later."""
        self._stop_signal = signal_number
        with self._wake:
            self._wake.notify_all()

    def wait_until_finished(self, seconds: float) -> bool:
        """Wait, after a stop, for what has to be finished.

        Returns:
            Whether all of it is finished; False after so many seconds.
        """
        with self._wake:
            return self._wake.wait_for(lambda: not self._unfinished, seconds)
