"""Checks of single settings: each function returns the typed value for a value in JSON.

Each raises ValueError for a wrong value; the error says what a right value looks like.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from tap_amazon_sp.amazon.marketplaces import find_marketplace, find_region
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.settings.errors import ValueMistakesError
from tap_amazon_sp.settings.ids import ids_from_setting

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")
_MAX_USER_AGENT = 500


def region_name(text: str) -> str:
    """Return the name of a region; its AWS region names it, too."""
    return find_region(text).name


def marketplace_ids(names: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of marketplaces, each once; country codes name them, too."""
    found: dict[str, None] = {}
    mistakes = []
    for name in names:
        try:
            found[find_marketplace(name).id] = None
        except ValueError as error:
            mistakes.append(f": {error}")
    if mistakes:
        raise ValueMistakesError(mistakes)
    return tuple(found)


def moment(text: str) -> dt.datetime:
    """Return the instant of an ISO 8601 date or time."""
    try:
        return parse_timestamp(text)
    except ValueError:
        message = (
            f"{text!r} is not an ISO 8601 date or time such as 2026-01-31 or 2026-01-31T00:00:00Z"
        )
        raise ValueError(message) from None


def ids_by_stream(setting: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """Return the ids for each stream; they may be in a file."""
    found = {}
    mistakes = []
    for name, ids in setting.items():
        try:
            found[name] = tuple(ids_from_setting(ids))
        except ValueError as error:
            mistakes.append(f"['{name}']: {error}")
    if mistakes:
        raise ValueMistakesError(mistakes)
    return found


def web_address(text: str) -> str:
    """Return an address, unchanged."""
    parts = urlsplit(text)
    try:
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        message = "must be an address that begins with https:// or http://"
        raise ValueError(message)
    return text


def role_arn(text: str) -> str:
    """Return the ARN of an IAM role, unchanged."""
    if not _ROLE_ARN.fullmatch(text):
        message = (
            f"{text!r} is not the ARN of an IAM role such as arn:aws:iam::123456789012:role/NAME"
        )
        raise ValueError(message)
    return text


def positive(number: float) -> float:
    """Return a number that is greater than 0."""
    if number <= 0:
        message = f"must be greater than 0, not {number}"
        raise ValueError(message)
    return float(number)


def positive_integer(number: int) -> int:
    """Return an integer that is greater than 0."""
    positive(number)
    return int(number)


def user_agent(text: str) -> str:
    """Return a user agent, unchanged (Amazon's page "Include a User-Agent Header")."""
    if (
        not text.strip()
        or len(text) > _MAX_USER_AGENT
        or not (text.isascii() and text.isprintable())
    ):
        message = f"must be 1 to {_MAX_USER_AGENT} printable ASCII characters"
        raise ValueError(message)
    return text
