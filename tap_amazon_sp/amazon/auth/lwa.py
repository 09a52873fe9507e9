"""Access tokens from Login with Amazon (LWA).

Source: Amazon's page "Connect to the SP-API" (grants, answer, lifetime of 3,600 seconds) and the
error bodies of its token endpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from tap_amazon_sp.amazon.account import LwaCredentials
from tap_amazon_sp.amazon.auth.token_cache import TokenCache, is_token, lifetime_of
from tap_amazon_sp.amazon.clock import OnAnswer
from tap_amazon_sp.amazon.errors import AccountError, AuthenticationError, UnreachableError
from tap_amazon_sp.amazon.failures import code_in
from tap_amazon_sp.amazon.obstacles import ReachedHosts, obstacle_to
from tap_amazon_sp.amazon.retry import FIRST_CONNECTION, RetryableError, RetryPolicy
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.json_values import UnusableJsonError, decode

ADVICE = {
    "invalid_grant": (
        "the refresh token is not valid: the selling partner may have revoked the authorization, "
        "or it expired after a year. Authorize the application again and set `refresh_token`"
    ),
    "invalid_client": (
        "`client_id` or `client_secret` is wrong. LWA secrets expire after 180 days: make a new "
        "one in the developer console (View > LWA credentials) and set `client_secret`"
    ),
    "unauthorized_client": (
        "`refresh_token` was issued to another application than that of `client_id`, "
        "or the application may not use this grant. Use token and client of the same application"
    ),
    "invalid_scope": "the application may not use this grantless scope: check its roles",
    "invalid_request": (
        "the token request was malformed: check `token_url`, `client_id` and `refresh_token`"
    ),
    "unsupported_grant_type": "`token_url` does not serve LWA tokens: remove it to use Amazon's",
    "access_denied": (
        "the selling partner or Amazon denied the authorization: authorize the application again"
    ),
}


class LwaTokens:
    """The access tokens of one authorization, requested once when many threads need one."""

    def __init__(  # noqa: PLR0913 - each is injected
        self,
        credentials: LwaCredentials,
        *,
        token_url: str,
        session: requests.Session,
        clock: Clock,
        retry: RetryPolicy,
        timeout: tuple[float, float],
        on_answer: OnAnswer = lambda *_: None,
        reached: ReachedHosts | None = None,
    ) -> None:
        """Request nothing yet; `on_answer` is called as that of `Sender`."""
        self._reached = reached or ReachedHosts()
        self._credentials = credentials
        self._token_url = token_url
        self._session = session
        self._retry = retry
        self._timeout = timeout
        self._clock = clock
        self._on_answer = on_answer
        self._tokens: TokenCache[str | None] = TokenCache(clock)
        self._failures: dict[str | None, AccountError] = {}

    def token(self, scope: str | None = None) -> str:
        """Return an access token that stays valid for a while.

        Args:
            scope: The scope of a grantless operation; None for the selling partner's own data.

        Raises:
            AuthenticationError: LWA issued none. The message names the setting at fault.
            UnreachableError: No connection to LWA can be made.
        """
        return self._tokens.get(scope, lambda: self._request_unless_failed(scope))

    def discard(self, value: str) -> None:
        """Forget a token that Amazon refused, unless another thread has already replaced it."""
        self._tokens.discard(value)

    def _request_unless_failed(self, scope: str | None) -> tuple[str, float]:
        """Request a token. If that failed before, fail again without a request."""
        if (failure := self._failures.get(scope)) is not None:
            raise type(failure)(str(failure), status=failure.status)
        try:
            return self._retry.run(lambda: self._request(scope))
        except AccountError as error:
            self._failures[scope] = error
            raise

    def _request(self, scope: str | None) -> tuple[str, float]:
        form = {
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }
        if scope is None:
            form |= {
                "grant_type": "refresh_token",
                "refresh_token": self._credentials.refresh_token,
            }
        else:
            form |= {"grant_type": "client_credentials", "scope": scope}

        sent_at = self._clock.monotonic()
        try:
            response = self._session.post(
                self._token_url,
                data=form,
                timeout=self._timeout,
                # A redirect would carry the secrets to another host.
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise self._unanswered(error) from None
        self._reached.add(self._token_url)
        self._on_answer(response, self._clock.monotonic() - sent_at)
        answer = _json_object(response)
        if response.ok and is_token(answer.get("access_token")):
            return answer["access_token"], lifetime_of(answer.get("expires_in"))
        raise _failure(response, answer)

    def _unanswered(self, error: requests.RequestException) -> Exception:
        """Return what to raise because there is no answer."""
        obstacle = obstacle_to(self._token_url, error, setting="token_url", timeout=self._timeout)
        message = f"Login with Amazon gave no answer: {obstacle.sentence}"
        if obstacle.never_connected and self._token_url not in self._reached:
            return RetryableError(UnreachableError(message), rule=FIRST_CONNECTION)
        return RetryableError(AuthenticationError(message))


def _json_object(response: requests.Response) -> Mapping[str, Any]:
    try:
        answer = decode(response.content)
    except UnusableJsonError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _failure(response: requests.Response, answer: Mapping[str, Any]) -> Exception:
    status = response.status_code
    code = code_in(answer.get("error")) or ""
    advice = ADVICE.get(code, "check `client_id`, `client_secret`, `refresh_token` and `token_url`")
    label = f"HTTP {status} {code}".rstrip()
    message = f"Login with Amazon gave no access token ({label}): {advice}"
    error = AuthenticationError(message, status=status)
    # An answer with a status of success, but without a token, is a broken one. Amazon's other 4xx
    # answers to a token request stay the same.
    is_broken = status < requests.codes.multiple_choices
    is_throttled = status == requests.codes.too_many_requests
    if is_broken or is_throttled or status >= requests.codes.server_error:
        return RetryableError(error)
    return error
