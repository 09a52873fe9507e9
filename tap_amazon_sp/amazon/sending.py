"""Sending a request: wait for the usage plan, authenticate, sign, send, and wait out a 429."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import nullcontext

import requests

from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.amazon.auth.access_tokens import AccessTokens
from tap_amazon_sp.amazon.auth.signing import RequestSigner
from tap_amazon_sp.amazon.clock import OnAnswer
from tap_amazon_sp.amazon.errors import SellingPartnerError, ServiceError, UnreachableError
from tap_amazon_sp.amazon.failures import is_about_access_token, retry_after
from tap_amazon_sp.amazon.metrics import Metrics
from tap_amazon_sp.amazon.obstacles import ReachedHosts, obstacle_to
from tap_amazon_sp.amazon.request import Request
from tap_amazon_sp.amazon.retry import (
    ACCESS_TOKEN_REFUSED,
    FIRST_CONNECTION,
    RetryableError,
    Tries,
)
from tap_amazon_sp.amazon.throttle import Permit, Throttle, TokenBucket
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.events import AccountEvents

logger = logging.getLogger(__name__)

MIN_LOGGED_WAIT = 10.0
"""Seconds from which a wait is logged, so that nobody thinks the tap hangs: the first one of an
operation at INFO. Later, lines about progress tell what it means."""
RATE_HEADER = "x-amzn-RateLimit-Limit"


class Sender:
    """Sends the requests of one account. It may be used from many threads.

    `watcher`, if there is one, is called with each request before it is sent.
    """

    def __init__(  # noqa: PLR0913 - each is injected
        self,
        account: Account,
        tokens: AccessTokens,
        *,
        clock: Clock,
        session: requests.Session,
        throttle: Throttle,
        metrics: Metrics,
        events: AccountEvents,
        user_agent: str,
        timeout: tuple[float, float],
        max_parallel_requests: int,
        name: str | None = None,
        on_answer: OnAnswer = lambda *_: None,
        reached: ReachedHosts | None = None,
    ) -> None:
        """Send nothing yet.

        Args:
            account: Whose requests they are.
            tokens: The account's access tokens.
            clock: Where time comes from.
            session: The HTTP session.
            throttle: The usage plans.
            metrics: Where requests, waits and failures are counted.
            events: Where each of them is noted.
            user_agent: Sent with every request, as Amazon demands.
            timeout: Seconds to wait for a connection, and for an answer to begin or go on.
            max_parallel_requests: The largest number of requests under way at once. Requests that
                wait for the rate limit do not count.
            name: The account's name in the log, if there are several.
            on_answer: Called with each answer, and the seconds since its request was sent.
            reached: The hosts that have answered.
        """
        self.watcher: Callable[[Request], object] | None = None
        self._account = account
        self._tokens = tokens
        self._clock = clock
        self._session = session
        self._throttle = throttle
        self._metrics = metrics
        self._events = events
        self._user_agent = user_agent
        self._timeout = timeout
        self._on_answer = on_answer
        self._reached = reached or ReachedHosts()
        self._slots = threading.BoundedSemaphore(max_parallel_requests)
        self._signer = RequestSigner(account.aws) if account.aws else None
        self._waited_for: set[str] = set()
        self._account_label = f"account '{name}', " if name else ""

    def send(self, request: Request, plan: TokenBucket, tries: Tries) -> requests.Response:
        """Send a request, again while the answer is a 429.

        Args:
            request: The request.
            plan: The usage plan of its operation.
            tries: How often to send it; 429s count as failures.

        Returns:
            The response, which may have any status.

        Raises:
            RetryableError, ServiceError: No answer came.
            AccountError, SellingPartnerError: There is no access token, or no connection.
            SyncInterrupted: The process was asked to stop while waiting.
        """
        operation_id = request.operation.id
        while True:
            try:
                response = self._send_with_good_token(request, plan)
            except RetryableError:
                tries.passed()
                raise
            if (rate := _rate(response)) is not None:
                plan.set_rate(rate)
            if response.status_code != requests.codes.too_many_requests:
                tries.passed()
                return response
            self._metrics.count_throttled(operation_id)
            if not tries.may_retry():
                return response
            logger.info(
                "%s%s: HTTP 429, waiting for a new token", self._account_label, operation_id
            )
            with self._events.waiting(operation_id, "refused"):
                self._throttle.wait_after_throttling(plan, tries.failures, retry_after(response))

    def retryable(
        self,
        request: Request,
        failure: SellingPartnerError,
        *,
        retry_after: float | None = None,
        never_arrived: bool = False,
    ) -> Exception:
        """Return what to raise: a failure to try again after, if a second try does no harm."""
        if not (request.repeatable or never_arrived):
            return failure
        self._metrics.count_retry(request.operation.id)
        return RetryableError(failure, retry_after=retry_after)

    def _send_with_good_token(self, request: Request, plan: TokenBucket) -> requests.Response:
        """Send; again with a new access token if Amazon says that the token is bad."""
        response, token = self._send_once(request, plan)
        for _ in range(ACCESS_TOKEN_REFUSED.max_tries - 1):
            if response.status_code not in (401, 403) or not is_about_access_token(response):
                break
            logger.info(
                "%s%s: Amazon refused the access token, requesting a new one",
                self._account_label,
                request.operation.id,
            )
            self._tokens.discard(token)
            response, token = self._send_once(request, plan)
        return response

    def _send_once(self, request: Request, plan: TokenBucket) -> tuple[requests.Response, str]:
        """Take a token of the usage plan and send; return the response and the access token."""
        permit = self._wait_for_plan(request.operation.id, plan)
        was_let_through = True
        try:
            # Not earlier, because an access token and a signature expire.
            token = self._tokens.token(request.operation)
            response = self._exchange(request, token, permit)
            was_let_through = response.status_code != requests.codes.too_many_requests
        finally:
            permit.answered(took_a_token=was_let_through)
        return response, token

    def _wait_for_plan(self, operation_id: str, plan: TokenBucket) -> Permit:
        def log_wait(seconds: float) -> None:
            if seconds >= MIN_LOGGED_WAIT:
                is_new = operation_id not in self._waited_for
                self._waited_for.add(operation_id)
                logger.log(
                    logging.INFO if is_new else logging.DEBUG,
                    "%s%s: waiting %.0f seconds for the rate limit of %g calls a second",
                    self._account_label,
                    operation_id,
                    seconds,
                    plan.rate,
                )

        permit = plan.acquire(log_wait)
        self._metrics.count_wait(operation_id, permit.waited)
        self._events.wait(operation_id, permit.waited, "rate limit")
        return permit

    def _exchange(self, request: Request, token: str, permit: Permit) -> requests.Response:
        headers = {
            "accept": "application/json",
            "user-agent": self._user_agent,
            "x-amz-access-token": token,
            **request.headers,
        }
        if self._signer:
            headers = self._signer.signed_headers(
                request.operation.method,
                request.url,
                headers,
                request.body,
                now=self._clock.now(),
            )
        self._metrics.count_call(request.operation.id)
        if self.watcher is not None:
            self.watcher(request)
        try:
            # A stop waits for the answer to what must not be sent twice.
            with self._slots, nullcontext() if request.repeatable else self._clock.finishing():
                self._clock.raise_if_stopped()
                permit.sent()
                sent_at = self._clock.monotonic()
                status = None
                try:
                    response = self._session.request(
                        request.operation.method,
                        request.url,
                        data=request.body,
                        headers=headers,
                        timeout=self._timeout,
                        allow_redirects=False,
                    )
                    status = response.status_code
                finally:
                    took = self._clock.monotonic() - sent_at
                    self._events.call(request.operation.id, took, status)
                self._on_answer(response, took)
                self._reached.add(request.url)
                return response
        except requests.RequestException as error:
            raise self._unanswered(request, error) from None

    def _unanswered(self, request: Request, error: requests.RequestException) -> Exception:
        """Return what to raise because there is no answer to a request."""
        obstacle = obstacle_to(request.url, error, setting="endpoint", timeout=self._timeout)
        if obstacle.never_connected and request.url not in self._reached:
            self._metrics.count_retry(request.operation.id)
            message = f"Amazon gave no answer: {obstacle.sentence}"
            return RetryableError(UnreachableError(message), rule=FIRST_CONNECTION)
        failure = ServiceError(
            request.operation.id, message=f"no complete answer: {obstacle.sentence}"
        )
        return self.retryable(request, failure, never_arrived=obstacle.never_connected)


def _rate(response: requests.Response) -> float | None:
    try:
        return float(response.headers[RATE_HEADER])
    except (KeyError, ValueError):
        return None
