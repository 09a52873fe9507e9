"""What addresses in answers begin with."""

from __future__ import annotations

from dataclasses import dataclass

HTTPS_PORT = 443


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
