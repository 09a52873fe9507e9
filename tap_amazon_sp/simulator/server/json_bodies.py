"""JSON that clients send."""

from __future__ import annotations

import json
from typing import Any


def decode(body: bytes) -> Any:
    """Return a decoded body.

    Raises:
        ValueError: It is not JSON, which has no `NaN`; or it is nested too deep, or has a number
            with thousands of digits, which Python does not read.
    """
    try:
        return json.loads(body, parse_constant=_not_json)
    except RecursionError:
        message = "it is nested too deep"
        raise ValueError(message) from None


def _not_json(name: str) -> Any:
    message = f"JSON has no {name}"
    raise ValueError(message)
