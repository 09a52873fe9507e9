"""What the log says of streams that failed: why each did, and which of them did in the end."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from singer_sdk.exceptions import MapExpressionError, StreamMapConfigError

from tap_amazon_sp.amazon.errors import AccessDeniedError, RestrictedDataDeniedError
from tap_amazon_sp.common.enumerations import listed
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.streams import all_built_in_streams

DOCTOR = "Or deselect the stream. `amazon-sp doctor` tries each stream and says what is refused"


MISTAKES_OF_SETTINGS = (MapExpressionError, SettingsError, StreamMapConfigError)
"""Failures that stay until the settings are changed."""


@functools.cache
def roles_by_operation() -> dict[str, tuple[str, ...]]:
    """Return the roles by operation, as the built-in streams name them; one role suffices."""
    return {stream.operation_id: stream.roles for stream in all_built_in_streams() if stream.roles}


def what_happened(stream: AmazonStream, error: Exception) -> str:
    """Return what happened to a stream and what to do, in a sentence."""
    if not isinstance(error, AccessDeniedError) or error.hint:
        return str(error)
    advice = advice_about_refusal(stream, error) or error.advice
    return f"{error.sentence(advice)}. {DOCTOR}"


def advice_about_refusal(stream: AmazonStream, error: AccessDeniedError) -> str:
    """Return what to do if Amazon refuses a request of a stream; nothing if too little is known.

    The stream may have been refused another operation than its own, such as a restricted data
    token.
    """
    if isinstance(error, RestrictedDataDeniedError):
        return error.advice
    is_own = error.operation_id == stream.operation.id
    advice = []
    if is_own and stream.operation.restricted is not None and not stream.account.restricted_data:
        advice.append("It may contain personal data: set `restricted_data` to true")
    if roles := (stream.roles if is_own else ()) or roles_by_operation().get(error.operation_id):
        needed = f"{'one of the roles' if roles[1:] else 'the role'} {listed(roles, 'or')}"
        advice += [
            f"The application needs {needed}",
            "The selling partner must authorize it after it got the role",
            "If that is so, check that `region` and `marketplace_ids` are the account's",
        ]
    return ". ".join(advice)


def summary_of(streams: Iterable[AmazonStream]) -> str | None:
    """Return how many streams failed, and which; None if none failed.

    Args:
        streams: All streams of the run.
    """
    all_streams = [*streams]
    failed = [stream for stream in all_streams if stream.failed]
    if not failed:
        return None
    # A stream that is not selected is read, and may fail, for the sake of its children.
    selected = sum(stream.selected for stream in all_streams)
    failed_selected = sum(stream.selected for stream in failed)
    others = "The state of the others is written. " if failed_selected < selected else ""
    return (
        f"{failed_selected} of {selected} streams failed: {', '.join(map(_named, failed))}. "
        f"{others}{_about_region(all_streams)}{_what_next(failed)}"
    )


def _about_region(streams: Iterable[AmazonStream]) -> str:
    """Return what may be wrong with an account whose streams are all refused.

    Amazon answers a token of another region as it answers an application without a role.
    """
    by_account: dict[Connection, list[AmazonStream]] = {}
    for stream in streams:
        if stream.selected:
            by_account.setdefault(stream.connection, []).append(stream)
    regions = {
        connection.account.region
        for connection, found in by_account.items()
        if all(isinstance(_cause(one), AccessDeniedError) for one in found)
        and len({(one.failed_with or one).operation.id for one in found}) > 1
    }
    if not regions:
        return ""
    return (
        f"Amazon refuses everything in region {' and '.join(sorted(regions))}: the authorization "
        "may be for another one, or revoked. `amazon-sp doctor` asks the other regions. "
    )


def _cause(stream: AmazonStream) -> Exception | None:
    return (stream.failed_with or stream).failure


def _what_next(failed: Sequence[AmazonStream]) -> str:
    """Return what the next run does with the streams that failed."""
    again = [one for one in failed if isinstance(_cause(one), MISTAKES_OF_SETTINGS)]
    if not again:
        return "The next run goes on where these stopped"
    if len(again) == len(failed):
        return "These fail again until the settings are changed"
    names = ", ".join(one.label for one in again)
    return (
        "The next run goes on where these stopped, but fails again until the settings are changed "
        f"for {names}"
    )


def _named(stream: AmazonStream) -> str:
    """Return the label of a stream; of one that failed with another, also which."""
    if stream.failed_with is None:
        return stream.label if stream.selected else f"{stream.label} (not selected)"
    return f"{stream.label} (read with {stream.failed_with.name})"
