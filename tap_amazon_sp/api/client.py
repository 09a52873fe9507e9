"""The one way to Amazon: every request of an account goes through `SellingPartnerClient.send`."""

from __future__ import annotations

import datetime as dt
import json
import logging
import math
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import requests
from requests.adapters import HTTPAdapter

from tap_amazon_sp.accounts import Account
from tap_amazon_sp.api import catalogue
from tap_amazon_sp.api.catalogue import Operation, Paging
from tap_amazon_sp.api.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    PageTokenRejectedError,
    RestrictedDataDeniedError,
    SellingPartnerError,
    ServiceError,
    ThrottledError,
)
from tap_amazon_sp.api.metrics import Metrics
from tap_amazon_sp.api.retry import RetryableError, RetryPolicy
from tap_amazon_sp.api.throttle import Throttle, TokenBucket
from tap_amazon_sp.auth.lwa import LwaTokens
from tap_amazon_sp.auth.restricted import RestrictedDataTokens
from tap_amazon_sp.auth.signing import RequestSigner
from tap_amazon_sp.clock import Clock
from tap_amazon_sp.timestamps import format_timestamp, to_milliseconds

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 10.0
MAX_THROTTLED_TRIES = 10
CREATE_RESTRICTED_DATA_TOKEN = "tokens_2021-03-01.createRestrictedDataToken"  # noqa: S105
LONGEST_RETRY_AFTER = 300.0
LONG_WAIT = 10.0
"""Seconds from which on a wait is told, so that nobody thinks the tap hangs."""
RATE_HEADER = "x-amzn-RateLimit-Limit"
REQUEST_ID_HEADER = "x-amzn-RequestId"
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(frozen=True)
class Answer:
    """A successful answer: its decoded JSON body (numbers with a fraction are Decimals)."""

    body: Any
    status: int
    request_id: str | None


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
        max_connections: int = 8,
        session: requests.Session | None = None,
        random_source: Callable[[], float] = random.random,
    ) -> None:
        """Call nothing yet.

        Args:
            account: Whose data is read, and where.
            clock: Where time comes from.
            user_agent: Sent with every request, as Amazon demands.
            request_timeout: Seconds to wait for an answer to begin or go on.
            max_connections: Connections kept open.
            session: HTTP session; a new one with its own connection pool by default.
            random_source: Numbers from 0 up to 1, for jitter.
        """
        self.account = account
        self.metrics = Metrics()
        self._clock = clock
        self._user_agent = user_agent
        self._timeout = (min(CONNECT_TIMEOUT, request_timeout), request_timeout)
        self._session = session or _new_session(max_connections)
        self._throttle = Throttle(clock, random_source)
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

    def send(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Call an operation and return its answer.

        Args:
            operation: From the catalogue.
            parameters: Path, query and header parameters by name. Datetimes, booleans and lists
                are written the way the operation wants them; None leaves a parameter out.
            body: JSON body.

        Raises:
            SellingPartnerError: Amazon refused, or failed after all retries. Names the operation,
                status, Amazon's code and message, and the request id.
            AuthenticationError: There is no access token to be had.
            ValueError: The operation has no such parameter, or one of its path is missing.
            SyncInterrupted: The process was asked to stop while waiting.
        """
        request = _Request.build(self.account.endpoint, operation, parameters or {}, body)
        plan = self._throttle.bucket(operation.id, operation.rate, operation.burst)
        return self.retry.run(lambda: self._attempt(request, plan))

    def open_address(self, url: str) -> requests.Response:
        """Open a presigned address, without any credentials of ours; the body is yet to be read.

        Raises:
            requests.RequestException: The address could not be reached.
        """
        headers = {"user-agent": self._user_agent}
        return self._session.get(url, headers=headers, timeout=self._timeout, stream=True)

    def pages(
        self, operation: Operation, parameters: Mapping[str, Any]
    ) -> Iterator[list[dict[str, Any]]]:
        """Read a list operation page by page until Amazon gives no further token.

        A page may be empty and still have a successor.

        Returns:
            The records of each page.

        Raises:
            NotImplementedError: Pages are counted, or their token goes into the body.
            PageTokenRejectedError: Amazon refused the token of a further page.
            SellingPartnerError: As `send`.
        """
        paging = operation.paging
        if paging is not None and (paging.next_token is None or paging.token_in == "body"):  # noqa: S105
            message = f"{operation.id}: pages by {paging.rule} in the {paging.token_in}"
            raise NotImplementedError(message)
        token: str | None = None
        while True:
            page_parameters = dict(parameters)
            if token is not None and paging is not None:
                page_parameters = _next_page_parameters(operation, paging, parameters, token)
            try:
                answer = self.send(operation, page_parameters)
            except InvalidRequestError as error:
                if token is not None and _is_about_page_token(error):
                    raise error.recast(PageTokenRejectedError) from None
                raise
            records = _records(operation, answer)
            self.metrics.count_records(operation.id, len(records))
            yield records

            previous_token = token
            token = _at(answer.body, paging.next_token or ()) if paging else None
            if not token:
                return
            if token == previous_token:
                raise ServiceError(
                    operation.id,
                    status=answer.status,
                    message="Amazon gave the same page token twice in a row",
                    request_id=answer.request_id,
                )

    def _attempt(self, request: _Request, plan: TokenBucket) -> Answer:
        operation_id = request.operation.id
        for throttled in range(1, MAX_THROTTLED_TRIES + 1):
            self._take_token(operation_id, plan)
            response = self._exchange(request, plan)
            if (rate := _rate(response)) is not None:
                plan.set_rate(rate)
            if response.status_code != requests.codes.too_many_requests:
                return self._read(request, response)
            self.metrics.count_throttled(operation_id)
            logger.info("%s: HTTP 429, waiting for a new token", operation_id)
            self._throttle.wait_after_throttling(plan, throttled, _retry_after(response))
        raise _failure(operation_id, response, ThrottledError)

    def _take_token(self, operation_id: str, plan: TokenBucket) -> None:
        def tell(seconds: float) -> None:
            if seconds >= LONG_WAIT:
                logger.info(
                    "%s: waiting %.0f seconds for the rate limit of %g calls a second",
                    operation_id,
                    seconds,
                    plan.rate,
                )

        self.metrics.count_wait(operation_id, plan.acquire(tell))

    def _exchange(self, request: _Request, plan: TokenBucket) -> requests.Response:
        """Send once; once more with a new token where Amazon says that the token is bad."""
        response, token = self._send_once(request)
        if response.status_code in (401, 403) and _is_about_access_token(response):
            logger.info(
                "%s: Amazon refused the access token, asking for a new one", request.operation.id
            )
            self._lwa.discard(token)
            self._restricted.discard(token)
            self._take_token(request.operation.id, plan)
            response, _ = self._send_once(request)
        return response

    def _send_once(self, request: _Request) -> tuple[requests.Response, str]:
        token = self._access_token(request.operation)
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
        try:
            response = self._session.request(
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
        return response, token

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

    def _read(self, request: _Request, response: requests.Response) -> Answer:
        operation_id = request.operation.id
        if response.status_code >= requests.codes.multiple_choices:
            failure = _failure(operation_id, response, _error_class(response.status_code))
            if isinstance(failure, ServiceError):
                raise self._retryable(request, failure, retry_after=_retry_after(response))
            raise failure

        request_id = response.headers.get(REQUEST_ID_HEADER)
        if not response.content and request.operation.success_schema is None:
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
        request: _Request,
        failure: ServiceError,
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
class _Request:
    """An operation with its parameters in place, ready to be authenticated and sent."""

    operation: Operation
    url: str
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.operation.method in ("GET", "HEAD", "PUT", "DELETE") or (
            self.operation.id == CREATE_RESTRICTED_DATA_TOKEN
        )

    @classmethod
    def build(
        cls,
        endpoint: str,
        operation: Operation,
        parameters: Mapping[str, Any],
        body: Mapping[str, Any] | None,
    ) -> _Request:
        path: dict[str, str] = {}
        query: list[tuple[str, str]] = []
        headers: dict[str, str] = {}
        for name, value in parameters.items():
            parameter = operation.parameter(name)
            if parameter is None:
                message = f"{operation.id} has no parameter {name!r}"
                raise ValueError(message)
            if value is None:
                continue
            if parameter.location == "path":
                path[name] = _text(value)
            elif parameter.location == "header":
                headers[name] = _text(value)
            elif isinstance(value, (list, tuple)) and parameter.collection_format == "multi":
                query += [(name, _text(item)) for item in value]
            elif isinstance(value, (list, tuple)):
                query.append((name, ",".join(_text(item) for item in value)))
            else:
                query.append((name, _text(value)))
        url = endpoint + operation.url_path(**path)
        if query:
            url += "?" + urlencode(query, quote_via=quote)
        encoded_body = None
        if body is not None:
            encoded_body = json.dumps(body).encode()
            headers["content-type"] = "application/json"
        return cls(operation, url, headers, encoded_body)


def _new_session(max_connections: int) -> requests.Session:
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
    if isinstance(value, dt.datetime):
        return format_timestamp(to_milliseconds(value))
    return str(value)


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
    body = json.loads(content, parse_float=Decimal)
    if not _is_page(operation, body):
        message = "no page"
        raise ValueError(message)
    return _without_unstorable(body) if _UNSTORABLE.search(content) else body


def _is_page(operation: Operation, body: Any) -> bool:
    """Tell an empty page from an answer that is no page: the one moves on, the other must not."""
    if operation.results is None or isinstance(body, list):
        return True
    if not isinstance(body, dict):
        return False
    if body.get("errors") and _at(body, operation.results) is None:
        return False
    token = (operation.paging.next_token or ()) if operation.paging else ()
    expected = {path[0] for path in (operation.results, token) if path}
    return not body or not expected or not expected.isdisjoint(body)


def _records(operation: Operation, answer: Answer) -> list[dict[str, Any]]:
    """Return the page's records; a missing or null list is an empty page."""
    body = answer.body
    # Some answers are a bare list where the model says object.
    found = body if isinstance(body, list) else _at(body, operation.results or ())
    if found is None and isinstance(body, dict):
        return []
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise ServiceError(
            operation.id,
            status=answer.status,
            message=f"the answer has no list of objects at {'.'.join(operation.results or ())!r}",
            request_id=answer.request_id,
        )
    return found


def _at(body: Any, path: tuple[str, ...]) -> Any:
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
