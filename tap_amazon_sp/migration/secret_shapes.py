"""Secrets by their shape: an old file may have one where nobody expects it.

Facts: Amazon's guide to Login with Amazon (refresh and access tokens), and the client secrets that
its console has issued since 2021.
"""

from __future__ import annotations

import json
import re
from typing import Any

_SECRET = re.compile(r"(Atz[ar]\||amzn1\.oa2-cs\.)[\w.|/+=-]*")


def has_secret(value: Any) -> bool:
    """Return whether a secret is anywhere in a JSON value."""
    return _SECRET.search(json.dumps(value)) is not None


def without_secrets(text: str) -> str:
    """Return a text in which only the beginning of each secret is left, which all have."""
    return _SECRET.sub(r"\1…", text)
