"""The queue that notifications are sent to: on this machine alone, never on the network."""

from __future__ import annotations

import ipaddress
import urllib.parse
from dataclasses import dataclass

_FORM = "write it as sqs://127.0.0.1:PORT/ACCOUNT/QUEUE, or as the URL of a queue"
_REGION = "us-east-1"
_ARN_PARTS = 6


class QueueError(Exception):
    """The queue for notifications cannot be used; says why."""


@dataclass(frozen=True)
class QueueAddress:
    """A queue of a test server for SQS (moto, fauxqs) on this machine.

    Attributes:
        scheme: `http` or `https`.
        host: Where the server listens, as in a URL.
        port: The same.
        account: AWS account of the queue.
        name: Name of the queue.
    """

    scheme: str
    host: str
    port: int
    account: str
    name: str

    @property
    def endpoint(self) -> str:
        """Address of the server."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """URL of the queue."""
        return self.url_of(self.account, self.name)

    @property
    def arn(self) -> str:
        """ARN of the queue."""
        return f"arn:aws:sqs:{_REGION}:{self.account}:{self.name}"

    def url_of(self, account: str, name: str) -> str:
        """Return the URL of another queue of the same server."""
        return f"{self.endpoint}/{account}/{name}"

    def url_of_arn(self, arn: str) -> str | None:
        """Return the URL of an ARN's queue on this server; None if it names something else."""
        parts = arn.split(":")
        if len(parts) != _ARN_PARTS or parts[2] != "sqs":
            return None
        return self.url_of(*parts[4:])


def parse_queue_address(text: str) -> QueueAddress:
    """Read `sqs://127.0.0.1:PORT/ACCOUNT/QUEUE`, or the URL of a queue.

    Raises:
        ValueError: It is something else, or not on this machine; says what is wrong.
    """
    parts = urllib.parse.urlsplit(text)
    scheme = {"sqs": "http", "http": "http", "https": "https"}.get(parts.scheme)
    path = [part for part in parts.path.split("/") if part]
    try:
        port = parts.port
    except ValueError:
        raise ValueError(_FORM) from None
    if scheme is None or not parts.hostname or port is None or len(path) != 2:  # noqa: PLR2004
        raise ValueError(_FORM)
    host = _loopback(parts.hostname)
    if host is None:
        message = f"{parts.hostname} is not this machine: the simulator sends to no other"
        raise ValueError(message)
    return QueueAddress(scheme, host, port, *path)


def _loopback(host: str) -> str | None:
    """Return the address of a host of this machine, as in a URL; None for any other."""
    # Names under `localhost` belong to this machine (RFC 6761), but not every resolver knows them.
    if host == "localhost" or host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if not address.is_loopback:
        return None
    return f"[{host}]" if address.version == 6 else host  # noqa: PLR2004 - IPv6
