"""What addresses in answers begin with."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

HTTPS_PORT = 443


def split_address(text: str) -> SplitResult:
    """Return the parts of an absolute address.

    Raises:
        ValueError: It is none: it has no scheme or host, a port that does not exist, or characters
            that no address has.
    """
    address = urlsplit(text)
    # `urlsplit` itself leaves some of these out in silence. Browsers take backslashes for slashes.
    wrong = any(character.isspace() or character == "\\" for character in text)
    wrong = wrong or not text.isprintable() or not address.scheme or not address.hostname
    # `port` raises an error itself if it is not a number of a port.
    if wrong or address.port == 0:
        message = f"{text!r} is not an absolute address"
        raise ValueError(message)
    return address


def server_address(text: str) -> str:
    """Return the address of a server without the slash at its end.

    Raises:
        ValueError: It is not the address of a server.
    """
    message = f"{text!r} is not the address of a server, as in http://sp-api:9326"
    try:
        address = split_address(text)
    except ValueError:
        raise ValueError(message) from None
    if address.scheme not in ("http", "https") or "?" in text or "#" in text:
        raise ValueError(message)
    return text.rstrip("/")


@dataclass(frozen=True)
class Names:
    """What addresses in answers begin with.

    It never depends on the header `Host`: some clients send the name of another machine there, and
    would be led to it.

    Attributes:
        public_url: The whole beginning, as in `http://sp-api:9326`; None has it made.
        host: Name of a host of Amazon; None is the address at which a request arrived.
    """

    public_url: str | None = None
    host: str | None = None

    def origin(self, address: str, port: int, *, is_tls: bool) -> str:
        """Return the beginning for a request that arrived at an address."""
        if self.public_url is not None:
            return self.public_url
        scheme = "https" if is_tls else "http"
        if self.host is not None:
            return f"{scheme}://{self.host}" + ("" if port == HTTPS_PORT else f":{port}")
        return f"{scheme}://{f'[{address}]' if ':' in address else address}:{port}"
