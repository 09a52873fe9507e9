"""What the server and the domains exchange: requests, calls and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.server.models import Operation


@dataclass(frozen=True)
class Account:
    """A selling partner that authorized the application.

    Attributes:
        name: `seller`, `seller-2` and so on, or `vendor`.
        seller_id: Amazon's merchant token.
        may_call: Returns whether the account may call an operation.
        number: Number of the seller whose data it sees, from 1; the vendor sees the data of
            seller 1.
    """

    name: str
    seller_id: str
    may_call: Callable[[Operation], bool]
    number: int = 1


@dataclass(frozen=True)
class AccessToken:
    """What an access token stands for.

    Attributes:
        kind: `LWA`, `RDT` or `grantless`.
        client_id: The application that it was issued to.
        account: The account that it gives access to; None for a grantless token.
        expires_at: Epoch seconds.
        scopes: Scopes of a grantless token.
        resources: Method, path and data elements of a restricted data token.
    """

    kind: str
    client_id: str
    account: Account | None
    expires_at: float
    scopes: frozenset[str] = frozenset()
    resources: tuple[tuple[str, str, frozenset[str]], ...] = ()


@dataclass
class HttpRequest:
    """A request as it was received.

    Attributes:
        method: HTTP method.
        raw_target: Path and query, as they were sent.
        headers: Header values by lower-case name.
        body: The body.
        origin: What addresses in the answer begin with, e.g. `http://127.0.0.1:9326`.
    """

    method: str
    raw_target: str
    headers: Mapping[str, str]
    body: bytes
    origin: str

    @property
    def path(self) -> str:
        """The path as it was sent, percent-encoded."""
        return self.raw_target.partition("?")[0]

    @property
    def raw_query(self) -> str:
        """The query as it was sent."""
        return self.raw_target.partition("?")[2]


@dataclass(frozen=True)
class Stream:
    """A body that is generated while it is sent.

    Attributes:
        size: Number of bytes.
        chunks: Yields the bytes up to a size, chunk by chunk.
    """

    size: int
    chunks: Callable[[int], Iterator[bytes]]


@dataclass
class HttpAnswer:
    """A response.

    Attributes:
        status: HTTP status.
        headers: Headers; the server adds the length.
        body: The body; or a function that returns the whole response, called outside of the event
            loop because it may take long.
        delay: Seconds to wait before sending.
        broken: `reset` closes the connection without a response, `truncated` after half of the
            body; `raw` writes the body as it is, without status and headers, and closes it.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Stream | Callable[[], HttpAnswer] = b""
    delay: float = 0.0
    broken: str | None = None


@dataclass
class Call:
    """An authorized call of an operation; its parameters are checked.

    Attributes:
        operation: The operation.
        parameters: Query, path and header parameters by name; numbers, booleans and lists are
            decoded.
        times: Values of date-time parameters by name, epoch seconds.
        body: The JSON body.
        account: The account that the call is for.
        token: The access token.
        path: The path as it was sent.
        origin: What addresses in the answer begin with, e.g. `http://127.0.0.1:9326`.
        now: Time of the call, epoch seconds.
        given: Names of the query parameters that were sent.
        fault: Kind of the fault that strikes this call; see `faults.KINDS`.
    """

    operation: Operation
    parameters: dict[str, Any]
    times: dict[str, float]
    body: Any
    account: Account
    token: AccessToken
    path: str
    origin: str
    now: float
    given: frozenset[str] = frozenset()
    fault: str | None = None

    def personal_data(self) -> frozenset[str] | None:
        """Return the data elements that the token gives access to; None means no personal data.

        For operations without data elements, a fitting token gives an empty set.
        """
        if self.token.kind != "RDT":
            return None
        found = [
            elements
            for method, path, elements in self.token.resources
            if resource_fits(method, path, self.operation.method, self.path)
        ]
        if not found:
            return None
        return frozenset(element for elements in found for element in elements)


def resource_fits(method: str, path: str, called_method: str, called_path: str) -> bool:
    """Return whether a restricted resource, whose path may hold `{orderId}`, covers a request."""
    pieces, called = path.split("/"), called_path.split("/")
    return (
        method == called_method
        and len(pieces) == len(called)
        and all(
            piece == value or (piece.startswith("{") and piece.endswith("}"))
            for piece, value in zip(pieces, called, strict=True)
        )
    )


@dataclass
class Answer:
    """The answer of an operation.

    Attributes:
        body: JSON; None means no content.
        status: HTTP status, if it is not the success status of the operation.
    """

    body: Any
    status: int | None = None


Handler = Callable[[Call], Answer]
