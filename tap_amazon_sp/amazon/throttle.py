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

from tap_amazon_sp.common.clock import Clock

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
        self._unsettled = 0
        self._calls = 0
        self._tokens = self._burst
        self._gains_from = clock.monotonic()

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

    def acquire(self, before_wait: Callable[[float], None] | None = None) -> Permit:
        """Wait for a token and take it.

        Args:
            before_wait: Told the seconds of a wait that begins, as far as they are known.

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
                # A nap at a time: Amazon may tell a higher rate meanwhile.
                self._clock.sleep(min(wait, max(SHORTEST_NAP, wait * PART_OF_WAIT)))
        finally:
            with self._turn:
                self._served += 1
                self._turn.notify_all()
        # Not the microseconds that it takes to find out.
        waited = self._clock.monotonic() - began_at if expected else 0.0
        return Permit(self, waited)

    def _take_or_wait(self) -> float:
        """Take a token if there is one; else return the seconds until then."""
        with self._turn:
            wait = self._seconds_until(1)
            if not wait:
                self._calls += 1
                self._unsettled += 1
            return wait

    def _seconds_until(self, tokens: int) -> float:
        self._refill()
        missing = tokens + self._unsettled - self._tokens
        if missing < ROUNDING:
            return 0.0
        return missing / self._rate + max(0.0, self._gains_from - self._clock.monotonic())

    def settle_sent(self) -> bool:
        """Hear that a call is being sent, and settle it at once if that is time enough.

        Without a burst the bucket is full before each call, so that each would cost its latency.
        Most of that is Amazon's work, but for the first call, which opens the connection.

        Returns:
            Whether it is settled; else it is when it is answered.
        """
        with self._turn:
            if self._burst >= 2 or self._calls == 1:  # noqa: PLR2004 - a second token
                return False
            self._refill()
            self._settle()
            self._gains_from += max(LONGEST_WAY, PART_OF_PERIOD / self._rate)
            return True

    def settle_answered(self, *, took_a_token: bool) -> None:
        """Hear that a call was answered, or came to nothing, and settle it."""
        with self._turn:
            self._refill()
            self._settle()
            if not took_a_token:
                self._tokens += 1.0

    def _settle(self) -> None:
        self._unsettled -= 1
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

    def _refill(self) -> None:
        now = self._clock.monotonic()
        if now > self._gains_from:
            gained = (now - self._gains_from) * self._rate
            self._tokens = min(self._burst, self._tokens + gained)
            self._gains_from = now


class Permit:
    """A token that one call took from its bucket; `waited` is the seconds that took."""

    def __init__(self, bucket: TokenBucket, waited: float) -> None:
        """Stand for a call that is not sent yet."""
        self._bucket = bucket
        self._is_settled = False
        self.waited = waited

    def sent(self) -> None:
        """Hear that the call is being sent."""
        self._is_settled = self._bucket.settle_sent()

    def answered(self, *, took_a_token: bool = True) -> None:
        """Hear that the call was answered, or came to nothing.

        Args:
            took_a_token: Whether Amazon let it through, as far as one knows.
        """
        if not self._is_settled:
            self._bucket.settle_answered(took_a_token=took_a_token)
            self._is_settled = True


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
