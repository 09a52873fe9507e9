"""Trying again: the rules, the budget of a run, and the policy that follows both.

All limits on retries are here, one rule for each kind of failure: how often a thing is tried, how
long the waits are, and what a retry costs. Every module takes its numbers from these rules.

The budget is the retry quota of the AWS SDKs' standard mode (page "Retry behavior" of the AWS SDKs
and Tools Reference Guide; botocore's `retries/quota.py` and `retries/standard.py`): a bucket of
tokens from which every retry takes some, and to which every success returns some. When it is empty,
failures are final at once. There the bucket holds 500 tokens, a retry costs 5 (14 from 2026 on, but
5 after throttling), and a success returns what its last retry took, or 1 token without a retry. It
differs here in three ways, because the usage plans already keep retries from burdening Amazon, and
all that the budget has to do is to end a run that has no hope:

- A success returns what all of its retries took, and 1 token. So only requests that fail for good
  use the budget up, and a run whose requests all succeed in the end never does.
- The bucket is larger: 333 requests may be in their last try at the same time. A run has as many
  streams at once, and a short outage hits all of them.
- A retry after a 429 costs 1 token, not 5. Amazon is well then, and the retry waits for a token of
  the operation's usage plan. Another program that shares the quota must not end a long run.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TypeVar

import backoff

from tap_amazon_sp.amazon.errors import AccountError, SellingPartnerError
from tap_amazon_sp.common.clock import Clock

T = TypeVar("T")

logger = logging.getLogger(__name__)

MAX_RETRY_AFTER = 300.0
"""Seconds of a `Retry-After` header that the tap waits at most."""
BUDGET_CAPACITY = 10_000
"""Tokens that the budget of an account can hold, and holds at the start of a run."""
TOKENS_PER_SUCCESS = 1
"""Tokens that a success returns, beside those that its own retries took."""
BUDGET_USED_UP = (
    "no retry was made, because too many requests of this account have failed in this run"
)


@dataclass(frozen=True)
class RetryRule:
    """What happens after one kind of failure.

    Attributes:
        failure: The kind of failure, in words.
        max_tries: How often a thing is tried in all, the first time included.
        first_wait: The longest first wait in seconds. Each further wait may be twice as long.
        max_wait: The longest wait of all in seconds.
        jitter: Whether a wait is random, from nothing up to the longest.
        after_new_token: Whether a wait follows that for a new token of the usage plan. Then
            `first_wait` counts the time that such a token takes, not seconds.
        cost: Tokens of the budget that a retry takes.
        max_seconds: Seconds after the first try from which no further one begins.
    """

    failure: str
    max_tries: int
    first_wait: float = 0.0
    max_wait: float = 0.0
    jitter: bool = False
    after_new_token: bool = False
    cost: int = 0
    max_seconds: float = math.inf

    def longest_wait(self, failures: int, unit: float = 1.0) -> float:
        """Return the longest wait in seconds after so many failures in a row.

        Args:
            failures: How many, from 1.
            unit: What `first_wait` counts, in seconds.
        """
        return min(self.first_wait * unit * 2.0 ** (failures - 1), self.max_wait)


TRANSIENT = RetryRule(
    "No answer, a broken or incomplete answer, or HTTP 5xx: from the SP-API or the document store",
    max_tries=7,
    first_wait=1.0,
    max_wait=60.0,
    jitter=True,
    cost=5,
)
"""For a document, only tries in a row that bring no new byte count."""

THROTTLED = RetryRule(
    "HTTP 429 of the SP-API",
    max_tries=10,
    first_wait=0.1,
    max_wait=60.0,
    jitter=True,
    after_new_token=True,
    cost=1,
)

TOKEN_REQUEST = replace(
    TRANSIENT,
    failure="No answer, HTTP 5xx or HTTP 429 from Login with Amazon",
    cost=0,
)
"""There are few such requests, and without an access token nothing of the account can be read."""

FIRST_CONNECTION = RetryRule(
    "No connection at all to a host that has not answered yet in this run",
    max_tries=4,
    first_wait=1.0,
    max_wait=2.0,
    max_seconds=10.0,
)
"""An address, a proxy or a firewall is wrong, and stays so. A network that starts may need some
seconds."""

ACCESS_TOKEN_REFUSED = RetryRule("An access token that Amazon refuses", max_tries=2)
"""The second try has a new token."""

DAMAGED_DOCUMENT = replace(
    TRANSIENT, failure="A document whose bytes are damaged: downloaded again", max_tries=3
)
"""What is damaged at the store stays damaged."""

SUBMISSION_UNANSWERED = RetryRule(
    "A report or query that was submitted without an answer: submitted again if Amazon lists none",
    max_tries=3,
    first_wait=5.0,
    max_wait=5.0,
)
"""The wait is the time after which Amazon lists what it accepted."""

POLL_UNANSWERED = RetryRule(
    "The same for a poll of a report or query: meanwhile, the others are polled",
    max_tries=10,
    first_wait=2.0,
    max_wait=60.0,
)
"""Amazon needs minutes or hours for a job, and may be out of reach for some minutes of them."""

ONE_POLL = replace(POLL_UNANSWERED, max_tries=1)
"""A poll waits for its next try in the queue of all jobs."""

ITEM_FAILED = RetryRule("An item of a batch for which Amazon fails", max_tries=4)

PAGE_TOKEN_REFUSED = RetryRule(
    "A page token that Amazon refuses: read again from the first page", max_tries=4
)

DIAGNOSIS = replace(TRANSIENT, failure="The same in `amazon-sp doctor`", max_tries=3)
"""Somebody waits for the result."""

RULES = (
    TRANSIENT,
    THROTTLED,
    TOKEN_REQUEST,
    FIRST_CONNECTION,
    ACCESS_TOKEN_REFUSED,
    DAMAGED_DOCUMENT,
    SUBMISSION_UNANSWERED,
    POLL_UNANSWERED,
    ITEM_FAILED,
    PAGE_TOKEN_REFUSED,
    DIAGNOSIS,
)


class RetryableError(Exception):
    """A failure that may pass. `error` is raised if it does not.

    `retry_after` is the wait in seconds that the server demands, if it does. `rule` is followed
    instead of the policy's own, if it allows fewer tries.
    """

    def __init__(
        self,
        error: Exception,
        *,
        retry_after: float | None = None,
        rule: RetryRule | None = None,
    ) -> None:
        """Wrap the error that the caller sees in the end."""
        super().__init__(str(error))
        self.error = error
        self.retry_after = retry_after
        self.rule = rule


class RetryBudget:
    """The tokens for all retries of one account in one run. It may be used from many threads."""

    def __init__(self, capacity: int = BUDGET_CAPACITY) -> None:
        """Start full."""
        self._capacity = capacity
        self._tokens = capacity
        self._lock = threading.Lock()

    @property
    def tokens(self) -> int:
        """How many tokens are left."""
        return self._tokens

    def take(self, tokens: int) -> bool:
        """Take tokens for a retry; return False, and take none, if there are not enough."""
        with self._lock:
            if tokens > self._tokens:
                return False
            self._tokens -= tokens
            return True

    def give_back(self, tokens: int) -> None:
        """Return tokens; the budget holds no more than at the start."""
        with self._lock:
            self._tokens = min(self._tokens + tokens, self._capacity)


class Tries:
    """The tries of one thing: counted by a rule, paid for out of a budget."""

    def __init__(self, rule: RetryRule, budget: RetryBudget) -> None:
        """Begin with the first try."""
        self.rule = rule
        self.failures = 0
        self._budget = budget
        self._taken = 0
        self._is_budget_used_up = False

    def may_retry(self) -> bool:
        """Count a failure, and return whether there is another try."""
        self.failures += 1
        if self.failures >= self.rule.max_tries:
            return False
        self._is_budget_used_up = not self._budget.take(self.rule.cost)
        if self._is_budget_used_up:
            return False
        self._taken += self.rule.cost
        return True

    def passed(self) -> None:
        """Return to the budget what the retries took: the failure has passed."""
        self._budget.give_back(self._taken)
        self._taken = 0

    def final_error(self, error: Exception) -> Exception:
        """Return the error to raise after the last failure. It says if the budget was used up."""
        if self._is_budget_used_up and isinstance(error, (AccountError, SellingPartnerError)):
            return error.with_note(BUDGET_USED_UP)
        return error


class RetryPolicy:
    """Runs things by one rule and one budget, waiting longer each time."""

    def __init__(
        self,
        clock: Clock,
        rule: RetryRule = TRANSIENT,
        *,
        budget: RetryBudget | None = None,
        jitter: Callable[[float], float] = backoff.full_jitter,
    ) -> None:
        """Run nothing yet.

        Args:
            clock: Where time comes from.
            rule: How often to try, and how long to wait.
            budget: The account's; a new one by default.
            jitter: Makes a wait out of the longest wait, in seconds.
        """
        self.budget = budget or RetryBudget()
        self._clock = clock
        self._rule = rule
        self._jitter = jitter

    def run(
        self,
        function: Callable[[], T],
        *,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> T:
        """Return what the function returns.

        Args:
            function: What to run.
            waiting: Returns a context for each wait before it is run again.

        Raises:
            Exception: What the function raises, or the error in the last `RetryableError`.
            SyncInterrupted: The process was asked to stop while waiting.
        """
        tries = Tries(self._rule, self.budget)
        began_at = self._clock.monotonic()
        while True:
            try:
                result = function()
            except RetryableError as failure:
                rule = self._rule
                if failure.rule is not None and failure.rule.max_tries < rule.max_tries:
                    rule = failure.rule
                tries.rule = rule
                too_late = self._clock.monotonic() - began_at >= rule.max_seconds
                if too_late or not tries.may_retry():
                    final = tries.final_error(failure.error)
                    if isinstance(final, SellingPartnerError):
                        final.retry_after = failure.retry_after
                    raise final from failure.__cause__
                wait = rule.longest_wait(tries.failures)
                if rule.jitter:
                    wait = self._jitter(wait)
                wait = max(wait, failure.retry_after or 0.0)
                logger.warning(
                    "%s. Trying again in %.1f seconds (try %d of %d)",
                    _what_happened(failure.error),
                    wait,
                    tries.failures + 1,
                    rule.max_tries,
                )
                with waiting():
                    self._clock.sleep(wait)
            else:
                tries.passed()
                self.budget.give_back(TOKENS_PER_SUCCESS)
                return result


def _what_happened(error: Exception) -> str:
    """Describe a failure without its advice, which is for failures that stay."""
    text = error.sentence("") if isinstance(error, SellingPartnerError) else str(error)
    return text.removesuffix(".")
