"""Token buckets: the tap keeps each operation's usage plan itself, so that Amazon need not.

Amazon gives every operation a token bucket per account and application: it holds `burst`
tokens, starts full and gains `rate` tokens a second (page "Usage Plans and Rate Limits" of the
SP-API documentation). The documented numbers are defaults; the rate in force comes with the
header `x-amzn-RateLimit-Limit`.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Hashable

from tap_amazon_sp.clock import Clock

SHORTEST_NAP = 0.25
"""Seconds after which a wait looks whether Amazon has told a higher rate; or, of a long wait, this
part of it:"""
PART_OF_WAIT = 0.125

LONGEST_WAY = 0.1
"""Seconds that a call is on its way to Amazon at most; or this part of the time in which a token
is gained, where that is more:"""
PART_OF_PERIOD = 0.05

ROUNDING = 1e-6
"""Part of a token that sums of fractions may lack."""

LONGEST_THROTTLING_WAIT = 60.0
"""Seconds waited at most after a 429, beside the wait for a new token."""


class TokenBucket:
    """One usage plan, shared by all threads that call its operation; they are served in order.

    Amazon takes its token some time between the sending of a call and its answer, and gains none
    before if its bucket is full. So here a bucket gains none either, until the answer comes: the
    tokens thought to be there are never more than Amazon's.
    """

    def __init__(self, rate: float, burst: float, clock: Clock) -> None:
        """Start full.

        Args:
            rate: Tokens gained per second.
            burst: Most tokens held.
            clock: Where time comes from.
        """
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._clock = clock
        self._turn = threading.Condition()
        self._last_ticket = 0
        self._served = 0
        self._unanswered = 0
        self._calls = 0
        self._tokens = self._burst
        self._updated_at = self._full_since = clock.monotonic()

    @property
    def rate(self) -> float:
        """Tokens gained per second, as known now."""
        return self._rate

    @property
    def calls(self) -> int:
        """How many calls took a token."""
        return self._calls

    @property
    def shortest_time(self) -> float:
        """The seconds in which so many calls can be made at the least, from a full bucket on."""
        return max(0.0, self._calls - self._burst) / self._rate

    def acquire(self, before_wait: Callable[[float], None] | None = None) -> float:
        """Wait for a token and take it; `answered` must be called when the call is.

        Args:
            before_wait: Told the seconds of a wait that begins, as far as they are known.

        Returns:
            Seconds waited.

        Raises:
            SyncInterrupted: The process was asked to stop while waiting.
        """
        began_at = self._clock.monotonic()
        with self._turn:
            ticket = self._last_ticket
            self._last_ticket += 1
            wait = self._seconds_until(1 + ticket - self._served)
        if wait and before_wait is not None:
            before_wait(wait)
        with self._turn:
            self._turn.wait_for(lambda: self._served == ticket)
        try:
            while wait := self._take_or_wait():
                # A nap at a time: Amazon may tell a higher rate meanwhile.
                self._clock.sleep(min(wait, max(SHORTEST_NAP, wait * PART_OF_WAIT)))
        finally:
            with self._turn:
                self._served += 1
                self._turn.notify_all()
        return self._clock.monotonic() - began_at

    def _take_or_wait(self) -> float:
        """Take a token if there is one; else return the seconds until then."""
        with self._turn:
            wait = self._seconds_until(1)
            if not wait:
                self._calls += 1
                self._unanswered += 1
            return wait

    def _seconds_until(self, tokens: int) -> float:
        self._refill()
        missing = tokens + self._unanswered - self._tokens
        return 0.0 if missing < ROUNDING else missing / self._rate

    def answered(self, latency: float) -> None:
        """Hear that a call was answered, or failed, so many seconds after it was sent."""
        with self._turn:
            self._refill()
            self._unanswered -= 1
            delay = latency
            if self._burst < 2 and self._calls > 1:  # noqa: PLR2004 - a second token
                # Here the bucket is full before each call, so that each would cost its latency.
                # Most of that is Amazon's work, but for the first, which opens the connection.
                delay = min(latency, max(LONGEST_WAY, PART_OF_PERIOD / self._rate))
            taken_at = self._updated_at - latency + delay
            if self._is_full():
                gained = (self._updated_at - max(taken_at, self._full_since)) * self._rate
                self._tokens += min(gained, 1.0)
            self._tokens -= 1.0

    def set_rate(self, rate: float) -> None:
        """Follow the rate that Amazon says is in force."""
        if rate <= 0 or rate == self._rate:
            return
        with self._turn:
            self._refill()
            self._rate = rate

    def drain(self) -> None:
        """Forget the tokens thought to be there: Amazon has just said that there are none."""
        with self._turn:
            self._refill()
            self._tokens = min(self._tokens, 0.0)

    def _is_full(self) -> bool:
        return self._tokens > self._burst - ROUNDING

    def _refill(self) -> None:
        now = self._clock.monotonic()
        missing = self._burst - self._tokens
        gained = (now - self._updated_at) * self._rate
        if 0 < missing <= gained:
            self._full_since = self._updated_at + missing / self._rate
        self._tokens += min(gained, missing)
        self._updated_at = now


class Throttle:
    """The token buckets of a run, one per quota and operation; may be used from many threads."""

    # Where Amazon documents no usage plan: one call a second is the slowest of the common plans.
    UNDOCUMENTED_RATE = 1.0
    UNDOCUMENTED_BURST = 1.0

    def __init__(self, clock: Clock, random_source: Callable[[], float] = random.random) -> None:
        """Start with no bucket; each is made, full, when its operation is first called."""
        self._clock = clock
        self._random = random_source
        self._lock = threading.Lock()
        self._buckets: dict[tuple[Hashable, str], TokenBucket] = {}

    def bucket(
        self, quota: Hashable, operation_id: str, rate: float | None, burst: float | None
    ) -> TokenBucket:
        """Return the bucket of an operation.

        Args:
            quota: Whose usage plan it is.
            operation_id: The operation.
            rate: The documented plan's, if there is one.
            burst: The documented plan's, if there is one.
        """
        with self._lock:
            key = quota, operation_id
            if key not in self._buckets:
                self._buckets[key] = TokenBucket(
                    rate or self.UNDOCUMENTED_RATE, burst or self.UNDOCUMENTED_BURST, self._clock
                )
            return self._buckets[key]

    def slowest(self) -> tuple[str, TokenBucket] | None:
        """Return the operation, and its bucket, whose calls take longest; None without calls."""
        with self._lock:
            buckets = [
                (operation_id, bucket) for (_, operation_id), bucket in self._buckets.items()
            ]
        return max(buckets, key=lambda found: found[1].shortest_time, default=None)

    def wait_after_throttling(
        self, bucket: TokenBucket, attempt: int, retry_after: float | None = None
    ) -> None:
        """Recover from a 429: empty the bucket, then wait a little, at random.

        A 429 means that somebody else uses the same quota. Amazon sends no `Retry-After` with
        it (counted over its models), so the emptied bucket makes the next call wait for a whole
        new token. The random wait before it grows with every 429 in a row and keeps programs
        that share a quota from waking together.

        Args:
            bucket: The bucket of the operation that was throttled.
            attempt: How many times this request was throttled in a row, from 1.
            retry_after: Seconds that the server asked to wait, should it ever.
        """
        bucket.drain()
        longest_wait = min(0.1 * 2.0 ** (attempt - 1) / bucket.rate, LONGEST_THROTTLING_WAIT)
        self._clock.sleep((retry_after or 0.0) + self._random() * longest_wait)
