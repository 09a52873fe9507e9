"""What entries of `reports` and `data_kiosk_queries` have in common."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.documents.names import ColumnNames
from tap_amazon_sp.settings.accounts import parse_duration
from tap_amazon_sp.settings.custom_streams import optional

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FIRST_YEAR = 1995
"""Amazon began in it: an earlier date is a mistake, and the earliest break calculations."""


@dataclass(frozen=True)
class DocumentSettings:
    """What entries of `reports` and `data_kiosk_queries` have in common.

    Attributes:
        name: Of the stream.
        window: What one document is of; None leaves it to the type.
        start_date: From when on; None is the start date of all streams.
        end_date: Until when.
        lookback: How much of the time before the bookmark is read again; None leaves it to the
            type and the lookback of all streams.
        keys: Of the records; None leaves them to the type.
        column_names: How properties are called.
        save_to: Folder in which documents are stored, a path or a URL.
        format: What rows are stored as; None stores documents as they are.
    """

    name: str
    window: Period | None = None
    start_date: dt.datetime | None = None
    end_date: dt.datetime | None = None
    lookback: dt.timedelta | None = None
    keys: tuple[str, ...] | None = None
    column_names: ColumnNames = "snake_case"
    save_to: str | None = None
    format: Literal["jsonl", "csv", "parquet"] | None = None


def document_settings(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `DocumentSettings` that an entry gives, but for its name.

    Raises:
        ValueError: One cannot be read.
    """
    keys = entry.get("keys")
    return {
        "window": optional(Period.parse, entry, "window"),
        "start_date": optional(parse_timestamp, entry, "start_date"),
        "end_date": optional(parse_timestamp, entry, "end_date"),
        "lookback": optional(parse_duration, entry, "lookback"),
        "keys": None if keys is None else tuple(keys),
        "column_names": entry.get("column_names") or "snake_case",
        "save_to": entry.get("save_to"),
        "format": entry.get("format"),
    }


def mistakes_in_documents(declared: DocumentSettings) -> Iterator[str]:
    """Say what is wrong with what all entries have in common."""
    if not _NAME.fullmatch(declared.name):
        yield f"`name` must be made of letters, digits and underscores, not {declared.name!r}"
    start, end = declared.start_date, declared.end_date
    if start is not None and end is not None and start >= end:
        yield "`end_date` must be later than `start_date`"
    for name, time in (("start_date", start), ("end_date", end)):
        if time is not None and time.year < _FIRST_YEAR:
            yield f"`{name}` is in the year {time.year}: Amazon has no data of before {_FIRST_YEAR}"
    if declared.keys is not None:
        yield from _mistakes_in_keys(declared.keys)
    if declared.format is not None and declared.save_to is None:
        yield "`format` goes with `save_to`, which says where files go"
    if declared.format == "parquet" and importlib.util.find_spec("pyarrow") is None:
        yield "`format: parquet` needs pyarrow: install the extra `parquet`"
    if declared.save_to is not None:
        yield from _mistakes_in_place(declared.save_to)


def _mistakes_in_keys(keys: tuple[str, ...]) -> Iterator[str]:
    if not keys:
        yield "`keys` is empty: name the properties that tell records apart, or leave it out"
    if not all(key.strip() for key in keys):
        yield "`keys` has an empty name"
    for key in dict.fromkeys(key for key in keys if keys.count(key) > 1):
        yield f"`keys` has {key!r} more than once"


def _mistakes_in_place(folder: str) -> Iterator[str]:
    if not folder.strip():
        yield "`save_to` is empty: name a folder, such as `.` for the one where the tap runs"
    elif "\0" in folder:
        yield "`save_to` has a NUL character, which no address can have"
    elif "://" in folder:
        from tap_amazon_sp.documents.files import (  # noqa: PLC0415 - slow to load
            mistake_in_address,
            without_password,
        )

        if mistake := mistake_in_address(folder):
            yield f"`save_to` {without_password(folder)}: {mistake}"
