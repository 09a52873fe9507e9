"""Errors as Amazon words them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer of the SP-API that says what is wrong."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the answer.

        Args:
            status: HTTP status.
            code: Amazon's code, e.g. `InvalidInput`.
            message: One sentence.
            details: More of it, often empty.
            headers: Headers of this kind of error only.
        """
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return error_body(self.code, self.message, self.details)


def error_body(code: str, message: str, details: str = "") -> dict[str, Any]:
    """Return the body that all errors of the SP-API share."""
    return {"errors": [{"code": code, "message": message, "details": details}]}


def invalid_input(problem: str, *, details: str = "") -> ApiError:
    """400: the request breaks a rule of the operation."""
    return ApiError(400, "InvalidInput", problem, details=details)


def invalid_parameter(name: str, problem: str) -> ApiError:
    """400: a parameter breaks a rule; the message names it."""
    return invalid_input(f"Invalid value for parameter '{name}': {problem}.", details=name)


def not_found(what: str) -> ApiError:
    """404: there is no such thing."""
    return ApiError(404, "NotFound", f"{what} was not found.")


def access_denied(details: str = "") -> ApiError:
    """403: no role, wrong region, revoked, or a token that does not fit (models#943)."""
    return ApiError(403, "Unauthorized", "Access to requested resource is denied.", details=details)


def quota_exceeded() -> ApiError:
    """429 as seen in the wild: no `Retry-After`, no rate (models#746, #418)."""
    return ApiError(
        429,
        "QuotaExceeded",
        "You exceeded your quota for the requested resource.",
        headers={"x-amzn-ErrorType": "TooManyRequestsException"},
    )
