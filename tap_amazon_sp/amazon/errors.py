"""Failures of the SP-API: what happened, why, and what to do."""

from __future__ import annotations

from tap_amazon_sp.amazon.hints import hint_for


class SellingPartnerError(Exception):
    """An SP-API operation failed.

    Attributes:
        operation_id: The operation, such as `orders_2026-01-01.searchOrders`.
        status: HTTP status, or None if no answer came.
        code: Amazon's error code, such as `QuotaExceeded`.
        request_id: Amazon's `x-amzn-RequestId`, which its support asks for.
        subject: What the request was about, such as `orderId 1`; None if it names nothing.
        note: An addition to what happened, such as why nothing was tried again.
        advice: One sentence on what to do.
        retry_after: The wait in seconds that the server demanded in the last try, if it did.
    """

    advice = ""
    retry_after: float | None = None

    def __init__(
        self,
        operation_id: str,
        *,
        status: int | None = None,
        code: str | None = None,
        message: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Describe the failure; `message` is Amazon's own, or ours if no answer came."""
        self.operation_id = operation_id
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.subject: str | None = None
        self.note: str | None = None
        super().__init__(self.sentence(self.advice))

    def __str__(self) -> str:
        """Return what happened, and what to do."""
        return self.sentence(self.hint or self.advice)

    @property
    def hint(self) -> str | None:
        """What to do, if Amazon's words say more than the class of the error."""
        return hint_for(self.operation_id, self.status, self.code, self.message)

    def recast(self, error_class: type[SellingPartnerError]) -> SellingPartnerError:
        """Return the same failure as an error of a class that says more about it."""
        error = error_class(
            self.operation_id,
            status=self.status,
            code=self.code,
            message=self.message,
            request_id=self.request_id,
        )
        error.subject, error.note = self.subject, self.note
        return error

    def with_note(self, note: str) -> SellingPartnerError:
        """Return the same failure with a note."""
        error = self.recast(type(self))
        error.note = note
        return error

    def _describe(self) -> str:
        answer = " ".join(
            part for part in (f"HTTP {self.status}" if self.status else "", self.code or "") if part
        )
        text = ": ".join(part for part in (self.operation_id, answer, self.message or "") if part)
        request_id = f"request id {self.request_id}" if self.request_id else None
        if about := ", ".join(filter(None, (self.subject, request_id))):
            text += f" ({about})"
        return f"{text}; {self.note}" if self.note else text

    def sentence(self, advice: str) -> str:
        """Return what happened, followed by the given advice instead of the usual one."""
        # Amazon's own message may be a sentence.
        return f"{self._describe().rstrip('.')}. {advice}" if advice else self._describe()


class InvalidRequestError(SellingPartnerError):
    """Amazon refused the request (HTTP 400, and other 4xx without a class of their own)."""


class UnsendableRequestError(SellingPartnerError, ValueError):
    """A request cannot be made of its parameters, for instance without an id that is in its path.

    Nothing was sent.
    """


class PageTokenRejectedError(InvalidRequestError):
    """Amazon refused the token of a further page, usually because it expired."""


class TooManyResultsError(SellingPartnerError):
    """More records match than Amazon pages through."""

    advice = "Narrow the request with more parameters, so that fewer records match"


class AccessDeniedError(SellingPartnerError):
    """The application or the authorization may not call this operation (HTTP 401, 403)."""

    advice = (
        "Check that the application has a role for this operation and that the authorization "
        "was given after the role was added, and that `region` and `marketplace_ids` are the "
        "account's; or deselect the stream"
    )


class RestrictedDataDeniedError(AccessDeniedError):
    """Amazon refused to issue a restricted data token."""

    advice = (
        "The application lacks a role for the requested personal data: set "
        "`restricted_data_elements` to what it may read, or `restricted_data` to false"
    )


class NotFoundError(SellingPartnerError):
    """What was requested does not exist (HTTP 404)."""


class ThrottledError(SellingPartnerError):
    """Amazon still answered HTTP 429 after all retries."""

    advice = (
        "Another program uses up the quota of this operation: stop it, or run the tap later. "
        "The next run goes on where this one stopped"
    )


class ServiceError(SellingPartnerError):
    """Amazon failed (HTTP 5xx), was not reached or sent a broken answer, after all retries."""

    advice = "Amazon failed repeatedly. The next run goes on where this one stopped"


class EndlessPagesError(ServiceError):
    """The pages of a request lead nowhere: they repeat, or end before all records came."""

    advice = (
        "The next run reads them again. If it fails, too, report the request id to Amazon's support"
    )


class RecordWithoutKeyError(SellingPartnerError):
    """Amazon sent a record without what identifies it: it would replace others in a warehouse."""

    advice = (
        "The next run reads it again. If Amazon keeps sending such records, read the operation as "
        "an entry of `custom_streams` with `primary_keys: []`, which keeps every record"
    )


class IncompleteAnswerError(ServiceError):
    """Amazon gave records, and said that others failed."""

    advice = "The records are written. The next run reads them again, with those that are missing"


class JobFailedError(SellingPartnerError):
    """Amazon could not make a report or answer a query (status `FATAL`)."""

    advice = (
        "If Amazon gives a reason, check options, times and marketplaces against its page about "
        "this type. A later run requests it again, as soon as Amazon makes another"
    )


class QueryCancelledError(JobFailedError):
    """A user or an application cancelled a query, though it may have data."""

    advice = "Find out who cancels queries of this account. The next run requests it again"


class ReportsMissingError(SellingPartnerError):
    """Reports that Amazon makes by itself, or by a schedule, failed or have no document."""

    advice = (
        "The stream goes on without them. The next run tries once more to download documents that "
        "are gone; it does not ask again for reports that failed"
    )


class UnreadableDocumentError(SellingPartnerError):
    """A document does not have the format that it should have.

    `document` names it, and `reason` says why, without the name; both are None if not known apart.
    """

    document: str | None = None
    reason: str | None = None

    advice = "The next run reads it again. `amazon-sp report` with `--id` writes a report unchanged"


class WrongDocumentError(UnreadableDocumentError):
    """What came in place of a document is not one: an error page, a sentence, or nothing."""

    advice = (
        "Nothing of it counts as data, and the next run reads it again. If Amazon says that "
        "something is wrong with the request, change its options, times or marketplaces"
    )


class RefusedDocumentError(UnreadableDocumentError):
    """Amazon refused to give one document, which says nothing of others."""

    advice = "The next run tries again"


class AccountError(Exception):
    """Nothing of this account can be read.

    `status` is the HTTP status of Amazon's answer, None if no answer came.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Describe the failure; the message names the setting at fault."""
        super().__init__(message)
        self.status = status

    def with_note(self, note: str) -> AccountError:
        """Return the same failure with a note."""
        return type(self)(f"{self}; {note}", status=self.status)


class AuthenticationError(AccountError):
    """There is no access token, or no credentials."""


class UnreachableError(AccountError):
    """No connection to Amazon can be made."""
