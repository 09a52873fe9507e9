"""Requests as people may see them: with everything that goes to Amazon but secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.amazon.client import Request

HIDDEN = "(hidden)"
SECRET_SETTINGS = (
    "client_secret",
    "refresh_token",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
)
SECRET_HEADERS = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "x-amz-access-token",
        "x-amz-security-token",
    }
)

# What a presigned address proves itself with (AWS Signature Version 4).
_SIGNATURE = re.compile(r"(?i)(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+")
# Access and refresh tokens of Login with Amazon.
_TOKEN = re.compile(r"At(?:za|zr|c)(?:\||%7C)[^\s\"'&]+")


def request_text(request: Request, settings: Mapping[str, Any]) -> str:
    """Return method, address, headers and body of a request, over several lines.

    Args:
        request: As it is to be sent, before access token and signature are added.
        settings: The account's, whose secrets are hidden wherever they stand.
    """
    lines = [f"{request.operation.method} {request.url}", f"x-amz-access-token: {HIDDEN}"]
    lines += [
        f"{name}: {HIDDEN if name.lower() in SECRET_HEADERS else value}"
        for name, value in request.headers.items()
    ]
    if request.body is not None:
        lines += ["", _body_text(request.body)]
    return without_secrets("\n".join(lines), settings)


def without_secrets(text: str, settings: Mapping[str, Any]) -> str:
    """Return a text without the secrets of an account, tokens and signatures of addresses."""
    for name in SECRET_SETTINGS:
        secret = settings.get(name)
        if secret:
            text = text.replace(secret, HIDDEN)
    return _TOKEN.sub(HIDDEN, _SIGNATURE.sub(rf"\1{HIDDEN}", text))


def _body_text(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return f"({len(body)} bytes)"
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
