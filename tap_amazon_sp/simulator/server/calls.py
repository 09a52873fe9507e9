"""What goes between the server and the domains: requests, calls and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.server.models import Operation


@dataclass(frozen=True)
class Account:
    """A selling partner that authorized the application.

    Attributes:
        name: `seller`, `seller-2` and so on, or `vendor`: what the Python API calls it.
        seller_id: Amazon's merchant token.
        may_call: Whether it may call an operation.
        number: Number of the seller whose data it sees, from 1; the vendor sees the first one's.
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
        client_id: Of the application it was given to.
        account: Whose it is; None for a grantless one.
        expires_at: Epoch seconds.
        scope: Scope of a grantless one.
        resources: Method, path and data elements of a restricted data token.
    """

    kind: str
    client_id: str
    account: Account | None
    expires_at: float
    scope: str | None = None
    resources: tuple[tuple[str, str, frozenset[str]], ...] = ()


@dataclass
class HttpRequest:
    """A request as it came over the wire.

    Attributes:
        method: HTTP method.
        raw_target: Path and query, as they were sent.
        headers: Header values by lower-case name.
        body: The body.
        origin: `http://host:port` as the client addresses this server.
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
    """A body that is made while it is sent.

    Attributes:
        size: Bytes of it.
        chunks: Makes it, part by part, up to a size.
    """

    size: int
    chunks: Callable[[int], Iterator[bytes]]


@dataclass
class HttpAnswer:
    """A response.

    Attributes:
        status: HTTP status.
        headers: Headers; the server adds the length.
        body: The body; or what makes status, headers and body, called outside of the event loop,
            as it may take long.
        delay: Seconds to wait before it is sent.
        broken: `reset` closes the connection instead, `truncated` after half of the body.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Stream | Callable[[], HttpAnswer] = b""
    delay: float = 0.0
    broken: str | None = None


@dataclass
class Call:
    """An authorized call of an operation, its parameters checked.

    Attributes:
        operation: The operation.
        parameters: Query, path and header parameters by name: numbers, booleans and lists as
            such; times as epoch seconds are in `times`.
        times: Values of date-time parameters, epoch seconds.
        body: The JSON body.
        account: Who calls; never None for an operation that is not grantless.
        token: The access token.
        origin: `http://host:port` as the client addresses this server.
        path: The path as it was sent.
        now: Epoch seconds.
        given: Names of the query parameters that were sent.
        empty_page: Whether this page must come empty, with a token.
        job_outcome: What a fault wants of the job this call creates; see `jobs.py`.
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
    empty_page: bool = False
    job_outcome: str | None = None

    def personal_data(self) -> frozenset[str] | None:
        """Data elements the token gives access to in this call; None is no personal data.

        Operations that know no data elements get an empty set with a fitting token.
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
    """Whether a restricted resource, whose path may hold `{orderId}`, covers a request."""
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
    """What an operation answers.

    Attributes:
        body: JSON; None is no content.
        status: HTTP status where it is not the operation's success status.
    """

    body: Any
    status: int | None = None


Handler = Callable[[Call], Answer]
