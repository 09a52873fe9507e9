"""Requests as people may see them: everything that is sent to Amazon, except secrets."""

from __future__ import annotations

import re

import msgspec

from tap_amazon_sp.amazon.request import Request
from tap_amazon_sp.settings.definitions import Settings

HIDDEN = "(hidden)"
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

# The parts of a presigned address that give access (AWS Signature Version 4).
_SIGNATURE = re.compile(r"(?i)(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+")
# Access and refresh tokens of Login with Amazon.
_TOKEN = re.compile(r"At(?:za|zr|c)(?:\||%7C)[^\s\"'&]+")


def request_text(request: Request, settings: Settings) -> str:
    """Return method, address, headers and body of a request as several lines.

    Args:
        request: The request before access token and signature are added.
        settings: Settings of the account; their secrets are hidden everywhere.
    """
    lines = [f"{request.operation.method} {request.url}", f"x-amz-access-token: {HIDDEN}"]
    lines += [
        f"{name}: {HIDDEN if name.lower() in SECRET_HEADERS else value}"
        for name, value in request.headers.items()
    ]
    if request.body is not None:
        lines += ["", _body_text(request.body)]
    return without_secrets("\n".join(lines), settings)


def without_secrets(text: str, settings: Settings) -> str:
    """Return a text without an account's secrets, tokens and signatures of addresses."""
    for secret in settings.secrets:
        text = text.replace(secret, HIDDEN)
    return _TOKEN.sub(HIDDEN, _SIGNATURE.sub(rf"\1{HIDDEN}", text))


def _body_text(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return f"({len(body)} bytes)"
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.DecodeError:
        return text
