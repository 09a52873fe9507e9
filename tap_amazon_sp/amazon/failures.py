"""Responses that are not a success: the error that they mean, and when to try again."""

from __future__ import annotations

import re
from typing import Any

import requests

from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    SellingPartnerError,
    ServiceError,
    ThrottledError,
)
from tap_amazon_sp.amazon.retry import MAX_RETRY_AFTER
from tap_amazon_sp.common.json_paths import first_or_only
from tap_amazon_sp.common.json_values import UnusableJsonError, decode

REQUEST_ID_HEADER = "x-amzn-RequestId"
ERRORS = "errors"
"""Where Amazon says what failed: in all its APIs, in the place of records or beside them."""
MAX_MESSAGE = 1000
"""Characters of Amazon's message that an error quotes."""
_CODE = re.compile(r"[\w.:/ -]{1,100}")


def failure_of(operation_id: str, response: requests.Response) -> SellingPartnerError:
    """Return the error that a response stands for."""
    code, message = _first_error(response)
    return _error_class(response.status_code, code)(
        operation_id,
        status=response.status_code,
        code=code,
        message=message,
        request_id=response.headers.get(REQUEST_ID_HEADER),
    )


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds of a `Retry-After`, within reason; None if it is missing or a date."""
    value = response.headers.get("Retry-After", "")
    return min(float(value), MAX_RETRY_AFTER) if value.isdecimal() else None


def is_about_access_token(response: requests.Response) -> bool:
    """Return whether a refusal is about an expired or revoked token, not a missing permission.

    Amazon answers 403 to both, and says only in the message or the details that a token expired.
    """
    _, message = _first_error(response)
    text = (message or "").lower()
    return response.status_code == requests.codes.unauthorized or (
        "token" in text and any(word in text for word in ("expired", "invalid", "revoked"))
    )


def _first_error(response: requests.Response) -> tuple[str | None, str | None]:
    """Return code and message of Amazon's error body, which may also be HTML or empty."""
    try:
        return first_error(decode(response.content))
    except UnusableJsonError:
        return None, None


def first_error(body: Any) -> tuple[str | None, str | None]:
    """Return code and message of the first error in an answer; None where it has none.

    Amazon documents a list of objects with texts, in `errors` or (`getListingsRestrictions`,
    `setAppointmentFulfillmentData`) alone. Anything else is left out.
    """
    errors = body.get(ERRORS) if isinstance(body, dict) else body
    error = first_or_only(errors)
    if not isinstance(error, dict):
        return None, None
    texts = (error.get(name) for name in ("message", "details"))
    message = " ".join(text for text in texts if isinstance(text, str) and text)
    return code_in(error.get("code")), message[:MAX_MESSAGE] or None


def code_in(value: Any) -> str | None:
    """Return the error code that an answer has in some place; None if it is not one."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else None


def text_in(value: Any) -> str | None:
    """Return the message about an error that an answer has in some place; None if it is none."""
    return value[:MAX_MESSAGE] or None if isinstance(value, str) else None


def _error_class(status: int, code: str | None) -> type[SellingPartnerError]:
    if status in (401, 403):
        return AccessDeniedError
    if status == requests.codes.not_found:
        # Without Amazon's code it may come from something before Amazon, and "there is nothing"
        # would be believed. All of Amazon's models have an error list for 404.
        return ServiceError if code is None else NotFoundError
    if status == requests.codes.too_many_requests:
        return ThrottledError
    # Amazon redirects nothing: a 3xx comes from something before Amazon.
    if status >= requests.codes.server_error or status < requests.codes.bad_request:
        return ServiceError
    return InvalidRequestError
