"""Access tokens: kept until shortly before they expire, requested once for all threads."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from tap_amazon_sp.common.clock import Clock

Key = TypeVar("Key", bound=Hashable)

REFRESH_MARGIN = 60.0
"""Seconds before its expiry at which a token is replaced, so that it does not expire in use."""

LIFETIME = 3600.0
"""Seconds that Amazon documents for the lifetime of all its tokens."""
MAX_LIFETIME = 24 * 3600.0
_TOKEN = re.compile(r"[\x21-\x7e]+")
"""What a header can carry."""


def is_token(value: Any) -> bool:
    """Return whether a value in an answer can be an access token."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def lifetime_of(value: Any) -> float:
    """Return the seconds that a token stays valid, by the value in Amazon's answer.

    Any other value means the lifetime that Amazon documents: a token that expires earlier is
    replaced when Amazon refuses it.
    """
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value <= MAX_LIFETIME else LIFETIME


@dataclass(frozen=True)
class _AccessToken:
    value: str
    replace_at: float


class TokenCache(Generic[Key]):
    """Tokens by their purpose. It may be used from many threads."""

    def __init__(self, clock: Clock) -> None:
        """Start empty."""
        self._clock = clock
        self._lock = threading.Lock()
        self._requesting: dict[Key, threading.Lock] = {}
        self._tokens: dict[Key, _AccessToken] = {}

    def get(self, key: Key, request: Callable[[], tuple[str, float]]) -> str:
        """Return a token that stays valid for a while.

        Args:
            key: The purpose.
            request: Requests a new token; returns its value and its lifetime in seconds, counted
                from before the request.
        """
        with self._lock:
            requesting = self._requesting.setdefault(key, threading.Lock())
        with requesting:
            token = self._tokens.get(key)
            if token is None or self._clock.monotonic() >= token.replace_at:
                asked_at = self._clock.monotonic()
                value, lifetime = request()
                margin = min(REFRESH_MARGIN, lifetime / 10)
                token = _AccessToken(value, asked_at + lifetime - margin)
                with self._lock:
                    self._tokens[key] = token
            return token.value

    def discard(self, value: str) -> None:
        """Forget a token that Amazon refused, unless another thread has already replaced it."""
        with self._lock:
            self._tokens = {
                key: token for key, token in self._tokens.items() if token.value != value
            }
