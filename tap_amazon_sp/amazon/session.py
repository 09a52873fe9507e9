"""The HTTP session: connections that are kept, and no credentials of the machine.

It takes proxies and certificates from the environment, as other programs do (`HTTPS_PROXY`,
`NO_PROXY`, `REQUESTS_CA_BUNDLE`), but no password: neither from `.netrc` nor from an address. It
follows no redirect, as that would carry a request with its secrets to another host, and keeps no
cookies.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from tap_amazon_sp.amazon.library_logs import hide_secrets


class _Session(requests.Session):
    """Asks the environment for its proxies and certificates once per host, not per request."""

    def __init__(self) -> None:
        """Ask nothing yet."""
        super().__init__()
        self._settings: dict[tuple[Any, ...], Any] = {}

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Return the settings of a request, as `requests.Session` does."""
        if proxies:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        address = urlsplit(url)
        key = (address.scheme, address.netloc, stream, verify, cert)
        if key not in self._settings:
            found = super().merge_environment_settings(url, {}, stream, verify, cert)
            self._settings[key] = found
        return self._settings[key].copy()

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - its name there
        """Return nothing: no redirect is followed, even if a request allows it."""
        return


class _Adapter(HTTPAdapter):
    """Reads a body at once if it is not streamed: requests asks for it in parts of 10 KB."""

    def send(
        self, request: requests.PreparedRequest, *arguments: Any, **options: Any
    ) -> requests.Response:
        """Send a request, as `HTTPAdapter.send` does."""
        response = super().send(request, *arguments, **options)
        # The session names it in every call.
        if not options["stream"]:
            response.raw = _WholeBody(response.raw)
        return response


class _WholeBody:
    """A response of urllib3 whose body comes in one part."""

    def __init__(self, raw: Any) -> None:
        """Read nothing yet."""
        self._raw = raw

    def stream(self, _: int, *, decode_content: bool) -> Iterator[bytes]:
        """Yield the body."""
        yield self._raw.read(decode_content=decode_content)

    def __getattr__(self, name: str) -> Any:
        """Return what requests needs of the response."""
        return getattr(self._raw, name)


def new_session(max_connections: int = 1) -> requests.Session:
    """Return an HTTP session that sends no credentials but those of the request.

    Args:
        max_connections: Connections to a host that are kept open.
    """
    hide_secrets()
    session = _Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    adapter = _Adapter(pool_connections=2, pool_maxsize=max_connections)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # Without this, requests puts a password of ~/.netrc into an Authorization header.
    session.auth = _no_authentication
    return session


def _no_authentication(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
