"""Uploads by a form to a bucket of S3, whose policy says what fits.

Sources: Amazon S3, "Browser-Based Uploads Using POST"; for the policy of A+ content,
amzn/selling-partner-api-docs#1621; for fields in the query, amzn/selling-partner-api-models#4741.
"""

from __future__ import annotations

import base64
import email
import hashlib
import hmac
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.documents.s3 import is_signature, s3_error
from tap_amazon_sp.simulator.server.calls import HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.world.timestamps import HOUR, iso

APLUS_BUCKET = "aplus-media"
"""The bucket of files for A+ content."""

_LIFETIME = 3 * HOUR
_SIZES = (1, 3_145_728)
_FREE = frozenset({"file", "policy", "x-amz-signature", "content-type"})
"""Fields that need no condition in the policy. S3 wants one for `Content-Type`, but the policy of
A+ content has none, and clients send it with the file."""


@dataclass(frozen=True)
class FormUpload:
    """A form that was sent, and fits its policy.

    Attributes:
        key: Where the file is stored in the bucket.
        content: The file.
    """

    key: str
    content: bytes


def form_fields(key: str, owner: str, secret: bytes, now: float) -> dict[str, str]:
    """Return the fields of a form that uploads a file, by name.

    Args:
        key: Where the file is stored in the bucket.
        owner: Merchant token of the seller.
        secret: Signs the policy.
        now: Epoch seconds.
    """
    date = iso(now).replace("-", "").replace(":", "")
    fixed = {
        "key": key,
        "acl": "private",
        "x-amz-meta-owner": owner,
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": f"AKIASIMULATOR/{date[:8]}/us-east-1/s3/aws4_request",
        "x-amz-date": date,
    }
    conditions = [{"bucket": APLUS_BUCKET}, *({name: value} for name, value in fixed.items())]
    policy = {
        "conditions": [*conditions, ["content-length-range", *_SIZES]],
        "expiration": iso(now + _LIFETIME),
    }
    encoded = base64.b64encode(json.dumps(policy).encode()).decode()
    return {**fixed, "policy": encoded, "x-amz-signature": _sign(encoded, secret)}


def read_form(request: HttpRequest, secret: bytes, now: float) -> FormUpload | HttpAnswer:
    """Return what a form uploads, or S3's error.

    Args:
        request: The request.
        secret: Signed the policy.
        now: Epoch seconds.
    """
    if request.raw_query:
        message = "Conflicting query string parameters: acl, policy"
        return s3_error(400, "InvalidArgument", message)
    fields = _fields(request)
    if fields is None or "file" not in fields:
        message = "POST requires exactly one file upload per request."
        return s3_error(400, "InvalidArgument", message)
    texts = {
        name: value.decode("utf-8", "replace") for name, value in fields.items() if name != "file"
    }
    policy = texts.get("policy", "")
    if not is_signature(_sign(policy, secret), texts.get("x-amz-signature", "")):
        message = "The request signature we calculated does not match the signature you provided."
        return s3_error(403, "SignatureDoesNotMatch", message)
    return _checked(json.loads(base64.b64decode(policy)), texts, fields["file"], now)


def _checked(
    policy: Mapping[str, Any], texts: Mapping[str, str], file: bytes, now: float
) -> FormUpload | HttpAnswer:
    """Compare a form with its policy, which is ours."""
    if iso(now) > policy["expiration"]:
        return s3_error(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    *conditions, (_, least, most) = policy["conditions"]
    fixed = {name: value for condition in conditions for name, value in condition.items()}
    del fixed["bucket"]
    if extra := ", ".join(sorted({*texts} - {*fixed} - _FREE)):
        message = f"Invalid according to Policy: Extra input fields: {extra}"
        return s3_error(403, "AccessDenied", message)
    for name, value in fixed.items():
        if texts.get(name) != value:
            message = f'["eq", "${name}", "{value}"]'
            message = f"Invalid according to Policy: Policy Condition failed: {message}"
            return s3_error(403, "AccessDenied", html.escape(message))
    if len(file) > most:
        message = "Your proposed upload exceeds the maximum allowed size"
        return s3_error(400, "EntityTooLarge", message)
    if len(file) < least:
        message = "Your proposed upload is smaller than the minimum allowed size"
        return s3_error(400, "EntityTooSmall", message)
    return FormUpload(fixed["key"], file)


def _fields(request: HttpRequest) -> dict[str, bytes] | None:
    """Return the parts of a form by lower-case name; None if the request has none."""
    kind = email.message_from_string(f"Content-Type: {request.headers.get('content-type', '')}")
    boundary = kind.get_param("boundary")
    if kind.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        return None
    fields = {}
    # Parts lie between the first boundary and the last one.
    for part in (b"\r\n" + request.body).split(f"\r\n--{boundary}".encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = email.message_from_bytes(head).get_param("name", header="content-disposition")
        if isinstance(name, str):
            fields[name.lower()] = content
    return fields


def _sign(policy: str, secret: bytes) -> str:
    return hmac.new(secret, policy.encode(), hashlib.sha256).hexdigest()
