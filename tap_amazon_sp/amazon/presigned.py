"""Presigned addresses, at which Amazon keeps documents: they take no credentials of ours."""

from __future__ import annotations

from collections.abc import Mapping

import requests


class PresignedAddresses:
    """Opens presigned addresses of one account, and uploads to them."""

    def __init__(
        self, session: requests.Session, user_agent: str, timeout: tuple[float, float]
    ) -> None:
        """Open nothing yet.

        Args:
            session: The HTTP session.
            user_agent: Sent with every request.
            timeout: Seconds to wait for a connection, and for an answer to begin or go on.
        """
        self._session = session
        self._user_agent = user_agent
        self._timeout = timeout

    def open(self, url: str, headers: Mapping[str, str] | None = None) -> requests.Response:
        """Open a presigned address, without any credentials of ours. The body is not read yet.

        A redirect is not followed.

        Args:
            url: The address.
            headers: More headers, such as a `Range`.

        Raises:
            requests.RequestException: The address could not be reached.
        """
        all_headers = {"user-agent": self._user_agent, **(headers or {})}
        return self._session.get(
            url, headers=all_headers, timeout=self._timeout, stream=True, allow_redirects=False
        )

    def upload(self, url: str, content: bytes, content_type: str) -> requests.Response:
        """Put content at a presigned address, without any credentials of ours.

        Raises:
            requests.RequestException: The address could not be reached.
        """
        headers = {"user-agent": self._user_agent, "content-type": content_type}
        return self._session.put(
            url, data=content, headers=headers, timeout=self._timeout, allow_redirects=False
        )
