"""Checks of single settings: each function returns the typed value for a value in JSON.

Each raises ValueError for a wrong value; the error says what a right value looks like.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from tap_amazon_sp.amazon.marketplaces import find_marketplace, find_region
from tap_amazon_sp.amazon.queue_address import queue_address
from tap_amazon_sp.common.addresses import is_this_machine
from tap_amazon_sp.common.timestamps import UTC, parse_timestamp
from tap_amazon_sp.settings.errors import ValueMistakesError
from tap_amazon_sp.settings.ids import ids_from_setting

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")
_MAX_USER_AGENT = 500

AMAZON_BEGAN = dt.datetime(1995, 1, 1, tzinfo=UTC)
"""Amazon sells since that year. The earliest dates that Python knows break calculations."""

MAX_ACCOUNT_NAME = 100
"""Characters. An account's name is in every record, so it is not a place for a text."""

MAX_STREAM_NAME = 255
"""Characters. Names of tables in databases are shorter."""

_STREAM_NAME = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{0,{MAX_STREAM_NAME - 1}}}")


def mistake_in_stream_name(name: str) -> str | None:
    """Return what is wrong with the name of a stream, in a sentence; None if nothing is."""
    if _STREAM_NAME.fullmatch(name):
        return None
    if len(name) > MAX_STREAM_NAME:
        return f"`name` has {len(name):,} characters; it may have {MAX_STREAM_NAME}"
    return f"`name` must be made of letters, digits and underscores, not {name!r}"


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


def account_name(text: str) -> str:
    """Return the name of an account, unchanged; it is in records, states and paths."""
    if text.strip() and text != text.strip():
        message = "begins or ends with white space"
        raise ValueError(message)
    if not text.isprintable() or len(text) > MAX_ACCOUNT_NAME:
        message = f"must be at most {MAX_ACCOUNT_NAME} printable characters"
        raise ValueError(message)
    return text


def file_name(text: str) -> str:
    """Return the path of a file, unchanged."""
    if not text.strip() or "\0" in text:
        message = "must be the path of a file"
        raise ValueError(message)
    return text


def without_case(name: str) -> str:
    """Return what is the same for names that differ in capitals or in how accents are encoded.

    Some file systems and databases take such names for one.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def moment(text: str) -> dt.datetime:
    """Return the instant of an ISO 8601 date or time."""
    try:
        return parse_timestamp(text)
    except ValueError:
        message = (
            f"{text!r} is not an ISO 8601 date or time such as 2026-01-31 or 2026-01-31T00:00:00Z"
        )
        raise ValueError(message) from None


def start_moment(text: str) -> dt.datetime:
    """Return the first instant to read; one before Amazon began means all that there is."""
    return max(moment(text), AMAZON_BEGAN)


def end_moment(text: str) -> dt.datetime:
    """Return the last instant to read."""
    instant = moment(text)
    if instant < AMAZON_BEGAN:
        message = f"Amazon has no data from before {AMAZON_BEGAN.year}"
        raise ValueError(message)
    return instant


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
    """Return an address that secrets may be sent to, unchanged.

    Plain http is for addresses of this machine only, such as a simulator.
    """
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        message = "must be an address without spaces and special characters"
        raise ValueError(message)
    try:
        parts = urlsplit(text)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        host = None
    if not host:
        message = "must be an address that begins with https:// or http://"
        raise ValueError(message)
    if "@" in parts.netloc:
        message = "must be an address without a user name and a password"
        raise ValueError(message)
    if parts.scheme == "http" and not is_this_machine(host):
        message = (
            "must begin with https://, because others could read the credentials on their way "
            "(http:// is for addresses of this machine only, such as 127.0.0.1)"
        )
        raise ValueError(message)
    return text


def base_address(text: str) -> str:
    """Return an address that paths are added to, unchanged."""
    if "?" in text or "#" in text:
        message = "must be an address without `?` and `#`, because paths are added to it"
        raise ValueError(message)
    return web_address(text)


def queue(text: str) -> str:
    """Return the URL or ARN of a queue for notifications, unchanged."""
    address = queue_address(text)
    if address.is_fifo:
        message = "must be a standard queue: Amazon sends no notifications to a FIFO queue"
        raise ValueError(message)
    if address.endpoint is not None:
        web_address(address.endpoint)
    return text


def role_arn(text: str) -> str:
    """Return the ARN of an IAM role, unchanged."""
    if not _ROLE_ARN.fullmatch(text):
        message = (
            f"{text!r} is not the ARN of an IAM role such as arn:aws:iam::123456789012:role/NAME"
        )
        raise ValueError(message)
    return text


def number_from(least: float, most: float) -> Callable[[float], float]:
    """Return a check that returns a number within these bounds as a float."""

    def checked(number: float) -> float:
        if not least <= number <= most:
            message = f"must be from {least:,g} to {most:,.15g}, not {number:g}"
            raise ValueError(message)
        return float(number)

    return checked


def integer_from(least: int, most: int) -> Callable[[float], int]:
    """Return a check that returns an integer within these bounds; 2.0 is one, too."""
    checked = number_from(least, most)
    return lambda number: int(checked(number))


def aws_credential(text: str) -> str:
    """Return a key or token of AWS, unchanged; it goes into the headers of requests."""
    if not text.isascii() or not text.isprintable():
        message = "must be printable ASCII characters"
        raise ValueError(message)
    return text


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
