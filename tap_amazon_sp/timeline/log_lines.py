"""Lines of a log: when each was written, and its message.

A line is one of the tap's log or of Meltano's, as text or JSON. Text may have colours, and times
of the program that collected it (GitHub Actions, `docker logs --timestamps`) before it. Seen in
logs of singer-sdk 0.54 and Meltano 4.4.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.common.timestamps import UTC, moment_of

_decode = json.JSONDecoder().raw_decode
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
_COLLECTED = re.compile(rf"(?P<time>{_STAMP})\s+")
_MELTANO = re.compile(r"\[\w+\s*\]\s+")
_TAP = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) \| \w+\s+\| \S+\s+\| ")


@dataclass(frozen=True)
class LogLine:
    """A line of a log.

    One of `messages` is the message: it is not known whether the first word of a line of Meltano's
    is the name of a plugin.
    """

    at: dt.datetime
    messages: tuple[str, ...]


def log_line(line: str) -> LogLine | None:
    """Read a line; None if it has no time. A time without a zone is one of this computer's."""
    text = _COLOUR.sub("", line).rstrip("\r\n")
    collected = None
    while (found := _COLLECTED.match(text)) is not None:
        collected = collected or moment_of(found.groupdict(), "time")
        text = text[found.end() :]
    if text.startswith("{"):
        return _json_line(json_at(text))
    if (own := _TAP.search(text)) is not None:
        at = collected or _local(f"{own[1]}.{own[2]}")
        return None if at is None else LogLine(at, (text[own.end() :],))
    if collected is None:
        return None
    if (start := _MELTANO.match(text)) is not None:
        message = text[start.end() :]
        return LogLine(collected, (message, message.partition(" ")[2].lstrip()))
    return LogLine(collected, (text,))


def json_at(text: str) -> Any:
    """Return the JSON at the beginning of a text; None if there is none."""
    try:
        # A coloured line goes on after it.
        return _decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _json_line(content: Any) -> LogLine | None:
    """Read a line as the SDK's `StructuredFormatter` or as Meltano writes it."""
    if not isinstance(content, Mapping):
        return None
    message = content.get("message", content.get("event"))
    at = _of_epoch(content["ts"]) if "ts" in content else moment_of(content, "timestamp")
    if at is None or not isinstance(message, str):
        return None
    own = _TAP.search(message)
    return LogLine(at, (message if own is None else message[own.end() :],))


def _of_epoch(seconds: Any) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, TypeError, ValueError):
        return None


def _local(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text).astimezone(UTC)
    except (OverflowError, OSError, ValueError):
        return None
