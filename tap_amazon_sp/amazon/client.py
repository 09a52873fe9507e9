"""The one way to Amazon: every request of an account goes through its `SellingPartnerClient`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

import requests

from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.amazon.answer_checks import broken_answer, checked_page, incomplete_answer
from tap_amazon_sp.amazon.auth.access_tokens import AccessTokens
from tap_amazon_sp.amazon.auth.lwa import LwaTokens
from tap_amazon_sp.amazon.auth.restricted import (
    RestrictedDataTokens,
    requested_restricted_data_token,
)
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.clock import ANSWERS_COMPARED, AmazonClock
from tap_amazon_sp.amazon.decoding import Answer, answer_of, records_of
from tap_amazon_sp.amazon.errors import (
    SellingPartnerError,
    ServiceError,
    UnsendableRequestError,
)
from tap_amazon_sp.amazon.failures import REQUEST_ID_HEADER, failure_of, retry_after
from tap_amazon_sp.amazon.metrics import Metrics
from tap_amazon_sp.amazon.obstacles import ReachedHosts
from tap_amazon_sp.amazon.paging import FindPaging, FindRecords, page_answers
from tap_amazon_sp.amazon.presigned import PresignedAddresses
from tap_amazon_sp.amazon.request import Request
from tap_amazon_sp.amazon.retry import THROTTLED, TOKEN_REQUEST, RetryPolicy, Tries
from tap_amazon_sp.amazon.sending import Sender
from tap_amazon_sp.amazon.session import new_session
from tap_amazon_sp.amazon.throttle import Throttle, TokenBucket
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.events import AccountEvents, Events

Check = Callable[[Any], object]
"""Looks at the body of an answer. It raises a ValueError, which says in words that follow a colon
what is wrong, if the answer is not what the operation returns."""

PageForm = Literal["decoded", "raw"]
_Accept = Callable[[Answer], Answer]
"""Returns an answer that counts; raises a ValueError as a `Check` does for others."""

CONNECT_TIMEOUT = 10.0
OPEN_DOCUMENTS = 32
"""Connections kept for documents, which are read beside the calls and take their time."""


class SellingPartnerClient:
    """Calls the SP-API for one account: authenticates, throttles, retries and reads pages.

    It may be used from many threads.
    """

    def __init__(  # noqa: PLR0913 - each is injected
        self,
        account: Account,
        *,
        clock: Clock,
        user_agent: str,
        request_timeout: float = 60.0,
        max_parallel_requests: int = 8,
        session: requests.Session | None = None,
        random_source: Callable[[], float] = random.random,
        throttle: Throttle | None = None,
        name: str | None = None,
        events: AccountEvents | None = None,
    ) -> None:
        """Call nothing yet.

        Args:
            account: Whose data is read, and where.
            clock: Where time comes from; an `AmazonClock` hears the time from each answer.
            user_agent: Sent with every request, as Amazon demands.
            request_timeout: Seconds to wait for an answer to begin or go on.
            max_parallel_requests: The largest number of requests under way at once. Requests that
                wait for the rate limit do not count.
            session: HTTP session; a new one with its own connection pool by default.
            random_source: Numbers from 0 up to 1, for jitter.
            throttle: The usage plans, which clients of one authorization share.
            name: The account's name in the log, if there are several.
            events: Where requests and waits are noted.
        """

        def jitter(longest_wait: float) -> float:
            return random_source() * longest_wait

        self.account = account
        self.metrics = Metrics()
        self._events = events or Events(clock).of_account(name)
        self.retry = RetryPolicy(clock, jitter=jitter)
        self._user_agent = user_agent
        self._timeout = (min(CONNECT_TIMEOUT, request_timeout), request_timeout)
        self._session = session or new_session(max_parallel_requests + OPEN_DOCUMENTS)
        self.addresses = PresignedAddresses(self._session, user_agent, self._timeout)
        self._throttle = throttle or Throttle(clock, random_source)
        self._clock = clock
        reached = ReachedHosts()
        on_answer = clock.heard if isinstance(clock, AmazonClock) else _do_nothing
        self._lwa = LwaTokens(
            account.credentials,
            token_url=account.token_url,
            session=self._session,
            clock=clock,
            retry=RetryPolicy(clock, TOKEN_REQUEST, jitter=jitter),
            timeout=self._timeout,
            on_answer=on_answer,
            reached=reached,
        )
        restricted = RestrictedDataTokens(
            lambda *asked: requested_restricted_data_token(self.send, *asked), clock
        )
        self._sender = Sender(
            account,
            AccessTokens(account, self._lwa, restricted),
            clock=clock,
            session=self._session,
            throttle=self._throttle,
            metrics=self.metrics,
            events=self._events,
            user_agent=user_agent,
            timeout=self._timeout,
            max_parallel_requests=max_parallel_requests,
            name=name,
            on_answer=on_answer,
            reached=reached,
        )

    def ask_for_time(self) -> None:
        """Let an `AmazonClock` hear Amazon's time: with an access token, which is needed anyway.

        If this machine's clock seems to be behind, further tokens are requested: one answer is not
        enough to believe that.

        Raises:
            AccountError: There is no access token, or no connection.
            SyncInterrupted: The process was asked to stop while waiting.
        """
        token = self._lwa.token()
        for _ in range(ANSWERS_COMPARED - 1):
            if isinstance(self._clock, AmazonClock) and self._clock.is_in_doubt:
                self._lwa.discard(token)
                token = self._lwa.token()

    def send(  # noqa: PLR0913 - each says how to make, check or repeat the call
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        as_page: PageForm | None = None,
        check: Check | None = None,
        retry: RetryPolicy | None = None,
    ) -> Answer:
        """Call an operation and return its answer. By default, any JSON is an answer.

        Args:
            operation: From the catalogue.
            parameters: Path, query and header parameters by name. Datetimes, booleans and lists
                are written the way the operation wants them; None leaves a parameter out. If the
                operation takes a body, any other name is the dotted path of a field in it, such
                as `pagination.offset`, and `BODY` is the whole of it.
            body: JSON body.
            as_page: Only a page counts, by the rules of `answer_checks`. Anything else is a broken
                answer, which is tried again like one that is not JSON. The records in a `raw` page
                are left undecoded if possible.
            check: Looks at the body of an answer. An answer that it refuses is a broken one, which
                is tried again like one that is not JSON.
            retry: How often to try again after a 5xx or a broken answer or none, instead of the
                client's own policy.

        Raises:
            SellingPartnerError: Amazon refused, or failed after all retries. Names the operation,
                status, Amazon's code and message, and the request id.
            AccountError: There is no access token, or no connection.
            UnsendableRequestError: The operation has no such parameter, or its path lacks one.
            SyncInterrupted: The process was asked to stop while waiting.
        """

        def accept(answer: Answer) -> Answer:
            accepted = checked_page(operation, answer) if as_page else answer
            if check is not None:
                check(accepted.body)
            return accepted

        request = self.prepare(operation, parameters, body)
        plan = self._plan(operation)
        try:
            return (retry or self.retry).run(
                lambda: self._attempt(request, plan, accept, raw_records=as_page == "raw"),
                waiting=lambda: self._events.waiting(operation.id, "failed"),
            )
        except SellingPartnerError as error:
            if error.operation_id == operation.id:
                error.subject = request.subject
            raise

    def prepare(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Request:
        """Return the request that `send` would send. Nothing is called.

        Raises:
            UnsendableRequestError: As `send`.
        """
        try:
            return Request.build(self.account.endpoint, operation, parameters or {}, body)
        except ValueError as error:
            message = str(error).removeprefix(operation.id).lstrip(": ")
            raise UnsendableRequestError(operation.id, message=message) from None

    def send_request(
        self,
        request: Request,
        *,
        retry: RetryPolicy | None = None,
        throttled_tries: int = THROTTLED.max_tries,
    ) -> requests.Response:
        """Send a request as it is and return the response, which may have any status.

        Args:
            request: The request. Its operation decides about access token and usage plan.
            retry: How often to try again after a 5xx or no answer, instead of the client's own
                policy. A request is sent again only if that does no harm.
            throttled_tries: How often to send it in all while the answer is a 429.

        Raises:
            ServiceError: No answer came.
            AccountError, SellingPartnerError: There is no access token, or no connection.
            SyncInterrupted: The process was asked to stop while waiting.
        """
        plan = self._plan(request.operation)
        policy = retry or self.retry
        throttled = replace(THROTTLED, max_tries=throttled_tries)
        answers: list[requests.Response] = []

        def attempt() -> requests.Response:
            response = self._sender.send(request, plan, Tries(throttled, policy.budget))
            answers.append(response)
            if response.status_code >= requests.codes.server_error:
                raise self._failure(request, response)
            return response

        try:
            return policy.run(
                attempt, waiting=lambda: self._events.waiting(request.operation.id, "failed")
            )
        except ServiceError as error:
            if error.status is None:
                raise
            return answers[-1]

    @property
    def timeout(self) -> tuple[float, float]:
        """Seconds to wait for a connection, and for an answer to begin or go on."""
        return self._timeout

    def calls_per_second(self, operation: Operation) -> float:
        """Return how many calls a second an operation's usage plan allows, as far as is known."""
        return self._plan(operation).rate

    def least_seconds(self, operation: Operation, calls: float) -> float:
        """Return the least time until an operation's usage plan has let so many calls through."""
        return self._plan(operation).least_seconds(calls)

    def shortest_time(self, operation: Operation) -> float:
        """Return the least time that the calls of an operation take that were made."""
        return self._plan(operation).shortest_time

    def watch(self, watcher: Callable[[Request], object]) -> None:
        """Call a function with each request before it is sent, also those for access tokens."""
        self._sender.watcher = watcher

    def pages(
        self, operation: Operation, parameters: Mapping[str, Any]
    ) -> Iterator[list[dict[str, Any]]]:
        """Read an operation page by page; yield the records of each page, which may be empty.

        The one record of an operation that lists nothing is a page of its own.

        Raises:
            IncompleteAnswerError: After the last page: Amazon said errors beside the records.
            ValueError, SellingPartnerError: As `answers`.
        """
        incomplete = None
        for answer in self.answers(operation, parameters):
            records = records_of(operation, answer)
            self.metrics.count_records(operation.id, len(records))
            yield records
            incomplete = incomplete or incomplete_answer(operation, answer)
        if incomplete is not None:
            raise incomplete

    def answers(  # noqa: PLR0913 - each is injected
        self,
        operation: Operation,
        parameters: Mapping[str, Any],
        *,
        page_token: str | None = None,
        find_paging: FindPaging | None = None,
        find_records: FindRecords | None = None,
        raw_records: bool = False,
    ) -> Iterator[Answer]:
        """Call an operation until there is no further page.

        An empty page may have a successor. An answer that is not a page, by the rules of
        `answer_checks`, is tried again like one that does not arrive.

        Args:
            operation: From the catalogue.
            parameters: As for `send`.
            page_token: Amazon's token of the page to begin with, if it is not the first.
            find_paging: Finds the operation's paging in its first answer. It is used if the
                operation does not say how it pages.
            find_records: Finds the records in the body of an answer, if the operation does not say
                where they are. It raises a ValueError, as a `Check` does, if there is no place for
                them.
            raw_records: Whether to leave the records in the answers undecoded if possible.

        Raises:
            PageTokenRejectedError: Amazon refused the token of a further page.
            TooManyResultsError: Pages are counted, and there are more results than Amazon pages
                through.
            SellingPartnerError: As `send`.
        """

        def send(page: Operation, page_parameters: Mapping[str, Any]) -> Answer:
            form: PageForm = "raw" if raw_records else "decoded"
            return self.send(page, page_parameters, as_page=form, check=find_records)

        return page_answers(
            send,
            operation,
            parameters,
            page_token=page_token,
            find_paging=find_paging,
            find_records=find_records,
        )

    def _plan(self, operation: Operation) -> TokenBucket:
        return self._throttle.bucket(
            self.account.quota(operation), operation.id, operation.rate, operation.burst
        )

    def _attempt(
        self, request: Request, plan: TokenBucket, accept: _Accept, *, raw_records: bool
    ) -> Answer:
        tries = Tries(THROTTLED, self.retry.budget)
        response = self._sender.send(request, plan, tries)
        if response.status_code == requests.codes.too_many_requests:
            raise tries.final_error(failure_of(request.operation.id, response))
        if response.status_code >= requests.codes.multiple_choices:
            raise self._failure(request, response)
        request_id = response.headers.get(REQUEST_ID_HEADER)
        is_empty = request.operation.success_schema is None or (
            response.status_code == requests.codes.no_content
        )
        answer = Answer({}, response.status_code, request_id)
        try:
            if response.content or not is_empty:
                answer = answer_of(
                    request.operation,
                    response.content,
                    status=response.status_code,
                    request_id=request_id,
                    raw_records=raw_records,
                )
            return accept(answer)
        except ValueError as error:
            broken = broken_answer(answer.envelope, error)
        failure = broken.failure(request.operation.id, answer)
        if not isinstance(failure, ServiceError):
            raise failure
        raise self._sender.retryable(request, failure)

    def _failure(self, request: Request, response: requests.Response) -> Exception:
        """Return what to raise because of a response that is not a success."""
        failure = failure_of(request.operation.id, response)
        if not isinstance(failure, ServiceError):
            return failure
        return self._sender.retryable(request, failure, retry_after=retry_after(response))


def _do_nothing(*_: object) -> None:
    pass
