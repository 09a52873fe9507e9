"""What entries of `reports` and `data_kiosk_queries` have in common."""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.common.durations import parse_duration
from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.documents.files import FileFormat, mistake_in_address, without_password
from tap_amazon_sp.documents.names import ColumnNames
from tap_amazon_sp.settings.fields import Entry, entry_field
from tap_amazon_sp.settings.values import AMAZON_BEGAN, mistake_in_stream_name

TIMES = ("window", "start_date", "end_date", "lookback")
"""The properties that say what time a document covers."""

_A_MOMENT: dict[str, Any] = {
    "kind": str,
    "read": parse_timestamp,
    "example": "2026-11-30 or 2026-11-30T12:00:00Z",
}


@dataclass(frozen=True, kw_only=True)
class DocumentSettings(Entry):
    """What entries of `reports` and `data_kiosk_queries` have in common.

    Attributes:
        name: Of the stream.
        window: The time that one document covers; None leaves it to the type.
        start_date: The first moment to read; None is the start date of all streams.
        end_date: The moment to read up to.
        lookback: How much of the time before the bookmark is read again; None leaves it to the
            type and the lookback of all streams.
        keys: Properties that tell records apart; None leaves them to the type.
        column_names: How properties are called.
        save_to: Folder in which documents are stored, a path or a URL.
        format: The format in which rows are stored; None stores documents as they are.
    """

    name: str | None = None
    window: Period | None = entry_field(
        kind=str, read=Period.parse, example="PT6H, P7D or, of a report, MONTH"
    )
    start_date: dt.datetime | None = entry_field(**_A_MOMENT)
    end_date: dt.datetime | None = entry_field(**_A_MOMENT)
    lookback: dt.timedelta | None = entry_field(read=parse_duration, example="PT6H or P2D")
    keys: tuple[str, ...] | None = entry_field()
    column_names: ColumnNames = entry_field(absent="snake_case")
    save_to: str | None = entry_field()
    format: FileFormat | None = entry_field()

    def mistakes(self) -> Iterator[str]:
        """Yield what is wrong with the entry, a sentence each."""
        if self.name is not None and (mistake := mistake_in_stream_name(self.name)):
            yield mistake
        start, end = self.start_date, self.end_date
        if start is not None and end is not None and start >= end:
            yield "`end_date` must be later than `start_date`"
        for name, time in (("start_date", start), ("end_date", end)):
            if time is not None and time < AMAZON_BEGAN:
                yield (
                    f"`{name}` is in the year {time.year}: Amazon has no data from before "
                    f"{AMAZON_BEGAN.year}"
                )
        if self.keys is not None:
            yield from _mistakes_in_keys(self.keys)
        if self.format is not None and self.save_to is None:
            yield "`format` goes with `save_to`, which says where files go"
        if self.format == "parquet" and importlib.util.find_spec("pyarrow") is None:
            yield "`format: parquet` needs pyarrow: install the extra `parquet`"
        if self.save_to is not None:
            yield from _mistakes_in_place(self.save_to)


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
    elif "://" in folder and (mistake := mistake_in_address(folder)):
        yield f"`save_to` {without_password(folder)}: {mistake}"
