"""Token buckets: the tap keeps to the usage plan of each operation, so that Amazon refuses nothing.

Amazon keeps a token bucket for every operation, per account and application: it holds `burst`
tokens, starts full and gains `rate` tokens a second (page "Usage Plans and Rate Limits" of the
SP-API documentation). The documented numbers are defaults. The header `x-amzn-RateLimit-Limit`
has the rate in force.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Hashable

from tap_amazon_sp.amazon.retry import THROTTLED
from tap_amazon_sp.common.clock import Clock

MIN_NAP = 0.25
"""Seconds of a wait that pass at least before the rate is checked again, as Amazon may have raised
it."""
NAP_SHARE = 0.125
"""The part of a long wait that passes before the rate is checked again."""

MAX_TRAVEL_TIME = 0.1
"""Seconds that a call may need to reach Amazon."""
TRAVEL_SHARE = 0.05
"""The part of the time for one token that a call may need instead, if that is longer."""

MIN_RATE = 0.0005
"""Calls per second below which a rate that Amazon sends is not believed: a call in half an hour.
The slowest documented operation takes a call in three minutes."""

ROUNDING_ERROR = 1e-6
"""The part of a token that sums of fractions may lack."""


class TokenBucket:
    """One usage plan, shared by all threads that call its operation. They are served in order.

    Amazon takes its token at some time between the sending of a call and its answer. Until then,
    Amazon's bucket gains nothing if it is full. So this bucket gains nothing either until the
    answer comes: it never holds more tokens than Amazon's.
    """

    def __init__(self, rate: float, burst: float, clock: Clock) -> None:
        """Start full.

        Args:
            rate: Tokens gained per second.
            burst: The largest number of tokens held.
            clock: Where time comes from.
        """
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._clock = clock
        self._turn = threading.Condition()
        self._last_ticket = 0
        self._served = 0
        self._unsettled = 0
        self._calls = 0
        self._refused = 0
        self._lost = 0.0
        self._tokens = self._burst
        self._gains_from = clock.monotonic()

    @property
    def rate(self) -> float:
        """Tokens gained per second, as far as is known by now."""
        return self._rate

    @property
    def calls(self) -> int:
        """How many calls took a token."""
        return self._calls

    @property
    def shortest_time(self) -> float:
        """The least number of seconds that these calls take.

        The bucket counts as full at the start, without the tokens that it lost: another program, or
        an earlier run, used them.
        """
        granted = self._calls - self._refused
        return max(0.0, granted + self._lost - self._burst) / self._rate

    def least_seconds(self, calls: float) -> float:
        """Return the least time until so many further calls have their tokens."""
        with self._turn:
            return self._seconds_until(calls)

    def acquire(self, before_wait: Callable[[float], None] | None = None) -> Permit:
        """Wait for a token and take it.

        Args:
            before_wait: Called before a wait, with its seconds as far as they are known.

        Raises:
            SyncInterrupted: The process was asked to stop while waiting.
        """
        began_at = self._clock.monotonic()
        with self._turn:
            ticket = self._last_ticket
            self._last_ticket += 1
            expected = self._seconds_until(1 + ticket - self._served)
        if expected and before_wait is not None:
            before_wait(expected)
        with self._turn:
            self._turn.wait_for(lambda: self._served == ticket)
        try:
            while wait := self._take_or_wait():
                # In pieces: Amazon may raise the rate meanwhile.
                self._clock.sleep(min(wait, max(MIN_NAP, wait * NAP_SHARE)))
        finally:
            with self._turn:
                self._served += 1
                self._turn.notify_all()
        # The microseconds that it takes to find a token do not count.
        waited = self._clock.monotonic() - began_at if expected else 0.0
        return Permit(self, waited)

    def _take_or_wait(self) -> float:
        """Take a token if there is one; otherwise return the seconds until there is one."""
        with self._turn:
            wait = self._seconds_until(1)
            if not wait:
                self._calls += 1
                self._unsettled += 1
            return wait

    def _seconds_until(self, tokens: float) -> float:
        self._refill()
        missing = tokens + self._unsettled - self._tokens
        if missing < ROUNDING_ERROR:
            return 0.0
        return missing / self._rate + max(0.0, self._gains_from - self._clock.monotonic())

    def settle_sent(self) -> bool:
        """Note that a call is being sent, and settle it now if that is safe.

        Without a burst the bucket is full before each call, so each call would cost its latency.
        Most of the latency is Amazon's work, except for the first call, which opens the connection.

        Returns:
            Whether the call is settled. If not, it is settled when it is answered.
        """
        with self._turn:
            if self._burst >= 2 or self._calls == 1:  # noqa: PLR2004 - a second token
                return False
            self._refill()
            self._settle()
            self._gains_from += max(MAX_TRAVEL_TIME, TRAVEL_SHARE / self._rate)
            return True

    def settle_answered(self, *, took_a_token: bool) -> None:
        """Note that a call was answered, or failed, and settle it."""
        with self._turn:
            self._refill()
            self._settle()
            if not took_a_token:
                self._tokens += 1.0
                self._refused += 1

    def _settle(self) -> None:
        self._unsettled -= 1
        self._tokens -= 1.0

    def set_rate(self, rate: float) -> None:
        """Use the rate that Amazon says is in force, unless it cannot be one."""
        if not MIN_RATE <= rate < math.inf or rate == self._rate:
            return
        with self._turn:
            self._refill()
            self._rate = rate

    def drain(self) -> None:
        """Drop all tokens: Amazon has just said that there are none."""
        with self._turn:
            self._refill()
            self._lost += max(self._tokens, 0.0)
            self._tokens = min(self._tokens, 0.0)

    def _refill(self) -> None:
        now = self._clock.monotonic()
        if now > self._gains_from:
            gained = (now - self._gains_from) * self._rate
            self._tokens = min(self._burst, self._tokens + gained)
            self._gains_from = now


class Permit:
    """A token that one call took from its bucket, after waiting `waited` seconds for it."""

    def __init__(self, bucket: TokenBucket, waited: float) -> None:
        """Belong to a call that is not sent yet."""
        self._bucket = bucket
        self._is_settled = False
        self.waited = waited

    def sent(self) -> None:
        """Note that the call is being sent."""
        self._is_settled = self._bucket.settle_sent()

    def answered(self, *, took_a_token: bool = True) -> None:
        """Note that the call was answered, or failed.

        Args:
            took_a_token: Whether Amazon let it through, as far as is known.
        """
        if not self._is_settled:
            self._bucket.settle_answered(took_a_token=took_a_token)
            self._is_settled = True


class Throttle:
    """The token buckets of a run, one per quota and operation. It may be used from many threads."""

    # For operations whose usage plan is not documented: one call a second is the slowest of the
    # common plans.
    UNDOCUMENTED_RATE = 1.0
    UNDOCUMENTED_BURST = 1.0

    def __init__(self, clock: Clock, random_source: Callable[[], float] = random.random) -> None:
        """Start without buckets: each is created, full, when its operation is first called."""
        self._clock = clock
        self._random = random_source
        self._lock = threading.Lock()
        self._buckets: dict[tuple[Hashable, str], TokenBucket] = {}

    def bucket(
        self, quota: Hashable, operation_id: str, rate: float | None, burst: float | None
    ) -> TokenBucket:
        """Return the bucket of an operation.

        Args:
            quota: What the usage plan belongs to, such as an authorization.
            operation_id: The operation.
            rate: The documented rate, if there is one.
            burst: The documented burst, if there is one.
        """
        with self._lock:
            key = quota, operation_id
            if key not in self._buckets:
                self._buckets[key] = TokenBucket(
                    rate or self.UNDOCUMENTED_RATE, burst or self.UNDOCUMENTED_BURST, self._clock
                )
            return self._buckets[key]

    def slowest(self) -> tuple[str, TokenBucket] | None:
        """Return the operation whose calls take longest, and its bucket; None without calls."""
        with self._lock:
            buckets = [
                (operation_id, bucket) for (_, operation_id), bucket in self._buckets.items()
            ]
        return max(buckets, key=lambda found: found[1].shortest_time, default=None)

    def wait_after_throttling(
        self, bucket: TokenBucket, attempt: int, retry_after: float | None = None
    ) -> None:
        """Recover from a 429: empty the bucket, then wait for a short random time.

        A 429 means that another program uses the same quota. Amazon sends no `Retry-After` with
        it (counted over its models), so the emptied bucket makes the next call wait for a whole
        new token. The random wait before it grows with every 429 in a row. It keeps programs that
        share a quota from waking together.

        Args:
            bucket: The bucket of the operation that was throttled.
            attempt: How many times this request was throttled in a row, from 1.
            retry_after: Seconds that the server asks to wait, if it does.
        """
        bucket.drain()
        longest_wait = THROTTLED.longest_wait(attempt, unit=1.0 / bucket.rate)
        self._clock.sleep((retry_after or 0.0) + self._random() * longest_wait)
