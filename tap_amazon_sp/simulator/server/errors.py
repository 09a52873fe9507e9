"""Errors as Amazon words them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An error response of the SP-API."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the response.

        Args:
            status: HTTP status.
            code: Amazon's code, e.g. `InvalidInput`.
            message: One sentence.
            details: More about it; often empty.
            headers: Additional headers of the response.
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
    """Return the body of an error in the form that all operations share."""
    return {"errors": [{"code": code, "message": message, "details": details}]}


def invalid_input(problem: str, *, details: str = "") -> ApiError:
    """Return an error 400: the request breaks a rule of the operation."""
    return ApiError(400, "InvalidInput", problem, details=details)


def invalid_parameter(name: str, problem: str) -> ApiError:
    """Return an error 400: a parameter breaks a rule; the message names it."""
    return invalid_input(f"Invalid value for parameter '{name}': {problem}.", details=name)


def not_found(what: str) -> ApiError:
    """Return an error 404: the thing does not exist."""
    return ApiError(404, "NotFound", f"{what} was not found.")


def access_denied(details: str = "") -> ApiError:
    """Return an error 403: no role, wrong region, revoked, or a token that does not fit.

    Source: selling-partner-api-models#943.
    """
    return ApiError(403, "Unauthorized", "Access to requested resource is denied.", details=details)


def quota_exceeded() -> ApiError:
    """Return an error 429 without `Retry-After` and without a rate.

    Source: selling-partner-api-models#746, #418.
    """
    return ApiError(
        429,
        "QuotaExceeded",
        "You exceeded your quota for the requested resource.",
        headers={"x-amzn-ErrorType": "TooManyRequestsException"},
    )
