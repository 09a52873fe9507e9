"""How a failed command ends: with a sentence that says what to do, and an exit code."""

from __future__ import annotations

from singer_sdk.exceptions import ConfigValidationError

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation, UnknownOperationError
from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    AccountError,
    InvalidRequestError,
    SellingPartnerError,
    ServiceError,
    ThrottledError,
)
from tap_amazon_sp.cli.mistakes import FAILURE, SIGNALLED, USAGE, exit_code_of
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.common.internal_errors import internal_error
from tap_amazon_sp.settings.errors import SettingsError

_WHERE_SETTINGS_COME_FROM = (
    "Settings come from the tap's config.json (`--config FILE`) or from the environment "
    "(`TAP_AMAZON_SP_CLIENT_ID` and so on)"
)

_ADVICE: dict[type[SellingPartnerError], str] = {
    AccessDeniedError: (
        "Check that the application has a role for this operation, that the selling partner "
        "authorized it after the role was added, and that `region` is right"
    ),
    ThrottledError: (
        "Another program uses up the quota of this operation: stop it, or try again later"
    ),
    ServiceError: "Try again later",
}
_ADVICE_ON_PERSONAL_DATA = (
    "It returns personal data: set `restricted_data` to true, and check that the application has a "
    "restricted role for it"
)


def end(error: Exception) -> int:
    """Print what ended a command to stderr, as a sentence, and return the exit code."""
    sentences, exit_code = _ending(error)
    for sentence in sentences:
        notice(f"Error: {sentence}")
    return exit_code


def _ending(error: Exception) -> tuple[list[str], int]:
    if isinstance(error, (ConfigValidationError, SettingsError)):
        return _mistakes_in_settings(error), USAGE
    if isinstance(error, SyncInterrupted):
        return [f"Stopped by signal {error.signal_number}"], SIGNALLED + error.signal_number
    if isinstance(error, AccountError):
        return [str(error)], exit_code_of(error.status)
    if isinstance(error, SellingPartnerError):
        return [error.sentence(advice_about(error))], exit_code_of(error.status)
    if isinstance(error, OSError):
        return [": ".join(filter(None, (error.filename, error.strerror or str(error))))], FAILURE
    return [internal_error(error)], FAILURE


def _mistakes_in_settings(error: ConfigValidationError | SettingsError) -> list[str]:
    mistakes = list(error.errors)
    if any(mistake.endswith("is required") for mistake in mistakes):
        mistakes.append(_WHERE_SETTINGS_COME_FROM)
    return mistakes


def advice_about(error: SellingPartnerError) -> str:
    """Return what to do; the error's own advice is for people who read streams."""
    if error.hint is not None and isinstance(error, AccessDeniedError):
        return error.hint
    operation = _operation(error.operation_id)
    advice = next((text for kind, text in _ADVICE.items() if type(error) is kind), error.advice)
    if operation is None:
        return advice
    if type(error) is AccessDeniedError and operation.restricted is not None:
        return _ADVICE_ON_PERSONAL_DATA
    if isinstance(error, InvalidRequestError):
        return f"`amazon-sp describe {operation.id}` shows what it takes"
    if isinstance(error, ServiceError) and not operation.reads_only:
        return "Amazon may have carried it out all the same: check before you try again"
    return advice


def _operation(operation_id: str) -> Operation | None:
    try:
        return catalogue.operation(operation_id)
    except UnknownOperationError:
        return None
