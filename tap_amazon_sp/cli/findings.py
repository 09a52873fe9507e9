"""What `amazon-sp doctor` finds: the result of each check, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    AccountError,
    SellingPartnerError,
    ThrottledError,
)
from tap_amazon_sp.cli.endings import advice_about
from tap_amazon_sp.cli.mistakes import FAILURE, REFUSED, THROTTLED, exit_code_of
from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.common.internal_errors import internal_error
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.stream_failures import advice_about_refusal

T = TypeVar("T")

Result = Literal["ok", "refused", "failed", "throttled", "skipped"]

EXIT_CODES: dict[Result, int] = {"refused": REFUSED, "failed": FAILURE, "throttled": THROTTLED}
"""The first of these results that occurs decides the exit code."""
_RESULTS_BY_EXIT_CODE: dict[int, Result] = {code: result for result, code in EXIT_CODES.items()}

Check = Callable[[], str]
"""Returns a detail worth knowing; raises what is wrong."""


@dataclass(frozen=True)
class Finding:
    """The result of a check."""

    check: str
    result: Result
    details: str = ""

    @property
    def record(self) -> dict[str, str]:
        """The result as it is printed."""
        return {"check": self.check, "result": self.result, "details": self.details}


class SkippedError(Exception):
    """The check is not possible, or not needed."""


class NotWaitedError(Exception):
    """Amazon answered 429."""


def tried(check: str, run: Check, stream: AmazonStream | None = None) -> Finding:
    """Run a check; return what it found.

    Raises:
        SyncInterrupted: The process was asked to stop.
    """
    details = looked_up(check, run, stream)
    return Finding(check, "ok", details) if isinstance(details, str) else details


def looked_up(check: str, look: Callable[[], T], stream: AmazonStream | None = None) -> T | Finding:
    """Return what a function returns, or why it fails.

    Raises:
        SyncInterrupted: The process was asked to stop.
    """
    try:
        return look()
    except SkippedError as reason:
        return Finding(check, "skipped", str(reason))
    except SyncInterrupted:
        raise
    except Exception as error:  # noqa: BLE001 - the other checks go on
        return Finding(check, _result(error), details_of(error, stream))


def exit_code_of_findings(findings: Iterable[Finding]) -> int | None:
    """Return the exit code that the worst of the results decides; None if nothing failed."""
    results = {finding.result for finding in findings}
    return next((code for result, code in EXIT_CODES.items() if result in results), None)


def _result(error: Exception) -> Result:
    if isinstance(error, AccessDeniedError):
        return "refused"
    if isinstance(error, (ThrottledError, NotWaitedError)):
        return "throttled"
    if isinstance(error, AccountError):
        return _RESULTS_BY_EXIT_CODE[exit_code_of(error.status)]
    return "failed"


def details_of(error: Exception, stream: AmazonStream | None = None) -> str:
    """Return why a check failed, in a sentence, and what to do."""
    if isinstance(error, AccessDeniedError):
        if stream is None:
            return error.sentence(advice_about(error))
        return error.sentence(error.hint or advice_about_refusal(stream, error) or error.advice)
    if isinstance(error, (ThrottledError, NotWaitedError)):
        return "HTTP 429: another program uses up the quota, or the tap did so just now"
    if isinstance(error, SellingPartnerError):
        return error.sentence("")
    if isinstance(error, (AccountError, SettingsError, SkippedError)):
        return str(error)
    return internal_error(error)
