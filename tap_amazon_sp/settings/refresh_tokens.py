"""Refresh tokens in settings as they are in a file, before they are checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NONE_YET = "none-yet"


def with_placeholder(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings that pass the checks without the refresh tokens that are missing."""
    found = dict(settings)
    if _is_blank(found.get("refresh_token")):
        found["refresh_token"] = _NONE_YET
    if isinstance(accounts := found.get("accounts"), list):
        # An account without a token takes the one of all.
        found["accounts"] = [
            {**entry, "refresh_token": None}
            if isinstance(entry, Mapping) and _is_blank(entry.get("refresh_token"))
            else entry
            for entry in accounts
        ]
    return found


def with_refresh_token(
    settings: Mapping[str, Any], refresh_token: str, account: str | None
) -> dict[str, Any]:
    """Return settings with a refresh token.

    Args:
        settings: As they are in a file.
        refresh_token: The token.
        account: The name of its account; None where the settings describe one account only.

    Raises:
        ValueError: The settings do not say which account it is, or do not have it.
    """
    accounts = settings.get("accounts")
    if not accounts and account is None:
        return {**settings, "refresh_token": refresh_token}
    if account is None:
        message = "it has several `accounts`: choose one with `--account`"
        raise ValueError(message)
    entries = list(accounts) if isinstance(accounts, list) else []
    for position, entry in enumerate(entries):
        if isinstance(entry, Mapping) and entry.get("name") == account:
            entries[position] = {**entry, "refresh_token": refresh_token}
            return {**settings, "accounts": entries}
    message = f"it has no account '{account}'"
    raise ValueError(message)


def _is_blank(token: object) -> bool:
    return token is None or (isinstance(token, str) and not token.strip())
