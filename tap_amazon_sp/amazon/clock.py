"""Amazon's clock: the time of this machine, corrected by the `Date` header of Amazon's answers.

Windows end at the present. If this machine's clock is ahead, a window ends in Amazon's future:
Amazon has no records of that time yet, and the bookmark would pass those that come. So the present
is Amazon's, as AWS SDKs correct a clock that is off (`correctClockSkew`).

A `Date` has whole seconds (RFC 9110, section 5.6.7), and an answer takes time. So each answer tells
between which two values the difference of the clocks lies; what all answers agree on is kept. The
clock of this machine is corrected only if it cannot be right, and then by the value that makes the
present earlier: what is read too late is not lost.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.utils import parsedate_to_datetime

import requests

from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.once import Once
from tap_amazon_sp.common.timestamps import UTC, format_timestamp

logger = logging.getLogger(__name__)

EARLIEST = dt.datetime(2026, 1, 1, tzinfo=UTC)
"""The version of Orders that this tap calls has this date. A `Date` before it is not Amazon's."""

LATEST = dt.datetime(2200, 1, 1, tzinfo=UTC)

MAX_BEHIND = dt.timedelta(days=1)
"""How far this machine's clock may be behind Amazon's and be corrected. A `Date` that is later
still may come from a proxy. To believe it would move bookmarks into the future."""

MIN_TOLD = dt.timedelta(minutes=1)
"""The smallest difference that is logged."""

OnAnswer = Callable[[requests.Response, float], object]
"""Takes an answer, and the seconds since its request was sent."""

_NONE = dt.timedelta(0)
_ONE_SECOND = dt.timedelta(seconds=1)


class AmazonClock:
    """The clock of one account's requests. It may be used from many threads."""

    def __init__(self, clock: Clock, *, once: Once | None = None) -> None:
        """Be the clock of this machine until an answer comes.

        Args:
            clock: The clock of this machine.
            once: What the accounts of a run tell only once.
        """
        self._clock = clock
        self._once = once or Once()
        self._lock = threading.Lock()
        self._lowest: dt.timedelta | None = None
        self._highest = _NONE
        self._difference = _NONE

    def now(self) -> dt.datetime:
        """Return Amazon's time in UTC, or a little less; this machine's, if Amazon tells none."""
        return self._clock.now() + self._difference

    def heard(self, response: requests.Response, seconds: float) -> None:
        """Take the time from an answer of Amazon; ignore a `Date` that cannot be the time.

        Args:
            response: The answer.
            seconds: How long ago the request was sent.
        """
        date = _date_of(response)
        if date is None or not EARLIEST < date < LATEST:
            return
        now = self._clock.now()
        lowest = date - now
        highest = date + _ONE_SECOND - (now - dt.timedelta(seconds=seconds))
        with self._lock:
            if self._lowest is not None and self._lowest <= highest and lowest <= self._highest:
                lowest, highest = max(lowest, self._lowest), min(highest, self._highest)
            # Otherwise, one of the clocks was set meanwhile.
            self._lowest, self._highest = lowest, highest
            is_right = lowest <= _NONE <= highest
            self._difference = _NONE if is_right or lowest > MAX_BEHIND else lowest
        if not is_right and abs(lowest) > MIN_TOLD and self._once.is_first(AmazonClock):
            logger.warning(_message(lowest, date, now))

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; raise `SyncInterrupted` if a stop is requested meanwhile."""
        self._clock.sleep(seconds)

    def raise_if_stopped(self) -> None:
        """Raise `SyncInterrupted` if a stop was requested."""
        self._clock.raise_if_stopped()

    def finishing(self) -> AbstractContextManager[None]:
        """Return a context whose end a stop waits for."""
        return self._clock.finishing()


def _date_of(response: requests.Response) -> dt.datetime | None:
    """Return when an answer was made; None if it does not say so, or comes from a cache."""
    if "Age" in response.headers:
        return None
    try:
        date = parsedate_to_datetime(response.headers["Date"])
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (KeyError, IndexError, OverflowError, TypeError, ValueError):
        return None


def _message(difference: dt.timedelta, date: dt.datetime, now: dt.datetime) -> str:
    if difference > MAX_BEHIND:
        return (
            f"The clock of this machine says {format_timestamp(now.replace(microsecond=0))}, and "
            f"Amazon's answers say {format_timestamp(date)}. The earlier is used, so later records "
            "are not read. Set the clock, or look for a proxy that sends a wrong `Date`"
        )
    direction = "ahead of" if difference < _NONE else "behind"
    seconds = abs(difference).total_seconds()
    return (
        f"The clock of this machine is {seconds:,.0f} seconds {direction} Amazon's. "
        "Amazon's is used: set the clock of this machine"
    )
