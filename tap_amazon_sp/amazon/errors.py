"""What can go wrong with the SP-API, for people: what happened, why, and what to do."""

from __future__ import annotations


class SellingPartnerError(Exception):
    """An SP-API operation failed.

    Attributes:
        operation_id: The operation, such as `orders_2026-01-01.searchOrders`.
        status: HTTP status, or None where no answer came.
        code: Amazon's error code, such as `QuotaExceeded`.
        request_id: Amazon's `x-amzn-RequestId`, for its support.
        advice: One sentence on what to do.
    """

    advice = ""

    def __init__(
        self,
        operation_id: str,
        *,
        status: int | None = None,
        code: str | None = None,
        message: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Describe the failure; `message` is Amazon's own, or ours where no answer came."""
        self.operation_id = operation_id
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        super().__init__(self.sentence(self.advice))

    def recast(self, error_class: type[SellingPartnerError]) -> SellingPartnerError:
        """Return the same failure as an error of a class that says more about it."""
        return error_class(
            self.operation_id,
            status=self.status,
            code=self.code,
            message=self.message,
            request_id=self.request_id,
        )

    def _describe(self) -> str:
        answer = " ".join(
            part for part in (f"HTTP {self.status}" if self.status else "", self.code or "") if part
        )
        text = ": ".join(part for part in (self.operation_id, answer, self.message or "") if part)
        if self.request_id:
            text += f" (request id {self.request_id})"
        return text

    def sentence(self, advice: str) -> str:
        """Return what happened, followed by another advice than the usual."""
        return f"{self._describe()}. {advice}" if advice else self._describe()


class InvalidRequestError(SellingPartnerError):
    """Amazon refused the request's parameters (400 and other 4xx without a class of their own)."""


class PageTokenRejectedError(InvalidRequestError):
    """Amazon refused the token of a further page, mostly because it expired."""


class TooManyResultsError(SellingPartnerError):
    """More records match than Amazon lets anyone page through."""

    advice = "Narrow the request by more parameters, so that fewer records match"


class AccessDeniedError(SellingPartnerError):
    """The application or the authorization may not call this operation (401, 403)."""

    advice = (
        "Check that the application has a role for this operation and that the authorization "
        "was given after the role was added, that `region` and `marketplace_ids` are the "
        "account's, or deselect the stream"
    )


class RestrictedDataDeniedError(AccessDeniedError):
    """Amazon gave no restricted data token."""

    advice = (
        "The application lacks a role for the personal data asked for: set "
        "`restricted_data_elements` to what it may read, or `restricted_data` to false"
    )


class NotFoundError(SellingPartnerError):
    """The thing asked for does not exist (404)."""


class ThrottledError(SellingPartnerError):
    """Amazon still answered 429 after all retries."""

    advice = (
        "Another program is using up this operation's quota: stop it, or run this one later; "
        "the next run goes on where this one stopped"
    )


class ServiceError(SellingPartnerError):
    """Amazon failed (5xx), could not be reached or sent a broken answer, after all retries."""

    advice = "Amazon's side failed repeatedly; the next run goes on where this one stopped"


class JobFailedError(SellingPartnerError):
    """Amazon could not make a report, or answer a query (`FATAL`)."""

    advice = (
        "Check its options, times and marketplaces with what Amazon's page on it says; the next "
        "run asks for it again"
    )


class UnreadableDocumentError(SellingPartnerError):
    """A document is not what it is said to be."""

    advice = "`save_to` without `format` stores it as it is"


class AuthenticationError(Exception):
    """No access token or credentials could be had: nothing of this account can be read.

    `status` is that of Amazon's answer, None where none came.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Say which setting is at fault."""
        super().__init__(message)
        self.status = status
