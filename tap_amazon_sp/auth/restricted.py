"""Restricted data tokens (RDT): access tokens for operations that give personal data.

Source: Amazon's model of the Tokens API and its "Tokens API Use Case Guide". A path may name its
parameters (`/orders/v0/orders/{orderId}/orderItems`), so one token serves all orders.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from tap_amazon_sp.auth.lwa import REFRESH_MARGIN, AccessToken
from tap_amazon_sp.clock import Clock

RequestToken = Callable[[str, str, tuple[str, ...]], "tuple[str, float]"]
"""Asks Amazon: (method, path, data elements) -> (token, its life time in seconds)."""


class RestrictedDataTokens:
    """The restricted data tokens of one authorization, one per method and path."""

    def __init__(self, request_token: RequestToken, clock: Clock) -> None:
        """Ask for nothing yet."""
        self._request_token = request_token
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, str], AccessToken] = {}

    def token(self, method: str, path: str, data_elements: tuple[str, ...]) -> str:
        """Return a token for one restricted operation.

        Args:
            method: The operation's HTTP method.
            path: The path to be called, or with its parameters' names in braces.
            data_elements: What is to be opened, where the operation tells elements apart.

        Raises:
            SellingPartnerError: Amazon gave none.
        """
        key = (method, path)
        with self._lock:
            token = self._tokens.get(key)
            if token is None or self._clock.monotonic() >= token.replace_at:
                asked_at = self._clock.monotonic()
                value, lifetime = self._request_token(method, path, data_elements)
                margin = min(REFRESH_MARGIN, lifetime / 10)
                token = self._tokens[key] = AccessToken(value, asked_at + lifetime - margin)
            return token.value

    def discard(self, value: str) -> None:
        """Forget a token that Amazon refused, unless another thread replaced it already."""
        with self._lock:
            self._tokens = {
                key: token for key, token in self._tokens.items() if token.value != value
            }
