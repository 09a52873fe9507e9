"""Trying again: exponential waits with jitter, on an injected clock.

The waits come from the module `backoff` (which singer-sdk brings as python-backoff). Its
decorators are not used because they sleep on the process's own clock, which neither a test nor a
stop signal can shorten.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import backoff

from tap_amazon_sp.amazon.errors import SellingPartnerError
from tap_amazon_sp.common.clock import Clock

T = TypeVar("T")

logger = logging.getLogger(__name__)


class RetryableError(Exception):
    """A failure that may pass: `error` is what is raised if it does not.

    `retry_after` is the wait in seconds that the server asked for, if it did.
    """

    def __init__(self, error: Exception, *, retry_after: float | None = None) -> None:
        """Wrap the error that the caller of the whole is to see."""
        super().__init__(str(error))
        self.error = error
        self.retry_after = retry_after


class RetryPolicy:
    """Run something up to `max_tries` times, waiting longer each time."""

    LONGEST_WAIT = 60.0

    def __init__(
        self,
        clock: Clock,
        *,
        max_tries: int = 7,
        first_wait: float = 1.0,
        jitter: Callable[[float], float] = backoff.full_jitter,
    ) -> None:
        """Set how often to try; `jitter` makes a wait out of the longest wait, in seconds.

        The longest waits are `first_wait` seconds and twice as many each time.
        """
        self._clock = clock
        self._max_tries = max_tries
        self._first_wait = first_wait
        self._jitter = jitter

    def run(self, function: Callable[[], T]) -> T:
        """Return what the function returns.

        Raises:
            Exception: What the function raises, or the error in the last `RetryableError`.
            SyncInterrupted: The process was asked to stop while waiting.
        """
        waits = backoff.expo(base=2, factor=self._first_wait, max_value=self.LONGEST_WAIT)
        next(waits)  # python-backoff's generators start when sent to
        tries = 0
        while True:
            tries += 1
            try:
                return function()
            except RetryableError as failure:
                if tries >= self._max_tries:
                    raise failure.error from failure.__cause__
                wait = max(self._jitter(next(waits)), failure.retry_after or 0.0)
                logger.warning(
                    "%s. Trying again in %.1f seconds (try %d of %d)",
                    _what_happened(failure.error),
                    wait,
                    tries + 1,
                    self._max_tries,
                )
                self._clock.sleep(wait)


def _what_happened(error: Exception) -> str:
    """Describe a failure without its advice, which is for when it stays."""
    text = error.sentence("") if isinstance(error, SellingPartnerError) else str(error)
    return text.removesuffix(".")
