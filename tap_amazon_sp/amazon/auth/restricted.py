"""Restricted data tokens (RDT): access tokens for operations that give personal data.

Source: Amazon's model of the Tokens API and its "Tokens API Use Case Guide". A path may hold the
names of its parameters (`/orders/v0/orders/{orderId}/orderItems`), so one token serves all orders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.auth.token_cache import TokenCache, is_token, lifetime_of
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    InvalidRequestError,
    RestrictedDataDeniedError,
)
from tap_amazon_sp.amazon.request import CREATE_RESTRICTED_DATA_TOKEN
from tap_amazon_sp.common.clock import Clock

RequestToken = Callable[[str, str, tuple[str, ...]], "tuple[str, float]"]
"""Requests a token: (method, path, data elements) -> (token, its lifetime in seconds)."""


class RestrictedDataTokens:
    """The restricted data tokens of one authorization, one per method and path."""

    def __init__(self, request_token: RequestToken, clock: Clock) -> None:
        """Request nothing yet."""
        self._request_token = request_token
        self._tokens: TokenCache[tuple[str, str]] = TokenCache(clock)

    def token(self, method: str, path: str, data_elements: tuple[str, ...]) -> str:
        """Return a token for one restricted operation.

        Args:
            method: The operation's HTTP method.
            path: The path to call; the names of its parameters may be in braces.
            data_elements: The data elements to open, if the operation has any.

        Raises:
            SellingPartnerError: Amazon issued none.
        """
        return self._tokens.get(
            (method, path), lambda: self._request_token(method, path, data_elements)
        )

    def discard(self, value: str) -> None:
        """Forget a token that Amazon refused, unless another thread has already replaced it."""
        self._tokens.discard(value)


def requested_restricted_data_token(
    send: Callable[..., Answer], method: str, path: str, data_elements: tuple[str, ...]
) -> tuple[str, float]:
    """Request a restricted data token; return it, and the seconds for which it is valid.

    Args:
        send: Sends a request, as `SellingPartnerClient.send`.
        method: The HTTP method of the requests that the token is for.
        path: Their path.
        data_elements: The personal data that they ask for.

    Raises:
        RestrictedDataDeniedError: Amazon gives the application none.
        SellingPartnerError: The request failed.
    """
    resource: dict[str, Any] = {"method": method, "path": path}
    if data_elements:
        resource["dataElements"] = list(data_elements)
    try:
        answer = send(
            catalogue.operation(CREATE_RESTRICTED_DATA_TOKEN),
            body={"restrictedResources": [resource]},
            check=_check_restricted_data_token,
        )
    except (InvalidRequestError, AccessDeniedError) as error:
        raise error.recast(RestrictedDataDeniedError) from None
    return answer.body["restrictedDataToken"], lifetime_of(answer.body.get("expiresIn"))


def _check_restricted_data_token(body: Any) -> None:
    """Check that there is a token in an answer.

    Raises:
        ValueError: There is none.
    """
    if not isinstance(body, dict) or not is_token(body.get("restrictedDataToken")):
        message = "it has no restricted data token"
        raise ValueError(message)
