"""The HTTP session: connections that are kept, and no credentials of the machine."""

from __future__ import annotations

import requests
from requests.adapters import HTTPAdapter


def new_session(max_connections: int = 1) -> requests.Session:
    """Return an HTTP session that sends no credentials but those of the request.

    Args:
        max_connections: Connections to a host that are kept open.
    """
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=max_connections)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # Without this, requests puts a password of ~/.netrc into an Authorization header.
    session.auth = _no_authentication
    return session


def _no_authentication(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
