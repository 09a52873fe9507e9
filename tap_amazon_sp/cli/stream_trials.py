"""Trials of streams by `amazon-sp doctor`: the first page of each, and nothing is written."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tap_amazon_sp.amazon.throttle import Throttle, TokenBucket
from tap_amazon_sp.cli.findings import Finding, NotWaitedError, SkippedError, details_of, tried
from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.reading.per_parent import PerParentReader
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.singer.writer import MessageWriter


class ImpatientThrottle(Throttle):
    """Usage plans that do not wait after a 429, as doctor reports it."""

    def wait_after_throttling(
        self, bucket: TokenBucket, attempt: int, retry_after: float | None = None
    ) -> None:
        """Give up.

        Raises:
            NotWaitedError: Always.
        """
        del bucket, attempt, retry_after
        raise NotWaitedError


class SilentWriter(MessageWriter):
    """Writes no messages, as doctor syncs nothing."""

    def write_lines(self, lines: bytes | bytearray) -> None:
        """Write nothing."""

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Write nothing."""


class StreamTrial:
    """Tries streams: reads the first page of each, of a child for the first parent record."""

    def __init__(self, streams: Sequence[AmazonStream], *, told: Collection[str]) -> None:
        """Try nothing yet.

        Args:
            streams: All streams of the account.
            told: The names of those that have a finding of their own.
        """
        self._told = told
        self._by_name = {stream.name: stream for stream in streams}
        self._locks = {stream.name: threading.Lock() for stream in streams}
        self._records: dict[str, Sequence[dict[str, Any]]] = {}
        self._errors: dict[str, Exception] = {}

    def of(self, stream: AmazonStream) -> Finding:
        """Return whether the first page of a stream can be read."""

        def run() -> str:
            records = self._records_once(stream)
            return "" if records else "no records in what was tried"

        return tried(f"stream {stream.name}", run, stream)

    def _records_once(self, stream: AmazonStream) -> Sequence[dict[str, Any]]:
        """Return a stream's first records, which are read once for all its children."""
        name = stream.name
        with self._locks[name]:
            if name not in self._records and name not in self._errors:
                try:
                    self._records[name] = self._first_records(stream)
                except SyncInterrupted:
                    raise
                except Exception as error:  # noqa: BLE001 - raised below
                    self._errors[name] = error
        if name in self._errors:
            raise self._errors[name]
        return self._records[name]

    def _first_records(self, stream: AmazonStream) -> Sequence[dict[str, Any]]:
        if missing := stream.missing_settings():
            message = f"needs {', '.join(f'`{name}`' for name in missing)} in the settings"
            raise SkippedError(message)
        if stream.read.parent is None:
            return next(stream.reader.pages(), [])
        parent = self._by_name[stream.read.parent.name]
        for record in self._parent_records(parent):
            if not isinstance(stream.reader, PerParentReader):
                return list(stream.child_reader.records_of(record))
            for parameters in stream.reader.requests_for(record):
                page = next(stream.reader.pages_of(parameters, record), None)
                return page.records if page else []
        message = f"its parent '{parent.name}' has no record to try it with"
        raise SkippedError(message)

    def _parent_records(self, parent: AmazonStream) -> Sequence[dict[str, Any]]:
        try:
            return self._records_once(parent)
        except SyncInterrupted:
            raise
        except Exception as error:  # noqa: BLE001 - the reason why the child is skipped
            message = f"its parent '{parent.name}' cannot be read"
            if parent.name not in self._told:
                message = f"{message}: {details_of(error, parent)}"
            raise SkippedError(message) from None
