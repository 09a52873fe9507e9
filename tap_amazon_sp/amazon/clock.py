"""Amazon's clock: the time of this machine, corrected by the `Date` header of Amazon's answers.

Windows end at the present. If this machine's clock is ahead, a window ends in Amazon's future:
Amazon has no records of that time yet, and the bookmark would pass those that come. So the present
is Amazon's, as AWS SDKs correct a clock that is off (`correctClockSkew`).

A `Date` has whole seconds (RFC 9110, section 5.6.7), and an answer takes time. So each answer tells
between which two values the difference of the clocks lies; what answers agree on is kept. The clock
of this machine is corrected only if it cannot be right, and then by the value that makes the
present earliest: what is read too late is not lost. Of the last answers, the one with the earliest
time counts, so that a single odd `Date` never makes the present later.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
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

ANSWERS_COMPARED = 3
"""How many of the last answers are compared: the earliest time counts. Until so many have come,
this machine's clock is compared with them."""

MIN_TOLD = dt.timedelta(minutes=1)
"""The smallest difference that is logged."""

OnAnswer = Callable[[requests.Response, float], object]
"""Takes an answer, and the seconds since its request was sent."""

_NONE = dt.timedelta(0)
_ONE_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True)
class _Difference:
    """The values between which the difference of Amazon's clock and this machine's lies."""

    lowest: dt.timedelta
    highest: dt.timedelta

    def narrowed_by(self, other: _Difference) -> _Difference:
        """Return what both agree on; this one if they do not."""
        lowest, highest = max(self.lowest, other.lowest), min(self.highest, other.highest)
        return _Difference(lowest, highest) if lowest <= highest else self

    @property
    def correction(self) -> dt.timedelta:
        """What to add to this machine's time; nothing if it may be right, or Amazon's cannot be."""
        is_right = self.lowest <= _NONE <= self.highest
        return _NONE if is_right or self.lowest > MAX_BEHIND else self.lowest


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
        self._recent = [_Difference(_NONE, _NONE)] * ANSWERS_COMPARED
        self._difference = _NONE

    def now(self) -> dt.datetime:
        """Return Amazon's time in UTC, or a little less; this machine's, if Amazon tells none."""
        return self._clock.now() + self._difference

    @property
    def is_in_doubt(self) -> bool:
        """Whether the last answer says a later time, and the answers before do not yet say so."""
        return self._recent[-1].correction - self._difference > MIN_TOLD

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
        heard = _Difference(date - now, date + _ONE_SECOND - (now - dt.timedelta(seconds=seconds)))
        with self._lock:
            # Where they do not agree, one of the clocks was set meanwhile, or a `Date` is odd.
            recent = [one.narrowed_by(heard) for one in self._recent[1:]]
            self._recent = [*recent, heard.narrowed_by(recent[-1])]
            self._difference = min(one.correction for one in self._recent)
            told = self._difference or min(one.lowest for one in self._recent)
        if abs(told) > MIN_TOLD and self._once.is_first(AmazonClock):
            logger.warning(_message(told, date, now))

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
