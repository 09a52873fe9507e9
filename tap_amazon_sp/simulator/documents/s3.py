"""What S3 answers to requests for documents.

S3 accepts no second set of credentials besides the signature in the URL, sends parts of a document
(`Range`) and supports `If-Match`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping

from tap_amazon_sp.simulator.documents.contents import Content, WholeContent
from tap_amazon_sp.simulator.server.calls import HttpAnswer, HttpRequest, Stream

_RANGE = re.compile(r"bytes=(\d{0,100})-(\d{0,100})")


def etag(content: bytes) -> str:
    """Return the entity tag for some bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_signature(expected: str, given: str) -> bool:
    """Return whether a signature is the expected one; it can be any text."""
    # `compare_digest` itself takes only ASCII as text.
    return hmac.compare_digest(expected.encode(), given.encode())


def s3_error(status: int, code: str, message: str) -> HttpAnswer:
    """Return an error of S3."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message>"
        f"<RequestId>{secrets.token_hex(8).upper()}</RequestId></Error>"
    )
    return HttpAnswer(status, {"Content-Type": "application/xml"}, body.encode())


def send(content: Content, request: HttpRequest, headers: dict[str, str]) -> HttpAnswer:
    """Return a response with a content, or with the range that the request asks for."""
    headers = headers | {"Accept-Ranges": "bytes"}
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted not in ("*", headers["ETag"]):
        message = "At least one of the pre-conditions you specified did not hold"
        return s3_error(412, "PreconditionFailed", message)
    first, status = 0, 200
    last = content.size - 1
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is not None and (asked[1] or asked[2]):
        if asked[1]:
            first = int(asked[1])
            last = min(last, int(asked[2] or last))
        else:
            first = max(0, content.size - int(asked[2]))
        if first > last:
            return s3_error(416, "InvalidRange", "The requested range is not satisfiable")
        status = 206
        headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    if isinstance(content, WholeContent):
        return HttpAnswer(status, headers, content.content[first : last + 1])
    size = last + 1 - first
    stream = Stream(size, lambda limit: content.chunks(first, first + min(size, limit)))
    return HttpAnswer(status, headers, stream)


def upload_problem(
    request: HttpRequest, content_type: str, signed_headers: Mapping[str, str]
) -> HttpAnswer | None:
    """Return an error if an upload is not what its URL was signed for.

    Args:
        request: The upload.
        content_type: Its `Content-Type`; empty is any.
        signed_headers: Other headers that it must have.
    """
    signed = {"Content-Type": content_type} if content_type else {}
    for name, value in (signed | {**signed_headers}).items():
        if _normal(request.headers.get(name.lower(), "")) != _normal(value):
            message = f"The URL was signed for {name} '{value}'."
            return s3_error(403, "SignatureDoesNotMatch", message)
    return _digest_problem(request)


def _digest_problem(request: HttpRequest) -> HttpAnswer | None:
    """Return an error if the content is not what `Content-MD5` says."""
    given = request.headers.get("content-md5")
    if given is None:
        return None
    try:
        digest = base64.b64decode(given, validate=True)
    except ValueError:
        digest = b""
    # Not for security: it is what S3 compares.
    actual = hashlib.md5(request.body, usedforsecurity=False).digest()
    if len(digest) != len(actual):
        return s3_error(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
    if digest != actual:
        message = "The Content-MD5 you specified did not match what we received."
        return s3_error(400, "BadDigest", message)
    return None


def uploaded(request: HttpRequest) -> HttpAnswer:
    """Return the response to a successful upload."""
    return HttpAnswer(200, {"ETag": etag(request.body)})


def _normal(value: str) -> str:
    return value.replace(" ", "").lower()
