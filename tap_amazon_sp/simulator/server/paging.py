"""Pages and page tokens.

The first page determines which records match, and their order. The following pages go through that
list and show each record in its current state. A client that follows the tokens to the end receives
every record that matched, even if records change meanwhile. A record that changed may no longer lie
in the window in which it was found.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tap_amazon_sp.simulator.server.calls import Call
from tap_amazon_sp.simulator.server.errors import ApiError, invalid_input
from tap_amazon_sp.simulator.world.randomness import seeded_random

T = TypeVar("T")

# Only lists with a second page are kept. When there are too many, the oldest tokens expire early.
_MAX_SNAPSHOTS = 10_000
_MAX_RECORDS = 10_000_000
_EMPTY_ONE_IN = 4
_SIGNATURE_LENGTH = 12


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of results.

    Attributes:
        items: The results on it.
        next_token: The token of the next page; None on the last.
    """

    items: Sequence[T]
    next_token: str | None


class Pager:
    """Cuts results into pages and checks the tokens that come back."""

    def __init__(self, *, seed: int, lifetime: float, empty_pages: Sequence[str] = ()) -> None:
        """Keep no lists yet.

        Args:
            seed: Determines which pages are empty.
            lifetime: Seconds that tokens are valid, from the first page of a list on.
            empty_pages: Operations that answer an empty page now and then; `all` is any.
        """
        self._seed = seed
        self._lifetime = lifetime
        self._empty_pages = empty_pages
        self._secret = secrets.token_bytes(32)
        self._snapshots: OrderedDict[int, Sequence[Any]] = OrderedDict()
        self._count = 0
        self._kept_records = 0

    def page(
        self,
        call: Call,
        size: int,
        find: Callable[[], Sequence[T]],
        *,
        alone: bool = False,
        free: Collection[str] = (),
    ) -> Page[T]:
        """Return the page that a call asks for.

        Args:
            call: The call; its page token, if it has one, says which page comes next.
            size: Number of records on a page; with `alone`, only the size of the first call counts.
            find: Finds all records that match; only called for the first page.
            alone: Whether the token must come alone, without the arguments of the first page.
            free: Names of arguments that may differ from those of the first page.

        Raises:
            ApiError: 400, the token is expired, was changed, or belongs to another account or
                search.
        """
        token = call.parameters.get(call.operation.token_parameter or "")
        if token is None:
            first = {
                "search": _search(call, alone, free),
                "size": size,
                "offset": 0,
                "until": call.now + self._lifetime,
            }
            return self._next(call, first, find())
        position = self._read(token, call)
        if position["search"] != _search(call, alone, free):
            message = (
                f"Parameter '{call.operation.token_parameter}' belongs to a request with other "
                "arguments."
            )
            raise invalid_input(message)
        found = self._snapshots.get(position["snapshot"])
        if found is None:
            raise self._invalid(call, "has expired")
        return self._next(call, position if alone else position | {"size": size}, found)

    def _next(self, call: Call, position: dict[str, Any], found: Sequence[Any]) -> Page[Any]:
        offset, size = position["offset"], position["size"]
        if call.fault == "empty_page" or self._is_empty_by_itself(call, position):
            return Page((), self._write(call, position | {"was_empty": True}, found))
        following = offset + size
        token = None
        if following < len(found):
            position = position | {"offset": following, "was_empty": False}
            token = self._write(call, position, found)
        return Page(found[offset:following], token)

    def _keep(self, found: Sequence[Any]) -> int:
        """Keep a list for the following pages; return its number."""
        self._count += 1
        self._snapshots[self._count] = found
        self._kept_records += len(found)
        while len(self._snapshots) > 1 and (
            len(self._snapshots) > _MAX_SNAPSHOTS or self._kept_records > _MAX_RECORDS
        ):
            _, oldest = self._snapshots.popitem(last=False)
            self._kept_records -= len(oldest)
        return self._count

    def _is_empty_by_itself(self, call: Call, position: Mapping[str, Any]) -> bool:
        if position.get("was_empty") or not {call.operation.id, "all"} & set(self._empty_pages):
            return False
        rng = seeded_random(self._seed, "empty page", position["search"], position["offset"])
        return rng.randrange(_EMPTY_ONE_IN) == 0

    def _write(self, call: Call, position: Mapping[str, Any], found: Sequence[Any]) -> str:
        if "snapshot" not in position:
            position = {**position, "snapshot": self._keep(found)}
        content = json.dumps(position).encode()
        # Standard base64: clients must percent-encode `+`, `/` and `=`.
        return base64.b64encode(self._sign(content, call) + content).decode()

    def _sign(self, content: bytes, call: Call) -> bytes:
        message = f"{call.account.seller_id} {call.operation.id} ".encode() + content
        return hmac.new(self._secret, message, hashlib.sha256).digest()[:_SIGNATURE_LENGTH]

    def _read(self, token: str, call: Call) -> dict[str, Any]:
        try:
            decoded = base64.b64decode(token, validate=True)
        except (binascii.Error, ValueError):
            raise self._invalid(call, "is not valid") from None
        signature, content = decoded[:_SIGNATURE_LENGTH], decoded[_SIGNATURE_LENGTH:]
        if not hmac.compare_digest(signature, self._sign(content, call)):
            raise self._invalid(call, "is not valid")
        position: dict[str, Any] = json.loads(content)
        if call.now > position["until"]:
            raise self._invalid(call, "has expired")
        return position

    @staticmethod
    def _invalid(call: Call, problem: str) -> ApiError:
        name = call.operation.token_parameter or ""
        return invalid_input(f"The token in parameter '{name}' {problem}.", details=name)


def _search(call: Call, alone: bool, free: Collection[str]) -> str:  # noqa: FBT001 - ours alone
    """Return a fingerprint of the arguments that must be repeated with the token."""
    if alone:
        return ""
    arguments = {
        name: value
        for name, value in call.parameters.items()
        if name != call.operation.token_parameter and name not in free
    }
    text = json.dumps(arguments, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
