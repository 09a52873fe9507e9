"""Token buckets: the tap keeps each operation's usage plan itself, so that Amazon need not.

Amazon gives every operation a token bucket per account and application: it holds `burst`
tokens, starts full and gains `rate` tokens a second (page "Usage Plans and Rate Limits" of the
SP-API documentation). The documented numbers are defaults; the rate in force comes with the
header `x-amzn-RateLimit-Limit`.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from tap_amazon_sp.clock import Clock

NAP = 0.25
"""Seconds after which a wait at a guessed rate looks whether Amazon has told the rate."""

LONGEST_THROTTLING_WAIT = 60.0
"""Seconds waited at most after a 429, beside the wait for a new token."""


class TokenBucket:
    """One usage plan, shared by all threads that call its operation.

    A caller takes its token at once, if need be one that only comes in future, and then waits
    for it without holding the lock. So callers are served in order and any number may wait.
    """

    def __init__(
        self, rate: float, burst: float, clock: Clock, *, is_guessed: bool = False
    ) -> None:
        """Start full.

        Args:
            rate: Tokens gained per second.
            burst: Most tokens held.
            clock: Where time comes from.
            is_guessed: Whether nobody documents the rate, so that it may soon turn out higher.
        """
        self._is_guessed = is_guessed
        self._gained = 0.0
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = self._burst
        self._updated_at = clock.monotonic()

    @property
    def rate(self) -> float:
        """Tokens gained per second, as known now."""
        return self._rate

    def acquire(self, before_wait: Callable[[float], None] | None = None) -> float:
        """Take a token and wait until it is there.

        Args:
            before_wait: Told the seconds of a wait that begins.

        Returns:
            Seconds waited.

        Raises:
            SyncInterrupted: The process was asked to stop while waiting.
        """
        with self._lock:
            self._refill()
            self._tokens -= 1.0
            due = self._gained - self._tokens
        wait, nap = self._wait_until(due)
        if wait and before_wait is not None:
            before_wait(wait)
        waited = 0.0
        while nap:
            self._clock.sleep(nap)
            waited += nap
            wait, nap = self._wait_until(due) if nap < wait else (0.0, 0.0)
        return waited

    def _wait_until(self, due: float) -> tuple[float, float]:
        """Return the seconds until so many tokens are gained, and how long to sleep at once."""
        with self._lock:
            self._refill()
            wait = max(0.0, (due - self._gained) / self._rate)
            return wait, min(wait, NAP) if self._is_guessed else wait

    def set_rate(self, rate: float) -> None:
        """Follow the rate that Amazon says is in force."""
        self._is_guessed = False
        if rate <= 0 or rate == self._rate:
            return
        with self._lock:
            self._refill()
            self._rate = rate

    def drain(self) -> None:
        """Forget the tokens thought to be there: Amazon has just said that there are none."""
        with self._lock:
            self._refill()
            self._tokens = min(self._tokens, 0.0)

    def _refill(self) -> None:
        now = self._clock.monotonic()
        gained = (now - self._updated_at) * self._rate
        self._gained += gained
        self._tokens = min(self._burst, self._tokens + gained)
        self._updated_at = now


class Throttle:
    """The token buckets of one account, one per operation."""

    # Where Amazon documents no usage plan: one call a second is the slowest of the common plans.
    UNDOCUMENTED_RATE = 1.0
    UNDOCUMENTED_BURST = 1.0

    def __init__(self, clock: Clock, random_source: Callable[[], float] = random.random) -> None:
        """Start with no bucket; each is made, full, when its operation is first called."""
        self._clock = clock
        self._random = random_source
        self._lock = threading.Lock()
        self._buckets: dict[str, TokenBucket] = {}

    def bucket(self, operation_id: str, rate: float | None, burst: float | None) -> TokenBucket:
        """Return the operation's bucket; `rate` and `burst` are the documented plan, if any."""
        with self._lock:
            if operation_id not in self._buckets:
                self._buckets[operation_id] = TokenBucket(
                    rate or self.UNDOCUMENTED_RATE,
                    burst or self.UNDOCUMENTED_BURST,
                    self._clock,
                    is_guessed=rate is None,
                )
            return self._buckets[operation_id]

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
