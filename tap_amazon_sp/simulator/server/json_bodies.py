"""JSON that clients send."""

from __future__ import annotations

import json
from typing import Any


def decode(body: bytes) -> Any:
    """Return a decoded body.

    Raises:
        ValueError: It is not JSON, which has no `NaN`; or it is nested too deep, has a number
            with thousands of digits, which Python does not read, or half of a character (one of two
            surrogates), which no answer can repeat.
    """
    # `json.loads` itself takes bytes that stand for half of a character.
    text = body.decode(json.detect_encoding(body))
    try:
        content = json.loads(text, parse_constant=_not_json)
        if "\\u" in text:
            json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message = "it has half of a character"
        raise ValueError(message) from None
    except RecursionError:
        message = "it is nested too deep"
        raise ValueError(message) from None
    return content


def _not_json(name: str) -> Any:
    message = f"JSON has no {name}"
    raise ValueError(message)
