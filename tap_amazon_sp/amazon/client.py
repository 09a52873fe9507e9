"""The one way to Amazon: every request of an account goes through `SellingPartnerClient.send`."""

from __future__ import annotations

import datetime as dt
import json
import logging
import math
import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import requests
from requests.adapters import HTTPAdapter

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.auth.lwa import LwaTokens
from tap_amazon_sp.amazon.auth.restricted import RestrictedDataTokens
from tap_amazon_sp.amazon.auth.signing import RequestSigner
from tap_amazon_sp.amazon.catalogue import Operation, Paging
from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    PageTokenRejectedError,
    RestrictedDataDeniedError,
    SellingPartnerError,
    ServiceError,
    ThrottledError,
    TooManyResultsError,
)
from tap_amazon_sp.amazon.metrics import Metrics
from tap_amazon_sp.amazon.retry import RetryableError, RetryPolicy
from tap_amazon_sp.amazon.throttle import Permit, Throttle, TokenBucket
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.timestamps import format_timestamp, to_milliseconds
from tap_amazon_sp.settings.accounts import Account

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 10.0
MAX_THROTTLED_TRIES = 10
CREATE_RESTRICTED_DATA_TOKEN = "tokens_2021-03-01.createRestrictedDataToken"  # noqa: S105
LONGEST_RETRY_AFTER = 300.0
LONG_WAIT = 10.0
"""Seconds from which on a wait is told, so that nobody thinks the tap hangs."""
BODY = "body"
"""The name under which parameters may hold a whole body."""
OPEN_DOCUMENTS = 32
"""Documents whose connections are kept: they are read beside the calls, for as long as it takes."""
RATE_HEADER = "x-amzn-RateLimit-Limit"
REQUEST_ID_HEADER = "x-amzn-RequestId"
_JSON = msgspec.json.Decoder(float_hook=Decimal)
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(frozen=True)
class Answer:
    """A successful answer: its decoded JSON body (numbers with a fraction are Decimals)."""

    body: Any
    status: int
    request_id: str | None
    next_token: str | None = None
    """Amazon's token for the next page, where this is a page and there is one."""


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
    ) -> None:
        """Call nothing yet.

        Args:
            account: Whose data is read, and where.
            clock: Where time comes from.
            user_agent: Sent with every request, as Amazon demands.
            request_timeout: Seconds to wait for an answer to begin or go on.
            max_parallel_requests: Most requests under way at once; those that wait for the rate
                limit are not.
            session: HTTP session; a new one with its own connection pool by default.
            random_source: Numbers from 0 up to 1, for jitter.
            throttle: The usage plans, which clients of one authorization share.
            name: What to call the account in the log, where there are several.
        """
        self.account = account
        self.metrics = Metrics()
        self._clock = clock
        self._user_agent = user_agent
        self._timeout = (min(CONNECT_TIMEOUT, request_timeout), request_timeout)
        self._session = session or new_session(max_parallel_requests + OPEN_DOCUMENTS)
        self._slots = threading.BoundedSemaphore(max_parallel_requests)
        self._throttle = throttle or Throttle(clock, random_source)
        self._place = f"account '{name}', " if name else ""
        self.retry = RetryPolicy(clock, jitter=lambda longest: random_source() * longest)
        self._lwa = LwaTokens(
            account.credentials,
            token_url=account.token_url,
            session=self._session,
            clock=clock,
            retry=self.retry,
            timeout=self._timeout,
        )
        self._restricted = RestrictedDataTokens(self._request_restricted_data_token, clock)
        self._signer = RequestSigner(account.aws) if account.aws else None
        self._watcher: Callable[[Request], object] | None = None

    def send(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Answer:
        """Call an operation and return its answer.

        Args:
            operation: From the catalogue.
            parameters: Path, query and header parameters by name. Datetimes, booleans and lists
                are written the way the operation wants them; None leaves a parameter out. Where
                the operation takes a body, any other name is the dotted path of a field in it,
                such as `pagination.offset`, and `BODY` the whole of it.
            body: JSON body.

        Raises:
            SellingPartnerError: Amazon refused, or failed after all retries. Names the operation,
                status, Amazon's code and message, and the request id.
            AuthenticationError: There is no access token to be had.
            ValueError: The operation has no such parameter, or one of its path is missing.
            SyncInterrupted: The process was asked to stop while waiting.
        """
        request = self.prepare(operation, parameters, body)
        plan = self._plan(operation)
        return self.retry.run(lambda: self._attempt(request, plan))

    def prepare(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Request:
        """Return the request that `send` would send, which calls nothing.

        Raises:
            ValueError: As `send`.
        """
        return Request.build(self.account.endpoint, operation, parameters or {}, body)

    def send_request(
        self,
        request: Request,
        *,
        retry: RetryPolicy | None = None,
        throttled_tries: int = MAX_THROTTLED_TRIES,
    ) -> requests.Response:
        """Send a request as it stands and return the answer, whatever its status.

        Args:
            request: Its operation says which access token and which usage plan are its own.
            retry: How often to try again after a 5xx or no answer, instead of the client's own;
                only what does no harm twice is sent twice.
            throttled_tries: How often to send it as long as the answer is a 429.

        Raises:
            ServiceError: No answer came.
            AuthenticationError, SellingPartnerError: There is no access token to be had.
            SyncInterrupted: The process was asked to stop while waiting.
        """
        plan = self._plan(request.operation)
        answers: list[requests.Response] = []

        def attempt() -> requests.Response:
            response = self._exchange_patiently(request, plan, throttled_tries)
            answers.append(response)
            if response.status_code >= requests.codes.server_error:
                failure = _failure(request.operation.id, response, ServiceError)
                raise self._retryable(request, failure, retry_after=_retry_after(response))
            return response

        try:
            return (retry or self.retry).run(attempt)
        except ServiceError as error:
            if error.status is None:
                raise
            return answers[-1]

    def calls_per_second(self, operation: Operation) -> float:
        """Return how many calls a second its usage plan allows, as far as is known by now."""
        return self._plan(operation).rate

    def watch(self, watcher: Callable[[Request], object]) -> None:
        """Show each request to a function before it is sent, also those for restricted tokens."""
        self._watcher = watcher

    def open_address(self, url: str, headers: Mapping[str, str] | None = None) -> requests.Response:
        """Open a presigned address, without any credentials of ours; the body is yet to be read.

        Args:
            url: The address.
            headers: More headers, such as a `Range`.

        Raises:
            requests.RequestException: The address could not be reached.
        """
        all_headers = {"user-agent": self._user_agent, **(headers or {})}
        return self._session.get(url, headers=all_headers, timeout=self._timeout, stream=True)

    def upload(self, url: str, content: bytes, content_type: str) -> requests.Response:
        """Put content at a presigned address, without any credentials of ours.

        Raises:
            requests.RequestException: The address could not be reached.
        """
        headers = {"user-agent": self._user_agent, "content-type": content_type}
        return self._session.put(url, data=content, headers=headers, timeout=self._timeout)

    def pages(
        self, operation: Operation, parameters: Mapping[str, Any]
    ) -> Iterator[list[dict[str, Any]]]:
        """Read an operation page by page; gives the records of each page, one may be empty.

        The one record of an operation that lists nothing is a page of its own.

        Raises:
            ValueError, SellingPartnerError: As `answers`.
        """
        for answer in self.answers(operation, parameters):
            records = records_of(operation, answer)
            self.metrics.count_records(operation.id, len(records))
            yield records

    def answers(
        self,
        operation: Operation,
        parameters: Mapping[str, Any],
        *,
        page_token: str | None = None,
        find_paging: Callable[[Answer], Paging | None] | None = None,
    ) -> Iterator[Answer]:
        """Call an operation until it gives no further page.

        A page may be empty and still have a successor.

        Args:
            operation: From the catalogue.
            parameters: As for `send`.
            page_token: Amazon's token of the page to begin with, if not the first.
            find_paging: Tells how pages follow an answer, where the operation does not say.

        Raises:
            PageTokenRejectedError: Amazon refused the token of a further page.
            TooManyResultsError: Pages are counted, and Amazon counts no further.
            SellingPartnerError: As `send`.
        """
        if operation.paging is not None and operation.paging.rule == "offset":
            yield from self._counted_answers(operation, operation.paging, parameters)
            return
        token = page_token
        seen: set[int] = set()
        page_parameters = parameters
        if token is not None and operation.paging is not None:
            page_parameters = _next_page_parameters(operation, operation.paging, parameters, token)
        while True:
            try:
                answer = self.send(operation, page_parameters)
            except InvalidRequestError as error:
                if token is not None and _is_about_page_token(error):
                    raise error.recast(PageTokenRejectedError) from None
                raise
            if operation.paging is None and find_paging is not None:
                operation = operation.with_paging(find_paging(answer))
            paging = operation.paging
            if paging is None or paging.next_token is None:
                yield answer
                return
            token = at_path(answer.body, paging.next_token) or None
            yield replace(answer, next_token=token)
            if token is None:
                return
            if hash(token) in seen:
                raise ServiceError(
                    operation.id,
                    status=answer.status,
                    message="Amazon gave the same page token twice",
                    request_id=answer.request_id,
                )
            seen.add(hash(token))
            page_parameters = _next_page_parameters(operation, paging, parameters, token)

    def _counted_answers(
        self, operation: Operation, paging: Paging, parameters: Mapping[str, Any]
    ) -> Iterator[Answer]:
        size = {paging.size_parameter or "": paging.max_size}
        offset = 0
        while True:
            answer = self.send(operation, {**size, **parameters, paging.token_parameter: offset})
            yield answer
            # A page may be shorter than asked for and still not be the last.
            count = len(records_of(operation, answer))
            offset += count
            total = at_path(answer.body, paging.total) if paging.total else None
            if not count or (isinstance(total, int) and offset >= total):
                return
            if paging.max_offset is not None and offset > paging.max_offset:
                raise TooManyResultsError(
                    operation.id,
                    message=f"Amazon pages through {offset} results at most, and there are more",
                )

    def _plan(self, operation: Operation) -> TokenBucket:
        return self._throttle.bucket(
            self.account.quota(operation), operation.id, operation.rate, operation.burst
        )

    def _attempt(self, request: Request, plan: TokenBucket) -> Answer:
        response = self._exchange_patiently(request, plan, MAX_THROTTLED_TRIES)
        if response.status_code == requests.codes.too_many_requests:
            raise _failure(request.operation.id, response, ThrottledError)
        return self._read(request, response)

    def _exchange_patiently(
        self, request: Request, plan: TokenBucket, tries: int
    ) -> requests.Response:
        """Send until the answer is no 429, so many times at most."""
        operation_id = request.operation.id
        throttled = 0
        while True:
            response = self._exchange(request, plan)
            if (rate := _rate(response)) is not None:
                plan.set_rate(rate)
            if response.status_code != requests.codes.too_many_requests:
                return response
            self.metrics.count_throttled(operation_id)
            throttled += 1
            if throttled >= tries:
                return response
            logger.info("%s%s: HTTP 429, waiting for a new token", self._place, operation_id)
            self._throttle.wait_after_throttling(plan, throttled, _retry_after(response))

    def _take_token(self, operation_id: str, plan: TokenBucket) -> Permit:
        def tell(seconds: float) -> None:
            if seconds >= LONG_WAIT:
                logger.info(
                    "%s%s: waiting %.0f seconds for the rate limit of %g calls a second",
                    self._place,
                    operation_id,
                    seconds,
                    plan.rate,
                )

        permit = plan.acquire(tell)
        self.metrics.count_wait(operation_id, permit.waited)
        return permit

    def _exchange(self, request: Request, plan: TokenBucket) -> requests.Response:
        """Send once; once more with a new token where Amazon says that the token is bad."""
        response, token = self._send_once(request, plan)
        if response.status_code in (401, 403) and _is_about_access_token(response):
            logger.info(
                "%s%s: Amazon refused the access token, asking for a new one",
                self._place,
                request.operation.id,
            )
            self._lwa.discard(token)
            self._restricted.discard(token)
            response, _ = self._send_once(request, plan)
        return response

    def _send_once(self, request: Request, plan: TokenBucket) -> tuple[requests.Response, str]:
        """Take a token of the usage plan and send; returns the access token, too."""
        permit = self._take_token(request.operation.id, plan)
        was_let_through = True
        try:
            # Not before: neither it nor a signature is good for ever.
            token = self._access_token(request.operation)
            response = self._send(request, token, permit)
            was_let_through = response.status_code != requests.codes.too_many_requests
        finally:
            permit.answered(took_a_token=was_let_through)
        return response, token

    def _send(self, request: Request, token: str, permit: Permit) -> requests.Response:
        headers = {
            "accept": "application/json",
            "user-agent": self._user_agent,
            "x-amz-access-token": token,
            **request.headers,
        }
        if self._signer:
            headers = self._signer.signed_headers(
                request.operation.method, request.url, headers, request.body
            )
        self.metrics.count_call(request.operation.id)
        if self._watcher is not None:
            self._watcher(request)
        try:
            with self._slots:
                self._clock.raise_if_stopped()
                permit.sent()
                return self._session.request(
                    request.operation.method,
                    request.url,
                    data=request.body,
                    headers=headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            # The exception's own text holds the URL with its parameters: name its kind only.
            message = f"no whole answer from {self.account.endpoint} ({type(error).__name__})"
            failure = ServiceError(request.operation.id, message=message)
            never_arrived = isinstance(error, requests.ConnectTimeout)
            raise self._retryable(request, failure, never_arrived=never_arrived) from None

    def _access_token(self, operation: Operation) -> str:
        if operation.grantless:
            return self._lwa.token(operation.grantless)
        if operation.restricted is not None and self.account.restricted_data:
            wanted = self.account.restricted_data_elements
            elements = tuple(
                element for element in operation.restricted if wanted is None or element in wanted
            )
            return self._restricted.token(operation.method, operation.path, elements)
        return self._lwa.token()

    def _read(self, request: Request, response: requests.Response) -> Answer:
        operation_id = request.operation.id
        if response.status_code >= requests.codes.multiple_choices:
            failure = _failure(operation_id, response, _error_class(response.status_code))
            if isinstance(failure, ServiceError):
                raise self._retryable(request, failure, retry_after=_retry_after(response))
            raise failure

        request_id = response.headers.get(REQUEST_ID_HEADER)
        is_empty = request.operation.success_schema is None or (
            response.status_code == requests.codes.no_content
        )
        if not response.content and is_empty:
            return Answer({}, response.status_code, request_id)
        try:
            body = _decode(request.operation, response.content)
        except ValueError:
            failure = ServiceError(
                operation_id,
                status=response.status_code,
                message="the answer is not what Amazon documents, or no JSON at all",
                request_id=request_id,
            )
            raise self._retryable(request, failure) from None
        return Answer(body, response.status_code, request_id)

    def _retryable(
        self,
        request: Request,
        failure: SellingPartnerError,
        *,
        retry_after: float | None = None,
        never_arrived: bool = False,
    ) -> Exception:
        """Return what to raise: a failure to try again after, if doing so can do no harm."""
        if not (request.repeatable or never_arrived):
            return failure
        self.metrics.count_retry(request.operation.id)
        return RetryableError(failure, retry_after=retry_after)

    def _request_restricted_data_token(
        self, method: str, path: str, data_elements: tuple[str, ...]
    ) -> tuple[str, float]:
        resource: dict[str, Any] = {"method": method, "path": path}
        if data_elements:
            resource["dataElements"] = list(data_elements)
        try:
            answer = self.send(
                catalogue.operation(CREATE_RESTRICTED_DATA_TOKEN),
                body={"restrictedResources": [resource]},
            )
        except (InvalidRequestError, AccessDeniedError) as error:
            raise error.recast(RestrictedDataDeniedError) from None
        return answer.body["restrictedDataToken"], float(answer.body.get("expiresIn", 3600))


@dataclass(frozen=True)
class Request:
    """An operation with its parameters in place, ready to be authenticated and sent.

    It holds no secrets: its headers are those beside the access token and the signature.
    """

    operation: Operation
    url: str
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return (
            self.operation.reads_only
            or self.operation.method in ("PUT", "DELETE")
            or self.operation.id == CREATE_RESTRICTED_DATA_TOKEN
        )

    @classmethod
    def build(
        cls,
        endpoint: str,
        operation: Operation,
        parameters: Mapping[str, Any],
        body: Any,
    ) -> Request:
        """Put parameters, as `SellingPartnerClient.send` takes them, where they belong.

        Raises:
            ValueError: The operation has no such parameter, or one of its path is missing.
        """
        path: dict[str, str] = {}
        query: list[tuple[str, str]] = []
        headers: dict[str, str] = {}
        body = parameters.get(BODY, body)
        for name, value in parameters.items():
            parameter = operation.parameter(name)
            if parameter is None:
                body = _body_with(operation, body, name, value)
            elif value is None:
                continue
            elif parameter.location == "path":
                path[name] = _text(value)
            elif parameter.location == "header":
                headers[name] = _text(value)
            elif isinstance(value, (list, tuple)) and parameter.collection_format == "multi":
                encode = _encode_once if parameter.double_encoded else _text
                query += [(name, encode(item)) for item in value]
            elif isinstance(value, (list, tuple)):
                query.append((name, ",".join(_text(item) for item in value)))
            else:
                query.append((name, _text(value)))
        url = endpoint + operation.url_path(**path)
        if query:
            url += "?" + urlencode(query, quote_via=quote)
        encoded_body = None
        if body is not None:
            encoded_body = json.dumps(body, default=_encode_decimal).encode()
            headers["content-type"] = "application/json"
        return cls(operation, url, headers, encoded_body)


def new_session(max_connections: int = 1) -> requests.Session:
    """Return an HTTP session that sends no credentials but those it is told to send.

    Args:
        max_connections: Connections kept open to a host.
    """
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=max_connections)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # Without this, requests puts a password of ~/.netrc into an Authorization header.
    session.auth = _no_authentication
    return session


def _no_authentication(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_json_value(value))


def _encode_once(value: Any) -> str:
    """Percent-encode what has to be encoded twice; the second time is the URL's."""
    return _text(value).replace("%", "%25").replace("+", "%2B").replace(",", "%2C")


def _json_value(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return format_timestamp(to_milliseconds(value))
    if isinstance(value, dt.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _body_with(operation: Operation, body: Any, name: str, value: Any) -> Any:
    """Return a body that holds what comes under a name that is no parameter's.

    Raises:
        ValueError: The operation takes no body.
    """
    if operation.body is None:
        message = f"{operation.id} has no parameter {name!r}"
        raise ValueError(message)
    if name == BODY or value is None:
        return body
    return _with_field(body or {}, name.split("."), _json_value(value))


def _encode_decimal(value: Any) -> Any:
    """Write a number as such: those of settings and records with a fraction are Decimals.

    Raises:
        TypeError: It is something else.
    """
    if isinstance(value, Decimal):
        return float(value)
    message = f"{type(value).__name__} is not JSON"
    raise TypeError(message)


def _with_field(body: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """Return a body with a value at that path."""
    name, *rest = path
    inner = body.get(name)
    value = _with_field(inner if isinstance(inner, dict) else {}, rest, value) if rest else value
    return {**body, name: value}


def _next_page_parameters(
    operation: Operation, paging: Paging, parameters: Mapping[str, Any], token: str
) -> dict[str, Any]:
    if paging.rule == "token_alone":
        kept = {parameter.name for parameter in operation.path_parameters}
        alone = {name: value for name, value in parameters.items() if name in kept}
        return alone | {paging.token_parameter: token}
    if paging.rule == "query_type_next_token":
        return dict(parameters) | {"QueryType": "NEXT_TOKEN", paging.token_parameter: token}
    return dict(parameters) | {paging.token_parameter: token}


def _decode(operation: Operation, content: bytes) -> Any:
    """Return an answer's JSON; numbers with a fraction are Decimals.

    Raises:
        ValueError: It is no JSON, or of a list operation and no page.
    """
    is_storable = _UNSTORABLE.search(content) is None
    try:
        body = _JSON.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # It knows no NaN and no half of a surrogate pair, which Amazon may send.
        body = json.loads(content, parse_float=Decimal)
        is_storable = False
    if not _is_page(operation, body):
        message = "no page"
        raise ValueError(message)
    return body if is_storable else _without_unstorable(body)


def _is_page(operation: Operation, body: Any) -> bool:
    """Tell an empty page from an answer that is no page: the one moves on, the other must not."""
    if operation.results is None or isinstance(body, list):
        return True
    if not isinstance(body, dict):
        return False
    if body.get("errors") and at_path(body, operation.results) is None:
        return False
    token = (operation.paging.next_token or ()) if operation.paging else ()
    expected = {path[0] for path in (operation.results, token) if path}
    return not body or not expected or not expected.isdisjoint(body)


def records_of(operation: Operation, answer: Answer) -> list[dict[str, Any]]:
    """Return the records in an answer; a missing or null list is an empty page.

    Raises:
        ServiceError: Something else stands where Amazon's model has the records.
    """
    body = answer.body
    path = (operation.results if operation.results is not None else operation.record) or ()
    # Some answers are a bare list where the model says object.
    found = body if isinstance(body, list) else at_path(body, path)
    if found is None and isinstance(body, dict):
        return []
    if isinstance(found, dict) and operation.results is None:
        return [found] if found else []
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise ServiceError(
            operation.id,
            status=answer.status,
            message=f"the answer has no list of objects at {'.'.join(path)!r}",
            request_id=answer.request_id,
        )
    return found


def at_path(body: Any, path: Sequence[str]) -> Any:
    """Follow names into an object; None where one of them is missing."""
    for name in path:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def _rate(response: requests.Response) -> float | None:
    try:
        rate = float(response.headers[RATE_HEADER])
    except (KeyError, ValueError):
        return None
    return rate if math.isfinite(rate) else None


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds of a `Retry-After`, within reason; a date is not one of them."""
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_RETRY_AFTER) if value.isdecimal() else None


def _first_error(response: requests.Response) -> tuple[str | None, str | None]:
    """Return code and message of Amazon's error body, which may be HTML or nothing at all."""
    try:
        body = response.json()
    except ValueError:
        return None, None
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict):
        return None, None
    error = errors[0]
    message = " ".join(str(error[name]) for name in ("message", "details") if error.get(name))
    return error.get("code"), message or None


def _failure(
    operation_id: str, response: requests.Response, error_class: type[SellingPartnerError]
) -> SellingPartnerError:
    code, message = _first_error(response)
    return error_class(
        operation_id,
        status=response.status_code,
        code=code,
        message=message,
        request_id=response.headers.get(REQUEST_ID_HEADER),
    )


def _error_class(status: int) -> type[SellingPartnerError]:
    if status in (401, 403):
        return AccessDeniedError
    if status == requests.codes.not_found:
        return NotFoundError
    if status >= requests.codes.server_error:
        return ServiceError
    return InvalidRequestError


def _is_about_access_token(response: requests.Response) -> bool:
    """Tell a token that expired or was revoked from a missing permission.

    Amazon answers 403 to both and marks an expired token only in the message or details.
    """
    _, message = _first_error(response)
    text = (message or "").lower()
    return response.status_code == requests.codes.unauthorized or (
        "token" in text and any(word in text for word in ("expired", "invalid", "revoked"))
    )


def _is_about_page_token(error: SellingPartnerError) -> bool:
    """Tell a refused page token from other mistakes.

    Seen in issues at Amazon: "Token is not valid, token duration is 25 minutes", "Next token is
    invalid or expired", "We could not decode your NextToken".
    """
    return "token" in (error.message or "").lower()


def _without_unstorable(value: Any) -> Any:
    """Take out of all text what targets cannot store: NUL characters and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_without_unstorable(item) for item in value]
    if isinstance(value, dict):
        return {
            _without_unstorable(name): _without_unstorable(item) for name, item in value.items()
        }
    return value
