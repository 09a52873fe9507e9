"""The user agent that Amazon requires of each request.

Facts: the section "Include a User-Agent header in all requests" of Amazon's developer guide.
"""

from __future__ import annotations

import platform


def default_user_agent(version: str) -> str:
    """Return the tap's name and version, in the form that Amazon requires."""
    return f"tap-amazon-sp/{version} (Language=Python/{platform.python_version()})"
