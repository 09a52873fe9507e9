"""Restricted data tokens (RDT): access tokens for operations that give personal data.

Source: Amazon's model of the Tokens API and its "Tokens API Use Case Guide". A path may hold the
names of its parameters (`/orders/v0/orders/{orderId}/orderItems`), so one token serves all orders.
"""

from __future__ import annotations

from collections.abc import Callable

from tap_amazon_sp.amazon.auth.token_cache import TokenCache
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
