"""Reading a custom stream by time, with the parameters that its entry names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.common.json_paths import values_at
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.reader import Parameters, Reader, Records
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_reader import WindowReader
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.settings.custom_stream_entries import (
    holds_times,
)
from tap_amazon_sp.settings.custom_streams import CustomStreamSettings
from tap_amazon_sp.streams.from_settings.whole_pages import (
    RESULTS,
)


@dataclass(frozen=True)
class CustomWindows(Windows):
    """A list that is read by time, as an entry of `custom_streams` declares."""

    declared: CustomStreamSettings = field(kw_only=True)

    def reader(self, stream: AmazonStream) -> Reader:
        """Return what reads a stream window by window."""
        return CustomWindowReader(stream, self)


class CustomWindowReader(WindowReader):
    """Reads a custom stream window by window."""

    def __init__(self, stream: AmazonStream, read: CustomWindows) -> None:
        """Read nothing yet; start date and lookback are the entry's own, if it has them."""
        declared = read.declared
        super().__init__(stream, read, start_date=declared.start_date, lookback=declared.lookback)
        self._declared = declared

    def note_unfinished(self, records: Records) -> None:
        """Let the bookmark wait for records that will still change, also inside whole pages."""
        if self._declared.emit == "page":
            records = [one for page in records for one in values_at(page, [RESULTS])]
        super().note_unfinished(records)

    def requests_between(self, window: Window) -> Iterator[Parameters]:
        """Yield the parameters of the requests for all records of a window."""
        name = self.read.updated_after
        times = self.window_times(name, window) if name else {}
        start, end = self._written(window.after), self._written(window.before)
        for fixed in self.requests():
            yield _with_times(fixed, str(start), str(end)) | times

    def window_times(self, name: str, window: Window) -> Parameters:
        """Return the parameters that select the records of a window."""
        before = self._before
        is_known = self.stream.operation.time_filter(name) is not None
        if self._declared.time_format is None and is_known:
            return super().window_times(name, window)
        times: Parameters = {name: self._written(window.after)}
        return times | ({before: self._written(window.before)} if before else {})

    def is_open_ended(self) -> bool:
        """Return whether a window has no end parameter."""
        if self.read.updated_after:
            return self._before is None
        return not holds_times([self._declared.params, self._declared.body], ("{end}",))

    @property
    def _before(self) -> str | None:
        known = self.stream.operation.time_filter(self.read.updated_after)
        return self._declared.updated_before or (known.before if known else None)

    def _written(self, moment: dt.datetime) -> str | int:
        time_format = self._declared.time_format
        if time_format == "date":
            return moment.date().isoformat()
        if time_format in ("epoch", "epoch_ms"):
            return int(moment.timestamp() * (1000 if time_format == "epoch_ms" else 1))
        return format_timestamp(moment)


def _with_times(value: Any, start: str, end: str) -> Any:
    """Replace `{start}` and `{end}` by the ends of the window."""
    if isinstance(value, str):
        return value.replace("{start}", start).replace("{end}", end)
    if isinstance(value, Mapping):
        return {name: _with_times(item, start, end) for name, item in value.items()}
    return [_with_times(item, start, end) for item in value] if isinstance(value, list) else value
