"""Token buckets: Amazon's usage plans."""

from __future__ import annotations

from dataclasses import dataclass

from tap_amazon_sp.simulator.server.models import Operation

JITTER = 0.05
"""Part of a token that may be missing.

A request that was sent in time may arrive a little early, after one that arrived a little late.
"""

UNDOCUMENTED_RATE = 1.0
UNDOCUMENTED_BURST = 5.0
"""Usage plan of operations without a documented one.

Amazon limits them too, and its responses carry the rate.
"""


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Throttle:
    """A token bucket per application, selling partner and operation.

    Source: Amazon's page "Usage Plans and Rate Limits": limits count per pair of selling partner
    account and application. Grantless operations have no selling partner, so their limits count
    per application.
    """

    def __init__(self, speed: float, *, plan: tuple[float, float] | None = None) -> None:
        """Start with full buckets.

        Args:
            speed: Multiplies the documented rates; the bursts stay the same.
            plan: Rate and burst of all operations, instead of the documented ones.
        """
        self._speed = speed
        self._plan = plan
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def rate(self, operation: Operation) -> float:
        """Return the requests per second that the simulator allows."""
        rate = UNDOCUMENTED_RATE if operation.rate is None else operation.rate
        return (rate if self._plan is None else self._plan[0]) * self._speed

    def admit(self, client_id: str, seller_id: str, operation: Operation, now: float) -> bool:
        """Take a token from the bucket; return False if it is empty.

        Args:
            client_id: The application that calls.
            seller_id: The selling partner that it calls for; empty for a grantless call.
            operation: The operation.
            now: Epoch seconds.
        """
        rate = self.rate(operation)
        burst = UNDOCUMENTED_BURST if operation.burst is None else operation.burst
        if self._plan is not None:
            burst = self._plan[1]
        key = (client_id, seller_id, operation.id)
        bucket = self._buckets.setdefault(key, _Bucket(burst, now))
        elapsed = max(0.0, now - bucket.filled_at)
        bucket.tokens = min(burst, bucket.tokens + elapsed * rate)
        bucket.filled_at = now
        if bucket.tokens < 1 - JITTER:
            return False
        bucket.tokens -= 1
        return True
